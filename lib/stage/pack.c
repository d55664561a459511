#include "stage/pack.h"
#include "base/die.h"
#include "core/store/compact.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static int64_t clock_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

struct progress {
	int64_t begun, told;
};

/* Once a second, over the line that was told before. */
static void tell(void *ctx, const char *what)
{
	struct progress *p = ctx;
	int64_t now = clock_s();

	if (now == p->told)
		return;
	p->told = now;
	fprintf(stderr, "\r\033[K%s: %s, %lld s", program_name(), what,
		(long long)(now - p->begun));
}

int pack_file(struct store *s, bool quiet, struct buf *err)
{
	int64_t now = clock_s();
	struct progress p = {now, now};
	struct compact c = {.ctx = &p};
	int status;

	if (!quiet && isatty(STDERR_FILENO))
		c.tick = tell;
	status = store_compact(s, &c, err);
	if (p.told != p.begun)
		fputs("\r\033[K", stderr);
	if (status == 0 && !quiet)
		warn("%s: %lld bytes before, %lld after", store_name(s), (long long)c.before,
			(long long)c.after);
	return status;
}
