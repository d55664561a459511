/*
 * The command line: one const table a command gives its parsing, its --help and its words for
 * completion. Options are read getopt style anywhere on the line; the first operand is the verb
 * where the command has verbs; where they have operands in common (`args`), one that is no verb
 * begins those of the first verb.
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include "base/buf.h"

enum opt_kind {
	OPT_SET,    /* to: bool *, becomes true */
	OPT_TEXT,   /* to: const char **, borrowed from argv */
	OPT_ONE,    /* the same; a second one is refused: it would say to whom something is done */
	OPT_REASON, /* as OPT_TEXT, but blanks alone are none: a variable that was empty */
	OPT_LIST,   /* to: struct opt_list *, repeatable */
	OPT_COUNT,  /* to: int64_t *, a whole number from 0 */
	OPT_SIZE,   /* to: int64_t *, bytes, with K, M or G */
	OPT_SPAN,   /* to: int64_t *, milliseconds, written 30m, 24h, 7d */
	OPT_WHEN,   /* to: struct opt_when *, RFC 3339, a date, or a span back from now */
};

struct opt_list {
	const char **v;
	size_t n, cap;
};

struct opt_when {
	const char *text; /* NULL: not given */
	int64_t ms;
};

struct opt {
	char letter; /* 0: none */
	const char *name;
	enum opt_kind kind;
	void *to;
	const char *arg;   /* what --help calls the value; NULL for OPT_SET */
	const char *help;  /* one line, lower case, no full stop */
	const char *verbs; /* blank-separated verbs it goes with; NULL: all */
	/*
	 * Values for completion, or NULL: words with blanks between, or "!--list" for the first
	 * column of what the command writes with --list. Operands that are called as the value is,
	 * in small letters, are completed with them too.
	 */
	const char *words;
};

struct verb {
	const char *name, *args, *about;
	int (*run)(int argc, char **argv); /* operands after the verb; gives the exit code */
};

struct command {
	const char *name, *args, *about; /* args "": one of its verbs must be named */
	const struct verb *verbs; /* ends with a NULL name; NULL where the command has none */
	const struct opt *opts;	  /* ends with a NULL name */
};

struct operands {
	const struct verb *verb; /* NULL where the command has none */
	int argc;
	char **argv;
};

/*
 * Parses the line into the table's targets. --help, --version and --words [VERB] (for completion)
 * print and exit 0; a wrong line ends with a message and exit 2. OPT_WHEN values are read by
 * opt_times, after the zone is known.
 */
struct operands opt_parse(const struct command *c, int argc, char **argv);
/* Reads the texts of all OPT_WHEN options; -1 and a reason where one is no time, or "since" is not
 * before "until" (or options whose names end so). */
int opt_times(const struct command *c, struct buf *err);
void opt_list_release(struct opt_list *l);
/* What an option's values name, with commas or one by one; none where it was not given. Values that
 * name nothing end the program. For the life of the program. */
struct opt_list opt_list_split(const struct opt_list *given, const char *name);

#define JTOOLS_VERSION "0.1.0"

#define OPT_END                                                                                    \
	{                                                                                          \
		0, NULL, OPT_SET, NULL, NULL, NULL, NULL, NULL                                     \
	}

#endif
