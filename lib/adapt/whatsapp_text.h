/* What the words of a WhatsApp text export say: placeholders, marks, system lines and file names,
 * in several languages. */
#ifndef ADAPT_WHATSAPP_TEXT_H
#define ADAPT_WHATSAPP_TEXT_H

#include "base/buf.h"

struct draft;

/* Splits what stands behind the head into "Name: " and text; false: a system line, without a name.
 */
bool wa_author(struct str rest, struct str *name, struct str *text);
/* A name as it is shown: without marks and the "~" of people who are no contacts. */
struct str wa_name(struct str name);
/* Whether an authored line is the system's: the notice of encryption, and on iOS what begins with a
 * mark. */
bool wa_system(struct str text, bool ios);
/* Whether it is the notice of encryption, whose author on iOS is the chat itself. */
bool wa_notice(struct str text);
/* The subject that a system line says the group was created with; empty: it says none. */
struct str wa_created(struct str text);

/* What a message is besides its text; the parts are borrowed. */
struct wa_message {
	struct str text;	/* what was said */
	struct str placeholder; /* what stands for something left out */
	struct str file;	/* an attachment's name */
	bool media, deleted, edited;
};
void wa_message(struct str body, struct wa_message *m);

struct wa_call {
	bool missed;	 /* nobody answered */
	int64_t seconds; /* that it lasted; -1: it is not told */
};
/* Whether a line with an author stands for a call that he made. */
bool wa_call(struct str body, struct wa_call *call);
/* Makes a record of it, whose direction is known. */
void wa_put_call(struct draft *d, const struct wa_call *call, struct str body);

/* The chat's name in a path: "WhatsApp Chat with Ana.txt" gives Ana; else empty. */
struct str wa_path_peer(const char *path);
/* Whether a name is written like a telephone number. */
bool wa_is_number(struct str name);

#endif
