#include "base/map.h"
#include "unit.h"

static void put(struct map *m, const char *key, int64_t n)
{
	map_slot(m, str_of(key), NULL)->n = n;
}

/* What is taken out is gone, and the first is that of those which are left. */
static void test_remove(void)
{
	struct map m = MAP_INIT;

	CHECK(!map_first(&m));
	put(&m, "a", 1);
	put(&m, "b", 2);
	put(&m, "c", 3);
	CHECK(map_first(&m)->n == 1);
	map_remove(&m, STR("a"));
	map_remove(&m, STR("none"));
	CHECK(!map_get(&m, STR("a")) && map_count(&m) == 2);
	CHECK(map_first(&m)->n == 2 && str_is(map_key(map_first(&m)), "b"));
	put(&m, "a", 4);
	map_remove(&m, STR("b"));
	map_remove(&m, STR("c"));
	CHECK(map_first(&m)->n == 4);
	map_remove(&m, STR("a"));
	CHECK(!map_first(&m) && map_count(&m) == 0);
	map_release(&m);
}

/* The first is the oldest, however many come and go. */
static void test_turnover(void)
{
	struct map m = MAP_INIT;
	bool kept = true;
	char key[24];

	for (int i = 0; i < 10000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		put(&m, key, i);
		if (i >= 100) {
			kept &= map_first(&m)->n == i - 100;
			snprintf(key, sizeof(key), "%d", i - 100);
			map_remove(&m, str_of(key));
		}
	}
	CHECK(kept && map_count(&m) == 100);
	map_release(&m);
}

/* Entries that lie together are found as others are, keys of any length, before and behind a
 * clearing. */
static void test_together(void)
{
	struct map m = MAP_TOGETHER;
	struct buf key = BUF_INIT;
	bool kept = true, fresh;

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3000; i++) {
			buf_clear(&key);
			buf_printf(&key, "%*d", i % 97, i);
			map_slot(&m, buf_str(&key), &fresh)->n = i;
			kept &= fresh;
		}
		buf_clear(&key);
		for (int i = 0; i < 300000; i++)
			buf_byte(&key, 'x');
		kept &= map_slot(&m, buf_str(&key), &fresh)->n == 0 && fresh;
		for (int i = 0; i < 3000; i++) {
			union map_value *v;

			buf_clear(&key);
			buf_printf(&key, "%*d", i % 97, i);
			v = map_get(&m, buf_str(&key));
			kept &= v && v->n == i && str_eq(map_key(v), buf_str(&key)) &&
				map_key(v).s[key.len] == '\0';
		}
		CHECK(kept && map_count(&m) == 3001);
		map_clear(&m);
		CHECK(map_count(&m) == 0 && !map_get(&m, STR("1")));
		kept &= map_slot(&m, STR("1"), &fresh)->n == 0 && fresh;
		map_clear(&m);
	}
	map_release(&m);
	buf_release(&key);
}

int main(void)
{
	test_together();
	test_remove();
	test_turnover();
	return unit_end();
}
