#include "stage/standing.h"
#include "base/die.h"
#include "core/kinds.h"
#include "core/store/facts.h"
#include "core/store/identities.h"
#include "core/store/measure.h"

int standing_find(
	struct store *s, const int64_t *as_of, struct report_place *place, struct buf *err)
{
	struct buf body = BUF_INIT;
	struct store_row last;
	int status = store_last(s, &place->sequence, err);

	if (status == 0)
		status = store_horizon(s, &place->horizon, err);
	if (as_of)
		place->horizon = *as_of;
	if (status == 0 && place->sequence) {
		status = store_row(s, place->sequence, INT64_MAX, &last, &body, err);
		place->as_of = status == 0 ? last.recorded : 0;
	}
	buf_release(&body);
	return status;
}

static int add_nobody(void *ctx, const char *name, bool shared, int64_t count, struct buf *err)
{
	struct buf *text = ctx;

	(void)shared;
	(void)err;
	buf_printf(text, "%s%s (%lld records)", text->len ? ", " : "", name, (long long)count);
	return 0;
}

int standing_warn(struct store *s, const struct measure *m, struct buf *err)
{
	struct buf stale = BUF_INIT, nobodies = BUF_INIT;
	int64_t beyond = 0, horizon = 0;
	int status = store_horizon(s, &horizon, err) < 0 ? STORE_ERROR : 0;

	if (status == 0)
		status = measure_stale(store_handle(s), m, &stale, err);
	if (status == 0)
		status = store_nobodies(s, add_nobody, &nobodies, err);
	if (status == 0)
		status = measure_beyond(store_handle(s), m->horizon, &beyond, err);
	if (status == 0 && m->horizon > horizon)
		warn("--as-of is behind the log's end: nothing of what came then is seen");
	if (status == 0 && beyond && m->horizon == horizon)
		warn("contacts that begin behind the horizon, more than a day after they were "
		     "recorded: %lld",
			(long long)beyond);
	if (status == 0 && stale.len)
		warn("ended before the horizon less the window: %s", stale.s);
	if (status == 0 && nobodies.len)
		warn("names nobody, left out where contacts are linked: %s", nobodies.s);
	buf_release(&stale);
	buf_release(&nobodies);
	return status;
}

static int derive(
	struct store *s, const struct ontology *o, enum identity_rules by, struct buf *err)
{
	int status = store_begin(s, err);

	if (status < 0)
		return status;
	status = identity_derive(s, o, by, err);
	/* Facts of who people were before are of no use. */
	if (status == 0)
		status = facts_renew(s, err);
	if (status == 0)
		return store_commit(s, err);
	store_rollback(s);
	return status;
}

int standing_under(struct store **s, const struct ontology *o, const char *rules, struct buf *err)
{
	enum identity_rules by;
	struct store *copy;
	int status;

	if (!kinds_rules(rules, &by)) {
		buf_printf(err, "--identity: none of strict, normal, loose: %s", rules);
		return STORE_ERROR;
	}
	status = store_temporary_copy(*s, &copy, err);
	store_close(*s);
	*s = copy;
	if (status == 0)
		status = store_fast(copy, err);
	return status < 0 ? status : derive(copy, o, by, err);
}
