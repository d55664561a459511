/*
 * A command of the user's that runs beside the program: bytes go to its stdin and come from its
 * stdout, both at once, so that neither waits for the other whatever is buffered where. It runs in
 * a process group of its own, of which nothing is left when it is ended, or when a signal ends us.
 */
#ifndef IO_COPROCESS_H
#define IO_COPROCESS_H

#include "base/buf.h"

#include <sys/types.h>

struct coprocess {	   /* one at a time */
	pid_t pid;	   /* 0: none runs */
	int in, out;	   /* to and from it; -1: closed */
	bool finishing;	   /* its stdin is closed once all is sent */
	struct buf unsent; /* from sent on */
	size_t sent;
	struct buf got; /* from taken on */
	size_t taken;
};

enum coprocess_step {
	COPROCESS_TIME,	 /* nothing moved until then */
	COPROCESS_MOVED, /* bytes were sent or came, or it closed an end */
	COPROCESS_ALSO,	 /* the other descriptor can be read */
};

/* Runs `sh -c command`; its stderr is ours. -1 and a reason on failure. End with coprocess_end. */
int coprocess_start(struct coprocess *c, const char *command, struct buf *err);
/* Bytes that go to its stdin, as coprocess_step sends them; dropped where it has closed it. */
void coprocess_send(struct coprocess *c, struct str bytes);
/* Nothing more is sent. */
void coprocess_finish(struct coprocess *c);
/* Sends and takes what can be, or waits until then (when_steady); also: another descriptor to wait
 * for, or -1. */
enum coprocess_step coprocess_step(struct coprocess *c, int also, int64_t until);
/* The next whole line that came, without LF; the last one may lack it. Borrowed until the next step
 * or line. */
bool coprocess_line(struct coprocess *c, struct str *line);
/* Whether nothing more comes from it. */
static inline bool coprocess_done(const struct coprocess *c)
{
	return c->out < 0;
}
/* Bytes that came and have been taken by nobody. */
static inline size_t coprocess_held(const struct coprocess *c)
{
	return c->got.len - c->taken;
}
/* Waits for its end until then. Appends how it ended, where it did not end well; false: it has not
 * ended. */
bool coprocess_wait(struct coprocess *c, int64_t until, struct buf *how);
/* Kills what is left of its group. */
void coprocess_end(struct coprocess *c);

#endif
