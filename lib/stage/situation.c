#include "stage/situation.h"
#include "core/pipe.h"

#define CONTEXT_BYTES ((size_t)12 << 20)

void situation_init(struct situation *s)
{
	context_init(&s->context);
}

void situation_release(struct situation *s)
{
	journey_free(s->journey);
	bundle_free(s->bundle);
	fold_free(s->alone);
	store_close(s->store);
	context_release(&s->context);
}

static int need_store(struct situation *s, struct buf *err)
{
	int status;

	if (s->store)
		return 0;
	status = store_open(&s->store, store_path(s->db), STORE_READ, s->wait_ms, err);
	if (status == 0)
		s->journey = journey_new(s->store, s->ontology, CONTEXT_BYTES);
	return status;
}

static int ask_log(struct situation *s, const struct event *ev, struct buf *err)
{
	int status = need_store(s, err);

	/* One snapshot, and one lock, for all that is asked about it. */
	if (status == 0)
		status = store_read_begin(s->store, err);
	if (status == 0)
		status = journey_context(s->journey, ev, &s->context, err);
	if (s->store)
		store_read_end(s->store);
	return status;
}

int situation_find(struct situation *s, const struct event *ev, struct buf *err)
{
	const struct json *given = ev->data[DATA_CONTEXT];
	bool brought = given && given->type == JSON_OBJECT;
	int status = 0;

	if (ev->sequence && (!brought || s->folded))
		status = ask_log(s, ev, err);
	if (status == 0 && brought) {
		context_read(&s->context, given, s->ontology);
	} else if (!ev->sequence) {
		context_clear(&s->context);
		s->blind++;
	}
	return status;
}

struct fold *situation_fold(struct situation *s, const struct event *ev)
{
	if (ev->sequence)
		return journey_fold(s->journey);
	if (!s->alone)
		s->alone = fold_new(s->ontology);
	fold_clear(s->alone, false);
	fold_add(s->alone, ev, 1, 0);
	fold_run(s->alone);
	return s->alone;
}

int situation_log(struct situation *s, int (*each)(void *ctx, struct event *ev, struct buf *err),
	void *ctx, struct buf *err)
{
	struct store_row row = {0};
	struct buf body = BUF_INIT;
	struct event ev;
	enum event_fault fault;
	int64_t last = 0;
	int status = need_store(s, err);

	if (status == 0)
		status = store_last(s->store, &last, err);
	event_init(&ev);
	for (int64_t seq = 1; seq <= last && status >= 0; seq++) {
		status = store_row(s->store, seq, INT64_MAX, &row, &body, err);
		if (status == 0 && event_read(&ev, row.body, false, &fault, err) < 0)
			status = STORE_ERROR;
		ev.sequence = seq;
		if (status == 0)
			status = each(ctx, &ev, err);
	}
	event_release(&ev);
	buf_release(&body);
	return status < 0 ? status : 0;
}

struct reading {
	struct ledger *ledger;
	int (*take)(void *ctx, struct event *ev, struct buf *err);
	void *ctx;
};

static int take_logged(void *ctx, struct event *ev, struct buf *err)
{
	struct reading *r = ctx;
	struct buf why = BUF_INIT;
	int status;

	r->ledger->read++;
	status = r->take(r->ctx, ev, &why);
	if (status == PIPE_REFUSE) {
		r->ledger->read--;
		status = ledger_reject(r->ledger, FAULT_MAP, why.s, "log", (uint64_t)ev->sequence,
			0, ev->line, err);
	} else if (status < 0) {
		buf_put(err, buf_str(&why));
		status = STORE_ERROR;
	}
	buf_release(&why);
	return status;
}

int situation_read(struct situation *s, struct ledger *ledger,
	int (*take)(void *ctx, struct event *ev, struct buf *err), void *ctx, struct buf *err)
{
	struct reading r = {ledger, take, ctx};

	return situation_log(s, take_logged, &r, err);
}

int situation_bundle(struct situation *s, const struct event *ev, struct buf *out, struct buf *err)
{
	int status = need_store(s, err);

	if (status < 0)
		return status;
	if (!s->bundle)
		s->bundle = bundle_new(s->ontology);
	status = store_read_begin(s->store, err);
	if (status == 0)
		status = journey_bundle_of(s->store, ev->sequence, s->bundle, err);
	store_read_end(s->store);
	if (status == 0)
		bundle_write(out, s->bundle, true);
	return status;
}
