/* More features than a lexicon has room for. */
#include "stage/lexicon.h"
#include "unit.h"

#define TEXTS 1050
#define EACH 4096 /* of a text: together more than LEXICON_MAX */

static struct feature v[EACH];

static void learn(struct lexicon *l, uint64_t from)
{
	struct features f = {.v = v, .n = EACH, .end = {0, 0}};

	for (size_t i = 0; i < EACH; i++)
		v[i] = (struct feature){(from + i + 1) * UINT64_C(0x9e3779b97f4a7c15), 0, 0};
	lexicon_learn(l, &f);
}

int main(void)
{
	struct lexicon l = {.v = NULL};

	for (uint64_t t = 0; t < TEXTS; t++)
		learn(&l, t * EACH);
	CHECK(l.n == LEXICON_MAX);
	CHECK(!lexicon_add(&l, 7, 1, 1));
	/* Those that have their place are still counted. */
	learn(&l, 0);
	learn(&l, 0);
	lexicon_settle(&l);
	CHECK(l.n == EACH);
	CHECK(lexicon_find(&l, v[0].key) == 0);
	lexicon_release(&l);
	return unit_end();
}
