/* jproject context: what travels with a handoff, as a bundle or for people. */
#ifndef STAGE_HANDOFF_H
#define STAGE_HANDOFF_H

#include "core/journey.h"
#include "io/out.h"

struct handoff {
	struct store *store;
	const struct ontology *ontology;
	struct out *out;
	int64_t customer;
	int64_t as_of;	       /* the log as it stood; INT64_MAX: as it is */
	const char *format;    /* "text" or "json"; NULL: text on a terminal */
	const char *summarize; /* NULL: by extraction alone */
	int64_t timeout_ms;    /* of that command */
	bool colour;
};

/* Status as the store's. A command that fails stops nothing: the bundle says why. */
int handoff(struct handoff *h, struct buf *err);

#endif
