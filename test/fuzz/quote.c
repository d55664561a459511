/* Quotations and signatures off a text, and the words of an HTML one. */
#include "fuzz.h"
#include "adapt/quote.h"
#include "io/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};
	struct buf text = BUF_INIT, own = BUF_INIT;

	quote_strip(&own, bytes);
	FUZZ_CHECK(own.len <= size + 1);
	buf_clear(&own);
	html_text(&text, bytes);
	html_own(&own, bytes);
	if (json_utf8(bytes))
		FUZZ_CHECK(json_utf8(buf_str(&text)) && json_utf8(buf_str(&own)));
	buf_clear(&own);
	quote_strip(&own, buf_str(&text));
	buf_release(&text);
	buf_release(&own);
	return 0;
}
