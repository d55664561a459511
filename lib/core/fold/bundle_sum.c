/* What a bundle says in the end: the next step, what is whole, the summary in her words and ours.
 */
#include "base/text.h"
#include "core/fold/bundle_internal.h"

#define PROMISE_BYTES 80 /* of a promise's name in a summary, and */
#define WHO_BYTES 40	 /* of an agent's */

static bool issue_open(const struct bundle *b, size_t record)
{
	size_t c = bundle_contact(b, record);

	return c && b->fold->issues[b->fold->contacts[c - 1].issue].open;
}

static bool overdue(const struct bundle *b, const struct promise *p)
{
	return !p->kept && p->due && p->due < b->place.now;
}

static bool misses_entities(const struct bundle *b)
{
	for (size_t i = 0; b->intent && i < b->intent->requires.n; i++)
		if (!bundle_knows(b, str_of(b->intent->requires.v[i])))
			return true;
	return false;
}

static bool find_question(struct bundle *b)
{
	for (size_t i = b->speech_n; i > b->unanswered; i--) {
		const struct speech *s = &b->speeches[i - 1];

		if (!s->hers || !s->asks || !issue_open(b, s->record))
			continue;
		b->next = NEXT_ANSWER;
		b->next_number = i - 1;
		return true;
	}
	return false;
}

/* The one that fell due first. */
static void find_overdue(struct bundle *b)
{
	for (size_t i = 0; i < b->promise_n; i++)
		if (overdue(b, &b->promises[i]) &&
			(b->next != NEXT_KEEP ||
				b->promises[i].due < b->promises[b->next_number].due)) {
			b->next = NEXT_KEEP;
			b->next_number = i;
		}
}

void bundle_find_next(struct bundle *b)
{
	const struct contact *c = b->current ? &b->fold->contacts[b->current - 1] : NULL;

	b->next = NEXT_NONE;
	if (find_question(b))
		return;
	if (c && b->fold->issues[c->issue].open && misses_entities(b))
		b->next = NEXT_ASK;
	else
		find_overdue(b);
}

/* ---- the summary ---- */

void bundle_line(struct buf *out, struct str text)
{
	size_t from = out->len;
	bool blank = true;

	for (size_t i = 0; i < text.len; i++) {
		bool space = (unsigned char)text.s[i] <= ' ' || text.s[i] == '\177';

		if (!space || !blank)
			buf_byte(out, space ? ' ' : text.s[i]);
		blank = space;
	}
	if (blank && out->len > from)
		buf_cut(out, out->len - 1);
}

void bundle_cut(struct buf *out, struct str text, size_t bytes)
{
	struct str part;

	if (text.len <= bytes) {
		buf_put(out, text);
		return;
	}
	part = text_cut(text, bytes > 3 ? bytes - 3 : 0);
	while (part.len && !text_breaks(text, part.len))
		part = text_cut(text, part.len - 1);
	part = str_trim(part);
	if (part.len) {
		buf_put(out, part);
		buf_puts(out, "…");
	}
}

/* A sentence of the summary: who said it when, and what. */
struct sentence {
	struct buf head;
	struct str text;
	size_t room;
};

static struct str words_of(const struct bundle *b, const struct speech *s)
{
	struct str text = bundle_text(b, s->text);

	return text.len || !s->intent ? text : str_of(s->intent->id);
}

static void put_date(struct buf *out, int64_t ms)
{
	char text[WHEN_TEXT];

	when_format(ms, text);
	buf_add(out, text, 10);
}

static void say(const struct bundle *b, const struct speech *s, struct sentence *out)
{
	bundle_cut(&out->head, bundle_text(b, s->who), WHO_BYTES);
	buf_byte(&out->head, ' ');
	put_date(&out->head, b->records[s->record].time);
	buf_puts(&out->head, ": ");
	out->text = words_of(b, s);
}

/* Her first word and her last on the issue, and our last on it, in their order. */
static size_t choose(const struct bundle *b, struct sentence out[3])
{
	const struct speech *first = NULL, *last = NULL, *ours = NULL;
	size_t n = 0;

	for (size_t i = 0; i < b->speech_n; i++) {
		const struct speech *s = &b->speeches[i];

		if (s->courtesy || !words_of(b, s).len || !bundle_on_issue(b, s->record))
			continue;
		first = first || !s->hers ? first : s;
		last = s->hers ? s : last;
		ours = s->hers ? ours : s;
	}
	for (const struct speech *s = b->speeches; s < b->speeches + b->speech_n; s++)
		if (s == first || s == last || s == ours)
			say(b, s, &out[n++]);
	return n;
}

static const struct promise *open_promise(const struct bundle *b)
{
	for (size_t i = b->promise_n; i > 0; i--)
		if (!b->promises[i - 1].kept)
			return &b->promises[i - 1];
	return NULL;
}

static void put_promise(struct buf *out, const struct bundle *b)
{
	const struct promise *p = open_promise(b);

	if (!p)
		return;
	buf_puts(out, "promised: ");
	bundle_cut(out, bundle_text(b, p->action), PROMISE_BYTES);
	if (p->due) {
		buf_puts(out, ", due ");
		put_date(out, p->due);
	}
	if (overdue(b, p))
		buf_puts(out, ", overdue");
}

/* What is left is shared out evenly; what one does not need, the others get. */
static void give_room(struct sentence *v, size_t n, size_t rest)
{
	bool settled[3] = {false, false, false};
	size_t left = n;

	for (size_t round = 0; round < n; round++)
		for (size_t i = 0; i < n; i++)
			if (!settled[i] && v[i].text.len <= rest / left) {
				settled[i] = true;
				v[i].room = v[i].text.len;
				rest -= v[i].room;
				left--;
			}
	for (size_t i = 0; i < n; i++)
		if (!settled[i])
			v[i].room = rest / left;
}

static void put_sentence(struct buf *out, struct str head, struct str text)
{
	if (!text.len)
		return;
	if (out->len)
		buf_puts(out, " | ");
	buf_put(out, head);
	buf_put(out, text);
}

static void put_sentences(struct buf *out, struct sentence *v, size_t n, struct str promise)
{
	size_t rest = BUNDLE_SUMMARY - promise.len - 3 * n;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		rest -= v[i].head.len;
	give_room(v, n, rest);
	for (size_t i = 0; i < n; i++) {
		buf_clear(&text);
		bundle_cut(&text, v[i].text, v[i].room);
		put_sentence(out, buf_str(&v[i].head), buf_str(&text));
	}
	put_sentence(out, STR(""), promise);
	buf_release(&text);
}

static void find_whole(struct bundle *b)
{
	bool *needed = b->needed, *present = b->present;

	for (int i = 0; i < WHOLE_COUNT; i++)
		needed[i] = true;
	needed[WHOLE_ENTITIES] = b->intent && b->intent->requires.n;
	present[WHOLE_CUSTOMER] = b->known;
	present[WHOLE_INTENT] = b->intent != NULL;
	present[WHOLE_ENTITIES] = !misses_entities(b);
	present[WHOLE_SUMMARY] = b->summary.len || b->fold->contact_n > 1;
	present[WHOLE_CONSENT] = b->agreed_n > 0;
}

void bundle_sum_up(struct bundle *b)
{
	struct sentence v[3] = {
		{BUF_INIT, {NULL, 0}, 0}, {BUF_INIT, {NULL, 0}, 0}, {BUF_INIT, {NULL, 0}, 0}};
	struct buf promise = BUF_INIT;
	size_t n = choose(b, v);

	put_promise(&promise, b);
	put_sentences(&b->summary, v, n, buf_str(&promise));
	for (size_t i = 0; i < 3; i++)
		buf_release(&v[i].head);
	buf_release(&promise);
	find_whole(b);
}

bool bundle_take_summary(struct bundle *b, struct str text)
{
	struct buf mended = BUF_INIT, line = BUF_INIT;

	text_mend(&mended, text);
	bundle_line(&line, buf_str(&mended));
	buf_clear(&mended);
	bundle_cut(&mended, buf_str(&line), BUNDLE_SUMMARY);
	b->by_command = mended.len > 0;
	if (b->by_command) {
		buf_clear(&b->summary);
		buf_put(&b->summary, buf_str(&mended));
		buf_clear(&b->summary_error);
	}
	buf_release(&mended);
	buf_release(&line);
	find_whole(b);
	return b->by_command;
}

void bundle_summary_failed(struct bundle *b, struct str why)
{
	b->by_command = false;
	buf_clear(&b->summary_error);
	text_mend(&b->summary_error, why);
}
