#include "core/hours.h"
#include "unit.h"

static struct hours *hours;

static int64_t at(const char *time)
{
	int64_t when = 0;

	CHECK(when_parse(str_of(time), &when));
	return when;
}

/* Minutes open from one time to another. */
static double open(const char *from, const char *to)
{
	return (double)hours_between(hours, at(from), at(to)) / WHEN_MINUTE;
}

static void close_on(const char *date)
{
	struct civil c;

	CHECK(when_date(str_of(date), &c));
	hours_close(hours, &c);
}

/* Monday to Friday from nine to six, Saturday to one. */
static void begin(const char *zone)
{
	hours = hours_new(zone);
	for (int day = 1; day <= 5; day++)
		hours_open(hours, day, 9 * 60, 18 * 60);
	hours_open(hours, 6, 9 * 60, 13 * 60);
}

static void test_week(void)
{
	begin("UTC");
	/* 2026-03-02 is a Monday. */
	CHECK(open("2026-03-02T10:00:00Z", "2026-03-02T10:30:00Z") == 30);
	CHECK(open("2026-03-02T07:00:00Z", "2026-03-02T08:59:00Z") == 0);
	CHECK(open("2026-03-02T08:00:00Z", "2026-03-02T09:05:00Z") == 5);
	CHECK(open("2026-03-02T17:50:00Z", "2026-03-03T09:05:00Z") == 15);
	CHECK(open("2026-03-02T10:00:00Z", "2026-03-02T10:00:00.750Z") == 0.0125);
	CHECK(open("2026-03-06T17:00:00Z", "2026-03-09T10:00:00Z") == 60 + 4 * 60 + 60);
	CHECK(open("2026-03-07T13:00:00Z", "2026-03-09T09:00:00Z") == 0);
	CHECK(open("2026-03-02T00:00:00Z", "2027-03-01T00:00:00Z") == 52 * 49 * 60);
	CHECK(open("2026-03-03T09:00:00Z", "2026-03-02T09:00:00Z") == 0);
	CHECK(open("1969-12-29T00:00:00Z", "1970-01-05T00:00:00Z") == 49 * 60);
	CHECK(open("0001-01-01T00:00:00Z", "0001-01-08T00:00:00Z") == 49 * 60);
	CHECK(open("9999-12-20T00:00:00Z", "9999-12-27T00:00:00Z") == 49 * 60);
	hours_free(hours);
}

static void test_spans(void)
{
	hours = hours_new("UTC");
	hours_open(hours, 1, 9 * 60, 12 * 60);
	hours_open(hours, 1, 13 * 60, 18 * 60);
	hours_open(hours, 1, 17 * 60, 19 * 60);
	CHECK(open("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z") == 9 * 60);
	/* Saturday night, into the week's first day. */
	hours_open(hours, 6, 22 * 60, 2 * 60);
	CHECK(open("2026-03-07T00:00:00Z", "2026-03-09T00:00:00Z") == 4 * 60);
	CHECK(open("2026-03-08T01:00:00Z", "2026-03-09T00:00:00Z") == 60);
	hours_free(hours);
	hours = hours_new("UTC");
	hours_open(hours, 3, 0, 24 * 60);
	CHECK(open("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z") == 24 * 60);
	hours_free(hours);
	hours = hours_new("UTC");
	hours_open(hours, 3, 0, 0);
	CHECK(open("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z") == 24 * 60);
	hours_free(hours);
}

static void test_holidays(void)
{
	begin("America/Sao_Paulo"); /* three hours behind UTC */
	close_on("2026-12-25");	    /* a Friday */
	close_on("2026-03-03");
	close_on("2026-12-25");
	close_on("2026-03-01"); /* a Sunday */
	CHECK(open("2026-12-24T20:00:00Z", "2026-12-26T13:00:00Z") == 60 + 60);
	CHECK(open("2026-12-25T13:00:00Z", "2026-12-25T14:00:00Z") == 0);
	CHECK(open("2026-12-25T13:00:00Z", "2026-12-26T12:30:00Z") == 30);
	CHECK(open("2026-03-01T00:00:00Z", "2026-03-08T03:00:00Z") == 40 * 60);
	CHECK(open("2026-02-23T03:00:00Z", "2026-03-02T03:00:00Z") == 49 * 60);
	/* Midnight there. */
	CHECK(open("2026-03-04T02:59:00Z", "2026-03-04T12:01:00Z") == 1);
	hours_free(hours);
}

static void test_summer_time(void)
{
	begin("Europe/Lisbon"); /* an hour ahead of UTC from 2026-03-29 to 2026-10-25 */
	CHECK(open("2026-03-27T17:00:00Z", "2026-03-30T09:00:00Z") == 60 + 4 * 60 + 60);
	CHECK(open("2026-10-23T16:00:00Z", "2026-10-26T10:00:00Z") == 60 + 4 * 60 + 60);
	CHECK(open("2099-07-01T08:00:00Z", "2099-07-01T09:00:00Z") == 60);
	hours_free(hours);
	/* Open all night: the night is an hour shorter, and an hour longer. */
	hours = hours_new("Europe/Lisbon");
	hours_open(hours, 0, 0, 3 * 60);
	CHECK(open("2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z") == 2 * 60);
	CHECK(open("2026-10-24T23:00:00Z", "2026-10-25T12:00:00Z") == 4 * 60);
	CHECK(open("2026-10-25T00:59:59Z", "2026-10-25T01:00:01Z") * 60 == 2);
	/* From the very second on. */
	CHECK(open("2026-03-29T00:59:59Z", "2026-03-29T01:00:01Z") * 60 == 2);
	CHECK(open("2026-03-29T01:59:59Z", "2026-03-29T02:00:01Z") * 60 == 1);
	hours_free(hours);
	/* There was no Friday. */
	begin("Pacific/Apia");
	CHECK(open("2011-12-29T18:00:00Z", "2011-12-31T10:00:00Z") == (9 + 4) * 60);
	hours_free(hours);
	begin("+05:30");
	CHECK(open("2026-03-02T03:00:00Z", "2026-03-02T04:00:00Z") == 30);
	hours_free(hours);
}

int main(void)
{
	test_week();
	test_spans();
	test_holidays();
	test_summer_time();
	return unit_end();
}
