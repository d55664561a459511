/* jnorm's work: inputs in, drafts through the adapters, one record a line out. */
#ifndef STAGE_NORMALIZE_H
#define STAGE_NORMALIZE_H

#include "adapt/adapt.h"

struct normalize {
	struct adapt_options opt;
	const char *format;	      /* -f: an adapter's or a map's name; NULL: by content */
	const char *const *maps;      /* map files named on the command line */
	size_t map_n;
	struct ledger *ledger;
	struct out *out;
};

/*
 * Reads all inputs ("-" is stdin; a folder is a Maildir or is walked in the order of names). Maps and profiles among them are
 * used as such. An input that is no export that is known is told, counted and makes the status 1; the others are read.
 * Returns 0, 1 (some inputs could not be read), or -1 and a reason where nothing further can be done.
 */
int normalize(struct normalize *n, char *const *paths, size_t count, struct buf *err);

#endif
