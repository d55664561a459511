#include "base/progress.h"
#include "base/die.h"
#include "base/text.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FIRST_MS 2000
#define EACH_MS 500

static int64_t now(void)
{
	struct timespec t;

	/* To some ms, and for next to nothing. */
	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void progress_begin(struct progress *p, const char *things, bool quiet)
{
	*p = (struct progress){.fd = -1};
	if (quiet || !isatty(STDERR_FILENO))
		return;
	p->things = things;
	p->began = p->file_began = now();
	p->next = p->began + FIRST_MS;
}

void progress_file(struct progress *p, int fd, uint64_t n)
{
	struct stat st;

	if (!p->things)
		return;
	p->fd = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fd : -1;
	p->whole = p->fd >= 0 ? (uint64_t)st.st_size : 0;
	p->before = n;
	p->file_began = now();
}

static void put_left(struct buf *out, const struct progress *p, uint64_t n, int64_t at)
{
	off_t place = p->fd >= 0 ? lseek(p->fd, 0, SEEK_CUR) : (off_t)n;
	double done;

	if (!p->whole || place <= 0)
		return;
	done = (double)place / (double)p->whole;
	if (done > 1)
		done = 1;
	buf_printf(out, ", %.0f %%, %.0f s left", done * 100,
		(double)(at - p->file_began) / 1000 * (1 - done) / done);
}

static void tell(const struct progress *p, uint64_t n, int64_t at)
{
	struct buf line = BUF_INIT;
	double seconds = (double)(at - p->began) / 1000;

	buf_printf(&line, "%llu %s, %.0f a second", (unsigned long long)n, p->things,
		(double)n / seconds);
	put_left(&line, p, n, at);
	die_line(line.s);
	buf_release(&line);
}

void progress_step(struct progress *p, uint64_t n)
{
	int64_t at;

	if (!p->things)
		return;
	at = now();
	if (at < p->next)
		return;
	p->next = at + EACH_MS;
	tell(p, n, at);
}

void progress_end(struct progress *p)
{
	if (p->things)
		die_line(NULL);
	p->things = NULL;
}
