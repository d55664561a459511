#include "core/store/sheaf.h"
#include "base/mem.h"
#include "core/store/sheaf_part.h"

#include <stdlib.h>

#define KEPT_ROWS 65536 /* of a table: room that stays for the next */

static void forget_pool(struct sheaf *s, size_t n)
{
	s->of_pool = mem_grow(s->of_pool, &s->of_pool_cap, n + 1, sizeof(*s->of_pool));
	memset(s->of_pool, 0, n * sizeof(*s->of_pool));
}

void sheaf_add(struct sheaf *s, int64_t customer, const struct fold *f)
{
	struct sheaf_customer *c = VEC_ADD(s, v, n, cap);

	c->customer = customer;
	if (f)
		forget_pool(s, fold_texts(f));
	for (size_t t = 0; t < FACT_TABLES; t++) {
		if (f) {
			sheaf_add_rows(s, t, customer, f);
			sheaf_sort(s, t, s->n > 1 ? c[-1].ends[t] : 0);
		}
		c->ends[t] = s->tables[t].n;
	}
}

struct sheaf *sheaf_new(void)
{
	struct sheaf *s = mem_zero(1, sizeof(*s));

	for (size_t t = 0; t < FACT_TABLES; t++)
		s->tables[t].key_n = facts_key(t, s->tables[t].key);
	buf_init(&s->bytes);
	return s;
}

/* What one of very many rows took is given back. */
void sheaf_clear(struct sheaf *s)
{
	for (size_t t = 0; t < FACT_TABLES; t++) {
		struct sheaf_table *table = &s->tables[t];

		for (int i = 0; i < BLOCK_COLUMNS && table->cap > KEPT_ROWS; i++) {
			free(table->v[i].v);
			table->v[i].v = NULL;
		}
		table->cap = table->cap > KEPT_ROWS ? 0 : table->cap;
		table->n = 0;
	}
	s->n = s->packed_n = 0;
	buf_clear(&s->bytes);
	codes_release(&s->texts);
	memset(s->words, 0, sizeof(s->words));
}

void sheaf_free(struct sheaf *s)
{
	if (!s)
		return;
	for (size_t t = 0; t < FACT_TABLES; t++)
		for (int i = 0; i < BLOCK_COLUMNS; i++)
			free(s->tables[t].v[i].v);
	codes_release(&s->texts);
	free(s->v);
	free(s->of_pool);
	buf_release(&s->bytes);
	free(s->packed);
	free(s);
}

size_t sheaf_count(const struct sheaf *s)
{
	return s->n;
}

size_t sheaf_part(const struct sheaf *s, size_t i, size_t table, size_t *from)
{
	*from = i ? s->v[i - 1].ends[table] : 0;
	return s->v[i].ends[table] - *from;
}

size_t sheaf_rows(const struct sheaf *s, size_t i)
{
	size_t rows = 0, from;

	for (size_t t = 0; t < FACT_TABLES; t++)
		rows += sheaf_part(s, i, t, &from);
	return rows;
}

/* ---- order ---- */

struct rows {
	const struct sheaf *s;
	const struct sheaf_table *table;
};

/* No key has a real. */
static int compare_cells(const struct sheaf *s, const struct sheaf_column *c, size_t a, size_t b)
{
	int64_t x = c->v[a].n, y = c->v[b].n;

	if (x == y)
		return 0;
	if (c->type != COLUMN_TEXT || x == COLUMN_NULL || y == COLUMN_NULL)
		return x < y ? -1 : 1;
	return str_cmp(codes_text(&s->texts, x), codes_text(&s->texts, y));
}

static int compare_rows(const void *pa, const void *pb, void *ctx)
{
	size_t a = *(const size_t *)pa, b = *(const size_t *)pb;
	const struct rows *r = ctx;
	int order = 0;

	for (size_t i = 0; i < r->table->key_n && !order; i++)
		order = compare_cells(r->s, &r->table->v[r->table->key[i]], a, b);
	return order;
}

static void move_rows(struct sheaf_column *c, const size_t *order, size_t from, size_t n,
	union column_value *room)
{
	for (size_t i = 0; i < n; i++)
		room[i] = c->v[order[i]];
	memcpy(c->v + from, room, n * sizeof(*room));
}

void sheaf_sort(struct sheaf *s, size_t table, size_t from)
{
	struct sheaf_table *t = &s->tables[table];
	struct rows r = {s, t};
	size_t n = t->n - from, *order, i = 1;
	union column_value *room;

	for (size_t row = from; i < n; i++, row++)
		if (compare_rows(&row, &(size_t){row + 1}, &r) > 0)
			break;
	if (i >= n)
		return;
	order = mem_alloc(n * sizeof(*order));
	room = mem_alloc(n * sizeof(*room));
	for (i = 0; i < n; i++)
		order[i] = from + i;
	qsort_r(order, n, sizeof(*order), compare_rows, &r);
	for (int c = BLOCK_CUSTOMER; c < t->columns; c++)
		move_rows(&t->v[c], order, from, n, room);
	free(order);
	free(room);
}

/* ---- bytes ---- */

/* The texts of one column, by place. */
struct places {
	uint32_t *of; /* by code; 0: none yet */
	struct str *texts;
	size_t n, cap;
	union column_value *v; /* places of all rows */
};

static void place_texts(
	struct places *p, const struct sheaf *s, const struct sheaf_column *c, size_t n)
{
	p->n = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t code = c->v[i].n;

		p->v[i].n = COLUMN_NULL;
		if (code == COLUMN_NULL)
			continue;
		if (!p->of[code]) {
			*VEC_ADD(p, texts, n, cap) = codes_text(&s->texts, code);
			p->of[code] = (uint32_t)p->n;
		}
		p->v[i].n = p->of[code];
	}
	for (size_t i = 0; i < n; i++)
		if (c->v[i].n != COLUMN_NULL)
			p->of[c->v[i].n] = 0;
}

/* false: columns cannot have it. */
static bool pack_column(struct sheaf *s, size_t table, int column, struct places *p)
{
	const struct sheaf_table *t = &s->tables[table];
	const struct sheaf_column *c = &t->v[column];
	const union column_value *v = c->v;
	size_t at = s->bytes.len;

	p->n = 0;
	for (size_t i = 0; i < t->n && c->type == COLUMN_INT; i++)
		if (v[i].n != COLUMN_NULL && (v[i].n < -COLUMN_MOST || v[i].n > COLUMN_MOST))
			return false;
	if (c->type == COLUMN_TEXT) {
		place_texts(p, s, c, t->n);
		v = p->v;
	}
	column_put(&s->bytes, c->type, v, t->n, p->texts, p->n);
	*VEC_ADD(s, packed, packed_n, packed_cap) =
		(struct sheaf_bytes){table, (size_t)column, at, s->bytes.len - at};
	return true;
}

void sheaf_pack(struct sheaf *s)
{
	struct places p = {.of = mem_zero(s->texts.n + 1, sizeof(*p.of))};
	size_t most = 0;

	for (size_t t = 0; t < FACT_TABLES; t++)
		if (t != ENTITIES && s->tables[t].n > most)
			most = s->tables[t].n;
	p.v = mem_alloc((most + 1) * sizeof(*p.v));
	s->packed_n = 0;
	buf_clear(&s->bytes);
	s->plain = most <= COLUMN_ROWS;
	for (size_t t = 0; t < FACT_TABLES; t++)
		for (int c = BLOCK_CUSTOMER;
			c < s->tables[t].columns && s->tables[t].n && t != ENTITIES; c++)
			s->plain = s->plain && pack_column(s, t, c, &p);
	free(p.of);
	free(p.texts);
	free(p.v);
}
