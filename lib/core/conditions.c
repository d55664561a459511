#include "base/die.h"
#include "base/mem.h"
#include "core/conditions_part.h"
#include "core/store/sandbox.h"

#include <math.h>
#include <stdlib.h>

#define GIVES_AWAY "it gives the channel away, and no rule may decide by the channel"

static const char *const refused[] = {
	"channel", "source", "session", "id", "origin", "ext", "identifiers"};
#define REFUSED (sizeof(refused) / sizeof(refused[0]))

/* A column of what is decided, asked for once: many conditions name the same. Borrowed until
 * something else is decided. */
static const struct expr_value *ask(struct quick_row *row, int column)
{
	struct conditions *c = row->ctx;
	struct expr_value *v = &c->known[column];

	condition_column(c, column, v);
	/* SQL has no such number. */
	if (v->type == EXPR_REAL && isnan(v->real))
		v->type = EXPR_NULL;
	c->is_known[column] = true;
	return v;
}

static void get_column(void *row, int column, struct expr_value *out)
{
	struct conditions *c = row;

	if (c->supposed) {
		*out = (struct expr_value){.type = EXPR_NULL};
		c->supposed->get(c->supposed->ctx, column, STR(""), out);
		return;
	}
	*out = *quick_known(&c->row, column);
}

/* Calls one of them, and tells what it gave where that is asked for. */
static int call_function(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct condition_function *f = ctx;
	struct conditions *r = row;
	struct buf name = BUF_INIT;
	int status = r->supposed ? 0 : f->call(row, argc, argv, out);

	if ((!r->told && !r->supposed) || status)
		return status;
	conditions_call_begin(&name, str_of(f->name));
	for (int i = 0; i < argc; i++)
		conditions_call_add(&name, &argv[i]);
	buf_byte(&name, ')');
	if (r->supposed) {
		*out = (struct expr_value){.type = EXPR_NULL};
		r->supposed->get(r->supposed->ctx, -1, buf_str(&name), out);
	} else {
		condition_tell(r->told, buf_str(&name), out);
	}
	buf_release(&name);
	return 0;
}

static struct expr_set *new_set(void)
{
	struct expr_column columns[COLUMN_EVENT_COUNT + CONTEXT_COLUMNS_OWN + REFUSED];
	size_t n = 0;
	struct expr_set *set;

	for (int i = 0; i < COLUMN_EVENT_COUNT; i++)
		columns[n++] = (struct expr_column){event_columns[i].name, NULL};
	for (int i = 0; i < CONTEXT_COLUMNS_OWN; i++)
		columns[n++] = (struct expr_column){context_name((enum context_column)i), NULL};
	for (size_t i = 0; i < REFUSED; i++)
		columns[n++] = (struct expr_column){refused[i], GIVES_AWAY};
	set = expr_new(columns, n, get_column);
	for (size_t i = 0; i < CONDITION_FUNCTIONS; i++)
		expr_function(set, condition_functions[i].name, condition_functions[i].argc,
			call_function, (void *)&condition_functions[i]);
	return set;
}

struct conditions *conditions_new(const struct ontology *o)
{
	struct conditions *c = mem_zero(1, sizeof(*c));

	c->ontology = o;
	c->set = new_set();
	c->zones = zones_new();
	c->row = (struct quick_row){c->known, c->is_known, ask, c, c};
	buf_init(&c->words);
	buf_init(&c->phrase);
	return c;
}

void conditions_free(struct conditions *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		quick_free(c->v[i].quick);
	for (size_t i = 0; i < c->block_n; i++)
		screen_free(c->block[i].screen);
	expr_free(c->set);
	expr_free(c->rest);
	expr_free(c->numbers);
	free(c->block);
	free(c->v);
	free(c->rest_number);
	zones_free(c->zones);
	buf_release(&c->words);
	buf_release(&c->phrase);
	free(c);
}

int conditions_zones(struct conditions *c, const char *path, const struct yaml *of, struct buf *err)
{
	for
		YAML_EACH(v, of)
	if (v->type != YAML_SCALAR || zones_set(c->zones, str_of(v->key), v->text, err) < 0) {
		struct buf why = BUF_INIT;

		buf_put(&why, buf_str(err));
		buf_clear(err);
		buf_printf(err, "%s:%d:%d: %s", path, v->line, v->column,
			why.len ? why.s : "a zone was expected");
		buf_release(&why);
		return -1;
	}
	return 0;
}

int conditions_add(struct conditions *c, const char *path, const struct yaml *when, struct buf *err)
{
	int n = condition_check_texts(path, when, err);

	if (n == 0)
		n = expr_add(c->set, when->text,
			(struct expr_place){path, when->line, when->column, false, when}, err);
	if (n >= 0) {
		(void)VEC_ADD(c, v, n, cap);
		if (c->n > c->block_n * BLOCK)
			(void)VEC_ADD(c, block, block_n, block_cap);
		c->sorted = false;
	}
	return n;
}

size_t conditions_count(const struct conditions *c)
{
	return c->n;
}

void conditions_whether(struct conditions *c, int number)
{
	c->block[number / BLOCK].whether |= UINT64_C(1) << number % BLOCK;
}

static void look_at(struct conditions *c, const struct event *ev, const struct context *context)
{
	c->ev = ev;
	c->context = context;
	c->clock = c->folded = false;
	memset(c->is_known, 0, sizeof(c->is_known));
}

/* Both are the caller's; values that were asked for stay. */
static void look_away(struct conditions *c)
{
	c->ev = NULL;
	c->context = NULL;
}

/* ---- all of them over one event ---- */

static int column_of(void *ctx, struct str name)
{
	(void)ctx;
	return conditions_column(name);
}

static bool function_of(void *ctx, struct str name, size_t argc, struct quick_function *out)
{
	const struct condition_function *f = condition_function_of(name);

	(void)ctx;
	(void)argc;
	*out = (struct quick_function){call_function, (void *)f};
	return f != NULL;
}

/* The value of a number as it is written, perhaps with a minus before it. */
static bool number_of(void *ctx, struct str text, bool minus, struct expr_value *out)
{
	struct conditions *c = ctx;
	const struct expr_place nowhere = {.file = ""};
	const struct expr_value *v = NULL;
	struct buf sql = BUF_INIT, err = BUF_INIT;
	int number;

	if (!c->numbers)
		c->numbers = expr_new(NULL, 0, NULL);
	buf_puts(&sql, minus ? "-" : "");
	buf_put(&sql, text);
	number = expr_add(c->numbers, sql.s, nowhere, &err);
	if (number >= 0)
		v = expr_one(c->numbers, number, NULL, &err);
	if (v)
		*out = *v;
	buf_release(&sql);
	buf_release(&err);
	return v != NULL;
}

static void screen_all(struct conditions *c)
{
	struct quick *of[BLOCK];

	for (size_t i = 0; i < c->block_n; i++) {
		struct block *b = &c->block[i];
		size_t n = 0;

		b->quick = 0;
		for (; n < BLOCK && i * BLOCK + n < c->n; n++) {
			of[n] = c->v[i * BLOCK + n].quick;
			b->quick |= (uint64_t)(of[n] != NULL) << n;
		}
		screen_free(b->screen);
		b->screen = screen_new(of, n);
	}
}

/* The set of those that SQLite evaluates, and what the others are screened by. */
static void sort_out(struct conditions *c)
{
	struct buf err = BUF_INIT;

	expr_free(c->rest);
	c->rest = NULL;
	c->rest_n = 0;
	for (size_t i = 0; i < c->n; i++) {
		const char *sql = expr_text(c->set, (int)i);

		if (c->v[i].quick)
			continue;
		if (!c->rest)
			c->rest = new_set();
		/* It was compiled when it was added. */
		if (expr_add(c->rest, sql, (struct expr_place){.file = ""}, &err) < 0)
			BUG("a condition that compiles but once");
		*VEC_ADD(c, rest_number, rest_n, rest_cap) = (int)i;
	}
	screen_all(c);
	c->sorted = true;
	buf_release(&err);
}

struct quick *condition_read(struct conditions *c, const char *sql)
{
	const struct quick_scope scope = {c, column_of, function_of, number_of, true};

	return quick_read(&scope, sql);
}

static void prepare(struct conditions *c)
{
	for (size_t i = c->looked; i < c->n; i++)
		c->v[i].quick = condition_read(c, expr_text(c->set, (int)i));
	c->looked = c->n;
	if (!c->sorted)
		sort_out(c);
}

static void leave_to_sqlite(struct conditions *c, size_t i)
{
	quick_free(c->v[i].quick);
	c->v[i].quick = NULL;
	c->sorted = false;
}

static void hold(struct conditions *c, int number, bool held)
{
	struct block *b = &c->block[number / BLOCK];
	uint64_t bit = UINT64_C(1) << number % BLOCK;

	b->held = held ? b->held | bit : b->held & ~bit;
}

/* Of those of which only that is asked, what the screen says is enough, where it is sure or rules
 * them out. */
static void eval_block(struct conditions *c, size_t at)
{
	struct block *b = &c->block[at];
	uint64_t left = screen_left(b->screen, c), sure = screen_sure(b->screen);
	uint64_t todo = b->quick & ~(b->whether & (sure | ~left));

	b->held = left & sure;
	for (; todo; todo &= todo - 1) {
		size_t i = at * BLOCK + (size_t)__builtin_ctzll(todo);
		struct expr_value *v = &c->v[i].value;

		if (!quick_value(c->v[i].quick, &c->row, v))
			leave_to_sqlite(c, i);
		else
			hold(c, (int)i, expr_true(v));
	}
}

static void eval_quick(struct conditions *c)
{
	for (size_t i = 0; i < c->block_n; i++)
		eval_block(c, i);
	if (!c->sorted)
		sort_out(c);
}

static void take_value(struct conditions *c, size_t number, const struct expr_value *v)
{
	c->v[number].value = *v;
	hold(c, (int)number, expr_true(v));
}

/* SQLite refuses longer values, also where nothing comes to depend on them. */
static bool too_long(const struct conditions *c)
{
	if (c->ev->line.len > SANDBOX_VALUE_MAX)
		return true;
	for (int i = 0; i < CONTEXT_COUNT; i++)
		if (c->context->text[i].len > SANDBOX_VALUE_MAX)
			return true;
	return false;
}

/* All by SQLite, which also tells which of them cannot be evaluated. */
static int eval_slowly(struct conditions *c, struct buf *err)
{
	if (expr_eval(c->set, c, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++)
		take_value(c, i, expr_result(c->set, (int)i));
	return 0;
}

static int eval_all(struct conditions *c, struct buf *err)
{
	struct buf why = BUF_INIT;
	int status = 0;

	prepare(c);
	if (too_long(c))
		return eval_slowly(c, err);
	eval_quick(c);
	if (c->rest)
		status = expr_eval(c->rest, c, &why);
	for (size_t i = 0; i < c->rest_n && status == 0; i++)
		take_value(c, (size_t)c->rest_number[i], expr_result(c->rest, (int)i));
	buf_release(&why);
	return status == 0 ? 0 : eval_slowly(c, err);
}

int conditions_eval(struct conditions *c, const struct event *ev, const struct context *context,
	struct buf *err)
{
	int status;

	look_at(c, ev, context);
	status = eval_all(c, err);
	look_away(c);
	return status;
}

/* The first of a block that holds of those that SQLite does not evaluate; c->n: none. What number a
 * text is, if any, is SQLite's to say. */
static size_t first_of_block(struct conditions *c, size_t at)
{
	const struct block *b = &c->block[at];
	uint64_t left = screen_left(b->screen, c) & b->quick, sure = screen_sure(b->screen);

	for (; left; left &= left - 1) {
		size_t i = at * BLOCK + (size_t)__builtin_ctzll(left);
		struct expr_value v;

		if (sure & left & -left)
			return i;
		if (!quick_value(c->v[i].quick, &c->row, &v) || v.type == EXPR_TEXT)
			leave_to_sqlite(c, i);
		else if (expr_true(&v))
			return i;
	}
	return c->n;
}

static size_t first_quick(struct conditions *c)
{
	size_t first = c->n;

	for (size_t i = 0; i < c->block_n && first == c->n; i++)
		first = first_of_block(c, i);
	if (!c->sorted)
		sort_out(c);
	return first;
}

static int find_first(struct conditions *c, struct buf *err)
{
	struct buf why = BUF_INIT;
	size_t first;
	int number = -1;

	prepare(c);
	if (too_long(c))
		return expr_first(c->set, c, err);
	first = first_quick(c);
	if (c->rest_n && (size_t)c->rest_number[0] < first)
		number = expr_first(c->rest, c, &why);
	buf_release(&why);
	/* Those behind the first that holds need not be there to be evaluated. */
	if (number < -1)
		return expr_first(c->set, c, err);
	if (number >= 0 && (size_t)c->rest_number[number] < first)
		return c->rest_number[number];
	return first < c->n ? (int)first : -1;
}

int conditions_first(struct conditions *c, const struct event *ev, const struct context *context,
	struct buf *err)
{
	int first;

	look_at(c, ev, context);
	first = find_first(c, err);
	look_away(c);
	return first;
}

const struct expr_value *conditions_value(const struct conditions *c, int number)
{
	return &c->v[number].value;
}

const struct expr_value *conditions_one(struct conditions *c, int number, const struct event *ev,
	const struct context *context, struct buf *err)
{
	const struct expr_value *v;

	look_at(c, ev, context);
	v = expr_one(c->set, number, c, err);
	look_away(c);
	return v;
}

const char *conditions_text(const struct conditions *c, int number)
{
	return expr_text(c->set, number);
}

const struct expr_value *conditions_suppose(
	struct conditions *c, int number, const struct supposed *s)
{
	struct buf err = BUF_INIT;
	const struct expr_value *v;

	c->supposed = s;
	v = expr_one(c->set, number, c, &err);
	c->supposed = NULL;
	buf_release(&err);
	return v;
}

const struct expr_value *conditions_tell(struct conditions *c, int number, const struct event *ev,
	const struct context *context, struct buf *read, struct buf *err)
{
	const struct expr_value *v;

	look_at(c, ev, context);
	for (int i = 0; i < CONDITION_COLUMNS; i++) {
		struct expr_value column;

		if (!expr_reads(c->set, number, i))
			continue;
		get_column(c, i, &column);
		condition_tell(read, str_of(conditions_column_name(i)), &column);
	}
	c->told = read;
	v = expr_one(c->set, number, c, err);
	c->told = NULL;
	look_away(c);
	return v;
}

void conditions_want(const struct conditions *c, bool wanted[CONTEXT_COUNT])
{
	static const struct {
		int event;
		enum context_column context;
	} stand_in[] = {{COLUMN_LANG, CONTEXT_lang}, {COLUMN_REGION, CONTEXT_region},
		{COLUMN_STAGE, CONTEXT_stage}, {COLUMN_HOUR, CONTEXT_region},
		{COLUMN_WEEKDAY, CONTEXT_region}};

	for (int i = 0; i < CONTEXT_COLUMNS_OWN; i++)
		wanted[i] |= expr_names(c->set, COLUMN_EVENT_COUNT + i);
	for (size_t i = 0; i < sizeof(stand_in) / sizeof(stand_in[0]); i++)
		wanted[stand_in[i].context] |= expr_names(c->set, stand_in[i].event);
}

bool conditions_hold(const struct conditions *c, int number)
{
	return c->block[number / BLOCK].held >> number % BLOCK & 1;
}

int conditions_held_next(const struct conditions *c, int number)
{
	size_t next = number < 0 ? 0 : (size_t)number + 1, at = next / BLOCK;
	uint64_t mask = UINT64_MAX << next % BLOCK;

	for (; at < c->block_n; at++, mask = UINT64_MAX)
		if (c->block[at].held & mask)
			return (int)(at * BLOCK) + __builtin_ctzll(c->block[at].held & mask);
	return -1;
}
