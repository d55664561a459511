#include "stage/person.h"
#include "base/die.h"
#include "base/mem.h"
#include "core/store/count.h"
#include "core/store/facts.h"
#include "core/store/identities.h"
#include "io/json.h"
#include "stage/vcon.h"

#include <stdlib.h>

/* A record of hers. */
struct kept {
	int64_t seq, session, recorded;
	size_t at, len; /* of its bytes */
};

struct exporting {
	struct person_export *p;
	struct person who;
	struct kept *v;
	size_t n, cap;
	struct buf bodies, line;
	struct buf who_line, facts; /* lines */
	struct vcon vcon;
};

static int keep(void *ctx, const struct store_row *row, struct buf *err)
{
	struct exporting *x = ctx;

	(void)err;
	*VEC_ADD(x, v, n, cap) =
		(struct kept){row->seq, row->session, row->recorded, x->bodies.len, row->body.len};
	buf_put(&x->bodies, row->body);
	return 0;
}

static int by_seq(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

static struct str body_of(const struct exporting *x, const struct kept *k)
{
	return (struct str){x->bodies.s + k->at, k->len};
}

static void put_member(struct buf *out, const char *name, struct str value)
{
	json_put_key(out, name);
	json_put_string(out, value);
}

/* ---- NDJSON ---- */

static int put_identifier(void *ctx, const struct identifier *i, struct buf *err)
{
	struct buf *out = ctx;

	(void)err;
	buf_puts(out, out->s[out->len - 1] == '[' ? "{" : ",{");
	put_member(out, "kind", i->kind);
	put_member(out, "value", i->value);
	if (i->scope.len)
		put_member(out, "source", i->scope);
	buf_byte(out, '}');
	return 0;
}

static int gather_identifiers(struct exporting *x, struct buf *err)
{
	struct buf *out = &x->who_line;
	int status;

	buf_printf(out, "{\"customer\":\"c%lld\",\"identifiers\":[", (long long)x->p->customer);
	status =
		store_person_identifiers(x->p->store, &x->who, INT64_MAX, put_identifier, out, err);
	buf_puts(out, "]}");
	return status;
}

static int put_fact(void *ctx, const struct fact_cell *cells, size_t n, struct buf *err)
{
	struct exporting *x = ctx;

	(void)err;
	/* The view's name stands there already. */
	buf_cut(&x->line, (size_t)((char *)memchr(x->line.s, ':', x->line.len) - x->line.s) + 1);
	buf_byte(&x->line, '{');
	for (size_t i = 0; i < n; i++) {
		if (cells[i].null)
			continue;
		json_put_key(&x->line, cells[i].name);
		if (cells[i].number)
			buf_put(&x->line, cells[i].text);
		else
			json_put_string(&x->line, cells[i].text);
	}
	buf_puts(&x->line, "}}\n");
	buf_put(&x->facts, buf_str(&x->line));
	return 0;
}

static int warn_no_facts(struct exporting *x, struct buf *err)
{
	struct buf built = BUF_INIT;
	int status = store_about(x->p->store, "ontology", &built, err);

	if (status == 0 && !built.len)
		warn("no facts are written: there are none until jproject update makes them");
	buf_release(&built);
	return status;
}

static int gather_facts(struct exporting *x, struct buf *err)
{
	static const char *const views[] = {"customer", "contact", "issue", "switch", "move",
		"question", "commitment", "opportunity", "touch", "survey", "decision", "outbound",
		"handoff", "stage"};
	struct buf view = BUF_INIT;
	int status = warn_no_facts(x, err);

	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]) && status == 0; i++) {
		buf_clear(&view);
		buf_printf(&view, "v_%s", views[i]);
		buf_clear(&x->line);
		buf_printf(&x->line, "{\"%s\":", views[i]);
		status = facts_read(x->p->store, view.s, x->p->customer, INT64_MIN, INT64_MAX,
			put_fact, x, err);
	}
	buf_release(&view);
	return status;
}

static int put_ndjson(struct exporting *x, struct buf *err)
{
	int status = out_record(x->p->out, buf_str(&x->who_line), err);
	size_t at = 0, len;

	for (size_t i = 0; i < x->n && status == 0; i++) {
		buf_clear(&x->line);
		store_record(&x->line, body_of(x, &x->v[i]), x->p->customer, x->v[i].seq,
			x->v[i].recorded);
		status = out_record(x->p->out, buf_str(&x->line), err);
	}
	for (; at < x->facts.len && status == 0; at += len + 1) {
		len = (size_t)((char *)memchr(x->facts.s + at, '\n', x->facts.len - at) -
			       x->facts.s) -
		      at;
		status = out_record(x->p->out, (struct str){x->facts.s + at, len}, err);
	}
	return status;
}

/* ---- vCon ---- */

/* The records of the session of v[first], in their order. */
static int put_vcon(struct exporting *x, size_t first, size_t number, struct buf *err)
{
	struct buf name = BUF_INIT;
	struct str session, key[4];
	int status = 0;

	vcon_begin(&x->vcon);
	for (size_t i = first; i < x->n && status == 0; i++)
		if (x->v[i].session == x->v[first].session)
			status = vcon_add(
				&x->vcon, body_of(x, &x->v[i]), x->v[i].seq, x->v[i].recorded, err);
	if (status < 0)
		return status;
	session = event_attr(&x->vcon.ev, ATTR_SESSION);
	key[0] = STR("jtools vcon");
	key[1] = event_attr(&x->vcon.ev, ATTR_SOURCE);
	key[2] = session;
	key[3] = body_of(x, &x->v[first]);
	vcon_end(&x->vcon, key, 4, session);
	buf_printf(&name, "c%lld-%04zu", (long long)x->p->customer, number);
	status = vcon_write(&x->vcon, x->p->out, x->p->folder, name.s, err);
	buf_release(&name);
	return status;
}

static int put_vcons(struct exporting *x, struct buf *err)
{
	struct map seen = MAP_INIT;
	bool fresh;
	int status = 0;

	for (size_t i = 0; i < x->n && status == 0; i++)
		status = vcon_name(&x->vcon, body_of(x, &x->v[i]), err);
	if (status == 0 && x->p->folder)
		status = vcon_folder(x->p->folder, err);
	for (size_t i = 0; i < x->n && status == 0; i++) {
		map_slot(&seen, (struct str){(char *)&x->v[i].session, sizeof(int64_t)}, &fresh);
		if (fresh)
			status = put_vcon(x, i, map_count(&seen), err);
	}
	map_release(&seen);
	return status;
}

int person_format(struct person_export *p, const char *name, struct buf *err)
{
	p->vcon = name && strcmp(name, "vcon") == 0;
	if (name && !p->vcon && strcmp(name, "ndjson") != 0)
		buf_printf(err, "no such output: %s (ndjson, vcon)", name);
	else if (p->folder && !p->vcon)
		buf_puts(err, "--into goes with --output vcon");
	else
		return 0;
	return -1;
}

/* Within one snapshot, which is over before anything is written: who reads slowly keeps nobody from
 * erasing. */
static int gather(struct exporting *x, struct buf *err)
{
	struct person_export *p = x->p;
	int status = identity_customer(p->store, p->who, INT64_MAX, &p->customer, err);

	if (status == 0)
		status = store_person_by_customer(p->store, p->customer, &x->who, err);
	if (status == 0)
		status = store_person_events(p->store, &x->who, 0, INT64_MAX, keep, x, err);
	if (status == 0 && p->vcon)
		return vcon_customer(&x->vcon, p->customer, &x->who, INT64_MAX, err);
	if (status == 0)
		status = gather_identifiers(x, err);
	return status < 0 ? status : gather_facts(x, err);
}

int person_export(struct person_export *p, struct buf *err)
{
	struct exporting x = {.p = p};
	int status = store_read_begin(p->store, err);

	vcon_init(&x.vcon, p->store);
	if (status == 0)
		status = gather(&x, err);
	store_read_end(p->store);
	if (x.n)
		qsort(x.v, x.n, sizeof(*x.v), by_seq);
	if (status == 0)
		status = p->vcon ? put_vcons(&x, err) : put_ndjson(&x, err);
	p->records = x.n;
	vcon_release(&x.vcon);
	free(x.v);
	buf_release(&x.bodies);
	buf_release(&x.line);
	buf_release(&x.who_line);
	buf_release(&x.facts);
	return status;
}
