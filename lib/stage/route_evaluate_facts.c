/* What came of contacts. */
#include "base/mem.h"
#include "core/store/facts.h"
#include "stage/route_evaluate_part.h"

#include <stdlib.h>

static const char *const names[] = {[OUTCOME_NOT_REPEATED] = "not_repeated",
	[OUTCOME_RESOLVED] = "resolved",
	[OUTCOME_ANSWERED] = "answered",
	[OUTCOME_RESPONSE] = "response"};

static const char *const columns[CONTACT_TIMES] = {[STARTED] = "started",
	[ENDED] = "ended",
	[FIRST_IN] = "first_in",
	[USEFUL] = "answered_useful",
	[CLOSED] = "closed",
	[NEXT_MATTER] = "next_matter_started",
	[WITHIN] = "answer_within"};

const char *route_outcome_name(enum route_outcome o)
{
	return names[o];
}

int route_outcome(const char *name, enum route_outcome *out, struct buf *err)
{
	for (int i = OUTCOME_NOT_REPEATED; i <= OUTCOME_RESPONSE; i++)
		if (strcmp(name, names[i]) == 0)
			return *out = (enum route_outcome)i, 0;
	buf_printf(err, "no such outcome: %s (not_repeated, resolved, answered, response)", name);
	return -1;
}

static int64_t conversation(struct evaluating *e, struct str source, struct str session)
{
	union map_value *v;

	buf_clear(&e->key);
	buf_put(&e->key, source);
	buf_byte(&e->key, '\0');
	buf_put(&e->key, session);
	v = map_slot(&e->conversations, buf_str(&e->key), NULL);
	if (!v->n)
		v->n = (int64_t)map_count(&e->conversations);
	return v->n;
}

static int keep(void *ctx, const struct fact_cell *cells, size_t n, struct buf *err)
{
	struct evaluating *e = ctx;
	struct contact_fact *c = VEC_ADD(e, contacts, contact_n, contact_cap);
	struct str source = {NULL, 0}, session = {NULL, 0};

	(void)err;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(cells[i].name, "source") == 0)
			source = cells[i].text;
		if (strcmp(cells[i].name, "session") == 0)
			session = cells[i].text;
		for (int k = 0; k < CONTACT_TIMES; k++)
			if (!cells[i].null && strcmp(cells[i].name, columns[k]) == 0)
				c->has[k] = str_int(cells[i].text, &c->at[k]);
	}
	c->conversation = conversation(e, source, session);
	e->horizon = c->at[ENDED] > e->horizon ? c->at[ENDED] : e->horizon;
	return 0;
}

static int by_place(const void *pa, const void *pb)
{
	const struct contact_fact *a = pa, *b = pb;

	if (a->conversation != b->conversation)
		return a->conversation < b->conversation ? -1 : 1;
	return (a->at[STARTED] > b->at[STARTED]) - (a->at[STARTED] < b->at[STARTED]);
}

int evaluating_contacts(struct evaluating *e, struct buf *err)
{
	int status = facts_read(e->of->store, "v_contact", 0, INT64_MIN, INT64_MAX, keep, e, err);

	if (e->contact_n)
		qsort(e->contacts, e->contact_n, sizeof(*e->contacts), by_place);
	return status;
}

struct contact_fact *evaluating_contact(struct evaluating *e, const struct event *ev)
{
	struct contact_fact *found = NULL;
	int64_t of = conversation(e, event_attr(ev, ATTR_SOURCE), event_attr(ev, ATTR_SESSION));
	size_t low = 0, high = e->contact_n;

	while (low < high) {
		size_t at = low + (high - low) / 2;
		struct contact_fact *c = &e->contacts[at];

		if (c->conversation < of || (c->conversation == of && c->at[STARTED] <= ev->time)) {
			found = c;
			low = at + 1;
		} else {
			high = at;
		}
	}
	return found && found->conversation == of && ev->time <= found->at[ENDED] ? found : NULL;
}

bool evaluating_outcome(const struct evaluating *e, const struct contact_fact *c, double *outcome)
{
	int64_t window = e->of->window, answer = c->at[USEFUL] - c->at[FIRST_IN];
	bool answered = c->has[USEFUL] && c->has[FIRST_IN];

	switch (e->of->outcome) {
	case OUTCOME_NOT_REPEATED:
		*outcome = !c->has[NEXT_MATTER] || c->at[NEXT_MATTER] > c->at[ENDED] + window;
		return c->at[ENDED] + window <= e->horizon;
	case OUTCOME_RESOLVED:
		*outcome = c->has[CLOSED] && c->at[CLOSED] <= c->at[STARTED] + window;
		return c->at[STARTED] + window <= e->horizon;
	case OUTCOME_ANSWERED:
		*outcome = answered && answer <= c->at[WITHIN];
		return c->has[WITHIN] && c->has[FIRST_IN] &&
		       (answered || c->at[FIRST_IN] + c->at[WITHIN] <= e->horizon);
	case OUTCOME_RESPONSE:
		*outcome = (double)answer / 1000;
		return answered;
	}
	return false;
}
