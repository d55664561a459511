/*
 * How far a long run is, on a terminal's stderr alone: after two seconds a line of how many things
 * are done, how many a second and, where the whole is known, how long it will take. Messages take
 * the line's place.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *things;  /* NULL: nothing is told; borrowed */
	int64_t began, next; /* ms of a clock that only goes forward */
	int fd;		     /* the file that is being read, whose place says how far; -1: none */
	uint64_t whole;	     /* bytes of it, or things; 0: not known */
	uint64_t before;     /* things of the files before it */
	int64_t file_began;
};

/* Nothing is told where stderr is no terminal, or quiet. things: "records". */
void progress_begin(struct progress *p, const char *things, bool quiet);
/* From here on things are of this open file; -1, or one without a size: of nothing whose end is
 * known. n: things so far. */
void progress_file(struct progress *p, int fd, uint64_t n);
/* n things are done. Called for each of them: it looks at the clock and returns. */
void progress_step(struct progress *p, uint64_t n);
/* Takes the line away. */
void progress_end(struct progress *p);

#endif
