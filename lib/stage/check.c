#include "stage/check.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "io/json.h"
#include "stage/report_part.h"

#include <math.h>
#include <stdlib.h>

static const char *const ops[] = {"<", "<=", ">", ">="};

/* ---- reading ---- */

static int no_check(const char *text, const char *why, struct buf *err)
{
	buf_printf(err, "--check: %s: %s", why, text);
	return -1;
}

/* "20%" into 20 and "%". */
static bool read_number(struct check *c, struct str s)
{
	struct buf one = BUF_INIT;
	char *end;
	int64_t ms;
	size_t n = 0;

	while (n < s.len && strchr("+-.0123456789", s.s[n]))
		n++;
	buf_add(&one, s.s, n);
	c->number = strtod(one.s, &end);
	c->bound = s;
	c->unit = (struct str){s.s + n, s.len - n};
	if (n == 0 || *end) {
		buf_release(&one);
		return false;
	}
	buf_clear(&one);
	buf_byte(&one, '1');
	buf_put(&one, c->unit);
	if (c->unit.len && when_span(buf_str(&one), &ms))
		c->scale = (double)ms;
	buf_release(&one);
	return !c->unit.len || c->scale > 0 || str_is(c->unit, "%");
}

int checks_add(struct checks *c, const char *text, struct buf *err)
{
	struct check one = {.scale = 0};
	const char *op = strpbrk(text, "<>"), *slash;

	if (!op)
		return no_check(text, "none of <, <=, >, >=", err);
	one.metric = str_trim((struct str){text, (size_t)(op - text)});
	slash = memchr(one.metric.s, '/', one.metric.len);
	if (slash) {
		one.statistic = (struct str){
			slash + 1, (size_t)(one.metric.s + one.metric.len - slash - 1)};
		one.metric.len = (size_t)(slash - one.metric.s);
	}
	if (!one.metric.len || (slash && !one.statistic.len))
		return no_check(text, "it names no metric or statistic", err);
	one.op = (enum check_op)((*op == '>' ? CHECK_MORE : CHECK_LESS) + (op[1] == '='));
	if (!read_number(&one, str_trim(str_of(op + (op[1] == '=' ? 2 : 1)))))
		return no_check(text, "not a number, a share like 20% or a span like 2h", err);
	*VEC_ADD(c, v, n, cap) = one;
	return 0;
}

int checks_choose(
	struct checks *c, struct metric_choice *choice, const struct metrics *m, struct buf *err)
{
	struct buf id = BUF_INIT;
	int status = 0;

	for (size_t i = 0; i < c->n && status == 0; i++) {
		struct check *one = &c->v[i];

		one->exact = choose_find(m, one->metric) != NULL;
		buf_clear(&id);
		buf_put(&id, one->metric);
		if (!one->exact)
			status = choose(m, id.s, choice, err);
		for (size_t k = 0; k < m->n && one->exact; k++)
			if (m->v[k].measured && str_is(one->metric, m->v[k].id))
				choose_metric(choice, &m->v[k]);
	}
	buf_release(&id);
	return status;
}

/* ---- judging ---- */

static bool holds(enum check_op op, double value, double bound)
{
	switch (op) {
	case CHECK_LESS:
		return value < bound;
	case CHECK_LESS_EQUAL:
		return value <= bound;
	case CHECK_MORE:
		return value > bound;
	case CHECK_MORE_EQUAL:
		return value >= bound;
	}
	return false;
}

/* Appends the value in the unit in which the bound is written. */
static void put_value(struct buf *out, const struct check *c, const struct measure_result *r)
{
	double v = report_machine(r->scale, r->value);

	if (str_is(c->unit, "%"))
		v = round(100 * r->value * 1e4) / 1e4;
	else if (c->scale > 0)
		v = round(r->value / c->scale * 1e4) / 1e4;
	json_put_number(out, v);
	buf_put(out, c->unit);
}

static void put_why(struct buf *out, const struct measure_result *r)
{
	if (r->status == MEASURE_NOT_OBSERVABLE)
		buf_printf(out, "not observable: %s", r->missing);
	else
		buf_puts(out, "no rows");
	if (r->immature)
		buf_printf(out, ", %lld not mature", (long long)r->immature);
}

/* Its name where it was asked for by it: several may have one id. */
static const char *name_of(const struct check *c, const struct metric *m)
{
	return str_is(c->metric, m->name) ? m->name : m->id;
}

static void tell(struct checks *all, const struct check *c, const struct measure_result *r)
{
	struct buf *out = &all->told;

	all->failed++;
	buf_printf(out, "fails: %s", name_of(c, r->metric));
	if (c->statistic.len)
		buf_printf(out, "/%.*s", (int)c->statistic.len, c->statistic.s);
	buf_printf(out, " %s %.*s", ops[c->op], (int)c->bound.len, c->bound.s);
	for (size_t i = 0; i < r->dimension_n; i++) {
		buf_printf(out, ", %s=", r->dimensions[i]);
		text_plain(out, r->values[i].s ? r->values[i] : STR("-"));
	}
	buf_puts(out, ": ");
	if (r->has_value) {
		put_value(out, c, r);
		buf_printf(out, ", n %lld", (long long)r->n);
	} else {
		put_why(out, r);
	}
	buf_byte(out, '\n');
}

static void put_figure(struct buf *out, const struct check *c, const struct measure_result *r)
{
	buf_printf(out, "--check: %s%s%s is ", name_of(c, r->metric), r->statistic ? "/" : "",
		r->statistic ? r->statistic : "");
}

static int check_unit(const struct check *c, const struct measure_result *r, struct buf *err)
{
	bool percent = str_is(c->unit, "%");

	if (!c->unit.len && r->has_numerator && r->scale == SCALE_RATIO && fabs(c->number) > 1) {
		put_figure(err, c, r);
		buf_printf(err, "a share, at most 1: %.*s%%?", (int)c->bound.len, c->bound.s);
		return -1;
	}
	if ((!percent || r->scale == SCALE_RATIO) && (c->scale <= 0 || r->scale == SCALE_SPAN))
		return 0;
	put_figure(err, c, r);
	buf_printf(err, "in %s, and %.*s is not", report_unit(r), (int)c->bound.len, c->bound.s);
	return -1;
}

/* Values are compared as records say them. */
static int judge(
	struct checks *all, struct check *c, const struct measure_result *r, struct buf *err)
{
	double bound = c->number;

	c->judged = true;
	if (!r->has_value) {
		tell(all, c, r);
		return 0;
	}
	if (check_unit(c, r, err) < 0)
		return -1;
	if (str_is(c->unit, "%"))
		bound /= 100;
	else if (r->scale == SCALE_SPAN)
		bound *= c->scale > 0 ? c->scale : (double)WHEN_SECOND;
	if (!holds(c->op, report_machine(r->scale, r->value), report_machine(r->scale, bound)))
		tell(all, c, r);
	return 0;
}

static int end_metric(const struct check *c, struct buf *err)
{
	if (!c->at || c->judged)
		return 0;
	buf_printf(err, "--check: %s has no statistic %.*s", name_of(c, c->at),
		(int)c->statistic.len, c->statistic.s);
	return -1;
}

static int take(
	struct checks *all, struct check *c, const struct measure_result *r, struct buf *err)
{
	/* Several metrics may have one id, each with statistics of its own. */
	if (!c->at || strcmp(c->at->id, r->metric->id) != 0) {
		if (end_metric(c, err) < 0)
			return -1;
		c->at = r->metric;
		c->first = NULL;
		c->judged = false;
	}
	if (!c->first)
		c->first = r->statistic;
	/* A duration without rows tells no statistic. */
	if (r->statistic && (c->statistic.len ? !str_is(c->statistic, r->statistic)
					      : strcmp(c->first, r->statistic) != 0))
		return 0;
	return judge(all, c, r, err);
}

int checks_take(void *ctx, const struct measure_result *r, struct buf *err)
{
	struct checks *all = ctx;
	int status = 0;

	for (size_t i = 0; i < all->n && status == 0 && r->status != MEASURE_OTHERS; i++) {
		struct check *c = &all->v[i];

		if (c->exact ? str_is(c->metric, r->metric->id)
			     : metric_named(r->metric, c->metric))
			status = take(all, c, r, err);
	}
	return status;
}

int checks_end(struct checks *c, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < c->n && status == 0; i++)
		status = end_metric(&c->v[i], err);
	return status;
}

void checks_release(struct checks *c)
{
	free(c->v);
	buf_release(&c->told);
}
