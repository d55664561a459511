/*
 * Sessions and identifiers as a transaction works with them: read once, changed in memory, written
 * once before the commit. Readers use the same functions; theirs is what is on file.
 */
#ifndef CORE_STORE_WHO_H
#define CORE_STORE_WHO_H

#include "core/store/groups.h"
#include "core/store/internal.h"

struct ident {
	int64_t id, parent, joined, size, key, first;
	int64_t since;	/* the record since which parent and joined hold; 0: since ever */
	int64_t shared; /* the record since which it names nobody; 0: it does */
	uint32_t seen;	/* records of the transaction that name it, where it is a placeholder */
	uint32_t text;	/* of one that is fresh: place of its name among the texts */
	int rank;	/* of its kind, see kinds.h */
	bool placeholder, fresh, dirty;
};

struct session {
	int64_t id, first, ident, named, mixed;
	uint32_t text; /* as above */
	bool fresh, dirty;
};

/* Says that the file is damaged, since it has no such identifier; STORE_ERROR. */
int who_missing(struct store *s, int64_t ident, struct buf *err);
int who_ident(struct store *s, int64_t id, struct ident *out, struct buf *err);
int who_session(struct store *s, int64_t id, struct session *out, struct buf *err);
/* Within a write transaction: what changed, or is new. */
void who_put_ident(struct store *s, const struct ident *i);
void who_put_session(struct store *s, const struct session *in);
/* Gives it its id. What it is called is borrowed until it is written. */
void who_add_ident(
	struct store *s, struct ident *i, struct str kind, struct str scope, struct str value);
void who_add_session(struct store *s, struct session *in, struct str source, struct str name);
/* The customer number is that of an identifier's root, or of a session; or no more anybody's. */
void who_set_person(struct store *s, int64_t key, int64_t ident, int64_t session);
void who_drop_person(struct store *s, int64_t key);
/* Whether it was last said of the number that it is a session's, by what is not written yet. */
bool who_is_session_person(const struct store *s, int64_t key);
/* Writes it all; the numbers of who is there can then be asked of the file. */
int who_flush(struct store *s, struct buf *err);
void who_init(struct store *s);
void who_release(struct store *s);
void who_forget(struct store *s);
int who_begin(struct store *s, struct buf *err);
void who_trim(
	struct store *s); /* before a transaction: what is kept in memory stays within bounds */

/* Whether the name with this number is that of the group: g->id is set where it is. */
typedef int who_is(void *ctx, struct group *g, int64_t id, struct buf *err);
/*
 * Gives names, which are sorted, the numbers that they have on file, read by `from`: s, or another
 * connection. before: names that have theirs and may not be on file for that one yet; or NULL.
 */
int who_resolve(struct store *s, struct store *from, enum run_kind kind, struct groups *groups,
	const struct groups *before, who_is *is, void *ctx, struct buf *err);
/* Whether it is called so: 1, and its row as it is on file; 0. */
int who_is_ident(struct store *s, int64_t id, struct str kind, struct str scope, struct str value,
	struct ident *out, struct buf *err);
int who_is_session(struct store *s, int64_t id, struct str source, struct str name,
	struct session *out, struct buf *err);

/* ---- ahead: who_ahead.c ---- */

/*
 * Rows that were read for their names, or will be asked for, perhaps by another connection. Those
 * that are kept in memory are newer, and may not be kept any more when a transaction begins: only
 * others are noted.
 */
struct who_rows {
	struct ids idents, sessions;
	struct names ident_want,
		session_want; /* for who_read_wanted; a number may be twice there */
};
void who_rows_init(struct who_rows *rows);
void who_rows_clear(struct who_rows *rows);
void who_rows_release(struct who_rows *rows);
/* Its number as a group has it: negative where it is nobody's by what is known of it now. */
int64_t who_note_ident(const struct store *s, struct who_rows *rows, const struct ident *i);
void who_note_session(const struct store *s, struct who_rows *rows, const struct session *in);
/* Those of which only the number is known; 0 for none. */
void who_want_ident(const struct store *s, struct who_rows *rows, int64_t id);
void who_want_session(const struct store *s, struct who_rows *rows, int64_t id);
/* Reads those that are wanted, from `from`, and whom sessions are of and identifiers lie below. */
int who_read_wanted(
	const struct store *s, struct store *from, struct who_rows *rows, struct buf *err);
void who_remember(struct store *s, const struct who_rows *rows); /* within a transaction */

#endif
