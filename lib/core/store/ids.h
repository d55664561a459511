/* Things by number, each kept once: a table of equal structs whose first member is their int64_t
 * id. */
#ifndef CORE_STORE_IDS_H
#define CORE_STORE_IDS_H

#include <stddef.h>
#include <stdint.h>

struct ids {
	size_t size; /* of one */
	char *v;
	size_t n, cap;
	uint32_t *slot; /* place in v and 1, by the hash of the id */
	size_t slots;
};

void ids_init(struct ids *t, size_t size);
void ids_release(struct ids *t);
void ids_clear(struct ids *t);
/* The one with the id, or NULL. Valid until one is added. */
void *ids_get(const struct ids *t, int64_t id);
/* Has what ids_get looks at first fetched. */
void ids_expect(const struct ids *t, int64_t id);
/* Adds a copy of one whose id is not there yet; the copy. */
void *ids_add(struct ids *t, const void *one);
void ids_keep_last(struct ids *t, size_t n); /* the n that were added last; the others go */
/* Its place in the order in which they were added; and the i-th. */
int64_t ids_place(const struct ids *t, const void *one);
void *ids_at(const struct ids *t, size_t i);

#endif
