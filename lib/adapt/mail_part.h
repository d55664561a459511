/* What the files of the mail adapters share. Nobody else includes it. */
#ifndef ADAPT_MAIL_PART_H
#define ADAPT_MAIL_PART_H

#include "adapt/mail.h"
#include "core/store/scratch.h"
#include "io/mime.h"

#define MAIL_HEADERS_MAX 100 /* of one name that are looked at */

/* What is kept over the inputs of a run, and buffers that are used again. */
struct mail {
	struct mime *mime;
	struct scratch
		*seen; /* "r" id -> root of its thread; "m" id -> digest of the mail that has it */
	struct hash *hash;
	struct buf own_id, root; /* of the mail at hand */
	struct buf key, value, words, piece, from_line;
	/* What makes the mail's bytes those of the input again, for a dead letter. */
	struct buf head;  /* bytes that stood before those of the mime: a From_ line, a BOM */
	uint64_t added;	  /* bytes given to the mime */
	uint64_t *escape; /* where in them a '>' was taken off */
	size_t escape_n, escape_cap;
};

/* One mail and where it came from. */
struct mail_place {
	const char *file;
	uint64_t line, offset; /* line 0: not counted */
	struct str from_line;  /* of an mbox, or empty */
};

/* mail.c: all of the mail's bytes as they came, in pieces. */
int mail_raw(struct mail *m, int (*take)(void *ctx, struct str piece, struct buf *err), void *ctx,
	struct buf *err);
/* mail.c: forgets the mail at hand. */
void mail_clear(struct mail *m);
/* mail.c: makes run->mail where it is not there, and readies it for a mail. */
void mail_start(struct adapt_run *run);
/* mail_event.c: what was added to the mime is one whole mail: it becomes an event or is refused. */
int mail_take(struct adapt_run *run, const struct mail_place *p, struct buf *err);
/* mail_event.c: who an address is by itself or its name. */
enum adapt_who mail_who(const struct adapt_options *o, const struct mime_address *a);
/*
 * mail_auto.c: what kind of machine wrote the mail, or whom it was not written to: "bounce",
 * "receipt", "invitation", "invitation_reply", "reply", "generated", "list"; NULL: a person wrote
 * it to us.
 */
const char *mail_auto(struct adapt_run *run, const struct mime_address *from);
/* mail_auto.c: whether it was never sent: a draft in a Maildir, of Thunderbird's, Outlook's or
 * Google's. */
bool mail_is_draft(struct mail *m, const char *file);
bool mail_is_noreply(const struct mime_address *a);
/* mail_thread.c: finds own_id and root of the mail, and remembers them. */
int mail_thread(struct mail *m, struct buf *err);
/*
 * The event's id is the Message-ID. Another mail (other date, sender or words of its own) that
 * comes under an id already taken gets a digest behind it, so that neither is lost; a true copy
 * gets the same id. 1: the same mail came another way before, with the foot or the headers of a
 * list, say: it is a duplicate. After the draft is filled, all but its origin.
 */
int mail_id(struct adapt_run *run, struct str sender, struct buf *err);
/* mail_time.c: from Date:, else the From_ line, else the newest Received:. false: there is none
 * that can be. */
bool mail_time(struct adapt_run *run, struct str from_line);
/* "From <sender> <date>" with a date that is one. */
bool mail_is_from_line(struct str line);

#endif
