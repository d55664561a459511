/* What the files of the bundle share. Nobody else includes it. */
#ifndef CORE_FOLD_BUNDLE_INTERNAL_H
#define CORE_FOLD_BUNDLE_INTERNAL_H

#include "core/fold/bundle.h"
#include "core/fold/internal.h"

/* A part of the bundle's texts. */
struct piece {
	size_t at, len;
};

/* A record and its place; `record` below is its number in the order of event time. */
struct kept {
	int64_t time, order, seq;
	size_t at, len;
};

struct speech { /* a word of hers or ours */
	size_t record;
	bool hers, courtesy, asks;
	const struct intent *intent;
	struct piece text, who; /* one line; of ours, who spoke */
	int64_t answered;	/* of a question: when; 0: not yet */
};

struct named { /* an entity with its value, which is raw JSON */
	size_t record;
	bool hers;
	struct piece entity, value;
};

struct request { /* we asked for an entity */
	size_t record;
	struct piece entity;
	int64_t given; /* when she gave it; 0: not yet */
	size_t before; /* + 1: the one before it that asks for the same and has nothing yet; 0: none
			*/
};

struct promise {
	size_t record;
	struct piece action, name, by; /* name: the action as it was written */
	int64_t due, kept;	       /* 0: none */
};

struct ruling {
	size_t record;
	struct piece action, verdict, policies, amount, currency; /* policies, amount: raw JSON */
};

enum act { ACT_OFFER, ACT_CLOSED, ACT_REOPENED, ACT_MOVE, ACT_SWITCH };

struct tried {
	enum act act;
	int64_t at;
	size_t number; /* of the record; of the fold's move or switch */
	struct piece about;
};

struct agreed {
	size_t record;
	struct piece channel, purpose;
	bool granted;
};

struct mood {
	double first, last, sum;
	int64_t n;
};

struct sign {
	struct piece id;
	int64_t n;
};

enum next_step { NEXT_NONE, NEXT_ANSWER, NEXT_ASK, NEXT_KEEP };

enum whole {
	WHOLE_CUSTOMER,
	WHOLE_INTENT,
	WHOLE_ENTITIES,
	WHOLE_SUMMARY,
	WHOLE_CONSENT,
	WHOLE_COUNT
};

struct bundle {
	const struct ontology *ontology;
	struct fold *fold;
	struct event ev;
	int64_t customer, version;
	bool known;
	struct bundle_place place;
	struct buf bodies, texts, identifiers;
	struct kept *records;
	size_t record_n, record_cap;
	struct piece said[BUNDLE_SAID];
	struct speech *speeches;
	size_t speech_n, speech_cap;
	struct named *entities;
	size_t entity_n, entity_cap;
	struct request *requests;
	size_t request_n, request_cap;
	struct map asked; /* entity -> number + 1 of the last request that has nothing yet */
	struct promise *promises;
	size_t promise_n, promise_cap;
	struct ruling *rulings;
	size_t ruling_n, ruling_cap;
	struct tried *tried;
	size_t tried_n, tried_cap;
	struct agreed *agreed;
	size_t agreed_n, agreed_cap;
	struct sign *signs;
	size_t sign_n, sign_cap;
	struct mood mood;
	size_t unanswered; /* first speech that may wait for an answer */
	/* set when all is known */
	size_t current; /* contact + 1; 0: none */
	const struct intent *intent;
	enum next_step next;
	size_t next_number; /* of the speech, of the promise */
	bool needed[WHOLE_COUNT], present[WHOLE_COUNT];
	struct buf summary, summary_error;
	bool by_command;
};

static inline struct str bundle_text(const struct bundle *b, struct piece p)
{
	return (struct str){b->texts.s + p.at, p.len};
}
/* The contact of a record, + 1; 0: none. */
size_t bundle_contact(const struct bundle *b, size_t record);
/* Whether a record is of the current contact's issue. */
bool bundle_on_issue(const struct bundle *b, size_t record);
/* Where a value was told, seen from the current contact; the higher, the more it counts. */
enum held {
	HELD_ELSEWHERE, /* on another matter */
	HELD_FAMILY,	/* on an issue of the same family */
	HELD_ISSUE,	/* on this one */
	HELD_WHO	/* wherever: it says who she is */
};
enum held bundle_held(const struct bundle *b, const struct named *n);
/* The latest value of an entity, of those that count most; NULL: none. */
const struct named *bundle_value(const struct bundle *b, struct str entity);
/* Whether an entity need not be asked for: fold.h counts it as known. */
bool bundle_knows(const struct bundle *b, struct str entity);
/* What bundle_close computes last: see there. */
void bundle_find_next(struct bundle *b);
void bundle_sum_up(struct bundle *b);
/* Appends the text as one line: white space and control characters as single blanks, none at its
 * ends.
 */
void bundle_line(struct buf *out, struct str text);
/* Appends at most `bytes` of the text, "…" included where it is cut, never within a character or a
 * word. */
void bundle_cut(struct buf *out, struct str text, size_t bytes);

#endif
