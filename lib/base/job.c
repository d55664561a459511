#include "base/job.h"
#include "base/die.h"
#include "base/mem.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>

#define STACK_SIZE ((size_t)1 << 20)
#define GIVES_WAY 10 /* of 40 steps of priority: a tenth of what the others get */

enum state { IDLE, BEGUN, DONE, END };

struct job {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	enum state state; /* under the lock */
	atomic_size_t reached;
	bool busy; /* of the thread that asks */
	int (*run)(void *ctx);
	void *ctx;
	int result;
};

static void await(struct job *j, enum state a, enum state b)
{
	while (j->state != a && j->state != b)
		pthread_cond_wait(&j->moved, &j->lock);
}

static void *work(void *arg)
{
	struct job *j = arg;

	pthread_mutex_lock(&j->lock);
	for (;;) {
		await(j, BEGUN, END);
		if (j->state == END)
			break;
		pthread_mutex_unlock(&j->lock);
		j->result = j->run(j->ctx);
		pthread_mutex_lock(&j->lock);
		j->state = DONE;
		pthread_cond_broadcast(&j->moved);
	}
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

/* Threads that allocate from one heap wait for each other; but each further heap reserves 64
 * megabytes of addresses, which a process may be short of. */
static void choose_heaps(void)
{
#ifdef M_ARENA_MAX
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) < 0 || limit.rlim_cur != RLIM_INFINITY)
		mallopt(M_ARENA_MAX, 1);
#endif
}

/* Its stack is no larger than it needs: else one of eight megabytes. */
static int begin_thread(struct job *j)
{
	pthread_attr_t attr;
	int code = pthread_attr_init(&attr);

	choose_heaps();
	if (code == 0)
		code = pthread_attr_setstacksize(&attr, STACK_SIZE);
	if (code == 0)
		code = pthread_create(&j->thread, &attr, work, j);
	pthread_attr_destroy(&attr);
	return code;
}

struct job *job_new(void)
{
	struct job *j = mem_zero(1, sizeof(*j));

	if (pthread_mutex_init(&j->lock, NULL) || pthread_cond_init(&j->moved, NULL) ||
		begin_thread(j))
		die("no thread can be made");
	return j;
}

static void move(struct job *j, enum state to)
{
	pthread_mutex_lock(&j->lock);
	j->state = to;
	pthread_cond_broadcast(&j->moved);
	pthread_mutex_unlock(&j->lock);
}

void job_start(struct job *j, int (*run)(void *ctx), void *ctx)
{
	if (j->busy)
		BUG("a job was begun before the last one was waited for");
	j->busy = true;
	j->run = run;
	j->ctx = ctx;
	atomic_store(&j->reached, 0);
	move(j, BEGUN);
}

void job_reach(struct job *j, size_t so_far)
{
	pthread_mutex_lock(&j->lock);
	atomic_store(&j->reached, so_far);
	pthread_cond_broadcast(&j->moved);
	pthread_mutex_unlock(&j->lock);
}

void job_await(struct job *j, size_t so_far)
{
	if (atomic_load(&j->reached) >= so_far)
		return;
	pthread_mutex_lock(&j->lock);
	while (atomic_load(&j->reached) < so_far && j->state == BEGUN)
		pthread_cond_wait(&j->moved, &j->lock);
	pthread_mutex_unlock(&j->lock);
}

bool job_reached(const struct job *j, size_t so_far)
{
	return atomic_load(&j->reached) >= so_far;
}

bool job_running(struct job *j)
{
	bool running;

	pthread_mutex_lock(&j->lock);
	running = j->state == BEGUN;
	pthread_mutex_unlock(&j->lock);
	return running;
}

/* Where a thread has no priority of its own, the whole process would get another. */
void job_give_way(void)
{
#ifdef __linux__
	int now;

	errno = 0;
	now = getpriority(PRIO_PROCESS, 0);
	if (!errno)
		setpriority(PRIO_PROCESS, 0, now + GIVES_WAY);
#endif
}

int job_wait(struct job *j)
{
	if (!j || !j->busy)
		return 0;
	pthread_mutex_lock(&j->lock);
	await(j, DONE, END);
	pthread_mutex_unlock(&j->lock);
	j->busy = false;
	return j->result;
}

void job_free(struct job *j)
{
	if (!j)
		return;
	job_wait(j);
	move(j, END);
	pthread_join(j->thread, NULL);
	pthread_cond_destroy(&j->moved);
	pthread_mutex_destroy(&j->lock);
	free(j);
}
