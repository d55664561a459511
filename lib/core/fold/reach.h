/*
 * Where a customer can be written to, as of the event at which a fold stands. This is about
 * channels, and so for choosing how to answer alone: no rule and no policy may ask.
 */
#ifndef CORE_FOLD_REACH_H
#define CORE_FOLD_REACH_H

#include "core/fold/fold.h"

/* What stands against a channel. */
enum reach_bar {
	REACH_OPEN,
	REACH_IDENTIFIER, /* none of hers is of a kind that it takes */
	REACH_CONSENT,	  /* she did not consent to the purpose there, or took it back */
	REACH_WINDOW,	  /* it needs a word of hers within 24 h, and there is none */
	REACH_CONTACT	  /* she has no open contact that could be answered */
};
const char *reach_bar_name(enum reach_bar bar); /* NULL for REACH_OPEN */

/* For a word with the purpose. What is service needs no consent, but none that was taken back. */
enum reach_bar reach_on(struct fold *f, struct str channel, struct str purpose, int64_t now);
/* For an answer where she wrote or called last, which needs no identifier: *channel, borrowed of
 * the fold, empty where it is not known. A contact is open until the gap of its class. */
enum reach_bar reach_answer(struct fold *f, struct str purpose, int64_t now, struct str *channel);

#endif
