#include "stage/train.h"
#include "base/fnv.h"
#include "base/mem.h"
#include "base/text.h"
#include "core/examples.h"
#include "io/linear.h"
#include "stage/calibrate.h"
#include "stage/labelled.h"
#include "stage/stamp.h"

#include <math.h>
#include <stdlib.h>

#define FOLDS 3
#define COST 0.4
#define WEIGHT_MIN 0.25F /* times idf: below it a feature is left out */

struct text {
	char *words;
	char *label; /* empty: out of scope */
	uint32_t class;
	bool phrase; /* learnt from and never held out: what a phrase says is no message */
};

struct texts {
	struct text *v;
	size_t n, cap;
	const struct train *how;
};

static void add_text(struct texts *t, struct str text, struct str label, bool phrase)
{
	struct buf words = BUF_INIT;
	struct text *one;

	text_words(&words, text);
	if (words.len) {
		one = VEC_ADD(t, v, n, cap);
		one->label = mem_copy(label.s, label.len);
		one->words = buf_take(&words);
		one->phrase = phrase;
	}
	buf_release(&words);
}

static int take_labelled(void *ctx, const struct labelled *one, struct buf *err)
{
	struct texts *t = ctx;
	const struct ontology *o = t->how->ontology;

	if (o && one->intent.len && !ontology_intent(o, one->intent)) {
		buf_printf(err, "%s:%llu: %s has no intent %.*s", one->path,
			(unsigned long long)one->line, o->label,
			(int)(one->intent.len < 60 ? one->intent.len : 60), one->intent.s);
		return -1;
	}
	add_text(t, one->text, one->intent, false);
	return 0;
}

/* A gap is nothing that anybody says; what a prefix goes on with is not known. */
static void add_phrase(struct texts *t, const struct intent *intent, const char *phrase)
{
	struct buf said = BUF_INIT;

	for (const char *s = phrase; *s; s++)
		buf_byte(&said, *s == '*' || *s == '.' ? ' ' : *s);
	add_text(t, buf_str(&said), str_of(intent->id), true);
	buf_release(&said);
}

static int take_ontology(struct texts *t, const struct ontology *o, struct buf *err)
{
	struct examples examples;
	int status = examples_read(o, &examples, err);

	for (size_t i = 0; i < examples.n && status == 0; i++)
		add_text(t, str_of(examples.v[i].text), str_of(o->intents[examples.v[i].intent].id),
			false);
	for (size_t i = 0; i < o->intent_n && status == 0; i++)
		for (size_t k = 0; k < o->intents[i].phrases.n; k++)
			add_phrase(t, &o->intents[i], o->intents[i].phrases.v[k].words);
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

static int check_classes(const struct model *m, struct buf *err)
{
	size_t in_scope = 0;

	for (size_t i = 0; i < m->class_n; i++)
		in_scope += m->labels[i] != NULL;
	if (in_scope >= 2 && m->class_n <= MODEL_CLASSES_MAX)
		return 0;
	buf_puts(err, in_scope < 2 ? "texts of fewer than two intents: nothing can be learnt"
				   : "too many intents");
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

static void add_row(struct linear_data *d, const struct lexicon *l, uint32_t class)
{
	size_t at = d->value_n;

	for (size_t i = 0; i < l->text_n; i++)
		*VEC_ADD(d, values, value_n, value_cap) =
			(struct linear_value){l->text[i].feature, l->text[i].value};
	if (l->text_n)
		qsort(d->values + at, l->text_n, sizeof(*d->values), by_feature);
	*VEC_ADD(d, rows, row_n, row_cap) = (struct linear_row){at, l->text_n, class};
}

/* Learns from all texts but those of the fold; FOLDS: from all. Gives the weights, to be freed. */
static float *learn(struct model *m, const struct texts *t, size_t fold)
{
	struct linear_data d = {.class_n = m->class_n};
	float *weights;

	for (size_t i = 0; i < t->n; i++)
		if (is_in(&t->v[i], i, fold)) {
			features_of(&m->features, str_of(t->v[i].words));
			lexicon_learn(&m->lexicon, &m->features);
		}
	lexicon_settle(&m->lexicon);
	for (size_t i = 0; i < t->n; i++)
		if (is_in(&t->v[i], i, fold)) {
			features_of(&m->features, str_of(t->v[i].words));
			lexicon_weigh(&m->lexicon, &m->features);
			add_row(&d, &m->lexicon, t->v[i].class);
		}
	d.feature_n = m->lexicon.n;
	weights = mem_zero((d.feature_n + 1) * d.class_n, sizeof(*weights));
	linear_train(&d, COST, weights);
	linear_release(&d);
	return weights;
}

static void score(struct model *m, const char *words, const float *weights, float *scores)
{
	size_t c = m->class_n;

	features_of(&m->features, str_of(words));
	lexicon_weigh(&m->lexicon, &m->features);
	memcpy(scores, weights + m->lexicon.n * c, c * sizeof(*scores));
	for (size_t i = 0; i < m->lexicon.text_n; i++) {
		const struct weighed *w = &m->lexicon.text[i];

		for (size_t k = 0; k < c; k++)
			scores[k] += w->value * weights[w->feature * c + k];
	}
}

static void hold_out(struct model *m, const struct texts *t, struct held_out *h)
{
	h->scores = mem_zero(t->n * m->class_n, sizeof(*h->scores));
	h->labels = mem_zero(t->n, sizeof(*h->labels));
	for (size_t fold = 0; fold < FOLDS; fold++) {
		float *weights = learn(m, t, fold);

		for (size_t i = 0; i < t->n; i++)
			if (!is_in(&t->v[i], i, fold)) {
				h->labels[h->n] = t->v[i].class;
				score(m, t->v[i].words, weights, h->scores + h->n++ * m->class_n);
			}
		free(weights);
		lexicon_release(&m->lexicon);
	}
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

static void build(struct model *m, struct train *how, const struct texts *t)
{
	struct held_out h = {NULL, NULL, 0};
	float *weights;

	hold_out(m, t, &h);
	calibrate(m, &h, how->precision);
	free(h.scores);
	free(h.labels);
	weights = learn(m, t, FOLDS);
	prune(m, weights);
	model_room(m);
	model_set_weights(m, weights);
	free(weights);
	if (!how->ontology)
		return;
	m->ontology = mem_string(how->ontology->name);
	m->version = mem_string(how->ontology->version);
	stamp_content(how->ontology, m->content);
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
		status = check_classes(m, err);
	}
	if (status == 0)
		build(m, how, &t);
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
