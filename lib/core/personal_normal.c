#include "base/text.h"
#include "core/normal.h"
#include "core/personal_part.h"
#include "io/phone.h"

void personal_code(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.s[i] >= '0' && s.s[i] <= '9') || (s.s[i] >= 'A' && s.s[i] <= 'Z'))
			buf_byte(out, s.s[i]);
		else if (s.s[i] >= 'a' && s.s[i] <= 'z')
			buf_byte(out, (char)(s.s[i] - 32));
}

/* "ann (at) mail dot example" is ann@mail.example. */
static void put_email(struct buf *out, struct str s)
{
	static const char *const at[] = {"at", "arroba"}, *const dot[] = {"dot", "ponto", "punto"};
	struct buf low = BUF_INIT, word = BUF_INIT;
	bool was_blank = true;

	text_lower(&low, str_trim(s));
	for (size_t i = 0; i <= low.len; i++) {
		char c = low.s[i];
		bool blank = !c || strchr(" ()[]{}\t\r\n", c);

		if (!blank) {
			buf_byte(&word, c);
			continue;
		}
		for (size_t k = 0; k < 3 && !was_blank; k++)
			if ((k < 2 && str_is(buf_str(&word), at[k])) ||
				str_is(buf_str(&word), dot[k])) {
				bool is_at = k < 2 && str_is(buf_str(&word), at[k]);

				buf_clear(&word);
				buf_byte(&word, is_at ? '@' : '.');
			}
		was_blank = false;
		buf_put(out, buf_str(&word));
		buf_clear(&word);
	}
	buf_release(&low);
	buf_release(&word);
}

static void put_phone(struct buf *out, struct str s, const char *region)
{
	if (phone_e164(out, s, region))
		return;
	normal_digits(out, s);
}

struct date {
	int v[3], n;
	bool year_first, month_first;
};

static void date_part(struct date *d, struct str word)
{
	size_t digits = 0;
	int n = 0, month = normal_month(word);

	while (digits < word.len && digits < 4 && word.s[digits] >= '0' && word.s[digits] <= '9')
		n = n * 10 + (word.s[digits++] - '0');
	if ((!digits && !month) || d->n == 3)
		return;
	d->year_first |= digits == 4 && d->n == 0;
	d->month_first |= !digits && d->n == 0;
	d->v[d->n++] = digits ? n : month;
}

/* The day comes first but where the country or the numbers say otherwise. */
static void put_date(struct buf *out, struct str s, const char *region)
{
	struct buf all = BUF_INIT;
	struct date d = {.n = 0};
	int year, month, day;

	text_words(&all, s);
	for (size_t i = 0, from = 0; i <= all.len; i++)
		if (i == all.len || all.s[i] == ' ') {
			date_part(&d, (struct str){all.s + from, i - from});
			from = i + 1;
		}
	year = d.v[d.year_first ? 0 : 2];
	month = d.v[1];
	day = d.v[d.year_first ? 2 : 0];
	if (d.n < 3) {
		buf_put(out, buf_str(&all));
	} else {
		if (!d.year_first && (d.month_first || month > 12 ||
					     (region && strcmp(region, "US") == 0 && day <= 12))) {
			month = d.v[0];
			day = d.v[1];
		}
		year += year < 100 ? (year > 30 ? 1900 : 2000) : 0;
		buf_printf(out, "%04d-%02d-%02d", year, month, day);
	}
	buf_release(&all);
}

void personal_normal(
	struct buf *out, enum personal_kind kind, struct str written, const char *region)
{
	struct str s = str_trim(written);

	switch (kind) {
	case PERSONAL_EMAIL:
		put_email(out, s);
		break;
	case PERSONAL_PHONE:
		put_phone(out, s, region);
		break;
	case PERSONAL_CARD:
		normal_digits(out, s);
		break;
	case PERSONAL_IBAN:
	case PERSONAL_DOCUMENT:
	case PERSONAL_POSTAL_CODE:
		personal_code(out, s);
		break;
	case PERSONAL_NAME:
	case PERSONAL_AGENT:
	case PERSONAL_ADDRESS:
		text_words(out, s);
		break;
	case PERSONAL_BIRTH_DATE:
		put_date(out, s, region);
		break;
	case PERSONAL_IP:
	case PERSONAL_HANDLE:
		text_lower(out, s);
		break;
	default:
		buf_put(out, s);
	}
}
