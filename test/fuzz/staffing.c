/* A staffing file: spans lie apart and in order, hours are hours of a week, durations positive. */
#include "decided.h"
#include "core/staffing.h"

#define DAYS 40 /* of its arrivals, that are looked at */

static void look_at_staff(const struct staff *staff)
{
	struct spans spans = {.v = NULL};
	int64_t last = INT64_MIN;

	staffing_spans(
		staff, INT64_C(1772409600000), INT64_C(1772409600000) + 21 * WHEN_DAY, &spans);
	for (size_t i = 0; i < spans.n; i++) {
		FUZZ_CHECK(spans.v[i].from < spans.v[i].to && spans.v[i].from > last);
		last = spans.v[i].to;
	}
	free(spans.v);
}

static void look(struct staffing *s)
{
	unsigned char *hours;

	for (size_t i = 0; i < s->staff_n; i++)
		look_at_staff(&s->staff[i]);
	s->length = s->length > DAYS * WHEN_DAY ? DAYS * WHEN_DAY : s->length;
	hours = staffing_hours(s);
	for (int64_t i = 0; hours && i < s->length / STAFFING_QUARTER; i++)
		FUZZ_CHECK(hours[i] < 7 * 24);
	free(hours);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf err = BUF_INIT;
	struct staffing *s = staffing_read(
		fuzz_file((struct str){(const char *)data, size}), decided_ontology(), &err);

	if (s)
		look(s);
	else
		FUZZ_CHECK(err.len > 0);
	staffing_free(s);
	buf_release(&err);
	return 0;
}
