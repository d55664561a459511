#include "tool.h"
#include "base/die.h"
#include "stage/classify.h"
#include "stage/evaluate.h"
#include "stage/stamp.h"
#include "stage/train.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
	const char *ontology, *reject, *model, *precision, *threshold, *format, *out_of_scope;
	bool relabel, quiet, explain, no_model;
	int64_t max_line;
} given = {.max_line = LINES_MAX_DEFAULT, .precision = "0.95", .out_of_scope = "oos"};

static int run_label(int argc, char **argv);
static int run_train(int argc, char **argv);
static int run_eval(int argc, char **argv);

static const struct verb verbs[] = {
	{"label", "[file ...]", "label records; what is meant where no verb is named", run_label},
	{"train", "ontology [labelled ...]", "make a model from examples and labelled texts",
		run_train},
	{"eval", "labelled ...", "compare what is said of texts with their labels", run_eval},
	{NULL, NULL, NULL, NULL},
};

static const struct opt options[] = {
	{0, "ontology", OPT_TEXT, &given.ontology, "DIR", "the ontology's folder", "label eval",
		NULL},
	{'o', "output", OPT_TEXT, &given.format, "WHERE",
		"the model's file; of eval table or ndjson", "train eval", "table ndjson"},
	{0, "model", OPT_TEXT, &given.model, "FILE", "a model (the ontology's own)", NULL, NULL},
	{0, "no-model", OPT_SET, &given.no_model, NULL, "phrases and patterns alone", "label eval",
		NULL},
	{0, "threshold", OPT_TEXT, &given.threshold, "P",
		"answer from this probability on (the model's)", "label eval", NULL},
	{0, "precision", OPT_TEXT, &given.precision, "P",
		"choose the threshold for this share of right answers (0.95)", "train", NULL},
	{0, "out-of-scope", OPT_TEXT, &given.out_of_scope, "LABEL",
		"the label of what is no intent, besides none at all (oos)", "train eval", NULL},
	{0, "explain", OPT_SET, &given.explain, NULL, "say what decided, and write no record",
		"label", NULL},
	{0, "relabel", OPT_SET, &given.relabel, NULL, "replace the labels that are there", "label",
		NULL},
	{0, "reject", OPT_TEXT, &given.reject, "FILE", "keep rejected records in FILE", "label",
		NULL},
	{0, "max-line", OPT_SIZE, &given.max_line, "SIZE", "longest record (default 1M)", NULL,
		NULL},
	{'q', "quiet", OPT_SET, &given.quiet, NULL, "no summary on stderr", NULL, NULL},
	OPT_END,
};

static const struct command command = {
	.name = "jintent",
	.args = "[file ...]",
	.about = "Labels records with intents, entities and signals by an ontology.",
	.verbs = verbs,
	.opts = options,
};

/* A share that an option names. */
static double share(const char *text, const char *name)
{
	char *end;
	double p = strtod(text, &end);

	if (end == text || *end || !(p >= 0 && p <= 1))
		die("--%s: not between 0 and 1: %s", name, text);
	return p;
}

/* The model that is named, else the ontology's own; NULL: none is there, or none is wanted. */
static struct model *open_model(const struct ontology *o)
{
	struct buf path = BUF_INIT, err = BUF_INIT;
	struct model *m = NULL;
	int fits;

	if (given.no_model)
		return NULL;
	if (given.model)
		buf_puts(&path, given.model);
	else if (!stamp_own_model(o, &path))
		return NULL;
	m = model_read(path.s, &err);
	if (!m)
		die("%s", err.s);
	fits = o ? stamp_fits(m, o, path.s, &err) : 0;
	if (fits < 0)
		die("%s (or --no-model)", err.s);
	if (fits > 0)
		warn("%s", err.s);
	if (given.threshold)
		m->threshold = share(given.threshold, "threshold");
	buf_release(&path);
	buf_release(&err);
	return m;
}

static struct classify *open_classify(const struct ontology *o, struct model *m)
{
	struct buf err = BUF_INIT;
	struct classify *c = classify_new(o, given.relabel, &err);

	if (!c)
		die("%s", err.s);
	classify_with(c, m);
	return c;
}

static int run_label(int argc, char **argv)
{
	struct ontology *o = tool_ontology(given.ontology);
	struct model *m = open_model(o);
	struct classify *c = open_classify(o, m);
	struct buf err = BUF_INIT;
	struct ledger ledger;
	struct pipe pipe;
	struct out out;
	int status;

	if (given.explain)
		classify_explain(c);
	if (ledger_open(&ledger, given.reject, given.quiet, &err) < 0)
		die("%s", err.s);
	out_stdout(&out);
	pipe = (struct pipe){.ledger = &ledger, .out = &out, .max_line = (size_t)given.max_line};
	status = classify_run(c, &pipe, argv, (size_t)argc, &err);
	classify_free(c);
	model_free(m);
	ontology_free(o);
	return tool_close(status, &out, &ledger, NULL, &err);
}

static int write_model(const struct model *m, const char *path, struct buf *err)
{
	struct buf bytes = BUF_INIT;
	struct out out;
	int status;

	model_put(&bytes, m);
	model_seal(&bytes);
	status = out_create(&out, path, err);
	if (status == 0) {
		status = out_put(&out, buf_str(&bytes), err);
		if (out_close(&out, err) < 0)
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
	if (m->threshold >= 1)
		warn("no threshold reaches a precision of %g: it will never answer", m->precision);
}

static int run_train(int argc, char **argv)
{
	struct train t = {.out_of_scope = given.out_of_scope,
		.max_line = (size_t)given.max_line,
		.precision = share(given.precision, "precision")};
	const char *path = given.model ? given.model : given.format;
	struct buf err = BUF_INIT;
	struct ontology *o = NULL;
	struct model *m;
	int status = -1;

	if (!argc)
		die("train: by which ontology? (a folder, or - for the labels as they come)");
	if (!path)
		die("train: into which file? (-o FILE)");
	if (strcmp(argv[0], "-") != 0)
		o = tool_ontology(argv[0]);
	t.ontology = o;
	m = train_model(&t, argv + 1, (size_t)argc - 1, &err);
	if (m)
		status = write_model(m, path, &err);
	if (status == 0 && !given.quiet)
		tell_model(m, &t);
	model_free(m);
	ontology_free(o);
	return tool_status(status, &err);
}

static bool wants_records(void)
{
	if (given.format && strcmp(given.format, "table") != 0 &&
		strcmp(given.format, "ndjson") != 0)
		die("--output: table or ndjson, not %s", given.format);
	return given.format ? strcmp(given.format, "ndjson") == 0 : !isatty(STDOUT_FILENO);
}

static int run_eval(int argc, char **argv)
{
	struct labelled_reader r = {
		.out_of_scope = given.out_of_scope, .max_line = (size_t)given.max_line};
	struct evaluate e = {.records = wants_records()};
	struct buf text = BUF_INIT, err = BUF_INIT;
	struct ontology *o = NULL;
	struct model *m = NULL;
	struct out out;
	int status;

	if (!argc)
		die("eval: on which labelled texts?");
	if (given.model && !given.no_model)
		m = open_model(NULL);
	if (!m || m->ontology) {
		model_free(m);
		o = tool_ontology(given.ontology);
		m = open_model(o);
		e.classify = open_classify(o, m);
	}
	e.model = m;
	status = evaluate(&e, &r, argv, (size_t)argc, &text, &err);
	out_stdout(&out);
	if (status == 0)
		status = out_put(&out, buf_str(&text), &err);
	if (out_close(&out, &err) < 0)
		status = -1;
	if (r.skipped && !given.quiet)
		fprintf(stderr, "jintent: %llu texts, %llu skipped\n", (unsigned long long)r.read,
			(unsigned long long)r.skipped);
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
