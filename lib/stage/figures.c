#include "stage/figures.h"
#include "base/die.h"
#include "stage/standing.h"

int figures_check(const struct figures *f, struct buf *err)
{
	const struct measure *m = f->measure;
	const bool compared = m->sides, checked = f->checks->n;
	const struct {
		bool both;
		const char *what;
	} apart[] = {{m->censored && compared, "--censored and --compare"},
		{f->explained && compared, "--explain and --compare"},
		{f->explained && m->censored, "--explain and --censored"},
		{f->explained && m->top, "--explain and --top"},
		{checked && compared, "--check and --compare"},
		{checked && f->explained, "--check and --explain"},
		{checked && m->top, "--check and --top"},
		{compared && f->format == REPORT_PROM, "--compare and -o prom"},
		{f->explained && f->format > REPORT_CSV,
			"--explain (table, ndjson, csv) and this format"}};

	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
		if (apart[i].both) {
			buf_printf(err, "%s do not go together", apart[i].what);
			return -1;
		}
	return 0;
}

static int write_rows(const struct figures *f, struct out *out, struct buf *err)
{
	struct buf totals = BUF_INIT;
	int status =
		explain(store_handle(f->store), f->measure, f->which, f->format, out, &totals, err);

	if (status == 0)
		status = out_flush(out, err);
	if (status == 0 && !f->quiet)
		warn("%s", totals.s);
	buf_release(&totals);
	return status;
}

static int write_report(const struct figures *f, struct out *out, struct buf *err)
{
	struct report *report = report_begin(out, f->format, f->measure, f->place);
	int status = measure_all(store_handle(f->store), f->measure, report_take, report, err);
	int ended;

	if (status == 0 && !f->quiet && f->place->sequence)
		status = standing_warn(f->store, f->measure, err);
	ended = report_end(report, status == 0, err);
	return status ? status : ended;
}

static int write_checks(const struct figures *f, struct out *out, struct buf *err)
{
	struct checks *c = f->checks;
	int status = measure_all(store_handle(f->store), f->measure, checks_take, c, err);

	if (status == 0 && !f->quiet)
		status = standing_warn(f->store, f->measure, err);
	if (status == 0)
		status = checks_end(c, err);
	if (status == 0)
		status = out_put(out, buf_str(&c->told), err);
	return status < 0 ? status : c->failed > 0;
}

int figures_write(const struct figures *f, struct out *out, struct buf *err)
{
	if (f->checks->n)
		return write_checks(f, out, err);
	return f->explained ? write_rows(f, out, err) : write_report(f, out, err);
}
