#include "base/die.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *name_of_program = "jtools";
static bool line_stands;

/*
 * A descriptor that is closed would be given to the next file opened, and what is written to stdout
 * would go there. It is taken by one that cannot be used as it is meant: that fails and is told.
 */
static void take_closed(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int got;

		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		got = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
		if (got != fd)
			_exit(EXIT_STOPPED);
	}
}

void program_start(const char *name)
{
	name_of_program = name;
	signal(SIGPIPE, SIG_DFL);
	take_closed();
}

const char *program_name(void)
{
	return name_of_program;
}

void die_line(const char *text)
{
	if (line_stands || text)
		fputs("\r\033[K", stderr);
	if (text)
		fprintf(stderr, "%s: %s", name_of_program, text);
	fflush(stderr);
	line_stands = text != NULL;
}

static void say(const char *fmt, va_list ap)
{
	struct buf plain = BUF_INIT;
	char text[4096];

	vsnprintf(text, sizeof(text), fmt, ap);
	/* Names and values in it come from data, which may not command the terminal. */
	text_plain(&plain, str_of(text));
	if (line_stands)
		die_line(NULL);
	fprintf(stderr, "%s: %s\n", name_of_program, plain.s);
	buf_release(&plain);
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	/* At once: nothing is buffered in stdio, and what is held is the system's to take back. */
	_exit(EXIT_STOPPED);
}

void die_unread(void)
{
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
	_exit(EXIT_STOPPED);
}

void bug_at(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s: %s:%d: %s\n", name_of_program, file, line, what);
	abort();
}
