/*
 * Figures that were published: one row for each revision of a figure of one calendar period, only
 * ever added. The table is made with the first of them, so that files without are as they were.
 * Groups name channels, agents and the like, never customers.
 */
#ifndef CORE_STORE_PUBLISHED_H
#define CORE_STORE_PUBLISHED_H

#include "base/hash.h"
#include "core/store/store.h"

struct published_period {
	const char *kind; /* "day", "week" or "month" */
	const char *zone;
	const char *name; /* "2026-04-05", "2026-W14", "2026-04" */
	int64_t start;	  /* ms */
};

struct published {
	struct str metric, version, statistic;
	struct str dimensions; /* "channel,class", by name */
	struct str group;      /* of these, as a JSON object in this order */
	struct str unit;       /* of the values: "s", "ratio", "contacts" */
	struct str why;	       /* what changed since the revision before; .len 0: the first one */
	struct str ontology;
	unsigned char definition[HASH_SIZE]; /* SHA-256 of what the definition says */
	bool has_value, has_numerator, has_low, has_high;
	double value, low, high;
	int64_t numerator, n, revision; /* from 1 */
	int64_t sequence;		/* of the last record that the figure rests on */
	int64_t at;			/* when it was published, ms */
};

/* Nonzero ends it and is given back; the row's texts are valid during the visit. */
typedef int published_visit(void *ctx, const struct published *row, struct buf *err);
/* Whether anything was ever published in the file. */
bool published_there(struct store *s);
/* The latest revision of each figure of a period, in no order. */
int published_latest(struct store *s, const struct published_period *p, published_visit *visit,
	void *ctx, struct buf *err);
/* Within a write transaction: adds revisions. */
int published_add(struct store *s, const struct published_period *p,
	const struct published *const *rows, size_t n, struct buf *err);
/* The earliest beginning, at or after `from`, of a row of any fact or of a period of this kind and
 * zone with figures; false in *there where there is none. */
int published_next(struct store *s, const char *kind, const char *zone, int64_t from,
	int64_t *start, bool *there, struct buf *err);

#endif
