/* What links contacts: issues, moves between contacts, switches, what came next. Contacts stand in
 * the order of their start. */
#include "core/fold/internal.h"

#include <stdlib.h>

/* The latest contact (number + 1) of each issue and of each family, and the issues of cases and
 * families. */
struct index {
	size_t *of_issue, *of_family;		      /* contacts + 1 */
	size_t *case_issue, *family_issue, *caseless; /* issues + 1, by pool number */
	uint64_t *issue_given, *family_given;	      /* entities given so far */
};

static void index_init(const struct fold *f, struct index *x)
{
	size_t texts = f->state->text_n + 1;

	x->of_issue = mem_zero(f->contact_n + 1, sizeof(size_t));
	x->of_family = mem_zero(texts, sizeof(size_t));
	x->case_issue = mem_zero(texts, sizeof(size_t));
	x->family_issue = mem_zero(texts, sizeof(size_t));
	x->caseless = mem_zero(texts, sizeof(size_t));
	x->issue_given = mem_zero(f->contact_n + 1, sizeof(uint64_t));
	x->family_given = mem_zero(texts, sizeof(uint64_t));
}

static void index_release(struct index *x)
{
	free(x->of_issue);
	free(x->of_family);
	free(x->case_issue);
	free(x->family_issue);
	free(x->caseless);
	free(x->issue_given);
	free(x->family_given);
}

/* A contact without a family takes that of its session's contact in the 72 h before. */
static void inherit(struct fold *f)
{
	size_t *before = mem_zero(f->state->place_n, sizeof(size_t)); /* contacts + 1 */

	for (size_t i = 0; i < f->contact_n; i++) {
		struct contact *c = &f->contacts[i], *b;
		size_t last = before[c->place];

		before[c->place] = i + 1;
		if (c->inherited) {
			c->family = 0;
			c->inherited = false;
		}
		b = last ? &f->contacts[last - 1] : NULL;
		if (c->family || !b || !b->family || c->started - b->ended > ANSWER_GAP)
			continue;
		c->family = b->family;
		c->inherited = true;
	}
	free(before);
}

static bool within(const struct fold *f, size_t issue, const struct contact *c)
{
	return issue && c->started - f->issues[issue - 1].ended <= ISSUE_GAP;
}

static size_t find_issue(const struct fold *f, const struct index *x, const struct contact *c)
{
	size_t i;

	if (c->case_id) {
		i = x->case_issue[c->case_id];
		if (i)
			return i;
		i = c->family ? x->caseless[c->family] : 0;
		return within(f, i, c) && !f->issues[i - 1].case_id ? i : 0;
	}
	i = c->family ? x->family_issue[c->family] : 0;
	return within(f, i, c) ? i : 0;
}

static void add_channel(struct issue *is, int32_t channel)
{
	const int64_t room = (int64_t)(sizeof(is->channel_v) / sizeof(is->channel_v[0]));

	for (int64_t i = 0; i < is->channels && i < room; i++)
		if (is->channel_v[i] == channel)
			return;
	if (is->channels < room)
		is->channel_v[is->channels++] = channel;
}

static void take_contact(struct fold *f, struct index *x, size_t number)
{
	struct contact *c = &f->contacts[number];
	size_t i = find_issue(f, x, c);
	struct issue *is;

	if (i) {
		is = &f->issues[i - 1];
	} else {
		is = VEC_ADD(f, issues, issue_n, issue_cap);
		i = f->issue_n;
		is->first = number;
		is->started = c->started;
		is->ended = c->ended;
		is->last_hers = c->first;
		is->single = !c->case_id && !c->family;
	}
	is->last = number;
	is->case_id = is->case_id ? is->case_id : c->case_id;
	is->family = is->family ? is->family : c->family;
	is->ended = c->ended > is->ended ? c->ended : is->ended;
	is->contacts++;
	is->her_contacts += c->hers;
	is->last_hers = c->hers ? c->first : is->last_hers;
	is->assumed += c->assumed;
	is->commercial |= c->intent && c->intent->commercial;
	is->speaks |= c->first_in != 0;
	add_channel(is, c->channel);
	c->issue = i - 1;
	if (is->case_id)
		x->case_issue[is->case_id] = i;
	if (c->family) {
		x->family_issue[c->family] = i;
		if (!is->case_id)
			x->caseless[c->family] = i;
	}
}

/* The contact before this one on its matter; both of its lines, the later wins. */
static size_t before_of(const struct index *x, const struct contact *c)
{
	size_t a = x->of_issue[c->issue], b = c->family ? x->of_family[c->family] : 0;

	return a > b ? a : b;
}

static void link_before(struct fold *f, struct index *x)
{
	uint64_t who = 0;

	for (size_t i = 0; i < f->contact_n; i++) {
		struct contact *c = &f->contacts[i];

		c->before = before_of(x, c);
		c->known_before = who | x->issue_given[c->issue] |
				  (c->family ? x->family_given[c->family] : 0);
		who |= c->given & f->state->identity_mask;
		x->issue_given[c->issue] |= c->given;
		if (c->family)
			x->family_given[c->family] |= c->given;
		x->of_issue[c->issue] = i + 1;
		if (c->family)
			x->of_family[c->family] = i + 1;
	}
}

/* Backwards: the next contact that she began, any and on the matter; her next word after the end.
 */
static void link_next(struct fold *f, struct index *x)
{
	size_t next = 0;

	memset(x->of_issue, 0, (f->contact_n + 1) * sizeof(size_t));
	memset(x->of_family, 0, (f->state->text_n + 1) * sizeof(size_t));
	for (size_t i = f->contact_n; i > 0; i--) {
		struct contact *c = &f->contacts[i - 1];
		size_t a = x->of_issue[c->issue], b = c->family ? x->of_family[c->family] : 0;
		size_t m = !a || (b && b < a) ? b : a;

		c->next_started = next ? f->contacts[next - 1].started : 0;
		c->next_channel = next ? f->contacts[next - 1].channel : 0;
		c->next_matter = next && fold_same_matter(c, &f->contacts[next - 1]);
		c->next_matter_started = m ? f->contacts[m - 1].started : 0;
		c->next_matter_channel = m ? f->contacts[m - 1].channel : 0;
		if (!c->hers)
			continue;
		next = i;
		x->of_issue[c->issue] = i;
		if (c->family)
			x->of_family[c->family] = i;
	}
}

bool fold_her_word(const struct fold_event *e)
{
	bool courtesy = e->kind == KIND_MESSAGE && e->intent && e->intent->courtesy;

	return e->in && e->actor == ACTOR_CUSTOMER && !courtesy &&
	       (e->kind == KIND_MESSAGE || e->kind == KIND_CALL || e->kind == KIND_LEAD ||
		       (e->kind == KIND_VISIT && e->intent));
}

int64_t fold_our_word(const struct fold_event *e)
{
	if (e->kind == KIND_CALL)
		return e->answered ? fold_said_at(e) : 0;
	return fold_ours(e) && e->service && (e->kind == KIND_MESSAGE || e->kind == KIND_LEAD)
		       ? e->time
		       : 0;
}

/* The earliest of our words from each event on that lie in contacts which we began. */
static int64_t *our_words(const struct fold *f)
{
	const struct fold_event *v = f->state->events;
	size_t n = f->state->done;
	int64_t *ours = mem_zero(n + 1, sizeof(int64_t));

	for (size_t i = n; i > 0; i--) {
		int64_t at = fold_our_word(&v[i - 1]);

		ours[i - 1] = ours[i];
		if (at && v[i - 1].contact && !f->contacts[v[i - 1].contact - 1].hers &&
			(!ours[i] || at < ours[i]))
			ours[i - 1] = at;
	}
	return ours;
}

size_t fold_silences(const struct fold *f, struct silence **out)
{
	struct {
		struct silence *v;
		size_t n, cap;
	} all = {NULL, 0, 0};
	bool open = false;

	for (size_t i = 0; i < f->state->done; i++) {
		const struct fold_event *e = &f->state->events[i];
		int64_t ours = fold_our_word(e);

		if (ours && open)
			all.v[all.n - 1].until = ours;
		else if (!ours && !open && fold_her_word(e))
			*VEC_ADD(&all, v, n, cap) = (struct silence){e->seq, e->time, INT64_MAX};
		else
			continue;
		open = !ours;
	}
	*out = all.v;
	return all.n;
}

/* Her first word behind each contact's last, at its end or later: at the same minute counts, as it
 * does for repeats. And ours in contacts that we began. */
static void link_ahead(struct fold *f)
{
	const struct fold_event *v = f->state->events;
	size_t n = f->state->done;
	int64_t *hers = mem_zero(n + 1, sizeof(int64_t)); /* time of her first word from there on */
	int64_t *ours = our_words(f);

	for (size_t i = n; i > 0; i--)
		hers[i - 1] = fold_her_word(&v[i - 1]) ? v[i - 1].time : hers[i];
	for (size_t i = 0; i < f->contact_n; i++) {
		struct contact *c = &f->contacts[i];
		size_t low = c->last + 1, high = n;

		while (low < high) {
			size_t mid = low + (high - low) / 2;

			if (v[mid].time < c->ended)
				low = mid + 1;
			else
				high = mid;
		}
		c->next_in = hers[low];
		c->followed = ours[c->last + 1];
	}
	free(hers);
	free(ours);
}

/* Lists of numbers by issue or family: the members of list i are v[at[i]] to v[at[i + 1]], in the
 * order in which they came. */
struct lists {
	size_t *at, *v;
};

static void lists_release(struct lists *l)
{
	free(l->at);
	free(l->v);
}

/* Sorts n members into `count` lists; of(ctx, i) gives a member's list, or `count` for none. */
static void lists_fill(struct lists *l, size_t count, size_t n,
	size_t (*of)(const struct fold *f, size_t i), const struct fold *f)
{
	l->at = mem_zero(count + 2, sizeof(size_t));
	l->v = mem_zero(n, sizeof(size_t));
	for (size_t i = 0; i < n; i++)
		if (of(f, i) < count)
			l->at[of(f, i) + 2]++;
	for (size_t i = 2; i < count + 2; i++)
		l->at[i] += l->at[i - 1];
	for (size_t i = 0; i < n; i++)
		if (of(f, i) < count)
			l->v[l->at[of(f, i) + 1]++] = i;
}

static size_t issue_of_close(const struct fold *f, size_t i)
{
	return f->contacts[f->state->closes[i].contact].issue;
}

static size_t issue_of_hers(const struct fold *f, size_t i)
{
	return f->contacts[i].hers ? f->contacts[i].issue : f->issue_n;
}

static size_t family_of_hers(const struct fold *f, size_t i)
{
	return f->contacts[i].hers && f->contacts[i].family ? (size_t)f->contacts[i].family
							    : f->state->text_n + 1;
}

/* The first member of a list of contacts that began behind an event; high where there is none. */
static size_t begun_behind(const struct fold *f, const struct lists *l, size_t list, size_t number)
{
	size_t low = l->at[list], high = l->at[list + 1];

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (f->contacts[l->v[mid]].first <= number)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Whether the issue of `a` stood explicitly closed when `b` began: the last act before was a close,
 * and she began no contact of it since. */
static bool closed_between(const struct fold *f, const struct lists *closes,
	const struct lists *issues, const struct contact *a, const struct contact *b)
{
	size_t low = closes->at[a->issue], high = closes->at[a->issue + 1], first = low, since;
	const struct close *all = f->state->closes, *k;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (all[closes->v[mid]].number < b->first)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == first)
		return false;
	k = &all[closes->v[low - 1]];
	since = begun_behind(f, issues, a->issue, k->number);
	return !k->open && (since == issues->at[a->issue + 1] ||
				   f->contacts[issues->v[since]].first >= b->first);
}

/* The identifier of a contact by event time t: named in it, else its session's. */
static int32_t named_by(struct fold *f, const struct contact *c, int64_t t)
{
	const struct place *p = fold_place(f, c->source, c->session);

	if (c->named && c->named_at <= t)
		return c->named;
	return p->named && p->at <= t ? p->named : 0;
}

static void add_switch(struct fold *f, size_t from, size_t to)
{
	struct contact *a = &f->contacts[from], *b = &f->contacts[to];
	int64_t by = b->spoke ? b->spoke : b->ended;
	struct switched *w = VEC_ADD(f, switches, switch_n, switch_cap);

	*w = (struct switched){.from = from, .to = to, .gap = b->started - a->ended};
	w->joined = fold_joined(f, named_by(f, a, by), named_by(f, b, by), by);
	w->asked_who = (b->asked & f->state->identity_mask) != 0;
	w->asked_known = b->asked_known;
	f->issues[b->issue].switches++;
}

/* The next switch away from the contact in which one ended. */
static void link_next_switches(struct fold *f)
{
	int64_t *from = mem_zero(f->contact_n, sizeof(int64_t));

	for (size_t i = f->switch_n; i > 0; i--) {
		struct switched *w = &f->switches[i - 1];

		w->next_switch_started = from[w->to];
		from[w->from] = f->contacts[w->to].started;
	}
	free(from);
}

static void link_switches(struct fold *f, const struct lists *closes, const struct lists *issues)
{
	f->switch_n = 0;
	for (size_t i = 0; i < f->contact_n; i++) {
		const struct contact *b = &f->contacts[i],
				     *a = b->before ? &f->contacts[b->before - 1] : NULL;

		if (a && a->channel != b->channel && b->started - a->ended <= ANSWER_GAP &&
			!closed_between(f, closes, issues, a, b))
			add_switch(f, b->before - 1, i);
	}
	link_next_switches(f);
}

/* First close, and what came after it. */
static void finish_issues(struct fold *f)
{
	const struct fold_state *s = f->state;

	for (size_t i = 0; i < s->close_n; i++) {
		const struct close *k = &s->closes[i];
		struct issue *is = &f->issues[f->contacts[k->contact].issue];

		if (k->open) {
			if (is->closed && !is->case_reopened)
				is->case_reopened = k->at;
			continue;
		}
		is->closed_last = k->at;
		if (!is->closed) {
			is->closed = k->at;
			is->closing = k->contact;
			is->close = k->number;
		}
	}
}

/* The same as a contact's number + 1; 0: none. */
static size_t first_behind(const struct fold *f, const struct lists *l, size_t list, size_t number)
{
	size_t i = begun_behind(f, l, list, number);

	return i < l->at[list + 1] ? l->v[i] + 1 : 0;
}

/* Her first contact on the matter that began after the first close. */
static void find_reopening(const struct fold *f, struct issue *is, const struct lists *issues,
	const struct lists *families)
{
	const struct contact *closing = &f->contacts[is->closing], *c;
	size_t a, b;

	if (!is->closed)
		return;
	a = first_behind(f, issues, closing->issue, is->close);
	b = closing->family ? first_behind(f, families, (size_t)closing->family, is->close) : 0;
	a = !a || (b && b < a) ? b : a;
	if (!a)
		return;
	c = &f->contacts[a - 1];
	is->reopen_started = c->started;
	is->reopen_other_channel = c->channel != closing->channel;
}

/* Only explicit acts close an issue; a reopening or a new contact of hers opens it. One in which
 * she never spoke is none that waits for anybody. */
static void find_state(
	const struct fold *f, struct issue *is, size_t number, const struct lists *closes)
{
	size_t last = closes->at[number + 1];
	const struct close *k;

	is->open = is->speaks;
	if (last == closes->at[number] || !is->speaks)
		return;
	k = &f->state->closes[closes->v[last - 1]];
	if (k->number >= is->last_hers)
		is->open = k->open;
}

static void finish_states(struct fold *f, const struct lists *closes, const struct lists *issues)
{
	struct lists families;

	lists_fill(&families, f->state->text_n + 1, f->contact_n, family_of_hers, f);
	for (size_t i = 0; i < f->issue_n; i++) {
		struct issue *is = &f->issues[i];

		is->later_started = f->contacts[is->first].next_matter_started;
		find_reopening(f, is, issues, &families);
		find_state(f, is, i, closes);
	}
	lists_release(&families);
}

static void link_contacts(struct fold *f)
{
	struct lists closes, hers;
	struct index x;

	for (size_t i = 0; i < f->contact_n; i++)
		f->contacts[i].transfers = f->contacts[i].handoffs = f->contacts[i].escalations = 0;
	f->issue_n = 0;
	inherit(f);
	index_init(f, &x);
	for (size_t i = 0; i < f->contact_n; i++)
		take_contact(f, &x, i);
	fold_moves(f);
	link_before(f, &x);
	fold_asked(f);
	link_next(f, &x);
	finish_issues(f);
	lists_fill(&closes, f->issue_n, f->state->close_n, issue_of_close, f);
	lists_fill(&hers, f->issue_n, f->contact_n, issue_of_hers, f);
	link_switches(f, &closes, &hers);
	finish_states(f, &closes, &hers);
	lists_release(&closes);
	lists_release(&hers);
	index_release(&x);
	f->state->related = true;
}

void fold_link(struct fold *f)
{
	fold_run(f);
	if (f->state->linked)
		return;
	link_contacts(f);
	link_ahead(f);
	fold_repetitions(f);
	fold_questions(f);
	fold_records(f);
	fold_opportunities(f);
	f->state->linked = true;
}

void fold_relate(struct fold *f)
{
	fold_run(f);
	if (!f->state->related)
		link_contacts(f);
}
