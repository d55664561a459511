#include "base/table.h"
#include "base/die.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>

#define GAP 2

void table_column(struct table *t, const char *title, bool right)
{
	struct table_column *c = VEC_ADD(t, columns, column_n, column_cap);

	c->title = mem_string(title);
	c->right = right;
	c->width = text_width(str_of(title));
}

void table_cell(struct table *t, struct str text)
{
	struct table_column *c = &t->columns[t->cell_n % t->column_n];
	struct buf plain = BUF_INIT;
	size_t width;

	text_plain(&plain, text);
	width = text_width(buf_str(&plain));
	if (width > c->width)
		c->width = width;
	*VEC_ADD(t, cells, cell_n, cell_cap) = mem_copy(plain.s, plain.len);
	buf_release(&plain);
}

static void pad(struct buf *out, size_t n)
{
	while (n--)
		buf_byte(out, ' ');
}

static void print_cell(const struct table_column *c, const char *text, struct buf *out)
{
	size_t width = text_width(str_of(text));

	if (c->right)
		pad(out, c->width - width);
	buf_puts(out, text);
	if (!c->right)
		pad(out, c->width - width);
}

static void end_line(struct buf *out)
{
	while (out->len && out->s[out->len - 1] == ' ')
		buf_cut(out, out->len - 1);
	buf_byte(out, '\n');
}

static void check_full(const struct table *t)
{
	if (!t->column_n || t->cell_n % t->column_n)
		BUG("a row of a table that is not full");
}

void table_print(const struct table *t, struct buf *out)
{
	check_full(t);
	for (size_t i = 0; i < t->column_n; i++) {
		pad(out, i ? GAP : 0);
		print_cell(&t->columns[i], t->columns[i].title, out);
	}
	end_line(out);
	for (size_t i = 0; i < t->cell_n; i++) {
		size_t at = i % t->column_n;

		pad(out, at ? GAP : 0);
		print_cell(&t->columns[at], t->cells[i], out);
		if (at + 1 == t->column_n)
			end_line(out);
	}
}

/* What Markdown would take for the cell's end, or for markup; no cell holds a line's end. */
static void markdown_cell(const char *text, struct buf *out)
{
	buf_puts(out, " ");
	for (; *text; text++) {
		if (strchr("\\|`*~[<&", *text))
			buf_byte(out, '\\');
		buf_byte(out, *text);
	}
	buf_puts(out, " |");
}

void table_markdown(const struct table *t, struct buf *out)
{
	check_full(t);
	buf_byte(out, '|');
	for (size_t i = 0; i < t->column_n; i++)
		markdown_cell(t->columns[i].title, out);
	buf_puts(out, "\n|");
	for (size_t i = 0; i < t->column_n; i++)
		buf_puts(out, t->columns[i].right ? " ---: |" : " --- |");
	buf_byte(out, '\n');
	for (size_t i = 0; i < t->cell_n; i++) {
		if (i % t->column_n == 0)
			buf_byte(out, '|');
		markdown_cell(t->cells[i], out);
		if ((i + 1) % t->column_n == 0)
			buf_byte(out, '\n');
	}
}

void table_release(struct table *t)
{
	for (size_t i = 0; i < t->column_n; i++)
		free(t->columns[i].title);
	for (size_t i = 0; i < t->cell_n; i++)
		free(t->cells[i]);
	free(t->columns);
	free(t->cells);
	*t = (struct table)TABLE_INIT;
}
