/* jgen: journeys that nobody made, and what is true of them. */
#include "base/die.h"
#include "base/when.h"
#include "io/lines.h"
#include "stage/generate.h"
#include "tool.h"

#include <stdlib.h>

static struct {
	const char *scenario, *truth, *folder, *ontology;
	struct opt_list as;
	struct opt_when start;
	int64_t records, customers, days, seed;
	bool plain, show, quiet;
} args = {.scenario = "shop", .records = -1, .customers = -1, .days = -1, .seed = 1};

static const struct opt opts[] = {
	{'n', "records", OPT_COUNT, &args.records, "N", "write N records", NULL, NULL},
	{'c', "customers", OPT_COUNT, &args.customers, "N",
		"write all records of N customers (100)", NULL, NULL},
	{0, "seed", OPT_COUNT, &args.seed, "N", "the same seed gives the same bytes (1)", NULL,
		NULL},
	{0, "scenario", OPT_TEXT, &args.scenario, "NAME",
		"a scenario file, or the name of a shipped one (shop)", NULL, NULL},
	{0, "start", OPT_WHEN, &args.start, "TIME", "begin here instead of where the scenario says",
		NULL, NULL},
	{0, "days", OPT_COUNT, &args.days, "N", "this many days instead of the scenario's", NULL,
		NULL},
	{0, "truth", OPT_TEXT, &args.truth, "FILE", "write what is true to FILE", NULL, NULL},
	{0, "as", OPT_LIST, &args.as, "FORMAT",
		"write exports instead of records: whatsapp, mbox, csv, json; may be repeated",
		NULL, "whatsapp mbox csv json"},
	{0, "to", OPT_TEXT, &args.folder, "DIR", "the folder of the exports", NULL, NULL},
	{0, "no-labels", OPT_SET, &args.plain, NULL, "leave out what jintent finds", NULL, NULL},
	{0, "show", OPT_SET, &args.show, NULL, "show the scenario's file, and leave", NULL, NULL},
	TOOL_ONTOLOGY(&args.ontology),
	TOOL_QUIET(&args.quiet),
	OPT_END,
};

static const struct command command = {"jgen", "",
	"Generates journeys by a scenario, and tells what is true of them.", NULL, opts};

static void show(const struct ontology *o)
{
	char *path = scenario_path(args.scenario, o);
	struct buf err = BUF_INIT;
	struct lines in;
	struct out out;
	struct str line;

	out_stdout(&out);
	if (lines_open(&in, path, LINES_MAX_DEFAULT, &err) < 0)
		die("%s", err.s);
	while (lines_next(&in, &line, &err) == LINES_ONE && out_record(&out, line, &err) == 0)
		;
	if (err.len || out_close(&out, &err) < 0)
		die("%s", err.s);
	lines_close(&in);
	free(path);
}

static void set_span(struct scenario *s)
{
	struct buf err = BUF_INIT;

	if (opt_times(&command, &err) < 0)
		die("%s", err.s);
	if (args.start.text)
		s->start = args.start.ms - args.start.ms % s->clock;
	if (args.days == 0 || args.days > SCENARIO_DAYS_MAX)
		die("--days takes 1 to %d", SCENARIO_DAYS_MAX);
	if (args.days > 0)
		s->days = args.days * WHEN_DAY;
	if (s->start < WHEN_DAY || s->start > SCENARIO_LAST)
		die("the start lies outside of 1970 to 9900");
}

static void set_formats(struct generate *g)
{
	struct buf err = BUF_INIT;

	if (!args.as.n != !args.folder)
		die("exports need both --as FORMAT and --to DIR");
	for (size_t i = 0; i < args.as.n; i++)
		if (export_formats_add(&g->as, args.as.v[i], &err) < 0)
			die("--as: %s", err.s);
	g->folder = args.folder;
	opt_list_release(&args.as);
}

/* The first reason is the one to tell. */
static int end(struct out *out, int status, struct buf *err)
{
	struct buf late = BUF_INIT;

	if (out_close(out, &late) < 0 && status == 0) {
		buf_put(err, buf_str(&late));
		status = -1;
	}
	buf_release(&late);
	return status;
}

static int run(struct scenario *s)
{
	struct out out, truth;
	struct generate g = {.scenario = s,
		.seed = (uint64_t)args.seed,
		.records = args.records > 0 ? (uint64_t)args.records : 0,
		.customers = args.customers > 0 ? (uint64_t)args.customers : 100,
		.labels = !args.plain,
		.out = &out};
	struct buf err = BUF_INIT;
	int status;

	set_formats(&g);
	out_stdout(&out);
	if (args.truth && out_create(&truth, args.truth, &err) < 0)
		die("%s", err.s);
	g.truth = args.truth ? &truth : NULL;
	status = generate_run(&g, &err);
	status = end(&out, status, &err);
	if (g.truth)
		status = end(&truth, status, &err);
	if (status == 0 && !args.quiet)
		warn("%llu records of %llu customers, %llu contacts, %llu issues",
			(unsigned long long)g.written, (unsigned long long)g.made,
			(unsigned long long)g.contacts, (unsigned long long)g.issues);
	if (status == 0 && args.truth && g.horizon > when_now() + WHEN_DAY)
		warn("the truth counts events later than tomorrow, which a log leaves out of what "
		     "it "
		     "has seen to its end");
	if (status == 0 && g.left_out)
		warn("%llu records of other channels were left out%s",
			(unsigned long long)g.left_out,
			args.truth ? ": the truth tells of them all the same" : "");
	status = tool_status(status, &err);
	return status;
}

int main(int argc, char **argv)
{
	struct buf err = BUF_INIT;
	struct ontology *o;
	struct scenario *s;
	int status = EXIT_DONE;

	program_start("jgen");
	if (opt_parse(&command, argc, argv).argc)
		die("it reads no file: see jgen --help");
	if (args.records >= 0 && args.customers >= 0)
		die("either -n or -c");
	if (args.records == 0 || args.customers == 0)
		die("%s takes 1 or more", args.records == 0 ? "-n" : "-c");
	o = tool_ontology(args.ontology);
	if (args.show) {
		show(o);
	} else {
		s = scenario_read(args.scenario, o, &err);
		if (!s)
			die("%s", err.s);
		set_span(s);
		status = run(s);
		scenario_free(s);
	}
	ontology_free(o);
	return status;
}
