/* What is read of sessions and identifiers ahead of the transaction that asks for it. */
#include "core/store/who.h"
#include "base/mem.h"

#include <stdlib.h>

void who_rows_init(struct who_rows *rows)
{
	*rows = (struct who_rows){0};
	ids_init(&rows->idents, sizeof(struct ident));
	ids_init(&rows->sessions, sizeof(struct session));
}

void who_rows_clear(struct who_rows *rows)
{
	ids_clear(&rows->idents);
	ids_clear(&rows->sessions);
	rows->ident_want.n = rows->session_want.n = 0;
}

void who_rows_release(struct who_rows *rows)
{
	ids_release(&rows->idents);
	ids_release(&rows->sessions);
	free(rows->ident_want.v);
	free(rows->session_want.v);
}

void who_want_ident(const struct store *s, struct who_rows *rows, int64_t id)
{
	if (id && !ids_get(&s->who.idents, id) && !ids_get(&rows->idents, id))
		*VEC_ADD(&rows->ident_want, v, n, cap) = id;
}

void who_want_session(const struct store *s, struct who_rows *rows, int64_t id)
{
	if (id && !ids_get(&s->who.sessions, id) && !ids_get(&rows->sessions, id))
		*VEC_ADD(&rows->session_want, v, n, cap) = id;
}

int64_t who_note_ident(const struct store *s, struct who_rows *rows, const struct ident *i)
{
	const struct ident *kept = ids_get(&s->who.idents, i->id);
	const struct ident *now = kept ? kept : i;

	if (!kept && !ids_get(&rows->idents, i->id)) {
		ids_add(&rows->idents, i);
		who_want_ident(s, rows, i->parent);
	}
	/* Shared ones name nobody either. */
	return now->placeholder || now->shared ? -now->id : now->id;
}

void who_note_session(const struct store *s, struct who_rows *rows, const struct session *in)
{
	if (ids_get(&s->who.sessions, in->id) || ids_get(&rows->sessions, in->id))
		return;
	ids_add(&rows->sessions, in);
	who_want_ident(s, rows, in->ident);
}

/* In the order in which they are on file. */
static void sort(struct names *v)
{
	if (v->n)
		qsort(v->v, v->n, sizeof(*v->v), store_by_number);
}

static int read_sessions(
	const struct store *s, struct store *from, struct who_rows *rows, struct buf *err)
{
	struct session one;
	int status = 0;

	sort(&rows->session_want);
	for (size_t i = 0; i < rows->session_want.n && status == 0; i++) {
		if (ids_get(&rows->sessions, rows->session_want.v[i]))
			continue;
		status = who_session(from, rows->session_want.v[i], &one, err);
		if (status == 0)
			who_note_session(s, rows, &one);
	}
	rows->session_want.n = 0;
	return status;
}

int who_read_wanted(
	const struct store *s, struct store *from, struct who_rows *rows, struct buf *err)
{
	int status = read_sessions(s, from, rows, err);
	struct ident one;

	while (rows->ident_want.n && status == 0) {
		struct names now = rows->ident_want;

		/* Those above them come next. */
		rows->ident_want = (struct names){NULL, 0, 0};
		sort(&now);
		for (size_t i = 0; i < now.n && status == 0; i++) {
			if (ids_get(&rows->idents, now.v[i]))
				continue;
			status = who_ident(from, now.v[i], &one, err);
			if (status == 0)
				who_note_ident(s, rows, &one);
		}
		free(now.v);
	}
	return status;
}

void who_remember(struct store *s, const struct who_rows *rows)
{
	for (size_t i = 0; i < rows->idents.n; i++) {
		const struct ident *one = ids_at(&rows->idents, i);

		if (!ids_get(&s->who.idents, one->id))
			ids_add(&s->who.idents, one);
	}
	for (size_t i = 0; i < rows->sessions.n; i++) {
		const struct session *one = ids_at(&rows->sessions, i);

		if (!ids_get(&s->who.sessions, one->id))
			ids_add(&s->who.sessions, one);
	}
}
