/* Input that already is event records: checked and passed on as it came. */
#include "adapt/emit.h"
#include "io/jsonscan.h"

#define NAME_WITHIN 4096 /* bytes of a first record that says it over several lines */

/* Where records stand one a line, each is read for itself; a list of them, or one that is laid out
 * over several lines, is a document. */
enum layout { LINES, DOCUMENT };

static struct str first_line(struct str head)
{
	const char *lf;

	head = str_trim(str_without_bom(head));
	lf = head.len ? memchr(head.s, '\n', head.len) : NULL;
	return str_trim((struct str){head.s, lf ? (size_t)(lf - head.s) : head.len});
}

static enum layout layout_of(struct str head)
{
	struct str first = first_line(head);

	return str_is(first, "{") || str_starts(first, STR("[")) ? DOCUMENT : LINES;
}

static int sniff(const struct adapt_peek *p)
{
	struct str first = first_line(p->head);

	if (layout_of(p->head) == DOCUMENT) {
		first = str_trim(str_without_bom(p->head));
		first.len = first.len < NAME_WITHIN ? first.len : NAME_WITHIN;
		/* A list of records, not of anything else that records may stand in. */
		if (first.s[0] == '[' &&
			!str_starts(str_trim((struct str){first.s + 1, first.len - 1}), STR("{")))
			return 0;
	} else if (!str_starts(first, STR("{"))) {
		return 0;
	}
	return str_find(first, STR("\"specversion\"")) >= 0 ? 95 : 0;
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

static int read_lines(struct adapt_run *run, struct input *in, struct buf *err)
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

/* ---- documents ---- */

struct document {
	struct adapt_run *run;
	const char *file;
	struct jsonscan scan;
	struct event ev;
	struct buf line;
	bool spilling; /* the letter of a record that is too long is open */
};

static int spill(void *ctx, const struct jsonscan *scan, struct str piece, struct buf *err)
{
	struct document *d = ctx;
	struct ledger *l = d->run->ledger;

	if (!d->spilling &&
		ledger_letter_begin(l, FAULT_TOO_LONG, "record too long (see --max-line)", d->file,
			scan->line, scan->offset, err) < 0)
		return -1;
	d->spilling = true;
	return ledger_letter_more(l, piece, err);
}

/* The last bytes of one whose letter is open. */
static int end_spill(struct document *d, struct buf *err)
{
	struct ledger *l = d->run->ledger;

	d->spilling = false;
	return ledger_letter_more(l, d->scan.raw, err) < 0 ? -1 : ledger_letter_end(l, err);
}

static int refuse(struct document *d, enum event_fault fault, const char *why, struct buf *err)
{
	return ledger_reject(d->run->ledger, fault, why, d->file, d->scan.line, d->scan.offset,
		d->scan.raw, err);
}

static int element(struct document *d, struct buf *err)
{
	struct buf why = BUF_INIT;
	enum event_fault fault;
	int status;

	if (event_read(&d->ev, d->scan.raw, true, &fault, &why) == 0) {
		buf_clear(&d->line);
		json_put_compact(&d->line, d->scan.raw);
		status = emit_pass(d->run, buf_str(&d->line), d->ev.time, err);
	} else {
		status = refuse(d, fault, why.s, err);
	}
	buf_release(&why);
	return status;
}

static int take(struct document *d, int got, struct buf *err)
{
	int status;

	if (got == JSONSCAN_ONE)
		return element(d, err);
	status = d->spilling ? end_spill(d, err) : refuse(d, FAULT_JSON, d->scan.why, err);
	if (status < 0 || got != JSONSCAN_BROKEN)
		return status;
	/* What is behind the break is not read: that stops the input besides. */
	buf_printf(err, "%s:%llu: %s; nothing behind it was read", d->file,
		(unsigned long long)d->scan.line, d->scan.why);
	return -1;
}

static int read_document(struct adapt_run *run, struct input *in, struct buf *err)
{
	struct document d = {.run = run, .file = in->name, .line = BUF_INIT};
	int got = 0, status = jsonscan_open(&d.scan, in, NULL, run->opt->max_line, err);

	event_init(&d.ev);
	d.scan.spill = spill;
	d.scan.ctx = &d;
	while (status == 0 && (got = jsonscan_next(&d.scan, err)) > 0)
		status = take(&d, got, err);
	jsonscan_close(&d.scan);
	event_release(&d.ev);
	buf_release(&d.line);
	return status < 0 ? -1 : got;
}

static int records_read(struct adapt_run *run, struct input *in, struct buf *err)
{
	return layout_of(buf_str(&in->head)) == DOCUMENT ? read_document(run, in, err)
							 : read_lines(run, in, err);
}

const struct adapter adapt_records = {"records",
	"event records (CloudEvents: JSON lines, a list, one over several lines), checked and "
	"passed on",
	sniff, records_read};
