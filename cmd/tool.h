/* What the commands share: options that are the same everywhere, opening what they need, and
 * leaving with the right code. */
#ifndef CMD_TOOL_H
#define CMD_TOOL_H

#include "base/opt.h"
#include "core/ledger.h"
#include "core/ontology.h"
#include "core/store/store.h"

#define TOOL_DB(to)                                                                                \
	{                                                                                          \
		'd', "db", OPT_TEXT, to, "FILE",                                                   \
			"the journey file (else $JTOOLS_DB, else journey.db)", NULL, NULL          \
	}
#define TOOL_QUIET(to)                                                                             \
	{                                                                                          \
		'q', "quiet", OPT_SET, to, NULL, "no summary on stderr", NULL, NULL                \
	}
#define TOOL_REJECT(to, verbs)                                                                     \
	{                                                                                          \
		0, "reject", OPT_TEXT, to, "FILE", "append refused records to FILE", verbs, NULL   \
	}
#define TOOL_MAX_LINE(to, verbs)                                                                   \
	{                                                                                          \
		0, "max-line", OPT_SIZE, to, "SIZE", "longest record (1M)", verbs, NULL            \
	}
#define TOOL_ONTOLOGY(to) TOOL_ONTOLOGY_OF(to, NULL)
#define TOOL_ONTOLOGY_OF(to, verbs)                                                                \
	{                                                                                          \
		0, "ontology", OPT_TEXT, to, "DIR", "the ontology's folder", verbs, NULL           \
	}
#define TOOL_TZ(to)                                                                                \
	{                                                                                          \
		0, "tz", OPT_TEXT, to, "ZONE", "zone of dates given and shown (UTC)", NULL, NULL   \
	}
#define TOOL_WAIT(to)                                                                              \
	{                                                                                          \
		0, "wait", OPT_SPAN, to, "SPAN", "how long to wait for another writer (5s)", NULL, \
			NULL                                                                       \
	}

/* The types of events that the shipped ontology knows. */
#define TOOL_TYPES                                                                                 \
	"message message.edited message.deleted message.reaction message.status "                  \
	"call visit lead case.opened case.assigned case.closed case.reopened "                     \
	"case.updated escalated transferred handoff abandoned stage.changed "                      \
	"offer.made order.placed order.cancelled survey.answered survey.left "                     \
	"consent.granted consent.revoked commitment.made commitment.kept "                         \
	"action.proposed decision.made route.decided identity.linked "                             \
	"identity.unlinked labelled erased hold.placed hold.released lead.stalled "                \
	"contact.unanswered commitment.due commitment.overdue"

/* For completion: the dimensions that facts of shipped metrics have. */
#define TOOL_DIMENSIONS                                                                            \
	"channel class source region lang intent family stage agent agent_kind day week month "    \
	"began case_id session outcome abandoned last_word first_last_word next_channel "          \
	"last_channel from_channel to_channel escalation_reason reason signals asked_by action "   \
	"inputs missing purpose scale kind"
/* The entities of the shipped ontology. */
#define TOOL_ENTITIES                                                                              \
	"order amount date email phone invoice tracking document customer name birth_date "        \
	"postal_code address card iban place people"

/* The exit code of a status: 0, or after telling the reason EXIT_BUSY or EXIT_STOPPED. Releases
 * err. */
int tool_status(int status, struct buf *err);
/* All of these end the program with their reason where they fail. */
struct ontology *tool_ontology(const char *folder);
/*
 * Where records come from stdin: waits for the first, or the end. The tool that writes to us may be
 * making the journey file at this moment, and commits before it writes.
 */
void tool_await(int argc);
struct store *tool_store(const char *path, enum store_mode mode, int64_t wait_ms);
/* The file to write to, or to read where it cannot be written. */
struct store *tool_writable(const char *path, int64_t wait_ms);
/* Of operands that are no files: one that is a database was meant for --db, and ends the program.
 */
void tool_no_database(int argc, char **argv);
void tool_no_operands(int argc, char **argv);
/* The customer who was given; NULL ends the program. */
const char *tool_whom(const char *customer);
/* The customer that a c-number or an identifier named when the log ended at as_of. */
int64_t tool_customer(struct store *s, const char *text, int64_t as_of);
/* The place in the log that --as-of and --changed-since name: a sequence that it has, or a time, of
 * which it is the last record that was taken at or before it (0: none was). */
int64_t tool_place(struct store *s, const char *text);
void tool_zone(const char *zone);
void tool_times(const struct command *c);
/* Ends a run that found something: EXIT_NO where status is above 0, once what it wrote is out. */
int tool_finish(int status, struct out *out, struct buf *err);
/*
 * Ends a run over records: what is pending goes out, the dead letters are closed, the summary is
 * told. status is the run's. out may be NULL.
 */
int tool_close(
	int status, struct out *out, struct ledger *ledger, const char *more, struct buf *err);
/* Takes the operand - out of the others, and says whether it was there. */
bool tool_dash(int *argc, char **argv);
/* Ends where a file that is not there reads like a verb that is misspelt. */
void tool_verb_slip(const struct verb *verbs, const char *name);

#endif
