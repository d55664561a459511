#include "stage/carry.h"
#include "base/fnv.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define SETS ((size_t)8192) /* a power of two */
#define WAYS 8
#define REPLY_WORDS 5
#define FADES 0.8
#define FADED 0.25

struct carry {
	const struct ontology *o;
	struct carried *v;
	uint64_t clock;
};

struct carry *carry_new(const struct ontology *o)
{
	struct carry *c = mem_zero(1, sizeof(*c));

	c->o = o;
	c->v = mem_zero(SETS * WAYS, sizeof(*c->v));
	return c;
}

void carry_free(struct carry *c)
{
	if (!c)
		return;
	free(c->v);
	free(c);
}

static uint64_t mix(uint64_t h, struct str s)
{
	return fnv_byte(fnv_add(h, s), 0xff);
}

struct carried *carry_of(struct carry *c, const struct event *ev)
{
	uint64_t key = FNV_START;
	struct carried *set, *oldest;

	if (!event_attr(ev, ATTR_SESSION).len)
		return NULL;
	key = mix(key, event_attr(ev, ATTR_SOURCE));
	key = mix(key, event_attr(ev, ATTR_SESSION));
	key = mix(key, event_attr(ev, ATTR_CHANNEL));
	key += !key;
	set = oldest = &c->v[((key ^ key >> 32) & (SETS - 1)) * WAYS];
	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key == key) {
			if (ev->time < set[i].time)
				set[i] = (struct carried){.key = key};
			set[i].used = ++c->clock;
			return &set[i];
		}
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	*oldest = (struct carried){.key = key, .used = ++c->clock};
	return oldest;
}

const struct intent *carry_on(const struct carry *c, const struct carried *of,
	const struct event *ev, const struct words *w, double *confidence)
{
	int64_t gap = ontology_class(c->o, event_attr(ev, ATTR_CHANNEL))->gap;

	if (of->asked && c->o->request_gap > gap)
		gap = c->o->request_gap;
	if (!of->intent || !w->n || w->n > REPLY_WORDS || ev->time - of->time > gap)
		return NULL;
	*confidence = floor((double)of->confidence * FADES * 100 + 0.5) / 100;
	return *confidence < FADED ? NULL : &c->o->intents[of->intent - 1];
}
