/* jsh: a shell over a journey file, which only reads it. */
#include "answer.h"
#include "tool.h"
#include "base/die.h"
#include "base/mem.h"
#include "base/near.h"
#include "io/pager.h"

#include <stdlib.h>
#include <unistd.h>

static const char *db, *folder, *zone, *format;
static struct opt_list commands_given, extra;
static bool quiet, keep_going, interactive;
static int64_t wait_ms = STORE_WAIT_DEFAULT;
static volatile sig_atomic_t stop;

static const struct opt opts[] = {
	TOOL_DB(&db),
	{'c', "command", OPT_LIST, &commands_given, "COMMAND",
		"answer it, and read no stdin; may be repeated", NULL, NULL},
	{'o', "output", OPT_TEXT, &format, "FORMAT",
		"table, ndjson or csv (table on a terminal, else ndjson)", NULL,
		"table ndjson csv"},
	{0, "keep-going", OPT_SET, &keep_going, NULL, "go on after a command that failed", NULL,
		NULL},
	{0, "metrics", OPT_LIST, &extra, "DIR", "more definitions; the same id replaces", NULL,
		NULL},
	TOOL_TZ(&zone),
	TOOL_ONTOLOGY(&folder),
	TOOL_WAIT(&wait_ms),
	{'q', "quiet", OPT_SET, &quiet, NULL, "no notices on stderr", NULL, NULL},
	OPT_END,
};

static const struct command command = {"jsh", "",
	"Answers questions about a journey file, by hand on a terminal or from a script.", NULL,
	opts};

static struct answers all = {.sh = {.as_of = INT64_MAX, .stop = &stop, .typed = BUF_INIT}};
static struct buf last = BUF_INIT; /* the last command that answered: what export repeats */

/* ---- commands of the shell itself ---- */

static int run_find(struct answers *a, char **w, size_t n, struct buf *err)
{
	struct buf text = BUF_INIT;
	bool more = false;
	int status;

	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%s%s", i ? " " : "", w[i]);
	status = shell_find(&a->sh, text.s, &more, err);
	if (status == 0 && more && !quiet)
		warn("there are more, and the first are shown");
	buf_release(&text);
	return status;
}

/* The customer stays where she was known by then under her number. */
static int run_as_of(struct answers *a, char **w, size_t n, struct buf *err)
{
	struct buf who = BUF_INIT;
	int status = n ? shell_as_of(&a->sh, w[0], err) : 0;

	if (status == 0 && n && !a->sh.as_of && strcmp(w[0], "0") != 0 && !quiet)
		warn("nothing was on record by then (the time is that of recording)");
	if (status == 0 && a->sh.customer) {
		buf_printf(&who, "c%lld", (long long)a->sh.customer);
		if (shell_customer(&a->sh, who.s, err) < 0) {
			warn("%s: no customer as of then", who.s);
			a->sh.customer = 0;
			buf_clear(err);
		}
	}
	buf_release(&who);
	return status;
}

static int run_since(struct answers *a, char **w, size_t n, struct buf *err)
{
	return shell_since(&a->sh, n ? w[0] : "-", err);
}

static int run_until(struct answers *a, char **w, size_t n, struct buf *err)
{
	return shell_until(&a->sh, n ? w[0] : "-", err);
}

static int run_quit(struct answers *a, char **w, size_t n, struct buf *err)
{
	(void)w, (void)n, (void)err;
	a->sh.leaving = true;
	return 0;
}

static answer_run run_help, run_export;

#define ANY 64 /* words */

static const struct line {
	const char *name, *args, *about;
	size_t least, most; /* words behind it */
	answer_run *run;    /* NULL: sql */
	bool answers;	    /* export can repeat it */
} lines[] = {
	{"find", "TEXT | IDENTIFIER | INTENT",
		"who and what was said that holds it, or is of the intent", 1, ANY, run_find, true},
	{"customer", "[C | -]",
		"make C (c17, or an identifier) the current customer; tell her "
		"last state",
		0, 1, answer_customer, true},
	{"timeline", "", "her story across channels", 0, 0, answer_timeline, true},
	{"context", "", "what travels with a handoff of hers", 0, 0, answer_context, true},
	{"contacts", "", "conversations, hers or all", 0, 0, answer_contacts, true},
	{"issues", "", "matters", 0, 0, answer_issues, true},
	{"switches", "", "changes of channel on a matter", 0, 0, answer_switches, true},
	{"flow", "[OF]", "which contacts follow which, by channel, intent, family, stage or class",
		0, 1, answer_flow, true},
	{"metrics", "[METRIC ...] [by DIM[,DIM]]", "figures, hers or of all", 0, ANY,
		answer_metrics, true},
	{"why", "METRIC [hit | miss | all] | EVENT",
		"the rows behind a figure; the rule behind the decisions on an event", 1, 2,
		answer_why, true},
	{"route", "RULES [SEQ]", "what would be decided for an event, else for her last word", 1, 2,
		answer_route, true},
	{"sql", "SELECT ... ;", "a query over the views, which may go on over lines", 1, ANY, NULL,
		true},
	{"as-of", "SEQ | TIME | now", "answer as of a place in the log from here on", 1, 1,
		run_as_of, false},
	{"since", "[TIME | -]", "what began at or after it alone", 0, 1, run_since, false},
	{"until", "[TIME | -]", "what began before it alone", 0, 1, run_until, false},
	{"export", "[ndjson | csv] FILE", "ask the last question again, and write the answer", 1, 2,
		run_export, false},
	{"help", "[COMMAND]", "list the commands, or tell how one is written", 0, 1, run_help,
		true},
	{"quit", "", "leave, as Ctrl-D does", 0, 0, run_quit, false},
};
#define LINES (sizeof(lines) / sizeof(lines[0]))

static const struct line *find_line(const char *name)
{
	for (size_t i = 0; i < LINES; i++)
		if (strcmp(lines[i].name, name) == 0)
			return &lines[i];
	return NULL;
}

static int no_such(const char *name, struct buf *err)
{
	struct near near;
	struct buf text = BUF_INIT;

	near_begin(&near, str_of(name));
	for (size_t i = 0; i < LINES; i++)
		near_see(&near, lines[i].name);
	near_put(&near, "", &text);
	buf_printf(err, "no such command: %s (%s%s)", name, text.len ? "did you mean " : "help",
		text.len ? text.s : " lists them");
	if (text.len) {
		buf_cut(err, err->len - 1);
		buf_puts(err, "?)");
	}
	buf_release(&text);
	return STORE_ERROR;
}

static int run_help(struct answers *a, char **w, size_t n, struct buf *err)
{
	const struct line *one = n ? find_line(w[0]) : NULL;
	struct buf text = BUF_INIT, head = BUF_INIT;
	int status;

	if (n && !one)
		return no_such(w[0], err);
	for (size_t i = 0; i < LINES; i++) {
		if (one && one != &lines[i])
			continue;
		buf_clear(&head);
		buf_printf(&head, "%s %s", lines[i].name, lines[i].args);
		buf_printf(&text, "%-38s %s\n", head.s, lines[i].about);
	}
	status = out_put(a->sh.out, buf_str(&text), err);
	buf_release(&head);
	buf_release(&text);
	return status;
}

/* ---- running one ---- */

static int usage(const struct line *l, struct buf *err)
{
	buf_printf(err, "%s is written: %s %s", l->name, l->name, l->args);
	return STORE_ERROR;
}

static int run_words(struct str text, const struct shell_words *w, struct buf *err)
{
	const struct line *l = find_line(w->v[0]);
	size_t n = w->n - 1;
	int status;

	if (!l)
		return no_such(w->v[0], err);
	if (n < l->least || n > l->most)
		return usage(l, err);
	status = l->run ? l->run(&all, w->v + 1, n, err)
			: answer_sql(&all, shell_behind(text, 1), err);
	if (l->answers && status >= 0 && text.s != last.s) {
		buf_clear(&last);
		buf_put(&last, text);
	}
	return status;
}

/* Writes into all.sh.out. The text of sql is not taken apart into words. */
static int run_text(struct str text, struct buf *err)
{
	struct shell_words w = {NULL, 0, 0};
	bool sql = str_starts(text, STR("sql ")) || str_starts(text, STR("sql\n")) ||
		   str_starts(text, STR("sql\t"));
	int status = shell_split(sql ? STR("sql ...") : text, &w, err);

	select_stop_at(all.sh.store, &stop);
	if (status == 0 && w.n && !stop)
		status = run_words(text, &w, err);
	if (stop) {
		buf_clear(err);
		buf_puts(err, "stopped");
		status = STORE_ERROR;
	}
	shell_words_release(&w);
	return status;
}

/* [FORMAT] FILE; without a format the name's end says it. What is there is replaced when all is
 * written. */
static int run_export(struct answers *a, char **w, size_t n, struct buf *err)
{
	enum shell_format before = a->sh.format;
	struct out file, *shown = a->sh.out;
	bool csv = n > 1 ? strcmp(w[0], "csv") == 0 : str_ends(str_of(w[0]), STR(".csv"));
	int status, closed;

	if (n > 1 && !csv && strcmp(w[0], "ndjson") != 0)
		return usage(find_line("export"), err);
	if (!last.len) {
		buf_puts(err, "nothing was asked yet");
		return STORE_ERROR;
	}
	if (out_beside(&file, w[n - 1], 0600, err) < 0)
		return STORE_ERROR;
	a->sh.format = csv ? SHELL_CSV : SHELL_NDJSON;
	a->sh.out = &file;
	status = run_text(buf_str(&last), err);
	a->sh.format = before;
	a->sh.out = shown;
	closed = out_whole(&file, w[n - 1], status >= 0, err);
	return status < 0 ? status : closed;
}

/* An answer that fails on a terminal shows nothing. */
static int run_paged(struct str text, struct buf *err)
{
	struct out paged, *before = all.sh.out;
	struct buf later = BUF_INIT;
	int status = pager_begin(&paged, err);

	if (status < 0)
		return status;
	all.sh.out = &paged;
	status = run_text(text, err);
	all.sh.out = before;
	if (status >= 0)
		return pager_show(&paged, err) < 0 ? STORE_ERROR : status;
	buf_clear(&paged.pending);
	out_close(&paged, &later);
	buf_release(&later);
	return status;
}

/* A shell_run. The exit code that the command leaves with. */
static int run_command(void *ctx, struct str text, uint64_t line)
{
	struct buf err = BUF_INIT;
	int status = interactive ? run_paged(text, &err) : run_text(text, &err);

	(void)ctx;
	if (!interactive && out_flush(all.sh.out, &err) < 0)
		status = STORE_ERROR;
	if (status < 0 && line)
		warn("<stdin>:%llu: %s", (unsigned long long)line, err.s);
	else if (status < 0)
		warn("%s", err.s);
	buf_release(&err);
	return status == STORE_BUSY ? EXIT_BUSY
	       : status < 0	    ? EXIT_STOPPED
	       : status > 0	    ? EXIT_NO
				    : EXIT_DONE;
}

/* ---- */

static void interrupt(int number)
{
	(void)number;
	stop = 1;
	if (all.sh.store)
		select_stop(all.sh.store);
}

static bool colours(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (!no || !*no);
}

static enum shell_format format_of(void)
{
	static const char *const names[] = {"table", "ndjson", "csv"};

	if (!format)
		return isatty(STDOUT_FILENO) ? SHELL_TABLE : SHELL_NDJSON;
	for (int i = 0; i < 3; i++)
		if (strcmp(format, names[i]) == 0)
			return (enum shell_format)i;
	die("--output: none of table, ndjson, csv: %s", format);
}

/* For completion. */
static const char **names_of_commands(void)
{
	const char **v = mem_zero(LINES + 1, sizeof(*v));

	for (size_t i = 0; i < LINES; i++)
		v[i] = lines[i].name;
	return v;
}

static int run_shell(void)
{
	const char **commands = names_of_commands();
	const struct sigaction act = {.sa_handler = interrupt};
	const struct shell_runner runner = {&all.sh, run_command, NULL, keep_going};
	int code;

	all.sh.commands = commands;
	if (interactive)
		sigaction(SIGINT, &act, NULL);
	code = commands_given.n ? shell_run_texts(&runner, commands_given.v, commands_given.n)
	       : interactive	? shell_run_prompt(&runner, all.colour)
				: shell_run_script(&runner);
	free(commands);
	return code;
}

int main(int argc, char **argv)
{
	struct buf err = BUF_INIT;
	struct ontology *ontology;
	struct operands o;
	struct out out;
	int code;

	program_start("jsh");
	o = opt_parse(&command, argc, argv);
	tool_no_operands(o.argc, o.argv);
	tool_zone(zone);
	interactive = !commands_given.n && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	ontology = tool_ontology(folder);
	all.sh.format = format_of();
	all.sh.ontology = ontology;
	if (answers_open(&all, &extra, &err) < 0)
		die("%s", err.s);
	all.sh.store = tool_store(db, STORE_READ, wait_ms);
	all.db = db;
	all.wait_ms = wait_ms;
	all.quiet = quiet;
	all.colour = colours();
	out_stdout(&out);
	all.sh.out = &out;
	code = run_shell();
	answers_close(&all);
	ontology_free(ontology);
	opt_list_release(&commands_given);
	opt_list_release(&extra);
	buf_release(&last);
	if (out_close(&out, &err) < 0 && code <= EXIT_NO)
		code = tool_status(STORE_ERROR, &err);
	return code;
}
