#include "gen/texts.h"
#include "base/mem.h"
#include "io/yaml.h"

#include <stdlib.h>

#define DEPTH_MAX 16	/* of choices within choices */
#define PIECES_MAX 1000 /* of a text with all that it names */

enum piece_kind { PIECE_BYTES, PIECE_SLOT, PIECE_CHOICE };

struct sequence { /* of pieces, or of the texts of a list */
	size_t first, n;
	size_t pieces; /* that are written at the most */
};

struct piece {
	enum piece_kind kind;
	struct str bytes;
	enum text_slot slot;
	struct sequence list; /* of words, or of a choice */
};

struct texts {
	struct yaml *root; /* owns the bytes of all pieces */
	char *path;
	const char *lang;
	const struct ontology *ontology;
	struct piece *pieces;
	size_t piece_n, piece_cap;
	struct sequence *sequences;
	size_t sequence_n, sequence_cap;
	struct sequence *words; /* lists, by the members of `words` */
	const char **word_names;
	size_t word_n, word_cap, word_name_n, word_name_cap;
	struct sequence list[TEXT_COUNT];
	struct sequence *open;	     /* by intent's number */
	struct sequence *ask, *give; /* by entity's number */
	struct map answers;	     /* family -> its number in answer, + 1 */
	struct sequence *answer;
	size_t answer_n, answer_cap;
	uint64_t askable;
};

struct parse {
	struct texts *t;
	const struct yaml *at;
	struct str left;
	struct buf *err;
};

static int refuse(const struct texts *t, const struct yaml *at, const char *why, struct str what,
	struct buf *err)
{
	buf_printf(err, "%s:%d:%d: %s%.*s", t->path, at->line, at->column, why, (int)what.len,
		what.s ? what.s : "");
	return -1;
}

enum text_slot texts_slot(const char *name)
{
#define TEXT_NAME(upper, name) name,
	static const char *const names[SLOT_COUNT] = {TEXT_SLOTS(TEXT_NAME)};
	size_t i = 0;

	while (i < SLOT_COUNT && strcmp(names[i], name) != 0)
		i++;
	return (enum text_slot)i;
}

/* Behind the brace: a slot, or a list of words. */
static int parse_name(struct parse *p, struct piece *out)
{
	ptrdiff_t end = str_find(p->left, STR("}"));
	char name[64];

	if (end <= 0 || (size_t)end >= sizeof(name))
		return refuse(p->t, p->at, "a brace that names nothing: ", p->left, p->err);
	memcpy(name, p->left.s, (size_t)end);
	name[end] = '\0';
	p->left.s += end + 1;
	p->left.len -= (size_t)end + 1;
	*out = (struct piece){.kind = PIECE_SLOT, .slot = texts_slot(name)};
	if (out->slot < SLOT_COUNT)
		return 0;
	out->kind = PIECE_CHOICE;
	for (size_t i = 0; i < p->t->word_n; i++)
		if (strcmp(p->t->word_names[i], name) == 0) {
			out->list = p->t->words[i];
			return 0;
		}
	return refuse(p->t, p->at, "no slot and no list of words: ", str_of(name), p->err);
}

static int parse_sequence(struct parse *p, int depth, struct sequence *out);

static size_t longer(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Behind the bracket. */
static int parse_choice(struct parse *p, int depth, struct piece *out)
{
	struct {
		struct sequence *v;
		size_t n, cap;
	} all = {NULL, 0, 0};
	struct texts *t = p->t;
	int status = 0;
	char end = '|';

	if (depth == DEPTH_MAX)
		return refuse(t, p->at, "choices within choices, too deep", STR(""), p->err);
	while (status == 0 && end == '|') {
		struct sequence *one = VEC_ADD(&all, v, n, cap);

		status = parse_sequence(p, depth + 1, one);
		if (status == 0 && !p->left.len)
			status = refuse(t, p->at, "a choice without its end", STR(""), p->err);
		if (status < 0)
			break;
		end = *p->left.s;
		p->left.s++;
		p->left.len--;
	}
	*out = (struct piece){.kind = PIECE_CHOICE, .list = {t->sequence_n, all.n, 0}};
	for (size_t i = 0; i < all.n; i++) {
		*VEC_ADD(t, sequences, sequence_n, sequence_cap) = all.v[i];
		out->list.pieces = longer(out->list.pieces, all.v[i].pieces);
	}
	free(all.v);
	return status;
}

static struct str take_bytes(struct parse *p, int depth)
{
	struct str s = {p->left.s, 0};
	const char *stops = depth ? "{[|]" : "{[";

	while (s.len < p->left.len && !strchr(stops, p->left.s[s.len]))
		s.len++;
	p->left.s += s.len;
	p->left.len -= s.len;
	return s;
}

/* Up to the end, or within a choice to its next bar or its bracket. */
static int parse_sequence(struct parse *p, int depth, struct sequence *out)
{
	struct {
		struct piece *v;
		size_t n, cap;
	} all = {NULL, 0, 0};
	struct texts *t = p->t;
	int status = 0;

	while (status == 0 && p->left.len && !(depth && strchr("|]", *p->left.s))) {
		struct piece *one = VEC_ADD(&all, v, n, cap);
		char c = *p->left.s;

		if (c == '{' || c == '[') {
			p->left.s++;
			p->left.len--;
			status = c == '{' ? parse_name(p, one) : parse_choice(p, depth, one);
		} else {
			*one = (struct piece){.kind = PIECE_BYTES, .bytes = take_bytes(p, depth)};
		}
	}
	*out = (struct sequence){t->piece_n, all.n, 0};
	for (size_t i = 0; i < all.n; i++) {
		*VEC_ADD(t, pieces, piece_n, piece_cap) = all.v[i];
		out->pieces += 1 + all.v[i].list.pieces;
	}
	free(all.v);
	if (status == 0 && out->pieces > PIECES_MAX)
		status = refuse(t, p->at, "a text that may become far too long", STR(""), p->err);
	return status;
}

static int read_list(
	struct texts *t, const struct yaml *list, struct sequence *out, struct buf *err)
{
	struct {
		struct sequence *v;
		size_t n, cap;
	} all = {NULL, 0, 0};
	int status = 0;

	if (list->type != YAML_SEQUENCE || !list->child)
		return refuse(t, list, "a list of texts was expected", STR(""), err);
	for
		YAML_EACH(one, list)
		{
			struct parse p = {t, one, str_of(one->text), err};

			status = one->type != YAML_SCALAR
					 ? refuse(t, one, "a text was expected", STR(""), err)
					 : parse_sequence(&p, 0, VEC_ADD(&all, v, n, cap));
			if (status < 0)
				break;
		}
	*out = (struct sequence){t->sequence_n, all.n, 0};
	for (size_t i = 0; i < all.n; i++) {
		*VEC_ADD(t, sequences, sequence_n, sequence_cap) = all.v[i];
		out->pieces = longer(out->pieces, all.v[i].pieces);
	}
	free(all.v);
	return status;
}

/* A list may name those that stand before it, so that no text is endless. */
static int read_words(struct texts *t, struct buf *err)
{
	for
		YAML_EACH(list, yaml_get(t->root, "words"))
		{
			struct sequence words;

			if (read_list(t, list, &words, err) < 0)
				return -1;
			*VEC_ADD(t, word_names, word_name_n, word_name_cap) = list->key;
			*VEC_ADD(t, words, word_n, word_cap) = words;
		}
	return 0;
}

static int read_open(struct texts *t, const struct yaml *open, struct buf *err)
{
	for
		YAML_EACH(list, open)
		{
			const struct intent *i = ontology_declared(t->ontology, str_of(list->key));

			if (!i)
				return refuse(t, list, "no such intent: ", str_of(list->key), err);
			if (read_list(t, list, &t->open[i - t->ontology->intents], err) < 0)
				return -1;
		}
	return 0;
}

/* What has a value of hers or of her matter. */
static bool made_up(enum text_slot slot)
{
	return slot == SLOT_ORDER || slot == SLOT_EMAIL || slot == SLOT_DOCUMENT ||
	       slot == SLOT_POSTAL_CODE;
}

static int read_entities(
	struct texts *t, const struct yaml *of, struct sequence *lists, struct buf *err)
{
	for
		YAML_EACH(list, of)
		{
			const struct entity *e = ontology_entity(t->ontology, str_of(list->key));
			ptrdiff_t number = e ? e - t->ontology->entities : 64;

			if (number >= 64 || !made_up(texts_slot(list->key)))
				return refuse(t, list,
					"no entity that can be made up: ", str_of(list->key), err);
			if (read_list(t, list, &lists[number], err) < 0)
				return -1;
		}
	return 0;
}

static int read_answers(struct texts *t, const struct yaml *of, struct buf *err)
{
	for
		YAML_EACH(list, of)
		{
			struct sequence *answer = VEC_ADD(t, answer, answer_n, answer_cap);

			map_slot(&t->answers, str_of(list->key), NULL)->n = (int64_t)t->answer_n;
			if (read_list(t, list, answer, err) < 0)
				return -1;
		}
	return 0;
}

static int read_lists(struct texts *t, struct buf *err)
{
#define TEXT_PLACE(upper, side, name) {side, name},
	static const struct {
		const char *side, *name;
	} places[TEXT_COUNT] = {TEXT_LISTS(TEXT_PLACE)};

	for (size_t i = 0; i < TEXT_COUNT; i++) {
		const struct yaml *side = yaml_get(t->root, places[i].side),
				  *list = side ? yaml_get(side, places[i].name) : NULL;

		if (!list) {
			buf_printf(err, "%s: there is no %s.%s", t->path, places[i].side,
				places[i].name);
			return -1;
		}
		if (read_list(t, list, &t->list[i], err) < 0)
			return -1;
	}
	return 0;
}

/* Members that nobody reads are mistakes. */
static int known_members(struct texts *t, struct buf *err)
{
	static const char *const tops[] = {
		"jtools", "lang", "words", "hers", "ours", "names", NULL};
	static const char *const lists[] = {"open", "give", "answer", "ask",
#define TEXT_WORD(upper, side, name) name,
		TEXT_LISTS(TEXT_WORD) NULL};
	const struct yaml *odd = yaml_unknown(t->root, tops);

	for
		YAML_EACH(side, t->root)
		{
			if (!odd && side->type == YAML_MAPPING && strcmp(side->key, "words") != 0)
				odd = yaml_unknown(side, lists);
		}
	return odd ? refuse(t, odd, "texts have no ", str_of(odd->key), err) : 0;
}

static int read_all(struct texts *t, struct buf *err)
{
	const struct yaml *hers = yaml_get(t->root, "hers"), *ours = yaml_get(t->root, "ours");
	const char *kind = yaml_kind(t->root);
	size_t entities = t->ontology->entity_n < 64 ? t->ontology->entity_n : 64;

	if (!kind || strcmp(kind, "texts/1") != 0)
		return refuse(
			t, t->root, "no texts: it does not say jtools: texts/1", STR(""), err);
	t->lang = yaml_text(t->root, "lang", NULL);
	if (!t->lang)
		return refuse(t, t->root, "it does not say its language, lang", STR(""), err);
	if (known_members(t, err) < 0 || read_words(t, err) < 0 || read_lists(t, err) < 0)
		return -1;
	if (read_open(t, yaml_get(hers, "open"), err) < 0 ||
		read_answers(t, yaml_get(ours, "answer"), err) < 0 ||
		read_entities(t, yaml_get(hers, "give"), t->give, err) < 0 ||
		read_entities(t, yaml_get(ours, "ask"), t->ask, err) < 0)
		return -1;
	for (size_t i = 0; i < entities; i++)
		if (t->ask[i].n && t->give[i].n)
			t->askable |= UINT64_C(1) << i;
	return 0;
}

struct texts *texts_read(const char *path, const struct ontology *o, struct buf *err)
{
	struct yaml *root = yaml_read(path, err);
	struct texts *t;

	if (!root)
		return NULL;
	t = mem_zero(1, sizeof(*t));
	t->root = root;
	t->path = mem_string(path);
	t->ontology = o;
	t->open = mem_zero(o->intent_n + 1, sizeof(*t->open));
	t->ask = mem_zero(64, sizeof(*t->ask));
	t->give = mem_zero(64, sizeof(*t->give));
	if (read_all(t, err) < 0) {
		texts_free(t);
		return NULL;
	}
	return t;
}

void texts_free(struct texts *t)
{
	if (!t)
		return;
	yaml_free(t->root);
	free(t->path);
	free(t->pieces);
	free(t->sequences);
	free(t->words);
	free((void *)t->word_names);
	free(t->open);
	free(t->ask);
	free(t->give);
	free(t->answer);
	map_release(&t->answers);
	free(t);
}

const char *texts_lang(const struct texts *t)
{
	return t->lang;
}

uint64_t texts_askable(const struct texts *t)
{
	return t->askable;
}

bool texts_opens(const struct texts *t, const struct intent *i)
{
	return t->open[i - t->ontology->intents].n > 0;
}

/* ---- writing ---- */

static void put_sequence(const struct texts *t, const struct sequence *s, struct random *r,
	const struct slots *slots, struct buf *out);

static void put_one(const struct texts *t, const struct sequence *list, struct random *r,
	const struct slots *slots, struct buf *out)
{
	if (list->n)
		put_sequence(
			t, &t->sequences[list->first + random_below(r, list->n)], r, slots, out);
}

static void put_sequence(const struct texts *t, const struct sequence *s, struct random *r,
	const struct slots *slots, struct buf *out)
{
	for (size_t i = s->first; i < s->first + s->n; i++) {
		const struct piece *p = &t->pieces[i];

		switch (p->kind) {
		case PIECE_BYTES:
			buf_put(out, p->bytes);
			break;
		case PIECE_SLOT:
			slots->fill(slots->of, p->slot, out);
			break;
		case PIECE_CHOICE:
			put_one(t, &p->list, r, slots, out);
			break;
		}
	}
}

void texts_put(const struct texts *t, enum text_list list, struct random *r,
	const struct slots *slots, struct buf *out)
{
	put_one(t, &t->list[list], r, slots, out);
}

void texts_open(const struct texts *t, const struct intent *i, struct random *r,
	const struct slots *slots, struct buf *out)
{
	put_one(t, &t->open[i - t->ontology->intents], r, slots, out);
}

void texts_answer(const struct texts *t, const char *family, struct random *r,
	const struct slots *slots, struct buf *out)
{
	const union map_value *v = family ? map_get(&t->answers, str_of(family)) : NULL;

	put_one(t, v && random_share(r, 7500) ? &t->answer[v->n - 1] : &t->list[TEXT_GENERAL], r,
		slots, out);
}

void texts_ask(const struct texts *t, size_t entity, struct random *r, const struct slots *slots,
	struct buf *out)
{
	put_one(t, &t->ask[entity], r, slots, out);
}

void texts_give(const struct texts *t, size_t entity, struct random *r, const struct slots *slots,
	struct buf *out)
{
	put_one(t, &t->give[entity], r, slots, out);
}
