/* What belongs to no contact: consents, campaigns, the stages of her journey, orders. */
#include "base/when.h"
#include "gen/plan.h"

/* When she consents, and when no more; both in the far future where she does not. */
static void consents(struct plan *p, uint16_t channel, int64_t *from, int64_t *to)
{
	*from = *to = INT64_MAX;
	if (!random_share(&p->random, p->s->consented))
		return;
	*from = p->arrival + p->offset + (int64_t)random_below(&p->random, 240) * WHEN_HOUR;
	if (*from >= p->end)
		return;
	plan_turn(p, PLAN_NONE, WHAT_CONSENT_GRANTED, WHO_CUSTOMER, *from)->channel = channel;
	if (!random_share(&p->random, p->s->revoked))
		return;
	*to = *from + (int64_t)(1 + random_below(&p->random, 30)) * WHEN_DAY;
	if (*to < p->end)
		plan_turn(p, PLAN_NONE, WHAT_CONSENT_REVOKED, WHO_CUSTOMER, *to)->channel = channel;
}

static void campaign(struct plan *p, uint16_t channel)
{
	int64_t from, to, at = p->arrival + p->offset;

	consents(p, channel, &from, &to);
	for (int i = 0; i < 6 && random_share(&p->random, p->s->campaigns); i++) {
		at += (int64_t)(1 + random_below(&p->random, 400)) * WHEN_HOUR;
		if (at >= p->end)
			return;
		if ((at >= from && at < to) || random_share(&p->random, p->s->unasked))
			plan_turn(p, PLAN_NONE, WHAT_CAMPAIGN, WHO_SYSTEM, at)->channel = channel;
	}
}

static void stages(struct plan *p, uint16_t channel)
{
	int64_t at = p->arrival + p->offset;

	for (size_t i = 0; i < p->s->stage_n; i++) {
		struct turn *t;

		if (at >= p->end || !random_share(&p->random, p->s->stages[i].goes_on))
			return;
		t = plan_turn(p, PLAN_NONE, WHAT_STAGE, WHO_SYSTEM, at);
		t->number = (uint8_t)i;
		t->channel = channel;
		at += (int64_t)(1 + random_below(&p->random, 240)) * WHEN_HOUR;
	}
}

/* Orders that she places without a word to us, after a matter in which she has not. */
static void orders(struct plan *p)
{
	for (size_t i = 0; i < p->matter_n; i++) {
		const struct matter *m = &p->matters[i];
		int64_t at;

		if (m->first == PLAN_NONE || m->ordered || !plan_commercial(p, m) ||
			!random_share(&p->random, p->s->elsewhere))
			continue;
		at = p->contacts[m->first].started +
		     (int64_t)(1 + random_below(&p->random, UINT64_C(45) * 24)) * WHEN_HOUR;
		if (at < p->end)
			plan_turn(p, PLAN_NONE, WHAT_ORDER_PLACED, WHO_CUSTOMER, at);
	}
}

void plan_extras(struct plan *p)
{
	if (!p->known || !p->contact_n)
		return;
	campaign(p, (uint16_t)p->contacts[0].channel);
	stages(p, (uint16_t)p->contacts[0].channel);
	orders(p);
}
