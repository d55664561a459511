/* jlog identities: who is who, what is odd about it, and making it anew. */
#ifndef STAGE_IDENTITIES_H
#define STAGE_IDENTITIES_H

#include "core/ontology.h"
#include "core/store/store.h"
#include "io/out.h"

struct identities {
	struct store *store;
	struct ontology
		*ontology; /* given: all is derived anew, by its rules; the callee frees it */
	const char *rules; /* strict, normal or loose; NULL: normal */
	struct out *out;
	const char *customer; /* hers alone; NULL: all */
	int64_t as_of;	      /* as known when the log ended there */
	bool suspect;
};

/*
 * Lists identifiers, a line of JSON each; or with `suspect` what joins people perhaps wrongly:
 * identifiers that too many share, and pairs of identifiers that alone hold together what would be
 * two customers of at least two identifiers each. Status as the store's.
 */
int identities(struct identities *i, struct buf *err);

#endif
