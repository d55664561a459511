/* jroute: decides where inbound events go. */
#include "tool.h"
#include "base/die.h"
#include "core/conditions.h"
#include "base/when.h"
#include "stage/due.h"
#include "stage/project.h"
#include "stage/route.h"
#include "stage/route_check.h"
#include "stage/route_diff.h"
#include "stage/route_evaluate.h"
#include "stage/route_simulate.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *db, *reject, *folder, *zone, *file, *carry, *format, *most, *staff, *explored,
	*outcome;
static bool quiet, columns, explain;
static struct opt_list by;
static struct opt_when at, since, until;
static int64_t ahead_ms = WHEN_DAY;
static int64_t max_line = LINES_MAX_DEFAULT, wait_ms = STORE_WAIT_DEFAULT, examples = 1;
static int64_t replications = 20, seed = 1, warm_up = -1;
static int64_t window_ms = 7 * WHEN_DAY, min_ess = 100;

static int run_route(int argc, char **argv);
static int run_check(int argc, char **argv);
static int run_diff(int argc, char **argv);
static int run_due(int argc, char **argv);
static int run_simulate(int argc, char **argv);
static int run_evaluate(int argc, char **argv);

static const struct verb verbs[] = {
	{"route", "[file ...]", "decide where each inbound event goes", run_route},
	{"check", "", "tell what is wrong with a rule file", run_check},
	{"diff", "A B [file ...]", "tell which decisions two rule files make differently",
		run_diff},
	{"due", "", "write what silence brings about, for cron", run_due},
	{"simulate", "[file ...]", "tell how long customers would wait, with which staff",
		run_simulate},
	{"evaluate", "", "estimate what would have come of other rules", run_evaluate},
	{NULL, NULL, NULL, NULL},
};

static const struct opt opts[] = {
	{'r', "rules", OPT_TEXT, &file, "FILE", "the rule file (needed)",
		"route check simulate evaluate", NULL},
	TOOL_DB(&db),
	{0, "columns", OPT_SET, &columns, NULL, "list what conditions may use, and leave", "route",
		NULL},
	{0, "context", OPT_TEXT, &carry, "WHAT", "what a decision carries of the context (brief)",
		"route", "full brief none"},
	{0, "explain", OPT_SET, &explain, NULL, "tell why, rule by rule, instead of deciding",
		"route", NULL},
	{0, "explore", OPT_TEXT, &explored, "SHARE",
		"draw that share of decisions among eligible targets, like 0.05", "route", NULL},
	{'o', "output", OPT_TEXT, &format, "FORMAT",
		"of --explain and check text or ndjson; of the others table or ndjson", NULL,
		"text table ndjson"},
	{0, "by", OPT_LIST, &by, "WHAT", "rule, intent, region, value (all)", "diff",
		"rule intent region value"},
	{0, "examples", OPT_COUNT, &examples, "N", "events shown for each pair of rules (1)",
		"diff", NULL},
	{0, "max-change", OPT_TEXT, &most, "SHARE", "fail where more than SHARE change, like 5%",
		"diff", NULL},
	{0, "at", OPT_WHEN, &at, "TIME", "as things stand then (now)", "due", NULL},
	{0, "since", OPT_WHEN, &since, "TIME", "at or after; of due: after", "diff due simulate",
		NULL},
	{0, "until", OPT_WHEN, &until, "TIME", "before", "diff simulate", NULL},
	{0, "ahead", OPT_SPAN, &ahead_ms, "SPAN", "so long before a promise falls due (1d)", "due",
		NULL},
	{0, "staffing", OPT_TEXT, &staff, "FILE", "who works, and how long it takes (needed)",
		"simulate", NULL},
	{0, "replications", OPT_COUNT, &replications, "N", "runs with other random numbers (20)",
		"simulate", NULL},
	{0, "seed", OPT_COUNT, &seed, "N", "of the random numbers (1)", "simulate", NULL},
	{0, "warm-up", OPT_SPAN, &warm_up, "SPAN",
		"not measured at the beginning (a tenth of generated arrivals)", "simulate", NULL},
	{0, "outcome", OPT_TEXT, &outcome, "WHAT", "what came of a contact (needed)", "evaluate",
		"not_repeated resolved answered response"},
	{0, "window", OPT_SPAN, &window_ms, "SPAN", "in which it is to come (7d)", "evaluate",
		NULL},
	{0, "min-ess", OPT_COUNT, &min_ess, "N", "refuse below that effective sample (100)",
		"evaluate", NULL},
	TOOL_TZ(&zone),
	TOOL_ONTOLOGY(&folder),
	TOOL_REJECT(&reject, "route diff simulate"),
	TOOL_MAX_LINE(&max_line, "route diff simulate"),
	TOOL_WAIT(&wait_ms),
	TOOL_QUIET(&quiet),
	OPT_END,
};

static const struct command command = {"jroute", "[file ...]",
	"Routes inbound events by rules over the event and its customer's context as of it.", verbs,
	opts};

static int list_columns(void)
{
	struct buf text = BUF_INIT, err = BUF_INIT;
	struct out out;
	int status;

	out_stdout(&out);
	conditions_columns(&text);
	status = out_put(&out, buf_str(&text), &err);
	if (status == 0)
		status = out_close(&out, &err);
	buf_release(&text);
	return tool_status(status, &err);
}

/* Whether it is for people: on a terminal, where nothing else is asked for. */
static bool for_people(const char *people)
{
	if (format && strcmp(format, people) != 0 && strcmp(format, "ndjson") != 0)
		die("no such output: %s (%s, ndjson)", format, people);
	return format ? strcmp(format, people) == 0 : isatty(STDOUT_FILENO);
}

static bool colours(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (!no || !*no);
}

static struct when_range range(void)
{
	return (struct when_range){since.text, until.text, since.ms, until.ms};
}

static struct rules *read_rules(const char *path, const struct ontology *o)
{
	struct buf err = BUF_INIT;
	struct rules *rules = rules_read(path, o, &err);

	if (!rules)
		die("%s", err.s);
	return rules;
}

static struct pipe open_pipe(struct ledger *ledger, struct out *out)
{
	struct buf err = BUF_INIT;

	out_stdout(out);
	if (ledger_open(ledger, reject, quiet, &err) < 0)
		die("%s", err.s);
	return (struct pipe){.ledger = ledger, .out = out, .max_line = (size_t)max_line};
}

static int close_pipe(int status, struct pipe *p, uint64_t blind, uint64_t passed, uint64_t outside,
	struct buf *err)
{
	struct buf more = BUF_INIT;

	if (blind)
		warn("%llu records have neither a sequence nor a context: their rules saw no "
		     "history",
			(unsigned long long)blind);
	if (passed)
		buf_printf(&more, "%llu not inbound", (unsigned long long)passed);
	if (outside)
		buf_printf(&more, "%s%llu at other times", more.len ? ", " : "",
			(unsigned long long)outside);
	status = tool_close(status, p->out, p->ledger, more.len ? more.s : NULL, err);
	buf_release(&more);
	return status;
}

static int run_route(int argc, char **argv)
{
	struct route r = {.db = db, .wait_ms = wait_ms, .colour = colours()};
	struct buf err = BUF_INIT;
	struct ontology *o;
	struct ledger ledger;
	struct out out;
	int status;

	if (columns)
		return list_columns();
	if (!file)
		die("by which rules? (-r FILE)");
	if (route_context(carry, &r.carry, &err) < 0)
		die("%s", err.s);
	if (explored && route_explore(explored, &r.explore, &err) < 0)
		die("%s", err.s);
	if (explain && explored)
		die("--explain tells what rules do without --explore");
	if (explain)
		r.show = for_people("text") ? ROUTE_TOLD : ROUTE_EXPLAINED;
	else if (format)
		die("-o goes with --explain");
	o = tool_ontology(folder);
	r.ontology = o;
	r.rules = read_rules(file, o);
	r.pipe = open_pipe(&ledger, &out);
	status = route(&r, argv, (size_t)argc, &err);
	status = close_pipe(status, &r.pipe, r.blind, r.passed_over, 0, &err);
	rules_free(r.rules);
	ontology_free(o);
	return status;
}

static int run_check(int argc, char **argv)
{
	struct route_check c = {.db = db, .wait_ms = wait_ms};
	struct buf err = BUF_INIT;
	struct ontology *o;
	struct out out;
	int status;

	tool_no_operands(argc, argv);
	if (!file)
		die("which rules? (-r FILE)");
	c.text = for_people("text") || !format;
	o = tool_ontology(folder);
	out_stdout(&out);
	c.path = file;
	c.ontology = o;
	c.out = &out;
	status = route_check(&c, &err);
	ontology_free(o);
	return tool_finish(status, &out, &err);
}

static int run_diff(int argc, char **argv)
{
	struct route_diff d = {.db = db, .wait_ms = wait_ms, .examples = examples, .most = -1};
	struct buf err = BUF_INIT;
	struct ontology *o;
	struct ledger ledger;
	struct out out;
	int status, code;

	if (argc < 2)
		die("diff: of which two rule files?");
	d.by = opt_list_split(&by, "by");
	if (route_diff_by(&d.by, &err) < 0 || (most && route_share(most, &d.most, &err) < 0))
		die("%s", err.s);
	d.table = for_people("table");
	d.log = argc == 2;
	d.range = range();
	o = tool_ontology(folder);
	d.ontology = o;
	d.a = read_rules(argv[0], o);
	d.b = read_rules(argv[1], o);
	d.pipe = open_pipe(&ledger, &out);
	d.pipe.silent = true;
	status = route_diff(&d, argv + 2, (size_t)argc - 2, &err);
	code = close_pipe(status, &d.pipe, d.blind, d.passed_over, d.outside, &err);
	rules_free(d.a);
	rules_free(d.b);
	ontology_free(o);
	return code == EXIT_DONE && status > 0 ? EXIT_NO : code;
}

static int run_due(int argc, char **argv)
{
	struct due d = {.has_since = since.text, .since = since.ms, .ahead = ahead_ms};
	struct ontology *o = tool_ontology(folder);
	struct buf err = BUF_INIT;
	struct out out;
	int status;

	tool_no_operands(argc, argv);
	d.at = at.text ? at.ms : when_now();
	d.ontology = o;
	d.store = tool_store(db, STORE_READ, wait_ms);
	d.out = &out;
	out_stdout(&out);
	status = due(&d, &err);
	if (status == 0 && !quiet)
		fprintf(stderr, "jroute: %llu records, %llu in the log before\n",
			(unsigned long long)d.written, (unsigned long long)d.known);
	store_close(d.store);
	ontology_free(o);
	return tool_finish(status, &out, &err);
}

/* A named log or file goes before the arrivals of the staffing file, these before journey.db. */
static enum route_arrivals arrivals(const struct staffing *s, int argc)
{
	if (argc)
		return ARRIVALS_OF_FILES;
	return db || !s->arrival_n ? ARRIVALS_OF_LOG : ARRIVALS_GENERATED;
}

static int run_simulate(int argc, char **argv)
{
	struct route_simulate s = {.db = db, .wait_ms = wait_ms, .seed = seed, .warm_up = warm_up};
	struct buf err = BUF_INIT;
	struct staffing *staffing;
	struct ontology *o;
	struct ledger ledger;
	struct out out;
	int status;

	if (!file || !staff)
		die("by which rules, with which staff? (-r FILE --staffing FILE)");
	if (replications < 1 || replications > 100000)
		die("--replications: 1 to 100000");
	s.replications = replications;
	s.table = for_people("table");
	o = tool_ontology(folder);
	staffing = staffing_read(staff, o, &err);
	if (!staffing)
		die("%s", err.s);
	s.ontology = o;
	s.staffing = staffing;
	s.rules = read_rules(file, o);
	s.from = arrivals(staffing, argc);
	s.range = range();
	if (s.from == ARRIVALS_GENERATED && (since.text || until.text))
		die("--since and --until choose records: name a log or files");
	quiet |= s.from == ARRIVALS_GENERATED; /* nothing is read */
	s.pipe = open_pipe(&ledger, &out);
	s.pipe.silent = true;
	status = route_simulate(&s, argv, (size_t)argc, &err);
	status = close_pipe(status, &s.pipe, s.blind, s.passed_over, s.outside, &err);
	rules_free(s.rules);
	staffing_free(staffing);
	ontology_free(o);
	return status;
}

static int run_evaluate(int argc, char **argv)
{
	struct route_evaluate e = {.window = window_ms, .min_ess = min_ess};
	struct buf err = BUF_INIT;
	struct ontology *o;
	struct out out;
	int status;

	tool_no_operands(argc, argv);
	if (!file || !outcome)
		die("which rules, by what? (-r FILE --outcome WHAT)");
	if (route_outcome(outcome, &e.outcome, &err) < 0)
		die("%s", err.s);
	e.table = for_people("table");
	o = tool_ontology(folder);
	e.ontology = o;
	e.rules = read_rules(file, o);
	e.store = tool_writable(db, wait_ms);
	e.out = &out;
	out_stdout(&out);
	status = project_update(e.store, o, NULL, &err);
	if (status == 0)
		status = route_evaluate(&e, &err);
	else
		store_close(e.store);
	rules_free(e.rules);
	ontology_free(o);
	return tool_finish(status, &out, &err);
}

int main(int argc, char **argv)
{
	struct operands o;

	program_start("jroute");
	o = opt_parse(&command, argc, argv);
	tool_zone(zone);
	tool_times(&command);
	return o.verb->run(o.argc, o.argv);
}
