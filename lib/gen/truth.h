/*
 * What is true of a customer, by the definitions of jtools-facts(7) and jtools-metrics(7), computed
 * from her plan: which contact is of which issue was decided when it was planned, and all else is
 * counted here in the plainest way. Nothing of the code that derives facts from a log is used.
 */
#ifndef GEN_TRUTH_H
#define GEN_TRUTH_H

#include "gen/plan.h"

enum true_word { TRUE_NONE, TRUE_HERS, TRUE_OURS };
enum true_kind { TRUE_TRANSFER, TRUE_HANDOFF, TRUE_ESCALATION };

/* Times are ms; 0: none. Positions are numbers of the plan's turns; PLAN_NONE: none. */
struct true_contact {
	uint32_t first, last;  /* positions of its first record, and of its last word */
	uint32_t first_in_pos; /* of her first word */
	bool handled, human, bot, abandoned; /* abandoned: given up with the bot */
	enum true_word last_word;
	bool last_asks;
	int64_t ended, first_in, spoke;
	int64_t answered_any, answered_human, answered_useful;
	int64_t own_answer; /* first answer within it */
	int64_t followed; /* first word of ours, in a contact that we began, behind its last one */
	int64_t closed, closed_last, reopened;
	uint8_t outcome;	       /* of an inbound call, + 1; 0: no call */
	uint8_t felt_first, felt_last; /* as of turns */
	int64_t next_in;
	uint32_t next, next_matter; /* the next contact that she began: any, on the matter */
	uint32_t before;	    /* on the matter */
	uint32_t transfers, handoffs, escalations;
	bool asked_who, asked_known, frustrated, leaving;
	size_t questions; /* the intent that she asked with, + 1; 0: none */
};

struct true_issue {
	uint32_t first, last, contacts, her_contacts, switches, transfers, escalations, moves;
	uint32_t closing;   /* contact of the first close; PLAN_NONE */
	uint32_t reopening; /* her first contact on the matter after it */
	int64_t ended, closed, closed_last, case_reopened;
	uint32_t closed_pos, first_close; /* positions of the latest close or reopening, and of the
					     first close */
	bool open, speaks, repeated_question, question, commercial;
	size_t family; /* + 1 */
};

struct true_switch {
	uint32_t from, to;
	int64_t gap, next_switch; /* start of the next switch away from `to` */
	bool joined;
	bool repeated; /* information was, after it */
};

struct true_move {
	uint32_t contact, pos;
	int64_t at;
	enum true_kind kind;
	uint8_t reason; /* + 1; 0: none */
	bool repeated;	/* information was, after it */
};

struct true_close {
	uint32_t contact, pos;
	int64_t at;
	bool open;
};

struct truth {
	const struct plan *p;
	struct true_contact *contacts; /* as the plan's */
	size_t contact_n, contact_cap;
	struct true_issue *issues;
	size_t issue_n, issue_cap;
	struct true_switch *switches; /* by their second contact */
	size_t switch_n, switch_cap;
	struct true_move *moves;
	size_t move_n, move_cap;
	struct true_close *closes; /* by position */
	size_t close_n, close_cap;
};

#define TRUTH_INIT                                                                                 \
	{                                                                                          \
		.p = NULL                                                                          \
	}

/* Replaces what the truth held by that of a plan, which it borrows. */
void truth_of(struct truth *t, const struct plan *p);
void truth_release(struct truth *t);
/* What a turn is: a word of hers that is no courtesy, or a call of hers; a word of ours; a call
 * that was answered, by her or by us; an explicit close. */
bool truth_hers(const struct turn *t);
bool truth_ours(const struct turn *t);
bool truth_answered(const struct turn *t);
bool truth_closes(const struct turn *t);
/* Of the same issue or of one family. */
bool truth_same_matter(const struct plan *p, uint32_t a, uint32_t b);
/* Whether a contact's resolution may be presumed as of the horizon (ms). */
bool truth_presumed(const struct true_contact *c, int64_t horizon);
/* Why a switch was no success within the window (ms) behind its second contact. */
enum true_failure {
	FAILURE_NOT_JOINED = 1,
	FAILURE_ASKED_WHO = 2,
	FAILURE_ASKED_KNOWN = 4,
	FAILURE_UNRESOLVED = 8,
	FAILURE_SWITCHED_AGAIN = 16,
	FAILURE_CAME_BACK = 32
};
/* The failures as bits; presumed: whether a presumed resolution is one. */
unsigned truth_failures(const struct truth *t, const struct true_switch *s, int64_t window,
	int64_t horizon, bool presumed);
/* Whether an issue of hers stood open before a position. */
bool truth_open(const struct truth *t, uint32_t pos);

#endif
