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

/* Once there was none, there is none further on: looked for again for each field, a line would take
 * the square of its length. */
static size_t close_of(struct csv_bare *b, struct str rest, size_t from)
{
	size_t close = b->unclosed ? 0 : closing_mark(rest, from, b->delimiter);

	b->unclosed = !close;
	return close;
}

bool csv_bare_next(struct csv_bare *b, struct str *field)
{
	struct str rest;
	const char *end;
	size_t len, close = 0;

	if (b->at > b->line.len)
		return false;
	rest = (struct str){b->line.s + b->at, b->line.len - b->at};
	end = rest.len ? memchr(rest.s, b->delimiter, rest.len) : NULL;
	len = end ? (size_t)(end - rest.s) : rest.len;
	*field = (struct str){rest.s, len};
	if (end && rest.s[0] == '"' && goes_on(*field))
		close = close_of(b, rest, len);
	else if (only_quoted(*field))
		close = len - 1;
	if (close)
		*field = (struct str){rest.s + 1, close - 1};
	b->at += (close ? close + 1 : len) + 1;
	return true;
}
