/*
 * What is known of values without an ontology's help: check digits of cards and IBANs, mail
 * addresses, amounts of money, telephone numbers and postal codes by region; each gives one form
 * for all spellings.
 */
#ifndef CORE_CHECKERS_H
#define CORE_CHECKERS_H

#include "base/buf.h"

enum checker {
	CHECKER_NONE,
	CHECKER_CARD,
	CHECKER_IBAN,
	CHECKER_PHONE,
	CHECKER_EMAIL,
	CHECKER_AMOUNT,
	CHECKER_DATE,
	CHECKER_POSTAL
};

/* By its name in an ontology; CHECKER_NONE where there is none of that name, or no name. */
enum checker checker_of(const char *name);

/* Told of each value that is found: the bytes of the text, from begin up to before end, and its
 * normal form, borrowed for the call. */
typedef void checker_found(void *ctx, size_t begin, size_t end, struct str value);

/* 12 to 19 digits, in groups or not, with an issuer's beginning and length, and Luhn's check. */
void card_find(struct str text, checker_found *found, void *ctx);
/* ISO 13616: the country's length, and the check digits by modulo 97. */
void iban_find(struct str text, checker_found *found, void *ctx);
/* What an address may be of around the '@' at `at`: from a letter, a digit or '_' up to where no
 * host goes on. Where none goes before, it begins with the '@'. */
struct str email_around(struct str text, size_t at);
void email_find(struct str text, checker_found *found, void *ctx);
/*
 * A number beside a currency: 1234.56 EUR, or without the currency where it cannot be told. What
 * "$" and "pesos" are is told by the region (ISO 3166-1 alpha-2, or empty); else "$" is USD.
 */
void amount_find(struct str text, struct str region, checker_found *found, void *ctx);

/* Appends the normal form of a value that a pattern found; false, and nothing appended, where it is
 * none. */
bool card_value(struct buf *out, struct str s);
bool iban_value(struct buf *out, struct str s);
bool email_value(struct buf *out, struct str s);
bool amount_value(struct buf *out, struct str s, struct str region);
/* E.164 where the region or a leading + says which; else its digits. */
bool phone_value(struct buf *out, struct str s, struct str region);
/* As the region writes it, or the region that alone writes it so; else without blanks. */
bool postal_value(struct buf *out, struct str s, struct str region);

#endif
