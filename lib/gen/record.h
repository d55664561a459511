/*
 * From a plan to words: names, numbers and texts of a customer, and her event records (jevent(5)).
 */
#ifndef GEN_RECORD_H
#define GEN_RECORD_H

#include "gen/plan.h"

/* What a customer is called and reached by. */
struct voice {
	char *names[PLAN_PERSONS];
	char **values; /* by the plan's number of an identifier */
	size_t value_n;
};

void voice_make(struct voice *v, const struct plan *p);
void voice_release(struct voice *v);

/* The text of a turn, replacing what text held; empty where it has none. */
void turn_text(const struct plan *p, const struct voice *v, const struct turn *t, struct buf *text);
/* Appends the session's own name. */
void turn_session(
	const struct plan *p, const struct voice *v, const struct turn *t, struct buf *out);
/* Appends the event's id: unique in all that is generated from seeds. */
void turn_id(const struct plan *p, const struct turn *t, struct buf *out);
const char *turn_reason(uint8_t number);   /* of a transfer or an escalation */
const char *turn_given_up(uint8_t number); /* the reason of WHAT_ABANDONED, below PLAN_GIVEN_UP */
const char *turn_type(const struct turn *t);
const char *turn_direction(const struct turn *t);
const char *turn_actor(const struct turn *t);
/* Appends an entity's value as it is written, or in the ontology's normal form. */
void turn_entity(const struct plan *p, const struct voice *v, const struct turn *t, size_t entity,
	bool normal, struct buf *out);
/* Of a survey: the scale's name, and the score. */
const char *turn_scale(const struct turn *t, int *score);
/* The matter's case; 0: the turn carries none. Appends its number. */
bool turn_case(const struct plan *p, const struct turn *t, struct buf *out);

/* Appends the record, without LF. labels: with what jintent(1) would say of it. text: a scratch
 * buffer. */
void turn_record(const struct plan *p, const struct voice *v, const struct turn *t, bool labels,
	struct buf *text, struct buf *out);

#endif
