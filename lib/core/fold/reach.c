#include "core/fold/reach.h"
#include "core/fold/internal.h"

const char *reach_bar_name(enum reach_bar bar)
{
	static const char *const names[] = {[REACH_OPEN] = NULL,
		[REACH_IDENTIFIER] = "no_identifier",
		[REACH_CONSENT] = "no_consent",
		[REACH_WINDOW] = "window_closed",
		[REACH_CONTACT] = "no_contact"};

	return names[bar];
}

/* -1: none of her records has it. */
static int32_t number_of(const struct fold *f, struct str text)
{
	const union map_value *v = map_get(&f->state->pool, text);

	return v ? (int32_t)v->n : -1;
}

static void see_kind(struct fold *f, const char *kind)
{
	const struct patterns *kinds = &f->ontology->reach_kinds;

	for (size_t i = 0; i < kinds->n; i++)
		if (strcmp(kinds->v[i], kind) == 0)
			f->state->account.named |= UINT64_C(1) << i;
}

/* An identifier's text begins with its kind and a NUL. Of a record that parts two, neither is said
 * to be hers. */
static uint64_t kinds_named(struct fold *f)
{
	struct fold_state *s = f->state;
	struct account *a = &s->account;

	for (; a->named_upto < s->done; a->named_upto++) {
		const struct fold_event *e = &s->events[a->named_upto];

		for (size_t i = 0; e->kind != KIND_UNLINKED && i < e->people_n; i++)
			see_kind(f, fold_text(f, s->named[e->people + i]).s);
	}
	return a->named;
}

static bool may_say(const struct fold *f, int32_t channel, struct str purpose)
{
	int said = consents_say(&f->state->account.consents, number_of(f, purpose), channel);

	return said == 1 || (said < 0 && str_is(purpose, "service"));
}

static enum reach_bar bar_of(
	const struct fold *f, struct str channel, struct str purpose, int64_t now)
{
	const struct channel_reach *reach = ontology_reach(f->ontology, channel);
	int32_t number = number_of(f, channel);

	if (!may_say(f, number, purpose))
		return REACH_CONSENT;
	return reach && reach->window && !account_window(&f->state->account, number, now)
		       ? REACH_WINDOW
		       : REACH_OPEN;
}

enum reach_bar reach_on(struct fold *f, struct str channel, struct str purpose, int64_t now)
{
	const struct channel_reach *reach = ontology_reach(f->ontology, channel);

	if (!reach || !(kinds_named(f) & reach->kinds))
		return REACH_IDENTIFIER;
	return bar_of(f, channel, purpose, now);
}

enum reach_bar reach_answer(struct fold *f, struct str purpose, int64_t now, struct str *channel)
{
	const struct account *a = &f->state->account;

	*channel = fold_text(f, a->heard_at);
	if (!channel->len || now - a->heard > ontology_class(f->ontology, *channel)->gap)
		return REACH_CONTACT;
	return bar_of(f, *channel, purpose, now);
}
