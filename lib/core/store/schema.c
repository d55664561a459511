#include "core/store/internal.h"
#include "core/store/pack.h"

/*
 * The fixed part. event is the log. shape, session and ident intern what comes again; parent,
 * joined, size, key, named and mixed are the projection of who is who, kept in append's own
 * transaction: a union-find forest whose every link knows the sequence that made it, so that what
 * was known at any position can still be asked for.
 */
const char store_schema[] =
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE shape(" /* what records of one make have in common */
	" id INTEGER PRIMARY KEY, text TEXT NOT NULL, source TEXT NOT NULL, type TEXT NOT NULL,"
	" channel TEXT NOT NULL, direction TEXT NOT NULL, actor TEXT NOT NULL,"
	" UNIQUE(text, source, type, channel, direction, actor)) STRICT;"
	"CREATE TABLE event("
	" seq INTEGER PRIMARY KEY," /* position, from 1, without gaps */
	" time INTEGER NOT NULL,"   /* ms since the epoch, UTC */
	" ord INTEGER NOT NULL,"    /* data.order: the tie-break among equal times */
	" recorded INTEGER NOT NULL,"
	" shape INTEGER NOT NULL REFERENCES shape(id),"
	" session INTEGER NOT NULL REFERENCES session(id),"
	" ident INTEGER REFERENCES ident(id)," /* the strongest that it names, or NULL */
	" id TEXT, data TEXT,"		       /* what fills the shape; id NULL: erased */
	" salt BLOB,"			       /* 16 bytes; NULL: erased */
	" leaf BLOB NOT NULL,"		       /* SHA-256(0, salt, the record) */
	" key BLOB) STRICT;" /* of an erased record: what tells it again, and its id */
	"CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN"
	" SELECT RAISE(ABORT, 'the log is append-only: no record is changed'); END;"
	"CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN"
	" SELECT RAISE(ABORT, 'the log is append-only: no record is removed'); END;"
	"CREATE TRIGGER event_no_replace BEFORE INSERT ON event"
	" WHEN NEW.seq <= (SELECT max(seq) FROM event) BEGIN"
	" SELECT RAISE(ABORT, 'the log is append-only: no record is replaced'); END;"
	/* Records whose labels a later record, of type labelled, replaced. */
	"CREATE TABLE label(seq INTEGER NOT NULL, by INTEGER NOT NULL, PRIMARY KEY(seq, by)) "
	"STRICT,"
	" WITHOUT ROWID;"
	/* The tree over the leaves: see tree.h. */
	"CREATE TABLE tile(n INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;"
	"CREATE TABLE tree(id INTEGER PRIMARY KEY CHECK(id=1), size INTEGER NOT NULL,"
	" peaks BLOB NOT NULL) STRICT;"
	/* The indexes of keys and of sessions: see runs.h. */
	"CREATE TABLE run(id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, entries "
	"INTEGER NOT NULL,"
	" pages INTEGER NOT NULL) STRICT;"
	"CREATE TABLE run_page(id INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT;"
	"CREATE TABLE session("
	" id INTEGER PRIMARY KEY, source TEXT NOT NULL, name TEXT NOT NULL,"
	" first INTEGER NOT NULL," /* sequence of its first record */
	" ident INTEGER,"	   /* who was named first in it */
	" named INTEGER,"	   /* sequence of the record that did */
	" mixed INTEGER) STRICT;"  /* sequence since which it is of several people */
	"CREATE TABLE ident("
	" id INTEGER PRIMARY KEY, kind TEXT NOT NULL, scope TEXT NOT NULL, value TEXT NOT NULL,"
	" first INTEGER NOT NULL," /* sequence of the first record that names it */
	" placeholder INTEGER NOT NULL, records INTEGER NOT NULL,"
	" parent INTEGER, joined INTEGER,"     /* same person as parent since the record joined */
	" size INTEGER NOT NULL, key INTEGER," /* of a root: members, and the customer's number */
	" since INTEGER,"		       /* parent and joined hold since; before, see was */
	" shared INTEGER,"		  /* since this record it names nobody: too many have it */
	" rank INTEGER NOT NULL) STRICT;" /* of its kind, 1: tells people apart best */
	"CREATE INDEX ident_parent ON ident(parent, joined) WHERE parent IS NOT NULL;"
	"CREATE INDEX ident_nobody ON ident(id) WHERE placeholder=1 OR shared IS NOT NULL;"
	/* How identifiers stood for sequences from since on and before until. */
	"CREATE TABLE was(ident INTEGER NOT NULL, until INTEGER NOT NULL, since INTEGER NOT NULL,"
	" parent INTEGER NOT NULL, joined INTEGER NOT NULL, PRIMARY KEY(ident, until)) STRICT,"
	" WITHOUT ROWID;"
	"CREATE INDEX was_parent ON was(parent);"
	"CREATE INDEX was_until ON was(until);"
	/* What records name together, the weaker kind first; cut: by a record identity.unlinked. */
	"CREATE TABLE edge(a INTEGER NOT NULL, b INTEGER NOT NULL, first INTEGER NOT NULL,"
	" cut INTEGER, PRIMARY KEY(a, b)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX edge_b ON edge(b);"
	/* What erased records had shown, and what is left does not: 1, an identifier is shared; 2,
	 * a session is of several people. */
	"CREATE TABLE lost(what INTEGER NOT NULL, id INTEGER NOT NULL, since INTEGER NOT NULL,"
	" PRIMARY KEY(what, id)) STRICT, WITHOUT ROWID;"
	/* Who else a session names; session.ident is the first. */
	"CREATE TABLE other(session INTEGER NOT NULL, ident INTEGER NOT NULL, first INTEGER NOT "
	"NULL,"
	" PRIMARY KEY(session, ident)) STRICT, WITHOUT ROWID;"
	/* The records of mixed sessions: those that name somebody, and those that are theirs. */
	"CREATE TABLE mention(session INTEGER NOT NULL, ident INTEGER NOT NULL, time INTEGER NOT "
	"NULL,"
	" ord INTEGER NOT NULL, seq INTEGER NOT NULL,"
	" until INTEGER NOT NULL," /* the record since which it names nobody; 2^63-1: it does */
	" PRIMARY KEY(session, ident, time, ord, seq)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX mention_time ON mention(session, until, time, ord, seq);"
	"CREATE TABLE unnamed(session INTEGER NOT NULL, time INTEGER NOT NULL, ord INTEGER NOT "
	"NULL,"
	" seq INTEGER NOT NULL, since INTEGER NOT NULL," /* as of which it is */
	" PRIMARY KEY(session, time, ord, seq)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE person(key INTEGER PRIMARY KEY, ident INTEGER, session INTEGER) STRICT;"
	"CREATE TABLE touched(customer INTEGER PRIMARY KEY, mark INTEGER NOT NULL) STRICT;"
	"CREATE TABLE touched_session(" /* whose people are to be touched; up to which identifier
					   they are */
	" session INTEGER PRIMARY KEY, mark INTEGER NOT NULL, after INTEGER NOT NULL DEFAULT 0) "
	"STRICT;"
	"CREATE VIEW v_identity AS"
	" WITH RECURSIVE up(id, root) AS (SELECT id, id FROM ident WHERE parent IS NULL"
	" UNION ALL SELECT i.id, up.root FROM ident i JOIN up ON i.parent = up.id)"
	" SELECT 'c' || r.key AS customer, i.kind, i.scope, i.value, i.first, i.placeholder,"
	" i.shared"
	" FROM up JOIN ident i ON i.id = up.id JOIN ident r ON r.id = up.root;";

void store_view_sql(struct buf *sql)
{
	buf_puts(sql, "CREATE VIEW v_event AS ");
	pack_sql(sql);
}
