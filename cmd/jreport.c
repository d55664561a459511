/* jreport: one page over a journey file, for people. */
#include "tool.h"
#include "base/die.h"
#include "stage/choose.h"
#include "stage/page.h"
#include "stage/project.h"

#include <stdlib.h>

static const char *db, *folder, *zone, *output;
static struct opt_list extra, by_given;
static bool with_text;
static int64_t wait_ms = STORE_WAIT_DEFAULT;
static struct opt_when since, until;

static const struct opt opts[] = {
	TOOL_DB(&db),
	{'o', "output", OPT_TEXT, &output, "FORMAT", "html or md (html)", NULL, "html md"},
	{0, "since", OPT_WHEN, &since, "TIME", "what began at or after", NULL, NULL},
	{0, "until", OPT_WHEN, &until, "TIME", "what began before", NULL, NULL},
	{0, "by", OPT_LIST, &by_given, "DIM[,DIM]", "the figures for each group as well", NULL,
		TOOL_DIMENSIONS},
	{0, "with-text", OPT_SET, &with_text, NULL,
		"examples show what was said, by whom, and rare reasons", NULL, NULL},
	{0, "metrics", OPT_LIST, &extra, "DIR", "more definitions; the same id replaces", NULL,
		NULL},
	TOOL_TZ(&zone),
	TOOL_ONTOLOGY(&folder),
	TOOL_WAIT(&wait_ms),
	OPT_END,
};

static const struct command command = {"jreport", "",
	"One page over a journey file, that opens anywhere: figures, trends, flows, failures.",
	NULL, opts};

static bool is_markdown(void)
{
	if (!output || strcmp(output, "html") == 0)
		return false;
	if (strcmp(output, "md") != 0)
		die("--output: none of html, md: %s", output);
	return true;
}

/* One snapshot serves the whole page. */
static int report(struct page_ask *ask, struct buf *page, struct buf *err)
{
	struct store *beside = NULL;
	bool same = false;
	int status = project_update(ask->store, ask->ontology, NULL, err);

	if (status == 0) {
		store_open_beside(ask->store, &beside);
		status = store_read_both(ask->store, beside, &same, err);
	}
	if (status == 0) {
		ask->beside = same && beside ? store_handle(beside) : NULL;
		status = page_write(ask, page, err);
		store_read_end(ask->store);
	}
	store_close(beside);
	return status;
}

static int write_page(struct page_ask *ask, struct buf *err)
{
	struct buf page = BUF_INIT;
	struct out out;
	int status;

	out_stdout(&out);
	ask->store = tool_writable(db, wait_ms);
	status = report(ask, &page, err);
	if (status == 0)
		status = out_put(&out, buf_str(&page), err);
	store_close(ask->store);
	buf_release(&page);
	return tool_finish(status, &out, err);
}

int main(int argc, char **argv)
{
	struct operands o;
	struct metrics metrics = {NULL, 0, 0};
	struct opt_list by = {NULL, 0, 0};
	struct buf err = BUF_INIT;
	struct ontology *ontology;
	int code;

	program_start("jreport");
	o = opt_parse(&command, argc, argv);
	tool_no_operands(o.argc, o.argv);
	tool_zone(zone);
	tool_times(&command);
	ontology = tool_ontology(folder);
	if (choose_dimensions(&by_given, &by, &err) < 0 ||
		choose_definitions(&metrics, ontology, &extra, &err) < 0)
		die("%s", err.s);
	code = write_page(&(struct page_ask){.ontology = ontology,
				  .metrics = &metrics,
				  .by = &by,
				  .has_since = since.text,
				  .has_until = until.text,
				  .since = since.ms,
				  .until = until.ms,
				  .markdown = is_markdown(),
				  .with_text = with_text},
		&err);
	metrics_release(&metrics);
	choose_dimensions_release(&by);
	opt_list_release(&extra);
	opt_list_release(&by_given);
	ontology_free(ontology);
	return code;
}
