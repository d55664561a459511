#include "base/die.h"
#include "base/opt.h"
#include "base/when.h"
#include "stage/classify.h"
#include "stage/consult.h"

static struct {
	const char *ontology, *reject, *with;
	bool relabel, quiet;
	int64_t max_line, timeout;
} given = {.max_line = LINES_MAX_DEFAULT, .timeout = 10 * WHEN_SECOND};

static const struct opt options[] = {
	{0, "ontology", OPT_TEXT, &given.ontology, "DIR", "the ontology's folder", NULL, NULL},
	{0, "relabel", OPT_SET, &given.relabel, NULL, "replace the labels that are there", NULL,
		NULL},
	{0, "with", OPT_TEXT, &given.with, "CMD", "take labels from a program, records in and out",
		NULL, NULL},
	{0, "timeout", OPT_SPAN, &given.timeout, "SPAN", "how long its next answer may take (10s)",
		NULL, NULL},
	{0, "reject", OPT_TEXT, &given.reject, "FILE", "keep rejected records in FILE", NULL, NULL},
	{0, "max-line", OPT_SIZE, &given.max_line, "SIZE", "longest record (default 1M)", NULL,
		NULL},
	{'q', "quiet", OPT_SET, &given.quiet, NULL, "no summary on stderr", NULL, NULL},
	OPT_END,
};

static const struct command command = {
	.name = "jintent",
	.args = "[file ...]",
	.about = "Labels records with intents, entities and signals by an ontology.",
	.opts = options,
};

/* By a program of the user's; `more` is for the summary. */
static int consult(struct classify *c, const struct ontology *o, struct pipe *p,
	const struct operands *files, struct buf *more, struct buf *err)
{
	const struct consult_options how = {o, c, given.relabel, given.with, given.timeout};
	struct consult_counts counts;
	struct buf gone = BUF_INIT;
	int status = consult_run(&how, p, files->argv, (size_t)files->argc, &counts, &gone, err);

	if (gone.len)
		warn("--with: %s: the built-in classifier went on alone", gone.s);
	consult_tell(&counts, more);
	buf_release(&gone);
	return status;
}

static int run(
	struct classify *c, const struct ontology *o, const struct operands *files, struct buf *err)
{
	struct ledger ledger;
	struct out out;
	struct pipe pipe = {.ledger = &ledger, .out = &out, .max_line = (size_t)given.max_line};
	struct buf late = BUF_INIT, more = BUF_INIT;
	int status;

	if (ledger_open(&ledger, given.reject, given.quiet, err) < 0)
		return -1;
	out_stdout(&out);
	status = given.with ? consult(c, o, &pipe, files, &more, err)
			    : classify_run(c, &pipe, files->argv, (size_t)files->argc, err);
	/* What was labelled before a failure still goes out; the first reason is the one to tell.
	 */
	if (out_close(&out, &late) < 0 && status == 0) {
		buf_put(err, buf_str(&late));
		status = -1;
	}
	if (status < 0)
		ledger_settle(&ledger, &out);
	buf_clear(&late);
	if (ledger_close(&ledger, more.len ? more.s : NULL, &late) < 0 && status == 0) {
		buf_put(err, buf_str(&late));
		status = -1;
	}
	buf_release(&late);
	buf_release(&more);
	return status < 0 ? -1 : ledger_exit(&ledger);
}

int main(int argc, char **argv)
{
	struct buf err = BUF_INIT;
	struct operands files;
	struct ontology *o;
	struct classify *c = NULL;
	int status = -1;

	program_start("jintent");
	files = opt_parse(&command, argc, argv);
	o = ontology_read(given.ontology, &err);
	if (o)
		c = classify_new(o, given.relabel, &err);
	if (c)
		status = run(c, o, &files, &err);
	if (status < 0)
		die("%s", err.s);
	classify_free(c);
	ontology_free(o);
	buf_release(&err);
	return status;
}
