/* Lines of a file or of stdin, in constant memory, with their place. */
#ifndef IO_LINES_H
#define IO_LINES_H

#include "base/buf.h"

#define LINES_PADDING 64 /* readable bytes after every line, as the JSON reader needs them */
#define LINES_MAX_DEFAULT ((int64_t)1 << 20)

enum lines_status { LINES_END = 0, LINES_ONE = 1, LINES_LONG = 2 };

/* Where bytes come from that no descriptor gives. */
struct source {
	/* As read(2): 0 at the end, -1 and a reason. NULL: there is no source. */
	int64_t (*read)(void *ctx, char *into, size_t room, struct buf *err);
	void *ctx;
};

struct lines {
	const char *name; /* as messages show it; "<stdin>" for "-"; borrowed */
	uint64_t number;  /* of the line last given, from 1 */
	uint64_t offset;  /* of its first byte, a BOM being one */
	struct str
		raw; /* it as it came, with a BOM and the CR of a CR LF; borrowed as the line is */
	int fd;	     /* -1: read from */
	struct source from;
	size_t max;
	struct buf block;
	size_t at;	  /* where the next line begins within block */
	size_t found;	  /* behind the LF that ends it; 0: not looked for yet */
	uint64_t taken;	  /* bytes of the file before block */
	bool ended, rest; /* rest: within a line that was too long */
	/* NULL, or asked at the end of the file, where it may wait: whether there is more by now.
	 */
	bool (*more)(void *ctx);
	void *more_ctx;
};

/* path NULL or "-" is stdin. max: bytes a line may have, without its end. -1 and a reason on
 * failure. */
int lines_open(struct lines *l, const char *path, size_t max, struct buf *err);
/*
 * The next line without LF, CR LF or (first line) BOM; borrowed until the next call. LINES_LONG:
 * the line exceeds max, *line holds its first bytes and lines_rest gives the others. -1 and a
 * reason when reading fails.
 */
int lines_next(struct lines *l, struct str *line, struct buf *err);
/* After LINES_LONG: the next piece of that line; LINES_END when it is done. What is not taken is
 * skipped. */
int lines_rest(struct lines *l, struct str *piece, struct buf *err);
/* Whether a line can be had without waiting: a whole one has arrived, or the input has ended; of a
 * source nobody knows before it has been read. The line given last is gone. */
bool lines_ready(struct lines *l);
/* The same once something has arrived, or so many milliseconds have passed. */
bool lines_wait(struct lines *l, int ms);
/* Bytes of the file that have been read. */
static inline uint64_t lines_seen(const struct lines *l)
{
	return l->taken + l->block.len;
}
void lines_close(struct lines *l);

#endif
