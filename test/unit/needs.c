#include "core/needs.h"
#include "io/regex.h"
#include "unit.h"

/* Whether a text would be passed over. */
static bool passed(const char *pattern, const char *text)
{
	return needs_of_pattern(str_of(pattern)) & ~needs_of_text(str_of(text));
}

/* The same by runs alone. */
static bool passed_by_runs(const char *pattern, const char *text)
{
	struct needs_any any;
	struct needs_pairs pairs;

	needs_any_of_pattern(str_of(pattern), &any);
	needs_pairs_of_text(str_of(text), &pairs);
	return !needs_any_met(&any, &pairs);
}

static void test_runs(void)
{
	CHECK(passed_by_runs("\\b(?:order|purchase) me\\b", "an ode to them"));
	CHECK(!passed_by_runs("order|purchase", "Re-ORDERED") && passed_by_runs("order", "or der"));
	CHECK(passed_by_runs("(?<!x)(?:yes|no) (?:sold|gone)?", "nay") &&
		!passed_by_runs("(?:yes|no) (?:sold|gone)?", "no "));
	CHECK(passed_by_runs("(?:it|my order) arrived", "it is my order") &&
		!passed_by_runs("(?:it|my order) arrived", "x arrived"));
	CHECK(!passed_by_runs("(?:late|.)", "x") && !passed_by_runs("(?!late)", "x"));
	CHECK(!passed_by_runs("la?te", "lte") && !passed_by_runs("(?:late)?", "x"));
	CHECK(passed_by_runs("(?:late)+", "x") && passed_by_runs("(?=late)", "x"));
	CHECK(!passed_by_runs("resolvid[oa]", "resolvida") && !passed_by_runs("l[a]te", "LATE"));
}

static void test_passing(void)
{
	CHECK(passed("\\d", "none"));
	CHECK(!passed("\\d", "a 7"));
	CHECK(passed("#(\\d{4,})", "4444"));
	CHECK(!passed("x*", ""));
	CHECK(!passed("x?", "") && !passed("x{0,3}", "") && !passed("(?:x|)", ""));
	CHECK(passed("x+", "") && passed("x{2}", "") && passed("(?i:x)", "") && passed("(x)", ""));
	CHECK(passed("order|purchase", "pay"));
	CHECK(!passed("order|purchase", "re"));
	CHECK(passed("[1-9]", "none") && passed("[0-9a]|[0-9]x", "b") == false);
	CHECK(passed("[@]", "none") && !passed("[@#]", "none") && !passed("[^@]", "none"));
	CHECK(passed("\\$", "none") && passed("a\\.b", "ab"));
	CHECK(passed("(?=x)y*", "none") && passed("(?<=x)", "none"));
	CHECK(!passed("(?!x)y*", "none") && !passed("(?<!x)", "none") && !passed("(?=x)?", "none"));
	CHECK(passed("\xf0\x9f\x91\x8d", "plain") && !passed("\xf0\x9f\x91\x8d", "\xc3\xa9"));
	CHECK(passed("ABC", "ab") && !passed("ABC", "xcbax"));
}

static void test_digits(void)
{
	static const struct {
		const char *pattern;
		size_t digits;
	} all[] = {{"\\d", 1}, {"\\d{4,12}", 4}, {"\\d?", 0}, {"\\d+x\\d", 2},
		{"(?:\\d{2}|\\d{3})", 2}, {"(\\d{2}){3}", 6}, {"(?:\\d|x)", 0}, {"[1-9]\\d*", 1},
		{"(?!\\d)\\d", 1}, {"(?<!\\d)(x\\d{2})?\\d{5}", 5}, {"7", 1}, {"[a1]", 0},
		{"(?>\\d)", 0}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		CHECK(needs_digits_of_pattern(str_of(all[i].pattern)) == all[i].digits);
	CHECK(needs_digits_of_text(STR("a1b22")) == 3 && needs_digits_of_text(STR("")) == 0);
	/* What other scripts write may be any number of digits. */
	CHECK(needs_digits_of_text(STR("\xd9\xa3")) >= 1);
}

static void test_unsure(void)
{
	static const char *const patterns[] = {"(?<n>x)", "(*UTF)x", "\\Qx\\E", "\\x41", "(?x) y",
		"[[:digit:]]", "(?(1)x)", "x\\1", "(?>x)", "(?|x)", "(x", "[x", "x)"};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		CHECK(!needs_of_pattern(str_of(patterns[i])));
}

/* What matches is never passed over, in any case and script. */
static void test_sound(void)
{
	static const char *const pairs[][2] = {{"k", "\xe2\x84\xaa"}, {"s", "\xc5\xbf"},
		{"\xc5\xbf", "s"}, {"\xe2\x84\xaa", "k"}, {"\\d", "\xd9\xa3"},
		{"\\d", "\xef\xbc\x93"}, {"order", "ORDER"}, {"ORDER", "order"},
		{"\xc3\x87", "\xc3\xa7"}, {"[1]", "1"}, {"a{,2}b", "a{,2}b"}, {"a{x", "a{x"},
		{"[]a]", "]"}, {"[a-]", "-"}, {"[^a]", "b"}, {"[\\d-]", "-"}, {"(?-i:AB)c", "ABC"},
		{"\\p{Lu}", "A"}, {"a|b|\\d", "b"}, {"x{0}y", "y"}, {"(?:ab)?c", "c"},
		{"(a|(b))+?", "b"}, {"[1-z]", "a"}, {"ask", "a\xc5\xbf\xe2\x84\xaa"},
		{"a\xc5\xbfk", "ask"}, {"a\\d", "a\xd9\xa3"}, {"ab+c", "abbc"}, {"ab{2}c", "abbc"},
		{"a b", "A B"}, {"ab(?:c|)d", "abd"}, {"a\\bb|cd", "cd"}, {"(?:ab|cd){0}ef", "ef"}};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct buf err = BUF_INIT;
		struct regex *r = regex_compile(str_of(pairs[i][0]), true, &err);

		CHECK(r);
		if (r && regex_match(r, str_of(pairs[i][1]), NULL, NULL))
			CHECK(!passed(pairs[i][0], pairs[i][1]) &&
				!passed_by_runs(pairs[i][0], pairs[i][1]));
		regex_free(r);
		buf_release(&err);
	}
}

int main(void)
{
	test_passing();
	test_runs();
	test_digits();
	test_unsure();
	test_sound();
	return unit_end();
}
