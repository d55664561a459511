#include "stage/choice.h"
#include "base/die.h"
#include "base/mem.h"
#include "stage/measure.h"

#include <stdlib.h>

static int unknown(const struct metrics *m, struct str id, struct buf *err)
{
	struct buf near = BUF_INIT;

	metrics_near(m, id, &near);
	buf_printf(err, "no such metric: %.*s (", (int)id.len, id.s);
	if (near.len)
		buf_printf(err, "near it: %s)", near.s);
	else
		buf_printf(err, "see %s --list)", program_name());
	buf_release(&near);
	return -1;
}

static bool chosen(const struct choice *c, const struct metric *m)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i] == m)
			return true;
	return false;
}

void choice_one(struct choice *c, const struct metric *m)
{
	if (!chosen(c, m))
		*VEC_ADD(c, v, n, cap) = m;
}

const struct metric *choice_find(const struct metrics *m, struct str id)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].measured && str_is(id, m->v[i].id))
			return &m->v[i];
	return NULL;
}

int choice_add(struct choice *c, const struct metrics *m, struct str id, struct buf *err)
{
	bool known = false;

	for (size_t i = 0; i < m->n; i++) {
		if (!metric_named(&m->v[i], id))
			continue;
		known = true;
		if (m->v[i].measured)
			choice_one(c, &m->v[i]);
	}
	return known ? 0 : unknown(m, id, err);
}

void choice_all(struct choice *c, const struct metrics *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].measured)
			*VEC_ADD(c, v, n, cap) = &m->v[i];
}

static int add_dimension(struct dimensions *d, struct str name, const char *text, struct buf *err)
{
	if (!name.len) {
		buf_printf(err, "--by: a dimension is empty: %s", text);
		return -1;
	}
	for (size_t i = 0; i < d->n; i++)
		if (str_is(name, d->v[i])) {
			buf_printf(err, "--by: %s twice", d->v[i]);
			return -1;
		}
	*VEC_ADD(d, v, n, cap) = mem_copy(name.s, name.len);
	return 0;
}

int dimensions_read(struct dimensions *d, const char *text, struct buf *err)
{
	struct str left = str_of(text);
	int status = 0;

	while (text && status == 0) {
		ptrdiff_t comma = str_find(left, STR(","));
		struct str one = {left.s, comma < 0 ? left.len : (size_t)comma};

		status = add_dimension(d, str_trim(one), text, err);
		if (comma < 0)
			break;
		left.s += comma + 1;
		left.len -= (size_t)comma + 1;
	}
	return status;
}

void dimensions_release(struct dimensions *d)
{
	for (size_t i = 0; i < d->n; i++)
		free((char *)d->v[i]);
	free(d->v);
	*d = (struct dimensions){NULL, 0, 0};
}

int choice_fit(struct choice *c, const struct dimensions *by, bool wished, struct buf *lacking,
	struct buf *err)
{
	size_t kept = 0, place = err->len;

	for (size_t i = 0; i < c->n; i++) {
		buf_cut(err, place);
		if (measure_fits(c->v[i], by->v, by->n, err) == 0) {
			c->v[kept++] = c->v[i];
			continue;
		}
		if (wished)
			return -1;
		buf_printf(lacking, "%s%s", lacking->len ? ", " : "", c->v[i]->id);
	}
	if (c->n && !kept)
		return -1;
	buf_cut(err, place);
	c->n = kept;
	return 0;
}
