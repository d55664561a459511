#include "core/words.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>

void words_init(struct words *w)
{
	*w = (struct words){.folded = BUF_INIT};
}

void words_release(struct words *w)
{
	buf_release(&w->folded);
	free(w->v);
	words_init(w);
}

/* Digits, and all that is not ASCII, are letters to us. */
static bool is_letter(unsigned char c)
{
	static const uint64_t letters[4] = {UINT64_C(0x3ff) << '0',
		UINT64_C(0x3ffffff) << 1 | UINT64_C(0x3ffffff) << 33, UINT64_MAX, UINT64_MAX};

	return letters[c >> 6] >> (c & 63) & 1;
}

/* The end of the run of letters that begins at `i`; an apostrophe within it belongs to it. */
static size_t run_end(struct str text, size_t i, bool *plain)
{
	*plain = true;
	for (; i < text.len; i++) {
		unsigned char c = (unsigned char)text.s[i];

		if (c == '\'' && i + 1 < text.len && is_letter((unsigned char)text.s[i + 1]))
			continue;
		if (!is_letter(c))
			break;
		if (c >= 0x80)
			*plain = false;
	}
	return i;
}

static void put_plain(struct buf *out, struct str run)
{
	buf_room(out, run.len);
	for (size_t i = 0; i < run.len; i++) {
		char c = run.s[i];

		if (c != '\'')
			out->s[out->len++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	out->s[out->len] = '\0';
}

/* A run may fold into several words, or into none. */
static void add_run(struct words *w, size_t begin, size_t end, bool plain)
{
	struct str run = {w->text.s + begin, end - begin};
	size_t at;

	if (w->folded.len)
		buf_byte(&w->folded, ' ');
	at = w->folded.len;
	if (plain)
		put_plain(&w->folded, run);
	else
		text_words(&w->folded, run);
	if (w->folded.len == at && at)
		buf_cut(&w->folded, at - 1);
	while (at < w->folded.len) {
		const char *s = w->folded.s + at, *blank = memchr(s, ' ', w->folded.len - at);
		size_t len = blank ? (size_t)(blank - s) : w->folded.len - at;

		*VEC_ADD(w, v, n, cap) = (struct word){begin, end, at, len};
		at += len + 1;
	}
}

void words_split(struct words *w, struct str text)
{
	w->n = 0;
	w->text = text;
	buf_clear(&w->folded);
	for (size_t i = 0; i < text.len;) {
		size_t end;
		bool plain;

		if (!is_letter((unsigned char)text.s[i])) {
			i++;
			continue;
		}
		end = run_end(text, i, &plain);
		add_run(w, i, end, plain);
		i = end;
	}
}

bool words_stop(const struct words *w, size_t i)
{
	struct str gap = words_between(w, i);

	for (size_t k = 0; k < gap.len; k++) {
		if (memchr("!?;", gap.s[k], 3))
			return true;
		if (gap.s[k] == '.' && gap.len > 1)
			return true;
		if (gap.s[k] == '\n' && k + 1 < gap.len &&
			memchr(gap.s + k + 1, '\n', gap.len - k - 1))
			return true;
	}
	return false;
}

bool words_number(const struct words *w, size_t i, int64_t *out)
{
	struct str s = words_at(w, i);

	for (size_t k = 0; k < s.len; k++)
		if (s.s[k] < '0' || s.s[k] > '9')
			return false;
	return s.len && s.len <= 9 && str_int(s, out);
}
