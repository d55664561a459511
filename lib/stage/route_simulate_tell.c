/* What is told of a simulation. */
#include "base/table.h"
#include "base/when.h"
#include "stage/route_simulate_part.h"

#include <math.h>

/* What is a share is at most 1, and nothing here is below 0. */
static struct stat_interval interval_of(const struct stat_mean *m, bool share)
{
	struct stat_interval i = stat_mean_interval(m);

	i.low = fmax(i.low, 0);
	i.high = share ? fmin(i.high, 1) : i.high;
	return i;
}

static void put_figure(struct buf *out, const char *name, const struct stat_mean *m, bool share)
{
	struct stat_interval i = interval_of(m, share);

	if (!m->n)
		return;
	json_put_key(out, name);
	buf_puts(out, "{");
	json_put_key(out, "value");
	json_put_number(out, m->mean);
	if (i.has_low) {
		json_put_key(out, "low");
		json_put_number(out, i.low);
		json_put_key(out, "high");
		json_put_number(out, i.high);
	}
	json_put_int(out, "replications", m->n);
	buf_byte(out, '}');
}

static void put_time(struct buf *out, const char *name, int64_t when)
{
	char text[WHEN_TEXT];

	when_format(when, text);
	json_put_text(out, name, str_of(text));
}

static void put_run(const struct simulating *s, struct buf *out)
{
	buf_puts(out, "{\"kind\":\"run\"");
	json_put_text(out, "rules", str_of(rules_label(s->of->rules)));
	json_put_text(out, "staffing", str_of(s->of->staffing->label));
	json_put_text(
		out, "arrivals", str_of(s->of->from == ARRIVALS_GENERATED ? "generated" : "log"));
	json_put_int(out, "replications", s->of->replications);
	json_put_int(out, "seed", s->of->seed);
	put_time(out, "from", s->begin);
	put_time(out, "to", s->last_at);
	json_put_key(out, "warm_up");
	json_put_number(out, s->warm_up);
	buf_puts(out, "}\n");
}

static void put_load(const struct load *l, struct buf *out)
{
	buf_puts(out, l->queue ? "{\"kind\":\"queue\"" : "{\"kind\":\"all\"");
	if (l->queue)
		json_put_text(out, "queue", str_of(l->queue));
	put_figure(out, "arrivals", &l->arrivals, false);
	put_figure(out, "wait_mean", &l->wait, false);
	put_figure(out, "wait_median", &l->median, false);
	put_figure(out, "wait_p90", &l->p90, false);
	put_figure(out, "service_level", &l->level, true);
	put_figure(out, "abandonment", &l->abandoned, true);
	buf_puts(out, "}\n");
}

static void put_conservation(const struct simulating *s, struct buf *out)
{
	buf_puts(out, "{\"kind\":\"conservation\"");
	json_put_int(out, "arrivals", (int64_t)s->arrived);
	json_put_int(out, "served", (int64_t)s->served);
	json_put_int(out, "abandoned", (int64_t)s->abandoned);
	json_put_int(out, "in_progress", (int64_t)s->in_progress);
	json_put_int(out, "never_routed", (int64_t)s->never);
	buf_puts(out, "}\n");
}

static void put_records(const struct simulating *s, struct buf *out)
{
	const struct staffing *of = s->of->staffing;

	put_run(s, out);
	for (size_t i = 0; i < s->load_n; i++)
		put_load(&s->loads[i], out);
	for (size_t i = 0; i < of->staff_n; i++) {
		buf_puts(out, "{\"kind\":\"agents\"");
		json_put_text(out, "agents", str_of(of->staff[i].id));
		put_figure(out, "hours", &s->hours[i], false);
		put_figure(out, "occupancy", &s->occupancy[i], true);
		buf_puts(out, "}\n");
	}
	put_conservation(s, out);
}

/* ---- for people ---- */

enum unit { COUNT, SECONDS, SHARE, HOURS };

static void lay_number(struct buf *out, enum unit unit, double n)
{
	buf_printf(out,
		unit == SHARE	  ? "%.1f"
		: unit == SECONDS ? "%.2f"
				  : "%.1f",
		unit == SHARE ? 100 * n : n);
}

/* "12.1 s (11.8 to 12.4)" */
static void lay_figure(struct table *t, struct buf *cell, enum unit unit, const struct stat_mean *m)
{
	static const char *const units[] = {"", " s", "%", " h"};
	struct stat_interval i = interval_of(m, unit == SHARE);

	buf_clear(cell);
	if (m->n) {
		lay_number(cell, unit, m->mean);
		buf_puts(cell, units[unit]);
	}
	if (m->n && i.has_low) {
		buf_puts(cell, " (");
		lay_number(cell, unit, i.low);
		buf_puts(cell, " to ");
		lay_number(cell, unit, i.high);
		buf_byte(cell, ')');
	}
	table_cell(t, m->n ? buf_str(cell) : STR("-"));
}

static void lay_loads(const struct simulating *s, struct buf *out)
{
	static const char *const titles[] = {
		"arrivals", "wait", "median", "p90", "in time", "abandoned"};
	struct table t = TABLE_INIT;
	struct buf cell = BUF_INIT;

	table_column(&t, "queue", false);
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		table_column(&t, titles[i], true);
	for (size_t i = 0; i < s->load_n; i++) {
		const struct load *l = &s->loads[i];

		table_cell(&t, str_of(l->queue ? l->queue : "(all)"));
		lay_figure(&t, &cell, COUNT, &l->arrivals);
		lay_figure(&t, &cell, SECONDS, &l->wait);
		lay_figure(&t, &cell, SECONDS, &l->median);
		lay_figure(&t, &cell, SECONDS, &l->p90);
		lay_figure(&t, &cell, SHARE, &l->level);
		lay_figure(&t, &cell, SHARE, &l->abandoned);
	}
	table_print(&t, out);
	table_release(&t);
	buf_release(&cell);
}

static void lay_agents(const struct simulating *s, struct buf *out)
{
	const struct staffing *of = s->of->staffing;
	struct table t = TABLE_INIT;
	struct buf cell = BUF_INIT;

	table_column(&t, "agents", false);
	table_column(&t, "there", true);
	table_column(&t, "occupied", true);
	for (size_t i = 0; i < of->staff_n; i++) {
		table_cell(&t, str_of(of->staff[i].id));
		lay_figure(&t, &cell, HOURS, &s->hours[i]);
		lay_figure(&t, &cell, SHARE, &s->occupancy[i]);
	}
	table_print(&t, out);
	table_release(&t);
	buf_release(&cell);
}

static void lay_out(const struct simulating *s, struct buf *out)
{
	char from[WHEN_TEXT], to[WHEN_TEXT];

	when_format(s->begin, from);
	when_format(s->last_at, to);
	buf_printf(out, "%s, %s, %s to %s: %lld replications, seed %lld\n",
		rules_label(s->of->rules), s->of->staffing->label, from, to,
		(long long)s->of->replications, (long long)s->of->seed);
	if (s->warm_up > 0)
		buf_printf(out, "contacts of the first %.0f s are warm-up and not measured\n",
			s->warm_up);
	buf_byte(out, '\n');
	lay_loads(s, out);
	buf_byte(out, '\n');
	lay_agents(s, out);
	buf_printf(out,
		"\n%llu arrivals = %llu served + %llu abandoned + %llu in progress + %llu never "
		"routed\n",
		(unsigned long long)s->arrived, (unsigned long long)s->served,
		(unsigned long long)s->abandoned, (unsigned long long)s->in_progress,
		(unsigned long long)s->never);
}

int simulating_tell(struct simulating *s, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status;

	if (s->of->table)
		lay_out(s, &text);
	else
		put_records(s, &text);
	status = out_put(s->of->pipe.out, buf_str(&text), err);
	buf_release(&text);
	return status;
}
