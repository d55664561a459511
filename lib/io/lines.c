#include "io/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)256 << 10)
#define PIPE_BYTES (1 << 20) /* that a pipe has room for, where the system lets us say so */

int lines_open(struct lines *l, const char *path, size_t max, struct buf *err)
{
	struct stat st;

	*l = (struct lines){.max = max, .fd = STDIN_FILENO, .name = "<stdin>", .block = BUF_INIT};
	if (path && strcmp(path, "-") != 0) {
		l->name = path;
		l->fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (l->fd < 0 || fstat(l->fd, &st) < 0) {
		buf_printf(err, "%s: %s", l->name, strerror(errno));
		return -1;
	}
#ifdef F_SETPIPE_SZ
	if (S_ISFIFO(st.st_mode))
		(void)fcntl(l->fd, F_SETPIPE_SZ, PIPE_BYTES);
#endif
	if (S_ISDIR(st.st_mode)) {
		buf_printf(err, "%s: %s", l->name, strerror(EISDIR));
		lines_close(l);
		return -1;
	}
	return 0;
}

/* As read(2), and the reason. */
static int64_t read_some(struct lines *l, struct buf *err)
{
	char *into = l->block.s + l->block.len;
	ssize_t n;

	if (l->from.read)
		return l->from.read(l->from.ctx, into, BLOCK, err);
	do
		n = read(l->fd, into, BLOCK);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		buf_printf(err, "%s: %s", l->name, strerror(errno));
	return n;
}

/* Reads once more behind what is there; what lies before `at` goes first. A file that grows is
 * waited for where `wait` says so. */
static int fill(struct lines *l, bool wait, struct buf *err)
{
	int64_t n;

	l->found = 0;
	if (l->at) {
		l->taken += l->at;
		buf_drop(&l->block, l->at);
		l->at = 0;
	}
	buf_room(&l->block, BLOCK + LINES_PADDING);
	do
		n = read_some(l, err);
	while (n == 0 && wait && l->more && l->more(l->more_ctx));
	if (n < 0)
		return -1;
	l->ended = n == 0 && (wait || !l->more);
	l->block.len += (size_t)n;
	l->block.s[l->block.len] = '\0';
	return 0;
}

/* The LF behind what was looked at already; NULL: none has arrived. */
static const char *find_end(struct lines *l, size_t seen)
{
	const char *p = l->block.s + l->at;
	size_t have = l->block.len - l->at;
	const char *end = l->found	? l->block.s + l->found - 1
			  : have > seen ? memchr(p + seen, '\n', have - seen)
					: NULL;

	l->found = end ? (size_t)(end - l->block.s) + 1 : 0;
	return end;
}

static void skip_bom(const struct lines *l, struct str *line)
{
	if (l->number == 1 && str_starts(*line, STR("\xef\xbb\xbf"))) {
		line->s += 3;
		line->len -= 3;
	}
}

static int give(struct lines *l, size_t len, size_t used, struct str *line)
{
	*line = l->raw = (struct str){l->block.s + l->at, len};
	if (used > len && len && line->s[len - 1] == '\r')
		line->len--;
	l->at += used;
	l->found = 0;
	skip_bom(l, line);
	return line->len > l->max ? LINES_LONG : LINES_ONE;
}

int lines_next(struct lines *l, struct str *line, struct buf *err)
{
	struct str piece;
	size_t seen = 0;
	int status;

	while (l->rest)
		if (lines_rest(l, &piece, err) < 0)
			return -1;
	l->number++;
	for (;;) {
		const char *p = l->block.s + l->at;
		size_t have = l->block.len - l->at;
		const char *end = find_end(l, seen);

		l->offset = l->taken + l->at;
		if (end) {
			size_t len = (size_t)(end - p);

			status = give(l, len, len + 1, line);
			return status;
		}
		if (have > l->max + 4) {
			l->rest = true;
			give(l, have, have, line);
			return LINES_LONG;
		}
		if (l->ended)
			return have ? give(l, have, have, line) : LINES_END;
		seen = have;
		if (fill(l, true, err) < 0)
			return -1;
	}
}

int lines_rest(struct lines *l, struct str *piece, struct buf *err)
{
	const char *p, *end;
	size_t have;

	if (!l->rest)
		return LINES_END;
	if (l->at == l->block.len && !l->ended && fill(l, true, err) < 0)
		return -1;
	p = l->block.s + l->at;
	have = l->block.len - l->at;
	end = have ? memchr(p, '\n', have) : NULL;
	*piece = (struct str){p, end ? (size_t)(end - p) : have};
	l->at += piece->len + (end != NULL);
	l->found = 0;
	l->rest = !end && !(l->ended && l->at == l->block.len);
	return piece->len || l->rest ? LINES_ONE : LINES_END;
}

bool lines_ready(struct lines *l)
{
	struct pollfd p = {.fd = l->fd, .events = POLLIN};
	struct buf err = BUF_INIT;
	size_t seen = 0;

	/* What has arrived is taken in, until it makes a line: half a one would be waited for. */
	for (;;) {
		size_t have = l->block.len - l->at;

		if (l->ended || have > l->max + 4 || find_end(l, seen))
			return true;
		seen = have;
		if (l->from.read || poll(&p, 1, 0) <= 0)
			return false;
		if (fill(l, false, &err) < 0) {
			/* The next read meets the same failure, and tells it. */
			buf_release(&err);
			return true;
		}
		if (l->more && l->block.len - l->at == seen && !l->ended)
			return false;
	}
}

bool lines_wait(struct lines *l, int ms)
{
	/* A file can always be read, though it has not grown. */
	struct pollfd p = {.fd = l->more || l->from.read ? -1 : l->fd, .events = POLLIN};

	poll(&p, 1, ms);
	return lines_ready(l);
}

void lines_close(struct lines *l)
{
	if (l->fd > STDIN_FILENO)
		close(l->fd);
	l->fd = -1;
	buf_release(&l->block);
}
