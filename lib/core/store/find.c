#include "core/store/find.h"
#include "core/store/internal.h"

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
