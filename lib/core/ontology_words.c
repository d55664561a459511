/* The sections of an ontology that hold words alone: of promises, and of moods. */
#include "base/mem.h"
#include "base/text.h"
#include "core/ontology_part.h"

#include <stdlib.h>

void promises_release(struct promise_words *p)
{
	phrases_release(&p->made);
	phrases_release(&p->undated);
	phrases_release(&p->hedged);
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].action);
		phrases_release(&p->v[i].phrases);
	}
	free(p->v);
	*p = (struct promise_words){.v = NULL};
}

void moods_release(struct mood_words *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i].word);
		free(m->v[i].lang);
	}
	free(m->v);
	*m = (struct mood_words){.v = NULL};
}

static struct promised *promised_of(struct promise_words *p, const char *action)
{
	struct promised *one;

	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i].action, action) == 0)
			return &p->v[i];
	one = VEC_ADD(p, v, n, cap);
	one->action = mem_string(action);
	return one;
}

/* What phrases stand under. */
enum list { LIST_MADE, LIST_UNDATED, LIST_HEDGED, LIST_ACTION };

static enum list list_of(const char *name)
{
	static const char *const names[] = {"made", "undated", "hedged"};
	int i = LIST_MADE;

	while (i < LIST_ACTION && strcmp(name, names[i]) != 0)
		i++;
	return (enum list)i;
}

/* `made`, `undated`, `hedged` or an action, each with phrases by language. */
void loader_promise(struct loader *l, const struct yaml *v)
{
	struct promise_words *p = &l->o->promises;
	struct yaml of = {.type = YAML_MAPPING, .child = (struct yaml *)v};
	struct phrases *out[] = {&p->made, &p->undated, &p->hedged, NULL};
	enum list list = list_of(v->key);

	if (loader_take(l, "promises", v, v->key) < 0)
		return;
	if (list == LIST_ACTION) {
		struct promised *one = promised_of(p, v->key);

		one->at = loader_spot(l, v);
		out[list] = &one->phrases;
	}
	l->adding = false;
	loader_phrases(l, &of, v->key, out[list]);
}

void loader_check_promise(struct loader *l, const struct yaml *v)
{
	if (list_of(v->key) == LIST_ACTION && l->o->action_n &&
		!ontology_action(l->o, str_of(v->key)))
		loader_refuse(l, v, "unknown action %.60s", v->key);
}

static void add_mood(struct loader *l, const struct yaml *v, const char *lang, enum tone tone)
{
	struct buf word = BUF_INIT;
	struct mood_word *one;

	if (v->type == YAML_SCALAR)
		text_words(&word, str_of(v->text));
	if (!word.len || strchr(word.s, ' ')) {
		loader_refuse(l, v, "one word is expected here");
		buf_release(&word);
		return;
	}
	one = VEC_ADD(&l->o->moods, v, n, cap);
	one->word = buf_take(&word);
	one->lang = mem_string(lang);
	one->tone = tone;
}

static const char *const tones[TONES + 1] = {[TONE_GOOD] = "good",
	[TONE_VERY_GOOD] = "very_good",
	[TONE_BAD] = "bad",
	[TONE_VERY_BAD] = "very_bad",
	[TONE_NOT] = "not",
	[TONE_MORE] = "more",
	[TONE_LESS] = "less"};

const char *tone_name(enum tone tone)
{
	return tones[tone];
}

/* A language: words by what they say. */
void loader_mood(struct loader *l, const struct yaml *v)
{
	if (loader_known(l, v, tones) < 0)
		return;
	for (int tone = 0; tone < TONES; tone++) {
		const struct yaml *list = yaml_get(v, tones[tone]);

		if (list && list->type != YAML_SEQUENCE)
			loader_refuse(l, list, "a list is expected here");
	for
		YAML_EACH(one, list)
	add_mood(l, one, v->key, (enum tone)tone);
	}
}
