#include "base/text.h"
#include "base/when.h"
#include "io/csv.h"
#include "io/json.h"
#include "stage/shell_part.h"

#define PAGE 1000

void rows_begin(struct rows *r, struct shell *s, const char *const *names, size_t n)
{
	*r = (struct rows){.shell = s,
		.names = names,
		.name_n = n,
		.none = "no rows\n",
		.table = TABLE_INIT,
		.line = BUF_INIT};
}

void rows_time(const struct rows *r, struct buf *out, int64_t ms)
{
	char text[WHEN_TEXT];

	if (r->shell->format == SHELL_TABLE) {
		when_minute(out, ms);
		return;
	}
	when_format(ms, text);
	buf_puts(out, text);
}

int rows_head(struct rows *r, struct buf *err)
{
	if (r->shell->format != SHELL_CSV)
		return 0;
	buf_clear(&r->line);
	for (size_t i = 0; i < r->name_n; i++) {
		if (i)
			buf_byte(&r->line, ',');
		csv_put(&r->line, str_of(r->names[i]));
	}
	buf_byte(&r->line, '\n');
	return out_put(r->shell->out, buf_str(&r->line), err);
}

static int put_page(struct rows *r, struct buf *err)
{
	int status;

	buf_clear(&r->line);
	if (r->n > r->held)
		buf_byte(&r->line, '\n');
	table_print(&r->table, &r->line);
	status = out_put(r->shell->out, buf_str(&r->line), err);
	table_release(&r->table);
	r->table = (struct table)TABLE_INIT;
	r->held = 0;
	r->sized = false;
	return status;
}

static int table_row(struct rows *r, const struct fact_cell *cells, struct buf *err)
{
	for (size_t i = 0; i < r->name_n && !r->sized; i++) {
		buf_clear(&r->line);
		text_plain(&r->line, str_of(r->names[i]));
		table_column(&r->table, r->line.s, cells[i].number);
	}
	r->sized = true;
	for (size_t i = 0; i < r->name_n; i++)
		table_cell(&r->table, cells[i].null ? STR("") : cells[i].text);
	return ++r->held == PAGE ? put_page(r, err) : 0;
}

static void json_cell(struct buf *line, const char *name, const struct fact_cell *c)
{
	struct buf mended = BUF_INIT;

	/* A query names its columns as it likes. */
	text_mend(&mended, str_of(name));
	if (line->s[line->len - 1] != '{')
		buf_byte(line, ',');
	json_put_string(line, buf_str(&mended));
	buf_byte(line, ':');
	buf_clear(&mended);
	text_mend(&mended, c->text);
	if (c->null)
		buf_puts(line, "null");
	else if (c->number)
		buf_put(line, c->text);
	else
		json_put_string(line, buf_str(&mended));
	buf_release(&mended);
}

int rows_row(struct rows *r, const struct fact_cell *cells, struct buf *err)
{
	r->n++;
	if (r->shell->format == SHELL_TABLE)
		return table_row(r, cells, err);
	buf_clear(&r->line);
	if (r->shell->format == SHELL_NDJSON)
		buf_byte(&r->line, '{');
	for (size_t i = 0; i < r->name_n; i++) {
		if (r->shell->format == SHELL_NDJSON) {
			json_cell(&r->line, r->names[i], &cells[i]);
			continue;
		}
		if (i)
			buf_byte(&r->line, ',');
		if (!cells[i].null)
			csv_put(&r->line, cells[i].text);
	}
	buf_puts(&r->line, r->shell->format == SHELL_NDJSON ? "}\n" : "\n");
	return out_put(r->shell->out, buf_str(&r->line), err);
}

int rows_end(struct rows *r, bool whole, struct buf *err)
{
	bool table = whole && r->shell->format == SHELL_TABLE;
	int status = 0;

	if (table && r->held)
		status = put_page(r, err);
	else if (table && !r->n)
		status = out_put(r->shell->out, str_of(r->none), err);
	table_release(&r->table);
	buf_release(&r->line);
	return status;
}
