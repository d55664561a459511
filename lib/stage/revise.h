/*
 * jintent diff: what changed between two versions of an ontology, what each change does to those
 * who use it, and which version step it demands.
 */
#ifndef STAGE_REVISE_H
#define STAGE_REVISE_H

#include "core/ontology.h"
#include "core/store/store.h"
#include "io/out.h"

/* What others hold of the ontology is gone or means something else; the same vocabulary gives other
 * labels or figures; neither. */
enum judgement { VERDICT_SAFE, VERDICT_MAY, VERDICT_BREAKING };
enum step { STEP_NONE, STEP_PATCH, STEP_MINOR, STEP_MAJOR };

struct change {
	const char *kind; /* "intent.removed"; never freed */
	enum judgement verdict;
	enum step step;
	char *id;
	char *what;
};

/* Zeroed: empty. Borrows the ontologies. */
struct revision {
	const struct ontology *old, *new;
	struct change *v;
	size_t n, cap;
	enum step demanded, given; /* given: STEP_NONE also where the version went back */
	bool back;
};

/* Compares. -1 and a reason where a version is none, or examples cannot be read. Release in either
 * case. */
int revise(struct revision *r, const struct ontology *old, const struct ontology *new,
	struct buf *err);
void revise_release(struct revision *r);
bool revise_enough(const struct revision *r);
/* The changes, then what the version says, as lines of JSON or a table. -1 and a reason. */
int revise_tell(const struct revision *r, bool table, struct out *out, struct buf *err);

/*
 * What the new version would do to a log: all its texts are labelled under both, in memory, and
 * those are counted whose label is another one, read through what replaces what; labels that the
 * source gave stay, and are not looked at. Also how often ids of the log are read as others, and
 * are unknown. examples: so many texts a pair. Store status.
 */
int revise_log(const struct revision *r, struct store *s, bool table, int64_t examples,
	struct out *out, struct buf *err);

#endif
