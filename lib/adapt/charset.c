#include "adapt/charset.h"
#include "base/text.h"
#include "io/json.h"

#include <errno.h>
#include <iconv.h>

#define PAIRS_LEAST 8

static const char latin[] = "windows-1252";

static void add_pair(struct charset_signs *s, unsigned char lead)
{
	s->pairs++;
	s->common += lead >= 0xb0 && lead <= 0xd7; /* the frequent characters of GB 2312 */
	s->hangul += lead >= 0xb0 && lead <= 0xc8; /* all syllables of EUC-KR */
	s->kana += lead == 0xa4 || lead == 0xa5;
}

void charset_add(struct charset_signs *s, struct str line)
{
	const unsigned char *p = (const unsigned char *)line.s;

	if (json_utf8(line))
		return;
	s->other = true;
	for (size_t i = 0; i < line.len; i++) {
		if (p[i] < 0x80)
			continue;
		if (p[i] < 0xa1 || p[i] == 0xff || i + 1 == line.len || p[i + 1] < 0xa1 ||
			p[i + 1] == 0xff) {
			s->odd++;
			continue;
		}
		add_pair(s, p[i]);
		i++;
	}
}

/* Letters with marks stand alone among others, or at times in twos; East Asian text is all pairs,
 * and most of these are frequent characters. */
const char *charset_name(const struct charset_signs *s)
{
	if (!s->other)
		return NULL;
	if (s->odd || s->pairs < PAIRS_LEAST)
		return latin;
	if (s->kana * 4 >= s->pairs)
		return "euc-jp";
	if (s->hangul * 20 >= s->pairs * 19)
		return "euc-kr";
	return s->common * 2 >= s->pairs ? "gb18030" : latin;
}

static void convert(struct buf *out, struct str s, const char *charset)
{
	iconv_t cd = iconv_open("UTF-8", charset);
	char *in = (char *)s.s;
	size_t left = s.len;

	if (cd == (iconv_t)-1) {
		text_mend(out, s);
		return;
	}
	while (left) {
		char block[512], *to = block;
		size_t room = sizeof(block);
		size_t n = iconv(cd, &in, &left, &to, &room);

		buf_add(out, block, sizeof(block) - room);
		if (n == (size_t)-1 && errno != E2BIG && left) {
			buf_puts(out, "\xef\xbf\xbd");
			in++;
			left--;
		}
	}
	iconv_close(cd);
}

bool charset_line(struct buf *out, struct str line, const char *charset)
{
	if (!charset || (charset == latin && json_utf8(line)))
		return false;
	convert(out, line, charset);
	return true;
}
