#include "core/store/who.h"
#include "base/mem.h"
#include "base/when.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID 0x6a746c67 /* "jtlg" */
#define WAL_PAGES 16384		  /* that gather before they are moved into the file */
#define CACHE_SLOTS ((size_t)1 << 19)
#define WAIT_STEP 2 /* ms between two tries to write */

static const char *const query_text[Q_COUNT] = {
	[Q_BEGIN] = "BEGIN IMMEDIATE",
	[Q_COMMIT] = "COMMIT",
	[Q_VERSION] = "PRAGMA data_version",
	/* OR FAIL: else what a statement of many rows changed would be kept beside, to be undone.
	 */
	[Q_ADD_EVENTS] =
		"INSERT OR FAIL INTO event(seq,time,ord,recorded,shape,session,ident,id,data,"
		"salt,leaf) SELECT c0,c1,c2,c3,c4,c5,c6,c7,c8,c9,c10 FROM given",
	[Q_LAST] = "SELECT coalesce(max(seq),0) FROM event",
	[Q_ROW] = "SELECT " ROW_COLUMNS " FROM event e WHERE seq=?1",
	[Q_LABEL] = "SELECT max(by) FROM label WHERE seq=?1 AND by<=?2",
	[Q_LABEL_ADD] = "INSERT INTO label(seq,by) VALUES(?1,?2)",
	[Q_LABELS] = "SELECT EXISTS (SELECT 1 FROM label)",
	[Q_ROW_NAMES] = "SELECT e.id, e.key, h.source FROM event e JOIN shape h ON h.id=e.shape"
			" WHERE e.seq=?1",
	[Q_SHAPE_FIND] = "SELECT id FROM shape WHERE text=?1 AND source=?2 AND type=?3 AND "
			 "channel=?4 AND direction=?5 AND actor=?6",
	[Q_SHAPE_ADD] = "INSERT INTO shape(text,source,type,channel,direction,actor)"
			" VALUES(?1,?2,?3,?4,?5,?6)",
	[Q_SHAPE_TEXT] = "SELECT text, source FROM shape WHERE id=?1",
	[Q_RUNS] = "SELECT id,kind,entries,pages FROM run",
	[Q_RUN_ADD] = "INSERT INTO run(kind,entries,pages) VALUES(?1,?2,?3)",
	[Q_RUN_DROP] = "DELETE FROM run WHERE id=?1",
	[Q_RUN_PAGE] = "SELECT entries FROM run_page WHERE id=?1",
	[Q_RUN_PAGE_ADD] = "INSERT INTO run_page(id,entries) VALUES(?1,?2)",
	[Q_RUN_PAGE_PUT] = "INSERT OR REPLACE INTO run_page(id,entries) VALUES(?1,?2)",
	[Q_RUN_PAGE_SET] = "UPDATE run_page SET entries=?2 WHERE id=?1",
	[Q_RUN_PAGE_DROP] = "DELETE FROM run_page WHERE id=?1",
	[Q_RUN_PAGES_DROP] = "DELETE FROM run_page WHERE id>=?1 AND id<?2",
	[Q_SESSIONS_ADD] = "INSERT OR FAIL INTO session(id,source,name,first,ident,named,mixed)"
			   " SELECT c0,c1,c2,c3,c4,c5,c6 FROM given",
	[Q_SESSION_TEXT] = "SELECT name, source FROM session WHERE id=?1",
	[Q_SESSION_GET] =
		"SELECT first, ident, named, mixed, name, source FROM session WHERE id=?1",
	[Q_SESSION_SET] = "UPDATE session SET ident=?2, named=?3, mixed=?4 WHERE id=?1",
	[Q_IDENT_TEXT] = "SELECT kind, scope, value, placeholder, shared FROM ident WHERE id=?1",
	[Q_IDENTS_ADD] = "INSERT OR FAIL INTO ident(id,kind,scope,value,first,placeholder,records,"
			 "parent,joined,size,key,since,shared,rank)"
			 " SELECT c0,c1,c2,c3,c4,c5,c6,c7,c8,c9,c10,c11,c12,c13 FROM given",
	[Q_IDENT_GET] = "SELECT parent, joined, size, key, first, placeholder, kind, scope, value,"
			" since, shared, rank FROM ident WHERE id=?1",
	[Q_IDENT_SET] = "UPDATE ident SET parent=?2, joined=?3, size=?4, key=?5,"
			" records=records+?6, since=?7, shared=?8 WHERE id=?1",
	[Q_LAST_SESSION] = "SELECT coalesce(max(id),0) FROM session",
	[Q_LAST_IDENT] = "SELECT coalesce(max(id),0) FROM ident",
	[Q_IDENT_CHILDREN] =
		"SELECT id FROM ident WHERE parent=?1 AND joined<=?2 AND coalesce(since,0)<=?2"
		" UNION ALL SELECT ident FROM was WHERE parent=?1 AND joined<=?2 AND since<=?2"
		" AND until>?2",
	[Q_WAS] =
		"SELECT parent, joined FROM was WHERE ident=?1 AND until>?2 ORDER BY until LIMIT 1",
	[Q_WAS_ADD] = "INSERT INTO was(ident,until,since,parent,joined) VALUES(?1,?2,?3,?4,?5)",
	[Q_PARTED] = "SELECT 1 FROM was WHERE until=?1 LIMIT 1",
	[Q_EDGE] = "SELECT cut FROM edge WHERE a=?1 AND b=?2",
	[Q_EDGES_ADD] = "INSERT OR FAIL INTO edge(a,b,first,cut) SELECT c0,c1,c2,c3 FROM given",
	[Q_EDGE_SET] = "UPDATE edge SET cut=?3 WHERE a=?1 AND b=?2",
	[Q_EDGES] = "SELECT b, first FROM edge WHERE a=?1 AND cut IS NULL",
	[Q_EVENT_SET_IDENT] = "UPDATE event SET ident=?2 WHERE seq=?1",
	[Q_EVENT_SESSION] = "SELECT session FROM event WHERE seq=?1",
	[Q_EVENT_IDENT] = "SELECT ident FROM event WHERE seq=?1",
	[Q_IDENT_GREW] = "SELECT 1 FROM ident WHERE parent=?1 AND joined=?2 LIMIT 1",
	[Q_OTHER_ADD] = "INSERT OR IGNORE INTO other(session,ident,first) VALUES(?1,?2,?3)",
	[Q_OTHER] = "SELECT first FROM other WHERE session=?1 AND ident=?2",
	[Q_SESSION_IDENTS] =
		"SELECT ident FROM session WHERE id=?1 AND ident>?2 UNION"
		" SELECT ident FROM other WHERE session=?1 AND ident>?2 ORDER BY 1 LIMIT ?3",
	[Q_PERSONS_ADD] =
		"INSERT OR REPLACE INTO person(key,ident,session) SELECT c0,c1,c2 FROM given",
	[Q_PERSON_DROP] = "DELETE FROM person WHERE key=?1",
	[Q_PERSON_GET] = "SELECT ident, session FROM person WHERE key=?1",
	[Q_TOUCH] = "INSERT INTO touched(customer, mark) VALUES(?1,?2)"
		    " ON CONFLICT(customer) DO UPDATE SET mark=max(mark, excluded.mark)",
	[Q_TOUCH_SESSION] =
		"INSERT INTO touched_session(session, mark) VALUES(?1,?2)"
		" ON CONFLICT(session) DO UPDATE SET mark=max(mark, excluded.mark), after=0",
	[Q_SESSION_TOUCHED] = "SELECT session, mark, after FROM touched_session LIMIT 1",
	[Q_SESSION_AFTER] = "UPDATE touched_session SET after=?2 WHERE session=?1",
	[Q_SESSION_DONE] = "DELETE FROM touched_session WHERE session=?1",
	[Q_TAIL] = "SELECT seq,session,ident,time,ord FROM event WHERE seq>?1 ORDER BY seq LIMIT "
		   "?2",
	[Q_TOUCHED] = "SELECT customer, mark FROM touched WHERE customer>?1 ORDER BY customer"
		      " LIMIT ?2",
	[Q_TOUCHED_STILL] = "SELECT 1 FROM touched WHERE customer=?1",
	[Q_TOUCHED_DONE] = "DELETE FROM touched WHERE customer=?1 AND mark=?2",
	/* Live mentions end at no sequence; those of what is shared at the one since which it is.
	 */
	[Q_MENTION_ADD] = "INSERT INTO mention(session,ident,time,ord,seq,until)"
			  " SELECT session,?2,time,ord,seq,?3 FROM event WHERE seq=?1",
	[Q_MENTION_END] = "UPDATE mention SET until=?3 WHERE session=?1 AND ident=?2",
	[Q_MENTION_UNTIL] = "SELECT min(until) FROM mention WHERE session=?1 AND until>?2",
	[Q_UNNAMED_ADD] = "INSERT INTO unnamed(session,time,ord,seq,since)"
			  " SELECT session,time,ord,seq,?2 FROM event WHERE seq=?1",
	[Q_UNNAMED_TAKE] = "INSERT INTO unnamed(session,time,ord,seq,since)"
			   " SELECT session,time,ord,seq,?3 FROM mention WHERE session=?1 AND "
			   "ident=?2",
	[Q_UNNAMED] = "SELECT seq FROM unnamed WHERE session=?1 AND (time,ord,seq)>(?2,?3,?4)"
		      " AND (time,ord,seq)<(?5,?6,?7) AND seq<=?8 AND since<=?8",
	[Q_MENTIONS] = "SELECT time,ord,seq FROM mention WHERE session=?1 AND ident=?2 AND seq<=?3"
		       " AND (until>?3 OR until=9223372036854775807)",
	[Q_NEAREST_BEFORE] =
		"SELECT time,ord,seq,ident FROM mention WHERE session=?1 AND until=?6 AND seq<=?5"
		" AND (time,ord,seq)<(?2,?3,?4) ORDER BY time DESC, ord DESC, seq DESC LIMIT 1",
	[Q_NEAREST_AFTER] = "SELECT time,ord,seq,ident FROM mention WHERE session=?1 AND until=?6 "
			    "AND seq<=?5"
			    " AND (time,ord,seq)>(?2,?3,?4) ORDER BY time, ord, seq LIMIT 1",
	[Q_TREE] = "SELECT size, peaks FROM tree WHERE id=1",
	[Q_TREE_SET] = "INSERT OR REPLACE INTO tree(id,size,peaks) VALUES(1,?1,?2)",
	[Q_TILE] = "SELECT hash FROM tile WHERE n=?1",
	[Q_TILE_ADD] = "INSERT INTO tile(n,hash) VALUES(?1,?2)",
	[Q_LEAF] = "SELECT leaf, salt FROM event WHERE seq=?1",
	[Q_META_GET] = "SELECT value FROM meta WHERE key=?1",
	[Q_META_SET] = "INSERT OR REPLACE INTO meta(key,value) VALUES(?1,?2)",
	[Q_META_DROP] = "DELETE FROM meta WHERE key=?1",
	[Q_PLACE_PUT] = "INSERT INTO meta(key,value) VALUES(?1,?2) ON CONFLICT(key) DO UPDATE"
			" SET value=excluded.value"
			" WHERE CAST(value AS INTEGER)<CAST(excluded.value AS INTEGER)",
};

const char *store_path(const char *given)
{
	const char *env = getenv("JTOOLS_DB");

	if (given)
		return given;
	return env && *env ? env : "journey.db";
}

int store_query(struct store *s, enum query q, sqlite3_stmt **out, struct buf *err)
{
	int status = store_paid(s, err);

	if (status < 0)
		return status;
	if (!s->q[q] && sqlite3_prepare_v3(s->db, query_text[q], -1, SQLITE_PREPARE_PERSISTENT,
				&s->q[q], NULL) != SQLITE_OK)
		return store_fail(s, err);
	*out = s->q[q];
	return 0;
}

/* SQLite gives up at once here where another is doing the same, whatever its busy timeout. */
static int to_wal(struct store *s, struct buf *err)
{
	const int pause = 10;
	int code;

	for (int64_t waited = 0;; waited += pause) {
		code = sqlite3_exec(s->db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
		if ((code & 0xff) != SQLITE_BUSY || waited >= s->wait_ms)
			return code == SQLITE_OK ? 0 : store_fail(s, err);
		sqlite3_sleep(pause);
	}
}

static int make_secret(struct store *s, struct buf *err)
{
	unsigned char secret[SECRET_SIZE];
	struct buf hex = BUF_INIT;
	int status;

	random_bytes(secret, sizeof(secret));
	hash_hex(&hex, secret, sizeof(secret));
	status = store_meta_set(s, "secret", buf_str(&hex), err);
	buf_release(&hex);
	return status;
}

static int read_secret(struct store *s, struct buf *err)
{
	struct buf hex = BUF_INIT;
	int status = store_meta(s, "secret", &hex, err);

	if (status == 0 && !hash_unhex(buf_str(&hex), s->secret, sizeof(s->secret))) {
		buf_printf(err, "%s: damaged: it has no secret", s->path);
		status = STORE_ERROR;
	}
	buf_release(&hex);
	if (status == 0)
		digester_init(&s->digester, s->secret);
	return status;
}

struct cache_key store_digest(struct store *s, const struct str *parts, size_t n)
{
	return digest(&s->digester, parts, n);
}

static int make_schema(struct store *s, struct buf *err)
{
	struct buf sql = BUF_INIT;
	int status;

	buf_printf(&sql, "PRAGMA application_id=%d; PRAGMA user_version=%d;", APPLICATION_ID,
		SCHEMA_VERSION);
	status = store_exec(s, sql.s, err);
	if (status == 0)
		status = store_exec(s, store_schema, err);
	if (status == 0)
		status = make_secret(s, err);
	buf_clear(&sql);
	store_facts_sql(&sql);
	store_view_sql(&sql);
	if (status == 0)
		status = store_exec(s, sql.s, err);
	buf_release(&sql);
	return status;
}

/* In one transaction, so that two that create at once make one. */
static int create(struct store *s, struct buf *err)
{
	int status = to_wal(s, err);

	if (status == 0)
		status = store_exec(s, "BEGIN IMMEDIATE", err);
	if (status < 0)
		return status;
	if (store_pragma(s, "PRAGMA user_version") == 0)
		status = make_schema(s, err);
	if (status == 0)
		status = store_exec(s, "COMMIT", err);
	if (status < 0)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}

static int other_version(struct store *s, int64_t version, struct buf *err)
{
	if (version > SCHEMA_VERSION)
		buf_printf(err,
			"%s: made by a later version (its layout is %lld, this program knows %d)",
			s->path, (long long)version, SCHEMA_VERSION);
	else if (s->mode != STORE_READ)
		return store_migrate(s, err);
	else
		buf_printf(err,
			"%s: made by an earlier version: any command that writes, or jlog migrate, "
			"moves it forward (a backup is kept)",
			s->path);
	return STORE_ERROR;
}

static int check(struct store *s, struct buf *err)
{
	int64_t version, tables;
	int status = store_exec(s, "SELECT count(*) FROM sqlite_schema", err);

	if (status < 0)
		return status;
	/* In this order: another may be making the schema at this moment. */
	tables = store_pragma(s, "SELECT count(*) FROM sqlite_schema");
	version = store_pragma(s, "PRAGMA user_version");
	if (version == 0 && tables == 0 && s->mode == STORE_CREATE)
		return create(s, err);
	if (store_pragma(s, "PRAGMA application_id") != APPLICATION_ID) {
		buf_printf(err, "%s: not a journey file", s->path);
		return STORE_ERROR;
	}
	return version == SCHEMA_VERSION ? 0 : other_version(s, version, err);
}

static bool in_closed_folder(const char *path)
{
	struct buf dir = BUF_INIT;
	const char *slash = strrchr(path, '/');
	bool closed;

	buf_add(&dir, path, slash ? (size_t)(slash - path + 1) : 0);
	closed = access(dir.len ? dir.s : ".", W_OK) != 0;
	buf_release(&dir);
	return closed;
}

/*
 * A file beside which SQLite would have to write (WAL) where it cannot: read as it stands. Not so
 * where a writer left records in the write-ahead log, which would be passed over.
 */
static bool must_be_immutable(const char *path)
{
	struct buf wal = BUF_INIT;
	struct stat st;
	bool left;

	if (!in_closed_folder(path))
		return false;
	buf_printf(&wal, "%s-wal", path);
	left = stat(wal.s, &st) == 0 && st.st_size > 0;
	buf_release(&wal);
	return !left;
}

static int open_file(struct store *s, struct buf *err)
{
	int flags = s->mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	struct buf plain = BUF_INIT, uri = BUF_INIT;
	int code;

	/* So that no name is one of SQLite's own (":memory:", "file:..."). */
	buf_printf(&plain, "%s%s", s->path[0] == '/' ? "" : "./", s->path);
	for (const char *p = plain.s; *p; p++)
		buf_printf(&uri, strchr("?#%", *p) ? "%%%02x" : "%c", (unsigned char)*p);
	/* Nobody asks how much memory SQLite has; and counting it takes a lock each time. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	code = sqlite3_open_v2(plain.s, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK && s->mode == STORE_READ && must_be_immutable(s->path)) {
		struct buf full = BUF_INIT;

		sqlite3_close(s->db);
		s->frozen = true;
		buf_printf(&full, "file:%s%s?immutable=1", s->path[0] == '/' ? "//" : "", uri.s);
		code = sqlite3_open_v2(
			full.s, &s->db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
		buf_release(&full);
	}
	buf_release(&plain);
	buf_release(&uri);
	return code == SQLITE_OK ? 0 : store_fail(s, err);
}

static int prepare_file(const char *path, enum store_mode mode, struct buf *err)
{
	struct stat st;
	int fd;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		buf_printf(err, "%s: %s", path, strerror(EISDIR));
		return STORE_ERROR;
	}
	if (mode != STORE_CREATE) {
		if (access(path, mode == STORE_READ ? R_OK : R_OK | W_OK) != 0) {
			buf_printf(err, "%s: %s", path, strerror(errno));
			return STORE_ERROR;
		}
		return 0;
	}
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		buf_printf(err, "%s: %s", path, strerror(errno));
		return STORE_ERROR;
	}
	close(fd);
	return 0;
}

/* SQLite's own waits grow to a tenth of a second, and would miss the gaps that a busy writer
 * leaves. */
static int keep_waiting(void *ctx, int times)
{
	const struct store *s = ctx;

	if (times * (int64_t)WAIT_STEP >= s->wait_ms)
		return 0;
	sqlite3_sleep(WAIT_STEP);
	return 1;
}

int store_open(struct store **out, const char *path, enum store_mode mode, int64_t wait_ms,
	struct buf *err)
{
	struct store *s;
	int status = prepare_file(path, mode, err);

	*out = NULL;
	if (status < 0)
		return status;
	s = mem_zero(1, sizeof(*s));
	s->path = mem_string(path);
	s->mode = mode;
	s->wait_ms = wait_ms;
	s->writable = access(path, W_OK) == 0 && !in_closed_folder(path);
	s->hash = hash_new();
	buf_init(&s->plain);
	buf_init(&s->label);
	event_init(&s->labelled);
	event_init(&s->labelling);
	who_init(s);
	identity_init(s);
	s->version = -1;
	s->runs = (struct runs){.page = BUF_INIT};
	cache_init(&s->sessions, CACHE_SLOTS);
	cache_init(&s->idents, CACHE_SLOTS);
	cache_init(&s->settled, CACHE_SLOTS);
	cache_init(&s->shapes, CACHE_SLOTS >> 6);
	for (int i = 0; i < TEXTS; i++) {
		buf_init(&s->session_texts.v[i].text);
		buf_init(&s->shape_texts.v[i].text);
	}
	status = open_file(s, err);
	if (status == 0) {
		sqlite3_busy_handler(s->db, keep_waiting, s);
		status = check(s, err);
	}
	if (status == 0)
		/* Most of what is read is read once, and few pages stay near the processor; writing
		 * is quicker with many. */
		status = store_exec(s,
			mode == STORE_READ ? "PRAGMA cache_size=-2048; PRAGMA temp_store=FILE"
					   : "PRAGMA cache_size=-65536; PRAGMA temp_store=FILE",
			err);
	if (status == 0)
		status = read_secret(s, err);
	if (status == 0 && given_make(s->db, &s->given) != SQLITE_OK)
		status = store_fail(s, err);
	if (status == 0 && mode != STORE_READ)
		status = store_exec(s,
			"PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF; PRAGMA "
			"recursive_triggers=ON; PRAGMA wal_autocheckpoint=" DIGITS(WAL_PAGES),
			err);
	if (status < 0) {
		store_close(s);
		return status;
	}
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (int i = 0; i < Q_COUNT; i++)
		sqlite3_finalize(s->q[i]);
	facts_finish(s);
	mover_free(s->mover);
	sqlite3_close(s->db);
	for (int i = 0; i < TEXTS; i++) {
		buf_release(&s->session_texts.v[i].text);
		buf_release(&s->shape_texts.v[i].text);
	}
	cache_release(&s->sessions);
	cache_release(&s->idents);
	cache_release(&s->settled);
	cache_release(&s->shapes);
	runs_release(&s->runs);
	tree_release(&s->tree);
	for (int i = 0; i < RUN_KINDS; i++) {
		free(s->pending[i].v);
		free(s->pending[i].next);
		free(s->pending[i].head);
	}
	who_release(s);
	free(s->shared.v);
	free(s->edges.v);
	ids_release(&s->touched);
	ids_release(&s->touched_sessions);
	hash_free(s->hash);
	digester_release(&s->digester);
	buf_release(&s->plain);
	buf_release(&s->label);
	event_release(&s->labelled);
	event_release(&s->labelling);
	free(s->moved);
	free(s->path);
	free(s);
}

struct sqlite3 *store_handle(struct store *s)
{
	return s->db;
}

const char *store_moved(const struct store *s)
{
	return s->moved;
}

const char *store_name(const struct store *s)
{
	return s->path;
}

bool store_writable(const struct store *s)
{
	return s->writable;
}

bool store_live(const struct store *s)
{
	return !s->frozen;
}

void store_move_beside(struct store *s)
{
	if (!s->mover)
		s->mover = mover_new(s->db, WAL_PAGES);
}

int store_fast(struct store *s, struct buf *err)
{
	return store_exec(s, "PRAGMA synchronous=NORMAL", err);
}

int store_durable(struct store *s, struct buf *err)
{
	return store_exec(s, "PRAGMA synchronous=FULL", err);
}

int store_sync(const char *path, struct buf *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), status = 0;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fdatasync(fd) < 0) {
		buf_printf(err, "%s: %s", path, strerror(errno));
		status = STORE_ERROR;
	}
	if (fd >= 0)
		close(fd);
	return status;
}

int store_settle(struct store *s, struct buf *err)
{
	struct buf wal = BUF_INIT;
	int status = store_exec(s, "PRAGMA synchronous=FULL", err);

	buf_printf(&wal, "%s-wal", s->path);
	/* What is in the file already was synced as it went there. */
	if (status == 0)
		status = store_sync(wal.s, err);
	buf_release(&wal);
	/* Others may hold back what can be moved; it is on the disk as it is. */
	if (status == 0)
		sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return status;
}

void store_forget(struct store *s)
{
	cache_clear(&s->sessions);
	cache_clear(&s->idents);
	cache_clear(&s->settled);
	cache_clear(&s->shapes);
	who_forget(s);
	tree_forget(&s->tree);
	s->known = false;
	for (int i = 0; i < TEXTS; i++)
		s->session_texts.v[i].id = s->shape_texts.v[i].id = 0;
}

static int look_for_labels(struct store *s, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = store_query(s, Q_LABELS, &st, err);

	if (status == 0)
		status = store_step(s, st, err);
	if (status < 0)
		return status;
	s->labels = sqlite3_column_int(st, 0) != 0;
	sqlite3_reset(st);
	return 0;
}

/* The rules by which people are joined; none in a log that nothing was appended to. */
static int read_kinds(struct store *s, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status = store_meta(s, "identity", &text, err);

	s->ruled = text.len > 0;
	if (status == 0 && !kinds_read(&s->kinds, buf_str(&text))) {
		buf_printf(err, "%s: damaged: its rules of identity cannot be read", s->path);
		status = STORE_ERROR;
	}
	buf_release(&text);
	return status;
}

int store_version(struct store *s, int64_t *version, struct buf *err)
{
	return store_number(s, Q_VERSION, version, err);
}

int store_fresh(struct store *s, struct buf *err)
{
	int64_t version = 0;
	int status = store_version(s, &version, err);

	if (status < 0 || version == s->version)
		return status;
	store_forget(s);
	status = runs_load(s, err);
	if (status == 0)
		status = look_for_labels(s, err);
	if (status == 0)
		status = read_kinds(s, err);
	s->version = status == 0 ? version : -1;
	return status;
}

static int run_query(struct store *s, enum query q, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = store_query(s, q, &st, err);

	return status < 0 ? status : store_run(s, st, err);
}

/* Where a transaction begins: what the last one left, where no other has written since. */
static int know(struct store *s, struct buf *err)
{
	int status = who_begin(s, err);

	if (status == 0)
		status = store_horizon(s, &s->horizon, err);
	if (status == 0)
		status = store_begin_time(s, &s->first, err);
	if (status == 0)
		status = store_last(s, &s->now, err);
	s->known = status == 0;
	return status;
}

int store_begin(struct store *s, struct buf *err)
{
	int status = run_query(s, Q_BEGIN, err);

	s->horizon_moved = false;
	if (status < 0)
		return status;
	s->writing = true;
	status = store_fresh(s, err);
	if (status == 0 && !s->known)
		status = know(s, err);
	who_trim(s);
	s->begun = s->logged = s->now;
	if (status < 0)
		store_rollback(s);
	return status;
}

static int keep_horizon(struct store *s, struct buf *err)
{
	int status = store_meta_keep(s, "horizon", s->horizon, err);

	return status < 0 ? status : store_meta_keep(s, "begin", s->first, err);
}

int store_commit(struct store *s, struct buf *err)
{
	int status = s->horizon_moved ? keep_horizon(s, err) : 0;

	if (status == 0)
		status = store_flush_touched(s, err);
	if (status == 0)
		status = who_flush(s, err);
	if (status == 0)
		status = runs_flush(s, err);
	if (status == 0)
		status = tree_flush(s, err);
	if (status == 0)
		status = run_query(s, Q_COMMIT, err);
	if (status < 0)
		store_rollback(s);
	s->writing = false;
	return status;
}

void store_rollback(struct store *s)
{
	sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	store_forget(s);
	s->version = -1;
	s->writing = false;
	runs_pend_none(s);
	runs_release(&s->runs);
	s->shared.n = s->edges.n = 0;
	ids_clear(&s->touched);
	ids_clear(&s->touched_sessions);
}

int store_read_begin(struct store *s, struct buf *err)
{
	int status = store_exec(s, "BEGIN", err);

	return status < 0 ? status : store_fresh(s, err);
}

void store_read_end(struct store *s)
{
	sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
}
