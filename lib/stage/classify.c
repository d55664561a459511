#include "stage/classify.h"
#include "base/mem.h"
#include "base/text.h"
#include "core/needs.h"
#include "io/regex.h"
#include "stage/heard.h"
#include "stage/phrases.h"
#include "stage/verdict.h"

#include <stdlib.h>

#define PATTERN_SCORE 3 /* a pattern says as much as a phrase that is sure */
#define EDITS 12

struct pattern {
	struct regex *regex;
	uint64_t needs;
	struct needs_any any;
	struct regex_heads heads;
};

struct compiled {
	struct pattern *v;
	size_t n;
};

struct classify {
	const struct ontology *o;
	bool relabel;
	struct phrase_index *phrases; /* owners: intents, then signals, then entities (asked_by) */
	struct compiled *intents, *signals;
	size_t *patterned; /* the intents that have patterns */
	size_t patterned_n;
	int *scores; /* of the intents, for the text at hand */
	struct heard *heard;
	struct model *model;	  /* NULL: phrases and patterns alone */
	struct buf words, folded; /* of the text at hand */
	uint64_t has;		  /* the characters of the text and of `folded` */
	struct needs_pairs pairs; /* of `folded` */
	struct buf intent, confidence, label, signal_list, asks; /* raw JSON of the edits */
	struct event_edit edits[EDITS];
	size_t edit_n;
	struct verdict verdict; /* on the text at hand */
	bool judged;		/* by the model as well */
	bool explain;
	struct pipe *pipe; /* within classify_run */
	struct buf line;
};

static int compile(
	struct compiled *out, const struct patterns *p, const char *whose, struct buf *err)
{
	out->v = mem_zero(p->n, sizeof(*out->v));
	for (; out->n < p->n; out->n++) {
		struct pattern *one = &out->v[out->n];
		struct buf why = BUF_INIT;

		one->needs = needs_of_pattern(str_of(p->v[out->n]));
		needs_any_of_pattern(str_of(p->v[out->n]), &one->any);
		one->regex = regex_compile(str_of(p->v[out->n]), true, &why);
		if (!one->regex)
			buf_printf(err, "ontology: %s: %s", whose, why.s);
		buf_release(&why);
		if (!one->regex)
			return -1;
		regex_heads(one->regex, &one->heads);
	}
	return 0;
}

static int compile_all(struct classify *c, struct buf *err)
{
	const struct ontology *o = c->o;

	for (size_t i = 0; i < o->intent_n; i++)
		if (compile(&c->intents[i], &o->intents[i].patterns, o->intents[i].id, err) < 0)
			return -1;
	for (size_t i = 0; i < o->signal_n; i++)
		if (compile(&c->signals[i], &o->signals[i].patterns, o->signals[i].id, err) < 0)
			return -1;
	for (size_t i = 0; i < o->intent_n; i++)
		if (c->intents[i].n)
			c->patterned[c->patterned_n++] = i;
	c->heard = heard_new(o, c->relabel, err);
	return c->heard ? 0 : -1;
}

static size_t signal_owner(const struct classify *c, size_t signal)
{
	return c->o->intent_n + signal;
}

static size_t entity_owner(const struct classify *c, size_t entity)
{
	return c->o->intent_n + c->o->signal_n + entity;
}

struct classify *classify_new(const struct ontology *o, bool relabel, struct buf *err)
{
	struct classify *c = mem_zero(1, sizeof(*c));
	struct buf *bufs[] = {&c->words, &c->folded, &c->intent, &c->confidence, &c->label,
		&c->signal_list, &c->asks, &c->line};

	for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
		buf_init(bufs[i]);
	c->o = o;
	c->relabel = relabel;
	c->intents = mem_zero(o->intent_n, sizeof(*c->intents));
	c->signals = mem_zero(o->signal_n, sizeof(*c->signals));
	c->patterned = mem_zero(o->intent_n, sizeof(*c->patterned));
	c->scores = mem_zero(o->intent_n, sizeof(*c->scores));
	c->phrases = phrase_index_new(entity_owner(c, o->entity_n));
	for (size_t i = 0; i < o->intent_n; i++)
		phrase_index_add(c->phrases, i, &o->intents[i].phrases);
	for (size_t i = 0; i < o->signal_n; i++)
		phrase_index_add(c->phrases, signal_owner(c, i), &o->signals[i].phrases);
	for (size_t i = 0; i < o->entity_n; i++)
		phrase_index_add(c->phrases, entity_owner(c, i), &o->entities[i].asked_by);
	json_put_string(&c->label, str_of(o->label));
	if (compile_all(c, err) < 0) {
		classify_free(c);
		return NULL;
	}
	return c;
}

void classify_with(struct classify *c, struct model *m)
{
	c->model = m;
}

void classify_explain(struct classify *c)
{
	c->explain = true;
}

static void compiled_release(struct compiled *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < all[i].n; k++)
			regex_free(all[i].v[k].regex);
		free(all[i].v);
	}
	free(all);
}

void classify_free(struct classify *c)
{
	if (!c)
		return;
	phrase_index_free(c->phrases);
	compiled_release(c->intents, c->o->intent_n);
	compiled_release(c->signals, c->o->signal_n);
	heard_free(c->heard);
	free(c->patterned);
	free(c->scores);
	buf_release(&c->words);
	buf_release(&c->folded);
	buf_release(&c->intent);
	buf_release(&c->confidence);
	buf_release(&c->label);
	buf_release(&c->signal_list);
	buf_release(&c->asks);
	buf_release(&c->line);
	free(c);
}

/* What was folded is UTF-8. */
static bool matches(const struct classify *c, const struct pattern *p)
{
	struct str text = buf_str(&c->folded);

	return !(p->needs & ~c->has) && regex_may_begin(&p->heads, text) &&
	       needs_any_met(&p->any, &c->pairs) && regex_next(p->regex, text, 0, NULL, NULL);
}

static int pattern_score(const struct classify *c, const struct compiled *p)
{
	int score = 0;

	for (size_t i = 0; i < p->n; i++)
		if (matches(c, &p->v[i]))
			score += PATTERN_SCORE;
	return score;
}

static void score_intents(struct classify *c)
{
	for (size_t i = 0; i < c->o->intent_n; i++)
		c->scores[i] = phrase_index_score(c->phrases, i);
	for (size_t i = 0; i < c->patterned_n; i++)
		c->scores[c->patterned[i]] += pattern_score(c, &c->intents[c->patterned[i]]);
}

/* The best among the intents that are courtesy, or among those that are not; the earlier one wins a
 * tie. */
static struct best best_of(const struct classify *c, bool courtesy)
{
	struct best b = {NULL, NULL, 0, 0};

	for (size_t i = 0; i < c->o->intent_n; i++) {
		int score = c->scores[i];

		if (!score || c->o->intents[i].courtesy != courtesy)
			continue;
		if (score > b.score) {
			b.second = b.score;
			b.rival = b.intent;
			b.score = score;
			b.intent = &c->o->intents[i];
		} else if (score > b.second) {
			b.second = score;
			b.rival = &c->o->intents[i];
		}
	}
	return b;
}

/* Courtesy counts only where nothing else was said; it has then no rival. */
static struct best find_intent(struct classify *c)
{
	struct best b;

	score_intents(c);
	b = best_of(c, false);
	if (!b.intent) {
		b = best_of(c, true);
		b.second = 0;
		b.rival = NULL;
	}
	return b;
}

/* What a model has learnt is what customers say; a value alone, or a name, says nothing. */
static struct verdict find_verdict(struct classify *c, bool hers)
{
	struct best b = find_intent(c);
	struct judged j = {0};

	c->judged = hers && c->model && heard_says(c->heard, model_knows, c->model);
	if (!c->judged)
		return verdict_of(c->o, &b, NULL, NULL);
	j = model_judge(c->model, buf_str(&c->words));
	return verdict_of(c->o, &b, c->model, &j);
}

/* Notes a change unless the member reads so already; an empty value takes the member away. */
static void edit(
	struct classify *c, const struct event *ev, enum event_data member, struct str value)
{
	const struct json *old = ev->data[member];

	if (old ? str_eq(old->raw, value) : !value.len)
		return;
	c->edits[c->edit_n++] = (struct event_edit){true, event_data_name(member), value};
}

static bool is_open(const struct classify *c, const struct event *ev, enum event_data member)
{
	return c->relabel || !ev->data[member];
}

static bool asks_anything(const struct classify *c)
{
	for (size_t i = 0; i < c->o->entity_n; i++)
		if (phrase_index_score(c->phrases, entity_owner(c, i)))
			return true;
	return false;
}

/* Whether words of ours will have `asks`. */
static bool will_ask(const struct classify *c, const struct event *ev)
{
	return is_open(c, ev, DATA_ASKS) ? asks_anything(c) : ev->data[DATA_ASKS]->count > 0;
}

/* Words of ours have an intent only where they are courtesy alone: such an answer is of no use to
 * her. */
static void label_intent(struct classify *c, const struct event *ev, bool hers)
{
	struct verdict *v = &c->verdict;

	if (!is_open(c, ev, DATA_INTENT))
		return;
	*v = find_verdict(c, hers);
	if (v->intent && !hers && (!v->intent->courtesy || asks_anything(c)))
		v->intent = NULL;
	if (!v->intent && !c->relabel)
		return;
	buf_clear(&c->intent);
	buf_clear(&c->confidence);
	if (v->intent) {
		json_put_string(&c->intent, str_of(v->intent->id));
		json_put_number(&c->confidence, v->confidence);
	}
	edit(c, ev, DATA_INTENT, buf_str(&c->intent));
	edit(c, ev, DATA_CONFIDENCE, buf_str(&c->confidence));
}

static void put_item(struct buf *list, const char *id)
{
	buf_byte(list, list->len ? ',' : '[');
	json_put_string(list, str_of(id));
}

static void label_list(
	struct classify *c, const struct event *ev, enum event_data member, struct buf *list)
{
	if (list->len)
		buf_byte(list, ']');
	edit(c, ev, member, buf_str(list));
}

static void label_signals(struct classify *c, const struct event *ev)
{
	if (!is_open(c, ev, DATA_SIGNALS))
		return;
	buf_clear(&c->signal_list);
	for (size_t i = 0; i < c->o->signal_n; i++)
		if (phrase_index_score(c->phrases, signal_owner(c, i)) ||
			pattern_score(c, &c->signals[i]))
			put_item(&c->signal_list, c->o->signals[i].id);
	label_list(c, ev, DATA_SIGNALS, &c->signal_list);
}

static void label_asks(struct classify *c, const struct event *ev)
{
	if (!is_open(c, ev, DATA_ASKS))
		return;
	buf_clear(&c->asks);
	for (size_t i = 0; i < c->o->entity_n; i++)
		if (phrase_index_score(c->phrases, entity_owner(c, i)))
			put_item(&c->asks, c->o->entities[i].id);
	label_list(c, ev, DATA_ASKS, &c->asks);
}

/*
 * The ontology's name goes onto what it labelled, behind the intent and its confidence; an intent
 * that was kept keeps the name of who gave it.
 */
static void label_ontology(struct classify *c, const struct event *ev, size_t at)
{
	bool kept = !c->relabel && ev->data[DATA_INTENT] && ev->data[DATA_ONTOLOGY];
	size_t n = c->edit_n;
	struct event_edit last;

	if (!n || kept)
		return;
	edit(c, ev, DATA_ONTOLOGY, buf_str(&c->label));
	if (c->edit_n == n)
		return;
	last = c->edits[n];
	memmove(&c->edits[at + 1], &c->edits[at], (n - at) * sizeof(last));
	c->edits[at] = last;
}

enum speaker { SPEAKER_NONE, SPEAKER_HERS, SPEAKER_OURS };

static enum speaker speaker_of(const struct event *ev)
{
	struct str direction = event_attr(ev, ATTR_DIRECTION), actor = event_attr(ev, ATTR_ACTOR);

	if (str_is(direction, "in") && str_is(actor, "customer"))
		return SPEAKER_HERS;
	if (str_is(direction, "out") && (str_is(actor, "agent") || str_is(actor, "bot")))
		return SPEAKER_OURS;
	return SPEAKER_NONE;
}

bool classify_concerns(const struct event *ev)
{
	return speaker_of(ev) != SPEAKER_NONE;
}

/* A line that goes on in the next one, as mail is broken, is one to a pattern; an empty line parts.
 */
static void join_lines(struct buf *text)
{
	size_t n = 0;

	for (size_t i = 0; i < text->len; i++)
		if (text->s[i] != '\r' || text->s[i + 1] != '\n')
			text->s[n++] = text->s[i];
	buf_cut(text, n);
	for (size_t i = 1; i + 1 < n; i++)
		if (text->s[i] == '\n' && text->s[i - 1] != '\n' && text->s[i + 1] != '\n')
			text->s[i] = ' ';
}

static void look_at(struct classify *c, struct str text)
{
	buf_clear(&c->words);
	text_words(&c->words, text);
	phrase_index_match(c->phrases, buf_str(&c->words));
	buf_clear(&c->folded);
	text_fold(&c->folded, text);
	join_lines(&c->folded);
	c->has = needs_of_text(buf_str(&c->folded));
	if (!text_printable(text))
		c->has |= needs_of_text(text);
	needs_pairs_of_text(buf_str(&c->folded), &c->pairs);
}

void classify_event(struct classify *c, const struct event *ev, struct buf *out)
{
	enum speaker speaker = speaker_of(ev);
	struct str text = event_text(ev, DATA_TEXT);
	size_t behind_intent;

	c->edit_n = 0;
	if (speaker != SPEAKER_NONE && str_trim(text).len) {
		look_at(c, text);
		heard_text(c->heard, ev, text, buf_str(&c->words), speaker == SPEAKER_HERS);
		label_intent(c, ev, speaker == SPEAKER_HERS);
		c->edit_n = heard_intent(c->heard, ev, will_ask(c, ev), c->edits, c->edit_n);
		behind_intent = c->edit_n;
		c->edit_n = heard_labels(c->heard, ev, c->edits, c->edit_n);
		if (speaker == SPEAKER_HERS)
			label_signals(c, ev);
		else
			label_asks(c, ev);
		label_ontology(c, ev, behind_intent);
		c->edit_n = heard_language(c->heard, ev, c->edits, c->edit_n);
	}
	event_write(out, ev, c->edits, c->edit_n);
}

struct verdict classify_text(struct classify *c, struct str text)
{
	look_at(c, text);
	heard_alone(c->heard, text);
	return find_verdict(c, true);
}

/* In place of the record: where it stands, and why it is what it is. */
static void explain(struct classify *c, const struct event *ev, struct buf *out)
{
	const struct lines *in = &c->pipe->in;
	struct str text = event_text(ev, DATA_TEXT);

	buf_printf(out, "%s:%llu: ", in->name, (unsigned long long)in->number);
	if (speaker_of(ev) != SPEAKER_HERS || !str_trim(text).len) {
		buf_puts(out, "no customer's words");
		return;
	}
	c->verdict = classify_text(c, text);
	verdict_explain(out, c->o, &c->verdict, c->phrases, c->judged ? c->model : NULL);
}

static int each(void *ctx, struct event *ev, struct buf *err)
{
	struct classify *c = ctx;

	if (heard_before(c->heard, ev, c->pipe, err) < 0)
		return PIPE_STOP;
	buf_clear(&c->line);
	if (c->explain) {
		explain(c, ev, &c->line);
	} else {
		classify_event(c, ev, &c->line);
		heard_after(c->heard, ev);
	}
	return pipe_put(c->pipe, buf_str(&c->line), err);
}

static int rest(void *ctx, struct buf *err)
{
	struct classify *c = ctx;

	return heard_rest(c->heard, c->pipe, err);
}

void classify_region(struct classify *c, const char *region)
{
	heard_region(c->heard, region);
}

uint64_t classify_promised(const struct classify *c)
{
	return heard_promised(c->heard);
}

int classify_run(struct classify *c, struct pipe *p, char *const *paths, size_t n, struct buf *err)
{
	c->pipe = p;
	p->idle = rest;
	return pipe_run(p, paths, n, each, c, err);
}
