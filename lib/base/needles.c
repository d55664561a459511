#include "base/needles.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct node {
	uint32_t child, next; /* the first of its own, and the next of its parent's; 0: none */
	uint32_t shorter;     /* the longest other that what was read begins with as well */
	uint32_t found;	      /* the longest of these that is looked for, itself included */
	uint32_t mark;
	unsigned char byte;
};

struct needles {
	struct node *v; /* the first is the empty string */
	size_t n, cap;
	uint32_t first[256]; /* its children by their bytes: most of a text leads nowhere */
	uint32_t *queue;
	size_t queue_cap;
};

struct needles *needles_new(void)
{
	struct needles *n = mem_zero(1, sizeof(*n));

	*VEC_ADD(n, v, n, cap) = (struct node){.mark = 0};
	return n;
}

void needles_free(struct needles *n)
{
	if (!n)
		return;
	free(n->v);
	free(n->queue);
	free(n);
}

void needles_clear(struct needles *n)
{
	for (uint32_t c = n->v[0].child; c; c = n->v[c].next)
		n->first[n->v[c].byte] = 0;
	n->n = 1;
	n->v[0] = (struct node){.mark = 0};
}

static uint32_t child_of(const struct needles *n, uint32_t node, unsigned char byte)
{
	uint32_t c = n->v[node].child;

	if (!node)
		return n->first[byte];
	while (c && n->v[c].byte != byte)
		c = n->v[c].next;
	return c;
}

uint32_t needles_put(struct needles *n, uint32_t node, unsigned char byte)
{
	uint32_t c = child_of(n, node, byte);

	if (c)
		return c;
	c = (uint32_t)n->n;
	*VEC_ADD(n, v, n, cap) = (struct node){.next = n->v[node].child, .byte = byte};
	n->v[node].child = c;
	if (!node)
		n->first[byte] = c;
	return c;
}

uint32_t *needles_mark(struct needles *n, uint32_t node)
{
	return &n->v[node].mark;
}

uint32_t needles_step(const struct needles *n, uint32_t at, unsigned char byte)
{
	for (;;) {
		uint32_t c = child_of(n, at, byte);

		if (c || !at)
			return c;
		at = n->v[at].shorter;
	}
}

/* Shorter strings come before longer ones: what a node leads to is known before it is. */
void needles_settle(struct needles *n)
{
	size_t last = 0;

	n->queue = mem_grow(n->queue, &n->queue_cap, n->n, sizeof(*n->queue));
	n->queue[last++] = 0;
	for (size_t i = 0; i < last; i++) {
		uint32_t node = n->queue[i];

		for (uint32_t c = n->v[node].child; c; c = n->v[c].next) {
			struct node *v = &n->v[c];

			v->shorter = node ? needles_step(n, n->v[node].shorter, v->byte) : 0;
			v->found = v->mark ? c : n->v[v->shorter].found;
			n->queue[last++] = c;
		}
	}
}

uint32_t needles_found(const struct needles *n, uint32_t at)
{
	return n->v[at].found;
}

uint32_t needles_shorter(const struct needles *n, uint32_t found)
{
	return n->v[n->v[found].shorter].found;
}
