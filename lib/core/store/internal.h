/* What the files of the store share. Nobody else includes it. */
#ifndef CORE_STORE_INTERNAL_H
#define CORE_STORE_INTERNAL_H

#include "core/kinds.h"
#include "core/store/cache.h"
#include "core/store/digest.h"
#include "core/store/given.h"
#include "core/store/ids.h"
#include "core/store/mover.h"
#include "core/store/runs.h"
#include "core/store/store.h"
#include "core/store/tree.h"

#include <sqlite3.h>

#define APPLICATION_ID 0x6a746c67 /* "jtlg" */

/* Of event e; for store_fill. */
#define ROW_COLUMNS "e.seq,e.time,e.ord,e.recorded,e.session,e.ident,e.shape,e.id,e.data,e.key"

/* Every statement that is kept prepared. */
enum query {
	Q_BEGIN,
	Q_COMMIT,
	Q_VERSION,
	Q_ADD_EVENTS,
	Q_LAST,
	Q_ROW,
	Q_LABEL,
	Q_LABEL_ADD,
	Q_LABELS,
	Q_LABELS_OF,
	Q_LABELLED,
	Q_ROW_NAMES,
	Q_SHAPE_FIND,
	Q_SHAPE_ADD,
	Q_SHAPE_TEXT,
	Q_RUNS,
	Q_RUN_ADD,
	Q_RUN_DROP,
	Q_RUN_PAGE,
	Q_RUN_PAGE_ADD,
	Q_RUN_PAGE_PUT,
	Q_RUN_PAGE_SET,
	Q_RUN_PAGE_DROP,
	Q_RUN_PAGES_DROP,
	Q_SESSIONS_ADD,
	Q_SESSION_GET,
	Q_SESSION_TEXT,
	Q_SESSION_SET,
	Q_IDENT_TEXT,
	Q_IDENTS_ADD,
	Q_IDENT_GET,
	Q_IDENT_SET,
	Q_IDENT_CHILDREN,
	Q_IDENT_GREW,
	Q_WAS,
	Q_WAS_ADD,
	Q_PARTED,
	Q_EDGE,
	Q_EDGES_ADD,
	Q_EDGE_SET,
	Q_EDGES,
	Q_EVENT_IDENT,
	Q_EVENT_SESSION,
	Q_EVENT_SET_IDENT,
	Q_LAST_SESSION,
	Q_LAST_IDENT,
	Q_OTHER_ADD,
	Q_OTHER,
	Q_SESSION_IDENTS,
	Q_PERSONS_ADD,
	Q_PERSON_DROP,
	Q_PERSON_GET,
	Q_TOUCH,
	Q_TOUCH_SESSION,
	Q_SESSION_TOUCHED,
	Q_SESSION_AFTER,
	Q_SESSION_DONE,
	Q_TAIL,
	Q_TOUCHED,
	Q_TOUCHED_DONE,
	Q_TOUCHED_STILL,
	Q_MENTION_ADD,
	Q_MENTION_END,
	Q_MENTION_UNTIL,
	Q_UNNAMED_ADD,
	Q_UNNAMED_TAKE,
	Q_UNNAMED,
	Q_MENTIONS,
	Q_NEAREST_BEFORE,
	Q_NEAREST_AFTER,
	Q_TREE,
	Q_TREE_SET,
	Q_TILE,
	Q_TILE_ADD,
	Q_LEAF,
	Q_META_GET,
	Q_META_SET,
	Q_META_DROP,
	Q_PLACE_PUT,
	Q_COUNT
};

#define SCHEMA_VERSION 2 /* of the layout: schema.c, facts_schema.c; older ones: migrate.c */
#define DIGITS_OF(n) #n
#define DIGITS(n) DIGITS_OF(n)

#define FACTS_VERSION 11 /* of the facts' tables, which are made anew where it is another */
#define FACT_TABLES 16
#define SALT_SIZE 16
#define SHAPE_PARTS 6 /* its text, source, type, channel, direction, actor */
#define TEXTS 1024    /* interned texts kept in memory */
#define EPOCHS 4096

/* Texts by number, of which some are kept. */
struct texts {
	struct {
		int64_t id;
		struct buf text;
	} v[TEXTS];
};

/* Entries of the transaction that are in no run yet, of each kind in the order in which they came.
 */
struct pending {
	struct run_entry *v;
	size_t n, cap;
	uint32_t *next; /* place of the one before it in its chain, and 1 */
	size_t next_cap;
	uint32_t *head; /* place and 1, by the first bits of the key; made when first needed */
	size_t chained; /* entries that are in chains */
};

/* See who.h. */
struct who {
	struct ids sessions, idents, persons;
	struct seqs changed_sessions, changed_idents; /* places of what is dirty */
	const void **fresh; /* those of it that are not on file yet, while they are added */
	size_t fresh_n, fresh_cap;
	struct str *text; /* what those are called, one after the other */
	size_t text_n, text_cap;
	int64_t last_session, last_ident;
};

struct names {
	int64_t *v; /* identifier ids that the record names, placeholders left out */
	size_t n, cap;
};

/* Two identifiers that records name together: the weaker and the stronger; of equals the later and
 * the earlier. */
struct edge {
	int64_t a, b;
	int64_t first, cut; /* the records that did so first and that parted them, or 0 */
	size_t before;	    /* of those that are yet to be added: the place of the last with the
			       same a, and 1 */
};

struct edges {
	struct edge *v;
	size_t n, cap;
	struct ids last; /* place of the last by its a, and 1 */
	int64_t filed;	 /* identifiers that came after this record have none on file */
};

/* Of the identifiers that a record names. */
enum said {
	SAID_SEEN,   /* together */
	SAID_LINKED, /* to be one person */
	SAID_APART,  /* that the first is not the others */
	SAID_LABELS  /* nothing: it labels a record, and is of whom that one is */
};
/* Since when an identifier is shared. */
struct shared_since {
	int64_t ident, since;
};

enum said batch_said(struct str type); /* what a record of the type says */

typedef int store_pay(void *ctx, struct buf *err);

struct store {
	sqlite3 *db;
	char *path;
	char *moved; /* see store_moved */
	enum store_mode mode;
	bool writable, frozen; /* frozen: read as it stands */
	bool guest;	       /* we read, and may not write beside it */
	bool aside;	       /* its facts are this connection's alone */
	bool nameless;	       /* no other connection reaches it */
	bool passing;	       /* it is gone with the process, and its facts are read once */
	int64_t wait_ms;
	int64_t horizon, first; /* end and begin of the log in event time, as they will be after the
				   transaction */
	int64_t now;		/* sequence of the record being added, or of the last */
	/* Customers and sessions of this transaction, with the sequence that touched them last. */
	struct ids touched, touched_sessions;
	int unguarded;		   /* how many have turned the triggers off */
	bool horizon_moved, known; /* known: where the next transaction begins */
	sqlite3_stmt *q[Q_COUNT], *insert[FACT_TABLES], *remove[FACT_TABLES], *have[FACT_TABLES],
		*stale;
	/* Of what is committed or in this transaction: ids by the digest of names, and settled:
	 * that a session with some identifiers changes nothing any more. */
	struct cache sessions, idents, shapes, settled;
	uint32_t epochs[EPOCHS]; /* by the last bits of a session: part of the key of `settled` */
	struct texts session_texts, shape_texts;
	const struct owners *owners; /* who knows the names of sessions; NULL: the file alone */
	struct runs runs;
	struct pending pending[RUN_KINDS];
	struct tree tree;
	struct who who;
	struct kinds kinds;  /* by which people are joined */
	bool ruled;	     /* they are on file */
	struct names shared; /* identifiers that turned out to be, since the caller looked */
	struct edges edges;  /* that are yet to be added */
	/* While who is who is derived anew: since when some are shared, who are so neither before
	 * nor by what is left in the log; else NULL. */
	const struct ids *known_shared;
	store_pay *owed; /* see store_owe */
	void *owed_to;
	struct given given; /* the rows of the statement at hand */
	bool writing;	    /* a write transaction is open */
	int64_t logged;	    /* the log's last sequence when the transaction began */
	int64_t begun;	    /* the last sequence of which what is known is on file */
	bool labels; /* some records have other labels than they came with; within a transaction */
	struct event labelled, labelling; /* for putting them on */
	struct buf plain, label;
	int64_t version; /* of the file as the caches and runs know it; -1: not at all */
	unsigned char secret[SECRET_SIZE];
	struct mover *mover;	  /* NULL: what is committed is moved as it comes */
	struct digester digester; /* of the thread that has the file */
	struct hash *hash;
};

/* A part of somebody's text. */
struct span {
	uint32_t at, len;
};
static inline struct str span_of(const char *text, struct span s)
{
	return (struct str){text + s.at, s.len};
}

/* The digest of some names by the file's secret. */
struct cache_key store_digest(struct store *s, const struct str *parts, size_t n);
int store_shape_id(struct store *s, struct cache_key key, const struct str parts[SHAPE_PARTS],
	int64_t *id, struct buf *err);
/* Whether the record at seq is of this source and id; of an erased one its key says so. */
int store_names(struct store *s, int64_t seq, struct str source, struct str id,
	struct cache_key key, bool *same, struct buf *err);
/* The attributes that the log puts before a record's own, without the customer; begins the object.
 * What follows the sequence is made once for all records of one time. */
void store_stamp(struct buf *out, int64_t recorded);
void store_head(struct buf *out, int64_t seq, struct str stamp);
/* The record `by` says what labels another has from then on. */
int store_label(struct store *s, int64_t seq, int64_t by, struct buf *err);
/* A record that lies at `time` and ends at `end` was added. */
void store_see(struct store *s, int64_t time, int64_t end, int64_t recorded);
/* Makes what is known of the file that of the transaction at hand. */
int store_fresh(struct store *s, struct buf *err);

/* What store_open makes: one without a file; and, once its file is open, what is known of it. */
struct store *store_new(const char *path, enum store_mode mode, int64_t wait_ms);
int store_ready(struct store *s, struct buf *err);
int store_fail(struct store *s,
	struct buf *err); /* the reason of the last SQLite error; STORE_ERROR or STORE_BUSY */
int store_fail_of(sqlite3 *db, const char *path, struct buf *err); /* of another connection */
int store_query(
	struct store *s, enum query q, sqlite3_stmt **out, struct buf *err); /* reset, unbound */
/* The number in the first column of the row that a kept statement gives. */
int store_number(struct store *s, enum query q, int64_t *out, struct buf *err);
/* Turns the triggers that keep the log as it is off for this connection, until each who did has
 * turned them on again. Statements are prepared anew then. */
void store_unguard(struct store *s);
void store_guard(struct store *s);
int store_exec(struct store *s, const char *sql, struct buf *err);
/* Steps a statement that gives no row, and resets it. */
int store_run(struct store *s, sqlite3_stmt *st, struct buf *err);
/* Runs a statement that reads the table of given rows. */
int store_give(struct store *s, enum query q, const struct given *rows, struct buf *err);
int store_give_to(struct store *s, sqlite3_stmt *st, const struct given *rows, struct buf *err);
/* What is yet to be written is written, by pay, before any other statement runs; NULL: nothing is.
 */
void store_owe(struct store *s, store_pay *pay, void *ctx);
int store_paid(struct store *s, struct buf *err); /* does so */
/* Steps: 1 a row, 0 done (reset), else an error (reset). */
int store_step(struct store *s, sqlite3_stmt *st, struct buf *err);
/* The row of a query by one number: 1 it is there, to be reset when it has been looked at; 0. */
int store_get(struct store *s, enum query q, int64_t n, sqlite3_stmt **out, struct buf *err);
/* The number that a query, which may take one, gives; 0 where it gives none. */
int store_one_number(struct store *s, const char *sql, int64_t a, int64_t *out, struct buf *err);
/* Runs a statement with up to three numbers. */
int store_change(
	struct store *s, const char *sql, int64_t a, int64_t b, int64_t c, struct buf *err);
/* Adds the numbers that a query gives. */
int store_numbers(struct store *s, const char *sql, struct seqs *out, struct buf *err);
int store_by_number(const void *a, const void *b); /* for qsort and bsearch of them */
size_t store_once(int64_t *v, size_t n);	   /* sorts them, each once; how many are left */
/* Whether a number is among some that are sorted. */
bool store_has(const int64_t *sorted, size_t n, int64_t number);
struct str store_column(sqlite3_stmt *st, int column);
void store_bind(sqlite3_stmt *st, int at, struct str s);
int store_prepare(struct store *s, const char *sql, sqlite3_stmt **out, struct buf *err);

int store_meta(
	struct store *s, const char *key, struct buf *value, struct buf *err); /* empty: none */
int store_meta_set(struct store *s, const char *key, struct str value, struct buf *err);
/* Values that are numbers. */
int store_meta_number(
	struct store *s, const char *key, int64_t otherwise, int64_t *out, struct buf *err);
int store_meta_keep(struct store *s, const char *key, int64_t n, struct buf *err);
/* was (may be NULL): there was such a key. */
int store_meta_drop(struct store *s, const char *key, bool *was, struct buf *err);
/* The number that a pragma, or a query, gives; -1: none. */
int64_t store_pragma(struct store *s, const char *sql);
/* A file, or a folder's names, are on the disk; what is not there needs no more. */
int store_sync(const char *path, struct buf *err);
/* Moves a file of version 1 forward; opened to be written, and nothing is known of it yet. */
int store_migrate(struct store *s, struct buf *err);

/* identity.c */
void identity_init(struct store *s);
/* Puts the strongest first; among equals they stay as they stand. */
int identity_order(struct store *s, struct names *names, struct buf *err);
/* A record of a session (fresh: it began it) was added: people are named, joined and told apart.
 * names: the strongest first. */
int identity_place(struct store *s, int64_t session, bool fresh, struct names *names,
	enum said said, int64_t seq, struct buf *err);
/* Has what identity_place will look at fetched, of a session (0: not known yet) and the one whom a
 * record of it names (0: nobody, or several). */
void identity_expect(const struct store *s, int64_t session, int64_t ident);
/* Whether a record of the session with these names (in any order) changes nothing, as is known from
 * one before it. */
bool identity_is_settled(const struct store *s, int64_t session, const struct names *names);
/* Touches the people of some sessions that were touched; *more where there may be others. Within a
 * write transaction. */
int identity_expand(struct store *s, bool *more, struct buf *err);

/* A row of ROW_COLUMNS with the labels that it has now, its body put together in `body`. */
int store_fill(struct store *s, sqlite3_stmt *st, struct store_row *row, struct buf *body,
	struct buf *err);
/* The sequences of a person's records with from < sequence <= as_of, in no order. */
int identity_seqs(struct store *s, const struct person *p, int64_t from, int64_t as_of,
	struct seqs *out, struct buf *err);
/* Those of one session that are hers, as known now. */
int identity_session_seqs(struct store *s, int64_t session, const struct person *p,
	struct seqs *out, struct buf *err);
/* Rows of the records with these sequences, in their order. */
int store_visit_seqs(struct store *s, const struct seqs *seqs, int64_t as_of, store_visit *visit,
	void *ctx, struct buf *err);

/* Nothing that is known by number or name is any more: the file has been changed past it. */
void store_forget(struct store *s);
/* Writes the file anew without what is free in it. Outside of any transaction, as the next. */
int store_rewrite(struct store *s, struct buf *err);
/* Empties the write-ahead log; readers keep what they read in it, and are waited for. done: what is
 * done all the same where one stays. */
int store_empty_wal(struct store *s, const char *done, struct buf *err);
/* Removes a customer's facts of every generation. */
int facts_forget(struct store *s, int64_t customer, struct buf *err);
void facts_finish(struct store *s); /* with the statements that are kept about them */

extern const char store_schema[];      /* what is fixed: the log, its interned names */
void store_view_sql(struct buf *sql);  /* and the view of it that every shell reads */
void store_facts_sql(struct buf *sql); /* what can be dropped and built anew: makes it */
void store_facts_drop_sql(struct buf *sql);
/* The same in the temporary database, which stands before the file's own. */
void store_facts_temporary_sql(struct buf *sql);
/* The views alone, over the tables of alone_table.h. */
void store_facts_alone_sql(struct buf *sql);
const char *facts_table(size_t i);
/* All but the generation and the customer, as they are declared. */
const char *facts_columns(size_t i);
#define FACT_KEY 5 /* columns at most */
/* The numbers of the columns by which the rows of one customer are in order. */
size_t facts_key(size_t i, size_t out[FACT_KEY]);
extern const char store_published_schema[]; /* what is made with the first published figure */

/* The customer is to be folded anew; seq: the record that says so. */
int store_touch(struct store *s, int64_t customer, int64_t seq, struct buf *err);
int store_flush_touched(struct store *s, struct buf *err);

#endif
