/* What is known of a customer beside her contacts, brought up with each event: promises, what
 * decisions allowed, orders, consents, and what records say of her. */
#include "core/fold/internal.h"

#include <math.h>
#include <stdlib.h>

#define WINDOW (24 * WHEN_HOUR) /* as business messengers have it */

void consents_take(struct consents *all, struct consent to)
{
	bool there = false;

	for (size_t i = 0; i < all->n; i++) {
		struct consent *c = &all->v[i];

		/* What is said of all channels holds for each. */
		if (c->purpose != to.purpose || (to.channel && c->channel != to.channel))
			continue;
		c->granted = to.granted;
		there |= c->channel == to.channel;
	}
	if (!there)
		*VEC_ADD(all, v, n, cap) = to;
}

int consents_say(const struct consents *all, int32_t purpose, int32_t channel)
{
	int any = -1;

	for (size_t i = 0; i < all->n; i++) {
		const struct consent *c = &all->v[i];

		if (c->purpose == purpose && c->channel == channel)
			return c->granted;
		if (c->purpose == purpose && !c->channel)
			any = c->granted;
	}
	return any;
}

static const struct extra *extra_of(const struct fold *f, const struct fold_event *e)
{
	return &f->state->extras[e->extra - 1];
}

/* The oldest promise of the action that is open; where that is overdue, the oldest that is due yet.
 */
static void keep(struct account *a, int32_t action, int64_t now)
{
	size_t kept = a->owed_n;

	for (size_t i = 0; i < a->owed_n; i++) {
		const struct owed *o = &a->owed[i];

		if (o->action != action || (kept < a->owed_n && o->due && o->due < now))
			continue;
		if (kept == a->owed_n || !o->due || o->due >= now)
			kept = i;
		if (!o->due || o->due >= now)
			break;
	}
	if (kept == a->owed_n)
		return;
	memmove(&a->owed[kept], &a->owed[kept + 1], (--a->owed_n - kept) * sizeof(*a->owed));
}

static void spend(const struct fold *f, struct account *a, const struct fold_event *e)
{
	const struct extra *x = extra_of(f, e);
	struct str verdict = fold_text(f, x->verdict);

	if (!str_is(verdict, "allow") && !str_is(verdict, "limit"))
		return;
	/* What says no purpose is taken for what may least be said. */
	if (!e->service || (!e->purpose && str_is(fold_text(f, x->action), "message.outbound")))
		*VEC_ADD(a, cleared, cleared_n, cleared_cap) = e->time;
	*VEC_ADD(a, spent, spent_n, spent_cap) =
		(struct spent){e->time, x->amount, x->action, x->currency};
}

static void order(const struct fold *f, struct account *a, const struct fold_event *e)
{
	double amount = extra_of(f, e)->amount;

	if (!isnan(amount))
		a->value += e->kind == KIND_ORDER ? amount : -amount;
}

/* The latest that says it counts. */
static void say(struct account *a, const struct fold_event *e)
{
	a->tier = e->tier ? e->tier : a->tier;
	a->tags = e->tags ? e->tags : a->tags;
	a->product = e->product ? e->product : a->product;
	a->lang = e->lang ? e->lang : a->lang;
	a->region = e->region ? e->region : a->region;
	a->stage = e->stage ? e->stage : a->stage;
	if (e->out && e->actor == ACTOR_AGENT && e->agent) {
		a->person = e->agent;
		a->person_at = e->time;
	}
}

static struct heard *heard_on(const struct account *a, int32_t channel)
{
	for (size_t i = 0; i < a->heard_n; i++)
		if (a->heard_on[i].channel == channel)
			return &a->heard_on[i];
	return NULL;
}

bool account_window(const struct account *a, int32_t channel, int64_t now)
{
	const struct heard *h = heard_on(a, channel);

	return h && h->at && now - h->at <= WINDOW;
}

static void hear(struct account *a, const struct fold_event *e)
{
	struct heard *h = heard_on(a, e->channel);

	if (!h) {
		h = VEC_ADD(a, heard_on, heard_n, heard_cap);
		h->channel = e->channel;
	}
	a->heard = h->at = e->time;
	a->heard_at = e->channel;
}

static void word(struct account *a, const struct fold_event *e)
{
	if (e->in)
		hear(a, e);
	else if (e->out && !e->service)
		*VEC_ADD(a, sent, sent_n, sent_cap) = e->time;
}

void account_take(struct fold *f, const struct fold_event *e)
{
	struct account *a = &f->state->account;

	say(a, e);
	switch (e->kind) {
	case KIND_MESSAGE:
	case KIND_CALL:
		word(a, e);
		break;
	case KIND_MADE:
		*VEC_ADD(a, owed, owed_n, owed_cap) =
			(struct owed){extra_of(f, e)->action, extra_of(f, e)->due};
		break;
	case KIND_KEPT:
		keep(a, extra_of(f, e)->action, e->time);
		break;
	case KIND_DECISION:
		spend(f, a, e);
		break;
	case KIND_GRANTED:
	case KIND_REVOKED:
		consents_take(&a->consents, (struct consent){e->purpose, extra_of(f, e)->channel,
						    e->kind == KIND_GRANTED});
		break;
	case KIND_ORDER:
	case KIND_CANCELLED:
		order(f, a, e);
		break;
	default:
		break;
	}
}

void account_clear(struct account *a)
{
	struct account kept = *a;

	*a = (struct account){.owed = kept.owed,
		.owed_cap = kept.owed_cap,
		.spent = kept.spent,
		.spent_cap = kept.spent_cap,
		.sent = kept.sent,
		.sent_cap = kept.sent_cap,
		.cleared = kept.cleared,
		.cleared_cap = kept.cleared_cap,
		.heard_on = kept.heard_on,
		.heard_cap = kept.heard_cap,
		.consents = {kept.consents.v, 0, kept.consents.cap}};
}

void account_release(struct account *a)
{
	free(a->owed);
	free(a->spent);
	free(a->sent);
	free(a->cleared);
	free(a->heard_on);
	free(a->consents.v);
}

size_t account_size(const struct account *a)
{
	return a->owed_cap * sizeof(*a->owed) + a->spent_cap * sizeof(*a->spent) +
	       (a->sent_cap + a->cleared_cap) * sizeof(*a->sent) +
	       a->heard_cap * sizeof(*a->heard_on) + a->consents.cap * sizeof(*a->consents.v);
}
