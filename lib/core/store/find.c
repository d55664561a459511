#include "core/store/find.h"
#include "core/store/who.h"

struct finding {
	struct store *s;
	struct str source, id;
	struct cache_key key;
	int64_t seq;
};

static int see(void *ctx, size_t i, int64_t seq, struct buf *err)
{
	struct finding *f = ctx;
	bool same;
	int status = store_names(f->s, seq, f->source, f->id, f->key, &same, err);

	(void)i;
	if (status == 0 && same)
		f->seq = seq;
	return status;
}

int store_find(struct store *s, struct str source, struct str id, int64_t *seq, struct buf *err)
{
	struct finding f = {s, source, id, store_digest(s, (struct str[]){source, id}, 2), 0};
	int status = runs_find(s, RUNS_KEY, &f.key.a, 1, see, &f, err);

	*seq = f.seq;
	return status;
}

struct naming {
	struct store *s;
	struct str kind, scope, value;
	struct ident found; /* its id is 0: none */
};

static int see_ident(void *ctx, size_t i, int64_t id, struct buf *err)
{
	struct naming *n = ctx;

	(void)i;
	return who_is_ident(n->s, id, n->kind, n->scope, n->value, &n->found, err);
}

int store_find_ident(struct store *s, struct str kind, struct str scope, struct str value,
	int64_t *id, struct buf *err)
{
	struct naming n = {s, kind, scope, value, {0}};
	uint64_t key = store_digest(s, &value, 1).a;
	int status = runs_find(s, RUNS_IDENT, &key, 1, see_ident, &n, err);

	*id = n.found.id;
	return status < 0 ? status : 0;
}
