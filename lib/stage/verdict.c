#include "stage/verdict.h"

#include <math.h>

#define SURE 3		 /* the score from which on confidence is not lowered */
#define PHRASES_WIN 0.75 /* the confidence from which on phrases need no model's consent */
#define ENDS_SURE 0.9	 /* the probability from which on a model alone may end a matter */
#define WORDS_TOLD 4

/* How sure phrases are: the share of the best, lowered where it has little to go by. */
static double phrases_share(const struct best *b)
{
	double share, weight;

	if (!b->intent)
		return 0;
	share = (double)b->score / (b->score + b->second);
	weight = b->score < SURE ? (double)b->score / SURE : 1;
	return share * weight;
}

static const struct intent *intent_of(const struct ontology *o, const struct model *m, size_t class)
{
	if (class == MODEL_NONE || !m->labels[class])
		return NULL;
	return ontology_now(o, str_of(m->labels[class]));
}

static struct verdict by_phrases(const struct best *b)
{
	struct verdict v = {BY_PHRASES, b->intent, phrases_share(b), b->rival, 0};

	if (b->rival)
		v.rival_confidence = v.confidence * b->second / b->score;
	return v;
}

static struct verdict by_model(
	const struct ontology *o, const struct model *m, const struct judged *j)
{
	struct verdict v = {
		BY_MODEL, intent_of(o, m, j->best), j->p, intent_of(o, m, j->second), j->p_second};

	bool ends = v.intent && (v.intent->resolving || v.intent->courtesy);

	/* That all is well is too much to say of a text that only looks like it. */
	if (!j->sure || (ends && j->p < ENDS_SURE))
		v = (struct verdict){BY_NOTHING, NULL, 0, v.intent, v.confidence};
	return v;
}

static bool same_family(const struct intent *a, const struct intent *b)
{
	return a && b && a->family && b->family && strcmp(a->family, b->family) == 0;
}

/* How sure phrases are that it is not `other`: a rival of their own family is none of one of
 * another. */
static double sure_against(const struct best *b, const struct intent *other)
{
	struct best alone = *b;

	if (same_family(b->intent, b->rival) && !same_family(b->intent, other))
		alone.second = 0;
	return phrases_share(&alone);
}

static struct verdict combine(const struct ontology *o, const struct best *b, const struct model *m,
	const struct judged *j)
{
	struct verdict p = by_phrases(b), l = by_model(o, m, j);
	const struct intent *learnt = intent_of(o, m, j->best);

	if (!b->intent)
		return l;
	if (learnt == b->intent) {
		/* Two that agree are wrong only where both are. */
		p.confidence = 1 - (1 - p.confidence) * (1 - j->p);
		p.by = BY_BOTH;
		return p;
	}
	if (!l.intent || sure_against(b, l.intent) >= PHRASES_WIN)
		return p;
	l.rival = p.intent;
	l.rival_confidence = p.confidence;
	return l;
}

struct verdict verdict_of(const struct ontology *o, const struct best *b, const struct model *m,
	const struct judged *j)
{
	struct verdict v = m ? combine(o, b, m, j) : by_phrases(b);

	if (!v.intent)
		v.by = BY_NOTHING;
	v.confidence = floor(v.confidence * 100 + 0.5) / 100;
	return v;
}

static void put_phrases(struct buf *out, const struct ontology *o, const struct intent *intent,
	const struct phrase_index *x)
{
	size_t owner = (size_t)(intent - o->intents), at = 0;
	const char *before = " (";

	while ((at = phrase_index_found(x, owner, at)) != SIZE_MAX) {
		const struct phrase *p = &intent->phrases.v[at++];

		buf_printf(out, "%s\"%s\" %d", before, p->words, p->score);
		before = ", ";
	}
	if (*before == ',')
		buf_byte(out, ')');
}

static size_t class_of(const struct model *m, const struct intent *intent)
{
	for (size_t i = 0; intent && i < m->class_n; i++)
		if (m->labels[i] && strcmp(m->labels[i], intent->id) == 0)
			return i;
	return MODEL_NONE;
}

/* The words that speak most for the intent and against its rival. */
static void put_words(struct buf *out, struct model *m, const struct verdict *v)
{
	size_t one = class_of(m, v->intent ? v->intent : v->rival),
	       other = v->intent ? class_of(m, v->rival) : MODEL_NONE;
	double weight[FEATURES_WORDS];
	const char *before = "; words:";

	if (one == MODEL_NONE)
		return;
	for (size_t i = 0; i < m->features.word_n; i++)
		weight[i] = model_word(m, i, one, other);
	for (size_t n = 0; n < WORDS_TOLD; n++) {
		size_t top = 0;

		for (size_t i = 1; i < m->features.word_n; i++)
			if (weight[i] > weight[top])
				top = i;
		if (!m->features.word_n || weight[top] <= 0)
			break;
		buf_printf(out, "%s %.*s", before, (int)m->features.word[top].len,
			m->features.word[top].s);
		before = ",";
		weight[top] = 0;
	}
}

void verdict_explain(struct buf *out, const struct ontology *o, const struct verdict *v,
	const struct phrase_index *x, struct model *m)
{
	static const char *const by[] = {"", " by phrases", " by the model", " by both"};

	if (v->intent) {
		buf_printf(out, "%s %.2f%s", v->intent->id, v->confidence, by[v->by]);
		put_phrases(out, o, v->intent, x);
	} else {
		buf_puts(out, "none");
	}
	if (m)
		put_words(out, m, v);
	if (v->rival) {
		buf_printf(out, "; %s %s %.2f", v->intent ? "then" : "nearest", v->rival->id,
			v->rival_confidence);
		put_phrases(out, o, v->rival, x);
	}
}
