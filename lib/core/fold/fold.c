#include "core/fold/internal.h"

#include <stdlib.h>

#define KEPT_BYTES ((size_t)8 << 20) /* of a fold for the next customer */

struct fold *fold_new(const struct ontology *o)
{
	struct fold *f = mem_zero(1, sizeof(*f));

	f->ontology = o;
	f->state = mem_zero(1, sizeof(*f->state));
	f->state->pool = f->state->people = f->state->place_of = f->state->contact_of =
		(struct map)MAP_TOGETHER;
	buf_init(&f->state->key);
	for (size_t i = 0; i < o->entity_n && i < 64; i++) {
		f->state->identity_mask |= (uint64_t)o->entities[i].identity << i;
		f->state->mandatory_mask |= (uint64_t)o->entities[i].mandatory << i;
	}
	for (size_t i = 0; i < o->signal_n && i < 64; i++)
		f->state->repeat_mask |= (uint64_t)(strcmp(o->signals[i].id, "repeat") == 0) << i;
	return f;
}

void fold_clear(struct fold *f, bool known)
{
	struct fold_state *s = f->state;

	f->known = known;
	f->contact_n = f->issue_n = f->switch_n = f->move_n = f->question_n = f->commitment_n =
		f->opportunity_n = f->touch_n = f->survey_n = f->decision_n = f->outbound_n =
			f->handoff_n = f->stage_n = f->entity_n = 0;
	s->extra_n = s->said_n = s->mark_n = s->named_n = s->text_n = s->human_n = s->place_n =
		s->close_n = s->saying_n = s->event_n = s->done = 0;
	s->unsorted = s->linked = s->related = s->bounded = s->sayings_mixed = false;
	account_clear(&s->account);
	fold_no_turns(f);
	for (int k = 0; k < WAITING_COUNT; k++)
		s->waiting[k].n = s->waiting[k].ringing = 0;
	map_clear(&s->pool);
	map_clear(&s->people);
	map_clear(&s->place_of);
	map_clear(&s->contact_of);
}

void fold_free(struct fold *f)
{
	struct fold_state *s;

	if (!f)
		return;
	s = f->state;
	map_release(&s->pool);
	map_release(&s->people);
	map_release(&s->place_of);
	map_release(&s->contact_of);
	free(f->contacts);
	free(f->issues);
	free(f->switches);
	free(f->moves);
	free(f->questions);
	free(f->commitments);
	free(f->opportunities);
	free(f->touches);
	free(f->surveys);
	free(f->decisions);
	free(f->outbounds);
	free(f->handoffs);
	free(f->stages);
	free(f->entities);
	free(s->said);
	free(s->extras);
	free(s->marks);
	buf_release(&s->key);
	free(s->texts);
	free(s->humans);
	free(s->places);
	free(s->closes);
	free(s->turns);
	free(s->later_turns);
	heap_release(&s->later);
	fold_owners_release(&s->owners);
	free(s->named);
	free(s->sayings);
	for (int k = 0; k < WAITING_COUNT; k++)
		free(s->waiting[k].v);
	account_release(&s->account);
	free(s->events);
	free(s);
	free(f);
}

/* The map keeps the bytes; texts points at them. */
int32_t pool_put(struct fold *f, struct str text)
{
	struct fold_state *s = f->state;
	union map_value *v;
	bool fresh;

	if (!text.len)
		return 0;
	v = map_slot(&s->pool, text, &fresh);
	if (fresh) {
		(void)VEC_ADD(s, texts, text_n, text_cap);
		v->n = (int64_t)s->text_n;
		s->texts[s->text_n - 1] = map_key(v);
	}
	return (int32_t)v->n;
}

struct str fold_text(const struct fold *f, int32_t id)
{
	return id > 0 && (size_t)id <= f->state->text_n ? f->state->texts[id - 1]
							: (struct str){NULL, 0};
}

size_t fold_texts(const struct fold *f)
{
	return f->state->text_n;
}

static int compare(const void *pa, const void *pb)
{
	const struct fold_event *a = pa, *b = pb;

	return EVENT_COMPARE(a, b);
}

void fold_add(struct fold *f, const struct event *ev, int64_t seq, int64_t order)
{
	struct fold_state *s = f->state;
	struct fold_event *e = VEC_ADD(s, events, event_n, event_cap);

	fold_read(f, ev, e);
	e->seq = seq;
	e->order = order;
	if (s->event_n > 1 && compare(e - 1, e) > 0)
		s->unsorted = true;
	s->linked = s->bounded = false;
}

void fold_until(struct fold *f, int64_t time, int64_t order, int64_t seq)
{
	f->state->bounded = true;
	f->state->until = (struct fold_event){.time = time, .order = order, .seq = seq};
	f->state->linked = false;
}

/* Everything begins again: a late event came, or the fold is to stand before what it took up. */
static void restart(struct fold *f)
{
	struct fold_state *s = f->state;

	if (s->unsorted)
		qsort(s->events, s->event_n, sizeof(*s->events), compare);
	for (int k = 0; k < WAITING_COUNT; k++)
		s->waiting[k].n = s->waiting[k].ringing = 0;
	f->contact_n = 0;
	fold_no_turns(f);
	s->human_n = s->place_n = s->close_n = s->saying_n = s->done = 0;
	account_clear(&s->account);
	map_clear(&s->people);
	map_clear(&s->place_of);
	map_clear(&s->contact_of);
	s->unsorted = s->related = s->sayings_mixed = false;
}

void fold_run(struct fold *f)
{
	struct fold_state *s = f->state;

	if (s->unsorted ||
		(s->bounded && s->done && compare(&s->events[s->done - 1], &s->until) > 0))
		restart(f);
	for (; s->done < s->event_n; s->done++) {
		if (s->bounded && compare(&s->events[s->done], &s->until) > 0)
			break;
		s->events[s->done].contact = 0;
		fold_people(f, &s->events[s->done]);
		fold_contact(f, &s->events[s->done]);
		account_take(f, &s->events[s->done]);
	}
}

bool fold_later(const struct fold *f)
{
	return f->state->done < f->state->event_n;
}

size_t fold_contact_of(const struct fold *f, int64_t seq)
{
	struct fold_state *s = f->state;

	/* What is asked for is nearly always the last, or one soon behind that which was asked for
	 * before. */
	if (s->done && s->events[s->done - 1].seq == seq)
		return s->events[s->done - 1].contact;
	for (size_t i = 0; i < s->done; i++) {
		s->asked = s->asked + 1 < s->done ? s->asked + 1 : 0;
		if (s->events[s->asked].seq == seq)
			return s->events[s->asked].contact;
	}
	return 0;
}

int64_t fold_began(const struct fold *f)
{
	return f->state->done ? f->state->events[0].time : 0;
}

size_t fold_events(const struct fold *f)
{
	return f->state->done;
}

/* What a map takes for its table, and for an entry with its key. */
#define MAP_TABLE ((size_t)1024)
#define MAP_ENTRY ((size_t)96)

size_t fold_size(const struct fold *f)
{
	const struct fold_state *s = f->state;
	size_t maps = s->text_n + s->human_n + s->place_n + f->contact_n * 2;
	size_t bytes = sizeof(*f) + sizeof(*s) + 4 * MAP_TABLE + maps * MAP_ENTRY;

	bytes += f->contact_cap * sizeof(*f->contacts) + f->issue_cap * sizeof(*f->issues) +
		 f->switch_cap * sizeof(*f->switches) + f->move_cap * sizeof(*f->moves);
	bytes += s->event_cap * sizeof(*s->events) + s->text_cap * sizeof(*s->texts) +
		 s->human_cap * sizeof(*s->humans) + s->place_cap * sizeof(*s->places) +
		 s->close_cap * sizeof(*s->closes) + s->saying_cap * sizeof(*s->sayings) +
		 (s->turn_cap + s->later_turn_cap) * sizeof(*s->turns) +
		 s->later.cap * sizeof(*s->later.v) + s->named_cap * sizeof(*s->named) +
		 s->extra_cap * sizeof(*s->extras) + s->mark_cap * sizeof(*s->marks) +
		 account_size(&s->account) + fold_owners_size(&s->owners);
	bytes += f->question_cap * sizeof(*f->questions) +
		 f->commitment_cap * sizeof(*f->commitments) +
		 f->opportunity_cap * sizeof(*f->opportunities) +
		 f->touch_cap * sizeof(*f->touches) + f->survey_cap * sizeof(*f->surveys) +
		 f->decision_cap * sizeof(*f->decisions) + f->outbound_cap * sizeof(*f->outbounds) +
		 f->handoff_cap * sizeof(*f->handoffs) + f->stage_cap * sizeof(*f->stages) +
		 f->entity_cap * sizeof(*f->entities) + s->said_cap * sizeof(*s->said);
	for (int k = 0; k < WAITING_COUNT; k++)
		bytes += s->waiting[k].cap * sizeof(size_t);
	return bytes;
}

bool fold_same_matter(const struct contact *a, const struct contact *b)
{
	return a->issue == b->issue || (a->family && a->family == b->family);
}

void fold_spare(struct fold **f)
{
	if (fold_size(*f) <= KEPT_BYTES)
		return;
	fold_free(*f);
	*f = NULL;
}
