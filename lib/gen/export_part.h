/* What the formats of exports share: for the files export*.c alone. */
#ifndef GEN_EXPORT_PART_H
#define GEN_EXPORT_PART_H

#include "gen/export.h"
#include "io/json.h"
#include "io/out.h"

/* A file that grows with every record. */
struct export_file {
	struct out out;
	char *path; /* NULL: it is not open */
	uint64_t records;
};

struct export
{
	const struct scenario *s;
	struct export_formats as;
	const char *folder;
	struct buf host; /* of the company's mail */
	struct export_file mail, table;
	enum export_kind rows; /* the table's format; EXPORT_NONE: there is none */
	struct buf text, line, value, path, record; /* scratch */
	struct json_doc doc;
	uint64_t written, left_out;
};

/* A record and what belongs to it. */
struct told {
	const struct plan *p;
	const struct voice *v;
	const uint32_t *before;
	const struct turn *t;
};

/* Whether it is what was said in a contact. */
bool told_word(const struct turn *t);
/* The chat's or mailbox's format that carries what is said in the turn's contact; EXPORT_NONE: a
 * table does. */
enum export_kind told_carrier(const struct export *e, const struct plan *p, const struct turn *t);
/* The random numbers of one side of a record: the same for it whenever it is written. */
struct random told_random(const struct turn *t, uint64_t side);

/* By format of chats and mailboxes: what reads them calls their records' source. */
extern const char *const export_sources[];

/* Appends "FOLDER/NAME". */
void export_path(const struct export *e, const char *name, struct buf *out);
int export_file_open(struct export *e, struct export_file *f, const char *name, struct buf *err);
int export_file_close(struct export_file *f, struct buf *err);
/* Writes a whole file. */
int export_whole(struct export *e, const char *name, struct str bytes, struct buf *err);

/* A telephone number (E.164) and an address as people and systems write them. */
void put_phone_written(struct buf *out, const char *number, struct random *r);
void put_email_written(struct buf *out, const char *address, struct random *r);
/* Two lines instead of one, now and then, where a sentence ends. */
void break_text(struct buf *text, struct random *r);
bool in_portuguese(const struct plan *p);

/* Chats: a file for each customer and telephone, named by it. */
int chat_begin(struct export *e, const struct plan *p, const struct voice *v,
	const uint32_t *before, struct buf *err);
/* What its session is called. */
void chat_session(
	const struct plan *p, const struct voice *v, const struct plan_contact *c, struct buf *out);

int mail_turn(struct export *e, const struct told *w, struct buf *err);
/* The id of the thread's first mail. */
void mail_session(const struct plan *p, const struct plan_contact *c, struct buf *out);
void mail_agent(const struct export *e, const char *name, struct buf *out);

/* A table's head and its map, its rows, its end. */
int table_open(struct export *e, struct buf *err);
int table_turn(struct export *e, const struct told *w, struct buf *err);
int table_close(struct export *e, struct buf *err);

#endif
