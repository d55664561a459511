/* Lines that come through a pipe: each whole, however it arrives, and waited for no longer than
 * said. */
#include "io/lines.h"
#include "unit.h"

#include <unistd.h>

#define MOST 40 /* bytes of a line */

struct feed {
	int out;
	struct lines in;
	struct buf err;
};

static void begin(struct feed *f)
{
	int ends[2];

	CHECK(pipe(ends) == 0);
	CHECK(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
	close(ends[0]);
	f->out = ends[1];
	f->err = (struct buf)BUF_INIT;
	CHECK(lines_open(&f->in, NULL, MOST, &f->err) == 0);
}

static void put(struct feed *f, const char *text)
{
	CHECK(write(f->out, text, strlen(text)) == (ssize_t)strlen(text));
}

static bool next_is(struct feed *f, int status, const char *text)
{
	struct str line = {NULL, 0};

	return lines_next(&f->in, &line, &f->err) == status &&
	       (status == LINES_END || str_is(line, text));
}

static void finish(struct feed *f)
{
	lines_close(&f->in);
	buf_release(&f->err);
}

/* A part of a line is none; what is in the pipe already needs no wait. */
static void waits(void)
{
	struct feed f;

	begin(&f);
	CHECK(!lines_ready(&f.in));
	CHECK(!lines_wait(&f.in, 1));
	put(&f, "one\ntw");
	CHECK(lines_wait(&f.in, 60000));
	CHECK(next_is(&f, LINES_ONE, "one"));
	CHECK(!lines_ready(&f.in));
	put(&f, "o");
	CHECK(!lines_wait(&f.in, 1));
	put(&f, "\n\nthree");
	CHECK(lines_wait(&f.in, 60000));
	CHECK(next_is(&f, LINES_ONE, "two"));
	CHECK(lines_ready(&f.in));
	CHECK(lines_ready(&f.in));
	CHECK(next_is(&f, LINES_ONE, ""));
	close(f.out);
	CHECK(lines_wait(&f.in, 60000));
	CHECK(next_is(&f, LINES_ONE, "three"));
	CHECK(lines_ready(&f.in));
	CHECK(next_is(&f, LINES_END, ""));
	finish(&f);
}

/* What ends a line that is too long ends no other, though it was looked at before. */
static void passes_over_long(void)
{
	struct feed f;
	struct str piece;
	size_t left = 0;

	begin(&f);
	for (int i = 0; i < 10; i++)
		put(&f, "0123456789");
	CHECK(lines_ready(&f.in));
	CHECK(next_is(&f, LINES_LONG,
		"0123456789012345678901234567890123456789"
		"012345678901234567890123456789012345678901234567890123456789"));
	put(&f, "rest\nshort\nlast\n");
	CHECK(lines_ready(&f.in));
	while (lines_rest(&f.in, &piece, &f.err) == LINES_ONE)
		left += piece.len;
	CHECK(left == strlen("rest"));
	CHECK(lines_ready(&f.in));
	CHECK(next_is(&f, LINES_ONE, "short"));
	CHECK(next_is(&f, LINES_ONE, "last"));
	CHECK(f.in.number == 3);
	close(f.out);
	finish(&f);
}

/* The rest of one that nobody asks for, too. */
static void skips_the_rest(void)
{
	struct feed f;

	begin(&f);
	put(&f, "01234567890123456789012345678901234567890123456789");
	CHECK(lines_ready(&f.in));
	CHECK(next_is(&f, LINES_LONG, "01234567890123456789012345678901234567890123456789"));
	put(&f, "more\nshort\n");
	CHECK(lines_ready(&f.in));
	CHECK(next_is(&f, LINES_ONE, "short"));
	close(f.out);
	finish(&f);
}

int main(void)
{
	waits();
	passes_over_long();
	skips_the_rest();
	return unit_end();
}
