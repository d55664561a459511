/* Times and spans: what is read is written and read again as the same. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};
	struct buf err = BUF_INIT, text = BUF_INIT;
	char out[WHEN_TEXT];
	int64_t when, again;

	if (when_parse(bytes, &when)) {
		when_format(when, out);
		FUZZ_CHECK(when_parse(str_of(out), &again) && again == when);
	}
	when_span(bytes, &when);
	buf_put(&text, bytes);
	when_option(text.s, &when, &err);
	buf_clear(&err);
	if (size < 64 && !memchr(data, '/', size))
		when_zone(text.s, &err);
	buf_clear(&err);
	when_zone("UTC", &err);
	buf_release(&text);
	buf_release(&err);
	return 0;
}
