/* Rules of identity as a log keeps them. */
#include "core/kinds.h"
#include "unit.h"

static void test_text(void)
{
	struct kinds k;

	CHECK(kinds_read(&k, STR("normal\ncrm 0\nemail 2\nphone 3\n")));
	CHECK(k.n == 3);
	CHECK(kinds_rank(&k, STR("crm")) == 1 && kinds_rank(&k, STR("crm:group")) == 1);
	CHECK(kinds_rank(&k, STR("phone")) == 3);
	/* Those that are not listed come last, all alike. */
	CHECK(kinds_rank(&k, STR("loyalty")) == 4 && kinds_rank(&k, STR("")) == 4);
	CHECK(kinds_rank(&k, STR("crmx")) == 4);
	CHECK(kinds_limit(&k, 1) == 0 && kinds_limit(&k, 2) == 2 && kinds_limit(&k, 4) == 0);
	CHECK(kinds_read(&k, STR("")) && k.n == 0);
	CHECK(!kinds_read(&k, STR("normal\ncrm\n")));
	CHECK(!kinds_read(&k, STR("normal\ncrm x\n")));
	CHECK(!kinds_read(&k, STR("normal\n 1\n")));
	CHECK(!kinds_read(&k, STR("normal\nabcdefghijklmnopqrstuvwxyzabcdefghijkl 1\n")));
}

static void test_names(void)
{
	enum identity_rules rules;

	CHECK(kinds_rules("loose", &rules) && rules == IDENTITY_LOOSE);
	CHECK(!kinds_rules("", &rules) && !kinds_rules("Loose", &rules));
}

int main(void)
{
	test_text();
	test_names();
	return unit_end();
}
