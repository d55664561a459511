/* Archives: names are texts that begin at no root, what is given keeps to the limits, and siblings
 * are found without disturbing the walk. */
#include "fuzz.h"
#include "io/archive.h"

#define DEPTH 2

static const struct unpack_limits limits = {
	(uint64_t)256 << 10, 16, (uint64_t)1 << 20, (uint64_t)1 << 20};

static void look_beside(const struct input *in)
{
	static const char *const names[] = {"users.json", "a.txt"};
	struct buf name = BUF_INIT, err = BUF_INIT;
	int found = input_beside(in, names, 2, &name);
	struct input out;
	int got = input_open_beside(in, names, 2, &out, &err);

	FUZZ_CHECK(got < 0 ? found && err.len > 0 : got == found);
	if (got == 1) {
		FUZZ_CHECK(out.seekable && strcmp(out.name, name.s) == 0);
		input_close(&out);
	}
	buf_release(&name);
	buf_release(&err);
}

static uint64_t read_all(struct input *in)
{
	struct buf err = BUF_INIT;
	char block[4096];
	uint64_t sum = 0;
	int64_t n;

	while ((n = input_read(in, block, sizeof(block), &err)) > 0)
		sum += (uint64_t)n;
	FUZZ_CHECK(n == 0 || err.len > 0);
	buf_release(&err);
	return sum;
}

static uint64_t walk(struct input *in, struct unpack *within, int depth)
{
	struct buf err = BUF_INIT;
	struct unpack *u = unpack_open(in, within, &limits, &err);
	struct unpack_entry e;
	struct input one;
	uint64_t sum = 0;
	int got = -1;

	while (u && (got = unpack_next(u, &e, &err)) == 1) {
		FUZZ_CHECK(e.path[0] && json_utf8(str_of(e.path)));
		FUZZ_CHECK(unpack_is_single(u) || e.path[0] != '/');
		if (e.what != UNPACK_FILE || unpack_input(u, &one, &err) < 0)
			continue;
		look_beside(&one);
		sum += unpack_is(buf_str(&one.head)) && depth < DEPTH ? walk(&one, u, depth + 1)
								      : read_all(&one);
		input_close(&one);
	}
	FUZZ_CHECK(got == 0 || err.len > 0);
	unpack_close(u);
	buf_release(&err);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};
	struct buf err = BUF_INIT;
	struct input in;

	if (!unpack_is(bytes))
		return 0;
	FUZZ_CHECK(input_open(&in, fuzz_file(bytes), &err) == 0);
	in.name = "a.zip";
	FUZZ_CHECK(walk(&in, NULL, 1) <= limits.floor + limits.ratio * size + (1 << 18));
	input_close(&in);
	buf_release(&err);
	return 0;
}
