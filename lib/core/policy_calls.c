/* What an SQL expression calls of the functions of the event and the customer. */
#include "core/policy_part.h"

#include <ctype.h>

static bool begins_word(char c)
{
	return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static size_t word_length(const char *s)
{
	size_t n = 0;

	while (begins_word(s[n]) || isdigit((unsigned char)s[n]) || s[n] == '$')
		n++;
	return n;
}

/* A text or a name in quotes, from its first mark to behind its last. */
static size_t quoted_length(const char *s)
{
	char end = s[0] == '[' ? ']' : s[0];
	size_t n = 1;

	while (s[n] && (s[n] != end || (end != ']' && s[n + 1] == end)))
		n += s[n] == end ? 2 : 1;
	return s[n] ? n + 1 : n;
}

static size_t call_length(const char *s)
{
	size_t n = 0, depth = 0;

	do {
		if (strchr("'\"`[", s[n])) {
			n += quoted_length(s + n);
			continue;
		}
		depth += s[n] == '(';
		depth -= s[n] == ')';
		n++;
	} while (depth && s[n]);
	return n;
}

/* A name of n bytes, in quotes or not: a call where it is a function's and a parenthesis follows.
 */
static void see_name(const char *s, size_t n, void (*visit)(void *ctx, struct str call), void *ctx)
{
	size_t blank = strspn(s + n, " \t\r\n\f"), quote = strchr("\"`[", *s) != NULL;
	struct str name = {s + quote, n - 2 * quote};

	if (s[n + blank] == '(' && conditions_function(name))
		visit(ctx, (struct str){s, n + blank + call_length(s + n + blank)});
}

void policy_calls(const char *sql, void (*visit)(void *ctx, struct str call), void *ctx)
{
	for (const char *s = sql; *s;) {
		size_t n = 1;

		if (strchr("'\"`[", *s))
			n = quoted_length(s);
		else if (begins_word(*s) || isdigit((unsigned char)*s))
			n = word_length(s);
		if (n > 2 && *s != '\'')
			see_name(s, n, visit, ctx);
		s += n;
	}
}
