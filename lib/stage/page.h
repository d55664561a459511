/* jreport: one page that shows what a journey file says, for people. */
#ifndef STAGE_PAGE_H
#define STAGE_PAGE_H

#include "base/opt.h"
#include "core/ontology.h"
#include "core/store/store.h"
#include "io/out.h"

/* What is asked; borrows all. */
struct page_ask {
	struct store *store;	/* its facts are up to date */
	struct sqlite3 *beside; /* as of struct measure; NULL: none */
	const struct ontology *ontology;
	const struct metrics *metrics; /* the definitions */
	const struct opt_list *by;     /* the figures once more for the groups of these */
	bool has_since, has_until;
	int64_t since, until; /* ms: what began in [since, until) */
	bool markdown;	      /* else HTML */
	bool with_text;	      /* examples show what was said, and by which agent */
};

/* Appends the page. The caller holds one snapshot (store_read_begin). Status as the store's. */
int page_write(const struct page_ask *ask, struct buf *out, struct buf *err);

#endif
