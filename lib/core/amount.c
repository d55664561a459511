/* Amounts of money in a text. */
#include "core/checkers.h"
#include "base/text.h"

#define DIGITS_MAX 15
#define WORD_MAX 16 /* bytes of a currency's name */

enum { ANY_DOLLAR = 1, ANY_PESO };

/* As a text names them, folded. Names of letters stand alone. */
static const struct currency {
	const char *name, *code;
	int by_region; /* code where the region has no such money */
} currencies[] = {
	{"r$", "BRL", 0},
	{"us$", "USD", 0},
	{"u$s", "USD", 0},
	{"ca$", "CAD", 0},
	{"a$", "AUD", 0},
	{"mx$", "MXN", 0},
	{"$", "USD", ANY_DOLLAR + ANY_PESO},
	{"\xe2\x82\xac", "EUR", 0},
	{"\xc2\xa3", "GBP", 0},
	{"\xc2\xa5", "JPY", 0},
	{"\xe2\x82\xb9", "INR", 0},
	{"eur", "EUR", 0},
	{"usd", "USD", 0},
	{"brl", "BRL", 0},
	{"gbp", "GBP", 0},
	{"cad", "CAD", 0},
	{"aud", "AUD", 0},
	{"mxn", "MXN", 0},
	{"ars", "ARS", 0},
	{"clp", "CLP", 0},
	{"cop", "COP", 0},
	{"pen", "PEN", 0},
	{"chf", "CHF", 0},
	{"jpy", "JPY", 0},
	{"inr", "INR", 0},
	{"euro", "EUR", 0},
	{"euros", "EUR", 0},
	{"real", "BRL", 0},
	{"reais", "BRL", 0},
	{"dollar", "USD", ANY_DOLLAR},
	{"dollars", "USD", ANY_DOLLAR},
	{"bucks", "USD", ANY_DOLLAR},
	{"dolar", "USD", ANY_DOLLAR},
	{"dolares", "USD", ANY_DOLLAR},
	{"peso", "", ANY_PESO},
	{"pesos", "", ANY_PESO},
	{"pounds", "GBP", 0},
	{"quid", "GBP", 0},
	{"libras", "GBP", 0},
	{"soles", "PEN", 0},
	{"yen", "JPY", 0},
	{"rupees", "INR", 0},
	{"kwanzas", "AOA", 0},
	{"meticais", "MZN", 0},
};

static const struct {
	const char *region, *code;
	int kind;
} moneys[] = {{"CA", "CAD", ANY_DOLLAR}, {"AU", "AUD", ANY_DOLLAR}, {"NZ", "NZD", ANY_DOLLAR},
	{"SG", "SGD", ANY_DOLLAR}, {"HK", "HKD", ANY_DOLLAR}, {"MX", "MXN", ANY_PESO},
	{"AR", "ARS", ANY_PESO}, {"CL", "CLP", ANY_PESO}, {"CO", "COP", ANY_PESO},
	{"UY", "UYU", ANY_PESO}, {"DO", "DOP", ANY_PESO}, {"PH", "PHP", ANY_PESO}};

static const struct {
	const char *word;
	int zeros;
} scales[] = {{"k", 3}, {"mil", 3}, {"thousand", 3}, {"milhao", 6}, {"milhoes", 6}, {"million", 6},
	{"millon", 6}, {"millones", 6}, {"mi", 6}};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80;
}

static const char *code_of(const struct currency *c, struct str region)
{
	for (size_t i = 0; c->by_region && i < sizeof(moneys) / sizeof(moneys[0]); i++)
		if ((c->by_region & moneys[i].kind) && str_is(region, moneys[i].region))
			return moneys[i].code;
	return c->code;
}

/* What is folded of the part stays within `folded`; NULL: no currency has the name. */
static const struct currency *currency_of(struct str part)
{
	char lower[WORD_MAX];
	struct buf folded = BUF_INIT;
	const struct currency *found = NULL;
	bool plain = true;

	if (!part.len || part.len > sizeof(lower))
		return NULL;
	for (size_t i = 0; i < part.len; i++) {
		lower[i] =
			(char)(part.s[i] >= 'A' && part.s[i] <= 'Z' ? part.s[i] + 32 : part.s[i]);
		plain &= (unsigned char)part.s[i] < 0x80;
	}
	for (size_t i = 0; i < sizeof(currencies) / sizeof(currencies[0]); i++)
		if (str_is((struct str){lower, part.len}, currencies[i].name))
			return &currencies[i];
	if (plain)
		return NULL;
	text_fold(&folded, part);
	for (size_t i = 0; i < sizeof(currencies) / sizeof(currencies[0]) && !found; i++)
		if (str_is(buf_str(&folded), currencies[i].name))
			found = &currencies[i];
	buf_release(&folded);
	return found;
}

/* Bytes of one blank (a no-break one, too) at the place, or before it. */
static size_t blank_at(struct str s, size_t i)
{
	struct str rest = {s.s + i, s.len - i};

	if (str_starts(rest, STR(" ")))
		return 1;
	if (str_starts(rest, STR("\xc2\xa0")))
		return 2;
	return str_starts(rest, STR("\xe2\x80\xaf")) ? 3 : 0;
}

static size_t blank_before(struct str s, size_t i)
{
	struct str head = {s.s, i};

	if (str_ends(head, STR(" ")))
		return 1;
	if (str_ends(head, STR("\xc2\xa0")))
		return 2;
	return str_ends(head, STR("\xe2\x80\xaf")) ? 3 : 0;
}

static bool is_mark(char c)
{
	return c == '$' || (unsigned char)c >= 0x80;
}

/* A sign of letters and marks that ends at the number, or a blank before it. */
static const struct currency *before(struct str text, size_t number, size_t *begin)
{
	size_t end = number - blank_before(text, number), at = end;
	const struct currency *c;

	while (at > 0 && end - at < WORD_MAX &&
		(is_letter(text.s[at - 1]) || text.s[at - 1] == '$'))
		at--;
	*begin = at;
	c = currency_of((struct str){text.s + at, end - at});
	/* Glued to what stands before it, the sign alone counts: "de$50". */
	for (size_t from = at + 1; !c && from < end; from++)
		if (is_mark(text.s[from]) && (from == at + 1 || !is_letter(text.s[from - 1]) ||
						     is_mark(text.s[from - 1]))) {
			*begin = from;
			c = currency_of((struct str){text.s + from, end - from});
		}
	return c;
}

static struct str word_at(struct str text, size_t i)
{
	size_t end = i;

	while (end < text.len && end - i < WORD_MAX && is_letter(text.s[end]))
		end++;
	return (struct str){text.s + i, end - i};
}

static int scale_of(struct str word)
{
	struct buf folded = BUF_INIT;
	int zeros = 0;

	if (!word.len)
		return 0;
	text_fold(&folded, word);
	for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++)
		if (str_is(buf_str(&folded), scales[i].word))
			zeros = scales[i].zeros;
	buf_release(&folded);
	return zeros;
}

/* The sign or name behind the number, with a scale before it; *end is moved behind what counts. */
static const struct currency *behind(struct str text, size_t *end, int *zeros)
{
	size_t at = *end + blank_at(text, *end), sign;
	struct str word = word_at(text, at);
	const struct currency *c;

	*zeros = scale_of(word);
	if (*zeros) {
		*end = at + word.len;
		at = *end + blank_at(text, *end);
		word = word_at(text, at);
		if (str_is(word, "de")) {
			at += 2 + blank_at(text, at + 2);
			word = word_at(text, at);
		}
	}
	sign = word.len;
	if (at < text.len && text.s[at] == '$')
		sign = 1;
	c = currency_of((struct str){text.s + at, sign});
	if (!c && word.len > 3) {
		/* A sign with letters glued behind it. */
		sign = (unsigned char)word.s[0] >= 0xe0 ? 3 : 2;
		c = (unsigned char)word.s[0] >= 0x80 ? currency_of((struct str){word.s, sign})
						     : NULL;
	}
	if (c)
		*end = at + sign;
	return c;
}

/* 1.234,56 and 1,234.56 and 1234.56 are one: the last mark divides the cents where one or two
 * digits follow it, and three digits behind it are thousands. */
static bool put_number(struct buf *out, struct str n, int zeros)
{
	size_t mark = n.len, begin = out->len, digits = 0, cents;

	for (size_t i = 0; i < n.len; i++) {
		digits += is_digit(n.s[i]);
		if (!is_digit(n.s[i]))
			mark = i;
	}
	cents = mark < n.len ? n.len - mark - 1 : 0;
	if (cents > 3 || digits + (size_t)zeros > DIGITS_MAX)
		return false;
	/* 0.125 is less than one: no thousands begin with a nought. */
	if (cents == 3 && !(mark == 1 && n.s[0] == '0')) {
		mark = n.len;
		cents = 0;
	}
	for (size_t i = 0; i < mark; i++)
		if (is_digit(n.s[i]) && (n.s[i] != '0' || out->len > begin))
			buf_byte(out, n.s[i]);
	for (; zeros > 0; zeros--) {
		char c = cents ? n.s[n.len - cents] : '0';

		if (c != '0' || out->len > begin)
			buf_byte(out, c);
		cents -= cents > 0;
	}
	if (out->len == begin)
		buf_byte(out, '0');
	buf_byte(out, '.');
	buf_add(out, n.s + n.len - cents, cents);
	for (; cents < 2; cents++)
		buf_byte(out, '0');
	return true;
}

/* The end of the number that begins at i. */
static size_t number_end(struct str s, size_t i)
{
	while (i < s.len && (is_digit(s.s[i]) || ((s.s[i] == '.' || s.s[i] == ',') &&
							 i + 1 < s.len && is_digit(s.s[i + 1]))))
		i++;
	return i;
}

/* The amount whose number begins at i: its place and value, or false. */
static bool amount_at(
	struct str text, struct str region, size_t i, size_t *begin, size_t *end, struct buf *value)
{
	size_t stop = number_end(text, i), after = stop;
	struct str number = {text.s + i, stop - i};
	int zeros = 0;
	const struct currency *c = before(text, i, begin), *next = behind(text, &after, &zeros);

	if (!c && !next)
		return false;
	if (c && !next && !zeros)
		after = stop;
	if (!c) {
		c = next;
		*begin = i;
	} else if (next && !zeros) {
		/* "R$ 50 reais" says it twice; "EUR 5 USD 6" belongs to two numbers. */
		after = strcmp(next->code, c->code) == 0 ? after : stop;
	}
	*end = after;
	if (!put_number(value, number, zeros))
		return false;
	if (*code_of(c, region)) {
		buf_byte(value, ' ');
		buf_puts(value, code_of(c, region));
	}
	return true;
}

void amount_find(struct str text, struct str region, checker_found *found, void *ctx)
{
	struct buf value = BUF_INIT;

	for (size_t i = 0; i < text.len; i++) {
		size_t begin, end;
		bool whole;

		if (!is_digit(text.s[i]))
			continue;
		whole = !i ||
			!(is_digit(text.s[i - 1]) || text.s[i - 1] == '.' || text.s[i - 1] == ',' ||
				(is_letter(text.s[i - 1]) && (unsigned char)text.s[i - 1] < 0x80 &&
					!(i >= 3 && currency_of((struct str){text.s + i - 3, 3}))));
		buf_clear(&value);
		if (whole && amount_at(text, region, i, &begin, &end, &value)) {
			found(ctx, begin, end, buf_str(&value));
			i = end - 1;
		} else {
			i = number_end(text, i) - 1;
		}
	}
	buf_release(&value);
}

static void take(void *ctx, size_t begin, size_t end, struct str value)
{
	struct buf *out = ctx;

	(void)begin;
	(void)end;
	if (!out->len)
		buf_put(out, value);
}

bool amount_value(struct buf *out, struct str s, struct str region)
{
	struct buf value = BUF_INIT;
	bool is;

	amount_find(s, region, take, &value);
	is = value.len > 0;
	buf_put(out, buf_str(&value));
	buf_release(&value);
	return is;
}
