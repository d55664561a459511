#include "io/utf16.h"
#include "base/mem.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCK ((size_t)64 << 10)

struct utf16 {
	iconv_t to_utf8;
	int fd;
	struct source from;
	const char *name;
	struct buf raw; /* read and not yet decoded */
	bool ended;
};

bool utf16_is(struct str head)
{
	/* UTF-32 begins so too, with a NUL behind it. */
	if (str_starts(head, STR("\xff\xfe")))
		return head.len < 4 || head.s[2] || head.s[3];
	return str_starts(head, STR("\xfe\xff"));
}

struct utf16 *utf16_open(
	struct str head, int fd, struct source from, const char *name, struct buf *err)
{
	struct utf16 *u = mem_zero(1, sizeof(*u));

	u->fd = fd;
	u->from = from;
	u->name = name;
	buf_init(&u->raw);
	buf_add(&u->raw, head.s + 2, head.len - 2);
	u->to_utf8 = iconv_open("UTF-8", head.s[0] == '\xff' ? "UTF-16LE" : "UTF-16BE");
	if (u->to_utf8 != (iconv_t)-1)
		return u;
	buf_printf(err, "%s: UTF-16: %s", name, strerror(errno));
	buf_release(&u->raw);
	free(u);
	return NULL;
}

/* Reads once more behind what is there. */
static int fill(struct utf16 *u, struct buf *err)
{
	char *into;
	int64_t n;

	buf_room(&u->raw, BLOCK);
	into = u->raw.s + u->raw.len;
	if (u->from.read) {
		n = u->from.read(u->from.ctx, into, BLOCK, err);
	} else {
		do
			n = read(u->fd, into, BLOCK);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			buf_printf(err, "%s: %s", u->name, strerror(errno));
	}
	if (n < 0)
		return -1;
	u->ended = n == 0;
	u->raw.len += (size_t)n;
	return 0;
}

/* Decodes what there is room for; how many bytes that made. */
static size_t decode(struct utf16 *u, char *into, size_t room)
{
	char *in = u->raw.s, *out = into;
	size_t left = u->raw.len;

	while (left && iconv(u->to_utf8, &in, &left, &out, &room) == (size_t)-1) {
		bool half = errno == EINVAL;

		if (errno == E2BIG || room < 3 || (half && !u->ended))
			break;
		memcpy(out, "\xef\xbf\xbd", 3);
		out += 3;
		room -= 3;
		in += half ? left : 2;
		left -= half ? left : 2;
	}
	buf_drop(&u->raw, u->raw.len - left);
	return (size_t)(out - into);
}

int64_t utf16_read(void *ctx, char *into, size_t room, struct buf *err)
{
	struct utf16 *u = ctx;
	size_t n;

	while ((n = decode(u, into, room)) == 0 && !u->ended)
		if (fill(u, err) < 0)
			return -1;
	/* What ends within a unit is decoded once it is known to be the end. */
	return (int64_t)(n ? n : decode(u, into, room));
}

void utf16_close(struct utf16 *u)
{
	if (!u)
		return;
	iconv_close(u->to_utf8);
	buf_release(&u->raw);
	free(u);
}
