#include "core/store/hold.h"
#include "base/when.h"
#include "core/store/identities.h"
#include "core/store/note.h"
#include "io/json.h"

static int first_row(void *ctx, const struct store_row *row, struct buf *err)
{
	struct buf *body = ctx;

	(void)err;
	if (!body->len)
		buf_put(body, row->body);
	return 0;
}

/* Of a person whom nothing names but her session: its record says which. */
static int name_session(struct store *s, const struct person *p, struct event *ev, struct buf *body,
	struct buf *err)
{
	enum event_fault fault;
	int status = store_person_events(s, p, 0, INT64_MAX, first_row, body, err);

	if (status == 0 && event_read(ev, buf_str(body), false, &fault, err) < 0)
		status = STORE_ERROR;
	if (status == 0 && !ev->attr[ATTR_SESSION]) {
		buf_puts(err, "nothing names the customer: neither an identifier nor a session");
		status = STORE_ERROR;
	}
	return status;
}

/* Her strongest identifier, which is hers the longest where others turn out to be shared. */
static int find_strongest(
	struct store *s, int64_t customer, struct identity_ref *out, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status;

	buf_printf(&text, "c%lld", (long long)customer);
	status = identity_find(s, text.s, out, err);
	buf_release(&text);
	return status;
}

static void put_identifier(struct buf *out, const struct identity_ref *who)
{
	buf_puts(out, "\"identifiers\":[{\"kind\":");
	json_put_string(out, buf_str(&who->kind));
	json_put_key(out, "value");
	json_put_string(out, buf_str(&who->value));
	buf_puts(out, "}]");
}

/* The record is one of hers, so that a hold goes where she goes when she is joined to others. */
static int put_hold(struct store *s, int64_t customer, bool release, const char *why, int64_t now,
	struct buf *out, struct buf *err)
{
	struct buf body = BUF_INIT;
	struct str source = STR("jlog");
	struct identity_ref who;
	struct event ev;
	struct person p;
	int status = store_person_by_customer(s, customer, &p, err);

	event_init(&ev);
	identity_ref_init(&who);
	if (status == 0)
		status = p.ident ? find_strongest(s, customer, &who, err)
				 : name_session(s, &p, &ev, &body, err);
	/* Such a one is unique within its source alone. */
	if (who.scope.len)
		source = buf_str(&who.scope);
	if (status == 0 && !p.ident)
		source = event_attr(&ev, ATTR_SOURCE);
	note_begin(s, out, release ? "hold.released" : "hold.placed", now, source);
	if (status == 0 && !p.ident) {
		json_put_key(out, "session");
		json_put_string(out, event_attr(&ev, ATTR_SESSION));
	}
	buf_puts(out, ",\"direction\":\"internal\",\"actor\":\"system\",\"data\":{");
	if (who.kind.len)
		put_identifier(out, &who);
	if (why) {
		json_put_key(out, "reason");
		json_put_string(out, str_of(why));
	}
	buf_puts(out, "}}");
	event_release(&ev);
	identity_ref_release(&who);
	buf_release(&body);
	return status;
}

int hold_add(struct store *s, const struct ontology *o, int64_t customer, bool release,
	const char *why, struct buf *out, struct buf *err)
{
	struct buf line = BUF_INIT;
	int64_t now = when_now();
	int status = put_hold(s, customer, release, why, now, &line, err);

	if (status == 0)
		status = note_add(s, o, buf_str(&line), now, out, err);
	buf_release(&line);
	return status;
}
