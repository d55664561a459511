/* Cues of WebVTT and SubRip: one reader for both, in constant memory. */
#ifndef ADAPT_CUE_H
#define ADAPT_CUE_H

#include "adapt/gather.h"

enum cue_status { CUE_END = 0, CUE_ONE = 1, CUE_NOTE = 2, CUE_BAD = 3, CUE_LONG = 4 };

struct cue {
	int64_t start, end;  /* ms from the beginning of the recording */
	uint64_t line;	     /* of the timing line */
	struct gather block; /* all of its lines */
	struct buf text;     /* of the cue or the note: lines as they are, LF between */
	const char *why;     /* of a bad one */
	bool first;	     /* no block was read yet */
	bool vtt;	     /* WebVTT's header was met */
	const char *charset; /* charset_name's */
	struct buf plain;    /* a line as UTF-8 */
	bool held;	     /* the line at hand is a timing line that ended the cue before it */
};

/* charset: what charset_name says of the file. to: gets blocks that are longer than max bytes;
 * NULL: they are passed over. */
void cue_init(struct cue *c, const char *charset, struct ledger *to, size_t max);
void cue_release(struct cue *c);
/* The next block; CUE_NOTE: a note or the header; CUE_BAD: it is in `block`, which refuses it;
 * CUE_LONG: it is refused already. -1 and a reason when reading fails. */
int cue_next(struct cue *c, struct lines *l, struct buf *err);

/* What one speaker says within a cue. */
struct turn {
	struct str speaker; /* as written; empty: it does not say */
	struct str text;    /* plain */
};
/* Who takes the turns. */
struct cue_taker {
	/* Whether what stands before a colon is who speaks; first: at the cue's beginning, or
	 * behind a mark that somebody else speaks. */
	bool (*speaks)(void *ctx, struct str name, bool first);
	int (*take)(void *ctx, const struct turn *t);
	void *ctx;
};
/*
 * Splits a cue's text into turns: voices (<v Ana>), lines that begin with "Ana: ", "[Ana]: ", "- "
 * or ">> ". Tags and entities are taken out. Calls `take` for each turn that says something; stops
 * when it gives a negative number, and returns it.
 */
int cue_turns(struct str text, const struct cue_taker *to);
/* Appends a line as it is shown: without tags, entities resolved, white space off its ends. */
void cue_shown(struct buf *out, struct str line);

#endif
