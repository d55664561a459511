#include "core/draft.h"
#include "base/text.h"
#include "base/when.h"

_Static_assert(ATTR_COUNT <= 64 && DATA_COUNT <= 64, "each has a bit of its own");

#define BIT(i) (UINT64_C(1) << (i))
/* The numbers of the bits of a set, from the lowest. */
#define EACH_BIT(i, set)                                                                           \
	(uint64_t left_ = (set), i = left_ ? (uint64_t)__builtin_ctzll(left_) : 0; left_;          \
		left_ &= left_ - 1, i = left_ ? (uint64_t)__builtin_ctzll(left_) : 0)

void draft_init(struct draft *d)
{
	for (int i = 0; i < ATTR_COUNT; i++) {
		buf_init(&d->attr[i].text);
		buf_init(&d->attr[i].member);
	}
	for (int i = 0; i < DATA_COUNT; i++)
		buf_init(&d->data[i]);
	d->attrs = d->members = 0;
	d->time = 0;
}

void draft_release(struct draft *d)
{
	for (int i = 0; i < ATTR_COUNT; i++) {
		buf_release(&d->attr[i].text);
		buf_release(&d->attr[i].member);
	}
	for (int i = 0; i < DATA_COUNT; i++)
		buf_release(&d->data[i]);
}

void draft_clear(struct draft *d)
{
	for
		EACH_BIT(i, d->members)
	buf_clear(&d->data[i]);
	d->attrs = d->members = 0;
	d->time = 0;
}

struct buf *draft_place(struct draft *d, enum event_data m)
{
	d->members |= BIT(m);
	return &d->data[m];
}

/* Emptied, to be filled anew. */
static struct buf *anew(struct draft *d, enum event_data m)
{
	struct buf *b = draft_place(d, m);

	buf_clear(b);
	return b;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Control characters become U+FFFD as well: no attribute may hold one. */
static void put_attr(struct buf *out, struct str s)
{
	size_t plain = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (!is_control(s.s[i]))
			continue;
		buf_add(out, s.s + plain, i - plain);
		buf_puts(out, "\xef\xbf\xbd");
		plain = i + 1;
	}
	buf_add(out, s.s + plain, s.len - plain);
}

static void put_quoted(struct buf *out, struct str s)
{
	struct buf mended = BUF_INIT;

	if (json_put_plain(out, s))
		return;
	if (json_utf8(s)) {
		json_put_string(out, s);
		return;
	}
	text_mend(&mended, s);
	json_put_string(out, buf_str(&mended));
	buf_release(&mended);
}

void draft_attr(struct draft *d, enum event_attr a, struct str s)
{
	struct buf *text = &d->attr[a].text, mended = BUF_INIT;

	d->attrs |= BIT(a);
	if (str_eq(buf_str(text), s))
		return;
	buf_clear(text);
	buf_clear(&d->attr[a].member);
	if (text_printable(s)) {
		buf_put(text, s);
		return;
	}
	if (!json_utf8(s)) {
		text_mend(&mended, s);
		s = buf_str(&mended);
	}
	put_attr(text, s);
	buf_release(&mended);
}

void draft_text(struct draft *d, enum event_data m, struct str s)
{
	struct buf *b = anew(d, m);

	if (s.len)
		put_quoted(b, s);
}

void draft_int(struct draft *d, enum event_data m, int64_t n)
{
	buf_int(anew(d, m), n);
}

void draft_number(struct draft *d, enum event_data m, double n)
{
	json_put_number(anew(d, m), n);
}

void draft_raw(struct draft *d, enum event_data m, struct str json)
{
	buf_put(anew(d, m), json);
}

/* Opens a place for one more element before the closing bracket. */
static void reopen(struct buf *b, char open)
{
	if (!b->len) {
		buf_byte(b, open);
		return;
	}
	buf_cut(b, b->len - 1);
	if (b->s[b->len - 1] != open)
		buf_byte(b, ',');
}

void draft_identifier(struct draft *d, const char *kind, struct str value)
{
	struct buf *b;

	if (!value.len)
		return;
	b = draft_place(d, DATA_IDENTIFIERS);
	reopen(b, '[');
	buf_puts(b, "{\"kind\":");
	json_put_string(b, str_of(kind));
	buf_puts(b, ",\"value\":");
	put_quoted(b, value);
	buf_puts(b, "}]");
}

void draft_member(struct draft *d, enum event_data m, struct str name, struct str text)
{
	struct buf *b = draft_place(d, m);

	reopen(b, '{');
	put_quoted(b, name);
	buf_byte(b, ':');
	put_quoted(b, text);
	buf_byte(b, '}');
}

void draft_member_raw(struct draft *d, enum event_data m, struct str name, struct str json)
{
	struct buf *b = draft_place(d, m);

	reopen(b, '{');
	put_quoted(b, name);
	buf_byte(b, ':');
	buf_put(b, json);
	buf_byte(b, '}');
}

void draft_list(struct buf *array, struct str text)
{
	reopen(array, '[');
	put_quoted(array, text);
	buf_byte(array, ']');
}

void draft_item(struct draft *d, enum event_data m, struct str text)
{
	draft_list(draft_place(d, m), text);
}

void draft_origin(struct draft *d, const char *file, uint64_t number, bool offset_is)
{
	struct buf *b = anew(d, DATA_ORIGIN);

	buf_puts(b, "{\"file\":");
	put_quoted(b, str_of(file));
	buf_puts(b, offset_is ? ",\"offset\":" : ",\"line\":");
	buf_int(b, (int64_t)number);
	buf_byte(b, '}');
}

static void put_member(struct buf *out, enum event_attr a, struct str s)
{
	buf_byte(out, ',');
	buf_put(out, event_attr_key(a));
	if (!json_put_plain(out, s))
		json_put_string(out, s);
}

static void put_attrs(struct buf *out, struct draft *d)
{
	char time[WHEN_TEXT];

	when_format(d->time, time);
	for
		EACH_BIT(i, (d->attrs | BIT(ATTR_TIME)) & ~BIT(ATTR_SPECVERSION))
		{
			struct buf *text = &d->attr[i].text, *member = &d->attr[i].member;

			if (i == ATTR_TIME) {
				put_member(out, ATTR_TIME, str_of(time));
				continue;
			}
			if (!member->len && text->len)
				put_member(member, (enum event_attr)i, buf_str(text));
			buf_put(out, buf_str(member));
		}
}

void draft_write(struct buf *out, struct draft *d)
{
	bool body = false;

	buf_puts(out, "{\"specversion\":\"1.0\"");
	put_attrs(out, d);
	for
		EACH_BIT(i, d->members)
		{
			if (!d->data[i].len)
				continue;
			buf_put(out, body ? STR(",") : STR(",\"data\":{"));
			body = true;
			buf_put(out, event_data_key((enum event_data)i));
			buf_put(out, buf_str(&d->data[i]));
		}
	buf_puts(out, body ? "}}" : "}");
}
