#include "stage/show.h"
#include "base/table.h"
#include "base/when.h"
#include "io/csv.h"

#include <unistd.h>

int show_format(const char *name, enum show_format *out, struct buf *err)
{
	static const char *const names[] = {"table", "ndjson", "csv"};

	*out = isatty(STDOUT_FILENO) ? SHOW_TABLE : SHOW_NDJSON;
	if (!name)
		return 0;
	for (int i = 0; i < 3; i++)
		if (strcmp(name, names[i]) == 0) {
			*out = (enum show_format)i;
			return 0;
		}
	buf_printf(err, "no such output: %s (table, ndjson, csv)", name);
	return -1;
}

/* Columns that are times, in every view. */
static bool is_time(const char *name)
{
	static const char *const times[] = {"started", "ended", "first_in", "answered_any",
		"answered_human", "answered_useful", "own_answer", "followed", "closed",
		"closed_last", "reopened", "next_in", "next_started", "next_matter_started",
		"first_ended", "first_closed", "first_next_in", "later_started", "reopen_started",
		"case_reopened", "first_spoke", "next_switch_started", "at"};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (strcmp(name, times[i]) == 0)
			return true;
	return false;
}

/* What a table for people shows of a view. */
static bool for_people(const char *name)
{
	static const char *const shown[] = {"who", "contact", "issue", "channel", "from_channel",
		"to_channel", "began", "started", "ended", "family", "case_id", "agent", "closed",
		"contacts", "channels", "switches", "open", "gap", "joined", "asked_who",
		"asked_known", "at", "kind", "reason", "from_owner", "to_owner"};

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		if (strcmp(name, shown[i]) == 0)
			return true;
	return false;
}

struct listing {
	struct show *s;
	struct table table;
	bool begun;
	struct buf line, cell;
};

static bool is_hidden(const char *name)
{
	return strcmp(name, "gen") == 0 || strcmp(name, "customer") == 0;
}

/* Of what a table shows. */
static bool is_span(const char *name)
{
	return strcmp(name, "gap") == 0;
}

/* The value as it is shown: times in words, spans too in a table, the customer as c17 under the
 * name customer. */
static struct str value_of(struct listing *l, const struct fact_cell *c)
{
	bool table = l->s->format == SHOW_TABLE;
	char text[WHEN_TEXT];
	int64_t ms;

	if (c->null || !str_int(c->text, &ms) || !(is_time(c->name) || (table && is_span(c->name))))
		return c->text;
	buf_clear(&l->cell);
	if (is_span(c->name)) {
		when_span_text(&l->cell, ms);
	} else if (table) {
		when_minute(&l->cell, ms);
	} else {
		when_format(ms, text);
		buf_puts(&l->cell, text);
	}
	return buf_str(&l->cell);
}

static const char *title_of(const struct fact_cell *c)
{
	return strcmp(c->name, "who") == 0 ? "customer" : c->name;
}

static void table_row(struct listing *l, const struct fact_cell *cells, size_t n)
{
	for (size_t i = 0; i < n && !l->begun; i++)
		if (for_people(cells[i].name))
			table_column(&l->table, title_of(&cells[i]),
				cells[i].number && !is_time(cells[i].name));
	l->begun = true;
	for (size_t i = 0; i < n; i++)
		if (for_people(cells[i].name))
			table_cell(&l->table, cells[i].null ? STR("") : value_of(l, &cells[i]));
}

static void json_row(struct listing *l, const struct fact_cell *cells, size_t n)
{
	buf_clear(&l->line);
	buf_byte(&l->line, '{');
	for (size_t i = 0; i < n; i++) {
		if (is_hidden(cells[i].name) || cells[i].null)
			continue;
		json_put_key(&l->line, title_of(&cells[i]));
		if (cells[i].number && !is_time(cells[i].name))
			buf_put(&l->line, cells[i].text);
		else
			json_put_string(&l->line, value_of(l, &cells[i]));
	}
	buf_puts(&l->line, "}\n");
}

static void csv_row(struct listing *l, const struct fact_cell *cells, size_t n)
{
	bool first = true;

	buf_clear(&l->line);
	for (size_t i = 0; i < n && !l->begun; i++)
		if (!is_hidden(cells[i].name)) {
			buf_printf(&l->line, "%s%s", first ? "" : ",", title_of(&cells[i]));
			first = false;
		}
	if (!l->begun)
		buf_byte(&l->line, '\n');
	l->begun = first = true;
	for (size_t i = 0; i < n; i++) {
		if (is_hidden(cells[i].name))
			continue;
		if (!first)
			buf_byte(&l->line, ',');
		first = false;
		if (!cells[i].null)
			csv_put(&l->line, value_of(l, &cells[i]));
	}
	buf_byte(&l->line, '\n');
}

static int put_row(void *ctx, const struct fact_cell *cells, size_t n, struct buf *err)
{
	struct listing *l = ctx;

	if (l->s->format == SHOW_TABLE) {
		table_row(l, cells, n);
		return 0;
	}
	if (l->s->format == SHOW_NDJSON)
		json_row(l, cells, n);
	else
		csv_row(l, cells, n);
	return out_put(l->s->out, buf_str(&l->line), err);
}

int show_facts(struct show *s, const char *view, struct buf *err)
{
	struct listing l = {.s = s, .table = TABLE_INIT, .line = BUF_INIT, .cell = BUF_INIT};
	int status = facts_read(s->store, view, s->customer, s->has_since ? s->since : INT64_MIN,
		s->has_until ? s->until : INT64_MAX, put_row, &l, err);

	if (status == 0 && l.begun && s->format == SHOW_TABLE) {
		buf_clear(&l.line);
		table_print(&l.table, &l.line);
		status = out_put(s->out, buf_str(&l.line), err);
	}
	table_release(&l.table);
	buf_release(&l.line);
	buf_release(&l.cell);
	return status;
}
