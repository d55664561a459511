#include "adapt/signature.h"
#include "base/text.h"

#include <ctype.h>

#define LINES_MAX 10 /* that a signature has */
#define NAME_WORDS 5
#define LINE_BYTES 70 /* of a line of it; longer ones are prose */
#define LINE_WORDS 8
#define FAREWELL_WORDS 3

static const char *const farewells[] = {"regards", "best regards", "kind regards", "warm regards",
	"with best regards", "best wishes", "all the best", "best", "cheers", "sincerely",
	"yours sincerely", "yours faithfully", "yours truly", "thanks", "many thanks", "thank you",
	"thanks and regards", "atenciosamente", "att", "cordialmente", "abracos", "abraco",
	"um abraco", "obrigada", "obrigado", "grata", "grato", "desde ja agradeco", "saludos",
	"saludos cordiales", "un saludo", "atentamente", "gracias", "mit freundlichen grußen",
	"mit freundlichen grussen", "freundliche gruße", "viele gruße", "beste gruße",
	"liebe gruße", "mfg", "vg", "lg", "cordialement", "bien cordialement", "bien a vous",
	"salutations", "merci", "cordiali saluti", "distinti saluti", "saluti", "grazie",
	"met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groeten", "groeten",
	"groet", "mvg", "bedankt", NULL};

static struct str next_line(struct str *text)
{
	const char *end = text->len ? memchr(text->s, '\n', text->len) : NULL;
	struct str line = {text->s, end ? (size_t)(end - text->s) : text->len};

	text->s += line.len + (end != NULL);
	text->len -= line.len + (end != NULL);
	return line;
}

static size_t count_words(struct str words)
{
	size_t n = words.len > 0;

	for (size_t i = 0; i < words.len; i++)
		n += words.s[i] == ' ';
	return n;
}

static bool has_word(struct str words, struct str word)
{
	while (words.len) {
		const char *end = memchr(words.s, ' ', words.len);
		size_t n = end ? (size_t)(end - words.s) : words.len;

		if (str_eq((struct str){words.s, n}, word))
			return true;
		words.s += n + (end != NULL);
		words.len -= n + (end != NULL);
	}
	return false;
}

/* Whether every word begins with a large letter (or one of a script that has none), and none holds
 * a digit or what ends a sentence. */
static bool like_name(struct str line)
{
	bool first = true;

	for (size_t i = 0; i < line.len; i++) {
		char c = line.s[i];

		if ((first && c >= 'a' && c <= 'z') || isdigit((unsigned char)c) ||
			strchr("?!:;@/", c))
			return false;
		first = c == ' ';
	}
	return line.len > 0;
}

/* A word of the line is one of the sender's, and the line reads like a name. */
static bool is_name(struct str line, struct str sender)
{
	struct buf words = BUF_INIT;
	struct str left;
	bool is = false;

	while (line.len && strchr("-~*_ \t", line.s[0]))
		line.s++, line.len--;
	if (!like_name(line))
		return false;
	text_words(&words, line);
	left = buf_str(&words);
	if (count_words(left) > NAME_WORDS)
		left.len = 0;
	while (left.len && !is) {
		const char *end = memchr(left.s, ' ', left.len);
		struct str word = {left.s, end ? (size_t)(end - left.s) : left.len};

		is = word.len > 2 && has_word(sender, word);
		left.s += word.len + (end != NULL);
		left.len -= word.len + (end != NULL);
	}
	buf_release(&words);
	return is;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Whether a plain line has more words than a farewell. What stands behind an apostrophe may belong
 * to the word before it, and is not counted. */
static bool is_talk(struct str line)
{
	size_t words = 0;
	char last = ' ';

	for (size_t i = 0; i < line.len && (unsigned char)line.s[i] < 0x80; i++) {
		words += is_letter(line.s[i]) && !is_letter(last) && last != '\'';
		if (words > FAREWELL_WORDS)
			return true;
		last = line.s[i];
	}
	return false;
}

static bool is_farewell(struct str line)
{
	struct buf words = BUF_INIT;
	bool is = false;

	if (line.len > LINE_BYTES || is_talk(line))
		return false;
	text_words(&words, line);
	for (int i = 0; farewells[i] && !is; i++)
		is = farewells[i][0] == words.s[0] && str_is(buf_str(&words), farewells[i]);
	buf_release(&words);
	return is;
}

/* A full stop behind a word, not behind an abbreviation ("Ph.D."). */
static bool ends_sentence(struct str line)
{
	size_t n = 1;

	if (line.s[line.len - 1] != '.')
		return strchr("?!", line.s[line.len - 1]) != NULL;
	while (n < line.len && !strchr(" .", line.s[line.len - 1 - n]))
		n++;
	return n > 3;
}

/* Whether it has as many lines at least and nothing in it is a sentence. */
static bool is_signature(struct str text, size_t least)
{
	struct buf words = BUF_INIT;
	size_t lines = 0;
	bool is = true;

	while (text.len && is) {
		struct str line = str_trim(next_line(&text));

		if (!line.len)
			continue;
		buf_clear(&words);
		text_words(&words, line);
		is = ++lines <= LINES_MAX && line.len <= LINE_BYTES &&
		     count_words(buf_str(&words)) <= LINE_WORDS &&
		     !(ends_sentence(line) && count_words(buf_str(&words)) > 2) &&
		     !str_starts(buf_str(&words), STR("ps ")) &&
		     !str_starts(buf_str(&words), STR("p s "));
	}
	buf_release(&words);
	return is && lines >= least;
}

static void sender_words(struct buf *out, struct str name, struct str address)
{
	const char *at = address.len ? memchr(address.s, '@', address.len) : NULL;

	text_words(out, name);
	if (!at)
		return;
	buf_byte(out, ' ');
	text_words(out, (struct str){address.s, (size_t)(at - address.s)});
}

/* Whether what stands before is done, so that a name behind it is no part of it: "send it to:" is
 * not. */
static bool is_done(struct str before, bool gap)
{
	char last = before.len ? before.s[before.len - 1] : ':';

	return last != ':' && (gap || strchr(".,!?)", last));
}

struct str signature_off(struct str text, struct str name, struct str address)
{
	struct buf sender = BUF_INIT;
	struct str left = text, kept = text, before = {NULL, 0};
	bool gap = false;

	sender_words(&sender, name, address);
	while (left.len && kept.len == text.len) {
		struct str whole = next_line(&left), line = str_trim(whole);
		struct str tail = {whole.s, (size_t)(text.s + text.len - whole.s)};

		gap = gap || !line.len;
		if (!line.len)
			continue;
		/* A first name alone behind a farewell is left: it may as well be said. */
		if (before.len &&
			((is_farewell(before) && is_signature(tail, 2)) ||
				(is_done(before, gap) && is_name(line, buf_str(&sender)) &&
					is_signature(tail, 1))))
			kept.len = (size_t)(whole.s - text.s);
		before = line;
		gap = false;
	}
	buf_release(&sender);
	return str_trim(kept);
}
