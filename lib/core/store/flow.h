/* The directly-follows graph over contacts: which came after which, how often, and how long after.
 */
#ifndef CORE_STORE_FLOW_H
#define CORE_STORE_FLOW_H

#include "core/store/store.h"

struct flow_query {
	const char *of;	  /* a column of v_contact, whose values are the nodes */
	bool by_issue;	  /* contacts of one issue follow one another, not those of one customer */
	int64_t customer; /* 0: all */
	int64_t since, until; /* contacts that began at or after, and before; ms */
};

/* A node, or an edge between two. The name of contacts without a value is empty. */
struct flow_row {
	bool node;
	bool first, last;    /* edges from the start, which have no `from`; to the end, no `to` */
	struct str from, to; /* a node is named by `from`; borrowed until the next row */
	int64_t count;	     /* of contacts, or of times that one followed the other */
	int64_t customers;   /* distinct */
	int64_t median, p90; /* from the end of the one to the start of the other, ms: below 0 where
				they overlap; 0 for edges from the start and to the end */
};

/*
 * Nodes by name, then edges by theirs, those from the start before the others and those to the end
 * behind them. Contacts are taken in the order of their start. What is held in memory does not grow
 * with the log: a row a contact goes to a temporary table. Nonzero from visit ends it and is given
 * back. Status as the store's.
 */
int flow_read(struct store *s, const struct flow_query *q,
	int (*visit)(void *ctx, const struct flow_row *row, struct buf *err), void *ctx,
	struct buf *err);

#endif
