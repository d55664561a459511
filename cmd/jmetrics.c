/* jmetrics: continuity metrics over the facts of a journey file. */
#include "tool.h"
#include "base/die.h"
#include "core/store/alone.h"
#include "stage/append.h"
#include "stage/choose.h"
#include "stage/compare.h"
#include "stage/figures.h"
#include "stage/project.h"
#include "stage/publish.h"
#include "stage/standing.h"

#include <stdlib.h>
#include <unistd.h>

static const char *db, *folder, *zone, *output, *define, *reject, *period;
static const char *explained, *rows, *compared, *identity;
static struct opt_list extra, check_texts, by_given, where_given;
static bool quiet, list, censored;
static int64_t wait_ms = STORE_WAIT_DEFAULT, window = -1, top = -1, max_line = LINES_MAX_DEFAULT;
static struct opt_when since, until, as_of;

static int run_measure(int argc, char **argv);
static int run_publish(int argc, char **argv);

static const struct verb verbs[] = {
	{"measure", "[-] [metric ...]", "write figures; what is meant where no verb is named",
		run_measure},
	{"publish", "[metric ...]", "keep complete periods; tell what is new or restated",
		run_publish},
	{NULL, NULL, NULL, NULL},
};

static const struct opt opts[] = {
	TOOL_DB(&db),
	{'o', "output", OPT_TEXT, &output, "FORMAT",
		"table, ndjson, csv, md or prom (table on a terminal, else ndjson)", NULL,
		"table ndjson csv md prom"},
	{0, "by", OPT_LIST, &by_given, "DIM[,DIM]", "a figure for each group", NULL,
		TOOL_DIMENSIONS " " TOOL_ENTITIES},
	{0, "top", OPT_COUNT, &top, "N", "the N largest groups alone", "measure", NULL},
	{0, "where", OPT_LIST, &where_given, "EXPR", "rows of this condition alone, in SQL",
		"measure", NULL},
	{0, "since", OPT_WHEN, &since, "TIME", "rows that began at or after", "measure", NULL},
	{0, "until", OPT_WHEN, &until, "TIME", "rows that began before", "measure", NULL},
	{0, "window", OPT_SPAN, &window, "SPAN", "in place of the definitions' windows (7d)",
		"measure", NULL},
	{0, "censored", OPT_SET, &censored, NULL,
		"estimates that use what is not mature as well (Kaplan-Meier)", "measure", NULL},
	{0, "as-of", OPT_WHEN, &as_of, "TIME", "where the horizon is, for what is mature",
		"measure", NULL},
	{0, "identity", OPT_TEXT, &identity, "RULES",
		"as if people were joined by strict, normal or loose rules", "measure",
		"strict normal loose"},
	{0, "compare", OPT_TEXT, &compared, "A B",
		"two periods (2026-01, 2026-W05) or DIM=VALUE side by side", "measure", NULL},
	{0, "explain", OPT_TEXT, &explained, "METRIC", "list the rows behind a metric's figure",
		"measure", "!--list"},
	{0, "explain-rows", OPT_TEXT, &rows, "ROWS", "hit, miss or all (all) of them", "measure",
		"hit miss all"},
	{0, "check", OPT_LIST, &check_texts, "TEXT",
		"'METRIC[/STATISTIC] < NUMBER': exit 1 where it does not hold", "measure", NULL},
	{0, "period", OPT_TEXT, &period, "PERIOD", "day, week or month", "publish",
		"day week month"},
	{0, "list", OPT_SET, &list, NULL, "list the metrics", "measure", NULL},
	{0, "define", OPT_TEXT, &define, "METRIC", "show a metric's definition", "measure",
		"!--list"},
	{0, "metrics", OPT_LIST, &extra, "DIR", "more definitions; the same id replaces", NULL,
		NULL},
	TOOL_TZ(&zone),
	TOOL_ONTOLOGY(&folder),
	TOOL_REJECT(&reject, "measure"),
	TOOL_MAX_LINE(&max_line, "measure"),
	TOOL_WAIT(&wait_ms),
	{'q', "quiet", OPT_SET, &quiet, NULL, "no notices on stderr", NULL, NULL},
	OPT_END,
};

static const struct command command = {"jmetrics", "[metric ...]",
	"Continuity metrics over the facts of a journey file, each with its n and interval.", verbs,
	opts};

static struct {
	struct ontology *ontology;
	struct metrics metrics;
	struct metric_choice choice;
	bool wished; /* metrics are named */
	struct opt_list by;
	struct buf where; /* all that is asked of rows */
	struct compare sides;
	struct checks checks;
	enum explain_which which;
} asked = {.where = BUF_INIT, .checks = {.told = BUF_INIT}};

/* ---- the command line ---- */

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

/* Operands are metrics; what is wrong with the line ends the program before a file is opened. */
static void ask(int argc, char **argv)
{
	struct buf err = BUF_INIT;
	int status = choose_dimensions(&by_given, &asked.by, &err);

	if (status == 0 && compared)
		status = compare_read(&asked.sides, compared, &argc, argv, &err);
	for (size_t i = 0; i < check_texts.n && status == 0; i++)
		status = checks_add(&asked.checks, check_texts.v[i], &err);
	if (status < 0)
		die("%s", err.s);
	tool_no_database(argc, argv);
	if (check_texts.n && (argc || output))
		die("--check names its metrics and writes no figures: not with %s",
			argc ? argv[0] : "--output");
	asked.ontology = tool_ontology(folder);
	if (choose_definitions(&asked.metrics, asked.ontology, &extra, &err) < 0 ||
		choose_ids(&asked.metrics, define, explained, argv, (size_t)argc, &asked.choice,
			&err) < 0 ||
		checks_choose(&asked.checks, &asked.choice, &asked.metrics, &err) < 0)
		die("%s", err.s);
	asked.wished = asked.choice.n > 0;
	if (!asked.wished)
		choose_all(&asked.metrics, &asked.choice);
	buf_release(&err);
}

static void ask_no_more(void)
{
	choose_dimensions_release(&asked.by);
	compare_release(&asked.sides);
	free(asked.choice.v);
	checks_release(&asked.checks);
	metrics_release(&asked.metrics);
	ontology_free(asked.ontology);
}

static void check_numbers(void)
{
	struct buf err = BUF_INIT;

	if (rows && !explained)
		die("--explain-rows goes with --explain");
	if (explain_which_of(rows ? rows : "all", &asked.which, &err) < 0)
		die("--explain-rows: %s", err.s);
	if (window == 0)
		die("--window: longer than 0");
	if (top == 0)
		die("--top: from 1");
}

/* ---- --list and --define ---- */

static int print_definitions(void)
{
	struct buf text = BUF_INIT, err = BUF_INIT;
	struct out out;
	int status;

	if (list)
		measure_list(&text, &asked.metrics);
	for (size_t i = 0; i < asked.choice.n && !list; i++)
		measure_definition(&text, asked.choice.v[i]);
	out_stdout(&out);
	status = tool_finish(out_put(&out, buf_str(&text), &err), &out, &err);
	buf_release(&text);
	return status;
}

/* ---- measuring ---- */

static int fit(struct store *s, struct measure *m, struct buf *err)
{
	int status = choose_what_fits(&asked.choice, store_handle(s), m, asked.wished, quiet, err);

	m->metrics = asked.choice.v;
	m->metric_n = asked.choice.n;
	return status;
}

static struct measure what_is_asked(void)
{
	return (struct measure){.by = asked.by.v,
		.by_n = asked.by.n,
		.ontology = asked.ontology,
		.where = choose_condition(&where_given, &asked.where),
		.sides = compared ? asked.sides.v : NULL,
		.side_names = {asked.sides.names[0], asked.sides.names[1]},
		.top = top > 0 ? top : 0,
		.censored = censored,
		.window = window > 0 ? window : 0,
		.has_since = since.text,
		.since = since.ms,
		.has_until = until.text,
		.until = until.ms};
}

/* What does not go together ends the program before a file is opened. */
static void check_asked(void)
{
	struct measure m = what_is_asked();
	struct figures f = {
		.measure = &m, .format = format(), .explained = explained, .checks = &asked.checks};
	struct buf err = BUF_INIT;

	if (figures_check(&f, &err) < 0)
		die("%s", err.s);
}

/* One snapshot serves all figures. */
static int measure_in(struct store *s, struct measure *m, struct out *out, struct buf *err)
{
	struct report_place place = {.ontology = asked.ontology->label, .identity = identity};
	int status = standing_find(s, as_of.text ? &as_of.ms : NULL, &place, err);

	m->horizon = place.horizon;
	m->top = check_texts.n ? INT64_MAX : m->top; /* every group is to hold */
	if (status == 0 && !m->metrics)
		status = fit(s, m, err);
	return status < 0 ? status
			  : figures_write(&(struct figures){.store = s,
						  .measure = m,
						  .place = &place,
						  .format = format(),
						  .explained = explained,
						  .which = asked.which,
						  .checks = &asked.checks,
						  .quiet = quiet},
				    out, err);
}

/* Facts are brought up to date: of a file that has none yet, by columns alone where these are all
 * that is asked for. */
static int bring_up(struct store *s, struct measure *m, bool *alone, struct buf *err)
{
	int status = explained ? 0 : alone_would_do(s, asked.ontology, alone, err);

	if (status == 0 && *alone)
		status = fit(s, m, err);
	if (status == 0 && *alone)
		status = measure_are_columns(store_handle(s), m, alone, err);
	if (status == 0 && *alone)
		status = project_columns(s, asked.ontology, alone, err);
	return status < 0 || *alone ? status : project_update(s, asked.ontology, NULL, err);
}

/* Both stand on one snapshot: m->beside; else it stays NULL. */
static int begin_reading(
	struct store *s, struct store *beside, struct measure *m, bool alone, struct buf *err)
{
	bool same = false, shown = false;
	int status = alone ? alone_read(s, beside, asked.ontology, &same, &shown, err) : 0;

	/* The log went on meanwhile. */
	if (status == 0 && alone && !shown)
		status = project_update(s, asked.ontology, NULL, err);
	if (status == 0 && !shown)
		status = store_read_both(s, beside, &same, err);
	m->beside = same ? store_handle(beside) : NULL;
	return status;
}

/* Facts are brought up to date first. *s may become another one. */
static int measure(struct store **s, struct out *out, struct buf *err)
{
	struct store *beside = NULL;
	struct measure m = what_is_asked();
	bool alone = false;
	int status = identity ? standing_under(s, asked.ontology, identity, err) : 0;

	if (status == 0)
		status = bring_up(*s, &m, &alone, err);
	if (status == 0) {
		store_open_beside(*s, &beside);
		status = begin_reading(*s, beside, &m, alone, err);
	}
	if (status == 0)
		status = measure_in(*s, &m, out, err);
	if (status >= 0)
		store_read_end(*s);
	store_close(beside);
	/* Half a report is none. */
	if (status < 0)
		buf_clear(&out->pending);
	return status;
}

static int measure_file(void)
{
	struct store *s = tool_writable(db, wait_ms);
	struct buf err = BUF_INIT;
	struct out out;
	int status;

	out_stdout(&out);
	status = measure(&s, &out, &err);
	store_close(s);
	return tool_finish(status, &out, &err);
}

/* Records from stdin, in a journey file that is gone with the process. */
static int measure_stdin(void)
{
	struct append a = {.ontology = asked.ontology, .expect = -1, .fast = true};
	struct buf err = BUF_INIT;
	struct ledger ledger;
	struct out out;
	int status, code;

	if (db)
		die("--db and -: which is to be read?");
	out_stdout(&out);
	if (store_temporary(&a.store, &err) < 0 || ledger_open(&ledger, reject, quiet, &err) < 0)
		die("%s", err.s);
	a.pipe = (struct pipe){.ledger = &ledger, .out = &out, .max_line = (size_t)max_line};
	status = append(&a, NULL, 0, &err);
	if (status == 0)
		status = measure(&a.store, &out, &err);
	store_close(a.store);
	code = tool_close(status, &out, &ledger, NULL, &err);
	return code == EXIT_DONE && status > 0 ? EXIT_NO : code;
}

static int run_measure(int argc, char **argv)
{
	bool dash = tool_dash(&argc, argv);
	int code;

	check_numbers();
	if (reject && !dash)
		die("--reject goes with - (records from stdin)");
	ask(argc, argv);
	check_asked();
	code = list || define ? print_definitions() : dash ? measure_stdin() : measure_file();
	ask_no_more();
	return code;
}

/* ---- publishing ---- */

static int publish_in(struct publish *p, struct buf *err)
{
	struct measure m = {.by = asked.by.v, .by_n = asked.by.n, .ontology = asked.ontology};
	struct report_place place = {.ontology = asked.ontology->label};
	int status = project_update(p->store, asked.ontology, NULL, err);

	if (status == 0)
		status = fit(p->store, &m, err);
	p->metrics = m.metrics;
	p->metric_n = m.metric_n;
	if (status == 0)
		status = publish(p, err);
	if (status == 0)
		status = standing_find(p->store, NULL, &place, err);
	m.horizon = place.horizon;
	return status == 0 && !quiet && place.sequence ? standing_warn(p->store, &m, err) : status;
}

static int run_publish(int argc, char **argv)
{
	struct publish p = {.kind = period, .format = format()};
	struct buf err = BUF_INIT;
	struct out out;
	int status;

	ask(argc, argv);
	p.by = asked.by.v;
	p.by_n = asked.by.n;
	if (publish_check(&p, &err) < 0)
		die("%s", err.s);
	p.ontology = asked.ontology;
	p.store = tool_store(db, STORE_WRITE, wait_ms);
	p.out = &out;
	out_stdout(&out);
	status = publish_in(&p, &err);
	store_close(p.store);
	ask_no_more();
	return tool_finish(status, &out, &err);
}

int main(int argc, char **argv)
{
	struct operands o;

	program_start("jmetrics");
	o = opt_parse(&command, argc, argv);
	tool_zone(zone);
	tool_times(&command);
	return o.verb->run(o.argc, o.argv);
}
