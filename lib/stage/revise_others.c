/* What changed among all that is no intent. */
#include "base/mem.h"
#include "stage/revise_part.h"

#include <stdlib.h>

static void terms(
	struct revision *r, const char *section, const struct terms *old, const struct terms *new)
{
	for (size_t i = 0; i < old->n; i++) {
		const struct term *was = &old->v[i];
		const union map_value *at = map_get(&new->by_id, str_of(was->id));

		if (at)
			revise_texts(r, section, "title", was->id, was->title, new->v[at->n].title);
		else
			revise_part(
				r, section, "removed", was->id, "%s", was->title ? was->title : "");
	}
	for (size_t i = 0; i < new->n; i++)
		if (!map_get(&old->by_id, str_of(new->v[i].id)))
			revise_part(r, section, "added", new->v[i].id, "%s",
				new->v[i].title ? new->v[i].title : "");
}

static void stage_order(struct revision *r)
{
	const struct terms *new = &r->new->stage_terms;
	int64_t last = -1;

	for (size_t i = 0; i < r->old->stages.n; i++) {
		const union map_value *at = map_get(&new->by_id, str_of(r->old->stages.v[i]));

		if (!at)
			continue;
		if (at->n < last) {
			revise_add(r, "stage.order", r->old->stages.v[i], "now before %s",
				new->v[last].id);
			return;
		}
		last = at->n;
	}
}

static struct patterns values_of(const struct entity *e, bool spellings)
{
	struct patterns out = {NULL, 0, 0};

	for (size_t i = 0; i < e->values.n; i++) {
		const struct entity_value *v = &e->values.v[i];

		if (!spellings)
			*VEC_ADD(&out, v, n, cap) = mem_string(v->value);
		for (size_t k = 0; spellings && k < v->spellings.n; k++) {
			struct buf one = BUF_INIT;

			buf_printf(&one, "%s of %s", v->spellings.v[k], v->value);
			*VEC_ADD(&out, v, n, cap) = buf_take(&one);
		}
	}
	return out;
}

static void values(struct revision *r, const char *section, const struct entity *old,
	const struct entity *new, bool spellings)
{
	struct patterns a = values_of(old, spellings), b = values_of(new, spellings);

	revise_sets(r, section, new->id, &a, &b);
	patterns_release(&a);
	patterns_release(&b);
}

static void phrases(struct revision *r, const char *section, const char *id,
	const struct phrases *old, const struct phrases *new)
{
	struct patterns a = revise_phrases(old), b = revise_phrases(new);

	revise_sets(r, section, id, &a, &b);
	patterns_release(&a);
	patterns_release(&b);
}

static void entity(struct revision *r, const struct entity *old, const struct entity *new)
{
	const char *id = new->id;

	if (old->normal != new->normal)
		revise_add(r, "entity.normal", id, "values of history compare equal no more");
	revise_flags(r, "entity", "identity", id, old->identity, new->identity);
	revise_flags(r, "entity", "mandatory", id, old->mandatory, new->mandatory);
	revise_texts(r, "entity", "checker", id, old->checker, new->checker);
	values(r, "entity.values", old, new, false);
	values(r, "entity.spellings", old, new, true);
	revise_sets(r, "entity.patterns", id, &old->patterns, &new->patterns);
	phrases(r, "entity.asked_by", id, &old->asked_by, &new->asked_by);
	revise_texts(r, "entity", "title", id, old->title, new->title);
}

static void entities(struct revision *r)
{
	for (size_t i = 0; i < r->old->entity_n; i++) {
		const struct entity *was = &r->old->entities[i];
		const struct entity *now = ontology_entity(r->new, str_of(was->id));

		if (now)
			entity(r, was, now);
		else
			revise_add(
				r, "entity.removed", was->id, "%s", was->title ? was->title : "");
	}
	for (size_t i = 0; i < r->new->entity_n; i++) {
		const struct entity *e = &r->new->entities[i];

		if (!ontology_entity(r->old, str_of(e->id)))
			revise_add(r, "entity.added", e->id, "%s", e->title ? e->title : "");
	}
}

static const struct signal *signal_of(const struct ontology *o, const char *id)
{
	const union map_value *at = map_get(&o->signal_by_id, str_of(id));

	return at ? &o->signals[at->n] : NULL;
}

static void signals(struct revision *r)
{
	for (size_t i = 0; i < r->old->signal_n; i++) {
		const struct signal *was = &r->old->signals[i], *now = signal_of(r->new, was->id);

		if (!now) {
			revise_add(
				r, "signal.removed", was->id, "%s", was->title ? was->title : "");
			continue;
		}
		phrases(r, "signal.phrases", was->id, &was->phrases, &now->phrases);
		revise_sets(r, "signal.patterns", was->id, &was->patterns, &now->patterns);
		revise_texts(r, "signal", "title", was->id, was->title, now->title);
	}
	for (size_t i = 0; i < r->new->signal_n; i++) {
		const struct signal *s = &r->new->signals[i];

		if (!signal_of(r->old, s->id))
			revise_add(r, "signal.added", s->id, "%s", s->title ? s->title : "");
	}
}

static void actions(struct revision *r)
{
	for (size_t i = 0; i < r->old->action_n; i++) {
		const struct action *was = &r->old->actions[i];
		const struct action *now = ontology_action(r->new, str_of(was->id));

		if (!now) {
			revise_add(
				r, "action.removed", was->id, "%s", was->title ? was->title : "");
			continue;
		}
		revise_flags(r, "action", "consequential", was->id, was->consequential,
			now->consequential);
		revise_texts(r, "action", "title", was->id, was->title, now->title);
	}
	for (size_t i = 0; i < r->new->action_n; i++) {
		const struct action *a = &r->new->actions[i];

		if (!ontology_action(r->old, str_of(a->id)))
			revise_add(r, "action.added", a->id, "%s", a->title ? a->title : "");
	}
}

static const struct phrases *promised_of(const struct ontology *o, const char *action)
{
	static const struct phrases none = {NULL, 0, 0};

	for (size_t i = 0; i < o->promises.n; i++)
		if (strcmp(o->promises.v[i].action, action) == 0)
			return &o->promises.v[i].phrases;
	return &none;
}

static void promises(struct revision *r)
{
	const struct promise_words *old = &r->old->promises, *new = &r->new->promises;

	phrases(r, "promise.phrases", "made", &old->made, &new->made);
	phrases(r, "promise.phrases", "undated", &old->undated, &new->undated);
	phrases(r, "promise.phrases", "hedged", &old->hedged, &new->hedged);
	for (size_t i = 0; i < old->n; i++)
		phrases(r, "promise.phrases", old->v[i].action, &old->v[i].phrases,
			promised_of(r->new, old->v[i].action));
	for (size_t i = 0; i < new->n; i++)
		if (!promised_of(r->old, new->v[i].action)->n)
			phrases(r, "promise.phrases", new->v[i].action,
				promised_of(r->old, new->v[i].action), &new->v[i].phrases);
}

static struct patterns words_of(const struct ontology *o, enum tone tone)
{
	struct patterns out = {NULL, 0, 0};

	for (size_t i = 0; i < o->moods.n; i++) {
		const struct mood_word *w = &o->moods.v[i];
		struct buf one = BUF_INIT;

		if (w->tone != tone)
			continue;
		buf_printf(&one, "%s %s", w->lang, w->word);
		*VEC_ADD(&out, v, n, cap) = buf_take(&one);
	}
	return out;
}

static void sentiment(struct revision *r)
{
	for (int tone = 0; tone < TONES; tone++) {
		struct patterns a = words_of(r->old, (enum tone)tone),
				b = words_of(r->new, (enum tone)tone);

		revise_sets(r, "sentiment.words", tone_name((enum tone)tone), &a, &b);
		patterns_release(&a);
		patterns_release(&b);
	}
}

static const struct channel_class *class_of(const struct ontology *o, const char *id)
{
	for (size_t i = 0; i < o->class_n; i++)
		if (strcmp(o->classes[i].id, id) == 0)
			return &o->classes[i];
	return NULL;
}

static void spans(struct revision *r, const char *section, const char *what, const char *id,
	int64_t old, int64_t new)
{
	if (old != new)
		revise_part(r, section, what, id, "%lld s -> %lld s", (long long)old / 1000,
			(long long)new / 1000);
}

static void classes(struct revision *r)
{
	const struct ontology *old = r->old, *new = r->new;

	for (size_t i = 0; i < old->class_n; i++) {
		const struct channel_class *was = &old->classes[i], *now = class_of(new, was->id);

		if (!now) {
			revise_add(r, "class.removed", was->id, "gone");
			continue;
		}
		spans(r, "class", "gap", was->id, was->gap, now->gap);
		spans(r, "class", "answer", was->id, was->answer, now->answer);
	}
	for (size_t i = 0; i < new->class_n; i++)
		if (!class_of(old, new->classes[i].id))
			revise_add(r, "class.added", new->classes[i].id, "new");
	revise_texts(r, "class", "default", "default_class", old->classes[old->default_class].id,
		new->classes[new->default_class].id);
	spans(r, "request_gap", "changed", "request_gap", old->request_gap, new->request_gap);
}

static void old_channel(void *ctx, struct str name, union map_value *at)
{
	struct revision *r = ctx;
	const union map_value *now = map_get(&r->new->channels, name);
	const char *was = r->old->classes[at->n].id;

	if (!now)
		revise_add(r, "channel.removed", name.s, "was %s", was);
	else
		revise_texts(r, "channel", "class", name.s, was, r->new->classes[now->n].id);
}

static void new_channel(void *ctx, struct str name, union map_value *at)
{
	struct revision *r = ctx;

	if (!map_get(&r->old->channels, name))
		revise_add(r, "channel.added", name.s, "%s", r->new->classes[at->n].id);
}

/* By which identifiers one is reached. */
static struct patterns identifiers_of(const struct ontology *o, const struct channel_reach *reach)
{
	struct patterns out = {NULL, 0, 0};

	for (size_t i = 0; i < o->reach_kinds.n && i < 64; i++)
		if (reach->kinds >> i & 1)
			*VEC_ADD(&out, v, n, cap) = mem_string(o->reach_kinds.v[i]);
	return out;
}

static void old_reach(void *ctx, struct str name, union map_value *at)
{
	struct revision *r = ctx;
	const struct channel_reach *was = &r->old->reaches[at->n],
				   *now = ontology_reach(r->new, name);
	struct patterns a, b;

	if (!now) {
		revise_add(r, "reach.removed", name.s, "no rule may answer there");
		return;
	}
	a = identifiers_of(r->old, was);
	b = identifiers_of(r->new, now);
	revise_sets(r, "reach.identifiers", name.s, &a, &b);
	revise_flags(r, "reach", "window", name.s, was->window, now->window);
	patterns_release(&a);
	patterns_release(&b);
}

static void new_reach(void *ctx, struct str name, union map_value *at)
{
	struct revision *r = ctx;

	(void)at;
	if (!ontology_reach(r->old, name))
		revise_add(r, "reach.added", name.s, "new");
}

static const struct hours *hours_of(const struct ontology *o, const char *region)
{
	for (size_t i = 0; i < o->hours_n; i++)
		if (strcmp(o->hours[i].region, region) == 0)
			return o->hours[i].hours;
	return NULL;
}

static void hours(struct revision *r)
{
	for (size_t i = 0; i < r->old->hours_n; i++) {
		const struct region_hours *was = &r->old->hours[i];
		const struct hours *now = hours_of(r->new, was->region);

		if (!now)
			revise_add(r, "hours.removed", was->region, "gone");
		else if (!hours_same(was->hours, now))
			revise_add(r, "hours.changed", was->region, "open at other times");
	}
	for (size_t i = 0; i < r->new->hours_n; i++)
		if (!hours_of(r->old, r->new->hours[i].region))
			revise_add(r, "hours.added", r->new->hours[i].region, "new");
}

static const struct ident_kind *kind_of(const struct ontology *o, const char *id)
{
	for (size_t i = 0; i < o->kind_n; i++)
		if (strcmp(o->kinds[i].id, id) == 0)
			return &o->kinds[i];
	return NULL;
}

static void kinds(struct revision *r)
{
	const struct ident_kind *last = NULL;
	bool moved = false;

	for (size_t i = 0; i < r->old->kind_n; i++) {
		const struct ident_kind *was = &r->old->kinds[i], *now = kind_of(r->new, was->id);

		if (!now) {
			revise_add(r, "kind.removed", was->id, "comes last, without limits");
			continue;
		}
		if (memcmp(was->limit, now->limit, sizeof(was->limit)) != 0)
			revise_add(r, "kind.limits", was->id, "logs that exist keep theirs");
		if (last && now < last && !moved) {
			revise_add(r, "kind.order", was->id, "now before %s", last->id);
			moved = true;
		}
		last = now;
	}
	for (size_t i = 0; i < r->new->kind_n; i++)
		if (!kind_of(r->old, r->new->kinds[i].id))
			revise_add(r, "kind.added", r->new->kinds[i].id, "new");
}

static void take_name(void *ctx, struct str key, union map_value *v)
{
	struct patterns *out = ctx;
	char *one = mem_copy(key.s, key.len);

	(void)v;
	one[strcspn(one, "\n")] = ' ';
	*VEC_ADD(out, v, n, cap) = one;
}

static struct patterns placeholders_of(const struct ontology *o)
{
	struct patterns out = {NULL, 0, 0};

	map_each(&o->placeholders, take_name, &out);
	for (size_t i = 0; i < o->placeholder_globs.n; i++)
		take_name(&out, str_of(o->placeholder_globs.v[i]), NULL);
	return out;
}

static void placeholders(struct revision *r)
{
	struct patterns a = placeholders_of(r->old), b = placeholders_of(r->new);

	revise_sets(r, "placeholder", "placeholders", &a, &b);
	patterns_release(&a);
	patterns_release(&b);
}

void revise_others(struct revision *r)
{
	const struct ontology *old = r->old, *new = r->new;

	entities(r);
	signals(r);
	terms(r, "stage", &old->stage_terms, &new->stage_terms);
	stage_order(r);
	actions(r);
	promises(r);
	sentiment(r);
	terms(r, "queue", &old->queues, &new->queues);
	terms(r, "type", &old->types, &new->types);
	terms(r, "reason", &old->reasons, &new->reasons);
	terms(r, "family", &old->family_terms, &new->family_terms);
	classes(r);
	map_each(&old->channels, old_channel, r);
	map_each(&new->channels, new_channel, r);
	map_each(&old->reach_of, old_reach, r);
	map_each(&new->reach_of, new_reach, r);
	hours(r);
	kinds(r);
	placeholders(r);
}
