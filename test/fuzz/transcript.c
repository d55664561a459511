/* WebVTT and SubRip, by one reader each. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};

	adapt_vtt.sniff(&(struct adapt_peek){.path = "a.vtt", .head = bytes, .whole = true});
	adapt_srt.sniff(&(struct adapt_peek){.path = "a.srt", .head = bytes, .whole = true});
	fuzz_adapt(bytes, "2026-03-04T10-05-35_call-1003.vtt", adapt_vtt.read);
	fuzz_adapt(bytes, "2026-03-04T10-05-35_call-1003.srt", adapt_srt.read);
	return 0;
}
