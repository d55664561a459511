#include "stage/handoff.h"
#include "base/die.h"
#include "base/text.h"
#include "base/when.h"
#include "core/store/past.h"
#include "io/filter.h"

#include <unistd.h>

#define SUMMARY_READ ((size_t)1 << 16) /* of what the command writes, at most */

static bool for_people(const struct handoff *h, bool *people, struct buf *err)
{
	*people = h->format ? strcmp(h->format, "text") == 0 : isatty(STDOUT_FILENO);
	if (!h->format || *people || strcmp(h->format, "json") == 0)
		return true;
	buf_printf(err, "no such output: %s (text, json)", h->format);
	return false;
}

/* The log's own clock: the time of its last record. The same log tells the same. */
static int find_now(struct handoff *h, int64_t *now, struct buf *err)
{
	struct buf body = BUF_INIT;
	struct store_row row = {0};
	int64_t last = h->as_of;
	int status = last == INT64_MAX ? store_last(h->store, &last, err) : 0;

	if (status == 0 && last)
		status = store_row(h->store, last, last, &row, &body, err);
	*now = row.time < row.recorded ? row.time : row.recorded;
	buf_release(&body);
	return status;
}

static int load(struct handoff *h, struct bundle *b, struct buf *err)
{
	struct bundle_place at = {.as_of = h->as_of};
	struct person who;
	int status = store_read_begin(h->store, err);

	if (status == 0)
		status = past_person(h->store, h->customer, h->as_of, &who, err);
	if (status == 0)
		status = find_now(h, &at.now, err);
	if (status == 0)
		status = journey_bundle(h->store, h->customer, &who, at, b, err);
	store_read_end(h->store);
	return status;
}

/* Outside of any transaction: it takes its time. */
static void summarize(const struct handoff *h, struct bundle *b)
{
	struct buf in = BUF_INIT, out = BUF_INIT, why = BUF_INIT;

	bundle_write(&in, b, false);
	buf_byte(&in, '\n');
	if (filter_run(h->summarize, buf_str(&in), h->timeout_ms, SUMMARY_READ, &out, &why) == 0 &&
		!bundle_take_summary(b, buf_str(&out)))
		buf_puts(&why, out.len > BUNDLE_SUMMARY ? "nothing of what it wrote fits"
							: "it wrote nothing");
	if (why.len) {
		warn("--summarize-with: %s: the summary is an extract", why.s);
		bundle_summary_failed(b, buf_str(&why));
	}
	buf_release(&in);
	buf_release(&out);
	buf_release(&why);
}

/* ---- for people ---- */

struct page {
	const struct handoff *h;
	struct buf *out;
};

static void paint(const struct page *p, const char *code)
{
	if (p->h->colour)
		buf_printf(p->out, "\033[%sm", code);
}

/* A value as people read it: times in their zone, lists with commas, an object in a list by its
 * values. */
static void put_value(const struct page *p, const struct json *v, bool listed)
{
	int64_t ms;
	bool first = true;

	if (v->type >= JSON_ARRAY) {
		for
			JSON_EACH(one, v)
			{
				buf_puts(p->out, first ? "" : listed ? " " : ", ");
				first = false;
				if (one->key.len && !listed) {
					text_plain(p->out, one->key);
					buf_byte(p->out, ' ');
				}
				put_value(p, one, one->type == JSON_OBJECT);
			}
	} else if (v->type == JSON_STRING && v->text.len >= 20 && when_parse(v->text, &ms)) {
		when_minute(p->out, ms);
	} else {
		text_plain(p->out, v->text);
	}
}

static void head(const struct page *p, const char *title)
{
	paint(p, "1");
	buf_printf(p->out, "%-12s", title);
	paint(p, "0");
}

/*
 * How a member is told: its title, and for an object, or each of a list of them, the members in
 * their order, those with a word before them after a blank: "kind value  due". A member that is not
 * there is passed over.
 */
struct line {
	const char *member, *title;
	const char *const *of;
};

static bool put_members(const struct page *p, const struct json *v, const char *const *of)
{
	bool any = false;

	for (; of[0]; of += 2) {
		const struct json *m = json_member(v, of[0]);

		if (!m || (m->type >= JSON_ARRAY && !m->count))
			continue;
		buf_puts(p->out, any ? "  " : "");
		any = true;
		if (m->type == JSON_TRUE || m->type == JSON_FALSE) {
			buf_printf(p->out, "%s%s", m->type == JSON_TRUE ? "" : "not ", of[1]);
			continue;
		}
		if (of[1])
			buf_printf(p->out, "%s ", of[1]);
		put_value(p, m, false);
	}
	return any;
}

static const char *const of_identifier[] = {"kind", NULL, "value", NULL, "source", "of", NULL};
static const char *const of_contact[] = {"channel", NULL, "started", "since", "ended", "to", "case",
	"case", "waiting_since", "she waits since", NULL};
static const char *const of_issue[] = {
	"family", NULL, "case", "case", "started", "since", "contacts", "contacts", NULL};
static const char *const of_entity[] = {"value", NULL, "time", "given", "channel", NULL, "by", "by",
	"on", "on", "earlier", "before:", NULL};
static const char *const of_question[] = {
	"time", NULL, "channel", NULL, "text", NULL, "intent", NULL, "answered", "answered", NULL};
static const char *const of_request[] = {
	"time", NULL, "channel", NULL, "entity", NULL, "given", "given", NULL};
static const char *const of_promise[] = {"action", NULL, "by", "by", "made", NULL, "due", "due",
	"kept", "kept", "state", NULL, NULL};
static const char *const of_decision[] = {"time", NULL, "action", NULL, "amount", NULL, "currency",
	NULL, "verdict", NULL, "policies", "by", NULL};
static const char *const of_tried[] = {"time", NULL, "what", NULL, "from", "from", "to", "to",
	"reason", "for", "text", NULL, NULL};
static const char *const of_consent[] = {
	"channel", NULL, "purpose", NULL, "granted", "granted", "since", NULL, NULL};
static const char *const of_mood[] = {
	"first", "first", "last", "last", "mean", "mean", "words", "words", NULL};
static const char *const of_next[] = {"step", NULL, "entities", NULL, "action", NULL, "due", "due",
	"time", NULL, "text", NULL, NULL};
static const char *const of_whole[] = {
	"present", NULL, "required", "of", "missing", "missing:", NULL};

static const struct line lines[] = {
	{"identifiers", "Identifiers", of_identifier},
	{"intent", "Wants", NULL},
	{"stage", "Stage", NULL},
	{"contact", "Contact", of_contact},
	{"open_issues", "Open", of_issue},
	{"summary", "Summary", NULL},
	{"summary_error", "(by itself)", NULL},
	{"next", "Next", of_next},
	{"questions", "She asked", of_question},
	{"requests", "We asked", of_request},
	{"commitments", "Promised", of_promise},
	{"decisions", "Decided", of_decision},
	{"tried", "Tried", of_tried},
	{"consent", "Consent", of_consent},
	{"sentiment", "Sentiment", of_mood},
	{"signals", "Signals", NULL},
	{"left_out", "Earlier", NULL},
	{"completeness", "Complete", of_whole},
};

static void put_list(const struct page *p, const struct json *v, const struct line *l)
{
	bool first = true;

	for
		JSON_EACH(one, v)
		{
			head(p, first ? l->title : "");
			first = false;
			put_members(p, one, l->of);
			buf_byte(p->out, '\n');
		}
}

static void put_line(const struct page *p, const struct json *v, const struct line *l)
{
	if (!v || (v->type >= JSON_ARRAY && !v->count))
		return;
	if (v->type == JSON_ARRAY && l->of) {
		put_list(p, v, l);
		return;
	}
	head(p, l->title);
	if (l->of)
		put_members(p, v, l->of);
	else
		put_value(p, v, false);
	buf_byte(p->out, '\n');
}

static void put_entities(const struct page *p, const struct json *all)
{
	bool first = true;

	if (!all)
		return;
	for
		JSON_EACH(v, all)
		{
			head(p, first ? "Known" : "");
			first = false;
			text_plain(p->out, v->key);
			buf_puts(p->out, "  ");
			put_members(p, v, of_entity);
			buf_byte(p->out, '\n');
		}
}

static void put_page(const struct page *p, const struct json *bundle)
{
	static const char *const who[] = {"name", NULL, "lang", NULL, "region", NULL, "known",
		"known", "as_of", "as of", NULL};

	head(p, "Customer");
	put_value(p, json_member(bundle, "customer"), false);
	buf_puts(p->out, "  ");
	put_members(p, bundle, who);
	buf_byte(p->out, '\n');
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (strcmp(lines[i].member, "questions") == 0)
			put_entities(p, json_member(bundle, "entities"));
		put_line(p, json_member(bundle, lines[i].member), &lines[i]);
	}
}

/* People read what machines do, laid out. */
static int lay_out(const struct handoff *h, struct str bundle, struct buf *out, struct buf *err)
{
	const struct page page = {h, out};
	struct json_doc doc = JSON_DOC_INIT;
	int status = json_parse(&doc, bundle, false, err);

	if (status == 0)
		put_page(&page, doc.v);
	json_release(&doc);
	return status < 0 ? STORE_ERROR : 0;
}

int handoff(struct handoff *h, struct buf *err)
{
	struct buf json = BUF_INIT, text = BUF_INIT;
	struct bundle *b;
	bool people;
	int status;

	if (!for_people(h, &people, err))
		return STORE_ERROR;
	b = bundle_new(h->ontology);
	status = load(h, b, err);
	if (status == 0 && h->summarize)
		summarize(h, b);
	if (status == 0) {
		bundle_write(&json, b, false);
		buf_byte(&json, '\n');
		if (people)
			status = lay_out(h, buf_str(&json), &text, err);
	}
	if (status == 0)
		status = out_put(h->out, buf_str(people ? &text : &json), err);
	bundle_free(b);
	buf_release(&json);
	buf_release(&text);
	return status;
}
