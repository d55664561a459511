#include "core/store/schema_verify.h"
#include "core/store/internal.h"
#include "core/store/published.h"

static int fault(struct verify *v, struct str why, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status;

	v->faults++;
	buf_puts(&text, "schema: ");
	buf_put(&text, why);
	status = v->fault(v->ctx, text.s, err);
	buf_release(&text);
	return status;
}

/* What the schema consists of, in a file that was made this moment. Facts as another version made
 * them are made anew when they are needed. */
static int fresh(struct store *s, sqlite3 **db, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int64_t layout = 0;
	int status = store_meta_number(s, "facts", 1, &layout, err), code;

	if (status < 0)
		return status;
	code = sqlite3_open(":memory:", db);
	if (layout == FACTS_VERSION)
		store_facts_sql(&sql);
	store_view_sql(&sql);
	if (code == SQLITE_OK)
		code = sqlite3_exec(*db, store_schema, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(*db, sql.s, NULL, NULL, NULL);
	if (code == SQLITE_OK && published_there(s))
		code = sqlite3_exec(*db, store_published_schema, NULL, NULL, NULL);
	buf_release(&sql);
	if (code == SQLITE_OK)
		return 0;
	buf_printf(err, "%s: %s", s->path, sqlite3_errmsg(*db));
	return STORE_ERROR;
}

/* Holds each part of one schema against the other. The columns behind its type, name and sql say
 * what the fault is where it is missing there, and where it is another, unless that is none. */
static int compare(
	sqlite3 *one, const char *parts, sqlite3 *other, struct verify *v, struct buf *err)
{
	sqlite3_stmt *part = NULL, *same = NULL;
	int code = sqlite3_prepare_v2(one, parts, -1, &part, NULL), status = 0;
	struct str why;

	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(other,
			"SELECT sql FROM sqlite_schema WHERE type=?1 AND name=?2", -1, &same, NULL);
	while (code == SQLITE_OK && status == 0 && (code = sqlite3_step(part)) == SQLITE_ROW) {
		store_bind(same, 1, store_column(part, 0));
		store_bind(same, 2, store_column(part, 1));
		code = sqlite3_step(same);
		why = code == SQLITE_DONE ? store_column(part, 3)
		      : code == SQLITE_ROW && !str_eq(store_column(same, 0), store_column(part, 2))
			      ? store_column(part, 4)
			      : (struct str){0};
		if (why.len)
			status = fault(v, why, err);
		code = sqlite3_reset(same);
	}
	sqlite3_finalize(part);
	sqlite3_finalize(same);
	if (status == 0 && code != SQLITE_DONE) {
		buf_printf(err, "schema: %s", sqlite3_errstr(code));
		status = STORE_ERROR;
	}
	return status;
}

int schema_verify(struct store *s, struct verify *v, struct buf *err)
{
	sqlite3 *made = NULL;
	int status = fresh(s, &made, err);

	if (status == 0)
		status = compare(made,
			"SELECT type, name, sql, 'the '||type||' '||name||' is missing',"
			" 'the '||type||' '||name||' is not as it was made' FROM sqlite_schema"
			" WHERE sql IS NOT NULL",
			s->db, v, err);
	if (status == 0)
		status = compare(s->db,
			"SELECT type, name, sql, 'the trigger '||name||' is none of jtools', ''"
			" FROM sqlite_schema WHERE type='trigger'",
			made, v, err);
	sqlite3_close(made);
	return status;
}
