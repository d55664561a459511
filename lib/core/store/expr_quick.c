/* The expressions of a set without SQLite: all of them, or none. */
#include "base/mem.h"
#include "core/store/expr_part.h"
#include "core/store/sandbox.h"

#include <stdlib.h>
#include <strings.h>

static bool is_name(struct str s, const char *name)
{
	return strlen(name) == s.len && strncasecmp(name, s.s, s.len) == 0;
}

static int column_of(void *ctx, struct str name)
{
	const struct expr_set *set = ctx;

	for (size_t i = 0; i < set->column_n && i < INT16_MAX; i++)
		if (is_name(name, set->column[i].name))
			return (int)i;
	return -1;
}

static bool function_of(void *ctx, struct str name, size_t argc, struct quick_function *out)
{
	const struct expr_set *set = ctx;

	for (size_t i = 0; i < set->function_n; i++) {
		const struct function *f = set->function[i];

		if (!is_name(name, f->name) || (f->argc >= 0 && (size_t)f->argc != argc))
			continue;
		*out = (struct quick_function){f->call, f->ctx};
		return !f->once;
	}
	return false;
}

static const struct expr_value *ask(struct quick_row *row, int column)
{
	struct expr_set *set = row->ctx;
	struct expr_value *v = &row->known[column];

	*v = (struct expr_value){.type = EXPR_NULL};
	set->get(set->row, column, v);
	row->is_known[column] = true;
	return v;
}

static void look(struct expr_set *set)
{
	const struct quick_scope scope = {set, column_of, function_of, NULL, false};

	set->looked = set->quick = true;
	for (size_t i = 0; i < set->expression_n && set->quick; i++) {
		struct expression *e = &set->expression[i];

		e->quick = quick_read(&scope, e->sql);
		set->quick = e->quick != NULL;
	}
	if (!set->quick)
		return;
	set->quick_row = (struct quick_row){
		.known = mem_zero(set->column_n + 1, sizeof(*set->quick_row.known)),
		.is_known = mem_zero(set->column_n + 1, sizeof(bool)),
		.ask = ask,
		.ctx = set};
	set->asked = mem_zero(set->column_n + 1, sizeof(*set->asked));
	for (size_t i = 0; i < set->column_n; i++)
		if (set->column[i].named)
			set->asked[set->asked_n++] = (int)i;
}

void expr_quick_forget(struct expr_set *set)
{
	for (size_t i = 0; i < set->expression_n; i++) {
		quick_free(set->expression[i].quick);
		set->expression[i].quick = NULL;
	}
	free(set->quick_row.known);
	free(set->quick_row.is_known);
	free(set->asked);
	set->asked = NULL;
	set->asked_n = 0;
	set->quick_row = (struct quick_row){.known = NULL};
	set->looked = set->quick = false;
}

/* As SQLite does: each that any expression names, once. It refuses long ones. */
static bool ask_columns(struct expr_set *set)
{
	for (size_t i = 0; i < set->asked_n; i++) {
		const struct expr_value *v = ask(&set->quick_row, set->asked[i]);

		if (v->type == EXPR_TEXT && v->text.len >= SANDBOX_VALUE_MAX)
			return false;
	}
	return true;
}

bool expr_quick(struct expr_set *set, void *row)
{
	if (!set->looked)
		look(set);
	if (!set->quick)
		return false;
	set->row = set->quick_row.row = row;
	if (!ask_columns(set))
		return false;
	for (size_t i = 0; i < set->expression_n; i++)
		if (!quick_value(set->expression[i].quick, &set->quick_row, &set->result[i]))
			return false;
	return true;
}
