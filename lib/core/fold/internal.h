/* What the files of the fold share. Nobody else includes it. */
#ifndef CORE_FOLD_INTERNAL_H
#define CORE_FOLD_INTERNAL_H

#include "base/heap.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/fold/fold.h"

#define ANSWER_GAP (72 * WHEN_HOUR) /* of a switch, and of an inherited family */
#define ISSUE_GAP (30 * WHEN_DAY)   /* between contacts of one family */
#define MOVE_GAP (5 * WHEN_MINUTE)  /* records and actors of one move */

enum kind {
	KIND_OTHER,
	KIND_MESSAGE,
	KIND_CALL,
	KIND_LEAD,
	KIND_VISIT,
	KIND_CLOSED,
	KIND_REOPENED,
	KIND_ORDER,
	KIND_ESCALATED,
	KIND_TRANSFERRED,
	KIND_HANDOFF,
	KIND_ASSIGNED,
	KIND_UNLINKED,
	KIND_ABANDONED,
	/* With an extra: */
	KIND_MADE,
	KIND_KEPT,
	KIND_SURVEY,
	KIND_DECISION,
	KIND_GRANTED,
	KIND_REVOKED,
	KIND_STAGE,
	KIND_CANCELLED,
	KIND_PROPOSED,
};

enum actor { ACTOR_OTHER, ACTOR_CUSTOMER, ACTOR_AGENT, ACTOR_BOT };

struct fold_event {
	int64_t time, order, seq;
	int64_t duration, wait; /* ms */
	const struct intent *intent;
	uint64_t entities, asks;
	int32_t source, session, channel, agent, case_id, reason, from, to, lang, region, stage;
	int32_t purpose, tier, product;
	int32_t tags; /* each with a NUL behind it; of none one NUL */
	uint64_t signals;
	double sentiment;
	size_t extra; /* + 1; 0: it has none */
	size_t values,
		value_n;     /* hers: values of its entities in the fold's marks: where, how many */
	size_t said, said_n; /* values of entities in the fold's list: where, how many */
	size_t people,
		people_n; /* identifiers named: where they begin in the fold's list, and how many */
	uint8_t kind, actor;
	bool in, out, assumed, answered, has_wait, asks_something, service, feels, questions;
	size_t contact; /* + 1 */
};

/* What only some events have. */
struct extra {
	int32_t scale, action, verdict, policies, inputs, channel;
	int32_t currency; /* in capitals */
	int64_t due;
	double score, amount;	     /* amount: NAN where there is none */
	uint64_t handed;	     /* entities of a context */
	const struct intent *intent; /* of a handoff: that of its contact by then */
	uint8_t parts;
	bool context;
	size_t grams, gram_n; /* of a question: trigrams of its text in the fold's marks */
};

/* A value of an entity, as a record says it. */
struct said {
	size_t entity; /* number in ontology->entities */
	int32_t value;
};

/* One identifier: a node of a union-find forest whose links know their event time. */
struct human {
	int32_t parent; /* + 1; 0: root */
	int64_t joined;
};

struct place { /* the session's naming: who, and since when */
	int32_t named;
	int64_t at;
};

struct close {			/* an explicit close, or an opening after one */
	size_t contact, number; /* the event's number */
	int64_t at;
	bool open;
};

/* Contacts of hers that wait for a first answer: of anybody, of a person, one that asks for
 * nothing. */
enum waiting_kind { WAITING_ANY, WAITING_HUMAN, WAITING_PLAIN, WAITING_COUNT };

struct waiting {
	size_t *v; /* contacts; some may have been answered within themselves */
	size_t n, cap;
	/* The first `ringing` of them are answered at the latest by then, when a call of ours is.
	 */
	size_t ringing;
	int64_t until;
};

enum turn_who { TURN_PERSON, TURN_BOT, TURN_RECORD };

struct turn {			/* one of ours begins to speak, or a record moves the contact */
	size_t contact, number; /* number: of the event */
	int64_t at;
	enum turn_who who;
	int32_t agent;
	enum move_kind kind; /* of a record, and its reason, from and to */
	int32_t reason, from, to;
};

/* The agent of an issue on one source: ids of two systems cannot be compared. */
struct agent {
	int32_t source, id;
	size_t next; /* + 1 */
};

struct owner {
	bool bot;
	int32_t last;
	size_t agents; /* + 1 */
};

struct owners {
	struct owner *of; /* by issue */
	size_t of_cap;
	bool *human; /* by contact: a person of ours spoke in it */
	size_t human_cap;
	struct agent *v;
	size_t n, cap;
};

/* What an event says that counts for what is known: which entities it names or asks for. */
struct saying {
	int64_t at;		 /* when it is said; see fold_said_at */
	size_t number, contact;	 /* number: of the event */
	uint64_t entities, asks; /* asks: see fold_asks */
};

/* What she consented to: a purpose on a channel, or on all (0). */
struct consent {
	int32_t purpose, channel;
	bool granted;
};

struct consents {
	struct consent *v;
	size_t n, cap;
};

void consents_take(struct consents *all, struct consent to);
/* 1: she consented; 0: she took it back; -1: she never said. */
int consents_say(const struct consents *all, int32_t purpose, int32_t channel);

struct owed { /* a promise that is not kept */
	int32_t action;
	int64_t due;
};

struct spent { /* what a decision allowed */
	int64_t at;
	double amount; /* NAN: none */
	int32_t action, currency;
};

struct heard { /* her latest word or call on a channel */
	int32_t channel;
	int64_t at;
};

/* What is known of her beside her contacts, by the latest event that was taken up. */
struct account {
	struct owed *owed; /* in the order in which they were promised */
	size_t owed_n, owed_cap;
	struct spent *spent;
	size_t spent_n, spent_cap;
	struct consents consents;
	int64_t *sent, *cleared; /* words of ours with a purpose other than service: when, and when
				    decisions allowed one */
	size_t sent_n, sent_cap, cleared_n, cleared_cap;
	int64_t heard; /* her latest word or call, and where it was; 0: none */
	int32_t heard_at;
	struct heard *heard_on;
	size_t heard_n, heard_cap;
	double value; /* of her orders, less those cancelled */
	int32_t tier, tags, product, lang, region, stage;
	int32_t person; /* of ours who spoke last, and when */
	int64_t person_at;
	uint64_t named;	   /* kinds that her identifiers are of: bits by number in reach_kinds */
	size_t named_upto; /* of so many events */
};

struct fold_state {
	struct map pool; /* text -> number */
	struct str *texts;
	size_t text_n, text_cap;
	int32_t *named; /* identifiers of all events, one after the other */
	size_t named_n, named_cap;
	struct map people; /* kind, scope, value -> number + 1 in humans */
	struct buf key;
	struct human *humans;
	size_t human_n, human_cap;
	struct place *places; /* by the key of source and session */
	size_t place_n, place_cap;
	struct map place_of, contact_of; /* keys -> number + 1 */
	struct close *closes;
	size_t close_n, close_cap;
	struct waiting waiting[WAITING_COUNT];
	struct saying *sayings; /* those in contacts; see fold_sayings */
	size_t saying_n, saying_cap;
	bool sayings_mixed; /* they are not in order */
	struct turn *turns; /* by time, those that began by the time of the event at hand */
	size_t turn_n, turn_cap;
	/* In calls that are answered later: whose turn is when, by number in the list. */
	struct heap later;
	struct turn *later_turns;
	size_t later_turn_n, later_turn_cap;
	int64_t last_turn;    /* the latest of all */
	struct owners owners; /* behind it, where contacts are related */
	struct account account;
	struct fold_event *events;
	size_t event_n, event_cap;
	struct extra *extras;
	size_t extra_n, extra_cap;
	uint64_t *marks; /* trigrams, and hashes of entities' values */
	size_t mark_n, mark_cap;
	struct said *said;
	size_t said_n, said_cap;
	size_t done;  /* events taken up */
	size_t asked; /* the event whose contact was asked for */
	bool bounded; /* the fold stands at: time, order and seq of it */
	struct fold_event until;
	bool unsorted; /* a late one came */
	bool linked;   /* all links are those of all events */
	bool related;  /* no contact began, none changed its matter or state, and no turn came
			  between others since */
	uint64_t identity_mask, mandatory_mask; /* of entities */
	uint64_t repeat_mask;			/* of signals: she said it before */
};

/* Whether she wrote or called on a channel in the 24 h before. */
bool account_window(const struct account *a, int32_t channel, int64_t now);
void account_take(struct fold *f, const struct fold_event *e);
void account_clear(struct account *a);
void account_release(struct account *a);
size_t account_size(const struct account *a);

int32_t pool_put(struct fold *f, struct str text);
/* Reads an event into the compact form. */
void fold_read(struct fold *f, const struct event *ev, struct fold_event *out);
/* Same person at event time t? */
bool fold_joined(const struct fold *f, int32_t a, int32_t b, int64_t t);
void fold_people(struct fold *f, const struct fold_event *e);
void fold_turn(struct fold *f, struct turn t);
void fold_no_turns(struct fold *f);
void fold_owners_release(struct owners *all);
size_t fold_owners_size(const struct owners *all);
/* Fills f->moves from the turns, and counts them; issues must be known. A turn behind all others is
 * read when it comes, where contacts are related. */
void fold_moves(struct fold *f);
/* The place of (source, session), made where it is not there; valid until the next call. */
struct place *fold_place(struct fold *f, int32_t source, int32_t session);
void fold_contact(struct fold *f, struct fold_event *e);
/* Fills the facts about questions, records and opportunities; issues, moves and switches must be
 * known. */
void fold_questions(struct fold *f);
void fold_records(struct fold *f);
void fold_opportunities(struct fold *f);
/* Says of switches and moves whether information was repeated behind them. */
void fold_repetitions(struct fold *f);
/* When it is said: in an answered call once that is taken, while others may write. */
int64_t fold_said_at(const struct fold_event *e);
/* An agent or bot of ours says it to her; what system says, and what is noted, is nobody's word. */
bool fold_ours(const struct fold_event *e);
/* The entities that it asks her for: a word of ours, or a call that she took. */
uint64_t fold_asks(const struct fold_event *e);
/* Takes up what the next event says; its contact must be known. */
void fold_say(struct fold *f, const struct fold_event *e);
/* f->state->saying_n of them, in the order in which they are said; valid until the next event. */
const struct saying *fold_sayings(struct fold *f);
/* Whether what is said at that time by the event of that number comes after it. */
bool said_later(int64_t at, size_t number, const struct saying *than);
/* Entities that anybody named so far: those that say who she is, and by issue and family. */
struct known {
	uint64_t who, *of_issue, *of_family;
};
void known_init(struct known *k, const struct fold *f); /* issues must be known */
void known_release(struct known *k);
uint64_t known_on(const struct known *k, const struct contact *c); /* on its matter */
void known_learn(struct known *k, const struct fold *f, const struct saying *what);
/* Says of contacts whether we asked for what was known, and when the first useful answer came. */
void fold_asked(struct fold *f);
/* A word of hers that is no courtesy, or a call of hers; a word of ours, or a call that was
 * answered: when it is, 0: it is none. */
bool fold_her_word(const struct fold_event *e);
int64_t fold_our_word(const struct fold_event *e);

/* Records of a new stage, by time; v for free(). */
struct stages {
	const struct fold_event **v;
	size_t n, cap;
};
void fold_stages_list(const struct fold *f, struct stages *all);
/* The latest that she had reached by then, a stage of the same time included; 0: none. */
int32_t fold_stage_at(const struct stages *all, int64_t time);

#endif
