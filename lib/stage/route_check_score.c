/* Scored targets that another one always outdoes. */
#include "base/mem.h"
#include "stage/route_check_part.h"

#include <stdlib.h>

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

static void check_shadow(struct checking *c, const struct readings *scores, size_t n, size_t i)
{
	const struct rule *rule = rules_at(c->rules, i);

	for (size_t k = 0; k < n; k++) {
		struct duel d;

		if (k == i)
			continue;
		d = fight(c, scores, i, k);
		if (!d.tried && rule->when < 0)
			check_say(c, FINDING_WARNING, rule, "%s: not found to have a score",
				rule->id);
		if (!d.tried)
			return;
		if (d.wins)
			continue;
		if (d.proven)
			check_say(c, FINDING_ERROR, rule,
				"%s: never wins: %s always scores at least as much", rule->id,
				rules_at(c->rules, k)->id);
		else
			check_say(c, FINDING_WARNING, rule,
				"%s: not found to win in %zu cases in which it has a score: %s "
				"scores at least as much in each",
				rule->id, d.tried, rules_at(c->rules, k)->id);
		return;
	}
}

void check_shadows(struct checking *c)
{
	size_t n = rules_count(c->rules) - 1; /* the default has no score */
	struct readings *scores = mem_zero(n + 1, sizeof(*scores));

	for (size_t i = 0; i < n; i++)
		readings_read(&scores[i], rules_conditions(c->rules), rules_at(c->rules, i)->score);
	for (size_t i = 0; i < n; i++)
		check_shadow(c, scores, n, i);
	for (size_t i = 0; i < n; i++)
		readings_release(&scores[i]);
	free(scores);
}
