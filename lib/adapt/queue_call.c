#include "adapt/queue_call.h"
#include "base/mem.h"
#include "core/draft.h"

#include <stdlib.h>

#define EVENTS_MAX 4096 /* bytes of rows noted a call */

struct queue_call *queue_calls_get(const struct queue_calls *q, struct str id)
{
	const union map_value *v = map_get(&q->open, id);

	return v ? v->p : NULL;
}

struct queue_call *queue_calls_add(struct queue_calls *q, struct str id)
{
	struct queue_call *c = mem_zero(1, sizeof(*c));

	for (int i = 0; i < QT_COUNT; i++)
		buf_init(&c->text[i]);
	c->wait = c->ring = c->position = -1;
	map_slot(&q->open, id, NULL)->p = c;
	return c;
}

struct queue_call *queue_calls_oldest(const struct queue_calls *q, struct str *id)
{
	const union map_value *v = map_first(&q->open);

	if (!v)
		return NULL;
	*id = map_key(v);
	return v->p;
}

static void call_free(struct queue_call *c)
{
	for (int i = 0; i < QT_COUNT; i++)
		buf_release(&c->text[i]);
	free(c);
}

void queue_calls_drop(struct queue_calls *q, struct str id)
{
	struct queue_call *c = queue_calls_get(q, id);

	map_remove(&q->open, id);
	if (c)
		call_free(c);
}

static void free_one(void *ctx, struct str id, union map_value *v)
{
	(void)ctx;
	(void)id;
	call_free(v->p);
}

void queue_calls_release(struct queue_calls *q)
{
	map_each(&q->open, free_one, NULL);
	map_release(&q->open);
}

bool queue_call_note(struct queue_call *c, struct str row)
{
	struct buf *b = &c->text[QT_EVENTS];

	if (b->len + row.len > EVENTS_MAX)
		return false;
	draft_list(b, row);
	return true;
}
