/* jintent: what a text is about, by an ontology; and whether an ontology holds. */
#include "tool.h"
#include "base/die.h"
#include "base/when.h"
#include "io/phone.h"
#include "stage/classify.h"
#include "stage/consult.h"
#include "stage/evaluate.h"
#include "stage/revise.h"
#include "stage/stamp.h"
#include "stage/train.h"
#include "stage/vocabulary.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *folder, *reject, *format, *db, *region, *zone, *with, *model_path, *threshold,
	*precision = "0.95", *out_of_scope = "oos";
static bool relabel, quiet, strict, explain, no_model;
static int64_t max_line = LINES_MAX_DEFAULT, wait_ms = STORE_WAIT_DEFAULT, examples,
	       timeout_ms = 10 * WHEN_SECOND;

static int run_label(int argc, char **argv);
static int run_check(int argc, char **argv);
static int run_diff(int argc, char **argv);
static int run_train(int argc, char **argv);
static int run_eval(int argc, char **argv);

/* The first is what is done where none is named. */
static const struct verb verbs[] = {
	{"label", "[file ...]", "label records: also without the verb", run_label},
	{"check", "", "tell what is wrong with an ontology", run_check},
	{"diff", "OLD NEW", "tell what changed and which version step it demands", run_diff},
	{"train", "ontology [labelled ...]", "make a model from examples and labelled texts",
		run_train},
	{"eval", "labelled ...", "compare what is said of texts with their labels", run_eval},
	{NULL, NULL, NULL, NULL},
};

static const struct opt opts[] = {
	TOOL_ONTOLOGY_OF(&folder, "label check eval"),
	{0, "model", OPT_TEXT, &model_path, "FILE", "a model (the ontology's own)",
		"label train eval", NULL},
	{0, "no-model", OPT_SET, &no_model, NULL, "phrases and patterns alone", "label eval", NULL},
	{0, "threshold", OPT_TEXT, &threshold, "P", "answer from this probability on (the model's)",
		"label eval", NULL},
	{0, "precision", OPT_TEXT, &precision, "P",
		"choose the threshold for this share of right answers (0.95)", "train", NULL},
	{0, "out-of-scope", OPT_TEXT, &out_of_scope, "LABEL",
		"the label of what is no intent, besides none at all (oos)", "train eval", NULL},
	{0, "explain", OPT_SET, &explain, NULL, "say what decided, and write no record", "label",
		NULL},
	{0, "relabel", OPT_SET, &relabel, NULL, "replace the labels that are there", "label", NULL},
	{0, "region", OPT_TEXT, &region, "CC", "country of records that name none", "label", NULL},
	{0, "tz", OPT_TEXT, &zone, "ZONE", "zone of days and times that texts tell", "label", NULL},
	{0, "with", OPT_TEXT, &with, "CMD", "take labels from a program, records in and out",
		"label", NULL},
	{0, "timeout", OPT_SPAN, &timeout_ms, "SPAN", "how long its next answer may take (10s)",
		"label", NULL},
	TOOL_REJECT(&reject, "label"),
	TOOL_MAX_LINE(&max_line, "label train eval"),
	{'o', "output", OPT_TEXT, &format, "WHERE", "table or ndjson; of train the model's file",
		"check diff train eval", "table ndjson"},
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

/* A share that an option names. */
static double share(const char *text, const char *name)
{
	char *end;
	double p = strtod(text, &end);

	if (end == text || *end || !(p >= 0 && p <= 1))
		die("--%s: not between 0 and 1: %s", name, text);
	return p;
}

/* It is for this ontology, or for none, which is what NULL stands for. */
static struct model *read_model(const struct ontology *o, const char *path)
{
	struct buf err = BUF_INIT;
	struct model *m = model_read(path, &err);
	int fits = m && o ? stamp_fits(m, o, path, &err) : 0;

	if (!m)
		die("%s", err.s);
	if (fits < 0)
		die("%s (or --no-model)", err.s);
	if (fits > 0)
		warn("%s", err.s);
	buf_release(&err);
	return m;
}

/* The model that is named, else the ontology's own; NULL: none is there, or none is wanted. */
static struct model *open_model(const struct ontology *o)
{
	double least = threshold ? share(threshold, "threshold") : 0;
	struct buf path = BUF_INIT;
	struct model *m = NULL;

	if (no_model)
		return NULL;
	if (model_path)
		m = read_model(o, model_path);
	else if (stamp_own_model(o, &path))
		m = read_model(o, path.s);
	else if (o->folders.n > 1 && !quiet)
		warn("%s has no model of its own (see train): phrases and patterns alone decide",
			o->label);
	if (m && threshold)
		m->threshold = least;
	buf_release(&path);
	return m;
}

static struct classify *open_classify(const struct ontology *o, struct model *m)
{
	struct buf err = BUF_INIT;
	struct classify *c = classify_new(o, relabel, &err);

	if (!c)
		die("%s", err.s);
	classify_with(c, m);
	return c;
}

static int run_label(int argc, char **argv)
{
	struct buf err = BUF_INIT;
	struct ontology *o = tool_ontology(folder);
	struct model *m = open_model(o);
	struct classify *c = open_classify(o, m);
	struct ledger ledger;
	struct out out;
	struct pipe pipe = {.ledger = &ledger, .out = &out, .max_line = (size_t)max_line};
	struct buf more = BUF_INIT;
	int status;

	if (argc)
		tool_verb_slip(verbs, argv[0]);
	if (explain && with)
		die("--explain is about the built-in classifier: not with --with");
	if (region && !phone_region(region))
		die("no such region: %s (a country's two letters, as in BR)", region);
	tool_zone(zone);
	if (ledger_open(&ledger, reject, quiet, &err) < 0)
		die("%s", err.s);
	classify_region(c, region);
	if (explain)
		classify_explain(c);
	out_stdout(&out);
	status = with ? consult(c, o, &pipe, argc, argv, &more, &err)
		      : classify_run(c, &pipe, argv, (size_t)argc, &err);
	if (classify_promised(c))
		buf_printf(&more, "%spromises added: %llu", more.len ? ", " : "",
			(unsigned long long)classify_promised(c));
	classify_free(c);
	model_free(m);
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

	if (argc)
		die("check: not expected: %s (a folder goes with --ontology)", argv[0]);
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

static int write_model(const struct model *m, const char *path, struct buf *err)
{
	struct buf bytes = BUF_INIT;
	struct out out;
	int status;

	model_put(&bytes, m);
	model_seal(&bytes);
	status = out_beside(&out, path, 0666, err);
	if (status == 0) {
		bool put = out_put(&out, buf_str(&bytes), err) == 0;

		if (out_whole(&out, path, put, err) < 0 || !put)
			status = -1;
	}
	buf_release(&bytes);
	return status;
}

static void tell_model(const struct model *m, const struct train *t)
{
	fprintf(stderr,
		"jintent: %zu intents, %zu texts, %llu skipped, %zu features; of %zu texts held "
		"out "
		"%.1f%% right, calibration error %.3f; threshold %g\n",
		m->class_n - (m->labels[m->class_n - 1] == NULL), t->texts,
		(unsigned long long)t->skipped, m->lexicon.n, m->held_out, 100 * m->accuracy,
		m->calibration_error, m->threshold);
	if (t->left_out)
		warn("there was no room for %llu features, which were met last",
			(unsigned long long)t->left_out);
	if (m->threshold >= 1)
		warn("no threshold reaches a precision of %g: it will never answer", m->precision);
}

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int run_train(int argc, char **argv)
{
	struct train t = {.out_of_scope = out_of_scope,
		.max_line = (size_t)max_line,
		.precision = share(precision, "precision")};
	const char *path = model_path ? model_path : format;
	struct buf err = BUF_INIT;
	struct ontology *o = NULL;
	struct model *m;
	int status = -1;

	if (!argc)
		die("train: by which ontology? (a folder, or - for the labels as they come)");
	if (!path)
		die("train: into which file? (-o FILE)");
	if (strcmp(argv[0], "-") != 0) {
		if (is_file(argv[0]))
			die("train: %s is no ontology's folder (or - for the labels as they come)",
				argv[0]);
		o = tool_ontology(argv[0]);
	}
	t.ontology = o;
	m = train_model(&t, argv + 1, (size_t)argc - 1, &err);
	if (m)
		status = write_model(m, path, &err);
	if (status == 0 && !quiet)
		tell_model(m, &t);
	model_free(m);
	ontology_free(o);
	return tool_status(status, &err);
}

static int run_eval(int argc, char **argv)
{
	struct labelled_reader r = {.out_of_scope = out_of_scope, .max_line = (size_t)max_line};
	struct evaluate e = {.records = !as_table()};
	struct buf text = BUF_INIT, err = BUF_INIT;
	struct ontology *o = NULL;
	struct model *m = NULL;
	struct out out;
	int status;

	if (!argc)
		die("eval: on which labelled texts?");
	if (model_path && !no_model)
		m = open_model(NULL);
	if (!m || m->ontology) {
		model_free(m);
		o = tool_ontology(folder);
		m = open_model(o);
		e.classify = open_classify(o, m);
	}
	e.model = m;
	e.ontology = o;
	buf_init(&e.unknown_labels);
	status = evaluate(&e, &r, argv, (size_t)argc, &text, &err);
	out_stdout(&out);
	if (status == 0)
		status = out_put(&out, buf_str(&text), &err);
	if (out_close(&out, &err) < 0)
		status = -1;
	if (r.skipped && !quiet)
		fprintf(stderr, "jintent: %llu texts, %llu skipped\n", (unsigned long long)r.read,
			(unsigned long long)r.skipped);
	if (e.unknown && !quiet)
		warn("%zu texts have a label that is never said, and count as wrong: %s", e.unknown,
			e.unknown_labels.s);
	buf_release(&e.unknown_labels);
	classify_free(e.classify);
	model_free(m);
	ontology_free(o);
	buf_release(&text);
	return tool_status(status, &err);
}

int main(int argc, char **argv)
{
	struct operands o;

	program_start("jintent");
	o = opt_parse(&command, argc, argv);
	return o.verb->run(o.argc, o.argv);
}
