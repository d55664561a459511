/* jlog person: all that a journey file holds about one customer, to be handed to her. */
#ifndef STAGE_PERSON_H
#define STAGE_PERSON_H

#include "core/store/store.h"
#include "io/out.h"

struct person_export {
	struct store *store;
	struct out *out;
	const char *folder; /* vCons as files in it, which is made where it is not there; NULL: one
			       a line */
	bool vcon;
	const char *who; /* as store_find_customer takes it */
	/* After it. */
	int64_t customer;
	uint64_t records;
};

/* Sets what a format's name says (NULL: ndjson); -1 and a reason where there is none such, or it
 * does not go with the folder. */
int person_format(struct person_export *p, const char *name, struct buf *err);
/*
 * NDJSON: a line with her identifiers, her records by sequence as jlog cat writes them, and her
 * facts as they stand. vCon: one conversation container (draft-ietf-vcon-vcon-core) for each
 * session that she has records in. Both from one snapshot. Status as the store's.
 */
int person_export(struct person_export *p, struct buf *err);

#endif
