#include "stage/choose.h"
#include "base/die.h"
#include "base/mem.h"
#include "core/store/measure.h"

#include <stdlib.h>
#include <unistd.h>

int choose_definitions(
	struct metrics *m, const struct ontology *o, const struct opt_list *extra, struct buf *err)
{
	struct buf path = BUF_INIT;
	int status = 0;

	for (size_t i = 0; i < o->folders.n && status == 0; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/metrics", o->folders.v[i]);
		/* One that extends another need not have its own. */
		if (i == 0 || access(path.s, F_OK) == 0)
			status = metrics_read(m, path.s, err);
	}
	for (size_t i = 0; i < extra->n && status == 0; i++)
		status = metrics_read(m, extra->v[i], err);
	buf_release(&path);
	return status;
}

static bool chosen(const struct metric_choice *c, const struct metric *m)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i] == m)
			return true;
	return false;
}

void choose_metric(struct metric_choice *c, const struct metric *m)
{
	if (!chosen(c, m))
		*VEC_ADD(c, v, n, cap) = m;
}

const struct metric *choose_find(const struct metrics *m, struct str id)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].measured && str_is(id, m->v[i].id))
			return &m->v[i];
	return NULL;
}

int choose(const struct metrics *m, const char *id, struct metric_choice *c, struct buf *err)
{
	struct buf near = BUF_INIT;
	bool known = false;

	for (size_t i = 0; i < m->n; i++) {
		if (!metric_named(&m->v[i], str_of(id)))
			continue;
		known = true;
		if (m->v[i].measured)
			choose_metric(c, &m->v[i]);
	}
	if (known)
		return 0;
	metrics_near(m, str_of(id), &near);
	buf_printf(err, "no such metric: %s ", id);
	if (near.len)
		buf_printf(err, "(did you mean %s?)", near.s);
	else
		buf_puts(err, "(see jmetrics --list)");
	buf_release(&near);
	return -1;
}

/* Those that the id is closest to the name of: a family of variants is a metric as well, perhaps.
 */
static size_t count_exact(const struct metrics *m, const char *id, const struct metric **last)
{
	size_t named = 0, n = 0;

	for (size_t i = 0; i < m->n; i++) {
		const struct metric *one = &m->v[i];
		bool by_name = strcmp(one->name, id) == 0;

		if (!one->measured || (!by_name && strcmp(one->id, id) != 0))
			continue;
		n++;
		if (by_name || !named)
			*last = one;
		named += by_name;
	}
	return named ? 1 : n;
}

int choose_one(const struct metrics *m, const char *id, struct metric_choice *c, struct buf *err)
{
	const struct metric *one = NULL;
	size_t n = count_exact(m, id, &one);
	int status;

	if (n == 1) {
		*VEC_ADD(c, v, n, cap) = one;
		return 0;
	}
	status = choose(m, id, c, err);
	if (status < 0)
		return status;
	buf_printf(err, "%s is several metrics: ", id);
	for (size_t i = 0; i < c->n; i++)
		buf_printf(err, "%s%s", i ? ", " : "", c->v[i]->name);
	return -1;
}

void choose_all(const struct metrics *m, struct metric_choice *c)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].measured)
			*VEC_ADD(c, v, n, cap) = &m->v[i];
}

int choose_ids(const struct metrics *m, const char *define, const char *explain, char *const *ids,
	size_t n, struct metric_choice *c, struct buf *err)
{
	int status = define ? choose(m, define, c, err) : 0;

	if (explain && n) {
		buf_puts(err, "--explain takes one metric, and no others");
		return -1;
	}
	if (status == 0 && explain) {
		buf_puts(err, "--explain: ");
		status = choose_one(m, explain, c, err);
		if (status == 0)
			buf_clear(err);
	}
	for (size_t i = 0; i < n && status == 0; i++)
		status = choose(m, ids[i], c, err);
	return status;
}

static int add_dimensions(const char *text, struct opt_list *by, struct buf *err)
{
	struct str left = str_of(text);

	for (;;) {
		ptrdiff_t comma = str_find(left, STR(","));
		struct str one =
			str_trim((struct str){left.s, comma < 0 ? left.len : (size_t)comma});

		if (!one.len) {
			buf_printf(err, "--by: a dimension is empty: %s", text);
			return -1;
		}
		for (size_t i = 0; i < by->n; i++)
			if (str_is(one, by->v[i])) {
				buf_printf(err, "--by: %s twice", by->v[i]);
				return -1;
			}
		*VEC_ADD(by, v, n, cap) = mem_copy(one.s, one.len);
		if (comma < 0)
			return 0;
		left.s += comma + 1;
		left.len -= (size_t)comma + 1;
	}
}

int choose_dimensions(const struct opt_list *given, struct opt_list *by, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < given->n && status == 0; i++)
		status = add_dimensions(given->v[i], by, err);
	return status;
}

const char *choose_condition(const struct opt_list *given, struct buf *all)
{
	buf_clear(all);
	for (size_t i = 0; i < given->n; i++)
		buf_printf(all, given->n > 1 ? "%s(%s)" : "%s%s", i ? " AND " : "", given->v[i]);
	return given->n ? all->s : NULL;
}

void choose_dimensions_release(struct opt_list *by)
{
	for (size_t i = 0; i < by->n; i++)
		free((char *)(uintptr_t)by->v[i]);
	opt_list_release(by);
}

/* Why a metric is left out. */
enum lack { LACKS_FACT, LACKS_DIMENSION, LACKS_COLUMN, LACKS, FITS = LACKS };

static bool has_dimension(
	const struct shape *shape, const struct metric *metric, const char *name, struct buf *err)
{
	struct buf sql = BUF_INIT;
	bool has = shape_dimension(shape, str_of(name), &sql);

	buf_release(&sql);
	if (has)
		return true;
	buf_printf(err, "%s has no dimension %s; those of its fact (%s) are ", metric->id, name,
		metric->fact);
	shape_dimensions(shape, err);
	return false;
}

static bool has_dimensions(const struct shape *shape, const struct metric *metric,
	const struct measure *m, struct buf *err)
{
	for (size_t i = 0; i < m->by_n; i++)
		if (!has_dimension(shape, metric, m->by[i], err))
			return false;
	for (size_t i = 0; i < 2 && m->sides; i++)
		if (m->sides[i].dimension &&
			!has_dimension(shape, metric, m->sides[i].dimension, err))
			return false;
	return true;
}

static enum lack look(const struct metric *metric, struct shapes *shapes, struct sqlite3 *db,
	const struct measure *m, struct buf *err)
{
	const struct shape *shape;
	size_t place = err->len;

	buf_printf(err, "%s: ", metric->id);
	shape = shapes_get(shapes, db, metric->fact, err);
	if (!shape)
		return LACKS_FACT;
	buf_cut(err, place);
	if (!has_dimensions(shape, metric, m, err))
		return LACKS_DIMENSION;
	buf_puts(err, "--where: ");
	if (m->where && measure_check_where(db, shape, m->where, err) < 0) {
		buf_printf(err, " (of %s, over facts of the kind %s)", metric->id, metric->fact);
		return LACKS_COLUMN;
	}
	buf_cut(err, place);
	return FITS;
}

static void put_lacking(struct buf *out, const struct buf *lacking)
{
	static const char *const why[LACKS] = {"whose facts this file has not",
		"without such a dimension", "without a column of --where"};

	for (size_t i = 0; i < LACKS; i++)
		if (lacking[i].len)
			buf_printf(out, "%sleft out, %s: %s", out->len ? "; " : "", why[i],
				lacking[i].s);
}

static int choose_fitting(struct metric_choice *c, struct sqlite3 *db, const struct measure *m,
	bool wished, struct buf *left_out, struct buf *err)
{
	struct buf lacking[LACKS] = {BUF_INIT, BUF_INIT, BUF_INIT}, why = BUF_INIT;
	struct shapes shapes = {.ontology = m->ontology};
	int status = measure_open(db, err);
	size_t kept = 0;

	for (size_t i = 0; i < c->n && status == 0; i++) {
		enum lack lack;

		buf_clear(&why);
		lack = look(c->v[i], &shapes, db, m, &why);
		if (lack == FITS)
			c->v[kept++] = c->v[i];
		else
			buf_printf(
				&lacking[lack], "%s%s", lacking[lack].len ? ", " : "", c->v[i]->id);
		if (lack != FITS && (wished || (i + 1 == c->n && !kept))) {
			buf_put(err, buf_str(&why));
			status = -1;
		}
	}
	c->n = kept;
	put_lacking(left_out, lacking);
	for (size_t i = 0; i < LACKS; i++)
		buf_release(&lacking[i]);
	buf_release(&why);
	shapes_release(&shapes);
	return status;
}

int choose_what_fits(struct metric_choice *c, struct sqlite3 *db, const struct measure *m,
	bool wished, bool quiet, struct buf *err)
{
	struct buf left_out = BUF_INIT;
	int status = choose_fitting(c, db, m, wished, &left_out, err);

	if (status == 0 && left_out.len && !quiet)
		warn("%s", left_out.s);
	buf_release(&left_out);
	return status;
}
