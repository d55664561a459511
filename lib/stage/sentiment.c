#include "stage/sentiment.h"
#include "base/map.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define LANGS_MAX 64 /* further languages of an ontology are not told apart */
#define REACH 3	     /* words over which a denial reaches */

/* What a word is in some languages; a word may have several. */
struct sense {
	uint64_t langs;
	enum tone tone;
	size_t next; /* number of the next one + 1 */
};

struct sentiment {
	struct word_set known;
	struct map senses; /* word -> number of its first sense + 1 */
	struct sense *v;
	size_t n, cap;
	char *langs[LANGS_MAX];
	size_t lang_n;
};

static uint64_t lang_bit(struct sentiment *s, const char *lang)
{
	size_t i = 0;

	while (i < s->lang_n && strcmp(s->langs[i], lang) != 0)
		i++;
	if (i == LANGS_MAX)
		return 0;
	if (i == s->lang_n)
		s->langs[s->lang_n++] = mem_string(lang);
	return UINT64_C(1) << i;
}

static void add(struct sentiment *s, const struct mood_word *word)
{
	uint64_t bit = lang_bit(s, word->lang);
	union map_value *head = map_slot(&s->senses, str_of(word->word), NULL);

	word_set_add(&s->known, str_of(word->word));
	for (size_t i = (size_t)head->n; i; i = s->v[i - 1].next)
		if (s->v[i - 1].tone == word->tone) {
			s->v[i - 1].langs |= bit;
			return;
		}
	*VEC_ADD(s, v, n, cap) = (struct sense){bit, word->tone, (size_t)head->n};
	head->n = (int64_t)s->n;
}

struct sentiment *sentiment_new(const struct ontology *o)
{
	struct sentiment *s = mem_zero(1, sizeof(*s));

	for (size_t i = 0; i < o->moods.n; i++)
		add(s, &o->moods.v[i]);
	return s;
}

void sentiment_free(struct sentiment *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->lang_n; i++)
		free(s->langs[i]);
	map_release(&s->senses);
	free(s->v);
	free(s);
}

static uint64_t langs_of(const struct sentiment *s, struct str lang)
{
	for (size_t i = 0; i < s->lang_n; i++) {
		struct str known = str_of(s->langs[i]);

		if (str_starts(lang, known) && (lang.len == known.len || lang.s[known.len] == '-'))
			return UINT64_C(1) << i;
	}
	return lang.len ? 0 : UINT64_MAX;
}

static bool sense_of(
	const struct sentiment *s, const struct words *w, size_t i, uint64_t langs, enum tone *out)
{
	const union map_value *head = word_set_has(&s->known, words_at(w, i))
					      ? map_get(&s->senses, words_at(w, i))
					      : NULL;

	for (size_t k = head ? (size_t)head->n : 0; k; k = s->v[k - 1].next)
		if (s->v[k - 1].langs & langs) {
			*out = s->v[k - 1].tone;
			return true;
		}
	return false;
}

/* What stands before a word in its sentence, nearest last. */
struct before {
	size_t denied; /* the word behind a denial + 1; 0: none */
	double weight; /* by "very" and its like, directly before */
};

static double weigh(enum tone tone, const struct before *b, size_t i)
{
	static const double values[] = {
		[TONE_GOOD] = 0.5, [TONE_VERY_GOOD] = 1, [TONE_BAD] = -0.5, [TONE_VERY_BAD] = -1};
	double v = values[tone] * b->weight;

	if (b->denied && i - (b->denied - 1) <= REACH)
		v *= -0.5;
	return v > 1 ? 1 : v < -1 ? -1 : v;
}

bool sentiment_of(const struct sentiment *s, const struct words *w, struct str lang, double *out)
{
	uint64_t langs = langs_of(s, lang);
	struct before b = {0, 1};
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; langs && i < w->n; i++) {
		enum tone tone;
		bool told = sense_of(s, w, i, langs, &tone);
		double weight = 1;

		if (told && tone == TONE_NOT) {
			b.denied = i + 1;
		} else if (told && (tone == TONE_MORE || tone == TONE_LESS)) {
			weight = tone == TONE_MORE ? 1.5 : 0.5;
		} else if (told) {
			sum += weigh(tone, &b, i);
			n++;
		}
		b.weight = weight;
		if (words_stop(w, i))
			b = (struct before){0, 1};
	}
	if (n)
		*out = floor(sum / (double)n * 100 + 0.5) / 100;
	return n > 0;
}
