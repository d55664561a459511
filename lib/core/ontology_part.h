/*
 * What the files that read an ontology share. A reader goes on after something that is wrong, so
 * that all of it can be told; who asked for an ontology alone hears of the first.
 */
#ifndef CORE_ONTOLOGY_PART_H
#define CORE_ONTOLOGY_PART_H

#include "core/findings.h"
#include "core/ontology.h"
#include "io/yaml.h"

struct loader {
	struct ontology *o;
	struct buf *err;	   /* the first reason, "file:line:column: reason" */
	struct findings *findings; /* all of them; NULL: nobody asks */
	bool failed;
	bool adding;	  /* the element at hand adds its lists to what is there */
	size_t file;	  /* the one that is being looked at, in the ontology's `files` */
	int64_t layer;	  /* 1: the ontology that is extended by nothing but others, and so on */
	const char *base; /* the label of the layer below; NULL in the first */
	struct map ids;	  /* "section\nid" -> the layer that said it last */
};

/* Tells what is wrong; -1. */
int loader_refuse(struct loader *l, const struct yaml *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int loader_refuse_at(struct loader *l, struct spot at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
struct spot loader_spot(const struct loader *l, const struct yaml *at);

/*
 * Members of `of`, each left as it is where it is not there; -1 where it is wrong. A list that is
 * there takes the place of what is in *out, or is added to it where the loader is adding.
 */
int loader_known(struct loader *l, const struct yaml *map, const char *const *names);
int loader_scalar(struct loader *l, const struct yaml *v, char **out);
int loader_text(struct loader *l, const struct yaml *of, const char *name, char **out);
int loader_flag(struct loader *l, const struct yaml *of, const char *name, bool *out);
int loader_texts(struct loader *l, const struct yaml *of, const char *name, struct patterns *out);
int loader_patterns(
	struct loader *l, const struct yaml *of, const char *name, struct patterns *out);
int loader_phrases(struct loader *l, const struct yaml *of, const char *name, struct phrases *out);
int loader_values(
	struct loader *l, const struct yaml *of, const char *name, struct entity_values *out);

/*
 * The id of an element of a list. Fresh, or one that a layer below has and this element says to
 * override or to add to: *again. -1 where there is none, or it stands twice.
 */
int loader_id(
	struct loader *l, const char *section, const struct yaml *v, const char **id, bool *again);
/* Takes an id, in a mapping by name; a name of a layer below is overridden. */
int loader_take(struct loader *l, const char *section, const struct yaml *at, const char *id);
bool loader_has(const struct loader *l, const char *section, const char *id);

/* One member of the section `promises`, or of `sentiment`. */
void loader_promise(struct loader *l, const struct yaml *v);
void loader_check_promise(struct loader *l, const struct yaml *v);
void loader_mood(struct loader *l, const struct yaml *v);
/* One channel of the section `reach`. */
void loader_check_reach(struct loader *l, const struct yaml *v);

/* One region of the section `hours`. */
void loader_hours(struct loader *l, const struct yaml *v);

/* A file's sections: `read` over all files of all layers, then `check` over all of them. */
void loader_read(struct loader *l, const struct yaml *root);
void loader_check(struct loader *l, const struct yaml *root);
/* After that: follows what intents are replaced by. */
void loader_settle(struct loader *l);

void phrases_release(struct phrases *p); /* zeroed after it, as the next */
void values_release(struct entity_values *v);
void promises_release(struct promise_words *p);
void moods_release(struct mood_words *m);
/* Appends the paths of a folder's *.yaml, sorted. -1, errno and a reason where it cannot be read.
 */
int ontology_files(const char *folder, struct patterns *out, struct buf *err);
/* What projections depend on, into o->digest. */
void ontology_digest(struct ontology *o);

#endif
