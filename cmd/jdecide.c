/* jdecide: decides whether what is proposed may be done. */
#include "tool.h"
#include "base/die.h"
#include "base/mem.h"
#include "core/conditions.h"
#include "stage/decide.h"
#include "stage/decide_audit.h"
#include "stage/decide_check.h"
#include "stage/decide_clash.h"
#include "stage/decide_output.h"
#include "stage/decide_replay.h"

#include <stdio.h>
#include <stdlib.h>

static const char *db, *reject, *folder, *zone, *format, *most;
static struct opt_when since, until;
static struct opt_list files;
static bool quiet, dry_run;
static int64_t max_line = LINES_MAX_DEFAULT, wait_ms = STORE_WAIT_DEFAULT;

static int run_decide(int argc, char **argv);
static int run_columns(int argc, char **argv);
static struct when_range range(void)
{
	return (struct when_range){since.text, until.text, since.ms, until.ms};
}

static int run_audit(int argc, char **argv);
static int run_replay(int argc, char **argv);
static int run_contradictions(int argc, char **argv);
static int run_check(int argc, char **argv);

static const struct verb verbs[] = {
	{"decide", "[file ...]", "decide what is proposed (the default)", run_decide},
	{"audit", "", "tell which messages that were sent violate a policy", run_audit},
	{"replay", "", "judge logged decisions again, by other policies", run_replay},
	{"contradictions", "", "tell equal cases that were decided otherwise, and promises",
		run_contradictions},
	{"check", "", "tell what is wrong with policies, over a log where -d names one", run_check},
	{"columns", "", "list what conditions may use", run_columns},
	{NULL, NULL, NULL, NULL},
};

static const struct opt opts[] = {
	{'p', "policies", OPT_LIST, &files, "FILE",
		"a policy file, or one that is shipped, by name",
		"decide audit replay contradictions check", NULL},
	TOOL_DB(&db),
	{0, "dry-run", OPT_SET, &dry_run, NULL, "write nothing to the log", "decide", NULL},
	{'o', "output", OPT_TEXT, &format, "FORMAT", "table or ndjson",
		"audit replay contradictions check", "table ndjson"},
	{0, "since", OPT_WHEN, &since, "TIME", "sent, decided or promised at or after",
		"audit replay contradictions", NULL},
	{0, "until", OPT_WHEN, &until, "TIME", "sent, decided or promised before",
		"audit replay contradictions", NULL},
	{0, "max-change", OPT_TEXT, &most, "SHARE", "fail where more than SHARE change, like 5%",
		"replay", NULL},
	TOOL_TZ(&zone),
	TOOL_ONTOLOGY(&folder),
	TOOL_REJECT(&reject, "decide"),
	TOOL_MAX_LINE(&max_line, "decide"),
	TOOL_WAIT(&wait_ms),
	TOOL_QUIET(&quiet),
	OPT_END,
};

static const struct command command = {"jdecide", "[file ...]",
	"Decides by policies whether what is proposed for a customer may be done.", verbs, opts};

static struct policies *try_policies(const struct ontology *o, struct buf *err)
{
	if (!files.n)
		die("by which policies? (-p FILE)");
	return policies_read(files.v, files.n, o, err);
}

static struct policies *read_policies(const struct ontology *o)
{
	struct buf err = BUF_INIT;
	struct policies *p = try_policies(o, &err);

	if (!p)
		die("%s", err.s);
	return p;
}

/* What the verbs over a log have in common. */
struct reading {
	struct ontology *o;
	struct policies *p;
	struct store *store;
	struct out out;
	struct buf err;
	bool table;
};

static void begin(struct reading *r, bool policies, bool log, int argc, char **argv)
{
	*r = (struct reading){.err = BUF_INIT};
	tool_no_operands(argc, argv);
	if (decide_format(format, &r->table, &r->err) < 0)
		die("%s", r->err.s);
	r->o = tool_ontology(folder);
	if (policies)
		r->p = read_policies(r->o);
	if (log)
		r->store = tool_store(db, STORE_READ, wait_ms);
	out_stdout(&r->out);
}

static int end(struct reading *r, int status)
{
	if (r->store)
		store_close(r->store);
	policies_free(r->p);
	ontology_free(r->o);
	return tool_finish(status, &r->out, &r->err);
}

static int run_audit(int argc, char **argv)
{
	struct reading r;
	struct decide_audit a;
	int status;

	begin(&r, true, true, argc, argv);
	a = (struct decide_audit){.policies = r.p,
		.ontology = r.o,
		.store = r.store,
		.out = &r.out,
		.table = r.table,
		.range = range()};
	status = decide_audit(&a, &r.err);
	if (status >= 0 && !quiet)
		fprintf(stderr,
			"jdecide: %llu messages, %llu in violation, %llu for review, %llu not "
			"decided\n",
			(unsigned long long)a.messages, (unsigned long long)a.violations,
			(unsigned long long)a.reviews, (unsigned long long)a.failed);
	return end(&r, status);
}

static int run_replay(int argc, char **argv)
{
	struct reading r;
	struct decide_replay d;
	double share = 1;
	int status;

	if (most && !decide_share(most, &share))
		die("--max-change: no share: %s", most);
	begin(&r, true, true, argc, argv);
	d = (struct decide_replay){.policies = r.p,
		.ontology = r.o,
		.store = r.store,
		.out = &r.out,
		.table = r.table,
		.range = range(),
		.max_change = share};
	status = decide_replay(&d, &r.err);
	if (status >= 0 && !quiet)
		fprintf(stderr,
			"jdecide: %llu decisions, %llu change, %llu the same to the byte, %llu "
			"without their proposal; %s allowed\n",
			(unsigned long long)d.decisions, (unsigned long long)d.changed,
			(unsigned long long)d.identical, (unsigned long long)d.orphans,
			d.allowed.s);
	buf_release(&d.allowed);
	return end(&r, status);
}

static int run_contradictions(int argc, char **argv)
{
	struct reading r;
	struct decide_clash c;
	int status;

	begin(&r, files.n > 0, true, argc, argv);
	c = (struct decide_clash){.policies = r.p,
		.ontology = r.o,
		.store = r.store,
		.out = &r.out,
		.table = r.table,
		.range = range()};
	status = decide_clash(&c, &r.err);
	if (status >= 0 && !quiet)
		fprintf(stderr,
			"jdecide: %llu decisions; of %llu groups of equal cases %llu contradict "
			"themselves, of %llu pairs %llu; of %llu promises %llu contradict\n",
			(unsigned long long)c.decisions, (unsigned long long)c.groups,
			(unsigned long long)c.contradicting, (unsigned long long)c.pairs,
			(unsigned long long)c.pairs_contradicting, (unsigned long long)c.promises,
			(unsigned long long)c.broken);
	return end(&r, status);
}

static int run_check(int argc, char **argv)
{
	struct reading r;
	struct buf unread = BUF_INIT;
	struct decide_check c;
	int status;

	begin(&r, false, db != NULL, argc, argv);
	r.p = try_policies(r.o, &unread);
	c = (struct decide_check){.policies = r.p,
		.unread = unread.s,
		.ontology = r.o,
		.store = r.store,
		.out = &r.out,
		.text = r.table};
	status = decide_check(&c, &r.err);
	buf_release(&unread);
	return end(&r, status);
}

static int run_columns(int argc, char **argv)
{
	struct buf text = BUF_INIT, err = BUF_INIT;
	struct out out;
	int status;

	tool_no_operands(argc, argv);
	out_stdout(&out);
	conditions_columns(&text);
	status = out_put(&out, buf_str(&text), &err);
	buf_release(&text);
	return tool_finish(status, &out, &err);
}

static void tell(struct buf *more, uint64_t n, const char *what)
{
	if (n)
		buf_printf(more, "%s%llu %s", more->len ? ", " : "", (unsigned long long)n, what);
}

static int run_decide(int argc, char **argv)
{
	struct ontology *o = tool_ontology(folder);
	struct policies *p = read_policies(o);
	struct decide d = {
		.policies = p, .ontology = o, .db = db, .wait_ms = wait_ms, .dry_run = dry_run};
	struct buf err = BUF_INIT, more = BUF_INIT;
	struct ledger ledger;
	struct out out;
	int status;

	out_stdout(&out);
	if (ledger_open(&ledger, reject, quiet, &err) < 0)
		die("%s", err.s);
	d.pipe = (struct pipe){.ledger = &ledger, .out = &out, .max_line = (size_t)max_line};
	status = decide(&d, argv, (size_t)argc, &err);
	if (d.blind)
		warn("%llu proposals have neither a sequence nor a context: their policies saw no "
		     "history",
			(unsigned long long)d.blind);
	tell(&more, d.passed_over, "no proposals");
	tell(&more, d.again, "decided before");
	tell(&more, d.failed, "for review since a policy failed");
	status = tool_close(status, &out, &ledger, more.len ? more.s : NULL, &err);
	buf_release(&more);
	policies_free(p);
	ontology_free(o);
	return status;
}

int main(int argc, char **argv)
{
	struct operands o;

	program_start("jdecide");
	o = opt_parse(&command, argc, argv);
	tool_zone(zone);
	tool_times(&command);
	return o.verb->run(o.argc, o.argv);
}
