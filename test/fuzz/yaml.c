/* The YAML reader. */
#include "fuzz.h"
#include "io/yaml.h"

static size_t nodes(const struct yaml *of)
{
	size_t n = 1;

	for
		YAML_EACH(v, of)
	n += nodes(v);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size}, kind;
	struct buf err = BUF_INIT;
	struct yaml *root = yaml_read(fuzz_file(bytes), &err);

	if (root) {
		FUZZ_CHECK(nodes(root) <= 2 * size + 1);
		yaml_kind(root);
		yaml_free(root);
	} else {
		FUZZ_CHECK(err.len > 0);
	}
	yaml_is_ours(bytes, &kind);
	buf_release(&err);
	return 0;
}
