/* json_parse: written anew from its nodes, a text is what it was but for white space between its
 * tokens. */
#include "fuzz.h"

static void write_anew(struct buf *out, const struct json *of)
{
	const char *sep = of->type == JSON_ARRAY ? "[" : "{";

	if (of->type < JSON_ARRAY) {
		buf_put(out, of->raw);
		return;
	}
	if (!of->count)
		buf_puts(out, sep);
	for
		JSON_EACH(v, of)
		{
			buf_puts(out, sep);
			sep = ",";
			if (of->type == JSON_OBJECT) {
				buf_byte(out, '"');
				buf_put(out, v->key);
				buf_puts(out, "\":");
			}
			write_anew(out, v);
		}
	buf_puts(out, of->type == JSON_ARRAY ? "]" : "}");
}

/* Without white space outside strings. */
static void squeeze(struct buf *out, struct str s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.len; i++) {
		if (quoted && s.s[i] == '\\' && i + 1 < s.len) {
			buf_byte(out, s.s[i++]);
		} else if (s.s[i] == '"') {
			quoted = !quoted;
		} else if (!quoted && strchr(" \t\r\n", s.s[i])) {
			continue;
		}
		buf_byte(out, s.s[i]);
	}
}

/* Whether no name is escaped: a name as written is not kept. */
static bool plain_names(const struct json *of)
{
	if (of->type == JSON_OBJECT && memchr(of->raw.s, '\\', of->raw.len))
		return false;
	for
		JSON_EACH(v, of)
	if (!plain_names(v))
		return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct json_doc doc = JSON_DOC_INIT;
	struct buf err = BUF_INIT, was = BUF_INIT, is = BUF_INIT;

	if (json_parse(&doc, text, false, &err) == 0) {
		FUZZ_CHECK(doc.v[0].skip == doc.n);
		if (plain_names(&doc.v[0])) {
			squeeze(&was, text);
			write_anew(&is, &doc.v[0]);
			FUZZ_CHECK(str_eq(buf_str(&was), buf_str(&is)));
		}
		json_repeated(&doc.v[0]);
	} else {
		FUZZ_CHECK(err.len > 0);
	}
	json_release(&doc);
	buf_release(&err);
	buf_release(&was);
	buf_release(&is);
	return 0;
}
