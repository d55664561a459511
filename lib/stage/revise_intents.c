/* What changed among the intents, read through what replaces what. */
#include "base/mem.h"
#include "core/examples.h"
#include "stage/revise_part.h"

#include <stdlib.h>

/* Whether the new version replaces an intent that the old one did not. */
static bool newly_replaced(const struct revision *r, const struct intent *new)
{
	const struct intent *old = ontology_declared(r->old, str_of(new->id));

	return new->replaced_by.n && !(old && old->replaced_by.n);
}

static bool listed(const struct patterns *ids, const char *id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (strcmp(ids->v[i], id) == 0)
			return true;
	return false;
}

/* Whether it came in the place of one that was renamed or split. */
static bool is_heir(const struct revision *r, const struct intent *new)
{
	for (size_t i = 0; i < r->new->intent_n; i++) {
		const struct intent *t = &r->new->intents[i];

		if (newly_replaced(r, t) && listed(&t->replaced_by, new->id) &&
			ontology_declared(r->old, str_of(t->id)))
			return true;
	}
	return false;
}

const struct intent *revise_heir(const struct revision *r, const struct intent *old)
{
	const struct intent *new = ontology_declared(r->new, str_of(old->id));

	if (!new || !newly_replaced(r, new))
		return new;
	if (new->replaced_by.n != 1 || ontology_declared(r->old, str_of(new->replaced_by.v[0])))
		return NULL;
	return ontology_declared(r->new, str_of(new->replaced_by.v[0]));
}

static void join(struct buf *out, const struct patterns *ids)
{
	for (size_t i = 0; i < ids->n; i++)
		buf_printf(out, "%s%s", i ? ", " : "", ids->v[i]);
}

static bool same_list(const struct patterns *a, const struct patterns *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return a->n == b->n;
}

static void replacement(struct revision *r, const struct intent *old, const struct intent *new)
{
	struct buf by = BUF_INIT;

	join(&by, &new->replaced_by);
	if (newly_replaced(r, new))
		revise_add(r,
			new->replaced_by.n > 1	      ? "intent.split"
			: revise_heir(r, old) != NULL ? "intent.renamed"
						      : "intent.merged",
			old->id, "read as %s: %s", new->reading->id, by.s);
	else if (!same_list(&old->replaced_by, &new->replaced_by) ||
		 strcmp(old->reading->id, new->reading->id) != 0)
		revise_add(r, "intent.replacement", old->id, "read as %s -> %s", old->reading->id,
			new->reading->id);
	else if (!old->deprecated && new->deprecated)
		revise_add(r, "intent.deprecated", old->id, "since %s", new->deprecated);
	else if (old->deprecated && !new->deprecated)
		revise_add(r, "intent.restored", old->id, "deprecated since %s no more",
			old->deprecated);
	buf_release(&by);
}

static void contents(struct revision *r, const struct intent *old, const struct intent *new)
{
	struct patterns a = revise_phrases(&old->phrases), b = revise_phrases(&new->phrases);
	const char *id = new->id;

	revise_texts(r, "intent", "family", id, old->family, new->family);
	revise_texts(r, "intent", "stage", id, old->stage, new->stage);
	revise_flags(r, "intent", "commercial", id, old->commercial, new->commercial);
	revise_flags(r, "intent", "courtesy", id, old->courtesy, new->courtesy);
	revise_flags(r, "intent", "resolving", id, old->resolving, new->resolving);
	revise_flags(r, "intent", "sensitive", id, old->sensitive, new->sensitive);
	revise_flags(r, "intent", "question", id, old->question, new->question);
	revise_sets(r, "intent.requires", id, &old->requires, &new->requires);
	revise_sets(r, "intent.phrases", id, &a, &b);
	revise_sets(r, "intent.patterns", id, &old->patterns, &new->patterns);
	if (strcmp(old->id, new->id) == 0) {
		revise_texts(r, "intent", "title", id, old->title, new->title);
		revise_texts(r, "intent", "description", id, old->description, new->description);
		revise_texts(r, "intent", "since", id, old->since, new->since);
	}
	patterns_release(&a);
	patterns_release(&b);
}

/* The earlier one wins a tie: the first that moved before one that it stood behind. */
static void order(struct revision *r)
{
	const struct intent *last = NULL;

	for (size_t i = 0; i < r->old->intent_n; i++) {
		const struct intent *now = revise_heir(r, &r->old->intents[i]);

		if (!now)
			continue;
		if (last && now < last) {
			revise_add(r, "intent.order", now->id, "now before %s", last->id);
			return;
		}
		last = now;
	}
}

void revise_intents(struct revision *r)
{
	const struct ontology *old = r->old, *new = r->new;

	for (size_t i = 0; i < old->intent_n; i++) {
		const struct intent *was = &old->intents[i];
		const struct intent *now = ontology_declared(new, str_of(was->id));
		const struct intent *heir = revise_heir(r, was);

		if (now)
			replacement(r, was, now);
		else
			revise_add(r, "intent.removed", was->id, "history of it is unknown");
		if (heir)
			contents(r, was, heir);
	}
	for (size_t i = 0; i < new->intent_n; i++) {
		const struct intent *t = &new->intents[i];

		if (!ontology_declared(old, str_of(t->id)) && !is_heir(r, t))
			revise_add(r, "intent.added", t->id, "%s", t->title ? t->title : "");
	}
	order(r);
}

/* The examples of an intent; renamed ones stand under what they were renamed to. */
static struct patterns *by_intent(
	const struct revision *r, const struct examples *e, bool is_old, size_t n)
{
	struct patterns *all = mem_zero(n, sizeof(*all));

	for (size_t i = 0; i < e->n; i++) {
		const struct intent *t = is_old ? revise_heir(r, &r->old->intents[e->v[i].intent])
						: &r->new->intents[e->v[i].intent];
		struct buf one = BUF_INIT;

		if (!t || newly_replaced(r, t))
			continue;
		buf_printf(&one, "%s %s", e->v[i].lang, e->v[i].text);
		*VEC_ADD(&all[t - r->new->intents], v, n, cap) = buf_take(&one);
	}
	return all;
}

static void free_all(struct patterns *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		patterns_release(&all[i]);
	free(all);
}

int revise_examples(struct revision *r, struct buf *err)
{
	struct examples old = {NULL, 0, 0, {NULL, 0, 0}}, new = old;
	int status = examples_read(r->old, &old, err);

	if (status == 0)
		status = examples_read(r->new, &new, err);
	if (status == 0) {
		size_t n = r->new->intent_n;
		struct patterns *a = by_intent(r, &old, true, n), *b = by_intent(r, &new, false, n);

		for (size_t i = 0; i < n; i++)
			if (ontology_declared(r->old, str_of(r->new->intents[i].id)) || a[i].n)
				revise_sets(
					r, "intent.examples", r->new->intents[i].id, &a[i], &b[i]);
		free_all(a, n);
		free_all(b, n);
	}
	examples_release(&old);
	examples_release(&new);
	return status;
}
