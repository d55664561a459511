/* The cutter of XML documents: a record that it gives is within the document, at its place, and is
 * JSON. */
#include "fuzz.h"
#include "io/json.h"
#include "io/xmlscan.h"

static int count(void *ctx, const struct xmlscan *s, struct str piece, struct buf *err)
{
	(void)s;
	(void)err;
	*(size_t *)ctx += piece.len;
	return 0;
}

static void scan(struct str bytes, const char *path, size_t max)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct buf err = BUF_INIT;
	struct xmlscan s;
	struct input in;
	size_t spilt = 0, most = fuzz_most(bytes);
	int status;

	FUZZ_CHECK(input_open(&in, fuzz_file(bytes), &err) == 0);
	status = xmlscan_open(&s, &in, path, max, &err);
	s.spill = count;
	s.ctx = &spilt;
	while (status >= 0 && (status = xmlscan_next(&s, &err)) > XMLSCAN_END) {
		FUZZ_CHECK(s.offset <= most && s.raw.len <= most && spilt <= most);
		if (status == XMLSCAN_ONE || status == XMLSCAN_BAD)
			FUZZ_CHECK(s.raw.len <= max && s.raw.s[0] == '<' &&
				   (fuzz_wide(bytes) ||
					   memcmp(bytes.s + s.offset, s.raw.s, s.raw.len) == 0));
		if (status != XMLSCAN_ONE)
			FUZZ_CHECK(s.why && json_utf8(str_of(s.why)));
		else
			FUZZ_CHECK(json_parse(&doc, s.json, true, &err) == 0 &&
				   json_is_string(json_member(doc.v, "#name")) &&
				   !json_repeated(doc.v));
		if (status == XMLSCAN_BROKEN)
			break;
	}
	xmlscan_close(&s);
	json_release(&doc);
	input_close(&in);
	buf_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};
	char name[] = "b", *const names[] = {name};

	scan(bytes, ".", 1 << 20);
	scan(bytes, "a", 300);
	scan(bytes, "a.b", 1 << 20);
	xmlscan_has(bytes, NULL, names, 1);
	return 0;
}
