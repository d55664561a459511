/* The CSV reader: every row has all the columns, lies within the file, and is the same when it is
 * taken apart once more. */
#include "fuzz.h"
#include "io/csv.h"

static void check_again(struct csv *c)
{
	struct buf before = BUF_INIT, after = BUF_INIT;

	csv_put_object(&before, c);
	csv_again(c, c->raw);
	csv_put_object(&after, c);
	FUZZ_CHECK(str_eq(buf_str(&before), buf_str(&after)));
	buf_release(&before);
	buf_release(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};
	struct buf err = BUF_INIT;
	struct csv_names names = {NULL, 0, 0};
	struct input in;
	static char a[] = "a", b[] = "b", *given[] = {a, b};
	char delimiter = size && data[0] == ';' ? ';' : 0;
	struct csv c;
	int status;

	csv_peek(&names, bytes, 0);
	csv_names_release(&names);
	FUZZ_CHECK(input_open(&in, fuzz_file(bytes), &err) == 0);
	status = size % 2 ? csv_open(&c, &in, delimiter, 200, &err)
			  : csv_open_named(&c, &in, delimiter, given, 2, 200, &err);
	while (status >= 0 && (status = csv_next(&c, &err)) > CSV_END) {
		FUZZ_CHECK(c.offset < fuzz_most(bytes));
		FUZZ_CHECK(status == CSV_ROW ? c.field_n == c.name_n : c.why != NULL);
		for (size_t i = 0; status == CSV_ROW && i < c.field_n; i++)
			FUZZ_CHECK(!c.field[i].s || json_utf8(c.field[i]));
		if (status == CSV_ROW)
			check_again(&c);
	}
	csv_close(&c);
	input_close(&in);
	buf_release(&err);
	return 0;
}
