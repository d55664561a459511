/* What telephones call the halves of the day: the abbreviations of Unicode's CLDR, which both
 * systems write times by, now and in earlier versions. */
#include "adapt/whatsapp_head.h"

/* Of words that begin alike and may both fit, the longer goes first. */
static const char *const before_noon[] = {"a. m.", "a.m.", "a m", "am", "a.", "π.μ.", /* Greek */
	"上午", "凌晨", "清晨", "早上",						      /* Chinese */
	"午前", "오전",				      /* Japanese, Korean */
	"ص", "ق.ظ.", "غ.م",			      /* Arabic, Persian, Pashto */
	"pg", "sa", "vm.",			      /* Malay, Vietnamese, Afrikaans */
	"öö", "ÖÖ", "to",			      /* Turkish, Uzbek */
	"পূর্বাহ্ণ", "পূৰ্বাহ্ন", "पूर्वाह्न", "म.पू.",	      /* Bengali, Assamese, Hindi, Marathi */
	"පෙ.ව.", "முற்பகல்", "ಪೂರ್ವಾಹ್ನ",		      /* Sinhala, Tamil, Kannada */
	"ก่อนเที่ยง", "ກ່ອນທ່ຽງ", "နံနက်",		      /* Thai, Lao, Burmese */
	"ጥዋት", "לפנה״צ", "לפנה\"צ",		      /* Amharic, Hebrew */
	"vorm.", "fm", "f.m.", "f.h.", "ap.", "r.n.", /* German, Swedish and others of the north */
	"dop.", "de.", "priešpiet", "priekšp.", /* Czech and Slovene, Hungarian, of the Baltic */
	"prijepodne", "prije podne", "пре подне", "пр.об.", "претпл.", /* of the Balkans */
	"p.d.", "pd", "e paradites",				       /* Albanian */
	"дп", "ДП", "тң", "таңкы", "ү.ө.", /* Ukrainian and Russian, Kyrgyz, Mongolian */
	"sf"};				   /* Hausa */

static const char *const after_noon[] = {"p. m.", "p.m.", "p m", "pm", "p.", "μ.μ.", "下午", "中午",
	"傍晚", "晚上", "午後", "오후", "م", "ب.ظ.", "غ.و.", "ptg", "ch", "nm.", "ös", "ÖS", "Ös",
	"tk", "অপরাহ্ণ", "অপৰাহ্ন", "अपराह्न", "म.उ.", "ප.ව.", "பிற்பகல்", "ಅಪರಾಹ್ನ", "หลังเที่ยง", "ຫຼັງທ່ຽງ",
	"ညနေ", "ከሰዓት", "אחה״צ", "אחה\"צ", "nachm.", "em", "e.m.", "e.h.", "ip.", "i.n.", "odp.",
	"pop.", "du.", "popiet", "pēcp.", "popodne", "po podne", "по подне", "сл.об.", "попл.",
	"m.d.", "md", "e pasdites", "пп", "ПП", "тк", "түштөн кийинки", "ү.х.", "ym"};

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* How many bytes of s are the word, as a whole one; 0: others. */
static size_t is_word(const char *s, const char *word)
{
	size_t n = 0;

	while (word[n] && lower(s[n]) == word[n])
		n++;
	return !word[n] && (strchr(" ])-:,", s[n]) || (s[n] >= '0' && s[n] <= '9')) ? n : 0;
}

static size_t any_of(const char *s, const char *const words[], size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count && !n; i++)
		n = is_word(s, words[i]);
	return n;
}

int wa_half(const char *s, size_t *len)
{
	char first = lower(*s);

	if ((unsigned char)first < 0x80 && (first < 'a' || first > 'z'))
		return 0;
	*len = any_of(s, before_noon, sizeof(before_noon) / sizeof(before_noon[0]));
	if (*len)
		return 1;
	*len = any_of(s, after_noon, sizeof(after_noon) / sizeof(after_noon[0]));
	return *len ? 2 : 0;
}
