/*
 * From version 1 to 2. A log of version 1 kept each record's text whole beside trees of keys. The
 * log is made anew, by what takes records in today, in a file of its own, while the old one is
 * locked; what it consists of then takes the place of all that is in the old one within that
 * transaction. So whoever looks sees the one or the other. Facts are built anew when they are next
 * asked for.
 */
#include "base/mem.h"
#include "base/text.h"
#include "core/store/backup.h"
#include "core/store/batch.h"
#include "core/store/internal.h"

#include <stdlib.h>

#define BATCH_RECORDS 10000
#define BATCH_BYTES ((size_t)8 << 20)

struct moving {
	struct store *from, *to;
	struct ontology names; /* no more of it than its placeholders */
	struct batch *batch;
	struct event ev;
	int64_t recorded, seq; /* of the records in the batch; of the last that was taken up */
	size_t n;
	char *backup, *fresh; /* paths */
	bool kept;	      /* the backup was made */
};

/* Nobody was named by what nobody was named by when it came, whatever is said of it today. */
static int read_placeholders(struct moving *m, struct buf *err)
{
	struct buf key = BUF_INIT;
	sqlite3_stmt *st;
	int status = store_prepare(
		m->from, "SELECT kind, value FROM ident WHERE placeholder<>0", &st, err);

	while (status >= 0 && (status = store_step(m->from, st, err)) == 1) {
		buf_clear(&key);
		buf_put(&key, store_column(st, 0));
		buf_byte(&key, '\n');
		text_fold(&key, str_trim(store_column(st, 1)));
		map_slot(&m->names.placeholders, buf_str(&key), NULL)->n = 1;
	}
	sqlite3_finalize(st);
	buf_release(&key);
	return status;
}

static int not_moved(struct moving *m, int64_t seq, struct buf *err)
{
	buf_printf(err, "%s: record %lld cannot be moved forward", m->from->path, (long long)seq);
	return STORE_ERROR;
}

static int write_batch(struct moving *m, struct buf *err)
{
	int64_t first = m->seq - (int64_t)m->n + 1;
	int status = m->n ? store_begin(m->to, err) : 0;

	if (status < 0 || !m->n)
		return status;
	batch_seal(m->batch);
	status = batch_write(m->batch, m->recorded, err);
	for (size_t i = 0; i < m->n && status == 0; i++) {
		const struct store_added *a = batch_outcome(m->batch, i);

		if (a->outcome != ADDED || a->seq != first + (int64_t)i)
			status = not_moved(m, first + (int64_t)i, err);
	}
	if (status == 0)
		status = store_commit(m->to, err);
	else
		store_rollback(m->to);
	batch_clear(m->batch);
	m->n = 0;
	return status;
}

static int move_record(struct moving *m, sqlite3_stmt *st, struct buf *err)
{
	int64_t seq = sqlite3_column_int64(st, 0), recorded = sqlite3_column_int64(st, 1);
	enum event_fault fault;
	int status = 0;

	if (recorded != m->recorded || m->n >= BATCH_RECORDS || batch_bytes(m->batch) > BATCH_BYTES)
		status = write_batch(m, err);
	if (status < 0)
		return status;
	if (seq != m->seq + 1 || event_read(&m->ev, store_column(st, 2), false, &fault, err) < 0 ||
		batch_take(m->batch, &m->ev, err) < 0) {
		buf_clear(err);
		return not_moved(m, m->seq + 1, err);
	}
	m->recorded = recorded;
	m->seq = seq;
	m->n++;
	return 0;
}

static int move_records(struct moving *m, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(
		m->from, "SELECT seq, recorded, body FROM event ORDER BY seq", &st, err);

	while (status >= 0 && (status = store_step(m->from, st, err)) == 1)
		status = move_record(m, st, err);
	sqlite3_finalize(st);
	return status < 0 ? status : write_batch(m, err);
}

static int build(struct moving *m, struct buf *err)
{
	int status = backup_unlink(m->fresh, err);

	if (status == 0)
		status = store_open(&m->to, m->fresh, STORE_CREATE, m->from->wait_ms, err);
	/* Nobody will look for it where it was broken off. */
	if (status == 0)
		status = store_exec(m->to, "PRAGMA synchronous=OFF", err);
	if (status == 0)
		status = read_placeholders(m, err);
	if (status == 0) {
		m->batch = batch_new(m->to, &m->names);
		status = move_records(m, err);
	}
	batch_free(m->batch);
	store_close(m->to);
	return status;
}

/* Runs what a query gives as one text of SQL. */
static int run_text(struct store *s, const char *query, struct buf *err)
{
	struct buf sql = BUF_INIT;
	sqlite3_stmt *st;
	int status = store_prepare(s, query, &st, err);

	if (status == 0)
		status = store_step(s, st, err);
	if (status == 1)
		buf_put(&sql, store_column(st, 0));
	sqlite3_finalize(st);
	status = status < 0 ? status : store_exec(s, sql.s ? sql.s : "", err);
	buf_release(&sql);
	return status;
}

static int take_place(struct moving *m, struct buf *err)
{
	static const char *const texts[] = {
		"SELECT group_concat('DROP '||type||' main.\"'||name||'\";', '') FROM (SELECT type,"
		" name FROM main.sqlite_schema WHERE type<>'index' AND name NOT LIKE 'sqlite!_%'"
		" ESCAPE '!' ORDER BY type DESC)",
		"SELECT group_concat(sql||';', '') FROM fresh.sqlite_schema WHERE type='table'"
		" AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
		"SELECT group_concat('INSERT INTO main.\"'||name||'\" SELECT * FROM "
		"fresh.\"'||name||"
		"'\";', '') FROM fresh.sqlite_schema WHERE type='table'"
		" AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
		"SELECT group_concat('DELETE FROM main.\"'||name||'\"; INSERT INTO main.\"'||name||"
		"'\" SELECT * FROM fresh.\"'||name||'\";', '') FROM fresh.sqlite_schema"
		" WHERE name='sqlite_sequence'",
		"SELECT group_concat(sql||';', '') FROM fresh.sqlite_schema"
		" WHERE type<>'table' AND sql IS NOT NULL"};
	struct store *s = m->from;
	sqlite3_stmt *st = NULL;
	int status = store_prepare(s, "ATTACH ?1 AS fresh", &st, err);

	if (status == 0) {
		store_bind(st, 1, str_of(m->fresh));
		status = store_run(s, st, err);
	}
	sqlite3_finalize(st);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && status == 0; i++)
		status = run_text(s, texts[i], err);
	return status;
}

/* Both hold people, and are known to the file from the moment on that it is of the new version. */
static int note_copies(struct moving *m, struct buf *err)
{
	int status = backup_note(m->from, m->backup, err);

	return status < 0 ? status : backup_note(m->from, m->fresh, err);
}

static int move_all(struct moving *m, struct buf *err)
{
	int status = backup_make(m->from, m->backup, err);

	m->kept = status == 0;
	if (status == 0)
		status = build(m, err);
	if (status == 0)
		status = take_place(m, err);
	if (status == 0)
		status = note_copies(m, err);
	if (status == 0)
		status = store_exec(
			m->from, "PRAGMA user_version=" DIGITS(SCHEMA_VERSION) "; COMMIT", err);
	return status;
}

/* Between the two versions the program was changed again and again, and nobody was given it. */
static int check_layout(struct store *s, struct buf *err)
{
	if (store_pragma(s, "SELECT count(*) FROM sqlite_schema WHERE name IN ('run', 'shape')") ==
		0)
		return 0;
	buf_printf(err,
		"%s: made by a program between two versions; have its jlog cat write the records, "
		"and "
		"append them to another file",
		s->path);
	return STORE_ERROR;
}

static int move_forward(struct store *s, struct buf *err)
{
	struct moving m = {.from = s};
	struct buf later = BUF_INIT, path = BUF_INIT;
	char *full = realpath(s->path, NULL);
	int status;

	buf_printf(&path, "%s.v1.bak", full ? full : s->path);
	m.backup = mem_string(path.s);
	buf_clear(&path);
	buf_printf(&path, "%s.migrating", full ? full : s->path);
	m.fresh = mem_string(path.s);
	event_init(&m.ev);
	status = move_all(&m, err);
	if (status < 0) {
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
		if (m.kept)
			backup_unlink(m.backup, &later);
	}
	sqlite3_exec(s->db, "DETACH fresh", NULL, NULL, NULL);
	if (backup_unlink(m.fresh, status == 0 ? err : &later) < 0 && status == 0)
		status = STORE_ERROR;
	if (status == 0)
		status = backup_drop(s, m.fresh, err);
	if (status == 0) {
		s->moved = m.backup;
		m.backup = NULL;
	}
	event_release(&m.ev);
	map_release(&m.names.placeholders);
	free(m.backup);
	free(m.fresh);
	free(full);
	buf_release(&path);
	buf_release(&later);
	return status;
}

int store_migrate(struct store *s, struct buf *err)
{
	int status = store_exec(s, "PRAGMA foreign_keys=OFF; BEGIN IMMEDIATE", err);

	if (status < 0)
		return status;
	/* Another has done it while it was waited for. */
	if (store_pragma(s, "PRAGMA user_version") != 1)
		return store_exec(s, "ROLLBACK", err);
	status = check_layout(s, err);
	if (status == 0)
		return move_forward(s, err);
	sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}
