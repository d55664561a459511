extern "C" {
#include "io/language.h"
}

#include <cstdio>

#include <cld2/public/compact_lang_det.h>

/* What is shorter is taken for all sorts of languages; more of a text than this tells no more. */
static constexpr size_t LETTERS_MIN = 20, WORDS_MIN = 3, LETTERS_ALONE = 30, BYTES_MAX = 1024;
static constexpr int PERCENT_MIN = 85;

/* Addresses, numbers and codes tell nothing. */
static bool is_word(const char *s, size_t len, size_t *letters)
{
	*letters = 0;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = static_cast<unsigned char>(s[i]), low = c | 0x20;

		if (c == '@' || c == '/' || c == '_' || (c >= '0' && c <= '9'))
			return false;
		*letters += (low >= 'a' && low <= 'z') || c >= 0xc0;
	}
	return *letters > 0;
}

bool language_tells(str text)
{
	size_t letters = 0, words = 0, begin = 0;

	for (size_t i = 0; i <= text.len; i++) {
		size_t more;

		if (i < text.len && text.s[i] != ' ' && text.s[i] != '\n')
			continue;
		if (is_word(text.s + begin, i - begin, &more)) {
			letters += more;
			words++;
		}
		if (letters >= LETTERS_MIN && words >= WORDS_MIN)
			return true;
		begin = i + 1;
	}
	return letters >= LETTERS_ALONE;
}

const char *language_of(str text)
{
	CLD2::Language found[3];
	int percent[3], bytes = 0;
	bool reliable = false;

	if (!language_tells(text))
		return nullptr;
	if (text.len > BYTES_MAX) {
		text.len = BYTES_MAX;
		while (text.len && (static_cast<unsigned char>(text.s[text.len]) & 0xc0) == 0x80)
			text.len--;
	}
	CLD2::DetectLanguageSummary(
		text.s, static_cast<int>(text.len), true, found, percent, &bytes, &reliable);
	if (!reliable || percent[0] < PERCENT_MIN || found[0] == CLD2::UNKNOWN_LANGUAGE)
		return nullptr;
	return CLD2::LanguageCode(found[0]);
}
