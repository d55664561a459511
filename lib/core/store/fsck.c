#include "core/store/fsck.h"
#include "core/store/erase.h"
#include "core/store/frozen.h"
#include "core/store/internal.h"
#include "core/store/published.h"

static int fault(struct fsck *f, const char *what, int64_t n, const char *why, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status;

	f->faults++;
	if (n >= 0)
		buf_printf(&text, "%s %lld: %s", what, (long long)n, why);
	else
		buf_printf(&text, "%s: %s", what, why);
	status = f->fault(f->ctx, text.s, err);
	buf_release(&text);
	return status;
}

/* ---- SQLite ---- */

/* A page that could not be read is a fault to SQLite's check, also where the file is sound and was
 * written to. */
static int tell_fault(struct store *s, struct fsck *f, const char *what, struct buf *err)
{
	return frozen_written(s->db) ? store_fail(s, err) : fault(f, "file", -1, what, err);
}

static int check_file(struct store *s, struct fsck *f, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = store_prepare(s, "PRAGMA integrity_check", &st, err);

	while (status == 0 && (status = store_step(s, st, err)) == 1)
		status = str_is(store_column(st, 0), "ok")
				 ? 0
				 : tell_fault(s, f, (const char *)sqlite3_column_text(st, 0), err);
	sqlite3_finalize(st);
	return status;
}

/* ---- who is who ---- */

/* Each finds numbers of what is wrong. */
static const struct rule {
	const char *what, *why, *sql;
} rules[] = {
	{"record", "its shape, session or identifier is missing",
		"SELECT seq FROM event e WHERE NOT EXISTS (SELECT 1 FROM shape WHERE id=e.shape)"
		" OR NOT EXISTS (SELECT 1 FROM session WHERE id=e.session)"
		" OR e.ident IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ident WHERE id=e.ident)"},
	{"session", "its first record, or the first that names somebody, is another",
		"WITH e AS (SELECT session, min(seq) AS first,"
		" min(iif(ident IS NULL, NULL, seq)) AS named FROM event GROUP BY session)"
		" SELECT s.id FROM session s LEFT JOIN e ON e.session=s.id"
		" WHERE s.first IS NOT e.first OR s.named IS NOT e.named"},
	{"session", "its person is not the one of the first record that names somebody",
		"SELECT s.id FROM session s LEFT JOIN event e ON e.seq=s.named"
		" WHERE s.ident IS NOT e.ident"},
	{"session", "who else is named in it is not what its records say",
		"WITH e AS (SELECT e.session, e.ident, min(e.seq) AS first FROM event e"
		" JOIN session s ON s.id=e.session WHERE e.ident<>s.ident GROUP BY 1, 2)"
		" SELECT DISTINCT session FROM (SELECT * FROM (SELECT * FROM e EXCEPT"
		" SELECT session, ident, first FROM other) UNION ALL SELECT * FROM"
		" (SELECT session, ident, first FROM other EXCEPT SELECT * FROM e))"},
	{"session", "it is not of several people, or not since that record",
		"SELECT s.id FROM session s LEFT JOIN event e ON e.seq=s.mixed WHERE s.mixed IS "
		"NOT "
		"NULL"
		" AND (e.session IS NOT s.id OR e.ident IS NULL"
		/* One is left of several people where the others were erased. */
		" OR e.ident IS s.ident AND s.mixed<>s.named)"
		/* Or people were parted then who are named in it, or erased records showed it. */
		" AND s.mixed NOT IN (SELECT until FROM was) AND NOT EXISTS"
		" (SELECT 1 FROM lost WHERE what=2 AND id=s.id AND since=s.mixed)"},
	{"session", "it is of several people and does not say so",
		"WITH RECURSIVE up(id, root) AS (SELECT id, id FROM ident WHERE parent IS NULL"
		" UNION ALL SELECT i.id, up.root FROM ident i JOIN up ON i.parent=up.id)"
		" SELECT DISTINCT s.id FROM other o JOIN session s ON s.id=o.session AND s.mixed "
		"IS "
		"NULL"
		" JOIN up a ON a.id=o.ident JOIN up b ON b.id=s.ident WHERE a.root<>b.root"},
	{"record",
		"it is of a session of several people, and not kept among those that name somebody",
		"WITH e AS (SELECT e.session, e.ident, e.time, e.ord, e.seq,"
		" coalesce(i.shared, 9223372036854775807) AS until FROM event e"
		" JOIN session s ON s.id=e.session AND s.mixed IS NOT NULL"
		" JOIN ident i ON i.id=e.ident WHERE e.seq NOT IN (SELECT by FROM label))"
		" SELECT DISTINCT seq FROM (SELECT * FROM (SELECT * FROM e EXCEPT SELECT * FROM "
		"mention)"
		" UNION ALL SELECT * FROM (SELECT * FROM mention EXCEPT SELECT * FROM e))"},
	{"record",
		"it is of a session of several people, and not kept among those that name nobody",
		"WITH e AS (SELECT e.session, e.time, e.ord, e.seq, coalesce(i.shared, 0) AS since"
		" FROM event e JOIN session s ON s.id=e.session AND s.mixed IS NOT NULL"
		" LEFT JOIN ident i ON i.id=e.ident"
		" WHERE (e.ident IS NULL OR i.shared IS NOT NULL)"
		" AND e.seq NOT IN (SELECT by FROM label))"
		" SELECT DISTINCT seq FROM (SELECT * FROM (SELECT * FROM e EXCEPT SELECT * FROM "
		"unnamed)"
		" UNION ALL SELECT * FROM (SELECT * FROM unnamed EXCEPT SELECT * FROM e))"},
	{"identifier", "it is not joined as it should be",
		"SELECT id FROM ident WHERE (parent IS NULL) <> (joined IS NULL)"
		" OR key IS NOT NULL AND (parent IS NOT NULL OR placeholder<>0 OR shared IS NOT "
		"NULL)"
		" OR placeholder NOT IN (0, 1)"
		" OR (placeholder OR shared IS NOT NULL) AND parent IS NOT NULL"
		" OR since NOT IN (SELECT seq FROM event)"
		" OR shared NOT IN (SELECT seq FROM event) OR shared<first"
		" OR joined NOT IN (SELECT seq FROM event)"
		" OR first NOT IN (SELECT seq FROM event)"},
	{"identifier", "its customer's number or how many are joined is another",
		"WITH RECURSIVE up(id, root) AS (SELECT id, id FROM ident WHERE parent IS NULL"
		" UNION ALL SELECT i.id, up.root FROM ident i JOIN up ON i.parent=up.id),"
		" n(root, seq, one) AS ("
		/* Records that named one beside somebody from whom it was parted are not its. */
		"SELECT up.root, iif(EXISTS (SELECT 1 FROM event e JOIN up o ON o.id=e.ident"
		" WHERE e.seq=i.first AND o.root=up.root), i.first, NULL), 1"
		" FROM up JOIN ident i ON i.id=up.id"
		" UNION ALL SELECT up.root, iif(s.mixed IS NULL, s.first, s.named), 0"
		" FROM up JOIN session s ON s.ident=up.id"
		" UNION ALL SELECT up.root, o.first, 0 FROM up JOIN other o ON o.ident=up.id),"
		" r AS (SELECT root, min(seq) AS key, sum(one) AS size FROM n GROUP BY root)"
		" SELECT r.root FROM r JOIN ident i ON i.id=r.root"
		" WHERE i.size<>r.size OR i.placeholder=0 AND i.shared IS NULL AND i.key IS NOT "
		"r.key"},
	{"customer", "the number is not that of an identifier or a session",
		"WITH p AS (SELECT key, id AS ident, 0 AS session FROM ident WHERE key IS NOT NULL"
		" UNION ALL SELECT first, 0, id FROM session s WHERE NOT EXISTS"
		" (SELECT 1 FROM ident WHERE id=s.ident AND shared IS NULL) AND NOT EXISTS"
		" (SELECT 1 FROM other o JOIN ident i ON i.id=o.ident"
		" WHERE o.session=s.id AND i.shared IS NULL))"
		" SELECT DISTINCT key FROM (SELECT * FROM (SELECT * FROM p EXCEPT SELECT * FROM "
		"person)"
		" UNION ALL SELECT * FROM (SELECT * FROM person EXCEPT SELECT * FROM p))"},
	{"identifier", "records name it with another, and they are two people",
		"WITH RECURSIVE up(id, root) AS (SELECT id, id FROM ident WHERE parent IS NULL"
		" UNION ALL SELECT i.id, up.root FROM ident i JOIN up ON i.parent=up.id)"
		" SELECT e.a FROM edge e JOIN up a ON a.id=e.a JOIN up b ON b.id=e.b"
		" JOIN ident i ON i.id=e.a JOIN ident k ON k.id=e.b WHERE e.cut IS NULL"
		" AND i.shared IS NULL AND k.shared IS NULL AND a.root<>b.root"
		" UNION ALL SELECT a FROM edge WHERE a NOT IN (SELECT id FROM ident)"
		" OR b NOT IN (SELECT id FROM ident) OR a=b OR first NOT IN (SELECT seq FROM event)"
		" OR cut NOT IN (SELECT seq FROM event)"},
	{"identifier", "how it stood before cannot be",
		"SELECT ident FROM was w WHERE ident NOT IN (SELECT id FROM ident)"
		" OR until NOT IN (SELECT seq FROM event) OR since>=until OR joined>=until"
		" OR (parent=0)<>(joined=0) OR parent NOT IN (SELECT id FROM ident UNION ALL "
		"SELECT "
		"0)"},
	{"page of an index", "it is of no run",
		"SELECT id FROM run_page WHERE id>>24 NOT IN (SELECT id FROM run)"},
};

/* Of a file in which figures were published; by the beginnings of periods. */
static const struct rule published_rule = {"published figures since",
	"revisions are missing or "
	"rest on records that there are not",
	"SELECT DISTINCT start FROM (SELECT start, count(*) AS n, max(revision) AS last,"
	" max(sequence) AS seq, min(length(definition)) AS digest FROM published"
	" GROUP BY period, zone, start, metric, statistic, dimensions, \"group\")"
	" WHERE n<>last OR digest<>32 OR seq>(SELECT max(seq) FROM event)"};

static int check_rule(struct store *s, struct fsck *f, const struct rule *rule, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = store_prepare(s, rule->sql, &st, err);

	while (status == 0 && (status = store_step(s, st, err)) == 1)
		status = fault(f, rule->what, sqlite3_column_int64(st, 0), rule->why, err);
	sqlite3_finalize(st);
	return status;
}

static int check_rules(struct store *s, struct fsck *f, struct buf *err)
{
	int status = published_there(s) ? check_rule(s, f, &published_rule, err) : 0;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]) && status == 0; i++)
		status = check_rule(s, f, &rules[i], err);
	return status;
}

/* ---- indexes ---- */

/* A record that another log erased goes by the key that it had there. */
static bool erased_elsewhere(struct store *s, int64_t seq, struct str id, struct cache_key *key)
{
	unsigned char bytes[sizeof(*key)];
	struct buf body = BUF_INIT, err = BUF_INIT;
	enum event_fault fault;
	struct store_row row;
	struct event ev;
	bool is = false;

	if (!hash_unhex(id, bytes, sizeof(bytes)))
		return false;
	event_init(&ev);
	/* What cannot be read is told of it where records are verified. */
	if (store_row(s, seq, 0, &row, &body, &err) == 0 &&
		event_read(&ev, row.body, false, &fault, &err) == 0)
		is = erase_key(&ev, key);
	event_release(&ev);
	buf_release(&body);
	buf_release(&err);
	return is;
}

static struct run_entry key_entry(struct store *s, sqlite3_stmt *st)
{
	struct str parts[] = {store_column(st, 1), store_column(st, 2)}, kept = store_column(st, 3);
	struct run_entry e = {0, sqlite3_column_int64(st, 0)};
	struct cache_key key;

	if (sqlite3_column_type(st, 2) != SQLITE_NULL)
		e.key = erased_elsewhere(s, e.seq, parts[1], &key) ? key.a
								   : store_digest(s, parts, 2).a;
	else if (kept.len >= sizeof(e.key))
		memcpy(&e.key, kept.s, sizeof(e.key));
	return e;
}

static struct run_entry number_entry(struct store *s, sqlite3_stmt *st)
{
	(void)s;
	return (struct run_entry){
		runs_spread((uint64_t)sqlite3_column_int64(st, 1)), sqlite3_column_int64(st, 0)};
}

static struct run_entry place_entry(struct store *s, sqlite3_stmt *st)
{
	struct str parts[] = {store_column(st, 1), store_column(st, 2)};

	return (struct run_entry){store_digest(s, parts, 2).a, sqlite3_column_int64(st, 0)};
}

static struct run_entry ident_entry(struct store *s, sqlite3_stmt *st)
{
	struct str value = store_column(st, 1);

	return (struct run_entry){store_digest(s, &value, 1).a, sqlite3_column_int64(st, 0)};
}

/* What each index has to hold. */
static const struct {
	const char *name, *what, *sql;
	struct run_entry (*entry)(struct store *s, sqlite3_stmt *st);
} indexes[RUN_KINDS] = {
	[RUNS_KEY] = {"index of keys", "record",
		"SELECT e.seq, h.source, e.id, e.key FROM event e JOIN shape h ON h.id=e.shape",
		key_entry},
	[RUNS_SESSION] = {"index of sessions", "record", "SELECT seq, session FROM event",
		number_entry},
	[RUNS_PLACE] = {"index of sessions' names", "session",
		"SELECT id, source, name FROM session", place_entry},
	[RUNS_IDENT] = {"index of identifiers", "identifier", "SELECT id, value FROM ident",
		ident_entry},
	[RUNS_MEMBER] = {"index of identifiers' sessions", "session",
		"SELECT id, ident FROM session WHERE ident IS NOT NULL UNION ALL"
		" SELECT session, ident FROM other",
		number_entry},
};

/* A set of entries, each as often as it is in it, told by sums that no order changes. */
struct sum {
	uint64_t n, a, b;
};

static uint64_t mix(uint64_t n)
{
	n ^= n >> 30;
	n *= UINT64_C(0xbf58476d1ce4e5b9);
	n ^= n >> 27;
	n *= UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

static void add_entry(void *ctx, struct run_entry e)
{
	struct sum *sum = ctx;
	uint64_t key = runs_kept(e.key), mixed = mix(key + mix((uint64_t)e.seq));

	sum->n++;
	sum->a += mixed;
	sum->b += mix(mixed ^ key);
}

struct finding {
	int64_t seq;
	size_t times;
};

static int see_entry(void *ctx, size_t i, int64_t seq, struct buf *err)
{
	struct finding *x = ctx;

	(void)i;
	(void)err;
	x->times += seq == x->seq;
	return 0;
}

/* Names what has no entry, or more than one. */
static int name_missing(
	struct store *s, struct fsck *f, enum run_kind kind, sqlite3_stmt *st, struct buf *err)
{
	struct buf why = BUF_INIT;
	int status;

	while ((status = store_step(s, st, err)) == 1) {
		struct run_entry e = indexes[kind].entry(s, st);
		struct finding x = {e.seq, 0};

		status = runs_find(s, kind, &e.key, 1, see_entry, &x, err);
		if (status < 0)
			break;
		buf_clear(&why);
		buf_printf(&why, "the %s has %zu entries of it", indexes[kind].name, x.times);
		if (x.times != 1)
			status = fault(f, indexes[kind].what, e.seq, why.s, err);
		if (status != 0)
			break;
	}
	buf_release(&why);
	return status;
}

static int compare_index(struct store *s, struct fsck *f, enum run_kind kind, struct sum *kept,
	sqlite3_stmt *st, struct buf *err)
{
	struct sum due = {0, 0, 0};
	int status;

	while ((status = store_step(s, st, err)) == 1)
		add_entry(&due, indexes[kind].entry(s, st));
	if (status < 0 || (due.n == kept->n && due.a == kept->a && due.b == kept->b))
		return status;
	status = fault(
		f, indexes[kind].name, -1, "it does not hold an entry of each and no other", err);
	return status ? status : name_missing(s, f, kind, st, err);
}

static int check_index(struct store *s, struct fsck *f, enum run_kind kind, struct buf *err)
{
	struct sum kept = {0, 0, 0};
	sqlite3_stmt *st = NULL;
	const char *odd;
	int status = runs_all(s, kind, add_entry, &kept, &odd, err);

	if (status == 0 && odd)
		status = fault(f, indexes[kind].name, -1, odd, err);
	if (status == 0)
		status = store_prepare(s, indexes[kind].sql, &st, err);
	if (status == 0)
		status = compare_index(s, f, kind, &kept, st, err);
	sqlite3_finalize(st);
	return status;
}

int store_fsck(struct store *s, struct fsck *f, struct buf *err)
{
	int status;

	f->faults = 0;
	status = check_file(s, f, err);
	if (status == 0)
		status = check_rules(s, f, err);
	for (int k = 0; k < RUN_KINDS && status == 0; k++)
		status = check_index(s, f, (enum run_kind)k, err);
	return status;
}
