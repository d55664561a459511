#include "core/fold/context.h"
#include "base/when.h"

static const struct {
	const char *name;
	char kind;
} columns[] = {
#define CONTEXT_ROW(name, kind) {#name, #kind[0]},
	CONTEXT_COLUMNS(CONTEXT_ROW)};

const char *context_name(enum context_column c)
{
	return columns[c].name;
}

bool context_is_text(enum context_column c)
{
	return columns[c].kind == 't';
}

void context_init(struct context *x)
{
	for (int i = 0; i < CONTEXT_COUNT; i++)
		buf_init(&x->text[i]);
	context_clear(x);
}

void context_release(struct context *x)
{
	for (int i = 0; i < CONTEXT_COUNT; i++)
		buf_release(&x->text[i]);
}

void context_clear(struct context *x)
{
	for (int i = 0; i < CONTEXT_COUNT; i++) {
		x->there[i] = false;
		x->number[i] = 0;
		buf_clear(&x->text[i]);
	}
	x->given = 0;
}

static void set(struct context *x, enum context_column c, double n)
{
	x->there[c] = true;
	x->number[c] = n;
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

void context_of(struct context *x, struct fold *f, int64_t seq, int64_t time)
{
	const struct contact *c;
	size_t current;

	context_clear(x);
	fold_relate(f);
	set(x, CONTEXT_known, f->known);
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
	say(x, CONTEXT_matter, fold_text(f, c->family));
	say(x, CONTEXT_open_case, fold_text(f, f->issues[c->issue].case_id));
	x->given = c->given | c->known_before;
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
	write_entities(out, x->given, o);
	buf_byte(out, '}');
}

void context_read(struct context *x, const struct json *object, const struct ontology *o)
{
	const struct json *list = json_member(object, "entities");
	double n;

	context_clear(x);
	for (int i = 0; i < CONTEXT_COUNT; i++) {
		const struct json *v = json_member(object, columns[i].name);

		if (!v)
			continue;
		if (columns[i].kind == 't' && json_is_string(v))
			say(x, (enum context_column)i, v->text);
		else if (v->type == JSON_TRUE || v->type == JSON_FALSE)
			set(x, (enum context_column)i, v->type == JSON_TRUE);
		else if (json_number(v, &n))
			set(x, (enum context_column)i, n);
	}
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
