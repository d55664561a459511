/*
 * What customers and we say, by language (jscenario(5)): templates with choices and slots, read
 * once, then immutable.
 */
#ifndef GEN_TEXTS_H
#define GEN_TEXTS_H

#include "core/ontology.h"
#include "base/random.h"

/* Lists of texts that do not depend on intent, family or entity. */
#define TEXT_LISTS(X)                                                                              \
	X(GREET, "hers", "greet")                                                                  \
	X(CLOSE, "hers", "close")                                                                  \
	X(ORDER, "hers", "order")                                                                  \
	X(AGAIN, "hers", "again")                                                                  \
	X(ANGRY, "hers", "angry")                                                                  \
	X(LEAVING, "hers", "leaving")                                                              \
	X(CHATTER, "hers", "chatter")                                                              \
	X(CHASE, "hers", "chase")                                                                  \
	X(THANKS, "hers", "thanks")                                                                \
	X(RESOLVED, "hers", "resolved")                                                            \
	X(YES, "hers", "answer_yes")                                                               \
	X(ACK, "ours", "ack")                                                                      \
	X(GENERAL, "ours", "general")                                                              \
	X(QUESTION, "ours", "question")                                                            \
	X(HANDOFF, "ours", "handoff")                                                              \
	X(TRANSFER, "ours", "transfer")                                                            \
	X(ESCALATE, "ours", "escalate")                                                            \
	X(CALLBACK, "ours", "callback")                                                            \
	X(PROMISE, "ours", "promise")                                                              \
	X(OFFER, "ours", "offer")                                                                  \
	X(MARKETING, "ours", "marketing")                                                          \
	X(FIRST_NAME, "names", "first")                                                            \
	X(LAST_NAME, "names", "last")

#define TEXT_ENUM(upper, side, name) TEXT_##upper,
enum text_list { TEXT_LISTS(TEXT_ENUM) TEXT_COUNT };

/* What fills the slots of a text. */
#define TEXT_SLOTS(X)                                                                              \
	X(ORDER, "order")                                                                          \
	X(EMAIL, "email")                                                                          \
	X(PHONE, "phone")                                                                          \
	X(DOCUMENT, "document")                                                                    \
	X(POSTAL_CODE, "postal_code")                                                              \
	X(NAME, "name")                                                                            \
	X(AGENT, "agent")                                                                          \
	X(AMOUNT, "amount")                                                                        \
	X(DATE, "date")                                                                            \
	X(SINCE, "since")

#define SLOT_ENUM(upper, name) SLOT_##upper,
enum text_slot { TEXT_SLOTS(SLOT_ENUM) SLOT_COUNT };

/* Whoever has texts written fills their slots. */
struct slots {
	void (*fill)(const void *of, enum text_slot slot, struct buf *out);
	const void *of;
};

struct texts; /* opaque */

/* "file:line:column: reason" and NULL on failure. Free with texts_free. */
struct texts *texts_read(const char *path, const struct ontology *o, struct buf *err);
void texts_free(struct texts *t);
const char *texts_lang(const struct texts *t);
/* Entities that we can ask for and that she can give: bits by ontology number. */
uint64_t texts_askable(const struct texts *t);
bool texts_opens(const struct texts *t, const struct intent *i); /* whether there are texts of it */

/* Each appends one text of the list, its slots filled; nothing where the list is empty. */
void texts_put(const struct texts *t, enum text_list list, struct random *r,
	const struct slots *slots, struct buf *out);
void texts_open(const struct texts *t, const struct intent *i, struct random *r,
	const struct slots *slots, struct buf *out);
void texts_answer(const struct texts *t, const char *family, struct random *r,
	const struct slots *slots, struct buf *out);
void texts_ask(const struct texts *t, size_t entity, struct random *r, const struct slots *slots,
	struct buf *out);
void texts_give(const struct texts *t, size_t entity, struct random *r, const struct slots *slots,
	struct buf *out);
/* The slot that an entity's value fills, by its name; SLOT_COUNT for none. */
enum text_slot texts_slot(const char *name);

#endif
