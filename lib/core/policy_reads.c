/* What an SQL expression reads, word by word. SQLite has the last say on what is a column. */
#include "base/mem.h"
#include "core/policy_part.h"

#include <ctype.h>
#include <strings.h>

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

static bool among(struct str word, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == word.len && strncasecmp(*list, word.s, word.len) == 0)
			return true;
	return false;
}

static void see_word(const char *s, size_t n, void (*visit)(void *ctx, struct str name), void *ctx)
{
	static const char *const no_columns[] = {"null", "true", "false", NULL};
	static const char *const no_calls[] = {"not", "cast", "in", "and", "or", "then", "else",
		"when", "between", "is", "escape", NULL};
	struct str word = {s, n};
	size_t blank = strspn(s + n, " \t\r\n\f");

	if (s[n + blank] != '(') {
		if (!among(word, no_columns))
			visit(ctx, word);
	} else if (!among(word, no_calls) && !among(word, expr_functions())) {
		visit(ctx, (struct str){s, n + blank + call_length(s + n + blank)});
	}
}

void policy_reads(const char *sql, void (*visit)(void *ctx, struct str name), void *ctx)
{
	for (const char *s = sql; *s;) {
		size_t n = 1;

		if (strchr("'\"`[", *s)) {
			n = quoted_length(s);
			if (*s != '\'' && n > 2)
				visit(ctx, (struct str){s + 1, n - 2});
		} else if (begins_word(*s)) {
			n = word_length(s);
			see_word(s, n, visit, ctx);
		} else if (isdigit((unsigned char)*s)) {
			/* 1e5 and 0x1f are no words. */
			n += word_length(s + 1);
		}
		s += n;
	}
}
