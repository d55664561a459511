/* jmetrics: continuity metrics over the facts of a journey file. */
#include "tool.h"
#include "base/die.h"
#include "base/when.h"
#include "stage/append.h"
#include "stage/check.h"
#include "stage/choice.h"
#include "stage/measure.h"
#include "stage/project.h"
#include "stage/publish.h"

#include <stdlib.h>
#include <unistd.h>

static const char *db, *folder, *zone, *output, *by_text, *define, *reject, *period;
static struct opt_list extra, check_texts;
static bool quiet, list;
static int64_t wait_ms = STORE_WAIT_DEFAULT, window = -1, max_line = LINES_MAX_DEFAULT;
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
	{0, "by", OPT_TEXT, &by_text, "DIM[,DIM]", "a figure for each group", NULL,
		"channel class region lang intent family stage agent agent_kind source day week "
		"month"},
	{0, "since", OPT_WHEN, &since, "TIME", "rows that began at or after", "measure", NULL},
	{0, "until", OPT_WHEN, &until, "TIME", "rows that began before", "measure", NULL},
	{0, "window", OPT_SPAN, &window, "SPAN", "in place of the definitions' windows (7d)",
		"measure", NULL},
	{0, "as-of", OPT_WHEN, &as_of, "TIME", "where the horizon is, for what is mature",
		"measure", NULL},
	{0, "check", OPT_LIST, &check_texts, "TEXT",
		"'METRIC[/STATISTIC] < NUMBER': exit 1 where it does not hold", "measure", NULL},
	{0, "period", OPT_TEXT, &period, "PERIOD", "day, week or month", "publish",
		"day week month"},
	{0, "list", OPT_SET, &list, NULL, "list the metrics", "measure", NULL},
	{0, "define", OPT_TEXT, &define, "ID", "show a metric's definition", "measure", NULL},
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

/* What a verb works with. */
static struct {
	struct ontology *ontology;
	struct metrics metrics;
	struct choice choice;
	struct dimensions by;
	struct checks checks;
} asked = {.checks = {.told = BUF_INIT}};

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

/* What operands and checks name, or all, as far as they have the dimensions. */
static void choose(char *const *ids, size_t n)
{
	struct buf lacking = BUF_INIT, err = BUF_INIT;
	struct choice *c = &asked.choice;
	int status = dimensions_read(&asked.by, by_text, &err);

	for (size_t i = 0; i < n && status == 0; i++)
		status = choice_add(c, &asked.metrics, str_of(ids[i]), &err);
	if (status == 0)
		status = checks_choose(&asked.checks, c, &asked.metrics, &err);
	if (!n && !asked.checks.n)
		choice_all(c, &asked.metrics);
	if (status == 0)
		status = choice_fit(c, &asked.by, n || asked.checks.n, &lacking, &err);
	if (status < 0)
		die("%s", err.s);
	if (lacking.len && !quiet)
		warn("left out, without such a dimension: %s", lacking.s);
	buf_release(&lacking);
	buf_release(&err);
}

/* Operands are metrics; what is wrong with the line ends the program before a file is opened. */
static void ask(int argc, char **argv)
{
	struct buf err = BUF_INIT;

	asked.ontology = tool_ontology(folder);
	read_definitions(&asked.metrics, asked.ontology->folder);
	for (size_t i = 0; i < check_texts.n; i++)
		if (checks_add(&asked.checks, check_texts.v[i], &err) < 0)
			die("%s", err.s);
	if (check_texts.n && (argc || output))
		die("--check names its metrics and writes no figures: not with %s",
			argc ? argv[0] : "--output");
	choose(argv, (size_t)argc);
	buf_release(&err);
}

static void ask_no_more(void)
{
	dimensions_release(&asked.by);
	free(asked.choice.v);
	checks_release(&asked.checks);
	metrics_release(&asked.metrics);
	ontology_free(asked.ontology);
	opt_list_release(&extra);
	opt_list_release(&check_texts);
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

static int print_definitions(void)
{
	struct buf text = BUF_INIT, err = BUF_INIT;
	struct choice c = {NULL, 0, 0};
	struct out out;
	int status = 0;

	if (define)
		status = choice_add(&c, &asked.metrics, str_of(define), &err);
	else
		measure_list(&text, &asked.metrics);
	for (size_t i = 0; i < c.n; i++)
		measure_definition(&text, c.v[i]);
	out_stdout(&out);
	if (status == 0)
		status = out_put(&out, buf_str(&text), &err);
	status = tool_finish(status, &out, &err);
	free(c.v);
	buf_release(&text);
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

/* One snapshot serves all figures. */
static int measure_in(struct store *s, struct measure *m, struct out *out, struct buf *err)
{
	struct report_place place = {.ontology = asked.ontology->label};
	struct report *report = NULL;
	int status = report_find_place(s, &place, err), ended = 0;

	if (status < 0)
		return status;
	if (as_of.text)
		place.horizon = as_of.ms;
	m->horizon = place.horizon;
	if (!asked.checks.n)
		report = report_begin(out, format(), m, &place);
	status = report ? measure_all(store_handle(s), m, report_take, report, err)
			: measure_all(store_handle(s), m, checks_take, &asked.checks, err);
	if (status == 0 && !quiet && place.sequence)
		status = warn_stale(s, m, err);
	if (status == 0 && !quiet && place.sequence)
		status = warn_nobodies(s, err);
	if (report)
		ended = report_end(report, status == 0, err);
	return status ? status : ended;
}

/* Above 0 where a check does not hold. */
static int tell_checks(struct out *out, struct buf *err)
{
	int status = checks_end(&asked.checks, err);

	if (status == 0)
		status = out_put(out, buf_str(&asked.checks.told), err);
	return status < 0 ? status : asked.checks.failed > 0;
}

/* Facts are brought up to date first. */
static int measure(struct store *s, struct out *out, struct buf *err)
{
	struct measure m = {.metrics = asked.choice.v,
		.metric_n = asked.choice.n,
		.by = asked.by.v,
		.by_n = asked.by.n,
		.window = window > 0 ? window : 0,
		.has_since = since.text,
		.since = since.ms,
		.has_until = until.text,
		.until = until.ms};
	int status = project_update(s, asked.ontology, NULL, err);

	if (status == 0)
		status = store_read_begin(s, err);
	if (status == 0) {
		status = measure_in(s, &m, out, err);
		store_read_end(s);
	}
	if (status == 0)
		status = tell_checks(out, err);
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
	status = measure(s, &out, &err);
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
		status = measure(a.store, &out, &err);
	store_close(a.store);
	code = tool_close(status, &out, &ledger, NULL, &err);
	return code == EXIT_DONE && status > 0 ? EXIT_NO : code;
}

/* Takes the operand - out. */
static bool take_dash(int *argc, char **argv)
{
	int kept = 0;

	for (int i = 0; i < *argc; i++)
		if (strcmp(argv[i], "-") != 0)
			argv[kept++] = argv[i];
	if (kept == *argc)
		return false;
	*argc = kept;
	return true;
}

static int run_measure(int argc, char **argv)
{
	bool dash = take_dash(&argc, argv);
	int code;

	format();
	if (window == 0)
		die("--window: longer than 0");
	if (reject && !dash)
		die("--reject goes with - (records from stdin)");
	ask(argc, argv);
	code = list || define ? print_definitions() : dash ? measure_stdin() : measure_file();
	ask_no_more();
	return code;
}

/* ---- publishing ---- */

static int warn_of_publishing(struct publish *p, struct buf *err)
{
	struct report_place place;
	struct measure m = {.metrics = p->metrics, .metric_n = p->metric_n};
	int status = report_find_place(p->store, &place, err);

	m.horizon = place.horizon;
	return status == 0 && place.sequence ? warn_stale(p->store, &m, err) : status;
}

static int run_publish(int argc, char **argv)
{
	struct publish p = {.kind = period, .format = format()};
	struct buf err = BUF_INIT;
	struct out out;
	int status;

	if (!period || (strcmp(period, "day") != 0 && strcmp(period, "week") != 0 &&
			       strcmp(period, "month") != 0))
		die("which periods? --period day, week or month");
	if (p.format == REPORT_MD || p.format == REPORT_PROM)
		die("--output: publish writes table, ndjson or csv");
	ask(argc, argv);
	for (size_t i = 0; i < asked.by.n; i++)
		if (strcmp(asked.by.v[i], period) == 0)
			die("--by: %s is the period", period);
	p.metrics = asked.choice.v;
	p.metric_n = asked.choice.n;
	p.by = asked.by.v;
	p.by_n = asked.by.n;
	p.ontology = asked.ontology->label;
	p.store = tool_store(db, STORE_WRITE, wait_ms);
	p.out = &out;
	out_stdout(&out);
	status = project_update(p.store, asked.ontology, NULL, &err);
	if (status == 0)
		status = publish(&p, &err);
	if (status == 0 && !quiet)
		status = warn_of_publishing(&p, &err);
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
