#include "stage/promises.h"
#include "base/map.h"
#include "base/mem.h"
#include "stage/phrases.h"

#include <stdlib.h>

#define FOUND_MAX 8 /* of one text: who promises more lists what others promised */

enum { OWNER_MADE, OWNER_UNDATED, OWNER_HEDGED, OWNER_ACTIONS };

struct promises_index {
	const struct ontology *o;
	struct phrase_index *phrases; /* owners: made, undated, hedged, then the actions */
	struct word_set markers;      /* each of the phrases `made` holds one of them */
	bool all;		      /* but one, which may be any word */
	struct buf clause;	      /* folded words */
	struct promise_found found[FOUND_MAX];
	size_t n;
};

/* Words from first up to before end, the last of which ends it. */
struct sentence {
	size_t first, end;
	struct str text;
	bool asks;
};

/* The next word of a phrase; {NULL, 0} behind the last. */
static struct str next_word(const char **at)
{
	size_t len = strcspn(*at, " ");
	struct str word = {*at, len};

	*at += len + ((*at)[len] == ' ');
	return len ? word : (struct str){NULL, 0};
}

static void count_words(struct map *counts, const struct phrases *phrases)
{
	for (size_t i = 0; i < phrases->n; i++) {
		const char *at = phrases->v[i].words;

		for (struct str word = next_word(&at); word.len; word = next_word(&at))
			if (!str_is(word, "..") && word.s[word.len - 1] != '*')
				map_slot(counts, word, NULL)->n++;
	}
}

/* Of each phrase the word that most of them have: few words mark all of them. */
static void mark(struct promises_index *p, const struct phrases *phrases)
{
	struct map counts = MAP_INIT;

	count_words(&counts, phrases);
	for (size_t i = 0; i < phrases->n; i++) {
		const char *at = phrases->v[i].words;
		struct str best = {NULL, 0};
		int64_t most = 0;

		for (struct str word = next_word(&at); word.len; word = next_word(&at)) {
			const union map_value *n = map_get(&counts, word);

			if (n && n->n > most) {
				most = n->n;
				best = word;
			}
		}
		if (best.len)
			word_set_add(&p->markers, best);
		else
			p->all = true;
	}
	map_release(&counts);
}

struct promises_index *promises_new(const struct ontology *o)
{
	struct promises_index *p = mem_zero(1, sizeof(*p));

	p->o = o;
	buf_init(&p->clause);
	p->phrases = phrase_index_new(OWNER_ACTIONS + o->promises.n);
	mark(p, &o->promises.made);
	phrase_index_add(p->phrases, OWNER_MADE, &o->promises.made);
	phrase_index_add(p->phrases, OWNER_UNDATED, &o->promises.undated);
	phrase_index_add(p->phrases, OWNER_HEDGED, &o->promises.hedged);
	for (size_t i = 0; i < o->promises.n; i++)
		phrase_index_add(p->phrases, OWNER_ACTIONS + i, &o->promises.v[i].phrases);
	return p;
}

void promises_free(struct promises_index *p)
{
	if (!p)
		return;
	phrase_index_free(p->phrases);
	buf_release(&p->clause);
	free(p);
}

/* "we'll" is "we will": folded it would be "well". What is left of such a word is put out before
 * it. */
static size_t shortened(struct str written)
{
	if (str_ends(written, STR("'ll")) || str_ends(written, STR("'LL")))
		return 3;
	return str_ends(written, STR("\xe2\x80\x99ll")) ? 5 : 0;
}

static void put_words(struct buf *out, const struct words *w, size_t first, size_t end)
{
	buf_clear(out);
	for (size_t i = first; i < end; i++) {
		struct str word = words_at(w, i);
		struct str written = {w->text.s + w->v[i].begin, w->v[i].end - w->v[i].begin};

		if (out->len)
			buf_byte(out, ' ');
		if (word.len > 2 && shortened(written)) {
			buf_put(out, (struct str){word.s, word.len - 2});
			buf_puts(out, " will");
		} else {
			buf_put(out, word);
		}
	}
}

static struct sentence sentence_at(const struct words *w, size_t first)
{
	struct sentence s = {.first = first, .end = first};
	size_t begin = w->v[first].begin, end;
	struct str gap;

	do
		s.end++;
	while (s.end < w->n && !words_stop(w, s.end - 1));
	gap = words_between(w, s.end - 1);
	s.asks = gap.len && memchr(gap.s, '?', gap.len);
	end = w->v[s.end - 1].end;
	if (gap.len && strchr(".!?", gap.s[0]))
		end++;
	s.text = (struct str){w->text.s + begin, end - begin};
	return s;
}

/* The action whose words weigh most; the earlier one among equals; SIZE_MAX: none. */
static size_t action_of(const struct promises_index *p)
{
	size_t best = SIZE_MAX;
	int score = 0;

	for (size_t i = 0; i < p->o->promises.n; i++) {
		int s = phrase_index_score(p->phrases, OWNER_ACTIONS + i);

		if (s > score) {
			score = s;
			best = i;
		}
	}
	return best;
}

static void add(struct promises_index *p, size_t action, int64_t due, struct str said)
{
	const char *id = p->o->promises.v[action].action;

	for (size_t i = 0; i < p->n; i++)
		if (p->found[i].due == due && strcmp(p->found[i].action, id) == 0)
			return;
	if (p->n < FOUND_MAX)
		p->found[p->n++] = (struct promise_found){id, due, said};
}

static bool is_end(struct str word)
{
	return str_is(word, "end") || str_starts(word, STR("fin")) || str_is(word, "fim");
}

/* before Friday, antes de la próxima semana: it falls due when the day before is over. Before the
 * end of a day or week is by then. */
static void end_before(
	const struct words *w, size_t first, size_t i, const struct saying *said, struct dated *d)
{
	struct dated sooner = *d;

	if (d->minute >= 0 || d->at >= 0 || is_end(words_at(w, i)))
		return;
	sooner.from = sooner.to = d->from - 1;
	for (size_t k = i; k > first && k + 3 > i; k--)
		if ((words_is(w, k - 1, "before") || words_is(w, k - 1, "antes")) &&
			dates_due(&sooner) > said->time)
			*d = sooner;
}

/* A time that a sentence tells, and the words that belong to it: from behind the one before. */
static size_t next_time(const struct words *w, const struct sentence *s, size_t from,
	const struct saying *said, struct dated *out)
{
	for (size_t i = from; i < s->end; i++)
		if (dates_parse(w, i, said, out)) {
			end_before(w, s->first, i, said, out);
			if (out->sure && dates_due(out) > said->time)
				return i + out->words;
			i += out->words - 1;
		}
	return 0;
}

/* A time without a day of its own is of the day that is told before it: "on Tuesday by 5 pm". */
static bool is_clock(const struct dated *d)
{
	return d->minute >= 0 && !d->day_told && d->at < 0;
}

static void join_time(struct dated *first, const struct dated *next)
{
	if (is_clock(next) && first->at < 0)
		first->minute = next->minute;
	else if (dates_due(next) > dates_due(first))
		*first = *next;
}

/* The action that the words between two times are about. */
static size_t action_within(
	struct promises_index *p, const struct words *w, size_t first, size_t end)
{
	put_words(&p->clause, w, first, end);
	phrase_index_match(p->phrases, buf_str(&p->clause));
	return action_of(p);
}

/*
 * Of several times each has the action that is said before it; one without belongs to the time
 * before. `time` is the first, and ends before `behind`.
 */
static void add_each(struct promises_index *p, const struct words *w, const struct sentence *s,
	const struct saying *said, size_t behind, struct dated time, size_t all)
{
	struct dated later;
	size_t next = next_time(w, s, behind, said, &later);
	size_t action = next ? action_within(p, w, s->first, behind) : all;

	for (; next; next = next_time(w, s, behind, said, &later)) {
		size_t own = action_within(p, w, behind, next);

		if (action == SIZE_MAX && own != SIZE_MAX) {
			time = later;
			action = own;
		} else if (own == SIZE_MAX || (own == action && is_clock(&later))) {
			join_time(&time, &later);
		} else {
			add(p, action, dates_due(&time), s->text);
			time = later;
			action = own;
		}
		behind = next;
	}
	add(p, action == SIZE_MAX ? all : action, dates_due(&time), s->text);
}

static bool joins(struct str word)
{
	return str_is(word, "and") || str_is(word, "e") || str_is(word, "y");
}

/* "We will process your claim and keep you updated" promises both; what is said of no part alone is
 * said of the whole. */
static void add_undated(
	struct promises_index *p, const struct words *w, const struct sentence *s, size_t all)
{
	size_t first = s->first;
	bool told = false;

	for (size_t i = first; i <= s->end; i++) {
		size_t own;

		if (i < s->end && !joins(words_at(w, i)))
			continue;
		own = action_within(p, w, first, i);
		if (own != SIZE_MAX && phrase_index_score(p->phrases, OWNER_UNDATED)) {
			add(p, own, PROMISE_UNDATED, s->text);
			told = true;
		}
		first = i + 1;
	}
	if (!told)
		add(p, all, PROMISE_UNDATED, s->text);
}

static void read_sentence(struct promises_index *p, const struct words *w, const struct sentence *s,
	const struct saying *said)
{
	struct dated time;
	size_t behind, action;

	if (s->asks)
		return;
	put_words(&p->clause, w, s->first, s->end);
	phrase_index_match(p->phrases, buf_str(&p->clause));
	if (!phrase_index_score(p->phrases, OWNER_MADE) ||
		phrase_index_score(p->phrases, OWNER_HEDGED))
		return;
	action = action_of(p);
	if (action == SIZE_MAX)
		return;
	behind = next_time(w, s, s->first, said, &time);
	if (behind)
		add_each(p, w, s, said, behind, time, action);
	else if (phrase_index_score(p->phrases, OWNER_UNDATED))
		add_undated(p, w, s, action);
}

/* Whether anything may be promised: most texts are passed over here. */
static bool may_promise(const struct promises_index *p, const struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (word_set_has(&p->markers, words_at(w, i)))
			return true;
	return p->all || str_find(w->text, STR("'ll")) >= 0 ||
	       str_find(w->text, STR("\xe2\x80\x99ll")) >= 0;
}

size_t promises_find(struct promises_index *p, const struct words *w, const struct saying *said,
	const struct promise_found **found)
{
	p->n = 0;
	*found = p->found;
	if (!may_promise(p, w))
		return 0;
	for (size_t i = 0; p->o->promises.n && i < w->n;) {
		struct sentence s = sentence_at(w, i);

		read_sentence(p, w, &s, said);
		i = s.end;
	}
	return p->n;
}
