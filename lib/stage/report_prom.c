/* Prometheus' text exposition format 0.0.4: a gauge for each metric, and beside it gauges for its
 * bounds, n and numerator, so that no aggregation over labels adds a bound to a value. */
#include "base/map.h"
#include "base/mem.h"
#include "io/json.h"
#include "stage/report_part.h"

#include <stdlib.h>

enum sample { SAMPLE_VALUE, SAMPLE_LOW, SAMPLE_HIGH, SAMPLE_N, SAMPLE_NUMERATOR, SAMPLES };

static const struct {
	const char *suffix, *help;
	bool united; /* in the metric's units */
} samples[SAMPLES] = {
	[SAMPLE_VALUE] = {"", "", true},
	[SAMPLE_LOW] = {"_low", ", lower bound of the 95 % interval", true},
	[SAMPLE_HIGH] = {"_high", ", upper bound of the 95 % interval", true},
	[SAMPLE_N] = {"_n", ", rows that it rests on", false},
	[SAMPLE_NUMERATOR] = {"_numerator", ", rows of the numerator", false},
};

struct prom {
	struct map names; /* -> who has it: id of a metric */
	const struct metric *metric;
	struct buf name, labels, units;
	const char *first; /* statistic of the metric */
	bool listed;	   /* its statistics have been listed with their units */
	struct buf lines[SAMPLES];
};

static const char sequence[] = "jtools_log_sequence",
		  horizon[] = "jtools_horizon_timestamp_seconds",
		  as_of[] = "jtools_as_of_timestamp_seconds", ontology[] = "jtools_ontology_info";

static void reserve(struct prom *p, const char *name)
{
	map_slot(&p->names, str_of(name), NULL)->p = (void *)name;
}

struct prom *prom_new(void)
{
	struct prom *p = mem_zero(1, sizeof(*p));

	p->names = (struct map)MAP_INIT;
	buf_init(&p->name);
	buf_init(&p->labels);
	buf_init(&p->units);
	for (int i = 0; i < SAMPLES; i++)
		buf_init(&p->lines[i]);
	reserve(p, sequence);
	reserve(p, horizon);
	reserve(p, as_of);
	reserve(p, ontology);
	return p;
}

/* Label values escape the quotation mark too. */
static void put_escaped(struct buf *out, struct str s, bool label)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.s[i] == '\n')
			buf_puts(out, "\\n");
		else if (s.s[i] == '\\' || (label && s.s[i] == '"'))
			buf_printf(out, "\\%c", s.s[i]);
		else
			buf_byte(out, s.s[i]);
	}
}

static void put_head(struct buf *out, const char *name, const char *suffix, struct str help)
{
	buf_printf(out, "# HELP %s%s ", name, suffix);
	put_escaped(out, help, false);
	buf_printf(out, "\n# TYPE %s%s gauge\n", name, suffix);
}

static void put_help(struct prom *p, enum sample s, struct buf *help)
{
	const struct metric *m = p->metric;

	buf_clear(help);
	buf_printf(help, "%s (%s %s)%s", m->title, m->id, m->version, samples[s].help);
	if (samples[s].united)
		buf_printf(help, ": %s", p->units.s);
}

static void flush(struct prom *p, struct buf *out)
{
	struct buf help = BUF_INIT;

	if (!p->metric)
		return;
	for (int i = 0; i < SAMPLES; i++) {
		if (!p->lines[i].len)
			continue;
		put_help(p, (enum sample)i, &help);
		put_head(out, p->name.s, samples[i].suffix, buf_str(&help));
		buf_put(out, buf_str(&p->lines[i]));
		buf_clear(&p->lines[i]);
	}
	buf_clear(&p->units);
	buf_release(&help);
}

static int claim(struct prom *p, const struct metric *metric, struct buf *err)
{
	struct buf name = BUF_INIT;
	int status = 0;

	buf_clear(&p->name);
	buf_printf(&p->name, "jtools_%s", metric->id);
	for (size_t i = 0; i < p->name.len; i++)
		if (p->name.s[i] == '.')
			p->name.s[i] = '_';
	for (int i = 0; i < SAMPLES && status == 0; i++) {
		union map_value *slot;
		bool fresh;

		buf_clear(&name);
		buf_printf(&name, "%s%s", p->name.s, samples[i].suffix);
		slot = map_slot(&p->names, buf_str(&name), &fresh);
		if (!fresh) {
			buf_printf(err, "%s and %s have one name in Prometheus: %s",
				(const char *)slot->p, metric->id, name.s);
			status = -1;
		}
		slot->p = metric->id;
	}
	buf_release(&name);
	return status;
}

static void put_label(struct buf *out, const char *name, struct str value)
{
	buf_printf(out, "%s%s=\"", out->len ? "," : "", name);
	put_escaped(out, value, true);
	buf_byte(out, '"');
}

static void make_labels(struct prom *p, const struct measure_result *r)
{
	struct buf window = BUF_INIT;

	buf_clear(&p->labels);
	/* An empty label is the same to Prometheus as none: what has no value of a dimension. */
	for (size_t i = 0; i < r->dimension_n; i++)
		put_label(&p->labels, r->dimensions[i], r->values[i]);
	put_label(&p->labels, "statistic", str_of(r->statistic));
	if (r->window) {
		report_window(&window, r->window);
		put_label(&p->labels, "window", buf_str(&window));
	}
	buf_release(&window);
}

static void put_sample(struct prom *p, enum sample s, bool has, double v)
{
	struct buf *out = &p->lines[s];

	if (!has)
		return;
	buf_printf(out, "%s%s{%s} ", p->name.s, samples[s].suffix, p->labels.s);
	json_put_number(out, v);
	buf_byte(out, '\n');
}

/* Every group tells the same statistics in the same order. */
static void list_unit(struct prom *p, const struct measure_result *r)
{
	if (!r->statistic || p->listed)
		return;
	if (p->first && strcmp(p->first, r->statistic) == 0) {
		p->listed = true;
		return;
	}
	if (!p->first)
		p->first = r->statistic;
	buf_printf(&p->units, "%s%s in %s", p->units.len ? ", " : "", r->statistic, report_unit(r));
}

int prom_take(struct prom *p, const struct measure_result *r, struct buf *out, struct buf *err)
{
	/* Several metrics may have one id, each with statistics of its own. */
	if (!p->metric || strcmp(r->metric->id, p->metric->id) != 0) {
		flush(p, out);
		p->metric = r->metric;
		p->first = NULL;
		p->listed = false;
		if (claim(p, r->metric, err) < 0)
			return -1;
	}
	list_unit(p, r);
	if (!r->has_value || r->status == MEASURE_OTHERS)
		return 0;
	make_labels(p, r);
	put_sample(p, SAMPLE_VALUE, true, report_machine(r->scale, r->value));
	put_sample(p, SAMPLE_LOW, r->interval.has_low, report_machine(r->scale, r->interval.low));
	put_sample(
		p, SAMPLE_HIGH, r->interval.has_high, report_machine(r->scale, r->interval.high));
	put_sample(p, SAMPLE_N, true, (double)r->n);
	put_sample(p, SAMPLE_NUMERATOR, r->has_numerator, (double)r->numerator);
	return 0;
}

static void put_one(struct buf *out, const char *name, const char *help, double v)
{
	put_head(out, name, "", str_of(help));
	buf_printf(out, "%s ", name);
	json_put_number(out, v);
	buf_byte(out, '\n');
}

static void put_place(struct buf *out, const struct report_place *place)
{
	put_one(out, sequence, "Sequence of the log's last record", (double)place->sequence);
	if (place->sequence) {
		put_one(out, horizon, "End of the log's latest event",
			(double)place->horizon / 1e3);
		put_one(out, as_of, "When the log's last record was taken",
			(double)place->as_of / 1e3);
	}
	put_head(out, ontology, "", STR("The ontology of the facts"));
	buf_printf(out, "%s{ontology=\"", ontology);
	put_escaped(out, str_of(place->ontology), true);
	buf_puts(out, "\"} 1\n");
}

void prom_end(struct prom *p, const struct report_place *place, struct buf *out)
{
	if (place) {
		flush(p, out);
		put_place(out, place);
	}
	map_release(&p->names);
	buf_release(&p->name);
	buf_release(&p->labels);
	buf_release(&p->units);
	for (int i = 0; i < SAMPLES; i++)
		buf_release(&p->lines[i]);
	free(p);
}
