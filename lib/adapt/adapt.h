/*
 * Adapters: the only code that knows channels and formats. One file a format; each turns one export
 * into drafts of events.
 */
#ifndef ADAPT_ADAPT_H
#define ADAPT_ADAPT_H

#include "base/when.h"
#include "core/draft.h"
#include "core/ledger.h"
#include "io/input.h"

/* Who we are and how to read: the same for all inputs of a run; borrowed. */
struct adapt_options {
	const char *account;	 /* second half of `source` */
	const char *const *self; /* names, addresses, "@domain": who is us */
	size_t selves;
	const char *const *bots; /* names of ours that are bots */
	size_t botn;
	const char *region; /* ISO 3166-1 for national telephone numbers, or NULL */
	bool tz_given;	    /* the zone was named, else UTC is assumed and marked */
	bool start_given;   /* --start: when a transcript that does not say so began */
	int64_t start;
	size_t max_line;
	bool quiet; /* no notices */
};

struct map;  /* a compiled map file: adapt/map.h */
struct mail; /* threads of mail: adapt/mail.h */
struct emit; /* where records go: adapt/emit.h */

struct adapt_run {
	const struct adapt_options *opt;
	struct ledger *ledger;
	struct draft draft; /* the adapter's to fill; cleared by adapt_emit */
	struct emit *sink;
	uint64_t order;	    /* running position in the input: data.order */
	uint64_t empty;	    /* rows that gave no event by intent */
	uint64_t zoneless;  /* local times read without a named zone */
	uint64_t strangers; /* conversations in which no speaker is known to be us */
	uint64_t unended;   /* calls that go on where their log ends: not written */
	struct buf text;    /* scratch */
	struct buf *found;  /* NULL, or lines of what an adapter found out: see adapt_found */
	struct mail *mail;  /* adapt/mail.c's, kept over the inputs of a run; NULL before the first;
			       mail_release frees it */
};

/* What recognising looks at. */
struct adapt_peek {
	const char *path; /* as given, or "<stdin>" */
	struct str head;  /* the first bytes */
	bool whole;	  /* head is all */
};

struct adapter {
	const char *name, *about; /* -f NAME; one line for --formats */
	/* How sure that this is the format: 0 no, 100 certain. NULL: only by name or folder. */
	int (*sniff)(const struct adapt_peek *p);
	/*
	 * Reads the whole input. A message or row that cannot be read is ledger_reject-ed and
	 * reading goes on. -1 and a reason
	 * ("file:line: reason") only where nothing further can be read.
	 */
	int (*read)(struct adapt_run *run, struct input *in, struct buf *err);
};

extern const struct adapter adapt_whatsapp, adapt_signal, adapt_mbox, adapt_eml, adapt_vtt,
	adapt_srt, adapt_vcon, adapt_records, adapt_queue_log, adapt_discord_text;

/*
 * Emits run->draft: sets order where the adapter has not, derives the id from the content where
 * there is none (source, session, time, type, direction, actor, sender, text, and a running number
 * among identical ones), writes the record, counts it, and clears the draft. -1 and a reason when
 * the output fails.
 */
int adapt_emit(struct adapt_run *run, struct buf *err);
/* Sets source to "<format>/<account>" and channel. */
void adapt_source(struct adapt_run *run, const char *format, const char *channel);
/*
 * Sets time from a local reading, converting with the process's zone; marks time_assumed with "UTC"
 * when no zone was given, and with `also` (a date order, say) when that had to be assumed (NULL:
 * nothing).
 */
void adapt_local_time(struct adapt_run *run, const struct civil *local, const char *also);

/* Tells what was found out about the input: for jnorm --explain, else nothing happens. */
void adapt_found(struct adapt_run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Who a sender is: us, one of our bots, or (0) somebody else. Names compare without case; "@domain"
 * matches addresses. */
enum adapt_who { WHO_OTHER, WHO_SELF, WHO_BOT };
enum adapt_who adapt_who(const struct adapt_options *o, struct str who); /* a name or an address */
/* Sets direction, actor and, for us, agent from who speaks. */
void adapt_speaker(struct adapt_run *run, enum adapt_who who, struct str name);
/* Adds an identifier of the kind email (lower case) when s is an address; false when it is none. */
bool adapt_email(struct adapt_run *run, struct str s);
/* Whether an input's name says that it has none. */
bool adapt_is_stdin(const char *path);
/* The last part of a path without its extension of up to four letters. */
struct str adapt_base_name(const char *path);

#endif
