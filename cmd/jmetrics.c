/* jmetrics: continuity metrics over the facts of a journey file. */
#include "tool.h"
#include "base/die.h"
#include "base/mem.h"
#include "base/when.h"
#include "stage/measure.h"
#include "stage/project.h"

#include <stdlib.h>
#include <unistd.h>

static const char *db, *folder, *zone, *output, *by_text, *define;
static struct opt_list extra;
static bool quiet, list;
static int64_t wait_ms = STORE_WAIT_DEFAULT, window = -1;
static struct opt_when since, until, as_of;

static const struct opt opts[] = {
	TOOL_DB(&db),
	{'o', "output", OPT_TEXT, &output, "FORMAT",
		"table, ndjson, csv, md or prom (table on a terminal, else ndjson)", NULL,
		"table ndjson csv md prom"},
	{0, "by", OPT_TEXT, &by_text, "DIM[,DIM]", "a figure for each group", NULL,
		"channel class region lang intent family stage agent agent_kind source day week "
		"month"},
	{0, "since", OPT_WHEN, &since, "TIME", "rows that began at or after", NULL, NULL},
	{0, "until", OPT_WHEN, &until, "TIME", "rows that began before", NULL, NULL},
	{0, "window", OPT_SPAN, &window, "SPAN", "in place of the definitions' windows (7d)", NULL,
		NULL},
	{0, "as-of", OPT_WHEN, &as_of, "TIME", "where the horizon is, for what is mature", NULL,
		NULL},
	{0, "list", OPT_SET, &list, NULL, "list the metrics", NULL, NULL},
	{0, "define", OPT_TEXT, &define, "ID", "show a metric's definition", NULL, NULL},
	{0, "metrics", OPT_LIST, &extra, "DIR", "more definitions; the same id replaces", NULL,
		NULL},
	TOOL_TZ(&zone),
	TOOL_ONTOLOGY(&folder),
	TOOL_WAIT(&wait_ms),
	{'q', "quiet", OPT_SET, &quiet, NULL, "no notices on stderr", NULL, NULL},
	OPT_END,
};

static const struct command command = {"jmetrics", "[metric ...]",
	"Continuity metrics over the facts of a journey file, each with its n and interval.", NULL,
	opts};

/* The metrics that are asked for, measured ones alone. */
struct choice {
	const struct metric **v;
	size_t n, cap;
};

struct words {
	const char **v;
	size_t n, cap;
};

static void read_definitions(struct metrics *m, const char *ontology)
{
	struct buf path = BUF_INIT, err = BUF_INIT;

	buf_printf(&path, "%s/metrics", ontology);
	if (metrics_read(m, path.s, &err) < 0)
		die("%s", err.s);
	for (size_t i = 0; i < extra.n; i++)
		if (metrics_read(m, extra.v[i], &err) < 0)
			die("%s", err.s);
	buf_release(&path);
}

static _Noreturn void die_unknown(const struct metrics *m, const char *id)
{
	struct buf near = BUF_INIT;

	metrics_near(m, str_of(id), &near);
	if (near.len)
		die("no such metric: %s (near it: %s)", id, near.s);
	die("no such metric: %s (see %s --list)", id, program_name());
}

static bool chosen(const struct choice *c, const struct metric *m)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i] == m)
			return true;
	return false;
}

/* All of the id's family where it names one, each metric once. */
static void choose(const struct metrics *m, const char *id, struct choice *c)
{
	bool known = false;

	for (size_t i = 0; i < m->n; i++) {
		if (!metric_named(&m->v[i], str_of(id)))
			continue;
		known = true;
		if (m->v[i].measured && !chosen(c, &m->v[i]))
			*VEC_ADD(c, v, n, cap) = &m->v[i];
	}
	if (!known)
		die_unknown(m, id);
}

static void split_by(struct words *by)
{
	struct str left = str_of(by_text);

	while (by_text) {
		ptrdiff_t comma = str_find(left, STR(","));
		struct str one = {left.s, comma < 0 ? left.len : (size_t)comma};
		char *name;

		one = str_trim(one);
		if (!one.len)
			die("--by: a dimension is empty: %s", by_text);
		name = mem_copy(one.s, one.len);
		for (size_t i = 0; i < by->n; i++)
			if (strcmp(by->v[i], name) == 0)
				die("--by: %s twice", name);
		*VEC_ADD(by, v, n, cap) = name;
		if (comma < 0)
			break;
		left.s += comma + 1;
		left.len -= (size_t)comma + 1;
	}
}

/* Metrics that were asked for must have the dimensions; without a wish those that lack one are left
 * out, and it is told. */
static void fit(struct choice *c, const struct words *by, bool wished)
{
	struct buf err = BUF_INIT, lacking = BUF_INIT;
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++) {
		buf_clear(&err);
		if (measure_fits(c->v[i], by->v, by->n, &err) == 0) {
			c->v[kept++] = c->v[i];
			continue;
		}
		if (wished)
			die("%s", err.s);
		buf_printf(&lacking, "%s%s", lacking.len ? ", " : "", c->v[i]->id);
	}
	if (c->n && !kept)
		die("%s", err.s);
	if (lacking.len && !quiet)
		warn("left out, without such a dimension: %s", lacking.s);
	c->n = kept;
	buf_release(&err);
	buf_release(&lacking);
}

static enum report_format format(void)
{
	static const char *const names[] = {"table", "ndjson", "csv", "md", "prom"};

	if (!output)
		return isatty(STDOUT_FILENO) ? REPORT_TABLE : REPORT_NDJSON;
	for (int i = 0; i < 5; i++)
		if (strcmp(output, names[i]) == 0)
			return (enum report_format)i;
	die("--output: none of table, ndjson, csv, md, prom: %s", output);
}

/* ---- --list and --define ---- */

static int print_definitions(const struct metrics *m)
{
	struct buf text = BUF_INIT, err = BUF_INIT;
	struct choice c = {NULL, 0, 0};
	struct out out;
	int status;

	if (define)
		choose(m, define, &c);
	else
		measure_list(&text, m);
	for (size_t i = 0; i < c.n; i++)
		measure_definition(&text, c.v[i]);
	out_stdout(&out);
	status = out_put(&out, buf_str(&text), &err);
	if (status == 0)
		status = out_close(&out, &err);
	status = tool_status(status, &err);
	free(c.v);
	buf_release(&text);
	buf_release(&err);
	return status;
}

/* ---- measuring ---- */

/* A source that was not exported up to the end looks like customers who fell silent. */
static int warn_stale(struct store *s, const struct measure *m, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status = measure_stale(store_handle(s), m, &text, err);

	if (status == 0 && text.len)
		warn("ended before the horizon less the window: %s", text.s);
	buf_release(&text);
	return status;
}

static int add_nobody(void *ctx, const char *name, bool shared, int64_t count, struct buf *err)
{
	struct buf *text = ctx;

	(void)shared;
	(void)err;
	buf_printf(text, "%s%s (%lld records)", text->len ? ", " : "", name, (long long)count);
	return 0;
}

/* Identifiers that stand for nobody: who came under them are many, and are linked with none. */
static int warn_nobodies(struct store *s, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status = store_nobodies(s, add_nobody, &text, err);

	if (status == 0 && text.len)
		warn("names nobody, left out where contacts are linked: %s", text.s);
	buf_release(&text);
	return status;
}

static int find_place(struct store *s, struct report_place *p, struct buf *err)
{
	struct buf body = BUF_INIT;
	struct store_row last;
	int status = store_last(s, &p->sequence, err);

	if (status == 0)
		status = store_horizon(s, &p->horizon, err);
	if (as_of.text)
		p->horizon = as_of.ms;
	if (status == 0 && p->sequence) {
		status = store_row(s, p->sequence, INT64_MAX, &last, &body, err);
		p->as_of = status == 0 ? last.recorded : 0;
	}
	buf_release(&body);
	return status;
}

static int measure_in(
	struct store *s, struct measure *m, const char *ontology, struct out *out, struct buf *err)
{
	struct report_place place = {.ontology = ontology};
	enum report_format form = format();
	struct report *report;
	int status = find_place(s, &place, err), ended;

	if (status < 0)
		return status;
	m->horizon = place.horizon;
	report = report_begin(out, form, m, &place);
	status = measure_all(store_handle(s), m, report_take, report, err);
	if (status == 0 && !quiet && place.sequence)
		status = warn_stale(s, m, err);
	if (status == 0 && !quiet && place.sequence)
		status = warn_nobodies(s, err);
	ended = report_end(report, status == 0, err);
	return status ? status : ended;
}

/* Facts are brought up to date first; then one snapshot serves all figures. */
static int run(struct choice *c, const struct words *by, const struct ontology *o)
{
	struct measure m = {.metrics = c->v,
		.metric_n = c->n,
		.by = by->v,
		.by_n = by->n,
		.window = window > 0 ? window : 0,
		.has_since = since.text,
		.since = since.ms,
		.has_until = until.text,
		.until = until.ms};
	struct store *s = tool_writable(db, wait_ms);
	struct buf err = BUF_INIT;
	struct out out;
	int status;

	out_stdout(&out);
	status = project_update(s, o, NULL, &err);
	if (status == 0)
		status = store_read_begin(s, &err);
	if (status == 0) {
		status = measure_in(s, &m, o->label, &out, &err);
		store_read_end(s);
	}
	store_close(s);
	if (status == 0)
		status = out_close(&out, &err);
	status = tool_status(status, &err);
	buf_release(&out.pending);
	buf_release(&err);
	return status;
}

int main(int argc, char **argv)
{
	struct metrics metrics = {NULL, 0, 0};
	struct choice c = {NULL, 0, 0};
	struct words by = {NULL, 0, 0};
	struct ontology *o;
	struct operands ops;
	int code;

	program_start("jmetrics");
	ops = opt_parse(&command, argc, argv);
	tool_zone(zone);
	tool_times(&command);
	format();
	if (window == 0)
		die("--window: longer than 0");
	o = tool_ontology(folder);
	read_definitions(&metrics, o->folder);
	for (int i = 0; i < ops.argc; i++)
		choose(&metrics, ops.argv[i], &c);
	for (size_t i = 0; i < metrics.n && !ops.argc; i++)
		if (metrics.v[i].measured)
			*VEC_ADD(&c, v, n, cap) = &metrics.v[i];
	split_by(&by);
	fit(&c, &by, ops.argc > 0);
	code = list || define ? print_definitions(&metrics) : run(&c, &by, o);
	for (size_t i = 0; i < by.n; i++)
		free((char *)by.v[i]);
	free(by.v);
	free(c.v);
	metrics_release(&metrics);
	ontology_free(o);
	opt_list_release(&extra);
	return code;
}
