#include "adapt/queue_record.h"
#include "io/phone.h"

static void put_ext(struct draft *d, const char *name, struct str s)
{
	if (s.len)
		draft_member(d, DATA_EXT, str_of(name), s);
}

static void put_count(struct draft *d, const char *name, int64_t n)
{
	struct buf text = BUF_INIT;

	if (n >= 0) {
		buf_int(&text, n);
		draft_member_raw(d, DATA_EXT, str_of(name), buf_str(&text));
	}
	buf_release(&text);
}

/* "Ana" <4301>: the number is within; the name is shown. */
static struct str caller_number(struct adapt_run *run, struct str s)
{
	const char *open = s.len ? memchr(s.s, '<', s.len) : NULL;
	struct str name;

	if (!open || s.s[s.len - 1] != '>')
		return s;
	name = str_trim((struct str){s.s, (size_t)(open - s.s)});
	if (name.len > 1 && name.s[0] == '"' && name.s[name.len - 1] == '"')
		name = (struct str){name.s + 1, name.len - 2};
	draft_text(&run->draft, DATA_NAME, name);
	return (struct str){open + 1, s.len - (size_t)(open + 1 - s.s) - 1};
}

/* Who calls: a telephone number, or what the log has instead: an extension, "anonymous". */
static void put_caller(struct adapt_run *run, const struct queue_call *c)
{
	struct str number = caller_number(run, buf_str(&c->text[QT_CALLER]));

	buf_clear(&run->text);
	if (number.len && phone_e164(&run->text, number, run->opt->region))
		draft_identifier(&run->draft, "phone", buf_str(&run->text));
	else
		put_ext(&run->draft, "caller", number);
}

static void put_call_ext(struct draft *d, const struct queue_call *c)
{
	put_ext(d, "queue", buf_str(&c->text[QT_QUEUE]));
	put_count(d, "position", c->position);
	put_ext(d, "url", buf_str(&c->text[QT_URL]));
	put_ext(d, "did", buf_str(&c->text[QT_DID]));
	put_ext(d, "bridged", buf_str(&c->text[QT_BRIDGED]));
	put_count(d, "ringtime", c->ring);
	if (c->missed)
		put_count(d, "rings_missed", (int64_t)c->missed);
	if (c->text[QT_EVENTS].len)
		draft_member_raw(d, DATA_EXT, STR("events"), buf_str(&c->text[QT_EVENTS]));
}

int queue_record_call(struct adapt_run *run, const char *file, struct str id,
	const struct queue_call *c, const struct queue_ending *e, struct buf *err)
{
	struct draft *d = &run->draft;
	struct str agent = c->answered ? buf_str(&c->text[QT_AGENT]) : STR("");
	bool bot = agent.len && adapt_who(run->opt, agent) == WHO_BOT;

	adapt_source(run, "queue_log", "voice");
	draft_attr(d, ATTR_TYPE, STR("call"));
	draft_attr(d, ATTR_SESSION, id);
	draft_attr(d, ATTR_DIRECTION, STR("in"));
	draft_attr(d, ATTR_ACTOR, bot ? STR("bot") : STR("customer"));
	d->time = c->entered;
	put_caller(run, c);
	draft_text(d, DATA_AGENT, agent);
	draft_text(d, DATA_REASON, str_of(e->reason));
	if (c->wait >= 0)
		draft_int(d, DATA_WAIT, c->wait);
	if (e->duration >= 0)
		draft_int(d, DATA_DURATION, e->duration);
	put_call_ext(d, c);
	if (e->name)
		put_ext(d, e->name, str_of(e->word));
	put_ext(d, "key", e->key);
	put_ext(d, "incomplete", str_of(e->incomplete));
	draft_int(d, DATA_ORDER, (int64_t)c->among);
	draft_origin(d, file, c->line, false);
	return adapt_emit(run, err);
}

/* Where a transfer goes to. Two calls that become one have no name that tells it. */
static void put_target(struct draft *d, const struct queue_row *r)
{
	struct str how = r->data[0], what = r->data[1];

	if (r->event->kind == QUEUE_TRANSFER) {
		draft_text(d, DATA_TO, how);
		put_ext(d, "context", what);
	} else if (str_is(how, "APP")) {
		draft_text(d, DATA_TO, what);
	} else if (str_is(how, "BRIDGE")) {
		put_ext(d, "bridge", what);
	} else {
		put_ext(d, "link", what);
		put_ext(d, "link_to", r->data[2]);
	}
}

int queue_record_transfer(struct adapt_run *run, const char *file, const struct queue_row *r,
	const struct queue_call *c, struct buf *err)
{
	struct draft *d = &run->draft;

	adapt_source(run, "queue_log", "voice");
	draft_attr(d, ATTR_TYPE, STR("transferred"));
	draft_attr(d, ATTR_SESSION, r->id);
	draft_attr(d, ATTR_DIRECTION, STR("internal"));
	draft_attr(d, ATTR_ACTOR, STR("system"));
	d->time = r->time;
	put_caller(run, c);
	draft_text(d, DATA_FROM, buf_str(&c->text[QT_AGENT]));
	put_ext(d, "queue", buf_str(&c->text[QT_QUEUE]));
	put_ext(d, "transfer", str_of(r->event->word));
	put_target(d, r);
	draft_int(d, DATA_ORDER, (int64_t)r->among);
	draft_origin(d, file, r->line, false);
	return adapt_emit(run, err);
}
