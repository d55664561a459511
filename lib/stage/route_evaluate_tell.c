/* What is told of an evaluation. */
#include "base/table.h"
#include "stage/route_evaluate_part.h"

static const char *const names[] = {"ips", "snips", "dr"};

static const struct offpolicy_value *value_of(const struct offpolicy *o, int i)
{
	const struct offpolicy_value *const v[] = {&o->ips, &o->snips, &o->dr};

	return v[i];
}

static double coverage(const struct evaluating *e)
{
	double all = (double)(e->row_n + e->uncovered);

	return all > 0 ? (double)e->row_n / all : 0;
}

static void put_counts(const struct evaluating *e, const struct offpolicy *o, struct buf *out)
{
	json_put_int(out, "decisions", (int64_t)e->decisions);
	json_put_int(out, "without_propensity", (int64_t)e->plain);
	json_put_int(out, "without_contact", (int64_t)e->lost);
	json_put_int(out, "of_the_same_contact", (int64_t)e->again);
	json_put_int(out, "outcome_unknown", (int64_t)e->unknown);
	json_put_int(out, "failed", (int64_t)e->failed);
	json_put_int(out, "n", (int64_t)e->row_n);
	json_put_int(out, "matched", (int64_t)o->matched);
	json_put_key(out, "coverage");
	json_put_number(out, coverage(e));
	json_put_key(out, "ess");
	json_put_number(out, o->ess);
}

static void put_records(
	const struct evaluating *e, const struct offpolicy *o, struct str refused, struct buf *out)
{
	buf_puts(out, "{\"kind\":\"evaluation\"");
	json_put_text(out, "rules", str_of(rules_label(e->of->rules)));
	json_put_text(out, "outcome", str_of(route_outcome_name(e->of->outcome)));
	put_counts(e, o, out);
	if (refused.len)
		json_put_text(out, "refused", refused);
	buf_puts(out, "}\n");
	for (int i = 0; i < 3 && !refused.len; i++) {
		const struct offpolicy_value *v = value_of(o, i);

		buf_puts(out, "{\"kind\":\"estimate\"");
		json_put_text(out, "estimator", str_of(names[i]));
		json_put_key(out, "value");
		json_put_number(out, v->value);
		if (v->interval.has_low) {
			json_put_key(out, "low");
			json_put_number(out, v->interval.low);
			json_put_key(out, "high");
			json_put_number(out, v->interval.high);
		}
		buf_puts(out, "}\n");
	}
}

static void lay_out(
	const struct evaluating *e, const struct offpolicy *o, struct str refused, struct buf *out)
{
	struct table t = TABLE_INIT;
	struct buf cell = BUF_INIT;

	buf_printf(out,
		"%s, %s: %zu contacts of %llu decisions, %zu as they were decided, effective "
		"sample %.1f, coverage %.1f%%\n",
		rules_label(e->of->rules), route_outcome_name(e->of->outcome), e->row_n,
		(unsigned long long)e->decisions, o->matched, o->ess, 100 * coverage(e));
	if (refused.len) {
		buf_puts(out, "refused: ");
		buf_put(out, refused);
		buf_byte(out, '\n');
		return;
	}
	table_column(&t, "estimator", false);
	table_column(&t, "value", true);
	table_column(&t, "from", true);
	table_column(&t, "to", true);
	for (int i = 0; i < 3; i++) {
		const struct offpolicy_value *v = value_of(o, i);
		const double of[] = {v->value, v->interval.low, v->interval.high};

		table_cell(&t, str_of(names[i]));
		for (int k = 0; k < 3; k++) {
			buf_clear(&cell);
			buf_printf(&cell, "%.4f", of[k]);
			table_cell(&t, buf_str(&cell));
		}
	}
	buf_byte(out, '\n');
	table_print(&t, out);
	table_release(&t);
	buf_release(&cell);
}

int evaluating_tell(
	struct evaluating *e, const struct offpolicy *o, struct str refused, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status;

	if (e->of->table)
		lay_out(e, o, refused, &text);
	else
		put_records(e, o, refused, &text);
	status = out_put(e->of->out, buf_str(&text), err);
	buf_release(&text);
	return status;
}
