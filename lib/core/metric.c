#include "core/metric.h"
#include "base/mem.h"
#include "base/when.h"
#include "io/yaml.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#define WINDOW_DEFAULT (7 * WHEN_DAY)
#define ORDER_DEFAULT 1000
#define NEAR_MOST 3
#define NEAR_LONGEST 100 /* bytes of a name that is looked for */

static const char *const fact_names[] = {"contact", "issue", "switch", "move", NULL};
static const char *const kind_names[] = {"count", "rate", "duration", NULL};
static const char *const good_names[] = {"up", "down", NULL};

const char *metric_fact_name(enum metric_fact f)
{
	return fact_names[f];
}

const char *metric_kind_name(enum metric_kind k)
{
	return kind_names[k];
}

/* One metric on its way from the file: the family's mapping, and the variant's or NULL. */
struct source {
	const char *file;
	const struct yaml *family, *variant;
	struct buf *err;
};

static int refuse(
	const char *file, const struct yaml *at, struct buf *err, const char *why, const char *what)
{
	buf_printf(err, "%s:%d: %s%s", file, at->key ? at->key_line : at->line, why, what);
	return -1;
}

/* The member as the variant says it, else as the family does. */
static const struct yaml *member(const struct source *s, const char *name)
{
	const struct yaml *v = yaml_get(s->variant, name);

	return v ? v : yaml_get(s->family, name);
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

	m->window = WINDOW_DEFAULT;
	m->order = ORDER_DEFAULT;
	if (window && (window->type != YAML_SCALAR || !when_span(str_of(window->text), &m->window)))
		return refuse(s->file, window, s->err, "window", ": not a span like 24h or 7d");
	if (order && (order->type != YAML_SCALAR || !str_int(str_of(order->text), &m->order)))
		return refuse(s->file, order, s->err, "order", ": not a whole number");
	return 0;
}

static int get_need(const struct source *s, const struct yaml *y, struct metric_need *n)
{
	static const char *const known[] = {"some", "that", "missing", NULL};
	const struct source of = {s->file, y, NULL, s->err};
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

static int get_all(const struct source *s, struct metric *m)
{
	static const char *const things[] = {"customer", NULL};
	int fact, kind, distinct, good;

	if (get_text(s, "version", &m->version) < 0 || get_text(s, "title", &m->title) < 0 ||
		get_text(s, "description", &m->description) < 0 ||
		get_text(s, "source", &m->source) < 0 || get_text(s, "unit", &m->unit) < 0 ||
		get_text(s, "absent", &m->absent) < 0 || get_sql(s, "where", &m->where) < 0 ||
		get_sql(s, "mature", &m->mature) < 0 ||
		get_sql(s, "numerator", &m->numerator) < 0 ||
		get_sql(s, "denominator", &m->denominator) < 0 ||
		get_sql(s, "value", &m->value) < 0 || get_flag(s, "by_class", &m->by_class) < 0 ||
		get_flag(s, "known_only", &m->known_only) < 0 || get_numbers(s, m) < 0 ||
		get_needs(s, m) < 0 || get_word(s, "fact", fact_names, -1, &fact) < 0 ||
		get_word(s, "kind", kind_names, -1, &kind) < 0 ||
		get_word(s, "good", good_names, -1, &good) < 0 ||
		get_word(s, "distinct", things, -1, &distinct) < 0)
		return -1;
	if (fact < 0 || kind < 0)
		return refuse(
			s->file, s->family, s->err, fact < 0 ? "fact" : "kind", " is missing");
	if (!m->version || !m->title)
		return refuse(s->file, s->family, s->err, m->version ? "title" : "version",
			" is missing");
	m->fact = (enum metric_fact)fact;
	m->kind = (enum metric_kind)kind;
	m->distinct = distinct == 0;
	m->good = good < 0 ? NULL : mem_string(good_names[good]);
	m->measured =
		kind == METRIC_COUNT || (kind == METRIC_RATE ? m->numerator.sql : m->value.sql);
	return 0;
}

/* What cannot stand together. */
static int check(const struct source *s, const struct metric *m)
{
	const struct yaml *at = s->variant ? s->variant : s->family;
	const char *why = NULL;

	if (m->value.sql && m->kind != METRIC_DURATION)
		why = "value goes with kind: duration";
	else if ((m->numerator.sql || m->denominator.sql) && m->kind != METRIC_RATE)
		why = "numerator and denominator go with kind: rate";
	else if (m->absent && m->kind != METRIC_DURATION)
		why = "absent goes with kind: duration";
	else if (m->distinct && m->kind != METRIC_COUNT)
		why = "distinct goes with kind: count";
	else if (!m->measured && (s->variant || !yaml_get(s->family, "variants")))
		why = m->kind == METRIC_RATE ? "numerator is missing" : "value is missing";
	return why ? refuse(s->file, at, s->err, why, "") : 0;
}

static bool is_id(const char *s)
{
	for (const char *p = s; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_'))
			return false;
	return *s;
}

static int add(struct metrics *into, const struct source *s, const char *family)
{
	struct metric *m = VEC_ADD(into, v, n, cap);
	struct buf id = BUF_INIT;

	buf_printf(&id, "%s%s%s", family, s->variant ? "." : "", s->variant ? s->variant->key : "");
	m->id = buf_take(&id);
	m->family = mem_string(family);
	m->file = mem_string(s->file);
	m->line = s->variant ? s->variant->key_line : s->family->line;
	if (s->variant && !is_id(s->variant->key))
		return refuse(
			s->file, s->variant, s->err, "no name of a variant: ", s->variant->key);
	return get_all(s, m) < 0 || check(s, m) < 0 ? -1 : 0;
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
	static const char *const known[] = {"version", "title", "description", "source", "where",
		"mature", "numerator", "denominator", "value", "absent", "by_class", "known_only",
		"distinct", "unit", "good", "needs", "window", "order", NULL};
	const struct yaml *variants = yaml_get(s->family, "variants"), *odd;

	if (variants && variants->type != YAML_MAPPING)
		return refuse(s->file, variants, s->err, "variants", ": name: {...} was expected");
	for
		YAML_EACH(v, variants)
		{
			const struct source of = {s->file, s->family, v, s->err};

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
		"source", "fact", "kind", "where", "mature", "numerator", "denominator", "value",
		"absent", "by_class", "known_only", "distinct", "unit", "good", "needs", "window",
		"order", "variants", NULL};
	const struct source s = {file, root, NULL, err};
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

static void release_one(struct metric *m)
{
	for (size_t i = 0; i < m->needs.n; i++) {
		free(m->needs.v[i].some.sql);
		free(m->needs.v[i].that.sql);
		free(m->needs.v[i].missing);
	}
	free(m->needs.v);
	free(m->where.sql);
	free(m->mature.sql);
	free(m->numerator.sql);
	free(m->denominator.sql);
	free(m->value.sql);
	free(m->id);
	free(m->family);
	free(m->version);
	free(m->title);
	free(m->description);
	free(m->source);
	free(m->unit);
	free(m->file);
	free(m->absent);
	free(m->good);
}

void metrics_release(struct metrics *m)
{
	for (size_t i = 0; i < m->n; i++)
		release_one(&m->v[i]);
	free(m->v);
	*m = (struct metrics){NULL, 0, 0};
}

static int compare(const void *a, const void *b)
{
	const struct metric *x = a, *y = b;
	int d = (x->order > y->order) - (x->order < y->order);

	return d ? d : strcmp(x->id, y->id);
}

/* Moves all of `from` into `into`, in place of what has the same family. */
static void merge(struct metrics *into, struct metrics *from)
{
	size_t kept = 0;

	for (size_t i = 0; i < into->n; i++) {
		if (find_family(from, into->v[i].family))
			release_one(&into->v[i]);
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
	return status;
}

bool metric_named(const struct metric *m, struct str id)
{
	return str_is(id, m->id) || str_is(id, m->family);
}

/* Levenshtein's distance, over bytes, of a from the beginning of b that is most like it. */
static size_t distance(struct str a, struct str b)
{
	size_t *row = mem_alloc((b.len + 1) * sizeof(*row)), least;

	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 0; i < a.len; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b.len; j++) {
			size_t best = corner + (a.s[i] != b.s[j]);

			corner = row[j + 1];
			best = best < corner + 1 ? best : corner + 1;
			row[j + 1] = best < row[j] + 1 ? best : row[j] + 1;
		}
	}
	least = row[0];
	for (size_t j = 1; j <= b.len; j++)
		least = row[j] < least ? row[j] : least;
	free(row);
	return least;
}

static size_t farness(struct str wanted, struct str id)
{
	size_t d = distance(wanted, id);

	/* A part of a name is near: "repeat" means repeat_contact_rate. */
	if (wanted.len >= 3 && str_find(id, wanted) >= 0)
		return 0;
	return d <= wanted.len / 3 ? d : SIZE_MAX;
}

static bool among(const char *const *best, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(best[i], name) == 0)
			return true;
	return false;
}

void metrics_near(const struct metrics *m, struct str id, struct buf *out)
{
	bool variant = str_find(id, STR(".")) >= 0;
	const char *best[NEAR_MOST];
	size_t far[NEAR_MOST], n = 0;

	for (size_t i = 0; i < m->n && id.len <= NEAR_LONGEST; i++) {
		const char *name = variant ? m->v[i].id : m->v[i].family;
		size_t d = farness(id, str_of(name)), at = n;

		if (d == SIZE_MAX || among(best, n, name))
			continue;
		while (at > 0 && far[at - 1] > d)
			at--;
		if (at == NEAR_MOST)
			continue;
		for (size_t j = n < NEAR_MOST ? n++ : n - 1; j > at; j--)
			best[j] = best[j - 1], far[j] = far[j - 1];
		best[at] = name;
		far[at] = d;
	}
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", best[i]);
}

bool metric_windowed(const struct metric *m)
{
	const struct metric_sql all[] = {
		m->where, m->mature, m->numerator, m->denominator, m->value};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].sql && strstr(all[i].sql, ":window"))
			return true;
	return false;
}
