/* The words of a condition: an SQL expression that SQLite has compiled. Nothing is understood here,
 * nor checked. */
#ifndef CORE_TOKENS_H
#define CORE_TOKENS_H

#include "base/buf.h"

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_NUMBER, TOKEN_TEXT, TOKEN_COMPARE, TOKEN_OTHER };

struct token {
	enum token_kind kind;
	bool quoted;   /* a TOKEN_NAME that is no keyword */
	struct str s;  /* as written; of what stands in quotes: without them, doubled ones as one */
	double number; /* of TOKEN_NUMBER, as strtod has it */
};

struct tokens {
	struct token *v; /* TOKEN_END is the last */
	size_t n, cap;
};

/* Cuts a text up in place: the tokens borrow from it. Free with tokens_release. */
void tokens_cut(struct tokens *t, char *text);
void tokens_release(struct tokens *t);
/* Whether it is that keyword or name, in whichever case; not in quotes. */
bool token_is(const struct token *t, const char *word);
bool token_mark(const struct token *t, char mark);

#endif
