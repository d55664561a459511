/* Figures in groups, and their order. */
#include "base/mem.h"
#include "base/text.h"
#include "stage/page_part.h"

#include <stdlib.h>

/* "60.8% (58.5% - 63.0%), n 1,827" */
void page_whole(struct buf *out, const struct measure_result *r)
{
	page_figure(out, r);
	if (!r->has_value)
		return;
	if (r->interval.has_low || r->interval.has_high) {
		buf_puts(out, " (");
		page_interval(out, r->scale, &r->interval, false);
		buf_byte(out, ')');
	}
	if (r->scale != SCALE_COUNT) {
		buf_puts(out, ", n ");
		page_count(out, r->n);
	}
}

struct str figure_group(const struct figure *f, size_t i)
{
	struct str value = f->values[i];

	return value.s && value.len ? text_cut(value, PAGE_NAME) : STR("(none)");
}

size_t figures_list(const struct page *p, enum page_use use, const char *name,
	const char *statistic, const struct figure **out, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < p->figures.n; i++) {
		const struct figure *f = p->figures.v[i];

		if (f->use != use || strcmp(f->r.metric->name, name) != 0 || !f->r.dimension_n ||
			f->r.status == MEASURE_OTHERS || f->r.status == MEASURE_NOT_OBSERVABLE ||
			(statistic && (!f->r.statistic || strcmp(f->r.statistic, statistic) != 0)))
			continue;
		if (!f->values[f->r.dimension_n - 1].s && use == USE_WEEK)
			continue;
		if (n == most) {
			for (size_t j = 1; j < n; j++)
				out[j - 1] = out[j];
			n--;
		}
		out[n++] = f;
	}
	return n;
}

void page_groups_table(struct page *p, const struct figure *const *v, size_t n, const char *title,
	const char *dimension, bool folded)
{
	struct table t = TABLE_INIT;
	struct buf cell = BUF_INIT;

	table_column(&t, dimension, false);
	table_column(&t, "value", true);
	table_column(&t, "95% interval", true);
	table_column(&t, "n", true);
	for (size_t i = 0; i < n; i++) {
		table_cell(&t, figure_group(v[i], 0));
		buf_clear(&cell);
		page_figure(&cell, &v[i]->r);
		table_cell(&t, buf_str(&cell));
		buf_clear(&cell);
		page_interval(&cell, v[i]->r.scale, &v[i]->r.interval, false);
		table_cell(&t, buf_str(&cell));
		buf_clear(&cell);
		page_count(&cell, v[i]->r.n);
		table_cell(&t, buf_str(&cell));
	}
	page_table(p, &t, title, folded);
	buf_release(&cell);
}

static int by_contacts(const void *pa, const void *pb, void *ctx)
{
	const struct page_names *names = ctx;
	const struct page_name *a = &names->v[*(const size_t *)pa],
			       *b = &names->v[*(const size_t *)pb];

	if (a->contacts != b->contacts)
		return a->contacts < b->contacts ? 1 : -1;
	return strcmp(a->name, b->name);
}

/* Numbers of names, the most frequent first; caller frees. */
size_t *page_order(const struct page_names *names)
{
	size_t *order = mem_zero(names->n + 1, sizeof(*order));

	for (size_t i = 0; i < names->n; i++)
		order[i] = i;
	if (names->n)
		qsort_r(order, names->n, sizeof(*order), by_contacts, (void *)(uintptr_t)names);
	return order;
}
