#include "core/store/count.h"
#include "core/store/internal.h"

int store_counts(struct store *s, struct store_counts *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(s,
		"SELECT (SELECT coalesce(max(seq),0) FROM event), (SELECT count(*) FROM session),"
		" (SELECT count(*) FROM person), (SELECT count(*) FROM ident WHERE placeholder=0),"
		" (SELECT count(*) FROM touched) + (SELECT count(*) FROM touched_session),"
		" (SELECT page_count*page_size FROM pragma_page_count, pragma_page_size),"
		" (SELECT count(*) FROM event WHERE id IS NULL)",
		&st, err);

	if (status < 0)
		return status;
	status = store_step(s, st, err);
	if (status == 1)
		*out = (struct store_counts){sqlite3_column_int64(st, 0),
			sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2),
			sqlite3_column_int64(st, 3), sqlite3_column_int64(st, 4),
			sqlite3_column_int64(st, 5), sqlite3_column_int64(st, 6)};
	sqlite3_finalize(st);
	return status < 0 ? status : 0;
}

int store_sources(struct store *s,
	int (*visit)(void *ctx, const char *source, int64_t records, struct buf *err), void *ctx,
	struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(s,
		"SELECT s.source, sum(e.n) FROM (SELECT session, count(*) AS n FROM event GROUP BY "
		"session) e"
		" JOIN session s ON s.id=e.session GROUP BY s.source ORDER BY 2 DESC, 1",
		&st, err);

	if (status < 0)
		return status;
	while ((status = store_step(s, st, err)) == 1) {
		status = visit(ctx, (const char *)sqlite3_column_text(st, 0),
			sqlite3_column_int64(st, 1), err);
		if (status != 0)
			break;
	}
	sqlite3_finalize(st);
	return status;
}

int store_about(struct store *s, const char *key, struct buf *value, struct buf *err)
{
	return store_meta(s, key, value, err);
}
