#include "stage/phrases.h"
#include "base/fnv.h"
#include "base/mem.h"

#include <stdlib.h>

#define NONE UINT32_MAX
#define GAP_WORDS 3
#define SLOTS_FIRST 1024 /* a power of two */
#define LISTS 1024	 /* of prefixes */

/* A word of a phrase, or a prefix; its number is its place. */
struct word {
	uint32_t at, len; /* in `text` */
	uint32_t next;	  /* prefix: the next one in its list */
	uint32_t begins;  /* the node that a phrase's first word leads to, or NONE */
};

struct node {
	uint32_t gap;  /* the node behind a gap, or NONE */
	uint32_t ends; /* the first phrase that ends here, or NONE */
};

struct edge {
	uint32_t from, word, to; /* from NONE: a free slot */
};

struct end {
	uint32_t owner, next, phrase; /* phrase: its number among the owner's */
	int score;
	uint64_t seen; /* the text in which it was found last */
};

/* A word of the text: its number as a whole word, and a run of prefixes in `found`. */
struct token {
	uint32_t exact, prefix_at, prefix_n;
};

struct phrase_index {
	struct buf text;
	struct word *words;
	size_t word_n, word_cap;
	uint32_t *slots; /* of whole words by their hash: number + 1, 0 is free */
	size_t slot_n;
	uint32_t prefixes[LISTS]; /* by their first two bytes: the first prefix, or NONE */
	struct node *nodes;
	size_t node_n, node_cap;
	struct edge *edges;
	size_t edge_n, edge_slots;
	struct end *ends;
	size_t end_n, end_cap;
	struct token *tokens;
	size_t token_n, token_cap;
	uint32_t *found;
	size_t found_n, found_cap;
	int *score;	   /* by owner */
	uint32_t *touched; /* owners whose score is not 0; room for all */
	size_t touched_n;
	uint64_t seen;
};

static uint32_t word_hash(struct str s)
{
	uint32_t h = fnv32(s);

	return h ^ h >> 15;
}

static uint32_t edge_hash(uint32_t from, uint32_t word)
{
	uint64_t h = ((uint64_t)from << 32 | word) * UINT64_C(0x9e3779b97f4a7c15);

	return (uint32_t)(h >> 32);
}

static struct str word_text(const struct phrase_index *x, uint32_t number)
{
	return (struct str){x->text.s + x->words[number].at, x->words[number].len};
}

static uint32_t add_node(struct phrase_index *x)
{
	*VEC_ADD(x, nodes, node_n, node_cap) = (struct node){NONE, NONE};
	return (uint32_t)x->node_n - 1;
}

static struct edge *new_edges(size_t slots)
{
	struct edge *e = mem_alloc(slots * sizeof(*e));

	for (size_t i = 0; i < slots; i++)
		e[i] = (struct edge){NONE, NONE, NONE};
	return e;
}

struct phrase_index *phrase_index_new(size_t owners)
{
	struct phrase_index *x = mem_zero(1, sizeof(*x));

	buf_init(&x->text);
	x->slot_n = x->edge_slots = SLOTS_FIRST;
	x->slots = mem_zero(x->slot_n, sizeof(*x->slots));
	x->edges = new_edges(x->edge_slots);
	x->score = mem_zero(owners, sizeof(*x->score));
	x->touched = mem_zero(owners, sizeof(*x->touched));
	for (size_t i = 0; i < LISTS; i++)
		x->prefixes[i] = NONE;
	add_node(x);
	return x;
}

void phrase_index_free(struct phrase_index *x)
{
	if (!x)
		return;
	buf_release(&x->text);
	free(x->words);
	free(x->slots);
	free(x->nodes);
	free(x->edges);
	free(x->ends);
	free(x->tokens);
	free(x->found);
	free(x->score);
	free(x->touched);
	free(x);
}

/* The slot of a whole word: where it is, or where it would be. */
static uint32_t *slot_of(const struct phrase_index *x, struct str word)
{
	size_t i = word_hash(word) & (x->slot_n - 1);

	while (x->slots[i] && !str_eq(word_text(x, x->slots[i] - 1), word))
		i = (i + 1) & (x->slot_n - 1);
	return &x->slots[i];
}

static uint32_t add_word(struct phrase_index *x, struct str word)
{
	struct word *w = VEC_ADD(x, words, word_n, word_cap);

	*w = (struct word){(uint32_t)x->text.len, (uint32_t)word.len, NONE, NONE};
	buf_put(&x->text, word);
	return (uint32_t)x->word_n - 1;
}

static void grow_slots(struct phrase_index *x)
{
	uint32_t *old = x->slots;
	size_t n = x->slot_n;

	x->slot_n = 2 * n;
	x->slots = mem_zero(x->slot_n, sizeof(*x->slots));
	for (size_t i = 0; i < n; i++)
		if (old[i])
			*slot_of(x, word_text(x, old[i] - 1)) = old[i];
	free(old);
}

static uint32_t whole_word(struct phrase_index *x, struct str word)
{
	uint32_t *slot;

	if (2 * x->word_n >= x->slot_n)
		grow_slots(x);
	slot = slot_of(x, word);
	if (!*slot)
		*slot = add_word(x, word) + 1;
	return *slot - 1;
}

/* The list of prefixes that begin with the word's first `bytes` bytes, one or two. */
static uint32_t *list_of(struct phrase_index *x, struct str word, size_t bytes)
{
	size_t two = bytes > 1 ? (unsigned char)word.s[1] : 0;

	return &x->prefixes[((unsigned char)word.s[0] ^ two << 5) & (LISTS - 1)];
}

static uint32_t prefix_word(struct phrase_index *x, struct str prefix)
{
	uint32_t *head = list_of(x, prefix, prefix.len), number;

	for (uint32_t i = *head; i != NONE; i = x->words[i].next)
		if (str_eq(word_text(x, i), prefix))
			return i;
	number = add_word(x, prefix);
	x->words[number].next = *head;
	*head = number;
	return number;
}

static struct edge *edge_of(const struct phrase_index *x, uint32_t from, uint32_t word)
{
	size_t i = edge_hash(from, word) & (x->edge_slots - 1);

	while (x->edges[i].from != NONE && (x->edges[i].from != from || x->edges[i].word != word))
		i = (i + 1) & (x->edge_slots - 1);
	return &x->edges[i];
}

static void grow_edges(struct phrase_index *x)
{
	struct edge *old = x->edges;
	size_t n = x->edge_slots;

	x->edge_slots = 2 * n;
	x->edges = new_edges(x->edge_slots);
	for (size_t i = 0; i < n; i++)
		if (old[i].from != NONE)
			*edge_of(x, old[i].from, old[i].word) = old[i];
	free(old);
}

static uint32_t step(struct phrase_index *x, uint32_t from, struct str part)
{
	struct edge *e;
	uint32_t word, to;

	if (str_is(part, "..")) {
		if (x->nodes[from].gap == NONE) {
			to = add_node(x);
			x->nodes[from].gap = to;
		}
		return x->nodes[from].gap;
	}
	if (part.s[part.len - 1] == '*')
		word = prefix_word(x, (struct str){part.s, part.len - 1});
	else
		word = whole_word(x, part);
	if (2 * x->edge_n >= x->edge_slots)
		grow_edges(x);
	e = edge_of(x, from, word);
	if (e->from == NONE) {
		*e = (struct edge){from, word, add_node(x)};
		x->edge_n++;
	}
	if (!from)
		x->words[word].begins = e->to;
	return e->to;
}

static void add_end(struct phrase_index *x, uint32_t node, size_t owner, size_t phrase, int score)
{
	uint32_t first = x->nodes[node].ends;

	for (uint32_t i = first; i != NONE; i = x->ends[i].next)
		if (x->ends[i].owner == owner)
			return;
	*VEC_ADD(x, ends, end_n, end_cap) =
		(struct end){(uint32_t)owner, first, (uint32_t)phrase, score, 0};
	x->nodes[node].ends = (uint32_t)x->end_n - 1;
}

void phrase_index_add(struct phrase_index *x, size_t owner, const struct phrases *phrases)
{
	for (size_t i = 0; i < phrases->n; i++) {
		const char *s = phrases->v[i].words;
		uint32_t node = 0;

		while (*s) {
			size_t len = strcspn(s, " ");

			node = step(x, node, (struct str){s, len});
			s += len + (s[len] == ' ');
		}
		add_end(x, node, owner, i, phrases->v[i].score);
	}
}

static void add_prefixes(struct phrase_index *x, struct str word, size_t bytes)
{
	for (uint32_t i = *list_of(x, word, bytes); i != NONE; i = x->words[i].next)
		if (str_starts(word, word_text(x, i)))
			*VEC_ADD(x, found, found_n, found_cap) = i;
}

static void add_token(struct phrase_index *x, struct str word)
{
	uint32_t slot = *slot_of(x, word);
	struct token t = {slot ? slot - 1 : NONE, (uint32_t)x->found_n, 0};

	add_prefixes(x, word, 1);
	if (word.len > 1 && list_of(x, word, 2) != list_of(x, word, 1))
		add_prefixes(x, word, 2);
	t.prefix_n = (uint32_t)x->found_n - t.prefix_at;
	*VEC_ADD(x, tokens, token_n, token_cap) = t;
}

static void reach(struct phrase_index *x, uint32_t node)
{
	for (uint32_t i = x->nodes[node].ends; i != NONE; i = x->ends[i].next) {
		struct end *e = &x->ends[i];

		if (e->seen == x->seen)
			continue;
		e->seen = x->seen;
		if (!x->score[e->owner])
			x->touched[x->touched_n++] = e->owner;
		x->score[e->owner] += e->score;
	}
}

static void walk(struct phrase_index *x, uint32_t node, size_t at);

static void go_on(struct phrase_index *x, uint32_t node, size_t at)
{
	reach(x, node);
	walk(x, node, at);
	if (x->nodes[node].gap != NONE)
		for (size_t skip = 0; skip <= GAP_WORDS; skip++)
			walk(x, x->nodes[node].gap, at + skip);
}

static void follow(struct phrase_index *x, uint32_t node, uint32_t word, size_t at)
{
	const struct edge *e = edge_of(x, node, word);

	if (e->from != NONE)
		go_on(x, e->to, at + 1);
}

/* Most words begin no phrase. */
static void begin(struct phrase_index *x, uint32_t word, size_t at)
{
	if (x->words[word].begins != NONE)
		go_on(x, x->words[word].begins, at + 1);
}

/* All phrases that go on from the node with the word at `at`. As deep as the longest phrase. */
static void walk(struct phrase_index *x, uint32_t node, size_t at)
{
	struct token t;

	if (at >= x->token_n)
		return;
	t = x->tokens[at];
	if (t.exact != NONE)
		follow(x, node, t.exact, at);
	for (uint32_t i = 0; i < t.prefix_n; i++)
		follow(x, node, x->found[t.prefix_at + i], at);
}

void phrase_index_match(struct phrase_index *x, struct str words)
{
	while (x->touched_n)
		x->score[x->touched[--x->touched_n]] = 0;
	x->seen++;
	x->token_n = x->found_n = 0;
	while (words.len) {
		const char *blank = memchr(words.s, ' ', words.len);
		size_t len = blank ? (size_t)(blank - words.s) : words.len;

		if (len)
			add_token(x, (struct str){words.s, len});
		len += blank != NULL;
		words.s += len;
		words.len -= len;
	}
	for (size_t i = 0; i < x->token_n; i++) {
		struct token t = x->tokens[i];

		if (t.exact != NONE)
			begin(x, t.exact, i);
		for (uint32_t k = 0; k < t.prefix_n; k++)
			begin(x, x->found[t.prefix_at + k], i);
	}
}

int phrase_index_score(const struct phrase_index *x, size_t owner)
{
	return x->score[owner];
}

size_t phrase_index_found(const struct phrase_index *x, size_t owner, size_t from)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < x->end_n; i++) {
		const struct end *e = &x->ends[i];

		if (e->owner == owner && e->seen == x->seen && e->phrase >= from &&
			e->phrase < found)
			found = e->phrase;
	}
	return found;
}
