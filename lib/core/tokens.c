#include "core/tokens.h"
#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

/* Cuts a quoted text out in place; doubled quotes become one. Gives what is behind it. */
static char *cut_text(char *p, struct token *t)
{
	char quote = *p, *to = ++p;

	t->s.s = to;
	while (*p && (*p != quote || p[1] == quote)) {
		p += *p == quote;
		*to++ = *p++;
	}
	t->s.len = (size_t)(to - t->s.s);
	return *p ? p + 1 : p;
}

static char *cut_word(char *p, struct token *t)
{
	char *end = p;

	while (isalnum((unsigned char)*end) || *end == '_' || *end == '$' || *end & 0x80)
		end++;
	t->kind = TOKEN_NAME;
	t->s = (struct str){p, (size_t)(end - p)};
	return end;
}

static char *cut_other(char *p, struct token *t)
{
	static const char *const pairs[] = {"<=", ">=", "<>", "!=", "==", "<<", ">>", NULL};
	size_t len = 1;

	for (size_t i = 0; pairs[i]; i++)
		if (strncmp(p, pairs[i], 2) == 0)
			len = 2;
	t->kind = strchr("<>=!", *p) && (len == 1 || p[1] != *p || *p == '=') ? TOKEN_COMPARE
									      : TOKEN_OTHER;
	t->s = (struct str){p, len};
	return p + len;
}

void tokens_cut(struct tokens *t, char *text)
{
	char *p = text;

	while (*p) {
		struct token *one;
		char *end;

		if (isspace((unsigned char)*p)) {
			p++;
			continue;
		}
		one = VEC_ADD(t, v, n, cap);
		if (*p == '\'') {
			one->kind = TOKEN_TEXT;
			p = cut_text(p, one);
		} else if (*p == '"' || *p == '`') {
			one->kind = TOKEN_NAME;
			one->quoted = true;
			p = cut_text(p, one);
		} else if (isdigit((unsigned char)*p)) {
			one->kind = TOKEN_NUMBER;
			one->number = strtod(p, &end);
			one->s = (struct str){p, (size_t)(end - p)};
			p = end;
		} else if (isalpha((unsigned char)*p) || *p == '_' || *p & 0x80) {
			p = cut_word(p, one);
		} else {
			p = cut_other(p, one);
		}
	}
	(void)VEC_ADD(t, v, n, cap);
}

void tokens_release(struct tokens *t)
{
	free(t->v);
}

bool token_is(const struct token *t, const char *word)
{
	return t->kind == TOKEN_NAME && !t->quoted && t->s.len == strlen(word) &&
	       strncasecmp(t->s.s, word, t->s.len) == 0;
}

bool token_mark(const struct token *t, char mark)
{
	return t->kind == TOKEN_OTHER && t->s.s[0] == mark;
}
