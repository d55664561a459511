/*
 * Captions that repeat: those that scroll show a line again in the next cue, and live ones show an
 * utterance again as it grows. What was shown before was said once.
 */
#ifndef ADAPT_CAPTION_H
#define ADAPT_CAPTION_H

#include "adapt/cue.h"

/* Begins with captions_init. */
struct captions {
	uint64_t cues, repeats; /* of which repeat what the one before shows */
	struct buf shown, now;	/* lines of the cue before and of this one, each with its LF */
	int64_t start, end;	/* of the cue before */
};

void captions_init(struct captions *c);
void captions_release(struct captions *c);
/* The next cue: how many of its first lines the one before it showed last. */
size_t captions_repeated(struct captions *c, const struct cue *cue);
/* Whether the file's captions repeat, after all its cues; then begins anew with the first. */
bool captions_settle(struct captions *c);
/* Takes the first n lines that show something off a cue's text. */
void captions_cut(struct buf *text, size_t n);
/* Whether cue b says a again and more, begun at the same time, or, where captions repeat, behind
 * it. */
bool captions_grow(const struct cue *a, const struct cue *b, bool repeat);

#endif
