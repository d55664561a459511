/*
 * Waiting for files to be written to by others: at once where the system tells of it (inotify),
 * else by looking again from time to time. The wait ends as well when the program is asked to stop,
 * or when nobody reads any more what it writes.
 */
#ifndef IO_WATCH_H
#define IO_WATCH_H

#include "base/buf.h"

struct watch {
	int fd;	    /* of inotify; -1: there is none */
	int reader; /* a descriptor that somebody should be reading; -1: none */
	int look;   /* how often it was looked since the last sign of life */
	bool burst;
};

enum watch_sign {
	WATCH_LOOK, /* something may have changed: look */
	WATCH_STOP, /* SIGINT or SIGTERM came */
	WATCH_GONE, /* the reader is gone */
};

/* burst: what a writer does may be seen some time after it gave a sign. */
void watch_open(struct watch *w, int reader, bool burst);
/* Adds a file, or does nothing where it is not there. Again is no matter. */
void watch_add(struct watch *w, const char *path);
/*
 * Waits for a sign, at most `most` ms (-1: as long as is good). With burst the caller is sent to
 * look again for two seconds after each, ever more rarely.
 */
enum watch_sign watch_wait(struct watch *w, int64_t most);
void watch_close(struct watch *w);

/* From now on the first SIGINT or SIGTERM is noted; one that comes half a second later, or after
 * that, acts as ever. */
void stop_catch(void);
bool stop_asked(void);

/*
 * Whether all that was written to the descriptor has been taken out of it: true where it is no
 * pipe, or where that cannot be known. *gone: nobody reads it any more.
 */
bool watch_taken(int fd, bool *gone);

#endif
