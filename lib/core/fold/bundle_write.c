/* A bundle as JSON: jcontext(5). */
#include "core/fold/bundle_internal.h"

#include <math.h>

#define TEXT_BYTES 200 /* of a question, of an offer */

static void put_string(struct buf *out, const char *key, struct str s)
{
	if (s.len)
		json_put_text(out, key, s);
}

static void put_raw(struct buf *out, const char *key, struct str raw)
{
	if (!raw.len)
		return;
	json_put_key(out, key);
	buf_put(out, raw);
}

static void put_bool(struct buf *out, const char *key, bool is)
{
	json_put_key(out, key);
	buf_puts(out, is ? "true" : "false");
}

/* 0: none. */
static void put_time(struct buf *out, const char *key, int64_t ms)
{
	char text[WHEN_TEXT];

	if (!ms)
		return;
	when_format(ms, text);
	put_string(out, key, str_of(text));
}

static void put_text(struct buf *out, struct str text)
{
	struct buf cut = BUF_INIT;

	bundle_cut(&cut, text, TEXT_BYTES);
	put_string(out, "text", buf_str(&cut));
	buf_release(&cut);
}

static void begin(struct buf *out, char with)
{
	char last = out->s[out->len - 1];

	if (last != '[' && last != ':')
		buf_byte(out, ',');
	buf_byte(out, with);
}

/* When and where a record was. */
static void put_place(struct buf *out, const struct bundle *b, size_t record, bool brief)
{
	size_t c = bundle_contact(b, record);

	put_time(out, "time", b->records[record].time);
	if (!c)
		return;
	json_put_int(out, "contact", b->fold->contacts[c - 1].id);
	if (!brief)
		put_string(out, "channel", fold_text(b->fold, b->fold->contacts[c - 1].channel));
}

/* The first of the last BUNDLE_LIST of n. */
static size_t first_of(size_t n)
{
	return n > BUNDLE_LIST ? n - BUNDLE_LIST : 0;
}

/* Entries of a list that are not told: the earlier ones. */
static void put_left(struct buf *out, const char *key, size_t n)
{
	if (first_of(n))
		json_put_int(out, key, (int64_t)first_of(n));
}

/* ---- parts ---- */

static void put_issues(struct buf *out, const struct bundle *b)
{
	const struct fold *f = b->fold;

	buf_byte(out, '[');
	for (size_t i = 0; i < f->issue_n; i++) {
		const struct issue *is = &f->issues[i];

		if (!is->open)
			continue;
		begin(out, '{');
		json_put_int(out, "issue", f->contacts[is->first].id);
		put_string(out, "family", fold_text(f, is->family));
		put_string(out, "case", fold_text(f, is->case_id));
		put_time(out, "started", is->started);
		json_put_int(out, "contacts", is->contacts);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

static const char *state_of(const struct bundle *b, const struct promise *p)
{
	if (p->kept)
		return p->due && p->kept > p->due ? "late" : "kept";
	return p->due && p->due < b->place.now ? "overdue" : "open";
}

static void put_promises(struct buf *out, const struct bundle *b)
{
	buf_byte(out, '[');
	for (size_t i = first_of(b->promise_n); i < b->promise_n; i++) {
		const struct promise *p = &b->promises[i];

		begin(out, '{');
		put_string(out, "action", bundle_text(b, p->action));
		put_string(out, "by", bundle_text(b, p->by));
		put_time(out, "made", b->records[p->record].time);
		put_time(out, "due", p->due);
		put_time(out, "kept", p->kept);
		put_string(out, "state", str_of(state_of(b, p)));
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

static void put_decisions(struct buf *out, const struct bundle *b)
{
	buf_byte(out, '[');
	for (size_t i = first_of(b->ruling_n); i < b->ruling_n; i++) {
		const struct ruling *r = &b->rulings[i];

		begin(out, '{');
		put_time(out, "time", b->records[r->record].time);
		put_string(out, "action", bundle_text(b, r->action));
		put_raw(out, "amount", bundle_text(b, r->amount));
		put_string(out, "currency", bundle_text(b, r->currency));
		put_string(out, "verdict", bundle_text(b, r->verdict));
		put_raw(out, "policies", bundle_text(b, r->policies));
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

static void put_consents(struct buf *out, const struct bundle *b)
{
	buf_byte(out, '[');
	for (size_t i = 0; i < b->agreed_n; i++) {
		const struct agreed *a = &b->agreed[i];

		begin(out, '{');
		json_put_key(out, "channel");
		json_put_string(out, bundle_text(b, a->channel));
		json_put_key(out, "purpose");
		json_put_string(out, bundle_text(b, a->purpose));
		put_bool(out, "granted", a->granted);
		put_time(out, "since", b->records[a->record].time);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

void bundle_put(struct buf *out, const struct bundle *b, enum bundle_part part)
{
	switch (part) {
	case BUNDLE_IDENTIFIERS:
		buf_byte(out, '[');
		buf_put(out, buf_str(&b->identifiers));
		buf_byte(out, ']');
		break;
	case BUNDLE_ISSUES:
		put_issues(out, b);
		break;
	case BUNDLE_PROMISES:
		put_promises(out, b);
		break;
	case BUNDLE_DECISIONS:
		put_decisions(out, b);
		break;
	case BUNDLE_CONSENTS:
		put_consents(out, b);
		break;
	}
}

static void put_part(
	struct buf *out, const char *key, const struct bundle *b, enum bundle_part part)
{
	json_put_key(out, key);
	bundle_put(out, b, part);
}

static void put_contact(struct buf *out, const struct bundle *b, bool brief)
{
	const struct fold *f = b->fold;
	const struct contact *c;

	if (!b->current)
		return;
	c = &f->contacts[b->current - 1];
	json_put_key(out, "contact");
	buf_byte(out, '{');
	json_put_int(out, "contact", c->id);
	json_put_int(out, "issue", f->contacts[f->issues[c->issue].first].id);
	if (!brief)
		put_string(out, "channel", fold_text(f, c->channel));
	put_time(out, "started", c->started);
	put_time(out, "ended", c->ended);
	put_string(out, "case", fold_text(f, f->issues[c->issue].case_id));
	put_bool(out, "open", f->issues[c->issue].open);
	put_time(out, "waiting_since", c->waiting);
	buf_byte(out, '}');
}

static void put_questions(struct buf *out, const struct bundle *b, bool brief)
{
	size_t n = 0, i;

	for (i = b->speech_n; i > 0 && n < BUNDLE_LIST; i--)
		n += b->speeches[i - 1].hers && b->speeches[i - 1].asks;
	json_put_key(out, "questions");
	buf_byte(out, '[');
	for (; i < b->speech_n; i++) {
		const struct speech *s = &b->speeches[i];

		if (!s->hers || !s->asks)
			continue;
		begin(out, '{');
		put_place(out, b, s->record, brief);
		put_string(out, "intent", str_of(s->intent ? s->intent->id : NULL));
		if (!brief)
			put_text(out, bundle_text(b, s->text));
		put_time(out, "answered", s->answered);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

static size_t count_questions(const struct bundle *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->speech_n; i++)
		n += b->speeches[i].hers && b->speeches[i].asks;
	return n;
}

static void put_requests(struct buf *out, const struct bundle *b, bool brief)
{
	json_put_key(out, "requests");
	buf_byte(out, '[');
	for (size_t i = first_of(b->request_n); i < b->request_n; i++) {
		const struct request *r = &b->requests[i];

		begin(out, '{');
		put_string(out, "entity", bundle_text(b, r->entity));
		put_place(out, b, r->record, brief);
		put_time(out, "given", r->given);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

/* ---- entities ---- */

static bool same_piece(const struct bundle *b, struct piece x, struct piece y)
{
	return str_eq(bundle_text(b, x), bundle_text(b, y));
}

/* Other values that were told before, each once, the latest first. */
static void put_earlier(struct buf *out, const struct bundle *b, const struct named *latest)
{
	const struct named *told[BUNDLE_LIST];
	size_t n = 0;

	told[n++] = latest;
	for (const struct named *v = latest; v-- > b->entities && n < BUNDLE_LIST;) {
		bool known = false;

		for (size_t k = 0; k < n && !known; k++)
			known = same_piece(b, told[k]->value, v->value);
		if (!known && same_piece(b, v->entity, latest->entity) &&
			bundle_held(b, v) == bundle_held(b, latest))
			told[n++] = v;
	}
	if (n == 1)
		return;
	json_put_key(out, "earlier");
	buf_byte(out, '[');
	for (size_t k = 1; k < n; k++) {
		begin(out, '{');
		put_raw(out, "value", bundle_text(b, told[k]->value));
		put_time(out, "time", b->records[told[k]->record].time);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

static void put_entity(struct buf *out, const struct bundle *b, const struct named *n, bool brief)
{
	static const char *const held[] = {[HELD_ELSEWHERE] = "elsewhere",
		[HELD_FAMILY] = "family",
		[HELD_ISSUE] = "issue",
		[HELD_WHO] = "who"};

	begin(out, '{');
	put_raw(out, "value", bundle_text(b, n->value));
	put_place(out, b, n->record, brief);
	put_string(out, "by", n->hers ? STR("customer") : STR("company"));
	put_string(out, "on", str_of(held[bundle_held(b, n)]));
	put_earlier(out, b, n);
	buf_byte(out, '}');
}

/* The names of entities, each once, as they were said first; of more than are told, those that were
 * said last. Returns how many there are. */
static size_t list_names(const struct bundle *b, struct str *names, size_t *told)
{
	struct map last = MAP_INIT, seen = MAP_INIT;
	size_t n = 0;
	bool fresh;

	for (size_t i = b->entity_n; i > 0; i--) {
		union map_value *v =
			map_slot(&last, bundle_text(b, b->entities[i - 1].entity), &fresh);

		if (fresh)
			v->n = (int64_t)n++;
	}
	*told = 0;
	for (size_t i = 0; i < b->entity_n; i++) {
		struct str id = bundle_text(b, b->entities[i].entity);

		map_slot(&seen, id, &fresh);
		if (fresh && map_get(&last, id)->n < BUNDLE_NAMES)
			names[(*told)++] = id;
	}
	map_release(&last);
	map_release(&seen);
	return n;
}

/* Returns how many names there are. */
static size_t put_entities(struct buf *out, const struct bundle *b, bool brief)
{
	struct str names[BUNDLE_NAMES];
	size_t told, n = list_names(b, names, &told);

	buf_byte(out, '{');
	for (size_t i = 0; i < told; i++) {
		if (i)
			buf_byte(out, ',');
		json_put_string(out, names[i]);
		buf_byte(out, ':');
		put_entity(out, b, bundle_value(b, names[i]), brief);
	}
	buf_byte(out, '}');
	return n;
}

/* ---- what was tried, how she felt, what is next ---- */

static void put_move(struct buf *out, const struct fold *f, const struct move *m)
{
	static const char *const kinds[] = {[MOVE_TRANSFER] = "transfer",
		[MOVE_HANDOFF] = "handoff",
		[MOVE_ESCALATION] = "escalation"};

	put_string(out, "what", str_of(kinds[m->kind]));
	put_time(out, "time", m->at);
	json_put_int(out, "contact", f->contacts[m->contact].id);
	put_string(out, "reason", fold_text(f, m->reason));
	put_string(out, "from", fold_text(f, m->from));
	put_string(out, "to", fold_text(f, m->to));
}

static void put_switch(struct buf *out, const struct fold *f, const struct switched *w, bool brief)
{
	put_string(out, "what", STR("switch"));
	put_time(out, "time", f->contacts[w->to].started);
	json_put_int(out, "contact", f->contacts[w->to].id);
	if (brief)
		return;
	put_string(out, "from", fold_text(f, f->contacts[w->from].channel));
	put_string(out, "to", fold_text(f, f->contacts[w->to].channel));
}

static void put_act(struct buf *out, const struct bundle *b, const struct tried *t, bool brief)
{
	static const char *const acts[] = {
		[ACT_OFFER] = "offer", [ACT_CLOSED] = "closed", [ACT_REOPENED] = "reopened"};

	put_string(out, "what", str_of(acts[t->act]));
	put_place(out, b, t->number, brief);
	if (t->act != ACT_OFFER)
		put_string(out, "reason", bundle_text(b, t->about));
	else if (!brief)
		put_text(out, bundle_text(b, t->about));
}

static void put_tried(struct buf *out, const struct bundle *b, bool brief)
{
	json_put_key(out, "tried");
	buf_byte(out, '[');
	for (size_t i = first_of(b->tried_n); i < b->tried_n; i++) {
		const struct tried *t = &b->tried[i];

		begin(out, '{');
		if (t->act == ACT_MOVE)
			put_move(out, b->fold, &b->fold->moves[t->number]);
		else if (t->act == ACT_SWITCH)
			put_switch(out, b->fold, &b->fold->switches[t->number], brief);
		else
			put_act(out, b, t, brief);
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}

static void put_number(struct buf *out, const char *key, double n)
{
	json_put_key(out, key);
	json_put_number(out, n);
}

static void put_mood(struct buf *out, const struct bundle *b)
{
	if (b->mood.n) {
		json_put_key(out, "sentiment");
		buf_byte(out, '{');
		put_number(out, "first", b->mood.first);
		put_number(out, "last", b->mood.last);
		put_number(out, "mean", round(b->mood.sum / (double)b->mood.n * 1e4) / 1e4);
		json_put_int(out, "words", b->mood.n);
		buf_byte(out, '}');
	}
	if (!b->sign_n)
		return;
	json_put_key(out, "signals");
	for (size_t i = 0; i < b->sign_n; i++) {
		buf_byte(out, i ? ',' : '{');
		json_put_string(out, bundle_text(b, b->signs[i].id));
		buf_byte(out, ':');
		buf_int(out, b->signs[i].n);
	}
	buf_byte(out, '}');
}

static void put_missing_entities(struct buf *out, const struct bundle *b)
{
	json_put_key(out, "entities");
	buf_byte(out, '[');
	for (size_t i = 0; i < b->intent->requires.n; i++)
		if (!bundle_knows(b, str_of(b->intent->requires.v[i]))) {
			if (out->s[out->len - 1] != '[')
				buf_byte(out, ',');
			json_put_string(out, str_of(b->intent->requires.v[i]));
		}
	buf_byte(out, ']');
}

static void put_next(struct buf *out, const struct bundle *b, bool brief)
{
	static const char *const steps[] = {[NEXT_NONE] = "none",
		[NEXT_ANSWER] = "answer",
		[NEXT_ASK] = "ask",
		[NEXT_KEEP] = "keep"};

	json_put_key(out, "next");
	buf_byte(out, '{');
	put_string(out, "step", str_of(steps[b->next]));
	if (b->next == NEXT_ANSWER) {
		const struct speech *s = &b->speeches[b->next_number];

		put_place(out, b, s->record, brief);
		put_string(out, "intent", str_of(s->intent ? s->intent->id : NULL));
		if (!brief)
			put_text(out, bundle_text(b, s->text));
	} else if (b->next == NEXT_ASK) {
		put_missing_entities(out, b);
	} else if (b->next == NEXT_KEEP) {
		put_string(out, "action", bundle_text(b, b->promises[b->next_number].action));
		put_time(out, "due", b->promises[b->next_number].due);
	}
	buf_byte(out, '}');
}

static void put_whole(struct buf *out, const struct bundle *b)
{
	static const char *const parts[] = {[WHOLE_CUSTOMER] = "customer",
		[WHOLE_INTENT] = "intent",
		[WHOLE_ENTITIES] = "entities",
		[WHOLE_SUMMARY] = "summary",
		[WHOLE_CONSENT] = "consent"};
	int needed = 0, present = 0;

	for (int i = 0; i < WHOLE_COUNT; i++) {
		needed += b->needed[i];
		present += b->needed[i] && b->present[i];
	}
	json_put_key(out, "completeness");
	buf_byte(out, '{');
	put_number(out, "score", (double)present / needed);
	json_put_int(out, "present", present);
	json_put_int(out, "required", needed);
	json_put_key(out, "missing");
	buf_byte(out, '[');
	for (int i = 0; i < WHOLE_COUNT; i++)
		if (b->needed[i] && !b->present[i]) {
			if (out->s[out->len - 1] != '[')
				buf_byte(out, ',');
			json_put_string(out, str_of(parts[i]));
		}
	buf_puts(out, "]}");
}

static void put_who(struct buf *out, const struct bundle *b)
{
	buf_printf(out, "{\"customer\":\"c%lld\"", (long long)b->customer);
	json_put_int(out, "version", b->version);
	put_time(out, "as_of", b->place.now);
	put_bool(out, "known", b->known);
	put_string(out, "name", bundle_said(b, BUNDLE_NAME));
	put_string(out, "lang", bundle_said(b, BUNDLE_LANG));
	put_string(out, "region", bundle_said(b, BUNDLE_REGION));
	put_part(out, "identifiers", b, BUNDLE_IDENTIFIERS);
}

static void put_wants(struct buf *out, const struct bundle *b, bool brief)
{
	const struct fold *f = b->fold;

	put_string(out, "intent", str_of(b->intent ? b->intent->id : NULL));
	if (b->current)
		put_string(out, "family", fold_text(f, f->contacts[b->current - 1].family));
	put_string(out, "stage", bundle_said(b, BUNDLE_STAGE));
	put_contact(out, b, brief);
	put_part(out, "open_issues", b, BUNDLE_ISSUES);
}

static void put_lefts(struct buf *out, const struct bundle *b, size_t names)
{
	json_put_key(out, "left_out");
	buf_byte(out, '{');
	if (names > BUNDLE_NAMES)
		json_put_int(out, "entities", (int64_t)(names - BUNDLE_NAMES));
	put_left(out, "questions", count_questions(b));
	put_left(out, "requests", b->request_n);
	put_left(out, "commitments", b->promise_n);
	put_left(out, "decisions", b->ruling_n);
	put_left(out, "tried", b->tried_n);
	buf_byte(out, '}');
}

void bundle_write(struct buf *out, const struct bundle *b, bool brief)
{
	size_t names;

	put_who(out, b);
	put_wants(out, b, brief);
	json_put_key(out, "entities");
	names = put_entities(out, b, brief);
	put_questions(out, b, brief);
	put_requests(out, b, brief);
	put_part(out, "commitments", b, BUNDLE_PROMISES);
	put_part(out, "decisions", b, BUNDLE_DECISIONS);
	put_tried(out, b, brief);
	put_part(out, "consent", b, BUNDLE_CONSENTS);
	put_mood(out, b);
	put_lefts(out, b, names);
	put_next(out, b, brief);
	put_string(out, "summary", buf_str(&b->summary));
	put_string(out, "summary_by", b->by_command ? STR("command") : STR("extractive"));
	put_string(out, "summary_error", buf_str(&b->summary_error));
	put_whole(out, b);
	buf_byte(out, '}');
}
