/* A map file, then, behind a line =====, an export that is read by it. */
#include "fuzz.h"
#include "adapt/map.h"

static struct map *map;

static int apply(struct adapt_run *run, struct input *in, struct buf *err)
{
	return map_apply(map, run, in, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest, yaml = fuzz_split((struct str){(const char *)data, size}, &rest);
	struct buf err = BUF_INIT;

	map = map_read(fuzz_file(yaml), &err);
	if (map) {
		map_sniff(map, &(struct adapt_peek){.path = "export", .head = rest, .whole = true});
		fuzz_adapt(rest, "export", apply);
		map_free(map);
	} else {
		FUZZ_CHECK(err.len > 0);
	}
	buf_release(&err);
	return 0;
}
