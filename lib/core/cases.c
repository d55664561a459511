#include "core/cases.h"
#include "base/map.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define OTHER_TEXT "(another)"

struct variable {
	int column;
	char *name;
	enum conditions_kind kind;
	struct expr_value *constants, *values;
	size_t n, cap, value_n, value_cap;
	struct map there; /* values, by what they are of and their bytes */
	size_t at;	  /* of the case at hand */
};

struct cases {
	const struct ontology *ontology;
	struct variable *v;
	size_t n, cap;
	bool plain, settled;
	struct buf key;
	struct supposed supposed;
};

static void get(void *ctx, int column, struct str call, struct expr_value *out)
{
	const struct cases *s = ctx;

	*out = (struct expr_value){.type = column < 0 ? EXPR_INT : EXPR_NULL};
	for (size_t i = 0; i < s->n; i++) {
		const struct variable *v = &s->v[i];

		if (column >= 0 ? v->column == column : str_is(call, v->name)) {
			*out = v->values[v->at];
			return;
		}
	}
}

struct cases *cases_new(const struct ontology *o)
{
	struct cases *s = mem_zero(1, sizeof(*s));

	s->ontology = o;
	s->supposed = (struct supposed){s, get};
	s->plain = true;
	buf_init(&s->key);
	return s;
}

void cases_clear(struct cases *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].name);
		free(s->v[i].constants);
		free(s->v[i].values);
		map_release(&s->v[i].there);
	}
	s->n = 0;
	s->plain = true;
	s->settled = false;
}

void cases_free(struct cases *s)
{
	if (!s)
		return;
	cases_clear(s);
	buf_release(&s->key);
	free(s->v);
	free(s);
}

static struct variable *variable_of(const struct cases *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0)
			return &s->v[i];
	return NULL;
}

static struct variable *add_variable(struct cases *s, int column, const char *name)
{
	struct variable *v = variable_of(s, name);

	if (v)
		return v;
	v = VEC_ADD(s, v, n, cap);
	v->column = column;
	v->name = mem_string(name);
	v->kind = conditions_kind_of(column, name);
	v->there = (struct map)MAP_TOGETHER;
	return v;
}

void cases_add(struct cases *s, const struct readings *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct reading *r = &t->v[i];
		struct variable *v = add_variable(s, r->column, r->name);

		for (size_t k = 0; k < r->n; k++)
			*VEC_ADD(v, constants, n, cap) = r->constants[k];
	}
	/* The one follows from the other. */
	if (variable_of(s, "family"))
		add_variable(s, conditions_column(STR("intent")), "intent");
	else if (variable_of(s, "intent"))
		add_variable(s, conditions_column(STR("family")), "family");
	s->plain &= t->plain;
	s->settled = false;
}

bool cases_plain(const struct cases *s)
{
	return s->plain;
}

/* ---- values ---- */

/* Once: lists of thousands are read. */
static void add(struct cases *s, struct variable *v, struct expr_value value)
{
	double real = value.real + 0.0; /* -0 is 0 */
	bool fresh;

	buf_clear(&s->key);
	buf_byte(&s->key, (char)value.type);
	if (value.type == EXPR_TEXT)
		buf_put(&s->key, value.text);
	else if (value.type == EXPR_REAL)
		buf_add(&s->key, (const char *)&real, sizeof(real));
	map_slot(&v->there, buf_str(&s->key), &fresh);
	if (fresh)
		*VEC_ADD(v, values, value_n, value_cap) = value;
}

static void add_text(struct cases *s, struct variable *v, struct str text)
{
	add(s, v, (struct expr_value){.type = EXPR_TEXT, .text = text});
}

/* What numbers of a kind lie between. */
struct range {
	double low, high;
	bool whole;
};

static struct range range_of(enum conditions_kind kind)
{
	switch (kind) {
	case KIND_YES_NO:
	case KIND_FLAG:
		return (struct range){0, 1, true};
	case KIND_TIMES:
		return (struct range){0, INFINITY, true};
	case KIND_SPAN:
		return (struct range){0, INFINITY, false};
	case KIND_SHARE:
		return (struct range){0, 1, false};
	case KIND_SENTIMENT:
		return (struct range){-1, 1, false};
	case KIND_HOUR:
		return (struct range){0, 23, true};
	case KIND_DAY:
		return (struct range){0, 6, true};
	default:
		return (struct range){-INFINITY, INFINITY, false};
	}
}

static void add_number(struct cases *s, struct variable *v, double n)
{
	struct range r = range_of(v->kind);

	if (n < r.low || n > r.high || (r.whole && n != floor(n)))
		return;
	add(s, v, (struct expr_value){.type = EXPR_REAL, .real = n});
}

static int by_size(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

/* Counts of which the first is at most the second. */
static const char *const ordered[][2] = {{"contacts_24h", "contacts_7d"},
	{"contacts_24h", "contacts_30d"}, {"contacts_7d", "contacts_30d"},
	{"commitments_overdue", "commitments_open"}};
#define ORDERED (sizeof(ordered) / sizeof(ordered[0]))

/* Two of which the one bounds the other are tried with the same numbers: else a case that can be
 * would be missed because the other is never as large. */
static bool siblings(const struct variable *a, const struct variable *b)
{
	for (size_t i = 0; i < ORDERED; i++)
		for (int k = 0; k < 2; k++)
			if (strcmp(a->name, ordered[i][k]) == 0 &&
				strcmp(b->name, ordered[i][!k]) == 0)
				return true;
	return false;
}

static void take_numbers(const struct variable *v, double **all, size_t *n)
{
	*all = mem_resize(*all, (*n + v->n) * sizeof(double));
	for (size_t i = 0; i < v->n; i++)
		if (v->constants[i].type != EXPR_TEXT)
			(*all)[(*n)++] = v->constants[i].real;
}

/* The constants, what lies between two of them, below and above; 0 and 1 in any case. */
static void add_numbers(struct cases *s, struct variable *v)
{
	double *all = mem_alloc(2 * sizeof(double));
	size_t n = 2;

	all[0] = 0;
	all[1] = 1;
	for (size_t i = 0; i < s->n; i++)
		if (&s->v[i] == v || siblings(&s->v[i], v))
			take_numbers(&s->v[i], &all, &n);
	qsort(all, n, sizeof(*all), by_size);
	for (size_t i = 0; i < n; i++) {
		double next = i + 1 < n ? all[i + 1] : all[i] + 2;

		if (!i)
			add_number(s, v, floor(all[i]) - 1);
		add_number(s, v, floor(all[i]));
		add_number(s, v, all[i]);
		add_number(s, v, floor(all[i]) + 1 < next ? floor(all[i]) + 1 : all[i]);
		add_number(s, v, (all[i] + next) / 2);
	}
	free(all);
}

static void add_texts(struct cases *s, struct variable *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->constants[i].type == EXPR_TEXT)
			add_text(s, v, v->constants[i].text);
	/* One that SQL takes for true, and one for false. */
	add_text(s, v, STR("1" OTHER_TEXT));
	add_text(s, v, STR(OTHER_TEXT));
}

static bool has_text(const struct variable *v, const char *text)
{
	for (size_t i = 0; v && i < v->n; i++)
		if (v->constants[i].type == EXPR_TEXT && str_is(v->constants[i].text, text))
			return true;
	return false;
}

/* A family is what an intent's family is: beside those that are named, of each family that is, one
 * intent, and one of another. */
static void add_intents(struct cases *s, struct variable *v)
{
	const struct ontology *o = s->ontology;
	const struct variable *family = variable_of(s, "family");
	bool other = false;

	add_texts(s, v);
	for (size_t i = 0; i < o->intent_n; i++) {
		const char *of = o->intents[i].family ? o->intents[i].family : "";
		bool named = has_text(family, of), there = false;

		for (size_t k = 0; k < i && named && !there; k++)
			there = o->intents[k].family && strcmp(o->intents[k].family, of) == 0 &&
				!has_text(v, o->intents[k].id);
		if (has_text(v, o->intents[i].id) || (named ? there : other))
			continue;
		other |= !named;
		add_text(s, v, str_of(o->intents[i].id));
	}
}

/* Families of the ontology alone. */
static void add_families(struct cases *s, struct variable *v)
{
	const struct ontology *o = s->ontology;
	const struct variable *intent = variable_of(s, "intent");
	bool other = false;

	for (size_t i = 0; i < o->intent_n; i++) {
		const char *of = o->intents[i].family;

		if (!of || (!has_text(v, of) && !intent && other))
			continue;
		other |= !has_text(v, of);
		add_text(s, v, str_of(of));
	}
}

static void settle_variable(struct cases *s, struct variable *v)
{
	v->value_n = 0;
	map_release(&v->there);
	if (v->kind != KIND_FLAG && v->kind != KIND_WHAT && v->kind != KIND_INWARD &&
		v->kind != KIND_HOUR && v->kind != KIND_DAY)
		add(s, v, (struct expr_value){.type = EXPR_NULL});
	if (v->kind == KIND_INWARD)
		add_text(s, v, STR("in"));
	else if (strcmp(v->name, "intent") == 0)
		add_intents(s, v);
	else if (strcmp(v->name, "family") == 0)
		add_families(s, v);
	else if (v->kind == KIND_WORD || v->kind == KIND_WHAT)
		add_texts(s, v);
	else
		add_numbers(s, v);
	if (v->kind == KIND_ANYTHING)
		add_texts(s, v);
}

double cases_count(struct cases *s)
{
	double n = 1;

	for (size_t i = 0; i < s->n; i++) {
		if (!s->settled)
			settle_variable(s, &s->v[i]);
		n *= (double)s->v[i].value_n;
	}
	s->settled = true;
	return n;
}

/* ---- cases ---- */

const struct expr_value *cases_value(const struct cases *s, const char *name)
{
	const struct variable *v = variable_of(s, name);

	return v ? &v->values[v->at] : NULL;
}

bool cases_usual(const struct cases *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct expr_value *v = &s->v[i].values[s->v[i].at];

		if (v->type == EXPR_NULL ||
			(s->v[i].kind == KIND_AMOUNT && v->type == EXPR_REAL && v->real < 0))
			return false;
	}
	return true;
}

static bool in_order(struct cases *s)
{
	for (size_t i = 0; i < ORDERED; i++) {
		const struct expr_value *a = cases_value(s, ordered[i][0]),
					*b = cases_value(s, ordered[i][1]);

		if (a && b && a->type != EXPR_NULL && b->type != EXPR_NULL && a->real > b->real)
			return false;
	}
	return true;
}

static bool of_family(struct cases *s)
{
	const struct expr_value *intent = cases_value(s, "intent"),
				*family = cases_value(s, "family");
	const struct intent *i;

	if (!intent || !family)
		return true;
	i = intent->type == EXPR_TEXT ? ontology_intent(s->ontology, intent->text) : NULL;
	if (!i || !i->family)
		return family->type == EXPR_NULL;
	return family->type == EXPR_TEXT && str_is(family->text, i->family);
}

bool cases_take(struct cases *s, double number)
{
	for (size_t i = 0; i < s->n; i++) {
		double n = (double)s->v[i].value_n;

		s->v[i].at = (size_t)fmod(number, n);
		number = floor(number / n);
	}
	return of_family(s) && in_order(s);
}

bool cases_last(struct cases *s)
{
	cases_count(s);
	for (size_t i = 0; i < s->n; i++)
		s->v[i].at = s->v[i].value_n - 1;
	return of_family(s) && in_order(s);
}

struct cases_walk cases_walk(struct cases *s, size_t most)
{
	struct cases_walk w = {.all = cases_count(s), .state = 1};

	w.whole = w.all <= (double)most;
	w.n = w.whole ? (size_t)w.all : most;
	return w;
}

bool cases_next(struct cases_walk *w, double *number)
{
	if (w->i == w->n)
		return false;
	*number = (double)w->i++;
	if (!w->whole) {
		w->state = w->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		*number = (double)(w->state >> 11) / (double)(UINT64_C(1) << 53) * w->all;
	}
	return true;
}

const struct supposed *cases_supposed(const struct cases *s)
{
	return &s->supposed;
}

void cases_tell(const struct cases *s, struct buf *out)
{
	bool first = true;

	for (size_t i = 0; i < s->n; i++) {
		const struct expr_value *v = &s->v[i].values[s->v[i].at];

		if (v->type == EXPR_NULL || (v->type == EXPR_REAL && fabs(v->real) <= 0))
			continue;
		buf_puts(out, first ? "" : ", ");
		first = false;
		buf_printf(out, "%s = ", s->v[i].name);
		conditions_put(out, v);
	}
	if (first)
		buf_puts(out, "nothing known");
}
