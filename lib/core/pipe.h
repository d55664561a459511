/*
 * The loop of a filter: records in from files or stdin, one call for each, records out. Runs in
 * constant memory, and what is ready goes out before the loop waits for more input, so that live
 * use passes on one record at a time.
 */
#ifndef CORE_PIPE_H
#define CORE_PIPE_H

#include "core/event.h"
#include "core/ledger.h"
#include "io/lines.h"
#include "io/out.h"

struct pipe {
	struct ledger *ledger; /* counts `read` and `rejected` here; `written` in pipe_put */
	struct out *out;
	size_t max_line;    /* bytes of a record */
	const char *follow; /* NULL, or a file to read after the paths, for ever: until SIGINT or
			       SIGTERM */
	bool silent;	    /* nothing goes out: that nobody reads it ends no following */
	/*
	 * NULL, or called before the loop waits and once at the end: commit what is held back and
	 * put it out. What has been put is flushed after it. -1 and a reason stop the run.
	 */
	int (*idle)(void *ctx, struct buf *err);
	/* NULL, or asked before the loop waits: may wait a little; false: there is more by now. */
	bool (*pauses)(void *ctx);
	/* The place of the record at hand, within `each`: in.name, in.number, in.offset. */
	struct lines in;
	enum event_fault fault; /* for PIPE_REFUSE */
};

/* What `each` gives back. */
enum pipe_status {
	PIPE_STOP = -1, /* with a reason: the run ends */
	PIPE_TAKEN = 0, /* the caller accounts for it: written, or a duplicate */
	PIPE_REFUSE =
		1, /* with a reason, and pipe.fault set: the record goes to the dead letters */
};

/* Looks whether each path, and what is followed (or NULL), is there, can be read and is no folder;
 * "-" is. -1 and the reason: a wrong name is told before anything has been made or written. */
int pipe_look(char *const *paths, size_t n, const char *follow, struct buf *err);
/*
 * Reads all records of the paths ("-" is stdin; n 0 and nothing to follow: stdin) and hands each to
 * `each`, which may keep nothing of it beyond the call. Lines that are too long or no event are
 * rejected; blank ones are skipped and not counted. All paths are looked at before the first is
 * read. Returns 0, or -1 and a reason: what had been put is then still to be flushed by the caller.
 */
int pipe_run(struct pipe *p, char *const *paths, size_t n,
	int (*each)(void *ctx, struct event *ev, struct buf *err), void *ctx, struct buf *err);
/* Puts one record and its LF out and counts it as written; ledger_settle takes back what did not
 * arrive. */
int pipe_put(struct pipe *p, struct str record, struct buf *err);

#endif
