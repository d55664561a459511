#include "stage/train.h"
#include "base/fnv.h"
#include "base/mem.h"
#include "base/text.h"
#include "core/examples.h"
#include "io/linear.h"
#include "stage/calibrate.h"
#include "stage/labelled.h"
#include "stage/odds.h"
#include "stage/stamp.h"

#include <math.h>
#include <stdlib.h>

#define FOLDS 3
/* Held out, so many are enough: two numbers and a threshold are told by them to half a point. */
#define ENOUGH 3000
#define ENOUGH_NONE 30 /* of them out of scope, where there are any */
#define COST 0.4
#define ODDS 0.012	 /* their part in the weights */
#define WEIGHT_MIN 0.25F /* times idf: below it a feature is left out */

struct text {
	char *words;
	char *label; /* empty: out of scope */
	uint32_t class;
	bool phrase; /* learnt from and never held out: what a phrase says is no message */
};

struct texts {
	struct text *v;
	size_t n, cap, bytes;
	const struct train *how;
};

/* No model looks at words behind these. */
static void cut_words(struct buf *words)
{
	const char *s = words->s;

	for (size_t n = 0; n < FEATURES_WORDS && s; n++)
		s = strchr(s + (n > 0), ' ');
	if (s)
		buf_cut(words, (size_t)(s - words->s));
}

/* -1: there are too many. */
static int add_text(
	struct texts *t, struct str text, struct str label, bool phrase, struct buf *err)
{
	struct buf words = BUF_INIT;
	struct text *one;

	text_words(&words, text);
	cut_words(&words);
	t->bytes += words.len + label.len;
	if (words.len && (t->n == TRAIN_TEXTS_MAX || t->bytes > TRAIN_BYTES_MAX)) {
		buf_printf(err, "more than %zu texts, or %zu MiB of them: too many to learn from",
			TRAIN_TEXTS_MAX, TRAIN_BYTES_MAX >> 20);
		buf_release(&words);
		return -1;
	}
	if (words.len) {
		one = VEC_ADD(t, v, n, cap);
		one->label = mem_copy(label.s, label.len);
		one->words = buf_take(&words);
		one->phrase = phrase;
	}
	buf_release(&words);
	return 0;
}

/* An intent that was replaced is learnt as what it is now; NULL where that is no single one. */
static const struct intent *learnt_as(
	const struct ontology *o, struct str id, const char *where, struct buf *err)
{
	const struct intent *now = ontology_now(o, id), *old = ontology_declared(o, id);
	int len = (int)(id.len < 60 ? id.len : 60);

	if (!now && old && where)
		buf_printf(err, "%s: %.*s was split: of which of its intents is the text?", where,
			len, id.s);
	else if (!now && where)
		buf_printf(err, "%s: %s has no intent %.*s", where, o->label, len, id.s);
	return now;
}

static int take_labelled(void *ctx, const struct labelled *one, struct buf *err)
{
	struct texts *t = ctx;
	const struct ontology *o = t->how->ontology;
	struct buf where = BUF_INIT;
	struct str label = one->intent;
	int status = 0;

	buf_puts(&where, one->path);
	if (one->line)
		buf_printf(&where, ":%llu", (unsigned long long)one->line);
	if (o && label.len) {
		const struct intent *now = learnt_as(o, label, where.s, err);

		status = now ? 0 : -1;
		label = str_of(now ? now->id : "");
	}
	if (status == 0)
		status = add_text(t, one->text, label, false, err);
	buf_release(&where);
	return status;
}

/* A gap is nothing that anybody says; what a prefix goes on with is not known. */
static int add_phrase(
	struct texts *t, const struct intent *intent, const char *phrase, struct buf *err)
{
	struct buf said = BUF_INIT;
	int status;

	for (const char *s = phrase; *s; s++)
		buf_byte(&said, *s == '*' || *s == '.' ? ' ' : *s);
	status = add_text(t, buf_str(&said), str_of(intent->id), true, err);
	buf_release(&said);
	return status;
}

static int take_examples(
	struct texts *t, const struct ontology *o, const struct examples *all, struct buf *err)
{
	struct buf where = BUF_INIT;
	int status = 0;

	for (size_t i = 0; i < all->n && status == 0; i++) {
		const struct example *one = &all->v[i];
		const struct intent *now;

		buf_clear(&where);
		buf_printf(&where, "%s:%d:%d", all->files.v[one->file], one->line, one->column);
		now = learnt_as(o, str_of(o->intents[one->intent].id), where.s, err);
		status = now ? add_text(t, str_of(one->text), str_of(now->id), false, err) : -1;
	}
	buf_release(&where);
	return status;
}

static int take_phrases(struct texts *t, const struct ontology *o, struct buf *err)
{
	for (size_t i = 0; i < o->intent_n; i++) {
		const struct phrases *all = &o->intents[i].phrases;
		const struct intent *now = ontology_now(o, str_of(o->intents[i].id));

		for (size_t k = 0; now && k < all->n; k++)
			if (add_phrase(t, now, all->v[k].words, err) < 0)
				return -1;
	}
	return 0;
}

static int take_ontology(struct texts *t, const struct ontology *o, struct buf *err)
{
	struct examples examples;
	int status = examples_read(o, &examples, err);

	if (status == 0)
		status = take_examples(t, o, &examples, err);
	if (status == 0)
		status = take_phrases(t, o, err);
	examples_release(&examples);
	return status;
}

static uint64_t spread(const char *s)
{
	uint64_t h = fnv_add(FNV_START, str_of(s));

	return h ^ h >> 29;
}

/* An order that neither the files nor their lines have a part in, and that has no runs of a label:
 * folds are cut from it. */
static int by_spread(const void *a, const void *b)
{
	const struct text *x = a, *y = b;
	uint64_t hx = spread(x->words), hy = spread(y->words);
	int order;

	if (hx != hy)
		return hx < hy ? -1 : 1;
	order = strcmp(x->words, y->words);
	if (order == 0)
		order = strcmp(x->label, y->label);
	return order ? order : x->phrase - y->phrase;
}

static void text_release(struct text *t)
{
	free(t->words);
	free(t->label);
}

/* The same text of the same label counts once: else it would be held out from itself. */
static void settle(struct texts *t)
{
	size_t n = 0;

	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), by_spread);
	for (size_t i = 0; i < t->n; i++) {
		if (n && strcmp(t->v[n - 1].words, t->v[i].words) == 0 &&
			strcmp(t->v[n - 1].label, t->v[i].label) == 0)
			text_release(&t->v[i]);
		else
			t->v[n++] = t->v[i];
	}
	t->n = n;
}

static int by_label(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All labels, sorted, each once, borrowed; the empty one is the first. */
static char **list_labels(const struct texts *t, size_t *n)
{
	char **labels = mem_zero(t->n, sizeof(*labels));

	*n = 0;
	for (size_t i = 0; i < t->n; i++)
		labels[i] = t->v[i].label;
	if (t->n)
		qsort(labels, t->n, sizeof(*labels), by_label);
	for (size_t i = 0; i < t->n; i++)
		if (!*n || strcmp(labels[*n - 1], labels[i]) != 0)
			labels[(*n)++] = labels[i];
	return labels;
}

/* What is out of scope is the last class. */
static void set_classes(struct model *m, struct texts *t)
{
	char **labels = list_labels(t, &m->class_n);
	size_t none = m->class_n && !*labels[0];

	m->labels = mem_zero(m->class_n, sizeof(*m->labels));
	for (size_t i = none; i < m->class_n; i++)
		m->labels[i - none] = mem_string(labels[i]);
	for (size_t i = 0; i < t->n; i++) {
		char **found =
			bsearch(&t->v[i].label, labels, m->class_n, sizeof(*labels), by_label);
		size_t at = (size_t)(found - labels);

		t->v[i].class = (uint32_t)(*t->v[i].label ? at - none : m->class_n - 1);
	}
	free(labels);
}

/* n of something, with a number for each class. */
static int check_cells(const struct model *m, size_t n, const char *what, struct buf *err)
{
	if (n <= TRAIN_CELLS_MAX / m->class_n)
		return 0;
	buf_printf(err, "%zu %s and %zu intents: their product may be %zu at most", n, what,
		m->class_n, TRAIN_CELLS_MAX);
	return -1;
}

static int check_classes(const struct model *m, const struct texts *t, struct buf *err)
{
	size_t in_scope = 0;

	for (size_t i = 0; i < m->class_n; i++)
		in_scope += m->labels[i] != NULL;
	if (in_scope < 2)
		buf_puts(err, "texts of fewer than two intents: nothing can be learnt");
	else if (m->class_n > MODEL_CLASSES_MAX)
		buf_printf(err, "%zu intents: more than %d", m->class_n, MODEL_CLASSES_MAX);
	else
		return check_cells(m, t->n, "texts", err);
	return -1;
}

static bool is_in(const struct text *t, size_t number, size_t fold)
{
	return t->phrase || number % FOLDS != fold;
}

static int by_feature(const void *a, const void *b)
{
	const struct linear_value *x = a, *y = b;

	return (x->feature > y->feature) - (x->feature < y->feature);
}

/* What stands several times in the vector is one value. */
static void add_row(struct linear_data *d, const struct lexicon *l, uint32_t class)
{
	size_t at = d->value_n, n = 0;
	struct linear_value *v;

	for (size_t i = 0; i < l->text_n; i++)
		*VEC_ADD(d, values, value_n, value_cap) =
			(struct linear_value){l->text[i].feature, l->text[i].value};
	v = d->values + at;
	if (l->text_n)
		qsort(v, l->text_n, sizeof(*v), by_feature);
	for (size_t i = 0; i < l->text_n; i++)
		if (n && v[n - 1].feature == v[i].feature)
			v[n - 1].value += v[i].value;
		else
			v[n++] = v[i];
	d->value_n = at + n;
	*VEC_ADD(d, rows, row_n, row_cap) = (struct linear_row){at, n, class};
}

static void learn_features(struct model *m, const char *words)
{
	features_of(&m->features, str_of(words));
	for (size_t i = 0; i < m->features.word_n; i++)
		features_runs(&m->features, i);
	lexicon_learn(&m->lexicon, &m->features);
}

static void weigh(struct model *m, const char *words)
{
	features_of(&m->features, str_of(words));
	lexicon_weigh(&m->lexicon, &m->features);
	lexicon_weigh_runs(&m->lexicon, &m->features);
}

static int take_rows(
	struct linear_data *d, struct model *m, const struct texts *t, size_t fold, struct buf *err)
{
	for (size_t i = 0; i < t->n; i++) {
		if (!is_in(&t->v[i], i, fold))
			continue;
		weigh(m, t->v[i].words);
		add_row(d, &m->lexicon, t->v[i].class);
		if (d->value_n > TRAIN_VALUES_MAX) {
			buf_printf(err, "the texts have more than %zu features together",
				TRAIN_VALUES_MAX);
			return -1;
		}
	}
	d->feature_n = m->lexicon.n;
	return check_cells(m, d->feature_n, "features", err);
}

/* Learns from all texts but those of the fold; FOLDS: from all. Gives the weights, to be freed;
 * NULL and a reason where that is too much. */
static float *learn(struct model *m, const struct texts *t, size_t fold, struct buf *err)
{
	struct linear_data d = {.class_n = m->class_n};
	float *weights = NULL;

	for (size_t i = 0; i < t->n; i++)
		if (is_in(&t->v[i], i, fold))
			learn_features(m, t->v[i].words);
	lexicon_settle(&m->lexicon);
	if (take_rows(&d, m, t, fold, err) == 0) {
		weights = mem_zero((d.feature_n + 1) * d.class_n, sizeof(*weights));
		linear_train(&d, COST, weights);
		odds_add(&d, ODDS, weights);
	}
	linear_release(&d);
	return weights;
}

static void score(struct model *m, const char *words, const float *weights, float *scores)
{
	size_t c = m->class_n;

	weigh(m, words);
	memcpy(scores, weights + m->lexicon.n * c, c * sizeof(*scores));
	for (size_t i = 0; i < m->lexicon.text_n; i++) {
		const struct weighed *w = &m->lexicon.text[i];

		for (size_t k = 0; k < c; k++)
			scores[k] += w->value * weights[w->feature * c + k];
	}
}

static bool is_enough(const struct model *m, const struct held_out *h)
{
	size_t none = 0;

	for (size_t i = 0; i < h->n; i++)
		none += !m->labels[h->labels[i]];
	return h->n >= ENOUGH && (m->labels[m->class_n - 1] || none >= ENOUGH_NONE);
}

static int hold_out(struct model *m, const struct texts *t, struct held_out *h, struct buf *err)
{
	h->scores = mem_zero(t->n * m->class_n, sizeof(*h->scores));
	h->labels = mem_zero(t->n, sizeof(*h->labels));
	for (size_t fold = 0; fold < FOLDS && !is_enough(m, h); fold++) {
		float *weights = learn(m, t, fold, err);

		if (!weights)
			return -1;
		for (size_t i = 0; i < t->n; i++)
			if (!is_in(&t->v[i], i, fold)) {
				h->labels[h->n] = t->v[i].class;
				score(m, t->v[i].words, weights, h->scores + h->n++ * m->class_n);
			}
		free(weights);
		lexicon_release(&m->lexicon);
	}
	return 0;
}

/* What hardly moves any score is left out: looking it up would cost more than it tells. */
static void prune(struct model *m, float *weights)
{
	bool *kept = mem_zero(m->lexicon.n, sizeof(*kept));
	size_t c = m->class_n, n = 0;

	for (size_t i = 0; i < m->lexicon.n; i++) {
		float max = 0;

		for (size_t k = 0; k < c; k++)
			if (fabsf(weights[i * c + k]) > max)
				max = fabsf(weights[i * c + k]);
		kept[i] = max * m->lexicon.v[i].idf >= WEIGHT_MIN;
		if (kept[i])
			memmove(weights + n++ * c, weights + i * c, c * sizeof(*weights));
	}
	memmove(weights + n * c, weights + m->lexicon.n * c, c * sizeof(*weights));
	lexicon_keep(&m->lexicon, kept);
	free(kept);
}

static int build(struct model *m, struct train *how, const struct texts *t, struct buf *err)
{
	struct held_out h = {NULL, NULL, 0};
	float *weights = NULL;

	if (hold_out(m, t, &h, err) == 0) {
		calibrate(m, &h, how->precision);
		weights = learn(m, t, FOLDS, err);
	}
	free(h.scores);
	free(h.labels);
	if (!weights)
		return -1;
	how->left_out = m->lexicon.lost;
	prune(m, weights);
	model_room(m);
	model_set_weights(m, weights);
	free(weights);
	if (how->ontology) {
		m->ontology = mem_string(how->ontology->name);
		m->version = mem_string(how->ontology->version);
		stamp_content(how->ontology, m->content);
	}
	return 0;
}

struct model *train_model(struct train *how, char *const *paths, size_t n, struct buf *err)
{
	struct texts t = {.how = how};
	struct labelled_reader r = {.out_of_scope = how->out_of_scope,
		.max_line = how->max_line,
		.each = take_labelled,
		.ctx = &t};
	struct model *m = mem_zero(1, sizeof(*m));
	int status = how->ontology ? take_ontology(&t, how->ontology, err) : 0;

	if (status == 0)
		status = labelled_read(&r, paths, n, err);
	if (status == 0) {
		settle(&t);
		set_classes(m, &t);
		status = check_classes(m, &t, err);
	}
	if (status == 0)
		status = build(m, how, &t, err);
	how->texts = t.n;
	how->skipped = r.skipped;
	for (size_t i = 0; i < t.n; i++)
		text_release(&t.v[i]);
	free(t.v);
	if (status == 0)
		return m;
	model_free(m);
	return NULL;
}
