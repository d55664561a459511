#include "stage/heard.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "core/detect.h"
#include "core/draft.h"
#include "io/language.h"
#include "stage/carry.h"
#include "stage/common.h"
#include "stage/promises.h"
#include "stage/sentiment.h"

#include <stdlib.h>

#define SAID_MAX 500 /* bytes of the sentence that a promise keeps */

/* A promise that was found and is not put out yet. */
struct held {
	struct buf id, record;
	bool there;
};

struct heard {
	const struct ontology *o;
	bool relabel;
	const char *region;
	struct detect *detect;
	struct sentiment *sentiment;
	struct common *common;
	struct promises_index *promises;
	struct carry *carry;
	/* The text at hand. */
	bool looked, hers;
	struct carried *of; /* its conversation; NULL: none */
	struct saying said;
	const char *lang; /* as found; NULL: it is told, or not certain */
	const struct detected *found;
	size_t found_n;
	struct buf valued;
	struct buf intent, confidence, entities, mood, told_lang; /* raw JSON of changes */
	/* Promises. */
	struct hash *hash;
	struct draft draft;
	struct held *held;
	size_t held_n, held_cap;
	uint64_t promised;
};

struct heard *heard_new(const struct ontology *o, bool relabel, struct buf *err)
{
	struct heard *h = mem_zero(1, sizeof(*h));
	struct buf *bufs[] = {
		&h->valued, &h->intent, &h->confidence, &h->entities, &h->mood, &h->told_lang};

	for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
		buf_init(bufs[i]);
	h->o = o;
	h->relabel = relabel;
	draft_init(&h->draft);
	h->hash = hash_new();
	h->sentiment = sentiment_new(o);
	h->common = common_new();
	h->promises = promises_new(o);
	h->carry = carry_new(o);
	h->detect = detect_new(o, err);
	if (!h->detect) {
		heard_free(h);
		return NULL;
	}
	return h;
}

void heard_free(struct heard *h)
{
	if (!h)
		return;
	detect_free(h->detect);
	sentiment_free(h->sentiment);
	common_free(h->common);
	promises_free(h->promises);
	carry_free(h->carry);
	hash_free(h->hash);
	draft_release(&h->draft);
	for (size_t i = 0; i < h->held_cap; i++) {
		buf_release(&h->held[i].id);
		buf_release(&h->held[i].record);
	}
	free(h->held);
	buf_release(&h->valued);
	buf_release(&h->intent);
	buf_release(&h->confidence);
	buf_release(&h->entities);
	buf_release(&h->mood);
	buf_release(&h->told_lang);
	free(h);
}

void heard_region(struct heard *h, const char *region)
{
	h->region = region;
}

/* ---- the text at hand ---- */

/* A look at all of a text takes as long as all else that is done with it: most texts are told by
 * their commonest words. */
static const char *language_by(const struct heard *h, struct str text, struct str words)
{
	const char *lang = language_tells(text) ? common_language(h->common, words) : NULL;

	return lang ? lang : language_of(text);
}

/* In a conversation where two texts in a row were of one language, the next are taken to be so, but
 * for every eighth. */
static const char *look_at_language(struct heard *h, struct str text, struct str words)
{
	struct carried *of = h->of;
	const char *lang;

	if (of && of->agreed >= 2 && of->agreed % 8) {
		of->agreed++;
		return language_tells(text) ? of->lang : NULL;
	}
	lang = language_by(h, text, words);
	if (of && lang && strlen(lang) < CARRY_LANG) {
		of->agreed = (uint8_t)(strcmp(of->lang, lang) == 0 ? of->agreed + 1 : 1);
		memcpy(of->lang, lang, strlen(lang) + 1);
	}
	return lang;
}

/* What the record tells, else what the text shows, else that of the words before. */
static struct str lang_of(
	struct heard *h, const struct event *ev, struct str text, struct str words)
{
	struct str told = event_text(ev, DATA_LANG);

	h->lang = told.len ? NULL : look_at_language(h, text, words);
	if (told.len)
		return told;
	return str_of(h->lang ? h->lang : h->of ? h->of->lang : "");
}

void heard_text(
	struct heard *h, const struct event *ev, struct str text, struct str words, bool hers)
{
	struct str region = event_text(ev, DATA_REGION);

	h->looked = true;
	h->hers = hers;
	h->of = carry_of(h->carry, ev);
	h->said = (struct saying){lang_of(h, ev, text, words),
		region.len || !h->region ? region : str_of(h->region), ev->time};
	h->found_n = detect_text(h->detect, text, &h->said, &h->found);
}

void heard_alone(struct heard *h, struct str text)
{
	h->looked = false;
	h->said = (struct saying){STR(""), str_of(h->region ? h->region : ""), 0};
	h->found_n = detect_text(h->detect, text, &h->said, &h->found);
}

/* A byte a byte of the text: what is part of a value. */
static void mark_values(struct heard *h, size_t len)
{
	buf_clear(&h->valued);
	buf_room(&h->valued, len);
	memset(h->valued.s, 0, len);
	for (size_t i = 0; i < h->found_n; i++)
		memset(h->valued.s + h->found[i].begin, 1, h->found[i].end - h->found[i].begin);
}

static bool is_value(const struct heard *h, const struct word *word)
{
	return !memchr(h->valued.s + word->begin, 0, word->end - word->begin);
}

/* A digit in the word, or one of these beside it: maria_77, @maria, maria@example.com, /maria. */
static bool is_code(const struct words *w, size_t i)
{
	static const char marks[] = "@_/\\";
	const struct word *word = &w->v[i];
	struct str folded = words_at(w, i);

	for (size_t k = 0; k < folded.len; k++)
		if (folded.s[k] >= '0' && folded.s[k] <= '9')
			return true;
	if (word->begin && memchr(marks, w->text.s[word->begin - 1], sizeof(marks) - 1))
		return true;
	return word->end < w->text.len && memchr(marks, w->text.s[word->end], sizeof(marks) - 1);
}

bool heard_says(struct heard *h, bool (*known)(const void *ctx, struct str word), const void *ctx)
{
	const struct words *w = detect_words(h->detect);

	mark_values(h, w->text.len);
	for (size_t i = 0; i < w->n; i++)
		if (known(ctx, words_at(w, i)) && !is_code(w, i) && !is_value(h, &w->v[i]))
			return true;
	return false;
}

static size_t change(const struct event *ev, struct event_edit *edits, size_t n,
	enum event_data member, struct str value)
{
	const struct json *old = ev->data[member];

	if (old ? str_eq(old->raw, value) : !value.len)
		return n;
	edits[n] = (struct event_edit){true, event_data_name(member), value};
	return n + 1;
}

/* ---- intents ---- */

static struct event_edit *edit_of(struct event_edit *edits, size_t n, enum event_data member)
{
	for (size_t i = 0; i < n; i++)
		if (edits[i].in_data && strcmp(edits[i].name, event_data_name(member)) == 0)
			return &edits[i];
	return NULL;
}

/* The number of the intent that the record will have, + 1, and how sure; 0: none. */
static uint32_t intent_of(const struct heard *h, const struct event *ev, struct event_edit *edits,
	size_t n, double *confidence)
{
	const struct event_edit *now = edit_of(edits, n, DATA_INTENT);
	const struct event_edit *sure = edit_of(edits, n, DATA_CONFIDENCE);
	struct str id = event_text(ev, DATA_INTENT);
	const struct intent *t;

	if (now)
		id = now->value.len > 2 ? (struct str){now->value.s + 1, now->value.len - 2}
					: STR("");
	*confidence = 1;
	if (sure && sure->value.len)
		*confidence = strtod(sure->value.s, NULL);
	else if (!sure && ev->data[DATA_CONFIDENCE])
		json_number(ev->data[DATA_CONFIDENCE], confidence);
	t = id.len ? ontology_now(h->o, id) : NULL;
	return t ? (uint32_t)(t - h->o->intents) + 1 : 0;
}

static size_t replace(const struct event *ev, struct event_edit *edits, size_t n,
	enum event_data member, struct str value)
{
	struct event_edit *there = edit_of(edits, n, member);
	size_t left;

	if (!there)
		return change(ev, edits, n, member, value);
	there->value = value;
	if (!ev->data[member] || !str_eq(ev->data[member]->raw, value))
		return n;
	left = n - (size_t)(there - edits) - 1;
	memmove(there, there + 1, left * sizeof(*there));
	return n - 1;
}

/* Remembers what the conversation is about. */
static void remember(
	struct heard *h, const struct event *ev, uint32_t intent, double confidence, bool asks)
{
	struct carried *of = h->of;
	const struct intent *t = intent ? &h->o->intents[intent - 1] : NULL;

	if (h->hers && t && !t->courtesy) {
		of->intent = t->resolving ? 0 : intent;
		of->confidence = (float)confidence;
	}
	of->asked = !h->hers && (asks || text_asks(event_text(ev, DATA_TEXT)));
	of->time = ev->time;
}

size_t heard_intent(
	struct heard *h, const struct event *ev, bool asks, struct event_edit *edits, size_t n)
{
	const struct json *mark = ev->data[DATA_INHERITED];
	double confidence;
	uint32_t intent = intent_of(h, ev, edits, n, &confidence);
	const struct intent *carried = NULL;
	bool open = h->relabel || (!ev->data[DATA_INTENT] && !mark);
	bool marked;

	if (h->of && h->hers && !intent && open && (h->relabel || !ev->data[DATA_INTENT]))
		carried = carry_on(h->carry, h->of, ev, detect_words(h->detect), &confidence);
	if (carried) {
		buf_clear(&h->intent);
		buf_clear(&h->confidence);
		json_put_string(&h->intent, str_of(carried->id));
		json_put_number(&h->confidence, confidence);
		n = replace(ev, edits, n, DATA_INTENT, buf_str(&h->intent));
		n = replace(ev, edits, n, DATA_CONFIDENCE, buf_str(&h->confidence));
		intent = (uint32_t)(carried - h->o->intents) + 1;
	}
	marked = mark && str_is(mark->raw, "true");
	if (open && (carried ? !marked : mark != NULL))
		edits[n++] =
			(struct event_edit){true, "inherited", carried ? STR("true") : STR("")};
	if (h->of)
		remember(h, ev, intent, confidence, asks);
	return n;
}

/* ---- entities, sentiment, language ---- */

/* Members that are there stay, even when labels are renewed: the source knows better. */
static size_t label_entities(
	struct heard *h, const struct event *ev, struct event_edit *edits, size_t n)
{
	const struct json *old = ev->data[DATA_ENTITIES];
	bool added = false;

	if (old && old->type != JSON_OBJECT)
		return n;
	buf_clear(&h->entities);
	buf_byte(&h->entities, '{');
	for
		JSON_EACH(v, old)
		{
			json_put_member(&h->entities, v);
		}
	for (size_t i = 0; i < h->found_n; i++) {
		const struct detected *d = &h->found[i];
		const char *id = h->o->entities[d->entity].id;

		if ((i && d[-1].entity == d->entity) || json_member(old, id))
			continue;
		json_put_key(&h->entities, id);
		json_put_string(&h->entities, d->value);
		added = true;
	}
	buf_byte(&h->entities, '}');
	return added ? change(ev, edits, n, DATA_ENTITIES, buf_str(&h->entities)) : n;
}

size_t heard_labels(struct heard *h, const struct event *ev, struct event_edit *edits, size_t n)
{
	double mood;

	n = label_entities(h, ev, edits, n);
	if (!h->hers || (!h->relabel && ev->data[DATA_SENTIMENT]))
		return n;
	buf_clear(&h->mood);
	if (sentiment_of(h->sentiment, detect_words(h->detect), h->said.lang, &mood))
		json_put_number(&h->mood, mood);
	return change(ev, edits, n, DATA_SENTIMENT, buf_str(&h->mood));
}

size_t heard_language(struct heard *h, const struct event *ev, struct event_edit *edits, size_t n)
{
	if (!h->lang || ev->data[DATA_LANG])
		return n;
	buf_clear(&h->told_lang);
	json_put_string(&h->told_lang, str_of(h->lang));
	return change(ev, edits, n, DATA_LANG, buf_str(&h->told_lang));
}

/* ---- promises ---- */

static struct held *hold(struct heard *h)
{
	struct held *one;

	if (h->held_n == h->held_cap) {
		size_t cap = h->held_cap;

		h->held = mem_grow(h->held, &h->held_cap, h->held_n + 1, sizeof(*h->held));
		for (size_t i = cap; i < h->held_cap; i++) {
			buf_init(&h->held[i].id);
			buf_init(&h->held[i].record);
		}
	}
	one = &h->held[h->held_n++];
	buf_clear(&one->id);
	buf_clear(&one->record);
	one->there = false;
	return one;
}

/* The same promise of the same message has the same id, however often it is read. */
static void put_id(struct heard *h, const struct event *ev, const struct promise_found *p,
	const char *due, struct buf *out)
{
	unsigned char digest[HASH_SIZE];

	hash_begin(h->hash);
	hash_add_part(h->hash, event_attr(ev, ATTR_SOURCE));
	hash_add_part(h->hash, event_attr(ev, ATTR_ID));
	hash_add_part(h->hash, str_of(p->action));
	hash_add_part(h->hash, str_of(due));
	hash_end(h->hash, digest);
	buf_puts(out, "promise-");
	hash_hex(out, digest, 16);
}

static void add_promise(struct heard *h, const struct event *ev, const struct promise_found *p)
{
	static const enum event_attr same[] = {
		ATTR_SOURCE, ATTR_SESSION, ATTR_CHANNEL, ATTR_ACTOR, ATTR_TRACEPARENT};
	struct held *held = hold(h);
	struct draft *d = &h->draft;
	char due[WHEN_TEXT] = "";

	if (p->due != PROMISE_UNDATED)
		when_format(p->due, due);
	put_id(h, ev, p, due, &held->id);
	draft_clear(d);
	d->time = ev->time;
	draft_attr(d, ATTR_ID, buf_str(&held->id));
	draft_attr(d, ATTR_TYPE, STR("commitment.made"));
	draft_attr(d, ATTR_DIRECTION, STR("internal"));
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (event_attr(ev, same[i]).len)
			draft_attr(d, same[i], event_attr(ev, same[i]));
	draft_text(d, DATA_TEXT, text_cut(p->said, SAID_MAX));
	if (!event_attr(ev, ATTR_SESSION).len && ev->data[DATA_IDENTIFIERS])
		draft_raw(d, DATA_IDENTIFIERS, ev->data[DATA_IDENTIFIERS]->raw);
	if (ev->data[DATA_AGENT])
		draft_text(d, DATA_AGENT, event_text(ev, DATA_AGENT));
	if (ev->data[DATA_CASE])
		draft_text(d, DATA_CASE, event_text(ev, DATA_CASE));
	draft_text(d, DATA_ONTOLOGY, str_of(h->o->label));
	draft_text(d, DATA_EVENT, event_attr(ev, ATTR_ID));
	draft_text(d, DATA_ACTION, str_of(p->action));
	draft_text(d, DATA_DUE, str_of(due));
	if (ev->data[DATA_ORDER])
		draft_raw(d, DATA_ORDER, ev->data[DATA_ORDER]->raw);
	draft_write(&held->record, d);
}

void heard_after(struct heard *h, const struct event *ev)
{
	const struct promise_found *found;
	size_t n;

	if (!h->looked || h->hers)
		return;
	n = promises_find(h->promises, detect_words(h->detect), &h->said, &found);
	for (size_t i = 0; i < n; i++)
		add_promise(h, ev, &found[i]);
}

/* They are no record that was read, so the run's account leaves them out. */
int heard_rest(struct heard *h, struct pipe *p, struct buf *err)
{
	for (size_t i = 0; i < h->held_n; i++) {
		struct buf *record = &h->held[i].record;

		if (h->held[i].there)
			continue;
		buf_byte(record, '\n');
		if (ledger_flush(p->ledger, err) < 0 || out_put(p->out, buf_str(record), err) < 0)
			return -1;
		h->promised++;
	}
	h->held_n = 0;
	return 0;
}

int heard_before(struct heard *h, const struct event *ev, struct pipe *p, struct buf *err)
{
	h->looked = false;
	if (!h->held_n)
		return 0;
	if (str_is(event_attr(ev, ATTR_TYPE), "commitment.made"))
		for (size_t i = 0; i < h->held_n; i++)
			if (str_eq(event_attr(ev, ATTR_ID), buf_str(&h->held[i].id))) {
				h->held[i].there = true;
				return 0;
			}
	return heard_rest(h, p, err);
}

uint64_t heard_promised(const struct heard *h)
{
	return h->promised;
}
