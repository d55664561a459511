/* jproject: what follows from the log about customers. */
#include "tool.h"
#include "base/die.h"
#include "base/when.h"
#include "stage/conversations.h"
#include "stage/flow.h"
#include "stage/handoff.h"
#include "stage/project.h"
#include "stage/show.h"
#include "stage/traces.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *db, *reject, *folder, *zone, *customer, *format, *as_of, *changed, *summarize;
static bool quiet, bundle;
static int64_t max_line = LINES_MAX_DEFAULT, wait_ms = STORE_WAIT_DEFAULT,
	       timeout_ms = 10 * WHEN_SECOND;
static struct opt_when since, until;
static struct flow_show graph = {.top = -1};
static const char *of;
static struct traces traces;
static struct conversations conversations;
static const char *per;

static int run_update(int argc, char **argv);
static int run_rebuild(int argc, char **argv);
static int run_contacts(int argc, char **argv);
static int run_issues(int argc, char **argv);
static int run_switches(int argc, char **argv);
static int run_moves(int argc, char **argv);
static int run_flow(int argc, char **argv);
static int run_timeline(int argc, char **argv);
static int run_snapshot(int argc, char **argv);
static int run_traces(int argc, char **argv);
static int run_vcon(int argc, char **argv);
static int run_context(int argc, char **argv);
static int run_enrich(int argc, char **argv);

static const struct verb verbs[] = {
	{"update", "", "bring the facts up to date with the log", run_update},
	{"rebuild", "", "build all facts anew", run_rebuild},
	{"contacts", "", "list conversations", run_contacts},
	{"issues", "", "list matters", run_issues},
	{"switches", "", "list changes of channel on a matter", run_switches},
	{"moves", "", "list escalations, handoffs and transfers", run_moves},
	{"flow", "", "draw or list which contacts follow which", run_flow},
	{"timeline", "", "tell one customer's story across channels", run_timeline},
	{"snapshot", "", "write the last known state of customers", run_snapshot},
	{"context", "", "tell what travels with a handoff of one customer", run_context},
	{"traces", "", "write journeys as OpenTelemetry traces (OTLP/JSON)", run_traces},
	{"vcon", "", "write issues or contacts as conversation containers (vCon)", run_vcon},
	{"enrich", "[file ...]", "pass records on with their customer's context as of them",
		run_enrich},
	{NULL, NULL, NULL, NULL},
};

#define LISTS "contacts issues switches moves flow timeline"
static const struct opt opts[] = {
	TOOL_DB(&db),
	{0, "customer", OPT_ONE, &customer, "C", "one customer: c17, or an identifier",
		LISTS " snapshot context traces vcon", NULL},
	{'o', "output", OPT_TEXT, &format, "FORMAT",
		"table, ndjson, csv; of a flow dot or mermaid too; of context text or json",
		LISTS " context", "table ndjson csv dot mermaid text json"},
	{0, "since", OPT_WHEN, &since, "TIME", "begun at or after", LISTS " traces", NULL},
	{0, "until", OPT_WHEN, &until, "TIME", "begun before", LISTS " traces", NULL},
	{0, "of", OPT_TEXT, &of, "WHAT", "channel, intent, family, stage or class (channel)",
		"flow", "channel intent family stage class"},
	{0, "by-issue", OPT_SET, &graph.by_issue, NULL, "follow contacts within an issue", "flow",
		NULL},
	{0, "min", OPT_COUNT, &graph.min, "N", "leave out edges seen less often", "flow", NULL},
	{0, "top", OPT_COUNT, &graph.top, "N", "only the N most frequent edges", "flow", NULL},
	{0, "service", OPT_TEXT, &traces.service, "NAME", "the spans' service.name (jtools)",
		"traces", NULL},
	{0, "with-text", OPT_SET, &traces.text, NULL, "what was said too, by whom, and reasons",
		"traces", NULL},
	{0, "per", OPT_TEXT, &per, "WHAT", "a vCon an issue or a contact (issue)", "vcon",
		"issue contact"},
	{0, "into", OPT_TEXT, &conversations.folder, "DIR", "vCons as files in DIR", "vcon", NULL},
	{0, "as-of", OPT_TEXT, &as_of, "PLACE", "the log as it stood: its last record, or a time",
		LISTS " snapshot context traces vcon", NULL},
	{0, "changed-since", OPT_TEXT, &changed, "PLACE", "customers touched by records after it",
		"snapshot", NULL},
	{0, "bundle", OPT_SET, &bundle, NULL, "handoffs carry what travels with them", "enrich",
		NULL},
	{0, "summarize-with", OPT_TEXT, &summarize, "CMD",
		"sh -c CMD makes the summary of the bundle", "context", NULL},
	{0, "timeout", OPT_SPAN, &timeout_ms, "SPAN", "how long that may take (10s)", "context",
		NULL},
	TOOL_TZ(&zone),
	TOOL_ONTOLOGY(&folder),
	TOOL_QUIET(&quiet),
	TOOL_REJECT(&reject, "enrich"),
	TOOL_MAX_LINE(&max_line, "enrich"),
	TOOL_WAIT(&wait_ms),
	OPT_END,
};

static const struct command command = {"jproject", "",
	"Projects contacts, issues, channel switches, timelines and context from the log.", verbs,
	opts};

static int project(int (*work)(struct store *, const struct ontology *, uint64_t *, struct buf *))
{
	struct ontology *o = tool_ontology(folder);
	struct store *s = tool_store(db, STORE_WRITE, wait_ms);
	struct buf err = BUF_INIT;
	uint64_t folded = 0;
	int status = work(s, o, &folded, &err);

	if (status == 0 && !quiet)
		fprintf(stderr, "jproject: %llu customers folded\n", (unsigned long long)folded);
	store_close(s);
	ontology_free(o);
	return tool_status(status, &err);
}

static int run_update(int argc, char **argv)
{
	tool_no_operands(argc, argv);
	return project(project_update);
}

static int run_rebuild(int argc, char **argv)
{
	tool_no_operands(argc, argv);
	return project(project_rebuild);
}

static bool colours(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (!no || !*no);
}

static int context(struct show *s, const char *view, struct buf *err)
{
	struct handoff h = {s->store, s->ontology, s->out, s->customer, s->as_of, format, summarize,
		timeout_ms, s->colour};

	(void)view;
	return handoff(&h, err);
}

/* Opens, brings the facts up to date or makes those of a place in the log, shows, and leaves. */
static int show_as(enum show_format as, int (*what)(struct show *, const char *view, struct buf *),
	const char *view)
{
	struct show sh = {.format = as,
		.colour = colours(),
		.has_since = since.text,
		.has_until = until.text,
		.since = since.ms,
		.until = until.ms};
	struct ontology *o = tool_ontology(folder);
	struct store *s = as_of ? tool_store(db, STORE_READ, wait_ms) : tool_writable(db, wait_ms);
	struct buf err = BUF_INIT;
	struct out out;
	int status = 0;

	out_stdout(&out);
	sh.store = s;
	sh.ontology = o;
	sh.out = &out;
	sh.as_of = as_of ? tool_place(s, as_of) : INT64_MAX;
	sh.changed = changed ? tool_place(s, changed) : -1;
	sh.customer = customer ? tool_customer(s, customer, sh.as_of) : 0;
	if (view)
		status = as_of ? project_past(s, o, sh.customer, sh.as_of, &err)
			       : project_update(s, o, NULL, &err);
	if (status == 0)
		status = what(&sh, view, &err);
	if (status == 0)
		status = out_close(&out, &err);
	store_close(s);
	ontology_free(o);
	return tool_status(status, &err);
}

static int show(int (*what)(struct show *, const char *view, struct buf *), const char *view)
{
	struct buf err = BUF_INIT;
	enum show_format as;

	if (show_format(format, &as, &err) < 0)
		die("%s", err.s);
	return show_as(as, what, view);
}

static int run_contacts(int argc, char **argv)
{
	tool_no_operands(argc, argv);
	return show(show_facts, "v_contact");
}

static int run_issues(int argc, char **argv)
{
	tool_no_operands(argc, argv);
	return show(show_facts, "v_issue");
}

static int run_switches(int argc, char **argv)
{
	tool_no_operands(argc, argv);
	return show(show_facts, "v_switch");
}

static int run_moves(int argc, char **argv)
{
	tool_no_operands(argc, argv);
	return show(show_facts, "v_move");
}

static int flow(struct show *s, const char *view, struct buf *err)
{
	(void)view;
	graph.show = s;
	return flow_show(&graph, err);
}

static int run_flow(int argc, char **argv)
{
	struct buf err = BUF_INIT;

	tool_no_operands(argc, argv);
	if (graph.top == 0)
		die("--top: from 1");
	if (graph.top < 0)
		graph.top = 0;
	if (flow_settle(&graph, format, of, &err) < 0)
		die("%s", err.s);
	return show_as(SHOW_NDJSON, flow, "v_contact");
}

static int timeline(struct show *s, const char *view, struct buf *err)
{
	(void)view;
	return show_timeline(s, err);
}

static int run_timeline(int argc, char **argv)
{
	tool_no_operands(argc, argv);
	if (!customer)
		die("timeline: whose? (--customer C)");
	return show(timeline, NULL);
}

static int snapshot(struct show *s, const char *view, struct buf *err)
{
	(void)view;
	return show_snapshot(s, err);
}

static int run_snapshot(int argc, char **argv)
{
	tool_no_operands(argc, argv);
	return show(snapshot, NULL);
}

static int run_context(int argc, char **argv)
{
	tool_no_operands(argc, argv);
	if (!customer)
		die("context: whose? (--customer C)");
	return show_as(SHOW_NDJSON, context, NULL);
}

static int trace(struct show *s, const char *view, struct buf *err)
{
	(void)view;
	traces.show = s;
	return traces_show(&traces, err);
}

static int run_traces(int argc, char **argv)
{
	tool_no_operands(argc, argv);
	if (traces.service && !*traces.service)
		die("--service: a name");
	return show_as(SHOW_NDJSON, trace, NULL);
}

static int vcon(struct show *s, const char *view, struct buf *err)
{
	(void)view;
	conversations.store = s->store;
	conversations.ontology = s->ontology;
	conversations.out = s->out;
	conversations.customer = s->customer;
	conversations.as_of = s->as_of;
	return conversations_write(&conversations, err);
}

static int run_vcon(int argc, char **argv)
{
	struct buf err = BUF_INIT;

	tool_no_operands(argc, argv);
	if (conversations_per(&conversations, per, &err) < 0)
		die("%s", err.s);
	return show_as(SHOW_NDJSON, vcon, NULL);
}

static int run_enrich(int argc, char **argv)
{
	struct ontology *o = tool_ontology(folder);
	struct store *s;
	struct buf err = BUF_INIT;
	struct ledger ledger;
	struct pipe pipe;
	struct out out;
	int status;

	tool_await(argc);
	s = tool_store(db, STORE_READ, wait_ms);
	out_stdout(&out);
	if (ledger_open(&ledger, reject, quiet, &err) < 0)
		die("%s", err.s);
	pipe = (struct pipe){.ledger = &ledger, .out = &out, .max_line = (size_t)max_line};
	status = project_enrich(s, o, &pipe, argv, (size_t)argc, bundle, &err);
	store_close(s);
	ontology_free(o);
	return tool_close(status, &out, &ledger, NULL, &err);
}

int main(int argc, char **argv)
{
	struct operands o;

	program_start("jproject");
	o = opt_parse(&command, argc, argv);
	tool_zone(zone);
	tool_times(&command);
	return o.verb->run(o.argc, o.argv);
}
