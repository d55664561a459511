/*
 * One mail (RFC 5322, MIME) by GMime. Its bytes are given in pieces and kept in memory up to
 * MIME_MEMORY, beyond that in a temporary file, so that a mail of any size takes the same memory.
 * Attachments are listed, never decoded.
 */
#ifndef IO_MIME_H
#define IO_MIME_H

#include "base/buf.h"

#define MIME_MEMORY ((size_t)4 << 20)
#define MIME_HEADERS_MAX                                                                           \
	((size_t)1 << 20) /* bytes of the mail's own headers, which are kept whole */
#define MIME_PARTS_MAX                                                                             \
	((size_t)10000) /* lines of two dashes, and four headers for each; one text may have more  \
			 */

struct mime; /* one mail at a time, reused */

enum mime_place { MIME_FROM, MIME_SENDER, MIME_REPLY_TO, MIME_TO, MIME_CC, MIME_BCC };

struct mime_address {
	enum mime_place place;
	struct buf name, address; /* decoded; name may be empty */
};

struct mime_part {
	struct buf name, type; /* file name, may be empty; "image/png" */
	uint64_t size;	       /* bytes when decoded, about */
};

struct mime *mime_new(void);
void mime_free(struct mime *m);

/* Forgets the mail; all that was borrowed from it ends. */
void mime_clear(struct mime *m);
/* Adds bytes to the mail. -1 and a reason when the temporary file fails. */
int mime_add(struct mime *m, struct str bytes, struct buf *err);
/*
 * Reads what was added. text_max: decoded bytes of text that are kept. Returns 0; -1 and a reason
 * where it is no mail: no header at all, headers that exceed MIME_HEADERS_MAX, or more parts than
 * MIME_PARTS_MAX or longer headers of those.
 */
int mime_parse(struct mime *m, size_t text_max, struct buf *err);
/* All bytes that were added, after mime_parse; borrowed until mime_clear. Empty where a temporary
 * file cannot be mapped. */
struct str mime_raw(struct mime *m);

/* The n-th (from 0) header of the name, decoded and on one line, or, raw, as it came; {NULL, 0}:
 * there is none. Borrowed. */
struct str mime_header(struct mime *m, const char *name, int n);
struct str mime_header_raw(struct mime *m, const char *name, int n);
/* The addresses in the order of From, Sender, Reply-To, To, Cc, Bcc; groups are resolved into their
 * members. */
size_t mime_addresses(const struct mime *m, const struct mime_address **list);
/* The text parts in order, UTF-8, LF, a blank line between: plain text, or HTML laid out as text.
 */
struct str mime_text(const struct mime *m);
/* The same without what the HTML marks as quotation lines and signatures (html_own). */
struct str mime_own_text(const struct mime *m);
bool mime_text_cut(const struct mime *m); /* text_max was reached */
size_t mime_parts(
	const struct mime *m, const struct mime_part **list); /* what is no text of the mail */
/* What it reports on (multipart/report): that a mail was not delivered, that it was read. */
enum mime_report { MIME_NO_REPORT, MIME_DELIVERY, MIME_RECEIPT };
enum mime_report mime_report(const struct mime *m);
/* The address that a report of delivery, or X-Failed-Recipients, says was not reached; else empty.
 * Borrowed. */
struct str mime_bounced(struct mime *m);
/* Whether it is an appointment (text/calendar that is not merely attached): asked for, changed or
 * called off; or somebody's answer to one. */
enum mime_calendar { MIME_NO_CALENDAR, MIME_INVITES, MIME_ANSWERS };
enum mime_calendar mime_calendar(const struct mime *m);

/*
 * Reads a date as RFC 5322 and many that are not. *zone: it names its zone, else *when reads it as
 * UTC. false where it is no date of the years 1971 to 2099.
 */
bool mime_date(struct str s, int64_t *when, bool *zone);

#endif
