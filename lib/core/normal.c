#include "core/normal.h"
#include "base/text.h"
#include "base/when.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void put_upper(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		buf_byte(out, (char)(s.s[i] >= 'a' && s.s[i] <= 'z' ? s.s[i] - 32 : s.s[i]));
}

void normal_digits(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (is_digit(s.s[i]))
			buf_byte(out, s.s[i]);
}

static void put_phone(struct buf *out, struct str s)
{
	if (s.len && s.s[0] == '+')
		buf_byte(out, '+');
	normal_digits(out, s);
}

/* The part from the first digit to the last. */
static struct str number_in(struct str s)
{
	while (s.len && !is_digit(s.s[0]))
		s.s++, s.len--;
	while (s.len && !is_digit(s.s[s.len - 1]))
		s.len--;
	return s;
}

/*
 * 1.234,56 and 1,234.56 and 1234.56 are 1234.56. The last mark divides the cents where one or two
 * digits follow it; three digits behind it are thousands.
 */
static bool put_amount(struct buf *out, struct str s)
{
	struct str n = number_in(s);
	size_t mark = n.len, cents;

	for (size_t i = 0; i < n.len; i++) {
		if (n.s[i] == '.' || n.s[i] == ',')
			mark = i;
		else if (!is_digit(n.s[i]))
			return false;
	}
	cents = mark < n.len ? n.len - mark - 1 : 0;
	if (!n.len || cents > 3)
		return false;
	/* 0.125 is less than one: no thousands begin with a nought. */
	if (cents == 3 && !(mark == 1 && n.s[0] == '0'))
		mark = n.len, cents = 0;
	while (mark > 1 && n.s[0] == '0' && is_digit(n.s[1]))
		n.s++, n.len--, mark--;
	normal_digits(out, (struct str){n.s, mark});
	buf_byte(out, '.');
	normal_digits(out, (struct str){n.s + n.len - cents, cents});
	for (; cents < 2; cents++)
		buf_byte(out, '0');
	return true;
}

/* By their first three letters. */
int normal_month(struct str word)
{
	static const char names[] = "jan1feb2fev2mar3apr4abr4may5mai5jun6jul7aug8ago8sep9set9oct:"
				    "out:nov;dec<dez<ene1dic<";

	for (size_t i = 0; word.len >= 3 && names[i]; i += 4)
		if (memcmp(names + i, word.s, 3) == 0)
			return names[i + 3] - '0';
	return 0;
}

struct parts {
	int number[3];
	size_t digits[3]; /* of each number */
	int n, month;
};

/* Numbers and a month's name; false where there are more of them than a date has. */
static bool date_parts(struct str words, struct parts *p)
{
	while (words.len) {
		const char *blank = memchr(words.s, ' ', words.len);
		struct str w = {words.s, blank ? (size_t)(blank - words.s) : words.len};
		size_t digits = 0, used = w.len + (blank != NULL);
		int n = 0;

		while (digits < w.len && digits < 5 && is_digit(w.s[digits]))
			n = 10 * n + (w.s[digits++] - '0');
		if (digits) {
			if (p->n == 3 || digits > 4)
				return false;
			p->number[p->n] = n;
			p->digits[p->n++] = digits;
		} else if (normal_month(w)) {
			p->month = normal_month(w);
		}
		words.s += used;
		words.len -= used;
	}
	return true;
}

/* Which number is the day and which the month; false where it may be either way. */
static bool date_order(const struct parts *p, char mark, struct civil *c)
{
	const int *n = p->number;

	if (p->month && p->n == 2 && p->digits[1] == 4) {
		*c = (struct civil){.year = n[1], .month = p->month, .day = n[0]};
		return true;
	}
	if (p->month || p->n != 3)
		return false;
	if (p->digits[0] == 4) {
		*c = (struct civil){.year = n[0], .month = n[1], .day = n[2]};
		return true;
	}
	if (p->digits[2] != 4)
		return false;
	*c = (struct civil){.year = n[2], .month = n[1], .day = n[0]};
	if (mark == '.' || n[0] > 12 || n[0] == n[1])
		return true;
	if (n[1] <= 12)
		return false;
	c->month = n[0];
	c->day = n[1];
	return true;
}

static bool put_date(struct buf *out, struct str s)
{
	struct buf words = BUF_INIT;
	struct parts p = {.n = 0};
	struct civil c = {.year = 0};
	char mark = memchr(s.s, '.', s.len) ? '.' : '/';
	bool sure;

	text_words(&words, s);
	sure = date_parts(buf_str(&words), &p) && date_order(&p, mark, &c) && civil_valid(&c);
	buf_release(&words);
	if (sure)
		buf_printf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
	return sure;
}

void entity_value(struct buf *out, enum entity_normal normal, struct str written)
{
	struct str s = str_trim(written);

	switch (normal) {
	case NORMAL_UPPER:
		put_upper(out, s);
		break;
	case NORMAL_LOWER:
	case NORMAL_EMAIL:
		text_lower(out, s);
		break;
	case NORMAL_DIGITS:
		normal_digits(out, s);
		break;
	case NORMAL_PHONE:
		put_phone(out, s);
		break;
	case NORMAL_AMOUNT:
		if (!put_amount(out, s))
			buf_put(out, s);
		break;
	case NORMAL_DATE:
		if (!put_date(out, s))
			buf_put(out, s);
		break;
	case NORMAL_NONE:
		buf_put(out, s);
	}
}
