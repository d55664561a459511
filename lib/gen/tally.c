#include "gen/tally.h"
#include "base/mem.h"
#include "base/when.h"
#include "gen/rate.h"
#include "gen/record.h"
#include "gen/sales.h"

#include <stdio.h>
#include <stdlib.h>

#define WINDOWS 4
#define QUIET_FROM 21 /* the hour; of consent_violation_rate */
#define QUIET_TO 8
#define ACTIONS 3
#define INPUTS 256
#define VERDICTS 4

static const struct {
	const char *name;
	int64_t ms;
} windows[WINDOWS] = {
	{"1d", WHEN_DAY}, {"3d", 3 * WHEN_DAY}, {"7d", 7 * WHEN_DAY}, {"30d", 30 * WHEN_DAY}};

/* Shares; those with a window have one figure for each. */
#define RATES(X)                                                                                   \
	X(REPEAT, "repeat_contact_rate", true)                                                     \
	X(REPEAT_ANY, "repeat_contact_rate.any_intent", true)                                      \
	X(REPEAT_SAME, "repeat_contact_rate.same_channel", true)                                   \
	X(REPEAT_OTHER, "repeat_contact_rate.other_channel", true)                                 \
	X(REPEAT_OVERLAP, "repeat_contact_rate.overlapping", true)                                 \
	X(FCR_EXPLICIT, "first_contact_resolution.explicit", true)                                 \
	X(FCR_PRESUMED, "first_contact_resolution.presumed", true)                                 \
	X(DURABLE_EXPLICIT, "durable_resolution_rate.explicit", true)                              \
	X(DURABLE_PRESUMED, "durable_resolution_rate.presumed", true)                              \
	X(REOPEN, "reopen_rate", true)                                                             \
	X(REOPEN_CASE, "reopen_rate.case_reopened", true)                                          \
	X(REOPEN_CROSS, "cross_channel_reopen_rate", true)                                         \
	X(SWITCH_EXPLICIT, "channel_switch_success.explicit", true)                                \
	X(SWITCH_PRESUMED, "channel_switch_success.presumed", true)                                \
	X(CONTAINED_DURABLY, "containment_rate.durable", true)                                     \
	X(ESCALATION, "escalation_rate", false)                                                    \
	X(HANDOFF, "handoff_rate", false)                                                          \
	X(TRANSFER, "transfer_rate", false)                                                        \
	X(SWITCH, "channel_switch_rate", false)                                                    \
	X(REPEATED_QUESTION, "repeated_question_rate", false)                                      \
	X(REPEATED_INFORMATION, "repeat_information_rate", false)                                  \
	X(NO_FOLLOW_UP, "no_follow_up_rate", false)                                                \
	X(CONTAINED, "containment_rate", false)                                                    \
	X(ABANDONED_BOT, "containment_rate.abandoned", false)                                      \
	X(ABANDONED_QUEUE, "contact_abandonment_rate", false)                                      \
	X(ABANDONED_MENU, "contact_abandonment_rate.menu", false)                                  \
	X(FRUSTRATION, "frustration_rate", false)                                                  \
	X(CHURN, "churn_signal_rate", false)                                                       \
	X(KEPT, "commitments_kept_rate", false)                                                    \
	X(CONSENT, "consent_violation_rate", false)                                                \
	X(UNASKED, "consent_violation_rate.without_consent", false)                                \
	X(OUT_OF_CONTEXT, "out_of_context_outbound_rate", false)                                   \
	X(HANDED_WHOLE, "handoff_completeness.complete", false)                                    \
	X(CSAT5, "csat5", false)                                                                   \
	X(CES7_AGREE, "ces7_agree", false)

#define RATE_ENUM(upper, name, windowed) RATE_##upper,
enum rate_id { RATES(RATE_ENUM) RATE_COUNT };

/* Values and how many there are of each, in units of the clock: exact, in memory that grows with
 * the values that are different, not with all. */
struct spectral {
	int64_t value;
	uint64_t count; /* 0: a free place */
};

struct spectrum {
	struct spectral *v; /* a hash table; in the order of values when it is told */
	size_t used, cap;
	uint64_t n, absent;
	int64_t sum; /* in units */
};

enum span_id {
	SPAN_ANY,
	SPAN_HUMAN,
	SPAN_USEFUL,
	SPAN_WAIT,
	SPAN_HANDLE,
	SPAN_RESOLUTION,
	SPAN_COUNT
};

static const char *const span_names[SPAN_COUNT] = {"first_response_time.any",
	"first_response_time.human", "first_response_time.useful", "wait_time", "handle_time",
	"resolution_time"};

struct asked { /* of recurring_questions, by stage and intent */
	uint64_t count, customers, last;
};

struct tally {
	const struct scenario *s;
	int64_t horizon;
	uint64_t contacts, offered, handled, customers, issues;
	struct rate rates[RATE_COUNT][WINDOWS];
	struct spectrum *spans[SPAN_COUNT]; /* by class */
	struct rate *soon;		    /* service_level, by class */
	struct spectrum effort;		    /* in units of one */
	uint64_t handoffs;
	double completeness;	/* sum */
	uint64_t scores[3][12]; /* by scale and score */
	uint64_t felt;		/* her words with a sentiment */
	int64_t feelings;	/* their sum, hundredths */
	struct sales *sales;
	uint64_t *reached;   /* by stage */
	struct asked *asked; /* by stage, the first without one, and intent */
	uint32_t decisions[ACTIONS][INPUTS][VERDICTS];
};

struct tally *tally_new(const struct scenario *s, int64_t horizon)
{
	struct tally *t = mem_zero(1, sizeof(*t));

	t->s = s;
	t->horizon = horizon;
	for (int i = 0; i < SPAN_COUNT; i++)
		t->spans[i] = mem_zero(s->ontology->class_n, sizeof(struct spectrum));
	t->soon = mem_zero(s->ontology->class_n, sizeof(*t->soon));
	t->sales = sales_new(s, horizon);
	t->reached = mem_zero(s->stage_n, sizeof(*t->reached));
	t->asked = mem_zero((s->stage_n + 1) * s->ontology->intent_n, sizeof(*t->asked));
	return t;
}

void tally_free(struct tally *t)
{
	if (!t)
		return;
	for (int i = 0; i < SPAN_COUNT; i++) {
		for (size_t k = 0; k < t->s->ontology->class_n; k++)
			free(t->spans[i][k].v);
		free(t->spans[i]);
	}
	free(t->effort.v);
	sales_free(t->sales);
	free(t->soon);
	free(t->reached);
	free(t->asked);
	free(t);
}

/* ---- counting ---- */

/* The value's place, or the free one where it belongs. */
static struct spectral *place_of(const struct spectrum *s, int64_t value)
{
	size_t i = (size_t)((uint64_t)value * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (s->cap - 1);

	while (s->v[i].count && s->v[i].value != value)
		i = (i + 1) & (s->cap - 1);
	return &s->v[i];
}

static void widen(struct spectrum *s)
{
	struct spectrum wide = {.cap = s->cap ? s->cap * 2 : 1024};

	wide.v = mem_zero(wide.cap, sizeof(*wide.v));
	for (size_t i = 0; i < s->cap; i++)
		if (s->v[i].count)
			*place_of(&wide, s->v[i].value) = s->v[i];
	free(s->v);
	s->v = wide.v;
	s->cap = wide.cap;
}

static void note(struct spectrum *s, int64_t value)
{
	struct spectral *at;

	if (s->used * 2 >= s->cap)
		widen(s);
	at = place_of(s, value);
	s->used += at->count == 0;
	at->value = value;
	at->count++;
	s->n++;
	s->sum += value;
}

static void note_span(struct tally *t, enum span_id id, size_t class, int64_t from, int64_t to)
{
	if (to)
		note(&t->spans[id][class], (to - from) / t->s->clock);
	else
		t->spans[id][class].absent++;
}

/* ---- contacts ---- */

static bool within(int64_t at, int64_t end, int64_t window)
{
	return at && at <= end + window;
}

static void add_repeat(struct tally *t, const struct truth *of, uint32_t i, int w)
{
	const struct plan *p = of->p;
	const struct true_contact *f = &of->contacts[i];
	const struct plan_contact *next = f->next == PLAN_NONE ? NULL : &p->contacts[f->next];
	bool mature = f->ended + windows[w].ms <= t->horizon;
	bool soon = next && next->started - f->ended <= windows[w].ms;
	bool matter = next && truth_same_matter(p, i, f->next);
	bool same = next && next->channel == p->contacts[i].channel;

	rate_mature(&t->rates[RATE_REPEAT][w], p->known, mature, soon && matter);
	rate_mature(&t->rates[RATE_REPEAT_ANY][w], p->known, mature, soon);
	rate_mature(&t->rates[RATE_REPEAT_SAME][w], p->known, mature, soon && matter && same);
	rate_mature(&t->rates[RATE_REPEAT_OTHER][w], p->known, mature, soon && matter && !same);
	rate_mature(&t->rates[RATE_REPEAT_OVERLAP][w], p->known, mature,
		matter && next->started <= f->ended);
}

static void add_containment(struct tally *t, const struct truth *of, uint32_t i)
{
	const struct true_contact *f = &of->contacts[i];
	bool contained = f->bot && !f->human && !f->abandoned;

	if (!f->bot)
		return;
	rate_count(&t->rates[RATE_CONTAINED][0], contained);
	rate_count(&t->rates[RATE_ABANDONED_BOT][0], f->abandoned);
	for (int w = 0; w < WINDOWS; w++) {
		bool again =
			f->next_matter != PLAN_NONE &&
			within(of->p->contacts[f->next_matter].started, f->ended, windows[w].ms);

		rate_mature(&t->rates[RATE_CONTAINED_DURABLY][w], of->p->known,
			f->ended + windows[w].ms <= t->horizon, contained && !again);
	}
}

static void add_answers(struct tally *t, const struct truth *of, uint32_t i)
{
	const struct plan_contact *c = &of->p->contacts[i];
	const struct true_contact *f = &of->contacts[i];
	size_t class = t->s->channels[c->channel].class;
	int64_t soon = t->s->ontology->classes[class].answer;

	note_span(t, SPAN_ANY, class, c->started, f->answered_any);
	note_span(t, SPAN_HUMAN, class, c->started, f->answered_human);
	note_span(t, SPAN_USEFUL, class, c->started, f->answered_useful);
	note_span(t, SPAN_WAIT, class, c->started, f->own_answer);
	if (f->own_answer)
		note_span(t, SPAN_HANDLE, class, f->own_answer, f->ended);
	if (soon)
		rate_count(
			&t->soon[class], f->answered_any && f->answered_any - c->started <= soon);
	if (f->ended + WHEN_DAY <= t->horizon)
		rate_count(&t->rates[RATE_NO_FOLLOW_UP][0],
			f->last_word == TRUE_HERS && !within(f->followed, f->ended, WHEN_DAY));
	else
		t->rates[RATE_NO_FOLLOW_UP][0].immature++;
}

static void add_call(struct tally *t, enum outcome o)
{
	bool queue = o == OUTCOME_ABANDONED_QUEUE;

	rate_count(&t->rates[RATE_ABANDONED_MENU][0], o == OUTCOME_ABANDONED_IVR);
	if (queue || o == OUTCOME_ANSWERED || o == OUTCOME_VOICEMAIL)
		rate_count(&t->rates[RATE_ABANDONED_QUEUE][0], queue);
}

static void add_contact(struct tally *t, const struct truth *of, uint32_t i)
{
	const struct plan_contact *c = &of->p->contacts[i];
	const struct true_contact *f = &of->contacts[i];

	t->contacts++;
	t->offered += c->hers;
	t->handled += f->handled;
	rate_count(&t->rates[RATE_FRUSTRATION][0], f->frustrated);
	rate_count(&t->rates[RATE_CHURN][0], f->leaving);
	if (f->handled) {
		rate_count(&t->rates[RATE_ESCALATION][0], f->escalations > 0);
		rate_count(&t->rates[RATE_HANDOFF][0], f->handoffs > 0);
		rate_count(&t->rates[RATE_TRANSFER][0], f->transfers > 0);
	}
	add_containment(t, of, i);
	if (f->outcome)
		add_call(t, (enum outcome)(f->outcome - 1));
	if (!c->hers)
		return;
	add_answers(t, of, i);
	for (int w = 0; w < WINDOWS; w++)
		add_repeat(t, of, i, w);
}

/* ---- issues and switches ---- */

static void add_resolution(
	struct tally *t, const struct truth *of, const struct true_issue *is, int w)
{
	const struct plan *p = of->p;
	const struct true_contact *f = &of->contacts[is->first];
	int64_t window = windows[w].ms;
	bool mature = f->ended + window <= t->horizon, closed = within(f->closed, f->ended, window);
	bool later = f->next_matter != PLAN_NONE &&
		     within(p->contacts[f->next_matter].started, f->ended, window);
	bool stays = !later && !is->transfers && !is->escalations;
	bool either = closed || truth_presumed(f, t->horizon);

	if (!p->contacts[is->first].hers || !f->handled)
		return;
	rate_mature(&t->rates[RATE_FCR_EXPLICIT][w], p->known, mature, closed && stays);
	rate_mature(&t->rates[RATE_FCR_PRESUMED][w], p->known, mature, either && stays);
	if (closed)
		rate_mature(&t->rates[RATE_DURABLE_EXPLICIT][w], p->known, mature, stays);
	if (either)
		rate_mature(&t->rates[RATE_DURABLE_PRESUMED][w], p->known, mature, stays);
}

static void add_reopening(
	struct tally *t, const struct truth *of, const struct true_issue *is, int w)
{
	const struct plan_contact *all = of->p->contacts;
	bool known = of->p->known, mature = is->closed + windows[w].ms <= t->horizon;
	bool back = is->reopening != PLAN_NONE &&
		    within(all[is->reopening].started, is->closed, windows[w].ms);

	rate_mature(&t->rates[RATE_REOPEN][w], known, mature, back);
	rate_mature(&t->rates[RATE_REOPEN_CROSS][w], known, mature,
		back && all[is->reopening].channel != all[is->closing].channel);
	rate_mature(&t->rates[RATE_REOPEN_CASE][w], known, mature,
		within(is->case_reopened, is->closed, windows[w].ms));
}

static void add_issue(struct tally *t, const struct truth *of, const struct true_issue *is)
{
	const struct plan_contact *first = &of->p->contacts[is->first];
	size_t class = t->s->channels[first->channel].class;

	t->issues++;
	for (int w = 0; w < WINDOWS; w++) {
		add_resolution(t, of, is, w);
		if (is->closed)
			add_reopening(t, of, is, w);
	}
	if (is->closed)
		note_span(t, SPAN_RESOLUTION, class, first->started, is->closed_last);
	if (is->contacts >= 2)
		rate_mature(&t->rates[RATE_SWITCH][0], of->p->known, true, is->switches > 0);
	if (is->question)
		rate_mature(&t->rates[RATE_REPEATED_QUESTION][0], of->p->known, true,
			is->repeated_question);
	if (of->p->known)
		note(&t->effort, is->her_contacts + is->switches + is->moves);
}

static void add_switch(struct tally *t, const struct truth *of, const struct true_switch *s)
{
	for (int w = 0; w < WINDOWS; w++) {
		int64_t ms = windows[w].ms;
		bool mature = of->contacts[s->to].ended + ms <= t->horizon;

		rate_mature(&t->rates[RATE_SWITCH_EXPLICIT][w], of->p->known, mature,
			!truth_failures(of, s, ms, t->horizon, false));
		rate_mature(&t->rates[RATE_SWITCH_PRESUMED][w], of->p->known, mature,
			!truth_failures(of, s, ms, t->horizon, true));
	}
	rate_count(&t->rates[RATE_REPEATED_INFORMATION][0], s->repeated);
}

/* ---- records ---- */

static void add_survey(struct tally *t, const struct turn *turn)
{
	int score;

	turn_scale(turn, &score);
	t->scores[turn->number % 3][score]++;
}

static void add_handoff(struct tally *t, const struct turn *turn)
{
	t->handoffs++;
	t->completeness +=
		(double)__builtin_popcount(turn->number) / (double)__builtin_popcount(turn->needed);
	rate_count(&t->rates[RATE_HANDED_WHOLE][0], turn->number == turn->needed);
}

/* Kept by when it fell due. */
static void add_commitment(struct tally *t, const struct plan *p, uint32_t pos)
{
	const struct turn *made = &p->turns[pos];
	bool kept = false;

	if (made->at + made->wait > t->horizon) {
		t->rates[RATE_KEPT][0].immature++;
		return;
	}
	for (uint32_t i = pos; i < p->turn_n && p->turns[i].at <= made->at + made->wait; i++)
		kept |= p->turns[i].what == WHAT_COMMITMENT_KEPT && p->turns[i].link == made->link;
	rate_count(&t->rates[RATE_KEPT][0], kept);
}

static bool quiet(int64_t at)
{
	int64_t hour = at / WHEN_HOUR % 24;

	return hour >= QUIET_FROM || hour < QUIET_TO;
}

static void add_campaign(struct tally *t, const struct truth *of, uint32_t pos)
{
	const struct plan *p = of->p;
	bool consent = false, twice = false;

	for (uint32_t i = 0; i < pos; i++) {
		const struct turn *turn = &p->turns[i];

		if (turn->what == WHAT_CONSENT_GRANTED || turn->what == WHAT_CONSENT_REVOKED)
			consent = turn->what == WHAT_CONSENT_GRANTED;
		twice |= turn->what == WHAT_CAMPAIGN && turn->at >= p->turns[pos].at - WHEN_DAY;
	}
	rate_count(&t->rates[RATE_CONSENT][0], !consent || quiet(p->turns[pos].at));
	rate_count(&t->rates[RATE_UNASKED][0], !consent);
	rate_count(&t->rates[RATE_OUT_OF_CONTEXT][0], twice || truth_open(of, pos));
}

static void add_record(struct tally *t, const struct truth *of, uint32_t pos)
{
	const struct turn *turn = &of->p->turns[pos];

	if (turn->felt) {
		t->felt++;
		t->feelings += turn->felt - PLAN_FELT;
	}
	switch (turn->what) {
	case WHAT_SURVEY:
		add_survey(t, turn);
		break;
	case WHAT_HANDOFF:
		add_handoff(t, turn);
		break;
	case WHAT_COMMITMENT_MADE:
		add_commitment(t, of->p, pos);
		break;
	case WHAT_CAMPAIGN:
		add_campaign(t, of, pos);
		break;
	case WHAT_DECISION:
		t->decisions[turn->to - 1][turn->number][turn->agent - 1]++;
		break;
	default:
		break;
	}
}

/* Stages reached in their order, within 30 days of the first. */
static void add_stages(struct tally *t, const struct plan *p)
{
	int64_t first = 0;
	size_t next = 0;

	for (size_t i = 0; i < p->turn_n && next < t->s->stage_n; i++) {
		if (p->turns[i].what != WHAT_STAGE || p->turns[i].number != next)
			continue;
		first = next ? first : p->turns[i].at;
		if (p->turns[i].at - first > 30 * WHEN_DAY)
			return;
		t->reached[next++]++;
	}
}

static void add_question(struct tally *t, const struct truth *of, uint32_t i, size_t stage)
{
	struct asked *a = &t->asked[stage * t->s->ontology->intent_n];

	if (!of->contacts[i].questions)
		return;
	a += of->contacts[i].questions - 1;
	a->count++;
	a->customers += a->last != of->p->number + 1;
	a->last = of->p->number + 1;
}

static size_t stage_of(const struct turn *t, size_t before)
{
	return t->what == WHAT_STAGE ? (size_t)t->number + 1 : before;
}

/* Each with the stage that she had reached when she asked, which need not be how the contact began,
 * one of the same time included; 0: none. */
static void add_questions(struct tally *t, const struct truth *of)
{
	const struct plan *p = of->p;
	bool *asked = mem_zero(of->contact_n + 1, sizeof(*asked));
	size_t stage = 0;

	for (uint32_t i = 0; i < p->turn_n; i++) {
		const struct turn *turn = &p->turns[i];
		size_t then;

		stage = stage_of(turn, stage);
		if (turn->what != WHAT_OPEN || turn->contact == PLAN_NONE || asked[turn->contact])
			continue;
		asked[turn->contact] = true;
		then = stage;
		for (uint32_t k = i + 1; k < p->turn_n && p->turns[k].at == turn->at; k++)
			then = stage_of(&p->turns[k], then);
		add_question(t, of, turn->contact, then);
	}
	free(asked);
}

void tally_add(struct tally *t, const struct truth *of, const struct leads *leads)
{
	t->customers += of->contact_n > 0;
	for (uint32_t i = 0; i < of->contact_n; i++)
		add_contact(t, of, i);
	add_questions(t, of);
	for (size_t i = 0; i < of->issue_n; i++)
		add_issue(t, of, &of->issues[i]);
	for (size_t i = 0; i < of->switch_n; i++)
		add_switch(t, of, &of->switches[i]);
	for (size_t i = 0; i < of->move_n; i++)
		rate_count(&t->rates[RATE_REPEATED_INFORMATION][0], of->moves[i].repeated);
	for (uint32_t i = 0; i < of->p->turn_n; i++)
		add_record(t, of, i);
	add_stages(t, of->p);
	sales_add(t->sales, of, leads);
}

/* ---- telling ---- */

struct teller {
	struct tally *t;
	struct line *l;
};

static void begin(struct teller *w, const char *metric, const char *statistic)
{
	line_begin(w->l, "metric", metric);
	line_text(w->l, "statistic", statistic);
}

static void tell_count(struct teller *w, const char *metric, uint64_t n)
{
	begin(w, metric, "count");
	line_number(w->l, "value", (int64_t)n);
	line_number(w->l, "n", (int64_t)n);
	line_end(w->l);
}

static void tell_rates(struct teller *w)
{
#define RATE_ROW(upper, name, windowed) {name, windowed},
	static const struct {
		const char *name;
		bool windowed;
	} rows[RATE_COUNT] = {RATES(RATE_ROW)};

	for (int i = 0; i < RATE_COUNT; i++)
		for (int k = 0; k < (rows[i].windowed ? WINDOWS : 1); k++) {
			begin(w, rows[i].name, "rate");
			if (rows[i].windowed)
				line_text(w->l, "window", windows[k].name);
			rate_tell(&w->t->rates[i][k], w->l);
		}
}

static int by_value(const void *pa, const void *pb)
{
	const struct spectral *a = pa, *b = pb;

	if (!a->count || !b->count)
		return !a->count - !b->count;
	return (a->value > b->value) - (a->value < b->value);
}

/* The value of which `rank` are less, from 0; in sorted values. */
static int64_t ranked(const struct spectrum *s, uint64_t rank)
{
	uint64_t seen = s->v[0].count;
	size_t i = 0;

	while (seen <= rank)
		seen += s->v[++i].count;
	return s->v[i].value;
}

/* Type 7 of Hyndman and Fan: between the neighbours of 1 + (n - 1) tenths / 10. */
static double quantile(const struct spectrum *s, uint64_t tenths)
{
	uint64_t at = (s->n - 1) * tenths, rank = at / 10, rest = at % 10;
	int64_t low = ranked(s, rank), high = rest ? ranked(s, rank + 1) : low;

	return (double)low + (double)(high - low) * (double)rest / 10;
}

static void tell_statistic(struct teller *w, const char *metric, const char *class,
	const char *statistic, double v, uint64_t n)
{
	begin(w, metric, statistic);
	if (class)
		line_text(w->l, "class", class);
	line_decimal(w->l, "value", v, 3);
	line_number(w->l, "n", (int64_t)n);
	line_end(w->l);
}

/* unit: of the values, in what is told. */
static void tell_spectrum(
	struct teller *w, const char *metric, const char *class, struct spectrum *s, double unit)
{
	if (!s->n)
		return;
	qsort(s->v, s->cap, sizeof(*s->v), by_value);
	tell_statistic(w, metric, class, "median", quantile(s, 5) * unit, s->n);
	tell_statistic(w, metric, class, "p90", quantile(s, 9) * unit, s->n);
	tell_statistic(w, metric, class, "mean", (double)s->sum * unit / (double)s->n, s->n);
}

static void tell_spans(struct teller *w)
{
	const struct ontology *o = w->t->s->ontology;
	double unit = (double)w->t->s->clock / (double)WHEN_SECOND;

	for (int i = 0; i < SPAN_COUNT; i++)
		for (size_t k = 0; k < o->class_n; k++) {
			struct spectrum *s = &w->t->spans[i][k];
			const struct rate unanswered = {s->absent, s->n + s->absent, 0, 0};

			tell_spectrum(w, span_names[i], o->classes[k].id, s, unit);
			if (i > SPAN_USEFUL || !unanswered.n)
				continue;
			begin(w, span_names[i], "unanswered");
			line_text(w->l, "class", o->classes[k].id);
			rate_tell(&unanswered, w->l);
		}
	for (size_t k = 0; k < o->class_n; k++) {
		begin(w, "service_level", "rate");
		line_text(w->l, "class", o->classes[k].id);
		rate_tell(&w->t->soon[k], w->l);
	}
	tell_spectrum(w, "effort", NULL, &w->t->effort, 1);
}

/* The mean of a scale's answers; for net scores, shares of those above and below. */
static void tell_scale(
	struct teller *w, int scale, const char *name, const char *net, int low, int high)
{
	const uint64_t *scores = w->t->scores[scale];
	double n = 0, sum = 0, above = 0, below = 0;

	for (int i = 0; i < 12; i++) {
		n += (double)scores[i];
		sum += (double)scores[i] * i;
		above += i >= high ? (double)scores[i] : 0;
		below += i <= low ? (double)scores[i] : 0;
	}
	if (n <= 0)
		return;
	tell_statistic(w, name, NULL, "mean", sum / n, (uint64_t)n);
	if (net)
		tell_statistic(w, net, NULL, "net", (above - below) / n, (uint64_t)n);
}

static void tell_surveys(struct teller *w)
{
	uint64_t(*all)[12] = w->t->scores;

	for (int i = 0; i < 12; i++) {
		w->t->rates[RATE_CSAT5][0].n += all[0][i];
		w->t->rates[RATE_CSAT5][0].hits += i >= 4 ? all[0][i] : 0;
		w->t->rates[RATE_CES7_AGREE][0].n += all[2][i];
		w->t->rates[RATE_CES7_AGREE][0].hits += i >= 5 ? all[2][i] : 0;
	}
	tell_scale(w, 0, "csat5", NULL, 0, 0);
	tell_scale(w, 1, "nps", "nps", 6, 9);
	tell_scale(w, 2, "ces7", "ces7_net", 3, 6);
}

static void tell_sentiment(struct teller *w)
{
	if (!w->t->felt)
		return;
	begin(w, "sentiment", "mean");
	line_decimal(w->l, "value", (double)w->t->feelings / (double)w->t->felt / 100, 6);
	line_number(w->l, "n", (int64_t)w->t->felt);
	line_end(w->l);
}

static double pairs_of(uint32_t n)
{
	return n ? (double)n * (n - 1) / 2 : 0;
}

/* Groups of two or more decisions on the same action with the same inputs, and their pairs. */
static void tell_contradictions(struct teller *w)
{
	struct rate r = {0, 0, 0, 0};
	double pairs = 0, alike = 0;

	for (int a = 0; a < ACTIONS; a++)
		for (int i = 0; i < INPUTS; i++) {
			const uint32_t *v = w->t->decisions[a][i];
			uint32_t all = v[0] + v[1] + v[2] + v[3];
			int kinds = (v[0] > 0) + (v[1] > 0) + (v[2] > 0) + (v[3] > 0);

			if (all >= 2)
				rate_count(&r, kinds > 1);
			pairs += pairs_of(all);
			for (int k = 0; k < VERDICTS; k++)
				alike += pairs_of(v[k]);
		}
	begin(w, "contradiction_rate", "rate");
	rate_tell(&r, w->l);
	if (pairs > 0)
		tell_statistic(w, "contradiction_rate.pairs", NULL, "mean", (pairs - alike) / pairs,
			(uint64_t)pairs);
}

static void tell_asked(
	struct teller *w, const struct asked *a, const char *stage, const char *intent)
{
	if (!a->count)
		return;
	begin(w, "recurring_questions", "count");
	line_text(w->l, "stage", stage);
	line_text(w->l, "intent", intent);
	line_number(w->l, "value", (int64_t)a->count);
	line_number(w->l, "customers", (int64_t)a->customers);
	line_end(w->l);
}

static void tell_lists(struct teller *w)
{
	const struct scenario *s = w->t->s;
	size_t n = s->ontology->intent_n;

	for (size_t i = 0; i < s->stage_n; i++) {
		begin(w, "funnel", "count");
		line_text(w->l, "stage", s->stages[i].id);
		line_number(w->l, "value", (int64_t)w->t->reached[i]);
		line_end(w->l);
	}
	for (size_t stage = 0; stage <= s->stage_n; stage++)
		for (size_t i = 0; i < n; i++)
			tell_asked(w, &w->t->asked[stage * n + i],
				stage ? s->stages[stage - 1].id : NULL, s->ontology->intents[i].id);
}

int tally_tell(struct tally *t, struct line *l)
{
	struct teller w = {t, l};

	tell_count(&w, "contacts", t->contacts);
	tell_count(&w, "contacts.offered", t->offered);
	tell_count(&w, "contacts.handled", t->handled);
	tell_count(&w, "customers", t->customers);
	tell_count(&w, "issues", t->issues);
	tell_surveys(&w);
	tell_rates(&w);
	tell_spans(&w);
	if (t->handoffs)
		tell_statistic(&w, "handoff_completeness", NULL, "mean",
			t->completeness / (double)t->handoffs, t->handoffs);
	tell_sentiment(&w);
	tell_contradictions(&w);
	sales_tell(t->sales, l);
	tell_lists(&w);
	return l->status;
}
