/* Lines of DiscordChatExporter's plain text, and what a message's lines say. */
#ifndef ADAPT_DISCORD_LINE_H
#define ADAPT_DISCORD_LINE_H

#include "adapt/whatsapp_head.h"
#include "core/draft.h"

/* How the dates of an export are written: in a locale's short form, 24-Jan-15, or as seconds or
 * milliseconds. */
enum discord_date { DISCORD_FIELDS, DISCORD_NAMED, DISCORD_EPOCH };

#define DISCORD_LAYOUTS (WA_LAYOUTS + 2)

/* "[1/15/2024 10:30 AM] bob (pinned)" */
struct discord_head {
	enum discord_date date;
	struct wa_head fields; /* of DISCORD_FIELDS */
	bool noon;	       /* its hours are written with AM or PM */
	struct civil at;       /* of DISCORD_NAMED */
	int64_t utc;	       /* of DISCORD_EPOCH */
	int layout;	       /* 0..DISCORD_LAYOUTS-1: the same for all messages of one export */
	struct str author;
	bool pinned;
};

enum discord_line {
	DISCORD_OTHER,	   /* of a message, or nobody's */
	DISCORD_HEAD,	   /* a message begins */
	DISCORD_FRAME,	   /* of what is before and behind the messages */
	DISCORD_HELD,	   /* a rule: what it is shows the next line */
	DISCORD_HELD_OTHER /* DISCORD_OTHER, and the rule before it is of the message too */
};

/* Where a reader is in the export; begins as zeros. */
struct discord_place {
	enum { DISCORD_START, DISCORD_ABOVE, DISCORD_WITHIN, DISCORD_BELOW } at;
	bool solid; /* the line before was not blank: a message does not begin behind it */
	bool held;
};
/* What the next line is; the head is filled in where it is one. */
enum discord_line discord_line(struct discord_place *p, struct str line, struct discord_head *h);

/* Whether an author is a name that Discord gives once: "bob.prado" or, of old and of bots,
 * "Bob#1234". */
bool discord_handle(struct str author);
/* Whether a text is what the exporter writes for something that happened to the channel. */
bool discord_notice(struct str text);
/* Puts a message's text, and in ext its attachments, embeds, stickers and reactions. */
void discord_body(struct draft *d, struct str body);

#endif
