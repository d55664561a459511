/*
 * The ontology: one vocabulary, versioned, shared by all stages. A folder of YAML files
 * (jontology(5)), read once, then immutable. Strings live as long as the ontology.
 */
#ifndef CORE_ONTOLOGY_H
#define CORE_ONTOLOGY_H

#include "base/buf.h"
#include "base/map.h"
#include "core/hours.h"

struct findings;

/* Where something is written. */
struct spot {
	size_t file; /* in the ontology's `files` */
	int line, column;
};

struct phrase {
	char *words; /* folded words, a blank between; trailing '*': prefix; "..": up to three
			words, never first or last */
	char *lang;  /* BCP 47 */
	int score;   /* see jontology(5) */
	struct spot at;
};

struct phrases {
	struct phrase *v;
	size_t n, cap;
};

struct patterns {
	char **v; /* PCRE2 regular expressions */
	size_t n, cap;
};
void patterns_release(struct patterns *p); /* zeroed after it */

/* All texts but the id: NULL where there is none. */
struct intent {
	char *id, *title, *description, *family, *stage;
	char *since, *deprecated; /* versions */
	bool commercial, courtesy, resolving, sensitive, question;
	struct patterns requires; /* entity ids */
	struct phrases phrases;
	struct patterns patterns;
	struct patterns replaced_by; /* intent ids; several: it was split */
	char *read_as;		     /* of several, the one that history is read as */
	struct spot at;
	const struct intent
		*reading; /* what history is read as; itself where nothing replaces it */
};

enum entity_normal {
	NORMAL_NONE,
	NORMAL_UPPER,
	NORMAL_LOWER,
	NORMAL_DIGITS,
	NORMAL_DATE,
	NORMAL_AMOUNT,
	NORMAL_EMAIL,
	NORMAL_PHONE
};

/* A value that is known by name, and how else it is written. */
struct entity_value {
	char *value;
	struct patterns spellings;
};

struct entity_values {
	struct entity_value *v;
	size_t n, cap;
};

struct entity {
	char *id, *title;
	char *checker;		     /* what looks at a value that a pattern found; NULL: nothing */
	struct entity_values values; /* `list` */
	bool identity;		     /* an answer to "who are you" */
	bool mandatory;		     /* verification that has to be asked each time */
	enum entity_normal normal;
	struct patterns patterns;
	struct phrases asked_by;
	struct spot at;
};

struct signal {
	char *id, *title;
	struct phrases phrases;
	struct patterns patterns;
	struct spot at;
};

/* What may be done for a customer. */
struct action {
	char *id, *title;
	bool consequential; /* it costs, binds or cannot be taken back */
	struct spot at;
};

/* By which words a promise of an action is known. */
struct promised {
	char *action;
	struct phrases phrases;
	struct spot at;
};

/* What a promise is said with, what is one without a time as well, and what makes it none: a
 * condition, a doubt, a denial. */
struct promise_words {
	struct phrases made, undated, hedged;
	struct promised *v;
	size_t n, cap;
};

/* What a word says of her mood, or does to the words around it. */
enum tone {
	TONE_GOOD,
	TONE_VERY_GOOD,
	TONE_BAD,
	TONE_VERY_BAD,
	TONE_NOT,
	TONE_MORE,
	TONE_LESS,
	TONES
};
const char *tone_name(enum tone tone); /* as files have it: "very_good" */

struct mood_word {
	char *word, *lang; /* folded; BCP 47 */
	enum tone tone;
};

struct mood_words {
	struct mood_word *v;
	size_t n, cap;
};

/* A word of the vocabulary and no more. */
struct term {
	char *id, *title; /* title: NULL where there is none */
	struct spot at;
};

struct terms {
	struct term *v;
	size_t n, cap;
	struct map by_id; /* -> number */
};

/* How many people may share an identifier of a kind, by how freely people are joined. */
enum identity_rules { IDENTITY_STRICT, IDENTITY_NORMAL, IDENTITY_LOOSE, IDENTITY_RULES };

struct ident_kind {
	char *id;
	int64_t limit[IDENTITY_RULES]; /* 0: none */
};

struct channel_class {
	char *id;
	int64_t gap;	/* ms of silence that end a contact */
	int64_t answer; /* ms in which a contact should be answered; 0: not said */
};

/* How a customer is reached on a channel. */
struct channel_reach {
	uint64_t kinds; /* of identifiers, any of which will do: bits by number in reach_kinds */
	bool window;	/* what is written freely may follow her last word there for a time alone */
	struct spot at;
};

struct region_hours {
	char *region; /* ISO 3166: "BR", "US-CA"; "default" */
	struct hours *hours;
};

struct ontology {
	char *name, *version;		      /* "base", "1.0.0" */
	char *label;			      /* "base/1.0.0": what data.ontology says */
	char *folder;			      /* where it was read */
	struct patterns folders;	      /* that and those that it extends, the lowest first */
	struct patterns languages;	      /* BCP 47: those that every intent should speak */
	struct patterns files;		      /* paths, in the order in which they were read */
	struct spot version_at, languages_at; /* line 0: it says none */
	struct intent *intents;
	size_t intent_n, intent_cap;
	struct intent *families; /* what intents are read as that were split within one */
	size_t family_n;
	struct entity *entities;
	size_t entity_n, entity_cap;
	struct signal *signals;
	size_t signal_n, signal_cap;
	struct channel_class *classes;
	size_t class_n, class_cap;
	int64_t request_gap;	/* ms; after a request of ours */
	struct patterns stages; /* ids, in the order in which a customer passes through them */
	struct map channels;	/* channel name -> number of its class */
	struct map reach_of;	/* channel name -> number of its reach */
	struct channel_reach *reaches;
	size_t reach_n, reach_cap;
	struct patterns reach_kinds; /* as records name them: "phone", "handle:network" */
	struct region_hours *hours;  /* business hours */
	size_t hours_n, hours_cap;
	struct terms types, reasons, queues, stage_terms; /* the last as `stages` */
	struct terms family_terms; /* those that are listed; none: any is right */
	struct action *actions;
	size_t action_n, action_cap;
	struct map action_by_id; /* -> number */
	struct promise_words promises;
	struct mood_words moods; /* `sentiment` */
	size_t default_class;
	struct map intent_by_id, entity_by_id, signal_by_id; /* -> number */
	struct ident_kind *kinds;			     /* the strongest first */
	size_t kind_n, kind_cap;
	struct map placeholders;	   /* "kind\nvalue", the value folded */
	struct patterns placeholder_globs; /* "kind\nvalue" where the value has a '*': any run of
					      characters */
	unsigned char digest[32]; /* SHA-256 over what projections depend on: intents' families and
				     flags and what they are read as, signals, stages, classes,
				     placeholders, entities' flags, hours */
};

/*
 * Reads the folder (NULL: the one found by ontology_folder). NULL and "file:line:column: reason" on
 * failure. Free with ontology_free.
 */
struct ontology *ontology_read(const char *folder, struct buf *err);
/*
 * The same for who wants to know all that is wrong: errors are added to the findings, and what
 * could be read is given whatever they are. NULL and a reason only where nothing can be.
 */
struct ontology *ontology_read_all(const char *folder, struct findings *findings, struct buf *err);
void ontology_free(struct ontology *o);
/*
 * Where the ontology is: $JTOOLS_ONTOLOGY if set; else beside the running program, in the build
 * tree (../../ontology from build/bin, ../../../ontology from build/asan/bin) or installed
 * (../share/jtools/ontology). Appends the path; -1 and a reason where there is none.
 */
int ontology_folder(struct buf *path, struct buf *err);

/* Appends the paths of the folder (NULL: the one found) and of those that it extends, the lowest
 * first. -1 and "file:line:column: reason". */
int ontology_layers(const char *folder, struct patterns *out, struct buf *err);
int ontology_shipped(struct buf *path, struct buf *err); /* the one beside the program */
/* Appends the path of a file in a folder of the ontology: of the highest layer that has it, else
 * where it would be in the ontology's own. */
void ontology_path(const struct ontology *o, const char *folder, const char *file, struct buf *out);
bool ontology_is(struct buf *folder); /* whether it holds an ontology.yaml */

/*
 * How history is read: the intent, or what it was replaced by, followed to the end; one that was
 * split is read as its family, an intent by the family's name. NULL: unknown.
 */
const struct intent *ontology_intent(const struct ontology *o, struct str id);
/* The same where it is one of `intents`, which a text can have; NULL where only a family is left.
 */
const struct intent *ontology_now(const struct ontology *o, struct str id);
/* The id of that; the one that is given where it is unknown. */
struct str ontology_reading(const struct ontology *o, struct str id);
/* The intent by this very id, replaced or not; among the ontology's `intents`. */
const struct intent *ontology_declared(const struct ontology *o, struct str id);
const struct entity *ontology_entity(const struct ontology *o, struct str id);
const struct action *ontology_action(const struct ontology *o, struct str id);
/* An ontology that lists no queues, or no actions, has no say about them: ask only where n > 0. */
bool ontology_queue(const struct ontology *o, struct str id);
/* Whether it lists an event type, a channel. No tool refuses a record for having another one. */
bool ontology_type(const struct ontology *o, struct str id);
bool ontology_channel(const struct ontology *o, struct str name);
/* The class of a channel by its name; the default class for one that is not listed. */
const struct channel_class *ontology_class(const struct ontology *o, struct str channel);
/* NULL where it does not say how one is reached there. */
const struct channel_reach *ontology_reach(const struct ontology *o, struct str channel);
/* Business hours of the region, else of what it is part of, else the default ones; NULL where there
 * are none. */
const struct hours *ontology_hours(const struct ontology *o, struct str region);
/* Whether an identifier names nobody. The kind handle:NETWORK also looks among those of handle. */
bool ontology_placeholder(const struct ontology *o, struct str kind, struct str value);

#endif
