/* jgen: journeys that nobody made, and what is true of them. */
#include "base/die.h"
#include "stage/generate.h"
#include "tool.h"

static struct {
	const char *scenario, *truth, *ontology;
	int64_t records, customers, seed;
	bool plain, quiet;
} args = {.scenario = "shop", .seed = 1};

static const struct opt opts[] = {
	{'n', "records", OPT_COUNT, &args.records, "N", "write N records", NULL, NULL},
	{'c', "customers", OPT_COUNT, &args.customers, "N", "of N customers (100)", NULL, NULL},
	{0, "seed", OPT_COUNT, &args.seed, "N", "same seed, same bytes (1)", NULL, NULL},
	{0, "scenario", OPT_TEXT, &args.scenario, "NAME", "a scenario file, or a shipped one (shop)",
		NULL, NULL},
	{0, "truth", OPT_TEXT, &args.truth, "FILE", "write what is true here", NULL, NULL},
	{0, "no-labels", OPT_SET, &args.plain, NULL, "leave out what jintent would say", NULL, NULL},
	TOOL_ONTOLOGY(&args.ontology),
	TOOL_QUIET(&args.quiet),
	OPT_END,
};

static const struct command command = {
	"jgen", "", "generate journeys by a scenario, and what is true of them", NULL, opts};

int main(int argc, char **argv)
{
	struct buf err = BUF_INIT;
	struct generate g = {0};
	struct ontology *o;
	struct out out, truth;

	program_start("jgen");
	if (opt_parse(&command, argc, argv).argc)
		die("jgen reads nothing: see jgen --help");
	o = tool_ontology(args.ontology);
	g.scenario = scenario_read(args.scenario, o, &err);
	if (!g.scenario)
		die("%s", err.s);
	g.seed = (uint64_t)args.seed;
	g.records = (uint64_t)args.records;
	g.customers = args.customers ? (uint64_t)args.customers : 100;
	g.labels = !args.plain;
	out_stdout(&out);
	g.out = &out;
	if (args.truth) {
		if (out_append(&truth, args.truth, &err) < 0)
			die("%s", err.s);
		g.truth = &truth;
	}
	if (generate_run(&g, &err) < 0 || out_close(&out, &err) < 0)
		die("%s", err.s);
	if (g.truth && out_close(&truth, &err) < 0)
		die("%s", err.s);
	if (!args.quiet)
		warn("%llu records", (unsigned long long)g.written);
	scenario_free(g.scenario);
	ontology_free(o);
	return 0;
}
