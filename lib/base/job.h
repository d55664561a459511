/* One piece of work at a time, done by a thread beside the one that asks for it. */
#ifndef BASE_JOB_H
#define BASE_JOB_H

#include <stdbool.h>
#include <stddef.h>

struct job;

struct job *job_new(void);
void job_free(struct job *j); /* waits for what is being done */
/* Begins with run(ctx); what was begun before has been waited for. */
void job_start(struct job *j, int (*run)(void *ctx), void *ctx);
/* From within run: it has got so far. It takes a lock; say it of hundreds. */
void job_reach(struct job *j, size_t so_far);
/* Waits until it has, or is done. */
void job_await(struct job *j, size_t so_far);
bool job_reached(const struct job *j, size_t so_far); /* whether it has */
bool job_running(struct job *j);		      /* it is not done yet */
/* From now on the thread that asks yields to those of jobs that were made before, and to those that
 * they make, where processors are fewer than threads. Without privileges it cannot be taken back.
 */
void job_give_way(void);
int job_wait(struct job *j); /* what run returned; 0 where nothing was begun, or j is NULL */

#endif
