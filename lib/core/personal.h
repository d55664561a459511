/*
 * Personal data in text: what can be told by its form, its check digits or the words around it, and
 * what a member's name says of its value. Nothing of a record's structure is known here.
 */
#ifndef CORE_PERSONAL_H
#define CORE_PERSONAL_H

#include "base/buf.h"

#define PERSONAL_KINDS_EACH(X)                                                                     \
	X(NAME, name)                                                                              \
	X(EMAIL, email)                                                                            \
	X(PHONE, phone)                                                                            \
	X(CUSTOMER, customer)                                                                      \
	X(ACCOUNT, account)                                                                        \
	X(HANDLE, handle)                                                                          \
	X(DEVICE, device)                                                                          \
	X(CARD, card)                                                                              \
	X(IBAN, iban)                                                                              \
	X(DOCUMENT, document)                                                                      \
	X(BIRTH_DATE, birth_date)                                                                  \
	X(ADDRESS, address)                                                                        \
	X(POSTAL_CODE, postal_code)                                                                \
	X(IP, ip)                                                                                  \
	X(URL, url)                                                                                \
	X(SESSION, session)                                                                        \
	X(ID, id)                                                                                  \
	X(ORDER, order)                                                                            \
	X(AGENT, agent)

#define PERSONAL_ENUM(upper, lower) PERSONAL_##upper,
enum personal_kind { PERSONAL_KINDS_EACH(PERSONAL_ENUM) PERSONAL_KINDS };

const char *personal_word(enum personal_kind k); /* "birth_date" */
/* PERSONAL_KINDS where no kind is called so. */
enum personal_kind personal_kind(struct str word);

struct personal_hit {
	size_t from, to; /* bytes of the text */
	enum personal_kind kind;
	struct {
		size_t at, len;
	} normal; /* in hits.normals: equal for all spellings of a value */
};

struct personal_hits {
	struct personal_hit *v;
	size_t n, cap;
	struct buf normals;
};

#define PERSONAL_HITS_INIT                                                                         \
	{                                                                                          \
		NULL, 0, 0, BUF_INIT                                                               \
	}
void personal_hits_release(struct personal_hits *h);
struct str personal_hit_normal(const struct personal_hits *h, const struct personal_hit *hit);

/* What is known about who speaks. */
struct personal_about {
	const char *region; /* ISO 3166-1 alpha-2, of national telephone numbers; NULL: unknown */
	bool ours;   /* our words: who introduces herself is an agent, who is greeted is not */
	bool agents; /* agents' names are personal data as well */
};

#define PERSONAL_ASKS 5000 /* telephone numbers of a record that are looked up */

struct personal; /* one thread at a time */

/* NULL and a reason on failure. Free with personal_free. */
struct personal *personal_new(struct buf *err);
void personal_free(struct personal *p); /* NULL is allowed */
/* Another record begins. One whose digits need more than PERSONAL_ASKS looks has all others taken
 * for telephone numbers that may be one: none is left for want of time. */
void personal_begin(struct personal *p);
/* Adds what is found in the text, which is UTF-8. Hits may overlap. */
void personal_find(struct personal *p, struct str text, const struct personal_about *about,
	struct personal_hits *hits);
/* Whether digits prove by themselves what they are: a card, a person's or a company's number. */
bool personal_proven(struct str digits, enum personal_kind *out);
/* Appends the form that all spellings of a value of the kind have in common. */
void personal_normal(
	struct buf *out, enum personal_kind kind, struct str written, const char *region);
/*
 * The kind that a member's name gives to its value, or PERSONAL_KINDS: "customer_name", "CPF",
 * "postcode". parent: the name of the member that it is within, empty where there is none: a bare
 * "name" is a person's only within what is a person.
 */
enum personal_kind personal_member(const struct personal *p, struct str name, struct str parent);
/* Whether a word is nobody's name: a role, a title, a particle (folded). */
bool personal_no_name(struct str word);

#endif
