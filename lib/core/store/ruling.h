/* The fact ruling by columns: decisions that had read the same, made of those of all customers, as
 * the view v_ruling makes them. For the files beside it. */
#ifndef CORE_STORE_RULING_H
#define CORE_STORE_RULING_H

#include "core/store/frame.h"

/* The view's columns, but for `who`. */
void ruling_layout(struct layout *l);
/* As frame_open. */
int ruling_open(struct frame **out, struct sqlite3 *db, const struct layout *l,
	const size_t *columns, size_t n, struct codes *codes, struct buf *err);

#endif
