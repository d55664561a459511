/*
 * What was said last in each of the conversations that are under way, so that a short reply ("yes",
 * "the blue one") is about what the conversation is about. In constant memory: of more
 * conversations than it has room for, those that were quiet longest are forgotten.
 */
#ifndef STAGE_CARRY_H
#define STAGE_CARRY_H

#include "core/event.h"
#include "core/ontology.h"
#include "core/words.h"

#define CARRY_LANG 12 /* bytes of a language tag that is remembered, with its NUL */

struct carry; /* one thread at a time */

/* Zeroed but for its key: nothing was said yet. */
struct carried {
	uint64_t key;
	int64_t time; /* of the last word, ms */
	uint64_t used;
	uint32_t intent; /* its number in the ontology + 1; 0: none */
	float confidence;
	bool asked;	       /* the last word is ours and asks */
	char lang[CARRY_LANG]; /* of the last text that was certain */
	uint8_t agreed;	       /* texts in a row that were certain of it, up to 255 */
};

struct carry *carry_new(const struct ontology *o); /* borrows it; free with carry_free */
void carry_free(struct carry *c);		   /* NULL is allowed */
/*
 * The conversation of a record: its source, session and channel; valid until the next call. NULL
 * where it names no session. A record from before the last word begins it anew, so that an export
 * that overlaps the one before it is labelled as that was.
 */
struct carried *carry_of(struct carry *c, const struct event *ev);
/*
 * The intent that a reply of hers without one carries on: where it has at most five words, and
 * came within the gap of the channel's class, or of a request that was asked. NULL: none. Its
 * confidence is that of the word before times 0.8, and nothing is carried below 0.25.
 */
const struct intent *carry_on(const struct carry *c, const struct carried *of,
	const struct event *ev, const struct words *w, double *confidence);

#endif
