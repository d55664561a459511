/*
 * Where the columns of a map lie in a record: all of them are found in one walk over its members,
 * and not each in a walk of its own.
 */
#include "adapt/map_file.h"
#include "base/mem.h"

#include <stdlib.h>

#define BUCKETS 64

/* A name on the path of some column; the first is the value itself. */
struct place {
	const char *name; /* of a step, whose path must stay */
	size_t len;
	uint16_t next;	/* of the names in its bucket; 0: none */
	uint16_t *head; /* of those below it, by bucket; NULL: there are none */
};

static size_t bucket_of(const char *name, size_t len)
{
	return ((unsigned char)name[0] + len * 7) % BUCKETS;
}

static size_t find(const struct map_index *x, size_t at, const char *name, size_t len)
{
	const uint16_t *head = x->place[at].head;
	size_t i = head && len ? head[bucket_of(name, len)] : 0;

	while (i && (x->place[i].len != len || memcmp(x->place[i].name, name, len) != 0))
		i = x->place[i].next;
	return i;
}

static size_t add(struct map_index *x, size_t at, const struct map_step *step)
{
	size_t i = find(x, at, step->name, step->len), bucket = bucket_of(step->name, step->len);
	struct place *of;

	if (i)
		return i;
	i = x->n;
	(void)VEC_ADD(x, place, n, cap);
	of = &x->place[at];
	if (!of->head)
		of->head = mem_zero(BUCKETS, sizeof(*of->head));
	x->place[i] = (struct place){step->name, step->len, of->head[bucket], NULL};
	of->head[bucket] = (uint16_t)i;
	return i;
}

void map_index_add(struct map_index *x, struct map_column *c)
{
	size_t at = 0, n = 0;

	c->place = c->steps = 0;
	if (c->lookup || c->absent || c->path.up)
		return;
	if (!x->n)
		*VEC_ADD(x, place, n, cap) = (struct place){.name = NULL};
	while (n < c->path.n && c->path.v[n].name && x->n < UINT16_MAX)
		at = add(x, at, &c->path.v[n++]);
	c->place = at;
	c->steps = n;
	x->found = mem_resize(x->found, x->n * sizeof(const struct json *));
}

/* Of members of one name the first counts. */
static void walk(struct map_index *x, size_t at, const struct json *v)
{
	for
		JSON_EACH(m, v)
		{
			size_t i = find(x, at, m->key.s, m->key.len);

			if (!i || x->found[i])
				continue;
			x->found[i] = m;
			if (x->place[i].head && m->type == JSON_OBJECT)
				walk(x, i, m);
		}
}

void map_index_fill(struct map_index *x, const struct json *v)
{
	if (!x->n)
		return;
	memset(x->found, 0, x->n * sizeof(const struct json *));
	if (v->type == JSON_OBJECT)
		walk(x, 0, v);
}

void map_index_release(struct map_index *x)
{
	for (size_t i = 0; i < x->n; i++)
		free(x->place[i].head);
	free(x->place);
	free(x->found);
	*x = (struct map_index){.place = NULL};
}
