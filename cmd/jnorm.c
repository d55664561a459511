/* jnorm: exports of all channels in, event records out. */
#include "base/die.h"
#include "base/opt.h"
#include "stage/normalize.h"

#include <stdio.h>

static struct {
	const char *format, *account, *tz, *region, *profile, *reject, *show_map;
	struct opt_list maps, self, bots;
	struct opt_when start;
	int64_t max_line;
	bool quiet, formats, explain, check, sort;
} args = {.max_line = LINES_MAX_DEFAULT};

static const struct opt opts[] = {
	{'f', "format", OPT_TEXT, &args.format, "NAME",
		"read all inputs as this format instead of recognising them", NULL, "!--formats"},
	{'m', "map", OPT_LIST, &args.maps, "FILE",
		"map of a CSV, JSON or XML export; may be repeated", NULL, NULL},
	{0, "self", OPT_LIST, &args.self, "NAME",
		"a name, address or @domain of ours; may be repeated", NULL, NULL},
	{0, "bot", OPT_LIST, &args.bots, "NAME", "a bot of ours; may be repeated", NULL, NULL},
	{0, "account", OPT_TEXT, &args.account, "NAME", "second half of source", NULL, NULL},
	{0, "tz", OPT_TEXT, &args.tz, "ZONE", "zone of local times (UTC, marked)", NULL, NULL},
	{0, "region", OPT_TEXT, &args.region, "CC", "country of national telephone numbers", NULL,
		NULL},
	{0, "start", OPT_WHEN, &args.start, "TIME", "beginning of transcripts that tell none", NULL,
		NULL},
	{0, "profile", OPT_TEXT, &args.profile, "FILE", "read account, self, bots, tz, region here",
		NULL, NULL},
	{0, "sort", OPT_SET, &args.sort, NULL, "records of all inputs in the order of their time",
		NULL, NULL},
	{0, "reject", OPT_TEXT, &args.reject, "FILE", "append what is rejected here", NULL, NULL},
	{'q', "quiet", OPT_SET, &args.quiet, NULL, "no summary and no notices", NULL, NULL},
	{0, "max-line", OPT_SIZE, &args.max_line, "SIZE", "longest line or message (1M)", NULL,
		NULL},
	{0, "explain", OPT_SET, &args.explain, NULL,
		"tell what each input is taken for, and no records", NULL, NULL},
	{0, "formats", OPT_SET, &args.formats, NULL, "list the formats that are known", NULL, NULL},
	{0, "show-map", OPT_TEXT, &args.show_map, "NAME", "print a map, to start from", NULL,
		"!--formats"},
	{0, "check", OPT_SET, &args.check, NULL, "look through map files, and leave", NULL, NULL},
	OPT_END,
};

static const struct command command = {"jnorm", "[file|folder|- ...]",
	"Turns exports of all channels into event records.", NULL, opts};

static void tell(const char *message)
{
	warn("%s", message);
}

static void note(const char *message)
{
	if (!args.quiet)
		warn("%s", message);
}

static void fill(struct normalize *n, struct buf *err)
{
	if (args.tz && when_zone(args.tz, err) < 0)
		die("%s", err->s);
	if (opt_times(&command, err) < 0)
		die("%s", err->s);
	n->opt = (struct adapt_options){.account = args.account,
		.region = args.region,
		.self = args.self.v,
		.selves = args.self.n,
		.bots = args.bots.v,
		.botn = args.bots.n,
		.tz_given = args.tz != NULL,
		.start_given = args.start.text != NULL,
		.start = args.start.ms,
		.max_line = (size_t)args.max_line,
		.quiet = args.quiet};
	n->format = args.format;
	n->maps = args.maps.v;
	n->map_n = args.maps.n;
	n->profile = args.profile;
	n->explain = args.explain;
	n->sort = args.sort;
	n->tell = tell;
	n->note = note;
}

/* What is told instead of reading. */
static int tell_about(struct normalize *n, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status = args.show_map ? normalize_map(n, args.show_map, &text, err)
				   : normalize_formats(n, &text, err);

	if (status == 0)
		status = out_put(n->out, buf_str(&text), err);
	buf_release(&text);
	return status;
}

static int check_maps(const struct operands *given, struct out *out, struct buf *err)
{
	struct buf text = BUF_INIT;
	int64_t wrong;

	if (!given->argc)
		die("--check needs a map file");
	wrong = normalize_check(given->argv, (size_t)given->argc, &text, err);
	if (wrong < 0 || out_put(out, buf_str(&text), err) < 0 || out_close(out, err) < 0)
		die("%s", err->s);
	buf_release(&text);
	return wrong ? EXIT_NO : EXIT_DONE;
}

static int read_all(struct normalize *n, struct operands *given, struct buf *err)
{
	static char dash[] = "-";
	char *const none[] = {dash};

	return given->argc ? normalize(n, given->argv, (size_t)given->argc, err)
			   : normalize(n, none, 1, err);
}

/* Dead letters go down before the records behind them; a failure of either is worse than what the
 * inputs gave. */
static int finish(struct normalize *n, int status, struct buf *err)
{
	struct buf more = BUF_INIT;

	if (status >= 0 && (ledger_flush(n->ledger, err) < 0 || out_flush(n->out, err) < 0))
		status = -1;
	if (n->empty || n->unread)
		buf_printf(&more, "%llu empty, %llu inputs not read", (unsigned long long)n->empty,
			(unsigned long long)n->unread);
	if (status < 0) {
		warn("%s", err->s);
		out_flush(n->out, err);
		ledger_settle(n->ledger, n->out);
	}
	buf_clear(err);
	if (ledger_close(n->ledger, more.len ? more.s : NULL, err) < 0) {
		warn("%s", err->s);
		status = -1;
	}
	buf_release(&more);
	if (status < 0 || status == NORMALIZE_UNREAD)
		return EXIT_STOPPED;
	return status == NORMALIZE_UNKNOWN ? EXIT_REJECTED : ledger_exit(n->ledger);
}

int main(int argc, char **argv)
{
	struct operands given;
	struct ledger ledger;
	struct out out;
	struct normalize n = {.ledger = &ledger, .out = &out};
	struct buf err = BUF_INIT;
	bool about;
	int status;

	program_start("jnorm");
	given = opt_parse(&command, argc, argv);
	fill(&n, &err);
	out_stdout(&out);
	if (args.check)
		return check_maps(&given, &out, &err);
	about = args.formats || args.show_map;
	if (ledger_open(&ledger, args.reject, args.quiet || args.explain || about, &err) < 0)
		die("%s", err.s);
	status = about ? tell_about(&n, &err) : read_all(&n, &given, &err);
	status = finish(&n, status, &err);
	if (out_close(&out, &err) < 0 && status != EXIT_STOPPED) {
		warn("%s", err.s);
		status = EXIT_STOPPED;
	}
	opt_list_release(&args.maps);
	opt_list_release(&args.self);
	opt_list_release(&args.bots);
	buf_release(&err);
	return status;
}
