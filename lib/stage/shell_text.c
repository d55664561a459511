#include "base/mem.h"
#include "stage/shell.h"

#include <ctype.h>
#include <stdlib.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static size_t past_blanks(struct str s, size_t at)
{
	while (at < s.len && (is_blank(s.s[at]) || s.s[at] == '\n'))
		at++;
	return at;
}

static bool is_sql(struct str s)
{
	return str_starts(s, STR("sql")) && (s.len == 3 || is_blank(s.s[3]) || s.s[3] == '\n');
}

/* The end of what is quoted, or of a comment, that begins at `at`; at where nothing does. What does
 * not end ends with the text. */
static size_t past_quoted(struct str s, size_t at, bool sql)
{
	struct str rest = {s.s + at, s.len - at};
	const char *end;

	if ((rest.s[0] == '\'' || rest.s[0] == '"') && (sql || !at || is_blank(s.s[at - 1]))) {
		end = memchr(rest.s + 1, rest.s[0], rest.len - 1);
		return end ? (size_t)(end - s.s) + 1 : s.len;
	}
	if (sql && str_starts(rest, STR("--"))) {
		end = memchr(rest.s, '\n', rest.len);
		return end ? (size_t)(end - s.s) : s.len;
	}
	if (sql && rest.len > 3 && str_starts(rest, STR("/*"))) {
		end = memmem(rest.s + 2, rest.len - 2, "*/", 2);
		return end ? (size_t)(end - s.s) + 2 : s.len;
	}
	return at;
}

/* Blank lines, semicolons that end nothing, and lines of comment. */
static size_t past_nothing(struct str s)
{
	size_t at = past_blanks(s, 0);

	while (at < s.len && (s.s[at] == '#' || s.s[at] == ';')) {
		if (s.s[at] == ';')
			at++;
		else
			while (at < s.len && s.s[at] != '\n')
				at++;
		at = past_blanks(s, at);
	}
	return at;
}

bool shell_next(struct str *text, struct str *command, bool *whole)
{
	size_t from = past_nothing(*text), at = from;
	bool sql = is_sql((struct str){text->s + from, text->len - from});

	while (at < text->len && text->s[at] != ';' && (sql || text->s[at] != '\n')) {
		size_t behind = past_quoted(*text, at, sql);

		at = behind > at ? behind : at + 1;
	}
	*command = str_trim((struct str){text->s + from, at - from});
	*whole = at < text->len;
	at += at < text->len && text->s[at] == ';';
	*text = (struct str){text->s + at, text->len - at};
	return command->len > 0;
}

/* One word at *at, without its quotation marks. */
static int take(struct str s, size_t *at, struct buf *word, struct buf *err)
{
	for (; *at < s.len && !is_blank(s.s[*at]) && s.s[*at] != '\n'; ++*at) {
		char c = s.s[*at];
		const char *end;

		if ((c != '\'' && c != '"') || word->len) {
			buf_byte(word, c);
			continue;
		}
		end = memchr(s.s + *at + 1, c, s.len - *at - 1);
		if (!end) {
			buf_puts(err, "a quotation mark that is not closed");
			return -1;
		}
		buf_add(word, s.s + *at + 1, (size_t)(end - s.s) - *at - 1);
		*at = (size_t)(end - s.s);
	}
	return 0;
}

int shell_split(struct str command, struct shell_words *w, struct buf *err)
{
	struct buf word = BUF_INIT;
	int status = 0;

	for (size_t at = past_blanks(command, 0); at < command.len && status == 0;
		at = past_blanks(command, at)) {
		buf_clear(&word);
		status = take(command, &at, &word, err);
		if (status == 0 && memchr(word.s, '\0', word.len)) {
			buf_puts(err, "a byte 0 in a command");
			status = -1;
		}
		if (status == 0)
			*VEC_ADD(w, v, n, cap) = mem_copy(word.s, word.len);
	}
	buf_release(&word);
	return status;
}

void shell_words_release(struct shell_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i]);
	free(w->v);
	*w = (struct shell_words){NULL, 0, 0};
}

struct str shell_behind(struct str command, size_t n)
{
	size_t at = past_blanks(command, 0);

	while (n--) {
		while (at < command.len && !is_blank(command.s[at]) && command.s[at] != '\n')
			at++;
		at = past_blanks(command, at);
	}
	return (struct str){command.s + at, command.len - at};
}
