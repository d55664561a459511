#include "base/progress.h"
#include "base/text.h"
#include "core/metric.h"
#include "core/store/past.h"
#include "core/store/scan.h"
#include "stage/shell_part.h"

#define SHOWN 100 /* bytes of a text around what was looked for */
#define MOST 50	  /* identifiers, and as many records */

/* ---- sql ---- */

static int sql_head(void *ctx, const char *const *names, size_t n, struct buf *err)
{
	struct rows *r = ctx;

	rows_begin(r, r->shell, names, n);
	return rows_head(r, err);
}

static int sql_row(void *ctx, const struct fact_cell *cells, size_t n, struct buf *err)
{
	(void)n;
	return rows_row(ctx, cells, err);
}

/* A table's last page outlives the statement, and its titles are copies. */
int shell_sql(struct shell *s, struct str sql, struct buf *err)
{
	struct buf text = BUF_INIT;
	struct rows r = {.shell = s, .table = TABLE_INIT, .line = BUF_INIT};
	const struct select_taker taker = {sql_head, sql_row, &r};
	int status, ended;

	buf_put(&text, sql);
	status = select_rows(s->store, text.s, s->as_of, &taker, err);
	ended = rows_end(&r, status == 0, err);
	buf_release(&text);
	return status ? status : ended;
}

bool shell_reads_facts(struct str sql)
{
	struct buf text = BUF_INIT, view = BUF_INIT;
	bool reads = false;

	buf_put(&text, sql);
	for (size_t i = 0; metric_facts()[i] && !reads; i++) {
		buf_clear(&view);
		buf_printf(&view, "v_%s", metric_facts()[i]);
		reads = strcasestr(text.s, view.s) != NULL;
	}
	buf_release(&text);
	buf_release(&view);
	return reads;
}

/* ---- find ---- */

static const char *const found_names[] = {"customer", "sequence", "time", "kind", "text"};
#define FOUND 5

struct finding {
	struct shell *shell;
	struct rows rows;
	struct buf folded, scratch, who, number, time; /* folded: what is looked for */
	struct str label;			       /* as it was typed: of an intent, perhaps */
	struct event ev;
	uint64_t records, seen; /* found, and looked at */
	struct progress progress;
	bool cut_names, cut; /* there are more than are shown */
};

/* time: NULL: none. */
static int put_found(struct finding *f, int64_t customer, int64_t seq, const int64_t *time,
	struct str kind, struct str text, struct buf *err)
{
	struct fact_cell cells[FOUND] = {{.null = !customer}, {.number = true}, {.null = !time},
		{.text = kind}, {.text = text}};

	buf_clear(&f->who);
	buf_printf(&f->who, "c%lld", (long long)customer);
	buf_clear(&f->number);
	buf_int(&f->number, seq);
	cells[0].text = buf_str(&f->who);
	cells[1].text = buf_str(&f->number);
	buf_clear(&f->time);
	if (time)
		rows_time(&f->rows, &f->time, *time);
	cells[2].text = buf_str(&f->time);
	return rows_row(&f->rows, cells, err);
}

static int see_identifier(void *ctx, const struct identity_match *m, struct buf *err)
{
	struct finding *f = ctx;

	if (f->rows.n == MOST) {
		f->cut_names = true;
		return 0;
	}
	return put_found(f, m->customer, m->first, NULL, m->kind, m->value, err);
}

/* Where the text says it: the place within the folded text stands near the one in the text. */
static struct str around(struct str text, size_t at)
{
	size_t from = at > SHOWN / 2 ? at - SHOWN / 2 : 0;

	if (from >= text.len)
		from = 0;
	while (from && ((unsigned char)text.s[from] & 0xc0) == 0x80)
		from--;
	return text_cut((struct str){text.s + from, text.len - from}, SHOWN);
}

static int look(struct finding *f, const struct store_row *row, int64_t customer, struct buf *err)
{
	enum event_fault fault;
	struct str text;
	const char *at;

	if (row->erased || event_read(&f->ev, row->body, false, &fault, err) < 0) {
		buf_clear(err);
		return 0;
	}
	text = event_text(&f->ev, DATA_TEXT);
	buf_clear(&f->scratch);
	text_fold(&f->scratch, text);
	at = f->scratch.len ? memmem(f->scratch.s, f->scratch.len, f->folded.s, f->folded.len)
			    : NULL;
	if (!at && str_eq(event_text(&f->ev, DATA_INTENT), f->label))
		at = f->scratch.s;
	if (!at)
		return 0;
	if (f->records == MOST) {
		f->cut = true;
		return SCAN_ENOUGH;
	}
	if (f->shell->as_of != INT64_MAX) {
		struct person p;
		int status =
			past_of(f->shell->store, row->seq, f->shell->as_of, &p, &customer, err);

		if (status < 0)
			return status;
		if (f->shell->customer && customer != f->shell->customer)
			return 0;
	}
	f->records++;
	return put_found(f, customer, row->seq, &row->time, event_attr(&f->ev, ATTR_TYPE),
		around(text, (size_t)(at - f->scratch.s)), err);
}

static int see_record(void *ctx, const struct store_row *row, int64_t customer, struct buf *err)
{
	struct finding *f = ctx;

	if (*f->shell->stop) {
		buf_puts(err, "stopped");
		return STORE_ERROR;
	}
	progress_step(&f->progress, ++f->seen);
	return look(f, row, customer, err);
}

static int count_records(const struct shell *s, uint64_t *n, struct buf *err)
{
	int64_t last = s->as_of;
	int status = last == INT64_MAX ? store_last(s->store, &last, err) : 0;

	*n = status == 0 ? (uint64_t)last : 0;
	return status;
}

static int find_records(struct finding *f, struct buf *err)
{
	const struct shell *s = f->shell;
	struct store_range range = {.has_to = true,
		.to_seq = s->as_of,
		.has_since = s->has_since,
		.since = s->since,
		.has_until = s->has_until,
		.until = s->until};
	struct buf who = BUF_INIT;
	struct scan *scan;
	bool more = true;
	int status;

	buf_printf(&who, "c%lld", (long long)s->customer);
	/* The scan knows people as they are now. */
	if (s->customer && s->as_of == INT64_MAX)
		range.customer = who.s;
	status = scan_open(&scan, s->store, &range, err);
	progress_begin(&f->progress, "records", false);
	/* Of a customer or a period it is not known how many there are. */
	if (status == 0 && !s->customer && !s->has_since && !s->has_until)
		status = count_records(s, &f->progress.whole, err);
	while (status == 0 && more && !f->cut)
		status = scan_piece(scan, see_record, f, &more, err);
	progress_end(&f->progress);
	scan_free(scan);
	buf_release(&who);
	return status;
}

int shell_find(struct shell *s, const char *text, bool *more, struct buf *err)
{
	struct finding f = {.shell = s,
		.label = str_of(text),
		.folded = BUF_INIT,
		.scratch = BUF_INIT,
		.who = BUF_INIT,
		.number = BUF_INIT,
		.time = BUF_INIT};
	int status, ended;

	event_init(&f.ev);
	text_fold(&f.folded, str_of(text));
	rows_begin(&f.rows, s, found_names, FOUND);
	status = rows_head(&f.rows, err);
	if (status == 0)
		status =
			select_matches(s->store, text, s->as_of, MOST + 1, see_identifier, &f, err);
	if (status == 0 && f.folded.len && s->as_of)
		status = find_records(&f, err);
	ended = rows_end(&f.rows, status == 0, err);
	*more = f.cut_names || f.cut;
	event_release(&f.ev);
	buf_release(&f.folded);
	buf_release(&f.scratch);
	buf_release(&f.who);
	buf_release(&f.number);
	buf_release(&f.time);
	status = status ? status : ended;
	return status ? status : f.rows.n == 0;
}
