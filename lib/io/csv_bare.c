#include "io/csv_bare.h"

/* What stands before the first delimiter is the beginning of a longer field: a mark is open, or the
 * first is the field's own, where no blank follows as behind an empty name ("" <100>). */
static bool goes_on(struct str piece)
{
	size_t marks = 0;

	for (size_t i = 0; i < piece.len; i++)
		marks += piece.s[i] == '"';
	return marks % 2 || (piece.len > 2 && piece.s[1] == '"' && piece.s[2] != ' ');
}

/* The mark at the end of a field, from `from` on: 0 where there is none. */
static size_t closing_mark(struct str rest, size_t from, char delimiter)
{
	for (size_t i = from; i < rest.len; i++)
		if (rest.s[i] == '"' && (i + 1 == rest.len || rest.s[i + 1] == delimiter))
			return i;
	return 0;
}

/* "Ana", and nothing but that. */
static bool only_quoted(struct str s)
{
	return s.len >= 2 && s.s[0] == '"' && memchr(s.s + 1, '"', s.len - 1) == s.s + s.len - 1;
}

size_t csv_bare_field(struct str line, size_t at, char delimiter, struct str *field)
{
	struct str rest = {line.s + at, line.len - at};
	const char *end = rest.len ? memchr(rest.s, delimiter, rest.len) : NULL;
	size_t len = end ? (size_t)(end - rest.s) : rest.len, close = 0;

	*field = (struct str){rest.s, len};
	if (end && rest.s[0] == '"' && goes_on(*field))
		close = closing_mark(rest, len, delimiter);
	else if (only_quoted(*field))
		close = len - 1;
	if (!close)
		return at + len + 1;
	*field = (struct str){rest.s + 1, close - 1};
	return at + close + 2;
}
