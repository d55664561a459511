#include "stage/link.h"
#include "base/die.h"
#include "base/when.h"
#include "core/store/erase.h"
#include "core/store/hold.h"
#include "core/store/identities.h"
#include "core/store/note.h"
#include "io/json.h"

#include <string.h>

static void put_identifier(struct buf *out, const struct identity_ref *r)
{
	buf_puts(out, "{\"kind\":");
	json_put_string(out, buf_str(&r->kind));
	buf_puts(out, ",\"value\":");
	json_put_string(out, buf_str(&r->value));
	if (r->scope.len) {
		json_put_key(out, "scope");
		json_put_string(out, buf_str(&r->scope));
	}
	buf_byte(out, '}');
}

static void put_record(struct link *l, const char *type, const struct identity_ref *a,
	const struct identity_ref *b, int64_t now, struct buf *out)
{
	note_begin(l->store, out, type, now, STR("jlog"));
	buf_puts(out,
		",\"direction\":\"internal\",\"actor\":\"system\",\"data\":{\"identifiers\":[");
	put_identifier(out, a);
	buf_byte(out, ',');
	put_identifier(out, b);
	buf_byte(out, ']');
	if (l->why) {
		json_put_key(out, "reason");
		json_put_string(out, str_of(l->why));
	}
	buf_puts(out, "}}");
}

static bool is_nobody(const char *text, const struct identity_ref *r, struct buf *err)
{
	bool erased = strcmp(r->kind.s, "erased") == 0;

	if (identity_nobody(text, r->shared, r->placeholder, err))
		return true;
	if (erased)
		buf_printf(err, "%s: was erased", text);
	return erased;
}

static bool one_person(const struct identity_ref *a, const struct identity_ref *b)
{
	return a->person.ident && a->person.ident == b->person.ident;
}

/* Both as they stand; 1 and the reason where one names nobody. */
static int find_two(struct link *l, const char *a, const char *b, struct identity_ref *x,
	struct identity_ref *y, struct buf *err)
{
	int status = identity_find(l->store, a, x, err);

	if (status == 0)
		status = identity_find(l->store, b, y, err);
	if (status == 0 && x->ident && x->ident == y->ident) {
		buf_printf(err, "%s and %s are the same identifier", a, b);
		status = STORE_ERROR;
	}
	if (status == 0 && (is_nobody(a, x, err) || is_nobody(b, y, err)))
		status = 1;
	return status;
}

static int see_way(void *ctx, const struct identity_row *a, const struct identity_row *b,
	int64_t first, int64_t side, struct buf *err)
{
	struct buf *out = ctx;

	(void)side;
	(void)err;
	buf_puts(out, out->len ? ", " : "");
	identity_name(out, a->id.kind, a->id.scope, a->id.value);
	buf_puts(out, " and ");
	identity_name(out, b->id.kind, b->id.scope, b->id.value);
	buf_printf(out, " (record %lld)", (long long)first);
	return 0;
}

/* What became of it; 1 where it is not what was asked for. */
static int check(struct link *l, bool joined, const char *a, const char *b, struct identity_ref *x,
	struct identity_ref *y, struct buf *why)
{
	struct buf way = BUF_INIT, err = BUF_INIT, names[2] = {BUF_INIT, BUF_INIT};
	int status = store_read_begin(l->store, why);

	/* A customer's number may be nobody's now. */
	identity_name(&names[0], buf_str(&x->kind), buf_str(&x->scope), buf_str(&x->value));
	identity_name(&names[1], buf_str(&y->kind), buf_str(&y->scope), buf_str(&y->value));
	if (status == 0)
		status = find_two(l, names[0].s, names[1].s, x, y, why);

	if (status == 0 && joined && !one_person(x, y)) {
		buf_printf(why, "%s and %s are two people still", a, b);
		status = 1;
	}
	if (status == 0 && !joined && one_person(x, y)) {
		identity_way(l->store, x->ident, y->ident, see_way, &way, &err);
		buf_printf(why, "%s and %s are one person still, by %s", a, b, way.s);
		status = 1;
	}
	store_read_end(l->store);
	buf_release(&names[0]);
	buf_release(&names[1]);
	buf_release(&way);
	buf_release(&err);
	return status;
}

/* The customer whom an identifier names, and by which record she is held; 0: nobody, and not. */
static int hold_of(struct link *l, const struct identity_ref *who, int64_t *customer, int64_t *hold,
	struct buf *err)
{
	struct erasing *erasing = erasing_new(l->store);
	struct erase_survey n = {.customer = 0};
	struct buf name = BUF_INIT;
	int status;

	identity_name(&name, buf_str(&who->kind), buf_str(&who->scope), buf_str(&who->value));
	status = store_find_customer(l->store, name.s, customer, err);
	if (status == 0)
		status = erase_survey(erasing, *customer, &n, err);
	*hold = n.held ? n.hold : 0;
	erasing_free(erasing);
	buf_release(&name);
	return status;
}

/* A hold was of her who was one with another, and goes on for both. */
static int hold_on(struct link *l, const struct identity_ref *who, int64_t held, struct buf *out,
	struct buf *err)
{
	struct buf why = BUF_INIT;
	int64_t customer, hold;
	int status = hold_of(l, who, &customer, &hold, err);

	buf_printf(&why, "held by record %lld as one with another", (long long)held);
	if (status == 0 && customer && !hold)
		status = hold_add(l->store, l->ontology, customer, false, why.s, out, err);
	buf_release(&why);
	return status;
}

static int part(struct link *l, const struct identity_ref *x, const struct identity_ref *y,
	struct str line, int64_t now, struct buf *out, struct buf *err)
{
	int64_t customer, held = 0;
	int status = one_person(x, y) ? hold_of(l, x, &customer, &held, err) : 0;

	if (status == 0)
		status = note_add(l->store, l->ontology, line, now, out, err);
	if (status == 0 && held)
		status = hold_on(l, x, held, out, err);
	if (status == 0 && held)
		status = hold_on(l, y, held, out, err);
	return status;
}

/* It may be mistyped. */
static void tell_new(const struct link *l, const char *text, bool fresh)
{
	if (fresh && !l->quiet)
		warn("%s: no record has named it before", text);
}

static int record(struct link *l, bool joined, const char *a, const char *b, struct buf *err)
{
	struct buf line = BUF_INIT, out = BUF_INIT;
	struct identity_ref x, y;
	int64_t now = when_now();
	bool fresh[2];
	int status = store_begin(l->store, err);

	if (status < 0)
		return status;
	identity_ref_init(&x);
	identity_ref_init(&y);
	status = find_two(l, a, b, &x, &y, err);
	fresh[0] = !x.ident;
	fresh[1] = !y.ident;
	if (status == 0 && one_person(&x, &y) == joined && joined) {
		store_rollback(l->store);
		goto out;
	}
	if (status == 0) {
		put_record(l, joined ? "identity.linked" : "identity.unlinked", &x, &y, now, &line);
		status = joined ? note_add(l->store, l->ontology, buf_str(&line), now, &out, err)
				: part(l, &x, &y, buf_str(&line), now, &out, err);
	}
	status = note_end(l->store, status, err);
	if (status == 0 && !l->quiet)
		status = out_put(l->out, buf_str(&out), err);
	if (status == 0) {
		tell_new(l, a, fresh[0]);
		tell_new(l, b, fresh[1]);
		status = check(l, joined, a, b, &x, &y, err);
	}
out:
	identity_ref_release(&x);
	identity_ref_release(&y);
	buf_release(&line);
	buf_release(&out);
	return status;
}

int link_two(struct link *l, const char *a, const char *b, struct buf *err)
{
	return record(l, true, a, b, err);
}

int unlink_two(struct link *l, const char *a, const char *b, struct buf *err)
{
	return record(l, false, a, b, err);
}
