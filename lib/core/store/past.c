#include "core/store/past.h"
#include "base/mem.h"
#include "base/progress.h"
#include "core/store/persons.h"

#include <stdlib.h>

/* Of session s as of ?1: it names nobody, or but whom too many share. */
#define NOT_SHARED "(i.shared IS NULL OR i.shared>?1)"
#define SESSION_ALONE                                                                              \
	"s.first<=?1 AND NOT EXISTS (SELECT 1 FROM ident i WHERE i.id=s.ident AND s.named<=?1"     \
	" AND " NOT_SHARED ") AND NOT EXISTS (SELECT 1 FROM other o JOIN ident i ON i.id=o.ident"  \
	" WHERE o.session=s.id AND o.first<=?1 AND " NOT_SHARED ")"

int past_place(struct store *s, int64_t recorded, int64_t *seq, struct buf *err)
{
	return store_one_number(s,
		"SELECT seq FROM event WHERE recorded<=?1 ORDER BY seq DESC LIMIT 1", recorded, seq,
		err);
}

int past_begin(struct store *s, int64_t as_of, int64_t *ms, struct buf *err)
{
	if (as_of == INT64_MAX)
		return store_begin_time(s, ms, err);
	/* As store_see has it. */
	return store_one_number(s,
		"SELECT coalesce(min(time),0) FROM event WHERE seq<=?1 AND time<=recorded+86400000",
		as_of, ms, err);
}

int past_keep_begin(struct store *s, int64_t ms, struct buf *err)
{
	return store_meta_keep(s, "begin", ms, err);
}

static void add(struct seqs *out, int64_t n)
{
	*VEC_ADD(out, v, n, cap) = n;
}

static void sort(struct seqs *v)
{
	if (v->n)
		qsort(v->v, v->n, sizeof(*v->v), store_by_number);
}

/* People who had identifiers that were somebody's. */
static int named_people(struct store *s, int64_t as_of, struct seqs *out, struct buf *err)
{
	struct progress progress;
	struct ident root;
	sqlite3_stmt *st;
	int64_t number, last = 0;
	int status = store_prepare(s,
		"SELECT i.id FROM ident i WHERE i.first<=?1 AND i.placeholder=0 AND " NOT_SHARED
		" ORDER BY i.id",
		&st, err);

	if (status == 0)
		sqlite3_bind_int64(st, 1, as_of);
	if (status == 0)
		status = store_one_number(
			s, "SELECT coalesce(max(id),0) FROM ident WHERE ?1", 1, &last, err);
	progress_begin(&progress, "identifiers", false);
	progress.whole = (uint64_t)last;
	while (status >= 0 && (status = store_step(s, st, err)) == 1) {
		int64_t id = sqlite3_column_int64(st, 0);

		progress_step(&progress, (uint64_t)id);
		status = forest_root(s, id, as_of, &root, err);
		if (status < 0 || root.id != id)
			continue;
		status = persons_earliest(s, id, as_of, &number, err);
		if (number)
			add(out, number);
	}
	progress_end(&progress);
	sqlite3_finalize(st);
	return status;
}

static int sessions_alone(struct store *s, int64_t as_of, struct seqs *out, struct buf *err)
{
	sqlite3_stmt *st;
	int status =
		store_prepare(s, "SELECT s.first FROM session s WHERE " SESSION_ALONE, &st, err);

	if (status == 0)
		sqlite3_bind_int64(st, 1, as_of);
	while (status >= 0 && (status = store_step(s, st, err)) == 1)
		add(out, sqlite3_column_int64(st, 0));
	sqlite3_finalize(st);
	return status;
}

int past_customers(struct store *s, int64_t as_of, struct seqs *out, struct buf *err)
{
	int status;

	out->n = 0;
	if (as_of == INT64_MAX)
		return store_numbers(s, "SELECT key FROM person ORDER BY key", out, err);
	status = named_people(s, as_of, out, err);
	if (status == 0)
		status = sessions_alone(s, as_of, out, err);
	sort(out);
	return status;
}

int past_of(struct store *s, int64_t seq, int64_t as_of, struct person *p, int64_t *customer,
	struct buf *err)
{
	struct buf body = BUF_INIT;
	struct store_row row;
	struct session in;
	int status = store_row(s, seq, as_of, &row, &body, err);

	*customer = 0;
	*p = (struct person){0, 0};
	if (status == 0)
		status = store_person(s, &row, as_of, p, err);
	buf_release(&body);
	if (status < 0)
		return status;
	if (p->ident)
		return persons_customer(s, p->ident, as_of, customer, err);
	status = who_session(s, p->session, &in, err);
	*customer = status < 0 ? 0 : in.first;
	return status;
}

int past_person(struct store *s, int64_t customer, int64_t as_of, struct person *p, struct buf *err)
{
	int64_t number = 0;
	int status = 0;

	if (as_of == INT64_MAX)
		return store_person_by_customer(s, customer, p, err);
	*p = (struct person){0, 0};
	if (customer > 0 && customer <= as_of)
		status = past_of(s, customer, as_of, p, &number, err);
	if (number != customer)
		*p = (struct person){0, 0};
	return status;
}

/* ---- what changed ---- */

struct changes {
	struct store *s;
	int64_t since, as_of;
	struct ids idents, sessions;	  /* to be looked at */
	struct ids roots_now, roots_then; /* of people whose identifiers were: as of as_of, as of
					       since */
	struct ids now, then;		  /* numbers */
	sqlite3_stmt *alone;
};

static void note(struct ids *set, int64_t id)
{
	if (id && !ids_get(set, id))
		ids_add(set, &id);
}

/* The numbers that a query with both ends gives. */
static int note_all(struct changes *c, struct ids *set, const char *sql, struct buf *err)
{
	sqlite3_stmt *st;
	int status = store_prepare(c->s, sql, &st, err);

	if (status == 0) {
		sqlite3_bind_int64(st, 1, c->since);
		sqlite3_bind_int64(st, 2, c->as_of);
	}
	while (status >= 0 && (status = store_step(c->s, st, err)) == 1)
		note(set, sqlite3_column_int64(st, 0));
	sqlite3_finalize(st);
	return status;
}

/* The sessions of identifiers that came to be shared: what was theirs is others'. */
static int note_shared(struct changes *c, struct buf *err)
{
	struct seqs sessions = {NULL, 0, 0};
	struct ids shared;
	int status;

	ids_init(&shared, sizeof(int64_t));
	status = note_all(c, &shared, "SELECT id FROM ident WHERE shared>?1 AND shared<=?2", err);
	for (size_t i = 0; i < shared.n && status == 0; i++) {
		sessions.n = 0;
		status = runs_each(
			c->s, RUNS_MEMBER, *(int64_t *)ids_at(&shared, i), &sessions, err);
		for (size_t k = 0; k < sessions.n; k++)
			note(&c->sessions, sessions.v[k]);
	}
	ids_release(&shared);
	free(sessions.v);
	return status;
}

/* Of one who was erased it is not known any more who she had been: any record may have been her
 * number. */
static int note_erased_session(
	struct changes *c, int64_t session, struct seqs *records, struct buf *err)
{
	int status = runs_each(c->s, RUNS_SESSION, session, records, err);

	for (size_t i = 0; i < records->n; i++)
		if (records->v[i] <= c->since)
			note(&c->then, records->v[i]);
	return status;
}

static int note_erased(struct changes *c, struct buf *err)
{
	struct seqs sessions = {NULL, 0, 0}, records = {NULL, 0, 0};
	struct ids erased;
	int status;

	ids_init(&erased, sizeof(int64_t));
	status = note_all(c, &erased,
		"SELECT i.id FROM event e JOIN ident i ON i.id=e.ident WHERE i.kind='erased'"
		" AND e.seq>?1 AND e.seq<=?2",
		err);
	for (size_t i = 0; i < erased.n && status == 0; i++) {
		status = runs_each(
			c->s, RUNS_MEMBER, *(int64_t *)ids_at(&erased, i), &sessions, err);
		for (size_t k = 0; k < sessions.n && status == 0; k++)
			status = note_erased_session(c, sessions.v[k], &records, err);
	}
	ids_release(&erased);
	free(sessions.v);
	free(records.v);
	return status;
}

#define IN(column) "(" column ">?1 AND " column "<=?2)"

/* Sessions and identifiers of new records and of those that got new labels, and whatever of who is
 * who moved. */
static int gather(struct changes *c, struct buf *err)
{
	static const char *const sessions[] = {"SELECT session FROM event WHERE " IN("seq"),
		"SELECT e.session FROM label l JOIN event e ON e.seq=l.seq WHERE " IN("l.by"),
		"SELECT id FROM session WHERE " IN("mixed")};
	static const char *const idents[] = {"SELECT ident FROM event WHERE " IN("seq"),
		"SELECT e.ident FROM label l JOIN event e ON e.seq=l.seq WHERE " IN("l.by"),
		"SELECT id FROM ident WHERE " IN("first") " OR " IN("joined") " OR " IN(
			"since") " OR " IN("shared"),
		"SELECT ident FROM was WHERE " IN("until") " OR " IN("joined")};
	int status = 0;

	for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]) && status == 0; i++)
		status = note_all(c, &c->sessions, sessions[i], err);
	for (size_t i = 0; i < sizeof(idents) / sizeof(idents[0]) && status == 0; i++)
		status = note_all(c, &c->idents, idents[i], err);
	if (status == 0)
		status = note_erased(c, err);
	return status < 0 ? status : note_shared(c, err);
}

/* The session as a customer of its own, where it was one as of a sequence. */
static int note_alone(
	struct changes *c, int64_t session, int64_t as_of, struct ids *set, struct buf *err)
{
	int status;

	sqlite3_bind_int64(c->alone, 1, as_of);
	sqlite3_bind_int64(c->alone, 2, session);
	status = store_step(c->s, c->alone, err);
	if (status != 1)
		return status;
	note(set, sqlite3_column_int64(c->alone, 0));
	sqlite3_reset(c->alone);
	return 0;
}

static int see_session(struct changes *c, int64_t session, struct buf *err)
{
	struct names in = {NULL, 0, 0};
	int status = forest_numbers(c->s, Q_SESSION_IDENTS, session, 0, INT64_MAX, &in, err);

	for (size_t i = 0; i < in.n; i++)
		note(&c->idents, in.v[i]);
	if (status == 0)
		status = note_alone(c, session, c->since, &c->then, err);
	if (status == 0)
		status = note_alone(c, session, c->as_of, &c->now, err);
	free(in.v);
	return status;
}

/* Whose it was as of a sequence: her number, and her other identifiers, whose people changed too.
 */
static int see_person(struct changes *c, int64_t ident, int64_t as_of, struct ids *roots,
	struct ids *numbers, struct buf *err)
{
	struct names all = {NULL, 0, 0};
	struct ident one, root;
	int64_t number = 0;
	int status = who_ident(c->s, ident, &one, err);

	if (status < 0 || one.first > as_of)
		return status;
	status = forest_root(c->s, ident, as_of, &root, err);
	if (status < 0 || ids_get(roots, root.id))
		return status;
	note(roots, root.id);
	status = forest_members(c->s, root.id, as_of, &all, err);
	for (size_t i = 0; i < all.n; i++)
		note(&c->idents, all.v[i]);
	if (status == 0)
		status = persons_customer(c->s, root.id, as_of, &number, err);
	note(numbers, number);
	free(all.v);
	return status;
}

static int follow(struct changes *c, struct buf *err)
{
	int status = 0;

	for (size_t i = 0; i < c->sessions.n && status == 0; i++)
		status = see_session(c, *(int64_t *)ids_at(&c->sessions, i), err);
	/* Grows meanwhile. */
	for (size_t i = 0; i < c->idents.n && status == 0; i++) {
		int64_t ident = *(int64_t *)ids_at(&c->idents, i);

		status = see_person(c, ident, c->since, &c->roots_then, &c->then, err);
		if (status == 0)
			status = see_person(c, ident, c->as_of, &c->roots_now, &c->now, err);
	}
	return status;
}

/* Numbers of then are somebody's still, or gone. */
static int tell(struct changes *c, struct seqs *changed, struct seqs *gone, struct buf *err)
{
	int status = 0;

	changed->n = gone->n = 0;
	for (size_t i = 0; i < c->then.n && status == 0; i++) {
		int64_t number = *(int64_t *)ids_at(&c->then, i);
		struct person p;

		status = past_person(c->s, number, c->as_of, &p, err);
		if (p.ident || p.session)
			note(&c->now, number);
		else
			add(gone, number);
	}
	for (size_t i = 0; i < c->now.n; i++)
		add(changed, *(int64_t *)ids_at(&c->now, i));
	sort(changed);
	sort(gone);
	return status;
}

int past_changed(struct store *s, int64_t since, int64_t as_of, struct seqs *changed,
	struct seqs *gone, struct buf *err)
{
	struct changes c = {.s = s, .since = since, .as_of = as_of};
	struct ids *const sets[] = {
		&c.idents, &c.sessions, &c.roots_now, &c.roots_then, &c.now, &c.then};
	int status;

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		ids_init(sets[i], sizeof(int64_t));
	status = store_prepare(
		s, "SELECT s.first FROM session s WHERE s.id=?2 AND " SESSION_ALONE, &c.alone, err);
	if (status == 0)
		status = gather(&c, err);
	if (status == 0)
		status = follow(&c, err);
	if (status == 0)
		status = tell(&c, changed, gone, err);
	sqlite3_finalize(c.alone);
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		ids_release(sets[i]);
	return status;
}
