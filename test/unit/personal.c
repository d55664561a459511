/* Check digits and readings of a text. */
#include "core/personal_check.h"
#include "core/view.h"
#include "unit.h"

static void checks(void)
{
	CHECK(check_card(STR("4111111111111111")) && !check_card(STR("4111111111111112")));
	CHECK(check_card(STR("378282246310005")) && check_card(STR("30569309025904")));
	CHECK(!check_card(STR("0000000000000000")) && !check_card(STR("5511912345675")));
	CHECK(check_cpf(STR("52998224725")) && !check_cpf(STR("52998224726")));
	CHECK(!check_cpf(STR("11111111111")));
	CHECK(check_cnpj(STR("11222333000181")) && !check_cnpj(STR("11222333000182")));
	CHECK(check_ssn(STR("078051120")) && !check_ssn(STR("666051120")));
	CHECK(check_dni(STR("12345678Z")) && !check_dni(STR("12345678A")));
	CHECK(check_dni(STR("X1234567L")) && !check_dni(STR("Q1234567L")));
	CHECK(check_iban(STR("GB82WEST12345698765432")));
	CHECK(!check_iban(STR("GB82WEST12345698765433")) && !check_iban(STR("GB82")));
}

static void decode(const char *text, enum view_escapes how, const char *wanted)
{
	struct view v = VIEW_INIT;

	if (!view_decode(&v, str_of(text), NULL, how))
		CHECK(!wanted);
	else
		CHECK(wanted && str_is(buf_str(&v.text), wanted));
	view_release(&v);
}

static void escapes(void)
{
	decode("plain", VIEW_MARKS, NULL);
	decode("100% of", VIEW_MARKS, NULL);
	decode("a%40b", VIEW_MARKS, "a@b");
	decode("\\u0041\\ud83d\\ude00", VIEW_MARKS, "A\xf0\x9f\x98\x80");
	decode("Jos%C3%A9 Jos%E9", VIEW_MARKS, "Jos\xc3\xa9 Jos\xc3\xa9");
	/* What no UTF-8 holds is Latin-1: a pattern may be given nothing else. */
	decode("%F4%90%80%80", VIEW_MARKS, "\xc3\xb4\xc2\x90\xc2\x80\xc2\x80");
	decode("=ED=A0=80", VIEW_QUOTED, "\xc3\xad\xc2\xa0\xc2\x80");
	decode("%E0%80%80", VIEW_MARKS, "\xc3\xa0\xc2\x80\xc2\x80");
	decode("%F4%8F%BF%BF", VIEW_MARKS, "\xf4\x8f\xbf\xbf");
	decode("&#65;&#x42;&eacute;&amp;&nope;", VIEW_MARKS, "AB\xc3\xa9&&nope;");
	decode("a\xe2\x80\x8b"
	       "b\xc2\xa0"
	       "c",
		VIEW_MARKS, "ab c");
	decode("=41=\r\n=C3=A9=ZZ", VIEW_QUOTED, "A\xc3\xa9=ZZ");
	decode("a=b", VIEW_QUOTED, NULL);
}

static void places(void)
{
	struct view once = VIEW_INIT, twice = VIEW_INIT, words = VIEW_INIT;
	struct str text = STR("x%2541y");

	CHECK(view_decode(&once, text, NULL, VIEW_MARKS));
	CHECK(view_decode(&twice, buf_str(&once.text), &once, VIEW_MARKS));
	CHECK(str_is(buf_str(&twice.text), "xAy"));
	CHECK(twice.at[1].from == 1 && twice.at[1].to == 6 && twice.at[2].from == 6);
	view_squeeze(&words, STR("Jo\xc3\xa3o-E\xcc\x81"
				 "2"));
	CHECK(str_is(buf_str(&words.text), "joaoe2"));
	CHECK(words.at[2].from == 2 && words.at[2].to == 4 && words.at[4].to == 9);
	view_release(&once);
	view_release(&twice);
	view_release(&words);
}

int main(void)
{
	checks();
	escapes();
	places();
	return unit_end();
}
