/*
 * What a decision may know of a customer as of one event: computed from the fold, or read back from
 * a record's data.context. Nothing here says a channel or gives one away.
 */
#ifndef CORE_FOLD_CONTEXT_H
#define CORE_FOLD_CONTEXT_H

#include "core/fold/fold.h"

/*
 * name, kind (b: 0/1, n: number, t: text); the columns of rules and the members of data.context.
 * The last three stand in for what a record itself does not say and are no columns of their own.
 */
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
	X(last_agent, t)       /* who of ours spoke last */                                        \
	X(matter, t)	       /* the family of this contact */                                    \
	X(open_case, t)	       /* the case of this contact's issue */                              \
	X(last_person, t)      /* the person of ours who spoke last: no bot */                     \
	X(last_person_days, n) /* days since */                                                    \
	X(handled_by_bot, b)   /* in this contact bots of ours spoke, and no person */             \
	X(commitments_open, n) /* promises that are not kept */                                    \
	X(commitments_overdue, n)                                                                  \
	X(decided_30d, n)	   /* sum of what decisions of 30 d allowed, in this currency */   \
	X(decisions_30d, n)	   /* how many had an amount */                                    \
	X(decided_action_30d, n)   /* the sum of those on this action */                           \
	X(decisions_action_30d, n) /* how many were on this action */                              \
	X(value, n)		   /* sum of her orders, less those cancelled */                   \
	X(customer_days, n)	   /* days since her first record */                               \
	X(tier, t)                                                                                 \
	X(product, t)	  /* the product that was named last */                                    \
	X(consent, b)	  /* she consented to what this record delivers: see context_of */         \
	X(window_open, b) /* her last word on the channel of the delivery is at most 24 h old */   \
	X(heard_hours, n) /* hours since her last word */                                          \
	X(sent_24h, n)	  /* words of ours with a purpose other than service, before this one */   \
	X(sent_7d, n)                                                                              \
	X(sent_30d, n)                                                                             \
	X(lang, t)                                                                                 \
	X(region, t)                                                                               \
	X(stage, t)

enum context_column {
#define CONTEXT_ENUM(name, kind) CONTEXT_##name,
	CONTEXT_COLUMNS(CONTEXT_ENUM) CONTEXT_COUNT
};

struct context {
	const bool *wanted;	   /* by column: what context_read reads; NULL: all */
	bool there[CONTEXT_COUNT]; /* false: unknown (SQL NULL) */
	double number[CONTEXT_COUNT];
	struct buf text[CONTEXT_COUNT];
	uint64_t given;		   /* entities known on the matter: bits by ontology number */
	struct buf tags, consents; /* see context_tag and context_consents */
};

#define CONTEXT_COLUMNS_OWN ((int)CONTEXT_lang) /* those before it are columns */

/* Whether the latest list of her tags has this one. */
bool context_tag(const struct context *x, struct str tag);
/* To a purpose, on any channel: 1 she consented, 0 she took all of it back, -1 she never said. */
int context_consents(const struct context *x, struct str purpose);
const char *context_name(enum context_column c);
bool context_is_text(enum context_column c);
bool context_is_bool(enum context_column c);
void context_init(struct context *x);
void context_release(struct context *x);
void context_clear(struct context *x);
/*
 * As of the event with this sequence, which the fold holds and after which it holds none. Where the
 * event has a purpose and is no consent itself, `consent` says whether she had consented to the
 * purpose on the channel of the delivery: data.channel, else the record's own; of such an event, a
 * word of ours and a proposal `window_open` says whether she wrote or called there within 24 h. So
 * booleans reach decisions, and no channel does.
 */
void context_of(struct context *x, struct fold *f, int64_t seq, int64_t time);

/* A decision that allowed something. */
struct context_decision {
	int64_t at;
	double amount;	    /* NAN: none */
	bool word;	    /* of ours, with a purpose other than service */
	bool same_action;   /* as what is decided; which has one */
	bool same_currency; /* or one of both names none */
};
/* Counts one that was taken by now and that the fold does not hold. */
void context_decided(struct context *x, int64_t now, const struct context_decision *d);
/* Appends it as an object with the members above, "tags", "consents" and "entities". */
void context_write(struct buf *out, const struct context *x, const struct ontology *o);
/* Reads what context_write wrote; members that are not there are unknown. */
void context_read(struct context *x, const struct json *object, const struct ontology *o);

#endif
