/* What differs from what is published. */
#include "base/map.h"
#include "base/mem.h"
#include "base/when.h"
#include "stage/publish_part.h"

#include <stdlib.h>

struct figure *figures_add(struct figures *all, const struct published *row)
{
	struct figure *f = *VEC_ADD(all, v, n, cap) = mem_zero(1, sizeof(*f));
	struct str *texts[] = {&f->row.metric, &f->row.version, &f->row.statistic,
		&f->row.dimensions, &f->row.group, &f->row.unit, &f->row.why, &f->row.ontology};
	const size_t n = sizeof(texts) / sizeof(texts[0]);
	size_t at = 0;

	f->row = *row;
	buf_init(&f->texts);
	for (size_t i = 0; i < n; i++)
		buf_put(&f->texts, *texts[i]);
	for (size_t i = 0; i < n; i++) {
		texts[i]->s = f->texts.s + at;
		at += texts[i]->len;
	}
	return f;
}

void figures_release(struct figures *all)
{
	for (size_t i = 0; i < all->n; i++) {
		buf_release(&all->v[i]->texts);
		free(all->v[i]);
	}
	free(all->v);
	*all = (struct figures){NULL, 0, 0};
}

void changes_release(struct changes *c)
{
	free(c->v);
	figures_release(&c->old);
}

bool publish_complete(const struct publishing *x, const struct period *p, size_t metric)
{
	const struct subject *s = &x->subjects[metric];
	int64_t window = metric_windowed(s->metric) ? s->metric->window : 0;

	return !p->unripe[metric] && p->end <= x->place.horizon - window;
}

/* ---- what is published ---- */

struct reading {
	struct publishing *x;
	const struct period *period;
	struct changes *c;
};

static bool gives(const struct metric *m, struct str statistic)
{
	const char *names[METRIC_STATISTICS];
	size_t n = metric_statistics(m, names);

	for (size_t i = 0; i < n; i++)
		if (str_is(statistic, names[i]))
			return true;
	return false;
}

/* The metric that a figure is of, + 1: of several with its id the one that gives the statistic. */
static size_t subject_of(const struct publishing *x, const struct published *row)
{
	size_t found = 0;

	for (size_t i = 0; i < x->p->metric_n; i++) {
		const struct metric *m = x->subjects[i].metric;

		if (str_is(row->metric, m->id) && (!found || gives(m, row->statistic)))
			found = i + 1;
	}
	return found;
}

/* Keeps those that this run speaks of: its metrics in their complete periods, by its dimensions. */
static int keep(void *ctx, const struct published *row, struct buf *err)
{
	struct reading *r = ctx;
	size_t of = subject_of(r->x, row);

	(void)err;
	if (of && str_is(row->dimensions, r->x->subjects[of - 1].dimensions) &&
		publish_complete(r->x, r->period, of - 1))
		figures_add(&r->c->old, row)->metric = of - 1;
	return 0;
}

static void make_key(struct buf *key, const struct published *row)
{
	const struct str parts[] = {row->metric, row->statistic, row->group};

	buf_clear(key);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		buf_printf(key, "%zu:", parts[i].len);
		buf_put(key, parts[i]);
	}
}

/* ---- comparing ---- */

static bool same_value(const struct published *a, const struct published *b)
{
	return a->has_value == b->has_value && (!a->has_value || a->value == b->value) &&
	       a->has_numerator == b->has_numerator &&
	       (!a->has_numerator || a->numerator == b->numerator) && a->n == b->n;
}

static bool same_definition(const struct published *a, const struct published *b)
{
	return str_eq(a->version, b->version) &&
	       memcmp(a->definition, b->definition, sizeof(a->definition)) == 0;
}

/* The log moves by late records, links and erasures; facts also change by a program or an ontology
 * that reads them otherwise. */
static const char *why(const struct published *old, const struct published *row)
{
	bool moved = old->sequence != row->sequence;

	if (same_definition(old, row))
		return moved ? "log" : "facts";
	return moved && !same_value(old, row) ? "definition,log" : "definition";
}

static void add_change(struct changes *c, const struct published *row, const struct published *old)
{
	struct change *x = VEC_ADD(c, v, n, cap);

	x->row = *row;
	x->row.at = when_now();
	x->row.revision = old ? old->revision + 1 : 1;
	x->row.why = str_of(old ? why(old, row) : NULL);
	x->old = old;
}

/* Somebody who saw more of the log may have published since this was measured. */
static bool is_newer(const struct publishing *x, const struct published *old)
{
	return old->sequence > x->place.sequence;
}

static void compare(struct publishing *x, struct changes *c, const struct map *index,
	const struct figure *f, struct buf *key)
{
	const union map_value *slot;
	struct figure *old;

	make_key(key, &f->row);
	slot = map_get(index, buf_str(key));
	if (!slot) {
		add_change(c, &f->row, NULL);
		return;
	}
	old = slot->p;
	old->seen = true;
	if (!is_newer(x, &old->row) &&
		!(same_value(&old->row, &f->row) && same_definition(&old->row, &f->row)))
		add_change(c, &f->row, &old->row);
}

/* A group that has no figure any more is restated as one without a value. */
static void compare_gone(struct publishing *x, struct changes *c, const struct figure *old)
{
	const struct subject *s = &x->subjects[old->metric];
	struct published row = old->row;

	if (old->seen || is_newer(x, &old->row) || !old->row.has_value)
		return;
	row.has_value = row.has_numerator = row.has_low = row.has_high = false;
	row.n = 0;
	row.version = str_of(s->metric->version);
	memcpy(row.definition, s->definition, sizeof(row.definition));
	row.sequence = x->place.sequence;
	row.ontology = str_of(x->p->ontology->label);
	add_change(c, &row, &old->row);
}

int publish_compare(
	struct publishing *x, const struct period *p, struct changes *out, struct buf *err)
{
	const struct published_period period = {x->p->kind, when_zone_name(), p->name, p->start};
	struct reading r = {x, p, out};
	struct map index = MAP_INIT;
	struct buf key = BUF_INIT;
	int status = published_latest(x->p->store, &period, keep, &r, err);

	for (size_t i = 0; i < out->old.n; i++) {
		make_key(&key, &out->old.v[i]->row);
		map_slot(&index, buf_str(&key), NULL)->p = out->old.v[i];
	}
	for (size_t i = 0; i < p->measured.n && status == 0; i++)
		if (publish_complete(x, p, p->measured.v[i]->metric))
			compare(x, out, &index, p->measured.v[i], &key);
	for (size_t i = 0; i < out->old.n && status == 0; i++)
		compare_gone(x, out, out->old.v[i]);
	map_release(&index);
	buf_release(&key);
	return status;
}
