/* Mail: as an mbox and as a single message, with MIME, HTML and dates. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};

	adapt_mbox.sniff(&(struct adapt_peek){.path = "desk.mbox", .head = bytes, .whole = true});
	adapt_eml.sniff(&(struct adapt_peek){.path = "one.eml", .head = bytes, .whole = true});
	fuzz_adapt(bytes, "desk.mbox", adapt_mbox.read);
	fuzz_adapt(bytes, "one.eml", adapt_eml.read);
	return 0;
}
