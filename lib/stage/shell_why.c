#include "core/journey.h"
#include "core/store/past.h"
#include "stage/shell_part.h"

/* ---- one record ---- */

static int whose(struct shell *s, int64_t seq, struct person *p, int64_t *customer, struct buf *err)
{
	int status = store_read_begin(s->store, err);

	if (status == 0)
		status = past_of(s->store, seq, s->as_of, p, customer, err);
	store_read_end(s->store);
	return status;
}

static int her_records(struct shell *s, store_visit *visit, void *ctx, struct buf *err)
{
	struct person who = {0, 0};
	int status;

	if (!s->customer) {
		buf_puts(err, "whose? (customer C comes first)");
		return STORE_ERROR;
	}
	status = store_read_begin(s->store, err);
	if (status == 0)
		status = past_person(s->store, s->customer, s->as_of, &who, err);
	if (status == 0)
		status = store_person_events(s->store, &who, 0, s->as_of, visit, ctx, err);
	store_read_end(s->store);
	return status;
}

struct latest {
	struct event ev;
	struct event_place at;
	bool any;
};

static int see_latest(void *ctx, const struct store_row *row, struct buf *err)
{
	const struct event_place at = {row->time, row->order, row->seq};
	struct latest *l = ctx;
	enum event_fault fault;

	if (row->erased)
		return 0;
	if (event_read(&l->ev, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	if (!str_is(event_attr(&l->ev, ATTR_DIRECTION), "in") ||
		(l->any && event_compare(at, l->at) < 0))
		return 0;
	l->any = true;
	l->at = at;
	return 0;
}

static int find_latest(struct shell *s, int64_t *seq, struct buf *err)
{
	struct latest l = {.any = false};
	int status;

	event_init(&l.ev);
	status = her_records(s, see_latest, &l, err);
	event_release(&l.ev);
	if (status == 0 && !l.any) {
		buf_puts(err, "nothing of hers came in");
		status = STORE_ERROR;
	}
	*seq = l.at.seq;
	return status;
}

static int check_place(const struct shell *s, int64_t seq, struct buf *err)
{
	if (seq <= s->as_of)
		return 0;
	buf_printf(err, "%lld: the log ends at %lld here", (long long)seq, (long long)s->as_of);
	return STORE_ERROR;
}

int shell_record(struct shell *s, int64_t seq, struct buf *record, struct buf *err)
{
	struct buf body = BUF_INIT;
	struct store_row row;
	struct person p;
	int64_t customer = 0;
	int status = seq ? check_place(s, seq, err) : find_latest(s, &seq, err);

	if (status == 0)
		status = store_row(s->store, seq, s->as_of, &row, &body, err);
	if (status == 0)
		status = whose(s, seq, &p, &customer, err);
	if (status == 0)
		store_record(record, row.body, customer, row.seq, row.recorded);
	buf_release(&body);
	return status;
}

/* ---- decisions ---- */

static const char *const why_names[] = {"sequence", "time", "type", "event", "basis", "rules",
	"rule", "reason", "action", "verdict", "policies", "target"};
#define WHYS 12

struct why {
	struct shell *shell;
	struct rows rows;
	struct event ev;
	int64_t seq;	/* of the event that is asked about */
	struct buf id;	/* its id */
	bool found;	/* it is among the records */
	int64_t routed; /* the last record that rules decided about; 0: none */
};

static bool decides(const struct event *ev)
{
	static const char *const types[] = {"route.decided", "decision.made"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_is(event_attr(ev, ATTR_TYPE), types[i]))
			return true;
	return false;
}

/* A member of data: of a string its text, of all else what is written. */
static struct fact_cell member(const struct event *ev, enum event_data d)
{
	const struct json *v = ev->data[d];

	if (!v || v->type == JSON_NULL)
		return (struct fact_cell){.null = true};
	return (struct fact_cell){.number = v->type == JSON_NUMBER,
		.text = v->type == JSON_STRING ? v->text : v->raw};
}

/* What a decision rests on, where it says so. */
static int64_t basis_of(const struct event *ev)
{
	int64_t basis = 0;

	return ev->data[DATA_BASIS] && str_int(ev->data[DATA_BASIS]->raw, &basis) ? basis : 0;
}

static int put_decision(struct why *w, const struct store_row *row, struct buf *err)
{
	static const enum event_data shown[] = {DATA_EVENT, DATA_BASIS, DATA_RULES, DATA_RULE,
		DATA_REASON, DATA_ACTION, DATA_VERDICT, DATA_POLICIES, DATA_TARGET};
	struct fact_cell cells[WHYS] = {{.number = true}, {.null = false}, {.null = false}};
	struct buf number = BUF_INIT, time = BUF_INIT;
	int status;

	rows_time(&w->rows, &time, row->time);
	buf_int(&number, row->seq);
	cells[0].text = buf_str(&number);
	cells[1].text = buf_str(&time);
	cells[2].text = event_attr(&w->ev, ATTR_TYPE);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		cells[3 + i] = member(&w->ev, shown[i]);
	if (str_is(cells[2].text, "route.decided"))
		w->routed = basis_of(&w->ev);
	status = rows_row(&w->rows, cells, err);
	buf_release(&number);
	buf_release(&time);
	return status;
}

/* A decision that rests on the event, or is it. */
static bool is_of(const struct why *w, const struct store_row *row)
{
	if (row->seq == w->seq)
		return true;
	if (basis_of(&w->ev))
		return basis_of(&w->ev) == w->seq;
	return w->id.len && str_eq(event_text(&w->ev, DATA_EVENT), buf_str(&w->id));
}

static int see_decision(void *ctx, const struct store_row *row, struct buf *err)
{
	struct why *w = ctx;
	enum event_fault fault;

	if (row->erased)
		return 0;
	if (event_read(&w->ev, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	return decides(&w->ev) && is_of(w, row) ? put_decision(w, row, err) : 0;
}

static int see_id(void *ctx, const struct store_row *row, struct buf *err)
{
	struct why *w = ctx;
	enum event_fault fault;

	if (row->erased || w->found)
		return 0;
	if (event_read(&w->ev, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	w->found = str_eq(event_attr(&w->ev, ATTR_ID), buf_str(&w->id));
	w->seq = w->found ? row->seq : 0;
	return 0;
}

static int find_event(struct why *w, const char *event, struct buf *err)
{
	struct buf body = BUF_INIT;
	enum event_fault fault;
	struct store_row row;
	int status;

	if (str_int(str_of(event), &w->seq)) {
		status = check_place(w->shell, w->seq, err);
		if (status == 0)
			status = store_row(
				w->shell->store, w->seq, w->shell->as_of, &row, &body, err);
		if (status == 0 && !row.erased &&
			event_read(&w->ev, row.body, false, &fault, err) == 0)
			buf_put(&w->id, event_attr(&w->ev, ATTR_ID));
		buf_release(&body);
		return status;
	}
	buf_puts(&w->id, event);
	status = her_records(w->shell, see_id, w, err);
	if (status == 0 && !w->found) {
		buf_printf(err, "%s: neither a metric nor an event of hers", event);
		status = STORE_ERROR;
	}
	return status;
}

/* The decisions are of the customer of the event, who need not be the current one. */
static int find_decisions(struct why *w, struct buf *err)
{
	struct shell hers = *w->shell;
	struct person p;
	int status = whose(&hers, w->seq, &p, &hers.customer, err);

	return status < 0 ? status : her_records(&hers, see_decision, w, err);
}

/* Conditions are not on record: routing anew tells them. */
static int point_to_route(const struct why *w, struct buf *err)
{
	struct buf line = BUF_INIT;
	int status;

	if (!w->routed || w->shell->format != SHELL_TABLE)
		return 0;
	buf_printf(&line, "route RULES %lld tells the conditions\n", (long long)w->routed);
	status = out_put(w->shell->out, buf_str(&line), err);
	buf_release(&line);
	return status;
}

int shell_why(struct shell *s, const char *event, struct buf *err)
{
	struct why w = {.shell = s, .id = BUF_INIT};
	struct buf none = BUF_INIT;
	int status, ended;

	event_init(&w.ev);
	rows_begin(&w.rows, s, why_names, WHYS);
	buf_printf(&none, "no decision on %s is on record\n", event);
	w.rows.none = none.s;
	status = find_event(&w, event, err);
	if (status == 0)
		status = rows_head(&w.rows, err);
	if (status == 0)
		status = find_decisions(&w, err);
	ended = rows_end(&w.rows, status == 0, err);
	if (status == 0 && ended == 0)
		ended = point_to_route(&w, err);
	event_release(&w.ev);
	buf_release(&w.id);
	buf_release(&none);
	status = status ? status : ended;
	return status ? status : w.rows.n == 0;
}
