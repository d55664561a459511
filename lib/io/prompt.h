/* Lines that somebody types on a terminal: readline behind a door. One a process. */
#ifndef IO_PROMPT_H
#define IO_PROMPT_H

#include "base/buf.h"

#include <signal.h>

enum prompt_status { PROMPT_END, PROMPT_LINE, PROMPT_STOPPED /* Ctrl-C */ };

/* What a word may become; `word` is what stands of it, `before` the line in front of it. */
struct prompt_words {
	char **v;
	size_t n, cap;
};
typedef void prompt_complete(
	void *ctx, struct str before, struct str word, struct prompt_words *out);
/* Adds a copy of the word where it begins with what stands there. */
void prompt_offer(struct prompt_words *out, struct str word, const char *name);

/* `name`: of the program, as ~/.inputrc knows it. *stop is what SIGINT's handler sets. */
void prompt_open(const char *name, prompt_complete *complete_with, void *ctx,
	const volatile sig_atomic_t *stop);
/* Reads the history of a file, and keeps in it (mode 0600, the last 2000 lines) what is added. A
 * file that cannot be made or read keeps nothing: -1 and a reason. */
int prompt_history(const char *path, struct buf *err);
/* One line without its end into `line`. `text` may hold colours between \001 and \002. */
enum prompt_status prompt_line(const char *text, struct buf *line);
/* Keeps a line, unless it is empty or the one before. */
void prompt_keep(const char *line);
void prompt_close(void);

#endif
