/*
 * The journey file: one SQLite database that holds the log and what is projected from it.
 * lib/core/store is the only door to SQLite. The log (table event) is append-only, which triggers
 * enforce; sessions and identifiers are interned beside it; who a customer is, and all facts, are
 * projections.
 *
 * Everything returns 0, STORE_ERROR with a reason, or STORE_BUSY when another writer held the file
 * past the wait.
 */
#ifndef CORE_STORE_STORE_H
#define CORE_STORE_STORE_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "core/event.h"
#include "core/ontology.h"

#define STORE_ERROR (-1)
#define STORE_BUSY (-2)
#define STORE_WAIT_DEFAULT 5000 /* ms that a second writer waits */

enum store_mode { STORE_READ, STORE_WRITE, STORE_CREATE };

struct sqlite3;
struct sqlite3_stmt;
struct store;

/* The file to use: `given` when not NULL, else $JTOOLS_DB, else journey.db. Borrowed. */
const char *store_path(const char *given);
/*
 * Opens the file. STORE_CREATE makes it (mode 0600) where it is not there; the others need it. A
 * file that is no journey file, or one of a later version, is an error; one of an earlier version
 * is moved forward where it is opened to be written, and otherwise an error. A file in a folder
 * that cannot be written is read as others do where somebody has it open, and else as it stands:
 * reading is an error then from where it was written to.
 */
int store_open(struct store **out, const char *path, enum store_mode mode, int64_t wait_ms,
	struct buf *err);
/* An empty one in a folder of $TMPDIR that nobody else sees, which is gone with the process. */
int store_temporary(struct store **out, struct buf *err);
/* One with what another one holds, as it was last committed, which is never in a file that has a
 * name. */
int store_temporary_copy(struct store *from, struct store **out, struct buf *err);
void store_close(struct store *s);
struct sqlite3 *store_handle(struct store *s);
/* The path of the backup, where opening it moved the file forward from an earlier version; else
 * NULL. Borrowed. */
const char *store_moved(const struct store *s);
const char *store_name(const struct store *s); /* its path, as messages show it; borrowed */
/* The file itself can be written by us; else projections live in a temporary database of this
 * process. */
bool store_writable(const struct store *s);
/* They do already. */
bool store_aside(const struct store *s);
/* Commits of others are seen; not so where the file is read as it stands. */
bool store_live(const struct store *s);
/* How a run ends: an error where a file that is read as it stands was written to meanwhile, though
 * it was told to nobody; else status as it is. */
int store_overtaken(int status, struct buf *err);
/* Another connection can be had by its name; what a temporary one was called may be another's. */
bool store_named(const struct store *s);
/* From now on many records are added: another thread moves most of what is committed into the file,
 * and memory is kept for names. */
void store_load(struct store *s);
/* From now on commits are not synced each: until store_settle a power cut may take back the last
 * ones, and no others. */
int store_fast(struct store *s, struct buf *err);
/* From now on they are, as in the beginning. */
int store_durable(struct store *s, struct buf *err);
/* All that was committed is on the disk. */
int store_settle(struct store *s, struct buf *err);

int store_begin(struct store *s, struct buf *err); /* a write transaction */
int store_commit(struct store *s, struct buf *err);
int store_commit_or_stay(struct store *s, struct buf *err); /* where it fails: to be rolled back */
void store_rollback(struct store *s);
/* Another number after each commit of others. */
int store_version(struct store *s, int64_t *version, struct buf *err);
/* One snapshot for several reads. */
int store_read_begin(struct store *s, struct buf *err);
void store_read_end(struct store *s);
/*
 * Another connection for reading beside one; *out NULL: it would not see the same (the facts stand
 * beside the file, its name is gone), or the machine has nobody to do the work. Closed by the
 * caller.
 */
void store_open_beside(struct store *s, struct store **out);
/* store_read_begin, of beside (NULL: none) as well. *same: both stand on one snapshot; else beside
 * reads nothing, since others committed all the while. */
int store_read_both(struct store *s, struct store *beside, bool *same, struct buf *err);

/* ---- the log ---- */

/* The bytes of a record that are kept: the line without customer, sequence and recordedtime. */
void store_body(struct buf *out, const struct event *ev);
/* The record as it leaves the log: customer, sequence and recordedtime in front of the kept bytes;
 * no LF. */
void store_record(
	struct buf *out, struct str body, int64_t customer, int64_t seq, int64_t recorded);

/* The customer (its number behind the c) of a record, as known now. */
int store_customer(struct store *s, int64_t session, int64_t ident, int64_t time, int64_t order,
	int64_t seq, int64_t *customer, struct buf *err);

struct store_row {
	int64_t seq, time, order, recorded, session, ident;
	bool erased;	 /* its content is gone: see erase.h */
	struct str body; /* borrowed until the next row */
};

/* Nonzero ends it and is given back; the text of the row is valid during the visit. */
typedef int store_visit(void *ctx, const struct store_row *row, struct buf *err);
/* The record at a sequence, with its labels as of another (INT64_MAX: now), its body copied into
 * `body`; an error where there is none. */
int store_row(struct store *s, int64_t seq, int64_t as_of, struct store_row *out, struct buf *body,
	struct buf *err);
int store_last(struct store *s, int64_t *seq, struct buf *err); /* 0: empty */
/* End of the latest event that is no more than a day after its recordedtime; ms. 0 rows: *ms = 0.
 */
int store_horizon(struct store *s, int64_t *ms, struct buf *err);
int store_begin_time(struct store *s, int64_t *ms, struct buf *err); /* of the earliest event */

/* ---- people ---- */

struct person {
	int64_t ident;	 /* root of its identifiers; 0: a session that names nobody */
	int64_t session; /* where ident is 0 */
};

/* Who a record was about, as known when the log ended at as_of (INT64_MAX: now). */
int store_person(struct store *s, const struct store_row *row, int64_t as_of, struct person *p,
	struct buf *err);
/* Who has the customer number; p->ident and p->session are 0 where nobody has. */
int store_person_by_customer(struct store *s, int64_t customer, struct person *p, struct buf *err);
/* Everybody, by number. Nonzero ends it and is given back. */
int store_people(struct store *s,
	int (*visit)(void *ctx, int64_t customer, const struct person *p, struct buf *err),
	void *ctx, struct buf *err);
int store_person_customer(
	struct store *s, const struct person *p, int64_t *customer, struct buf *err);
/* The records of a person with from < sequence <= as_of, by sequence, with their labels as of then.
 */
int store_person_events(struct store *s, const struct person *p, int64_t from, int64_t as_of,
	store_visit *visit, void *ctx, struct buf *err);
/* What a record changed about who is who, when it was the log's last. */
struct effect {
	bool joined;	/* it joined two people, of whom p came */
	bool took_over; /* it is the first to name somebody in a session that had records */
	bool mixed;  /* its session names more than one person: records of it that name nobody may
			have moved */
	bool parted; /* somebody, not always p, was found to be several people */
};
int store_effect(struct store *s, const struct store_row *row, const struct person *p,
	struct effect *out, struct buf *err);
/* Everybody who is named in a session, as of a sequence; some may come twice. */
int store_session_people(struct store *s, int64_t session, int64_t as_of,
	int (*visit)(void *ctx, const struct person *p), void *ctx, struct buf *err);

struct identifier {
	struct str kind, scope, value;
	bool placeholder, shared; /* names nobody: by the ontology, or since too many have it */
};
/* As known when the log ended at as_of, in the order in which they were named first. */
int store_person_identifiers(struct store *s, const struct person *p, int64_t as_of,
	int (*visit)(void *ctx, const struct identifier *i, struct buf *err), void *ctx,
	struct buf *err);
/* Finds a customer by c-number ("c17", also one from before a join) or by an identifier as
 * identity_find takes it; 0: nobody. STORE_ERROR and why where several are meant. */
int store_find_customer(struct store *s, const char *text, int64_t *customer, struct buf *err);
/* Identifiers that name nobody with how many records named them as such, "email:no@mail", of one
 * source's numbers "crm:unknown@desk/acme", or the value alone where a map said so: placeholders,
 * then those that too many people share. */
int store_nobodies(struct store *s,
	int (*visit)(void *ctx, const char *name, bool shared, int64_t count, struct buf *err),
	void *ctx, struct buf *err);

#endif
