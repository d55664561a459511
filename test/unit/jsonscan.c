#include "io/jsonscan.h"
#include "io/json.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

static char path_of_file[] = "/tmp/jsonscan-unit-XXXXXX";

static void text_input(struct input *in, struct str text)
{
	struct buf err = BUF_INIT;
	FILE *f = fopen(path_of_file, "w");

	if (!f || fwrite(text.s, 1, text.len, f) != text.len || fclose(f) ||
		input_open(in, path_of_file, &err) < 0)
		abort();
}

static int gather(void *ctx, const struct jsonscan *s, struct str piece, struct buf *err)
{
	(void)s;
	(void)err;
	buf_put(ctx, piece);
	return 0;
}

/* All records: "line@offset raw" with '|' between; ?why, <long>, !why for BAD, LONG, BROKEN. */
static char *records(struct str text, const char *path, size_t max)
{
	struct buf out = BUF_INIT, err = BUF_INIT, spilt = BUF_INIT;
	struct jsonscan s;
	struct input in;
	int got;

	text_input(&in, text);
	if (jsonscan_open(&s, &in, path, max, &err) < 0)
		buf_put(&out, buf_str(&err));
	s.spill = gather;
	s.ctx = &spilt;
	if (!err.len)
		while ((got = jsonscan_next(&s, &err)) > 0) {
			buf_printf(
				&out, "%s%d@%d ", out.len ? "|" : "", (int)s.line, (int)s.offset);
			if (got == JSONSCAN_ONE)
				buf_put(&out, s.raw);
			else if (got == JSONSCAN_LONG)
				buf_printf(&out, "<%s>", spilt.s);
			else
				buf_printf(&out, "%s%c%s", spilt.s, got == JSONSCAN_BAD ? '?' : '!',
					s.why);
			buf_clear(&spilt);
		}
	jsonscan_close(&s);
	input_close(&in);
	buf_release(&err);
	buf_release(&spilt);
	return buf_take(&out);
}

static bool gives(struct str text, const char *path, size_t max, const char *want)
{
	char *got = records(text, path, max);
	bool same = strcmp(got, want) == 0;

	if (!same)
		printf("got  %s\nwant %s\n", got, want);
	free(got);
	return same;
}

#define GIVES(text, path, want) CHECK(gives(STR(text), path, 1000, want))

static void test_shapes(void)
{
	GIVES("[1, \"a\\\"]\",\n {\"x\":[1,{}]} , null]", NULL,
		"1@1 1|1@4 \"a\\\"]\"|2@13 {\"x\":[1,{}]}|2@28 null");
	GIVES("[]", NULL, "");
	GIVES(" [ ] \n", NULL, "");
	GIVES("", NULL, "");
	GIVES("\xef\xbb\xbf[1]", NULL, "1@4 1");
	GIVES("{\"a\":1}", NULL, "1@0 {\"a\":1}");
	GIVES("{\n\"a\":1\n}\n", NULL, "1@0 {\n\"a\":1\n}");
	GIVES("{\"a\":1}\r\n\r\n{\"a\":2}\n", NULL, "1@0 {\"a\":1}\r|3@11 {\"a\":2}");
	GIVES("{\n}{\n} {\n}", NULL, "1@0 {\n}|2@3 {\n}|3@7 {\n}");
	GIVES("[1][2]", NULL, "1@1 1|1@4 2");
}

static void test_paths(void)
{
	GIVES("{\"n\":[[9]],\"t\":[1,2],\"z\":{}}", "t", "1@16 1|1@18 2");
	GIVES("{\"a\":{\"t\":[1]},\"t\":[2]}", "t", "1@20 2");
	GIVES("{\"a\":{\"x\":\"}\",\"t\":[1]},\"t\":[2]}", "a.t", "1@19 1");
	GIVES("{\"\\u0074\":[1]}", "t", "1@11 1");
	GIVES("{\"t\":[1],\"t\":[2]}", "t", "1@6 1|1@14 2");
	GIVES("{\"t\":null}", "t", "");
	GIVES("{\"t\":{\"a\":1}}", "t", "1@5 {\"a\":1}");
	GIVES("{\"t\":[1]}\n{\"t\":[2]}", "t", "1@6 1|2@16 2");
	GIVES("{\"t\":7}", "t", "1@5 !what the path names is no array");
	GIVES("{\"u\":[1]}", "t", "1@9 !the document has no member t");
	GIVES("{\"a\":[1]}", "a.t", "1@9 !the document has no member a.t");
	GIVES("[1]", "t", "1@0 !the document is no object");
	GIVES("{}", "a..b", "a..b: no path to an array of records");
}

static void test_nested(void)
{
	GIVES("{\"a\":[{\"t\":[1]},{},7,{\"t\":[2,3]}]}", "a[].t", "1@12 1|1@27 2|1@29 3");
	GIVES("{\"a\":[[1],{\"t\":null},{\"t\":[]},{\"t\":[2]}]}", "a[].t", "1@36 2");
	GIVES("[{\"t\":[1]},{\"t\":[2]}]", "[].t", "1@7 1|1@17 2");
	GIVES("{\"a\":[{\"b\":{\"c\":[{\"t\":[1]}]}}]}", "a[].b.c[].t", "1@23 1");
	GIVES("{\"t\":[1]}", "t[]", "1@6 1");
	GIVES("{\"a\":{\"t\":[1]}}", "a[].t", "1@15 !the document has no member a[].t");
	GIVES("{\"a\":[]}", "[].t", "1@0 !the document is no array");
	GIVES("{\"a\":[{\"t\":[1]}", "a[].t", "1@12 1|1@15 !the document ends within an array");
	GIVES("{\"a\":[{\"t\":[1]} {}]}", "a[].t",
		"1@12 1|1@16 !a comma or the end of the array was expected");
	GIVES("{}", "a[][].t", "a[][].t: no path to an array of records");
	GIVES("{}", "a[0].t", "a[0].t: no path to an array of records");
	GIVES("{}", "[]", "[]: no path to an array of records");
}

static bool wanted(void *ctx, size_t level, struct str name)
{
	(void)ctx;
	return str_is(name, level ? "in" : "out");
}

static bool around(const char *text, const char *path, size_t max, const char *want)
{
	struct buf out = BUF_INIT, err = BUF_INIT;
	struct input in;
	bool same;

	text_input(&in, str_of(text));
	if (jsonscan_around(&in, path, max, wanted, NULL, &out, &err) < 0) {
		buf_clear(&out);
		buf_puts(&out, strchr(err.s, ':'));
	}
	same = strcmp(out.s, want) == 0;
	if (!same)
		printf("got  %s\nwant %s\n", out.s, want);
	input_close(&in);
	buf_release(&out);
	buf_release(&err);
	return same;
}

static void test_around(void)
{
	CHECK(around("{\"x\":[],\"out\":{\"a\": 1},\"t\":[1,2],\"in\":1}", "t", 100,
		"[{\"out\":{\"a\": 1},\"t\":[]}]"));
	CHECK(around("{\"a\":[{\"t\":[1],\"in\":\"x\"},{\"in\":2},3,{\"t\":[]}],\"out\":true}",
		"a[].t", 100,
		"[{\"a\":[{\"t\":[],\"in\":\"x\"},{\"in\":2},{\"t\":[]}],\"out\":true}]"));
	CHECK(around(
		"[{\"t\":[1],\"in\":1},{\"t\":null}]", "[].t", 100, "[[{\"t\":[],\"in\":1},{}]]"));
	CHECK(around("{\"out\":1,\"t\":[]} {\"t\":[],\"out\":2}", "t", 100,
		"[{\"out\":1,\"t\":[]},{\"t\":[],\"out\":2}]"));
	CHECK(around(
		"{\"a\":[{\"in\":1,\"t\":[1", "a[].t", 100, "[{\"a\":[{\"in\":1,\"t\":[]}]}]"));
	CHECK(around("{\"out\":\"0123456789\",\"t\":[1]}", "t", 8,
		":1: what is around the records is too long (see --max-line)"));
}

static void test_broken(void)
{
	GIVES("[1,2", NULL, "1@1 1|1@3 2|1@4 !the document ends within an array");
	GIVES("[1,\n{\"a\":", NULL, "1@1 1|2@9 !the document ends within a value");
	GIVES("[1,]", NULL, "1@1 1|1@3 !not JSON");
	GIVES("[,1]", NULL, "1@1 !not JSON");
	GIVES("[1 2]", NULL, "1@1 1|1@3 !a comma or the end of the array was expected");
	GIVES("[{\"a\":[}]", NULL, "1@7 !not JSON");
	GIVES("]", NULL, "1@0 !not JSON");
	GIVES("{\"a\" 1,\"t\":[]}", "t", "1@5 !a colon was expected");
	GIVES("{\"a\":1 \"t\":[]}", "t", "1@7 !a comma or the end of the object was expected");
	GIVES("{\"a\":1,}", "t", "1@7 !a name was expected");
	GIVES("{\"t\":[1]", "t", "1@6 1|1@8 !the document ends within an object");
	GIVES("[\"abc", NULL, "1@5 !the document ends within a value");
}

/* A broken line costs itself alone: it comes as a record, which the parser refuses. */
static void test_lines(void)
{
	GIVES("{\"a\":1}\n{\"a\":\n{\"a\":3}\n", NULL, "1@0 {\"a\":1}|2@8 {\"a\":|3@14 {\"a\":3}");
}

static void test_long(void)
{
	CHECK(gives(STR("[1,\"abc\ndefghijkl\",\n2]"), NULL, 5,
		"1@1 1|1@3 <\"abc\ndefghijkl\">|3@20 2"));
	CHECK(gives(STR("{\"a\":1}\n{\"a\":123}\n{}\n"), NULL, 7,
		"1@0 {\"a\":1}|2@8 <{\"a\":123}>|3@18 {}"));
}

static void test_deep(void)
{
	struct buf text = BUF_INIT;

	buf_byte(&text, '[');
	for (int i = 0; i < 100000; i++)
		buf_byte(&text, '[');
	for (int i = 0; i < 100000; i++)
		buf_byte(&text, ']');
	buf_puts(&text, ",1]");
	CHECK(gives(buf_str(&text), NULL, 1 << 20, "1@1 ?nested too deep|1@200002 1"));
	buf_clear(&text);
	buf_puts(&text, "{\"x\":");
	for (int i = 0; i < 100000; i++)
		buf_byte(&text, '[');
	for (int i = 0; i < 100000; i++)
		buf_byte(&text, ']');
	buf_puts(&text, ",\"t\":[1]}");
	CHECK(gives(buf_str(&text), "t", 1 << 20, "1@200005 !nested too deep"));
	buf_clear(&text);
	for (int i = 0; i < 100000; i++)
		buf_puts(&text, "{\"t\":");
	CHECK(gives(buf_str(&text), "t", 1 << 20, "1@500000 !the document ends within a value"));
	buf_release(&text);
}

/* Blocks end anywhere: every record is found at its place. */
static void test_blocks(void)
{
	struct buf text = BUF_INIT, err = BUF_INIT, want = BUF_INIT;
	struct jsonscan s;
	struct input in;
	int n = 0, wrong = 0, got;

	buf_puts(&text, "{\"pad\":\"");
	for (int i = 0; i < 600000; i++)
		buf_puts(&text, i % 7 ? "x" : "\\\"");
	buf_puts(&text, "\",\"t\":[");
	for (int i = 0; i < 60000; i++)
		buf_printf(
			&text, "%s{\"n\":%d,\n\"s\":\"%*s\\\\\"}", i ? ",\n" : "", i, i % 50, "]");
	buf_puts(&text, "]}");
	text_input(&in, buf_str(&text));
	CHECK(jsonscan_open(&s, &in, "t", 1000, &err) == 0);
	while ((got = jsonscan_next(&s, &err)) == JSONSCAN_ONE) {
		buf_clear(&want);
		buf_printf(&want, "{\"n\":%d,\n\"s\":\"%*s\\\\\"}", n, n % 50, "]");
		wrong += !str_eq(s.raw, buf_str(&want)) || s.line != 1 + 2 * (uint64_t)n ||
			 memcmp(text.s + s.offset, want.s, want.len) != 0;
		n++;
	}
	CHECK(got == JSONSCAN_END && n == 60000 && !wrong);
	jsonscan_close(&s);
	input_close(&in);
	buf_release(&text);
	buf_release(&err);
	buf_release(&want);
}

int main(void)
{
	int fd = mkstemp(path_of_file);

	if (fd < 0)
		return 2;
	close(fd);
	test_shapes();
	test_paths();
	test_nested();
	test_around();
	test_broken();
	test_lines();
	test_long();
	test_deep();
	test_blocks();
	unlink(path_of_file);
	return unit_end();
}
