/*
 * Of the files that erase: what is a customer's in the log, gathered before anything is changed.
 * Nobody else includes it.
 */
#ifndef CORE_STORE_ERASE_HERS_H
#define CORE_STORE_ERASE_HERS_H

#include "core/store/erase.h"
#include "core/store/forest.h"

/* erase_hold.c: the records that place holds and release them, in order; those that place; and
 * those that name who came to be shared since. */
struct erase_marks {
	struct seqs all, placed, passed;
	bool read;
};
/* Into an empty one; reads every record. */
int erase_marks_read(struct store *s, struct erase_marks *out, struct buf *err);
void erase_marks_release(struct erase_marks *m); /* empty, after it */
/*
 * Of such records of one customer, in order, the last hold that stands; 0: none does. A release
 * ends the holds of her who it was of then: others whom she was joined to later keep theirs.
 */
int erase_standing(struct store *s, const struct seqs *marks, const struct seqs *placed,
	int64_t *hold, struct buf *err);
/* Adds to the marks of a customer those that are hers as one whom a shared identifier had joined.
 */
int erase_passed(struct store *s, const struct erase_marks *m, int64_t customer,
	struct erase_marks *out, struct buf *err);
/* erase_holds by these records. */
int erase_held(struct store *s, const struct erase_marks *m, erase_hold_visit *visit, void *ctx,
	struct buf *err);

/*
 * Which records of those beside whom somebody is erased name others than those beside: read once
 * for all who are erased together, as long as nobody else writes to the file; and so are the holds.
 */
struct erasing {
	struct store *s;
	int64_t version;     /* see store_version */
	struct map factless; /* customers whose facts were dropped: there are none since */
	struct map read;     /* identifiers whose records were */
	struct map named;    /* digest of a name -> place of the last record that has it, and 1 */
	struct naming {
		int64_t seq;
		size_t before; /* place of the one before it of this name, and 1 */
	} * v;
	size_t n, cap;
	struct erase_marks marks;
};
/* Within a transaction, first: forgets what is out of date. */
int erasing_fresh(struct erasing *e, struct buf *err);
static inline struct str naming_key(const struct cache_key *name)
{
	return (struct str){(const char *)name, sizeof(*name)};
}

/* A session that records of hers are in. */
struct hers_session {
	int64_t id, first, last, fresh;
	bool whole;	     /* all that is in it goes */
	bool others;	     /* records that go are others', in part */
	char *source, *name; /* of the fresh one */
};

struct hers {
	struct store *s;
	struct erasing *e;
	int64_t customer;
	int64_t number; /* that she has once she is erased, where an identifier named her */
	struct person who;
	struct seqs seqs; /* to be erased, in order */
	int64_t erased;
	int64_t named;		       /* records of others that name her, and stay */
	struct hers_session *sessions; /* in the order of their first record to be erased */
	size_t session_n, session_cap;
	struct map session_of;	   /* id -> place and 1 */
	struct names idents, kept; /* hers, and those of an earlier erasure */
	int64_t anonymous;
	char key[ERASE_KEY + 1];
	int64_t first, last;
	struct erase_marks own; /* that hold her, or release her */
	int64_t hold;
	struct names held; /* customers, once a record of others could go */
	bool held_read;
	struct event ev;
	struct buf body, data, shape;
};

/* Release with hers_release, whatever comes of it. */
void hers_init(struct hers *h, struct erasing *e, int64_t customer);
void hers_release(struct hers *h);
/* Within a transaction. */
int hers_gather(struct hers *h, struct buf *err);
/* Whether a record is to be erased; once they are gathered. */
bool hers_has(const struct hers *h, int64_t seq);
/* The one of her sessions that has this number. */
struct hers_session *hers_session_of(const struct hers *h, int64_t session);

struct ident_text {
	struct str kind, scope, value; /* borrowed until st is reset */
	sqlite3_stmt *st;
};
/* Reset st when it has been looked at. */
int hers_ident_text(struct store *s, int64_t id, struct ident_text *out, struct buf *err);
/* The digest that a name of a record has by batch_name_key. */
int hers_ident_key(struct store *s, int64_t id, struct cache_key *out, struct buf *err);

/* A record is to be erased. */
struct hers_session *hers_take(struct hers *h, int64_t session, int64_t seq);

/* erase_naming.c: the records of those beside, in order, that name one of the digests, which are
 * the map's keys; others may be among them. */
int naming_find(struct hers *h, const struct names *beside, const struct map *digests,
	struct seqs *out, struct buf *err);

/* erase_beside.c: identifiers that records name beside some, each once, in order. */
int erase_edges(struct store *s, const struct names *of, struct names *out, struct buf *err);
/* Those beside her who are not her, in order. */
int hers_beside(struct hers *h, struct names *out, struct buf *err);
/* Takes those records of others that say but that she is one with them, or is not, once her own are
 * gathered, and where no hold keeps them; counts the others in which she is named. */
int hers_named(struct hers *h, struct buf *err);

/* erase_traces.c: within the write transaction. Facts of her, under any number that she had, and of
 * those who share sessions with her: they may have been folded when records of hers were theirs. */
int hers_drop_facts(struct hers *h, struct buf *err);
/* Of the record in ev, which goes: since when identifiers that it names are shared. */
int hers_keep_shared(struct hers *h, struct buf *err);
/* Her identifiers, and her sessions or her part in them, once her records are others'. By the file
 * alone: what is known of it in memory is not kept up. */
int hers_drop_traces(struct hers *h, struct buf *err);

#endif
