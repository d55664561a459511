#include "stage/replay.h"

struct run {
	const struct replay *r;
	struct store *s;
	struct out *out;
	struct ledger *ledger;
	struct event ev;
	struct buf record;
};

static bool of_type(struct run *run, const struct store_row *row, struct buf *err)
{
	enum event_fault fault;

	if (!run->r->type)
		return true;
	return event_read(&run->ev, row->body, false, &fault, err) == 0 &&
	       str_is(event_attr(&run->ev, ATTR_TYPE), run->r->type);
}

static int put_row(void *ctx, const struct store_row *row, struct buf *err)
{
	struct run *run = ctx;
	int64_t customer;
	int status;

	if (!of_type(run, row, err))
		return err->len ? STORE_ERROR : 0;
	status = store_customer(
		run->s, row->session, row->ident, row->time, row->order, row->seq, &customer, err);
	if (status < 0)
		return status;
	if (run->r->range.customer && customer != run->r->range.customer)
		return 0;
	buf_clear(&run->record);
	store_record(&run->record, row->body, customer, row->seq, row->recorded);
	run->ledger->read++;
	run->ledger->written++;
	return out_record(run->out, buf_str(&run->record), err);
}

int replay(
	struct replay *r, struct store *s, struct out *out, struct ledger *ledger, struct buf *err)
{
	struct run run = {.r = r, .s = s, .out = out, .ledger = ledger, .record = BUF_INIT};
	int status = store_read_begin(s, err);

	event_init(&run.ev);
	if (status == 0)
		status = store_each(s, &r->range, put_row, &run, err);
	store_read_end(s);
	event_release(&run.ev);
	buf_release(&run.record);
	return status;
}
