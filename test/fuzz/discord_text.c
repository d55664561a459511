/* DiscordChatExporter's plain text. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};

	adapt_discord_text.sniff(
		&(struct adapt_peek){.path = "chat.txt", .head = bytes, .whole = true});
	fuzz_adapt(bytes, "chat.txt", adapt_discord_text.read);
	return 0;
}
