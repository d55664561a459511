#include "stage/decide_output.h"
#include "io/json.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

int decide_format(const char *name, bool *table, struct buf *err)
{
	*table = name ? strcmp(name, "table") == 0 : isatty(STDOUT_FILENO);
	if (!name || *table || strcmp(name, "ndjson") == 0)
		return 0;
	buf_printf(err, "no format %s (table, ndjson)", name);
	return -1;
}

bool decide_share(const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	if (end == text || !isfinite(*out) || *out < 0)
		return false;
	if (*end == '%') {
		*out /= 100;
		end++;
	}
	return !*end && *out <= 1;
}

void rows_begin(struct rows *r, struct out *out, bool as_table, const char *const *names)
{
	*r = (struct rows){.out = out,
		.as_table = as_table,
		.table = TABLE_INIT,
		.line = BUF_INIT,
		.names = names};
	for (; as_table && *names; names++)
		table_column(&r->table, *names + (**names == '#'), **names == '#');
}

/* raw: as JSON has it; shown: as people read it. */
static int cell(struct rows *r, struct str raw, struct str shown, struct buf *err)
{
	const char *name = r->names[r->at++];
	int status = 0;

	if (r->as_table)
		table_cell(&r->table, shown);
	else if (r->at == 1)
		buf_byte(&r->line, '{');
	if (!r->as_table && raw.len) {
		json_put_key(&r->line, name + (*name == '#'));
		buf_put(&r->line, raw);
	}
	if (r->names[r->at])
		return 0;
	r->at = 0;
	if (!r->as_table) {
		buf_byte(&r->line, '}');
		status = out_record(r->out, buf_str(&r->line), err);
		buf_clear(&r->line);
	}
	return status;
}

int rows_text(struct rows *r, struct str s, struct buf *err)
{
	struct buf raw = BUF_INIT;
	int status;

	if (s.len && !r->as_table)
		json_put_string(&raw, s);
	status = cell(r, buf_str(&raw), s, err);
	buf_release(&raw);
	return status;
}

int rows_int(struct rows *r, int64_t n, struct buf *err)
{
	struct buf raw = BUF_INIT;
	int status;

	buf_int(&raw, n);
	status = cell(r, buf_str(&raw), buf_str(&raw), err);
	buf_release(&raw);
	return status;
}

int rows_number(struct rows *r, double n, struct buf *err)
{
	struct buf raw = BUF_INIT;
	int status;

	if (isfinite(n))
		json_put_number(&raw, n);
	status = cell(r, buf_str(&raw), buf_str(&raw), err);
	buf_release(&raw);
	return status;
}

int rows_end(struct rows *r, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status = 0;

	if (r->as_table && r->table.cell_n) {
		table_print(&r->table, &text);
		status = out_put(r->out, buf_str(&text), err);
	}
	buf_release(&text);
	table_release(&r->table);
	buf_release(&r->line);
	return status;
}
