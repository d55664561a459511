/*
 * The account of a run: read = written + duplicates + rejected, the dead letters, and the messages
 * about them. Every tool keeps one; its summary goes to stderr and its state gives the exit code.
 */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include "base/progress.h"
#include "core/event.h"
#include "io/lines.h"
#include "io/out.h"

struct ledger {
	uint64_t read, written, duplicates, rejected;
	uint64_t told;		  /* rejects told on stderr */
	bool quiet;		  /* no summary line */
	struct progress progress; /* of what is read */
	bool letters;		  /* dead letters are kept */
	bool open;		  /* a letter is begun and not ended */
	struct out file;
	struct buf line, carry; /* carry: bytes of a letter that make no whole base64 group yet */
};

/* path of the dead letters or NULL. -1 and a reason when it cannot be opened. */
int ledger_open(struct ledger *l, const char *path, bool quiet, struct buf *err);
/* Counts one record or row as read. */
void ledger_read(struct ledger *l);
/*
 * Refuses one record or row: counts it as read and rejected, tells it on stderr (the first twenty
 * of a run), and keeps the raw bytes in the dead letters:
 * {"tool","reason","message","file","line","offset","raw"}, raw_base64 instead of raw where the
 * bytes are no UTF-8. line 0: unknown. -1 and a reason when the dead letter could not be written.
 */
int ledger_reject(struct ledger *l, enum event_fault fault, const char *message, const char *file,
	uint64_t line, uint64_t offset, struct str raw, struct buf *err);
/* The same for a line that lines_next has just found too long: its rest is taken from `in`. */
int ledger_reject_long(struct ledger *l, struct lines *in, struct buf *err);
/* What is left of the line that lines_next gave last: its raw bytes, and those of its rest, go to
 * the open letter. */
int ledger_letter_line(struct ledger *l, struct lines *in, struct buf *err);
/*
 * A letter of any length, in constant memory: ledger_letter_begin counts and tells as ledger_reject
 * does, _more adds raw bytes (kept as raw_base64), _end closes it, as does the next letter where a
 * failure came between. -1 and a reason when it could not be written.
 */
int ledger_letter_begin(struct ledger *l, enum event_fault fault, const char *message,
	const char *file, uint64_t line, uint64_t offset, struct buf *err);
int ledger_letter_more(struct ledger *l, struct str raw, struct buf *err);
int ledger_letter_end(struct ledger *l, struct buf *err);
/* After a run that failed, when `out` is closed or flushed: records that did not arrive are neither
 * read nor written. */
void ledger_settle(struct ledger *l, const struct out *out);
/* Writes out what is pending; dead letters must be down before the records behind them are
 * acknowledged. */
int ledger_flush(struct ledger *l, struct buf *err);
/* Closes the dead letters and prints the summary line; `more` is added to it in brackets or NULL.
 */
int ledger_close(struct ledger *l, const char *more, struct buf *err);
/* EXIT_DONE or EXIT_REJECTED. */
int ledger_exit(const struct ledger *l);

#endif
