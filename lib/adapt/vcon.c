/*
 * Conversation containers (draft-ietf-vcon-vcon-core) of any version so far, not encrypted. Records
 * of this toolkit that stand whole in one are passed on as they are; what others wrote is read from
 * its dialogs.
 */
#include "adapt/vcon.h"
#include "base/hash.h"
#include "adapt/emit.h"
#include "base/mem.h"
#include "io/jsonscan.h"

#include <stdlib.h>

static int refuse(
	struct vcon_in *x, enum event_fault fault, const char *why, struct str raw, struct buf *err)
{
	return ledger_reject(x->run->ledger, fault, why, x->file, x->line, x->offset, raw, err);
}

/* ---- records that stand whole in it ---- */

static bool is_record(const struct json *analysis)
{
	return str_is(vcon_text(analysis, "vendor"), "jtools") &&
	       str_is(vcon_text(analysis, "schema"), "jevent");
}

static int pass_record(struct vcon_in *x, struct event *ev, const struct json *a, struct buf *err)
{
	struct str body = vcon_body(x, a);
	struct buf line = BUF_INIT;
	enum event_fault fault;
	int status;

	if (body.len && memchr(body.s, '\n', body.len))
		json_put_compact(&line, body);
	else
		buf_put(&line, body);
	buf_clear(&x->why);
	if (event_read(ev, buf_str(&line), false, &fault, &x->why) == 0)
		status = emit_pass(x->run, buf_str(&line), ev->time, err);
	else
		status = refuse(x, fault, x->why.s, a->raw, err);
	buf_release(&line);
	return status;
}

/* ---- the container ---- */

static void about_dialog(
	struct vcon_in *x, const struct json *analysis, const struct json *of, bool record)
{
	size_t i = vcon_index(of, x->dialog_n);
	struct str type = vcon_text(analysis, "type");

	if (i == x->dialog_n)
		return;
	x->dialogs[i].whole |= record;
	if (str_is(type, "transcript") && !record)
		x->dialogs[i].transcript = vcon_text(analysis, "body");
	if (str_is(type, "summary") && !record)
		x->dialogs[i].summary = vcon_text(analysis, "body");
}

/* Analyses say which dialogs they are about, one or several. */
static void read_analyses(struct vcon_in *x)
{
	const struct json *all = json_member(x->root, "analysis");

	for
		JSON_EACH(a, all)
		{
			const struct json *of = json_member(a, "dialog");
			bool record = is_record(a);

			about_dialog(x, a, of, record);
			if (of && of->type == JSON_ARRAY)
				for
					JSON_EACH(one, of)
			about_dialog(x, a, one, record);
		}
}

static void read_parts(struct vcon_in *x)
{
	x->party_n = x->dialog_n = 0;
	for
		JSON_EACH(p, json_member(x->root, "parties"))
	*VEC_ADD(x, parties, party_n, party_cap) = (struct vcon_party){.v = p};
	for
		JSON_EACH(d, json_member(x->root, "dialog"))
	*VEC_ADD(x, dialogs, dialog_n, dialog_cap) = (struct vcon_dialog){.v = d};
	read_analyses(x);
}

static int emit_records(struct vcon_in *x, uint64_t *n, struct buf *err)
{
	const struct json *all = json_member(x->root, "analysis");
	struct event ev;
	int status = 0;

	event_init(&ev);
	for
		JSON_EACH(a, all)
		{
			if (status < 0 || !is_record(a))
				continue;
			++*n;
			status = pass_record(x, &ev, a, err);
		}
	event_release(&ev);
	return status;
}

static int emit_dialogs(struct vcon_in *x, uint64_t *n, struct buf *err)
{
	bool sided = false;
	int status = 0;

	for (size_t i = 0; i < x->dialog_n && status == 0; i++) {
		if (x->dialogs[i].whole)
			continue;
		if (!sided)
			vcon_sides(x);
		sided = true;
		++*n;
		status = vcon_dialog(x, i, err);
	}
	return status;
}

/* Takes the container out of a signature (JWS, RFC 7515). -1 and a reason in x->why. */
static int unpack(struct vcon_in *x, struct json_doc *doc)
{
	struct str payload = vcon_text(doc->v, "payload");

	x->signed_by_some = payload.len && json_member(doc->v, "signatures");
	if (json_member(doc->v, "ciphertext"))
		return buf_puts(&x->why, "an encrypted vCon"), -1;
	if (!x->signed_by_some)
		return 0;
	buf_clear(&x->payload);
	if (!base64url_read(&x->payload, payload))
		return buf_puts(&x->why, "a signed vCon whose payload is no base64url"), -1;
	return json_parse(doc, buf_str(&x->payload), false, &x->why);
}

static int one(struct vcon_in *x, struct json_doc *doc, struct str raw, struct buf *err)
{
	struct str needs;
	uint64_t n = 0;
	int status;

	buf_clear(&x->why);
	if (json_parse(doc, raw, true, &x->why) < 0)
		return refuse(x, FAULT_JSON, x->why.s, raw, err);
	if (unpack(x, doc) < 0)
		return refuse(x, FAULT_ROW, x->why.s, raw, err);
	x->root = doc->v;
	x->uuid = vcon_text(x->root, "uuid");
	if (!x->uuid.len)
		return refuse(x, FAULT_ROW, "a vCon without a uuid, or none", raw, err);
	needs = vcon_needs(x->root);
	if (needs.len) {
		buf_printf(&x->why, "a vCon that is not to be read without the extension %.*s",
			(int)(needs.len < 80 ? needs.len : 80), needs.s);
		return refuse(x, FAULT_ROW, x->why.s, raw, err);
	}
	read_parts(x);
	x->told = false;
	status = emit_records(x, &n, err);
	if (status == 0)
		status = emit_dialogs(x, &n, err);
	x->run->empty += status == 0 && !n;
	return status;
}

/* ---- the input ---- */

struct reading {
	struct vcon_in x;
	struct jsonscan scan;
	bool spilling; /* the letter of one that is too long is open */
};

static int spill(void *ctx, const struct jsonscan *scan, struct str piece, struct buf *err)
{
	struct reading *r = ctx;
	struct vcon_in *x = &r->x;

	if (!r->spilling && ledger_letter_begin(x->run->ledger, FAULT_TOO_LONG,
				    "vCon too long (see --max-line)", x->file, scan->line,
				    scan->offset, err) < 0)
		return -1;
	r->spilling = true;
	return ledger_letter_more(x->run->ledger, piece, err);
}

/* The last bytes of one whose letter is open. */
static int end_spill(struct reading *r, struct buf *err)
{
	struct ledger *l = r->x.run->ledger;

	r->spilling = false;
	return ledger_letter_more(l, r->scan.raw, err) < 0 ? -1 : ledger_letter_end(l, err);
}

/* What is behind the break is not read: that stops the input besides. */
static int stop_at(struct reading *r, struct buf *err)
{
	struct vcon_in *x = &r->x;
	int status = r->spilling ? end_spill(r, err)
				 : refuse(x, FAULT_JSON, r->scan.why, r->scan.raw, err);

	if (status == 0)
		buf_printf(err, "%s:%llu: %s; nothing behind it was read", x->file,
			(unsigned long long)x->line, r->scan.why);
	return -1;
}

static int take(struct reading *r, struct json_doc *doc, int got, struct buf *err)
{
	struct vcon_in *x = &r->x;

	x->line = r->scan.line;
	x->offset = r->scan.offset;
	switch (got) {
	case JSONSCAN_ONE:
		return one(x, doc, r->scan.raw, err);
	case JSONSCAN_BROKEN:
		return stop_at(r, err);
	case JSONSCAN_LONG:
		return end_spill(r, err);
	default:
		return refuse(x, FAULT_JSON, r->scan.why, r->scan.raw, err);
	}
}

static int vcon_read(struct adapt_run *run, struct input *in, struct buf *err)
{
	struct reading r = {.x = {.run = run,
				    .file = in->name,
				    .text = BUF_INIT,
				    .why = BUF_INIT,
				    .payload = BUF_INIT}};
	struct json_doc doc = JSON_DOC_INIT;
	int got = 0, status = jsonscan_open(&r.scan, in, NULL, run->opt->max_line, err);

	r.scan.spill = spill;
	r.scan.ctx = &r;
	while (status == 0 && (got = jsonscan_next(&r.scan, err)) > 0)
		status = take(&r, &doc, got, err);
	jsonscan_close(&r.scan);
	json_release(&doc);
	free(r.x.parties);
	free(r.x.dialogs);
	buf_release(&r.x.text);
	buf_release(&r.x.why);
	buf_release(&r.x.payload);
	return status < 0 ? -1 : got;
}

/* ---- recognising ---- */

struct found {
	bool vcon, uuid, parts;
	int jose; /* names of a signed or an encrypted one */
};

static void note_name(struct found *f, struct str name)
{
	f->vcon |= str_is(name, "vcon");
	f->uuid |= str_is(name, "uuid");
	f->parts |= str_is(name, "parties") || str_is(name, "dialog");
	f->jose += str_is(name, "payload") || str_is(name, "signatures") ||
		   str_is(name, "ciphertext") || str_is(name, "recipients");
}

/* The names in the first object, of a list too, as far as the head goes. */
static struct found find_names(struct str head)
{
	int depth = 0, level = str_starts(head, STR("[")) ? 2 : 1;
	struct found f = {false, false, false, 0};

	for (size_t i = 0; i < head.len; i++) {
		size_t from = i + 1;

		if (head.s[i] == '{' || head.s[i] == '[')
			depth++;
		if ((head.s[i] == '}' || head.s[i] == ']') && --depth < level)
			break;
		if (head.s[i] != '"')
			continue;
		for (i++; i < head.len && head.s[i] != '"'; i++)
			i += head.s[i] == '\\';
		if (i >= head.len || depth != level)
			continue;
		if (str_starts(str_trim((struct str){head.s + i + 1, head.len - i - 1}), STR(":")))
			note_name(&f, (struct str){head.s + from, i - from});
	}
	return f;
}

static bool named(const char *path)
{
	return str_ends(str_of(path), STR(".vcon"));
}

/* One that says that it is one, more surely than it is the records that may stand in it; without
 * its version, less surely than a map. */
static int sniff(const struct adapt_peek *p)
{
	struct str head = p->head;
	struct found f;

	if (str_starts(head, STR("\xef\xbb\xbf")))
		head = (struct str){head.s + 3, head.len - 3};
	head = str_trim(head);
	if (!str_starts(head, STR("{")) && !str_starts(head, STR("[")))
		return 0;
	f = find_names(head);
	if (f.vcon)
		return f.uuid || f.parts ? 98 : 0;
	return (f.uuid && f.parts) || f.jose == 2 || (f.jose && named(p->path)) ? 85 : 0;
}

const struct adapter adapt_vcon = {
	"vcon", "vCon conversation containers (JSON), signed ones unchecked", sniff, vcon_read};
