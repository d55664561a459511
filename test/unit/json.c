/* json_repeated: the first member whose name stood before, however many there are. */
#include "io/input.h"
#include "io/json.h"
#include "unit.h"

#include <stdlib.h>

/* The place of the repeated member among the root's, -1: none. */
static int repeated(struct str text)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct buf err = BUF_INIT;
	const struct json *twice;
	int at = -1, n = 0;

	if (json_parse(&doc, text, false, &err) < 0)
		at = -2;
	twice = at == -1 ? json_repeated(&doc.v[0]) : NULL;
	if (twice)
		for
			JSON_EACH(v, &doc.v[0])
			{
				if (v == twice)
					at = n;
				n++;
			}
	json_release(&doc);
	buf_release(&err);
	return at;
}

/* n members, of which those at b and d are named as those at a and c. */
static int among(int n, int a, int b, int c, int d)
{
	struct buf text = BUF_INIT;
	int at;

	for (int i = 0; i < n; i++)
		buf_printf(&text, "%s\"m%d\":[{\"m0\":1}]", i ? "," : "{",
			i == b	 ? a
			: i == d ? c
				 : i);
	buf_byte(&text, '}');
	at = repeated(buf_str(&text));
	buf_release(&text);
	return at;
}

/* Whether a file is one JSON text. */
static bool accepts(const char *file)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct buf err = BUF_INIT, text = BUF_INIT;
	struct input in;
	int64_t n;
	bool ok;

	if (input_open(&in, file, &err) < 0)
		abort();
	do {
		buf_room(&text, 65536);
		n = input_read(&in, text.s + text.len, 65536, &err);
		text.len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	input_close(&in);
	ok = json_parse(&doc, buf_str(&text), false, &err) == 0;
	json_release(&doc);
	buf_release(&err);
	buf_release(&text);
	return ok;
}

static bool is_json(struct str text)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct buf err = BUF_INIT;
	bool ok = json_parse(&doc, text, false, &err) == 0;

	CHECK(ok == (err.len == 0));
	json_release(&doc);
	buf_release(&err);
	return ok;
}

/* Arrays within arrays, as deep as that, closed again. */
static bool nested(int depth)
{
	struct buf text = BUF_INIT;
	bool ok;

	for (int i = 0; i < depth; i++)
		buf_byte(&text, '[');
	for (int i = 0; i < depth; i++)
		buf_byte(&text, ']');
	ok = is_json(buf_str(&text));
	buf_release(&text);
	return ok;
}

static void test_texts(void)
{
	static const char *const good[] = {"[]", " { } ", "0", "-0.1e+2", "\"\"", "null\n",
		"[1,[2,{}]]", "\"\\u0000\\ud83d\\ude00\"", "{\"\":\"\"}", "[\"\x7f\"]",
		"123456789012345678901234567890"};
	static const char *const bad[] = {"", " ", "[1,]", "[,1]", "{\"a\":1,}", "{a:1}", "{'a':1}",
		"[1 2]", "01", "-", "1.", ".5", "+1", "1e", "0x1", "NaN", "Infinity", "True", "nul",
		"\"a", "\"\\x\"", "\"\\u12\"", "\"\t\"", "[1]]", "[1", "{\"a\"}", "{\"a\":}", "1 2",
		"/* */ 1", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\xff\"", "[\"\xed\xa0\x80\"]"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK(is_json(str_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!is_json(str_of(bad[i])));
	CHECK(!is_json(STR("1\0")));
	CHECK(!is_json(STR("[\"a\0b\"]")));
	CHECK(nested(JSON_DEPTH_MAX));
	CHECK(!nested(JSON_DEPTH_MAX + 1));
	CHECK(!nested(100000));
}

/* With files as arguments: which are JSON. */
int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		printf("%s %s\n", accepts(argv[i]) ? "yes" : "no", argv[i]);
	if (argc > 1)
		return 0;
	test_texts();
	CHECK(repeated(STR("{}")) == -1);
	CHECK(repeated(STR("[1,1]")) == -1);
	CHECK(repeated(STR("1")) == -1);
	CHECK(repeated(STR("{\"a\":1,\"b\":{\"a\":1}}")) == -1);
	CHECK(repeated(STR("{\"a\":1,\"\\u0061\":2}")) == 1);
	CHECK(repeated(STR("{\"\":1,\"\":2}")) == 1);
	for (int n = 10; n < 25; n++) {
		CHECK(among(n, -1, -2, -1, -2) == -1);
		CHECK(among(n, 1, 9, 3, 5) == 5);
		CHECK(among(n, 0, n - 1, -1, -2) == n - 1);
	}
	CHECK(among(100000, -1, -2, -1, -2) == -1);
	CHECK(among(100000, 70000, 99999, 5, 99998) == 99998);
	return unit_end();
}
