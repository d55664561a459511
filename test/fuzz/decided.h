/* What targets share whose input is a file that decides: an ontology, and events to decide on. */
#ifndef TEST_DECIDED_H
#define TEST_DECIDED_H

#include "fuzz.h"
#include "core/fold/context.h"

static inline const struct ontology *decided_ontology(void)
{
	static struct ontology *o;
	struct buf err = BUF_INIT;

	if (!o)
		o = ontology_read(NULL, &err);
	if (!o)
		o = ontology_read("ontology", &err);
	FUZZ_CHECK(o);
	buf_release(&err);
	return o;
}

/* Of each event, with what is known of the customer: `each` decides. */
static inline void decided_each(
	void (*each)(void *ctx, const struct event *ev, const struct context *x), void *ctx)
{
	static const char *const lines[] = {
		"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"message\","
		"\"time\":"
		"\"2026-03-02T10:00:00Z\",\"session\":\"s\",\"channel\":\"chat\",\"direction\":"
		"\"in\","
		"\"actor\":\"customer\",\"data\":{\"text\":\"where is it?\",\"intent\":\"delivery."
		"late\",\"confidence\":0.9,\"lang\":\"pt-BR\",\"region\":\"BR\",\"signals\":["
		"\"frustration\"],\"sentiment\":-0.5}}",
		"{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"s\",\"type\":\"action."
		"proposed\","
		"\"time\":\"2026-03-02T10:00:01Z\",\"direction\":\"internal\",\"actor\":\"bot\","
		"\"data\":{\"action\":\"refund\",\"amount\":120.5,\"currency\":\"EUR\"}}"};
	struct buf err = BUF_INIT;
	enum event_fault fault;
	struct context x;
	struct event ev;

	event_init(&ev);
	context_init(&x);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		FUZZ_CHECK(event_read(&ev, str_of(lines[i]), false, &fault, &err) == 0);
		context_clear(&x);
		each(ctx, &ev, &x);
	}
	context_release(&x);
	event_release(&ev);
	buf_release(&err);
}

#endif
