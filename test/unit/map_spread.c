/* Of the map itself, for its buckets: how far keys are spread over them nobody else can tell.
 * NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "base/map.c"
#include "unit.h"

static const char *const patterns[] = {"%u", "%06u", "s%05u", "+5511%09u", "c%u", "7-%u-0",
	"user%u@mail.example", "session-%08u", "%016u"};

/* Keys that follow on each other are spread: there are about as many buckets as keys, and in none
 * stand many. */
static void test_spread(void)
{
	char key[64];

	for (size_t p = 0; p < sizeof(patterns) / sizeof(*patterns); p++) {
		struct map m = MAP_TOGETHER;
		const UT_hash_table *table;
		unsigned most = 0;

		for (unsigned i = 0; i < 100000; i++) {
			snprintf(key, sizeof(key), patterns[p], i);
			map_slot(&m, str_of(key), NULL)->n = i;
		}
		table = m.head->hh.tbl;
		for (unsigned i = 0; i < table->num_buckets; i++)
			most = table->buckets[i].count > most ? table->buckets[i].count : most;
		CHECK(!table->noexpand && table->num_buckets >= 16384);
		CHECK(most <= 20);
		map_release(&m);
	}
}

int main(void)
{
	test_spread();
	return unit_end();
}
