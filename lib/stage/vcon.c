#include "stage/vcon.h"
#include "base/hash.h"
#include "base/when.h"
#include "io/json.h"

#include <errno.h>
#include <sys/stat.h>

void vcon_init(struct vcon *v, struct store *s)
{
	*v = (struct vcon){.store = s};
	event_init(&v->ev);
	buf_init(&v->tel);
	buf_init(&v->mailto);
	buf_init(&v->name);
	buf_init(&v->party);
	buf_init(&v->dialog);
	buf_init(&v->analysis);
	buf_init(&v->line);
}

void vcon_release(struct vcon *v)
{
	event_release(&v->ev);
	map_release(&v->parties);
	buf_release(&v->tel);
	buf_release(&v->mailto);
	buf_release(&v->name);
	buf_release(&v->party);
	buf_release(&v->dialog);
	buf_release(&v->analysis);
	buf_release(&v->line);
}

static void put_member(struct buf *out, const char *name, struct str value)
{
	json_put_key(out, name);
	json_put_string(out, value);
}

static int read_record(struct vcon *v, struct str body, struct buf *err)
{
	enum event_fault fault;

	return event_read(&v->ev, body, false, &fault, err) < 0 ? STORE_ERROR : 0;
}

/* ---- parties ---- */

static int see_party(void *ctx, const struct identifier *i, struct buf *err)
{
	struct vcon *v = ctx;
	struct buf *to = str_is(i->kind, "phone")   ? &v->tel
			 : str_is(i->kind, "email") ? &v->mailto
						    : NULL;

	(void)err;
	if (to && !to->len && !i->placeholder)
		buf_put(to, i->value);
	return 0;
}

int vcon_customer(
	struct vcon *v, int64_t customer, const struct person *who, int64_t as_of, struct buf *err)
{
	v->customer = customer;
	buf_clear(&v->tel);
	buf_clear(&v->mailto);
	buf_clear(&v->name);
	return store_person_identifiers(v->store, who, as_of, see_party, v, err);
}

int vcon_name(struct vcon *v, struct str body, struct buf *err)
{
	int status = read_record(v, body, err);

	if (status == 0 && str_is(event_attr(&v->ev, ATTR_ACTOR), "customer") &&
		event_text(&v->ev, DATA_NAME).len) {
		buf_clear(&v->name);
		buf_put(&v->name, event_text(&v->ev, DATA_NAME));
	}
	return status;
}

static void begin_party(struct vcon *v)
{
	buf_puts(&v->party, v->party.len ? ",{" : "{");
}

/* The customer comes first. */
static void put_customer(struct vcon *v)
{
	begin_party(v);
	if (v->tel.len)
		put_member(&v->party, "tel", buf_str(&v->tel));
	if (v->mailto.len)
		put_member(&v->party, "mailto", buf_str(&v->mailto));
	if (v->name.len) {
		put_member(&v->party, "name", buf_str(&v->name));
		put_member(&v->party, "validation", STR("none"));
	}
	put_member(&v->party, "type", STR("person"));
	buf_byte(&v->party, '}');
}

static size_t party_of(struct vcon *v)
{
	struct str actor = event_attr(&v->ev, ATTR_ACTOR), agent = event_text(&v->ev, DATA_AGENT);
	bool hers = str_is(actor, "customer") ||
		    (!actor.len && str_is(event_attr(&v->ev, ATTR_DIRECTION), "in"));
	struct buf key = BUF_INIT;
	union map_value *index;

	if (hers)
		return 0;
	buf_put(&key, actor);
	buf_byte(&key, '\0');
	buf_put(&key, agent);
	index = map_slot(&v->parties, buf_str(&key), NULL);
	buf_release(&key);
	if (!index->n) {
		index->n = (int64_t)map_count(&v->parties);
		begin_party(v);
		if (agent.len) {
			put_member(&v->party, "name", agent);
			put_member(&v->party, "validation", STR("none"));
		}
		put_member(&v->party, "type",
			str_is(actor, "agent") ? STR("person")
			: str_is(actor, "bot") ? STR("bot")
					       : STR("organization"));
		buf_byte(&v->party, '}');
	}
	return (size_t)index->n;
}

/* ---- dialog ---- */

/* Why a call came to nothing, in the draft's words. */
static const char *disposition(struct str reason)
{
	return str_is(reason, "busy")	     ? "busy"
	       : str_is(reason, "voicemail") ? "voicemail-no-message"
	       : str_is(reason, "abandoned_ivr") || str_is(reason, "abandoned_queue") ? "hung-up"
	       : str_is(reason, "failed")					      ? "failed"
										      : "no-answer";
}

static void put_call(struct vcon *v, size_t party)
{
	struct str reason = event_text(&v->ev, DATA_REASON);
	double seconds;
	bool answered = str_is(reason, "answered");
	struct buf *out = &v->dialog;

	put_member(out, "type", answered ? STR("recording") : STR("incomplete"));
	if (json_number(v->ev.data[DATA_DURATION], &seconds) && seconds >= 0) {
		json_put_key(out, "duration");
		buf_put(out, v->ev.data[DATA_DURATION]->raw);
	}
	/* Her ringing or ours; a call record does not say more of the other side. */
	if (str_is(event_attr(&v->ev, ATTR_DIRECTION), "in"))
		party = 0;
	buf_printf(out, ",\"parties\":[%zu]", party);
	if (!answered)
		put_member(out, "disposition", str_of(disposition(reason)));
}

/* What was said, or the call: a dialog. False for what is neither. */
static bool put_dialog(struct vcon *v, size_t party)
{
	struct str text = event_text(&v->ev, DATA_TEXT);
	bool call = str_is(event_attr(&v->ev, ATTR_TYPE), "call");
	char time[WHEN_TEXT];
	struct buf *out = &v->dialog;

	if (!text.len && !call)
		return false;
	buf_puts(out, v->dialogs++ ? ",{" : "{");
	if (call) {
		put_call(v, party);
	} else {
		put_member(out, "type", STR("text"));
		buf_printf(out, ",\"parties\":[%zu]", party);
		put_member(out, "mediatype", STR("text/plain"));
		put_member(out, "body", text);
		put_member(out, "encoding", STR("none"));
		put_member(out, "message_id", event_attr(&v->ev, ATTR_ID));
	}
	when_format(v->ev.time, time);
	put_member(out, "start", str_of(time));
	if (v->ev.attr[ATTR_CHANNEL])
		put_member(out, "application", event_attr(&v->ev, ATTR_CHANNEL));
	buf_byte(out, '}');
	return true;
}

/* The whole record, of which the dialog is a part. */
static void put_whole(struct vcon *v, struct str body, int64_t seq, int64_t recorded, bool dialog)
{
	struct buf *out = &v->analysis;

	buf_puts(out, out->len ? ",{" : "{");
	put_member(out, "type", STR("report"));
	if (dialog)
		buf_printf(out, ",\"dialog\":%zu", v->dialogs - 1);
	put_member(out, "mediatype", STR("application/cloudevents+json"));
	put_member(out, "vendor", STR("jtools"));
	put_member(out, "product", STR("jlog"));
	put_member(out, "schema", STR("jevent"));
	put_member(out, "encoding", STR("json"));
	json_put_key(out, "body");
	store_record(out, body, v->customer, seq, recorded);
	buf_byte(out, '}');
}

void vcon_begin(struct vcon *v)
{
	map_release(&v->parties);
	buf_clear(&v->party);
	buf_clear(&v->dialog);
	buf_clear(&v->analysis);
	v->dialogs = 0;
	v->seq = 0;
	put_customer(v);
}

int vcon_add(struct vcon *v, struct str body, int64_t seq, int64_t recorded, struct buf *err)
{
	int status = read_record(v, body, err);

	if (status < 0)
		return status;
	put_whole(v, body, seq, recorded, put_dialog(v, party_of(v)));
	if (seq > v->seq) {
		v->seq = seq;
		v->recorded = recorded;
	}
	return 0;
}

/* Of version 8: the bits of a hash of what the container is of, so that the same export has the
 * same. */
static void put_uuid(struct vcon *v, const struct str *key, size_t n)
{
	struct hash *h = hash_new();
	unsigned char d[HASH_SIZE];
	struct buf hex = BUF_INIT;

	hash_begin(h);
	for (size_t i = 0; i < n; i++)
		hash_add_part(h, key[i]);
	hash_end(h, d);
	d[6] = (unsigned char)((d[6] & 0x0f) | 0x80);
	d[8] = (unsigned char)((d[8] & 0x3f) | 0x80);
	hash_hex(&hex, d, 16);
	json_put_key(&v->line, "uuid");
	buf_printf(&v->line, "\"%.8s-%.4s-%.4s-%.4s-%.12s\"", hex.s, hex.s + 8, hex.s + 12,
		hex.s + 16, hex.s + 20);
	buf_release(&hex);
	hash_free(h);
}

void vcon_end(struct vcon *v, const struct str *key, size_t n, struct str subject)
{
	struct buf *out = &v->line;
	char time[WHEN_TEXT];

	buf_clear(out);
	buf_puts(out, "{\"vcon\":\"0.4.0\"");
	put_uuid(v, key, n);
	when_format(v->recorded, time);
	put_member(out, "created_at", str_of(time));
	if (subject.len)
		put_member(out, "subject", subject);
	buf_puts(out, ",\"parties\":[");
	buf_put(out, buf_str(&v->party));
	buf_puts(out, "],\"dialog\":[");
	buf_put(out, buf_str(&v->dialog));
	buf_puts(out, "],\"analysis\":[");
	buf_put(out, buf_str(&v->analysis));
	buf_puts(out, "],\"attachments\":[]}");
}

int vcon_write(const struct vcon *v, struct out *out, const char *folder, const char *name,
	struct buf *err)
{
	struct buf path = BUF_INIT;
	struct out file;
	int status;

	if (!folder)
		return out_record(out, buf_str(&v->line), err);
	buf_printf(&path, "%s/%s.vcon.json", folder, name);
	status = out_create(&file, path.s, err);
	if (status == 0) {
		status = out_record(&file, buf_str(&v->line), err);
		if (out_close(&file, err) < 0)
			status = -1;
	}
	buf_release(&path);
	return status;
}

int vcon_folder(const char *folder, struct buf *err)
{
	if (mkdir(folder, 0700) == 0 || errno == EEXIST)
		return 0;
	buf_printf(err, "%s: %s", folder, strerror(errno));
	return -1;
}
