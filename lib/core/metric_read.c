#include "core/metric.h"
#include "base/mem.h"
#include "base/when.h"
#include "io/yaml.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#define WINDOW_DEFAULT (7 * WHEN_DAY)
#define ORDER_DEFAULT 1000

static const char *const good_names[] = {"up", "down", NULL};

/* Members that only some kinds have. */
#define KIND(k) (1U << (k))
#define TIMES (KIND(METRIC_DURATION) | KIND(METRIC_QUANTITY))
static const struct {
	const char *name;
	unsigned kinds;
	const char *why;
} special[] = {
	{"value", TIMES | KIND(METRIC_MEAN), "value goes with kind: duration, quantity or mean"},
	{"weight", KIND(METRIC_MEAN), "weight goes with kind: mean"},
	{"numerator", KIND(METRIC_RATE) | KIND(METRIC_NET),
		"numerator goes with kind: rate or net"},
	{"denominator", KIND(METRIC_RATE) | KIND(METRIC_NET),
		"denominator goes with kind: rate or net"},
	{"against", KIND(METRIC_NET), "against goes with kind: net"},
	{"absent", TIMES, "absent goes with kind: duration or quantity"},
	{"statistics", TIMES | KIND(METRIC_COUNT),
		"statistics goes with kind: count, duration or quantity"},
	{"distinct", KIND(METRIC_COUNT), "distinct goes with kind: count"},
	{"independent", KIND(METRIC_RATE), "independent goes with kind: rate"},
	{"event", KIND(METRIC_RATE), "event goes with kind: rate"},
	{"censor", KIND(METRIC_RATE), "censor goes with kind: rate"},
};
#define SPECIAL (sizeof(special) / sizeof(special[0]))

/* One metric on its way from the file: the family's mapping, and the variant's or NULL. */
struct source {
	const char *file;
	const struct yaml *family, *variant;
	struct buf *err;
	int kind; /* as soon as it is known; -1 */
};

static int refuse(
	const char *file, const struct yaml *at, struct buf *err, const char *why, const char *what)
{
	buf_printf(err, "%s:%d: %s%s", file, at->key ? at->key_line : at->line, why, what);
	return -1;
}

/* Whether a variant takes the family's member: not what another kind has or means another thing
 * by, and no event beside a numerator of its own. More of a rate is better or worse, and not more
 * of a count beside it. */
static bool inherits(const struct source *s, const char *name)
{
	if (strcmp(name, "event") == 0 && yaml_get(s->variant, "numerator"))
		return false;
	if (strcmp(name, "statistics") == 0 && yaml_get(s->variant, "kind"))
		return false;
	if (strcmp(name, "good") == 0 && yaml_get(s->variant, "kind") && s->kind == METRIC_COUNT)
		return false;
	for (size_t i = 0; i < SPECIAL; i++)
		if (s->kind >= 0 && strcmp(special[i].name, name) == 0)
			return special[i].kinds & KIND(s->kind);
	return true;
}

/* The member as the variant says it, else as the family does. */
static const struct yaml *member(const struct source *s, const char *name)
{
	const struct yaml *v = yaml_get(s->variant, name);

	return v || (s->variant && !inherits(s, name)) ? v : yaml_get(s->family, name);
}

static int get_text(const struct source *s, const char *name, char **out)
{
	const struct yaml *v = member(s, name);

	*out = NULL;
	if (!v)
		return 0;
	if (v->type != YAML_SCALAR || !v->text[0])
		return refuse(s->file, v, s->err, name, ": a text was expected");
	*out = mem_string(v->text);
	return 0;
}

static int get_sql(const struct source *s, const char *name, struct metric_sql *out)
{
	const struct yaml *v = member(s, name);

	out->line = v ? v->line : 0;
	return get_text(s, name, &out->sql);
}

static int get_flag(const struct source *s, const char *name, bool *out)
{
	const struct yaml *v = member(s, name);

	*out = false;
	if (!v)
		return 0;
	if (v->type != YAML_SCALAR ||
		(strcmp(v->text, "true") != 0 && strcmp(v->text, "false") != 0))
		return refuse(s->file, v, s->err, name, ": neither true nor false");
	*out = v->text[0] == 't';
	return 0;
}

/* The number of the member's word among `words`; missing where it is not there. */
static int get_word(
	const struct source *s, const char *name, const char *const *words, int missing, int *out)
{
	const struct yaml *v = member(s, name);
	struct buf all = BUF_INIT;

	*out = missing;
	if (!v)
		return 0;
	for (int i = 0; words[i]; i++) {
		buf_printf(&all, "%s%s", i ? ", " : ": none of ", words[i]);
		if (v->type == YAML_SCALAR && strcmp(v->text, words[i]) == 0)
			*out = i;
	}
	if (*out == missing)
		refuse(s->file, v, s->err, name, all.s);
	buf_release(&all);
	return *out == missing ? -1 : 0;
}

static int get_numbers(const struct source *s, struct metric *m)
{
	const struct yaml *window = member(s, "window"), *order = member(s, "order");
	const struct yaml *top = member(s, "top");

	m->window = WINDOW_DEFAULT;
	m->order = ORDER_DEFAULT;
	if (top && (top->type != YAML_SCALAR || !str_int(str_of(top->text), &m->top) || m->top < 1))
		return refuse(s->file, top, s->err, "top", ": not a whole number from 1");
	if (window && (window->type != YAML_SCALAR || !when_span(str_of(window->text), &m->window)))
		return refuse(s->file, window, s->err, "window", ": not a span like 24h or 7d");
	if (order && (order->type != YAML_SCALAR || !str_int(str_of(order->text), &m->order)))
		return refuse(s->file, order, s->err, "order", ": not a whole number");
	return 0;
}

static int get_need(const struct source *s, const struct yaml *y, struct metric_need *n)
{
	static const char *const known[] = {"some", "that", "missing", NULL};
	const struct source of = {s->file, y, NULL, s->err, -1};
	const struct yaml *odd;

	if (y->type != YAML_MAPPING)
		return refuse(s->file, y, s->err, "needs", ": each has some or that, and missing");
	odd = yaml_unknown(y, known);
	if (odd)
		return refuse(s->file, odd, s->err, "no such member: ", odd->key);
	if (get_sql(&of, "some", &n->some) < 0 || get_sql(&of, "that", &n->that) < 0 ||
		get_text(&of, "missing", &n->missing) < 0)
		return -1;
	if (!n->some.sql == !n->that.sql || !n->missing)
		return refuse(s->file, y, s->err, "needs", ": each has some or that, and missing");
	return 0;
}

static int get_needs(const struct source *s, struct metric *m)
{
	const struct yaml *list = member(s, "needs");

	if (list && list->type != YAML_SEQUENCE)
		return refuse(s->file, list, s->err, "needs", ": a list was expected");
	for
		YAML_EACH(y, list)
	if (get_need(s, y, VEC_ADD(&m->needs, v, n, cap)) < 0)
		return -1;
	return 0;
}

static int get_reasons(const struct source *s, struct metric *m)
{
	const struct yaml *map = member(s, "reasons");

	if (map && map->type != YAML_MAPPING)
		return refuse(s->file, map, s->err, "reasons", ": name: condition was expected");
	for
		YAML_EACH(y, map)
		{
			struct metric_reason *r = VEC_ADD(&m->reasons, v, n, cap);

			if (y->type != YAML_SCALAR || !y->text[0])
				return refuse(
					s->file, y, s->err, y->key, ": a condition was expected");
			r->name = mem_string(y->key);
			r->when = (struct metric_sql){mem_string(y->text), y->line};
		}
	return 0;
}

static int get_words(const struct source *s, const char *name, struct metric_words *w)
{
	const struct yaml *list = member(s, name);

	if (!list)
		return 0;
	w->line = list->line;
	if (list->type != YAML_SEQUENCE || !list->child)
		return refuse(s->file, list, s->err, name, ": a list was expected");
	for
		YAML_EACH(y, list)
		{
			if (y->type != YAML_SCALAR || !y->text[0] || metric_words_have(w, y->text))
				return refuse(s->file, y, s->err, name, ": names, each once");
			*VEC_ADD(w, v, n, cap) = mem_string(y->text);
		}
	return 0;
}

/* by_class: true is by: [class]. */
static int get_by(const struct source *s, struct metric *m)
{
	const struct yaml *flag = member(s, "by_class");
	bool by_class;

	if (get_words(s, "by", &m->by) < 0 || get_flag(s, "by_class", &by_class) < 0)
		return -1;
	if (by_class && !metric_words_have(&m->by, "class")) {
		*VEC_ADD(&m->by, v, n, cap) = mem_string("class");
		m->by.line = flag->line;
	}
	return 0;
}

static int get_texts(const struct source *s, struct metric *m)
{
	if (get_text(s, "version", &m->version) < 0 || get_text(s, "title", &m->title) < 0 ||
		get_text(s, "description", &m->description) < 0 ||
		get_text(s, "source", &m->source) < 0 || get_text(s, "unit", &m->unit) < 0 ||
		get_text(s, "absent", &m->absent) < 0)
		return -1;
	if (!m->version || !m->title)
		return refuse(s->file, s->family, s->err, m->version ? "title" : "version",
			" is missing");
	return 0;
}

static int get_expressions(const struct source *s, struct metric *m)
{
	const struct {
		const char *name;
		struct metric_sql *to;
	} all[] = {{"where", &m->where}, {"mature", &m->mature}, {"numerator", &m->numerator},
		{"denominator", &m->denominator}, {"against", &m->against}, {"value", &m->value},
		{"weight", &m->weight}, {"event", &m->event}, {"censor", &m->censor},
		{"unknown", &m->unknown}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (get_sql(s, all[i].name, all[i].to) < 0)
			return -1;
	return 0;
}

static int get_all(struct source *s, struct metric *m)
{
	static const char *const things[] = {"customer", NULL};
	int fact, distinct, good;

	if (get_word(s, "fact", metric_facts(), -1, &fact) < 0 ||
		get_word(s, "kind", metric_kinds(), -1, &s->kind) < 0)
		return -1;
	if (fact < 0 || s->kind < 0)
		return refuse(
			s->file, s->family, s->err, fact < 0 ? "fact" : "kind", " is missing");
	m->fact = metric_facts()[fact];
	m->kind = (enum metric_kind)s->kind;
	if (get_texts(s, m) < 0 || get_expressions(s, m) < 0 || get_by(s, m) < 0 ||
		get_words(s, "statistics", &m->statistics) < 0 || get_reasons(s, m) < 0 ||
		get_flag(s, "known_only", &m->known_only) < 0 ||
		get_flag(s, "independent", &m->independent) < 0 || get_numbers(s, m) < 0 ||
		get_needs(s, m) < 0 || get_word(s, "good", good_names, -1, &good) < 0 ||
		get_word(s, "distinct", things, -1, &distinct) < 0)
		return -1;
	m->distinct = distinct == 0;
	m->good = good < 0 ? NULL : mem_string(good_names[good]);
	m->measured = m->kind == METRIC_COUNT ||
		      (metric_valued(m) ? m->value.sql : m->numerator.sql) != NULL;
	return 0;
}

/* What cannot stand together. */
static int check(const struct source *s, const struct metric *m)
{
	const struct yaml *at = s->variant ? s->variant : s->family;
	const char *why = NULL;

	for (size_t i = 0; i < SPECIAL && !why; i++)
		if (!(special[i].kinds & KIND(m->kind)) && yaml_get(at, special[i].name))
			why = special[i].why;
	if (why)
		return refuse(s->file, at, s->err, why, "");
	if (!m->measured && (s->variant || !yaml_get(s->family, "variants")))
		why = metric_valued(m) ? "value is missing" : "numerator is missing";
	else if (m->kind == METRIC_NET && m->measured && !m->against.sql)
		why = "against is missing";
	else if (m->event.sql && !m->censor.sql)
		why = "event goes with censor";
	return why ? refuse(s->file, at, s->err, why, "") : 0;
}

static int check_statistics(const struct metric *m, struct buf *err)
{
	const char *all[METRIC_STATISTICS];
	size_t n = metric_kind_statistics(m, all);

	for (size_t i = 0; i < m->statistics.n; i++) {
		size_t j = 0;

		while (j < n && strcmp(all[j], m->statistics.v[i]) != 0)
			j++;
		if (j < n)
			continue;
		buf_printf(err, "%s:%d: statistics: %s is none of ", m->file, m->statistics.line,
			m->statistics.v[i]);
		for (j = 0; j < n; j++)
			buf_printf(err, "%s%s", j ? ", " : "", all[j]);
		return -1;
	}
	return 0;
}

static bool is_id(const char *s)
{
	for (const char *p = s; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_'))
			return false;
	return *s;
}

static int add(struct metrics *into, struct source *s, const char *family)
{
	struct metric *m = VEC_ADD(into, v, n, cap);
	const struct yaml *as = yaml_get(s->variant, "as");
	struct buf name = BUF_INIT;

	buf_printf(
		&name, "%s%s%s", family, s->variant ? "." : "", s->variant ? s->variant->key : "");
	m->name = buf_take(&name);
	m->id = mem_string(as && as->type == YAML_SCALAR ? as->text : m->name);
	m->family = mem_string(family);
	m->file = mem_string(s->file);
	m->line = s->variant ? s->variant->key_line : s->family->line;
	if (s->variant && !is_id(s->variant->key))
		return refuse(
			s->file, s->variant, s->err, "no name of a variant: ", s->variant->key);
	if (as && (as->type != YAML_SCALAR || !is_id(as->text)))
		return refuse(s->file, as, s->err, "as", ": an id of a-z, 0-9 and _ was expected");
	return get_all(s, m) < 0 || check(s, m) < 0 ? -1 : check_statistics(m, s->err);
}

static const struct metric *find_family(const struct metrics *m, const char *family)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->v[i].family, family) == 0)
			return &m->v[i];
	return NULL;
}

static int read_variants(struct metrics *into, const struct source *s, const char *id)
{
	static const char *const known[] = {"as", "version", "title", "description", "source",
		"fact", "kind", "where", "mature", "numerator", "denominator", "against", "value",
		"weight", "event", "censor", "absent", "by", "by_class", "known_only", "unknown",
		"independent", "statistics", "distinct", "unit", "good", "top", "needs", "reasons",
		"window", "order", NULL};
	const struct yaml *variants = yaml_get(s->family, "variants"), *odd;

	if (variants && variants->type != YAML_MAPPING)
		return refuse(s->file, variants, s->err, "variants", ": name: {...} was expected");
	for
		YAML_EACH(v, variants)
		{
			struct source of = {s->file, s->family, v, s->err, -1};

			if (v->type != YAML_MAPPING)
				return refuse(
					s->file, v, s->err, v->key, ": a mapping was expected");
			odd = yaml_unknown(v, known);
			if (odd)
				return refuse(s->file, odd, s->err,
					"no such member of a variant: ", odd->key);
			if (add(into, &of, id) < 0)
				return -1;
		}
	return 0;
}

static int read_file(
	struct metrics *into, const char *file, const struct yaml *root, struct buf *err)
{
	static const char *const known[] = {"jtools", "id", "version", "title", "description",
		"source", "fact", "kind", "where", "mature", "numerator", "denominator", "against",
		"value", "weight", "event", "censor", "absent", "by", "by_class", "known_only",
		"unknown", "independent", "statistics", "distinct", "unit", "good", "top", "needs",
		"reasons", "window", "order", "variants", NULL};
	struct source s = {file, root, NULL, err, -1};
	const char *kind = yaml_kind(root), *id = yaml_text(root, "id", "");
	const struct yaml *odd;
	const struct metric *twin;

	if (!kind || strcmp(kind, "metric/1") != 0)
		return refuse(file, root, err, "not a metric (jtools: metric/1)", "");
	odd = yaml_unknown(root, known);
	if (odd)
		return refuse(file, odd, err, "no such member: ", odd->key);
	if (!is_id(id))
		return refuse(file, root, err, "id is missing, or not of a-z, 0-9 and _: ", id);
	twin = find_family(into, id);
	if (twin) {
		buf_printf(err, "%s:%d: %s is defined in %s already", file, root->line, id,
			twin->file);
		return -1;
	}
	return add(into, &s, id) < 0 ? -1 : read_variants(into, &s, id);
}

static int compare(const void *a, const void *b)
{
	const struct metric *x = a, *y = b;
	int d = (x->order > y->order) - (x->order < y->order);

	d = d ? d : strcmp(x->id, y->id);
	return d ? d : strcmp(x->name, y->name);
}

/* Moves all of `from` into `into`, in place of what has the same family. */
static void merge(struct metrics *into, struct metrics *from)
{
	size_t kept = 0;

	for (size_t i = 0; i < into->n; i++) {
		if (find_family(from, into->v[i].family))
			metric_release(&into->v[i]);
		else
			into->v[kept++] = into->v[i];
	}
	into->n = kept;
	for (size_t i = 0; i < from->n; i++)
		*VEC_ADD(into, v, n, cap) = from->v[i];
	free(from->v);
	if (into->n)
		qsort(into->v, into->n, sizeof(*into->v), compare);
}

static bool share_statistic(const struct metric *a, const struct metric *b)
{
	const char *all[METRIC_STATISTICS];
	size_t n = metric_statistics(a, all);

	for (size_t i = 0; i < n; i++)
		if (metric_shows(b, all[i]))
			return true;
	return false;
}

/* Metrics of one id are told apart by what they are given in. */
static int check_ids(const struct metrics *m, struct buf *err)
{
	for (size_t i = 0; i < m->n; i++)
		for (size_t j = 0; j < i; j++) {
			const struct metric *a = &m->v[j], *b = &m->v[i];

			if (!a->measured || !b->measured || strcmp(a->id, b->id) != 0 ||
				!share_statistic(a, b))
				continue;
			buf_printf(err, "%s:%d: %s is both %s and %s, and given in the same",
				b->file, b->line, b->id, a->name, b->name);
			return -1;
		}
	return 0;
}

static int is_definition(const struct dirent *e)
{
	struct str name = str_of(e->d_name);

	return e->d_name[0] != '.' && (str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")));
}

int metrics_read(struct metrics *m, const char *folder, struct buf *err)
{
	struct metrics fresh = {NULL, 0, 0};
	struct dirent **names = NULL;
	struct buf path = BUF_INIT;
	int n = scandir(folder, &names, is_definition, alphasort), status = n < 0 ? -1 : 0;

	if (n < 0)
		buf_printf(err, "%s: %s", folder, strerror(errno));
	for (int i = 0; i < n; i++) {
		struct yaml *root = NULL;

		buf_clear(&path);
		buf_printf(&path, "%s/%s", folder, names[i]->d_name);
		if (status == 0)
			root = yaml_read(path.s, err);
		if (!root || read_file(&fresh, path.s, root, err) < 0)
			status = -1;
		yaml_free(root);
		free(names[i]);
	}
	free(names);
	buf_release(&path);
	if (status < 0)
		metrics_release(&fresh);
	else
		merge(m, &fresh);
	return status < 0 ? status : check_ids(m, err);
}
