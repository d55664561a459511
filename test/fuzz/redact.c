/* redact_event: what comes out of a record is a record without the values of its identifiers, and
 * to redact it again changes nothing of its kind. */
#include "fuzz.h"
#include "stage/redact.h"

/* Letters and digits that no token, mask or time is made of, and that are looked for anywhere. */
static bool is_telling(struct str s)
{
	bool digit = false, letter = false;

	for (size_t i = 0; i < s.len; i++) {
		bool is_digit = s.s[i] >= '0' && s.s[i] <= '9';

		if (!is_digit && !(s.s[i] >= 'a' && s.s[i] <= 'z'))
			return false;
		digit |= is_digit;
		letter |= s.s[i] > 'f' && s.s[i] != 't' && s.s[i] != 'z';
	}
	return s.len >= 7 && digit && letter;
}

/* Who was erased keeps what is left of her; a name is looked for by its words. */
static bool is_gone(const struct json *list, const struct json *one)
{
	for
		JSON_EACH(e, list)
		{
			if (str_is(json_member(e, "kind")->text, "erased"))
				return false;
		}
	return !str_starts(json_member(one, "kind")->text, STR("name")) &&
	       !str_is(json_member(one, "kind")->text, "placeholder") &&
	       is_telling(json_member(one, "value")->text);
}

static void check_gone(const struct event *ev, struct str out)
{
	const struct json *list = ev->data[DATA_IDENTIFIERS];

	for
		JSON_EACH(e, list)
		{
			if (is_gone(list, e))
				FUZZ_CHECK(str_find(out, json_member(e, "value")->text) < 0);
		}
}

static void check(struct redact *r, const struct event *ev)
{
	struct buf out = BUF_INIT, again = BUF_INIT, err = BUF_INIT;
	enum event_fault fault;
	struct event other;

	event_init(&other);
	if (redact_event(r, ev, &out) == 0) {
		FUZZ_CHECK(event_read(&other, buf_str(&out), false, &fault, &err) == 0);
		FUZZ_CHECK(other.time == ev->time);
		check_gone(ev, buf_str(&out));
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
