/* What proposals say that no policy will understand. */
#include "base/die.h"
#include "base/near.h"
#include "stage/decide_part.h"

#define DOUBTS_MAX 20 /* that are told in a run */
#define SHOWN 60      /* bytes of a value, at most */

static bool is_fresh(struct map *told, struct str what)
{
	bool fresh = false;

	if (map_count(told) < DOUBTS_MAX)
		map_slot(told, what, &fresh);
	return fresh;
}

static void doubt_action(
	struct map *told, const struct ontology *o, struct str action, const struct lines *in)
{
	struct buf meant = BUF_INIT;
	struct near near;

	if (!is_fresh(told, action))
		return;
	near_begin(&near, action);
	for (size_t i = 0; i < o->action_n; i++)
		near_see(&near, o->actions[i].id);
	near_ask(&near, &meant);
	warn("%s:%llu: no action of the ontology: %.*s%s", in->name, (unsigned long long)in->number,
		action.len < SHOWN ? (int)action.len : SHOWN, action.s, meant.len ? meant.s : "");
	buf_release(&meant);
}

void decide_doubt(
	struct map *told, const struct ontology *o, const struct event *ev, const struct lines *in)
{
	struct str action = event_text(ev, DATA_ACTION);
	const struct json *amount = ev->data[DATA_AMOUNT];
	double n;

	if (!action.len && is_fresh(told, STR("\naction")))
		warn("%s:%llu: no action (data.action): only policies about all actions see it",
			in->name, (unsigned long long)in->number);
	else if (action.len && o->action_n && !ontology_action(o, action))
		doubt_action(told, o, action, in);
	if (amount && amount->type != JSON_NULL && !json_number(amount, &n) &&
		is_fresh(told, STR("\namount")))
		warn("%s:%llu: the amount is no number: %.*s: policies see none", in->name,
			(unsigned long long)in->number,
			amount->raw.len < SHOWN ? (int)amount->raw.len : SHOWN, amount->raw.s);
}
