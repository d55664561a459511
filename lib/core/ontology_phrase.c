/* Key phrases as they are written, into folded words and a score. */
#include "core/ontology_part.h"
#include "base/mem.h"
#include "base/text.h"

#define PHRASE_GAPS 3 /* every gap multiplies what has to be tried by four */
#define PHRASE_WORDS 32
#define LONG_WORD 7 /* letters from which on a word counts twice */

static int word_score(struct str word)
{
	size_t letters = 0;

	for (size_t i = 0; i < word.len; i++)
		letters += ((unsigned char)word.s[i] & 0xc0) != 0x80 && word.s[i] != '*';
	return letters >= LONG_WORD ? 2 : 1;
}

/* Appends one blank-separated part of a phrase, folded; it may fold into several words. */
static void put_part(struct buf *words, struct str part, int *score)
{
	bool prefix = part.len > 1 && part.s[part.len - 1] == '*';
	struct buf folded = BUF_INIT;
	const char *word;

	text_words(&folded, part);
	if (folded.len && prefix)
		buf_byte(&folded, '*');
	if (words->len && folded.len)
		buf_byte(words, ' ');
	buf_put(words, buf_str(&folded));
	for (word = folded.s; *word;) {
		size_t len = strcspn(word, " ");

		*score += word_score((struct str){word, len});
		word += len + (word[len] == ' ');
	}
	buf_release(&folded);
}

/* A mark that says something only where it stands rightly would else be no more than a blank. */
static const char *misplaced(struct str part)
{
	const char *star = memchr(part.s, '*', part.len);

	if (star && star + 1 < part.s + part.len)
		return "'*' stands at the end of a word";
	for (size_t i = 1; i + 2 < part.len; i++)
		if (part.s[i] == '.' && part.s[i + 1] == '.' && part.s[i + 2] != '.')
			return "'..' stands between two words, with blanks around it";
	return NULL;
}

/* The folded words of a phrase as it was written and their score; NULL, or why it is none. */
static const char *fold_phrase(const char *written, struct buf *words, int *score)
{
	int gaps = 0, words_n = 1;
	bool gap = false;

	while (*(written += strspn(written, " \n\t"))) {
		size_t len = strcspn(written, " \n\t"), before = words->len;

		if (len == 2 && memcmp(written, "..", 2) == 0) {
			if (!words->len || gap)
				return "'..' stands between two words";
			buf_puts(words, " ..");
			gap = true;
			gaps++;
		} else {
			const char *why = misplaced((struct str){written, len});

			if (why)
				return why;
			put_part(words, (struct str){written, len}, score);
			if (words->len == before)
				return "a word has neither letters nor digits";
			gap = false;
		}
		written += len;
	}
	for (const char *p = words->s; *p; p++)
		words_n += *p == ' ';
	if (gap)
		return "'..' stands between two words";
	if (words_n > PHRASE_WORDS)
		return "more than 32 words in a phrase";
	if (gaps > PHRASE_GAPS)
		return "more than three '..' in a phrase";
	return words->len ? NULL : "an empty phrase";
}

static int add_phrase(struct loader *l, const struct yaml *v, const char *lang, struct phrases *out)
{
	struct buf words = BUF_INIT;
	struct phrase *p;
	const char *why;
	int score = 0;

	if (v->type != YAML_SCALAR)
		return loader_refuse(l, v, "a phrase is expected here");
	why = fold_phrase(v->text, &words, &score);
	if (why) {
		buf_release(&words);
		return loader_refuse(l, v, "%s", why);
	}
	p = VEC_ADD(out, v, n, cap);
	p->words = buf_take(&words);
	p->lang = mem_string(lang);
	p->score = score;
	p->at = loader_spot(l, v);
	return 0;
}

int loader_phrases(struct loader *l, const struct yaml *of, const char *name, struct phrases *out)
{
	const struct yaml *by_lang = yaml_get(of, name);
	int status = 0;

	if (!by_lang)
		return 0;
	if (by_lang->type != YAML_MAPPING)
		return loader_refuse(l, by_lang, "phrases stand under their language");
	if (!l->adding)
		phrases_release(out);
	for
		YAML_EACH(lang, by_lang)
		{
			if (lang->type != YAML_SEQUENCE)
				status = loader_refuse(
					l, lang, "a list of phrases is expected here");
		for
			YAML_EACH(v, lang->type == YAML_SEQUENCE ? lang : NULL)
		if (add_phrase(l, v, lang->key, out) < 0)
			status = -1;
		}
	return status;
}
