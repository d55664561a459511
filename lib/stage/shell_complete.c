#include "base/text.h"
#include "core/metric.h"
#include "stage/shell.h"

#include <stdlib.h>

#define MOST 50 /* names from the file */

struct offer {
	struct prompt_words *out;
	struct str word;
};

static void see(void *ctx, const char *name)
{
	struct offer *o = ctx;

	prompt_offer(o->out, o->word, name);
}

static void offer_all(struct offer *o, const char *const *names)
{
	for (; names && *names; names++)
		see(o, *names);
}

/* An identifier that stands in quotation marks, or holds what ends a word, is not offered. */
static void see_plain(void *ctx, const char *name)
{
	if (!strpbrk(name, " \t\n,;()=<>'\""))
		see(ctx, name);
}

/* Identifiers are looked through one by one: not where a customer's number begins so. */
static void offer_customers(struct shell *s, struct offer *o)
{
	struct buf word = BUF_INIT;
	size_t before = o->out->n;

	buf_put(&word, o->word);
	select_customers(s->store, word.len ? word.s : "c", MOST, see, o);
	if (word.len && o->out->n == before)
		select_identifiers(s->store, word.s, MOST, see_plain, o);
	buf_release(&word);
}

static void offer_intents(struct shell *s, struct offer *o)
{
	for (size_t i = 0; i < s->ontology->intent_n; i++)
		see(o, s->ontology->intents[i].id);
}

static void offer_dimensions(struct shell *s, struct offer *o)
{
	static const char *const names[] = {"channel", "class", "region", "lang", "intent",
		"family", "stage", "agent", "agent_kind", "source", "day", "week", "month", NULL};

	offer_all(o, names);
	for (size_t i = 0; i < s->ontology->entity_n; i++)
		see(o, s->ontology->entities[i].id);
}

/* Views and their columns: those of the views that the query names, or of all. */
struct columns {
	struct shell *shell;
	struct offer *offer;
	struct str query, before; /* before: a name and a dot; empty: none */
	bool named, all;
};

static void see_column(void *ctx, const char *name)
{
	struct columns *c = ctx;
	struct buf whole = BUF_INIT;

	buf_put(&whole, c->before);
	buf_puts(&whole, name);
	see(c->offer, whole.s);
	buf_release(&whole);
}

static void see_columns(void *ctx, const char *view)
{
	struct columns *c = ctx;
	bool named = str_find(c->query, str_of(view)) >= 0;

	c->named |= named;
	if (named || c->all)
		select_columns(c->shell->store, view, see_column, c);
}

static void offer_sql(struct shell *s, struct offer *o, struct str query)
{
	static const char *const words[] = {"SELECT", "FROM", "WHERE", "GROUP", "ORDER", "BY",
		"LIMIT", "JOIN", "USING", "HAVING", "WITH", "count", "select", "from", "where",
		"group", "order", "by", "limit", "join", "using", "having", "with", NULL};
	struct columns c = {.shell = s, .offer = o, .query = query};
	const char *dot = memchr(o->word.s, '.', o->word.len);

	if (dot) {
		c.before = (struct str){o->word.s, (size_t)(dot - o->word.s) + 1};
		/* Another name than a view's stands for one of the query's. */
		if (str_starts(o->word, STR("v_")))
			c.query = c.before;
		select_views(see_columns, &c);
	}
	select_views(see, o);
	offer_all(o, words);
	select_views(see_columns, &c);
	if (!c.named && o->word.len && !dot) {
		c.all = true;
		select_views(see_columns, &c);
	}
	if (str_find(query, STR("'")) >= 0) {
		offer_intents(s, o);
		offer_customers(s, o);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Readline counts a word that comes twice as two. */
static void make_distinct(struct prompt_words *out)
{
	size_t n = 0;

	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_name);
	for (size_t i = 0; i < out->n; i++)
		if (n && strcmp(out->v[n - 1], out->v[i]) == 0)
			free(out->v[i]);
		else
			out->v[n++] = out->v[i];
	out->n = n;
}

static void offer_operands(struct shell *s, struct offer *o, struct str verb, struct str before)
{
	static const char *const places[] = {"now", NULL}, *const by[] = {"by", NULL},
				 *const none[] = {"-", NULL},
				 *const formats[] = {"ndjson", "csv", NULL},
				 *const nodes[] = {
					 "channel", "intent", "family", "stage", "class", NULL};

	bool first = str_trim(before).len == verb.len; /* no operand stands yet */

	if (str_is(verb, "sql"))
		offer_sql(s, o, before);
	else if ((first && str_is(verb, "customer")) || str_is(verb, "find"))
		offer_customers(s, o);
	else if (str_is(verb, "metrics") && str_find(before, STR(" by ")) >= 0)
		offer_dimensions(s, o);
	else if (str_is(verb, "metrics") || str_is(verb, "why"))
		offer_all(o, s->metrics);
	else if (str_is(verb, "help"))
		offer_all(o, s->commands);
	else if (str_is(verb, "as-of"))
		offer_all(o, places);
	else if (str_is(verb, "export"))
		offer_all(o, formats);
	else if (str_is(verb, "flow"))
		offer_all(o, nodes);
	if (str_is(verb, "metrics"))
		offer_all(o, by);
	if (first && (str_is(verb, "customer") || str_is(verb, "since") || str_is(verb, "until")))
		offer_all(o, none);
	if (str_is(verb, "find"))
		offer_intents(s, o);
}

void shell_complete(void *ctx, struct str before, struct str word, struct prompt_words *out)
{
	struct shell *s = ctx;
	struct offer o = {out, word};
	struct buf all = BUF_INIT;
	struct str first;
	size_t n = 0;

	buf_put(&all, buf_str(&s->typed));
	buf_put(&all, before);
	first = str_trim(buf_str(&all));

	while (n < first.len && first.s[n] != ' ' && first.s[n] != '\t' && first.s[n] != '\n')
		n++;
	if (!first.len)
		offer_all(&o, s->commands);
	else
		offer_operands(s, &o, (struct str){first.s, n}, buf_str(&all));
	make_distinct(out);
	buf_release(&all);
}
