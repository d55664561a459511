#include "answer.h"
#include "base/mem.h"
#include "stage/choose.h"
#include "stage/explain.h"
#include "stage/flow.h"
#include "stage/handoff.h"
#include "stage/project.h"
#include "stage/show.h"
#include "stage/standing.h"

#include <stdlib.h>

/* ---- facts, without writing them into the file ---- */

static int reopen(struct answers *a, struct buf *err)
{
	struct store *s;
	int status = store_open(&s, store_path(a->db), STORE_READ, a->wait_ms, err);

	if (status < 0)
		return status;
	store_close(a->sh.store);
	a->sh.store = s;
	a->aside.on = false;
	select_stop_at(s, a->sh.stop);
	return 0;
}

/* Those of the file where they are up to date, else made of the log as of the place: a customer's
 * (0: all). */
static int need_facts(struct answers *a, int64_t customer, struct buf *err)
{
	bool now = a->sh.as_of == INT64_MAX;
	struct facts_state state;
	int64_t place;
	int status = store_last(a->sh.store, &place, err);

	if (!now)
		place = a->sh.as_of;
	if (status == 0 && a->aside.on && a->aside.place == place &&
		(!a->aside.customer || a->aside.customer == customer))
		return 0;
	if (status == 0 && a->aside.on)
		status = reopen(a, err);
	if (status == 0 && now) {
		status = facts_state(a->sh.store, a->sh.ontology, &state, err);
		if (status == 0 && state.built && state.same_ontology && state.same_layout &&
			!state.waiting)
			return 0;
	}
	if (status == 0)
		status = project_past(a->sh.store, a->sh.ontology, customer, place, err);
	a->aside.on = true;
	a->aside.place = status == 0 ? place : -1;
	a->aside.customer = customer;
	return status;
}

/* ---- what others answer ---- */

static struct show show_of(struct answers *a)
{
	static const enum show_format formats[] = {SHOW_TABLE, SHOW_NDJSON, SHOW_CSV};

	return (struct show){.store = a->sh.store,
		.ontology = a->sh.ontology,
		.out = a->sh.out,
		.format = formats[a->sh.format],
		.colour = a->colour && a->sh.format == SHELL_TABLE,
		.customer = a->sh.customer,
		.has_since = a->sh.has_since,
		.has_until = a->sh.has_until,
		.since = a->sh.since,
		.until = a->sh.until,
		.as_of = a->sh.as_of,
		.changed = -1};
}

int answer_sql(struct answers *a, struct str query, struct buf *err)
{
	int status = shell_reads_facts(query) ? need_facts(a, 0, err) : 0;

	return status < 0 ? status : shell_sql(&a->sh, query, err);
}

static int need_customer(struct answers *a, struct buf *err)
{
	if (a->sh.customer)
		return 0;
	buf_puts(err, "whose? (customer C comes first)");
	return STORE_ERROR;
}

int answer_no_csv(struct answers *a, const char *what, struct buf *err)
{
	if (a->sh.format != SHELL_CSV)
		return 0;
	buf_printf(err, "%s is no table: ndjson alone", what);
	return STORE_ERROR;
}

static int facts(struct answers *a, const char *view, struct buf *err)
{
	int status = need_facts(a, a->sh.customer, err);
	struct show s = show_of(a);

	return status < 0 ? status : show_facts(&s, view, err);
}

int answer_contacts(struct answers *a, char **w, size_t n, struct buf *err)
{
	(void)w, (void)n;
	return facts(a, "v_contact", err);
}

int answer_issues(struct answers *a, char **w, size_t n, struct buf *err)
{
	(void)w, (void)n;
	return facts(a, "v_issue", err);
}

int answer_switches(struct answers *a, char **w, size_t n, struct buf *err)
{
	(void)w, (void)n;
	return facts(a, "v_switch", err);
}

int answer_timeline(struct answers *a, char **w, size_t n, struct buf *err)
{
	struct show s = show_of(a);

	(void)w, (void)n;
	return need_customer(a, err) < 0 ? STORE_ERROR : show_timeline(&s, err);
}

int answer_context(struct answers *a, char **w, size_t n, struct buf *err)
{
	struct handoff h = {.store = a->sh.store,
		.ontology = a->sh.ontology,
		.out = a->sh.out,
		.customer = a->sh.customer,
		.as_of = a->sh.as_of,
		.format = a->sh.format == SHELL_TABLE ? "text" : "json",
		.colour = a->colour && a->sh.format == SHELL_TABLE};

	(void)w, (void)n;
	if (need_customer(a, err) < 0 || answer_no_csv(a, "context", err) < 0)
		return STORE_ERROR;
	return handoff(&h, err);
}

int answer_customer(struct answers *a, char **w, size_t n, struct buf *err)
{
	struct show s = show_of(a);

	if (n)
		return shell_customer(&a->sh, w[0], err);
	if (need_customer(a, err) < 0 || answer_no_csv(a, "a customer's state", err) < 0)
		return STORE_ERROR;
	s.laid_out = a->sh.format == SHELL_TABLE;
	return show_snapshot(&s, err);
}

int answer_flow(struct answers *a, char **w, size_t n, struct buf *err)
{
	static const char *const formats[] = {"table", "ndjson", "csv"};
	struct show s;
	struct flow_show f = {.show = &s};

	if (flow_settle(&f, formats[a->sh.format], n ? w[0] : NULL, err) < 0 ||
		need_facts(a, a->sh.customer, err) < 0)
		return STORE_ERROR;
	s = show_of(a);
	return flow_show(&f, err);
}

/* The log as it stood, where it did. */
static int find_place(struct answers *a, struct report_place *place, struct buf *err)
{
	bool now = a->sh.as_of == INT64_MAX;
	struct buf body = BUF_INIT;
	struct store_row row;
	int64_t horizon = 0;
	int status = now ? 0 : select_horizon(a->sh.store, a->sh.as_of, &horizon, err);

	if (status == 0)
		status = standing_find(a->sh.store, now ? NULL : &horizon, place, err);
	if (status == 0 && !now && a->sh.as_of) {
		status = store_row(a->sh.store, a->sh.as_of, INT64_MAX, &row, &body, err);
		place->as_of = status == 0 ? row.recorded : 0;
	}
	place->sequence = now ? place->sequence : a->sh.as_of;
	buf_release(&body);
	return status;
}

static const enum report_format reports[] = {REPORT_TABLE, REPORT_NDJSON, REPORT_CSV};

static int report_in(
	struct answers *a, struct measure *m, const struct report_place *place, struct buf *err)
{
	struct report *report = report_begin(a->sh.out, reports[a->sh.format], m, place);
	int status = measure_all(store_handle(a->sh.store), m, report_take, report, err), ended;

	if (status == 0 && !a->quiet && place->sequence && a->sh.as_of == INT64_MAX)
		status = standing_warn(a->sh.store, m, err);
	ended = report_end(report, status == 0, err);
	return status ? status : ended;
}

static int explain_in(struct answers *a, struct measure *m, const char *rows, struct buf *err)
{
	enum explain_which which;
	struct buf totals = BUF_INIT;
	int status = explain_which_of(rows, &which, err);

	if (status == 0)
		status = explain(store_handle(a->sh.store), m, which, reports[a->sh.format],
			a->sh.out, &totals, err);
	buf_byte(&totals, '\n');
	if (status == 0 && a->sh.format == SHELL_TABLE)
		status = out_put(a->sh.out, buf_str(&totals), err);
	buf_release(&totals);
	return status;
}

/* rows: those to list of the one metric; NULL: its figures. Within one snapshot. */
static int measure(struct answers *a, struct metric_choice *c, const struct opt_list *by,
	bool wished, const char *rows, struct buf *err)
{
	struct buf hers = BUF_INIT;
	struct measure m = {.by = by->v,
		.by_n = by->n,
		.ontology = a->sh.ontology,
		.has_since = a->sh.has_since,
		.since = a->sh.since,
		.has_until = a->sh.has_until,
		.until = a->sh.until};
	struct report_place place = {.ontology = a->sh.ontology->label};
	int status = need_facts(a, 0, err);

	buf_printf(&hers, "who = 'c%lld'", (long long)a->sh.customer);
	m.where = a->sh.customer ? hers.s : NULL;
	if (status == 0)
		status = store_read_begin(a->sh.store, err);
	if (status == 0)
		status = find_place(a, &place, err);
	m.horizon = place.horizon;
	if (status == 0)
		status = choose_what_fits(
			c, store_handle(a->sh.store), &m, wished, a->quiet || !wished, err);
	m.metrics = c->v;
	m.metric_n = c->n;
	if (status == 0)
		status = rows ? explain_in(a, &m, rows, err) : report_in(a, &m, &place, err);
	store_read_end(a->sh.store);
	buf_release(&hers);
	return status;
}

/* [METRIC ...] [by DIM[,DIM] ...] */
int answer_metrics(struct answers *a, char **w, size_t n, struct buf *err)
{
	struct metric_choice c = {NULL, 0, 0};
	struct opt_list given = {NULL, 0, 0}, by = {NULL, 0, 0};
	struct buf dims = BUF_INIT;
	size_t ids = 0;
	int status = 0;

	while (ids < n && strcmp(w[ids], "by") != 0)
		ids++;
	for (size_t i = ids + 1; i < n; i++)
		buf_printf(&dims, "%s%s", dims.len && dims.s[dims.len - 1] != ',' ? "," : "", w[i]);
	*VEC_ADD(&given, v, n, cap) = dims.s;
	if (ids < n)
		status = choose_dimensions(&given, &by, err);
	opt_list_release(&given);
	if (status == 0)
		status = choose_ids(&a->metrics, NULL, NULL, w, ids, &c, err);
	if (status == 0 && !ids)
		choose_all(&a->metrics, &c);
	if (status == 0)
		status = measure(a, &c, &by, ids > 0, NULL, err);
	free(c.v);
	choose_dimensions_release(&by);
	buf_release(&dims);
	return status;
}

static bool is_metric(struct answers *a, const char *id)
{
	for (size_t i = 0; i < a->metrics.n; i++)
		if (metric_named(&a->metrics.v[i], str_of(id)))
			return true;
	return false;
}

/* Ids are looked for among the records of a customer; where there is none, or hers is none of them,
 * a metric was meant, perhaps. */
static int why_event(struct answers *a, const char *event, struct buf *err)
{
	struct metric_choice c = {NULL, 0, 0};
	struct buf near = BUF_INIT;
	int64_t seq;
	int status;

	if (str_int(str_of(event), &seq))
		return shell_why(&a->sh, event, err);
	if (!a->sh.customer) {
		choose(&a->metrics, event, &c, err);
		buf_puts(err, "; for the id of an event, customer C comes first");
		return STORE_ERROR;
	}
	status = shell_why(&a->sh, event, err);
	if (status < 0)
		metrics_near(&a->metrics, str_of(event), &near);
	if (near.len)
		buf_printf(err, " (did you mean %s?)", near.s);
	buf_release(&near);
	return status;
}

int answer_why(struct answers *a, char **w, size_t n, struct buf *err)
{
	const struct opt_list none = {NULL, 0, 0};
	struct metric_choice c = {NULL, 0, 0};
	int status;

	if (!is_metric(a, w[0]))
		return why_event(a, w[0], err);
	status = choose_one(&a->metrics, w[0], &c, err);
	if (status == 0)
		status = measure(a, &c, &none, true, n > 1 ? w[1] : "all", err);
	free(c.v);
	return status;
}

int answers_open(struct answers *a, const struct opt_list *extra, struct buf *err)
{
	size_t n = 0;

	if (choose_definitions(&a->metrics, a->sh.ontology, extra, err) < 0)
		return STORE_ERROR;
	a->names = mem_zero(a->metrics.n + 1, sizeof(*a->names));
	for (size_t i = 0; i < a->metrics.n; i++)
		if (a->metrics.v[i].measured)
			a->names[n++] = a->metrics.v[i].id;
	a->sh.metrics = a->names;
	return 0;
}

void answers_close(struct answers *a)
{
	store_close(a->sh.store);
	metrics_release(&a->metrics);
	free(a->names);
	buf_release(&a->sh.typed);
}
