#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>

/* Eight bytes at a time: keys are whole shapes of records too. */
static unsigned hash_bytes(const void *p, size_t len)
{
	const unsigned char *s = p;
	uint64_t h = len * UINT64_C(0x9e3779b97f4a7c15), w;

	for (; len; s += len < 8 ? len : 8, len -= len < 8 ? len : 8) {
		w = 0;
		memcpy(&w, s, len < 8 ? len : 8);
		h = (h ^ w) * UINT64_C(0xbf58476d1ce4e5b9);
		h ^= h >> 29;
	}
	return (unsigned)(h ^ h >> 32);
}

#define uthash_fatal(msg) mem_failed()
#define HASH_FUNCTION(s, len, hash) (hash) = hash_bytes(s, len)
#include <uthash.h>

struct map_entry {
	UT_hash_handle hh;
	union map_value value;
	size_t len;
	char key[];
};

union map_value *map_get(const struct map *m, struct str key)
{
	struct map_entry *e;

	HASH_FIND(hh, m->head, key.s, key.len, e);
	return e ? &e->value : NULL;
}

/* uthash's macros are the length of it. NOLINTNEXTLINE(readability-function-size) */
union map_value *map_slot(struct map *m, struct str key, bool *fresh)
{
	struct map_entry *e;
	unsigned hash;

	HASH_VALUE(key.s, key.len, hash);
	HASH_FIND_BYHASHVALUE(hh, m->head, key.s, key.len, hash, e);
	if (fresh)
		*fresh = !e;
	if (e)
		return &e->value;
	e = mem_zero(1, sizeof(*e) + key.len + 1);
	e->len = key.len;
	if (key.len)
		memcpy(e->key, key.s, key.len);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, m->head, e->key, e->len, hash, e);
	return &e->value;
}

struct str map_key(const union map_value *v)
{
	const struct map_entry *e =
		(const void *)((const char *)v - offsetof(struct map_entry, value));

	return (struct str){e->key, e->len};
}

size_t map_count(const struct map *m)
{
	return HASH_COUNT(m->head);
}

void map_each(const struct map *m, void (*visit)(void *ctx, struct str key, union map_value *v),
	void *ctx)
{
	for (struct map_entry *e = m->head; e; e = e->hh.next)
		visit(ctx, (struct str){e->key, e->len}, &e->value);
}

union map_value *map_first(const struct map *m)
{
	return m->head ? &m->head->value : NULL;
}

void map_remove(struct map *m, struct str key)
{
	struct map_entry *e;

	HASH_FIND(hh, m->head, key.s, key.len, e);
	if (!e)
		return;
	HASH_DELETE(hh, m->head, e);
	free(e);
}

void map_release(struct map *m)
{
	struct map_entry *e = m->head, *next;

	HASH_CLEAR(hh, m->head);
	for (; e; e = next) {
		next = e->hh.next;
		free(e);
	}
}
