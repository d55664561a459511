#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>

#define FIRST_SLOTS 16
#define FIRST_BYTES ((size_t)1 << 10)
#define MOST_BYTES ((size_t)1 << 16)
#define KEPT_SLOTS 1024 /* that map_clear keeps however few were taken */

struct map_entry {
	struct map_entry *next; /* in the order of insertion */
	union map_value value;
	uint32_t hash;
	size_t len;
	char key[];
};

/* Entries lie one behind the other in pieces of memory, the latest first. */
struct piece {
	struct piece *next;
	size_t size, used;
	_Alignas(struct map_entry) char bytes[];
};

/* Open addressing; at most half of the slots are taken. */
struct map_table {
	struct map_entry **slots;
	size_t slot_n, n;
	struct map_entry *first, *last;
	struct piece *pieces;
};

/* Eight bytes at a time: keys are whole shapes of records too. */
static uint32_t hash_bytes(const void *p, size_t len)
{
	const unsigned char *s = p;
	uint64_t h = len * UINT64_C(0x9e3779b97f4a7c15), w;

	for (; len; s += len < 8 ? len : 8, len -= len < 8 ? len : 8) {
		w = 0;
		memcpy(&w, s, len < 8 ? len : 8);
		h = (h ^ w) * UINT64_C(0xbf58476d1ce4e5b9);
		h ^= h >> 29;
	}
	return (uint32_t)(h ^ h >> 32);
}

/* The slot of a key, or the empty one where it belongs. */
static struct map_entry **find(const struct map_table *t, struct str key, uint32_t hash)
{
	size_t i = hash & (t->slot_n - 1);

	for (; t->slots[i]; i = (i + 1) & (t->slot_n - 1)) {
		const struct map_entry *e = t->slots[i];

		if (e->hash == hash && str_eq((struct str){e->key, e->len}, key))
			break;
	}
	return &t->slots[i];
}

static void grow(struct map_table *t)
{
	free(t->slots);
	t->slot_n = t->slot_n ? t->slot_n * 2 : FIRST_SLOTS;
	t->slots = mem_zero(t->slot_n, sizeof(struct map_entry *));
	for (struct map_entry *e = t->first; e; e = e->next) {
		size_t i = e->hash & (t->slot_n - 1);

		while (t->slots[i])
			i = (i + 1) & (t->slot_n - 1);
		t->slots[i] = e;
	}
}

static void *take_bytes(struct map_table *t, size_t bytes)
{
	struct piece *p = t->pieces;
	void *at;

	bytes += -bytes % _Alignof(struct map_entry);
	if (!p || p->size - p->used < bytes) {
		size_t size = p ? p->size * 2 : FIRST_BYTES;

		size = size < MOST_BYTES ? size : MOST_BYTES;
		size = size > bytes ? size : bytes;
		p = mem_alloc(sizeof(*p) + size);
		*p = (struct piece){t->pieces, size, 0};
		t->pieces = p;
	}
	at = p->bytes + p->used;
	p->used += bytes;
	return at;
}

static struct map_entry *add(struct map_table *t, struct str key, uint32_t hash)
{
	struct map_entry *e = take_bytes(t, sizeof(*e) + key.len + 1);

	*e = (struct map_entry){.hash = hash, .len = key.len};
	if (key.len)
		memcpy(e->key, key.s, key.len);
	e->key[key.len] = '\0';
	if (t->last)
		t->last->next = e;
	else
		t->first = e;
	t->last = e;
	t->n++;
	return e;
}

union map_value *map_get(const struct map *m, struct str key)
{
	struct map_entry *e =
		m->table && m->table->n ? *find(m->table, key, hash_bytes(key.s, key.len)) : NULL;

	return e ? &e->value : NULL;
}

union map_value *map_slot(struct map *m, struct str key, bool *fresh)
{
	uint32_t hash = hash_bytes(key.s, key.len);
	struct map_table *t = m->table;
	struct map_entry **slot;

	if (!t)
		t = m->table = mem_zero(1, sizeof(*t));
	if (t->n * 2 >= t->slot_n)
		grow(t);
	slot = find(t, key, hash);
	if (fresh)
		*fresh = !*slot;
	if (!*slot)
		*slot = add(t, key, hash);
	return &(*slot)->value;
}

struct str map_key(const union map_value *v)
{
	const struct map_entry *e =
		(const void *)((const char *)v - offsetof(struct map_entry, value));

	return (struct str){e->key, e->len};
}

size_t map_count(const struct map *m)
{
	return m->table ? m->table->n : 0;
}

void map_each(const struct map *m, void (*visit)(void *ctx, struct str key, union map_value *v),
	void *ctx)
{
	for (struct map_entry *e = m->table ? m->table->first : NULL; e; e = e->next)
		visit(ctx, (struct str){e->key, e->len}, &e->value);
}

static void free_pieces(struct piece *p)
{
	while (p) {
		struct piece *next = p->next;

		free(p);
		p = next;
	}
}

void map_clear(struct map *m)
{
	struct map_table *t = m->table;

	if (!t)
		return;
	/* Of a map that was large once, emptying all slots each time would be the larger part. */
	if (t->slot_n > KEPT_SLOTS && t->n < t->slot_n / 16) {
		map_release(m);
		return;
	}
	memset(t->slots, 0, t->slot_n * sizeof(struct map_entry *));
	t->first = t->last = NULL;
	t->n = 0;
	if (t->pieces) {
		free_pieces(t->pieces->next);
		t->pieces->next = NULL;
		t->pieces->used = 0;
	}
}

void map_release(struct map *m)
{
	struct map_table *t = m->table;

	if (!t)
		return;
	free_pieces(t->pieces);
	free(t->slots);
	free(t);
	m->table = NULL;
}
