#include "stage/traces.h"
#include "base/mem.h"
#include "core/store/past.h"
#include "base/opt.h"
#include "core/store/derived.h"

#include <stdlib.h>

#define LINE_CUSTOMERS 100
#define LINE_BYTES ((size_t)1 << 20)
#define TRACE_ID ((size_t)16)
#define SPAN_ID ((size_t)8)

/* Enums of the protocol. */
enum { KIND_SERVER = 2, KIND_CLIENT = 3 };
enum { STATUS_OK = 1, STATUS_ERROR = 2 };
enum { FLAG_HAS_REMOTE = 0x100, FLAG_REMOTE = 0x200 }; /* of the parent, or of what is linked */

/* What a traceparent says. */
struct given {
	bool is;
	unsigned char trace[TRACE_ID], span[SPAN_ID], flags;
};

/* A record of hers that has a traceparent or a text that is wanted. */
struct told {
	int64_t time, order, seq;
	size_t contact; /* and 1; 0: of none */
	struct given given;
	size_t at, len; /* of its bytes; len 0: they are not wanted */
};

/* Numbers of moves or switches in the order of their contacts; those before `at` were taken. */
struct of_contacts {
	struct of_contact {
		size_t contact, number;
	} * v;
	size_t n, cap, at;
};

/* An event of a span. */
struct happened {
	int64_t at;
	size_t number; /* the order in which it was found */
	size_t from, len;
};

struct tracing {
	struct traces *t;
	struct fold *fold;
	struct event ev;
	int64_t customer;
	struct told *told;
	size_t told_n, told_cap, told_at; /* at: the first of the contact at hand, or after it */
	struct of_contacts moves, switches;
	struct buf bodies;
	struct given *given; /* by contact */
	size_t given_cap;
	unsigned char (*trace)[TRACE_ID]; /* by issue */
	size_t trace_cap;
	struct happened *events; /* of the span at hand */
	size_t event_n, event_cap;
	struct buf event_text;
	struct buf line; /* empty: no span is in it */
	size_t customers;
};

/* ---- what the records give ---- */

static bool any(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return true;
	return false;
}

/* W3C Trace Context: version, trace, span and flags; a later version may say more behind them. */
static struct given read_traceparent(struct str s)
{
	struct given g = {0};
	unsigned char version;

	/* Capital letters are not allowed there. */
	for (size_t i = 0; i < s.len && i < 55; i++)
		if (s.s[i] >= 'A' && s.s[i] <= 'F')
			return g;
	if (s.len < 55 || s.s[2] != '-' || s.s[35] != '-' || s.s[52] != '-')
		return g;
	if (!hash_unhex((struct str){s.s, 2}, &version, 1) || version == 0xff ||
		(version == 0 ? s.len != 55 : s.len > 55 && s.s[55] != '-'))
		return g;
	g.is = hash_unhex((struct str){s.s + 3, 2 * TRACE_ID}, g.trace, TRACE_ID) &&
	       hash_unhex((struct str){s.s + 36, 2 * SPAN_ID}, g.span, SPAN_ID) &&
	       hash_unhex((struct str){s.s + 53, 2}, &g.flags, 1) && any(g.trace, TRACE_ID) &&
	       any(g.span, SPAN_ID);
	return g;
}

static int see(void *ctx, const struct store_row *row, struct buf *err)
{
	struct tracing *x = ctx;
	struct told one = {.time = row->time, .order = row->order, .seq = row->seq};
	enum event_fault fault;

	if (event_read(&x->ev, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	fold_add(x->fold, &x->ev, row->seq, row->order);
	one.given = read_traceparent(event_attr(&x->ev, ATTR_TRACEPARENT));
	if (x->t->text && event_text(&x->ev, DATA_TEXT).len) {
		one.at = x->bodies.len;
		one.len = row->body.len;
		buf_put(&x->bodies, row->body);
	}
	if (one.given.is || one.len)
		*VEC_ADD(x, told, told_n, told_cap) = one;
	return 0;
}

static int by_contact(const void *pa, const void *pb)
{
	const struct told *a = pa, *b = pb;

	if (a->contact != b->contact)
		return a->contact < b->contact ? -1 : 1;
	return EVENT_COMPARE(a, b);
}

static int by_number(const void *pa, const void *pb)
{
	const struct of_contact *a = pa, *b = pb;

	if (a->contact != b->contact)
		return a->contact < b->contact ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

static void add_of(struct of_contacts *o, size_t contact, size_t number)
{
	*VEC_ADD(o, v, n, cap) = (struct of_contact){contact, number};
}

/* The next that is of a contact, which come in their order; false: there are no more. */
static bool next_of(struct of_contacts *o, size_t contact, size_t *number)
{
	while (o->at < o->n && o->v[o->at].contact < contact)
		o->at++;
	if (o->at == o->n || o->v[o->at].contact != contact)
		return false;
	*number = o->v[o->at++].number;
	return true;
}

/* Puts what is told in the order of contacts. */
static void sort_told(struct tracing *x)
{
	const struct fold *f = x->fold;

	x->told_at = x->moves.n = x->moves.at = x->switches.n = x->switches.at = 0;
	for (size_t i = 0; i < x->told_n; i++)
		x->told[i].contact = fold_contact_of(f, x->told[i].seq);
	for (size_t i = 0; i < f->move_n; i++)
		add_of(&x->moves, f->moves[i].contact, i);
	for (size_t i = 0; i < f->switch_n; i++)
		add_of(&x->switches, f->switches[i].to, i);
	if (x->told_n)
		qsort(x->told, x->told_n, sizeof(*x->told), by_contact);
	if (x->moves.n)
		qsort(x->moves.v, x->moves.n, sizeof(*x->moves.v), by_number);
	if (x->switches.n)
		qsort(x->switches.v, x->switches.n, sizeof(*x->switches.v), by_number);
}

/* The first traceparent of each contact; of each issue its first contact's, else an id of ours. */
static void settle_ids(struct tracing *x)
{
	const struct fold *f = x->fold;
	unsigned char none[TRACE_ID] = {0};

	x->given = mem_grow(x->given, &x->given_cap, f->contact_n + 1, sizeof(*x->given));
	x->trace = mem_grow(x->trace, &x->trace_cap, f->issue_n + 1, sizeof(*x->trace));
	memset(x->given, 0, f->contact_n * sizeof(*x->given));
	memset(x->trace, 0, f->issue_n * sizeof(*x->trace));
	for (size_t i = 0; i < x->told_n; i++) {
		size_t c = x->told[i].contact;

		if (c && x->told[i].given.is && !x->given[c - 1].is)
			x->given[c - 1] = x->told[i].given;
	}
	for (size_t i = 0; i < f->contact_n; i++) {
		size_t issue = f->contacts[i].issue;

		if (x->given[i].is && memcmp(x->trace[issue], none, TRACE_ID) == 0)
			memcpy(x->trace[issue], x->given[i].trace, TRACE_ID);
	}
	for (size_t i = 0; i < f->issue_n; i++)
		if (memcmp(x->trace[i], none, TRACE_ID) == 0)
			store_derived(x->t->show->store, "trace",
				f->contacts[f->issues[i].first].id, x->trace[i]);
}

/* ---- writing ---- */

static void put_hex(struct buf *out, const char *key, const unsigned char *id, size_t n)
{
	json_put_key(out, key);
	buf_byte(out, '"');
	hash_hex(out, id, n);
	buf_byte(out, '"');
}

static void put_span_id(struct tracing *x, struct buf *out, const char *key, size_t contact)
{
	unsigned char id[DERIVED_SIZE];

	store_derived(x->t->show->store, "span", x->fold->contacts[contact].id, id);
	put_hex(out, key, id, SPAN_ID);
}

/* 64-bit numbers are strings. */
static void put_time(struct buf *out, const char *key, int64_t ms)
{
	json_put_key(out, key);
	buf_printf(out, "\"%lld000000\"", (long long)ms);
}

static void begin_list(struct buf *out, const char *key)
{
	json_put_key(out, key);
	buf_byte(out, '[');
}

static void begin_item(struct buf *out)
{
	buf_puts(out, out->s[out->len - 1] == '[' ? "{" : ",{");
}

static void attr_begin(struct buf *out, const char *key)
{
	begin_item(out);
	json_put_text(out, "key", str_of(key));
	json_put_key(out, "value");
	buf_byte(out, '{');
}

/* Nothing where there is no text. */
static void attr_text(struct buf *out, const char *key, struct str value)
{
	if (!value.len)
		return;
	attr_begin(out, key);
	json_put_text(out, "stringValue", value);
	buf_puts(out, "}}");
}

static void attr_int(struct buf *out, const char *key, int64_t n)
{
	attr_begin(out, key);
	json_put_key(out, "intValue");
	buf_printf(out, "\"%lld\"}}", (long long)n);
}

static void attr_bool(struct buf *out, const char *key, bool is)
{
	attr_begin(out, key);
	json_put_key(out, "boolValue");
	buf_puts(out, is ? "true}}" : "false}}");
}

static void attr_seconds(struct buf *out, const char *key, int64_t ms)
{
	attr_begin(out, key);
	json_put_key(out, "doubleValue");
	json_put_number(out, (double)ms / 1000);
	buf_puts(out, "}}");
}

/* ---- a span's events ---- */

/* Begins one; its attributes follow, and event_end. */
static struct buf *event_begin(struct tracing *x, int64_t at, const char *name)
{
	struct buf *out = &x->event_text;

	*VEC_ADD(x, events, event_n, event_cap) =
		(struct happened){.at = at, .number = x->event_n, .from = out->len};
	buf_byte(out, '{');
	put_time(out, "timeUnixNano", at);
	json_put_text(out, "name", str_of(name));
	begin_list(out, "attributes");
	return out;
}

static void event_end(struct tracing *x)
{
	struct happened *h = &x->events[x->event_n - 1];

	buf_puts(&x->event_text, "]}");
	h->len = x->event_text.len - h->from;
}

static void add_moves(struct tracing *x, size_t contact)
{
	static const char *const names[] = {[MOVE_TRANSFER] = "jtools.transfer",
		[MOVE_HANDOFF] = "jtools.handoff",
		[MOVE_ESCALATION] = "jtools.escalation"};

	size_t i;

	while (next_of(&x->moves, contact, &i)) {
		const struct move *m = &x->fold->moves[i];
		struct buf *out = event_begin(x, m->at, names[m->kind]);

		if (x->t->text) {
			attr_text(out, "jtools.reason", fold_text(x->fold, m->reason));
			attr_text(out, "jtools.from", fold_text(x->fold, m->from));
			attr_text(out, "jtools.to", fold_text(x->fold, m->to));
		}
		event_end(x);
	}
}

static void add_closes(struct tracing *x, const struct contact *c)
{
	if (c->closed)
		event_begin(x, c->closed, "jtools.closed"), event_end(x);
	if (c->reopened)
		event_begin(x, c->reopened, "jtools.reopened"), event_end(x);
	if (c->closed_last != c->closed)
		event_begin(x, c->closed_last, "jtools.closed"), event_end(x);
}

static int add_texts(struct tracing *x, size_t contact, struct buf *err)
{
	for (; x->told_at < x->told_n && x->told[x->told_at].contact <= contact + 1; x->told_at++) {
		const struct told *t = &x->told[x->told_at];
		enum event_fault fault;
		struct buf *out;

		if (!t->len || t->contact != contact + 1)
			continue;
		if (event_read(&x->ev, (struct str){x->bodies.s + t->at, t->len}, false, &fault,
			    err) < 0)
			return STORE_ERROR;
		out = event_begin(x, t->time, "jtools.text");
		attr_text(out, "jtools.type", event_attr(&x->ev, ATTR_TYPE));
		attr_text(out, "jtools.direction", event_attr(&x->ev, ATTR_DIRECTION));
		attr_text(out, "jtools.actor", event_attr(&x->ev, ATTR_ACTOR));
		attr_text(out, "jtools.agent", event_text(&x->ev, DATA_AGENT));
		attr_text(out, "jtools.text", event_text(&x->ev, DATA_TEXT));
		event_end(x);
	}
	return 0;
}

static int by_moment(const void *pa, const void *pb)
{
	const struct happened *a = pa, *b = pb;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

static int put_events(struct tracing *x, size_t contact, struct buf *err)
{
	int status;

	x->event_n = 0;
	buf_clear(&x->event_text);
	add_moves(x, contact);
	add_closes(x, &x->fold->contacts[contact]);
	status = add_texts(x, contact, err);
	if (status < 0 || !x->event_n)
		return status;
	qsort(x->events, x->event_n, sizeof(*x->events), by_moment);
	begin_list(&x->line, "events");
	for (size_t i = 0; i < x->event_n; i++) {
		if (i)
			buf_byte(&x->line, ',');
		buf_add(&x->line, x->event_text.s + x->events[i].from, x->events[i].len);
	}
	buf_byte(&x->line, ']');
	return 0;
}

/* ---- a span ---- */

static void put_parent(struct tracing *x, size_t contact)
{
	const struct contact *c = &x->fold->contacts[contact];
	const struct given *g = &x->given[contact];
	size_t root = x->fold->issues[c->issue].first;

	if (g->is && memcmp(g->trace, x->trace[c->issue], TRACE_ID) == 0) {
		put_hex(&x->line, "parentSpanId", g->span, SPAN_ID);
		json_put_int(&x->line, "flags", g->flags | FLAG_HAS_REMOTE | FLAG_REMOTE);
	} else if (root != contact) {
		put_span_id(x, &x->line, "parentSpanId", root);
	}
}

static void put_attributes(struct tracing *x, const struct contact *c)
{
	struct fold *f = x->fold;
	struct buf *out = &x->line, who = BUF_INIT;

	buf_printf(&who, "c%lld", (long long)x->customer);
	begin_list(out, "attributes");
	attr_text(out, "enduser.pseudo.id", buf_str(&who));
	attr_text(out, "geo.country.iso_code", fold_text(f, c->region));
	attr_int(out, "jtools.contact", c->id);
	attr_int(out, "jtools.issue", f->contacts[f->issues[c->issue].first].id);
	attr_text(out, "jtools.case", fold_text(f, c->case_id));
	attr_text(out, "jtools.source", fold_text(f, c->source));
	attr_text(out, "jtools.channel", fold_text(f, c->channel));
	attr_text(out, "jtools.class", str_of(f->ontology->classes[c->class].id));
	attr_text(out, "jtools.began", c->hers ? STR("customer") : STR("company"));
	if (c->intent)
		attr_text(out, "jtools.intent", str_of(c->intent->id));
	attr_text(out, "jtools.family", fold_text(f, c->family));
	attr_text(out, "jtools.stage", fold_text(f, c->stage));
	attr_text(out, "jtools.lang", fold_text(f, c->lang));
	if (x->t->text)
		attr_text(out, "jtools.agent", fold_text(f, c->agent));
	attr_bool(out, "jtools.handled", c->handled);
	attr_bool(out, "jtools.human", c->human);
	attr_bool(out, "jtools.bot", c->bot);
	attr_int(out, "jtools.events", c->events);
	attr_int(out, "jtools.her_words", c->her_words);
	attr_int(out, "jtools.our_words", c->our_words);
	buf_release(&who);
}

/* A word of a list, not what somebody wrote. */
static bool is_code(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.s[i] < 'a' || s.s[i] > 'z') && s.s[i] != '_')
			return false;
	return s.len > 0 && s.len <= 32;
}

/* Closes the attributes. Resolved: it stands explicitly closed. Failed: she called, and nobody took
 * it. */
static void put_status(struct tracing *x, const struct contact *c)
{
	struct str reason = fold_text(x->fold, c->abandoned);
	bool failed = reason.len && !c->handled;

	if (failed)
		attr_text(&x->line, "error.type", is_code(reason) ? reason : STR("_OTHER"));
	buf_byte(&x->line, ']');
	json_put_key(&x->line, "status");
	buf_byte(&x->line, '{');
	if (failed)
		json_put_int(&x->line, "code", STATUS_ERROR);
	else if (c->closed && c->closed_last >= c->reopened)
		json_put_int(&x->line, "code", STATUS_OK);
	buf_byte(&x->line, '}');
}

static void link_begin(struct tracing *x, size_t n, const unsigned char trace[TRACE_ID])
{
	buf_puts(&x->line, n ? ",{" : ",\"links\":[{");
	put_hex(&x->line, "traceId", trace, TRACE_ID);
}

/* To the contact that was switched from. */
static void put_switch(struct tracing *x, size_t n, const struct switched *w)
{
	link_begin(x, n, x->trace[x->fold->contacts[w->from].issue]);
	put_span_id(x, &x->line, "spanId", w->from);
	begin_list(&x->line, "attributes");
	attr_text(&x->line, "jtools.link", STR("switch"));
	attr_seconds(&x->line, "jtools.gap", w->gap);
	attr_bool(&x->line, "jtools.joined", w->joined);
	buf_puts(&x->line, "]}");
}

/* To the source's own trace, where the issue's is another. */
static void put_source(struct tracing *x, size_t n, const struct given *g)
{
	link_begin(x, n, g->trace);
	put_hex(&x->line, "spanId", g->span, SPAN_ID);
	begin_list(&x->line, "attributes");
	attr_text(&x->line, "jtools.link", STR("source"));
	buf_byte(&x->line, ']');
	json_put_int(&x->line, "flags", g->flags | FLAG_HAS_REMOTE | FLAG_REMOTE);
	buf_byte(&x->line, '}');
}

static void put_links(struct tracing *x, size_t contact)
{
	const struct given *g = &x->given[contact];
	size_t n = 0, i;

	while (next_of(&x->switches, contact, &i))
		put_switch(x, n++, &x->fold->switches[i]);
	if (g->is && memcmp(g->trace, x->trace[x->fold->contacts[contact].issue], TRACE_ID) != 0)
		put_source(x, n++, g);
	if (n)
		buf_byte(&x->line, ']');
}

static void begin_line(struct tracing *x)
{
	struct buf *out = &x->line;

	buf_puts(out, "{\"resourceSpans\":[{\"resource\":{\"attributes\":[");
	attr_text(out, "service.name", str_of(x->t->service ? x->t->service : "jtools"));
	buf_puts(out, "]},\"scopeSpans\":[{\"scope\":{");
	json_put_text(out, "name", STR("jproject"));
	json_put_text(out, "version", STR(JTOOLS_VERSION));
	buf_puts(out, "},\"spans\":[");
}

static int put_span(struct tracing *x, size_t contact, struct buf *err)
{
	const struct contact *c = &x->fold->contacts[contact];
	struct str channel = fold_text(x->fold, c->channel);
	struct buf name = BUF_INIT;
	int status;

	if (!x->line.len)
		begin_line(x);
	begin_item(&x->line);
	put_hex(&x->line, "traceId", x->trace[c->issue], TRACE_ID);
	put_span_id(x, &x->line, "spanId", contact);
	put_parent(x, contact);
	buf_puts(&name, "contact");
	if (channel.len) {
		buf_byte(&name, ' ');
		buf_put(&name, channel);
	}
	json_put_text(&x->line, "name", buf_str(&name));
	buf_release(&name);
	json_put_int(&x->line, "kind", c->hers ? KIND_SERVER : KIND_CLIENT);
	put_time(&x->line, "startTimeUnixNano", c->started);
	put_time(&x->line, "endTimeUnixNano", c->ended);
	put_attributes(x, c);
	put_status(x, c);
	status = put_events(x, contact, err);
	put_links(x, contact);
	buf_byte(&x->line, '}');
	return status;
}

/* ---- customers ---- */

static int end_line(struct tracing *x, struct buf *err)
{
	int status = 0;

	if (x->line.len) {
		buf_puts(&x->line, "]}]}]}");
		status = out_record(x->t->show->out, buf_str(&x->line), err);
	}
	buf_clear(&x->line);
	x->customers = 0;
	return status;
}

static bool is_wanted(const struct show *s, const struct issue *is)
{
	return (!s->has_since || is->started >= s->since) &&
	       (!s->has_until || is->started < s->until);
}

static int one(struct tracing *x, int64_t customer, struct buf *err)
{
	struct person who;
	int status = past_person(x->t->show->store, customer, x->t->show->as_of, &who, err);

	if (status < 0)
		return status;
	x->customer = customer;
	x->told_n = 0;
	buf_clear(&x->bodies);
	fold_clear(x->fold, who.ident != 0);
	status = store_person_events(x->t->show->store, &who, 0, x->t->show->as_of, see, x, err);
	if (status < 0)
		return status;
	fold_link(x->fold);
	sort_told(x);
	settle_ids(x);
	for (size_t i = 0; i < x->fold->contact_n && status == 0; i++)
		if (is_wanted(x->t->show, &x->fold->issues[x->fold->contacts[i].issue]))
			status = put_span(x, i, err);
	if (status == 0 && (++x->customers == LINE_CUSTOMERS || x->line.len >= LINE_BYTES))
		status = end_line(x, err);
	return status;
}

static int all(struct tracing *x, struct buf *err)
{
	struct seqs customers = {NULL, 0, 0};
	int status = past_customers(x->t->show->store, x->t->show->as_of, &customers, err);

	for (size_t i = 0; i < customers.n && status == 0; i++)
		status = one(x, customers.v[i], err);
	free(customers.v);
	return status;
}

int traces_show(struct traces *t, struct buf *err)
{
	struct tracing x = {.t = t, .bodies = BUF_INIT, .event_text = BUF_INIT, .line = BUF_INIT};
	struct show *s = t->show;
	int status = store_read_begin(s->store, err);

	event_init(&x.ev);
	x.fold = fold_new(s->ontology);
	if (status == 0)
		status = s->customer ? one(&x, s->customer, err) : all(&x, err);
	if (status == 0)
		status = end_line(&x, err);
	store_read_end(s->store);
	fold_free(x.fold);
	event_release(&x.ev);
	free(x.told);
	free(x.moves.v);
	free(x.switches.v);
	free(x.given);
	free(x.trace);
	free(x.events);
	buf_release(&x.bodies);
	buf_release(&x.event_text);
	buf_release(&x.line);
	return status;
}
