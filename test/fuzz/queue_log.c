/* Asterisk's queue_log. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};

	adapt_queue_log.sniff(
		&(struct adapt_peek){.path = "queue_log", .head = bytes, .whole = true});
	fuzz_adapt(bytes, "queue_log", adapt_queue_log.read);
	return 0;
}
