/*
 * Asterisk's queue_log. Its rows are what happened to calls; a call record is made of the rows of
 * one visit of a queue, when the last of them is read. Nothing says that a call has ended but the
 * end of a visit, and another may follow at any time: so a visit is a record, and the visits of one
 * call share its session.
 */
#include "adapt/queue_record.h"

#define CALL_MAX WHEN_DAY /* a visit that has no end within is given up */

struct queue_log {
	struct adapt_run *run;
	const char *file;
	struct queue_calls calls;
	int64_t first;	/* time of the first row */
	int64_t last;	/* of the one at hand */
	uint64_t among; /* how many of that time came before it */
	bool begun;	/* a row was read */
	struct buf *err;
};

static void set(struct queue_call *c, enum queue_text t, struct str s)
{
	buf_clear(&c->text[t]);
	buf_put(&c->text[t], s);
}

/* A visit whose end is not told: why it is over all the same. It lasted as far as rows tell of it.
 */
static int cut_call(struct queue_log *q, struct str id, const char *why)
{
	const struct queue_call *c = queue_calls_get(&q->calls, id);
	struct queue_ending e = {.reason = c->answered ? "answered" : NULL,
		.duration = (c->seen - c->entered) / WHEN_SECOND,
		.incomplete = c->begun ? why : "no beginning and no end"};
	int status = c->inside ? queue_record_call(q->run, q->file, id, c, &e, q->err) : 0;

	q->run->empty += !c->inside;
	queue_calls_drop(&q->calls, id);
	return status;
}

static int cut_oldest(struct queue_log *q, const char *why)
{
	struct buf id = BUF_INIT;
	struct str name;
	int status = 0;

	if (queue_calls_oldest(&q->calls, &name)) {
		buf_put(&id, name);
		status = cut_call(q, buf_str(&id), why);
	}
	buf_release(&id);
	return status;
}

/* A restart hangs up all calls. */
static int cut_all(struct queue_log *q)
{
	struct str id;
	int status = 0;

	q->run->empty++;
	while (status == 0 && queue_calls_oldest(&q->calls, &id))
		status = cut_oldest(q, "restart");
	return status;
}

/* Calls of which nothing is heard for long, so that those that are open stay few. */
static int give_up(struct queue_log *q)
{
	const struct queue_call *c;
	struct str id;
	int status = 0;

	while (status == 0 && (c = queue_calls_oldest(&q->calls, &id)) &&
		(q->last - c->entered > CALL_MAX || map_count(&q->calls.open) >= QUEUE_CALLS_MAX))
		status = cut_oldest(q, "no end");
	return status;
}

/* From this row on it is a visit, or the attempt of one. */
static void place_call(struct queue_call *c, const struct queue_row *r, int64_t entered)
{
	c->entered = entered;
	c->seen = r->time;
	c->line = r->line;
	c->among = r->among;
	set(c, QT_QUEUE, r->queue);
}

static struct queue_call *open_call(struct queue_log *q, const struct queue_row *r, int64_t entered)
{
	struct queue_call *c = queue_calls_add(&q->calls, r->id);

	place_call(c, r, entered);
	return c;
}

/* The call of a row that begins a visit. One whose visit has no end is written as it is. */
static struct queue_call *fresh_call(struct queue_log *q, const struct queue_row *r)
{
	struct queue_call *c = queue_calls_get(&q->calls, r->id);

	if (c && c->inside) {
		if (cut_call(q, r->id, "no end") < 0)
			return NULL;
		c = NULL;
	}
	if (!c)
		return open_call(q, r, r->time);
	place_call(c, r, r->time);
	return c;
}

/*
 * The call of a row that is not its first. One that is not open began before the log does, or is
 * over: only what must have begun before the log's first row is taken for the former. NULL: over.
 */
static struct queue_call *known_call(
	struct queue_log *q, const struct queue_row *r, int64_t seconds)
{
	struct queue_call *c = queue_calls_get(&q->calls, r->id);
	int64_t entered = r->time - (seconds > 0 ? seconds : 0) * WHEN_SECOND;

	if (c && c->inside)
		return c;
	if (entered > q->first)
		return NULL;
	queue_calls_drop(&q->calls, r->id);
	c = open_call(q, r, entered);
	c->inside = true;
	return c;
}

static int enter(struct queue_log *q, const struct queue_row *r)
{
	struct queue_call *c = fresh_call(q, r);
	struct str url = r->data[0];

	if (!c)
		return -1;
	c->inside = c->begun = true;
	c->position = queue_number(r->data[2]);
	set(c, QT_CALLER, r->data[1]);
	set(c, QT_URL, str_is(url, "-") ? STR("") : url);
	return 0;
}

static int answer(struct queue_log *q, const struct queue_row *r)
{
	struct queue_call *c = known_call(q, r, queue_number(r->data[0]));

	if (!c) {
		q->run->empty++;
		return 0;
	}
	if (!c->answered)
		c->wait = queue_number(r->data[0]);
	if (!c->answered && c->wait < 0)
		c->wait = (r->time - c->entered) / WHEN_SECOND;
	c->answered = true;
	c->ring = queue_number(r->data[2]);
	set(c, QT_AGENT, r->agent);
	set(c, QT_BRIDGED, r->data[1]);
	return 0;
}

static int finish(struct queue_log *q, const struct queue_row *r, struct queue_call *c,
	struct queue_ending *e)
{
	e->reason = c->answered ? "answered" : r->event->reason;
	if (e->duration < 0 && r->time >= c->entered && (c->begun || c->wait >= 0))
		e->duration = (r->time - c->entered) / WHEN_SECOND;
	if (!c->begun)
		e->incomplete = "no beginning";
	return queue_record_call(q->run, q->file, r->id, c, e, q->err);
}

/* The end of a talk: how long she had waited and how long they spoke. */
static int end_talk(struct queue_log *q, const struct queue_row *r, int64_t wait, int64_t talk,
	struct queue_call *c, struct queue_ending *e)
{
	if (c->wait < 0)
		c->wait = wait;
	c->answered = true;
	if (r->agent.len)
		set(c, QT_AGENT, r->agent);
	e->duration = c->wait >= 0 && talk >= 0 ? c->wait + talk : -1;
	return finish(q, r, c, e);
}

static int64_t sum(int64_t a, int64_t b)
{
	return a < 0 || b < 0 ? -1 : a + b;
}

static int complete(struct queue_log *q, const struct queue_row *r)
{
	int64_t wait = queue_number(r->data[0]), talk = queue_number(r->data[1]);
	struct queue_call *c = known_call(q, r, sum(wait, talk));
	struct queue_ending e = {.name = "ended_by", .word = r->event->word};
	int status;

	if (!c) {
		q->run->empty++;
		return 0;
	}
	if (c->position < 0)
		c->position = queue_number(r->data[2]);
	status = end_talk(q, r, wait, talk, c, &e);
	queue_calls_drop(&q->calls, r->id);
	return status;
}

static int leave(struct queue_log *q, const struct queue_row *r)
{
	int64_t wait =
		r->event->wait_at < QUEUE_DATA ? queue_number(r->data[r->event->wait_at]) : -1;
	struct queue_call *c = known_call(q, r, wait);
	struct queue_ending e = {
		.duration = -1, .name = r->event->word ? "exit" : NULL, .word = r->event->word};
	int status;

	if (!c) {
		q->run->empty++;
		return 0;
	}
	if (r->event->wait_at == 3)
		e.key = r->data[0];
	if (wait < 0 && c->begun && r->time >= c->entered)
		wait = (r->time - c->entered) / WHEN_SECOND;
	if (!c->answered)
		c->wait = e.duration = wait;
	status = finish(q, r, c, &e);
	queue_calls_drop(&q->calls, r->id);
	return status;
}

/* She was not let into the queue, of which this row is all that there is. */
static int refuse(struct queue_log *q, const struct queue_row *r)
{
	struct queue_call *c = fresh_call(q, r);
	struct queue_ending e = {.name = "exit", .word = r->event->word};
	int status;

	if (!c)
		return -1;
	c->begun = true;
	c->wait = 0;
	status = finish(q, r, c, &e);
	queue_calls_drop(&q->calls, r->id);
	return status;
}

/* The agent's part of the call ends with it, and nothing tells how she fares behind it. */
static int transfer(struct queue_log *q, const struct queue_row *r)
{
	bool link = r->event->kind == QUEUE_ATTENDED && str_is(r->data[0], "LINK");
	int64_t wait = queue_number(r->data[link ? 3 : 2]),
		talk = queue_number(r->data[link ? 4 : 3]);
	struct queue_call *c = known_call(q, r, sum(wait, talk));
	struct queue_ending e = {.name = "ended_by", .word = "transfer"};
	int status;

	if (!c) {
		q->run->empty++;
		return 0;
	}
	status = end_talk(q, r, wait, talk, c, &e);
	if (status == 0)
		status = queue_record_transfer(q->run, q->file, r, c, q->err);
	queue_calls_drop(&q->calls, r->id);
	return status;
}

static void miss(struct queue_log *q, const struct queue_row *r)
{
	struct queue_call *c = queue_calls_get(&q->calls, r->id);

	if (c)
		c->missed++;
	else
		q->run->empty++;
}

/* The number that she dialled; it may stand before she enters the queue. */
static void dialled(struct queue_log *q, const struct queue_row *r)
{
	struct queue_call *c = queue_calls_get(&q->calls, r->id);

	if (!c)
		c = open_call(q, r, r->time);
	set(c, QT_DID, r->data[0]);
}

static void note(struct queue_log *q, const struct queue_row *r)
{
	struct queue_call *c = queue_calls_get(&q->calls, r->id);

	if (r->event->kind == QUEUE_STAFF || !c || !queue_call_note(c, r->said))
		q->run->empty++;
}

static int take_row(struct queue_log *q, const struct queue_row *r)
{
	struct queue_call *c = r->id.len ? queue_calls_get(&q->calls, r->id) : NULL;

	if (r->event->kind == QUEUE_START)
		return cut_all(q);
	if (!r->id.len) {
		q->run->empty++;
		return 0;
	}
	if (c && r->event->kind != QUEUE_ENTER && r->time > c->seen)
		c->seen = r->time;
	switch (r->event->kind) {
	case QUEUE_ENTER:
		return enter(q, r);
	case QUEUE_CONNECT:
		return answer(q, r);
	case QUEUE_COMPLETE:
		return complete(q, r);
	case QUEUE_LEAVE:
		return leave(q, r);
	case QUEUE_REFUSE:
		return refuse(q, r);
	case QUEUE_TRANSFER:
	case QUEUE_ATTENDED:
		return transfer(q, r);
	case QUEUE_MISSED:
		return miss(q, r), 0;
	case QUEUE_DID:
		return dialled(q, r), 0;
	default:
		return note(q, r), 0;
	}
}

/* Positions count among rows of one second alone: a log that begins earlier gives the same records.
 */
static void place_row(struct queue_log *q, struct queue_row *r, uint64_t line)
{
	if (!q->begun)
		q->first = r->time;
	r->among = q->begun && r->time == q->last ? q->among + 1 : 0;
	r->line = line;
	q->among = r->among;
	q->last = r->time;
	q->begun = true;
}

static int take_line(struct queue_log *q, const struct lines *l, struct str line)
{
	struct queue_row r;
	const char *why;
	int status;

	if (!str_trim(line).len)
		return 0;
	why = queue_row_read(line, &r);
	if (why)
		return ledger_reject(q->run->ledger, FAULT_ROW, why, l->name, l->number, l->offset,
			l->raw, q->err);
	place_row(q, &r, l->number);
	status = give_up(q);
	return status < 0 ? -1 : take_row(q, &r);
}

/* Calls that go on where the log ends: a longer log has their end. */
static void count_open(void *ctx, struct str id, union map_value *v)
{
	struct queue_log *q = ctx;
	const struct queue_call *c = v->p;

	(void)id;
	q->run->unended += c->inside;
	q->run->empty += !c->inside;
}

static int queue_log_read(struct adapt_run *run, struct input *in, struct buf *err)
{
	struct queue_log q = {.run = run, .file = in->name, .calls = QUEUE_CALLS_INIT, .err = err};
	size_t max = run->opt->max_line < QUEUE_ROW_MAX ? run->opt->max_line : QUEUE_ROW_MAX;
	struct lines l;
	struct str line;
	int more, status = 0;

	if (input_lines(in, &l, max, err) < 0)
		return -1;
	while (status == 0 && (more = lines_next(&l, &line, err)) != LINES_END)
		status = more < 0	      ? -1
			 : more == LINES_LONG ? ledger_reject_long(run->ledger, &l, err)
					      : take_line(&q, &l, line);
	map_each(&q.calls.open, count_open, &q);
	queue_calls_release(&q.calls);
	lines_close(&l);
	return status;
}

/* One line of the first may be broken: where a log was cut off. */
static int queue_log_sniff(const struct adapt_peek *p)
{
	struct str head = p->head;
	int known = 0, broken = 0;

	for (int i = 0; i < 8 && head.len; i++) {
		const char *lf = memchr(head.s, '\n', head.len);
		struct str line = {head.s, lf ? (size_t)(lf - head.s) : head.len};
		struct queue_row r;

		if (!lf && !p->whole)
			break;
		if (!queue_row_read(str_trim(line), &r))
			known += queue_row_known(&r);
		else
			broken += str_trim(line).len > 0;
		head.s += line.len + (lf != NULL);
		head.len -= line.len + (lf != NULL);
	}
	return known && broken < 2 ? 95 : 0;
}

const struct adapter adapt_queue_log = {
	"queue_log", "Asterisk's queue_log", queue_log_sniff, queue_log_read};
