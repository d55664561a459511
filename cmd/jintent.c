/* jintent: what a text is about, by an ontology; and whether an ontology holds. */
#include "tool.h"
#include "base/die.h"
#include "base/when.h"
#include "io/phone.h"
#include "stage/classify.h"
#include "stage/consult.h"
#include "stage/revise.h"
#include "stage/vocabulary.h"

#include <stdio.h>
#include <unistd.h>

static const char *folder, *reject, *format, *db, *region, *zone, *with;
static bool relabel, quiet, strict;
static int64_t max_line = LINES_MAX_DEFAULT, wait_ms = STORE_WAIT_DEFAULT, examples,
	       timeout_ms = 10 * WHEN_SECOND;

static int run_label(int argc, char **argv);
static int run_check(int argc, char **argv);
static int run_diff(int argc, char **argv);

/* The first is what is done where none is named. */
static const struct verb verbs[] = {
	{"label", "[file ...]", "label records: also without the verb", run_label},
	{"check", "", "tell what is wrong with an ontology", run_check},
	{"diff", "OLD NEW", "tell what changed and which version step it demands", run_diff},
	{NULL, NULL, NULL, NULL},
};

static const struct opt opts[] = {
	TOOL_ONTOLOGY_OF(&folder, "label check"),
	{0, "relabel", OPT_SET, &relabel, NULL, "replace the labels that are there", "label", NULL},
	{0, "region", OPT_TEXT, &region, "CC", "country of records that name none", "label", NULL},
	{0, "tz", OPT_TEXT, &zone, "ZONE", "zone of days and times that texts tell", "label", NULL},
	{0, "with", OPT_TEXT, &with, "CMD", "take labels from a program, records in and out",
		"label", NULL},
	{0, "timeout", OPT_SPAN, &timeout_ms, "SPAN", "how long its next answer may take (10s)",
		"label", NULL},
	TOOL_REJECT(&reject, "label"),
	TOOL_MAX_LINE(&max_line, "label"),
	{'o', "output", OPT_TEXT, &format, "FORMAT", "table or ndjson", "check diff",
		"table ndjson"},
	{0, "strict", OPT_SET, &strict, NULL, "warnings fail as well", "check", NULL},
	{'d', "db", OPT_TEXT, &db, "FILE", "a journey file: what would happen to its labels",
		"diff", NULL},
	{0, "examples", OPT_COUNT, &examples, "N", "texts that change their label, of each pair",
		"diff", NULL},
	{0, "wait", OPT_SPAN, &wait_ms, "SPAN", "how long to wait for another writer (5s)", "diff",
		NULL},
	TOOL_QUIET(&quiet),
	OPT_END,
};

static const struct command command = {"jintent", "[file ...]",
	"Labels records with intents, entities and signals by an ontology.", verbs, opts};

/* By a program of the user's; `more` is for the summary. */
static int consult(struct classify *c, const struct ontology *o, struct pipe *p, int argc,
	char **argv, struct buf *more, struct buf *err)
{
	const struct consult_options how = {o, c, relabel, with, timeout_ms};
	struct consult_counts counts;
	struct buf gone = BUF_INIT;
	int status = consult_run(&how, p, argv, (size_t)argc, &counts, &gone, err);

	if (gone.len)
		warn("--with: %s: the built-in classifier went on alone", gone.s);
	consult_tell(&counts, more);
	buf_release(&gone);
	return status;
}

static int run_label(int argc, char **argv)
{
	struct buf err = BUF_INIT;
	struct ontology *o = tool_ontology(folder);
	struct classify *c = classify_new(o, relabel, &err);
	struct ledger ledger;
	struct out out;
	struct pipe pipe = {.ledger = &ledger, .out = &out, .max_line = (size_t)max_line};
	struct buf more = BUF_INIT;
	int status;

	if (region && !phone_region(region))
		die("no such region: %s (a country's two letters, as in BR)", region);
	tool_zone(zone);
	if (!c || ledger_open(&ledger, reject, quiet, &err) < 0)
		die("%s", err.s);
	classify_region(c, region);
	out_stdout(&out);
	status = with ? consult(c, o, &pipe, argc, argv, &more, &err)
		      : classify_run(c, &pipe, argv, (size_t)argc, &err);
	if (classify_promised(c))
		buf_printf(&more, "%spromises added: %llu", more.len ? ", " : "",
			(unsigned long long)classify_promised(c));
	classify_free(c);
	ontology_free(o);
	status = tool_close(status, &out, &ledger, more.len ? more.s : NULL, &err);
	buf_release(&more);
	return status;
}

static bool as_table(void)
{
	if (!format)
		return isatty(STDOUT_FILENO);
	if (strcmp(format, "table") != 0 && strcmp(format, "ndjson") != 0)
		die("no such output: %s (table, ndjson)", format);
	return format[0] == 't';
}

static int run_check(int argc, char **argv)
{
	struct findings f = {NULL, 0, 0};
	struct buf err = BUF_INIT;
	struct out out;
	size_t errors, warnings;
	bool table = as_table();

	tool_no_operands(argc, argv);
	if (vocabulary_check(folder, &f, &err) < 0)
		die("%s", err.s);
	out_stdout(&out);
	if (vocabulary_tell(&f, table, &out, &err) < 0 || out_close(&out, &err) < 0)
		die("%s", err.s);
	errors = findings_count(&f, FINDING_ERROR);
	warnings = findings_count(&f, FINDING_WARNING);
	if (!quiet)
		fprintf(stderr, "jintent: errors %zu, warnings %zu, notes %zu\n", errors, warnings,
			findings_count(&f, FINDING_NOTE));
	findings_release(&f);
	buf_release(&err);
	return errors || (strict && warnings) ? EXIT_NO : EXIT_DONE;
}

static int run_diff(int argc, char **argv)
{
	struct revision r = {.old = NULL};
	struct ontology *old, *new;
	struct store *s = NULL;
	struct buf err = BUF_INIT;
	struct out out;
	bool table = as_table();
	int status;

	if (argc != 2)
		die("diff: two folders are expected: the old ontology and the new one");
	if (examples && !db)
		die("diff: --examples of which log? (--db FILE)");
	old = tool_ontology(argv[0]);
	new = tool_ontology(argv[1]);
	if (db)
		s = tool_store(db, STORE_READ, wait_ms);
	out_stdout(&out);
	status = revise(&r, old, new, &err);
	if (status == 0)
		status = revise_tell(&r, table, &out, &err);
	if (status == 0 && s)
		status = revise_log(&r, s, table, examples, &out, &err);
	if (status == 0 && !revise_enough(&r))
		status = 1;
	store_close(s);
	revise_release(&r);
	ontology_free(old);
	ontology_free(new);
	return tool_finish(status, &out, &err);
}

int main(int argc, char **argv)
{
	struct operands o;

	program_start("jintent");
	o = opt_parse(&command, argc, argv);
	return o.verb->run(o.argc, o.argv);
}
