/* Input that already is event records: checked and passed on as it came. */
#include "adapt/emit.h"

static int sniff(const struct adapt_peek *p)
{
	const char *lf = memchr(p->head.s, '\n', p->head.len);
	struct str first = {p->head.s, lf ? (size_t)(lf - p->head.s) : p->head.len};

	first = str_trim(first);
	return first.len && first.s[0] == '{' && str_find(first, STR("\"specversion\"")) >= 0 ? 95
											      : 0;
}

static int one(
	struct adapt_run *run, struct lines *l, struct event *ev, struct str line, struct buf *err)
{
	struct buf why = BUF_INIT;
	enum event_fault fault;
	int status;

	if (event_read(ev, line, true, &fault, &why) == 0)
		status = emit_pass(run, str_trim(line), ev->time, err);
	else
		status = ledger_reject(
			run->ledger, fault, why.s, l->name, l->number, l->offset, l->raw, err);
	buf_release(&why);
	return status;
}

static int records_read(struct adapt_run *run, struct input *in, struct buf *err)
{
	struct event ev;
	struct lines l;
	struct str line;
	int more, status = 0;

	if (input_lines(in, &l, run->opt->max_line, err) < 0)
		return -1;
	event_init(&ev);
	while (status == 0) {
		if (!lines_ready(&l) && emit_flush(run, err) < 0)
			status = -1;
		more = status == 0 ? lines_next(&l, &line, err) : LINES_END;
		if (more < 0)
			status = -1;
		if (more <= 0)
			break;
		if (more == LINES_LONG)
			status = ledger_reject_long(run->ledger, &l, err);
		else if (str_trim(line).len)
			status = one(run, &l, &ev, line, err);
	}
	event_release(&ev);
	lines_close(&l);
	return status;
}

const struct adapter adapt_records = {"records",
	"event records (JSON lines), checked and passed on unchanged", sniff, records_read};
