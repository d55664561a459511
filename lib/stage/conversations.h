/* jproject vcon: issues or contacts as conversation containers. */
#ifndef STAGE_CONVERSATIONS_H
#define STAGE_CONVERSATIONS_H

#include "core/journey.h"
#include "io/out.h"

struct conversations {
	struct store *store;
	const struct ontology *ontology;
	struct out *out;
	int64_t customer;   /* 0: all */
	int64_t as_of;	    /* the log's last record that is told; INT64_MAX: all are */
	bool per_contact;   /* a container a contact, not an issue */
	const char *folder; /* files in it, which is made where it is not there; NULL: one a line */
};

/* Sets what a container is of: issue or contact (NULL: issue). -1 and a reason for another. */
int conversations_per(struct conversations *c, const char *per, struct buf *err);
/* Made of the records themselves, one customer's in memory. Status as the store's. */
int conversations_write(struct conversations *c, struct buf *err);

#endif
