/* A scenario, whose texts are the shipped ones, and the hours of its span. */
#include "fuzz.h"
#include "gen/scenario.h"

static void rises(const struct weights *w)
{
	FUZZ_CHECK(w->n > 0 && w->v[w->n - 1] > 0);
	for (size_t i = 1; i < w->n; i++)
		FUZZ_CHECK(w->v[i] >= w->v[i - 1]);
}

static void look(struct scenario *s)
{
	struct buf err = BUF_INIT;

	rises(&s->language);
	rises(&s->channel);
	rises(&s->intent);
	rises(&s->outcome);
	FUZZ_CHECK(s->supervisor > 0 && s->supervisor < s->agent_n);
	FUZZ_CHECK(s->kind_n > 0 && s->kind_n <= KINDS_MAX);
	FUZZ_CHECK(s->days > 0 && s->days <= SCENARIO_DAYS_MAX * WHEN_DAY);
	/* The longer a span, the more hours there are to be weighed. */
	s->days = s->days > 9 * WHEN_DAY ? 9 * WHEN_DAY : s->days;
	if (scenario_begin(s, &err) == 0)
		FUZZ_CHECK(s->activity.v[s->activity.n - 1] > 0 && s->busiest > 0);
	else
		FUZZ_CHECK(err.len > 0);
	buf_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ontology *o;
	struct buf err = BUF_INIT;
	struct scenario *s;

	if (!o)
		o = ontology_read(NULL, &err);
	FUZZ_CHECK(o != NULL);
	s = scenario_read(fuzz_file((struct str){(const char *)data, size}), o, &err);
	if (s)
		look(s);
	else
		FUZZ_CHECK(err.len > 0);
	scenario_free(s);
	buf_release(&err);
	return 0;
}
