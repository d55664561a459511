/* How to answer: the one place where rules name channels. */
#include "base/mem.h"
#include "base/near.h"
#include "base/region.h"
#include "core/rules_part.h"

#include <stdlib.h>

static int refuse(const struct rules *r, const struct yaml *at, const char *why, struct buf *err)
{
	return yaml_refuse(r->path, at, why, err);
}

static bool takes(const struct preference *p, struct str region)
{
	for (size_t i = 0; i < p->regions.n; i++)
		if (region_within(region, p->regions.v[i]))
			return true;
	return !p->regions.n;
}

static bool listed(const struct patterns *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], name) == 0)
			return true;
	return false;
}

static int read_region(const struct rules *r, const struct yaml *v, const struct delivery *d,
	struct preference *p, struct buf *err)
{
	if (v->type != YAML_SCALAR || !region_is(v->text))
		return refuse(r, v, "a region like BR or US-CA was expected", err);
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].regions.n && takes(&d->v[i], str_of(v->text)))
			return refuse(r, v, "what stands before takes this region", err);
	*VEC_ADD(&p->regions, v, n, cap) = mem_string(v->text);
	return 0;
}

static void see_channel(void *near, struct str name, union map_value *v)
{
	(void)v;
	near_see(near, name.s);
}

static int refuse_channel(const struct rules *r, const struct yaml *v, struct buf *err)
{
	struct near near;

	near_begin(&near, str_of(v->text));
	map_each(&r->ontology->channels, see_channel, &near);
	buf_printf(err, "%s:%d:%d: unknown channel: %s", r->path, v->line, v->column, v->text);
	near_ask(&near, err);
	return -1;
}

static int read_channel(
	const struct rules *r, const struct yaml *v, struct preference *p, struct buf *err)
{
	if (v->type != YAML_SCALAR || !*v->text)
		return refuse(r, v, "a channel was expected", err);
	if (!ontology_channel(r->ontology, str_of(v->text)))
		return refuse_channel(r, v, err);
	if (!ontology_reach(r->ontology, str_of(v->text)))
		return refuse(
			r, v, "the ontology does not say how one is reached there (reach)", err);
	if (listed(&p->channels, v->text))
		return refuse(r, v, "this channel stands there already", err);
	if (p->channels.n == RULES_CHANNELS)
		return refuse(r, v, "more than 16 channels", err);
	*VEC_ADD(&p->channels, v, n, cap) = mem_string(v->text);
	return 0;
}

static int read_preference(
	const struct rules *r, const struct yaml *y, struct delivery *d, struct buf *err)
{
	static const char *const known[] = {"regions", "channels", NULL};
	const struct yaml *regions, *channels;
	struct preference *p;

	if (yaml_only(r->path, y, known, err) < 0)
		return -1;
	if (d->n && !d->v[d->n - 1].regions.n)
		return refuse(r, y, "the preference before this one takes all regions", err);
	p = VEC_ADD(d, v, n, cap);
	regions = yaml_get(y, "regions");
	channels = yaml_get(y, "channels");
	if (regions && (regions->type != YAML_SEQUENCE || !regions->child))
		return refuse(r, regions, "regions is no list of regions", err);
	if (!channels || channels->type != YAML_SEQUENCE || !channels->child)
		return refuse(r, channels ? channels : y, "no list of channels", err);
	for
		YAML_EACH(v, regions)
	if (read_region(r, v, d, p, err) < 0)
		return -1;
	for
		YAML_EACH(v, channels)
	if (read_channel(r, v, p, err) < 0)
		return -1;
	return 0;
}

int delivery_read(
	const struct rules *r, const struct yaml *of, struct delivery **out, struct buf *err)
{
	static const char *const known[] = {"purpose", "prefer", NULL};
	const struct yaml *y = yaml_get(of, "deliver"), *purpose, *prefer;

	if (!y)
		return 0;
	if (yaml_only(r->path, y, known, err) < 0)
		return -1;
	*out = mem_zero(1, sizeof(**out));
	purpose = yaml_get(y, "purpose");
	prefer = yaml_get(y, "prefer");
	if (purpose && (purpose->type != YAML_SCALAR || !*purpose->text))
		return refuse(r, purpose, "purpose is no text", err);
	(*out)->purpose = mem_string(purpose ? purpose->text : "service");
	if (!prefer || prefer->type != YAML_SEQUENCE || !prefer->child)
		return refuse(r, prefer ? prefer : y, "no list of preferences (prefer)", err);
	for
		YAML_EACH(v, prefer)
	if (read_preference(r, v, *out, err) < 0)
		return -1;
	return 0;
}

void delivery_free(struct delivery *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n; i++) {
		patterns_release(&d->v[i].regions);
		patterns_release(&d->v[i].channels);
	}
	free(d->v);
	free(d->purpose);
	free(d);
}

bool rules_deliver(const struct rules *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].deliver)
			return true;
	return r->deliver != NULL;
}

/* ---- choosing ---- */

static const struct preference *preference_of(
	const struct delivery *d, const struct event *ev, const struct context *context)
{
	struct str region = event_text(ev, DATA_REGION);

	if (!region.len && context->there[CONTEXT_region])
		region = buf_str(&context->text[CONTEXT_region]);
	for (size_t i = 0; i < d->n; i++)
		if (takes(&d->v[i], region))
			return &d->v[i];
	return NULL;
}

void delivery_choose(const struct delivery *d, const struct event *ev,
	const struct context *context, struct fold *f, struct delivered *out)
{
	const struct preference *p = preference_of(d, ev, context);
	struct str purpose = str_of(d->purpose), last;
	/* What policies see: she took all of it back, on whatever channel. */
	bool withdrawn = context_consents(context, purpose) == 0;

	*out = (struct delivered){.preferred = true};
	for (size_t i = 0; p && i < p->channels.n; i++) {
		struct str channel = str_of(p->channels.v[i]);
		enum reach_bar bar =
			withdrawn ? REACH_CONSENT : reach_on(f, channel, purpose, ev->time);

		if (bar == REACH_OPEN) {
			out->channel = channel;
			return;
		}
		out->skipped[out->skipped_n].channel = channel;
		out->skipped[out->skipped_n++].bar = bar;
	}
	out->preferred = false;
	out->bar = withdrawn ? REACH_CONSENT : reach_answer(f, purpose, ev->time, &last);
	if (out->bar == REACH_OPEN)
		out->channel = last;
}
