#include "io/phone.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

static bool reads(const char *s, const char *region, const char *want)
{
	struct buf out = BUF_INIT;
	bool is = phone_e164(&out, str_of(s), region), same;

	same = is ? want && strcmp(out.s, want) == 0 : !want && !out.len;
	if (!same)
		printf("%s: got %s, want %s\n", s, is ? out.s : "nothing", want ? want : "nothing");
	buf_release(&out);
	return same;
}

static void test_numbers(void)
{
	for (int twice = 0; twice < 2; twice++) {
		CHECK(reads("(11) 95305-2471", "BR", "+5511953052471"));
		CHECK(reads("(11) 95305-2472", "BR", "+5511953052472"));
		CHECK(reads("011 95305-2472", "BR", "+5511953052472"));
		CHECK(reads("+55 11 95305 2473", NULL, "+5511953052473"));
		CHECK(reads("11 95305 2473", NULL, NULL));
		CHECK(reads("020 7946 0018", "GB", "+442079460018"));
		CHECK(reads("+44 (0)20 7946 0018", "BR", "+442079460018"));
		CHECK(reads("0011 15 2345-6789", "AR", "+11523456789"));
		CHECK(reads("011 15-2345-6789", "AR", "+5491123456789"));
		CHECK(reads("1-800-FLOWERS", "US", "+18003569377"));
		CHECK(reads("02 1234 5678", "IT", "+390212345678"));
		CHECK(reads("12", "BR", NULL));
		CHECK(reads("not a number", "BR", NULL));
	}
}

static unsigned seed = 1;

static unsigned next(unsigned below)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % below;
}

/* A number of a random shape, or, with its beginning kept, another one of the same shape. */
static void make(char *number, size_t keep, size_t digits)
{
	for (size_t i = keep; i < digits; i++)
		number[i] = (char)('0' + next(10));
	number[digits] = '\0';
}

/* What is learned from one number may not change what becomes of another. */
static void test_learning(void)
{
	static const char *const regions[] = {"BR", "AR", "MX", "US", "GB", "DE", "IT", "FR", "ES",
		"PT", "CI", "HU", "LI", "AU", "NZ", "JP", "CN", "IN", "RU", "ZA", "NG", "AE", "SM",
		"AG", "BB", "GG", "KZ", "CO", "CL", "UY", NULL};
	static const char *const begin[] = {"", "0", "00", "1", "55", "54", "44", "52", "39"};
	int different = 0;

	for (int i = 0; i < 30000; i++) {
		const char *region = regions[next(31)], *head = begin[next(9)];
		struct buf alone = BUF_INIT, after = BUF_INIT, other = BUF_INIT;
		char one[40], two[40];
		size_t plus = next(3) == 0, digits = 9 + next(7), from;

		snprintf(one, sizeof(one), "%s%s", plus ? "+" : "", head);
		from = strlen(one);
		make(one, from, digits + plus);
		memcpy(two, one, strlen(one) + 1);
		make(two, 5 + next(3) + plus, digits + plus);
		phone_forget();
		phone_e164(&alone, str_of(one), region);
		phone_forget();
		phone_e164(&other, str_of(two), region);
		phone_e164(&after, str_of(one), region);
		if (strcmp(alone.s, after.s) != 0) {
			printf("%s after %s in %s: %s, alone %s\n", one, two, region ? region : "-",
				after.s, alone.s);
			different++;
		}
		buf_release(&alone);
		buf_release(&after);
		buf_release(&other);
	}
	CHECK(different == 0);
}

int main(void)
{
	test_numbers();
	test_learning();
	return unit_end();
}
