/* A file of texts, and what is said by it. */
#include "fuzz.h"
#include "gen/texts.h"

static void fill(const void *of, enum text_slot slot, struct buf *out)
{
	FUZZ_CHECK(of == NULL && slot < SLOT_COUNT);
	buf_puts(out, "x");
}

static void say(const struct texts *t, const struct ontology *o)
{
	static const struct slots slots = {fill, NULL};
	struct random r = {1};
	struct buf out = BUF_INIT;

	for (int list = 0; list < TEXT_COUNT; list++)
		texts_put(t, (enum text_list)list, &r, &slots, &out);
	for (size_t i = 0; i < o->intent_n; i++) {
		texts_open(t, &o->intents[i], &r, &slots, &out);
		texts_answer(t, o->intents[i].family, &r, &slots, &out);
		FUZZ_CHECK(out.s[out.len] == '\0');
		buf_clear(&out);
	}
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ontology *o;
	struct buf err = BUF_INIT;
	struct texts *t;

	if (!o)
		o = ontology_read(NULL, &err);
	FUZZ_CHECK(o != NULL);
	t = texts_read(fuzz_file((struct str){(const char *)data, size}), o, &err);
	if (t)
		say(t, o);
	else
		FUZZ_CHECK(err.len > 0);
	texts_free(t);
	buf_release(&err);
	return 0;
}
