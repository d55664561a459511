/* What the files of the batches share. Nobody else includes it. */
#ifndef CORE_STORE_BATCH_PART_H
#define CORE_STORE_BATCH_PART_H

#include "core/store/batch.h"
#include "core/store/groups.h"
#include "core/store/internal.h"
#include "core/store/who.h"

#define RECENT 16384 /* names whose places are found without a digest; a power of two */

struct shape {
	int64_t id; /* 0: not known yet */
	struct cache_key key;
	struct span parts[SHAPE_PARTS];
};

/* An identifier that records name; in the order of its group. */
struct name {
	struct span kind, scope, value;
	int rank; /* of its kind, see kinds.h; 0: not known yet */
	enum { NOT_ASKED, SOMEBODY, NOBODY } is;
};

struct taken {
	struct cache_key key;
	struct span line, body, id, source, session, data;
	uint32_t group;		  /* of the session */
	int64_t time, order, end; /* end: of a call, else its time */
	uint32_t shape, names, names_n;
	uint32_t label;	     /* place of the labelled record that came of it, and 1 */
	uint32_t relabelled; /* place of the labelled record about it, and 1 */
	enum said said;	     /* of its identifiers */
	bool note;	     /* see erase_note */
	int64_t foreseen;    /* sequence that its leaf was made for, or 0 */
	int64_t shape_id;    /* once it is added */
	int64_t customer;    /* see batch_customers; or 0 */
	struct store_added out;
};

/* Whether the ontology says that it names nobody: looked for where it is new, or asked for. */
bool batch_nobody(const struct batch *b, struct name *n);

/* What was named last with some hash: its parts, and where it stands in a batch. */
struct recent {
	uint32_t batch, place;
	struct span parts[3];
};

/* What a record gives that is looked for among them: an identifier, or its session. */
struct asked {
	struct str parts[3];
	struct recent *at;
	bool digested;
	struct cache_key key; /* once it is digested */
};

struct batch {
	struct store *s;
	const struct ontology *ontology;
	struct buf text;
	struct taken *v;
	size_t n, cap;
	struct name *name;
	size_t name_n, name_cap;
	uint32_t *named; /* places in name, of one record after the other */
	size_t named_n, named_cap;
	struct groups idents, sessions;
	/* Those that came last, by a hash of what they are called: most come again. */
	struct recent recent_idents[RECENT], recent_sessions[RECENT];
	struct asked *asked; /* identifiers of the record that is taken up */
	size_t asked_n, asked_cap;
	uint32_t number; /* of the batch that is taken up */
	struct shape *shape;
	size_t shape_n, shape_cap;
	struct map shapes;	  /* key -> place in shape, and 1 */
	struct digester digester; /* records are taken up beside the thread that has the file */
	struct buf part, body;
	struct buf
		head; /* of a leaf: what is owed is paid while a record that was read is in part */
	struct buf stamp; /* see store_stamp */
	struct event own, there, here;
	/* Once it is sealed: places in v by key, with the keys beside them. */
	struct run_entry *order;
	uint64_t *keys;
	unsigned char *salts; /* one after the other */
	struct store *from;   /* names are looked up in it */
	struct who_rows rows; /* that were read then */
	struct run_entry
		*hits; /* found ahead: a place in order, and a record that may be the same */
	size_t hit_n, hit_cap;
	bool looked;   /* ahead */
	int64_t as_of; /* the file's version then */
	/* While it is written. */
	struct names names, apart;
	int *rank; /* of names */
	size_t rank_n, rank_cap;
	int64_t *hit; /* by place in v: a sequence, minus the place of an earlier one and 1, or 0 */
	/* Leaves by place in v, and the tree that grows by them, made beside: for the sequences
	 * that are to be foreseen. */
	unsigned char *leaves;
	/* Places in v that are yet to be put into the file, all with one statement. It is done
	 * before anything else is asked of it. */
	uint32_t *owed;
	size_t owed_n;
	int64_t recorded, version; /* of the file in the transaction */
	struct tree branch;
	bool ahead; /* the tree is that of the records so far, and those to come */
	size_t leaf_n, leaves_used;
	int64_t leaf_from; /* the first sequence */
	struct job *leaf_job;
	struct hash *hash; /* of that job */
};

static inline struct str batch_text(const struct batch *b, struct span s)
{
	return span_of(b->text.s, s);
}

static inline uint64_t batch_index_key(const struct taken *t)
{
	return t->key.a;
}

static inline const unsigned char *batch_salt(const struct batch *b, size_t i)
{
	return b->salts + i * SALT_SIZE;
}

/* batch_find.c: what is on file of it. */
int batch_still_looked(struct batch *b, struct buf *err); /* first: b->looked as it is now */
int batch_find_duplicates(struct batch *b, struct buf *err);
int batch_find_names(struct batch *b, struct buf *err);

/* batch_leaves.c: its leaves, and the records that are yet to be put into the file. */
void batch_begin_leaves(struct batch *b);
int batch_pay(void *ctx, struct buf *err); /* puts them there */
void batch_owe(struct batch *b, const struct taken *t);

/* batch_add.c */
int batch_shape_id(struct batch *b, struct shape *sh, int64_t *id, struct buf *err);
int batch_add(struct batch *b, struct taken *t, int64_t recorded, struct buf *err);
void batch_remember_names(struct batch *b); /* those that are new, for the batches to come */
/* Who is who after a record of whom b->names are. */
int batch_place(struct batch *b, const struct taken *t, bool fresh, struct buf *err);

/* batch_repeat.c: of what is on record under its source and id. */
int batch_repeat(struct batch *b, size_t i, struct buf *err);
/* The i-th and that one (there, and its row), with its labels of now. */
int batch_read_both(struct batch *b, size_t i, struct store_row *row, struct buf *err);

#endif
