/*
 * What a decision may know of a customer as of one event: computed from the fold, or read back from
 * a record's data.context. Nothing here says a channel or gives one away.
 */
#ifndef CORE_FOLD_CONTEXT_H
#define CORE_FOLD_CONTEXT_H

#include "core/fold/fold.h"

/* name, kind (b: 0/1, n: number, t: text); the columns of rules and the members of data.context. */
#define CONTEXT_COLUMNS(X)                                                                         \
	X(known, b)	    /* the customer has an identifier */                                   \
	X(first_contact, b) /* no earlier contact */                                               \
	X(contacts_24h, n)  /* contacts that she began in the 24 h before this one */              \
	X(contacts_7d, n)                                                                          \
	X(contacts_30d, n)                                                                         \
	X(open_issues, n)	/* matters open beside the one that this contact began */          \
	X(repeat, b)		/* an earlier contact of hers on the matter ended within 7 d */    \
	X(switched, b)		/* this contact is the second of a channel switch */               \
	X(asked_again, b)	/* we asked in this contact for something known */                 \
	X(waiting, n)		/* seconds since her first word without an answer */               \
	X(last_contact_days, n) /* days since the contact before ended */                          \
	X(escalations_30d, n)                                                                      \
	X(transfers_30d, n)                                                                        \
	X(last_agent, t) /* who of ours spoke last */                                              \
	X(matter, t)	 /* the family of this contact */                                          \
	X(open_case, t)	 /* the case of this contact's issue */

enum context_column {
#define CONTEXT_ENUM(name, kind) CONTEXT_##name,
	CONTEXT_COLUMNS(CONTEXT_ENUM) CONTEXT_COUNT
};

struct context {
	bool there[CONTEXT_COUNT]; /* false: unknown (SQL NULL) */
	double number[CONTEXT_COUNT];
	struct buf text[CONTEXT_COUNT];
	uint64_t given; /* entities known on the matter: bits by ontology number */
};

const char *context_name(enum context_column c);
bool context_is_text(enum context_column c);
void context_init(struct context *x);
void context_release(struct context *x);
void context_clear(struct context *x);
/* As of the event with this sequence, which the fold holds and after which it holds none. */
void context_of(struct context *x, struct fold *f, int64_t seq, int64_t time);
/* Appends it as an object with the members above and "entities". */
void context_write(struct buf *out, const struct context *x, const struct ontology *o);
/* Reads what context_write wrote; members that are not there are unknown. */
void context_read(struct context *x, const struct json *object, const struct ontology *o);

#endif
