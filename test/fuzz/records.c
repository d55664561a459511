/* Event records: one a line, in a list, and over several lines. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};

	adapt_records.sniff(&(struct adapt_peek){.path = "a.json", .head = bytes, .whole = true});
	fuzz_adapt(bytes, "a.json", adapt_records.read);
	return 0;
}
