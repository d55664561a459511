/* Mail: an mbox, or a single message, with MIME, HTML and dates. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};

	if (str_starts(bytes, STR("From ")))
		fuzz_adapt(bytes, "desk.mbox", adapt_mbox.read);
	else
		fuzz_adapt(bytes, "one.eml", adapt_eml.read);
	return 0;
}
