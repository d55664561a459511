/* jnorm's work: inputs in, drafts through the adapters, one record a line out. */
#ifndef STAGE_NORMALIZE_H
#define STAGE_NORMALIZE_H

#include "adapt/adapt.h"

struct normalize {
	struct adapt_options
		opt;		 /* account, region NULL: from a profile; account at last "local" */
	const char *format;	 /* -f: an adapter's or a map's name; NULL: by content */
	const char *const *maps; /* map files named on the command line */
	size_t map_n;
	const char *profile; /* --profile, or NULL */
	struct ledger *ledger;
	struct out *out;
	void (*tell)(const char *message); /* an input that cannot be read; the run goes on */
	void (*note)(const char *message); /* nothing is lost, but it may surprise */
	uint64_t empty;			   /* out: rows and files that gave no event by intent */
	uint64_t unread; /* out: inputs that are no export that is known, or could not be read */
};

enum normalize_status {
	NORMALIZE_DONE = 0,
	NORMALIZE_UNKNOWN = 1, /* some inputs are no export that is known */
	NORMALIZE_UNREAD = 2,  /* some could not be opened or read (wins) */
};

/*
 * Reads all inputs ("-" is stdin; a folder is a Maildir or is walked in the order of names, an
 * archive in its own). Maps and profiles among them, but not those in archives, are used as such,
 * before all else; options win over profiles. An input
 * that cannot be read is told and the others are read. Returns a status, or -1 and a reason where
 * nothing further can be done: a wrong profile or map, or the output.
 */
int normalize(struct normalize *n, char *const *paths, size_t count, struct buf *err);
/* Appends one line a format: its name and what it is. -1 and a reason where a map is wrong. */
int normalize_formats(struct normalize *n, struct buf *out, struct buf *err);

#endif
