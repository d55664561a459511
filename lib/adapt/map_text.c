/* Functions of maps on texts, and on where a row stands. */
#include "adapt/map_file.h"
#include "base/mem.h"

#include <stdlib.h>

struct map_texts {
	struct adapt_run *run;
	const struct input *in;
	uint64_t row;
	bool asked, ours; /* who() was, and knew one of us */
	struct buf mend, unescape, address, amount, part, names;
	struct map_names *headings; /* rows that were passed over, a text for each column */
	size_t headings_n, headings_cap;
};

struct map_texts *map_texts_new(void)
{
	struct map_texts *t = mem_zero(1, sizeof(*t));

	buf_init(&t->mend);
	buf_init(&t->unescape);
	buf_init(&t->address);
	buf_init(&t->amount);
	buf_init(&t->part);
	buf_init(&t->names);
	return t;
}

static void drop_headings(struct map_texts *t)
{
	while (t->headings_n)
		map_names_release(&t->headings[--t->headings_n]);
}

void map_texts_free(struct map_texts *t)
{
	drop_headings(t);
	free(t->headings);
	buf_release(&t->mend);
	buf_release(&t->unescape);
	buf_release(&t->address);
	buf_release(&t->amount);
	buf_release(&t->part);
	buf_release(&t->names);
	free(t);
}

void map_texts_begin(struct map_texts *t, struct adapt_run *run, const struct input *in)
{
	t->run = run;
	t->in = in;
	t->row = 0;
	t->asked = t->ours = false;
	drop_headings(t);
}

void map_texts_end(struct map_texts *t)
{
	t->run->strangers += t->asked && !t->ours;
}

void map_texts_ours(struct map_texts *t)
{
	t->ours = true;
}

void map_texts_heading(struct map_texts *t, const struct csv *csv)
{
	struct map_names heading = {0};

	for (size_t i = 0; i < csv->name_n; i++)
		*VEC_ADD(&heading, v, n, cap) =
			csv->field[i].s ? mem_copy(csv->field[i].s, csv->field[i].len) : NULL;
	*VEC_ADD(t, headings, headings_n, headings_cap) = heading;
}

void map_texts_row(struct map_texts *t, uint64_t number)
{
	t->row = number;
}

/* who(name, ...): the first that is us says which of us. */
static int call_who(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_texts *t = ctx;
	enum adapt_who who = WHO_OTHER;

	(void)row;
	for (int i = 0; i < argc && who == WHO_OTHER; i++) {
		struct str name = argv[i].type == EXPR_TEXT ? argv[i].text : STR("");
		struct buf number = BUF_INIT;

		if (argv[i].type == EXPR_INT)
			buf_int(&number, argv[i].n);
		if (number.len)
			name = buf_str(&number);
		if (name.len)
			who = adapt_who(t->run->opt, name);
		t->asked = t->asked || name.len;
		buf_release(&number);
	}
	t->ours = t->ours || who != WHO_OTHER;
	*out = (struct expr_value){.type = EXPR_TEXT,
		.text = who == WHO_BOT	  ? STR("bot")
			: who == WHO_SELF ? STR("agent")
					  : STR("customer")};
	return 0;
}

static int call_row(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct map_texts *t = ctx;

	(void)row;
	(void)argc;
	(void)argv;
	*out = (struct expr_value){.type = EXPR_INT, .n = (int64_t)t->row};
	return 0;
}

/* column(name): of the row, whose names are known when it is read. */
static int call_column(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct map_row *r = row;

	(void)ctx;
	(void)argc;
	if (!r || argv[0].type != EXPR_TEXT)
		return 0;
	if (!r->csv) {
		for
			JSON_EACH(v, r->record)
		if (str_eq(v->key, argv[0].text))
			map_value(v, out);
		return 0;
	}
	for (size_t i = 0; i < r->csv->name_n; i++)
		if (str_is(argv[0].text, r->csv->name[i]) && r->csv->field[i].s)
			*out = (struct expr_value){.type = EXPR_TEXT, .text = r->csv->field[i]};
	return 0;
}

/* heading(n, name): of the rows of names that are passed over, counted from 0. */
static int call_heading(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct map_texts *t = ctx;
	const struct map_row *r = row;
	const struct map_names *h;

	(void)argc;
	if (!r || !r->csv || argv[0].type != EXPR_INT || argv[1].type != EXPR_TEXT ||
		argv[0].n < 0 || (size_t)argv[0].n >= t->headings_n)
		return 0;
	h = &t->headings[argv[0].n];
	for (size_t i = 0; i < h->n; i++)
		if (str_is(argv[1].text, r->csv->name[i]) && h->v[i])
			*out = (struct expr_value){.type = EXPR_TEXT, .text = str_of(h->v[i])};
	return 0;
}

/* column_names(): a list in JSON. */
static int call_column_names(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct map_row *r = row;
	struct map_texts *t = ctx;

	(void)argc;
	(void)argv;
	if (!r)
		return 0;
	buf_clear(&t->names);
	buf_byte(&t->names, '[');
	for (size_t i = 0; r->csv && i < r->csv->name_n; i++) {
		buf_puts(&t->names, i ? "," : "");
		json_put_string(&t->names, str_of(r->csv->name[i]));
	}
	if (!r->csv)
		for
			JSON_EACH(v, r->record)
			{
				buf_puts(&t->names, t->names.len > 1 ? "," : "");
				json_put_string(&t->names, v->key);
			}
	buf_byte(&t->names, ']');
	*out = (struct expr_value){.type = EXPR_TEXT, .text = buf_str(&t->names)};
	return 0;
}

/* path_part(n): the file's name without its ending, or the n-th folder from it upwards. */
static int call_path_part(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_texts *t = ctx;
	struct str s = str_of(t->in->name), part = {NULL, 0};
	size_t from;

	(void)row;
	(void)argc;
	if (argv[0].type != EXPR_INT || argv[0].n < 0)
		return 0;
	for (int64_t i = 0; i <= argv[0].n; i++) {
		if (!s.len)
			return 0;
		while (s.len && s.s[s.len - 1] == '/')
			s.len--;
		for (from = s.len; from && s.s[from - 1] != '/'; from--)
			;
		part = (struct str){s.s + from, s.len - from};
		s.len = from;
	}
	buf_clear(&t->part);
	buf_put(&t->part, part);
	if (argv[0].n == 0)
		part = adapt_base_name(t->part.s);
	if (part.len)
		*out = (struct expr_value){.type = EXPR_TEXT, .text = part};
	return 0;
}

static bool utf8_char(struct str s, size_t *at, uint32_t *c)
{
	unsigned char lead = (unsigned char)s.s[*at];
	size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	if (*at + n > s.len)
		return false;
	*c = n == 1 ? lead : lead & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++)
		*c = *c << 6 | ((unsigned char)s.s[*at + i] & 0x3f);
	*at += n;
	return true;
}

/* mend(x): each character is a byte of what was meant, where these bytes are UTF-8 beyond ASCII. */
static int call_mend(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_texts *t = ctx;
	bool beyond = false;
	uint32_t c;

	(void)row;
	(void)argc;
	*out = argv[0];
	if (argv[0].type != EXPR_TEXT || !json_utf8(argv[0].text))
		return 0;
	buf_clear(&t->mend);
	for (size_t at = 0; at < argv[0].text.len;) {
		if (!utf8_char(argv[0].text, &at, &c) || c > 0xff)
			return 0;
		beyond = beyond || c > 0x7f;
		buf_byte(&t->mend, (char)c);
	}
	if (beyond && json_utf8(buf_str(&t->mend)))
		out->text = buf_str(&t->mend);
	return 0;
}

/* The escape that stands behind a backslash, as one byte; its length, or 0 where it is none. */
static size_t escape(struct str s, char *byte)
{
	static const char names[] = "abfnrtv", bytes[] = "\a\b\f\n\r\t\v";
	const char *known = s.len && s.s[0] ? strchr(names, s.s[0]) : NULL;
	unsigned value = 0;
	size_t n = 0;

	if (known || (s.len && strchr("\\\"'?", s.s[0]) && s.s[0])) {
		*byte = known ? bytes[known - names] : s.s[0];
		return 1;
	}
	while (n < 3 && n < s.len && s.s[n] >= '0' && s.s[n] <= '7')
		value = value * 8 + (unsigned)(s.s[n++] - '0');
	*byte = (char)value;
	return value && value <= 0xff ? n : 0;
}

/* unescape(x): what gives no UTF-8 stays as it is. */
static int call_unescape(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_texts *t = ctx;
	struct str s = argv[0].text;

	(void)row;
	(void)argc;
	*out = argv[0];
	if (argv[0].type != EXPR_TEXT)
		return 0;
	buf_clear(&t->unescape);
	while (s.len) {
		char byte = s.s[0];
		size_t n = byte == '\\' ? escape((struct str){s.s + 1, s.len - 1}, &byte) : 0;

		buf_byte(&t->unescape, n ? byte : s.s[0]);
		s.s += n + 1;
		s.len -= n + 1;
	}
	if (json_utf8(buf_str(&t->unescape)))
		out->text = buf_str(&t->unescape);
	return 0;
}

/* address(x): what stands in the last angle brackets, else x, where it has an "@". */
static int call_address(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_texts *t = ctx;
	struct str s;
	const char *end;

	(void)row;
	(void)argc;
	if (argv[0].type != EXPR_TEXT)
		return 0;
	s = str_trim(argv[0].text);
	end = s.len ? memrchr(s.s, '>', s.len) : NULL;
	if (end) {
		const char *open = memrchr(s.s, '<', (size_t)(end - s.s));

		if (open)
			s = str_trim((struct str){open + 1, (size_t)(end - open) - 1});
	}
	if (!s.len || !memchr(s.s, '@', s.len))
		return 0;
	buf_clear(&t->address);
	buf_put(&t->address, s);
	*out = (struct expr_value){.type = EXPR_TEXT, .text = buf_str(&t->address)};
	return 0;
}

/* Where the decimals begin: the sign that stands last, unless it stands more than once or is a
 * comma with three digits behind it. */
static size_t decimals_at(struct str s)
{
	size_t last = s.len, times = 0, commas = 0, digits = 0;

	for (size_t i = 0; i < s.len; i++)
		if (s.s[i] == '.' || s.s[i] == ',')
			last = i;
	for (size_t i = 0; i < s.len; i++) {
		times += last < s.len && s.s[i] == s.s[last];
		commas += s.s[i] == ',' || s.s[i] == '.';
		digits += i > last && s.s[i] >= '0' && s.s[i] <= '9';
	}
	if (times > 1 || (last < s.len && commas == 1 && s.s[last] == ',' && digits == 3))
		return s.len;
	return last;
}

/* amount(x): the number in a sum of money as people write it. */
static int call_amount(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_texts *t = ctx;
	struct str s;
	size_t point;
	bool any = false;

	(void)row;
	(void)argc;
	*out = argv[0];
	if (argv[0].type != EXPR_TEXT)
		return 0;
	*out = (struct expr_value){.type = EXPR_NULL};
	s = argv[0].text;
	point = decimals_at(s);
	buf_clear(&t->amount);
	for (size_t i = 0; i < s.len; i++) {
		bool digit = s.s[i] >= '0' && s.s[i] <= '9';

		if ((s.s[i] == '-' || s.s[i] == '(') && !any && !t->amount.len)
			buf_byte(&t->amount, '-');
		if (i == point && any)
			buf_byte(&t->amount, '.');
		if (digit)
			buf_byte(&t->amount, s.s[i]);
		any = any || digit;
	}
	if (str_ends(buf_str(&t->amount), STR(".")))
		buf_cut(&t->amount, t->amount.len - 1);
	if (any)
		*out = (struct expr_value){.type = EXPR_TEXT, .text = buf_str(&t->amount)};
	return 0;
}

void map_texts_add(struct map_texts *t, struct expr_set *set)
{
	expr_function(set, "who", -1, call_who, t);
	expr_function(set, "row", 0, call_row, t);
	expr_function(set, "column", 1, call_column, t);
	expr_function(set, "heading", 2, call_heading, t);
	expr_function(set, "column_names", 0, call_column_names, t);
	expr_function(set, "path_part", 1, call_path_part, t);
	expr_function(set, "mend", 1, call_mend, t);
	expr_function(set, "unescape", 1, call_unescape, t);
	expr_function(set, "address", 1, call_address, t);
	expr_function(set, "amount", 1, call_amount, t);
}
