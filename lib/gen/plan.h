/*
 * The plan of one customer: who she is, what her matters are, which contacts she has about them and
 * every record of it, before a word of it is written. What is true (gen/truth.h) follows from it
 * alone. A plan depends on the scenario, the seed and the customer's number.
 *
 * Times are ms since the epoch and multiples of the scenario's clock (but for a customer's own
 * offset below a second).
 */
#ifndef GEN_PLAN_H
#define GEN_PLAN_H

#include "gen/scenario.h"

#define PLAN_NONE UINT32_MAX
#define PLAN_PERSONS 3
#define PLAN_GIVEN_UP 3 /* reasons of WHAT_ABANDONED */

/* What a record is. */
enum what {
	/* her words */
	WHAT_OPEN,     /* says what it is about */
	WHAT_CHASE,    /* is still there, and does not say what it is about */
	WHAT_CHATTER,  /* is about no matter */
	WHAT_GIVE,     /* answers our asking for an entity */
	WHAT_YES,      /* answers another question */
	WHAT_THANKS,   /* courtesy */
	WHAT_RESOLVED, /* says that it is settled */
	/* ours */
	WHAT_ACK, /* courtesy */
	WHAT_ANSWER,
	WHAT_ASK,      /* for an entity */
	WHAT_QUESTION, /* for something else */
	WHAT_HANDING,  /* a person takes over */
	WHAT_PASSING,  /* a colleague takes over */
	WHAT_RAISING,  /* somebody of the second tier takes over */
	WHAT_CALLBACK,
	WHAT_PROMISE,
	WHAT_OFFER,
	/* records */
	WHAT_CALL,
	WHAT_CASE_OPENED,
	WHAT_CASE_CLOSED,
	WHAT_CASE_REOPENED,
	WHAT_TRANSFERRED,
	WHAT_ESCALATED,
	WHAT_HANDOFF,
	WHAT_ABANDONED,
	WHAT_ORDER_PLACED,
	WHAT_COMMITMENT_MADE,
	WHAT_COMMITMENT_KEPT,
	WHAT_SURVEY,
	WHAT_DECISION,
	WHAT_CAMPAIGN,
	WHAT_CONSENT_GRANTED,
	WHAT_CONSENT_REVOKED,
	WHAT_STAGE,
	WHAT_LINKED,
	WHAT_COUNT
};

enum who { WHO_CUSTOMER, WHO_AGENT, WHO_BOT, WHO_SYSTEM };

/* Parts of the context of a handoff. */
enum part {
	PART_CUSTOMER = 1,
	PART_INTENT = 2,
	PART_ENTITIES = 4,
	PART_SUMMARY = 8,
	PART_CONSENT = 16,
	PART_ALL = 31
};

struct turn {
	int64_t at;
	int64_t duration, wait; /* of a call; ms. wait of a commitment: until it falls due */
	uint64_t given, asks;	/* entities: bits by ontology number */
	uint64_t handed;	/* those in a handoff's context */
	uint64_t seed;		/* of its text */
	uint32_t contact;	/* PLAN_NONE: of none */
	uint32_t link;		/* WHAT_LINKED: number of the plan's link */
	uint16_t agent, to;	/* numbers in the scenario + 1; 0: none. Of a move: from, to */
	uint16_t channel;
	uint8_t what, who;
	uint8_t needed; /* parts of a context that the handoff needs */
	uint8_t number; /* of a call's outcome, a stage, a score, parts of a context, a commitment
			 */
	uint8_t felt;	/* sentiment of her words, hundredths + PLAN_FELT; 0: none */
	bool again, angry, leaving, asks_back; /* asks_back: its text asks, by a question mark */
};

struct session {
	uint32_t channel, last; /* contact, PLAN_NONE while there is none */
	uint32_t next;		/* of the same matter or peer, + 1 */
	int64_t last_at;	/* of its latest record */
};

struct plan_contact {
	uint32_t matter; /* what it is really about; PLAN_NONE: nothing */
	uint32_t channel, session, node, person;
	bool hers, cased;
	const struct intent *intent; /* that she said first; NULL: none */
	size_t family;		     /* + 1; own or inherited; 0: none */
	bool inherited;
	uint32_t issue; /* as the definitions see it */
	int64_t started, ended, spoke;
	bool last_ours, last_asks, closed; /* closed: by an explicit act and not reopened since */
	int64_t closed_at;		   /* when, where it is */
};

struct matter {
	uint32_t intent; /* number in the scenario's intents */
	uint32_t person, contacts, first;
	uint32_t case_no, order_no; /* case_no 0: none */
	bool restricted;	    /* all of its contacts carry the case */
	bool cased;		    /* one has carried it */
	bool ordered;		    /* an order was placed in one */
	int64_t closed;		    /* when its last contact was, 0: it was not */
	int64_t ended;		    /* of the issue that its contacts make */
	uint64_t known;
	uint16_t agent;	   /* who had it last */
	uint32_t sessions; /* + 1 */
};

/* The matters of a family, those whose contacts all carry a case (1) and the others (0): how many
 * are going on, and when the last one ended. */
struct family_state {
	uint32_t pending[2];
	int64_t ended[2];
};

/* An identifier of hers. */
struct node {
	size_t kind;
	uint32_t person;
	bool used;
	uint32_t sessions; /* of the peer, + 1 */
};

/* From `at` on the log knows that a and b are one. */
struct link {
	uint32_t a, b;
	int64_t at;
};

/* A record on its way out: at that time, again where it is duplicated. */
struct delivery {
	int64_t at;
	uint32_t turn;
};

struct plan {
	const struct scenario *s;
	uint64_t seed, number, person; /* person: the number of whoever she really is */
	struct random random;
	int64_t arrival, end; /* nothing begins from `end` on */
	int64_t offset;	      /* ms below the clock that all her times have */
	uint32_t language, region, persons;
	bool known, placeholder; /* she has an identifier; or one that names nobody */
	uint32_t kinds;		 /* bits of the kinds of identifiers that she uses */

	struct turn *turns; /* in the order of event time: its number is a turn's data.order */
	size_t turn_n, turn_cap;
	struct plan_contact *contacts; /* in the order of their start */
	size_t contact_n, contact_cap;
	struct matter *matters;
	size_t matter_n, matter_cap;
	struct session *sessions;
	size_t session_n, session_cap;
	struct node *nodes;
	size_t node_n, node_cap;
	struct link *links;
	size_t link_n, link_cap;
	struct family_state *families; /* by number */
	uint64_t planned;	       /* items of the agenda so far */
	struct agenda *agenda;
	size_t agenda_n, agenda_cap;
	struct delivery *deliveries; /* by time, duplicates included */
	size_t delivery_n, delivery_cap;
	uint32_t issues;
};

/* Makes the plan of a customer who begins at `arrival`. `most`: the records that it may deliver; it
 * delivers fewer where she has done with fewer. Free with plan_release. */
void plan_make(struct plan *p, const struct scenario *s, uint64_t seed, uint64_t number,
	int64_t arrival, uint64_t most);
void plan_release(struct plan *p);
/* Whether two identifiers are known to be one person's by time t. */
bool plan_linked(const struct plan *p, uint32_t a, uint32_t b, int64_t t);

#define PLAN_FELT 101 /* what `felt` of a turn is above its sentiment */

/* For the files that make plans. */

int64_t plan_spread(struct plan *p, const struct spread *d);
size_t plan_pick(struct plan *p, const struct weights *w);
/* The next hour after a time in which somebody does something: nobody calls at four in the morning,
 * or hardly. */
int64_t plan_awake(struct plan *p, int64_t at);
/* Adds a record; of a contact, or of none. The pointer is valid until the next. */
struct turn *plan_turn(struct plan *p, uint32_t contact, enum what what, enum who who, int64_t at);
/* How a contact begins. */
enum opening { OPENING_NEW, OPENING_BACK, OPENING_CHASE, OPENING_CHATTER, OPENING_CALLBACK };
/* Whether a matter begins with a commercial intent. */
bool plan_commercial(const struct plan *p, const struct matter *m);
/* The turns of a contact that has just begun. */
void talk(struct plan *p, uint32_t contact, enum opening how);
/* What does not belong to a contact: campaigns, consents, stages. */
void plan_extras(struct plan *p);

/* What the matter's contact came to. */
enum talk_end { TALK_OPEN, TALK_PRESUMED, TALK_CLOSED };
enum talk_end talk_end(const struct plan *p, uint32_t contact);

#endif
