#include "core/store/codes.h"
#include "base/mem.h"

#include <stdlib.h>

int64_t codes_of(struct codes *c, struct str text)
{
	bool fresh;
	union map_value *v;

	if (!c->n)
		c->index = (struct map)MAP_TOGETHER;
	v = map_slot(&c->index, text.s ? text : STR(""), &fresh);

	if (fresh) {
		*VEC_ADD(c, v, n, cap) = map_key(v);
		v->n = (int64_t)c->n;
	}
	return v->n;
}

void codes_release(struct codes *c)
{
	map_release(&c->index);
	free(c->v);
	*c = (struct codes){MAP_INIT, NULL, 0, 0};
}
