#include "core/store/ids.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 1024
#define LINE 16	  /* slots of a line of memory */
#define SPARSE 64 /* slots of one that is there */

void ids_init(struct ids *t, size_t size)
{
	*t = (struct ids){.size = size};
}

void ids_release(struct ids *t)
{
	free(t->v);
	free(t->slot);
	ids_init(t, t->size);
}

/* A table that was large once is not cleared again and again for a few. */
void ids_clear(struct ids *t)
{
	if (t->slots > SLOTS_FIRST && t->n < t->slots / SPARSE) {
		free(t->slot);
		t->slot = NULL;
		t->slots = 0;
	}
	t->n = 0;
	if (t->slot)
		memset(t->slot, 0, t->slots * sizeof(*t->slot));
}

void *ids_at(const struct ids *t, size_t i)
{
	return t->v + i * t->size;
}

int64_t ids_place(const struct ids *t, const void *one)
{
	return (int64_t)((size_t)((const char *)one - t->v) / t->size);
}

static int64_t id_of(const struct ids *t, size_t i)
{
	int64_t id;

	memcpy(&id, t->v + i * t->size, sizeof(id));
	return id;
}

/* Numbers that follow on each other, as new ones do, share a line of memory. */
static size_t place(const struct ids *t, int64_t id)
{
	uint64_t n = (uint64_t)id, line = (n / LINE * UINT64_C(0x9e3779b97f4a7c15)) >> 32;

	return (size_t)(line ^ n % LINE) & (t->slots - 1);
}

/* What is taken sends to another line, which need not be full. */
static size_t next_place(const struct ids *t, size_t p)
{
	return (p + LINE + 1) & (t->slots - 1);
}

void *ids_get(const struct ids *t, int64_t id)
{
	if (!t->n)
		return NULL;
	for (size_t p = place(t, id); t->slot[p]; p = next_place(t, p))
		if (id_of(t, t->slot[p] - 1) == id)
			return ids_at(t, t->slot[p] - 1);
	return NULL;
}

void ids_expect(const struct ids *t, int64_t id)
{
	if (t->slots)
		__builtin_prefetch(&t->slot[place(t, id)]);
}

static void set_slot(struct ids *t, size_t i)
{
	size_t p = place(t, id_of(t, i));

	while (t->slot[p])
		p = next_place(t, p);
	t->slot[p] = (uint32_t)i + 1;
}

static void set_slots(struct ids *t)
{
	memset(t->slot, 0, t->slots * sizeof(*t->slot));
	for (size_t i = 0; i < t->n; i++)
		set_slot(t, i);
}

static void grow(struct ids *t)
{
	t->slots = t->slots ? t->slots * 2 : SLOTS_FIRST;
	t->slot = mem_resize(t->slot, t->slots * sizeof(*t->slot));
	set_slots(t);
}

void ids_keep_last(struct ids *t, size_t n)
{
	if (n >= t->n)
		return;
	memmove(t->v, t->v + (t->n - n) * t->size, n * t->size);
	t->n = n;
	set_slots(t);
}

void *ids_add(struct ids *t, const void *one)
{
	if (t->n * 2 >= t->slots)
		grow(t);
	t->v = mem_grow(t->v, &t->cap, t->n + 1, t->size);
	memcpy(t->v + t->n * t->size, one, t->size);
	set_slot(t, t->n++);
	return ids_at(t, t->n - 1);
}
