/* What is said in a contact, and which records it leaves. */
#include "base/when.h"
#include "gen/plan.h"

#define MOVE_GAP (5 * WHEN_MINUTE) /* within it moves of a contact are one: jtools-facts(7) */

enum progress { GOES_ON, DONE, ENDED }; /* to a person; to its end; left open */

struct talk {
	struct plan *p;
	const struct scenario *s;
	struct plan_contact *c;
	struct matter *m; /* NULL: none */
	const struct gen_channel *ch;
	uint32_t number;
	int64_t now;
	int64_t last;	/* latest time at which something may be said: the end of a call; 0: none */
	int64_t moved;	/* when the contact was last moved, or somebody began to speak */
	uint16_t agent; /* + 1 */
	bool bot;
};

static bool share(struct talk *t, int64_t parts)
{
	return random_share(&t->p->random, parts);
}

static int64_t spread(struct talk *t, const struct spread *d)
{
	int64_t v = plan_spread(t->p, d);

	v -= v % t->s->clock;
	return v > t->s->clock ? v : t->s->clock;
}

/* ---- time ---- */

/* After a pause that does not end the contact; within a call, a little later. */
static void pause_for(struct talk *t, int64_t span, bool cuts)
{
	int64_t most = t->ch->gap - t->s->clock;

	if (t->last)
		span = (t->last - t->now) / 4 / t->s->clock * t->s->clock;
	else if (cuts && t->now + span - t->c->ended > most)
		span = t->c->ended + most - t->now;
	t->now += span > 0 ? span : 0;
}

static void she_waits(struct talk *t)
{
	pause_for(t, spread(t, &t->s->reply[t->ch->class]), true);
}

/* An answer may come however late; what we say of ourselves may not. */
static void we_wait(struct talk *t)
{
	pause_for(t, spread(t, &t->s->response[t->ch->class]), t->c->last_ours);
}

static void bot_waits(struct talk *t)
{
	int64_t span = (int64_t)(1 + random_below(&t->p->random, 8)) * WHEN_SECOND;

	span -= span % t->s->clock;
	pause_for(t, span > t->s->clock ? span : t->s->clock, t->c->last_ours);
}

/* Moves of one contact are told apart by more than five minutes. */
static void before_move(struct talk *t)
{
	int64_t from = t->moved + MOVE_GAP + t->s->clock;

	if (t->moved && t->now < from)
		t->now = from;
	t->moved = t->now;
}

/* ---- words ---- */

static struct turn *said(struct talk *t, enum what what, enum who who)
{
	struct turn *turn = plan_turn(t->p, t->number, what, who, t->now);

	t->c->ended = t->now > t->c->ended ? t->now : t->c->ended;
	return turn;
}

static struct turn *hers(struct talk *t, enum what what)
{
	t->c->last_ours = t->c->last_asks = false;
	return said(t, what, WHO_CUSTOMER);
}

static struct turn *ours(struct talk *t, enum what what)
{
	struct turn *turn = said(t, what, t->bot ? WHO_BOT : WHO_AGENT);

	turn->agent = t->agent;
	t->c->last_ours = true;
	t->c->last_asks = what == WHAT_ASK || what == WHAT_QUESTION;
	turn->asks_back = what == WHAT_QUESTION;
	t->c->spoke = t->c->spoke ? t->c->spoke : t->now;
	return turn;
}

static struct turn *record(struct talk *t, enum what what, enum who who)
{
	return plan_turn(t->p, t->number, what, who, t->now);
}

/* Moods of a word of hers. */
static void colour(struct talk *t, struct turn *turn, bool again)
{
	turn->again = again && share(t, t->s->again);
	turn->angry = share(t, t->s->angry);
	turn->leaving = !turn->angry && share(t, t->s->leaving);
}

static void close_contact(struct talk *t)
{
	t->c->closed = true;
	t->c->closed_at = t->now;
}

/* ---- asking and giving ---- */

static uint64_t pick_bit(struct talk *t, uint64_t of)
{
	uint64_t n = random_below(&t->p->random, (uint64_t)__builtin_popcountll(of));

	while (n--)
		of &= of - 1;
	return of & -of;
}

static void give(struct talk *t, uint64_t entity)
{
	struct turn *turn;

	she_waits(t);
	turn = hers(t, WHAT_GIVE);
	turn->given = entity;
	if (t->m)
		t->m->known |= entity;
}

/* Whether she answered. */
static bool ask(struct talk *t, uint64_t entity)
{
	ours(t, WHAT_ASK)->asks = entity;
	if (!share(t, t->s->gives))
		return false;
	give(t, entity);
	return true;
}

static bool ask_one_of(struct talk *t, uint64_t entities, int64_t how_often)
{
	if (!entities || !share(t, how_often))
		return true;
	if (!ask(t, pick_bit(t, entities)))
		return false;
	we_wait(t);
	return true;
}

static uint64_t missing(const struct talk *t)
{
	return t->m ? t->s->intents[t->m->intent].needs & ~t->m->known : 0;
}

/* ---- who speaks ---- */

static uint16_t any_agent(struct talk *t, size_t from, size_t to)
{
	return (uint16_t)(1 + from + random_below(&t->p->random, to - from));
}

static uint16_t other_agent(struct talk *t, size_t from, size_t to)
{
	uint16_t a = any_agent(t, from, to);

	if (a == t->agent && to - from > 1)
		a = a == to ? (uint16_t)(from + 1) : (uint16_t)(a + 1);
	return a;
}

static void take_agent(struct talk *t)
{
	t->bot = false;
	t->agent = t->m ? t->m->agent : 0;
	if (!t->agent || share(t, t->s->other_agent))
		t->agent = any_agent(t, 0, t->s->supervisor);
	if (t->m)
		t->m->agent = t->agent;
}

static void pass_on(struct talk *t, enum what record_of, enum what word, size_t from, size_t to)
{
	uint16_t heir = other_agent(t, from, to);
	bool recorded = record_of == WHAT_ESCALATED || share(t, t->s->transfer_recorded);
	struct turn *turn;

	if (heir == t->agent)
		return;
	ours(t, word);
	before_move(t);
	if (recorded) {
		turn = record(t, record_of, WHO_AGENT);
		turn->agent = t->agent;
		turn->to = heir;
		turn->number = (uint8_t)random_below(&t->p->random, 4);
	}
	t->agent = heir;
	if (t->m)
		t->m->agent = heir;
	pause_for(t, t->s->clock, true);
}

/* ---- parts of a written contact ---- */

/* What the intent requires is handed over where it is known. */
static void hand_over(struct talk *t)
{
	struct turn *turn = record(t, WHAT_HANDOFF, WHO_BOT);
	const struct gen_intent *i = t->m ? &t->s->intents[t->m->intent] : NULL;
	bool said = i && t->c->intent == i->intent;
	unsigned needed = PART_ALL, parts = 0;

	if (!t->c->intent || !t->c->intent->requires.n)
		needed &= ~(unsigned)PART_ENTITIES;
	if (!t->c->intent)
		needed &= ~(unsigned)PART_INTENT;
	for (unsigned part = 1; part < PART_ALL; part <<= 1)
		parts |= share(t, t->s->parts) ? part : 0;
	if (!said || i->more || (i->needs & ~t->m->known))
		parts &= ~(unsigned)PART_ENTITIES;
	turn->needed = (uint8_t)needed;
	turn->number = (uint8_t)(parts & needed);
	turn->handed = turn->number & PART_ENTITIES ? i->needs : 0;
}

static enum progress bot_part(struct talk *t)
{
	uint64_t needs = missing(t);

	t->bot = true;
	bot_waits(t);
	t->moved = t->now;
	if (share(t, t->s->acknowledged)) {
		ours(t, WHAT_ACK);
		bot_waits(t);
	}
	if (!ask_one_of(t, needs, t->s->asks_missing))
		return ENDED;
	if (share(t, t->s->bot_abandoned)) {
		ours(t, WHAT_QUESTION);
		she_waits(t);
		record(t, WHAT_ABANDONED, WHO_CUSTOMER)->number =
			(uint8_t)random_below(&t->p->random, PLAN_GIVEN_UP);
		return ENDED;
	}
	if (share(t, t->s->bot_solves)) {
		ours(t, WHAT_ANSWER);
		return DONE;
	}
	ours(t, WHAT_HANDING);
	before_move(t);
	if (share(t, t->s->handoff_recorded))
		hand_over(t);
	return GOES_ON;
}

static void promise(struct talk *t)
{
	uint32_t id = (uint32_t)t->p->turn_n;
	int64_t due = (int64_t)(1 + random_below(&t->p->random, 96)) * WHEN_HOUR, kept;
	int64_t now = t->now;
	struct turn *turn;

	ours(t, WHAT_PROMISE);
	turn = record(t, WHAT_COMMITMENT_MADE, WHO_AGENT);
	turn->agent = t->agent;
	turn->link = id;
	turn->wait = due;
	if (!share(t, t->s->kept))
		return;
	kept = due / WHEN_HOUR * WHEN_MINUTE * (int64_t)(5 + random_below(&t->p->random, 50));
	if (!share(t, t->s->kept_in_time))
		kept += due + WHEN_HOUR;
	t->now += kept;
	turn = record(t, WHAT_COMMITMENT_KEPT, WHO_AGENT);
	turn->agent = t->agent;
	turn->link = id;
	t->now = now;
}

/* Whether an action is allowed: the same inputs get the same verdict, nearly always. */
static void decide(struct talk *t)
{
	struct turn *turn = record(t, WHAT_DECISION, WHO_AGENT);
	uint64_t inputs = random_below(&t->p->random, 120), verdict = inputs % 4;

	if (random_share(&t->p->random, t->s->contradicted))
		verdict = (verdict + 1) % 4;
	turn->agent = (uint16_t)(verdict + 1);
	turn->to = (uint16_t)(inputs % 3 + 1);
	turn->number = (uint8_t)inputs;
}

static enum progress person_part(struct talk *t)
{
	we_wait(t);
	/* Somebody who waits for a person of ours waits until one works. */
	if (!t->c->last_ours && t->ch->gap > WHEN_HOUR)
		t->now = plan_awake(t->p, t->now);
	take_agent(t);
	before_move(t);
	if (share(t, t->s->acknowledged)) {
		ours(t, WHAT_ACK);
		we_wait(t);
	}
	if (!ask_one_of(t, t->s->identity & t->s->askable, t->s->asks_who) ||
		!ask_one_of(t, missing(t), t->s->asks_missing) ||
		!ask_one_of(t, t->m ? t->m->known & ~t->s->identity : 0, t->s->asks_known))
		return ENDED;
	if (share(t, t->s->transferred))
		pass_on(t, WHAT_TRANSFERRED, WHAT_PASSING, 0, t->s->supervisor);
	if (share(t, t->s->escalated))
		pass_on(t, WHAT_ESCALATED, WHAT_RAISING, t->s->supervisor, t->s->agent_n);
	ours(t, WHAT_ANSWER);
	return DONE;
}

/* ---- how it ends ---- */

static void thank(struct talk *t)
{
	if (!share(t, t->s->thanks))
		return;
	she_waits(t);
	plan_turn(t->p, t->number, WHAT_THANKS, WHO_CUSTOMER, t->now);
}

static void close_by_word(struct talk *t)
{
	she_waits(t);
	hers(t, WHAT_RESOLVED);
	close_contact(t);
	t->c->intent = t->c->intent ? t->c->intent : t->s->settled;
	if (t->last || share(t, t->s->acknowledged)) {
		pause_for(t, t->s->clock, true);
		ours(t, WHAT_ACK);
	}
}

static void close_by_record(struct talk *t)
{
	pause_for(t, spread(t, &t->s->reply[t->ch->class]), false);
	record(t, WHAT_CASE_CLOSED, WHO_AGENT)->agent = t->agent;
	close_contact(t);
}

/* An offer, and her order. */
static bool sell(struct talk *t)
{
	const struct intent *i = t->c->intent;

	if (!(i ? i->commercial : plan_commercial(t->p, t->m)) || !share(t, t->s->offered))
		return false;
	pause_for(t, t->s->clock, true);
	ours(t, WHAT_OFFER);
	if (!share(t, t->s->ordered))
		return false;
	pause_for(t, spread(t, &t->s->reply[t->ch->class]), true);
	record(t, WHAT_ORDER_PLACED, WHO_CUSTOMER);
	t->m->ordered = true;
	close_contact(t);
	return true;
}

/* Whose matter was settled is more content: the better of two scores, else the worse. */
static void survey(struct talk *t)
{
	uint64_t scale = random_below(&t->p->random, 3), a = random_below(&t->p->random, 70),
		 b = random_below(&t->p->random, 70);
	bool content = t->c->closed || (t->c->last_ours && !t->c->last_asks);

	if (!share(t, t->s->surveyed))
		return;
	t->now = (t->now > t->c->ended ? t->now : t->c->ended) + WHEN_HOUR;
	record(t, WHAT_SURVEY, WHO_CUSTOMER)->number =
		(uint8_t)(scale + 3 * (content == (a > b) ? a : b));
}

static void finish(struct talk *t)
{
	if (t->m && !t->bot && share(t, t->s->decided))
		decide(t);
	if (t->m && !t->bot && share(t, t->s->promised)) {
		pause_for(t, t->s->clock, true);
		promise(t);
	}
	if (t->m && sell(t)) {
		thank(t);
	} else if (t->m && share(t, t->s->closed)) {
		if (share(t, t->s->said_resolved) || !t->c->cased)
			close_by_word(t);
		else
			close_by_record(t);
		thank(t);
	} else if (!share(t, t->s->answered_last)) {
		she_waits(t);
		hers(t, WHAT_YES);
	} else if (share(t, t->s->asks_question)) {
		pause_for(t, t->s->clock, true);
		ours(t, WHAT_QUESTION);
	} else {
		thank(t);
	}
}

/* ---- contacts ---- */

static const struct intent *intent_of(struct talk *t, bool back)
{
	const struct scenario *s = t->s;
	const struct intent *first = s->intents[t->m->intent].intent;
	size_t family = s->family_of[first - s->ontology->intents];

	for (int i = 0; back && i < 4 && share(t, 3000); i++) {
		const struct intent *other =
			s->intents[random_below(&t->p->random, s->intent_n)].intent;

		if (s->family_of[other - s->ontology->intents] == family)
			return other;
	}
	return first;
}

static void say_matter(struct talk *t, struct turn *turn, bool back)
{
	if (!t->m)
		return;
	t->c->intent = intent_of(t, back);
	t->c->family = t->s->family_of[t->c->intent - t->s->ontology->intents];
	if ((t->s->intents[t->m->intent].needs & t->s->order) && share(t, t->s->gives_order)) {
		turn->given = t->s->order;
		t->m->known |= t->s->order;
	}
	colour(t, turn, back);
}

static void open_written(struct talk *t, enum opening how)
{
	bool back = how == OPENING_BACK;
	bool was_closed = t->m && t->m->closed && t->m->closed <= t->now;

	switch (how) {
	case OPENING_NEW:
	case OPENING_BACK:
		say_matter(t, hers(t, WHAT_OPEN), back);
		break;
	case OPENING_CHASE:
		hers(t, WHAT_CHASE);
		break;
	case OPENING_CHATTER:
		hers(t, WHAT_CHATTER);
		break;
	case OPENING_CALLBACK:
		take_agent(t);
		ours(t, WHAT_CALLBACK);
		break;
	}
	if (!t->m || !t->c->cased || how == OPENING_CHASE || how == OPENING_CALLBACK)
		return;
	if (!t->m->cased)
		record(t, WHAT_CASE_OPENED, WHO_SYSTEM);
	else if (was_closed && share(t, t->s->reopen_recorded))
		record(t, WHAT_CASE_REOPENED, WHO_SYSTEM);
}

/* Who was not answered asks again now and then. We answer after all where there is something to
 * sell, days later. */
static bool answer_late(struct talk *t)
{
	if (share(t, 3000)) {
		she_waits(t);
		hers(t, WHAT_CHASE);
	}
	if (!t->m || !plan_commercial(t->p, t->m) || !share(t, t->s->revived))
		return false;
	t->now += spread(t, &t->s->revived_after);
	return true;
}

static void write_contact(struct talk *t, enum opening how)
{
	enum progress progress = GOES_ON;

	open_written(t, how);
	if (how == OPENING_CALLBACK) {
		if (share(t, t->s->gives)) {
			she_waits(t);
			if (share(t, 5000))
				say_matter(t, hers(t, WHAT_OPEN), true);
			else
				hers(t, WHAT_YES);
			we_wait(t);
			ours(t, WHAT_ANSWER);
			if (t->m)
				sell(t);
			thank(t);
		}
		return;
	}
	if (!share(t, t->s->answered)) {
		if (!answer_late(t))
			return;
	} else if (share(t, t->ch->bot)) {
		progress = bot_part(t);
	}
	if (progress == GOES_ON)
		progress = person_part(t);
	if (progress == DONE)
		finish(t);
	survey(t);
}

/* What is said in a call that was answered, where there is a transcript: our word is the last. */
static void transcribe(struct talk *t)
{
	if (ask_one_of(t, t->s->identity & t->s->askable, t->s->asks_who) &&
		ask_one_of(t, missing(t), t->s->asks_missing))
		ask_one_of(t, t->m ? t->m->known & ~t->s->identity : 0, t->s->asks_known);
	pause_for(t, 0, true);
	ours(t, WHAT_ANSWER);
	if (t->m && share(t, t->s->closed))
		close_by_word(t);
}

static void answer_call(struct talk *t, int64_t wait, int64_t spoken)
{
	int64_t began = t->now, end = began + wait + spoken;
	uint16_t heir;

	t->last = end;
	t->now = began + wait;
	t->c->spoke = t->now;
	t->c->ended = end;
	t->c->last_ours = true;
	t->c->last_asks = false;
	t->moved = t->now;
	if (spoken > 8 * t->s->clock && share(t, t->s->transcript)) {
		pause_for(t, 0, true);
		transcribe(t);
	}
	before_move(t);
	heir = other_agent(t, 0, t->s->supervisor);
	if (t->now < end && !t->c->closed && heir != t->agent && share(t, t->s->transferred)) {
		struct turn *turn = record(t, WHAT_TRANSFERRED, WHO_AGENT);

		turn->agent = t->agent;
		turn->to = heir;
		turn->number = (uint8_t)random_below(&t->p->random, 4);
		if (t->m)
			t->m->agent = turn->to;
	}
	t->last = 0;
	t->now = end;
	if (t->c->cased && !t->c->closed && share(t, t->s->closed))
		close_by_record(t);
}

/* Who hears a machine, or music, may have told it what it is about. */
static bool may_say(enum outcome o)
{
	return o != OUTCOME_BUSY && o != OUTCOME_FAILED;
}

static bool queued(enum outcome o)
{
	return o == OUTCOME_ANSWERED || o == OUTCOME_ABANDONED_QUEUE || o == OUTCOME_VOICEMAIL;
}

static void call(struct talk *t, enum opening how)
{
	bool out = how == OPENING_CALLBACK;
	enum outcome outcome = t->s->outcomes[plan_pick(t->p, &t->s->outcome)];
	int64_t wait = spread(t, &t->s->wait), spoken = spread(t, &t->s->talk);
	struct turn *turn;

	/* A call of ours that nobody takes is no contact. */
	if (out)
		outcome = OUTCOME_ANSWERED;
	take_agent(t);
	turn = plan_turn(t->p, t->number, WHAT_CALL, out ? WHO_AGENT : WHO_CUSTOMER, t->now);
	turn->number = (uint8_t)outcome;
	turn->wait = queued(outcome) ? wait : 0;
	/* In the menu she spends time as well. */
	turn->duration = may_say(outcome) ? wait : 0;
	if (outcome == OUTCOME_ANSWERED) {
		turn->duration += spoken;
		turn->agent = t->agent;
	}
	t->c->ended = t->now + turn->duration;
	if (!out && t->m && how != OPENING_CHASE &&
		(outcome == OUTCOME_ANSWERED || (may_say(outcome) && share(t, 5000))))
		say_matter(t, turn, how == OPENING_BACK);
	if (outcome == OUTCOME_ANSWERED)
		answer_call(t, wait, spoken);
	survey(t);
}

/* ---- what she feels ---- */

static bool is_felt(const struct turn *t)
{
	return t->who == WHO_CUSTOMER &&
	       (t->what <= WHAT_RESOLVED ||
		       (t->what == WHAT_CALL && t->number == OUTCOME_ANSWERED));
}

/* From her first word of the contact to her last one evenly; whose matter was settled ends more
 * content. from: its first turn. */
static void feel(struct talk *t, size_t from)
{
	const struct plan *p = t->p;
	bool settled = talk_end(p, t->number) != TALK_OPEN, angry = false;
	int64_t words = 0, first, last, word = 0;

	for (size_t i = from; i < p->turn_n; i++) {
		words += is_felt(&p->turns[i]);
		angry |= p->turns[i].angry || p->turns[i].leaving;
	}
	if (!words || !share(t, t->s->felt))
		return;
	first = plan_spread(t->p, angry ? &t->s->feels_angry : &t->s->feels_first);
	last = plan_spread(t->p, settled ? &t->s->feels_settled : &t->s->feels_unsettled);
	for (size_t i = from; i < p->turn_n; i++) {
		if (!is_felt(&p->turns[i]))
			continue;
		p->turns[i].felt = (uint8_t)(PLAN_FELT + first +
					     (words > 1 ? (last - first) * word / (words - 1) : 0));
		word++;
	}
}

void talk(struct plan *p, uint32_t contact, enum opening how)
{
	size_t from = p->turn_n;
	struct plan_contact *c = &p->contacts[contact];
	struct talk t = {.p = p,
		.s = p->s,
		.c = c,
		.m = c->matter == PLAN_NONE ? NULL : &p->matters[c->matter],
		.ch = &p->s->channels[c->channel],
		.number = contact,
		.now = c->started};

	if (t.ch->spoken)
		call(&t, how);
	else
		write_contact(&t, how);
	feel(&t, from);
}

enum talk_end talk_end(const struct plan *p, uint32_t contact)
{
	const struct plan_contact *c = &p->contacts[contact];

	if (c->closed)
		return TALK_CLOSED;
	return c->last_ours && !c->last_asks ? TALK_PRESUMED : TALK_OPEN;
}
