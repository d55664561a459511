/* What is wrong somewhere, each with its place, in the order in which it was found. */
#ifndef CORE_FINDINGS_H
#define CORE_FINDINGS_H

#include "base/buf.h"

enum finding_level { FINDING_ERROR, FINDING_WARNING, FINDING_NOTE };

struct finding {
	enum finding_level level;
	char *file;
	int line, column; /* 0: of the file as a whole; column 0: of the line */
	char *reason;
};

/* Zeroed is empty. */
struct findings {
	struct finding *v;
	size_t n, cap;
};

/* Copies file and reason. */
void findings_add(struct findings *f, enum finding_level level, const char *file, int line,
	int column, const char *reason);
/* The same from a message "file:line:column: reason", of which line and column may be missing.
 * file: NULL where the message alone says it. */
void findings_message(struct findings *f, const char *file, const char *message);
/* By file, line, column; equals in the order in which they were found. */
void findings_sort(struct findings *f);
size_t findings_count(const struct findings *f, enum finding_level level);
const char *findings_word(enum finding_level level); /* "error", "warning", "note" */
/* Appends a line for people, "file:line:column: error: reason", or a JSON object; what is not known
 * of the place is left out. */
void finding_put(const struct finding *f, bool text, struct buf *out);
void findings_release(struct findings *f);

#endif
