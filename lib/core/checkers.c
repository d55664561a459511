#include "core/checkers.h"
#include "base/text.h"
#include "core/personal_check.h"
#include "io/phone.h"

#define CARD_MIN 12
#define CARD_MAX 19
#define IBAN_MAX 34
#define EMAIL_MAX 254
#define EMAIL_LOCAL_MAX 64

enum checker checker_of(const char *name)
{
	static const char *const names[] = {[CHECKER_CARD] = "card",
		[CHECKER_IBAN] = "iban",
		[CHECKER_PHONE] = "phone",
		[CHECKER_EMAIL] = "email",
		[CHECKER_AMOUNT] = "amount",
		[CHECKER_DATE] = "date",
		[CHECKER_POSTAL] = "postal"};

	for (size_t i = 1; name && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return (enum checker)i;
	return CHECKER_NONE;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char upper(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
}

static bool is_letter(char c)
{
	return upper(c) >= 'A' && upper(c) <= 'Z';
}

/* A letter or digit; of other scripts as well. */
static bool is_word(char c)
{
	return is_digit(c) || is_letter(c) || (unsigned char)c >= 0x80;
}

/* ---- cards ---- */

/* The issuers' beginnings, and the lengths that each gives out. */
static bool issued(const char *digits, size_t n)
{
	int two = (digits[0] - '0') * 10 + digits[1] - '0';
	int four = two * 100 + (digits[2] - '0') * 10 + digits[3] - '0';

	if (digits[0] == '4')
		return n == 13 || n == 16 || n == 19;
	if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720))
		return n == 16;
	if (two == 34 || two == 37)
		return n == 15;
	if (two == 30 || two == 36 || two == 38 || two == 39)
		return n >= 14;
	if (two == 35)
		return n >= 16;
	return (two == 50 || (two >= 56 && two <= 69)) && n >= CARD_MIN;
}

static bool is_card(const char *digits, size_t n)
{
	return n >= CARD_MIN && n <= CARD_MAX && issued(digits, n) &&
	       check_luhn((struct str){digits, n});
}

bool card_value(struct buf *out, struct str s)
{
	char digits[CARD_MAX] = "";
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (!is_digit(s.s[i]))
			continue;
		if (n == CARD_MAX)
			return false;
		digits[n++] = s.s[i];
	}
	if (!is_card(digits, n))
		return false;
	buf_add(out, digits, n);
	return true;
}

/* The longest card that begins at `begin`, a group's beginning; its end, or 0. */
static size_t card_end(struct str text, size_t begin, char *digits, size_t *len)
{
	size_t n = 0, end = 0;

	for (size_t i = begin; i < text.len && n < CARD_MAX; i++) {
		bool last = i + 1 == text.len || !is_word(text.s[i + 1]);

		if (is_digit(text.s[i])) {
			digits[n++] = text.s[i];
			if (last && is_card(digits, n)) {
				end = i + 1;
				*len = n;
			}
		} else if ((text.s[i] != ' ' && text.s[i] != '-') || i + 1 == text.len ||
			   !is_digit(text.s[i + 1])) {
			break;
		}
	}
	return end;
}

void card_find(struct str text, checker_found *found, void *ctx)
{
	char digits[CARD_MAX];

	for (size_t i = 0; i + CARD_MIN <= text.len; i++) {
		size_t len = 0, end;

		if (!is_digit(text.s[i]))
			continue;
		end = i && (is_word(text.s[i - 1]) || text.s[i - 1] == '+')
			      ? 0
			      : card_end(text, i, digits, &len);
		if (end) {
			found(ctx, i, end, (struct str){digits, len});
			i = end - 1;
		}
		while (i + 1 < text.len && is_digit(text.s[i + 1]))
			i++;
	}
}

/* ---- IBANs ---- */

/* Lengths by the registry of ISO 13616; 0: no such country. */
static size_t iban_length(char a, char b)
{
	static const char known[] =
		"AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28"
		"EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26"
		"IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28"
		"NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25"
		"SV28TL23TN24TR26UA29VA22VG24XK20YE30";

	for (const char *k = known; *k; k += 4)
		if (k[0] == a && k[1] == b)
			return (size_t)((k[2] - '0') * 10 + k[3] - '0');
	return 0;
}

/* Reads an IBAN from the start of s, blanks between its groups; how many bytes, or 0. */
static size_t iban_read(struct str s, char iban[IBAN_MAX], size_t *n)
{
	size_t want, i = 0;

	*n = 0;
	if (s.len < 15 || !is_letter(s.s[0]) || !is_letter(s.s[1]) || !is_digit(s.s[2]) ||
		!is_digit(s.s[3]))
		return 0;
	want = iban_length(upper(s.s[0]), upper(s.s[1]));
	for (; want && i < s.len && *n < want; i++) {
		if (is_digit(s.s[i]) || is_letter(s.s[i]))
			iban[(*n)++] = upper(s.s[i]);
		else if ((s.s[i] != ' ' && s.s[i] != '-') || s.s[i - 1] == s.s[i])
			return 0;
	}
	if (!want || *n < want || (i < s.len && is_word(s.s[i])))
		return 0;
	return check_iban((struct str){iban, *n}) ? i : 0;
}

bool iban_value(struct buf *out, struct str s)
{
	char iban[IBAN_MAX];
	size_t n;

	if (iban_read(s, iban, &n) != s.len)
		return false;
	buf_add(out, iban, n);
	return true;
}

void iban_find(struct str text, checker_found *found, void *ctx)
{
	char iban[IBAN_MAX];
	size_t n, used;

	for (size_t i = 0; i + 15 <= text.len; i++) {
		if (!is_letter(text.s[i]) || (i && is_word(text.s[i - 1])) ||
			!is_digit(text.s[i + 2]))
			continue;
		used = iban_read((struct str){text.s + i, text.len - i}, iban, &n);
		if (used) {
			found(ctx, i, i + used, (struct str){iban, n});
			i += used - 1;
		}
	}
}

/* ---- mail addresses ---- */

static bool is_local(char c)
{
	return is_word(c) || (c && strchr("._%+-'", c));
}

static bool is_host(char c)
{
	return is_word(c) || c == '-' || c == '.';
}

/* Whether it is a name with a dot in it, and a last part of letters. */
static bool is_domain(struct str s)
{
	const char *dot = memrchr(s.s, '.', s.len);
	size_t top = dot ? (size_t)(s.s + s.len - dot - 1) : 0;

	if (top < 2 || !is_word(s.s[0]))
		return false;
	for (size_t i = 0; i < top; i++)
		if (!is_letter(dot[1 + i]) && (unsigned char)dot[1 + i] < 0x80)
			return false;
	for (size_t i = 1; i < s.len; i++)
		if (s.s[i] == '.' && (s.s[i - 1] == '.' || s.s[i - 1] == '-'))
			return false;
	return true;
}

bool email_value(struct buf *out, struct str s)
{
	const char *at = s.len ? memchr(s.s, '@', s.len) : NULL;
	size_t local = at ? (size_t)(at - s.s) : 0;

	if (!local || local > EMAIL_LOCAL_MAX || s.len > EMAIL_MAX || local + 1 >= s.len)
		return false;
	if (!is_domain((struct str){at + 1, s.len - local - 1}))
		return false;
	text_lower(out, s);
	return true;
}

struct str email_around(struct str text, size_t at)
{
	size_t begin = at, end = at + 1;

	while (begin && is_local(text.s[begin - 1]))
		begin--;
	while (begin < at && !is_word(text.s[begin]) && text.s[begin] != '_')
		begin++;
	while (end < text.len && is_host(text.s[end]))
		end++;
	while (end > at + 1 && (text.s[end - 1] == '.' || text.s[end - 1] == '-'))
		end--;
	return (struct str){text.s + begin, end - begin};
}

void email_find(struct str text, checker_found *found, void *ctx)
{
	struct buf value = BUF_INIT;
	size_t from = 0;

	while (from < text.len) {
		const char *at = memchr(text.s + from, '@', text.len - from);
		struct str all;

		if (!at)
			break;
		all = email_around(text, (size_t)(at - text.s));
		from = (size_t)(at - text.s) + 1;
		buf_clear(&value);
		if (email_value(&value, all)) {
			found(ctx, (size_t)(all.s - text.s), (size_t)(all.s - text.s) + all.len,
				buf_str(&value));
			from = (size_t)(all.s - text.s) + all.len;
		}
	}
	buf_release(&value);
}

/* ---- telephone numbers ---- */

bool phone_value(struct buf *out, struct str s, struct str region)
{
	char name[3] = "";
	bool foreign = s.len && s.s[0] == '+';
	size_t digits = 0, begin = out->len;
	struct buf whole = BUF_INIT;
	bool is;

	if (region.len == 2)
		memcpy(name, region.s, 2);
	if (str_starts(s, STR("00"))) {
		buf_byte(&whole, '+');
		buf_put(&whole, (struct str){s.s + 2, s.len - 2});
		s = buf_str(&whole);
		foreign = true;
	}
	is = phone_e164(out, s, *name ? name : NULL);
	for (size_t i = 0; i < s.len; i++)
		digits += is_digit(s.s[i]);
	/* A national number of a region that nobody named cannot be told further. */
	if (!is && !foreign && digits >= 6 && digits <= 15) {
		for (size_t i = 0; i < s.len; i++)
			if (is_digit(s.s[i]))
				buf_byte(out, s.s[i]);
		is = true;
	}
	if (!is)
		buf_cut(out, begin);
	buf_release(&whole);
	return is;
}

/* ---- postal codes ---- */

/* N is a digit, A a letter, anything else is written so. The first of a region that fits. */
static const struct {
	const char *region, *form;
} postal[] = {
	{"BR", "NNNNN-NNN"},
	{"PT", "NNNN-NNN"},
	{"US", "NNNNN-NNNN"},
	{"US", "NNNNN"},
	{"GB", "AN NAA"},
	{"GB", "ANN NAA"},
	{"GB", "AAN NAA"},
	{"GB", "AANN NAA"},
	{"GB", "ANA NAA"},
	{"GB", "AANA NAA"},
	{"CA", "ANA NAN"},
	{"NL", "NNNN AA"},
	{"ES", "NNNNN"},
	{"DE", "NNNNN"},
	{"FR", "NNNNN"},
	{"IT", "NNNNN"},
	{"MX", "NNNNN"},
	{"PE", "NNNNN"},
	{"UY", "NNNNN"},
	{"FI", "NNNNN"},
	{"SE", "NNN NN"},
	{"PL", "NN-NNN"},
	{"AR", "ANNNNAAA"},
	{"AR", "NNNN"},
	{"AT", "NNNN"},
	{"AU", "NNNN"},
	{"BE", "NNNN"},
	{"CH", "NNNN"},
	{"DK", "NNNN"},
	{"NO", "NNNN"},
	{"NZ", "NNNN"},
	{"CL", "NNNNNNN"},
	{"CO", "NNNNNN"},
	{"IN", "NNNNNN"},
	{"EC", "NNNNNN"},
	{"JP", "NNN-NNNN"},
	{"IE", "ANN AAAA"},
};

static bool fits(struct buf *out, const char *form, struct str bare)
{
	size_t begin = out->len, i = 0;

	for (; *form; form++) {
		if (*form != 'N' && *form != 'A') {
			buf_byte(out, *form);
			continue;
		}
		if (i == bare.len || is_digit(bare.s[i]) != (*form == 'N')) {
			buf_cut(out, begin);
			return false;
		}
		buf_byte(out, bare.s[i++]);
	}
	if (i == bare.len)
		return true;
	buf_cut(out, begin);
	return false;
}

bool postal_value(struct buf *out, struct str s, struct str region)
{
	struct buf bare = BUF_INIT;
	const char *only = NULL;
	bool done = false, unsure = false;

	for (size_t i = 0; i < s.len; i++)
		if (is_digit(s.s[i]) || is_letter(s.s[i]))
			buf_byte(&bare, upper(s.s[i]));
	for (size_t i = 0; i < sizeof(postal) / sizeof(postal[0]) && !done; i++) {
		size_t begin = out->len;

		if (str_is(region, postal[i].region)) {
			done = fits(out, postal[i].form, buf_str(&bare));
		} else if (fits(out, postal[i].form, buf_str(&bare))) {
			unsure |= only && strcmp(only, postal[i].form) != 0;
			only = only ? only : postal[i].form;
			buf_cut(out, begin);
		}
	}
	if (!done && only && !unsure)
		done = fits(out, only, buf_str(&bare));
	if (!done && only)
		buf_put(out, buf_str(&bare));
	buf_release(&bare);
	return only || done;
}
