/* Runs a fuzz target over the files that are named: its seeds, as a test. */
#include "fuzz.h"

#include "base/die.h"

int main(int argc, char **argv)
{
	program_start("fuzz");
	for (int i = 1; i < argc; i++) {
		struct buf err = BUF_INIT, all = BUF_INIT;
		struct input in;
		int64_t n = -1;

		if (input_open(&in, argv[i], &err) < 0)
			die("%s", err.s);
		do {
			buf_room(&all, 65536);
			n = input_read(&in, all.s + all.len, 65536, &err);
			all.len += n > 0 ? (size_t)n : 0;
		} while (n > 0);
		if (n < 0)
			die("%s", err.s);
		input_close(&in);
		LLVMFuzzerTestOneInput((const uint8_t *)all.s, all.len);
		buf_release(&all);
		buf_release(&err);
	}
	printf("%d passed, 0 failed\n", argc - 1);
	return 0;
}
