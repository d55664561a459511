#include "base/mem.h"
#include "core/conditions_part.h"

#include <stdlib.h>

#define GIVES_AWAY "it gives the channel away, and no rule may decide by the channel"

static const char *const refused[] = {
	"channel", "source", "session", "id", "origin", "ext", "identifiers"};
#define REFUSED (sizeof(refused) / sizeof(refused[0]))

static void get_column(void *row, int column, struct expr_value *out)
{
	struct conditions *c = row;

	if (c->supposed) {
		*out = (struct expr_value){.type = EXPR_NULL};
		c->supposed->get(c->supposed->ctx, column, STR(""), out);
		return;
	}
	/* Many conditions name the same. */
	if (!c->is_known[column]) {
		condition_column(c, column, &c->known[column]);
		c->is_known[column] = true;
	}
	*out = c->known[column];
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
	} else if (!r->told->len || !memmem(r->told->s, r->told->len, name.s, name.len)) {
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
	buf_init(&c->words);
	buf_init(&c->phrase);
	return c;
}

void conditions_free(struct conditions *c)
{
	if (!c)
		return;
	expr_free(c->set);
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
	int n = expr_add(c->set, when->text,
		(struct expr_place){path, when->line, when->column, !when->quoted}, err);

	if (n >= 0)
		c->n++;
	return n;
}

static void look_at(struct conditions *c, const struct event *ev, const struct context *context)
{
	c->ev = ev;
	c->context = context;
	c->clock = c->folded = false;
	memset(c->is_known, 0, sizeof(c->is_known));
}

int conditions_first(struct conditions *c, const struct event *ev, const struct context *context,
	struct buf *err)
{
	look_at(c, ev, context);
	return c->n ? expr_first(c->set, c, err) : -1;
}

int conditions_eval(struct conditions *c, const struct event *ev, const struct context *context,
	struct buf *err)
{
	look_at(c, ev, context);
	return c->n ? expr_eval(c->set, c, err) : 0;
}

const struct expr_value *conditions_value(const struct conditions *c, int number)
{
	return expr_result(c->set, number);
}

const struct expr_value *conditions_one(struct conditions *c, int number, const struct event *ev,
	const struct context *context, struct buf *err)
{
	look_at(c, ev, context);
	return expr_one(c->set, number, c, err);
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
	for (int i = 0; i < COLUMN_EVENT_COUNT + CONTEXT_COLUMNS_OWN; i++) {
		struct expr_value column;

		if (!expr_reads(c->set, number, i))
			continue;
		get_column(c, i, &column);
		condition_tell(read, str_of(conditions_column_name(i)), &column);
	}
	c->told = read;
	v = expr_one(c->set, number, c, err);
	c->told = NULL;
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
	return expr_true(expr_result(c->set, number));
}
