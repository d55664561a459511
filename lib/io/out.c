#include "io/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUT_FULL ((size_t)64 << 10)

void out_stdout(struct out *o)
{
	*o = (struct out){.fd = STDOUT_FILENO, .name = "<stdout>", .pending = BUF_INIT};
}

static int failed(const struct out *o, struct buf *err)
{
	buf_printf(err, "%s: %s", o->name, strerror(errno));
	return -1;
}

bool out_is(const struct out *o, const struct stat *other)
{
	struct stat own;

	return fstat(o->fd, &own) == 0 && S_ISREG(own.st_mode) && own.st_dev == other->st_dev &&
	       own.st_ino == other->st_ino;
}

static bool is_stream(const struct out *o, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && out_is(o, &st);
}

/* True, too, of what is no regular file, cannot be read, is empty, or is written to anyway. */
static bool begins_with(const struct out *o, const char *begins)
{
	char first[16];
	size_t len = strlen(begins);
	struct stat st;
	ssize_t n;

	if (fstat(o->fd, &st) < 0 || !S_ISREG(st.st_mode) || is_stream(o, STDOUT_FILENO) ||
		is_stream(o, STDERR_FILENO))
		return true;
	n = pread(o->fd, first, len < sizeof(first) ? len : sizeof(first), 0);
	return n <= 0 || memcmp(first, begins, (size_t)n) == 0;
}

/* Half a line, of a run that was killed, would spoil the first record behind it. */
static int end_line(struct out *o)
{
	struct stat st;
	char last;

	if (fstat(o->fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return 0;
	if (pread(o->fd, &last, 1, st.st_size - 1) == 1 && last != '\n')
		buf_byte(&o->pending, '\n');
	return 0;
}

int out_append(struct out *o, const char *path, const char *begins, struct buf *err)
{
	const int flags = O_CREAT | O_APPEND | O_CLOEXEC;

	*o = (struct out){.name = path, .pending = BUF_INIT};
	o->fd = open(path, O_RDWR | flags, 0600);
	/* What may only be written (a pipe, another's file) has no last line to look at. */
	if (o->fd < 0 && errno == EACCES)
		o->fd = open(path, O_WRONLY | flags, 0600);
	if (o->fd < 0)
		return failed(o, err);
	if (end_line(o) < 0) {
		failed(o, err);
		close(o->fd);
		return -1;
	}
	if (begins_with(o, begins))
		return 0;
	buf_printf(err, "%s: it holds something else, to which nothing is added", path);
	buf_release(&o->pending);
	close(o->fd);
	return -1;
}

int out_create(struct out *o, const char *path, struct buf *err)
{
	*o = (struct out){.name = path, .pending = BUF_INIT};
	o->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return o->fd < 0 ? failed(o, err) : 0;
}

static uint64_t count_lines(struct str s)
{
	const char *p = s.s, *end = s.s + s.len;
	uint64_t n = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		n++;
		p++;
	}
	return n;
}

/* The first `done` bytes of what was pending have been written. */
static void note_written(struct out *o, size_t done)
{
	const char *lf = done ? memrchr(o->pending.s, '\n', done) : NULL;

	o->tail = lf ? (uint64_t)(o->pending.s + done - 1 - lf) : o->tail + done;
}

static void note_lost(struct out *o, size_t done)
{
	uint64_t whole = count_lines((struct str){o->pending.s, done});

	o->lost += o->waiting > whole ? o->waiting - whole : 0;
	o->waiting = 0;
}

/* Takes the beginning of a record off the file again, unless somebody has written behind it. */
static void cut_tail(struct out *o)
{
	int why = errno;
	off_t at = lseek(o->fd, 0, SEEK_CUR);
	struct stat st;

	if (o->tail && at >= 0 && fstat(o->fd, &st) == 0 && S_ISREG(st.st_mode) &&
		st.st_size == at && (uint64_t)at >= o->tail &&
		ftruncate(o->fd, at - (off_t)o->tail) == 0) {
		lseek(o->fd, at - (off_t)o->tail, SEEK_SET);
		o->tail = 0;
	}
	errno = why;
}

int out_flush(struct out *o, struct buf *err)
{
	size_t done = 0;

	while (done < o->pending.len) {
		ssize_t n = write(o->fd, o->pending.s + done, o->pending.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			note_written(o, done);
			cut_tail(o);
			failed(o, err);
			note_lost(o, done);
			buf_clear(&o->pending);
			return -1;
		}
		done += (size_t)n;
	}
	note_written(o, done);
	/* One whose end is still to come is not there yet. */
	o->waiting = o->tail && o->waiting;
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

void out_begin(struct out *o)
{
	o->waiting++;
}

int out_record(struct out *o, struct str record, struct buf *err)
{
	out_begin(o);
	buf_put(&o->pending, record);
	return out_put(o, STR("\n"), err);
}

int out_close(struct out *o, struct buf *err)
{
	int status = out_flush(o, err);

	if (o->fd >= 0 && close(o->fd) < 0 && status == 0)
		status = failed(o, err);
	o->fd = -1;
	buf_release(&o->pending);
	return status;
}

/* What is in the file's place says how it may be read, or else the umask does. */
static int begin_part(struct out *o, const struct stat *there, mode_t mode, struct buf *err)
{
	mode_t mask = umask(0);

	umask(mask);
	o->fd = mkostemp(o->part, O_CLOEXEC);
	if (o->fd < 0)
		return failed(o, err);
	if (fchmod(o->fd, there ? there->st_mode & 0777 : mode & ~mask) < 0) {
		failed(o, err);
		close(o->fd);
		unlink(o->part);
		return -1;
	}
	return 0;
}

int out_beside(struct out *o, const char *path, mode_t mode, struct buf *err)
{
	struct buf part = BUF_INIT;
	struct stat st;
	bool there = lstat(path, &st) == 0;
	int status;

	if (there && !S_ISREG(st.st_mode))
		return out_create(o, path, err);
	buf_printf(&part, "%s.XXXXXX", path);
	*o = (struct out){.name = path, .part = buf_take(&part), .pending = BUF_INIT};
	status = begin_part(o, there ? &st : NULL, mode, err);
	if (status < 0) {
		free(o->part);
		o->part = NULL;
	}
	return status;
}

int out_whole(struct out *o, const char *path, bool whole, struct buf *err)
{
	int status = whole ? out_flush(o, err) : 0;

	if (status == 0 && whole)
		status = out_sync(o, err);
	if (out_close(o, err) < 0)
		status = -1;
	if (o->part && status == 0 && whole && rename(o->part, path) < 0)
		status = failed(o, err);
	if (o->part && (status < 0 || !whole))
		unlink(o->part);
	free(o->part);
	o->part = NULL;
	return status;
}
