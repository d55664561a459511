/* The CSV reader: every row has all the columns, and lies within the file. */
#include "fuzz.h"
#include "io/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};
	struct buf err = BUF_INIT;
	struct csv_names names = {NULL, 0, 0};
	struct input in;
	struct csv c;
	int status;

	csv_peek(&names, bytes, 0);
	csv_names_release(&names);
	FUZZ_CHECK(input_open(&in, fuzz_file(bytes), &err) == 0);
	status = csv_open(&c, &in, size && data[0] == ';' ? ';' : 0, 200, &err);
	while (status >= 0 && (status = csv_next(&c, &err)) > CSV_END) {
		FUZZ_CHECK(c.offset < size);
		FUZZ_CHECK(status == CSV_ROW ? c.field_n == c.name_n : c.why != NULL);
		for (size_t i = 0; status == CSV_ROW && i < c.field_n; i++)
			FUZZ_CHECK(json_utf8(c.field[i]));
	}
	csv_close(&c);
	input_close(&in);
	buf_release(&err);
	return 0;
}
