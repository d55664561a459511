/* What the files of publishing share. */
#ifndef STAGE_PUBLISH_PART_H
#define STAGE_PUBLISH_PART_H

#include "base/table.h"
#include "core/store/published.h"
#include "stage/publish.h"

/* A figure with its texts; owned. */
struct figure {
	struct published row;
	size_t metric; /* its number among those that are published */
	bool seen;     /* it was measured again */
	struct buf texts;
};

struct figures {
	struct figure **v;
	size_t n, cap;
};

struct period {
	char name[16];
	int64_t start, end; /* ms, [start, end) */
	struct figures measured;
	bool *unripe; /* a metric: some rows are not mature */
};

/* What a metric is to a run. */
struct subject {
	const struct metric *metric;
	char *dimensions; /* "channel,class" */
	unsigned char definition[HASH_SIZE];
};

/* A figure that is new (old NULL) or restated. */
struct change {
	struct published row;
	const struct published *old;
};

struct changes {
	struct change *v;
	size_t n, cap;
	struct figures old;
};

struct publishing {
	const struct publish *p;
	struct subject *subjects; /* a metric */
	struct period *periods;
	size_t period_n;
	struct report_place place;
	struct store *beside; /* reads half of the facts; NULL: none */
	bool same;	      /* where it stands on the snapshot at hand */
	struct table table;
	bool begun; /* something was told */
	struct buf line, text;
};

/* A copy of the row. Free with figures_release. */
struct figure *figures_add(struct figures *all, const struct published *row);
void figures_release(struct figures *all);

/* What of a period differs from what is published; borrows from the period. Release also after a
 * failure. */
int publish_compare(
	struct publishing *x, const struct period *p, struct changes *out, struct buf *err);
void changes_release(struct changes *c);

/* Tells changes of a period; what is held is written by publish_tell_end. -1 and a reason. */
int publish_tell(
	struct publishing *x, const struct period *p, const struct changes *c, struct buf *err);
int publish_tell_end(struct publishing *x, struct buf *err);

/* The metric's period can be published. */
bool publish_complete(const struct publishing *x, const struct period *p, size_t metric);

#endif
