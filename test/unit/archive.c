/* Archives: names, kinds, limits, siblings of entries. Archives are tar files made here. */
#include "io/archive.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/archive-unit-XXXXXX";

static void put_block(struct buf *tar, const char *bytes, size_t len)
{
	static const char zeros[512];

	buf_add(tar, bytes, len);
	buf_add(tar, zeros, (512 - len % 512) % 512);
}

static void put_entry(struct buf *tar, const char *name, char type, struct str body)
{
	char head[512] = {0};
	unsigned sum = 0;

	snprintf(head, 100, "%s", name);
	snprintf(head + 100, 8, "%07o", 0600);
	snprintf(head + 124, 12, "%011o", (unsigned)body.len);
	snprintf(head + 136, 12, "%011o", 1000000000U);
	memset(head + 148, ' ', 8);
	head[156] = type;
	snprintf(head + 157, 100, "%s", type == '2' ? "/etc/passwd" : "");
	memcpy(head + 257,
		"ustar\0"
		"00",
		8);
	for (size_t i = 0; i < sizeof(head); i++)
		sum += (unsigned char)head[i];
	snprintf(head + 148, 7, "%06o", sum & 0777777);
	put_block(tar, head, sizeof(head));
	put_block(tar, body.s, body.len);
}

static void end_tar(struct buf *tar)
{
	static const char zeros[1024];

	buf_add(tar, zeros, sizeof(zeros));
}

static void open_file(struct input *in, const struct buf *bytes)
{
	FILE *f = fopen(path, "w");
	struct buf err = BUF_INIT;

	if (!f || fwrite(bytes->s, 1, bytes->len, f) != bytes->len || fclose(f) ||
		input_open(in, path, &err) < 0)
		abort();
	in->name = "t.tar";
}

/* All entries: names, what they are, their first bytes, and how it ended; those within are read
 * too. */
static void list(struct buf *out, struct input *in, struct unpack *within,
	const struct unpack_limits *limits)
{
	struct buf err = BUF_INIT;
	struct unpack *u = unpack_open(in, within, limits, &err);
	struct unpack_entry e;
	struct input one;
	int got = u ? 0 : -1;

	while (u && (got = unpack_next(u, &e, &err)) == 1) {
		buf_printf(out, "%s%c", e.name, "./@"[e.what]);
		if (e.what != UNPACK_FILE) {
			buf_byte(out, ' ');
		} else if (unpack_input(u, &one, &err) < 0) {
			buf_printf(out, "!%s ", err.s);
			buf_clear(&err);
		} else if (unpack_is(buf_str(&one.head))) {
			buf_puts(out, "( ");
			list(out, &one, u, limits);
			buf_puts(out, ") ");
			input_close(&one);
		} else {
			buf_printf(out, "%s ", one.head.s);
			input_close(&one);
		}
	}
	buf_printf(out, "%s", got < 0 ? err.s : "end");
	unpack_close(u);
	buf_release(&err);
}

static bool lists(const struct buf *tar, const struct unpack_limits *limits, const char *want)
{
	struct buf got = BUF_INIT;
	struct input in;
	bool same;

	open_file(&in, tar);
	list(&got, &in, NULL, limits);
	input_close(&in);
	same = str_is(buf_str(&got), want);
	if (!same)
		printf("got: %s\n", got.s);
	buf_release(&got);
	return same;
}

static void test_entries(void)
{
	struct buf tar = BUF_INIT, inner = BUF_INIT;

	put_entry(&inner, "deep.txt", '0', STR("d"));
	end_tar(&inner);
	put_entry(&tar, "b/", '5', STR(""));
	put_entry(&tar, "./b/x.txt", '0', STR("x"));
	put_entry(&tar, "../../up.txt", '0', STR("up"));
	put_entry(&tar, "/etc/passwd", '0', STR("abs"));
	put_entry(&tar, "link", '2', STR(""));
	put_entry(&tar, "pipe", '6', STR(""));
	put_entry(&tar, "in.tar", '0', buf_str(&inner));
	put_entry(&tar, "a\xff.txt", '0', STR(""));
	end_tar(&tar);
	CHECK(lists(&tar, &unpack_limits,
		"t.tar/b// t.tar/b/x.txt.x t.tar/../../up.txt.up t.tar/etc/passwd.abs t.tar/link@ "
		"t.tar/pipe@ t.tar/in.tar.( t.tar/in.tar/deep.txt.d end) t.tar/a\xef\xbf\xbd.txt. "
		"end"));
	buf_release(&tar);
	buf_release(&inner);
}

static void test_limits(void)
{
	static const struct unpack_limits total = {0, 1000, 4000}, ratio = {4000, 1, 1 << 20};
	struct buf tar = BUF_INIT, big = BUF_INIT;

	for (int i = 0; i < 3000; i++)
		buf_byte(&big, 'b');
	put_entry(&tar, "a", '0', STR("a"));
	put_entry(&tar, "b", '0', STR("b"));
	put_entry(&tar, "c", '0', buf_str(&big));
	put_entry(&tar, "d", '0', STR("d"));
	end_tar(&tar);
	/* One that is not compressed never gives more than it has. */
	CHECK(unpack_limits.total > unpack_limits.floor);
	CHECK(lists(&tar, &total,
		"t.tar/a.a t.tar/b.b t.tar/c.!t.tar/c: refused: t.tar expands to more than 4000 "
		"bytes (the rest of the archive is not read) end"));
	buf_cut(&big, 5);
	buf_clear(&tar);
	put_entry(&tar, "a", '0', buf_str(&big));
	end_tar(&tar);
	CHECK(lists(&tar, &ratio, "t.tar/a.bbbbb end"));
	buf_release(&tar);
	buf_release(&big);
}

/* A header that makes no sense: the others are read, and it is told. */
static void test_damage(void)
{
	struct buf tar = BUF_INIT;
	size_t at;

	put_entry(&tar, "a", '0', STR("a"));
	at = tar.len;
	put_entry(&tar, "b", '0', STR("b"));
	put_entry(&tar, "c", '0', STR("c"));
	end_tar(&tar);
	memset(tar.s + at, 'x', 512);
	CHECK(lists(&tar, &unpack_limits,
		"t.tar/a.a t.tar/c.c t.tar: damaged: not all of it could be read"));
	buf_release(&tar);
}

/* What is found beside the entry: its name and first bytes; "-": none. */
static bool finds(const struct buf *tar, const char *entry, const char *name, const char *want)
{
	const char *const names[] = {"none", name};
	struct buf got = BUF_INIT, also = BUF_INIT, err = BUF_INIT;
	struct unpack_entry e;
	struct input in, one, out;
	struct unpack *u;
	bool same = false;

	open_file(&in, tar);
	u = unpack_open(&in, NULL, &unpack_limits, &err);
	while (u && unpack_next(u, &e, &err) == 1) {
		if (strcmp(e.path, entry) != 0 || unpack_input(u, &one, &err) < 0)
			continue;
		input_beside(&one, names, 2, &also);
		if (input_open_beside(&one, names, 2, &out, &err) == 1) {
			/* The walk is not disturbed, and the sibling reads on behind its head. */
			buf_printf(&got, "%s=%s", out.name, out.head.s);
			same = out.seekable && strcmp(also.s, out.name) == 0;
			input_close(&out);
		} else {
			buf_puts(&got, err.len ? err.s : "-");
			same = !also.len;
		}
		buf_printf(&got, " %s", one.head.s);
		input_close(&one);
	}
	unpack_close(u);
	input_close(&in);
	same = same && str_is(buf_str(&got), want);
	if (!same)
		printf("%s: got %s (%s)\n", entry, got.s, also.s);
	buf_release(&got);
	buf_release(&also);
	buf_release(&err);
	return same;
}

static void test_siblings(void)
{
	struct buf tar = BUF_INIT;

	put_entry(&tar, "Users.json", '0', STR("top"));
	put_entry(&tar, "a/x.json", '0', STR("x"));
	put_entry(&tar, "a/b/y.json", '0', STR("y"));
	put_entry(&tar, "a/tags.csv", '0', STR("tags"));
	put_entry(&tar, "a/b/passwd", '2', STR(""));
	put_entry(&tar, "z.json", '0', STR("z"));
	end_tar(&tar);
	CHECK(finds(&tar, "a/x.json", "users.json", "t.tar/Users.json=top x"));
	CHECK(finds(&tar, "a/x.json", "TAGS.csv", "t.tar/a/tags.csv=tags x"));
	CHECK(finds(&tar, "a/b/y.json", "tags.csv", "t.tar/a/tags.csv=tags y"));
	CHECK(finds(&tar, "a/b/y.json", "users.json", "- y"));
	CHECK(finds(&tar, "a/b/y.json", "passwd", "- y"));
	CHECK(finds(&tar, "z.json", "users.json", "t.tar/Users.json=top z"));
	CHECK(finds(&tar, "z.json", "tags.csv", "- z"));
	CHECK(finds(&tar, "Users.json", "z.json", "t.tar/z.json=z top"));
	buf_release(&tar);
}

static void test_recognised(void)
{
	CHECK(unpack_is(STR("PK\003\004xxxxxxxxxxxxxxxxxxxxxxxxxxa.txt")));
	CHECK(!unpack_is(STR("PK\003\004xxxxxxxxxxxxxxxxxxxxxxxxxx[Content_Types].xml")));
	CHECK(unpack_is(STR("\x1f\x8b\x08")) && unpack_is(STR("\x28\xb5\x2f\xfd")));
	CHECK(!unpack_is(STR("PK is a text")) && !unpack_is(STR("BZhello world")));
	CHECK(!unpack_is(STR("")));
}

int main(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	close(fd);
	test_recognised();
	test_entries();
	test_limits();
	test_damage();
	test_siblings();
	unlink(path);
	return unit_end();
}
