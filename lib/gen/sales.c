#include "gen/sales.h"
#include "base/mem.h"
#include "gen/rate.h"
#include "gen/record.h"

#include <stdlib.h>

/* An opportunity is of a channel by its first contact, its last one, or any of them. */
enum side { SIDE_FIRST, SIDE_LAST, SIDE_ANY, SIDE_COUNT };

struct by_channel {
	struct rate won[SIDE_COUNT];
	uint64_t contacts;
	uint64_t seen; /* the opportunity that was counted last, + 1 */
};

struct sales {
	const struct scenario *s;
	int64_t horizon;
	uint64_t opportunities;
	struct rate conversion, stalled, awaiting, recovered, abandoned;
	struct by_channel *channels;
	struct rate *intents, *stages, *reasons; /* of abandoned */
};

struct sales *sales_new(const struct scenario *s, int64_t horizon)
{
	struct sales *a = mem_zero(1, sizeof(*a));

	a->s = s;
	a->horizon = horizon;
	a->channels = mem_zero(s->channel_n, sizeof(*a->channels));
	a->intents = mem_zero(s->ontology->intent_n, sizeof(*a->intents));
	a->stages = mem_zero(s->stage_n, sizeof(*a->stages));
	a->reasons = mem_zero(PLAN_GIVEN_UP, sizeof(*a->reasons));
	return a;
}

void sales_free(struct sales *s)
{
	if (!s)
		return;
	free(s->channels);
	free(s->intents);
	free(s->stages);
	free(s->reasons);
	free(s);
}

/* ---- counting ---- */

/* Whether the window behind the opportunity's end is over. */
static bool mature(
	const struct sales *s, const struct truth *t, const struct lead *l, int64_t window)
{
	return t->issues[l->issue].ended + window <= s->horizon;
}

static void add_channels(struct sales *s, const struct truth *t, const struct lead *l)
{
	const struct true_issue *is = &t->issues[l->issue];
	const struct plan_contact *all = t->p->contacts;
	bool known = t->p->known, over = mature(s, t, l, LEAD_LOST), won = l->won != 0;

	rate_mature(&s->channels[all[is->first].channel].won[SIDE_FIRST], known, over, won);
	rate_mature(&s->channels[all[is->last].channel].won[SIDE_LAST], known, over, won);
	for (uint32_t i = is->first; i <= is->last; i++) {
		struct by_channel *c = &s->channels[all[i].channel];

		if (all[i].issue != l->issue || c->seen == s->opportunities)
			continue;
		c->seen = s->opportunities;
		rate_mature(&c->won[SIDE_ANY], known, over, won);
	}
}

static void add_abandonment(struct sales *s, const struct truth *t, const struct lead *l)
{
	bool known = t->p->known, over = mature(s, t, l, LEAD_LOST);

	rate_mature(&s->abandoned, known, over, l->abandoned);
	if (l->intent)
		rate_mature(&s->intents[l->intent - s->s->ontology->intents], known, over,
			l->abandoned);
	if (l->stage)
		rate_mature(&s->stages[l->stage - 1], known, over, l->abandoned);
	if (l->reason)
		rate_mature(&s->reasons[l->reason - 1], known, over, l->abandoned);
}

static void add_lead(struct sales *s, const struct truth *t, const struct lead *l)
{
	bool known = t->p->known, soon = mature(s, t, l, LEAD_STALLED),
	     over = mature(s, t, l, LEAD_LOST);

	s->opportunities++;
	rate_mature(&s->conversion, known, over, l->won != 0);
	rate_mature(&s->stalled, known, soon, l->stalled);
	rate_mature(&s->awaiting, known, soon, l->awaiting);
	if (l->stalled || l->abandoned)
		rate_mature(&s->recovered, known, over, l->recovered);
	add_channels(s, t, l);
	add_abandonment(s, t, l);
}

void sales_add(struct sales *s, const struct truth *t, const struct leads *of)
{
	for (uint32_t i = 0; i < t->contact_n; i++)
		s->channels[t->p->contacts[i].channel].contacts++;
	for (size_t i = 0; i < of->n; i++)
		add_lead(s, t, &of->v[i]);
}

/* ---- telling ---- */

static void begin(struct line *l, const char *metric, const char *statistic)
{
	line_begin(l, "metric", metric);
	line_text(l, "statistic", statistic);
}

/* group: what it is by, NULL: all of them. Of a group that no opportunity is in there is nothing to
 * tell. */
static void tell_rate(struct line *l, const char *metric, const char *group, const char *value,
	const struct rate *r)
{
	if (group && !r->n && !r->immature && !r->left_out)
		return;
	begin(l, metric, "rate");
	if (group)
		line_text(l, group, value);
	rate_tell(r, l);
}

static void tell_count(struct line *l, const char *metric, const char *channel, uint64_t n)
{
	begin(l, metric, "count");
	line_text(l, "channel", channel);
	line_number(l, "value", (int64_t)n);
	line_number(l, "n", (int64_t)n);
	line_end(l);
}

static void tell_channels(const struct sales *s, struct line *l)
{
	static const char *const sides[SIDE_COUNT] = {"conversion_by_channel.first",
		"conversion_by_channel.last", "conversion_by_channel.any"};

	for (int side = 0; side < SIDE_COUNT; side++)
		for (size_t i = 0; i < s->s->channel_n; i++)
			tell_rate(l, sides[side], "channel", s->s->channels[i].name,
				&s->channels[i].won[side]);
	for (size_t i = 0; i < s->s->channel_n; i++)
		tell_count(l, "conversion_by_channel.contacts", s->s->channels[i].name,
			s->channels[i].contacts);
}

void sales_tell(const struct sales *s, struct line *l)
{
	static const char abandonment[] = "opportunity_abandonment_rate";
	const struct ontology *o = s->s->ontology;

	tell_count(l, "opportunities", NULL, s->opportunities);
	tell_rate(l, "conversion", NULL, NULL, &s->conversion);
	tell_channels(s, l);
	tell_rate(l, "stalled_lead_rate", NULL, NULL, &s->stalled);
	tell_rate(l, "stalled_lead_rate.awaiting_customer", NULL, NULL, &s->awaiting);
	tell_rate(l, "recovered_rate", NULL, NULL, &s->recovered);
	tell_rate(l, abandonment, NULL, NULL, &s->abandoned);
	for (size_t i = 0; i < o->intent_n; i++)
		tell_rate(l, abandonment, "intent", o->intents[i].id, &s->intents[i]);
	for (size_t i = 0; i < s->s->stage_n; i++)
		tell_rate(l, abandonment, "stage", s->s->stages[i].id, &s->stages[i]);
	for (uint8_t i = 0; i < PLAN_GIVEN_UP; i++)
		tell_rate(l, abandonment, "reason", turn_given_up(i), &s->reasons[i]);
}
