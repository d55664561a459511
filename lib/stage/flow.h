/* jproject flow: which contacts follow which, as records, a table or a picture. */
#ifndef STAGE_FLOW_H
#define STAGE_FLOW_H

#include "stage/show.h"

enum flow_format { FLOW_TABLE, FLOW_NDJSON, FLOW_CSV, FLOW_DOT, FLOW_MERMAID };

struct flow_show {
	struct show *show; /* its format does not count */
	enum flow_format format;
	const char *of; /* what the nodes are: see flow_settle */
	bool by_issue;	/* contacts of one issue follow one another, not those of one customer */
	int64_t min;	/* edges that are counted less often are left out */
	int64_t top;	/* and all but these many most frequent ones; 0: none is */
};

/*
 * Sets the format (NULL: a table on a terminal, else records) and what the nodes are (channel,
 * intent, family, stage or class; NULL: channel) by their names. -1 and a reason where there is no
 * such name.
 */
int flow_settle(struct flow_show *f, const char *format, const char *of, struct buf *err);
/* The graph of contacts, in memory that grows with the graph alone. The facts are up to date.
 * Status as the store's. */
int flow_show(struct flow_show *f, struct buf *err);

#endif
