/* event_read, and that what event_write makes of a record is one again. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct event_edit edits[] = {{true, "intent", {"\"delivery.late\"", 15}},
		{true, "text", {NULL, 0}}, {false, "customer", {"\"c1\"", 4}},
		{true, "confidence", {"0.5", 3}}};
	struct buf err = BUF_INIT, out = BUF_INIT;
	enum event_fault fault;
	struct event ev, again;

	event_init(&ev);
	event_init(&again);
	if (event_read(&ev, (struct str){(const char *)data, size}, false, &fault, &err) == 0) {
		event_write(&out, &ev, edits, 4);
		FUZZ_CHECK(event_read(&again, buf_str(&out), false, &fault, &err) == 0);
		FUZZ_CHECK(str_is(event_text(&again, DATA_INTENT), "delivery.late"));
		FUZZ_CHECK(ev.time == again.time);
	} else {
		FUZZ_CHECK(err.len > 0 && event_fault_word(fault));
	}
	event_release(&again);
	event_release(&ev);
	buf_release(&out);
	buf_release(&err);
	return 0;
}
