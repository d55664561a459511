#include "io/prompt.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#define KEPT 2000 /* lines of history */

static struct {
	prompt_complete *complete;
	void *ctx;
	const volatile sig_atomic_t *stop;
	struct buf history; /* its path; empty: none */
	struct buf *line;
	struct prompt_words words;
	size_t next;
	bool done, end;
} now = {.history = BUF_INIT};

static volatile sig_atomic_t ending; /* a signal that ends the program */

void prompt_offer(struct prompt_words *out, struct str word, const char *name)
{
	if (str_starts(str_of(name), word))
		*VEC_ADD(out, v, n, cap) = mem_string(name);
}

static void forget_words(void)
{
	for (size_t i = now.next; i < now.words.n; i++)
		free(now.words.v[i]);
	now.words.n = now.next = 0;
}

/* Readline asks for one word after the other, and frees each. */
static char *next_word(const char *text, int state)
{
	(void)text;
	(void)state;
	return now.next < now.words.n ? now.words.v[now.next++] : NULL;
}

static char **complete(const char *text, int start, int end)
{
	struct str before = {rl_line_buffer, (size_t)start};

	(void)end;
	forget_words();
	rl_attempted_completion_over = now.words.n == 0;
	now.complete(now.ctx, before, str_of(text), &now.words);
	rl_attempted_completion_over = now.words.n > 0;
	return now.words.n ? rl_completion_matches(text, next_word) : NULL;
}

void prompt_open(const char *name, prompt_complete *complete_with, void *ctx,
	const volatile sig_atomic_t *stop)
{
	now.complete = complete_with;
	now.ctx = ctx;
	now.stop = stop;
	rl_readline_name = name;
	rl_attempted_completion_function = complete;
	rl_basic_word_break_characters = " \t\n,;()=<>'\"";
	rl_completer_word_break_characters = rl_basic_word_break_characters;
	rl_completer_quote_characters = "";
	/* Signals are ours: they are let through only while we wait. */
	rl_catch_signals = 0;
	using_history();
	stifle_history(KEPT);
}

int prompt_history(const char *path, struct buf *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || fchmod(fd, 0600) < 0 || close(fd) < 0 || read_history(path) != 0) {
		buf_printf(err, "%s: %s", path, strerror(errno));
		return -1;
	}
	history_truncate_file(path, KEPT);
	buf_puts(&now.history, path);
	return 0;
}

void prompt_keep(const char *line)
{
	HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;

	if (!line[strspn(line, " \t")] || (last && strcmp(last->line, line) == 0))
		return;
	add_history(line);
	if (now.history.len)
		append_history(1, now.history.s);
}

static void take_line(char *text)
{
	now.done = true;
	now.end = !text;
	if (text)
		buf_puts(now.line, text);
	free(text);
	/* Else readline shows the prompt again at once. */
	rl_callback_handler_remove();
}

static void note_end(int number)
{
	ending = number;
}

/* The terminal is as it was when a signal ends the program. */
static void await_signals(struct sigaction before[2], bool on)
{
	static const int numbers[2] = {SIGTERM, SIGHUP};
	const struct sigaction note = {.sa_handler = note_end};

	for (int i = 0; i < 2; i++)
		sigaction(numbers[i], on ? &note : &before[i], on ? &before[i] : NULL);
}

static void await_key(const sigset_t *open)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

	if (ppoll(&p, 1, NULL, open) > 0)
		rl_callback_read_char();
}

enum prompt_status prompt_line(const char *text, struct buf *line)
{
	struct sigaction before[2];
	sigset_t held, open;
	bool stopped;

	buf_clear(line);
	now.line = line;
	now.done = now.end = false;
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigprocmask(SIG_BLOCK, &held, &open);
	await_signals(before, true);
	rl_callback_handler_install(text, take_line);
	while (!now.done && !*now.stop && !ending)
		await_key(&open);
	stopped = !now.done;
	if (stopped) {
		rl_callback_handler_remove();
		fputs(*now.stop ? "^C\n" : "\n", stdout);
		fflush(stdout);
	} else if (now.end) {
		puts("");
		fflush(stdout);
	}
	await_signals(before, false);
	sigprocmask(SIG_SETMASK, &open, NULL);
	if (ending)
		raise(ending);
	return stopped ? PROMPT_STOPPED : now.end ? PROMPT_END : PROMPT_LINE;
}

void prompt_close(void)
{
	forget_words();
	free(now.words.v);
	now.words.v = NULL;
	buf_release(&now.history);
	clear_history();
}
