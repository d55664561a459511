#include "core/store/query.h"
#include "base/mem.h"
#include "core/store/gather.h"

#include <math.h>

static void put_condition(struct buf *sql, const char *prefix, const struct metric_sql *e)
{
	if (e->sql)
		buf_printf(sql, "%s(%s\n)", prefix, e->sql);
	else
		buf_printf(sql, "%s1", prefix);
}

static long long shifted(enum measure_state state, int shift)
{
	return (long long)state << shift;
}

void query_left_out(struct buf *sql, const struct metric *m, long long number)
{
	if (m->known_only)
		buf_printf(sql, " WHEN known IS NOT 1 THEN %lld", number);
	if (m->unknown.sql)
		buf_printf(sql, " WHEN (%s\n) THEN %lld", m->unknown.sql, number);
}

/* What a row is that counts, by the metric's kind. */
static void put_kind(struct buf *sql, const struct metric *m, int shift)
{
	if (m->kind == METRIC_COUNT) {
		buf_printf(sql, "%lld", shifted(ROW_HIT, shift));
		return;
	}
	if (metric_valued(m)) {
		buf_printf(sql, "%lld", shifted(ROW_MISS, shift));
		return;
	}
	buf_printf(sql, "CASE WHEN (%s\n) THEN %lld", m->numerator.sql, shifted(ROW_HIT, shift));
	if (m->kind == METRIC_NET)
		buf_printf(
			sql, " WHEN (%s\n) THEN %lld", m->against.sql, shifted(ROW_AGAINST, shift));
	buf_printf(sql, " ELSE %lld END", shifted(ROW_MISS, shift));
}

void query_counted(struct buf *sql, const struct metric *m, int shift)
{
	if (!m->denominator.sql) {
		put_kind(sql, m, shift);
		return;
	}
	buf_printf(sql, "CASE WHEN (%s\n) THEN ", m->denominator.sql);
	put_kind(sql, m, shift);
	buf_printf(sql, " ELSE %lld END", shifted(ROW_IDLE, shift));
}

/* Evaluated from the outside in: what decides first is asked first. */
void query_state(struct buf *sql, const struct metric *m)
{
	put_condition(sql, "CASE WHEN ", &m->where);
	buf_puts(sql, " THEN CASE");
	query_left_out(sql, m, ROW_LEFT_OUT);
	put_condition(sql, " WHEN ", &m->mature);
	buf_puts(sql, " THEN ");
	query_counted(sql, m, 0);
	buf_printf(sql, " ELSE %d END ELSE %d END", ROW_IMMATURE, ROW_OUTSIDE);
}

static bool is_number(int type)
{
	return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

enum measure_state query_valued(
	sqlite3_stmt *st, const struct metric *m, enum measure_state state, int value, int weight)
{
	if (state != ROW_MISS)
		return state;
	if (sqlite3_column_type(st, value) == SQLITE_NULL)
		return m->kind == METRIC_MEAN ? ROW_IDLE : ROW_HIT;
	/* What is no number is refused where it is read. */
	if (m->weight.sql && (sqlite3_column_type(st, weight) == SQLITE_NULL ||
				     (is_number(sqlite3_column_type(st, weight)) &&
					     !(sqlite3_column_double(st, weight) > 0))))
		return ROW_IDLE;
	return ROW_MISS;
}

void query_dimensions(struct buf *sql, const struct measure_query *q)
{
	for (size_t i = 0; i < q->dimension_n; i++) {
		shape_dimension(q->shape, str_of(q->dimensions[i]), sql);
		buf_puts(sql, ", ");
	}
}

void query_side(struct buf *sql, const struct measure_query *q, int side)
{
	const struct measure_side *s = &q->sides[side];
	char *value;

	if (!s->dimension) {
		buf_printf(sql, "(f.%s >= %lld AND f.%s < %lld)", q->shape->began,
			(long long)s->since, q->shape->began, (long long)s->until);
		return;
	}
	value = sqlite3_mprintf("%Q", s->value[0] ? s->value : NULL);
	if (!value)
		mem_failed();
	buf_puts(sql, "(");
	shape_dimension(q->shape, str_of(s->dimension), sql);
	buf_printf(sql, " IS %s)", value);
	sqlite3_free(value);
}

void query_from(struct buf *sql, const struct measure_query *q)
{
	const struct shape *f = q->shape;

	buf_printf(sql, " FROM %s AS f WHERE 1", f->view);
	if (q->has_since)
		buf_printf(sql, " AND f.%s >= :since", f->began);
	if (q->has_until)
		buf_printf(sql, " AND f.%s < :until", f->began);
	if (q->where)
		buf_printf(sql, " AND (%s\n)", q->where);
	if (!q->sides)
		return;
	buf_puts(sql, " AND (");
	query_side(sql, q, 0);
	buf_puts(sql, " OR ");
	query_side(sql, q, 1);
	buf_puts(sql, ")");
}

void query_bind(sqlite3_stmt *st, const char *name, int64_t value)
{
	int at = sqlite3_bind_parameter_index(st, name);

	if (at)
		sqlite3_bind_int64(st, at, value);
}

int query_begin(struct asking *a, struct sqlite3 *db, const struct buf *sql,
	const struct measure_query *q, struct buf *err)
{
	int status = asking_begin(a, db, sql, QUERY_DEPTH, err);

	if (status < 0)
		return status;
	query_bind(a->st, ":window", q->window);
	query_bind(a->st, ":horizon", q->horizon);
	query_bind(a->st, ":since", q->since);
	query_bind(a->st, ":until", q->until);
	return 0;
}

int query_number(sqlite3_stmt *st, int at, const struct metric *m, const struct metric_sql *e,
	bool counts, double *out, struct buf *err)
{
	int type = sqlite3_column_type(st, at);

	*out = sqlite3_column_double(st, at);
	if (!counts || (is_number(type) && fabs(*out) <= NUMBER_MOST))
		return 0;
	return gather_no_number(m, e, err);
}

struct str query_text(sqlite3_stmt *st, int at)
{
	const unsigned char *s = sqlite3_column_text(st, at);

	return (struct str){(const char *)s, (size_t)sqlite3_column_bytes(st, at)};
}
