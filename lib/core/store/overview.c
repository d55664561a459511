#include "core/store/overview.h"
#include "core/store/internal.h"

static void read_row(sqlite3_stmt *st, struct overview_row *row)
{
	row->customer = sqlite3_column_int64(st, 0);
	row->issue = sqlite3_column_int64(st, 1);
	row->contact = sqlite3_column_int64(st, 2);
	row->started = sqlite3_column_int64(st, 3);
	row->ended = sqlite3_column_int64(st, 4);
	row->source = store_column(st, 5);
	row->channel = store_column(st, 6);
	row->intent = store_column(st, 7);
	row->reason = store_column(st, 8);
	row->hers = sqlite3_column_int(st, 9);
	row->handled = sqlite3_column_int(st, 10);
	row->known = sqlite3_column_int(st, 11);
	row->assumed = sqlite3_column_int(st, 12) > 0;
	row->escalated = sqlite3_column_int(st, 13) > 0;
}

int overview_read(struct store *s, int64_t since, int64_t until,
	int (*visit)(void *ctx, const struct overview_row *row, struct buf *err), void *ctx,
	struct buf *err)
{
	struct overview_row row;
	sqlite3_stmt *st;
	int status = store_prepare(s,
		"SELECT customer, issue, contact, started, ended, source, channel, intent,"
		" escalation_reason, began = 'customer', handled, known, assumed, escalated"
		" FROM v_contact WHERE started>=?1 AND started<?2 ORDER BY customer, contact",
		&st, err);

	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, since);
	sqlite3_bind_int64(st, 2, until);
	while ((status = store_step(s, st, err)) == 1) {
		read_row(st, &row);
		status = visit(ctx, &row, err);
		if (status != 0)
			break;
	}
	sqlite3_finalize(st);
	return status;
}
