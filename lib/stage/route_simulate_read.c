/* Where the contacts of a simulation come from: records, or the rates of a staffing file. */
#include "base/mem.h"
#include "base/when.h"
#include "stage/route_simulate_part.h"

#include <math.h>
#include <stdlib.h>

/* ---- cases ---- */

static size_t queue_number(struct simulating *s, const char *queue)
{
	union map_value *v = map_slot(&s->queue_of, str_of(queue), NULL);

	if (!v->n) {
		v->n = (int64_t)s->load_n;
		VEC_ADD(s, loads, load_n, load_cap)->queue = mem_string(queue);
	}
	return (size_t)v->n;
}

static const struct duration *of_staffing(const struct simulating *s, const struct durations *of,
	const struct event *ev, const struct channel_class *class)
{
	static const struct duration none;
	const struct duration *d =
		staffing_duration(s->of->staffing, of, event_text(ev, DATA_INTENT), class);

	return d ? d : &none;
}

/* What a case is known by: where it goes, and how long it takes. */
static void put_key(struct buf *out, const struct simulated_case *c, const struct choice *choice,
	const struct channel_class *class)
{
	buf_clear(out);
	buf_printf(out, "%p %p %p %d %lld %s", (const void *)c->rule, (const void *)c->target.queue,
		(const void *)c->target.skills.v, (int)c->target.agent,
		(long long)c->target.priority, class->id);
	buf_printf(out, " %d %a %a %d %a %a ", (int)c->handling.kind, c->handling.mean,
		c->handling.sd, (int)c->patience.kind, c->patience.mean, c->patience.sd);
	buf_put(out, choice->person);
}

static uint32_t case_number(struct simulating *s, const struct choice *choice,
	const struct event *ev, const struct channel_class *class)
{
	const struct staffing *of = s->of->staffing;
	struct simulated_case c = {.rule = choice->rule,
		.target = choice->target,
		.handling = *of_staffing(s, &of->handling, ev, class),
		.patience = *of_staffing(s, &of->patience, ev, class),
		.answer = (double)class->answer / 1000,
		.class = (size_t)(class - s->of->ontology->classes)};
	union map_value *v;

	put_key(&s->key, &c, choice, class);
	v = map_slot(&s->case_of, buf_str(&s->key), NULL);
	if (!v->n) {
		c.queue = queue_number(s, c.target.queue);
		if (choice->person.len)
			c.person = mem_copy(choice->person.s, choice->person.len);
		*VEC_ADD(s, cases, case_n, case_cap) = c;
		v->n = (int64_t)s->case_n;
	}
	return (uint32_t)(v->n - 1);
}

int simulating_add(struct simulating *s, const struct choice *c, const struct event *ev,
	const struct channel_class *class, int64_t at, struct buf *err)
{
	struct simulated *one;

	if (s->n == CONTACTS_MAX) {
		buf_printf(err, "more than %d contacts", CONTACTS_MAX);
		return -1;
	}
	one = VEC_ADD(s, v, n, cap);
	one->of = case_number(s, c, ev, class);
	one->at = (double)at / 1000;
	return 0;
}

/* ---- of records ---- */

/* Whether a record begins a contact: in its conversation nothing was said for as long as its class
 * needs to end one. A record without a conversation is one. */
static bool begins(struct simulating *s, const struct event *ev, const struct channel_class *class)
{
	struct str session = event_attr(ev, ATTR_SESSION);
	union map_value *last;
	bool fresh, is;

	if (!session.len)
		return true;
	buf_clear(&s->key);
	buf_put(&s->key, event_attr(ev, ATTR_SOURCE));
	buf_byte(&s->key, '\0');
	buf_put(&s->key, session);
	last = map_slot(&s->last, buf_str(&s->key), &fresh);
	is = fresh || ev->time - last->n > class->gap;
	last->n = fresh || ev->time > last->n ? ev->time : last->n;
	return is;
}

static int take(void *ctx, struct event *ev, struct buf *err)
{
	struct simulating *s = ctx;
	struct route_simulate *of = s->of;
	const struct channel_class *class =
		ontology_class(of->ontology, event_attr(ev, ATTR_CHANNEL));
	bool in = str_is(event_attr(ev, ATTR_DIRECTION), "in");
	struct choice c;

	if (!begins(s, ev, class) || !in) {
		of->pipe.ledger->read--;
		of->passed_over++;
		return PIPE_TAKEN;
	}
	if (!when_within(&of->range, ev->time)) {
		of->pipe.ledger->read--;
		of->outside++;
		return PIPE_TAKEN;
	}
	s->status = situation_find(&s->situation, ev, err);
	if (s->status < 0)
		return PIPE_STOP;
	of->pipe.fault = s->status > 0 ? FAULT_RECORD : FAULT_MAP;
	if (s->status > 0 || rules_choose(of->rules, ev, &s->situation.context, &c, err) < 0)
		return PIPE_REFUSE;
	if (simulating_add(s, &c, ev, class, ev->time, err) < 0)
		return PIPE_STOP;
	of->pipe.ledger->written++;
	return PIPE_TAKEN;
}

static int by_time(const void *pa, const void *pb)
{
	const struct simulated *a = pa, *b = pb;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return (a->next > b->next) - (a->next < b->next);
}

/* From the first of them on, in seconds; those at the same time as they were read. */
static void put_in_order(struct simulating *s)
{
	double first;

	for (size_t i = 0; i < s->n; i++)
		s->v[i].next = (uint32_t)i;
	if (!s->n)
		return;
	qsort(s->v, s->n, sizeof(*s->v), by_time);
	first = s->v[0].at;
	s->begin = (int64_t)llround(first * 1000);
	s->last_at = (int64_t)llround(s->v[s->n - 1].at * 1000);
	for (size_t i = 0; i < s->n; i++)
		s->v[i].at -= first;
}

int simulating_read(struct simulating *s, char *const *paths, size_t n, struct buf *err)
{
	int status = s->of->from == ARRIVALS_OF_LOG
			     ? situation_read(&s->situation, s->of->pipe.ledger, take, s, err)
			     : pipe_run(&s->of->pipe, paths, n, take, s, err);

	s->of->blind = s->situation.blind;
	status = s->status < 0 ? s->status : status;
	if (status == 0)
		put_in_order(s);
	return status;
}

/* ---- of rates ---- */

int simulating_generate_begin(struct simulating *s, struct buf *err)
{
	const struct staffing *of = s->of->staffing;
	enum event_fault fault;

	s->begin = of->from;
	s->last_at = of->from + of->length;
	s->hours_of_week = staffing_hours(of);
	s->streams = mem_zero(of->arrival_n, sizeof(*s->streams));
	for (size_t i = 0; i < of->arrival_n; i++)
		event_init(&s->streams[i]);
	for (size_t i = 0; i < of->arrival_n; i++)
		if (event_read(&s->streams[i], str_of(of->arrivals[i].record), false, &fault, err) <
			0)
			return STORE_ERROR;
	return 0;
}

void simulating_generate_release(struct simulating *s)
{
	for (size_t i = 0; s->streams && i < s->of->staffing->arrival_n; i++)
		event_release(&s->streams[i]);
	free(s->streams);
	free(s->hours_of_week);
}

static double rate_at(const struct simulating *s, const struct arrivals *a, int64_t at)
{
	int64_t quarter = at / STAFFING_QUARTER - s->begin / STAFFING_QUARTER;

	return a->rate[s->hours_of_week[quarter]];
}

static int add_one(struct simulating *s, size_t stream, int64_t at, struct buf *err)
{
	struct event *ev = &s->streams[stream];
	struct choice c;

	ev->time = at;
	if (rules_choose(s->of->rules, ev, &s->situation.context, &c, err) < 0)
		return -1;
	return simulating_add(s, &c, ev, s->of->staffing->arrivals[stream].class, at, err);
}

/* A Poisson process whose rate changes: one with the highest rate, thinned (Lewis and Shedler,
 * 1979). */
static int generate_stream(
	struct simulating *s, size_t stream, uint64_t replication, struct buf *err)
{
	const struct arrivals *a = &s->of->staffing->arrivals[stream];
	struct random r =
		random_stream((uint64_t)s->of->seed, (replication << 20) + (uint64_t)stream);
	double at = (double)s->begin, mean = (double)WHEN_HOUR / a->most;

	while (a->most > 0) {
		at -= mean * log(random_unit(&r));
		if (at >= (double)s->last_at)
			return 0;
		if (random_unit(&r) * a->most > rate_at(s, a, (int64_t)at))
			continue;
		if (add_one(s, stream, (int64_t)at, err) < 0)
			return -1;
	}
	return 0;
}

int simulating_generate(struct simulating *s, uint64_t replication, struct buf *err)
{
	s->n = 0;
	context_clear(&s->situation.context);
	for (size_t i = 0; i < s->of->staffing->arrival_n; i++)
		if (generate_stream(s, i, replication, err) < 0)
			return STORE_ERROR;
	for (size_t i = 0; i < s->n; i++) {
		s->v[i].at -= (double)s->begin / 1000;
		s->v[i].next = (uint32_t)i;
	}
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_time);
	return 0;
}
