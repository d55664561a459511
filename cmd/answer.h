/*
 * What jsh answers with the stages of the other commands. Stages do not include one another, so
 * that it stands here, beside jsh.c.
 */
#ifndef CMD_ANSWER_H
#define CMD_ANSWER_H

#include "base/opt.h"
#include "core/metric.h"
#include "stage/shell.h"

struct answers {
	struct shell sh; /* its store is ours to close, and may become another */
	struct metrics metrics;
	const char **names; /* of those that are measured */
	const char *db;	    /* as given */
	int64_t wait_ms;
	bool quiet, colour;
	/* Facts are never written into the file: where its own are not up to date, or the log is
	 * read as of a place, they are made beside it. */
	struct {
		bool on;
		int64_t place, customer;
	} aside;
};

/* Reads the definitions of the ontology's folders and the extra ones. -1 and a reason. */
int answers_open(struct answers *a, const struct opt_list *extra, struct buf *err);
void answers_close(struct answers *a);

/* STORE_ERROR and a reason where csv is asked for. */
int answer_no_csv(struct answers *a, const char *what, struct buf *err);

/*
 * All take the words behind the command's own, as many as it may have. 0; above 0 where the answer
 * is that there is none; else a status of the store's and a reason.
 */
typedef int answer_run(struct answers *a, char **w, size_t n, struct buf *err);
answer_run answer_contacts, answer_issues, answer_switches, answer_timeline, answer_context;
answer_run answer_customer; /* [C]: makes her the current one; without, tells her last state */
answer_run answer_flow;	    /* [channel | intent | family | stage | class] */
answer_run answer_metrics;  /* [METRIC ...] [by DIM[,DIM] ...] */
answer_run answer_why;	    /* METRIC [hit | miss | all], or EVENT */
answer_run answer_route;    /* RULES [SEQ] */
int answer_sql(struct answers *a, struct str query, struct buf *err);

#endif
