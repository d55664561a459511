/* event_read, that what event_write makes of a record is one again, and that event_check says the
 * same. */
#include "fuzz.h"

/* Refused with the same reason, or with the same time and texts. */
static void check(struct str bytes, const struct event *read, int status, struct str why)
{
	struct buf padded = BUF_INIT, err = BUF_INIT;
	enum event_fault fault;
	struct event ev;

	buf_room(&padded, bytes.len + JSON_PADDING);
	buf_put(&padded, bytes);
	memset(padded.s + padded.len, 0, JSON_PADDING);
	event_init(&ev);
	FUZZ_CHECK(event_check(&ev, buf_str(&padded), &fault, &err) == status);
	FUZZ_CHECK(str_eq(buf_str(&err), why));
	FUZZ_CHECK(status < 0 || (ev.time == read->time && ev.sequence == read->sequence));
	for (int i = 0; status == 0 && i < ATTR_COUNT; i++)
		FUZZ_CHECK(str_eq(event_attr(&ev, i), event_attr(read, i)));
	for (int i = 0; status == 0 && i < DATA_COUNT; i++)
		FUZZ_CHECK(str_eq(event_text(&ev, i), event_text(read, i)));
	event_release(&ev);
	buf_release(&padded);
	buf_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct event_edit edits[] = {{true, "intent", {"\"delivery.late\"", 15}},
		{true, "text", {NULL, 0}}, {false, "customer", {"\"c1\"", 4}},
		{true, "confidence", {"0.5", 3}}};
	struct buf err = BUF_INIT, out = BUF_INIT;
	enum event_fault fault;
	struct event ev, again;
	struct str bytes = {(const char *)data, size};
	int status;

	event_init(&ev);
	event_init(&again);
	status = event_read(&ev, bytes, false, &fault, &err);
	check(bytes, &ev, status, buf_str(&err));
	if (status == 0) {
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
