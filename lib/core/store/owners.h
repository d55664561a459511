/* Whose every record is, for one pass over all of them: what who.h asks of the file one by one is
 * read at once, eight bytes an identifier and sixteen a session, and the names of sessions as far
 * as they take little room. */
#ifndef CORE_STORE_OWNERS_H
#define CORE_STORE_OWNERS_H

#include "core/store/store.h"

/* Customers' numbers. Zeroed: empty; owners_release. */
struct owners {
	struct owners_numbers {
		int64_t *v; /* by id */
		size_t n, cap;
	} idents, sessions;
	struct buf names; /* of sessions, one behind the other */
	size_t *name_ends;
	size_t name_n, name_cap;
};

/* As of the log's end. Within a read transaction. */
int owners_read(struct owners *o, struct store *s, struct buf *err);
/* The customer of a record of then. s is asked where others are named in its session as well. */
int owners_of(const struct owners *o, struct store *s, const struct store_row *row,
	int64_t *customer, struct buf *err);
/* The name of a session, borrowed; false: it is not kept. */
bool owners_name(const struct owners *o, int64_t session, struct str *out);
void owners_release(struct owners *o);

#endif
