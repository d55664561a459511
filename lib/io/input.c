#include "io/input.h"
#include "io/utf16.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(const struct input *in, struct buf *err)
{
	buf_printf(err, "%s: %s", in->name, strerror(errno));
	return -1;
}

static ssize_t read_some(int fd, char *into, size_t room)
{
	ssize_t n;

	do
		n = read(fd, into, room);
	while (n < 0 && errno == EINTR);
	return n;
}

/* The next bytes of wherever they come from. */
static int64_t read_next(struct input *in, char *into, size_t room, struct buf *err)
{
	ssize_t n;

	if (in->from.read)
		return in->from.read(in->from.ctx, into, room, err);
	n = read_some(in->fd, into, room);
	return n < 0 ? failed(in, err) : n;
}

static int fill_head(struct input *in, struct buf *err)
{
	buf_room(&in->head, INPUT_HEAD + LINES_PADDING);
	while (in->head.len < INPUT_HEAD) {
		int64_t n =
			read_next(in, in->head.s + in->head.len, INPUT_HEAD - in->head.len, err);

		if (n < 0)
			return -1;
		if (n == 0) {
			in->whole = true;
			break;
		}
		in->head.len += (size_t)n;
	}
	in->head.s[in->head.len] = '\0';
	return 0;
}

/* From here on the input is what it says in UTF-8. The bytes behind the head come from where they
 * came from; so it cannot seek, until it is spooled. */
static int read_as_utf8(struct input *in, struct buf *err)
{
	in->utf16 = utf16_open(buf_str(&in->head), in->fd, in->from, in->name, err);
	if (!in->utf16)
		return -1;
	in->from = (struct source){utf16_read, in->utf16};
	in->seekable = in->whole = false;
	buf_clear(&in->head);
	return fill_head(in, err);
}

int input_peek(struct input *in, struct buf *err)
{
	if (fill_head(in, err) < 0)
		return -1;
	if (utf16_is(buf_str(&in->head)))
		return read_as_utf8(in, err);
	return in->seekable ? input_rewind(in, err) : 0;
}

int input_open(struct input *in, const char *path, struct buf *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct stat st;

	*in = (struct input){.name = is_stdin ? "<stdin>" : path,
		.path = BUF_INIT,
		.changed = INPUT_NEVER,
		.head = BUF_INIT};
	in->fd = is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0 || fstat(in->fd, &st) < 0)
		return failed(in, err);
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		failed(in, err);
		input_close(in);
		return -1;
	}
	in->seekable = S_ISREG(st.st_mode) && lseek(in->fd, 0, SEEK_CUR) == 0;
	if (S_ISREG(st.st_mode) && !is_stdin)
		in->changed = (int64_t)st.st_mtim.tv_sec * 1000; /* as archives have it */
	if (input_peek(in, err) < 0) {
		input_close(in);
		return -1;
	}
	return 0;
}

int input_rewind(struct input *in, struct buf *err)
{
	return lseek(in->fd, 0, SEEK_SET) < 0 ? failed(in, err) : 0;
}

int64_t input_read(struct input *in, char *into, size_t room, struct buf *err)
{
	if (!in->seekable && in->head.len) {
		size_t take = in->head.len < room ? in->head.len : room;

		memcpy(into, in->head.s, take);
		buf_drop(&in->head, take);
		return (int64_t)take;
	}
	return read_next(in, into, room, err);
}

int input_lines(struct input *in, struct lines *l, size_t max, struct buf *err)
{
	int fd = in->from.read ? -1 : dup(in->fd);

	*l = (struct lines){
		.max = max, .fd = fd, .from = in->from, .name = in->name, .block = BUF_INIT};
	if (fd < 0 && !in->from.read)
		return failed(in, err);
	if (in->seekable)
		return input_rewind(in, err);
	buf_room(&l->block, in->head.len + LINES_PADDING);
	buf_put(&l->block, buf_str(&in->head));
	buf_clear(&in->head);
	return 0;
}

int input_temporary(struct buf *err)
{
	const char *dir = getenv("TMPDIR");
	struct buf path = BUF_INIT;
	int fd;

	buf_printf(&path, "%s/jtools-XXXXXX", dir && *dir ? dir : "/tmp");
	fd = mkostemp(path.s, O_CLOEXEC);
	if (fd < 0)
		buf_printf(err, "%s: %s", path.s, strerror(errno));
	else
		unlink(path.s);
	buf_release(&path);
	return fd;
}

static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int copy_to(struct input *in, int fd, struct buf *err)
{
	char block[65536];
	int64_t n;

	if (write_all(fd, in->head.s, in->head.len) < 0)
		return failed(in, err);
	while ((n = read_next(in, block, sizeof(block), err)) > 0)
		if (write_all(fd, block, (size_t)n) < 0)
			return failed(in, err);
	if (n < 0)
		return -1;
	return lseek(fd, 0, SEEK_SET) < 0 ? failed(in, err) : 0;
}

int input_spool(struct input *in, struct buf *err)
{
	int fd;

	if (in->seekable)
		return 0;
	fd = input_temporary(err);
	if (fd < 0)
		return -1;
	if (copy_to(in, fd, err) < 0) {
		close(fd);
		return -1;
	}
	if (in->fd >= 0)
		close(in->fd);
	in->fd = fd;
	in->from.read = NULL;
	in->seekable = true;
	return 0;
}

void input_close(struct input *in)
{
	utf16_close(in->utf16);
	in->utf16 = NULL;
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
	buf_release(&in->head);
	buf_release(&in->path);
}
