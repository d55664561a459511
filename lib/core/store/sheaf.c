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
		if (f)
			sheaf_add_rows(s, t, customer, f);
		c->ends[t] = s->tables[t].n;
	}
}

struct sheaf *sheaf_new(void)
{
	return mem_zero(1, sizeof(struct sheaf));
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
	s->n = 0;
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
