#include "core/store/frozen.h"
#include "core/store/split.h"
#include "core/store/walfile.h"
#include "core/store/who.h"
#include "base/mem.h"
#include "base/when.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAL_PAGES 16384 /* that gather before they are moved into the file */
#define CACHE_SLOTS ((size_t)1 << 19)
#define WAIT_STEP 2 /* ms between two tries to write */
#define OPENINGS 25 /* tries, beside writers who open and close the file */

const char *store_path(const char *given)
{
	const char *env = getenv("JTOOLS_DB");

	if (given)
		return given;
	return env && *env ? env : "journey.db";
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
 * A file beside which SQLite would have to write where it cannot: read as it stands. Not so where
 * all that its locks need is there and can be read; nor where a writer left records in the
 * write-ahead log, which would be passed over.
 */
static bool must_be_frozen(const char *path)
{
	struct buf wal = BUF_INIT, shm = BUF_INIT;
	struct stat st;
	bool left, shared;

	if (!in_closed_folder(path))
		return false;
	buf_printf(&wal, "%s-wal", path);
	buf_printf(&shm, "%s-shm", path);
	left = stat(wal.s, &st) == 0 && st.st_size > 0;
	shared = access(wal.s, R_OK) == 0 && access(shm.s, R_OK) == 0;
	buf_release(&wal);
	buf_release(&shm);
	return !left && !shared;
}

/* Who cannot write must wait for who does where the index of the write-ahead log is made anew. */
static int await_index(struct store *s)
{
	for (int64_t waited = 0;; waited += WAIT_STEP) {
		int code = sqlite3_exec(s->db, "PRAGMA data_version", NULL, NULL, NULL);
		int why = sqlite3_extended_errcode(s->db);

		if (code == SQLITE_OK || waited >= s->wait_ms ||
			(why != SQLITE_READONLY_RECOVERY && why != SQLITE_READONLY_CANTINIT))
			return code;
		sqlite3_sleep(WAIT_STEP);
	}
}

static int open_as(struct store *s, const char *name)
{
	int flags = s->mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	const char *vfs = s->mode != STORE_READ ? walfile_vfs() : s->frozen ? frozen_vfs() : NULL;
	int code = sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX, vfs);

	if (code == SQLITE_OK)
		sqlite3_busy_handler(s->db, keep_waiting, s);
	if (code == SQLITE_OK && s->mode != STORE_READ)
		walfile_watch(s->db);
	return code;
}

/* The log, since the file was opened. */
static bool is_gone(struct store *s, int code)
{
	return code == SQLITE_CANTOPEN ||
	       (code == SQLITE_READONLY &&
		       sqlite3_extended_errcode(s->db) == SQLITE_READONLY_DIRECTORY);
}

/* Writers come and go, and their log with them. What is read as it stands was whole if there is no
 * log yet once its state has been noted. */
static int open_closed(struct store *s, const char *name)
{
	int code;

	for (int i = 0; i < OPENINGS; i++) {
		s->frozen = must_be_frozen(s->path);
		code = open_as(s, name);
		if (code == SQLITE_OK && !s->frozen)
			code = await_index(s);
		if (s->frozen ? must_be_frozen(s->path) : !is_gone(s, code))
			return code;
		sqlite3_close(s->db);
		sqlite3_sleep(WAIT_STEP);
	}
	s->frozen = false;
	return open_as(s, name);
}

static int open_file(struct store *s, struct buf *err)
{
	struct buf name = BUF_INIT;
	int code;

	/* So that no name is one of SQLite's own (":memory:", "file:..."). */
	buf_printf(&name, "%s%s", s->path[0] == '/' ? "" : "./", s->path);
	/* Nobody asks how much memory SQLite has; and counting it takes a lock each time. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	s->guest = s->mode == STORE_READ && in_closed_folder(s->path);
	code = s->guest ? open_closed(s, name.s) : open_as(s, name.s);
	buf_release(&name);
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

struct store *store_new(const char *path, enum store_mode mode, int64_t wait_ms)
{
	struct store *s = mem_zero(1, sizeof(*s));

	s->path = mem_string(path);
	s->mode = mode;
	s->wait_ms = wait_ms;
	s->hash = hash_new();
	buf_init(&s->plain);
	buf_init(&s->label);
	event_init(&s->labelled);
	event_init(&s->labelling);
	who_init(s);
	identity_init(s);
	split_init(s);
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
	return s;
}

int store_ready(struct store *s, struct buf *err)
{
	int status = check(s, err);

	if (status == 0)
		/* Most of what is read is read once, and few pages stay near the processor; writing
		 * is quicker with many. */
		status = store_exec(s,
			s->mode == STORE_READ ? "PRAGMA cache_size=-2048; PRAGMA temp_store=FILE"
					      : "PRAGMA cache_size=-43008; PRAGMA temp_store=FILE",
			err);
	if (status == 0)
		status = read_secret(s, err);
	if (status == 0 && given_make(s->db, &s->given) != SQLITE_OK)
		status = store_fail(s, err);
	/* Pages that become free are not written over: erasing writes the whole file anew. */
	if (status == 0 && s->mode != STORE_READ)
		status = store_exec(s,
			"PRAGMA secure_delete=FAST; PRAGMA synchronous=FULL; PRAGMA "
			"foreign_keys=OFF; PRAGMA "
			"recursive_triggers=ON; PRAGMA wal_autocheckpoint=" DIGITS(WAL_PAGES),
			err);
	return status;
}

int store_open(struct store **out, const char *path, enum store_mode mode, int64_t wait_ms,
	struct buf *err)
{
	struct store *s;
	int status = prepare_file(path, mode, err);

	*out = NULL;
	if (status < 0)
		return status;
	s = store_new(path, mode, wait_ms);
	s->writable = access(path, W_OK) == 0 && !in_closed_folder(path);
	status = open_file(s, err);
	if (status == 0)
		status = store_ready(s, err);
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
	split_release(s);
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

bool store_aside(const struct store *s)
{
	return s->aside;
}

bool store_live(const struct store *s)
{
	return !s->frozen;
}

bool store_named(const struct store *s)
{
	return !s->nameless;
}

void store_load(struct store *s)
{
	/* Most pages that are written are not asked for again, while names are. */
	sqlite3_exec(s->db, "PRAGMA cache_size=-20480", NULL, NULL, NULL);
	if (!s->mover && !s->nameless)
		s->mover = mover_new(s->db, 2 * WAL_PAGES);
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
	int status;

	if (s->mover)
		mover_step(s->mover, s->db);
	status = run_query(s, Q_BEGIN, err);
	s->horizon_moved = false;
	if (status < 0)
		return status;
	s->writing = true;
	status = store_fresh(s, err);
	if (status == 0 && !s->known)
		status = know(s, err);
	who_trim(s);
	s->begun = s->logged = s->edges.filed = s->now;
	if (status < 0)
		store_rollback(s);
	return status;
}

static int keep_horizon(struct store *s, struct buf *err)
{
	int status = store_meta_keep(s, "horizon", s->horizon, err);

	return status < 0 ? status : store_meta_keep(s, "begin", s->first, err);
}

int store_commit_or_stay(struct store *s, struct buf *err)
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
	s->writing = status < 0;
	return status;
}

int store_commit(struct store *s, struct buf *err)
{
	int status = store_commit_or_stay(s, err);

	if (status < 0)
		store_rollback(s);
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
	s->shared.n = 0;
	split_drop(s);
	ids_clear(&s->touched);
	ids_clear(&s->touched_sessions);
}

int store_read_begin(struct store *s, struct buf *err)
{
	int status = store_exec(s, "BEGIN", err);

	if (status == 0 && s->guest && await_index(s) != SQLITE_OK)
		status = store_fail(s, err);
	return status < 0 ? status : store_fresh(s, err);
}

void store_read_end(struct store *s)
{
	sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
}
