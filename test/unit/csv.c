#include "io/csv.h"
#include "io/csv_bare.h"
#include "io/json.h"
#include "unit.h"

#include <dirent.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static char path[] = "/tmp/csv-unit-XXXXXX";

/* An input over a text; close with input_close. */
static void text_input(struct input *in, struct str text)
{
	struct buf err = BUF_INIT;
	FILE *f = fopen(path, "w");

	if (!f || fwrite(text.s, 1, text.len, f) != text.len || fclose(f) ||
		input_open(in, path, &err) < 0)
		abort();
	in->name = "t.csv";
}

/* The row's fields joined by '|'; '~' where it has none. */
static void put_row(struct buf *out, const struct csv *c, size_t n)
{
	for (size_t i = 0; i < c->field_n && i < n; i++) {
		buf_puts(out, i ? "|" : "");
		buf_put(out, c->field[i].s ? c->field[i] : STR("~"));
	}
}

/* Reads all rows: fields joined by '|', rows by '/'; a bad one is {line:raw}, a long one <line>. */
static char *rows(struct str text, size_t max, bool header)
{
	struct buf out = BUF_INIT, err = BUF_INIT;
	struct input in;
	struct csv c;
	int got = -1;

	text_input(&in, text);
	if (csv_open(&c, &in, 0, max, &err) < 0) {
		buf_puts(&out, "! ");
		buf_put(&out, buf_str(&err));
	} else {
		for (size_t i = 0; header && i < c.name_n; i++)
			buf_printf(&out, "%s%s", i ? "|" : "", c.name[i]);
		while ((got = csv_next(&c, &err)) > 0) {
			buf_puts(&out, out.len ? "/" : "");
			put_row(&out, &c, c.field_n);
			if (got == CSV_BAD) {
				buf_printf(&out, "{%d:", (int)c.line);
				buf_put(&out, c.raw);
				buf_byte(&out, '}');
			} else if (got == CSV_LONG) {
				buf_printf(&out, "<%d:%d>", (int)c.line, (int)c.offset);
			}
		}
	}
	csv_close(&c);
	input_close(&in);
	buf_release(&err);
	return buf_take(&out);
}

static bool reads_in(struct str text, size_t max, bool header, const char *want)
{
	char *got = rows(text, max, header);
	bool same = strcmp(got, want) == 0;

	if (!same)
		printf("got  %s\nwant %s\n", got, want);
	free(got);
	return same;
}

#define READS(text, want) CHECK(reads_in(STR(text), 1000, false, want))
#define HEADER(text, want) CHECK(reads_in(STR(text), 1000, true, want))

/* The fields of one line whose writer doubles no marks, joined by '|'. */
static bool bare_line(struct str line, const char *want)
{
	struct csv_bare fields = {.line = line, .delimiter = ','};
	struct buf got = BUF_INIT;
	struct str field;
	bool same;

	for (bool more = false; csv_bare_next(&fields, &field); more = true) {
		buf_puts(&got, more ? "|" : "");
		buf_put(&got, field);
	}
	same = strcmp(got.s, want) == 0;
	if (!same)
		printf("got  %s\nwant %s\n", got.s, want);
	buf_release(&got);
	return same;
}

#define BARE(text, want) CHECK(bare_line(STR(text), want))

static void test_bare(void)
{
	BARE("", "");
	BARE("a,,b,", "a||b|");
	BARE("1,\"Ana\" <100>,2", "1|\"Ana\" <100>|2");
	BARE("1,\"\" <100>,2", "1|\"\" <100>|2");
	BARE("1,\"\"Prado, Ana\" <100>\",2", "1|\"Prado, Ana\" <100>|2");
	BARE("\"SIP/1,20,tr\",\"x\",\"\"", "SIP/1,20,tr|x|");
	BARE("\"a, 5\" b\"", "a, 5\" b");
	BARE("\"never closed,2", "\"never closed|2");
	BARE("a \"b\",c\"", "a \"b\"|c\"");
}

/* In time that grows with the line, not with its square. */
static void test_bare_unclosed(void)
{
	struct csv_bare fields = {.delimiter = ','};
	struct buf line = BUF_INIT;
	struct str field;
	size_t n = 0;
	clock_t begun = clock();

	for (int i = 0; i < 200000; i++)
		buf_puts(&line, "\"a,");
	fields.line = buf_str(&line);
	while (csv_bare_next(&fields, &field))
		n++;
	CHECK(n == 200001);
	CHECK(clock() - begun < 2 * CLOCKS_PER_SEC);
	buf_release(&line);
}

static void test_plain(void)
{
	READS("a,b\n1,2\n3,4\n", "1|2/3|4");
	READS("\xef\xbb\xbf"
	      "a,b\r\n1,2\r\n3,4",
		"1|2/3|4");
	READS("a,b\r1,2\r3,4\r", "1|2/3|4");
	READS("a,b\n 1 ,2 \n\"3\",\n", " 1 |2 /3|");
	READS("a,b\n\n1,2\n\n\n3,4\n\n", "1|2/3|4");
	READS("a\n1\n\n2\n", "1//2");
	READS("a,b\n\"x\r\ny\",\"\"\"q\"\", z\"\n", "x\r\ny|\"q\", z");
	READS("a,b\n5'10\",2\n", "5'10\"|2");
	READS("a,b\n\"\",\xf0\x9f\x98\x8e", "|\xf0\x9f\x98\x8e");
	READS("a,b,c\n1,\"two\nlines, of text\",3", "1|two\nlines, of text|3");
	HEADER("a,b,c", "a|b|c");
}

static void test_delimiters(void)
{
	READS("a;b;\"c,d,e,f\"\n1;2,5;3\n", "1|2,5|3");
	READS("a\tb\n1\t2\n", "1|2");
	READS("a|b\n1,5|2\n", "1,5|2");
}

static void test_names(void)
{
	HEADER("a,b,a,A,,\n", "a|b|a_2|A_3|column_5|column_6");
	HEADER("a,a_2,a\n", "a|a_2|a_3");
	HEADER("", "! t.csv: empty");
	HEADER("\n\n", "! t.csv: empty");
	HEADER("\xff\xfe"
	       "a\0,\0\xe9\0\n\0",
		"a|\xc3\xa9");
	HEADER("\xfe\xff\0a\0,\xd8\x3d\xde\x0a\0;\xd8\x3d\0\n\0",
		"a|\xf0\x9f\x98\x8a;\xef\xbf\xbd/{2:\xef\xbf\xbd}");
	HEADER("a,\"b\n1,2\n", "! t.csv:1: a quotation that does not end");
}

/* The first n columns of a file whose columns are a, b; `skip` rows are passed over. Each row is
 * taken apart twice. */
static bool names_read(struct str text, uint64_t skip, size_t n, const char *want)
{
	static char a[] = "a", b[] = "b", *names[] = {a, b};
	struct buf out = BUF_INIT, again = BUF_INIT, err = BUF_INIT;
	struct input in;
	struct csv c;
	bool same = true;
	int got;

	text_input(&in, text);
	if (csv_open_named(&c, &in, 0, names, 2, 1000, &err) < 0)
		abort();
	while (skip-- && csv_next(&c, &err) > 0)
		;
	while ((got = csv_next(&c, &err)) > 0) {
		size_t mark = out.len;

		put_row(&out, &c, n);
		if (got == CSV_ROW) {
			csv_again(&c, c.raw);
			buf_clear(&again);
			put_row(&again, &c, n);
			same = same && strcmp(again.s, out.s + mark) == 0;
		}
		buf_byte(&out, '/');
	}
	same = same && got == CSV_END && strcmp(out.s, want) == 0;
	if (!same)
		printf("got  %s\nwant %s\n", out.s, want);
	csv_close(&c);
	input_close(&in);
	buf_release(&out);
	buf_release(&again);
	buf_release(&err);
	return same;
}

static void test_given_names(void)
{
	CHECK(names_read(STR("1,2\n3\n\n4,,5\n"), 0, 3, "1|2|~/3|~|~/4||5/"));
	CHECK(names_read(STR("1,\"2\r\n \"\"x\"\"\"\r\n3,4\r\n"), 0, 2, "1|2\r\n \"x\"/3|4/"));
	CHECK(names_read(STR("1,2\r\n3,\"4\"\r"), 0, 2, "1|2/3|4/"));
	CHECK(names_read(STR("5'10\",2\n"), 0, 2, "5'10\"|2/"));
	CHECK(names_read(STR("\xe9,\x80\n"), 0, 2, "\xc3\xa9|\xe2\x82\xac/"));
	CHECK(names_read(STR("A, b\n1,2\n"), 0, 2, "1|2/"));
	CHECK(names_read(STR("a,b,c\n1,2\n"), 0, 2, "a|b/1|2/"));
	CHECK(names_read(STR("a\n1,2\n"), 0, 2, "a|~/1|2/"));
	CHECK(names_read(STR("a,b\nx\ny,\"bad\n1,2\n"), 2, 2, "1|2/"));
	CHECK(names_read(STR("1,2\n3,4\n"), 1, 2, "3|4/"));
	CHECK(names_read(STR(""), 3, 2, ""));
}

static void test_bad_rows(void)
{
	READS("a,b\n1\n2,3\n4,5,6\n7,8\n", "{2:1}/2|3/{4:4,5,6}/7|8");
	READS("a,b\n1,\"x\" y\n2,3\n", "{2:1,\"x\" y}/2|3");
	READS("a,b\n1,see \"this, too\n2,3\n", "{2:1,see \"this, too}/2|3");
	/* An unclosed quotation costs its own line, not those that it would have swallowed. */
	READS("a,b\n1,\"open\n2,3\n4,\"5\"\n", "{2:1,\"open}/2|3/4|5");
	READS("a,b\r\n1,\"open\r\n2,3\r\n", "{2:1,\"open\r}/2|3");
	READS("a,b\n1,\"two\nlines\",x\n2,3\n", "{2:1,\"two\nlines\",x}/2|3");
}

static void test_long_rows(void)
{
	CHECK(reads_in(STR("a,b\n1,2\n12345678901,2\n3,4\n"), 10, false, "1|2/<3:8>/3|4"));
	CHECK(reads_in(STR("a,b\n1,2\n12345678901,2"), 10, false, "1|2/<3:8>"));
	CHECK(reads_in(STR("a,b\n1,\"2\n3,4\n5,6\n7,8\n"), 10, false, "{2:1,\"2}/3|4/5|6/7|8"));
}

static void test_encodings(void)
{
	READS("a,b\n\xe9t\xe9,\x80\n", "\xc3\xa9t\xc3\xa9|\xe2\x82\xac");
	/* More UTF-8 than other bytes: the file is UTF-8 and the row is broken. */
	READS("a,b\n\xc3\xa9,\xc3\xa9\n\xe9,2\n3,4\n", "\xc3\xa9|\xc3\xa9/{3:\xe9,2}/3|4");
}

static void test_blocks(void)
{
	struct buf text = BUF_INIT, err = BUF_INIT;
	uint64_t n = 0, sum = 0, line = 0, wrong = 0;
	struct input in;
	struct csv c;

	buf_puts(&text, "n,text\n");
	for (int i = 0; i < 60000; i++)
		buf_printf(&text, "%d,\"line\r\n%*d\"\r\n", i, i % 40, i);
	text_input(&in, buf_str(&text));
	CHECK(csv_open(&c, &in, 0, 1000, &err) == 0);
	while (csv_next(&c, &err) == CSV_ROW) {
		struct str want = {text.s + c.offset, c.raw.len};

		wrong += !str_eq(c.raw, want);
		sum += (uint64_t)atoi(c.field[0].s);
		line = c.line;
		n++;
	}
	CHECK(n == 60000 && sum == UINT64_C(60000) * 59999 / 2 && line == UINT64_C(2) * 60000 &&
		!wrong);
	csv_close(&c);
	input_close(&in);
	buf_release(&text);
	buf_release(&err);
}

static void test_peek(void)
{
	struct csv_names names = {NULL, 0, 0};

	csv_peek(&names, STR("x;\"y z\";x\r\n1;2"), 0);
	CHECK(names.n == 3 && !strcmp(names.v[1], "y z") && !strcmp(names.v[2], "x_2"));
	csv_names_release(&names);
	csv_peek(&names, STR("only"), 0);
	CHECK(names.n == 1);
	csv_names_release(&names);
	csv_peek(&names, STR(""), 0);
	CHECK(names.n == 0);
	csv_names_release(&names);
}

static bool slurp(const char *name, struct buf *text)
{
	FILE *f = fopen(name, "r");

	if (!f)
		return false;
	for (int c; (c = getc(f)) != EOF;)
		buf_byte(text, (char)c);
	fclose(f);
	return true;
}

static bool same_row(const struct csv *c, const struct json *row)
{
	size_t i = 0;

	if (!row || row->count != c->field_n)
		return false;
	for
		JSON_EACH(v, row)
		{
			/* The published answer to location_coordinates has another telephone number
			 * than the file. */
			bool other = str_is(v->key, "Contact Phone Number");

			if (!str_is(v->key, c->name[i]) ||
				(!other && !str_eq(v->text, c->field[i])))
				return false;
			i++;
		}
	return true;
}

/* One file of csv-spectrum and its answer. */
static bool spectrum(const char *folder, const char *name)
{
	struct buf csv = BUF_INIT, answer = BUF_INIT, err = BUF_INIT, want = BUF_INIT;
	struct json_doc doc = JSON_DOC_INIT;
	const struct json *row;
	struct input in;
	struct csv c;
	bool ok, single;

	buf_printf(&csv, "%s/csvs/%s.csv", folder, name);
	buf_printf(&answer, "%s/json/%s.json", folder, name);
	ok = input_open(&in, csv.s, &err) == 0 && csv_open(&c, &in, 0, 1000, &err) == 0 &&
	     slurp(answer.s, &want) && json_parse(&doc, buf_str(&want), false, &err) == 0;
	/* One of the answers is a single row without the array around it. */
	single = ok && doc.v[0].type == JSON_OBJECT;
	row = !ok ? NULL : single ? doc.v : json_first(doc.v);
	while (ok && csv_next(&c, &err) != CSV_END) {
		ok = same_row(&c, row);
		row = row && !single ? json_after(doc.v, row) : NULL;
	}
	if (!ok || row)
		printf("%s: %s\n", name, err.s);
	csv_close(&c);
	input_close(&in);
	json_release(&doc);
	buf_release(&csv);
	buf_release(&answer);
	buf_release(&err);
	buf_release(&want);
	return ok && !row;
}

static void test_spectrum(void)
{
	const char *data = getenv("JTOOLS_DATA");
	struct buf folder = BUF_INIT, csvs = BUF_INIT;
	const struct dirent *e;
	DIR *d;

	buf_printf(&folder, "%s/peer/csv-spectrum", data ? data : "../shared/data");
	buf_printf(&csvs, "%s/csvs", folder.s);
	d = opendir(csvs.s);
	if (!d)
		printf("csv-spectrum is not there: skipped\n");
	while (d && (e = readdir(d))) {
		char name[256];

		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(e->d_name, "."), e->d_name);
		CHECK(spectrum(folder.s, name));
	}
	if (d)
		closedir(d);
	buf_release(&folder);
	buf_release(&csvs);
}

/* With files as arguments: their rows as the other tests write them. */
int main(int argc, char **argv)
{
	int fd = mkstemp(path);

	if (fd < 0)
		return 2;
	close(fd);
	for (int i = 1; i < argc; i++) {
		struct buf text = BUF_INIT;
		char *got;

		if (slurp(argv[i], &text)) {
			got = rows(buf_str(&text), 1 << 20, true);
			printf("%s: %s\n", argv[i], got);
			free(got);
		}
		buf_release(&text);
	}
	if (argc == 1) {
		test_plain();
		test_bare();
		test_bare_unclosed();
		test_delimiters();
		test_names();
		test_given_names();
		test_bad_rows();
		test_long_rows();
		test_encodings();
		test_blocks();
		test_peek();
		test_spectrum();
	}
	unlink(path);
	return argc == 1 ? unit_end() : 0;
}
