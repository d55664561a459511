/* Numbers that carry their own proof: check digits and lengths. All take digits alone, unless they
 * say otherwise. */
#ifndef CORE_PERSONAL_CHECK_H
#define CORE_PERSONAL_CHECK_H

#include "base/buf.h"

bool check_luhn(struct str digits);
/* 13 to 19 digits, as many as cards have that begin so, and Luhn's check. */
bool check_card(struct str digits);
bool check_cpf(struct str digits);  /* Brazil, persons: 11 */
bool check_cnpj(struct str digits); /* Brazil, companies: 14 */
bool check_ssn(struct str digits);  /* United States: 9, of the ranges that were given out */
/* Spain: eight digits and a letter, or X, Y or Z, seven digits and a letter; in capitals. */
bool check_dni(struct str s);
/* Letters and digits in capitals, ISO 13616. */
bool check_iban(struct str s);

#endif
