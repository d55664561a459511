/* Scored targets that another one, or several between them, always outdo. */
#include "base/mem.h"
#include "stage/route_check_part.h"

#include <stdlib.h>

#define WITNESSES 1000 /* cases in which it has a score that are looked at plainly */

/* Two targets over cases in which the first has a score. */
struct duel {
	size_t tried;
	bool wins, proven;
};

/* What a target scores in the case at hand; false: nothing. */
static bool score_of(struct checking *c, size_t i, double *out)
{
	const struct rule *rule = rules_at(c->rules, i);
	struct conditions *of = rules_conditions(c->rules);
	const struct expr_value *v;

	if (rule->when >= 0 && !check_holds(c, of, rule->when))
		return false;
	v = conditions_suppose(of, rule->score, cases_supposed(c->cases));
	if (!v || (v->type != EXPR_INT && v->type != EXPR_REAL))
		return false;
	*out = v->type == EXPR_INT ? (double)v->n : v->real;
	return true;
}

/* Of equal scores the first in the file wins. */
static bool outdoes(struct checking *c, size_t i, double its, size_t other)
{
	double others;

	return score_of(c, other, &others) && (other < i ? others >= its : others > its);
}

static void add_target(struct checking *c, const struct readings *scores, size_t i)
{
	if (rules_at(c->rules, i)->when >= 0)
		cases_add(c->cases, &c->read[i]);
	cases_add(c->cases, &scores[i]);
}

static struct duel fight(struct checking *c, const struct readings *scores, size_t i, size_t other)
{
	struct duel d = {0};
	struct cases_walk w;
	double at, its;

	cases_clear(c->cases);
	add_target(c, scores, i);
	add_target(c, scores, other);
	w = cases_walk(c->cases, CASES_MAX);
	d.proven = w.whole && cases_plain(c->cases);
	while (!d.wins && cases_next(&w, &at)) {
		if (!cases_take(c->cases, at) || !score_of(c, i, &its))
			continue;
		d.tried++;
		d.wins = !outdoes(c, i, its, other);
	}
	return d;
}

/* What it loses to: another one in each case, else several between them. */
static void say_shadow(struct checking *c, size_t i, const struct duel *d, const struct buf *names)
{
	const struct rule *rule = rules_at(c->rules, i);

	if (d->proven)
		check_say(c, FINDING_ERROR, rule,
			"%s: never wins: %s always scores at least as much", rule->id, names->s);
	else
		check_say(c, FINDING_WARNING, rule,
			"%s: not found to win in %zu cases in which it has a score: %s scores at "
			"least as much in each",
			rule->id, d->tried, names->s);
}

/* false: none does, or it never has a score. */
static bool check_one(struct checking *c, const struct readings *scores, size_t n, size_t i)
{
	const struct rule *rule = rules_at(c->rules, i);
	struct buf name = BUF_INIT;
	struct duel d = {0};
	bool loses = false;

	for (size_t k = 0; k < n && !loses; k++) {
		if (k == i)
			continue;
		d = fight(c, scores, i, k);
		if (!d.tried && rule->when < 0)
			check_say(c, FINDING_WARNING, rule, "%s: not found to have a score",
				rule->id);
		if (!d.tried)
			return true;
		loses = !d.wins;
		if (loses)
			buf_puts(&name, rules_at(c->rules, k)->id);
	}
	if (loses)
		say_shadow(c, i, &d, &name);
	buf_release(&name);
	return loses;
}

/* What outdoes it in the case at hand, one that did before where there is one; n: nothing. */
static size_t outdone_by(struct checking *c, size_t i, double its, const bool *takers, size_t n)
{
	for (int before = 1; before >= 0; before--)
		for (size_t k = 0; k < n; k++)
			if (k != i && takers[k] == (before != 0) && outdoes(c, i, its, k))
				return k;
	return n;
}

/* Cases of what it reads itself, all else left out. */
static bool wins_plainly(
	struct checking *c, const struct readings *scores, size_t n, size_t i, bool *takers)
{
	size_t seen = 0;
	struct cases_walk w;
	double at, its;

	cases_clear(c->cases);
	add_target(c, scores, i);
	w = cases_walk(c->cases, CASES_MAX);
	while (seen < WITNESSES && cases_next(&w, &at)) {
		size_t by;

		if (!cases_take(c->cases, at) || !score_of(c, i, &its))
			continue;
		by = outdone_by(c, i, its, takers, n);
		if (by == n)
			return true;
		takers[by] = true;
		seen++;
	}
	return false;
}

/* The same with all that the takers read. false: another one outdid it, which is one of them now.
 */
static bool fight_all(struct checking *c, const struct readings *scores, size_t n, size_t i,
	bool *takers, struct duel *d)
{
	struct cases_walk w;
	double at, its;

	cases_clear(c->cases);
	add_target(c, scores, i);
	for (size_t k = 0; k < n; k++)
		if (takers[k])
			add_target(c, scores, k);
	w = cases_walk(c->cases, CASES_MAX);
	*d = (struct duel){.proven = w.whole && cases_plain(c->cases)};
	while (!d->wins && cases_next(&w, &at)) {
		size_t by;

		if (!cases_take(c->cases, at) || !score_of(c, i, &its))
			continue;
		d->tried++;
		by = outdone_by(c, i, its, takers, n);
		d->wins = by == n;
		if (by < n && !takers[by]) {
			takers[by] = true;
			return false;
		}
	}
	return true;
}

static void check_all(struct checking *c, const struct readings *scores, size_t n, size_t i)
{
	bool *takers = mem_zero(n, sizeof(*takers));
	struct buf names = BUF_INIT;
	struct duel d = {.wins = wins_plainly(c, scores, n, i, takers)};

	while (!d.wins && !fight_all(c, scores, n, i, takers, &d))
		;
	for (size_t k = 0; k < n; k++)
		if (takers[k])
			buf_printf(&names, "%s%s", names.len ? ", " : "one of ",
				rules_at(c->rules, k)->id);
	if (!d.wins && d.tried)
		say_shadow(c, i, &d, &names);
	free(takers);
	buf_release(&names);
}

void check_shadows(struct checking *c)
{
	size_t n = rules_count(c->rules) - 1; /* the default has no score */
	struct readings *scores = mem_zero(n + 1, sizeof(*scores));

	for (size_t i = 0; i < n; i++)
		readings_read(&scores[i], rules_conditions(c->rules), rules_at(c->rules, i)->score);
	for (size_t i = 0; i < n; i++)
		if (!check_one(c, scores, n, i))
			check_all(c, scores, n, i);
	for (size_t i = 0; i < n; i++)
		readings_release(&scores[i]);
	free(scores);
}
