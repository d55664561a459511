#include "io/out.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define OUT_FULL ((size_t)64 << 10)

void out_stdout(struct out *o)
{
	*o = (struct out){.fd = STDOUT_FILENO, .name = "<stdout>", .pending = BUF_INIT};
}

int out_append(struct out *o, const char *path, struct buf *err)
{
	*o = (struct out){.name = path, .pending = BUF_INIT};
	o->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (o->fd < 0) {
		buf_printf(err, "%s: %s", path, strerror(errno));
		return -1;
	}
	return 0;
}

int out_flush(struct out *o, struct buf *err)
{
	size_t done = 0;

	while (done < o->pending.len) {
		ssize_t n = write(o->fd, o->pending.s + done, o->pending.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			buf_printf(err, "%s: %s", o->name, strerror(errno));
			buf_clear(&o->pending);
			return -1;
		}
		done += (size_t)n;
	}
	buf_clear(&o->pending);
	return 0;
}

int out_put(struct out *o, struct str s, struct buf *err)
{
	buf_put(&o->pending, s);
	return o->pending.len >= OUT_FULL ? out_flush(o, err) : 0;
}

int out_sync(struct out *o, struct buf *err)
{
	/* Pipes and devices know no such thing. */
	if (fdatasync(o->fd) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EROFS)
		return 0;
	buf_printf(err, "%s: %s", o->name, strerror(errno));
	return -1;
}

int out_close(struct out *o, struct buf *err)
{
	int status = out_flush(o, err);

	if (o->fd >= 0 && close(o->fd) < 0 && status == 0) {
		buf_printf(err, "%s: %s", o->name, strerror(errno));
		status = -1;
	}
	o->fd = -1;
	buf_release(&o->pending);
	return status;
}
