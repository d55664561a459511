#include "adapt/gather.h"

void gather_init(struct gather *g, struct ledger *to, size_t max)
{
	*g = (struct gather){.to = to, .max = max};
	buf_init(&g->body);
	buf_init(&g->raw);
}

void gather_release(struct gather *g)
{
	buf_release(&g->body);
	buf_release(&g->raw);
}

/* What was gathered goes into a letter, and the line at hand behind it. */
static int begin_letter(struct gather *g, struct lines *l, struct buf *err)
{
	g->too_long = true;
	if (!g->to)
		return 0;
	if (ledger_letter_begin(g->to, FAULT_TOO_LONG, "message too long (see --max-line)", l->name,
		    g->line, g->offset, err) < 0)
		return -1;
	if (g->raw.len) {
		buf_byte(&g->raw, '\n');
		if (ledger_letter_more(g->to, buf_str(&g->raw), err) < 0)
			return -1;
	}
	return ledger_letter_line(g->to, l, err);
}

int gather_begin(struct gather *g, struct lines *l, struct str text, bool is_long, struct buf *err)
{
	g->open = true;
	g->too_long = false;
	g->line = l->number;
	g->offset = l->offset;
	buf_clear(&g->body);
	buf_clear(&g->raw);
	if (is_long)
		return begin_letter(g, l, err);
	buf_put(&g->body, text);
	buf_put(&g->raw, l->raw);
	return 0;
}

int gather_add(struct gather *g, struct lines *l, struct str line, bool is_long, struct buf *err)
{
	if (g->too_long && !g->to)
		return 0;
	if (g->too_long)
		return ledger_letter_more(g->to, STR("\n"), err) < 0
			       ? -1
			       : ledger_letter_line(g->to, l, err);
	if (is_long || g->body.len + line.len > g->max)
		return begin_letter(g, l, err);
	buf_byte(&g->body, '\n');
	buf_put(&g->body, line);
	buf_byte(&g->raw, '\n');
	buf_put(&g->raw, l->raw);
	return 0;
}

int gather_reject(struct gather *g, enum event_fault fault, const char *why, const char *file,
	struct buf *err)
{
	return ledger_reject(g->to, fault, why, file, g->line, g->offset, buf_str(&g->raw), err);
}

int gather_end(struct gather *g, struct buf *err)
{
	bool open = g->open;

	g->open = false;
	if (open && g->too_long)
		return g->to ? ledger_letter_end(g->to, err) : 0;
	return open;
}
