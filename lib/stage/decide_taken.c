/* Decisions that were taken, by customer, and what a proposal sees of them. */
#include "base/mem.h"
#include "core/store/find.h"
#include "core/store/scan.h"
#include "stage/decide_part.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

static void free_list(void *ctx, struct str key, union map_value *v)
{
	struct taken_list *list = v->p;

	(void)ctx;
	(void)key;
	free(list->v);
	free(list);
}

static void drop_lists(struct judge *j)
{
	map_each(&j->taken, free_list, NULL);
	map_release(&j->taken);
	j->hers = NULL;
}

void taken_release(struct judge *j)
{
	drop_lists(j);
	map_release(&j->names);
	buf_release(&j->currency);
}

/* ---- who ---- */

static void digest_of(struct judge *j, struct str source, struct str id, unsigned char out[16])
{
	unsigned char digest[HASH_SIZE];

	hash_begin(j->hash);
	hash_add_part(j->hash, source);
	hash_add_part(j->hash, id);
	hash_end(j->hash, digest);
	memcpy(out, digest, 16);
}

void taken_put_id(const unsigned char id[16], struct buf *out)
{
	buf_puts(out, "decision-");
	hash_hex(out, id, 16);
}

void judge_id(struct judge *j, const struct event *ev, struct buf *out)
{
	unsigned char id[16];

	digest_of(j, event_attr(ev, ATTR_SOURCE), event_attr(ev, ATTR_ID), id);
	taken_put_id(id, out);
}

/* Of a proposal that is in no log: the customer that the record names, else her first identifier,
 * else the conversation. */
static void own_key(struct judge *j, const struct event *ev)
{
	struct str customer = event_attr(ev, ATTR_CUSTOMER);
	const struct json *first = json_first(ev->data[DATA_IDENTIFIERS]);

	buf_clear(&j->key);
	if (customer.len) {
		buf_put(&j->key, customer);
	} else if (first) {
		buf_put(&j->key, json_member(first, "kind")->text);
		buf_byte(&j->key, '\n');
		buf_put(&j->key, json_member(first, "value")->text);
	} else {
		buf_put(&j->key, event_attr(ev, ATTR_SOURCE));
		buf_byte(&j->key, '\n');
		buf_put(&j->key, event_attr(ev, ATTR_SESSION));
	}
}

static void person_key(struct judge *j, const struct person *p)
{
	buf_clear(&j->key);
	buf_add(&j->key, p, sizeof(*p));
}

static struct taken_list *list_of(struct judge *j)
{
	union map_value *v = map_slot(&j->taken, buf_str(&j->key), NULL);

	if (!v->p)
		v->p = mem_zero(1, sizeof(struct taken_list));
	return v->p;
}

static int32_t name_of(struct judge *j, struct str name)
{
	bool fresh;
	union map_value *v;

	if (!name.len)
		return 0;
	v = map_slot(&j->names, name, &fresh);
	if (fresh)
		v->n = (int64_t)map_count(&j->names);
	return (int32_t)v->n;
}

/* In capitals, as the fold has it. */
static int32_t currency_of(struct judge *j, struct str currency)
{
	buf_clear(&j->text);
	for (size_t i = 0; i < currency.len; i++)
		buf_byte(&j->text, (char)toupper((unsigned char)currency.s[i]));
	return name_of(j, buf_str(&j->text));
}

void taken_name(struct judge *j, const struct event *ev, struct taken *t)
{
	struct str currency = event_text(ev, DATA_CURRENCY);

	t->action = name_of(j, event_text(ev, DATA_ACTION));
	/* Mostly that of the one before. */
	if (!str_eq(currency, buf_str(&j->currency))) {
		buf_clear(&j->currency);
		buf_put(&j->currency, currency);
		j->currency_is = currency_of(j, currency);
	}
	t->currency = j->currency_is;
}

static void count_one(struct judge *j, int64_t now, const struct taken *t)
{
	const struct taken *its = &j->last;
	struct context_decision d = {.at = t->at,
		.amount = t->amount,
		.word = t->word,
		.same_action = its->action && t->action == its->action,
		.same_currency = !t->currency || !its->currency || t->currency == its->currency};

	if (t->allowed)
		context_decided(&j->context, now, &d);
}

/* Those of the list that a proposal at seq sees; the log up to it tells of the others. */
static void count_taken(struct judge *j, const struct event *ev, int64_t seq, int64_t basis)
{
	const union map_value *v = map_get(&j->taken, buf_str(&j->key));
	const struct taken_list *list = j->hers = v ? v->p : NULL;

	for (size_t i = list ? list->n : 0; i > 0 && list->v[i - 1].seq > seq; i--) {
		const struct taken *t = &list->v[i - 1];

		if (t->seq <= basis)
			count_one(j, ev->time, t);
	}
}

/* A decision that the log tells before the proposal, about something that happened after it. */
static int count_late(void *ctx, const struct store_row *row, struct buf *err)
{
	struct judge *j = ctx;
	struct event_place at = {row->time, row->order, row->seq};
	enum event_fault fault;
	struct taken t;

	if (event_compare(at, j->place.at) <= 0)
		return 0;
	if (event_read(&j->scratch, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	if (!str_is(event_attr(&j->scratch, ATTR_TYPE), "decision.made") ||
		!j->scratch.data[DATA_BASIS])
		return 0;
	t = judge_read(j, &j->scratch, row->seq);
	count_one(j, j->place.at.time, &t);
	return 0;
}

/* What says no purpose is taken for what may least be said. */
static bool is_word(const struct event *ev)
{
	struct str purpose = event_text(ev, DATA_PURPOSE);

	return purpose.len ? !str_is(purpose, "service")
			   : str_is(event_text(ev, DATA_ACTION), "message.outbound");
}

struct taken judge_read(struct judge *j, const struct event *decision, int64_t seq)
{
	struct str verdict = event_text(decision, DATA_VERDICT);
	struct taken t = {.seq = seq, .basis = seq - 1, .at = decision->time};

	digest_of(j, event_attr(decision, ATTR_SOURCE), event_text(decision, DATA_EVENT), t.id);
	taken_name(j, decision, &t);
	t.allowed = str_is(verdict, "allow") || str_is(verdict, "limit");
	t.word = is_word(decision);
	if (!json_number(decision->data[DATA_AMOUNT], &t.amount))
		t.amount = NAN;
	return t;
}

/* Whose the record at seq was when the log ended at as_of. */
static int find_key(struct judge *j, int64_t seq, int64_t as_of, struct buf *err)
{
	struct store_row row;
	struct person p;
	int status = store_row(j->store, seq, seq, &row, &j->body, err);

	if (status == 0)
		status = store_person(j->store, &row, as_of, &p, err);
	if (status == 0)
		person_key(j, &p);
	return status;
}

int taken_count(
	struct judge *j, const struct event *ev, int64_t seq, int64_t basis, struct buf *err)
{
	int status = 0;

	if (!seq) {
		own_key(j, ev);
		count_taken(j, ev, 0, basis);
		return 0;
	}
	if (j->place.late)
		status =
			store_person_events(j->store, &j->place.person, 0, seq, count_late, j, err);
	if (status < 0)
		return status;
	/* Who she is by now is who decisions behind it were for. */
	if (basis > seq)
		status = find_key(j, seq, basis, err);
	else
		person_key(j, &j->place.person);
	if (status == 0)
		count_taken(j, ev, seq, basis);
	return status;
}

/* ---- of the log ---- */

static int tell(struct judge *j, const struct event *decision, int64_t seq, struct buf *err)
{
	struct taken t = judge_read(j, decision, seq);
	int64_t proposal;
	int status = store_find(j->store, event_attr(decision, ATTR_SOURCE),
		event_text(decision, DATA_EVENT), &proposal, err);

	/* One whose proposal is in no log is nobody's. */
	if (status < 0 || !proposal)
		return status;
	status = find_key(j, proposal, proposal > j->upto ? proposal : j->upto, err);
	if (status == 0) {
		struct taken_list *list = list_of(j);

		*VEC_ADD(list, v, n, cap) = t;
	}
	return status;
}

static int cover_row(void *ctx, const struct store_row *row, int64_t customer, struct buf *err)
{
	struct judge *j = ctx;
	enum event_fault fault;

	(void)customer;
	if (event_read(&j->scratch, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	if (!j->scratch.data[DATA_BASIS] ||
		!str_is(event_attr(&j->scratch, ATTR_TYPE), "decision.made"))
		return 0;
	return tell(j, &j->scratch, row->seq, err);
}

static int cover_rows(struct judge *j, int64_t from, int64_t upto, struct buf *err)
{
	struct store_row row;
	int status = 0;

	for (int64_t seq = from + 1; seq <= upto && status == 0; seq++) {
		status = store_row(j->store, seq, seq, &row, &j->text, err);
		if (status == 0)
			status = cover_row(j, &row, 0, err);
	}
	return status;
}

static int cover_scan(struct judge *j, struct buf *err)
{
	static const char *const types[] = {"decision.made"};
	struct store_range range = {.from_seq = j->from + 1,
		.has_to = true,
		.to_seq = j->upto,
		.types = types,
		.types_n = 1};
	struct scan *c = NULL;
	bool more = j->from < j->upto;
	int status = 0;

	if (more)
		status = scan_open(&c, j->store, &range, err);
	while (status == 0 && more)
		status = scan_piece(c, cover_row, j, &more, err);
	scan_free(c);
	return status;
}

static void begin_anew(struct judge *j, int64_t from, int64_t upto)
{
	drop_lists(j);
	j->from = from;
	j->upto = upto;
}

/* Whether one of the records made other customers of those before it. */
static int find_moved(struct judge *j, int64_t from, int64_t upto, bool *moved, struct buf *err)
{
	struct store_row row;
	struct person p;
	int status = 0;

	*moved = false;
	for (int64_t seq = from + 1; seq <= upto && status == 0 && !*moved; seq++) {
		struct effect e = {false, false, false, false};

		status = store_row(j->store, seq, seq, &row, &j->body, err);
		if (status == 0)
			status = store_person(j->store, &row, seq, &p, err);
		if (status == 0)
			status = store_effect(j->store, &row, &p, &e, err);
		*moved = e.mixed || e.parted || e.joined || e.took_over;
	}
	return status;
}

int judge_cover(struct judge *j, int64_t from, struct buf *err)
{
	int64_t last = 0;
	int status = store_last(j->store, &last, err);

	from = from < last ? from : last;
	if (status < 0 || (last == j->upto && from >= j->from))
		return status;
	/* Lists are in the order of the log, and of customers as they are at its end. */
	begin_anew(j, from, last);
	return cover_scan(j, err);
}

int judge_cover_rest(struct judge *j, struct buf *err)
{
	int64_t last = 0, from = j->upto;
	bool moved = false;
	int status = store_last(j->store, &last, err);

	if (status == 0)
		status = find_moved(j, from, last, &moved, err);
	if (status < 0)
		return status;
	if (moved)
		begin_anew(j, from = j->from, last);
	j->upto = last;
	return cover_rows(j, from, last, err);
}

int judge_reach(struct judge *j, int64_t from, int64_t upto, struct buf *err)
{
	if (upto == j->upto && from >= j->from)
		return 0;
	/* Where proposals come backwards: twice as far, so that it is seldom. */
	if (upto == j->upto)
		from = 2 * from > upto ? 2 * from - upto : 0;
	begin_anew(j, from, upto);
	return cover_rows(j, from, upto, err);
}

int judge_took(struct judge *j, const struct event *decision, int64_t seq, struct buf *err)
{
	if (seq != j->upto + 1)
		return 0;
	j->upto = seq;
	return tell(j, decision, seq, err);
}

/* ---- of this run ---- */

void taken_note(struct judge *j, const struct event *ev, int64_t basis)
{
	enum verdict v = j->ruling.verdict;
	struct taken t = {.basis = basis,
		.seq = basis + 1,
		.at = ev->time,
		.amount = NAN,
		.action = j->last.action,
		.currency = j->last.currency};

	digest_of(j, event_attr(ev, ATTR_SOURCE), event_attr(ev, ATTR_ID), t.id);
	t.allowed = v == VERDICT_ALLOW || v == VERDICT_LIMIT;
	t.word = is_word(ev);
	if (v == VERDICT_LIMIT)
		t.amount = j->ruling.limit;
	else if (ev->data[DATA_AMOUNT])
		json_number(ev->data[DATA_AMOUNT], &t.amount);
	j->last = t;
}

void judge_take(struct judge *j)
{
	struct taken_list *list = j->hers ? j->hers : list_of(j);

	*VEC_ADD(list, v, n, cap) = j->last;
}

bool judge_again(const struct judge *j, int64_t *basis)
{
	const struct taken_list *list = j->hers;

	for (size_t i = 0; list && i < list->n; i++)
		if (memcmp(list->v[i].id, j->last.id, sizeof(j->last.id)) == 0) {
			*basis = list->v[i].basis;
			return true;
		}
	return false;
}
