/* dom FILE: what simdjson itself takes to read a file of JSON lines: its DOM of each, on one thread. Prints how many there were. */
#include <cstdio>
#include <simdjson.h>

int main(int argc, char **argv)
{
	simdjson::dom::parser parser;
	simdjson::dom::document_stream lines;
	size_t n = 0;

	if (argc != 2)
		return 2;
#ifdef SIMDJSON_THREADS_ENABLED
	parser.threaded = false;
#endif
	if (auto error = parser.load_many(argv[1]).get(lines)) {
		std::fprintf(stderr, "dom: %s: %s\n", argv[1], simdjson::error_message(error));
		return 2;
	}
	for (auto line : lines) {
		if (line.error()) {
			std::fprintf(stderr, "dom: %s: %s\n", argv[1], simdjson::error_message(line.error()));
			return 2;
		}
		n++;
	}
	std::printf("%zu\n", n);
}
