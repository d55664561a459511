/* Conversation containers. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};

	adapt_vcon.sniff(&(struct adapt_peek){.path = "a.vcon", .head = bytes, .whole = true});
	fuzz_adapt(bytes, "a.vcon", adapt_vcon.read);
	return 0;
}
