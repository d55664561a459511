/* jdecide: decides whether what is proposed may be done. */
#include "tool.h"
#include "base/die.h"
#include "base/mem.h"
#include "core/conditions.h"
#include "stage/decide.h"

#include <stdlib.h>

static const char *db, *reject, *folder, *zone;
static struct opt_list files;
static bool quiet, dry_run;
static int64_t max_line = LINES_MAX_DEFAULT, wait_ms = STORE_WAIT_DEFAULT;

static int run_decide(int argc, char **argv);
static int run_columns(int argc, char **argv);

static const struct verb verbs[] = {
	{"decide", "[file ...]", "decide what is proposed (the default)", run_decide},
	{"columns", "", "list what conditions may use", run_columns},
	{NULL, NULL, NULL, NULL},
};

static const struct opt opts[] = {
	{'p', "policies", OPT_LIST, &files, "FILE", "a policy file (repeatable)", "decide", NULL},
	TOOL_DB(&db),
	{0, "dry-run", OPT_SET, &dry_run, NULL, "write nothing to the log", "decide", NULL},
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

static struct policies *read_policies(const struct ontology *o)
{
	struct buf err = BUF_INIT;
	struct policies *p;

	if (!files.n)
		die("by which policies? (-p FILE)");
	p = policies_read(files.v, files.n, o, &err);
	if (!p)
		die("%s", err.s);
	return p;
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
	struct decide d = {.policies = p,
		.ontology = o,
		.db = db,
		.wait_ms = wait_ms,
		.dry_run = dry_run};
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
	return o.verb->run(o.argc, o.argv);
}
