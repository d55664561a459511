#include "stage/publish.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/store/facts.h"
#include "core/store/measure.h"
#include "io/json.h"
#include "stage/publish_part.h"
#include "stage/report_part.h"
#include "stage/standing.h"

#include <stdlib.h>

#define AT_ONCE 64 /* periods that are measured in one reading of the facts */

/* ---- periods ---- */

static int64_t days_after(const struct civil *date, int days)
{
	struct civil c;

	utc_civil(civil_utc(date) + days * WHEN_DAY, &c);
	return when_local(&c);
}

/* The period that a time is in. */
static void find_period(const char *kind, int64_t when, struct period *p)
{
	struct civil c, date;
	int weekday;

	local_civil(when, &c, &weekday);
	date = (struct civil){.year = c.year, .month = c.month, .day = c.day};
	if (strcmp(kind, "day") == 0) {
		p->start = days_after(&date, 0);
		p->end = days_after(&date, 1);
	} else if (strcmp(kind, "week") == 0) {
		int monday = (weekday + 6) % 7;

		p->start = days_after(&date, -monday);
		p->end = days_after(&date, 7 - monday);
	} else {
		date.day = 1;
		p->start = when_local(&date);
		date.year += date.month == 12;
		date.month = date.month % 12 + 1;
		p->end = when_local(&date);
	}
	measure_period(kind, when, p->name, sizeof(p->name));
}

/* The next ones from a time on that have ended before the horizon. */
static void find_periods(struct publishing *x, int64_t from)
{
	x->period_n = 0;
	while (x->period_n < AT_ONCE) {
		struct period *p = &x->periods[x->period_n];

		find_period(x->p->kind, from, p);
		if (p->end > x->place.horizon)
			return;
		memset(p->unripe, 0, x->p->metric_n * sizeof(*p->unripe));
		from = p->end;
		x->period_n++;
	}
}

static struct period *period_named(struct publishing *x, struct str name)
{
	for (size_t i = 0; i < x->period_n; i++)
		if (str_is(name, x->periods[i].name))
			return &x->periods[i];
	return NULL;
}

/* ---- subjects ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What says how it is computed: not its title, nor where the file is. */
static void digest(const struct metric *m, struct hash *h, unsigned char out[HASH_SIZE])
{
	char nowhere[] = "";
	struct metric bare = *m;
	struct buf text = BUF_INIT;

	bare.title = bare.description = bare.source = NULL;
	bare.file = nowhere;
	bare.line = 0;
	measure_definition(&text, &bare);
	hash_begin(h);
	hash_add_part(h, buf_str(&text));
	hash_end(h, out);
	buf_release(&text);
}

static bool listed(const char *const *all, size_t n, const char *one)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i], one) == 0)
			return true;
	return false;
}

static void describe(struct publishing *x, size_t i, const char *const *by, struct hash *h)
{
	const struct metric *m = x->p->metrics[i];
	const char **all = mem_zero(x->p->by_n + m->by.n + 1, sizeof(*all));
	size_t n = 0;
	struct buf text = BUF_INIT;

	for (size_t k = 0; k < x->p->by_n; k++)
		all[n++] = by[k];
	for (size_t k = 0; k < m->by.n; k++)
		if (!listed(all, n, m->by.v[k]))
			all[n++] = m->by.v[k];
	qsort(all, n, sizeof(*all), by_text);
	for (size_t k = 0; k < n; k++)
		buf_printf(&text, "%s%s", k ? "," : "", all[k]);
	free(all);
	x->subjects[i].metric = m;
	x->subjects[i].dimensions = buf_take(&text);
	digest(m, h, x->subjects[i].definition);
}

/* ---- measuring ---- */

struct pair {
	const char *name;
	struct str value;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->name, ((const struct pair *)b)->name);
}

/* The group without the period, its members in the order of their names. */
static void put_group(struct buf *out, const struct measure_result *r)
{
	size_t n = r->dimension_n - 1;
	struct pair *pairs = mem_zero(n, sizeof(*pairs));

	for (size_t i = 0; i < n; i++)
		pairs[i] = (struct pair){r->dimensions[i + 1], r->values[i + 1]};
	if (n)
		qsort(pairs, n, sizeof(*pairs), by_name);
	buf_byte(out, '{');
	for (size_t i = 0; i < n; i++) {
		json_put_key(out, pairs[i].name);
		if (pairs[i].value.s)
			json_put_string(out, pairs[i].value);
		else
			buf_puts(out, "null");
	}
	buf_byte(out, '}');
	free(pairs);
}

static void add_figure(
	struct publishing *x, struct period *p, size_t metric, const struct measure_result *r)
{
	const struct subject *s = &x->subjects[metric];
	struct published row = {.metric = str_of(r->metric->id),
		.version = str_of(r->metric->version),
		.statistic = str_of(r->statistic),
		.dimensions = str_of(s->dimensions),
		.unit = str_of(report_unit(r)),
		.ontology = str_of(x->p->ontology->label),
		.has_value = true,
		.value = report_machine(r->scale, r->value),
		.has_numerator = r->has_numerator,
		.numerator = r->numerator,
		.n = r->n,
		.has_low = r->interval.has_low,
		.low = report_machine(r->scale, r->interval.low),
		.has_high = r->interval.has_high,
		.high = report_machine(r->scale, r->interval.high),
		.sequence = x->place.sequence};

	buf_clear(&x->text);
	put_group(&x->text, r);
	row.group = buf_str(&x->text);
	memcpy(row.definition, s->definition, sizeof(row.definition));
	figures_add(&p->measured, &row)->metric = metric;
}

static int take(void *ctx, const struct measure_result *r, struct buf *err)
{
	struct publishing *x = ctx;
	struct period *p;
	size_t metric = 0;

	(void)err;
	if (r->status == MEASURE_OTHERS)
		return 0;
	while (x->p->metrics[metric] != r->metric)
		metric++;
	p = r->dimension_n ? period_named(x, r->values[0]) : NULL;
	if (!p)
		return 0;
	p->unripe[metric] |= r->immature > 0;
	if (r->has_value)
		add_figure(x, p, metric, r);
	return 0;
}

static int measure_periods(struct publishing *x, const char *const *by, struct buf *err)
{
	const struct measure m = {.beside = x->same ? store_handle(x->beside) : NULL,
		.metrics = x->p->metrics,
		.metric_n = x->p->metric_n,
		.by = by,
		.by_n = x->p->by_n + 1,
		.ontology = x->p->ontology,
		.listed = true,
		.top = INT64_MAX, /* all of a period's, not the largest of all periods */
		.horizon = x->place.horizon,
		.has_since = true,
		.since = x->periods[0].start,
		.has_until = true,
		.until = x->periods[x->period_n - 1].end};

	return measure_all(store_handle(x->p->store), &m, take, x, err);
}

/* ---- writing ---- */

static int write_changes(
	struct publishing *x, const struct period *p, const struct changes *c, struct buf *err)
{
	const struct published_period period = {x->p->kind, when_zone_name(), p->name, p->start};
	const struct published **rows = mem_zero(c->n, sizeof(*rows));
	int status;

	for (size_t i = 0; i < c->n; i++)
		rows[i] = &c->v[i].row;
	status = published_add(x->p->store, &period, rows, c->n, err);
	free(rows);
	return status;
}

/* Compares once more, since others may have published meanwhile. */
static int write_period(struct publishing *x, const struct period *p, struct buf *err)
{
	struct changes c = {.n = 0};
	struct store *s = x->p->store;
	int status = store_begin(s, err);

	if (status < 0)
		return status;
	status = publish_compare(x, p, &c, err);
	if (status == 0)
		status = write_changes(x, p, &c, err);
	if (status == 0)
		status = store_commit(s, err);
	else
		store_rollback(s);
	if (status == 0)
		status = publish_tell(x, p, &c, err);
	changes_release(&c);
	return status;
}

static int differs(struct publishing *x, const struct period *p, bool *out, struct buf *err)
{
	struct changes c = {.n = 0};
	int status = publish_compare(x, p, &c, err);

	*out = c.n > 0;
	changes_release(&c);
	return status;
}

/* ---- the run ---- */

/* Facts may be behind the log, where others append meanwhile. */
static int find_place(struct publishing *x, struct buf *err)
{
	int64_t gathered = 0;
	int status = standing_find(x->p->store, NULL, &x->place, err);

	if (status == 0)
		status = facts_gathered(x->p->store, &gathered, err);
	if (gathered && gathered < x->place.sequence)
		x->place.sequence = gathered;
	return status;
}

/* One snapshot for some periods; *from becomes the time behind them, where there are any. */
static int read_periods(
	struct publishing *x, const char *const *by, int64_t *from, bool *changed, struct buf *err)
{
	int64_t next;
	bool there = false;
	int status = find_place(x, err);

	if (status == 0)
		status = published_next(
			x->p->store, x->p->kind, when_zone_name(), *from, &next, &there, err);
	x->period_n = 0;
	if (status == 0 && there)
		find_periods(x, next);
	if (status < 0 || !x->period_n)
		return status;
	*from = x->periods[x->period_n - 1].end;
	status = measure_periods(x, by, err);
	for (size_t i = 0; i < x->period_n && status == 0; i++)
		status = differs(x, &x->periods[i], &changed[i], err);
	return status;
}

static int publish_all(struct publishing *x, const char *const *by, struct buf *err)
{
	int64_t from = WHEN_FIRST;
	int status;

	do {
		bool changed[AT_ONCE] = {false};

		status = store_read_both(x->p->store, x->beside, &x->same, err);
		if (status < 0)
			return status;
		status = read_periods(x, by, &from, changed, err);
		store_read_end(x->p->store);
		if (x->same)
			store_read_end(x->beside);
		for (size_t i = 0; i < x->period_n; i++) {
			if (status == 0 && changed[i])
				status = write_period(x, &x->periods[i], err);
			figures_release(&x->periods[i].measured);
		}
	} while (status == 0 && x->period_n);
	return status;
}

static void begin(struct publishing *x, const char *const *by)
{
	struct hash *hash = hash_new();

	x->subjects = mem_zero(x->p->metric_n, sizeof(*x->subjects));
	for (size_t i = 0; i < x->p->metric_n; i++)
		describe(x, i, by, hash);
	hash_free(hash);
	x->periods = mem_zero(AT_ONCE, sizeof(*x->periods));
	for (size_t i = 0; i < AT_ONCE; i++)
		x->periods[i].unripe = mem_zero(x->p->metric_n, sizeof(bool));
}

static void end(struct publishing *x)
{
	for (size_t i = 0; i < x->p->metric_n; i++)
		free(x->subjects[i].dimensions);
	free(x->subjects);
	for (size_t i = 0; i < AT_ONCE; i++)
		free(x->periods[i].unripe);
	free(x->periods);
	buf_release(&x->line);
	buf_release(&x->text);
}

static int refuse_hers(const char *dimension, struct buf *err)
{
	buf_printf(err, "--by: %s may name a customer, and what is published outlives an erasure",
		dimension);
	return -1;
}

int publish_check(const struct publish *p, struct buf *err)
{
	static const char *const kinds[] = {"day", "week", "month"};
	/* What is published stays when she is erased. */
	static const char *const hers[] = {"session", "case_id", "inputs", "reason"};

	if (!p->kind || !listed(kinds, 3, p->kind)) {
		buf_puts(err, "which periods? --period day, week or month");
		return -1;
	}
	if (p->format == REPORT_MD || p->format == REPORT_PROM) {
		buf_puts(err, "--output: publish writes table, ndjson or csv");
		return -1;
	}
	for (size_t i = 0; i < p->by_n; i++)
		if (listed(hers, 4, p->by[i]))
			return refuse_hers(p->by[i], err);
	for (size_t i = 0; i < p->metric_n; i++)
		for (size_t k = 0; k < p->metrics[i]->by.n; k++)
			if (listed(hers, 4, p->metrics[i]->by.v[k]))
				return refuse_hers(p->metrics[i]->by.v[k], err);
	if (listed(p->by, p->by_n, p->kind)) {
		buf_printf(err, "--by: %s is the period", p->kind);
		return -1;
	}
	return 0;
}

/* Of a metric's facts, where they have no dimension of that name: values that the ontology lists
 * name no customer. */
static int check_entity(
	const struct publish *p, const struct shape *shape, const char *dimension, struct buf *err)
{
	const struct entity *e = ontology_entity(p->ontology, str_of(dimension));
	struct buf sql = BUF_INIT;
	bool is = e && !shape_dimension(shape, str_of(dimension), &sql);

	buf_release(&sql);
	return is && !e->values.n ? refuse_hers(dimension, err) : 0;
}

static int check_entities(const struct publish *p, struct buf *err)
{
	struct shapes shapes = {0};
	int status = 0;

	for (size_t i = 0; i < p->metric_n && status == 0; i++) {
		const struct metric *m = p->metrics[i];
		const struct shape *shape =
			shapes_get(&shapes, store_handle(p->store), m->fact, err);

		status = shape ? 0 : -1;
		for (size_t k = 0; k < p->by_n && status == 0; k++)
			status = check_entity(p, shape, p->by[k], err);
		for (size_t k = 0; k < m->by.n && status == 0; k++)
			status = check_entity(p, shape, m->by.v[k], err);
	}
	shapes_release(&shapes);
	return status;
}

int publish(const struct publish *p, struct buf *err)
{
	struct publishing x = {.p = p, .table = TABLE_INIT, .line = BUF_INIT, .text = BUF_INIT};
	const char **by = mem_zero(p->by_n + 1, sizeof(*by));
	struct buf later = BUF_INIT;
	int status, told;

	x.place.ontology = p->ontology->label;
	by[0] = p->kind;
	for (size_t i = 0; i < p->by_n; i++)
		by[i + 1] = p->by[i];
	begin(&x, p->by);
	store_open_beside(p->store, &x.beside);
	status = check_entities(p, err);
	if (status == 0)
		status = publish_all(&x, by, err);
	told = publish_tell_end(&x, &later);
	if (status == 0 && told < 0)
		buf_put(err, buf_str(&later));
	buf_release(&later);
	store_close(x.beside);
	end(&x);
	free(by);
	return status < 0 ? status : told;
}
