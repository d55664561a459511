/* Looking at conditions themselves: names of what they read, and what that can be. */
#include "base/text.h"
#include "core/conditions_part.h"
#include "core/mismatch.h"

#include <float.h>
#include <math.h>
#include <strings.h>

void conditions_put(struct buf *out, const struct expr_value *v)
{
	if (v->type == EXPR_NULL) {
		buf_puts(out, "NULL");
	} else if (v->type == EXPR_TEXT) {
		buf_byte(out, '\'');
		for (size_t i = 0; i < v->text.len; i++) {
			if (v->text.s[i] == '\'')
				buf_byte(out, '\'');
			buf_byte(out, v->text.s[i]);
		}
		buf_byte(out, '\'');
	} else if (v->type == EXPR_REAL && isinf(v->real)) {
		buf_puts(out, v->real < 0 ? "-9e999" : "9e999");
	} else {
		json_put_number(out, v->type == EXPR_INT ? (double)v->n : v->real);
	}
}

void conditions_put_json(struct buf *out, const struct expr_value *v)
{
	struct buf mended = BUF_INIT;

	if (v->type == EXPR_NULL) {
		buf_puts(out, "null");
	} else if (v->type == EXPR_TEXT) {
		text_mend(&mended, v->text);
		json_put_string(out, buf_str(&mended));
	} else if (v->type == EXPR_REAL && isinf(v->real)) {
		json_put_number(out, copysign(DBL_MAX, v->real));
	} else {
		json_put_number(out, v->type == EXPR_INT ? (double)v->n : v->real);
	}
	buf_release(&mended);
}

void condition_tell(struct buf *out, struct str name, const struct expr_value *v)
{
	struct buf mended = BUF_INIT, key = BUF_INIT;

	text_mend(&mended, name);
	json_put_string(&key, buf_str(&mended));
	buf_byte(&key, ':');
	/* Within a text the marks of the key have a backslash before them. */
	if (!out->len || !memmem(out->s, out->len, key.s, key.len)) {
		buf_puts(out, out->len ? "," : "");
		buf_put(out, buf_str(&key));
		conditions_put_json(out, v);
	}
	buf_release(&mended);
	buf_release(&key);
}

const struct condition_function *condition_function_of(struct str name)
{
	for (size_t i = 0; i < CONDITION_FUNCTIONS; i++)
		if (strlen(condition_functions[i].name) == name.len &&
			strncasecmp(condition_functions[i].name, name.s, name.len) == 0)
			return &condition_functions[i];
	return NULL;
}

bool conditions_function(struct str name)
{
	return condition_function_of(name) != NULL;
}

void conditions_call_begin(struct buf *out, struct str function)
{
	buf_printf(out, "%s(", condition_function_of(function)->name);
}

void conditions_call_add(struct buf *out, const struct expr_value *argument)
{
	if (out->s[out->len - 1] != '(')
		buf_puts(out, ", ");
	conditions_put(out, argument);
}

const char *conditions_column_name(int column)
{
	return column < COLUMN_EVENT_COUNT
		       ? event_columns[column].name
		       : context_name((enum context_column)(column - COLUMN_EVENT_COUNT));
}

int conditions_column(struct str name)
{
	for (int i = 0; i < CONDITION_COLUMNS; i++)
		if (strlen(conditions_column_name(i)) == name.len &&
			strncasecmp(conditions_column_name(i), name.s, name.len) == 0)
			return i;
	return -1;
}

void conditions_reads(const struct conditions *c, int number,
	void (*visit)(void *ctx, struct str column), void *ctx)
{
	for (int i = 0; i < CONDITION_COLUMNS; i++)
		if (expr_reads(c->set, number, i))
			visit(ctx, str_of(conditions_column_name(i)));
}

static enum conditions_kind kind_of_event(enum event_column c)
{
	static const enum conditions_kind kinds[COLUMN_EVENT_COUNT] = {
		[COLUMN_TYPE] = KIND_WHAT,
		[COLUMN_TIME] = KIND_AMOUNT,
		[COLUMN_HOUR] = KIND_HOUR,
		[COLUMN_WEEKDAY] = KIND_DAY,
		[COLUMN_DIRECTION] = KIND_INWARD,
		[COLUMN_CONFIDENCE] = KIND_SHARE,
		[COLUMN_SENTIMENT] = KIND_SENTIMENT,
		[COLUMN_AMOUNT] = KIND_AMOUNT,
		[COLUMN_DUE] = KIND_AMOUNT,
		[COLUMN_WAIT] = KIND_AMOUNT,
	};

	return kinds[c] ? kinds[c] : KIND_WORD;
}

static enum conditions_kind kind_of_context(enum context_column c)
{
	switch (c) {
	case CONTEXT_decided_30d:
	case CONTEXT_decided_action_30d:
	case CONTEXT_value:
		return KIND_AMOUNT;
	case CONTEXT_waiting:
	case CONTEXT_last_contact_days:
	case CONTEXT_last_person_days:
	case CONTEXT_customer_days:
		return KIND_SPAN;
	default:
		break;
	}
	if (context_is_text(c))
		return KIND_WORD;
	return context_is_bool(c) ? KIND_YES_NO : KIND_TIMES;
}

enum conditions_kind conditions_kind_of(int column, const char *name)
{
	if (column >= COLUMN_EVENT_COUNT)
		return kind_of_context((enum context_column)(column - COLUMN_EVENT_COUNT));
	if (column >= 0)
		return kind_of_event((enum event_column)column);
	if (strncmp(name, "entity(", 7) == 0)
		return KIND_ANYTHING;
	return strncmp(name, "consent(", 8) == 0 ? KIND_YES_NO : KIND_FLAG;
}

static bool is_number(const void *ctx, struct str name)
{
	int column = conditions_column(name);

	(void)ctx;
	return column >= 0 && conditions_kind_of(column, NULL) < KIND_WORD;
}

int condition_check_texts(const char *path, const struct yaml *when, struct buf *err)
{
	struct buf why = BUF_INIT;
	int status = mismatch_check(when->text, false, is_number, NULL, &why);

	if (status < 0)
		buf_printf(err, "%s:%d:%d: %s", path, when->line, when->column, why.s);
	buf_release(&why);
	return status;
}

void conditions_columns(struct buf *out)
{
	static const char *const context_about[CONTEXT_COLUMNS_OWN] = {
		[CONTEXT_known] = "the customer has an identifier",
		[CONTEXT_first_contact] = "she has no earlier contact",
		[CONTEXT_contacts_24h] = "contacts that she began in the 24 h before this one",
		[CONTEXT_contacts_7d] = "the same in 7 d",
		[CONTEXT_contacts_30d] = "the same in 30 d",
		[CONTEXT_open_issues] = "matters open beside the one that this contact began",
		[CONTEXT_repeat] = "an earlier contact of hers on the matter ended within 7 d",
		[CONTEXT_switched] = "this contact continues one on another channel",
		[CONTEXT_asked_again] = "we asked in this contact for something known",
		[CONTEXT_waiting] = "seconds since her first word without an answer",
		[CONTEXT_last_contact_days] = "days since the contact before ended",
		[CONTEXT_escalations_30d] = "escalations in 30 d",
		[CONTEXT_transfers_30d] = "transfers in 30 d",
		[CONTEXT_last_agent] = "who of ours spoke last",
		[CONTEXT_matter] = "the family of this contact",
		[CONTEXT_open_case] = "the case of this contact's issue",
		[CONTEXT_last_person] = "the person of ours who spoke last: no bot",
		[CONTEXT_last_person_days] = "days since",
		[CONTEXT_handled_by_bot] = "bots of ours spoke in this contact, and no person",
		[CONTEXT_commitments_open] = "promises that are not kept",
		[CONTEXT_commitments_overdue] = "those of them that fell due",
		[CONTEXT_decided_30d] = "sum that decisions of 30 d allowed, in this currency",
		[CONTEXT_decisions_30d] = "how many had an amount, whatever the currency",
		[CONTEXT_decided_action_30d] = "the sum of those on the action proposed",
		[CONTEXT_decisions_action_30d] = "how many were on it, with an amount or without",
		[CONTEXT_value] = "sum of her orders, less those cancelled",
		[CONTEXT_customer_days] = "days since her first record",
		[CONTEXT_tier] = "her tier",
		[CONTEXT_product] = "the product that was named last",
		[CONTEXT_window_open] = "she wrote within 24 h on the channel of the delivery",
		[CONTEXT_heard_hours] = "hours since her last word",
		[CONTEXT_sent_24h] = "words of ours with a purpose but service in 24 h, or allowed",
		[CONTEXT_sent_7d] = "the same in 7 d",
		[CONTEXT_sent_30d] = "the same in 30 d",
		[CONTEXT_consent] = "she consented to the delivery that this record is"};

	for (int i = 0; i < COLUMN_EVENT_COUNT; i++)
		buf_printf(out, "%-20s %s\n", event_columns[i].name, event_columns[i].about);
	for (int i = 0; i < CONTEXT_COLUMNS_OWN; i++)
		buf_printf(
			out, "%-20s %s\n", context_name((enum context_column)i), context_about[i]);
	for (size_t i = 0; i < CONDITION_FUNCTIONS; i++)
		buf_printf(out, "%-20s %s\n", condition_functions[i].shown,
			condition_functions[i].about);
	buf_puts(out, "functions:");
	for (const char *const *f = expr_functions(); *f; f++)
		buf_printf(out, " %s", *f);
	buf_byte(out, '\n');
}
