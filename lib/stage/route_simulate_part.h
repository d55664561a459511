/* What the files of jroute simulate share. Nobody else includes it. */
#ifndef STAGE_ROUTE_SIMULATE_PART_H
#define STAGE_ROUTE_SIMULATE_PART_H

#include "base/map.h"
#include "base/random.h"
#include "base/stat.h"
#include "core/simulate.h"
#include "stage/route_simulate.h"
#include "stage/situation.h"

#define CONTACTS_MAX 5000000 /* of a replication */

/* Of a queue, or of all together: a figure a replication. */
struct load {
	char *queue; /* NULL: all */
	struct stat_mean arrivals, wait, median, p90, level, abandoned;
	/* Of the replication at hand. */
	double *waits;
	size_t wait_n, wait_cap;
	uint64_t came, in_time, due, gone;
};

struct simulating {
	struct route_simulate *of;
	struct situation situation;
	struct map case_of; /* by what holds of it -> number + 1 */
	struct simulated_case *cases;
	size_t case_n, case_cap;
	struct map queue_of;
	struct load *loads; /* the first: all */
	size_t load_n, load_cap;
	struct stat_mean *occupancy, *hours; /* by staff; hours a replication */
	struct simulated *v;
	size_t n, cap;
	struct map last;	/* by conversation: when its last record was */
	int64_t begin, last_at; /* ms: the run's second 0; the last arrival, or the end of them */
	double warm_up;		/* s */
	uint64_t arrived, served, abandoned, in_progress, never; /* of all replications */
	struct event *streams;					 /* the generated events */
	unsigned char *hours_of_week;
	struct buf key;
	int status;
};

/* Adds a contact that is decided; at: ms. -1 and a reason. */
int simulating_add(struct simulating *s, const struct choice *c, const struct event *ev,
	const struct channel_class *class, int64_t at, struct buf *err);
/* Fills v with the contacts of a log or of files; with those of a replication that is generated.
 * Status as the store's. */
int simulating_read(struct simulating *s, char *const *paths, size_t n, struct buf *err);
int simulating_generate_begin(struct simulating *s, struct buf *err);
int simulating_generate(struct simulating *s, uint64_t replication, struct buf *err);
void simulating_generate_release(struct simulating *s);
/* Writes what came of it. -1 and a reason. */
int simulating_tell(struct simulating *s, struct buf *err);

#endif
