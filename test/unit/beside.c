/* Siblings of an input on disk. */
#include "io/input.h"
#include "unit.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[] = "/tmp/beside-unit-XXXXXX";

static void file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
}

/* What is found beside the file by these names: its name, its first bytes behind '='; "-": none. */
static bool finds(const char *path, const char *first, const char *second, const char *want)
{
	const char *const names[] = {first, second};
	struct buf err = BUF_INIT, got = BUF_INIT;
	struct input in, out;
	bool same;
	int status;

	if (input_open(&in, path, &err) < 0)
		abort();
	status = input_open_beside(&in, names, second ? 2 : 1, &out, &err);
	input_close(&in);
	if (status == 1) {
		buf_printf(&got, "%s=%s", out.name, out.head.s);
		input_close(&out);
	} else {
		buf_printf(&got, "%s", status ? err.s : "-");
	}
	same = str_is(buf_str(&got), want);
	if (!same)
		printf("%s: got %s\n", path, got.s);
	buf_release(&got);
	buf_release(&err);
	return same;
}

static void test_folders(void)
{
	CHECK(finds("a/b/x.json", "users.json", NULL, "a/b/Users.JSON=near"));
	CHECK(finds("a/y.json", "users.json", NULL, "a/users.json=middle"));
	CHECK(finds("a/b/x.json", "USERS.json", "tags.csv", "a/b/Users.JSON=near"));
	CHECK(finds("a/b/x.json", "tags.csv", "users.json", "a/b/tags.csv=tags"));
	CHECK(finds("a/b/x.json", "none.csv", "tags.csv", "a/b/tags.csv=tags"));
	CHECK(finds("a/b/x.json", "none.csv", NULL, "-"));
}

static void test_above(void)
{
	CHECK(finds("a/b/x.json", "above.json", NULL, "a/above.json=above"));
	CHECK(finds("./a/b/x.json", "above.json", NULL, "./a/above.json=above"));
	CHECK(finds("a/b/x.json", "top.json", NULL, "-"));
	CHECK(finds("a/y.json", "top.json", NULL, "top.json=top"));
	CHECK(finds("top.json", "top.json", NULL, "top.json=top"));
	/* What is beside wins, even by a name that is asked for later. */
	CHECK(finds("a/b/x.json", "above.json", "users.json", "a/b/Users.JSON=near"));
	CHECK(chdir("a/b") == 0);
	CHECK(finds("x.json", "above.json", NULL, "../above.json=above"));
	CHECK(finds("./x.json", "above.json", NULL, "./../above.json=above"));
	CHECK(finds("../y.json", "top.json", NULL, "../../top.json=top"));
	CHECK(chdir(top) == 0);
}

/* A folder is no sibling, and of two spellings it is always the same. */
static void test_kinds(void)
{
	CHECK(finds("a/b/x.json", "b", NULL, "-"));
	CHECK(finds("c/x.json", "two.csv", NULL, "c/TWO.csv=first"));
}

static void test_stdin(void)
{
	const char *const names[] = {"top.json"};
	struct input in = {.name = "<stdin>", .fd = -1};
	struct buf name = BUF_INIT, err = BUF_INIT;

	CHECK(input_beside(&in, names, 1, &name, &err) == 0);
	CHECK(input_folder(&in).len == 0);
	in.name = "a/b/x.json";
	CHECK(str_is(input_folder(&in), "a/b"));
	buf_release(&name);
	buf_release(&err);
}

static int away(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static void clean(void)
{
	if (chdir("/") < 0 || nftw(top, away, 8, FTW_DEPTH | FTW_PHYS) < 0)
		abort();
}

int main(void)
{
	if (!mkdtemp(top) || chdir(top) < 0 || mkdir("a", 0700) < 0 || mkdir("a/b", 0700) < 0 ||
		mkdir("c", 0700) < 0)
		abort();
	file("top.json", "top");
	file("a/users.json", "middle");
	file("a/above.json", "above");
	file("a/y.json", "{}");
	file("a/b/x.json", "{}");
	file("a/b/Users.JSON", "near");
	file("a/b/tags.csv", "tags");
	file("c/x.json", "{}");
	file("c/two.csv", "second");
	file("c/TWO.csv", "first");
	test_folders();
	test_above();
	test_kinds();
	test_stdin();
	clean();
	return unit_end();
}
