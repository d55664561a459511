/*
 * A conversation container in the making (draft-ietf-vcon-vcon-core, syntax 0.4.0), unsigned: the
 * customer is the first of its parties, what was said and calls are its dialog, and each record
 * stands whole in its analysis, where jnorm finds it again.
 */
#ifndef STAGE_VCON_H
#define STAGE_VCON_H

#include "base/map.h"
#include "core/store/store.h"
#include "io/out.h"

struct vcon {
	struct store *store;
	int64_t customer;
	struct buf tel, mailto, name; /* hers */
	struct event ev;	      /* the record added last */
	struct map parties;	      /* actor, name -> index and 1 */
	struct buf party, dialog, analysis, line;
	size_t dialogs;
	int64_t seq, recorded; /* of the latest record */
};

void vcon_init(struct vcon *v, struct store *s);
void vcon_release(struct vcon *v);
/* The containers that follow are of this customer. Status as the store's, also below. */
int vcon_customer(
	struct vcon *v, int64_t customer, const struct person *who, int64_t as_of, struct buf *err);
/* A record of hers says what she is called; the last one counts. */
int vcon_name(struct vcon *v, struct str body, struct buf *err);
/* A container: begun, its records in their order, and ended. */
void vcon_begin(struct vcon *v);
int vcon_add(struct vcon *v, struct str body, int64_t seq, int64_t recorded, struct buf *err);
/* key: what the container is of, from which its uuid is made: the same for the same. The subject
 * may be empty. */
void vcon_end(struct vcon *v, const struct str *key, size_t n, struct str subject);
/* Writes the container as a line, or to FOLDER/NAME.vcon.json where folder is not NULL. */
int vcon_write(const struct vcon *v, struct out *out, const char *folder, const char *name,
	struct buf *err);
/* Makes the folder where it is not there. */
int vcon_folder(const char *folder, struct buf *err);

#endif
