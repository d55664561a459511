/* The cutter of JSON documents: a record that it gives is within the document, and what json_parse
 * then says is sane. */
#include "fuzz.h"
#include "io/jsonscan.h"

static void scan(struct str bytes, const char *path, size_t max)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct buf err = BUF_INIT;
	struct jsonscan s;
	struct input in;
	int status;

	FUZZ_CHECK(input_open(&in, fuzz_file(bytes), &err) == 0);
	status = jsonscan_open(&s, &in, path, max, &err);
	while (status >= 0 && (status = jsonscan_next(&s, &err)) > JSONSCAN_END) {
		FUZZ_CHECK(s.offset <= fuzz_most(bytes) && s.raw.len <= fuzz_most(bytes));
		if (status != JSONSCAN_ONE)
			FUZZ_CHECK(s.why);
		else if (json_parse(&doc, s.raw, true, &err) == 0)
			FUZZ_CHECK(doc.n > 0 && doc.v[0].skip == doc.n);
		buf_clear(&err);
		if (status == JSONSCAN_BROKEN)
			break;
	}
	jsonscan_close(&s);
	json_release(&doc);
	input_close(&in);
	buf_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};

	scan(bytes, NULL, 300);
	scan(bytes, "a.b", 1 << 20);
	return 0;
}
