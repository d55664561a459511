#include "io/yaml.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/yaml.XXXXXX";

static struct yaml *read_text(struct str text, struct buf *err)
{
	FILE *f = fopen(path, "we");

	buf_clear(err);
	if (!f || fwrite(text.s, 1, text.len, f) != text.len || fclose(f) != 0)
		abort();
	return yaml_read(path, err);
}

static void refused(struct str text, const char *why)
{
	struct buf err = BUF_INIT;
	struct yaml *root = read_text(text, &err);

	CHECK(!root && err.len >= sizeof(path));
	CHECK(strncmp(err.s, path, sizeof(path) - 1) == 0);
	CHECK(strcmp(err.s + strlen(path), why) == 0);
	yaml_free(root);
	buf_release(&err);
}

int main(void)
{
	struct buf err = BUF_INIT;
	struct yaml *root;
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	close(fd);
	refused(STR("a: 1\nb: [\"x\\0y\"]\n"), ":2:5: a text may hold no NUL");
	refused(STR("a: 1\n\"b\\0c\": 2\n"), ":2:1: a text may hold no NUL");
	refused(STR("a: !!int 5\n"), ":1:4: tags are not read");
	refused(STR("a: !x [1]\n"), ":1:4: tags are not read");
	refused(STR("!x {a: 1}\n"), ":1:1: tags are not read");
	refused(STR("!!str a: 1\n"), ":1:1: tags are not read");
	refused(STR("a: b\nc:\n  d: \xc3\xa9 caf\xe9\n"), ":3:11: incomplete UTF-8 octet sequence");
	refused(STR("a: b\nc: x\x01\n"), ":2:5: control characters are not allowed");
	refused(STR("a: &x 1\nb: *x\n"), ":2:4: aliases are not read");
	root = read_text(STR("a: '!!int 5'\n"), &err);
	CHECK(root != NULL);
	CHECK(strcmp(yaml_text(root, "a", ""), "!!int 5") == 0);
	yaml_free(root);
	buf_release(&err);
	unlink(path);
	return unit_end();
}
