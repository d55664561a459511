#include "core/store/internal.h"

/*
 * The fixed part. event is the log. session and ident intern names; parent, joined, size, key,
 * named and mixed are the projection of who is who, kept in append's own transaction: a union-find
 * forest whose every link knows the sequence that made it, so that what was known at any position
 * can still be asked for.
 */
const char store_schema[] =
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE event("
	" seq INTEGER PRIMARY KEY," /* position, from 1, without gaps */
	" time INTEGER NOT NULL,"   /* ms since the epoch, UTC */
	" ord INTEGER NOT NULL,"    /* data.order: the tie-break among equal times */
	" recorded INTEGER NOT NULL,"
	" session INTEGER NOT NULL REFERENCES session(id),"
	" ident INTEGER REFERENCES ident(id)," /* the first person named, or NULL */
	" key BLOB NOT NULL,"	       /* the first 16 bytes of SHA-256 over source and id */
	" body TEXT NOT NULL) STRICT;" /* the record as it was taken */
	"CREATE UNIQUE INDEX event_key ON event(key);"
	"CREATE INDEX event_session ON event(session, time, ord);"
	"CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN"
	" SELECT RAISE(ABORT, 'the log is append-only: no record is changed'); END;"
	"CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN"
	" SELECT RAISE(ABORT, 'the log is append-only: no record is removed'); END;"
	"CREATE TRIGGER event_no_replace BEFORE INSERT ON event"
	" WHEN NEW.seq <= (SELECT max(seq) FROM event)"
	" OR EXISTS (SELECT 1 FROM event WHERE key = NEW.key) BEGIN"
	" SELECT RAISE(ABORT, 'the log is append-only: no record is replaced'); END;"
	"CREATE TABLE session("
	" id INTEGER PRIMARY KEY, source TEXT NOT NULL, name TEXT NOT NULL,"
	" first INTEGER NOT NULL," /* sequence of its first record */
	" ident INTEGER,"	   /* who was named first in it */
	" named INTEGER,"	   /* sequence of the record that did */
	" mixed INTEGER,"	   /* sequence of the first record that named somebody else */
	" UNIQUE(source, name)) STRICT;"
	"CREATE TABLE ident("
	" id INTEGER PRIMARY KEY, kind TEXT NOT NULL, scope TEXT NOT NULL, value TEXT NOT NULL,"
	" first INTEGER NOT NULL," /* sequence of the first record that names it */
	" placeholder INTEGER NOT NULL, records INTEGER NOT NULL,"
	" parent INTEGER, joined INTEGER,"     /* same person as parent since the record joined */
	" size INTEGER NOT NULL, key INTEGER," /* of a root: members, and the customer's number */
	" UNIQUE(kind, value, scope)) STRICT;"
	"CREATE INDEX ident_parent ON ident(parent, joined) WHERE parent IS NOT NULL;"
	"CREATE TABLE member(ident INTEGER NOT NULL, session INTEGER NOT NULL, first INTEGER NOT "
	"NULL,"
	" PRIMARY KEY(ident, session)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX member_session ON member(session);"
	/* The records of mixed sessions that name somebody: the others there are theirs. */
	"CREATE TABLE mention(session INTEGER NOT NULL, ident INTEGER NOT NULL, time INTEGER NOT "
	"NULL,"
	" ord INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(session, ident, time, ord, seq)) "
	"STRICT, WITHOUT ROWID;"
	"CREATE INDEX mention_time ON mention(session, time, ord, seq);"
	"CREATE TABLE person(key INTEGER PRIMARY KEY, ident INTEGER, session INTEGER) STRICT;"
	"CREATE TABLE touched(customer INTEGER PRIMARY KEY, mark INTEGER NOT NULL) STRICT;"
	"CREATE TABLE touched_session(" /* whose people are to be touched; up to which identifier
					   they are */
	" session INTEGER PRIMARY KEY, mark INTEGER NOT NULL, after INTEGER NOT NULL DEFAULT 0) "
	"STRICT;"
	"CREATE VIEW v_event AS SELECT e.seq, e.time, e.recorded, s.source, s.name AS session, "
	"e.body"
	" FROM event e JOIN session s ON s.id = e.session;"
	"CREATE VIEW v_identity AS"
	" WITH RECURSIVE up(id, root) AS (SELECT id, id FROM ident WHERE parent IS NULL"
	" UNION ALL SELECT i.id, up.root FROM ident i JOIN up ON i.parent = up.id)"
	" SELECT 'c' || r.key AS customer, i.kind, i.scope, i.value, i.first, i.placeholder"
	" FROM up JOIN ident i ON i.id = up.id JOIN ident r ON r.id = up.root;";
