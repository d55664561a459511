/* How history is read: renames, merges and splits of intents, followed to their end. */
#include "core/ontology_part.h"
#include "base/mem.h"

#include <stdlib.h>

/* The family that all that replaces an intent have in common, or NULL. */
static const char *common_family(const struct ontology *o, const struct intent *t)
{
	const char *family = NULL;

	for (size_t i = 0; i < t->replaced_by.n; i++) {
		const struct intent *by = ontology_declared(o, str_of(t->replaced_by.v[i]));

		if (!by || !by->family || (family && strcmp(family, by->family) != 0))
			return NULL;
		family = by->family;
	}
	return family;
}

/* What stands for an intent that was split, where its history can be told apart no more: its
 * family, with its own flags. */
static const struct intent *family_reading(struct loader *l, const struct intent *t)
{
	struct ontology *o = l->o;
	const char *family = common_family(o, t);
	struct intent *r;

	if (!family) {
		loader_refuse_at(l, t->at,
			"what replaces %.60s has no family in common: read_as names one of them",
			t->id);
		return t;
	}
	r = &o->families[o->family_n++];
	r->id = mem_string(family);
	r->family = mem_string(family);
	r->stage = t->stage ? mem_string(t->stage) : NULL;
	r->commercial = t->commercial;
	r->courtesy = t->courtesy;
	r->resolving = t->resolving;
	r->sensitive = t->sensitive;
	r->question = t->question;
	for (size_t i = 0; i < t->requires.n; i++)
		*VEC_ADD(&r->requires, v, n, cap) = mem_string(t->requires.v[i]);
	r->at = t->at;
	r->reading = r;
	return r;
}

static const struct intent *reading_of(struct loader *l, const struct intent *t)
{
	const struct intent *first = t;

	for (size_t steps = 0; t->replaced_by.n; steps++) {
		const char *by = t->replaced_by.n == 1 ? t->replaced_by.v[0] : t->read_as;
		const struct intent *next;

		if (!by)
			return family_reading(l, t);
		next = ontology_declared(l->o, str_of(by));
		if (!next) /* told already */
			return t;
		if (steps == l->o->intent_n) {
			loader_refuse_at(l, first->at, "%.60s is replaced in a circle", first->id);
			return first;
		}
		t = next;
	}
	return t;
}

/* Whether any of the ways over what replaces an intent leads back to it. */
static bool comes_back(const struct ontology *o, const struct intent *t)
{
	bool *seen = mem_zero(o->intent_n, sizeof(*seen)), back = false;
	const struct intent **way = mem_zero(o->intent_n + 1, sizeof(*way));
	size_t n = 0;

	for (way[n++] = t; n && !back;) {
		const struct intent *at = way[--n];

		for (size_t i = 0; i < at->replaced_by.n; i++) {
			const struct intent *by =
				ontology_declared(o, str_of(at->replaced_by.v[i]));

			back |= by == t;
			if (!by || seen[by - o->intents])
				continue;
			seen[by - o->intents] = true;
			way[n++] = by;
		}
	}
	free(way);
	free(seen);
	return back;
}

/* A circle that one reading goes round in was met there. */
static void check_split(struct loader *l, const struct intent *t)
{
	if (t->replaced_by.n > 1 && t->reading != t && comes_back(l->o, t))
		loader_refuse_at(l, t->at, "%.60s is replaced in a circle", t->id);
}

void loader_settle(struct loader *l)
{
	struct ontology *o = l->o;

	o->families = mem_zero(o->intent_n, sizeof(*o->families));
	for (size_t i = 0; i < o->intent_n; i++)
		o->intents[i].reading = reading_of(l, &o->intents[i]);
	for (size_t i = 0; i < o->intent_n; i++)
		check_split(l, &o->intents[i]);
}
