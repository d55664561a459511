#include "base/die.h"
#include "base/opt.h"
#include "base/when.h"
#include "io/phone.h"
#include "stage/classify.h"

static struct {
	const char *ontology, *reject, *region, *tz;
	bool relabel, quiet;
	int64_t max_line;
} given = {.max_line = LINES_MAX_DEFAULT};

static const struct opt options[] = {
	{0, "ontology", OPT_TEXT, &given.ontology, "DIR", "the ontology's folder", NULL, NULL},
	{0, "relabel", OPT_SET, &given.relabel, NULL, "replace the labels that are there", NULL,
		NULL},
	{0, "region", OPT_TEXT, &given.region, "CC", "country of records that name none", NULL,
		NULL},
	{0, "tz", OPT_TEXT, &given.tz, "ZONE", "zone of days and times that texts tell", NULL,
		NULL},
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

static int run(struct classify *c, const struct operands *files, struct buf *err)
{
	struct ledger ledger;
	struct out out;
	struct pipe pipe = {.ledger = &ledger, .out = &out, .max_line = (size_t)given.max_line};
	struct buf late = BUF_INIT, more = BUF_INIT;
	int status;

	if (ledger_open(&ledger, given.reject, given.quiet, err) < 0)
		return -1;
	out_stdout(&out);
	status = classify_run(c, &pipe, files->argv, (size_t)files->argc, err);
	/* What was labelled before a failure still goes out; the first reason is the one to tell.
	 */
	if (out_close(&out, &late) < 0 && status == 0) {
		buf_put(err, buf_str(&late));
		status = -1;
	}
	if (status < 0)
		ledger_settle(&ledger, &out);
	buf_clear(&late);
	if (classify_promised(c))
		buf_printf(&more, "promises added: %llu", (unsigned long long)classify_promised(c));
	if (ledger_close(&ledger, more.len ? more.s : NULL, &late) < 0 && status == 0) {
		buf_put(err, buf_str(&late));
		status = -1;
	}
	buf_release(&more);
	buf_release(&late);
	return status < 0 ? -1 : ledger_exit(&ledger);
}

/* Where records are from that do not say it. */
static int place(struct buf *err)
{
	if (given.region && !phone_region(given.region)) {
		buf_printf(err, "no such region: %s (a country's two letters, as in BR)",
			given.region);
		return -1;
	}
	return given.tz ? when_zone(given.tz, err) : 0;
}

int main(int argc, char **argv)
{
	struct buf err = BUF_INIT;
	struct operands files;
	struct ontology *o = NULL;
	struct classify *c = NULL;
	int status = -1;

	program_start("jintent");
	files = opt_parse(&command, argc, argv);
	if (place(&err) == 0)
		o = ontology_read(given.ontology, &err);
	if (o)
		c = classify_new(o, given.relabel, &err);
	if (c) {
		classify_region(c, given.region);
		status = run(c, &files, &err);
	}
	if (status < 0)
		die("%s", err.s);
	classify_free(c);
	ontology_free(o);
	buf_release(&err);
	return status;
}
