#include "stage/identities.h"
#include "core/kinds.h"
#include "core/store/identities.h"
#include "core/store/note.h"
#include "io/json.h"

#define SIDE 2 /* identifiers that make a cluster */

struct listing {
	struct out *out;
	struct buf line;
};

static void put_number(struct buf *out, const char *key, int64_t n)
{
	json_put_key(out, key);
	buf_int(out, n);
}

/* kind, value and scope; the object stays open. */
static void put_name(struct buf *out, const struct identifier *i)
{
	buf_puts(out, "{\"kind\":");
	json_put_string(out, i->kind);
	json_put_key(out, "value");
	json_put_string(out, i->value);
	if (i->scope.len) {
		json_put_key(out, "scope");
		json_put_string(out, i->scope);
	}
}

static void put_customer(struct buf *out, int64_t customer)
{
	if (customer)
		buf_printf(out, ",\"customer\":\"c%lld\"", (long long)customer);
}

static int end_line(struct listing *l, struct buf *err)
{
	int status;

	buf_puts(&l->line, "}\n");
	status = out_put(l->out, buf_str(&l->line), err);
	buf_clear(&l->line);
	return status;
}

static int list_one(void *ctx, const struct identity_row *row, struct buf *err)
{
	struct listing *l = ctx;

	put_name(&l->line, &row->id);
	put_customer(&l->line, row->customer);
	put_number(&l->line, "first", row->first);
	if (row->id.placeholder)
		buf_puts(&l->line, ",\"placeholder\":true");
	if (row->shared)
		put_number(&l->line, "shared", row->shared);
	if (row->id.placeholder || row->shared)
		put_number(&l->line, "records", row->records);
	return end_line(l, err);
}

static int list_shared(void *ctx, const struct identity_row *row, struct buf *err)
{
	struct listing *l = ctx;

	buf_puts(&l->line, "{\"suspect\":\"shared\",\"identifier\":");
	put_name(&l->line, &row->id);
	buf_byte(&l->line, '}');
	put_number(&l->line, "people", row->people);
	put_number(&l->line, "since", row->shared);
	put_number(&l->line, "records", row->records);
	return end_line(l, err);
}

static int list_bridge(void *ctx, const struct identity_row *a, const struct identity_row *b,
	int64_t first, int64_t side, struct buf *err)
{
	struct listing *l = ctx;

	buf_puts(&l->line, "{\"suspect\":\"bridge\",\"identifier\":");
	put_name(&l->line, &a->id);
	buf_puts(&l->line, "},\"with\":");
	put_name(&l->line, &b->id);
	buf_byte(&l->line, '}');
	put_customer(&l->line, a->customer);
	put_number(&l->line, "record", first);
	put_number(&l->line, "side", side);
	return end_line(l, err);
}

static int list(const struct identities *i, struct buf *err)
{
	struct listing l = {i->out, BUF_INIT};
	int64_t customer = 0;
	int status = store_read_begin(i->store, err);

	if (status == 0 && i->customer)
		status = identity_customer(i->store, i->customer, i->as_of, &customer, err);
	if (status == 0 && i->suspect)
		status = identity_each_shared(i->store, list_shared, &l, err);
	else if (status == 0)
		status = identity_each(i->store, customer, i->as_of, list_one, &l, err);
	if (status == 0 && i->suspect)
		status = identity_bridges(i->store, SIDE, list_bridge, &l, err);
	store_read_end(i->store);
	buf_release(&l.line);
	return status;
}

static int derive(const struct identities *i, struct buf *err)
{
	enum identity_rules by = IDENTITY_NORMAL;
	int status;

	if (i->rules && !kinds_rules(i->rules, &by)) {
		buf_printf(err, "no such rules: %s (strict, normal, loose)", i->rules);
		return STORE_ERROR;
	}
	status = store_begin(i->store, err);
	if (status < 0)
		return status;
	return note_end(i->store, identity_derive(i->store, i->ontology, by, err), err);
}

int identities(struct identities *i, struct buf *err)
{
	int status = i->ontology ? derive(i, err) : list(i, err);

	ontology_free(i->ontology);
	return status;
}
