/* The sorter against what it is to give: the order of keys, equal ones as they came. */
#include "io/sorter.h"
#include "unit.h"

/* Puts n records of `size` bytes whose keys have `keys` values, and takes them out. */
static bool sorts(size_t hold, uint32_t n, uint32_t size, uint32_t keys)
{
	struct sorter *s = sorter_new(hold);
	struct buf record = BUF_INIT, err = BUF_INIT;
	uint32_t random = 1, last_key = 0, last_number = 0, count = 0, now[2];
	struct str got;
	bool right = true;

	for (uint32_t i = 0; i < n && right; i++) {
		random = random * 1664525 + 1013904223;
		now[0] = (random >> 8) % keys;
		now[1] = i;
		buf_clear(&record);
		buf_add(&record, now, sizeof(now));
		while (record.len < size)
			buf_byte(&record, (char)i);
		/* Records of other sizes between them. */
		if (i % 7 == 0)
			buf_puts(&record, "a longer one");
		right = sorter_put(s, (int64_t)now[0] - keys / 2, buf_str(&record), &err) == 0;
	}
	while (right && sorter_next(s, &got, &err) == 1) {
		memcpy(now, got.s, sizeof(now));
		right = got.len == size + (now[1] % 7 == 0 ? 12 : 0) &&
			(size == sizeof(now) || got.s[size - 1] == (char)now[1]) &&
			(!count || now[0] > last_key ||
				(now[0] == last_key && now[1] > last_number));
		last_key = now[0];
		last_number = now[1];
		count++;
	}
	right = right && count == n && !err.len && sorter_next(s, &got, &err) == 0;
	sorter_free(s);
	buf_release(&record);
	buf_release(&err);
	return right;
}

int main(void)
{
	CHECK(sorts(SORTER_HOLD, 0, 8, 1));
	CHECK(sorts(SORTER_HOLD, 1, 8, 1));
	CHECK(sorts(SORTER_HOLD, 1000, 100, 1000000));
	CHECK(sorts(SORTER_HOLD, 1000, 100, 3));
	/* More than is held: one run, some, and several levels of them. */
	CHECK(sorts(100000, 1000, 100, 100));
	CHECK(sorts(100000, 10000, 100, 1000000));
	CHECK(sorts(10000, 100000, 100, 1000000));
	CHECK(sorts(10000, 100000, 100, 5));
	/* Records longer than what is held, and than a block of a run. */
	CHECK(sorts(1000, 70, 200000, 10));
	return unit_end();
}
