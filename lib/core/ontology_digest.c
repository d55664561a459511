#include "core/ontology_part.h"
#include "base/hash.h"

static void hash_flags(struct hash *h, const bool *flags, size_t n)
{
	char text[8];

	for (size_t i = 0; i < n; i++)
		text[i] = flags[i] ? '1' : '0';
	hash_add_part(h, (struct str){text, n});
}

static void hash_entry(void *ctx, struct str key, union map_value *v)
{
	hash_add_part(ctx, key);
	hash_add_int(ctx, v->n);
}

void ontology_digest(struct ontology *o)
{
	struct hash *h = hash_new();

	hash_begin(h);
	for (size_t i = 0; i < o->intent_n; i++) {
		const struct intent *t = &o->intents[i];

		hash_add_part(h, str_of(t->id));
		hash_add_part(h, str_of(t->family));
		hash_add_part(h, str_of(t->stage));
		hash_add_part(h, str_of(t->reading->id));
		hash_flags(h,
			(const bool[]){t->commercial, t->courtesy, t->resolving, t->sensitive,
				t->question},
			5);
		for (size_t r = 0; r < t->requires.n; r++)
			hash_add_part(h, str_of(t->requires.v[r]));
	}
	hash_add_int(h, (int64_t)o->entity_n);
	for (size_t i = 0; i < o->entity_n; i++) {
		hash_add_part(h, str_of(o->entities[i].id));
		hash_flags(h, (const bool[]){o->entities[i].identity, o->entities[i].mandatory}, 2);
	}
	for (size_t i = 0; i < o->signal_n; i++)
		hash_add_part(h, str_of(o->signals[i].id));
	hash_add_int(h, (int64_t)o->stages.n);
	for (size_t i = 0; i < o->stages.n; i++)
		hash_add_part(h, str_of(o->stages.v[i]));
	for (size_t i = 0; i < o->class_n; i++) {
		hash_add_part(h, str_of(o->classes[i].id));
		hash_add_int(h, o->classes[i].gap);
		hash_add_int(h, o->classes[i].answer);
	}
	hash_add_int(h, o->request_gap);
	hash_add_int(h, (int64_t)o->default_class);
	map_each(&o->channels, hash_entry, h);
	map_each(&o->placeholders, hash_entry, h);
	for (size_t i = 0; i < o->placeholder_globs.n; i++)
		hash_add_part(h, str_of(o->placeholder_globs.v[i]));
	for (size_t i = 0; i < o->hours_n; i++) {
		hash_add_part(h, str_of(o->hours[i].region));
		hours_hash(o->hours[i].hours, h);
	}
	hash_end(h, o->digest);
	hash_free(h);
}
