#include "core/fold/context.h"
#include "core/fold/internal.h"

#include <float.h>
#include <math.h>

#define CONSENTS_MAX 256 /* purposes and channels that are told, those said first */

static const struct {
	const char *name;
	size_t len;
	char kind;
} columns[] = {
#define CONTEXT_ROW(name, kind) {#name, sizeof(#name) - 1, #kind[0]},
	CONTEXT_COLUMNS(CONTEXT_ROW)};

const char *context_name(enum context_column c)
{
	return columns[c].name;
}

bool context_is_text(enum context_column c)
{
	return columns[c].kind == 't';
}

bool context_is_bool(enum context_column c)
{
	return columns[c].kind == 'b';
}

void context_init(struct context *x)
{
	for (int i = 0; i < CONTEXT_COUNT; i++)
		buf_init(&x->text[i]);
	x->wanted = NULL;
	buf_init(&x->tags);
	buf_init(&x->consents);
	context_clear(x);
}

void context_release(struct context *x)
{
	for (int i = 0; i < CONTEXT_COUNT; i++)
		buf_release(&x->text[i]);
	buf_release(&x->tags);
	buf_release(&x->consents);
}

void context_clear(struct context *x)
{
	for (int i = 0; i < CONTEXT_COUNT; i++) {
		x->there[i] = false;
		x->number[i] = 0;
		buf_clear(&x->text[i]);
	}
	buf_clear(&x->tags);
	buf_clear(&x->consents);
	x->given = 0;
}

/* JSON writes no infinite sum. */
static void set(struct context *x, enum context_column c, double n)
{
	x->there[c] = true;
	x->number[c] = fmin(fmax(n, -DBL_MAX), DBL_MAX);
}

static void say(struct context *x, enum context_column c, struct str s)
{
	if (!s.len)
		return;
	x->there[c] = true;
	buf_clear(&x->text[c]);
	buf_put(&x->text[c], s);
}

/* Counts that look back from the start of the contact. */
static void look_back(struct context *x, const struct fold *f, size_t current, int64_t now)
{
	double day = 0, week = 0, month = 0, escalations = 0, transfers = 0;

	for (size_t i = current + 1; i > 0; i--) {
		const struct contact *c = &f->contacts[i - 1];

		if (c->started < now - 30 * WHEN_DAY)
			break;
		escalations += (double)c->escalations;
		transfers += (double)c->transfers;
		if (i - 1 == current || !c->hers)
			continue;
		month++;
		week += c->started >= now - 7 * WHEN_DAY;
		day += c->started >= now - WHEN_DAY;
	}
	set(x, CONTEXT_contacts_24h, day);
	set(x, CONTEXT_contacts_7d, week);
	set(x, CONTEXT_contacts_30d, month);
	set(x, CONTEXT_escalations_30d, escalations);
	set(x, CONTEXT_transfers_30d, transfers);
}

static bool is_repeat(const struct fold *f, size_t current)
{
	const struct contact *c = &f->contacts[current];

	for (size_t i = current; c->hers && i > 0; i--) {
		const struct contact *b = &f->contacts[i - 1];

		if (b->hers && fold_same_matter(b, c))
			return c->started - b->ended <= 7 * WHEN_DAY;
	}
	return false;
}

static bool is_switch(const struct fold *f, size_t current)
{
	for (size_t i = f->switch_n; i > 0; i--)
		if (f->switches[i - 1].to == current)
			return true;
	return false;
}

static double open_issues(const struct fold *f, size_t current)
{
	double n = 0;

	for (size_t i = 0; i < f->issue_n; i++)
		n += f->issues[i].open && f->issues[i].first != current;
	return n;
}

static struct str last_agent(const struct fold *f, size_t current)
{
	for (size_t i = current + 1; i > 0; i--)
		if (f->contacts[i - 1].agent)
			return fold_text(f, f->contacts[i - 1].agent);
	return (struct str){NULL, 0};
}

/* ---- beside her contacts ---- */

/* A word of a list in a buffer: its bytes and a NUL. */
static struct str word_at(const struct buf *list, size_t at)
{
	return (struct str){list->s + at, strlen(list->s + at)};
}

bool context_tag(const struct context *x, struct str tag)
{
	for (size_t at = 0; at < x->tags.len; at += word_at(&x->tags, at).len + 1)
		if (str_eq(word_at(&x->tags, at), tag))
			return true;
	return false;
}

/* Each purpose with a '+' before it, or a '-' where all was taken back, and a NUL behind. */
int context_consents(const struct context *x, struct str purpose)
{
	for (size_t at = 0; at < x->consents.len; at += word_at(&x->consents, at).len + 1) {
		struct str one = word_at(&x->consents, at);

		if (str_eq((struct str){one.s + 1, one.len - 1}, purpose))
			return one.s[0] == '+';
	}
	return -1;
}

static void add_consent(struct context *x, struct str purpose, bool granted)
{
	if (!purpose.len || memchr(purpose.s, '\0', purpose.len))
		return;
	buf_byte(&x->consents, granted ? '+' : '-');
	buf_put(&x->consents, purpose);
	buf_byte(&x->consents, '\0');
}

/* On which channel does not matter here; what comes first of a purpose tells it. */
static void find_consents(struct context *x, const struct fold *f)
{
	const struct consents *all = &f->state->account.consents;
	size_t n = all->n < CONSENTS_MAX ? all->n : CONSENTS_MAX;

	for (size_t i = 0; i < n; i++) {
		bool first = true, granted = false;

		for (size_t k = 0; k < n; k++) {
			if (all->v[k].purpose != all->v[i].purpose)
				continue;
			first &= k >= i;
			granted |= all->v[k].granted;
		}
		if (first)
			add_consent(x, fold_text(f, all->v[i].purpose), granted);
	}
}

/* The event that is asked for; NULL where the fold does not stand at it. */
static const struct fold_event *event_at(const struct fold *f, int64_t seq)
{
	const struct fold_state *s = f->state;
	const struct fold_event *e = s->done ? &s->events[s->done - 1] : NULL;

	return e && e->seq == seq ? e : NULL;
}

/* Amounts of another currency are another thing; what names none counts with each. */
static void find_decided(struct context *x, const struct fold *f, int64_t seq, int64_t now)
{
	static const struct extra none;
	const struct account *a = &f->state->account;
	const struct fold_event *e = event_at(f, seq);
	const struct extra *its = e && e->extra ? &f->state->extras[e->extra - 1] : &none;
	double sum = 0, n = 0, of_action = 0, times = 0;

	for (size_t i = a->spent_n; i > 0 && a->spent[i - 1].at >= now - 30 * WHEN_DAY; i--) {
		const struct spent *s = &a->spent[i - 1];
		bool same = s->action == its->action,
		     counts = !isnan(s->amount) &&
			      (!s->currency || !its->currency || s->currency == its->currency);

		sum += counts ? s->amount : 0;
		of_action += counts && same ? s->amount : 0;
		n += !isnan(s->amount);
		times += same;
	}
	set(x, CONTEXT_decided_30d, sum);
	set(x, CONTEXT_decisions_30d, n);
	if (!its->action)
		return;
	set(x, CONTEXT_decided_action_30d, of_action);
	set(x, CONTEXT_decisions_action_30d, times);
}

static void find_owed(struct context *x, const struct account *a, int64_t now)
{
	double overdue = 0;

	for (size_t i = 0; i < a->owed_n; i++)
		overdue += a->owed[i].due && a->owed[i].due < now;
	set(x, CONTEXT_commitments_open, (double)a->owed_n);
	set(x, CONTEXT_commitments_overdue, overdue);
}

/* Whether it is a word of ours, or proposes what may be one. */
static bool may_deliver(const struct fold_event *e)
{
	bool word = e->kind == KIND_MESSAGE || e->kind == KIND_CALL;

	return e->kind == KIND_PROPOSED || (e->out && word);
}

static void find_delivery(struct context *x, const struct fold *f, int64_t seq, int64_t now)
{
	const struct fold_state *s = f->state;
	const struct account *a = &s->account;
	const struct fold_event *e = event_at(f, seq);
	int32_t channel = e && e->extra ? s->extras[e->extra - 1].channel : 0;

	if (!e || e->kind == KIND_GRANTED || e->kind == KIND_REVOKED)
		return;
	channel = channel ? channel : e->channel;
	if (e->purpose)
		set(x, CONTEXT_consent, consents_say(&a->consents, e->purpose, channel) == 1);
	if (!e->purpose && !may_deliver(e))
		return;
	set(x, CONTEXT_window_open, account_window(a, channel, now));
}

static double since(const int64_t *v, size_t n, int64_t from)
{
	size_t found = 0;

	while (found < n && v[n - 1 - found] >= from)
		found++;
	return (double)found;
}

/* What was sent was decided before, or not: the greater number of both. This one is left out. */
static void find_sent(struct context *x, const struct fold *f, int64_t seq, int64_t now)
{
	static const struct {
		enum context_column column;
		int64_t span;
	} spans[] = {{CONTEXT_sent_24h, WHEN_DAY}, {CONTEXT_sent_7d, 7 * WHEN_DAY},
		{CONTEXT_sent_30d, 30 * WHEN_DAY}};
	const struct account *a = &f->state->account;
	const struct fold_event *e = event_at(f, seq);
	bool own = e && e->out && !e->service && (e->kind == KIND_MESSAGE || e->kind == KIND_CALL);

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		set(x, spans[i].column,
			fmax(since(a->sent, a->sent_n, now - spans[i].span) - own,
				since(a->cleared, a->cleared_n, now - spans[i].span)));
	if (a->heard)
		set(x, CONTEXT_heard_hours,
			now > a->heard ? (double)(now - a->heard) / (double)WHEN_HOUR : 0);
}

static void count(struct context *x, enum context_column c, double n)
{
	set(x, c, (x->there[c] ? x->number[c] : 0) + n);
}

void context_decided(struct context *x, int64_t now, const struct context_decision *d)
{
	if (d->at >= now - 30 * WHEN_DAY) {
		if (!isnan(d->amount))
			count(x, CONTEXT_decisions_30d, 1);
		if (!isnan(d->amount) && d->same_currency)
			count(x, CONTEXT_decided_30d, d->amount);
		if (d->same_action)
			count(x, CONTEXT_decisions_action_30d, 1);
		if (!isnan(d->amount) && d->same_currency && d->same_action)
			count(x, CONTEXT_decided_action_30d, d->amount);
	}
	if (!d->word)
		return;
	count(x, CONTEXT_sent_24h, d->at >= now - WHEN_DAY);
	count(x, CONTEXT_sent_7d, d->at >= now - 7 * WHEN_DAY);
	count(x, CONTEXT_sent_30d, d->at >= now - 30 * WHEN_DAY);
}

static double days_since(int64_t then, int64_t now)
{
	return now > then ? (double)(now - then) / (double)WHEN_DAY : 0;
}

static void find_account(struct context *x, const struct fold *f, int64_t seq, int64_t time)
{
	const struct account *a = &f->state->account;
	struct str tags = fold_text(f, a->tags);

	find_decided(x, f, seq, time);
	find_owed(x, a, time);
	find_consents(x, f);
	find_delivery(x, f, seq, time);
	find_sent(x, f, seq, time);
	set(x, CONTEXT_value, a->value);
	set(x, CONTEXT_customer_days, days_since(fold_began(f), time));
	say(x, CONTEXT_last_person, fold_text(f, a->person));
	if (a->person)
		set(x, CONTEXT_last_person_days, days_since(a->person_at, time));
	say(x, CONTEXT_tier, fold_text(f, a->tier));
	say(x, CONTEXT_product, fold_text(f, a->product));
	say(x, CONTEXT_lang, fold_text(f, a->lang));
	say(x, CONTEXT_region, fold_text(f, a->region));
	say(x, CONTEXT_stage, fold_text(f, a->stage));
	if (tags.len > 1)
		buf_put(&x->tags, tags);
}

void context_of(struct context *x, struct fold *f, int64_t seq, int64_t time)
{
	const struct contact *c;
	size_t current;

	context_clear(x);
	fold_relate(f);
	set(x, CONTEXT_known, f->known);
	find_account(x, f, seq, time);
	current = fold_contact_of(f, seq);
	if (!current)
		return;
	c = &f->contacts[--current];
	set(x, CONTEXT_first_contact, current == 0);
	look_back(x, f, current, c->started);
	set(x, CONTEXT_open_issues, open_issues(f, current));
	set(x, CONTEXT_repeat, is_repeat(f, current));
	set(x, CONTEXT_switched, is_switch(f, current));
	set(x, CONTEXT_asked_again, c->asked_known);
	set(x, CONTEXT_waiting,
		c->waiting && time > c->waiting ? (double)(time - c->waiting) / 1000 : 0);
	if (current)
		set(x, CONTEXT_last_contact_days,
			(double)(c->started - f->contacts[current - 1].ended) / (double)WHEN_DAY);
	say(x, CONTEXT_last_agent, last_agent(f, current));
	set(x, CONTEXT_handled_by_bot, c->bot && !c->human);
	say(x, CONTEXT_matter, fold_text(f, c->family));
	say(x, CONTEXT_open_case, fold_text(f, f->issues[c->issue].case_id));
	x->given = c->given | c->known_before;
}

static void write_tags(struct buf *out, const struct buf *tags)
{
	if (!tags->len)
		return;
	json_put_key(out, "tags");
	for (size_t at = 0; at < tags->len; at += word_at(tags, at).len + 1) {
		buf_byte(out, at ? ',' : '[');
		json_put_string(out, word_at(tags, at));
	}
	buf_byte(out, ']');
}

static void write_consents(struct buf *out, const struct buf *consents)
{
	if (!consents->len)
		return;
	json_put_key(out, "consents");
	for (size_t at = 0; at < consents->len; at += word_at(consents, at).len + 1) {
		struct str one = word_at(consents, at);

		buf_byte(out, at ? ',' : '{');
		json_put_string(out, (struct str){one.s + 1, one.len - 1});
		buf_puts(out, one.s[0] == '+' ? ":true" : ":false");
	}
	buf_byte(out, '}');
}

static void write_entities(struct buf *out, uint64_t given, const struct ontology *o)
{
	json_put_key(out, "entities");
	buf_byte(out, '[');
	for (size_t i = 0; i < o->entity_n && i < 64; i++) {
		if (!(given >> i & 1))
			continue;
		if (out->s[out->len - 1] != '[')
			buf_byte(out, ',');
		json_put_string(out, str_of(o->entities[i].id));
	}
	buf_byte(out, ']');
}

void context_write(struct buf *out, const struct context *x, const struct ontology *o)
{
	buf_byte(out, '{');
	for (int i = 0; i < CONTEXT_COUNT; i++) {
		if (!x->there[i])
			continue;
		json_put_key(out, columns[i].name);
		if (columns[i].kind == 't')
			json_put_string(out, buf_str(&x->text[i]));
		else if (columns[i].kind == 'b')
			buf_puts(out, x->number[i] != 0 ? "true" : "false");
		else
			json_put_number(out, x->number[i]);
	}
	write_tags(out, &x->tags);
	write_consents(out, &x->consents);
	write_entities(out, x->given, o);
	buf_byte(out, '}');
}

static void read_entities(struct context *x, const struct json *list, const struct ontology *o)
{
	if (!list || list->type != JSON_ARRAY)
		return;
	for
		JSON_EACH(v, list)
		{
			const struct entity *e = ontology_entity(o, v->text);

			if (e && e - o->entities < 64)
				x->given |= UINT64_C(1) << (e - o->entities);
		}
}

static void read_tags(struct context *x, const struct json *list)
{
	if (!list || list->type != JSON_ARRAY)
		return;
	for
		JSON_EACH(v, list)
		{
			if (!json_is_string(v) || !v->text.len ||
				memchr(v->text.s, '\0', v->text.len))
				continue;
			buf_put(&x->tags, v->text);
			buf_byte(&x->tags, '\0');
		}
}

static void read_consents(struct context *x, const struct json *object)
{
	if (!object || object->type != JSON_OBJECT)
		return;
	for
		JSON_EACH(v, object)
	if (v->type == JSON_TRUE || v->type == JSON_FALSE)
		add_consent(x, v->key, v->type == JSON_TRUE);
}

static void read_column(struct context *x, enum context_column c, const struct json *v)
{
	double n;

	if (columns[c].kind == 't') {
		if (json_is_string(v))
			say(x, c, v->text);
	} else if (v->type == JSON_TRUE || v->type == JSON_FALSE) {
		set(x, c, v->type == JSON_TRUE);
	} else if (json_number(v, &n)) {
		set(x, c, n);
	}
}

static bool is_column(struct str key, int c)
{
	return columns[c].len == key.len && memcmp(columns[c].name, key.s, key.len) == 0;
}

/* The members come in the order in which context_write puts them, or in any. */
void context_read(struct context *x, const struct json *object, const struct ontology *o)
{
	int next = 0;

	context_clear(x);
	for
		JSON_EACH(v, object)
		{
			int i = 0;

			while (i < CONTEXT_COUNT && !is_column(v->key, (next + i) % CONTEXT_COUNT))
				i++;
			if (i < CONTEXT_COUNT) {
				next = (next + i) % CONTEXT_COUNT;
				if (!x->wanted || x->wanted[next])
					read_column(x, (enum context_column)next, v);
				next++;
			} else if (str_is(v->key, "entities")) {
				read_entities(x, v, o);
			} else if (str_is(v->key, "tags")) {
				read_tags(x, v);
			} else if (str_is(v->key, "consents")) {
				read_consents(x, v);
			}
		}
}
