#include "core/version.h"
#include "unit.h"

static bool order(const char *a, const char *b, int as)
{
	struct version x, y;

	return version_parse(a, &x) && version_parse(b, &y) && version_compare(&x, &y) == as &&
	       version_compare(&y, &x) == -as;
}

static void test_parse(void)
{
	static const char *const none[] = {
		"", "x", "1.x", "1.", ".1", "1..2", "1.2.3.4", "a", "1.2-rc", " 1", "-1"};
	struct version v;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		CHECK(!version_parse(none[i], &v));
	CHECK(version_parse("10.2", &v) && v.part[0] == 10 && v.part[1] == 2 && v.part[2] == 0);
	CHECK(!version_parse("99999999999999999999", &v));
}

static void test_compare(void)
{
	CHECK(order("1.2.3", "1.2.3", 0) && order("1", "1.0.0", 0));
	CHECK(order("1.2.3", "1.10.0", -1) && order("2", "1.99.99", 1) && order("1.0.1", "1", 1));
}

static void test_fits(void)
{
	bool wish;

	CHECK(version_fits("1.4.2", "1.x", &wish) && wish);
	CHECK(version_fits("1.4.2", "1.4.x", NULL) && version_fits("1.4.2", "1.4.2", NULL));
	CHECK(!version_fits("1.4.2", "1.4", &wish) && wish);
	CHECK(!version_fits("10.0.0", "1.x", NULL) && !version_fits("1.5.0", "1.4.x", NULL));
	CHECK(!version_fits("1.4.2", "x", &wish) && !wish);
	CHECK(!version_fits("next", "1.x", &wish) && wish);
}

int main(void)
{
	test_parse();
	test_compare();
	test_fits();
	return unit_end();
}
