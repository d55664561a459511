/* jlog: the append-only log of a journey file. */
#include "tool.h"
#include "base/die.h"
#include "base/when.h"
#include "stage/append.h"
#include "stage/info.h"
#include "stage/replay.h"

#include <stdio.h>

static const char *db, *reject, *folder, *zone, *customer, *session, *type;
static bool quiet;
static int64_t max_line = LINES_MAX_DEFAULT, wait_ms = STORE_WAIT_DEFAULT, from_seq, to_seq;
static struct opt_when since, until;

static int run_append(int argc, char **argv);
static int run_cat(int argc, char **argv);
static int run_info(int argc, char **argv);

static const struct verb verbs[] = {
	{"append", "[file ...]", "take records into the log; pass the new ones on", run_append},
	{"cat", "", "write the log's records", run_cat},
	{"info", "", "tell what the file holds", run_info},
	{NULL, NULL, NULL, NULL},
};

static const struct opt opts[] = {
	TOOL_DB(&db),
	{'q', "quiet", OPT_SET, &quiet, NULL, "no summary on stderr; append: no records on stdout",
		NULL, NULL},
	TOOL_REJECT(&reject, "append"),
	TOOL_MAX_LINE(&max_line, "append"),
	TOOL_WAIT(&wait_ms),
	TOOL_ONTOLOGY(&folder),
	{0, "from", OPT_COUNT, &from_seq, "N", "from this sequence on", "cat", NULL},
	{0, "to", OPT_COUNT, &to_seq, "N", "up to this sequence", "cat", NULL},
	{0, "since", OPT_WHEN, &since, "TIME", "events at or after", "cat", NULL},
	{0, "until", OPT_WHEN, &until, "TIME", "events before", "cat", NULL},
	{0, "customer", OPT_TEXT, &customer, "C", "one customer: c17, or an identifier", "cat",
		NULL},
	{0, "session", OPT_TEXT, &session, "NAME", "one session", "cat", NULL},
	{0, "type", OPT_TEXT, &type, "TYPE", "one type of event", "cat", NULL},
	TOOL_TZ(&zone),
	OPT_END,
};

static const struct command command = {
	"jlog", "", "The append-only log of customer journeys in one SQLite file.", verbs, opts};

static int run_append(int argc, char **argv)
{
	struct append a = {.pass_on = !quiet};
	struct ledger ledger;
	struct ontology *o = tool_ontology(folder);
	struct buf err = BUF_INIT;
	struct out out;
	int status;

	out_stdout(&out);
	a.store = tool_store(db, STORE_CREATE, wait_ms);
	a.ontology = o;
	if (ledger_open(&ledger, reject, quiet, &err) < 0)
		die("%s", err.s);
	a.pipe = (struct pipe){.ledger = &ledger, .out = &out, .max_line = (size_t)max_line};
	status = append(&a, argv, (size_t)argc, &err);
	store_close(a.store);
	ontology_free(o);
	return tool_close(status, &out, &ledger, NULL, &err);
}

static void no_operands(int argc, char **argv)
{
	if (argc)
		die("not expected: %s", argv[0]);
}

static int run_cat(int argc, char **argv)
{
	struct replay r = {.type = type};
	struct store *s = tool_store(db, STORE_READ, wait_ms);
	struct ledger ledger;
	struct buf err = BUF_INIT;
	struct out out;
	int status = 0;

	no_operands(argc, argv);
	out_stdout(&out);
	if (ledger_open(&ledger, NULL, quiet, &err) < 0)
		die("%s", err.s);
	r.range = (struct store_range){.from_seq = from_seq,
		.to_seq = to_seq,
		.since = since.ms,
		.until = until.ms,
		.has_since = since.text,
		.has_until = until.text,
		.session = session};
	if (customer) {
		status = store_find_customer(s, customer, &r.range.customer, &err);
		if (status == 0 && !r.range.customer)
			die("%s: no such customer", customer);
	}
	if (status == 0)
		status = replay(&r, s, &out, &ledger, &err);
	store_close(s);
	return tool_close(status, &out, &ledger, NULL, &err);
}

static int run_info(int argc, char **argv)
{
	struct store *s = tool_store(db, STORE_READ, wait_ms);
	struct buf err = BUF_INIT, text = BUF_INIT;
	struct out out;
	int status;

	no_operands(argc, argv);
	out_stdout(&out);
	status = info(s, &text, &err);
	if (status == 0)
		status = out_put(&out, buf_str(&text), &err);
	if (status == 0)
		status = out_close(&out, &err);
	store_close(s);
	buf_release(&text);
	return tool_status(status, &err);
}

int main(int argc, char **argv)
{
	struct operands o;

	program_start("jlog");
	o = opt_parse(&command, argc, argv);
	tool_zone(zone);
	tool_times(&command);
	return o.verb->run(o.argc, o.argv);
}
