#include "stage/person.h"
#include "base/die.h"
#include "base/mem.h"
#include "base/when.h"
#include "core/store/count.h"
#include "core/store/facts.h"
#include "io/json.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A record of hers. */
struct kept {
	int64_t seq, session, recorded;
	size_t at, len; /* of its bytes */
};

struct exporting {
	struct person_export *p;
	struct person who;
	struct kept *v;
	size_t n, cap;
	struct buf bodies, line;
	struct event ev;
	/* Of a vCon. */
	struct map parties; /* actor, name -> index and 1 */
	struct buf party, dialog, analysis;
	size_t dialogs;
	struct buf tel, mailto, name;
};

static int keep(void *ctx, const struct store_row *row, struct buf *err)
{
	struct exporting *x = ctx;

	(void)err;
	*VEC_ADD(x, v, n, cap) =
		(struct kept){row->seq, row->session, row->recorded, x->bodies.len, row->body.len};
	buf_put(&x->bodies, row->body);
	return 0;
}

static int by_seq(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

static struct str body_of(const struct exporting *x, const struct kept *k)
{
	return (struct str){x->bodies.s + k->at, k->len};
}

static void put_member(struct buf *out, const char *name, struct str value)
{
	json_put_key(out, name);
	json_put_string(out, value);
}

/* ---- NDJSON ---- */

static int put_identifier(void *ctx, const struct identifier *i, struct buf *err)
{
	struct buf *out = ctx;

	(void)err;
	buf_puts(out, out->s[out->len - 1] == '[' ? "{" : ",{");
	put_member(out, "kind", i->kind);
	put_member(out, "value", i->value);
	if (i->scope.len)
		put_member(out, "source", i->scope);
	buf_byte(out, '}');
	return 0;
}

static int put_identifiers(struct exporting *x, struct buf *err)
{
	struct buf *out = &x->line;
	int status;

	buf_clear(out);
	buf_printf(out, "{\"customer\":\"c%lld\",\"identifiers\":[", (long long)x->p->customer);
	status = store_person_identifiers(x->p->store, &x->who, put_identifier, out, err);
	buf_puts(out, "]}");
	return status < 0 ? status : out_record(x->p->out, buf_str(out), err);
}

static int put_fact(void *ctx, const struct fact_cell *cells, size_t n, struct buf *err)
{
	struct exporting *x = ctx;

	/* The view's name stands there already. */
	buf_cut(&x->line, (size_t)((char *)memchr(x->line.s, ':', x->line.len) - x->line.s) + 1);
	buf_byte(&x->line, '{');
	for (size_t i = 0; i < n; i++) {
		if (cells[i].null)
			continue;
		json_put_key(&x->line, cells[i].name);
		if (cells[i].number)
			buf_put(&x->line, cells[i].text);
		else
			json_put_string(&x->line, cells[i].text);
	}
	buf_puts(&x->line, "}}");
	return out_record(x->p->out, buf_str(&x->line), err);
}

static int warn_no_facts(struct exporting *x, struct buf *err)
{
	struct buf built = BUF_INIT;
	int status = store_about(x->p->store, "ontology", &built, err);

	if (status == 0 && !built.len)
		warn("no facts are written: there are none until jproject update makes them");
	buf_release(&built);
	return status;
}

static int put_ndjson(struct exporting *x, struct buf *err)
{
	static const char *const views[] = {"customer", "contact", "issue", "switch", "move",
		"question", "commitment", "opportunity", "survey", "decision", "outbound",
		"handoff", "stage"};
	struct buf view = BUF_INIT;
	int status = warn_no_facts(x, err);

	if (status == 0)
		status = put_identifiers(x, err);

	for (size_t i = 0; i < x->n && status == 0; i++) {
		buf_clear(&x->line);
		store_record(&x->line, body_of(x, &x->v[i]), x->p->customer, x->v[i].seq,
			x->v[i].recorded);
		status = out_record(x->p->out, buf_str(&x->line), err);
	}
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]) && status == 0; i++) {
		buf_clear(&view);
		buf_printf(&view, "v_%s", views[i]);
		buf_clear(&x->line);
		buf_printf(&x->line, "{\"%s\":", views[i]);
		status = facts_read(x->p->store, view.s, x->p->customer, INT64_MIN, INT64_MAX,
			put_fact, x, err);
	}
	buf_release(&view);
	return status;
}

/* ---- vCon ---- */

static int see_party(void *ctx, const struct identifier *i, struct buf *err)
{
	struct exporting *x = ctx;
	struct buf *to = str_is(i->kind, "phone")   ? &x->tel
			 : str_is(i->kind, "email") ? &x->mailto
						    : NULL;

	(void)err;
	if (to && !to->len && !i->placeholder)
		buf_put(to, i->value);
	return 0;
}

static void begin_party(struct exporting *x)
{
	buf_puts(&x->party, x->party.len ? ",{" : "{");
}

/* The customer comes first. */
static void put_customer(struct exporting *x)
{
	begin_party(x);
	if (x->tel.len)
		put_member(&x->party, "tel", buf_str(&x->tel));
	if (x->mailto.len)
		put_member(&x->party, "mailto", buf_str(&x->mailto));
	if (x->name.len) {
		put_member(&x->party, "name", buf_str(&x->name));
		put_member(&x->party, "validation", STR("none"));
	}
	put_member(&x->party, "type", STR("person"));
	buf_byte(&x->party, '}');
}

static size_t party_of(struct exporting *x)
{
	struct str actor = event_attr(&x->ev, ATTR_ACTOR), agent = event_text(&x->ev, DATA_AGENT);
	bool hers = str_is(actor, "customer") ||
		    (!actor.len && str_is(event_attr(&x->ev, ATTR_DIRECTION), "in"));
	struct buf key = BUF_INIT;
	union map_value *v;

	if (hers)
		return 0;
	buf_put(&key, actor);
	buf_byte(&key, '\0');
	buf_put(&key, agent);
	v = map_slot(&x->parties, buf_str(&key), NULL);
	buf_release(&key);
	if (!v->n) {
		v->n = (int64_t)map_count(&x->parties);
		begin_party(x);
		if (agent.len) {
			put_member(&x->party, "name", agent);
			put_member(&x->party, "validation", STR("none"));
		}
		put_member(&x->party, "type",
			str_is(actor, "agent") ? STR("person")
			: str_is(actor, "bot") ? STR("bot")
					       : STR("organization"));
		buf_byte(&x->party, '}');
	}
	return (size_t)v->n;
}

/* Why a call came to nothing, in the draft's words. */
static const char *disposition(struct str reason)
{
	return str_is(reason, "busy")	     ? "busy"
	       : str_is(reason, "voicemail") ? "voicemail-no-message"
	       : str_is(reason, "abandoned_ivr") || str_is(reason, "abandoned_queue") ? "hung-up"
	       : str_is(reason, "failed")					      ? "failed"
										      : "no-answer";
}

static void put_call(struct exporting *x, size_t party)
{
	struct str reason = event_text(&x->ev, DATA_REASON);
	double seconds;
	bool answered = str_is(reason, "answered");
	struct buf *out = &x->dialog;

	put_member(out, "type", answered ? STR("recording") : STR("incomplete"));
	if (json_number(x->ev.data[DATA_DURATION], &seconds) && seconds >= 0) {
		json_put_key(out, "duration");
		buf_put(out, x->ev.data[DATA_DURATION]->raw);
	}
	/* Her ringing or ours; a call record does not say more of the other side. */
	if (str_is(event_attr(&x->ev, ATTR_DIRECTION), "in"))
		party = 0;
	buf_printf(out, ",\"parties\":[%zu]", party);
	if (!answered)
		put_member(out, "disposition", str_of(disposition(reason)));
}

/* What was said, or the call: a dialog. False for what is neither. */
static bool put_dialog(struct exporting *x, size_t party)
{
	struct str text = event_text(&x->ev, DATA_TEXT);
	bool call = str_is(event_attr(&x->ev, ATTR_TYPE), "call");
	char time[WHEN_TEXT];
	struct buf *out = &x->dialog;

	if (!text.len && !call)
		return false;
	buf_puts(out, x->dialogs++ ? ",{" : "{");
	if (call) {
		put_call(x, party);
	} else {
		put_member(out, "type", STR("text"));
		buf_printf(out, ",\"parties\":[%zu]", party);
		put_member(out, "mediatype", STR("text/plain"));
		put_member(out, "body", text);
		put_member(out, "encoding", STR("none"));
		put_member(out, "message_id", event_attr(&x->ev, ATTR_ID));
	}
	when_format(x->ev.time, time);
	put_member(out, "start", str_of(time));
	if (x->ev.attr[ATTR_CHANNEL])
		put_member(out, "application", event_attr(&x->ev, ATTR_CHANNEL));
	buf_byte(out, '}');
	return true;
}

/* The whole record, of which the dialog is a part. */
static void put_whole(struct exporting *x, const struct kept *k, bool dialog)
{
	struct buf *out = &x->analysis;

	buf_puts(out, out->len ? ",{" : "{");
	put_member(out, "type", STR("report"));
	if (dialog)
		buf_printf(out, ",\"dialog\":%zu", x->dialogs - 1);
	put_member(out, "mediatype", STR("application/cloudevents+json"));
	put_member(out, "vendor", STR("jtools"));
	put_member(out, "product", STR("jlog"));
	put_member(out, "schema", STR("jevent"));
	put_member(out, "encoding", STR("json"));
	json_put_key(out, "body");
	store_record(out, body_of(x, k), x->p->customer, k->seq, k->recorded);
	buf_byte(out, '}');
}

/* Of version 8: the bits of a hash of what the container is of, so that the same export has the
 * same. */
static void put_uuid(struct exporting *x, const struct kept *first)
{
	struct hash *h = hash_new();
	unsigned char d[HASH_SIZE];
	struct buf hex = BUF_INIT;

	hash_begin(h);
	hash_add_part(h, STR("jtools vcon"));
	hash_add_part(h, event_attr(&x->ev, ATTR_SOURCE));
	hash_add_part(h, event_attr(&x->ev, ATTR_SESSION));
	hash_add_part(h, body_of(x, first));
	hash_end(h, d);
	d[6] = (unsigned char)((d[6] & 0x0f) | 0x80);
	d[8] = (unsigned char)((d[8] & 0x3f) | 0x80);
	hash_hex(&hex, d, 16);
	json_put_key(&x->line, "uuid");
	buf_printf(&x->line, "\"%.8s-%.4s-%.4s-%.4s-%.12s\"", hex.s, hex.s + 8, hex.s + 12,
		hex.s + 16, hex.s + 20);
	buf_release(&hex);
	hash_free(h);
}

static void finish_vcon(struct exporting *x, const struct kept *first, int64_t recorded)
{
	struct buf *out = &x->line;
	char time[WHEN_TEXT];

	buf_clear(out);
	buf_puts(out, "{\"vcon\":\"0.4.0\"");
	put_uuid(x, first);
	when_format(recorded, time);
	put_member(out, "created_at", str_of(time));
	if (event_attr(&x->ev, ATTR_SESSION).len)
		put_member(out, "subject", event_attr(&x->ev, ATTR_SESSION));
	buf_puts(out, ",\"parties\":[");
	buf_put(out, buf_str(&x->party));
	buf_puts(out, "],\"dialog\":[");
	buf_put(out, buf_str(&x->dialog));
	buf_puts(out, "],\"analysis\":[");
	buf_put(out, buf_str(&x->analysis));
	buf_puts(out, "],\"attachments\":[]}");
}

static int write_vcon(struct exporting *x, size_t number, struct buf *err)
{
	struct buf path = BUF_INIT;
	struct out file;
	int status;

	if (!x->p->folder)
		return out_record(x->p->out, buf_str(&x->line), err);
	buf_printf(
		&path, "%s/c%lld-%04zu.vcon.json", x->p->folder, (long long)x->p->customer, number);
	status = out_create(&file, path.s, err);
	if (status == 0) {
		status = out_record(&file, buf_str(&x->line), err);
		if (out_close(&file, err) < 0)
			status = -1;
	}
	buf_release(&path);
	return status;
}

/* The records of the session of v[first], in their order. */
static int put_vcon(struct exporting *x, size_t first, size_t number, struct buf *err)
{
	int64_t recorded = 0;
	enum event_fault fault;

	map_release(&x->parties);
	buf_clear(&x->party);
	buf_clear(&x->dialog);
	buf_clear(&x->analysis);
	x->dialogs = 0;
	put_customer(x);
	for (size_t i = first; i < x->n; i++) {
		if (x->v[i].session != x->v[first].session)
			continue;
		if (event_read(&x->ev, body_of(x, &x->v[i]), false, &fault, err) < 0)
			return STORE_ERROR;
		put_whole(x, &x->v[i], put_dialog(x, party_of(x)));
		recorded = x->v[i].recorded;
	}
	finish_vcon(x, &x->v[first], recorded);
	return write_vcon(x, number, err);
}

static int find_names(struct exporting *x, struct buf *err)
{
	enum event_fault fault;
	int status = store_person_identifiers(x->p->store, &x->who, see_party, x, err);

	for (size_t i = 0; i < x->n && status == 0; i++) {
		if (event_read(&x->ev, body_of(x, &x->v[i]), false, &fault, err) < 0)
			return STORE_ERROR;
		if (str_is(event_attr(&x->ev, ATTR_ACTOR), "customer") &&
			event_text(&x->ev, DATA_NAME).len) {
			buf_clear(&x->name);
			buf_put(&x->name, event_text(&x->ev, DATA_NAME));
		}
	}
	return status;
}

static int put_vcons(struct exporting *x, struct buf *err)
{
	struct map seen = MAP_INIT;
	bool fresh;
	int status = find_names(x, err);

	if (status == 0 && x->p->folder && mkdir(x->p->folder, 0700) < 0 && errno != EEXIST) {
		buf_printf(err, "%s: %s", x->p->folder, strerror(errno));
		status = -1;
	}
	for (size_t i = 0; i < x->n && status == 0; i++) {
		map_slot(&seen, (struct str){(char *)&x->v[i].session, sizeof(int64_t)}, &fresh);
		if (fresh)
			status = put_vcon(x, i, map_count(&seen), err);
	}
	map_release(&seen);
	return status;
}

int person_format(struct person_export *p, const char *name, struct buf *err)
{
	p->vcon = name && strcmp(name, "vcon") == 0;
	if (name && !p->vcon && strcmp(name, "ndjson") != 0)
		buf_printf(err, "no such output: %s (ndjson, vcon)", name);
	else if (p->folder && !p->vcon)
		buf_puts(err, "--into goes with --output vcon");
	else
		return 0;
	return -1;
}

int person_export(struct person_export *p, struct buf *err)
{
	struct exporting x = {.p = p};
	int status = store_read_begin(p->store, err);

	event_init(&x.ev);
	if (status == 0)
		status = store_person_by_customer(p->store, p->customer, &x.who, err);
	if (status == 0)
		status = store_person_events(p->store, &x.who, 0, INT64_MAX, keep, &x, err);
	if (x.n)
		qsort(x.v, x.n, sizeof(*x.v), by_seq);
	if (status == 0)
		status = p->vcon ? put_vcons(&x, err) : put_ndjson(&x, err);
	store_read_end(p->store);
	p->records = x.n;
	event_release(&x.ev);
	map_release(&x.parties);
	free(x.v);
	buf_release(&x.bodies);
	buf_release(&x.line);
	buf_release(&x.party);
	buf_release(&x.dialog);
	buf_release(&x.analysis);
	buf_release(&x.tel);
	buf_release(&x.mailto);
	buf_release(&x.name);
	return status;
}
