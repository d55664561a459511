#include "core/store/overview.h"
#include "core/store/frame.h"
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

struct seeing {
	int64_t since, until;
	int (*visit)(void *ctx, const struct overview_row *row, struct buf *err);
	void *ctx;
};

enum {
	CUSTOMER,
	ISSUE,
	CONTACT,
	STARTED,
	ENDED,
	HANDLED,
	KNOWN,
	ASSUMED,
	ESCALATED,
	SOURCE,
	CHANNEL,
	INTENT,
	REASON,
	BEGAN,
	COLUMNS
};
static const char *const columns[COLUMNS] = {"customer", "issue", "contact", "started", "ended",
	"handled", "known", "assumed", "escalated", "source", "channel", "intent",
	"escalation_reason", "began"};

static struct str text_of(const struct codes *texts, int64_t code)
{
	return code == COLUMN_NULL ? (struct str){NULL, 0} : codes_text(texts, code);
}

static int see(void *ctx, const struct codes *texts, const union column_value *const *v,
	size_t rows, struct buf *err)
{
	const struct seeing *s = ctx;
	int status = 0;

	for (size_t i = 0; i < rows && status == 0; i++) {
		const struct overview_row row = {.customer = v[CUSTOMER][i].n,
			.issue = v[ISSUE][i].n,
			.contact = v[CONTACT][i].n,
			.started = v[STARTED][i].n,
			.ended = v[ENDED][i].n,
			.source = text_of(texts, v[SOURCE][i].n),
			.channel = text_of(texts, v[CHANNEL][i].n),
			.intent = text_of(texts, v[INTENT][i].n),
			.reason = text_of(texts, v[REASON][i].n),
			.hers = str_is(text_of(texts, v[BEGAN][i].n), "customer"),
			.handled = v[HANDLED][i].n > 0,
			.known = v[KNOWN][i].n > 0,
			.assumed = v[ASSUMED][i].n > 0,
			.escalated = v[ESCALATED][i].n > 0};

		if (row.started >= s->since && row.started < s->until)
			status = s->visit(s->ctx, &row, err);
	}
	return status;
}

static int read_rows(struct store *s, const struct seeing *seeing, struct buf *err)
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
	sqlite3_bind_int64(st, 1, seeing->since);
	sqlite3_bind_int64(st, 2, seeing->until);
	while ((status = store_step(s, st, err)) == 1) {
		read_row(st, &row);
		status = seeing->visit(seeing->ctx, &row, err);
		if (status != 0)
			break;
	}
	sqlite3_finalize(st);
	return status;
}

int overview_read(struct store *s, int64_t since, int64_t until,
	int (*visit)(void *ctx, const struct overview_row *row, struct buf *err), void *ctx,
	struct buf *err)
{
	struct seeing seeing = {since, until, visit, ctx};
	bool done;
	int status = frame_each(s->db, "contact", columns, COLUMNS, see, &seeing, &done, err);

	return status == 0 && !done ? read_rows(s, &seeing, err) : status;
}
