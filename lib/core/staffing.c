#include "core/staffing_part.h"
#include "base/mem.h"
#include "base/when.h"

#include <stdlib.h>

#define WEEKDAY_OF_1970 INT64_C(4) /* its first day was a Thursday */

static void release_words(struct patterns *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i]);
	free(p->v);
}

static void release_durations(struct durations *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->v[i].name);
	free(d->v);
}

static void release_staff(struct staff *s)
{
	for (size_t i = 0; i < s->shift_n; i++)
		free(s->shifts[i].zone);
	free(s->shifts);
	free(s->id);
	free(s->concurrency);
	release_words(&s->skills);
	release_words(&s->queues);
}

void staffing_free(struct staffing *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->staff_n; i++)
		release_staff(&s->staff[i]);
	for (size_t i = 0; i < s->arrival_n; i++) {
		free(s->arrivals[i].intent);
		free(s->arrivals[i].record);
	}
	free(s->staff);
	free(s->arrivals);
	release_durations(&s->handling);
	release_durations(&s->patience);
	free(s->path);
	free(s->label);
	free(s->zone);
	free(s);
}

/* ---- what holds of a contact ---- */

static const struct duration *named(const struct durations *of, const char *name)
{
	for (size_t i = 0; name && i < of->n; i++)
		if (strcmp(of->v[i].name, name) == 0)
			return &of->v[i].d;
	return NULL;
}

static const struct duration *or_named(
	const struct duration *d, const struct durations *of, const char *name)
{
	return d ? d : named(of, name);
}

const struct duration *staffing_duration(const struct staffing *s, const struct durations *of,
	struct str intent, const struct channel_class *class)
{
	const struct intent *i = ontology_intent(s->ontology, intent);
	const struct duration *d = NULL;

	for (size_t k = 0; intent.len && k < of->n && !d; k++)
		if (str_is(intent, of->v[k].name))
			d = &of->v[k].d;
	d = or_named(d, of, i ? i->id : NULL);
	d = or_named(d, of, i ? i->family : NULL);
	d = or_named(d, of, class ? class->id : NULL);
	return or_named(d, of, "default");
}

/* ---- shifts ---- */

static int64_t offset_at(const char *zone, int64_t seconds)
{
	int64_t offset = 0;

	when_offsets(zone, &seconds, &offset, 1);
	return offset;
}

/* A local time, in seconds since 1970 as if it were UTC, in UTC. In a gap as by the clock that was
 * not put forward. */
static int64_t from_local(const char *zone, int64_t local)
{
	int64_t guess = local - offset_at(zone, local);

	return local - offset_at(zone, guess);
}

static int by_beginning(const void *pa, const void *pb)
{
	const struct span *a = pa, *b = pb;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->to > b->to) - (a->to < b->to);
}

static void merge(struct spans *s)
{
	size_t n = 0;

	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_beginning);
	for (size_t i = 0; i < s->n; i++) {
		if (n && s->v[i].from <= s->v[n - 1].to)
			s->v[n - 1].to = s->v[i].to > s->v[n - 1].to ? s->v[i].to : s->v[n - 1].to;
		else
			s->v[n++] = s->v[i];
	}
	s->n = n;
}

static void add_shift(const struct shift *sh, int64_t from, int64_t to, struct spans *out)
{
	const int64_t day = WHEN_DAY / 1000;
	int64_t first = (from / WHEN_DAY - 2) * day, last = (to / WHEN_DAY + 2) * day;
	int64_t end = sh->end > sh->begin ? sh->end : sh->end + 24 * 60;

	for (int64_t at = first; at <= last; at += day) {
		int64_t weekday = (at / day + WEEKDAY_OF_1970) % 7;
		struct span s;

		if (!sh->days[(weekday + 7) % 7])
			continue;
		s.from = from_local(sh->zone, at + sh->begin * INT64_C(60)) * 1000;
		s.to = from_local(sh->zone, at + end * 60) * 1000;
		s.from = s.from > from ? s.from : from;
		s.to = s.to < to ? s.to : to;
		if (s.from < s.to)
			*VEC_ADD(out, v, n, cap) = s;
	}
}

void staffing_spans(const struct staff *of, int64_t from, int64_t to, struct spans *out)
{
	out->n = 0;
	if (!of->shift_n && from < to)
		*VEC_ADD(out, v, n, cap) = (struct span){from, to};
	for (size_t i = 0; i < of->shift_n; i++)
		add_shift(&of->shifts[i], from, to, out);
	merge(out);
}

unsigned char *staffing_hours(const struct staffing *s)
{
	int64_t first = s->from / STAFFING_QUARTER;
	size_t n = (size_t)((s->from + s->length) / STAFFING_QUARTER - first) + 1;
	int64_t *seconds = mem_zero(n, sizeof(*seconds)), *offsets = mem_zero(n, sizeof(*offsets));
	unsigned char *hours = mem_alloc(n);

	for (size_t i = 0; i < n; i++)
		seconds[i] = (first + (int64_t)i) * (STAFFING_QUARTER / 1000);
	when_offsets(s->zone, seconds, offsets, n);
	for (size_t i = 0; i < n; i++) {
		int64_t hour = (seconds[i] + offsets[i]) / 3600 + WEEKDAY_OF_1970 * 24;

		hours[i] = (unsigned char)((hour % STAFFING_WEEK_HOURS + STAFFING_WEEK_HOURS) %
					   STAFFING_WEEK_HOURS);
	}
	free(seconds);
	free(offsets);
	return hours;
}

struct staffing *staffing_read(const char *path, const struct ontology *o, struct buf *err)
{
	struct yaml *y = yaml_read(path, err);
	struct staffing *s;
	int status;

	if (!y)
		return NULL;
	s = mem_zero(1, sizeof(*s));
	s->path = mem_string(path);
	s->ontology = o;
	status = staffing_fill(s, y, err);
	yaml_free(y);
	if (status == 0)
		return s;
	staffing_free(s);
	return NULL;
}
