#include "adapt/map_file.h"
#include "unit.h"

#include <stdlib.h>

/* The reading of a time in RFC 3339, with "*" where it was local; "-" where it is none. */
static bool reads(const char *s, const char *format, const char *want)
{
	char got[WHEN_TEXT + 1] = "-";
	bool local, ok;
	int64_t when;

	ok = map_time(str_of(s), format, NULL, &when, &local);
	if (ok) {
		when_format(when, got);
		if (local)
			memcpy(got + strlen(got), "*", 2);
	}
	if (strcmp(got, want) != 0)
		printf("%s by %s: got %s, want %s\n", s, format ? format : "itself", got, want);
	return strcmp(got, want) == 0;
}

static void test_times(void)
{
	CHECK(reads("2026-03-02T14:05:10Z", NULL, "2026-03-02T14:05:10.000Z"));
	CHECK(reads("2026-03-02T14:05:10.1239+02:00", NULL, "2026-03-02T12:05:10.123Z"));
	CHECK(reads("2026-03-02 14:05:10 +0200", NULL, "2026-03-02T12:05:10.000Z"));
	CHECK(reads("2026-03-02 14:05:10 UTC", NULL, "2026-03-02T14:05:10.000Z"));
	CHECK(reads("2026-03-02 14:05", NULL, "2026-03-02T14:05:00.000Z*"));
	CHECK(reads("2026-03-02", NULL, "2026-03-02T00:00:00.000Z*"));
	CHECK(reads("20260302", NULL, "2026-03-02T00:00:00.000Z*"));
	CHECK(reads("20260302T140510Z", NULL, "2026-03-02T14:05:10.000Z"));
	CHECK(reads("20260302T140510-03", NULL, "2026-03-02T17:05:10.000Z"));
	CHECK(reads("1772456710", NULL, "2026-03-02T13:05:10.000Z"));
	CHECK(reads("1772456710.5", NULL, "2026-03-02T13:05:10.500Z"));
	CHECK(reads("1772456710123", NULL, "2026-03-02T13:05:10.123Z"));
	CHECK(reads("1772456710123456", NULL, "2026-03-02T13:05:10.123Z"));
	CHECK(reads("20260302140510", NULL, "2026-03-02T14:05:10.000Z*"));
	CHECK(reads("20260302140510.5Z", NULL, "2026-03-02T14:05:10.500Z"));
	CHECK(reads("99999999999999", NULL, "-"));
	CHECK(reads("2026-03-0214:05", NULL, "-"));
	CHECK(reads("0001-01-01T00:00:00+01:00", NULL, "-"));
	CHECK(reads("9999-12-31T23:59:59-01:00", NULL, "-"));
	CHECK(reads("2026-02-30", NULL, "-"));
	CHECK(reads("2026-03-02T25:00:00Z", NULL, "-"));
	CHECK(reads("yesterday", NULL, "-"));
	CHECK(reads("2026-03-02T14:05:10Zx", NULL, "-"));
	CHECK(reads("12", NULL, "-"));
}

static void test_formats(void)
{
	CHECK(reads("9.3.10 8:05", "%d.%m.%y %H:%M", "2010-03-09T08:05:00.000Z*"));
	CHECK(reads("03/02/2026 12:05:10 AM", "%m/%d/%Y %I:%M:%S %p", "2026-03-02T00:05:10.000Z*"));
	CHECK(reads("03/02/2026 12:05 pm", "%m/%d/%Y %I:%M %p", "2026-03-02T12:05:00.000Z*"));
	CHECK(reads(
		"2 March 2026 14:05:10.25 +0100", "%d %B %Y %T.%f %z", "2026-03-02T13:05:10.250Z"));
	CHECK(reads("Mar  2 99", "%b %e %y", "1999-03-02T00:00:00.000Z*"));
	CHECK(reads("1772456710", "%s", "2026-03-02T13:05:10.000Z"));
	CHECK(reads("999999999999", "%s", "-"));
	CHECK(reads("13:05 pm", "%I:%M %p", "-"));
	CHECK(reads("9.3.10 8:05 x", "%d.%m.%y %H:%M", "-"));
	CHECK(reads("9.3.10", "%d.%m.%y %H:%M", "-"));
	CHECK(reads("9", "%d%", "-"));
	CHECK(reads("9", "%q", "-"));
}

/* What lies at a path of a document. */
static bool lies(const char *path, const char *want)
{
	static const char text[] = "{\"a\":{\"b\":[1,[2,{\"c\":3}]]},\"x y\":\"z\"}";
	struct json_doc doc = JSON_DOC_INIT;
	struct map_path p = {NULL, 0, 0, 0};
	struct buf err = BUF_INIT;
	const struct json *v = NULL;
	bool ok = json_parse(&doc, str_of(text), false, &err) == 0;

	if (ok && map_path_read(&p, path))
		v = map_path_find(&p, doc.v);
	ok = ok && (v ? str_is(v->raw, want) : strcmp(want, "-") == 0);
	map_path_release(&p);
	json_release(&doc);
	buf_release(&err);
	return ok;
}

static void test_paths(void)
{
	CHECK(lies("a.b[0]", "1"));
	CHECK(lies("a.b[1][1].c", "3"));
	CHECK(lies("a.b[1][2]", "-"));
	CHECK(lies("a.b.c", "-"));
	CHECK(lies("x y", "\"z\""));
	CHECK(lies(".", "{\"a\":{\"b\":[1,[2,{\"c\":3}]]},\"x y\":\"z\"}"));
	CHECK(lies("", "-"));
	CHECK(lies("a..b", "-"));
	CHECK(lies("a.", "-"));
	CHECK(lies("a[x]", "-"));
	CHECK(lies("a[-1]", "-"));
	CHECK(lies("a[1", "-"));
}

static int no_columns_value = 0;

static void no_columns(void *row, int column, struct expr_value *out)
{
	(void)row;
	(void)column;
	out->type = EXPR_INT;
	out->n = no_columns_value;
}

/* What an expression with a map's functions gives, as text. */
static bool gives(const char *sql, const char *want)
{
	static const char *const us[] = {"Lume Casa", "@lume.example"};
	static const char *const bots[] = {"LumeBot"};
	struct adapt_options opt = {
		.region = "BR", .self = us, .selves = 2, .bots = bots, .botn = 1};
	struct adapt_run run = {.opt = &opt};
	struct input in = {.name = "exports/inbox/ana_1/message_1.json"};
	struct map_functions *f = map_functions_new();
	struct expr_set *set = expr_new(NULL, 0, no_columns);
	struct buf err = BUF_INIT, got = BUF_INIT;
	const struct expr_value *v;

	map_functions_begin(f, &run, &in, NULL);
	map_functions_row(f, 7);
	map_functions_add(f, set);
	if (expr_add(set, sql, (struct expr_place){.file = "f", .line = 1}, &err) < 0 ||
		expr_eval(set, NULL, &err) < 0) {
		buf_put(&got, buf_str(&err));
	} else {
		v = expr_result(set, 0);
		if (v->type == EXPR_INT)
			buf_int(&got, v->n);
		else if (v->type == EXPR_REAL)
			buf_printf(&got, "%g", v->real);
		else
			buf_put(&got, v->type == EXPR_TEXT ? v->text : STR("NULL"));
	}
	if (!str_is(buf_str(&got), want))
		printf("%s: got %s, want %s\n", sql, got.s, want);
	want = str_is(buf_str(&got), want) ? want : NULL;
	expr_free(set);
	map_functions_free(f);
	buf_release(&err);
	buf_release(&got);
	return want != NULL;
}

static void test_functions(void)
{
	CHECK(gives("phone('(11) 91234-5678')", "+5511912345678"));
	CHECK(gives("phone('+44 20 7946 0018')", "+442079460018"));
	CHECK(gives("phone(phone('+44 20 7946 0018'))", "+442079460018"));
	CHECK(gives("phone('call me')", "NULL"));
	CHECK(gives("phone('')", "NULL"));
	CHECK(gives("phone(NULL)", "NULL"));
	CHECK(gives("regex_get('#(\\d+)', 'order #42')", "42"));
	CHECK(gives("regex_get('#\\d+', 'order #42')", "#42"));
	CHECK(gives("regex_get('(#)(\\d+)', 'order #42', 2)", "42"));
	CHECK(gives("regex_get('x', 'order')", "NULL"));
	CHECK(gives("regex_test('(?i)ORDER', 'order')", "1"));
	CHECK(gives("regex_test('x', NULL)", "NULL"));
	CHECK(gives("regex_test('(', 'x')", "f:1: no pattern: regular expression: missing closing "
					    "parenthesis, at character 1 of the pattern"));
	CHECK(gives("seconds('00:03:20')", "200"));
	CHECK(gives("seconds('3:20')", "200"));
	CHECK(gives("seconds('1:00:00:01')", "86401"));
	CHECK(gives("seconds('12.5')", "12.5"));
	CHECK(gives("seconds(7)", "7"));
	CHECK(gives("seconds('')", "NULL"));
	CHECK(gives("seconds('soon')", "f:1: no span of time: soon"));
	CHECK(gives("seconds('1:2:3:4:5')", "f:1: no span of time: 1:2:3:4:5"));
	CHECK(gives("seconds(time('2026-03-02T14:05:10Z')) - seconds(time('2026-03-02T14:05:00Z'))",
		"10"));
	CHECK(gives("time(1772456710)", "2026-03-02T13:05:10.000Z"));
	CHECK(gives("time('2.3.26', '%d.%m.%y')", "2026-03-02T00:00:00.000Z"));
	CHECK(gives("time('soon')", "f:1: not a time: soon"));
	CHECK(gives("time('')", "NULL"));
	CHECK(gives("html_text('<p>a &amp; <b>b</b></p>')", "a & b"));
}

static void test_escapes(void)
{
	CHECK(gives("unescape('Ana \\303\\251\\n\\\"b\\\\')", "Ana \xc3\xa9\n\"b\\"));
	CHECK(gives("unescape('\\351 \\777 \\q \\')", "\\351 \\777 \\q \\"));
	CHECK(gives("unescape('\\0 \\777 \\q \\')", "\\0 \\777 \\q \\"));
	CHECK(gives("unescape(7)", "7"));
	CHECK(gives("url_decode('Ana%20%c3%A9%2B+')", "Ana \xc3\xa9++"));
	CHECK(gives("url_decode('100% %zz%4')", "100% %zz%4"));
	CHECK(gives("url_decode('%00%41')", "%00A"));
	CHECK(gives("url_decode('%e9%41')", "%e9%41"));
	CHECK(gives("url_decode(NULL)", "NULL"));
	CHECK(gives("url_decode(7)", "7"));
}

static void test_hash(void)
{
	CHECK(gives("length(hash('a', 1, NULL))", "32"));
	CHECK(gives("hash('a', 1) = hash('a', '1')", "1"));
	CHECK(gives("hash('ab', 'c') = hash('a', 'bc')", "0"));
	CHECK(gives("hash('a', NULL) = hash('a', '')", "0"));
}

static void test_texts(void)
{
	CHECK(gives("who('Ana')", "customer"));
	CHECK(gives("who(NULL, '', 7)", "customer"));
	CHECK(gives("who('Ana', 'lume casa')", "agent"));
	CHECK(gives("who('joao@lume.example')", "agent"));
	CHECK(gives("who('LumeBot', 'Lume Casa')", "bot"));
	CHECK(gives("row()", "7"));
	CHECK(gives("path_part(0)", "message_1"));
	CHECK(gives("path_part(1)", "ana_1"));
	CHECK(gives("path_part(3)", "exports"));
	CHECK(gives("path_part(4)", "NULL"));
	CHECK(gives("path_part(-1)", "NULL"));
	CHECK(gives("mend('Ol\xc3\x83\xc2\xa1 \xc3\xb0\xc2\x9f\xc2\x98\xc2\x80')",
		"Ol\xc3\xa1 \xf0\x9f\x98\x80"));
	CHECK(gives("mend('Ol\xc3\xa1')", "Ol\xc3\xa1"));
	CHECK(gives("mend('\xe2\x82\xac')", "\xe2\x82\xac"));
	CHECK(gives("mend('plain')", "plain"));
	CHECK(gives("mend(5)", "5"));
	CHECK(gives("address('Ana L. <ana@x.example>')", "ana@x.example"));
	CHECK(gives("address('ana@x.example')", "ana@x.example"));
	CHECK(gives("address('Ana')", "NULL"));
	CHECK(gives("amount('R$ 1.234,56')", "1234.56"));
	CHECK(gives("amount('1,234.56 USD')", "1234.56"));
	CHECK(gives("amount('1.234.567')", "1234567"));
	CHECK(gives("amount('$1,234')", "1234"));
	CHECK(gives("amount('12,5')", "12.5"));
	CHECK(gives("amount('(3.20)')", "-3.20"));
	CHECK(gives("amount('-3')", "-3"));
	CHECK(gives("amount('free')", "NULL"));
	CHECK(gives("amount(3.5)", "3.5"));
}

static void test_lists(void)
{
	CHECK(gives("list_get('[1,\"b\",{\"c\":3}]', 1)", "b"));
	CHECK(gives("list_get('[1,\"b\",{\"c\":3}]', -1, 'c')", "3"));
	CHECK(gives("list_get('[1]', 1)", "NULL"));
	CHECK(gives("list_get('[1]', -2)", "NULL"));
	CHECK(gives("list_get('no list', 0)", "NULL"));
	CHECK(gives(
		"list_find('[{\"id\":7,\"v\":\"x\"},{\"id\":8,\"v\":\"y\"}]', 'id', 8, 'v')", "y"));
	CHECK(gives("list_find('[{\"id\":7}]', 'id', '7')", "{\"id\":7}"));
	CHECK(gives("list_find('[{\"id\":7}]', 'id', 9)", "NULL"));
	CHECK(gives("list_count('[1,2]')", "2"));
	CHECK(gives("list_count('[{\"a\":true},{\"a\":false}]', 'a', 1)", "1"));
	CHECK(gives("list_count(NULL)", "0"));
	CHECK(gives("list_max('[{\"n\":\"9\"},{\"n\":\"10\"},{}]', 'n')", "10"));
	CHECK(gives("list_min('[{\"t\":\"2026-02\"},{\"t\":\"2026-01\"}]', 't')", "2026-01"));
	CHECK(gives("list_sum('[{\"n\":\"9\"},{\"n\":1.5},{\"n\":\"x\"}]', 'n')", "10.5"));
	CHECK(gives("list_before('[{\"t\":\"1\",\"v\":\"a\"},{\"t\":\"3\",\"v\":\"c\"},"
		    "{\"t\":\"2\",\"v\":\"b\"}]', 't', '3', 'v')",
		"b"));
	CHECK(gives("list_before('[{\"t\":9,\"k\":\"x\",\"v\":1},{\"t\":10,\"k\":\"y\",\"v\":2},"
		    "{\"t\":11,\"k\":\"x\",\"v\":3}]', 't', 11, 'v', 'k', 'x')",
		"1"));
	CHECK(gives("list_before('[{\"t\":1,\"v\":2}]', 't', 1, 'v')", "NULL"));
	CHECK(gives("list_before(NULL, 't', 1, 'v')", "NULL"));
}

static void test_lists_made(void)
{
	CHECK(gives("list_keep('[{\"a\":\"xy\"},{\"a\":\"z\"},{},{\"a\":7}]', 'a', '^[x7]')",
		"[{\"a\":\"xy\"},{\"a\":7}]"));
	CHECK(gives("list_keep('[{\"a\":1}]', 'a', '2')", "[]"));
	CHECK(gives("list_keep('[{\"a\":[{\"b\":1}]},{\"a\":[]}]', 'a', '\"b\"')",
		"[{\"a\":[{\"b\":1}]}]"));
	CHECK(gives("list_keep('no list', 'a', '2')", "NULL"));
	CHECK(gives("list_keep('[1]', '.', '(')",
		"f:1: no pattern: regular expression: missing closing "
		"parenthesis, at character 1 of the pattern"));
	CHECK(gives(
		"list_all('[{\"p\":[{\"q\":[1,2]},{}]},{\"p\":[{\"q\":[[3]]}]},{\"p\":{\"q\":4}}]',"
		" 'p[].q[]')",
		"[1,2,[3],4]"));
	CHECK(gives("list_all('[{\"p\":[1]},{\"p\":null},{}]', 'p')", "[[1]]"));
	CHECK(gives("list_all(NULL, 'p')", "NULL"));
	CHECK(gives("list_count(list_keep(list_all('[{\"p\":[{\"n\":1},{\"n\":2}]}]', 'p[]'), 'n', "
		    "'2'))",
		"1"));
	CHECK(gives("list_join('[{\"n\":\"a\"},{},{\"n\":2}]', 'n', ', ')", "a, 2"));
	CHECK(gives(
		"plain('[\"see \",{\"type\":\"link\",\"text\":\"this\"},\"!\"]')", "see this!"));
	CHECK(gives("plain('{\"content\":[{\"text\":\"a\"},{\"content\":[{\"text\":\"b\"}]}]}')",
		"ab"));
	CHECK(gives("plain('as it is')", "as it is"));
	CHECK(gives("plain('[1]')", "[1]"));
	CHECK(gives("plain('[x')", "[x"));
}

static void test_calls(void)
{
	CHECK(gives("began(5)", "1970-01-01T00:00:05.000Z"));
	CHECK(gives("began('1.25')", "1970-01-01T00:00:01.250Z"));
	CHECK(gives("began(1.5, '2026-03-02T14:05:10Z')", "2026-03-02T14:05:11.500Z"));
	CHECK(gives("began(-2, NULL, '2026-03-02T14:05:10Z')", "2026-03-02T14:05:08.000Z"));
	CHECK(gives("began('soon')", "f:1: began: no number of seconds"));
	CHECK(gives("call_name()", "message_1"));
	CHECK(gives("side('Lume Casa')", "agent"));
	CHECK(gives("side('LumeBot')", "bot"));
	CHECK(gives("side('Agent 2')", "agent"));
	CHECK(gives("side('Cliente')", "customer"));
	CHECK(gives("side('Ana')", "NULL"));
	CHECK(gives("side(NULL)", "NULL"));
	CHECK(gives("side('Ana', '[{\"s\":\"Agent\"},{\"s\":\"Ana\"}]', 's')", "customer"));
	CHECK(gives("side('Ana', '{\"0\":{\"s\":\"Customer\"}}', 's')", "agent"));
	CHECK(gives("side('Ana', '[{\"s\":\"Agent\"},{\"s\":\"Customer\"}]', 's')", "NULL"));
	CHECK(gives("side('Bot 1', '[{\"s\":0}]', 's', 'Bot ')", "bot"));
	CHECK(gives("side('S 1', '[{\"s\":0},{\"s\":1}]', 's', 'Lume Casa')", "NULL"));
	CHECK(gives("side('Ana', 'no list', 's')", "NULL"));
}

/* What an expression becomes where `a` stands for "x + 1". */
static bool expands(const char *sql, const char *want)
{
	char name[] = "a", meaning[] = "x + 1";
	struct map_let let = {name, meaning};
	struct map m = {.let = &let, .let_n = 1};
	char *got = map_let_expand(&m, sql);
	bool same = strcmp(got, want) == 0;

	if (!same)
		printf("%s: got %s, want %s\n", sql, got, want);
	free(got);
	return same;
}

static void test_let(void)
{
	CHECK(expands("a * 2", "(x + 1) * 2"));
	CHECK(expands("A", "(x + 1)"));
	CHECK(expands("a(1) + aa + a1", "a(1) + aa + a1"));
	CHECK(expands("a  (1)", "a  (1)"));
	CHECK(expands("'a' || \"a\" || 'it''s a'", "'a' || \"a\" || 'it''s a'"));
	CHECK(expands("iif(a, 1a, 'a", "iif((x + 1), 1a, 'a"));
	CHECK(expands("", ""));
}

int main(void)
{
	test_times();
	test_formats();
	test_paths();
	test_functions();
	test_escapes();
	test_hash();
	test_texts();
	test_lists();
	test_lists_made();
	test_calls();
	test_let();
	return unit_end();
}
