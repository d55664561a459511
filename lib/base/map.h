/* A map from byte strings to pointers or numbers. Keys are copied; order of insertion is kept by
 * map_each. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/buf.h"

union map_value {
	void *p;
	int64_t n;
};

struct map_entry;
struct map_room;
struct map {
	struct map_entry *head; /* opaque */
	struct map_room *rooms;
	bool together;
};

#define MAP_INIT                                                                                   \
	{                                                                                          \
		NULL, NULL, false                                                                  \
	}
/* Entries lie together, which is quicker where there are many maps or many keys; none is removed by
 * itself. */
#define MAP_TOGETHER                                                                               \
	{                                                                                          \
		NULL, NULL, true                                                                   \
	}

/* The value of key, or NULL; valid until the key is removed or the map released. */
union map_value *map_get(const struct map *m, struct str key);
/* The value of key, made zero where it was not there (*fresh says so; may be NULL). */
union map_value *map_slot(struct map *m, struct str key, bool *fresh);
/* The map's copy of the key of a value that map_get or map_slot gave; NUL-terminated. */
struct str map_key(const union map_value *v);
size_t map_count(const struct map *m);
void map_each(const struct map *m, void (*visit)(void *ctx, struct str key, union map_value *v),
	void *ctx);
/* The value whose key was put in first, or NULL. */
union map_value *map_first(const struct map *m);
/* Takes a key out, where it is in: not of entries that lie together. Frees never what p points to.
 */
void map_remove(struct map *m, struct str key);
/* Frees keys and entries, never what p points to. The map may be used again. */
void map_release(struct map *m);
/* The same, but for some of the room that entries lie in together, which stays for the next. */
void map_clear(struct map *m);

#endif
