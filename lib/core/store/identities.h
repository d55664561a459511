/* Who is who, for those who look at it or correct it. */
#ifndef CORE_STORE_IDENTITIES_H
#define CORE_STORE_IDENTITIES_H

#include "core/ontology.h"
#include "core/store/store.h"

/* An identifier by the name that somebody gives it. */
struct identity_ref {
	int64_t ident; /* 0: none is on record */
	int64_t shared;
	bool placeholder;
	struct person person; /* ident 0: nobody's */
	struct buf kind, scope, value;
};
void identity_ref_init(struct identity_ref *r);
void identity_ref_release(struct identity_ref *r);
/*
 * "ana@x.example", "email:ana@x.example", "crm:17@desk/acme" (a number of that source), or "c17":
 * the strongest identifier of that customer. STORE_ERROR and why where several are meant, or
 * nobody. One that is not on record is given back with ident 0 where its kind is said and listed in
 * the ontology of the log.
 */
int identity_find(struct store *s, const char *text, struct identity_ref *out, struct buf *err);

/* The customer that a text means (see store_find_customer) as known when the log ended at as_of: a
 * number is one that she had then. Within a transaction. */
int identity_customer(
	struct store *s, const char *text, int64_t as_of, int64_t *customer, struct buf *err);
/* Says why a text that means no customer does not: STORE_ERROR. Within a transaction. */
int identity_none(struct store *s, const char *text, struct buf *err);
/* Whether an identifier names nobody, and why. */
bool identity_nobody(const char *text, int64_t shared, bool placeholder, struct buf *why);
/* Appends a name by which an identifier is found again, whoever's it is by then. */
void identity_name(struct buf *out, struct str kind, struct str scope, struct str value);

/* An identifier as it stands. */
struct identity_row {
	struct identifier id;
	int64_t customer; /* 0: nobody */
	int64_t first;	  /* the first record that names it */
	int64_t shared;	  /* the record since which it names nobody, since too many have it; 0 */
	int64_t records;  /* of what names nobody: records that did, since */
	int64_t people; /* of what is shared: values of one stronger kind that were seen with it */
};
/* Valid during the visit; nonzero ends it. */
typedef int identity_visit(void *ctx, const struct identity_row *row, struct buf *err);
/* All, in the order in which they were named first, or those of one customer (0: all), as known
 * when the log ended at as_of (INT64_MAX: now). */
int identity_each(struct store *s, int64_t customer, int64_t as_of, identity_visit *visit,
	void *ctx, struct buf *err);
/* Those that are shared. */
int identity_each_shared(struct store *s, identity_visit *visit, void *ctx, struct buf *err);

/* Two identifiers that a record named together, and no other way holds their sides together. side:
 * identifiers on the smaller one. */
typedef int identity_bridge(void *ctx, const struct identity_row *a, const struct identity_row *b,
	int64_t first, int64_t side, struct buf *err);
/* Bridges with at least `least` identifiers on either side. */
int identity_bridges(
	struct store *s, size_t least, identity_bridge *visit, void *ctx, struct buf *err);
/* The records by which two identifiers of one person are connected. */
int identity_way(struct store *s, int64_t from, int64_t to, identity_bridge *visit, void *ctx,
	struct buf *err);

/*
 * Drops who is who and derives it from the log anew, by other rules where they changed. Within a
 * write transaction, which takes as long as it takes to read the log.
 */
int identity_derive(
	struct store *s, const struct ontology *o, enum identity_rules rules, struct buf *err);

#endif
