#include "core/mismatch.h"
#include "base/mem.h"
#include "core/tokens.h"

#include <stdlib.h>

struct looking {
	const struct token *v;
	bool affinity;
	mismatch_number *is_number;
	const void *ctx;
};

static bool is_numeral(struct str s)
{
	struct buf copy = BUF_INIT;
	char *end;
	bool is;

	buf_put(&copy, str_trim(s));
	strtod(copy.s, &end);
	is = copy.len && !*end;
	buf_release(&copy);
	return is;
}

/* Whether an operand that ends before t, or begins behind it, is all there is on its side. */
static bool bounds(const struct token *t)
{
	return t->kind == TOKEN_END || t->kind == TOKEN_NAME || token_mark(t, '(') ||
	       token_mark(t, ')') || token_mark(t, ',');
}

static bool is_text(const struct looking *l, const struct token *t)
{
	return t->kind == TOKEN_TEXT && !(l->affinity && is_numeral(t->s)) &&
	       (t == l->v || bounds(t - 1) || t[-1].kind == TOKEN_COMPARE) &&
	       (bounds(t + 1) || t[1].kind == TOKEN_COMPARE);
}

/* The text that a column is compared with; NULL: none. */
static const struct token *compared(const struct looking *l, const struct token *column)
{
	const struct token *t = column + 1;

	if (column - l->v >= 2 && column[-1].kind == TOKEN_COMPARE && is_text(l, column - 2) &&
		bounds(t))
		return column - 2;
	if (column > l->v && token_mark(column - 1, '|'))
		return NULL;
	if (t->kind != TOKEN_COMPARE) {
		t += token_is(t, "not");
		if (!token_is(t, "in") && !token_is(t, "between") && !token_is(t, "is"))
			return NULL;
	}
	t++;
	t += token_is(t, "not");
	if (token_mark(t, '('))
		for (t++; t->kind != TOKEN_END && !token_mark(t, ')') && !is_text(l, t);)
			t++;
	return is_text(l, t) ? t : NULL;
}

static int look(const struct looking *l, struct buf *err)
{
	for (const struct token *t = l->v; t->kind != TOKEN_END; t++) {
		const struct token *text =
			t->kind == TOKEN_NAME && l->is_number(l->ctx, t->s) ? compared(l, t) : NULL;

		if (!text)
			continue;
		buf_printf(err, "%.*s is a number, and '%.*s' a text, which every number is below",
			(int)t->s.len, t->s.s, (int)text->s.len, text->s.s);
		return -1;
	}
	return 0;
}

int mismatch_check(const char *sql, bool affinity, mismatch_number *is_number, const void *ctx,
	struct buf *err)
{
	struct tokens words = {.v = NULL};
	char *text = mem_string(sql);
	int status;

	tokens_cut(&words, text);
	status = look(&(struct looking){words.v, affinity, is_number, ctx}, err);
	tokens_release(&words);
	free(text);
	return status;
}
