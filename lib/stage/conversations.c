#include "stage/conversations.h"
#include "base/mem.h"
#include "core/store/past.h"
#include "stage/vcon.h"

#include <stdlib.h>

/* A record of hers. */
struct kept {
	int64_t time, order, seq, recorded;
	size_t group;	/* the first contact of what it belongs to, and 1; 0: to none */
	size_t at, len; /* of its bytes */
};

struct writing {
	struct conversations *c;
	struct fold *fold;
	struct event ev;
	struct kept *v;
	size_t n, cap;
	struct buf bodies;
	struct vcon vcon;
};

int conversations_per(struct conversations *c, const char *per, struct buf *err)
{
	c->per_contact = per && strcmp(per, "contact") == 0;
	if (!per || c->per_contact || strcmp(per, "issue") == 0)
		return 0;
	buf_printf(err, "no vCon per %s (issue, contact)", per);
	return -1;
}

static int keep(void *ctx, const struct store_row *row, struct buf *err)
{
	struct writing *x = ctx;
	enum event_fault fault;

	if (event_read(&x->ev, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	fold_add(x->fold, &x->ev, row->seq, row->order);
	*VEC_ADD(x, v, n, cap) = (struct kept){.time = row->time,
		.order = row->order,
		.seq = row->seq,
		.recorded = row->recorded,
		.at = x->bodies.len,
		.len = row->body.len};
	buf_put(&x->bodies, row->body);
	return 0;
}

static int by_seq(const void *pa, const void *pb)
{
	const struct kept *a = pa, *b = pb;

	return (a->seq > b->seq) - (a->seq < b->seq);
}

static int by_group(const void *pa, const void *pb)
{
	const struct kept *a = pa, *b = pb;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return EVENT_COMPARE(a, b);
}

/* Puts records in the order of issues or contacts; those that belong to no contact come first. */
static void sort(struct writing *x)
{
	for (size_t i = 0; i < x->n; i++) {
		size_t contact = fold_contact_of(x->fold, x->v[i].seq);

		if (contact && !x->c->per_contact)
			contact = x->fold->issues[x->fold->contacts[contact - 1].issue].first + 1;
		x->v[i].group = contact;
	}
	if (x->n)
		qsort(x->v, x->n, sizeof(*x->v), by_group);
}

static struct str body_of(const struct writing *x, const struct kept *k)
{
	return (struct str){x->bodies.s + k->at, k->len};
}

/* A container of an issue is about its case, else its family; one of a contact about the source's
 * conversation. */
static struct str subject_of(const struct writing *x, const struct contact *c)
{
	const struct issue *is = &x->fold->issues[c->issue];

	if (x->c->per_contact)
		return fold_text(x->fold, c->session);
	return fold_text(x->fold, is->case_id ? is->case_id : is->family);
}

/* The records from v[first] on that are of its group; *next: the first behind them. */
static int put_one(struct writing *x, size_t first, size_t *next, struct buf *err)
{
	const char *what = x->c->per_contact ? "contact" : "issue";
	const struct contact *c = &x->fold->contacts[x->v[first].group - 1];
	struct str key[] = {STR("jtools vcon"), str_of(what), body_of(x, &x->v[first])};
	struct buf name = BUF_INIT;
	int status = 0;
	size_t i = first;

	vcon_begin(&x->vcon);
	for (; i < x->n && x->v[i].group == x->v[first].group && status == 0; i++)
		status = vcon_add(
			&x->vcon, body_of(x, &x->v[i]), x->v[i].seq, x->v[i].recorded, err);
	*next = i;
	if (status < 0)
		return status;
	vcon_end(&x->vcon, key, 3, subject_of(x, c));
	buf_printf(&name, "c%lld-%s-%lld", (long long)x->vcon.customer, what, (long long)c->id);
	status = vcon_write(&x->vcon, x->c->out, x->c->folder, name.s, err);
	buf_release(&name);
	return status;
}

static int one(struct writing *x, int64_t customer, struct buf *err)
{
	struct person who;
	size_t at = 0;
	int status = past_person(x->c->store, customer, x->c->as_of, &who, err);

	if (status < 0)
		return status;
	x->n = 0;
	buf_clear(&x->bodies);
	fold_clear(x->fold, who.ident != 0);
	status = store_person_events(x->c->store, &who, 0, x->c->as_of, keep, x, err);
	if (status == 0)
		status = vcon_customer(&x->vcon, customer, &who, x->c->as_of, err);
	if (status < 0)
		return status;
	if (x->n)
		qsort(x->v, x->n, sizeof(*x->v), by_seq);
	for (size_t i = 0; i < x->n && status == 0; i++)
		status = vcon_name(&x->vcon, body_of(x, &x->v[i]), err);
	fold_link(x->fold);
	sort(x);
	while (at < x->n && !x->v[at].group)
		at++;
	while (at < x->n && status == 0)
		status = put_one(x, at, &at, err);
	return status;
}

static int all(struct writing *x, struct buf *err)
{
	struct seqs customers = {NULL, 0, 0};
	int status = past_customers(x->c->store, x->c->as_of, &customers, err);

	for (size_t i = 0; i < customers.n && status == 0; i++)
		status = one(x, customers.v[i], err);
	free(customers.v);
	return status;
}

int conversations_write(struct conversations *c, struct buf *err)
{
	struct writing x = {.c = c, .bodies = BUF_INIT};
	int status = c->folder ? vcon_folder(c->folder, err) : 0;

	event_init(&x.ev);
	vcon_init(&x.vcon, c->store);
	x.fold = fold_new(c->ontology);
	if (status == 0)
		status = store_read_begin(c->store, err);
	if (status == 0)
		status = c->customer ? one(&x, c->customer, err) : all(&x, err);
	store_read_end(c->store);
	fold_free(x.fold);
	vcon_release(&x.vcon);
	event_release(&x.ev);
	free(x.v);
	buf_release(&x.bodies);
	return status;
}
