#include "base/die.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *name_of_program = "jtools";

void program_start(const char *name)
{
	name_of_program = name;
	signal(SIGPIPE, SIG_DFL);
}

const char *program_name(void)
{
	return name_of_program;
}

static void say(const char *fmt, va_list ap)
{
	char text[4096];

	vsnprintf(text, sizeof(text), fmt, ap);
	fprintf(stderr, "%s: %s\n", name_of_program, text);
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

void bug_at(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s: %s:%d: %s\n", name_of_program, file, line, what);
	abort();
}
