/* Conditions that are evaluated without SQLite give what SQLite gives: random ones over random
 * events. CONDITIONS_ROUNDS=N conditions (2000). */
#include "base/random.h"
#include "core/conditions_part.h"
#include "unit.h"

#include <stdlib.h>

#define EVENTS 12 /* that each is evaluated over */
#define PICK(g, list) list[random_below(g, sizeof(list) / sizeof((list)[0]))]

static const char *const numbers[] = {"0", "1", "2", "3", "7", "0.5", "2.50", "1e3", "-1", "-0.5",
	"- 3", "1000", "0x10", ".5", "1e400", "-1e400", "9007199254740992", "9007199254740993",
	"9007199254740993.0", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
	"123456789012345678", "0.1", "0.30000000000000004", "-0.0"};
static const char *const texts[] = {"''", "'gold'", "'GOLD'", "'golden'", "'1'", "' 1'", "'0'",
	"'0.0x'", "'it''s'", "'é'", "'refund'", "'delivery'", "'BR'", "'a'"};
static const char *const columns[] = {"amount", "confidence", "sentiment", "tier", "region", "hour",
	"weekday", "time", "text", "action", "\"case\"", "contacts_7d", "open_issues", "repeat",
	"known", "decided_30d", "value", "product", "waiting", "Tier", "wait", "due", "direction",
	"family", "intent"};
static const char *const calls[] = {"signal('churn')", "signal('none')", "tag('vip')",
	"consent('marketing')", "consent('survey')", "given('order')", "entity('order')",
	"entity('n')", "entity('none')", "says('money back', 'refund*')", "entity(7)",
	"signal(NULL)"};
/* Texts and numbers as JSON has them. */
static const char *const values[] = {"0", "1", "2", "3", "0.5", "2.5", "1000", "-1", "1e300", "0.1",
	"9007199254740992", "9007199254740993", "-0.0", "null", "true", "false", "\"\"", "\"gold\"",
	"\"GOLD\"", "\"golden\"", "\"1\"", "\" 1\"", "\"0.0x\"", "\"it's\"", "\"é\"", "\"BR\"",
	"\"a\\u0000b\"", "16", "1e-5"};

static void put_expression(struct buf *out, struct random *g, int depth);

static void put_constant(struct buf *out, struct random *g)
{
	static const char *const words[] = {"NULL", "true", "FALSE"};
	size_t what = random_below(g, 10);

	buf_puts(out, what < 5 ? PICK(g, numbers) : what < 9 ? PICK(g, texts) : PICK(g, words));
}

static void put_leaf(struct buf *out, struct random *g)
{
	size_t what = random_below(g, 10);

	if (what < 6)
		buf_puts(out, PICK(g, columns));
	else if (what < 7)
		buf_puts(out, PICK(g, calls));
	else
		put_constant(out, g);
}

static void put_list(struct buf *out, struct random *g)
{
	size_t n = 1 + random_below(g, random_below(g, 4) ? 4 : 40);

	for (size_t i = 0; i < n; i++) {
		buf_puts(out, i ? ", " : "(");
		put_constant(out, g);
	}
	buf_byte(out, ')');
}

static void put_predicate(struct buf *out, struct random *g, int depth)
{
	static const char *const behind[] = {" is null", " is not null", " isnull", " notnull",
		" not null", " is true", " is not false", " IS FALSE", " is not TRUE"};
	size_t what = random_below(g, 6);

	if (what < 2)
		put_leaf(out, g);
	else
		put_expression(out, g, depth - 1);
	if (what < 3) {
		buf_puts(out, PICK(g, behind));
	} else if (what < 5) {
		buf_puts(out, random_below(g, 2) ? " in " : " NOT IN ");
		put_list(out, g);
	} else {
		buf_puts(out, random_below(g, 2) ? " between " : " not between ");
		put_leaf(out, g);
		buf_puts(out, " and ");
		put_leaf(out, g);
	}
}

/* What is left to SQLite, here and there. */
static void put_other(struct buf *out, struct random *g, int depth)
{
	static const char *const before[] = {
		"abs(", "-(", "+(", "not (", "cast(", "likely(", "lower("};
	static const char *const behind[] = {")", ")", ")", ")", " as integer)", ")", ")"};
	size_t i = random_below(g, sizeof(before) / sizeof(before[0]));

	buf_puts(out, before[i]);
	put_expression(out, g, depth - 1);
	buf_puts(out, behind[i]);
}

static void put_part(
	struct buf *out, struct random *g, int depth, const char *before, const char *behind)
{
	buf_puts(out, before);
	put_expression(out, g, depth - 1);
	buf_puts(out, behind);
}

static void put_choice(struct buf *out, struct random *g, int depth)
{
	switch (random_below(g, 4)) {
	case 0:
		put_part(out, g, depth, "iif(", "");
		put_part(out, g, depth, ", ", "");
		put_part(out, g, depth, ", ", ")");
		break;
	case 1:
		put_part(out, g, depth, "nullif(", ", ");
		put_leaf(out, g);
		buf_byte(out, ')');
		break;
	case 2:
		buf_puts(out, "(case ");
		if (random_below(g, 2))
			put_leaf(out, g);
		for (size_t n = 1 + random_below(g, 3); n > 0; n--) {
			put_part(out, g, depth, " WHEN ", "");
			put_part(out, g, depth, " then ", "");
		}
		if (random_below(g, 2))
			put_part(out, g, depth, " else ", "");
		buf_puts(out, " END)");
		break;
	default:
		buf_puts(out, "- ");
		put_leaf(out, g);
	}
}

static void put_expression(struct buf *out, struct random *g, int depth)
{
	static const char *const ops[] = {" = ", " == ", " <> ", " != ", " < ", " <= ", " > ",
		" >= ", " is ", " is not ", " and ", " or ", " AND ", " OR ", " + ", " - ", " * ",
		" / ", " || "};
	static const char *const others[] = {
		" % ", " | ", " like ", " & ", " << ", " collate nocase = "};
	size_t what = depth > 0 ? random_below(g, 22) : 0;

	if (what < 3) {
		put_leaf(out, g);
	} else if (what < 12) {
		put_expression(out, g, depth - 1);
		buf_puts(out, random_below(g, 40) ? PICK(g, ops) : PICK(g, others));
		put_expression(out, g, depth - 1);
	} else if (what < 15) {
		put_predicate(out, g, depth);
	} else if (what < 17) {
		buf_byte(out, '(');
		put_expression(out, g, depth - 1);
		buf_byte(out, ')');
	} else if (what < 18) {
		buf_puts(out, "not ");
		put_expression(out, g, depth - 1);
	} else if (what < 19) {
		buf_puts(out, "coalesce(");
		put_expression(out, g, depth - 1);
		buf_puts(out, ", ");
		put_leaf(out, g);
		buf_byte(out, ')');
	} else if (what < 21) {
		put_choice(out, g, depth);
	} else {
		put_other(out, g, depth);
	}
}

/* ---- events ---- */

static void put_member(struct buf *out, struct random *g, const char *name)
{
	if (random_below(g, 4) == 0)
		return;
	json_put_key(out, name);
	buf_puts(out, PICK(g, values));
}

static void put_event(struct buf *out, struct random *g)
{
	static const char *const own[] = {"amount", "confidence", "sentiment", "tier", "region",
		"text", "action", "case", "wait", "due", "intent"};
	static const char *const hers[] = {"contacts_7d", "open_issues", "repeat", "known",
		"decided_30d", "value", "product", "waiting", "tier", "region"};

	buf_puts(out, "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a\",\"type\":\"message\","
		      "\"time\":\"2026-03-01T10:00:00.000Z\",\"direction\":\"in\",\"data\":{");
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		put_member(out, g, own[i]);
	json_put_key(out, "entities");
	buf_byte(out, '{');
	put_member(out, g, "order");
	put_member(out, g, "n");
	buf_puts(out, "}");
	if (random_below(g, 2))
		buf_puts(out, ",\"signals\":[\"churn\"]");
	json_put_key(out, "context");
	buf_byte(out, '{');
	for (size_t i = 0; i < sizeof(hers) / sizeof(hers[0]); i++)
		put_member(out, g, hers[i]);
	if (random_below(g, 2))
		buf_puts(out, ",\"tags\":[\"vip\"],\"consents\":{\"marketing\":true}");
	buf_puts(out, "}}}");
}

/* `{,` where the first member was left out. */
static void mend(struct buf *out)
{
	char *at;

	while ((at = strstr(out->s, "{,"))) {
		memmove(at + 1, at + 2, strlen(at + 2) + 1);
		out->len--;
	}
}

struct row {
	struct buf line;
	struct event ev;
	struct context context;
};

static void fill_row(struct row *r, struct random *g, const struct ontology *o)
{
	struct buf err = BUF_INIT;
	enum event_fault fault;

	buf_clear(&r->line);
	put_event(&r->line, g);
	mend(&r->line);
	if (event_read(&r->ev, buf_str(&r->line), false, &fault, &err) < 0)
		printf("%s\n%s\n", r->line.s, err.s);
	context_read(&r->context, r->ev.data[DATA_CONTEXT], o);
	buf_release(&err);
}

/* ---- the property ---- */

static uint64_t bits(double v)
{
	uint64_t n;

	memcpy(&n, &v, sizeof(n));
	return n;
}

static bool same(const struct expr_value *a, const struct expr_value *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case EXPR_INT:
		return a->n == b->n;
	case EXPR_REAL:
		return bits(a->real) == bits(b->real);
	case EXPR_TEXT:
		return str_eq(a->text, b->text);
	default:
		return true;
	}
}

struct tally {
	size_t conditions, quick, values, unsure, wrong;
};

static void tell(const char *sql, const struct row *r, const struct expr_value *is,
	const struct expr_value *should)
{
	struct buf text = BUF_INIT;

	conditions_put(&text, is);
	buf_puts(&text, " instead of ");
	conditions_put(&text, should);
	printf("%s\n%s\n%s (%d, %d)\n", sql, r->line.s, text.s, is->type, should->type);
	buf_release(&text);
}

/* One by itself, over each row. */
static void try_one(struct conditions *c, int number, struct row *rows, struct tally *t)
{
	const char *sql = conditions_text(c, number);
	struct quick *q = condition_read(c, sql);

	t->conditions++;
	t->quick += q != NULL;
	for (size_t i = 0; i < EVENTS && q; i++) {
		struct buf err = BUF_INIT;
		const struct expr_value *should =
			conditions_one(c, number, &rows[i].ev, &rows[i].context, &err);
		struct expr_value is;

		t->values++;
		c->ev = &rows[i].ev;
		c->context = &rows[i].context;
		if (!quick_value(q, &c->row, &is)) {
			t->unsure++;
		} else if (!should || !same(&is, should)) {
			t->wrong++;
			tell(sql, &rows[i], &is, should ? should : &is);
		}
		buf_release(&err);
	}
	quick_free(q);
}

static int add(struct conditions *c, const char *sql)
{
	struct yaml as = {.type = YAML_SCALAR, .line = 1, .column = 1, .text = (char *)sql};
	struct buf err = BUF_INIT;
	int number = conditions_add(c, "", &as, &err);

	buf_release(&err);
	return number;
}

/* A term that a column decides, and others joined to it. */
static void put_terms(struct buf *out, struct random *g)
{
	static const char *const tests[] = {"<", "<=", ">", ">=", "=", "<>", "!=", "=="};

	for (size_t n = 1 + random_below(g, 4); n > 0; n--) {
		const char *column = PICK(g, columns);

		switch (random_below(g, 8)) {
		case 0:
			buf_printf(out, "%s in ", column);
			put_list(out, g);
			break;
		case 1:
			buf_printf(out, "%s is %snull", column, random_below(g, 2) ? "not " : "");
			break;
		case 2:
			buf_printf(out, "%s%s", random_below(g, 2) ? "not " : "", column);
			break;
		case 3:
			put_expression(out, g, 2);
			break;
		default:
			buf_printf(out, "%s %s ", column, PICK(g, tests));
			put_constant(out, g);
		}
		buf_puts(out, n > 1 ? " and " : "");
	}
}

/* Some together: what all give, and which holds first, as SQLite says of each. */
static void try_together(
	const struct ontology *o, struct random *g, struct row *rows, struct tally *t)
{
	struct conditions *c = conditions_new(o), *asked = conditions_new(o);
	struct buf sql = BUF_INIT, err = BUF_INIT;
	size_t n = 1 + random_below(g, random_below(g, 16) ? 8 : 80);

	for (size_t i = 0; i < n; i++) {
		buf_clear(&sql);
		if (random_below(g, 2))
			put_expression(&sql, g, 3);
		else
			put_terms(&sql, g);
		if (add(c, sql.s) < 0)
			continue;
		if (random_below(g, 2))
			conditions_whether(c, (int)c->n - 1);
		try_one(c, (int)c->n - 1, rows, t);
		buf_clear(&err);
		buf_printf(&err, "case when (%s) then 1 else 0 end", sql.s);
		CHECK(add(asked, err.s) == (int)c->n - 1);
	}
	for (size_t i = 0; i < EVENTS && c->n; i++) {
		const struct event *ev = &rows[i].ev;
		const struct context *x = &rows[i].context;
		int first = -1, whole;

		for (size_t k = 0; k < c->n && first == -1; k++) {
			const struct expr_value *v = conditions_one(asked, (int)k, ev, x, &err);

			if (!v)
				first = -2;
			else if (v->n)
				first = (int)k;
		}
		CHECK(conditions_first(c, ev, x, &err) == first);
		whole = conditions_eval(c, ev, x, &err);
		for (size_t k = 0; k < c->n && whole == 0; k++) {
			bool held = conditions_hold(c, (int)k),
			     whether = c->block[k / BLOCK].whether >> k % BLOCK & 1;
			struct expr_value is = *conditions_value(c, (int)k);
			const struct expr_value *should = conditions_one(c, (int)k, ev, x, &err);

			CHECK(should && held == expr_true(should));
			CHECK(should && (whether || same(&is, should)));
		}
	}
	buf_release(&sql);
	buf_release(&err);
	conditions_free(c);
	conditions_free(asked);
}

/* What must not be taken for something else. */
static void try_known(const struct ontology *o, struct row *rows, struct tally *t)
{
	static const char *const known[] = {"amount between 1 and 2 < 3", "amount in (1) < 3",
		"not amount = 1 is null", "amount = confidence < 2", "amount is null < 3",
		"tier = 'gold' or amount > 1 and not repeat", "-9223372036854775808 < amount",
		"9223372036854775807 + 1", "-9223372036854775808 - 1", "1 / 0", "1.0 / 0.0",
		"9223372036854775807 * 2", "1e400 - 1e400", "-9223372036854775808 / -1",
		"amount - 9007199254740993", "time + 0.5", "x'31' = '1'", "amount is (true)",
		"amount is 1 = true", "tier in ('gold', null)", "null in (1)",
		"case amount when 1 then 2 end", "case when amount then tier end",
		"case null when null then 1 else 2 end",
		"case 'gold' when tier then 1 when product then 2 end", "amount || tier || 1",
		"-amount || 'x'", "- (amount)", "-tier", "1 - - amount", "nullif(tier, 'gold')",
		"nullif(null, null) is null", "iif(amount > 1, tier, product)", "entity(action)",
		"entity('n') || entity('order')", "'a' | 'b'", "tier || 'b' = 'goldb'",
		"2 * 3 || 4", "coalesce(tier, product, 'none') = 'none'", "ifnull(amount, 0) > 5",
		"true", "NULL is NULL", "(((amount)))",
		"amount not between 0 and 5 or tier is not 'gold'", "1 - -1"};
	struct conditions *c = conditions_new(o);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		int number = add(c, known[i]);

		CHECK(number >= 0);
		if (number >= 0)
			try_one(c, number, rows, t);
	}
	conditions_free(c);
}

int main(void)
{
	const char *given = getenv("CONDITIONS_ROUNDS");
	size_t rounds = given ? strtoul(given, NULL, 10) : 2000;
	struct buf err = BUF_INIT;
	struct ontology *o = ontology_read("ontology", &err);
	struct row rows[EVENTS];
	struct tally t = {0};
	struct random g = random_stream(1, 1);

	CHECK(o != NULL);
	for (size_t i = 0; i < EVENTS; i++) {
		buf_init(&rows[i].line);
		event_init(&rows[i].ev);
		context_init(&rows[i].context);
		fill_row(&rows[i], &g, o);
	}
	try_known(o, rows, &t);
	while (t.conditions < rounds) {
		fill_row(&rows[random_below(&g, EVENTS)], &g, o);
		try_together(o, &g, rows, &t);
	}
	CHECK(t.wrong == 0);
	/* Else nothing was proven. */
	CHECK(t.quick * 2 > t.conditions && t.unsure * 2 < t.values);
	if (given)
		printf("%zu conditions, %zu without SQLite, %zu values, %zu of them left to it\n",
			t.conditions, t.quick, t.values, t.unsure);
	for (size_t i = 0; i < EVENTS; i++) {
		buf_release(&rows[i].line);
		event_release(&rows[i].ev);
		context_release(&rows[i].context);
	}
	ontology_free(o);
	buf_release(&err);
	return unit_end();
}
