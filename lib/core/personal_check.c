#include "core/personal_check.h"

static int digit(struct str s, size_t i)
{
	return s.s[i] - '0';
}

static bool all_same(struct str s)
{
	for (size_t i = 1; i < s.len; i++)
		if (s.s[i] != s.s[0])
			return false;
	return true;
}

bool check_luhn(struct str s)
{
	int sum = 0;

	for (size_t i = 0; i < s.len; i++) {
		int d = digit(s, s.len - 1 - i) * (i % 2 ? 2 : 1);

		sum += d > 9 ? d - 9 : d;
	}
	return s.len && sum % 10 == 0;
}

/* How many digits the cards have that begin so. */
static bool card_length(struct str s)
{
	switch (s.s[0]) {
	case '2':
		return s.len == 16;
	case '3':
		return s.len == 15 ? s.s[1] == '4' || s.s[1] == '7'
				   : s.len == 14 || (s.len == 16 && s.s[1] == '5');
	case '4':
		return s.len == 13 || s.len == 16 || s.len == 19;
	case '5':
	case '6':
		return s.len >= 16 && s.len <= 19;
	default:
		return false;
	}
}

bool check_card(struct str s)
{
	return s.len >= 13 && card_length(s) && !all_same(s) && check_luhn(s);
}

/* The digit that modulo 11 gives for the first n, whose weights go down to 2 and, where `wrap`,
 * begin anew at 9. */
static int modulo11(struct str s, size_t n, bool wrap)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++) {
		int weight = (int)(n - i) + 1;

		sum += digit(s, i) * (wrap ? (weight - 2) % 8 + 2 : weight);
	}
	return sum % 11 < 2 ? 0 : 11 - sum % 11;
}

bool check_cpf(struct str s)
{
	return s.len == 11 && !all_same(s) && modulo11(s, 9, false) == digit(s, 9) &&
	       modulo11(s, 10, false) == digit(s, 10);
}

bool check_cnpj(struct str s)
{
	return s.len == 14 && !all_same(s) && modulo11(s, 12, true) == digit(s, 12) &&
	       modulo11(s, 13, true) == digit(s, 13);
}

bool check_ssn(struct str s)
{
	return s.len == 9 && s.s[0] != '9' && memcmp(s.s, "000", 3) != 0 &&
	       memcmp(s.s, "666", 3) != 0 && memcmp(s.s + 3, "00", 2) != 0 &&
	       memcmp(s.s + 5, "0000", 4) != 0;
}

bool check_dni(struct str s)
{
	static const char letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";
	int n = 0;

	if (s.len != 9)
		return false;
	for (size_t i = 0; i < 8; i++) {
		char c = s.s[i];

		if (i == 0 && c >= 'X' && c <= 'Z')
			c = (char)('0' + (c - 'X'));
		if (c < '0' || c > '9')
			return false;
		n = n * 10 + (c - '0');
	}
	return s.s[8] == letters[n % 23];
}

/* The value of a letter, A being 10. */
static int value36(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : -1;
}

bool check_iban(struct str s)
{
	int rest = 0;

	if (s.len < 15 || s.len > 34 || value36(s.s[0]) < 10 || value36(s.s[1]) < 10 ||
		value36(s.s[2]) > 9 || value36(s.s[3]) > 9)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int v = value36(s.s[(i + 4) % s.len]);

		if (v < 0)
			return false;
		rest = (rest * (v > 9 ? 100 : 10) + v) % 97;
	}
	return rest == 1;
}
