/* What one pass over contacts counts. */
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "core/store/overview.h"
#include "stage/page_part.h"

#include <stdlib.h>

/* A contact of the customer at hand. */
struct visit {
	int64_t issue, started, contact;
	size_t channel;
};

struct counting {
	struct page_counts *c;
	int64_t customer;
	struct visit *v;
	size_t n, cap;
};

static struct page_name *name_of(struct page_names *names, struct str s)
{
	struct str whole = s.s ? s : STR(""), shown = text_cut(whole, PAGE_NAME);
	bool fresh;
	union map_value *v = map_slot(&names->index, whole, &fresh);

	if (fresh) {
		v->n = (int64_t)names->n;
		*VEC_ADD(names, v, n, cap) = (struct page_name){
			.name = mem_copy(shown.s, shown.len), .first = INT64_MAX};
	}
	return &names->v[v->n];
}

static void count_in(struct page_name *name, const struct overview_row *row)
{
	name->contacts++;
	name->unlabelled += row->hers && !row->intent.s;
	name->assumed += row->assumed;
	name->unknown += !row->known;
	if (row->started < name->first)
		name->first = row->started;
	if (row->ended > name->last)
		name->last = row->ended;
}

static int by_issue(const void *pa, const void *pb)
{
	const struct visit *a = pa, *b = pb;

	if (a->issue != b->issue)
		return a->issue < b->issue ? -1 : 1;
	if (a->started != b->started)
		return a->started < b->started ? -1 : 1;
	return (a->contact > b->contact) - (a->contact < b->contact);
}

/* The contacts of one issue, in their order. */
static void count_issue(struct page_counts *c, const struct visit *v, size_t n)
{
	c->issues++;
	c->longer += n > 1;
	for (size_t i = 0; i < n && n > 1 && i < PAGE_STEPS; i++) {
		c->steps[i][v[i].channel]++;
		if (i > 0)
			c->flow[i - 1][v[i - 1].channel][v[i].channel]++;
	}
}

static void end_customer(struct counting *k)
{
	if (k->n)
		qsort(k->v, k->n, sizeof(*k->v), by_issue);
	for (size_t i = 0, end; i < k->n; i = end) {
		for (end = i + 1; end < k->n && k->v[end].issue == k->v[i].issue;)
			end++;
		count_issue(k->c, &k->v[i], end - i);
	}
	k->n = 0;
}

static void count_week(struct page_weeks *w, const struct civil *at, int weekday)
{
	int64_t day =
		civil_utc(&(struct civil){.year = at->year, .month = at->month, .day = at->day}) /
		WHEN_DAY;
	int64_t monday = day - (weekday + 6) % 7;
	bool fresh;
	union map_value *v =
		map_slot(&w->index, (struct str){(const char *)&monday, sizeof(monday)}, &fresh);

	if (fresh) {
		v->n = (int64_t)w->n;
		*VEC_ADD(w, v, n, cap) = (struct page_week){monday, 0};
	}
	w->v[v->n].n++;
}

static int by_monday(const void *pa, const void *pb)
{
	const struct page_week *a = pa, *b = pb;

	return (a->monday > b->monday) - (a->monday < b->monday);
}

static int take(void *ctx, const struct overview_row *row, struct buf *err)
{
	struct counting *k = ctx;
	struct page_counts *c = k->c;
	struct page_name *channel = name_of(&c->channels, row->channel);
	size_t number = (size_t)(channel - c->channels.v);
	struct civil at;
	int weekday;

	(void)err;
	if (row->customer != k->customer)
		end_customer(k);
	k->customer = row->customer;
	*VEC_ADD(k, v, n, cap) = (struct visit){row->issue, row->started, row->contact,
		number < PAGE_CHANNELS ? number : PAGE_CHANNELS - 1};
	count_in(channel, row);
	count_in(name_of(&c->sources, row->source), row);
	local_civil(row->started, &at, &weekday);
	c->hours[(weekday + 6) % 7][at.hour]++;
	count_week(&c->weeks, &at, weekday);
	c->contacts++;
	c->hers += row->hers;
	c->unlabelled += row->hers && !row->intent.s;
	c->assumed += row->assumed;
	c->unknown += !row->known;
	c->handled += row->handled;
	if (row->handled && row->escalated) {
		c->escalated++;
		count_in(name_of(&c->reasons, row->reason), row);
	}
	return 0;
}

int counts_read(
	struct page_counts *c, struct store *s, int64_t since, int64_t until, struct buf *err)
{
	struct counting k = {.c = c};
	int status = overview_read(s, since, until, take, &k, err);

	end_customer(&k);
	free(k.v);
	if (c->weeks.n)
		qsort(c->weeks.v, c->weeks.n, sizeof(*c->weeks.v), by_monday);
	return status;
}

static void release_names(struct page_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i].name);
	free(names->v);
	map_release(&names->index);
}

void counts_release(struct page_counts *c)
{
	release_names(&c->channels);
	release_names(&c->sources);
	release_names(&c->reasons);
	map_release(&c->weeks.index);
	free(c->weeks.v);
}
