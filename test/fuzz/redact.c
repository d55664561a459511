/* redact_event: what comes out of a record is a record, and to redact it again changes nothing of
 * its kind. */
#include "fuzz.h"
#include "stage/redact.h"

static void check(struct redact *r, const struct event *ev)
{
	struct buf out = BUF_INIT, again = BUF_INIT, err = BUF_INIT;
	enum event_fault fault;
	struct event other;

	event_init(&other);
	if (redact_event(r, ev, &out) == 0) {
		FUZZ_CHECK(event_read(&other, buf_str(&out), false, &fault, &err) == 0);
		FUZZ_CHECK(other.time == ev->time);
		redact_event(r, &other, &again);
	}
	event_release(&other);
	buf_release(&out);
	buf_release(&again);
	buf_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct redact *masks, *tokens;
	static const struct ontology empty;
	struct buf err = BUF_INIT;
	enum event_fault fault;
	struct event ev;

	if (!masks) {
		struct redact_options o = {.region = "BR"};

		for (int k = 0; k < PERSONAL_KINDS; k++)
			o.removes[k] = true;
		masks = redact_new(&empty, &o, &err);
		o.key = STR("0123456789abcdef");
		tokens = redact_new(&empty, &o, &err);
		FUZZ_CHECK(masks && tokens);
	}
	event_init(&ev);
	if (event_read(&ev, (struct str){(const char *)data, size}, false, &fault, &err) == 0) {
		check(masks, &ev);
		check(tokens, &ev);
	}
	event_release(&ev);
	buf_release(&err);
	return 0;
}
