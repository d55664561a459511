#include "stage/show.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "core/store/past.h"
#include "io/csv.h"

#include <stdlib.h>

/* A record of the customer: its place in the story and its bytes. */
struct moment {
	int64_t time, order, seq, recorded;
	size_t at, len;
	bool tells; /* of a move, or that something was closed or opened */
};

/* What no record says by itself, or not in words: a move, or that a contact was closed or opened.
 */
struct mark {
	int64_t time;
	const char *what; /* NULL: a record tells it */
	int32_t from, to; /* texts of the fold */
};

struct story {
	struct show *s;
	struct moment *moments;
	size_t n, cap;
	struct mark *marks;
	size_t mark_n, mark_cap;
	struct buf bodies, line;
	struct event ev;
	struct fold *fold;
};

static bool shown(const struct story *t, int64_t time)
{
	return (!t->s->has_since || time >= t->s->since) &&
	       (!t->s->has_until || time < t->s->until);
}

static bool tells(const struct event *ev)
{
	static const char *const types[] = {"case.closed", "case.reopened", "case.assigned",
		"order.placed", "escalated", "transferred", "handoff"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_is(event_attr(ev, ATTR_TYPE), types[i]))
			return true;
	return false;
}

static int keep(void *ctx, const struct store_row *row, struct buf *err)
{
	struct story *t = ctx;
	enum event_fault fault;
	struct moment *m;

	if (event_read(&t->ev, row->body, false, &fault, err) < 0)
		return STORE_ERROR;
	fold_add(t->fold, &t->ev, row->seq, row->order);
	if (!shown(t, row->time))
		return 0;
	m = VEC_ADD(t, moments, n, cap);
	*m = (struct moment){row->time, row->order, row->seq, row->recorded, t->bodies.len,
		row->body.len, tells(&t->ev)};
	buf_put(&t->bodies, row->body);
	return 0;
}

static int by_time(const void *pa, const void *pb)
{
	const struct moment *a = pa, *b = pb;

	return EVENT_COMPARE(a, b);
}

static void add_mark(struct story *t, int64_t time, const char *what, int32_t from, int32_t to)
{
	if (time && shown(t, time))
		*VEC_ADD(t, marks, mark_n, mark_cap) = (struct mark){time, what, from, to};
}

static int by_mark(const void *pa, const void *pb)
{
	const struct mark *a = pa, *b = pb;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return strcmp(a->what, b->what);
}

static void find_marks(struct story *t)
{
	static const char *const kinds[] = {[MOVE_TRANSFER] = "transfer",
		[MOVE_HANDOFF] = "handoff",
		[MOVE_ESCALATION] = "escalation"};
	const struct fold *f = t->fold;

	for (size_t i = 0; i < f->move_n; i++)
		add_mark(t, f->moves[i].at, kinds[f->moves[i].kind], f->moves[i].from,
			f->moves[i].to);
	for (size_t i = 0; i < f->contact_n; i++) {
		add_mark(t, f->contacts[i].closed, "closed", 0, 0);
		add_mark(t, f->contacts[i].reopened, "reopened", 0, 0);
		if (f->contacts[i].closed_last != f->contacts[i].closed)
			add_mark(t, f->contacts[i].closed_last, "closed", 0, 0);
	}
	if (t->mark_n)
		qsort(t->marks, t->mark_n, sizeof(*t->marks), by_mark);
}

/* What a record says, before and after words of ours. */
static void put(struct story *t, const char *before, struct str s)
{
	buf_puts(&t->line, before);
	text_plain(&t->line, s);
}

static void paint(struct story *t, const char *code)
{
	if (t->s->colour)
		buf_printf(&t->line, "\033[%sm", code);
}

static void put_contact(struct story *t, size_t number)
{
	const struct contact *c = &t->fold->contacts[number];
	struct str channel = fold_text(t->fold, c->channel), family = fold_text(t->fold, c->family);
	struct str case_id = fold_text(t->fold, c->case_id);

	paint(t, "1");
	buf_puts(&t->line, "-- ");
	when_minute(&t->line, c->started);
	put(t, "  ", channel);
	if (family.len)
		put(t, ", ", family);
	if (case_id.len)
		put(t, ", case ", case_id);
	for (size_t i = 0; i < t->fold->switch_n; i++)
		if (t->fold->switches[i].to == number)
			put(t, ", switched from ",
				fold_text(t->fold,
					t->fold->contacts[t->fold->switches[i].from].channel));
	paint(t, "0");
	buf_byte(&t->line, '\n');
}

/* One line of the text. */
static void put_text(struct story *t, struct str text)
{
	struct str cut = text_cut(text, 160);

	text_plain(&t->line, cut);
	if (cut.len < text.len)
		buf_puts(&t->line, "…");
}

/* As history is read; records go out as they were labelled. */
static struct str intent_of(const struct story *t)
{
	return ontology_reading(t->s->ontology, event_text(&t->ev, DATA_INTENT));
}

static void put_what(struct story *t)
{
	static const enum event_data told[] = {
		DATA_REASON, DATA_FROM, DATA_TO, DATA_CASE, DATA_QUEUE};
	struct str text = event_text(&t->ev, DATA_TEXT), intent = intent_of(t);
	struct str type = event_attr(&t->ev, ATTR_TYPE);

	if (!str_is(type, "message")) {
		put(t, "", type);
		for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
			struct str v = event_text(&t->ev, told[i]);

			if (!v.len)
				continue;
			buf_printf(&t->line, " %s", event_data_name(told[i]));
			put(t, " ", v);
		}
		if (t->ev.data[DATA_DURATION]) {
			put(t, " ", t->ev.data[DATA_DURATION]->raw);
			buf_puts(&t->line, " s");
		}
		buf_puts(&t->line, text.len ? ": " : "");
	}
	put_text(t, text);
	if (intent.len) {
		paint(t, "36");
		put(t, "  [", intent);
		buf_byte(&t->line, ']');
		paint(t, "0");
	}
}

static struct str who_of(const struct event *ev)
{
	struct str actor = event_attr(ev, ATTR_ACTOR), agent = event_text(ev, DATA_AGENT);

	return str_is(actor, "customer") || !agent.len ? actor : agent;
}

static void put_moment(struct story *t, const struct moment *m)
{
	struct str direction = event_attr(&t->ev, ATTR_DIRECTION), who = who_of(&t->ev);
	bool hers = str_is(event_attr(&t->ev, ATTR_ACTOR), "customer");
	size_t at, width;

	buf_puts(&t->line, "   ");
	when_minute(&t->line, m->time);
	buf_printf(&t->line, "  %s ",
		str_is(direction, "in")	   ? ">"
		: str_is(direction, "out") ? "<"
					   : "·");
	paint(t, hers ? "33" : "32");
	at = t->line.len;
	text_plain(&t->line, who);
	width = text_width((struct str){t->line.s + at, t->line.len - at});
	paint(t, "0");
	buf_printf(&t->line, "%*s  ", (int)(width < 14 ? 14 - width : 0), "");
	put_what(t);
	buf_byte(&t->line, '\n');
}

static void put_mark(struct story *t, const struct mark *m)
{
	struct str from = fold_text(t->fold, m->from), to = fold_text(t->fold, m->to);

	buf_puts(&t->line, "   ");
	when_minute(&t->line, m->time);
	paint(t, "35");
	buf_printf(&t->line, "  = %s", m->what);
	if (from.len)
		put(t, " from ", from);
	if (to.len)
		put(t, " to ", to);
	paint(t, "0");
	buf_byte(&t->line, '\n');
}

/* Those before a time. */
static void put_marks(struct story *t, size_t *next, int64_t time)
{
	for (; *next < t->mark_n && t->marks[*next].time < time; ++*next)
		if (t->marks[*next].what)
			put_mark(t, &t->marks[*next]);
}

static void drop_told(struct story *t, size_t next, const struct moment *m)
{
	for (; m->tells && next < t->mark_n && t->marks[next].time == m->time; next++)
		t->marks[next].what = NULL;
}

/* Whether the record has attributes of these names of its own, which are something else. */
static bool has_numbers(struct story *t, struct str body)
{
	enum event_fault fault;
	struct buf err = BUF_INIT;
	bool has = str_find(body, STR("\"contact\"")) >= 0 || str_find(body, STR("\"issue\"")) >= 0;

	has = has && event_read(&t->ev, body, false, &fault, &err) == 0 &&
	      (json_member(t->ev.root, "contact") || json_member(t->ev.root, "issue"));
	buf_release(&err);
	return has;
}

/* The record, with the numbers of the contact and the issue that it belongs to. */
static int put_record(struct story *t, const struct moment *m, size_t contact, struct buf *err)
{
	const struct fold *f = t->fold;
	struct str body = {t->bodies.s + m->at, m->len};
	struct buf numbered = BUF_INIT;

	if (contact && !has_numbers(t, body)) {
		const struct contact *c = &f->contacts[contact - 1];

		buf_printf(&numbered, "{\"contact\":%lld,\"issue\":%lld,", (long long)c->id,
			(long long)f->contacts[f->issues[c->issue].first].id);
		buf_put(&numbered, (struct str){body.s + 1, body.len - 1});
		body = buf_str(&numbered);
	}
	buf_clear(&t->line);
	store_record(&t->line, body, t->s->customer, m->seq, m->recorded);
	buf_release(&numbered);
	buf_byte(&t->line, '\n');
	return out_put(t->s->out, buf_str(&t->line), err);
}

static void put_csv(struct story *t, const struct moment *m, size_t contact, bool first)
{
	const struct str cells[] = {event_attr(&t->ev, ATTR_CHANNEL),
		event_attr(&t->ev, ATTR_DIRECTION), who_of(&t->ev), event_attr(&t->ev, ATTR_TYPE),
		intent_of(t), event_text(&t->ev, DATA_TEXT)};
	char time[WHEN_TEXT];

	if (first)
		buf_puts(&t->line, "time,contact,channel,direction,who,type,intent,text\n");
	when_format(m->time, time);
	buf_printf(&t->line, "%s,", time);
	if (contact)
		buf_int(&t->line, t->fold->contacts[contact - 1].id);
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		buf_byte(&t->line, ',');
		csv_put(&t->line, cells[i]);
	}
	buf_byte(&t->line, '\n');
}

static int put_story(struct story *t, struct buf *err)
{
	enum event_fault fault;
	size_t contact = 0, mark = 0;
	int status = 0;

	for (size_t i = 0; i < t->n && status == 0; i++) {
		const struct moment *m = &t->moments[i];
		size_t now = fold_contact_of(t->fold, m->seq);

		if (t->s->format == SHOW_NDJSON) {
			status = put_record(t, m, now, err);
			continue;
		}
		status = event_read(
			&t->ev, (struct str){t->bodies.s + m->at, m->len}, false, &fault, err);
		if (status < 0)
			return STORE_ERROR;
		buf_clear(&t->line);
		if (t->s->format == SHOW_CSV) {
			put_csv(t, m, now, i == 0);
		} else {
			put_marks(t, &mark, m->time);
			drop_told(t, mark, m);
			if (now && now != contact)
				put_contact(t, now - 1);
			put_moment(t, m);
			if (i + 1 == t->n)
				put_marks(t, &mark, INT64_MAX);
		}
		contact = now ? now : contact;
		status = out_put(t->s->out, buf_str(&t->line), err);
	}
	return status;
}

int show_timeline(struct show *s, struct buf *err)
{
	struct story t = {.s = s, .bodies = BUF_INIT, .line = BUF_INIT};
	struct person who = {0, 0};
	int status = store_read_begin(s->store, err);

	event_init(&t.ev);
	t.fold = fold_new(s->ontology);
	if (status == 0)
		status = past_person(s->store, s->customer, s->as_of, &who, err);
	fold_clear(t.fold, who.ident != 0);
	if (status == 0)
		status = store_person_events(s->store, &who, 0, s->as_of, keep, &t, err);
	store_read_end(s->store);
	if (status == 0) {
		qsort(t.moments, t.n, sizeof(*t.moments), by_time);
		fold_link(t.fold);
		find_marks(&t);
		status = put_story(&t, err);
	}
	fold_free(t.fold);
	event_release(&t.ev);
	buf_release(&t.bodies);
	buf_release(&t.line);
	free(t.moments);
	free(t.marks);
	return status;
}
