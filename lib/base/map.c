#include "base/map.h"
#include "base/die.h"
#include "base/mem.h"

#include <stddef.h>
#include <stdlib.h>

static uint64_t stir(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
	return h ^ h >> 29;
}

/* One to seven bytes as they stand in a word, the others 0 (on a big-endian machine elsewhere in
 * it): those at the end, in which keys differ most, have to reach all bits of the hash. */
static uint64_t short_word(const unsigned char *s, size_t len)
{
	uint32_t first, last;

	if (len < 4)
		return s[0] | (uint64_t)s[len / 2] << 8 * (len / 2) |
		       (uint64_t)s[len - 1] << 8 * (len - 1);
	memcpy(&first, s, 4);
	memcpy(&last, s + len - 4, 4);
	return first | (uint64_t)last << 8 * (len - 4);
}

/* Eight bytes at a time: keys are whole shapes of records too. */
static unsigned hash_bytes(const void *p, size_t len)
{
	const unsigned char *s = p;
	uint64_t h = len * UINT64_C(0x9e3779b97f4a7c15), word;

	for (; len >= 8; s += 8, len -= 8) {
		memcpy(&word, s, 8);
		h = stir(h, word);
	}
	if (len)
		h = stir(h, short_word(s, len));
	/* A product's upper bits alone tell of all bits of its factors. */
	return (unsigned)((h ^ h >> 32) * UINT64_C(0x94d049bb133111eb) >> 32);
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

/* ---- rooms ---- */

#define ROOM_LEAST ((size_t)1 << 10)
#define ROOM_MOST ((size_t)64 << 10) /* but for one key that is longer */

/* The last one has the most room, or is that of a long key. */
struct map_room {
	struct map_room *before;
	size_t size, used;
	max_align_t bytes[];
};

static struct map_room *add_room(struct map *m, size_t need)
{
	size_t size = m->rooms ? 2 * m->rooms->size : ROOM_LEAST;
	struct map_room *room;

	size = size < ROOM_MOST ? size : ROOM_MOST;
	size = size < need ? need : size;
	room = mem_alloc(sizeof(*room) + size);
	*room = (struct map_room){m->rooms, size, 0};
	return m->rooms = room;
}

static struct map_entry *new_entry(struct map *m, size_t size)
{
	struct map_room *room = m->rooms;
	void *p;

	if (!m->together)
		return mem_alloc(size);
	size = (size + sizeof(*room->bytes) - 1) / sizeof(*room->bytes) * sizeof(*room->bytes);
	if (!room || room->size - room->used < size)
		room = add_room(m, size);
	p = (char *)room->bytes + room->used;
	room->used += size;
	return p;
}

static void free_rooms(struct map_room *room)
{
	struct map_room *before;

	for (; room; room = before) {
		before = room->before;
		free(room);
	}
}

/* ---- entries ---- */

union map_value *map_get(const struct map *m, struct str key)
{
	struct map_entry *e;

	/* memcmp is given bytes even where it compares none. */
	if (!key.len)
		key.s = "";
	HASH_FIND(hh, m->head, key.s, key.len, e);
	return e ? &e->value : NULL;
}

/* uthash's macros are the length of it. NOLINTNEXTLINE(readability-function-size) */
union map_value *map_slot(struct map *m, struct str key, bool *fresh)
{
	struct map_entry *e;
	unsigned hash;

	if (!key.len)
		key.s = "";
	HASH_VALUE(key.s, key.len, hash);
	HASH_FIND_BYHASHVALUE(hh, m->head, key.s, key.len, hash, e);
	if (fresh)
		*fresh = !e;
	if (e)
		return &e->value;
	e = new_entry(m, sizeof(*e) + key.len + 1);
	memset(&e->value, 0, sizeof(e->value));
	e->len = key.len;
	if (key.len)
		memcpy(e->key, key.s, key.len);
	e->key[key.len] = '\0';
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

	if (m->together)
		BUG("an entry that lies with others is removed");
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
	for (; e && !m->together; e = next) {
		next = e->hh.next;
		free(e);
	}
	free_rooms(m->rooms);
	m->rooms = NULL;
}

void map_clear(struct map *m)
{
	struct map_room *room = m->rooms;

	if (!room || room->size > ROOM_MOST) {
		map_release(m);
		return;
	}
	HASH_CLEAR(hh, m->head);
	free_rooms(room->before);
	room->before = NULL;
	room->used = 0;
}
