/* WhatsApp's text exports. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};

	adapt_whatsapp.sniff(
		&(struct adapt_peek){.path = "chat.txt", .head = bytes, .whole = true});
	adapt_signal.sniff(
		&(struct adapt_peek){.path = "signal/chat.txt", .head = bytes, .whole = true});
	fuzz_adapt(bytes, "WhatsApp Chat with Ana.txt", adapt_whatsapp.read);
	return 0;
}
