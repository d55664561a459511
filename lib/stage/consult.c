#include "stage/consult.h"
#include "base/fnv.h"
#include "base/mem.h"
#include "base/when.h"
#include "io/coprocess.h"
#include "stage/answer.h"

#include <stdlib.h>

#define WINDOW 256		       /* records in flight */
#define WINDOW_BYTES ((size_t)4 << 20) /* and their bytes, but for the last one */
#define RESTARTS 5
#define STRIKES 3      /* answers missed one after the other: it hangs */
#define FORGOTTEN 1024 /* records given up whose answers may still come */
#define GRACE 1000     /* ms to end by itself, when all is answered */
#define ANSWER_MAX ((size_t)4 << 20)
#define EDITS 8

enum state { PLAIN, WAITS, ANSWERED };

struct entry {
	struct buf record, answer;
	uint64_t id, source; /* digests of its own */
	enum state state;    /* PLAIN: it is for the built-in classifier */
};

struct consult {
	const struct consult_options *o;
	struct consult_counts *counts;
	struct buf *gone;
	struct pipe *pipe;
	struct coprocess run;
	bool alive;
	struct entry ring[WINDOW];
	size_t first, n, waiting, bytes;
	int64_t since; /* of the last answer, or of the first record without one */
	int strikes;
	uint64_t forgotten[FORGOTTEN];
	size_t forgotten_n;
	struct event ev;
	struct json_doc answer;
	struct buf line, label, why, entities;
	struct event_edit edits[EDITS];
	size_t edit_n;
};

static struct entry *entry_at(struct consult *c, size_t i)
{
	return &c->ring[(c->first + i) % WINDOW];
}

/* ---- the labels of an answer ---- */

/* Replaces a member where it says otherwise; nothing said takes it away. */
static void edit(struct consult *c, enum event_data d, struct str value)
{
	const struct json *old = c->ev.data[d];

	if (old ? str_eq(old->raw, value) : !value.len)
		return;
	c->edits[c->edit_n++] = (struct event_edit){true, event_data_name(d), value};
}

static struct str raw_of(const struct json *v)
{
	return v && !(v->type >= JSON_ARRAY && !v->count) ? v->raw : (struct str){NULL, 0};
}

static void take_open(struct consult *c, const struct json *data, enum event_data d)
{
	if (c->o->relabel || !c->ev.data[d])
		edit(c, d, raw_of(answer_says(data, event_data_name(d))));
}

static bool has_member(const struct json *of, struct str name)
{
	for
		JSON_EACH(v, of)
	if (str_eq(v->key, name))
		return true;
	return false;
}

/* What the record has stays: the source knows better. */
static void take_entities(struct consult *c, const struct json *data)
{
	const struct json *old = c->ev.data[DATA_ENTITIES], *all = answer_says(data, "entities");
	bool added = false;

	if (old && old->type != JSON_OBJECT)
		return;
	buf_clear(&c->entities);
	buf_byte(&c->entities, '{');
	for (int from = 0; from < 2; from++)
		for
			JSON_EACH(v, from ? all : old)
			{
				if (from && has_member(old, v->key))
					continue;
				json_put_member(&c->entities, v);
				added |= from;
			}
	buf_byte(&c->entities, '}');
	if (added)
		edit(c, DATA_ENTITIES, buf_str(&c->entities));
}

/* The intent and its confidence go together; what was changed says by which ontology. */
static void take_labels(struct consult *c, const struct json *data)
{
	const struct json *intent = answer_says(data, "intent");
	bool open = c->o->relabel || !c->ev.data[DATA_INTENT];

	c->edit_n = 0;
	if (open) {
		edit(c, DATA_INTENT, raw_of(intent));
		edit(c, DATA_CONFIDENCE, raw_of(intent ? answer_says(data, "confidence") : NULL));
	}
	take_entities(c, data);
	take_open(c, data, DATA_SENTIMENT);
	take_open(c, data, DATA_SIGNALS);
	take_open(c, data, DATA_ASKS);
	/* A language that the record has is no label of ours to take away. */
	if (!c->ev.data[DATA_LANG] || answer_says(data, "lang"))
		take_open(c, data, DATA_LANG);
	if (c->edit_n && (open || !c->ev.data[DATA_ONTOLOGY]))
		edit(c, DATA_ONTOLOGY, buf_str(&c->label));
}

/* ---- the window ---- */

static int write_entry(struct consult *c, struct entry *e, struct buf *err)
{
	enum event_fault fault;

	buf_clear(&c->line);
	buf_clear(&c->why);
	/* It has been read before. */
	if (event_read(&c->ev, buf_str(&e->record), false, &fault, err) < 0)
		return -1;
	if (e->state == ANSWERED &&
		json_parse(&c->answer, buf_str(&e->answer), false, &c->why) == 0) {
		take_labels(c, json_member(c->answer.v, "data"));
		event_write(&c->line, &c->ev, c->edits, c->edit_n);
	} else {
		classify_event(c->o->classify, &c->ev, &c->line);
	}
	return pipe_put(c->pipe, buf_str(&c->line), err);
}

/* All that is decided at the head goes out. */
static int release(struct consult *c, struct buf *err)
{
	while (c->n && entry_at(c, 0)->state != WAITS) {
		struct entry *e = entry_at(c, 0);

		if (write_entry(c, e, err) < 0)
			return -1;
		c->bytes -= e->record.len;
		c->first = (c->first + 1) % WINDOW;
		c->n--;
	}
	return 0;
}

static struct entry *first_waiting(struct consult *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (entry_at(c, i)->state == WAITS)
			return entry_at(c, i);
	return NULL;
}

/* Never 0. */
static uint64_t digest(struct str id)
{
	uint64_t h = fnv_add(FNV_START, id);

	return h ? h : 1;
}

/* It is no longer waited for; its answer may still come. */
static void give_up(struct consult *c, struct entry *e, uint64_t *count)
{
	c->forgotten[c->forgotten_n++ % FORGOTTEN] = e->id;
	e->state = PLAIN;
	c->waiting--;
	(*count)++;
}

/* A late answer to one that was given up: once for each. */
static bool was_forgotten(struct consult *c, uint64_t id)
{
	size_t n = c->forgotten_n < FORGOTTEN ? c->forgotten_n : FORGOTTEN;

	for (size_t i = 0; i < n; i++)
		if (c->forgotten[i] == id) {
			c->forgotten[i] = 0;
			return true;
		}
	return false;
}

/* The record that an answer is to; its source may be left out. */
static struct entry *entry_of(struct consult *c, uint64_t id, const struct json *source)
{
	uint64_t from = source ? digest(source->text) : 0;

	for (size_t i = 0; i < c->n; i++) {
		struct entry *e = entry_at(c, i);

		if (e->state == WAITS && e->id == id && (!source || e->source == from))
			return e;
	}
	return NULL;
}

static void take_line(struct consult *c, struct str line)
{
	const struct json *data, *said;
	enum answer_verdict how;
	struct entry *e;
	uint64_t id;

	buf_clear(&c->why);
	/* A line that answers nothing buys no time. */
	if (!str_trim(line).len || !c->waiting)
		return;
	c->since = when_steady();
	c->strikes = 0;
	if (json_parse(&c->answer, line, false, &c->why) < 0) {
		give_up(c, first_waiting(c), &c->counts->wrong);
		return;
	}
	said = json_member(c->answer.v, "id");
	id = json_is_string(said) ? digest(said->text) : 0;
	e = id ? entry_of(c, id, json_member(c->answer.v, "source")) : NULL;
	if (!e) {
		if (!id || !was_forgotten(c, id))
			give_up(c, first_waiting(c), &c->counts->wrong);
		return;
	}
	data = json_member(c->answer.v, "data");
	how = data && data->type != JSON_OBJECT && data->type != JSON_NULL
		      ? ANSWER_WRONG
		      : answer_judge(c->o->ontology, data);
	c->waiting--;
	e->state = how == ANSWER_GOOD ? ANSWERED : PLAIN;
	++*(how == ANSWER_GOOD	      ? &c->counts->answered
		: how == ANSWER_WRONG ? &c->counts->wrong
				      : &c->counts->unknown);
	buf_clear(&e->answer);
	buf_put(&e->answer, line);
}

/* ---- its life ---- */

static void send(struct consult *c, const struct entry *e)
{
	coprocess_send(&c->run, buf_str(&e->record));
	coprocess_send(&c->run, STR("\n"));
}

static void go_on_alone(struct consult *c)
{
	struct entry *e;

	c->alive = false;
	while ((e = first_waiting(c)))
		give_up(c, e, &c->counts->died);
	buf_put(c->gone, buf_str(&c->why));
}

/* It ended, or hangs: the record at the head may be why, and is not given again. */
static void revive(struct consult *c, const char *reason)
{
	bool finishing = c->run.finishing;
	struct buf err = BUF_INIT;

	buf_clear(&c->why);
	if (reason)
		buf_puts(&c->why, reason);
	else if (!coprocess_wait(&c->run, when_steady() + GRACE, &c->why))
		buf_puts(&c->why, "it closed its output");
	if (!c->why.len)
		buf_puts(&c->why, "it ended before its input did");
	coprocess_end(&c->run);
	if (c->waiting && !reason)
		give_up(c, first_waiting(c), &c->counts->died);
	c->forgotten_n = 0;
	c->strikes = 0;
	c->since = when_steady();
	if (c->counts->restarts == RESTARTS || coprocess_start(&c->run, c->o->command, &err) < 0) {
		go_on_alone(c);
	} else {
		c->counts->restarts++;
		c->run.finishing = finishing;
		for (size_t i = 0; i < c->n; i++)
			if (entry_at(c, i)->state == WAITS)
				send(c, entry_at(c, i));
	}
	buf_release(&err);
}

static void take_lines(struct consult *c)
{
	struct str line;

	while (coprocess_line(&c->run, &line))
		take_line(c, line);
	if (coprocess_done(&c->run) && (c->waiting || !c->run.finishing))
		revive(c, NULL);
	else if (coprocess_held(&c->run) > ANSWER_MAX)
		revive(c, "an answer without an end");
}

static void miss(struct consult *c)
{
	give_up(c, first_waiting(c), &c->counts->late);
	c->since = when_steady();
	if (++c->strikes == STRIKES) {
		/* What it will not answer is given to another one. */
		revive(c, "it answers nothing");
	}
}

/* One look at it: waits where wait is set, and no longer than an answer may take, or until `also`
 * can be read. False: it was that. */
static bool look(struct consult *c, int also, bool wait)
{
	int64_t until = wait ? c->since + c->o->timeout_ms : 0;
	enum coprocess_step step;

	if (!c->alive)
		return true;
	step = coprocess_step(&c->run, also, until);
	if (step == COPROCESS_MOVED)
		take_lines(c);
	if (c->alive && c->waiting && when_steady() >= c->since + c->o->timeout_ms)
		miss(c);
	return step != COPROCESS_ALSO;
}

/* ---- records ---- */

static bool is_full(const struct consult *c)
{
	return c->n == WINDOW || (c->n && c->bytes >= WINDOW_BYTES);
}

/* Whether there is anything to say of it: a text of hers or ours, and labels to give. */
static bool is_asked(const struct consult *c, const struct event *ev)
{
	return str_trim(event_text(ev, DATA_TEXT)).len && classify_concerns(ev) &&
	       (c->o->relabel || !ev->data[DATA_INTENT]);
}

static int each(void *ctx, struct event *ev, struct buf *err)
{
	struct consult *c = ctx;
	struct entry *e;

	while (is_full(c)) {
		look(c, -1, true);
		if (release(c, err) < 0)
			return -1;
	}
	e = entry_at(c, c->n++);
	buf_clear(&e->record);
	event_write(&e->record, ev, NULL, 0);
	c->bytes += e->record.len;
	e->id = digest(event_attr(ev, ATTR_ID));
	e->source = digest(event_attr(ev, ATTR_SOURCE));
	e->state = c->alive && is_asked(c, ev) ? WAITS : PLAIN;
	if (e->state == WAITS) {
		if (!c->waiting++)
			c->since = when_steady();
		send(c, e);
		look(c, -1, false);
	}
	return release(c, err);
}

/* Before the loop waits for input: answers are taken until there is some. */
static int idle(void *ctx, struct buf *err)
{
	struct consult *c = ctx;
	bool more = true;

	/* Where the input is at its end, what is still out is for the drain. */
	while (c->waiting && more && c->pipe->in.fd >= 0) {
		/* What is decided goes out before the wait. */
		if (ledger_flush(c->pipe->ledger, err) < 0 || out_flush(c->pipe->out, err) < 0)
			return -1;
		more = look(c, c->pipe->in.fd, true);
		if (release(c, err) < 0)
			return -1;
	}
	return 0;
}

static int drain(struct consult *c, struct buf *err)
{
	if (c->alive)
		coprocess_finish(&c->run);
	while (c->waiting) {
		look(c, -1, true);
		if (release(c, err) < 0)
			return -1;
	}
	return release(c, err);
}

/* What it still wants to do at the end, it may. */
static void let_end(struct consult *c)
{
	int64_t until = when_steady() + GRACE;
	struct str line;

	while (c->alive && !coprocess_done(&c->run) && when_steady() < until) {
		coprocess_step(&c->run, -1, until);
		while (coprocess_line(&c->run, &line))
			;
		c->run.taken = c->run.got.len;
	}
}

static void init(struct consult *c)
{
	struct buf *bufs[] = {&c->line, &c->label, &c->why, &c->entities};

	for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
		buf_init(bufs[i]);
	for (size_t i = 0; i < WINDOW; i++) {
		buf_init(&c->ring[i].record);
		buf_init(&c->ring[i].answer);
	}
	c->answer = (struct json_doc)JSON_DOC_INIT;
	event_init(&c->ev);
	json_put_string(&c->label, str_of(c->o->ontology->label));
}

static void release_all(struct consult *c)
{
	for (size_t i = 0; i < WINDOW; i++) {
		buf_release(&c->ring[i].record);
		buf_release(&c->ring[i].answer);
	}
	buf_release(&c->line);
	buf_release(&c->label);
	buf_release(&c->why);
	buf_release(&c->entities);
	json_release(&c->answer);
	event_release(&c->ev);
	free(c);
}

int consult_run(const struct consult_options *o, struct pipe *p, char *const *paths, size_t n,
	struct consult_counts *counts, struct buf *gone, struct buf *err)
{
	struct consult *c = mem_zero(1, sizeof(*c));
	int status;

	*counts = (struct consult_counts){.answered = 0};
	c->o = o;
	c->counts = counts;
	c->gone = gone;
	c->pipe = p;
	init(c);
	status = coprocess_start(&c->run, o->command, err);
	if (status == 0) {
		c->alive = true;
		p->idle = idle;
		status = pipe_run(p, paths, n, each, c, err);
		if (status == 0)
			status = drain(c, err);
		if (status == 0)
			status = out_flush(p->out, err);
		if (status == 0)
			let_end(c);
	}
	coprocess_end(&c->run);
	release_all(c);
	return status;
}

void consult_tell(const struct consult_counts *c, struct buf *out)
{
	const struct {
		uint64_t n;
		const char *what;
	} parts[] = {{c->late, "late"}, {c->wrong, "wrong"}, {c->unknown, "unknown intents"},
		{c->died, "lost"}, {c->restarts, "restarts"}};

	buf_printf(out, "%llu answered", (unsigned long long)c->answered);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].n)
			buf_printf(out, ", %llu %s", (unsigned long long)parts[i].n, parts[i].what);
}
