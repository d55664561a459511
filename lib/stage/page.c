#include "stage/page.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/store/identities.h"
#include "stage/page_part.h"
#include "stage/standing.h"

#include <stdlib.h>

#define CHANGE_DAYS 28 /* of a report over the whole log */

static int64_t local_day(int64_t day)
{
	struct civil c;

	utc_civil(day * WHEN_DAY, &c);
	return when_local(&c);
}

static int by_number(const void *pa, const void *pb)
{
	const int64_t *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

/* The day behind the last week with at least half as many contacts as half of the weeks have: a few
 * stragglers behind the end of all exports are no period. */
static int64_t last_day(const struct page_weeks *w)
{
	int64_t *n = mem_alloc(w->n * sizeof(*n)), middle;
	size_t last = w->n - 1;

	for (size_t i = 0; i < w->n; i++)
		n[i] = w->v[i].n;
	qsort(n, w->n, sizeof(*n), by_number);
	middle = n[w->n / 2];
	free(n);
	while (last > 0 && 2 * w->v[last].n < middle)
		last--;
	return w->v[last].monday + 7;
}

/*
 * What is compared: the period asked for with as long a one before it; of a whole log its last 28
 * whole days, or as many as there are two of.
 */
static void find_change(struct page *p)
{
	const struct page_ask *ask = p->ask;
	const struct page_weeks *w = &p->counts.weeks;
	int64_t end = ask->has_until ? ask->until : p->place.horizon, day, days;
	struct civil c;

	if (ask->has_since) {
		p->change = (struct page_change){
			end > ask->since, 2 * ask->since - end, ask->since, end};
		return;
	}
	if (!w->n)
		return;
	local_civil(end, &c, NULL);
	day = civil_utc(&(struct civil){.year = c.year, .month = c.month, .day = c.day}) / WHEN_DAY;
	day = last_day(w) < day ? last_day(w) : day;
	days = (day - w->v[0].monday) / 2;
	days = days < CHANGE_DAYS ? days : CHANGE_DAYS;
	p->change = (struct page_change){
		days > 0, local_day(day - 2 * days), local_day(day - days), local_day(day)};
}

static void put_notes(struct page *p)
{
	if (!p->place.sequence) {
		buf_puts(&p->note, "As of an empty log.");
		buf_puts(&p->brief, "As of an empty log.");
		return;
	}
	buf_puts(&p->brief, "As of ");
	page_minute(&p->brief, p->place.as_of);
	buf_printf(&p->brief, ", record %lld", (long long)p->place.sequence);
	buf_put(&p->note, buf_str(&p->brief));
	buf_puts(&p->note, "; events seen up to ");
	page_minute(&p->note, p->place.horizon);
	buf_byte(&p->note, '.');
	buf_byte(&p->brief, '.');
}

static int add_nobody(void *ctx, const char *name, bool shared, int64_t count, struct buf *err)
{
	struct buf *text = ctx;

	(void)shared;
	(void)err;
	buf_printf(text, "%s%s (", text->len ? ", " : "", name);
	page_count(text, count);
	buf_puts(text, " records)");
	return 0;
}

static int read_quality(struct page *p, struct buf *err)
{
	const struct measure m = {.metrics = (const struct metric *const *)p->figures.metrics,
		.metric_n = p->figures.metric_n,
		.horizon = p->place.horizon};
	int status = measure_stale(store_handle(p->ask->store), &m, &p->stale, err);

	return status == 0 ? store_nobodies(p->ask->store, add_nobody, &p->nobodies, err) : status;
}

static int gather(struct page *p, struct buf *err)
{
	const struct page_ask *ask = p->ask;
	int status = standing_find(ask->store, NULL, &p->place, err);

	if (status == 0)
		status =
			counts_read(&p->counts, ask->store, ask->has_since ? ask->since : INT64_MIN,
				ask->has_until ? ask->until : INT64_MAX, err);
	if (status < 0)
		return status;
	find_change(p);
	put_notes(p);
	status = figures_read(&p->figures, ask, p->place.horizon, err);
	if (status == 0 && p->change.has)
		status = figures_compare(&p->changes, ask, p->place.horizon, &p->change, err);
	if (status == 0)
		status = failures_read(&p->failures, ask, p->place.horizon, err);
	return status == 0 ? read_quality(p, err) : status;
}

static void write_all(struct page *p)
{
	page_begin(p);
	page_headline(p);
	page_trends(p);
	page_flows(p);
	page_funnel(p);
	page_switches(p);
	page_escalations(p);
	page_channels(p);
	page_questions(p);
	page_hours(p);
	page_groups(p);
	page_quality(p);
	page_definitions(p);
	page_end(p);
}

int page_write(const struct page_ask *ask, struct buf *out, struct buf *err)
{
	struct page p = {.ask = ask,
		.out = out,
		.place = {.ontology = ask->ontology->label},
		.note = BUF_INIT,
		.brief = BUF_INIT,
		.stale = BUF_INIT,
		.nobodies = BUF_INIT};
	int status = gather(&p, err);

	if (status == 0)
		write_all(&p);
	figures_release(&p.figures);
	figures_release(&p.changes);
	counts_release(&p.counts);
	failures_release(&p.failures);
	buf_release(&p.note);
	buf_release(&p.brief);
	buf_release(&p.stale);
	buf_release(&p.nobodies);
	return status;
}
