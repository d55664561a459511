/* How customers are reached: the section `reach`. */
#include "core/ontology_part.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define REACH_KINDS 64 /* bits of channel_reach.kinds */

/* "handle:network" is of the kind handle. */
static bool is_kind(const struct loader *l, const char *name)
{
	char *kind = mem_copy(name, strcspn(name, ":"));
	bool is = loader_has(l, "kinds", kind);

	free(kind);
	return is;
}

static size_t number_of(struct patterns *kinds, const char *name)
{
	size_t i = 0;

	while (i < kinds->n && strcmp(kinds->v[i], name) != 0)
		i++;
	if (i == kinds->n)
		*VEC_ADD(kinds, v, n, cap) = mem_string(name);
	return i;
}

static void read_kinds(struct loader *l, const struct yaml *list, struct channel_reach *reach)
{
	reach->kinds = 0;
	for
		YAML_EACH(v, list)
		{
			size_t number;

			if (v->type != YAML_SCALAR || !is_kind(l, v->text)) {
				loader_refuse(l, v, "unknown kind %.60s",
					v->type == YAML_SCALAR ? v->text : "");
				continue;
			}
			number = number_of(&l->o->reach_kinds, v->text);
			if (number >= REACH_KINDS)
				loader_refuse(l, v, "more than 64 kinds of identifiers");
			else
				reach->kinds |= UINT64_C(1) << number;
		}
}

void loader_check_reach(struct loader *l, const struct yaml *v)
{
	static const char *const names[] = {"identifiers", "window", NULL};
	const struct yaml *list = yaml_get(v, "identifiers");
	struct ontology *o = l->o;
	struct channel_reach *reach;
	union map_value *place;
	bool fresh;

	if (loader_known(l, v, names) < 0 || loader_take(l, "reach", v, v->key) < 0)
		return;
	if (!list || list->type != YAML_SEQUENCE || !list->child) {
		loader_refuse(l, list ? list : v, "no list of identifiers");
		return;
	}
	place = map_slot(&o->reach_of, str_of(v->key), &fresh);
	if (fresh) {
		(void)VEC_ADD(o, reaches, reach_n, reach_cap);
		place->n = (int64_t)o->reach_n - 1;
	}
	reach = &o->reaches[place->n];
	reach->window = false;
	reach->at = loader_spot(l, v);
	read_kinds(l, list, reach);
	loader_flag(l, v, "window", &reach->window);
}
