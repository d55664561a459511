#include "io/regex.h"
#include "unit.h"

static void test_groups(void)
{
	struct buf err = BUF_INIT;
	struct regex *r = regex_compile(STR("order[ #]*(\\d+)(x)?"), true, &err);
	struct str whole, group;

	CHECK(r && !err.len);
	CHECK(regex_match(r, STR("my ORDER #42 is late"), &whole, &group));
	CHECK(str_is(whole, "ORDER #42") && str_is(group, "42"));
	CHECK(regex_group(r, STR("order 7"), 2, &group) && !group.s);
	CHECK(regex_group(r, STR("order 7"), 9, &group) && !group.s);
	CHECK(!regex_match(r, STR("nothing"), &whole, &group) && !whole.s && !group.s);
	CHECK(!regex_match(r, (struct str){NULL, 0}, NULL, NULL));
	regex_free(r);
	buf_release(&err);
}

static void test_unicode(void)
{
	struct buf err = BUF_INIT;
	struct regex *r = regex_compile(STR("\xc3\xa9t\xc3\xa9"), true, &err);

	CHECK(regex_match(r, STR("\xc3\x89T\xc3\x89"), NULL, NULL));
	CHECK(!regex_match(r, STR("\xe9t\xe9"), NULL, NULL));
	regex_free(r);
	buf_release(&err);
}

static void test_refusals(void)
{
	struct buf err = BUF_INIT;

	CHECK(!regex_compile(STR("a(b"), false, &err));
	CHECK(str_find(buf_str(&err), STR("at character 3")) >= 0);
	regex_free(NULL);
	buf_release(&err);
}

static void test_runaway(void)
{
	struct buf err = BUF_INIT, text = BUF_INIT;
	struct regex *r = regex_compile(STR("(a+)+$"), false, &err);

	for (int i = 0; i < 5000; i++)
		buf_byte(&text, 'a');
	buf_byte(&text, 'b');
	CHECK(!regex_match(r, buf_str(&text), NULL, NULL));
	regex_free(r);
	buf_release(&text);
	buf_release(&err);
}

int main(void)
{
	test_groups();
	test_unicode();
	test_refusals();
	test_runaway();
	return unit_end();
}
