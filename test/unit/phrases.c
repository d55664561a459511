#include "stage/phrases.h"
#include "base/text.h"
#include "unit.h"

#include <stdlib.h>

static struct phrase_index *x;

static void add(size_t owner, const char *words, int score)
{
	struct phrase one = {.words = (char *)words, .score = score};

	phrase_index_add(x, owner, &(struct phrases){&one, 1, 1});
}

/* The owner's score for a text. */
static int score(size_t owner, const char *text)
{
	struct buf words = BUF_INIT;

	text_words(&words, str_of(text));
	phrase_index_match(x, buf_str(&words));
	buf_release(&words);
	return phrase_index_score(x, owner);
}

static void test_words(void)
{
	x = phrase_index_new(3);
	CHECK(score(0, "anything") == 0);
	add(0, "never arrived", 3);
	add(0, "arrived", 2);
	add(1, "never arrived", 3);
	add(2, "dont", 1);
	CHECK(score(0, "It NEVER, arrived!") == 5);
	CHECK(score(1, "It NEVER, arrived!") == 3);
	CHECK(score(0, "never ever arrived") == 2);
	CHECK(score(0, "never") == 0);
	CHECK(score(0, "") == 0);
	CHECK(score(2, "I don't") == 1);
	CHECK(score(2, "I don\xe2\x80\x99t") == 1);
	phrase_index_free(x);
}

static void test_once(void)
{
	x = phrase_index_new(1);
	add(0, "refund", 1);
	add(0, "refund", 1);
	add(0, "money back", 2);
	CHECK(score(0, "refund refund REFUND") == 1);
	CHECK(score(0, "refund, money back, refund") == 3);
	CHECK(score(0, "nothing") == 0);
	phrase_index_free(x);
}

static void test_prefixes(void)
{
	x = phrase_index_new(2);
	add(0, "atras*", 1);
	add(0, "atrasad*", 2);
	add(1, "muito atras* hoje", 3);
	CHECK(score(0, "atraso") == 1);
	CHECK(score(0, "ATRASADÍSSIMO") == 3);
	CHECK(score(0, "atras") == 1);
	CHECK(score(0, "atra") == 0);
	CHECK(score(0, "desatrasado") == 0);
	CHECK(score(1, "muito atrasado hoje") == 3);
	CHECK(score(1, "muito atrasado mesmo hoje") == 0);
	phrase_index_free(x);
}

static void test_gaps(void)
{
	x = phrase_index_new(3);
	add(0, "order .. late", 2);
	add(1, "a .. b .. c", 3);
	add(2, "order .. l*", 1);
	CHECK(score(0, "order late") == 2);
	CHECK(score(0, "order is late") == 2);
	CHECK(score(0, "order 1 2 3 late") == 2);
	CHECK(score(0, "order 1 2 3 4 late") == 0);
	CHECK(score(0, "order order 1 2 3 late") == 2);
	CHECK(score(0, "late order") == 0);
	CHECK(score(1, "a b c") == 3);
	CHECK(score(1, "a a a a b b b b c") == 3);
	CHECK(score(1, "a 1 2 3 b 1 2 3 4 c") == 0);
	CHECK(score(2, "order is lost") == 1);
	phrase_index_free(x);
}

/* More phrases than the tables begin with, each of which must be found and none other. */
static void test_many(void)
{
	char text[64];

	x = phrase_index_new(5000);
	for (size_t i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "w%zu v%zu", i, i % 70);
		add(i, text, (int)(i % 3) + 1);
	}
	for (size_t i = 0; i < 5000; i += 7) {
		snprintf(text, sizeof(text), "x w%zu v%zu y", i, i % 70);
		if (score(i, text) != (int)(i % 3) + 1 || phrase_index_score(x, (i + 1) % 5000))
			CHECK(!"every phrase is found");
		snprintf(text, sizeof(text), "w%zu v%zu", i, (i + 1) % 70);
		if (score(i, text))
			CHECK(!"no other phrase is found");
	}
	phrase_index_free(x);
}

int main(void)
{
	test_words();
	test_once();
	test_prefixes();
	test_gaps();
	test_many();
	return unit_end();
}
