/* Phrases and examples: who claims whose words, which phrase never wins, what a language lacks. */
#include "base/mem.h"
#include "base/text.h"
#include "core/examples.h"
#include "stage/phrases.h"
#include "stage/vocabulary_part.h"

#include <stdlib.h>

#define EXAMPLES_WANTED 20
#define ASTRAY_MAX 10 /* examples that phrases lead astray and that are told one by one */
/* Stands for a word that no phrase has, and ends a word so that only a prefix finds it. */
#define NO_WORD "\001"

struct texts {
	struct vocabulary *v;
	struct phrase_index *index; /* owners: intents */
	struct examples examples;
	size_t astray;		      /* of the folder's own, by phrases alone */
	const struct example *untold; /* the first that is not told by itself */
	struct buf words;
};

/* The intent that the words last matched go to by phrases alone; SIZE_MAX: none. */
static size_t winner(const struct texts *t, int *score)
{
	const struct ontology *o = t->v->o;
	size_t best = SIZE_MAX;

	*score = 0;
	for (int courtesy = 0; courtesy < 2 && best == SIZE_MAX; courtesy++)
		for (size_t i = 0; i < o->intent_n; i++) {
			int one = phrase_index_score(t->index, i);

			if (o->intents[i].courtesy == (courtesy == 1) && one > *score) {
				*score = one;
				best = i;
			}
		}
	return best;
}

/* The least text in which a phrase is found: a gap is one word that no phrase has. */
static void least_text(struct buf *out, const char *phrase)
{
	buf_clear(out);
	for (const char *s = phrase; *s;) {
		size_t len = strcspn(s, " ");

		if (out->len)
			buf_byte(out, ' ');
		if (len == 2 && memcmp(s, "..", 2) == 0) {
			buf_puts(out, NO_WORD);
		} else if (s[len - 1] == '*') {
			buf_add(out, s, len - 1);
			buf_puts(out, NO_WORD);
		} else {
			buf_add(out, s, len);
		}
		s += len + (s[len] == ' ');
	}
}

static bool has_phrase(const struct intent *t, const char *words)
{
	for (size_t i = 0; i < t->phrases.n; i++)
		if (strcmp(t->phrases.v[i].words, words) == 0)
			return true;
	return false;
}

static void check_phrase(struct texts *t, size_t intent, const struct phrase *p)
{
	const struct intent *all = t->v->o->intents;
	int score;
	size_t best;

	least_text(&t->words, p->words);
	phrase_index_match(t->index, buf_str(&t->words));
	best = winner(t, &score);
	if (best == intent || best == SIZE_MAX)
		return;
	if (has_phrase(&all[best], p->words))
		vocabulary_at(t->v, FINDING_WARNING, p->at,
			"\"%.80s\" is a phrase of %.60s as well, which wins", p->words,
			all[best].id);
	else
		vocabulary_at(t->v, FINDING_WARNING, p->at,
			"\"%.80s\" never wins for %.60s: %.60s scores %d on it, and %d it does",
			p->words, all[intent].id, all[best].id, score,
			phrase_index_score(t->index, intent));
}

static void check_phrases(struct texts *t)
{
	const struct ontology *o = t->v->o;

	for (size_t i = 0; i < o->intent_n; i++)
		for (size_t k = 0; k < o->intents[i].phrases.n; k++)
			check_phrase(t, i, &o->intents[i].phrases.v[k]);
}

static void at_example(
	struct texts *t, enum finding_level level, const struct example *e, const char *why)
{
	const char *file = t->examples.files.v[e->file];

	if (level == FINDING_ERROR || vocabulary_own(t->v, file))
		findings_add(t->v->findings, level, file, e->line, e->column, why);
}

/* Two intents may not claim one text. */
static void check_claim(struct texts *t, struct map *taken, size_t number)
{
	const struct example *e = &t->examples.v[number], *first;
	const struct intent *all = t->v->o->intents;
	struct buf why = BUF_INIT;
	union map_value *slot;
	bool fresh;

	slot = map_slot(taken, buf_str(&t->words), &fresh);
	if (fresh) {
		slot->n = (int64_t)number;
		return;
	}
	first = &t->examples.v[slot->n];
	buf_printf(&why, "an example of %.60s at %s:%d", all[first->intent].id,
		t->examples.files.v[first->file], first->line);
	if (first->intent != e->intent) {
		buf_printf(&why, " as well: %.60s cannot claim it", all[e->intent].id);
		at_example(t, FINDING_ERROR, e, why.s);
	} else {
		buf_puts(&why, " already");
		at_example(t, FINDING_WARNING, e, why.s);
	}
	buf_release(&why);
}

static void check_example(struct texts *t, const struct example *e)
{
	const struct intent *all = t->v->o->intents;
	struct buf why = BUF_INIT;
	int score;
	size_t best;

	phrase_index_match(t->index, buf_str(&t->words));
	best = winner(t, &score);
	if (best == e->intent || best == SIZE_MAX ||
		!vocabulary_own(t->v, t->examples.files.v[e->file]))
		return;
	if (t->astray++ >= ASTRAY_MAX) {
		t->untold = t->untold ? t->untold : e;
		return;
	}
	buf_printf(&why, "by phrases alone an example of %.60s goes to %.60s", all[e->intent].id,
		all[best].id);
	at_example(t, FINDING_WARNING, e, why.s);
	buf_release(&why);
}

/* Where a model decides, that is a matter of no weight; where there is none, of many a few show
 * what is amiss. */
static void tell_untold(struct texts *t)
{
	struct buf why = BUF_INIT;

	if (!t->untold)
		return;
	buf_printf(&why, "%zu more examples go to another intent by phrases alone: see eval",
		t->astray - ASTRAY_MAX);
	at_example(t, FINDING_WARNING, t->untold, why.s);
	buf_release(&why);
}

static void check_examples(struct texts *t)
{
	struct map taken = MAP_INIT;

	for (size_t i = 0; i < t->examples.n; i++) {
		const struct example *e = &t->examples.v[i];

		buf_clear(&t->words);
		text_words(&t->words, str_of(e->text));
		if (!t->words.len) {
			at_example(
				t, FINDING_WARNING, e, "an example has neither letters nor digits");
			continue;
		}
		if (t->v->o->intents[e->intent].replaced_by.n)
			at_example(t, FINDING_WARNING, e,
				"an example of an intent that is replaced: it belongs to what "
				"replaces it");
		check_claim(t, &taken, i);
		check_example(t, e);
	}
	tell_untold(t);
	map_release(&taken);
}

static size_t phrases_in(const struct intent *t, const char *language)
{
	size_t n = 0;

	for (size_t i = 0; i < t->phrases.n; i++)
		n += vocabulary_speaks(t->phrases.v[i].lang, language);
	return n;
}

static size_t examples_in(const struct texts *t, size_t intent, const char *language)
{
	size_t n = 0;

	for (size_t i = 0; i < t->examples.n; i++)
		n += t->examples.v[i].intent == intent &&
		     vocabulary_speaks(t->examples.v[i].lang, language);
	return n;
}

static void check_language(struct texts *t, size_t intent, const char *language)
{
	const struct intent *one = &t->v->o->intents[intent];
	size_t examples = examples_in(t, intent, language);

	if (one->deprecated || one->replaced_by.n)
		return;
	if (!one->patterns.n && !phrases_in(one, language))
		vocabulary_at(t->v, FINDING_WARNING, one->at, "%.60s has no phrases in %.20s",
			one->id, language);
	if (!t->examples.n)
		return;
	if (!examples)
		vocabulary_at(t->v, FINDING_WARNING, one->at, "%.60s has no examples in %.20s",
			one->id, language);
	else if (examples < EXAMPLES_WANTED)
		vocabulary_at(t->v, FINDING_NOTE, one->at,
			"%.60s has %zu examples in %.20s: fewer than %d", one->id, examples,
			language, EXAMPLES_WANTED);
}

static bool is_listed(const struct ontology *o, const char *tag)
{
	for (size_t i = 0; i < o->languages.n; i++)
		if (vocabulary_speaks(tag, o->languages.v[i]))
			return true;
	return o->languages.n == 0;
}

/* Languages that the intent speaks and the ontology does not list, once each. */
static void check_unlisted(struct texts *t, const struct intent *one)
{
	const struct phrases *p = &one->phrases;

	for (size_t i = 0; i < p->n; i++)
		if (!is_listed(t->v->o, p->v[i].lang) &&
			(i == 0 || strcmp(p->v[i].lang, p->v[i - 1].lang) != 0))
			vocabulary_at(t->v, FINDING_WARNING, p->v[i].at,
				"%.60s has phrases in %.20s, which the languages do not list",
				one->id, p->v[i].lang);
}

static void check_languages(struct texts *t)
{
	const struct ontology *o = t->v->o;

	if (!o->languages.n)
		vocabulary_at(
			t->v, FINDING_NOTE, o->version_at, "no languages: none can be missing");
	else if (!t->examples.n)
		vocabulary_at(t->v, FINDING_NOTE, o->languages_at, "there are no examples");
	for (size_t i = 0; i < o->intent_n; i++) {
		for (size_t k = 0; k < o->languages.n; k++)
			check_language(t, i, o->languages.v[k]);
		check_unlisted(t, &o->intents[i]);
	}
}

void vocabulary_texts(struct vocabulary *v)
{
	struct texts t = {.v = v, .words = BUF_INIT};
	struct buf first = BUF_INIT;
	size_t told = v->findings->n;

	t.index = phrase_index_new(v->o->intent_n);
	for (size_t i = 0; i < v->o->intent_n; i++)
		phrase_index_add(t.index, i, &v->o->intents[i].phrases);
	if (examples_read_all(v->o, &t.examples, v->findings, &first) < 0 && v->findings->n == told)
		findings_message(v->findings, v->o->folder, first.s);
	check_phrases(&t);
	check_examples(&t);
	check_languages(&t);
	phrase_index_free(t.index);
	examples_release(&t.examples);
	buf_release(&t.words);
	buf_release(&first);
}
