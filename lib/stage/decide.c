#include "stage/decide.h"
#include "base/die.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/store/batch.h"
#include "core/store/find.h"
#include "stage/decide_part.h"

#include <stdlib.h>
#include <time.h>

#define BATCH_FIRST 64 /* decisions of one transaction, at first */
#define BATCH_LAST 2000
#define HOLD_MS 80 /* about: as long the file is held from other writers */

/* A proposal that waits to be decided. */
struct waiting {
	size_t at, len; /* of its line */
	const char *file;
	uint64_t line, offset;
	int64_t seq;		   /* in the log; 0: not yet */
	bool conflict;		   /* another record has its source and id */
	size_t answer, answer_len; /* of the decision */
};

struct run {
	struct decide *d;
	struct judge judge;
	struct store *store;
	struct batch *proposals, *decisions;
	struct event ev;
	struct waiting *v;
	size_t n, cap, room;
	struct buf lines, answers, body;
	struct map decided; /* within the transaction: id of a decision -> place in v, and 1 */
	struct map told;    /* what was warned of */
	int64_t position;   /* of a dry run: the last decision */
	int status;	    /* of the store, when it stopped the run */
};

static int open_store(struct run *r, struct buf *err)
{
	enum store_mode mode = r->d->dry_run ? STORE_READ : STORE_CREATE;
	int status;

	if (r->store)
		return 0;
	status = store_open(&r->store, store_path(r->d->db), mode, r->d->wait_ms, err);
	if (status < 0)
		return status;
	judge_open(&r->judge, r->store);
	if (r->d->dry_run)
		return store_last(r->store, &r->position, err);
	r->proposals = batch_new(r->store, r->d->ontology);
	r->decisions = batch_new(r->store, r->d->ontology);
	return 0;
}

/* ---- a dry run ---- */

/* Decisions of the log behind the proposal, and those of this run. */
static int judge_dry(struct run *r, const struct event *ev, struct buf *err)
{
	int64_t seq = r->store ? ev->sequence : 0, basis = r->position;
	int status = 0;

	if (r->store && seq && !r->judge.upto)
		status = judge_cover(&r->judge, 0, err);
	if (status == 0)
		status = judge(&r->judge, ev, seq, basis, err);
	if (status != 0)
		return status;
	if (!judge_again(&r->judge, &basis)) {
		judge_take(&r->judge);
		r->position++;
		return 0;
	}
	r->d->again++;
	return judge(&r->judge, ev, seq, basis, err);
}

static void count(struct run *r)
{
	r->d->blind += r->judge.blind;
	if (!r->judge.ruling.failed.len)
		return;
	if (r->d->failed++ < 20)
		warn("%s: for review", r->judge.ruling.failed.s);
}

static int dry(struct run *r, const struct event *ev, struct buf *err)
{
	bool given = ev->data[DATA_CONTEXT] && ev->data[DATA_CONTEXT]->type == JSON_OBJECT;

	r->status = ev->sequence && !given ? open_store(r, err) : 0;
	if (r->status == 0)
		r->status = judge_dry(r, ev, err);
	if (r->status < 0)
		return PIPE_STOP;
	if (r->status > 0) {
		r->d->pipe.fault = FAULT_RECORD;
		return PIPE_REFUSE;
	}
	count(r);
	return pipe_put(&r->d->pipe, buf_str(&r->judge.record), err);
}

/* ---- live ---- */

static struct str line_of(const struct run *r, const struct waiting *w)
{
	return (struct str){r->lines.s + w->at, w->len};
}

static int read_line(struct run *r, const struct waiting *w, struct buf *err)
{
	enum event_fault fault;

	return event_read(&r->ev, line_of(r, w), false, &fault, err);
}

/* Where the log has the proposal that came from it. */
static int find_logged(struct run *r, struct buf *err)
{
	int status = store_read_begin(r->store, err);

	for (size_t i = 0; i < r->n && status == 0; i++) {
		struct waiting *w = &r->v[i];

		status = read_line(r, w, err);
		if (status == 0 && r->ev.sequence)
			status = store_find(r->store, event_attr(&r->ev, ATTR_SOURCE),
				event_attr(&r->ev, ATTR_ID), &w->seq, err);
		if (status == 0 && !w->seq)
			status = batch_take(r->proposals, &r->ev, err);
	}
	store_read_end(r->store);
	return status;
}

static int settle_seqs(struct run *r, struct buf *err)
{
	size_t at = 0;
	int status = 0;

	for (size_t i = 0; i < r->n && status == 0; i++) {
		struct waiting *w = &r->v[i];
		const struct store_added *a;

		if (w->seq)
			continue;
		a = batch_outcome(r->proposals, at++);
		w->seq = a->seq;
		w->conflict = a->outcome == CONFLICT;
		if (a->outcome != LABELLED)
			continue;
		status = read_line(r, w, err);
		if (status == 0)
			status = store_find(r->store, event_attr(&r->ev, ATTR_SOURCE),
				event_attr(&r->ev, ATTR_ID), &w->seq, err);
	}
	return status;
}

/* Proposals that are new go into the log; they are on the disk with their decisions. */
static int log_proposals(struct run *r, struct buf *err)
{
	int status = find_logged(r, err);

	if (status < 0 || !batch_bytes(r->proposals))
		return status;
	batch_seal(r->proposals);
	status = store_fast(r->store, err);
	if (status == 0)
		status = store_begin(r->store, err);
	if (status == 0) {
		status = batch_write(r->proposals, when_now(), err);
		if (status == 0)
			status = store_commit(r->store, err);
		else
			store_rollback(r->store);
	}
	if (status == 0)
		status = settle_seqs(r, err);
	if (status == 0)
		status = store_durable(r->store, err);
	batch_clear(r->proposals);
	return status;
}

static void answer(struct run *r, struct waiting *w, struct str record)
{
	w->answer = r->answers.len;
	w->answer_len = record.len;
	buf_put(&r->answers, record);
}

/* The decision that there is already: 1. */
static int decided_before(struct run *r, struct waiting *w, struct buf *err)
{
	const union map_value *here = map_get(&r->decided, buf_str(&r->body));
	struct store_row row;
	int64_t seq = 0;
	int status;

	if (here) {
		w->answer = r->v[here->n - 1].answer;
		w->answer_len = r->v[here->n - 1].answer_len;
		return 1;
	}
	status =
		store_find(r->store, event_attr(&r->ev, ATTR_SOURCE), buf_str(&r->body), &seq, err);
	if (status < 0 || !seq)
		return status;
	status = store_row(r->store, seq, INT64_MAX, &row, &r->body, err);
	if (status < 0)
		return status;
	answer(r, w, row.body);
	return 1;
}

/* As the log has the proposal. */
static int decide_one(struct run *r, struct waiting *w, int64_t basis, struct buf *err)
{
	enum event_fault fault;
	struct store_row row;
	int status = store_row(r->store, w->seq, w->seq, &row, &r->body, err);

	if (status == 0 && event_read(&r->ev, buf_str(&r->body), false, &fault, err) < 0)
		status = STORE_ERROR;
	return status == 0 ? judge(&r->judge, &r->ev, w->seq, basis, err) : status;
}

static int take_decision(struct run *r, struct waiting *w, struct buf *err)
{
	enum event_fault fault;

	judge_take(&r->judge);
	count(r);
	answer(r, w, buf_str(&r->judge.record));
	if (event_read(&r->ev, buf_str(&r->judge.record), false, &fault, err) < 0)
		return STORE_ERROR;
	return batch_take(r->decisions, &r->ev, err);
}

/* Customers are read before the lock is taken: under it their folds go on by what was logged since.
 */
static int read_ahead(struct run *r, int64_t first, struct buf *err)
{
	int status = store_read_begin(r->store, err);

	for (size_t i = 0; i < r->n && status == 0; i++)
		if (!r->v[i].conflict && r->v[i].seq >= first)
			status = judge_warm(&r->judge, r->v[i].seq, err);
	store_read_end(r->store);
	return status;
}

/* The decisions that the log has behind the first proposal that has none. */
static int cover(struct run *r, struct buf *err)
{
	int64_t first = INT64_MAX, had;
	int status = 0;

	for (size_t i = 0; i < r->n && status == 0; i++) {
		if (r->v[i].conflict || r->v[i].seq >= first)
			continue;
		status = read_line(r, &r->v[i], err);
		if (status < 0)
			break;
		buf_clear(&r->body);
		judge_id(&r->judge, &r->ev, &r->body);
		status = store_find(
			r->store, event_attr(&r->ev, ATTR_SOURCE), buf_str(&r->body), &had, err);
		if (status == 0 && !had)
			first = r->v[i].seq;
	}
	if (status == 0)
		status = judge_cover(&r->judge, first, err);
	return status < 0 ? status : read_ahead(r, first, err);
}

/* Within the transaction: the log's end is where the decisions go. */
static int decide_all(struct run *r, size_t *done, struct buf *err)
{
	int64_t begun = when_steady(), last;
	int status = judge_cover_rest(&r->judge, err);

	last = r->judge.upto;
	for (; *done < r->n && status == 0; ++*done) {
		struct waiting *w = &r->v[*done];

		if (when_steady() - begun > HOLD_MS)
			break;
		if (w->conflict)
			continue;
		status = read_line(r, w, err);
		if (status < 0)
			break;
		buf_clear(&r->body);
		judge_id(&r->judge, &r->ev, &r->body);
		status = decided_before(r, w, err);
		if (status != 0) {
			r->d->again += status > 0;
			status = status > 0 ? 0 : status;
			continue;
		}
		map_slot(&r->decided, buf_str(&r->body), NULL)->n = (int64_t)*done + 1;
		status = decide_one(r, w, last, err);
		if (status == 0)
			status = take_decision(r, w, err);
		last++;
	}
	r->judge.upto = last;
	return status;
}

static int write_decisions(struct run *r, struct buf *err)
{
	int status;

	if (!map_count(&r->decided))
		return 0;
	batch_seal(r->decisions);
	status = batch_write(r->decisions, when_now(), err);
	for (size_t i = 0; i < map_count(&r->decided) && status == 0; i++)
		if (batch_outcome(r->decisions, i)->outcome != ADDED) {
			buf_puts(err, "a decision was in the log before it was taken");
			status = STORE_ERROR;
		}
	return status;
}

static int one_transaction(struct run *r, size_t *done, struct buf *err)
{
	int status = store_begin(r->store, err);

	if (status < 0)
		return status;
	status = decide_all(r, done, err);
	if (status == 0)
		status = write_decisions(r, err);
	if (status == 0)
		status = store_commit(r->store, err);
	else
		store_rollback(r->store);
	batch_clear(r->decisions);
	map_release(&r->decided);
	return status;
}

static int put_answers(struct run *r, size_t from, size_t to, struct buf *err)
{
	struct pipe *p = &r->d->pipe;
	int status = 0;

	for (size_t i = from; i < to && status == 0; i++) {
		const struct waiting *w = &r->v[i];

		if (w->conflict) {
			p->ledger->read--; /* refusing it counts it */
			status = ledger_reject(p->ledger, FAULT_CONFLICT,
				"its source and id are those of another record", w->file, w->line,
				w->offset, line_of(r, w), err);
		} else {
			status = pipe_put(
				p, (struct str){r->answers.s + w->answer, w->answer_len}, err);
		}
	}
	return status;
}

/* Decides all that waits. What is in the log and was not answered is answered when it is asked
 * again. */
static int settle(void *ctx, struct buf *err)
{
	struct run *r = ctx;
	size_t done = 0;

	if (!r->n)
		return 0;
	r->status = open_store(r, err);
	if (r->status == 0)
		r->status = log_proposals(r, err);
	if (r->status == 0)
		r->status = cover(r, err);
	while (r->status == 0 && done < r->n) {
		size_t from = done;

		r->status = one_transaction(r, &done, err);
		if (r->status == 0 && put_answers(r, from, done, err) < 0)
			return -1;
	}
	if (r->status < 0)
		return -1;
	r->room = r->room < BATCH_LAST ? r->room * 2 : r->room;
	r->n = 0;
	buf_clear(&r->lines);
	buf_clear(&r->answers);
	return 0;
}

static int each(void *ctx, struct event *ev, struct buf *err)
{
	struct run *r = ctx;
	const struct lines *in = &r->d->pipe.in;
	struct waiting *w;

	if (!str_is(event_attr(ev, ATTR_TYPE), "action.proposed")) {
		r->d->pipe.ledger->read--;
		r->d->passed_over++;
		return PIPE_TAKEN;
	}
	decide_doubt(&r->told, r->d->ontology, ev, in);
	if (r->d->dry_run)
		return dry(r, ev, err);
	if (r->n >= r->room && settle(r, err) < 0)
		return PIPE_STOP;
	w = VEC_ADD(r, v, n, cap);
	*w = (struct waiting){.at = r->lines.len,
		.len = ev->line.len,
		.file = in->name,
		.line = in->number,
		.offset = in->offset};
	buf_put(&r->lines, ev->line);
	return PIPE_TAKEN;
}

int decide(struct decide *d, char *const *paths, size_t n, struct buf *err)
{
	struct run r = {.d = d,
		.room = BATCH_FIRST,
		.lines = BUF_INIT,
		.answers = BUF_INIT,
		.body = BUF_INIT};
	int status;

	judge_init(&r.judge, d->policies, d->ontology);
	event_init(&r.ev);
	d->pipe.idle = d->dry_run ? NULL : settle;
	status = pipe_run(&d->pipe, paths, n, each, &r, err);
	judge_release(&r.judge);
	batch_free(r.proposals);
	batch_free(r.decisions);
	store_close(r.store);
	event_release(&r.ev);
	map_release(&r.decided);
	map_release(&r.told);
	free(r.v);
	buf_release(&r.lines);
	buf_release(&r.answers);
	buf_release(&r.body);
	return r.status < 0 ? r.status : status;
}
