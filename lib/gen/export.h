/*
 * Exports: what happened as the systems of the company would give it away, in files that jnorm(1)
 * reads, with the map and the profile that this takes. A record goes to the first format that can
 * carry it: a chat or a mailbox carries what was said there, a table everything.
 */
#ifndef GEN_EXPORT_H
#define GEN_EXPORT_H

#include "gen/record.h"

#define EXPORT_FORMATS 4

struct export_formats {
	enum export_kind v[EXPORT_FORMATS]; /* each once */
	size_t n;
};

/* Adds the formats of "mbox,csv". -1 and a reason where one is none, or stands behind one that
 * leaves nothing to it. */
int export_formats_add(struct export_formats *f, const char *words, struct buf *err);

struct export;

/* What exports of one customer have to know beside her plan. */
struct exported {
	uint32_t *before; /* by turn: the word before it in its session, PLAN_NONE: none */
};

/*
 * Makes the folder where it is not there; one that is there has to be empty. The times of the
 * scenario have to be whole seconds. NULL and a reason on failure. Free with export_free.
 */
struct export *export_open(const struct scenario *s, const struct export_formats *as,
	const char *folder, struct buf *err);
/* A customer's files that are written as a whole. Release x with exported_release, after a failure
 * as well. */
int export_begin(struct export *e, const struct plan *p, const struct voice *v, struct exported *x,
	struct buf *err);
void exported_release(struct exported *x);
/* A record of hers, when it is delivered. */
int export_turn(struct export *e, const struct plan *p, const struct voice *v,
	const struct exported *x, const struct turn *t, struct buf *err);
/* Ends all files. */
int export_close(struct export *e, struct buf *err);
uint64_t export_written(const struct export *e);  /* records */
uint64_t export_left_out(const struct export *e); /* those that no format could carry */
void export_free(struct export *e);

#endif
