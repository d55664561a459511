/* What the files of measuring share: lots of metrics that are read together. Nobody else
 * includes it. */
#ifndef STAGE_MEASURE_PART_H
#define STAGE_MEASURE_PART_H

#include "base/map.h"
#include "core/store/measure.h"
#include "stage/tally.h"

struct group {
	struct str *values;	  /* of the dimensions; text owned, .s NULL: none */
	struct tally *tallies;	  /* a metric and side */
	struct tally_pair *pairs; /* a metric, where there are sides */
	size_t batch, place;	  /* the last batch that has rows of it, and its place there */
};

/* Metrics that are by the same dimensions. */
struct lot {
	struct measure_query q;
	const char **dimensions;
	const struct metric **metrics;
	size_t n, cap;
	struct map index; /* key of the values -> group */
	struct group **groups;
	size_t group_n, group_cap;
	struct buf key;
	size_t sides; /* 2, or 1 where nothing is compared */
	size_t slot;  /* the metric of the second reading, and its side */
	int side;
	struct tally_room room;
	/* In its pass: where its metrics begin among all, and its dimensions among all. */
	size_t first, *at;
	struct str *row;
	size_t batch;		/* how many there were */
	struct group *last;	/* of the row before */
	struct group **by_text; /* of one dimension: by its text's number in the pass; 0: none */
	size_t text_cap;
	struct map by_texts; /* of several: by all of them */
	int64_t *codes;
};

/* The tallies of a metric in a group, one a side. */
static inline struct tally *lot_tallies(const struct lot *b, const struct group *g, size_t slot)
{
	return &g->tallies[slot * b->sides];
}

/* Groups in the order of their values, the lot as ctx: for qsort_r. */
int lot_order(const void *a, const void *b, void *ctx);
/* What makes a group's values one key. */
void lot_key(struct buf *key, const struct str *values, size_t n);
void lot_free(struct lot *b);

/*
 * Reads all lots, those of one fact and window together, and leaves their groups in order.
 * beside: another connection that sees the same, for half of the work; NULL: none.
 */
int lots_read(struct sqlite3 *db, struct sqlite3 *beside, struct lot *const *v, size_t n,
	bool censored, struct buf *err);
/* Metrics that a lot takes at most. */
size_t lot_most(const struct sqlite3 *beside);

#endif
