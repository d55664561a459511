/* The page's figures: copies of definitions with dimensions of their own, so that all are read
 * together. */
#include "base/mem.h"
#include "core/store/measure.h"
#include "stage/choose.h"
#include "stage/page_part.h"

#include <stdlib.h>

#define GROUPS 12 /* of --by, and of where escalation occurs */

static const struct {
	const char *name;
	enum page_use use;
	const char *by; /* NULL: the definition's own */
	int64_t top;
} wanted[] = {
	{"contacts", USE_HEAD, NULL, 0},
	{"customers", USE_HEAD, NULL, 0},
	{"issues", USE_HEAD, NULL, 0},
	{"channel_switch_success.presumed", USE_HEAD, NULL, 0},
	{"channel_switch_success.explicit", USE_HEAD, NULL, 0},
	{"channel_switch_rate", USE_HEAD, NULL, 0},
	{"repeat_contact_rate", USE_HEAD, NULL, 0},
	{"repeat_contact_rate.other_channel", USE_HEAD, NULL, 0},
	{"first_contact_resolution.presumed", USE_HEAD, NULL, 0},
	{"reopen_rate", USE_HEAD, NULL, 0},
	{"repeated_question_rate", USE_HEAD, NULL, 0},
	{"repeat_information_rate", USE_HEAD, NULL, 0},
	{"escalation_rate", USE_HEAD, NULL, 0},
	{"transfer_rate", USE_HEAD, NULL, 0},
	{"handoff_rate", USE_HEAD, NULL, 0},
	{"no_follow_up_rate", USE_HEAD, NULL, 0},
	{"service_level", USE_HEAD, NULL, 0},
	{"conversion", USE_HEAD, NULL, 0},
	{"stalled_lead_rate", USE_HEAD, NULL, 0},
	{"opportunity_abandonment_rate", USE_HEAD, NULL, 0},
	{"contacts", USE_WEEK, "week", 0},
	{"channel_switch_success.presumed", USE_WEEK, "week", 0},
	{"repeat_contact_rate", USE_WEEK, "week", 0},
	{"first_contact_resolution.presumed", USE_WEEK, "week", 0},
	{"escalation_rate", USE_WEEK, "week", 0},
	{"no_follow_up_rate", USE_WEEK, "week", 0},
	{"escalation_rate", USE_CHANNEL, "channel", GROUPS},
	{"escalation_rate", USE_STAGE, "stage", GROUPS},
	{"escalation_rate", USE_FAMILY, "family", GROUPS},
	{"conversion_by_channel.contacts", USE_CHANNEL, NULL, GROUPS},
	{"conversion_by_channel.any", USE_CHANNEL, NULL, GROUPS},
	{"conversion_by_channel.last", USE_CHANNEL, NULL, GROUPS},
	{"funnel", USE_STAGE, NULL, 0},
	{"funnel.continued", USE_STAGE, NULL, 0},
	{"recurring_questions", USE_QUESTION, NULL, 15},
	{"contacts", USE_BY, NULL, GROUPS},
	{"channel_switch_success.presumed", USE_BY, NULL, GROUPS},
	{"repeat_contact_rate", USE_BY, NULL, GROUPS},
	{"first_contact_resolution.presumed", USE_BY, NULL, GROUPS},
	{"escalation_rate", USE_BY, NULL, GROUPS},
	{"conversion", USE_BY, NULL, GROUPS},
};
#define WANTED (sizeof(wanted) / sizeof(wanted[0]))

/* A shallow copy, whose words of `by` alone are its own. */
static struct metric *copy_of(const struct metric *m, const char *const *by, size_t n, int64_t top)
{
	struct metric *copy = mem_zero(1, sizeof(*copy));

	*copy = *m;
	if (top)
		copy->top = top;
	copy->by = (struct metric_words){.line = m->by.line};
	for (size_t i = 0; i < n; i++)
		*VEC_ADD(&copy->by, v, n, cap) = mem_string(by[i]);
	for (size_t i = 0; i < m->by.n; i++)
		if (!metric_words_have(&copy->by, m->by.v[i]))
			*VEC_ADD(&copy->by, v, n, cap) = mem_string(m->by.v[i]);
	return copy;
}

static void want(struct figures *f, const struct metric *m, enum page_use use,
	const char *const *by, size_t by_n, int64_t top)
{
	size_t n = f->metric_n + 1;

	f->metrics = mem_resize(f->metrics, n * sizeof(struct metric *));
	f->uses = mem_resize(f->uses, n * sizeof(*f->uses));
	f->defined = mem_resize(f->defined, n * sizeof(*f->defined));
	f->metrics[n - 1] = copy_of(m, by, by_n, top);
	f->uses[n - 1] = use;
	f->defined[n - 1] = m;
	f->metric_n = n;
}

/* Whether its fact has the dimensions of --by. */
static bool fits(const struct page_ask *ask, const struct metric *m)
{
	struct measure asked = {.by = ask->by->v, .by_n = ask->by->n};
	struct metric_choice c = {NULL, 0, 0};
	struct buf why = BUF_INIT;
	bool fit;

	choose_metric(&c, m);
	fit = choose_what_fits(&c, store_handle(ask->store), &asked, false, true, &why) == 0;
	fit = fit && c.n > 0;
	free(c.v);
	buf_release(&why);
	return fit;
}

static void want_all(struct figures *f, const struct page_ask *ask, bool head_alone)
{
	for (size_t i = 0; i < WANTED; i++) {
		const struct metric *m = choose_find(ask->metrics, str_of(wanted[i].name));
		bool grouped = wanted[i].use == USE_BY;

		if (!m || (head_alone && wanted[i].use != USE_HEAD))
			continue;
		if (!grouped)
			want(f, m, wanted[i].use, &wanted[i].by, wanted[i].by != NULL,
				wanted[i].top);
		else if (ask->by->n && fits(ask, m))
			want(f, m, USE_BY, ask->by->v, ask->by->n, wanted[i].top);
	}
}

/* ---- results ---- */

static int take(void *ctx, const struct measure_result *r, struct buf *err)
{
	struct figures *f = ctx;
	struct figure *one = *VEC_ADD(f, v, n, cap) = mem_zero(1, sizeof(*one));

	(void)err;
	one->r = *r;
	one->values = mem_zero(r->dimension_n + 1, sizeof(*one->values));
	for (size_t i = 0; i < r->dimension_n; i++)
		if (r->values && r->values[i].s)
			one->values[i] = (struct str){
				mem_copy(r->values[i].s, r->values[i].len), r->values[i].len};
	one->r.values = one->values;
	if (r->missing)
		one->r.missing = mem_string(r->missing);
	if (r->before) {
		one->before = *r->before;
		one->r.before = &one->before;
	}
	for (size_t i = 0; i < f->metric_n; i++)
		if (f->metrics[i] == r->metric)
			one->use = f->uses[i];
	return 0;
}

static int measure(struct figures *f, struct measure *m, struct sqlite3 *db, struct buf *err)
{
	m->metrics = (const struct metric *const *)f->metrics;
	m->metric_n = f->metric_n;
	return measure_all(db, m, take, f, err);
}

int figures_read(struct figures *f, const struct page_ask *ask, int64_t horizon, struct buf *err)
{
	struct measure m = {.beside = ask->beside,
		.horizon = horizon,
		.has_since = ask->has_since,
		.has_until = ask->has_until,
		.since = ask->since,
		.until = ask->until};

	want_all(f, ask, false);
	if (ask->by->n && (!f->metric_n || f->uses[f->metric_n - 1] != USE_BY)) {
		buf_puts(err, "--by: no figure of the page has such a dimension: ");
		buf_puts(err, ask->by->v[0]);
		return STORE_ERROR;
	}
	return measure(f, &m, store_handle(ask->store), err);
}

int figures_compare(struct figures *f, const struct page_ask *ask, int64_t horizon,
	const struct page_change *change, struct buf *err)
{
	const struct measure_side sides[2] = {{.since = change->from, .until = change->middle},
		{.since = change->middle, .until = change->to}};
	struct measure m = {.beside = ask->beside,
		.horizon = horizon,
		.sides = sides,
		.side_names = {"before", "after"}};

	want_all(f, ask, true);
	return measure(f, &m, store_handle(ask->store), err);
}

void figures_release(struct figures *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct figure *one = f->v[i];

		for (size_t j = 0; j < one->r.dimension_n; j++)
			free((char *)(uintptr_t)one->values[j].s);
		free((char *)(uintptr_t)one->r.missing);
		free(one->values);
		free(one);
	}
	for (size_t i = 0; i < f->metric_n; i++) {
		for (size_t j = 0; j < f->metrics[i]->by.n; j++)
			free(f->metrics[i]->by.v[j]);
		free(f->metrics[i]->by.v);
		free(f->metrics[i]);
	}
	free(f->metrics);
	free(f->uses);
	free(f->defined);
	free(f->v);
}

static bool is(const struct figure *one, enum page_use use, const char *name, const char *statistic)
{
	return one->use == use && strcmp(one->r.metric->name, name) == 0 &&
	       (!statistic || (one->r.statistic && strcmp(one->r.statistic, statistic) == 0));
}

const struct figure *figures_get(
	const struct figures *f, enum page_use use, const char *name, const char *statistic)
{
	for (size_t i = 0; i < f->n; i++)
		if (is(f->v[i], use, name, statistic))
			return f->v[i];
	return NULL;
}

static bool alike(const struct figure *a, const struct figure *b)
{
	if (a->r.dimension_n != b->r.dimension_n)
		return false;
	for (size_t i = 0; i < a->r.dimension_n; i++) {
		bool none = !a->values[i].s;

		if (none != !b->values[i].s || (!none && !str_eq(a->values[i], b->values[i])))
			return false;
	}
	return true;
}

const struct figure *figures_like(const struct figures *f, enum page_use use, const char *name,
	const char *statistic, const struct figure *like)
{
	for (size_t i = 0; i < f->n; i++)
		if (is(f->v[i], use, name, statistic) && alike(f->v[i], like))
			return f->v[i];
	return NULL;
}
