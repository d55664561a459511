/* What the files of redaction share. */
#ifndef STAGE_REDACT_PART_H
#define STAGE_REDACT_PART_H

#include "base/hash.h"
#include "core/detect.h"
#include "stage/redact.h"
#include "stage/redact_known.h"

/* Of one text: what is found, and what comes in its place. */
struct redact_text {
	const struct redact_options *opt;
	struct personal *personal;
	struct detect *detect;
	enum personal_kind *kinds; /* of the ontology's entities, or PERSONAL_KINDS */
	struct buf covered;	   /* a byte a byte of a text: what was found by form */
	struct known *known;
	struct mac *mac;
	bool keyed;
	bool names_whole; /* of a name nothing but all of it is looked for */
	struct personal_about about;
	/* Found by form in the texts of the record, one after the other as they are met first, with
	 * where each text's begin. */
	struct personal_hits found;
	size_t *begin, begin_n, begin_cap;
	struct personal_hits spans; /* of the text at hand */
	struct view views[3];
};

void redact_text_init(struct redact_text *t);
/* Once the options are known; borrows the ontology. -1 and a reason on failure. */
int redact_text_start(struct redact_text *t, const struct ontology *o, struct buf *err);
void redact_text_release(struct redact_text *t);
void redact_text_clear(struct redact_text *t); /* before another record */
/* Finds by form, and keeps what was found for the n-th text of the record; what is removed is
 * known from then on. */
void redact_text_look(struct redact_text *t, struct str text);
/* Appends the n-th text without what is removed; false, and nothing appended, where it is as it
 * was. tokens: no masks, so that what differs stays so. */
bool redact_text_write(
	struct redact_text *t, size_t n, struct str text, bool tokens, struct buf *out);
/* Whether anything known stands in a text, over at least so many bytes; *kind and *normal of the
 * longest, borrowed until the next call. */
bool redact_text_known(struct redact_text *t, struct str text, size_t least,
	enum personal_kind *kind, struct str *normal);
/* Appends what stands for a value. */
void redact_text_put(struct redact_text *t, enum personal_kind kind, struct str normal, bool token,
	struct buf *out);
/* Whether a text is such a thing as a whole. */
bool redact_text_is_ours(struct str text);

#define REDACT_NESTED 8 /* JSON within strings within JSON */

enum place_kind {
	PLACE_FREE, /* anything; names of members say what their values are */
	PLACE_TEXT, /* words; no member's name says anything */
	PLACE_WORD, /* a word of the vocabulary, or a text */
	PLACE_NAME, /* tells records and conversations apart: tokens, never masks */
	PLACE_LEFT, /* not looked at */
};

/* Where a value stands. */
struct place {
	enum place_kind is;
	enum personal_kind kind; /* what it is said to be, or PERSONAL_KINDS */
	struct str key, parent;
};

struct redact {
	struct redact_options opt;
	const struct ontology *o;
	struct redact_text text;
	struct json_doc nested[REDACT_NESTED];
	size_t depth;
	size_t at;	     /* of the texts of the record */
	bool changed, looks; /* looks: through the record for what is known, before it is written */
	struct buf region, scratch, line;
	struct pipe *pipe;
	uint64_t *count;
};

typedef void redact_member(struct redact *r, const struct json *of, const struct json *m,
	struct place p, struct buf *out);

/*
 * All of these are called twice for a record: where r->looks, they find what is in it and write
 * nothing; then they append it without what is removed, in the same order.
 */
void redact_value(struct redact *r, const struct json *v, struct place p, struct buf *out);
/* An object whose members `each` appends; those that known_name (or NULL) has keep their names.
 * attr: names are attributes'. */
void redact_object(struct redact *r, const struct json *v, struct place p, redact_member *each,
	int (*known_name)(struct str name), bool attr, struct buf *out);
/* A text, which is `raw` in JSON. */
void redact_string(struct redact *r, struct str s, bool tokens, struct str raw, struct buf *out);
/* JSON that stays as it is. */
void redact_raw(struct redact *r, struct str raw, struct buf *out);
/* Where a member of something stands. */
struct place redact_within(const struct redact *r, const struct json *m, struct place of);
bool redact_removes(const struct redact *r, enum personal_kind kind);
/* A value of the kind is looked for from now on. */
void redact_know(struct redact *r, enum personal_kind kind, struct str text);
/* Appends what stands for a value, as a JSON string. */
void redact_whole(
	struct redact *r, enum personal_kind kind, struct str text, bool token, struct buf *out);

#endif
