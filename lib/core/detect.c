#include "core/detect.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "core/checkers.h"
#include "core/needs.h"
#include "core/normal.h"
#include "io/json.h"
#include "io/regex.h"

#include <stdlib.h>

#define CARD_DIGITS 12

struct pattern {
	struct regex *regex;
	uint64_t needs;
	size_t digits; /* that a match holds at least */
};

struct finder {
	enum checker checker;
	enum entity_normal normal;
	struct pattern *patterns;
	size_t pattern_n;
	uint64_t needs; /* what all its patterns need; of a checker alone: nothing */
	size_t digits;	/* that any value of it holds at least */
	bool listed;
	bool off; /* see detect_only */
};

/* A way to write a value of a list, by its folded words. */
struct spelling {
	char *words;
	size_t count; /* of words */
	size_t entity;
	const char *value;
	struct spelling *next; /* with the same first word */
};

struct finding {
	size_t entity, begin, end, at, len; /* at, len: of the value in `values` */
};

struct detect {
	const struct ontology *o;
	struct finder *finders;
	struct map spellings; /* first word -> struct spelling * */
	struct spelling *all;
	size_t spelling_n;
	struct words words, inner; /* of the text; of what a pattern found */
	bool wordless;		   /* nothing is found by words */
	const struct saying *said;
	struct str text;
	size_t entity; /* whose values are being looked for */
	struct buf values, scratch;
	struct buf taken, proven; /* a byte a byte of the text: the entity's own; digits that a
				     check proves */
	struct finding *v;
	size_t n, cap;
	struct detected *out;
	size_t out_n, out_cap;
};

/* ---- making it ---- */

static int compile(struct finder *f, const struct entity *e, struct buf *err)
{
	f->patterns = mem_zero(e->patterns.n, sizeof(*f->patterns));
	for (; f->pattern_n < e->patterns.n; f->pattern_n++) {
		struct pattern *p = &f->patterns[f->pattern_n];
		struct str written = str_of(e->patterns.v[f->pattern_n]);
		struct buf why = BUF_INIT;

		p->needs = needs_of_pattern(written);
		p->digits = needs_digits_of_pattern(written);
		p->regex = regex_compile(written, true, &why);
		if (!p->regex)
			buf_printf(err, "ontology: %s: %s", e->id, why.s);
		buf_release(&why);
		if (!p->regex)
			return -1;
	}
	return 0;
}

/* What a text must hold for any of its values, so that most texts are passed over. */
static void sum_up(struct finder *f)
{
	f->needs = f->pattern_n ? UINT64_MAX : 0;
	f->digits = f->pattern_n ? SIZE_MAX : 0;
	for (size_t i = 0; i < f->pattern_n; i++) {
		f->needs &= f->patterns[i].needs;
		if (f->patterns[i].digits < f->digits)
			f->digits = f->patterns[i].digits;
	}
	if (f->pattern_n)
		return;
	if (f->checker == CHECKER_CARD)
		f->digits = CARD_DIGITS;
	else if (f->checker == CHECKER_IBAN || f->checker == CHECKER_AMOUNT)
		f->digits = 1;
	else if (f->checker != CHECKER_EMAIL && f->checker != CHECKER_DATE)
		f->digits = SIZE_MAX;
}

static void add_spelling(struct detect *d, size_t entity, const char *value, const char *written)
{
	struct buf words = BUF_INIT;
	struct spelling *s;
	size_t first;
	union map_value *head;

	text_words(&words, str_of(written));
	if (!words.len) {
		buf_release(&words);
		return;
	}
	first = strcspn(words.s, " ");
	head = map_slot(&d->spellings, (struct str){words.s, first}, NULL);
	s = &d->all[d->spelling_n++];
	*s = (struct spelling){buf_take(&words), 1, entity, value, head->p};
	for (const char *p = s->words; *p; p++)
		s->count += *p == ' ';
	head->p = s;
}

static void add_lists(struct detect *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->o->entity_n; i++)
		for (size_t k = 0; k < d->o->entities[i].values.n; k++)
			n += 1 + d->o->entities[i].values.v[k].spellings.n;
	d->all = mem_zero(n, sizeof(*d->all));
	for (size_t i = 0; i < d->o->entity_n; i++) {
		const struct entity_values *values = &d->o->entities[i].values;

		d->finders[i].listed = values->n > 0;
		for (size_t k = 0; k < values->n; k++) {
			const struct entity_value *v = &values->v[k];

			add_spelling(d, i, v->value, v->value);
			for (size_t s = 0; s < v->spellings.n; s++)
				add_spelling(d, i, v->value, v->spellings.v[s]);
		}
	}
}

struct detect *detect_new(const struct ontology *o, struct buf *err)
{
	struct detect *d = mem_zero(1, sizeof(*d));
	int status = 0;

	d->o = o;
	d->finders = mem_zero(o->entity_n, sizeof(*d->finders));
	words_init(&d->words);
	words_init(&d->inner);
	buf_init(&d->values);
	buf_init(&d->scratch);
	buf_init(&d->taken);
	buf_init(&d->proven);
	for (size_t i = 0; i < o->entity_n && status == 0; i++) {
		d->finders[i].checker = checker_of(o->entities[i].checker);
		d->finders[i].normal = o->entities[i].normal;
		status = compile(&d->finders[i], &o->entities[i], err);
		sum_up(&d->finders[i]);
	}
	if (status < 0) {
		detect_free(d);
		return NULL;
	}
	add_lists(d);
	return d;
}

void detect_free(struct detect *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->o->entity_n; i++) {
		for (size_t k = 0; k < d->finders[i].pattern_n; k++)
			regex_free(d->finders[i].patterns[k].regex);
		free(d->finders[i].patterns);
	}
	for (size_t i = 0; i < d->spelling_n; i++)
		free(d->all[i].words);
	map_release(&d->spellings);
	free(d->all);
	free(d->finders);
	words_release(&d->words);
	words_release(&d->inner);
	buf_release(&d->values);
	buf_release(&d->scratch);
	buf_release(&d->taken);
	buf_release(&d->proven);
	free(d->v);
	free(d->out);
	free(d);
}

void detect_only(struct detect *d, const bool *wanted)
{
	d->wordless = true;
	for (size_t i = 0; i < d->o->entity_n; i++) {
		struct finder *f = &d->finders[i];

		f->off = !wanted[i] && f->checker != CHECKER_CARD && f->checker != CHECKER_IBAN;
		d->wordless &= f->off || (!f->listed && f->checker != CHECKER_DATE);
	}
}

/* ---- findings ---- */

/* A byte a byte of the text, none of them set. */
static void clear_marks(struct buf *marks, size_t n)
{
	buf_clear(marks);
	buf_room(marks, n);
	memset(marks->s, 0, n);
	marks->len = n;
	marks->s[n] = '\0';
}

static bool marked(const struct buf *marks, size_t begin, size_t end)
{
	return marks->len && memchr(marks->s + begin, 1, end - begin);
}

static void mark(struct buf *marks, size_t n, size_t begin, size_t end)
{
	if (!marks->len)
		clear_marks(marks, n);
	memset(marks->s + begin, 1, end - begin);
}

static void found(void *ctx, size_t begin, size_t end, struct str value)
{
	struct detect *d = ctx;
	enum checker checker = d->finders[d->entity].checker;
	struct finding f = {d->entity, begin, end, d->values.len, value.len};

	if (begin >= end || !value.len || marked(&d->taken, begin, end))
		return;
	mark(&d->taken, d->text.len, begin, end);
	if (checker == CHECKER_CARD || checker == CHECKER_IBAN)
		mark(&d->proven, d->text.len, begin, end);
	buf_put(&d->values, value);
	*VEC_ADD(d, v, n, cap) = f;
}

/* ---- patterns ---- */

static bool date_value(struct detect *d, struct str s)
{
	struct dated day;

	words_split(&d->inner, s);
	if (dates_parse(&d->inner, 0, d->said, &day) && day.day_told && day.sure)
		dates_put(&d->scratch, day.from);
	else
		entity_value(&d->scratch, NORMAL_DATE, s);
	return true;
}

/* The normal form of what a pattern found, in `scratch`; false where it is refused. */
static bool check(struct detect *d, const struct finder *f, struct str s)
{
	buf_clear(&d->scratch);
	switch (f->checker) {
	case CHECKER_CARD:
		return card_value(&d->scratch, s);
	case CHECKER_IBAN:
		return iban_value(&d->scratch, s);
	case CHECKER_PHONE:
		return phone_value(&d->scratch, s, d->said->region);
	case CHECKER_EMAIL:
		return email_value(&d->scratch, s);
	case CHECKER_AMOUNT:
		return amount_value(&d->scratch, s, d->said->region);
	case CHECKER_POSTAL:
		return postal_value(&d->scratch, s, d->said->region);
	case CHECKER_DATE:
		return date_value(d, s);
	case CHECKER_NONE:
		entity_value(&d->scratch, f->normal, s);
	}
	return true;
}

static void match_all(struct detect *d, const struct finder *f, const struct pattern *p)
{
	struct str whole, group;
	size_t from = 0;

	while (from <= d->text.len && regex_next(p->regex, d->text, from, &whole, &group)) {
		struct str s = group.s ? group : whole;
		size_t end = (size_t)(whole.s - d->text.s) + whole.len;

		if (s.len && check(d, f, str_trim(s)))
			found(d, (size_t)(s.s - d->text.s), (size_t)(s.s - d->text.s) + s.len,
				buf_str(&d->scratch));
		/* \K and what looks ahead may end a match before it began. */
		from = end > from ? end : text_next(d->text, from);
	}
}

/* ---- dates and lists ---- */

static void find_dates(struct detect *d)
{
	const struct words *w = &d->words;
	struct dated day;

	for (size_t i = 0; i < w->n; i++) {
		size_t begin, end;

		if (!dates_parse(w, i, d->said, &day))
			continue;
		begin = w->v[i].begin;
		end = w->v[i + day.words - 1].end;
		i += day.words - 1;
		if (!day.day_told)
			continue;
		buf_clear(&d->scratch);
		if (day.sure)
			dates_put(&d->scratch, day.from);
		else
			buf_add(&d->scratch, d->text.s + begin, end - begin);
		found(d, begin, end, buf_str(&d->scratch));
	}
}

static bool spelled(const struct words *w, size_t i, const struct spelling *s)
{
	struct str first = words_at(w, i);
	size_t len = strlen(s->words);

	/* The folded words stand one behind the other. */
	if (i + s->count > w->n || (size_t)(first.s - w->folded.s) + len > w->folded.len)
		return false;
	return memcmp(first.s, s->words, len) == 0 && (first.s[len] == ' ' || !first.s[len]);
}

/* The longest way to write a value of the entity at the word. */
static const struct spelling *spelling_at(const struct detect *d, size_t i)
{
	const union map_value *head = map_get(&d->spellings, words_at(&d->words, i));
	const struct spelling *best = NULL;

	for (const struct spelling *s = head ? head->p : NULL; s; s = s->next)
		if (s->entity == d->entity && (!best || s->count > best->count) &&
			spelled(&d->words, i, s))
			best = s;
	return best;
}

static void find_listed(struct detect *d)
{
	const struct words *w = &d->words;

	for (size_t i = 0; i < w->n; i++) {
		const struct spelling *s = spelling_at(d, i);

		if (s) {
			found(d, w->v[i].begin, w->v[i + s->count - 1].end, str_of(s->value));
			i += s->count - 1;
		}
	}
}

/* What a checker finds by itself. */
static void find_checked(struct detect *d, enum checker checker)
{
	if (checker == CHECKER_CARD)
		card_find(d->text, found, d);
	else if (checker == CHECKER_IBAN)
		iban_find(d->text, found, d);
	else if (checker == CHECKER_AMOUNT)
		amount_find(d->text, d->said->region, found, d);
	else if (checker == CHECKER_EMAIL)
		email_find(d->text, found, d);
	else if (checker == CHECKER_DATE)
		find_dates(d);
}

static void look_for(struct detect *d, uint64_t has, size_t digits)
{
	const struct finder *f = &d->finders[d->entity];
	bool may = f->digits <= digits && !(f->needs & ~has);

	if (f->off || (!may && !f->listed))
		return;
	buf_clear(&d->taken);
	for (size_t i = 0; may && i < f->pattern_n; i++)
		if (!(f->patterns[i].needs & ~has) && f->patterns[i].digits <= digits)
			match_all(d, f, &f->patterns[i]);
	if (may && !f->pattern_n)
		find_checked(d, f->checker);
	if (f->listed)
		find_listed(d);
}

/* Part of a card's number is no order's. */
static bool is_part(const struct detect *d, const struct finding *f)
{
	enum checker checker = d->finders[f->entity].checker;

	return checker != CHECKER_CARD && checker != CHECKER_IBAN &&
	       marked(&d->proven, f->begin, f->end);
}

size_t detect_text(
	struct detect *d, struct str text, const struct saying *said, const struct detected **out)
{
	uint64_t has;
	size_t digits;

	d->n = d->out_n = 0;
	buf_clear(&d->values);
	buf_clear(&d->proven);
	d->text = json_utf8(text) ? text : STR("");
	d->said = said;
	words_split(&d->words, d->wordless ? STR("") : d->text);
	has = needs_of_text(d->text);
	digits = has & needs_of_text(STR("0")) ? needs_digits_of_text(d->text) : 0;
	for (d->entity = 0; d->entity < d->o->entity_n; d->entity++)
		look_for(d, has, digits);
	for (size_t i = 0; i < d->n; i++) {
		const struct finding *f = &d->v[i];

		if (!is_part(d, f))
			*VEC_ADD(d, out, out_n, out_cap) = (struct detected){
				f->entity, f->begin, f->end, {d->values.s + f->at, f->len}};
	}
	*out = d->out;
	return d->out_n;
}

const struct words *detect_words(const struct detect *d)
{
	return &d->words;
}
