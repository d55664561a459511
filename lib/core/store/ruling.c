#include "core/store/ruling.h"
#include "base/mem.h"

#include <stdlib.h>

enum {
	CUSTOMER,
	DECISION,
	ACTION,
	INPUTS,
	DECISIONS,
	VERDICTS,
	PAIRS,
	CONTRADICTING,
	CUSTOMERS,
	STARTED,
	CHANNEL,
	HUMAN,
	BOT,
	KNOWN,
	ASSUMED,
	COLUMNS
};

static const struct {
	const char *name;
	enum column_type type;
} columns_of[COLUMNS] = {[CUSTOMER] = {"customer", COLUMN_INT},
	[DECISION] = {"decision", COLUMN_INT},
	[ACTION] = {"action", COLUMN_TEXT},
	[INPUTS] = {"inputs", COLUMN_TEXT},
	[DECISIONS] = {"decisions", COLUMN_INT},
	[VERDICTS] = {"verdicts", COLUMN_INT},
	[PAIRS] = {"pairs", COLUMN_INT},
	[CONTRADICTING] = {"contradicting", COLUMN_INT},
	[CUSTOMERS] = {"customers", COLUMN_INT},
	[STARTED] = {"started", COLUMN_INT},
	[CHANNEL] = {"channel", COLUMN_TEXT},
	[HUMAN] = {"human", COLUMN_INT},
	[BOT] = {"bot", COLUMN_INT},
	[KNOWN] = {"known", COLUMN_INT},
	[ASSUMED] = {"assumed", COLUMN_INT}};

/* What is read of a decision. */
enum {
	OF_CUSTOMER,
	OF_DECISION,
	OF_ACTION,
	OF_INPUTS,
	OF_VERDICT,
	OF_STARTED,
	OF_CHANNEL,
	OF_ACTOR,
	OF_ASSUMED,
	OF
};
static const char *const of_decision[OF] = {"customer", "decision", "action", "inputs", "verdict",
	"started", "channel", "actor", "assumed"};

struct verdict {
	int64_t text, n;
};

struct ruling {
	int64_t is[COLUMNS];
	struct verdict *v;
	size_t n, cap;
	int64_t customer; /* the last that was seen */
};

struct rulings {
	struct map index; /* of the numbers of action and inputs */
	struct ruling **v;
	size_t n, cap;
	struct codes *texts; /* where they go */
};

void ruling_layout(struct layout *l)
{
	for (size_t i = 0; i < COLUMNS; i++)
		*VEC_ADD(l, v, n, cap) =
			(struct layout_column){mem_string(columns_of[i].name), columns_of[i].type};
}

/* ---- adding up ---- */

static void least(int64_t *to, int64_t n)
{
	if (n != COLUMN_NULL && (*to == COLUMN_NULL || n < *to))
		*to = n;
}

/* The one that all have, or several. */
static void add_channel(struct rulings *all, int64_t *to, const struct codes *texts, int64_t code)
{
	struct str text;

	if (code == COLUMN_NULL)
		return;
	text = codes_text(texts, code);
	if (*to == COLUMN_NULL)
		*to = codes_of(all->texts, text);
	else if (!str_eq(text, codes_text(all->texts, *to)))
		*to = codes_of(all->texts, str_of("several"));
}

static bool is_actor(const struct codes *texts, int64_t code, const char *actor)
{
	return code != COLUMN_NULL && str_is(codes_text(texts, code), actor);
}

static struct ruling *ruling_of(
	struct rulings *all, const struct codes *texts, int64_t action, int64_t inputs)
{
	const int64_t key[2] = {action, inputs};
	struct ruling *r;
	bool fresh;
	union map_value *v =
		map_slot(&all->index, (struct str){(const char *)key, sizeof(key)}, &fresh);

	if (!fresh)
		return v->p;
	r = v->p = *VEC_ADD(all, v, n, cap) = mem_zero(1, sizeof(*r));
	r->is[CUSTOMER] = r->is[DECISION] = r->is[STARTED] = r->is[CHANNEL] = r->is[ASSUMED] =
		COLUMN_NULL;
	r->is[ACTION] = codes_of(all->texts, codes_text(texts, action));
	r->is[INPUTS] = codes_of(all->texts, codes_text(texts, inputs));
	r->is[KNOWN] = 1;
	r->customer = COLUMN_NULL;
	return r;
}

static void add_verdict(struct ruling *r, int64_t text)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].text == text) {
			r->v[i].n++;
			return;
		}
	*VEC_ADD(r, v, n, cap) = (struct verdict){text, 1};
}

static int see(void *ctx, const struct codes *texts, const union column_value *const *v,
	size_t rows, struct buf *err)
{
	struct rulings *all = ctx;

	(void)err;
	for (size_t i = 0; i < rows; i++) {
		struct ruling *r;

		if (v[OF_ACTION][i].n == COLUMN_NULL || v[OF_INPUTS][i].n == COLUMN_NULL)
			continue;
		r = ruling_of(all, texts, v[OF_ACTION][i].n, v[OF_INPUTS][i].n);
		r->is[DECISIONS]++;
		r->is[CUSTOMERS] += v[OF_CUSTOMER][i].n != r->customer;
		r->customer = v[OF_CUSTOMER][i].n;
		least(&r->is[DECISION], v[OF_DECISION][i].n);
		least(&r->is[STARTED], v[OF_STARTED][i].n);
		add_channel(all, &r->is[CHANNEL], texts, v[OF_CHANNEL][i].n);
		r->is[HUMAN] |= is_actor(texts, v[OF_ACTOR][i].n, "agent");
		r->is[BOT] |= is_actor(texts, v[OF_ACTOR][i].n, "bot");
		if (v[OF_ASSUMED][i].n > r->is[ASSUMED])
			r->is[ASSUMED] = v[OF_ASSUMED][i].n;
		if (v[OF_VERDICT][i].n != COLUMN_NULL)
			add_verdict(r, v[OF_VERDICT][i].n);
	}
	return 0;
}

/* Pairs of which both say a verdict, and those of them that say the same. */
static void close_ruling(struct ruling *r)
{
	int64_t told = 0, alike = 0;

	for (size_t i = 0; i < r->n; i++) {
		told += r->v[i].n;
		alike += r->v[i].n * r->v[i].n;
	}
	r->is[CUSTOMER] = r->is[DECISION];
	r->is[VERDICTS] = (int64_t)r->n;
	r->is[PAIRS] = told * (told - 1) / 2;
	r->is[CONTRADICTING] = (told * told - alike) / 2;
}

static int by_decision(const void *pa, const void *pb)
{
	const struct ruling *a = *(struct ruling *const *)pa, *b = *(struct ruling *const *)pb;

	return (a->is[DECISION] > b->is[DECISION]) - (a->is[DECISION] < b->is[DECISION]);
}

int ruling_open(struct frame **out, struct sqlite3 *db, const struct layout *l,
	const size_t *columns, size_t n, struct codes *codes, struct buf *err)
{
	struct rulings all = {MAP_INIT, NULL, 0, 0, codes};
	union column_value *rows;
	bool done;
	int status = frame_each(db, "decision", of_decision, OF, see, &all, &done, err);

	for (size_t i = 0; i < all.n; i++)
		close_ruling(all.v[i]);
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), by_decision);
	rows = mem_zero(all.n * n, sizeof(*rows));
	for (size_t i = 0; i < all.n; i++)
		for (size_t c = 0; c < n; c++)
			rows[i * n + c].n = all.v[i]->is[columns[c]];
	*out = status == 0 && done ? frame_of(rows, all.n, l, columns, n, codes) : NULL;
	if (!*out)
		free(rows);
	for (size_t i = 0; i < all.n; i++) {
		free(all.v[i]->v);
		free(all.v[i]);
	}
	free(all.v);
	map_release(&all.index);
	return status;
}
