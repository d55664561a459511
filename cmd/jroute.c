/* jroute: decides where inbound events go. */
#include "tool.h"
#include "base/die.h"
#include "core/conditions.h"
#include "stage/route.h"

#include <stdio.h>

static const char *db, *reject, *folder, *zone, *file;
static bool quiet, columns, check;
static int64_t max_line = LINES_MAX_DEFAULT, wait_ms = STORE_WAIT_DEFAULT;

static const struct opt opts[] = {
	{'r', "rules", OPT_TEXT, &file, "FILE", "the rule file (needed)", NULL, NULL},
	TOOL_DB(&db),
	{0, "columns", OPT_SET, &columns, NULL, "list what conditions may use, and leave", NULL,
		NULL},
	{0, "check", OPT_SET, &check, NULL, "read the rule file, and leave", NULL, NULL},
	TOOL_TZ(&zone),
	TOOL_ONTOLOGY(&folder),
	TOOL_REJECT(&reject, NULL),
	TOOL_MAX_LINE(&max_line, NULL),
	TOOL_WAIT(&wait_ms),
	TOOL_QUIET(&quiet),
	OPT_END,
};

static const struct command command = {"jroute", "-r FILE [file ...]",
	"Routes inbound events by rules over the event and its customer's context as of it.", NULL,
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

static int run(struct rules *rules, const struct ontology *o, int argc, char **argv)
{
	struct route r = {.rules = rules, .ontology = o, .db = db, .wait_ms = wait_ms};
	struct buf err = BUF_INIT, more = BUF_INIT;
	struct ledger ledger;
	struct out out;
	int status;

	out_stdout(&out);
	if (ledger_open(&ledger, reject, quiet, &err) < 0)
		die("%s", err.s);
	r.pipe = (struct pipe){.ledger = &ledger, .out = &out, .max_line = (size_t)max_line};
	status = route(&r, argv, (size_t)argc, &err);
	if (r.blind)
		warn("%llu records have neither a sequence nor a context: their rules saw no "
		     "history",
			(unsigned long long)r.blind);
	if (r.passed_over)
		buf_printf(&more, "%llu not inbound", (unsigned long long)r.passed_over);
	status = tool_close(status, &out, &ledger, more.len ? more.s : NULL, &err);
	buf_release(&more);
	return status;
}

int main(int argc, char **argv)
{
	struct buf err = BUF_INIT;
	struct operands o;
	struct ontology *ontology;
	struct rules *rules;
	int code;

	program_start("jroute");
	o = opt_parse(&command, argc, argv);
	tool_zone(zone);
	if (columns)
		return list_columns();
	if (!file)
		die("by which rules? (-r FILE)");
	ontology = tool_ontology(folder);
	rules = rules_read(file, ontology, &err);
	if (!rules)
		die("%s", err.s);
	code = check ? EXIT_DONE : run(rules, ontology, o.argc, o.argv);
	rules_free(rules);
	ontology_free(ontology);
	return code;
}
