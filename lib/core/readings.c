/* What a condition reads, and with which constants it compares it: by its words alone. What is not
 * understood makes the condition not plain; SQLite alone says what it means. */
#include "base/mem.h"
#include "core/cases.h"
#include "core/tokens.h"

#include <stdlib.h>

/* A condition that is read, and what was found in it. */
struct lexer {
	struct readings *t;
	const struct token *v;
};

static struct reading *reading_of(struct readings *t, int column, struct str name)
{
	struct reading *r;

	for (size_t i = 0; i < t->n; i++)
		if (str_is(name, t->v[i].name))
			return &t->v[i];
	r = VEC_ADD(t, v, n, cap);
	r->column = column;
	r->name = mem_copy(name.s, name.len);
	return r;
}

/* One operand of a comparison: a reading, or a constant. */
struct operand {
	struct reading *of; /* NULL: a constant, or nothing */
	bool constant;
	struct expr_value value;
	size_t end; /* the token behind it */
};

static bool constant_at(const struct lexer *l, size_t i, struct operand *out)
{
	bool minus = token_mark(&l->v[i], '-');
	const struct token *t = &l->v[i + minus];

	if (t->kind == TOKEN_NUMBER)
		out->value = (struct expr_value){
			.type = EXPR_REAL, .real = minus ? -t->number : t->number};
	else if (t->kind == TOKEN_TEXT && !minus)
		out->value = (struct expr_value){.type = EXPR_TEXT, .text = t->s};
	else if ((token_is(t, "true") || token_is(t, "false")) && !minus)
		out->value = (struct expr_value){.type = EXPR_REAL, .real = token_is(t, "true")};
	else
		return false;
	out->constant = true;
	out->end = i + minus + 1;
	return true;
}

/* A call of one of the functions of the event or the customer, with constants alone: its name is
 * what conditions call it. */
static bool call_at(struct lexer *l, size_t i, struct operand *out)
{
	struct buf name = BUF_INIT;
	size_t at = i + 2;
	bool ok = conditions_function(l->v[i].s);

	if (!ok || !token_mark(&l->v[i + 1], '('))
		return false;
	conditions_call_begin(&name, l->v[i].s);
	for (;;) {
		struct operand arg = {0};

		ok = constant_at(l, at, &arg);
		if (!ok)
			break;
		conditions_call_add(&name, &arg.value);
		at = arg.end;
		if (!token_mark(&l->v[at], ','))
			break;
		at++;
	}
	ok = ok && token_mark(&l->v[at], ')');
	if (ok) {
		buf_byte(&name, ')');
		out->of = reading_of(l->t, -1, buf_str(&name));
		out->end = at + 1;
	}
	buf_release(&name);
	return ok;
}

static bool operand_at(struct lexer *l, size_t i, struct operand *out)
{
	const struct token *t = &l->v[i];
	int column;

	*out = (struct operand){0};
	if (constant_at(l, i, out))
		return true;
	if (t->kind != TOKEN_NAME)
		return false;
	if (token_mark(&l->v[i + 1], '('))
		return call_at(l, i, out);
	column = conditions_column(t->s);
	if (column < 0)
		return false;
	out->of = reading_of(l->t, column, str_of(conditions_column_name(column)));
	out->end = i + 1;
	return true;
}

static void add_constant(struct reading *r, const struct expr_value *v)
{
	*VEC_ADD(r, constants, n, cap) = *v;
}

/* A text compared by its order has values between that nobody tries. */
static bool by_order(const struct token *op)
{
	return op->s.s[0] == '<' ? op->s.len == 1 || op->s.s[1] == '=' : op->s.s[0] == '>';
}

/* Between this token and the next operand only what a comparison with a constant is made of. false:
 * not understood. */
static bool compare_at(struct lexer *l, const struct operand *left, size_t *at)
{
	const struct token *op = &l->v[*at];
	struct operand right;
	struct reading *r;

	if (!operand_at(l, *at + 1, &right))
		return false;
	r = left->of ? left->of : right.of;
	if (!r || (left->of && right.of))
		return false;
	*at = right.end;
	add_constant(r, left->of ? &right.value : &left->value);
	if (by_order(op) && r->constants[r->n - 1].type == EXPR_TEXT)
		return false;
	return l->v[*at].kind != TOKEN_COMPARE;
}

static bool list_at(struct lexer *l, struct reading *r, size_t *at)
{
	if (!token_mark(&l->v[*at], '('))
		return false;
	do {
		struct operand one = {0};

		if (!constant_at(l, *at + 1, &one))
			return false;
		add_constant(r, &one.value);
		*at = one.end;
	} while (token_mark(&l->v[*at], ','));
	return token_mark(&l->v[(*at)++], ')');
}

static bool between_at(struct lexer *l, struct reading *r, size_t *at)
{
	struct operand low = {0}, high = {0};

	if (!constant_at(l, *at, &low) || !token_is(&l->v[low.end], "and") ||
		!constant_at(l, low.end + 1, &high))
		return false;
	add_constant(r, &low.value);
	add_constant(r, &high.value);
	*at = high.end;
	return low.value.type != EXPR_TEXT && high.value.type != EXPR_TEXT;
}

static bool is_at(struct lexer *l, struct reading *r, size_t *at)
{
	struct operand one = {0};

	*at += token_is(&l->v[*at], "not");
	if (token_is(&l->v[*at], "null")) {
		(*at)++;
		return true;
	}
	if (!constant_at(l, *at, &one))
		return false;
	add_constant(r, &one.value);
	*at = one.end;
	return true;
}

/* What may follow an operand that is no constant. */
static bool predicate_at(struct lexer *l, const struct operand *left, size_t *at)
{
	bool negated = token_is(&l->v[*at], "not");
	const struct token *t = &l->v[*at + negated];

	if (l->v[*at].kind == TOKEN_COMPARE)
		return compare_at(l, left, at);
	if (!left->of)
		return true;
	if (token_is(t, "in")) {
		*at += negated + 1;
		return list_at(l, left->of, at);
	}
	if (token_is(t, "between")) {
		*at += negated + 1;
		return between_at(l, left->of, at);
	}
	if (token_is(t, "is") && !negated) {
		(*at)++;
		return is_at(l, left->of, at);
	}
	if ((token_is(t, "isnull") || token_is(t, "notnull")) && !negated)
		(*at)++;
	return true;
}

static bool glue(const struct token *t)
{
	return token_is(t, "and") || token_is(t, "or") || token_is(t, "not") ||
	       token_mark(t, '(') || token_mark(t, ')');
}

/* Behind a comparison. */
static bool ends(const struct token *t)
{
	return t->kind == TOKEN_END || token_is(t, "and") || token_is(t, "or") ||
	       token_mark(t, ')');
}

/* A constant somewhere in what is not understood, with wildcards taken off: worth a try with each
 * reading. */
static void try_constant(struct readings *t, const struct operand *c)
{
	struct expr_value v = c->value;

	if (v.type == EXPR_TEXT) {
		while (v.text.len && strchr("%*_", v.text.s[0]))
			v.text = (struct str){v.text.s + 1, v.text.len - 1};
		while (v.text.len && strchr("%*_", v.text.s[v.text.len - 1]))
			v.text.len--;
	}
	for (size_t i = 0; i < t->n; i++)
		add_constant(&t->v[i], &v);
}

static void try_constants(struct lexer *l)
{
	for (size_t i = 0; l->v[i].kind != TOKEN_END; i++) {
		struct operand one = {0};

		if (constant_at(l, i, &one))
			try_constant(l->t, &one);
	}
}

void readings_read(struct readings *t, const struct conditions *c, int number)
{
	struct tokens words = {.v = NULL};
	struct lexer l = {.t = t};

	*t = (struct readings){.plain = true, .text = mem_string(conditions_text(c, number))};
	tokens_cut(&words, t->text);
	l.v = words.v;
	for (size_t i = 0; l.v[i].kind != TOKEN_END;) {
		struct operand left;

		if (glue(&l.v[i])) {
			i++;
		} else if (operand_at(&l, i, &left)) {
			i = left.end;
			t->plain &= predicate_at(&l, &left, &i) && ends(&l.v[i]);
		} else {
			t->plain = false;
			i++;
		}
	}
	if (!t->plain)
		try_constants(&l);
	tokens_release(&words);
}

void readings_release(struct readings *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->v[i].name);
		free(t->v[i].constants);
	}
	free(t->v);
	free(t->text);
}
