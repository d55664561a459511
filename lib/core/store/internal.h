/* What the files of the store share. Nobody else includes it. */
#ifndef CORE_STORE_INTERNAL_H
#define CORE_STORE_INTERNAL_H

#include "core/store/store.h"

#include <sqlite3.h>

/* Every statement that is kept prepared. */
enum query {
	Q_ADD_EVENT,
	Q_HAVE_KEY,
	Q_LAST,
	Q_ROW,
	Q_SESSION_FIND,
	Q_SESSION_ADD,
	Q_SESSION_GET,
	Q_SESSION_NAME,
	Q_SESSION_MIX,
	Q_IDENT_FIND,
	Q_IDENT_ADD,
	Q_IDENT_GET,
	Q_IDENT_JOIN,
	Q_IDENT_ROOT,
	Q_IDENT_CHILDREN,
	Q_IDENT_SEEN,
	Q_IDENT_GREW,
	Q_MEMBER_ADD,
	Q_MEMBER_SESSIONS,
	Q_SESSION_IDENTS,
	Q_PERSON_ADD,
	Q_PERSON_DROP,
	Q_PERSON_GET,
	Q_TOUCH,
	Q_TOUCH_SESSION,
	Q_SESSION_TOUCHED,
	Q_SESSION_AFTER,
	Q_SESSION_DONE,
	Q_TOUCHED,
	Q_TOUCHED_DONE,
	Q_CUSTOMERS,
	Q_MENTION_ALL,
	Q_MENTION_ADD,
	Q_MENTIONS,
	Q_MENTION_FIRST,
	Q_NEAREST_BEFORE,
	Q_NEAREST_AFTER,
	Q_SESSION_EVENTS,
	Q_SESSION_RUN,
	Q_META_GET,
	Q_META_SET,
	Q_COUNT
};

#define FACT_TABLES 4
#define CACHE_MAX 200000 /* interned names kept in memory */

struct store {
	sqlite3 *db;
	char *path;
	enum store_mode mode;
	bool writable;
	int64_t wait_ms;
	int64_t horizon, first; /* end and begin of the log in event time, as they will be after the
				   transaction */
	int64_t now;		/* sequence of the record being added, or of the last */
	/* Customers and sessions of this transaction, with the sequence that touched them last. */
	struct map touched, touched_sessions;
	bool horizon_moved;
	sqlite3_stmt *q[Q_COUNT], *insert[FACT_TABLES], *remove[FACT_TABLES];
	struct map sessions, idents; /* name -> id, of what is committed or in this transaction */
	struct hash *hash;
	struct buf key;
};

int store_fail(struct store *s,
	struct buf *err); /* the reason of the last SQLite error; STORE_ERROR or STORE_BUSY */
int store_query(
	struct store *s, enum query q, sqlite3_stmt **out, struct buf *err); /* reset, unbound */
int store_exec(struct store *s, const char *sql, struct buf *err);
/* Steps a statement that gives no row, and resets it. */
int store_run(struct store *s, sqlite3_stmt *st, struct buf *err);
/* Steps: 1 a row, 0 done (reset), else an error (reset). */
int store_step(struct store *s, sqlite3_stmt *st, struct buf *err);
struct str store_column(sqlite3_stmt *st, int column);
void store_bind(sqlite3_stmt *st, int at, struct str s);
int store_prepare(struct store *s, const char *sql, sqlite3_stmt **out, struct buf *err);

int store_meta(
	struct store *s, const char *key, struct buf *value, struct buf *err); /* empty: none */
int store_meta_set(struct store *s, const char *key, struct str value, struct buf *err);

/* identity.c */
struct names {
	int64_t *v; /* identifier ids that the record names, placeholders left out */
	size_t n, cap;
};
int identity_session(struct store *s, const struct event *ev, int64_t seq, int64_t first_ident,
	int64_t *id, bool *fresh, struct buf *err);
int identity_names(struct store *s, const struct ontology *o, const struct event *ev, int64_t seq,
	struct names *out, struct buf *err);
int identity_place(struct store *s, int64_t session, bool fresh, const struct names *names,
	int64_t seq, struct buf *err);
/* Touches the people of some sessions that were touched; *more where there may be others. Within a
 * write transaction. */
int identity_expand(struct store *s, bool *more, struct buf *err);

int store_session_events(struct store *s, int64_t session, int64_t from, int64_t as_of,
	store_visit *visit, void *ctx, struct buf *err);
/* Where a record stands in its session. */
struct place {
	int64_t time, order, seq;
};
/* The record at a place, NULL: none at the session's begin, and those behind it up to the next that
 * names somebody. */
int store_session_run(struct store *s, int64_t session, const struct place *at, int64_t from,
	int64_t as_of, store_visit *visit, void *ctx, struct buf *err);

extern const char store_schema[];	/* what is fixed: the log, its interned names */
extern const char store_facts_schema[]; /* what can be dropped and built anew */
extern const char store_facts_temporary[];

/* The customer is to be folded anew; seq: the record that says so. */
int store_touch(struct store *s, int64_t customer, int64_t seq, struct buf *err);
int store_flush_touched(struct store *s, struct buf *err);

#endif
