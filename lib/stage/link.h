/* jlog link and unlink: two identifiers are, or are not, one person. */
#ifndef STAGE_LINK_H
#define STAGE_LINK_H

#include "core/ontology.h"
#include "core/store/store.h"
#include "io/out.h"

struct link {
	struct store *store;
	struct ontology *ontology;
	struct out *out;
	const char *why; /* NULL: none was given */
	bool quiet;	 /* the record is not written, nor told what is new in it */
};

/*
 * Records that two identifiers (see identity_find) are one person, or that they are not; where it
 * is so already nothing is recorded. The record is written once it is in the log. 1, and the reason
 * in err, where the answer is no: an identifier that too many share links nobody; two that other
 * records connect remain one person. Status as the store's.
 */
int link_two(struct link *l, const char *a, const char *b, struct buf *err);
int unlink_two(struct link *l, const char *a, const char *b, struct buf *err);

#endif
