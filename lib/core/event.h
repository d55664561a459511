/*
 * The event record (jevent(5)): one line, a CloudEvents 1.0 event in JSON. Reading keeps the source
 * span of everything, so that what a tool does not change leaves it byte for byte as it came.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "io/json.h"

/* Attributes, in the order in which they are written. */
#define EVENT_ATTRS(X)                                                                             \
	X(SPECVERSION, specversion)                                                                \
	X(ID, id)                                                                                  \
	X(SOURCE, source)                                                                          \
	X(TYPE, type)                                                                              \
	X(TIME, time)                                                                              \
	X(CUSTOMER, customer)                                                                      \
	X(SESSION, session)                                                                        \
	X(CHANNEL, channel)                                                                        \
	X(DIRECTION, direction)                                                                    \
	X(ACTOR, actor)                                                                            \
	X(TRACEPARENT, traceparent)                                                                \
	X(SEQUENCE, sequence)                                                                      \
	X(RECORDEDTIME, recordedtime)

/* Members of data, in the order in which they are written. */
#define EVENT_DATA(X)                                                                              \
	X(TEXT, text)                                                                              \
	X(RAW_TEXT, raw_text)                                                                      \
	X(SUBJECT, subject)                                                                        \
	X(IDENTIFIERS, identifiers)                                                                \
	X(NAME, name)                                                                              \
	X(AGENT, agent)                                                                            \
	X(LANG, lang)                                                                              \
	X(REGION, region)                                                                          \
	X(TIER, tier)                                                                              \
	X(TAGS, tags)                                                                              \
	X(INTENT, intent)                                                                          \
	X(CONFIDENCE, confidence)                                                                  \
	X(INHERITED, inherited)                                                                    \
	X(ONTOLOGY, ontology)                                                                      \
	X(ENTITIES, entities)                                                                      \
	X(SENTIMENT, sentiment)                                                                    \
	X(SIGNALS, signals)                                                                        \
	X(ASKS, asks)                                                                              \
	X(STAGE, stage)                                                                            \
	X(CASE, case)                                                                              \
	X(REASON, reason)                                                                          \
	X(REASONS, reasons)                                                                        \
	X(FROM, from)                                                                              \
	X(TO, to)                                                                                  \
	X(DURATION, duration)                                                                      \
	X(WAIT, wait)                                                                              \
	X(PURPOSE, purpose)                                                                        \
	X(CHANNEL, channel)                                                                        \
	X(VERDICT, verdict)                                                                        \
	X(POLICIES, policies)                                                                      \
	X(INPUTS, inputs)                                                                          \
	X(DIGEST, digest)                                                                          \
	X(LIMIT, limit)                                                                            \
	X(UNTIL, until)                                                                            \
	X(OBLIGATIONS, obligations)                                                                \
	X(CONTEXT, context)                                                                        \
	X(TARGET, target)                                                                          \
	X(QUEUE, queue)                                                                            \
	X(PRIORITY, priority)                                                                      \
	X(RULE, rule)                                                                              \
	X(RULES, rules)                                                                            \
	X(PROPENSITY, propensity)                                                                  \
	X(CANDIDATES, candidates)                                                                  \
	X(DELIVER, deliver)                                                                        \
	X(BASIS, basis)                                                                            \
	X(EVENT, event)                                                                            \
	X(SCORE, score)                                                                            \
	X(SCALE, scale)                                                                            \
	X(ACTION, action)                                                                          \
	X(AMOUNT, amount)                                                                          \
	X(CURRENCY, currency)                                                                      \
	X(DUE, due)                                                                                \
	X(ORDER, order)                                                                            \
	X(TIME_ASSUMED, time_assumed)                                                              \
	X(EXT, ext)                                                                                \
	X(ORIGIN, origin)

#define EVENT_ENUM_ATTR(upper, lower) ATTR_##upper,
#define EVENT_ENUM_DATA(upper, lower) DATA_##upper,
enum event_attr { EVENT_ATTRS(EVENT_ENUM_ATTR) ATTR_COUNT };
enum event_data { EVENT_DATA(EVENT_ENUM_DATA) DATA_COUNT };

/* The member's number by its name, -1 where the record has no such member of its own. */
int event_attr_of(struct str name);
int event_data_of(struct str name);
const char *event_attr_name(enum event_attr a);
const char *event_data_name(enum event_data d);
/* The name as JSON has it before a value: in quotes, with the colon. */
struct str event_attr_key(enum event_attr a);
struct str event_data_key(enum event_data d);

struct event {
	struct str line;		     /* the whole record; borrowed from what was read */
	const struct json *attr[ATTR_COUNT]; /* NULL: not there; strings but for unknown ones */
	const struct json *data[DATA_COUNT]; /* NULL: not there */
	const struct json *root, *body;	     /* body: the data object, or NULL */
	int64_t time;			     /* of the attribute, ms */
	int64_t sequence;		     /* 0: none */
	size_t unknown;			     /* attributes that are none of its own */
	uint64_t attr_had, data_had;	     /* a bit for each whose name stands there */
	struct json_doc doc;
};

/* Why a record was refused; the word is what the dead letter carries. */
enum event_fault {
	FAULT_JSON,	/* bad_json: not JSON, not UTF-8, too deep */
	FAULT_TOO_LONG, /* too_long */
	FAULT_RECORD,	/* bad_record: JSON, but no event */
	FAULT_TIME,	/* bad_time */
	FAULT_ROW,	/* bad_row: an export's row or message that cannot be read */
	FAULT_MAP,	/* bad_value: an expression failed on this record */
	FAULT_CONFLICT, /* conflict: its source and id are on record with other content */
};
const char *event_fault_word(enum event_fault f);

void event_init(struct event *ev);
void event_release(struct event *ev);
/*
 * Reads one line. `padded`: JSON_PADDING bytes behind it are readable. The event borrows from the
 * line and from itself until the next read. -1, the fault and a reason when it is no event.
 */
int event_read(
	struct event *ev, struct str line, bool padded, enum event_fault *fault, struct buf *err);

/* The text of an attribute or of a member of data that is a string; {NULL, 0} where it is not
 * there. */
struct str event_attr(const struct event *ev, enum event_attr a);
struct str event_text(const struct event *ev, enum event_data d);

/* Whether an attribute is one that projections put on a record of a log, and no log keeps:
 * "contact" and "issue", both there, both numbers, beside a sequence. */
bool event_projected(const struct event *ev, struct str name);

/* Where a record stands among a customer's others: by event time, among equal times by the position
 * in the source, then by sequence. Never by anything else. */
struct event_place {
	int64_t time, order, seq;
};
static inline int event_compare(struct event_place a, struct event_place b)
{
	if (a.time != b.time)
		return a.time < b.time ? -1 : 1;
	if (a.order != b.order)
		return a.order < b.order ? -1 : 1;
	return (a.seq > b.seq) - (a.seq < b.seq);
}
/* Of two pointers to what has such members. */
#define EVENT_COMPARE(a, b)                                                                        \
	event_compare((struct event_place){(a)->time, (a)->order, (a)->seq},                       \
		(struct event_place){(b)->time, (b)->order, (b)->seq})

/* A change to a record on its way out. value: raw JSON; empty: the member goes. The names must be
 * distinct. */
struct event_edit {
	bool in_data;
	const char *name;
	struct str value;
};

/*
 * Appends the record with the changes, without LF. Changed members keep their place; new attributes
 * go before `data`, new members of data to its end, in the order of the edits. With no edit the
 * line is copied as it is.
 */
void event_write(struct buf *out, const struct event *ev, const struct event_edit *edits, size_t n);

#endif
