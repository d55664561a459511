#include "core/store/owners.h"
#include "base/mem.h"
#include "core/store/internal.h"

#include <stdlib.h>

#define MIXED (-1)		      /* of several people */
#define NAMES_MOST ((size_t)32 << 20) /* bytes of names, and of where they are */

/* An identifier: the one above it, and of a root the customer. */
struct node {
	int64_t parent, key;
	bool shared;
};

struct forest {
	struct node *v;
	size_t n, cap;
};

static void set(struct owners_numbers *to, int64_t id, int64_t customer)
{
	while (to->n <= (size_t)id)
		*VEC_ADD(to, v, n, cap) = 0;
	to->v[id] = customer;
}

static int64_t get(const struct owners_numbers *from, int64_t id)
{
	return id > 0 && (size_t)id < from->n ? from->v[id] : 0;
}

static int read_forest(struct forest *f, struct store *s, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(
		s, "SELECT id, parent, key, shared IS NOT NULL FROM ident ORDER BY id", &st, err);

	while (status >= 0 && (status = store_step(s, st, err)) == 1) {
		int64_t id = sqlite3_column_int64(st, 0);

		while (f->n <= (size_t)id)
			*VEC_ADD(f, v, n, cap) = (struct node){0, 0, false};
		f->v[id] = (struct node){sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2),
			sqlite3_column_int(st, 3) != 0};
	}
	sqlite3_finalize(st);
	return status;
}

/* Paths are logarithmic: see identity.c. */
static int64_t root_key(const struct forest *f, size_t id)
{
	while (f->v[id].parent > 0 && (size_t)f->v[id].parent < f->n)
		id = (size_t)f->v[id].parent;
	return f->v[id].key;
}

static int read_idents(struct owners *o, struct store *s, struct buf *err)
{
	struct forest f = {NULL, 0, 0};
	int status = read_forest(&f, s, err);

	for (size_t id = 0; id < f.n && status == 0; id++)
		set(&o->idents, (int64_t)id, f.v[id].shared ? 0 : root_key(&f, id));
	free(f.v);
	return status;
}

static void keep_name(struct owners *o, int64_t id, struct str name)
{
	if (o->names.len + name.len + (size_t)id * sizeof(*o->name_ends) > NAMES_MOST)
		return;
	while (o->name_n < (size_t)id)
		*VEC_ADD(o, name_ends, name_n, name_cap) = o->names.len;
	buf_put(&o->names, name);
	*VEC_ADD(o, name_ends, name_n, name_cap) = o->names.len;
}

bool owners_name(const struct owners *o, int64_t session, struct str *out)
{
	size_t i = (size_t)session, from;

	if (session < 1 || i >= o->name_n)
		return false;
	from = o->name_ends[i - 1];
	*out = (struct str){o->names.s + from, o->name_ends[i] - from};
	return true;
}

static int read_sessions(struct owners *o, struct store *s, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(s,
		"SELECT id, first, ident, mixed IS NOT NULL, name FROM session ORDER BY id", &st,
		err);

	while (status >= 0 && (status = store_step(s, st, err)) == 1) {
		int64_t of = get(&o->idents, sqlite3_column_int64(st, 2));

		if (sqlite3_column_int(st, 3))
			of = MIXED;
		else if (!of)
			of = sqlite3_column_int64(st, 1);
		set(&o->sessions, sqlite3_column_int64(st, 0), of);
		keep_name(o, sqlite3_column_int64(st, 0), store_column(st, 4));
	}
	sqlite3_finalize(st);
	return status;
}

int owners_read(struct owners *o, struct store *s, struct buf *err)
{
	int status = read_idents(o, s, err);

	return status < 0 ? status : read_sessions(o, s, err);
}

int owners_of(const struct owners *o, struct store *s, const struct store_row *row,
	int64_t *customer, struct buf *err)
{
	*customer = get(&o->idents, row->ident);
	if (!*customer)
		*customer = get(&o->sessions, row->session);
	return *customer != MIXED ? 0
				  : store_customer(s, row->session, row->ident, row->time,
					    row->order, row->seq, customer, err);
}

void owners_release(struct owners *o)
{
	free(o->idents.v);
	free(o->sessions.v);
	buf_release(&o->names);
	free(o->name_ends);
	*o = (struct owners){.names = BUF_INIT};
}
