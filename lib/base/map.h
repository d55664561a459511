/* A map from byte strings to pointers or numbers. Keys are copied; order of insertion is kept by
 * map_each. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/buf.h"

union map_value {
	void *p;
	int64_t n;
};

struct map_table;
struct map {
	struct map_table *table; /* opaque */
};

#define MAP_INIT                                                                                   \
	{                                                                                          \
		NULL                                                                               \
	}

/* The value of key, or NULL; valid until the map is cleared or released. */
union map_value *map_get(const struct map *m, struct str key);
/* The value of key, made zero where it was not there (*fresh says so; may be NULL). */
union map_value *map_slot(struct map *m, struct str key, bool *fresh);
/* The map's copy of the key of a value that map_get or map_slot gave; NUL-terminated. */
struct str map_key(const union map_value *v);
size_t map_count(const struct map *m);
void map_each(const struct map *m, void (*visit)(void *ctx, struct str key, union map_value *v),
	void *ctx);
/* Forgets keys and entries, never what p points to, and keeps some memory for others. */
void map_clear(struct map *m);
/* The same, and frees all. The map may be used again. */
void map_release(struct map *m);

#endif
