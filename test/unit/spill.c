#include "core/store/spill.h"
#include "core/store/scratch.h"
#include "unit.h"

/* Adds rows whose texts are key and number, and gives all that come back, groups by '/'. */
static struct buf spilled(const char *keys)
{
	struct buf out = BUF_INIT, err = BUF_INIT;
	struct spill *s = spill_new(&err);
	struct spill_row row;
	int64_t group = -1;

	for (size_t i = 0; s && keys[i]; i++) {
		struct str key = {keys + i, keys[i] != '-'};
		char text[32];

		snprintf(text, sizeof(text), "%c%zu", keys[i], i);
		row = (struct spill_row){.text = str_of(text), .line = i, .offset = 10 * i};
		CHECK(spill_add(s, key, &row, &err) == 0);
	}
	while (s && spill_next(s, &row, &err) == 1) {
		CHECK(row.offset == 10 * row.line);
		if (out.len)
			buf_puts(&out, row.group == group ? " " : "/");
		buf_put(&out, row.text);
		group = row.group;
	}
	CHECK(s && spill_next(s, &row, &err) == 0 && err.len == 0);
	spill_free(s);
	buf_release(&err);
	return out;
}

static void check_spilled(const char *keys, const char *want)
{
	struct buf got = spilled(keys);

	CHECK(strcmp(got.s, want) == 0);
	buf_release(&got);
}

static void groups_come_as_they_were_first_met(void)
{
	check_spilled("", "");
	check_spilled("a", "a0");
	check_spilled("aabbc", "a0 a1/b2 b3/c4");
	check_spilled("bab", "b0 b2/a1");
	check_spilled("b-a-b", "b0 b4/-1/a2/-3");
	check_spilled("--", "-0/-1");
}

static void more_rows_than_memory(void)
{
	struct buf err = BUF_INIT, text = BUF_INIT;
	struct spill *s = spill_new(&err);
	struct spill_row row;
	uint64_t n = 0, last = 0;
	bool ordered = true;

	for (uint64_t i = 0; s && i < 200000; i++) {
		buf_clear(&text);
		buf_printf(&text, "key-%d", (int)(i * 7919 % 1000));
		row = (struct spill_row){
			.text = STR("a text that is long enough to go to the disk"), .line = i};
		CHECK(spill_add(s, buf_str(&text), &row, &err) == 0);
	}
	for (; s && spill_next(s, &row, &err) == 1; n++) {
		ordered = ordered && row.line % 1000 == (uint64_t)row.group &&
			  (n % 200 == 0 || row.line == last + 1000);
		last = row.line;
	}
	CHECK(n == 200000 && ordered);
	spill_free(s);
	buf_release(&text);
	buf_release(&err);
}

static void the_first_value_of_a_key_stays(void)
{
	struct buf err = BUF_INIT, value = BUF_INIT;
	struct scratch *s = scratch_new(64);

	CHECK(scratch_add(s, STR("k"), STR("1"), &err) == 1);
	CHECK(scratch_add(s, STR("k"), STR("2"), &err) == 0);
	CHECK(scratch_get(s, STR("k"), &value, &err) == 1 && str_is(buf_str(&value), "1"));
	scratch_free(s);
	buf_release(&value);
	buf_release(&err);
}

int main(void)
{
	groups_come_as_they_were_first_met();
	more_rows_than_memory();
	the_first_value_of_a_key_stays();
	return unit_end();
}
