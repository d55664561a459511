#include "io/follow.h"

#include <errno.h>
#include <sys/stat.h>

#define LOOK_MS 500 /* for another file in the place */

void follow_open(struct follow *f, const char *path, int reader)
{
	*f = (struct follow){.path = path};
	watch_open(&f->watch, reader, false);
}

/* Whether the lines are to be read on: false at the end of this file. */
static bool wait_for_more(void *ctx)
{
	struct follow *f = ctx;
	struct stat here, there;
	enum watch_sign sign = WATCH_LOOK;

	while (sign == WATCH_LOOK) {
		bool other = stat(f->path, &there) == 0 &&
			     (there.st_dev != f->dev || there.st_ino != f->ino);

		/* In this order: what was written before the other came is read first. */
		if (fstat(f->in->fd, &here) < 0)
			return false;
		if ((uint64_t)here.st_size != lines_seen(f->in))
			return (uint64_t)here.st_size > lines_seen(f->in);
		if (other)
			return false;
		sign = watch_wait(&f->watch, LOOK_MS);
	}
	f->stopped = true;
	f->gone = sign == WATCH_GONE;
	return false;
}

int follow_lines(struct follow *f, struct lines *in, struct buf *err)
{
	struct stat st;

	if (fstat(in->fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		buf_printf(err, "%s: not a regular file: it cannot be followed", f->path);
		return -1;
	}
	f->in = in;
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	in->more = wait_for_more;
	in->more_ctx = f;
	watch_add(&f->watch, f->path);
	return 0;
}

void follow_close(struct follow *f)
{
	watch_close(&f->watch);
}
