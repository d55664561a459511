/* What the files of redaction share. */
#ifndef STAGE_REDACT_PART_H
#define STAGE_REDACT_PART_H

#include "base/hash.h"
#include "stage/redact.h"
#include "stage/redact_known.h"

/* Of one text: what is found, and what comes in its place. */
struct redact_text {
	const struct redact_options *opt;
	struct personal *personal;
	struct known *known;
	struct mac *mac;
	bool keyed;
	struct personal_about about;
	/* Found by form in the texts of the record, one after the other as they are met first, with
	 * where each text's begin. */
	struct personal_hits found;
	size_t *begin, begin_n, begin_cap;
	struct personal_hits spans; /* of the text at hand */
	struct view views[3];
};

void redact_text_init(struct redact_text *t);
void redact_text_release(struct redact_text *t);
void redact_text_clear(struct redact_text *t); /* before another record */
/* Finds by form, and keeps what was found for the n-th text of the record; what is removed is
 * known from then on. */
void redact_text_look(struct redact_text *t, struct str text);
/* Appends the n-th text without what is removed; false, and nothing appended, where it is as it
 * was. tokens: no masks, so that what differs stays so. */
bool redact_text_write(
	struct redact_text *t, size_t n, struct str text, bool tokens, struct buf *out);
/* Whether anything known stands in a text; *kind and *normal of the longest, borrowed until the
 * next call. */
bool redact_text_known(
	struct redact_text *t, struct str text, enum personal_kind *kind, struct str *normal);
/* Appends what stands for a value. */
void redact_text_put(struct redact_text *t, enum personal_kind kind, struct str normal, bool token,
	struct buf *out);
/* Whether a text is such a thing as a whole. */
bool redact_text_is_ours(struct str text);

#endif
