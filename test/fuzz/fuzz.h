/* What the fuzz targets share: an input as a file, and the run of an adapter whose records go
 * nowhere. */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include "adapt/adapt.h"
#include "adapt/emit.h"
#include "adapt/mail.h"
#include "base/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(what)                                                                           \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);                 \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Whether it is UTF-16, which is read as UTF-8: places are those of that. */
static inline bool fuzz_wide(struct str bytes)
{
	return str_starts(bytes, STR("\xff\xfe")) || str_starts(bytes, STR("\xfe\xff"));
}

/* The most bytes of text that an input may be: half a character is U+FFFD. */
static inline size_t fuzz_most(struct str bytes)
{
	return fuzz_wide(bytes) ? 3 * bytes.len : bytes.len;
}

/* The path of a file with these bytes, the same one at every call. */
static inline const char *fuzz_file(struct str bytes)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("input", 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	FUZZ_CHECK(ftruncate(fd, 0) == 0);
	FUZZ_CHECK(pwrite(fd, bytes.s, bytes.len, 0) == (ssize_t)bytes.len);
	return path;
}

/* Every line that was written is a record. */
static inline void fuzz_records(const char *path)
{
	struct buf err = BUF_INIT;
	enum event_fault fault;
	struct event ev;
	struct lines l;
	struct str line;

	event_init(&ev);
	FUZZ_CHECK(lines_open(&l, path, (size_t)16 << 20, &err) == 0);
	while (lines_next(&l, &line, &err) == LINES_ONE)
		if (event_read(&ev, line, true, &fault, &err) < 0) {
			fprintf(stderr, "%s\n%.*s\n", err.s, (int)line.len, line.s);
			abort();
		}
	lines_close(&l);
	event_release(&ev);
	buf_release(&err);
}

/* An empty file without a name; *path: what it can be opened by. */
static inline int fuzz_memory(const char *name, struct buf *path)
{
	int fd = memfd_create(name, 0);

	FUZZ_CHECK(fd >= 0);
	buf_printf(path, "/proc/self/fd/%d", fd);
	return fd;
}

/* Every line is a dead letter, and so many were rejected. */
static inline void fuzz_letters(const char *path, uint64_t rejected)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct buf err = BUF_INIT;
	struct lines l;
	struct str line;
	uint64_t n = 0;

	FUZZ_CHECK(lines_open(&l, path, (size_t)16 << 20, &err) == 0);
	for (; lines_next(&l, &line, &err) == LINES_ONE; n++) {
		FUZZ_CHECK(json_parse(&doc, line, false, &err) == 0);
		FUZZ_CHECK(json_member(doc.v, "raw") || json_member(doc.v, "raw_base64"));
	}
	FUZZ_CHECK(n == rejected);
	lines_close(&l);
	json_release(&doc);
	buf_release(&err);
}

#define FUZZ_SHORT                                                                                 \
	((size_t)200) /* --max-line for every fourth input: what is too long is read too */

/* Runs a reader over the bytes as jnorm would, as the file that `name` says. */
static inline void fuzz_adapt(struct str bytes, const char *name,
	int (*read_it)(struct adapt_run *run, struct input *in, struct buf *err))
{
	static const char *const self[] = {"Lume Casa", "@lume.example"}, *const bots[] = {
										  "LumeBot"};
	const struct adapt_options opt = {.account = "lume",
		.self = self,
		.selves = 2,
		.bots = bots,
		.botn = 1,
		.region = "BR",
		.tz_given = true,
		.quiet = true,
		.max_line = bytes.len % 4 ? (size_t)1 << 20 : FUZZ_SHORT};
	/* Made once: what it remembers is large, and emit_begin forgets it. */
	static struct out out = {.fd = -1, .name = "output", .pending = BUF_INIT};
	static struct emit *sink;
	static struct buf records = BUF_INIT, letters = BUF_INIT;
	static int letters_fd;
	struct ledger ledger;
	struct adapt_run run = {.opt = &opt, .ledger = &ledger, .text = BUF_INIT};
	struct buf err = BUF_INIT;
	struct input in;

	if (!sink) {
		out.fd = fuzz_memory("records", &records);
		letters_fd = fuzz_memory("letters", &letters);
		sink = emit_new(&out, false);
	}
	FUZZ_CHECK(ftruncate(out.fd, 0) == 0 && lseek(out.fd, 0, SEEK_SET) == 0);
	FUZZ_CHECK(ftruncate(letters_fd, 0) == 0);
	FUZZ_CHECK(ledger_open(&ledger, letters.s, true, &err) == 0);
	/* As if twenty rejects had been told already: the next ones are silent. */
	ledger.told = 1000;
	draft_init(&run.draft);
	run.sink = sink;
	FUZZ_CHECK(input_open(&in, fuzz_file(bytes), &err) == 0);
	in.name = name;
	emit_begin(run.sink);
	if (read_it(&run, &in, &err) < 0)
		FUZZ_CHECK(err.len > 0);
	FUZZ_CHECK(ledger.read == ledger.written + ledger.duplicates + ledger.rejected);
	input_close(&in);
	mail_release(&run);
	draft_release(&run.draft);
	buf_release(&run.text);
	buf_clear(&err);
	FUZZ_CHECK(out_flush(&out, &err) == 0 && ledger_close(&ledger, NULL, &err) == 0);
	fuzz_records(records.s);
	fuzz_letters(letters.s, ledger.rejected);
	buf_release(&err);
}

/* The bytes before and behind the first line that reads =====; without one, all and none. */
static inline struct str fuzz_split(struct str bytes, struct str *rest)
{
	ptrdiff_t at = str_find(bytes, STR("\n=====\n"));

	if (at < 0) {
		*rest = STR("");
		return bytes;
	}
	*rest = (struct str){bytes.s + at + 7, bytes.len - (size_t)at - 7};
	return (struct str){bytes.s, (size_t)at + 1};
}

#endif
