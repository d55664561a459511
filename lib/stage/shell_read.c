#include "base/die.h"
#include "io/lines.h"
#include "stage/shell.h"

#define LONGEST ((size_t)1 << 20) /* bytes of a command */

static uint64_t count_lines(const char *from, const char *to)
{
	uint64_t n = 0;

	for (; from < to; from++)
		n += *from == '\n';
	return n;
}

/* What went wrong first is what the shell leaves with; that there is no answer gives way to it. */
static void note(int *code, int one)
{
	if (*code == EXIT_DONE || (*code == EXIT_NO && one != EXIT_DONE))
		*code = one;
}

struct reading {
	const struct shell_runner *r;
	bool script, prompt;
	uint64_t line; /* where what was typed begins */
	int code;
};

static void run_one(struct reading *in, struct str text, uint64_t line)
{
	struct buf copy = BUF_INIT;
	int code;

	/* The command may read on, as export does, while the text is taken apart. */
	buf_put(&copy, text);
	code = in->r->run(in->r->ctx, buf_str(&copy), in->script ? line : 0);
	buf_release(&copy);
	note(&in->code, code);
	if (code > EXIT_NO && !in->prompt && !in->r->keep_going)
		in->r->shell->leaving = true;
}

/* Runs the commands that the text has whole, and at the end the last one too. */
static void run_typed(struct reading *in, bool end)
{
	struct shell *s = in->r->shell;
	struct str rest = buf_str(&s->typed), text;
	bool whole, any;

	while (!s->leaving && (any = shell_next(&rest, &text, &whole), true)) {
		const char *begin = s->typed.s;

		if (any && !whole && !end)
			return;
		if (any)
			run_one(in, text, in->line + count_lines(begin, text.s));
		in->line += count_lines(begin, rest.s);
		buf_drop(&s->typed, s->typed.len - rest.len);
		rest = buf_str(&s->typed);
		if (!any)
			return;
	}
}

int shell_run_texts(const struct shell_runner *r, const char *const *texts, size_t n)
{
	struct reading in = {.r = r, .line = 1};

	for (size_t i = 0; i < n && !r->shell->leaving; i++) {
		buf_puts(&r->shell->typed, texts[i]);
		run_typed(&in, true);
	}
	return in.code;
}

/* One line of the script; false at its end. */
static bool read_line(struct reading *in, struct lines *l, struct buf *err)
{
	struct buf *typed = &in->r->shell->typed;
	struct str text;
	int got = lines_next(l, &text, err);

	if (got == LINES_END)
		return false;
	if (got == LINES_LONG || typed->len > LONGEST)
		buf_printf(err, "<stdin>:%llu: a command longer than 1 MiB",
			(unsigned long long)l->number);
	if (err->len) {
		warn("%s", err->s);
		in->code = EXIT_STOPPED;
		in->r->shell->leaving = true;
		return false;
	}
	buf_put(typed, text);
	buf_byte(typed, '\n');
	return true;
}

int shell_run_script(const struct shell_runner *r)
{
	struct reading in = {.r = r, .script = true, .line = 1};
	struct buf err = BUF_INIT;
	struct lines l;

	if (lines_open(&l, NULL, LONGEST, &err) < 0) {
		warn("%s", err.s);
		buf_release(&err);
		return EXIT_STOPPED;
	}
	while (!r->shell->leaving && read_line(&in, &l, &err))
		run_typed(&in, false);
	if (!r->shell->leaving)
		run_typed(&in, true);
	lines_close(&l);
	buf_release(&err);
	return in.code;
}

/* ---- a terminal ---- */

static void put_prompt(const struct shell *s, bool colour, struct buf *out)
{
	struct buf standing = BUF_INIT;

	buf_clear(out);
	shell_standing(s, &standing);
	buf_puts(out, colour ? "\001\033[1m\002" : "");
	if (s->typed.len)
		buf_puts(out, "...");
	else
		buf_printf(out, "jsh%s%s", standing.len ? " " : "", standing.s);
	buf_puts(out, colour ? "> \001\033[0m\002" : "> ");
	buf_release(&standing);
}

/* Lines of one command are one line of history. */
static void keep_entry(const struct shell *s, struct buf *entry)
{
	if (s->typed.len)
		return;
	prompt_keep(entry->s);
	buf_clear(entry);
}

static void take_line(struct reading *in, const struct buf *line, struct buf *entry)
{
	struct shell *s = in->r->shell;

	buf_puts(entry, entry->len ? " " : "");
	buf_put(entry, buf_str(line));
	buf_put(&s->typed, buf_str(line));
	buf_byte(&s->typed, '\n');
	run_typed(in, false);
	keep_entry(s, entry);
}

static void open_prompt(struct shell *s)
{
	struct buf path = BUF_INIT, err = BUF_INIT;

	prompt_open("jsh", shell_complete, s, s->stop);
	if (shell_history(s, &path, &err) < 0 || prompt_history(path.s, &err) < 0)
		warn("no history is kept: %s", err.s);
	buf_release(&path);
	buf_release(&err);
}

int shell_run_prompt(const struct shell_runner *r, bool colour)
{
	struct buf prompt = BUF_INIT, line = BUF_INIT, entry = BUF_INIT;
	struct reading in = {.r = r, .prompt = true, .line = 1};
	struct shell *s = r->shell;
	enum prompt_status got;

	open_prompt(s);
	while (!s->leaving) {
		*s->stop = 0;
		put_prompt(s, colour, &prompt);
		got = prompt_line(prompt.s, &line);
		if (got == PROMPT_END)
			break;
		if (got == PROMPT_LINE) {
			take_line(&in, &line, &entry);
		} else {
			buf_clear(&s->typed);
			buf_clear(&entry);
		}
	}
	prompt_close();
	buf_release(&prompt);
	buf_release(&line);
	buf_release(&entry);
	return EXIT_DONE;
}
