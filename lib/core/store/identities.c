#include "core/store/identities.h"
#include "base/mem.h"
#include "core/store/graph.h"
#include "core/store/past.h"
#include "core/store/persons.h"

#include <stdlib.h>
#include <string.h>

void identity_ref_init(struct identity_ref *r)
{
	*r = (struct identity_ref){.kind = BUF_INIT, .scope = BUF_INIT, .value = BUF_INIT};
}

void identity_ref_release(struct identity_ref *r)
{
	buf_release(&r->kind);
	buf_release(&r->scope);
	buf_release(&r->value);
}

/* ---- finding one by its name ---- */

/* What a text may mean; kind or scope without a pointer: any. */
struct meaning {
	struct store *s;
	struct str kind, scope, value;
	struct names *found;
};

static bool meant(const struct meaning *m, struct str kind, struct str scope, struct str value)
{
	return str_eq(value, m->value) && (!m->kind.s || str_eq(kind, m->kind)) &&
	       (!m->scope.s || str_eq(scope, m->scope));
}

static int see_meant(void *ctx, size_t i, int64_t id, struct buf *err)
{
	struct meaning *m = ctx;
	sqlite3_stmt *st;
	int status = store_get(m->s, Q_IDENT_TEXT, id, &st, err);

	(void)i;
	if (status != 1)
		return status;
	if (meant(m, store_column(st, 0), store_column(st, 1), store_column(st, 2)))
		*VEC_ADD(m->found, v, n, cap) = id;
	sqlite3_reset(st);
	return 0;
}

static int look(struct meaning *m, struct buf *err)
{
	uint64_t key = store_digest(m->s, &m->value, 1).a;

	return runs_find(m->s, RUNS_IDENT, &key, 1, see_meant, m, err);
}

/* kind:value, and of a customer's number in a system crm:value@source. */
static int look_by_kind(
	struct store *s, struct str kind, struct str value, struct names *found, struct buf *err)
{
	struct meaning m = {s, kind, {NULL, 0}, value, found};
	int status = look(&m, err);

	for (size_t i = value.len; i-- > 0 && status == 0 && str_is(kind, "crm");)
		if (value.s[i] == '@') {
			m.value = (struct str){value.s, i};
			m.scope = (struct str){value.s + i + 1, value.len - i - 1};
			status = look(&m, err);
		}
	return status;
}

static int look_all(struct store *s, struct str text, struct names *found, struct buf *err)
{
	struct meaning m = {s, {NULL, 0}, {NULL, 0}, text, found};
	int status = look(&m, err);

	for (size_t i = 0; i < text.len && status == 0; i++)
		if (text.s[i] == ':')
			status = look_by_kind(s, (struct str){text.s, i},
				(struct str){text.s + i + 1, text.len - i - 1}, found, err);
	return status;
}

static int put_ref(struct store *s, int64_t id, struct identity_ref *out, struct buf *err)
{
	struct ident one, root = {0};
	sqlite3_stmt *st;
	int status = who_ident(s, id, &one, err);

	if (status == 0)
		status = forest_root(s, id, INT64_MAX, &root, err);
	if (status != 0)
		return status;
	status = store_get(s, Q_IDENT_TEXT, id, &st, err);
	if (status != 1)
		return status < 0 ? status : who_missing(s, id, err);
	out->ident = id;
	out->shared = one.shared;
	out->placeholder = one.placeholder;
	out->person = (struct person){one.shared || one.placeholder ? 0 : root.id, 0};
	buf_clear(&out->kind);
	buf_clear(&out->scope);
	buf_clear(&out->value);
	buf_put(&out->kind, store_column(st, 0));
	buf_put(&out->scope, store_column(st, 1));
	buf_put(&out->value, store_column(st, 2));
	sqlite3_reset(st);
	return 0;
}

void identity_name(struct buf *out, struct str kind, struct str scope, struct str value)
{
	buf_put(out, kind);
	buf_byte(out, ':');
	buf_put(out, value);
	if (scope.len) {
		buf_byte(out, '@');
		buf_put(out, scope);
	}
}

static int several(struct store *s, const char *text, const struct names *found, struct buf *err)
{
	struct identity_ref one;
	int status = 0;

	identity_ref_init(&one);
	buf_printf(err, "%s: which? ", text);
	for (size_t i = 0; i < found->n && i < 4 && status == 0; i++) {
		status = put_ref(s, found->v[i], &one, err);
		buf_puts(err, i ? ", " : "");
		identity_name(err, buf_str(&one.kind), buf_str(&one.scope), buf_str(&one.value));
	}
	identity_ref_release(&one);
	return STORE_ERROR;
}

/* Whether a number may be one that a customer had before a join. */
static int is_former(struct store *s, int64_t number, bool *is, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = store_prepare(s,
		"SELECT 1 FROM ident WHERE first=?1 AND placeholder=0 UNION ALL"
		" SELECT 1 FROM session WHERE first=?1 LIMIT 1",
		&st, err);

	*is = false;
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, number);
	status = store_step(s, st, err);
	*is = status == 1;
	sqlite3_finalize(st);
	return status < 0 ? status : 0;
}

/* Whose a number is that was a customer's before a join; 0: nobody's. */
static int find_former(
	struct store *s, int64_t number, int64_t as_of, int64_t *customer, struct buf *err)
{
	struct person p;
	bool is;
	int status = is_former(s, number, &is, err);

	*customer = 0;
	return status < 0 || !is ? status : past_of(s, number, as_of, &p, customer, err);
}

static int strongest(struct store *s, int64_t root, int64_t *ident, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	struct ident one;
	int rank = 0, status = forest_members(s, root, INT64_MAX, &all, err);

	*ident = 0;
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), store_by_number);
	for (size_t i = 0; i < all.n && status == 0; i++) {
		status = who_ident(s, all.v[i], &one, err);
		if (status == 0 && (!*ident || one.rank < rank)) {
			*ident = one.id;
			rank = one.rank;
		}
	}
	free(all.v);
	return status;
}

/* The letters of an address are told apart by nobody, and a telephone is written in many ways: what
 * the text may have meant, as records write it, of a telephone with or without its kind. */
static void as_recorded(struct buf *out, struct str text)
{
	size_t from = str_starts(text, STR("phone:")) ? strlen("phone:") : 0;
	bool mail = text.len && memchr(text.s, '@', text.len), phone = text.len > from + 1;

	for (size_t i = from; i < text.len && phone; i++)
		phone = strchr("+0123456789 -().", text.s[i]) != NULL;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.s[i];

		if (phone && i >= from && !(c >= '0' && c <= '9') && (c != '+' || out->len > from))
			continue;
		buf_byte(out, mail && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
	}
}

static int look_again(struct store *s, struct str text, struct names *found, struct buf *err)
{
	struct buf other = BUF_INIT;
	int status = look_all(s, text, found, err);

	if (status == 0 && !found->n) {
		as_recorded(&other, text);
		status = look_all(s, buf_str(&other), found, err);
	}
	buf_release(&other);
	return status;
}

/* The customer of this number, or whose it became: p is nobody where there is none. */
static int by_number(struct store *s, const char *text, struct person *p, struct buf *err)
{
	int64_t customer = 0;
	int status;

	*p = (struct person){0, 0};
	if (text[0] != 'c' || !str_int(str_of(text + 1), &customer))
		return 0;
	status = store_person_by_customer(s, customer, p, err);
	if (status < 0 || p->ident || p->session)
		return status;
	status = find_former(s, customer, INT64_MAX, &customer, err);
	return status < 0 || !customer ? status : store_person_by_customer(s, customer, p, err);
}

/* The text gives no kind that there is. */
static void no_kind(const struct kinds *kinds, struct str text, struct buf *err)
{
	const char *colon = memchr(text.s, ':', text.len);
	struct str kind = {text.s, colon ? (size_t)(colon - text.s) : 0};

	if (!kind.len || kinds_rank(kinds, kind) <= (int)kinds->n) {
		buf_printf(err,
			"%s: nobody has it (one that is new needs its kind, as in phone:+5511...)",
			text.s);
		return;
	}
	buf_printf(err, "%s: nobody has it, and there is no kind %.*s (", text.s, (int)kind.len,
		kind.s);
	for (size_t i = 0; i < kinds->n; i++)
		buf_printf(err, "%s%s", i ? ", " : "", kinds->v[i].name);
	buf_byte(err, ')');
}

/* One that nobody named yet, where the text says of which kind it is. */
static int put_new(struct store *s, struct str text, struct identity_ref *out, struct buf *err)
{
	const char *colon = NULL, *at = NULL;
	struct str kind;

	/* The last, since kinds have names of their own: handle:network. */
	for (size_t i = text.len; i-- > 0 && !colon;)
		if (text.s[i] == ':' && i + 1 < text.len &&
			kinds_rank(&s->kinds, (struct str){text.s, i}) <= (int)s->kinds.n)
			colon = text.s + i;
	kind = (struct str){text.s, colon ? (size_t)(colon - text.s) : 0};
	if (!colon) {
		no_kind(&s->kinds, text, err);
		return STORE_ERROR;
	}
	text = (struct str){colon + 1, text.len - kind.len - 1};
	for (size_t i = 0; i < text.len && str_is(kind, "crm"); i++)
		at = text.s[i] == '@' ? text.s + i : at;
	if (str_is(kind, "crm") && (!at || at == text.s || at + 1 == text.s + text.len)) {
		buf_printf(err, "crm:%s: whose number? crm:NUMBER@SOURCE", text.s);
		return STORE_ERROR;
	}
	buf_put(&out->kind, kind);
	if (at) {
		buf_add(&out->value, text.s, (size_t)(at - text.s));
		buf_puts(&out->scope, at + 1);
	} else {
		as_recorded(&out->value, text);
	}
	if ((str_is(kind, "phone") && (out->value.s[0] != '+' || out->value.len < 5)) ||
		(str_is(kind, "email") && !strchr(out->value.s, '@'))) {
		buf_printf(err, "%s: no %.*s as records write it", text.s, (int)kind.len, kind.s);
		return STORE_ERROR;
	}
	return 0;
}

static int find_all(struct store *s, const char *text, struct names *found, struct buf *err)
{
	struct person p;
	int64_t ident = 0;
	int status = by_number(s, text, &p, err);

	if (status == 0 && p.session) {
		buf_printf(err, "%s: no identifier names this customer", text);
		return STORE_ERROR;
	}
	if (status == 0 && p.ident)
		status = strongest(s, p.ident, &ident, err);
	if (status == 0 && ident)
		*VEC_ADD(found, v, n, cap) = ident;
	else if (status == 0)
		status = look_again(s, str_of(text), found, err);
	return status;
}

int identity_find(struct store *s, const char *text, struct identity_ref *out, struct buf *err)
{
	struct names found = {NULL, 0, 0};
	int status = find_all(s, text, &found, err);

	if (status == 0 && found.n > 1)
		status = several(s, text, &found, err);
	else if (status == 0)
		status = found.n ? put_ref(s, found.v[0], out, err)
				 : put_new(s, str_of(text), out, err);
	free(found.v);
	return status;
}

/* The customers of identifiers, each once; those that are nobody's left out. */
static int customers_of(struct store *s, const struct names *found, int64_t as_of,
	struct names *out, struct buf *err)
{
	int64_t customer;
	int status = 0;

	for (size_t i = 0; i < found->n && status == 0; i++) {
		bool seen = false;

		status = persons_customer(s, found->v[i], as_of, &customer, err);
		for (size_t k = 0; k < out->n; k++)
			seen |= out->v[k] == customer;
		if (status == 0 && customer && !seen)
			*VEC_ADD(out, v, n, cap) = customer;
	}
	return status;
}

/* The customer whose number a text is, or was before a join; 0: nobody's. */
static int find_numbered(
	struct store *s, const char *text, int64_t as_of, int64_t *customer, struct buf *err)
{
	int64_t number = 0, last = 0;
	struct person p;
	int status = 0;

	*customer = 0;
	if (as_of == INT64_MAX) {
		status = by_number(s, text, &p, err);
		return status < 0 || (!p.ident && !p.session)
			       ? status
			       : store_person_customer(s, &p, customer, err);
	}
	if (text[0] != 'c' || !str_int(str_of(text + 1), &number))
		return 0;
	status = store_last(s, &last, err);
	if (status < 0 || number < 1 || number > as_of || number > last)
		return status;
	status = past_of(s, number, as_of, &p, customer, err);
	return status < 0 || *customer == number ? status
						 : find_former(s, number, as_of, customer, err);
}

static int find_customer(
	struct store *s, const char *text, int64_t as_of, int64_t *customer, struct buf *err)
{
	struct names found = {NULL, 0, 0}, customers = {NULL, 0, 0};
	int status = find_numbered(s, text, as_of, customer, err);

	if (status < 0 || *customer)
		return status;
	status = look_again(s, str_of(text), &found, err);
	if (status == 0)
		status = customers_of(s, &found, as_of, &customers, err);
	if (status == 0 && customers.n > 1)
		status = several(s, text, &found, err);
	else if (status == 0 && customers.n)
		*customer = customers.v[0];
	free(found.v);
	free(customers.v);
	return status;
}

bool identity_nobody(const char *text, int64_t shared, bool placeholder, struct buf *why)
{
	if (shared)
		buf_printf(why,
			"%s: shared by more people than its kind allows since record %lld: it "
			"names nobody",
			text, (long long)shared);
	else if (placeholder)
		buf_printf(why, "%s: a placeholder: it names nobody", text);
	return shared || placeholder;
}

int identity_none(struct store *s, const char *text, struct buf *err)
{
	struct names found = {NULL, 0, 0};
	struct ident one = {0};
	int status = look_again(s, str_of(text), &found, err);

	if (status == 0 && found.n)
		status = who_ident(s, found.v[0], &one, err);
	free(found.v);
	if (status < 0)
		return status;
	if (!identity_nobody(text, one.shared, one.placeholder, err))
		buf_printf(err, "%s: no such customer", text);
	return STORE_ERROR;
}

int identity_customer(
	struct store *s, const char *text, int64_t as_of, int64_t *customer, struct buf *err)
{
	int status = find_customer(s, text, as_of, customer, err);

	return status == 0 && !*customer ? identity_none(s, text, err) : status;
}

int store_find_customer(struct store *s, const char *text, int64_t *customer, struct buf *err)
{
	bool alone = sqlite3_get_autocommit(s->db) != 0;
	int status = alone ? store_read_begin(s, err) : 0;

	if (status == 0)
		status = store_fresh(s, err);
	if (status == 0)
		status = find_customer(s, text, INT64_MAX, customer, err);
	if (alone)
		store_read_end(s);
	return status;
}

/* ---- listing ---- */

#define ROW_IDENT "i.kind, i.scope, i.value, i.placeholder, i.shared, i.first, i.records, i.id"

static struct identity_row row_of(sqlite3_stmt *st, int64_t customer)
{
	return (struct identity_row){
		.id = {store_column(st, 0), store_column(st, 1), store_column(st, 2),
			sqlite3_column_int(st, 3) != 0, sqlite3_column_int64(st, 4) != 0},
		.customer = customer,
		.first = sqlite3_column_int64(st, 5),
		.shared = sqlite3_column_int64(st, 4),
		.records = sqlite3_column_int64(st, 6)};
}

/* A root and the number that its person had. */
struct numbered {
	int64_t root, customer;
};

struct listing {
	struct ids numbers; /* as far as they were asked for */
	struct store *s;
	int64_t customer, as_of; /* customer 0: all */
	identity_visit *visit;
	void *ctx;
};

/* A person may have thousands of identifiers, and one number. */
static int number_of(struct listing *l, int64_t ident, int64_t *customer, struct buf *err)
{
	const struct numbered *known;
	struct ident root;
	int status = forest_root(l->s, ident, l->as_of, &root, err);

	*customer = 0;
	if (status < 0)
		return status;
	known = ids_get(&l->numbers, root.id);
	if (known) {
		*customer = known->customer;
		return 0;
	}
	status = persons_customer(l->s, root.id, l->as_of, customer, err);
	if (status == 0)
		ids_add(&l->numbers, &(struct numbered){root.id, *customer});
	return status;
}

static int list_row(struct listing *l, sqlite3_stmt *st, struct buf *err)
{
	struct identity_row row = row_of(st, 0);
	int64_t customer;
	int status = number_of(l, sqlite3_column_int64(st, 7), &customer, err);

	/* Texts are valid until the statement is stepped again, which nothing did. */
	row.customer = customer;
	row.people = sqlite3_column_int64(st, 8);
	if (row.shared > l->as_of) {
		row.shared = row.records = 0;
		row.id.shared = false;
	}
	if (status < 0 || (l->customer && customer != l->customer))
		return status;
	return l->visit(l->ctx, &row, err);
}

static int list_all(struct listing *l, const char *sql, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(l->s, sql, &st, err);

	ids_init(&l->numbers, sizeof(struct numbered));

	if (status == 0 && sqlite3_bind_parameter_count(st))
		sqlite3_bind_int64(st, 1, l->as_of);
	while (status >= 0 && (status = store_step(l->s, st, err)) == 1) {
		status = list_row(l, st, err);
		if (status != 0)
			break;
	}
	sqlite3_finalize(st);
	ids_release(&l->numbers);
	return status;
}

int identity_each(struct store *s, int64_t customer, int64_t as_of, identity_visit *visit,
	void *ctx, struct buf *err)
{
	struct listing l = {{0}, s, customer, as_of, visit, ctx};

	return list_all(
		&l, "SELECT " ROW_IDENT ", 0 FROM ident i WHERE i.first<=?1 ORDER BY i.id", err);
}

int identity_each_shared(struct store *s, identity_visit *visit, void *ctx, struct buf *err)
{
	struct listing l = {{0}, s, 0, INT64_MAX, visit, ctx};

	return list_all(&l,
		"SELECT " ROW_IDENT ", (SELECT max(n) FROM (SELECT count(*) AS n FROM edge e"
		" JOIN ident o ON o.id=e.b WHERE e.a=i.id AND e.cut IS NULL AND o.rank<i.rank"
		" AND o.shared IS NULL"
		" GROUP BY o.rank, o.scope))"
		" FROM ident i WHERE i.shared IS NOT NULL ORDER BY i.records DESC, i.id",
		err);
}

/* ---- what holds people together ---- */

struct bridges {
	struct store *s;
	const struct graph *g;
	identity_bridge *visit;
	void *ctx;
	sqlite3_stmt *st[2];
	int64_t customer;
	int status;
	struct buf *err;
};

static int tell_edge(struct bridges *b, const struct graph_edge *e, int64_t side)
{
	const size_t place[2] = {e->a, e->b};
	struct identity_row row[2];
	int status = 0;

	for (int i = 0; i < 2 && status == 0; i++) {
		sqlite3_bind_int64(b->st[i], 1, b->g->node.v[place[i]]);
		status = store_step(b->s, b->st[i], b->err);
		if (status != 1)
			return status < 0 ? status
					  : who_missing(b->s, b->g->node.v[place[i]], b->err);
		row[i] = row_of(b->st[i], b->customer);
		status = 0;
	}
	status = b->visit(b->ctx, &row[0], &row[1], e->first, side, b->err);
	sqlite3_reset(b->st[0]);
	sqlite3_reset(b->st[1]);
	return status;
}

static void see_bridge(void *ctx, const struct graph_edge *e, size_t side)
{
	struct bridges *b = ctx;

	if (b->status == 0)
		b->status = tell_edge(b, e, (int64_t)side);
}

static int begin_telling(struct bridges *b)
{
	for (int i = 0; i < 2 && b->status == 0; i++)
		b->status = store_prepare(
			b->s, "SELECT " ROW_IDENT " FROM ident i WHERE i.id=?1", &b->st[i], b->err);
	return b->status;
}

static int end_telling(struct bridges *b)
{
	sqlite3_finalize(b->st[0]);
	sqlite3_finalize(b->st[1]);
	return b->status;
}

int identity_bridges(
	struct store *s, size_t least, identity_bridge *visit, void *ctx, struct buf *err)
{
	struct bridges b = {.s = s, .visit = visit, .ctx = ctx, .err = err};
	struct graph g;
	sqlite3_stmt *st = NULL;

	if (begin_telling(&b) == 0)
		b.status = store_prepare(s,
			"SELECT id, key FROM ident WHERE parent IS NULL AND size>=?1 ORDER BY size "
			"DESC, id",
			&st, err);
	if (b.status == 0)
		sqlite3_bind_int64(st, 1, (int64_t)(2 * least));
	while (b.status == 0 && (b.status = store_step(s, st, err)) == 1) {
		b.status = graph_read(s, sqlite3_column_int64(st, 0), &g, err);
		b.customer = sqlite3_column_int64(st, 1);
		b.g = &g;
		if (b.status == 0)
			graph_bridges(&g, least, see_bridge, &b);
		graph_release(&g);
	}
	sqlite3_finalize(st);
	return end_telling(&b);
}

int identity_way(struct store *s, int64_t from, int64_t to, identity_bridge *visit, void *ctx,
	struct buf *err)
{
	struct bridges b = {.s = s, .visit = visit, .ctx = ctx, .err = err};
	struct names way = {NULL, 0, 0};
	struct graph g = {{NULL, 0, 0}, NULL, 0, 0};
	struct ident root;

	b.g = &g;
	b.status = forest_root(s, from, INT64_MAX, &root, err);
	if (b.status == 0)
		b.status = graph_read(s, root.id, &g, err);
	b.customer = root.key;
	if (b.status == 0 && begin_telling(&b) == 0 && graph_way(&g, from, to, &way))
		for (size_t i = 0; i < way.n && b.status == 0; i++)
			b.status = tell_edge(&b, &g.v[way.v[i]], 0);
	free(way.v);
	graph_release(&g);
	return end_telling(&b);
}
