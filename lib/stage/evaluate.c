#include "stage/evaluate.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/text.h"
#include "io/json.h"
#include "stage/calibrate.h"

#include <stdlib.h>

#define STEPS_TOLD 200 /* of coverage, in records */
#define PAIRS_TOLD 20  /* of confusion, in the table */
#define BINS 10
#define NOBODY "(out of scope)"
#define UNKNOWN_TOLD 5

struct label {
	const char *name; /* "": out of scope */
	size_t texts, said, right;
	bool unknown; /* no text is ever said to be of it */
};

/* What was said of a text: its numbers among the labels. */
struct answer {
	uint32_t truth, guess;
	struct outcome outcome;
	bool said; /* not abstained from */
};

struct pair {
	uint32_t truth, said;
	size_t n;
};

struct report {
	struct evaluate *how;
	struct map by_name; /* -> number + 1 */
	struct label *labels;
	size_t label_n, label_cap;
	struct answer *v;
	size_t n, cap;
	struct outcome *sorted;
	size_t guessed; /* of the sorted, the first: of the others nothing is guessed */
	size_t in_scope;
	struct buf words;
	struct buf *out;
};

static uint32_t label_of(struct report *r, struct str name)
{
	union map_value *v = map_slot(&r->by_name, name, NULL);

	if (!v->n) {
		VEC_ADD(r, labels, label_n, label_cap)->name = map_key(v).s;
		v->n = (int64_t)r->label_n;
	}
	return (uint32_t)v->n - 1;
}

/* The best guess, its probability, and whether it is said. */
static const char *guess(struct report *r, struct str text, double *p, bool *said)
{
	struct model *m = r->how->model;
	const char *label;

	if (r->how->classify) {
		struct verdict v = classify_text(r->how->classify, text);
		const struct intent *best = v.intent ? v.intent : v.rival;

		*said = v.intent != NULL;
		*p = v.intent ? v.confidence : v.rival_confidence;
		label = best ? best->id : "";
	} else {
		struct judged j;

		buf_clear(&r->words);
		text_words(&r->words, text);
		j = model_judge(m, buf_str(&r->words));
		*said = j.sure;
		*p = j.p;
		label = m->labels[j.best] ? m->labels[j.best] : "";
	}
	return label;
}

static bool is_class(const struct model *m, const char *name)
{
	for (size_t i = 0; i < m->class_n; i++)
		if (m->labels[i] && strcmp(m->labels[i], name) == 0)
			return true;
	return false;
}

/* What is true of a text: a label that was replaced is read as what it is now. */
static uint32_t truth_of(struct report *r, struct str intent)
{
	const struct evaluate *how = r->how;
	const struct intent *now = how->ontology ? ontology_now(how->ontology, intent) : NULL;
	size_t before = r->label_n;
	uint32_t number = label_of(r, now ? str_of(now->id) : intent);
	struct label *l = &r->labels[number];

	if (r->label_n > before && intent.len)
		l->unknown = how->ontology ? !now : !is_class(how->model, l->name);
	return number;
}

static int take(void *ctx, const struct labelled *one, struct buf *err)
{
	struct report *r = ctx;
	struct answer a = {.truth = truth_of(r, one->intent)};

	(void)err;
	a.guess = label_of(r, str_of(guess(r, one->text, &a.outcome.p, &a.said)));
	a.outcome.right = a.guess == a.truth;
	a.outcome.answered = *r->labels[a.guess].name != '\0';
	a.outcome.in_scope = one->intent.len > 0;
	r->in_scope += a.outcome.in_scope;
	r->labels[a.truth].texts++;
	r->how->unknown += r->labels[a.truth].unknown;
	if (a.said) {
		r->labels[a.guess].said++;
		r->labels[a.guess].right += a.outcome.right;
	}
	*VEC_ADD(r, v, n, cap) = a;
	return 0;
}

static double share(size_t part, size_t of)
{
	return of ? (double)part / (double)of : 0;
}

static void put_share(struct buf *out, const char *name, size_t part, size_t of)
{
	json_put_key(out, name);
	if (of)
		json_put_number(out, share(part, of));
	else
		buf_puts(out, "null");
}

static void put_count(struct buf *out, const char *name, size_t n)
{
	json_put_int(out, name, (int64_t)n);
}

static void put_label(struct buf *out, const char *name, const char *label)
{
	if (*label) {
		json_put_text(out, name, str_of(label));
		return;
	}
	json_put_key(out, name);
	buf_puts(out, "null");
}

static void cell(struct table *t, const char *fmt, double n)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, fmt, n);
	table_cell(t, buf_str(&b));
	buf_release(&b);
}

static void percent(struct table *t, size_t part, size_t of)
{
	if (of)
		cell(t, "%.1f%%", 100 * share(part, of));
	else
		table_cell(t, STR("-"));
}

static void end_table(struct report *r, struct table *t, const char *title)
{
	buf_printf(r->out, "%s%s\n", r->out->len ? "\n" : "", title);
	table_print(t, r->out);
	table_release(t);
}

/* Counts over all texts. */
struct sums {
	size_t guessed, said, right, refused; /* refused: of those out of scope */
	size_t said_all;
};

static struct sums sums_of(const struct report *r)
{
	struct sums s = {0};

	for (size_t i = 0; i < r->n; i++) {
		const struct answer *a = &r->v[i];

		s.said_all += a->said;
		if (a->outcome.in_scope) {
			s.guessed += a->outcome.right;
			s.said += a->said;
			s.right += a->said && a->outcome.right;
		} else {
			s.refused += !a->said;
		}
	}
	return s;
}

static void tell_sums(struct report *r)
{
	struct sums s = sums_of(r);
	double error = outcomes_error(r->sorted, r->guessed);
	size_t beyond = r->n - r->in_scope;

	if (r->how->records) {
		buf_puts(r->out, "{\"kind\":\"summary\"");
		put_count(r->out, "texts", r->n);
		put_count(r->out, "in_scope", r->in_scope);
		put_share(r->out, "best_guess_right", s.guessed, r->in_scope);
		put_share(r->out, "answered", s.said, r->in_scope);
		put_share(r->out, "accuracy", s.right, r->in_scope);
		put_share(r->out, "precision", s.right, s.said_all);
		put_share(r->out, "out_of_scope_recall", s.refused, beyond);
		put_count(r->out, "unknown_labels", r->how->unknown);
		json_put_key(r->out, "calibration_error");
		json_put_number(r->out, error);
		buf_puts(r->out, "}\n");
		return;
	}
	buf_printf(r->out, "texts                  %zu, %zu of them out of scope\n", r->n, beyond);
	buf_printf(r->out, "best guess right       %.2f%% of those in scope\n",
		100 * share(s.guessed, r->in_scope));
	buf_printf(r->out,
		"answered               %.2f%%, right %.2f%% (accuracy), of those in scope\n",
		100 * share(s.said, r->in_scope), 100 * share(s.right, r->in_scope));
	buf_printf(r->out, "precision              %.2f%% of all answers\n",
		100 * share(s.right, s.said_all));
	if (beyond)
		buf_printf(r->out, "out of scope           %.2f%% of them refused (recall)\n",
			100 * share(s.refused, beyond));
	if (r->how->unknown)
		buf_printf(r->out, "unknown labels         %zu of the texts\n", r->how->unknown);
	buf_printf(r->out, "calibration error      %.3f\n", error);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct label *)a)->name, ((const struct label *)b)->name);
}

static double f1(const struct label *l)
{
	return share(2 * l->right, l->said + l->texts);
}

static void record_label(struct buf *out, const struct label *l)
{
	buf_puts(out, "{\"kind\":\"intent\"");
	json_put_text(out, "intent", str_of(l->name));
	put_count(out, "texts", l->texts);
	put_count(out, "said", l->said);
	put_count(out, "right", l->right);
	put_share(out, "precision", l->right, l->said);
	put_share(out, "recall", l->right, l->texts);
	json_put_key(out, "f1");
	json_put_number(out, f1(l));
	buf_puts(out, "}\n");
}

static void tell_labels(struct report *r)
{
	struct label *sorted = mem_zero(r->label_n, sizeof(*sorted));
	struct table t = TABLE_INIT;

	if (r->label_n) {
		memcpy(sorted, r->labels, r->label_n * sizeof(*sorted));
		qsort(sorted, r->label_n, sizeof(*sorted), by_name);
	}
	table_column(&t, "intent", false);
	table_column(&t, "texts", true);
	table_column(&t, "said", true);
	table_column(&t, "precision", true);
	table_column(&t, "recall", true);
	table_column(&t, "f1", true);
	for (size_t i = 0; i < r->label_n; i++) {
		const struct label *l = &sorted[i];

		if (!*l->name || !(l->texts + l->said))
			continue;
		if (r->how->records) {
			record_label(r->out, l);
			continue;
		}
		table_cell(&t, str_of(l->name));
		cell(&t, "%.0f", (double)l->texts);
		cell(&t, "%.0f", (double)l->said);
		percent(&t, l->right, l->said);
		percent(&t, l->right, l->texts);
		cell(&t, "%.3f", f1(l));
	}
	free(sorted);
	if (r->how->records)
		table_release(&t);
	else
		end_table(r, &t, "By intent, at the threshold");
}

/* At a threshold that answers so many of the texts in scope. */
struct point {
	double threshold;
	size_t covered, right, refused;
};

/* The outcomes are sorted; one that is not answered is refused at any threshold. */
static struct point point_at(const struct report *r, size_t wanted)
{
	struct point p = {1, 0, 0, r->n - r->in_scope};

	for (size_t i = 0; i < r->n && p.covered < wanted; i++) {
		const struct outcome *o = &r->sorted[i];

		p.threshold = o->p;
		if (o->in_scope) {
			p.covered++;
			p.right += o->right;
		} else if (o->answered) {
			p.refused--;
		}
	}
	return p;
}

static void record_point(struct report *r, const struct point *p)
{
	buf_puts(r->out, "{\"kind\":\"coverage\"");
	put_share(r->out, "coverage", p->covered, r->in_scope);
	json_put_key(r->out, "threshold");
	json_put_number(r->out, p->threshold);
	put_share(r->out, "accuracy", p->right, p->covered);
	put_share(r->out, "accuracy_of_all", p->right, r->in_scope);
	put_share(r->out, "out_of_scope_recall", p->refused, r->n - r->in_scope);
	buf_puts(r->out, "}\n");
}

static void tell_coverage(struct report *r)
{
	static const size_t told[] = {100, 98, 95, 90, 85, 80, 70, 60, 50};
	struct table t = TABLE_INIT;

	for (size_t i = STEPS_TOLD; i > 0 && r->how->records; i--) {
		struct point p = point_at(r, (r->in_scope * i + STEPS_TOLD - 1) / STEPS_TOLD);

		record_point(r, &p);
	}
	if (r->how->records)
		return;
	table_column(&t, "coverage", true);
	table_column(&t, "threshold", true);
	table_column(&t, "right of these", true);
	table_column(&t, "right of all", true);
	table_column(&t, "out of scope refused", true);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		struct point p = point_at(r, (r->in_scope * told[i] + 99) / 100);

		cell(&t, "%.0f%%", (double)told[i]);
		cell(&t, "%.4f", p.threshold);
		percent(&t, p.right, p.covered);
		percent(&t, p.right, r->in_scope);
		percent(&t, p.refused, r->n - r->in_scope);
	}
	end_table(r, &t, "Coverage of the texts in scope, the surest first, and accuracy");
}

static int by_labels(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->truth != y->truth)
		return x->truth < y->truth ? -1 : 1;
	return (x->said > y->said) - (x->said < y->said);
}

static int most_first(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return by_labels(a, b);
}

/* Pairs of what is true and what was said instead, the most frequent first. */
static struct pair *pairs_of(const struct report *r, size_t *n)
{
	struct pair *v = mem_zero(r->n, sizeof(*v));
	size_t all = 0;

	*n = 0;
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].said && !r->v[i].outcome.right)
			v[all++] = (struct pair){r->v[i].truth, r->v[i].guess, 1};
	if (all)
		qsort(v, all, sizeof(*v), by_labels);
	for (size_t i = 0; i < all; i++)
		if (*n && by_labels(&v[*n - 1], &v[i]) == 0)
			v[*n - 1].n++;
		else
			v[(*n)++] = v[i];
	if (*n)
		qsort(v, *n, sizeof(*v), most_first);
	return v;
}

static void tell_pairs(struct report *r)
{
	size_t n;
	struct pair *v = pairs_of(r, &n);
	struct table t = TABLE_INIT;

	table_column(&t, "true", false);
	table_column(&t, "said", false);
	table_column(&t, "texts", true);
	for (size_t i = 0; i < n && (r->how->records || i < PAIRS_TOLD); i++) {
		const char *truth = r->labels[v[i].truth].name, *said = r->labels[v[i].said].name;

		if (r->how->records) {
			buf_puts(r->out, "{\"kind\":\"confusion\"");
			put_label(r->out, "true", truth);
			put_label(r->out, "said", said);
			put_count(r->out, "texts", v[i].n);
			buf_puts(r->out, "}\n");
			continue;
		}
		table_cell(&t, *truth ? str_of(truth) : STR(NOBODY));
		table_cell(&t, str_of(said));
		cell(&t, "%.0f", (double)v[i].n);
	}
	free(v);
	if (r->how->records || !n)
		table_release(&t);
	else
		end_table(r, &t, "Taken for another");
}

static void tell_bins(struct report *r)
{
	size_t n[BINS] = {0}, right[BINS] = {0};
	struct table t = TABLE_INIT;

	for (size_t i = 0; i < r->guessed; i++) {
		double p = r->sorted[i].p;
		size_t bin = p < 1 ? (size_t)(p * BINS) : BINS - 1;

		n[bin]++;
		right[bin] += r->sorted[i].right;
	}
	table_column(&t, "confidence", true);
	table_column(&t, "texts", true);
	table_column(&t, "right", true);
	for (size_t i = 0; i < BINS; i++) {
		if (r->how->records) {
			buf_puts(r->out, "{\"kind\":\"calibration\"");
			json_put_key(r->out, "from");
			json_put_number(r->out, (double)i / BINS);
			put_count(r->out, "texts", n[i]);
			put_share(r->out, "right", right[i], n[i]);
			buf_puts(r->out, "}\n");
			continue;
		}
		cell(&t, "from %.1f", (double)i / BINS);
		cell(&t, "%.0f", (double)n[i]);
		percent(&t, right[i], n[i]);
	}
	if (r->how->records)
		table_release(&t);
	else
		end_table(r, &t, "Confidence of the best guess, and how often it is right");
}

static void tell(struct report *r)
{
	r->sorted = mem_zero(r->n, sizeof(*r->sorted));
	for (size_t i = 0; i < r->n; i++)
		r->sorted[i] = r->v[i].outcome;
	outcomes_sort(r->sorted, r->n);
	while (r->guessed < r->n && r->sorted[r->guessed].p > 0)
		r->guessed++;
	tell_sums(r);
	tell_coverage(r);
	tell_bins(r);
	tell_labels(r);
	tell_pairs(r);
}

static void list_unknown(struct report *r)
{
	struct buf *list = &r->how->unknown_labels;
	size_t n = 0;

	for (size_t i = 0; i < r->label_n; i++) {
		if (!r->labels[i].unknown || n++ >= UNKNOWN_TOLD)
			continue;
		buf_printf(list, "%s%.60s", list->len ? ", " : "", r->labels[i].name);
	}
	if (n > UNKNOWN_TOLD)
		buf_printf(list, " and %zu more", n - UNKNOWN_TOLD);
}

int evaluate(struct evaluate *e, struct labelled_reader *reader, char *const *paths, size_t n,
	struct buf *out, struct buf *err)
{
	struct report r = {.how = e, .by_name = MAP_INIT, .out = out};
	struct labelled_reader mine = *reader;
	int status;

	buf_init(&r.words);
	mine.each = take;
	mine.ctx = &r;
	status = labelled_read(&mine, paths, n, err);
	reader->read = mine.read;
	reader->skipped = mine.skipped;
	if (status == 0 && !r.n) {
		buf_puts(err, "no labelled text to compare with");
		status = -1;
	}
	if (status == 0) {
		tell(&r);
		list_unknown(&r);
	}
	map_release(&r.by_name);
	free(r.labels);
	free(r.v);
	free(r.sorted);
	buf_release(&r.words);
	return status;
}
