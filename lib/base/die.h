/* The program's name, its exit codes and its ways of speaking on stderr. */
#ifndef BASE_DIE_H
#define BASE_DIE_H

enum exit_code {
	EXIT_DONE = 0,	    /* all done */
	EXIT_NO = 1,	    /* the answer is no: check, verify, diff */
	EXIT_STOPPED = 2,   /* usage, configuration, input/output, database */
	EXIT_REJECTED = 65, /* ran to the end, some records rejected */
	EXIT_BUSY = 75,	    /* the database stayed busy past the wait: try again */
};

/*
 * Sets the name that messages begin with and the default action of SIGPIPE, and sees to it that
 * using a closed stdin, stdout or stderr fails. Call first in main.
 */
void program_start(const char *name);
const char *program_name(void);

/* "name: message" on stderr, then exit 2. Only cmd/ and code that runs out of memory call it. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Nobody reads what we write: ends as a write would, quietly. */
_Noreturn void die_unread(void);
/* "name: message" on stderr, in both '?' for control characters. */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A line on a terminal's stderr that the next one, or a message, takes the place of; NULL: it is
 * taken away. */
void die_line(const char *text);
/* A broken invariant: "name: file:line: what", then abort. */
#define BUG(what) bug_at(__FILE__, __LINE__, what)
_Noreturn void bug_at(const char *file, int line, const char *what);

#endif
