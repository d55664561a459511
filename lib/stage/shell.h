/*
 * jsh's own: what stands between its commands (a customer, a period, a place in the log), how their
 * text is taken apart, and the answers that no other command gives. Those that others give are
 * theirs, and cmd/jsh.c calls them.
 */
#ifndef STAGE_SHELL_H
#define STAGE_SHELL_H

#include "core/store/select.h"
#include "io/out.h"
#include "io/prompt.h"

enum shell_format { SHELL_TABLE, SHELL_NDJSON, SHELL_CSV };

struct shell {
	struct store *store; /* borrowed, as all but the texts */
	const struct ontology *ontology;
	struct out *out;
	enum shell_format format;
	int64_t customer; /* 0: none */
	int64_t as_of;	  /* INT64_MAX: as it stands */
	bool has_since, has_until;
	int64_t since, until;
	/* Names for completion, NULL-terminated. */
	const char *const *commands, *const *metrics;
	struct buf typed; /* text that is still to be taken apart: lines before the one at hand */
	bool leaving;	  /* set by a command: no other is read */
	volatile sig_atomic_t *stop; /* set by Ctrl-C */
};

/* ---- text ---- */

/*
 * Takes the first command of *text off it: up to a semicolon, or but for sql a line's end, that
 * stands in no quotation marks (which begin at a word's start; in sql anywhere, and comments hold
 * too). false where there is none, and no text is left. whole: it was ended by one of these.
 */
bool shell_next(struct str *text, struct str *command, bool *whole);
/* Words of a command; quotation marks keep blanks in one. Free with shell_words_release. */
struct shell_words {
	char **v;
	size_t n, cap;
};
int shell_split(struct str command, struct shell_words *w, struct buf *err);
void shell_words_release(struct shell_words *w);
/* Behind the first n words. */
struct str shell_behind(struct str command, size_t n);

/* ---- what stands ---- */

/* All give 0, or a status of the store's and a reason. */
/* The customer that a c-number or an identifier names as of the place. */
int shell_customer(struct shell *s, const char *text, struct buf *err);
/* A sequence, a time, or "now". */
int shell_as_of(struct shell *s, const char *text, struct buf *err);
/* A time, or "-" for none. */
int shell_since(struct shell *s, const char *text, struct buf *err);
int shell_until(struct shell *s, const char *text, struct buf *err);
/* "c17 2026-03-01.. as of 42", without those that there are not. */
void shell_standing(const struct shell *s, struct buf *out);
/* Where the history of the store's file is kept, its folders made. */
int shell_history(const struct shell *s, struct buf *path, struct buf *err);

/* ---- answers ---- */

int shell_sql(struct shell *s, struct str sql, struct buf *err);
/* Whether it names a view of facts, which must be up to date then. */
bool shell_reads_facts(struct str sql);
/* Above 0 where nothing was found, as the next. Identifiers that hold the text, then what was said
 * that does, folded, or whose intent it is. */
int shell_find(struct shell *s, const char *text, bool *more, struct buf *err);
/* The decisions on an event (a sequence, or an id of the customer's), or of one that is a decision,
 * with what decided. */
int shell_why(struct shell *s, const char *event, struct buf *err);
/* The record at a sequence (0: the customer's last that is inbound) as it leaves the log, into
 * record. */
int shell_record(struct shell *s, int64_t seq, struct buf *record, struct buf *err);

/* ---- reading ---- */

/* line: of a script, where the command begins; 0: it has none. Gives an exit code. */
typedef int shell_run(void *ctx, struct str text, uint64_t line);
struct shell_runner {
	struct shell *shell;
	shell_run *run;
	void *ctx;
	bool keep_going; /* after a command that failed, in texts and scripts */
};
/* Commands of texts, of stdin, of a terminal. The exit code of what failed first; EXIT_NO where
 * nothing did and an answer was no; of a terminal EXIT_DONE. */
int shell_run_texts(const struct shell_runner *r, const char *const *texts, size_t n);
int shell_run_script(const struct shell_runner *r);
int shell_run_prompt(const struct shell_runner *r, bool colour);

/* ---- completion ---- */

/* A prompt_complete; ctx is the shell. */
void shell_complete(void *ctx, struct str before, struct str word, struct prompt_words *out);

#endif
