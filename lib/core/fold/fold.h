/*
 * One customer's events, in the order of event time, folded into contacts, issues, switches, moves
 * and what else is known of them (jtools-facts(7)). Everything that asks about a customer uses it:
 * facts, context of handoffs, routing. Events may be added one at a time; those that come in order
 * are taken up where the fold stands, a late one makes it begin again: the result depends on the
 * set of events alone, never on how they came.
 *
 * Times are ms since the epoch; 0 stands for "none" (no record is that old).
 */
#ifndef CORE_FOLD_FOLD_H
#define CORE_FOLD_FOLD_H

#include "core/event.h"
#include "core/ontology.h"

enum word { WORD_NONE, WORD_HERS, WORD_OURS }; /* who spoke */
enum move_kind {
	MOVE_TRANSFER,
	MOVE_HANDOFF,
	MOVE_ESCALATION
}; /* the later wins where several are one */

/* Strings are numbers in the fold's pool; 0 is none. */

struct contact {
	int64_t id; /* sequence of its first event */
	int32_t source, session, channel, case_id, family, lang, region, stage, agent, abandoned;
	const struct intent *intent;
	size_t class; /* number in ontology->classes */
	bool hers;    /* she began it */
	bool handled, inherited, human, bot, last_asks, open_close;
	enum word last_word;
	int64_t started, ended;
	size_t first, last; /* its first event and its last word, as numbers of the fold's events */
	size_t place;	    /* number of its source and session */
	int64_t first_in, spoke; /* her first word; our first */
	int64_t answered_any, answered_human;
	int64_t answered_useful; /* set by fold_link */
	int64_t answered_plain;	 /* first answer that asks for nothing and is no courtesy */
	int64_t own_answer;	 /* our first answer within it */
	int64_t followed; /* our first word behind its last, in a contact that we began; set by
			     fold_link */
	int32_t outcome;  /* how her call ended, the last one */
	bool gave_up;	  /* a record says that she abandoned it */
	uint64_t signals; /* of her words: bits by ontology number */
	int64_t felt; /* words of hers with a sentiment; the first one's, the last one's, their sum
		       */
	double felt_first, felt_last, felt_sum;
	bool wait_unknown; /* a call of hers was answered, and nobody noted after how long */
	int64_t closed, closed_last, reopened; /* first and last explicit close; case.reopened */
	int64_t waiting; /* her first word that has no answer; 0 when the last word is ours */
	int64_t next_in; /* her next word anywhere after the end */
	int64_t her_words, our_words, events, assumed;
	int64_t transfers, handoffs, escalations;
	int32_t escalation_reason;
	uint64_t given, asked; /* entities known from it, entities that we asked for: bits by
				  ontology number */
	uint64_t known_before; /* set by fold_link: given before it on the matter, or saying who she
				  is */
	bool asked_known;      /* we asked for what was known by then */
	int32_t named; /* the identifier first named in it, as a number of the fold's people */
	int64_t named_at;
	/* set by fold_link */
	size_t issue;
	int64_t next_started, next_matter_started;
	bool next_matter;
	int32_t next_channel, next_matter_channel;
	size_t before; /* contact before it on the matter, + 1; 0: none */
};

struct issue {
	size_t first, last; /* contacts */
	int32_t case_id, family;
	bool single, speaks; /* speaks: she does */
	int64_t started, ended, closed, closed_last, reopen_started, case_reopened, later_started;
	size_t closing,
		close;	  /* contact of the first close, and its number among the fold's events */
	size_t last_hers; /* first event of the last contact that she began; of the first contact
			     where she began none */
	bool reopen_other_channel, open, commercial;
	int64_t contacts, her_contacts, channels, transfers, handoffs, escalations, switches, moves,
		assumed;
	int64_t questions, repeated; /* those asked before in another contact of the issue */
	int32_t channel_v[8];	     /* the first distinct channels */
};

struct switched {
	size_t from, to; /* contacts */
	int64_t gap, next_switch_started;
	bool joined, asked_who, asked_known;
	bool repeated; /* information was, after it and before the next switch or move */
};

struct move {
	size_t contact, number; /* number: of the event */
	int64_t at;
	bool repeated;
	enum move_kind kind;
	int32_t reason, from, to;
};

/* A message of hers that asks. */
struct question {
	int64_t id, at; /* its record's sequence and time */
	size_t contact;
	const struct intent *intent;
	int32_t stage;	  /* the last that she had reached by then */
	bool by_intent;	  /* her intent asks; else her text does */
	bool assumed;	  /* its time, of all that follow as well */
	int64_t same;	  /* id of the first like it in another contact of the issue; 0: none */
	int64_t answered; /* our first word behind it in its contact */
};

struct commitment {
	int64_t id, at, due, kept; /* 0: no time is named; it was not kept */
	size_t contact;		   /* + 1; 0: none */
	int32_t action, agent;
	bool assumed;
};

/* An issue that is commercial. Waits are of the words of one side for the other's, in ms, while it
 * was open; what goes on is told by when it began. */
struct opportunity {
	size_t issue;
	int64_t won;
	int64_t she_waited,
		she_waits; /* the longest wait of hers that ended; since when she waits */
	int64_t we_waited, we_wait;
	int64_t silence, silent; /* the longest without a word before an order; since when there is
				    none, while nobody ordered */
	int64_t lapsed;	   /* when she had waited or all been silent too long (see opportunity.c) */
	int64_t recovered; /* the first order that followed a word of ours behind that */
	const struct intent *intent; /* of its last contact that has one */
	int32_t stage, reason, last_channel;
};

/* A channel that an opportunity had a contact on, of its first eight. */
struct touch {
	size_t opportunity;
	int32_t channel;
};

struct survey {
	int64_t id, at;
	size_t contact; /* + 1; 0: none */
	int32_t scale, agent;
	double score; /* NAN: none */
	bool assumed;
};

struct decision {
	int64_t id, at;
	size_t contact; /* + 1; 0: none */
	int32_t action, verdict, policies, inputs, agent, channel, source;
	uint8_t actor;
	bool assumed;
};

/* A word of ours with a purpose other than service. */
struct outbound {
	int64_t id, at, before; /* before: the last one of the purpose */
	int32_t purpose, channel, source;
	bool consent;	 /* she had given one for purpose and channel */
	bool open_issue; /* an issue of hers was open */
	bool assumed;
};

/* A record of a handoff, and the parts of its context. */
enum handed_part {
	HANDED_CUSTOMER = 1,
	HANDED_INTENT = 2,
	HANDED_ENTITIES = 4,
	HANDED_HISTORY = 8,
	HANDED_CONSENT = 16
};
struct handed {
	int64_t id, at;
	size_t contact; /* + 1; 0: none */
	bool context;	/* it has one */
	uint8_t parts, needed;
	bool assumed;
};

/* A stage that she reached behind all that come before it. */
struct reached {
	int64_t id, at, first, next; /* when the first was, and the next one; 0: it was not */
	size_t stage;		     /* number in ontology->stages */
	bool assumed;
};

/* An entity that is named in a contact, by its first value there. */
struct named_entity {
	int64_t id, at; /* of the record that names it */
	size_t contact;
	size_t entity; /* number in ontology->entities */
	size_t number; /* of the record among the fold's events */
	size_t place;  /* among those that the record names */
	int32_t value;
	bool first; /* in the issue */
};

const char *fold_actor(uint8_t actor); /* its name; NULL: another */
/* What it feels, from -1 to 1; false: nothing that says so. */
bool fold_sentiment(const struct event *ev, double *out);

struct fold_event; /* what is kept of an event */

struct fold {
	const struct ontology *ontology;
	bool known; /* the customer has an identifier that is no placeholder */
	struct contact *contacts;
	size_t contact_n, contact_cap;
	struct issue *issues;
	size_t issue_n, issue_cap;
	struct switched *switches;
	size_t switch_n, switch_cap;
	struct move *moves;
	size_t move_n, move_cap;
	/* Set by fold_link. */
	struct question *questions;
	size_t question_n, question_cap;
	struct commitment *commitments;
	size_t commitment_n, commitment_cap;
	struct opportunity *opportunities;
	size_t opportunity_n, opportunity_cap;
	struct touch *touches;
	size_t touch_n, touch_cap;
	struct survey *surveys;
	size_t survey_n, survey_cap;
	struct decision *decisions;
	size_t decision_n, decision_cap;
	struct outbound *outbounds;
	size_t outbound_n, outbound_cap;
	struct handed *handoffs;
	size_t handoff_n, handoff_cap;
	struct reached *stages;
	size_t stage_n, stage_cap;
	struct named_entity *entities; /* set by fold_entities */
	size_t entity_n, entity_cap;
	struct fold_state *state; /* opaque */
};

struct fold *fold_new(const struct ontology *o);
void fold_free(struct fold *f);
void fold_clear(struct fold *f, bool known);
/* Takes one event up; ev may be let go afterwards. seq and order are those of the log. */
void fold_add(struct fold *f, const struct event *ev, int64_t seq, int64_t order);
/*
 * From now on the fold stands at this event: those that come after it in event time are kept, and
 * left out until one is added or the fold is made to stand elsewhere.
 */
void fold_until(struct fold *f, int64_t time, int64_t order, int64_t seq);
/* Brings contacts and moves up to date with all that was added, or up to where the fold stands. */
void fold_run(struct fold *f);
/* fold_run, then issues, switches, moves between contacts and what links contacts. */
void fold_link(struct fold *f);
/* The same where only the present is asked for: what looks ahead (next_in) and ends may be those of
 * an earlier call. */
void fold_relate(struct fold *f);
/* Finds the entities that contacts name, by contact and entity. After fold_link. */
void fold_entities(struct fold *f);
/* Whether it holds events that come after where it stands. After fold_run. */
bool fold_later(const struct fold *f);
/* The contact that an event belongs to, + 1; 0: none. After fold_run. */
size_t fold_contact_of(const struct fold *f, int64_t seq);
struct str fold_text(const struct fold *f, int32_t id); /* {NULL, 0} for none */
size_t fold_texts(const struct fold *f);		/* as many numbers are taken */
/* Whether two contacts are on the same matter: of one issue, or of one family. After fold_link. */
bool fold_same_matter(const struct contact *a, const struct contact *b);
/* Words of hers without one of ours, on whatever channels; courtesies are none of them. */
struct silence {
	int64_t seq, since; /* of the first of them */
	int64_t until;	    /* when we spoke; INT64_MAX: we have not */
};
/* All of them in the order of time, and how many; *out for free(). After fold_run. */
size_t fold_silences(const struct fold *f, struct silence **out);
/* Time of the first event, and how many there are. */
int64_t fold_began(const struct fold *f);
size_t fold_events(const struct fold *f);
/* Bytes that the fold holds, about. */
size_t fold_size(const struct fold *f);
/* Frees one that has grown too large to be kept for the next customer; *f is NULL then. */
void fold_spare(struct fold **f);

#endif
