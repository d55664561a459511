/* The truth's lines: a JSON object each, written member by member. */
#ifndef GEN_LINE_H
#define GEN_LINE_H

#include "io/out.h"

struct line {
	struct out *out;
	struct buf text; /* as far as it has come; release it with buf_release */
	struct buf *err;
	int status; /* -1: a line could not be written, err has the reason; no more are then */
};

/* Begins with `"member":"value"`, which needs no escape. */
void line_begin(struct line *l, const char *member, const char *value);
/* A text that is none or empty is left out. */
void line_text(struct line *l, const char *name, const char *value);
void line_number(struct line *l, const char *name, int64_t value);
void line_decimal(struct line *l, const char *name, double value, int decimals);
void line_end(struct line *l);

#endif
