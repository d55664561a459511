/* Entities that contacts name: of each the first value there, and the first in the issue. */
#include "core/fold/internal.h"

#include <stdlib.h>

static int by_place(const void *pa, const void *pb)
{
	const struct named_entity *a = pa, *b = pb;

	if (a->contact != b->contact)
		return a->contact < b->contact ? -1 : 1;
	if (a->entity != b->entity)
		return a->entity < b->entity ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

static int by_issue(const void *pa, const void *pb, void *ctx)
{
	const struct fold *f = ctx;
	const struct named_entity *a = &f->entities[*(const size_t *)pa];
	const struct named_entity *b = &f->entities[*(const size_t *)pb];
	size_t x = f->contacts[a->contact].issue, y = f->contacts[b->contact].issue;

	if (x != y)
		return x < y ? -1 : 1;
	if (a->entity != b->entity)
		return a->entity < b->entity ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

/* All values that are named in a contact. */
static void gather(struct fold *f)
{
	const struct fold_state *s = f->state;

	f->entity_n = 0;
	for (size_t i = 0; i < s->done; i++) {
		const struct fold_event *e = &s->events[i];

		for (size_t v = 0; v < e->said_n && e->contact; v++)
			*VEC_ADD(f, entities, entity_n, entity_cap) = (struct named_entity){e->seq,
				e->time, e->contact - 1, s->said[e->said + v].entity, i, v,
				s->said[e->said + v].value, false};
	}
}

static void keep_first(struct fold *f)
{
	struct named_entity *all = f->entities;
	size_t n = 0;

	for (size_t i = 0; i < f->entity_n; i++)
		if (!n || all[n - 1].contact != all[i].contact ||
			all[n - 1].entity != all[i].entity)
			all[n++] = all[i];
	f->entity_n = n;
}

static void mark_first(struct fold *f)
{
	size_t *order = mem_alloc(f->entity_n * sizeof(*order));

	for (size_t i = 0; i < f->entity_n; i++)
		order[i] = i;
	qsort_r(order, f->entity_n, sizeof(*order), by_issue, f);
	for (size_t i = 0; i < f->entity_n; i++) {
		struct named_entity *one = &f->entities[order[i]];
		const struct named_entity *before = i ? &f->entities[order[i - 1]] : NULL;

		one->first = !before || before->entity != one->entity ||
			     f->contacts[before->contact].issue != f->contacts[one->contact].issue;
	}
	free(order);
}

void fold_entities(struct fold *f)
{
	gather(f);
	if (f->entity_n == 1)
		f->entities[0].first = true;
	if (f->entity_n <= 1)
		return;
	qsort(f->entities, f->entity_n, sizeof(*f->entities), by_place);
	keep_first(f);
	mark_first(f);
}
