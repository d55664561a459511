#include "stage/common.h"
#include "base/fnv.h"
#include "base/mem.h"

#include <stdlib.h>

#define SLOTS 1024 /* a power of two */
#define OWN_LEAST 2
#define LEAST 3
#define SHARE 3 /* one word in so many */

enum { ENGLISH, PORTUGUESE, SPANISH, LANGUAGES };

static const char *const tags[LANGUAGES] = {"en", "pt", "es"};

/* Folded. What no other language of these has, nor a neighbour: Italian, French, Dutch, Danish,
 * Galician, Catalan. */
static const char *const own[LANGUAGES] = {
	"the my what how why when where which who this that these those it its there have been "
	"having did does doing dont doesnt didnt cant wont isnt im ive youre thats whats would "
	"could should shall might you your our they them their from with not and because about "
	"into before then any only just still yet again please know using trying tell thank "
	"thanks able if are be",
	"nao uma meu minha meus minhas voce voces eu seu seus suas isso isto ainda tambem quais "
	"foram estou estao tem tenho tinha temos fazer fiz fez pra obrigado obrigada oi bom boa "
	"tudo muito muita hoje ontem amanha gostaria preciso pode podem poderia consigo consegui "
	"entao sem com em pelo pela nenhum nenhuma alguem algum alguma deu chegou recebi "
	"comprei tive",
	"los y pero cuando donde quiero quisiera necesito puedo puede pueden podria tengo "
	"tiene tienen hay estoy estan muy todavia hasta gracias buenos buenas usted ustedes yo "
	"hace hacer cual cuanto cuanta cuantos llego llega llegado ayer manana ahora otra otros "
	"eso fue haber sus",
};

/* What others have too. */
static const char *const shared[LANGUAGES] = {
	"a an i to for is on in was can me of or as at so no do has will get got want need am we "
	"he out up but more after",
	"o a os as ao aos de que e do da dos das no na um por para se me foi qual quando onde mais "
	"como "
	"esta sobre favor quero ja ate ver ser sua",
	"el la las de que en un una se me lo mi con por para no si es como del al su ya esta este "
	"esto "
	"mas porque sobre favor sin le hola ver ser",
};

struct slot {
	struct str word;      /* empty: free */
	unsigned own, shared; /* languages, a bit each */
};

struct common {
	struct slot slots[SLOTS];
};

/* Where a word is, or would be. */
static size_t place_of(const struct common *c, struct str word)
{
	uint32_t h = fnv32(word);
	size_t i = (h ^ h >> 16) & (SLOTS - 1);

	while (c->slots[i].word.len && !str_eq(c->slots[i].word, word))
		i = (i + 1) & (SLOTS - 1);
	return i;
}

/* The next word, taken off the front; empty where there is none. */
static struct str next_word(struct str *words)
{
	const char *blank = words->len ? memchr(words->s, ' ', words->len) : NULL;
	struct str word = {words->s, blank ? (size_t)(blank - words->s) : words->len};
	size_t used = word.len + (blank != NULL);

	words->s += used;
	words->len -= used;
	return word;
}

static void add(struct common *c, struct str words, unsigned own_of, unsigned shared_by)
{
	struct str word;

	while ((word = next_word(&words)).len) {
		struct slot *s = &c->slots[place_of(c, word)];

		s->word = word;
		s->own |= own_of;
		s->shared |= shared_by;
	}
}

struct common *common_new(void)
{
	struct common *c = mem_zero(1, sizeof(*c));

	for (unsigned i = 0; i < LANGUAGES; i++) {
		add(c, str_of(own[i]), 1u << i, 0);
		add(c, str_of(shared[i]), 0, 1u << i);
	}
	return c;
}

void common_free(struct common *c)
{
	free(c);
}

const char *common_language(const struct common *c, struct str words)
{
	size_t own_n = 0, shared_n[LANGUAGES] = {0}, n = 0;
	unsigned language = 0;
	struct str word;

	for (; (word = next_word(&words)).len; n++) {
		const struct slot *s = &c->slots[place_of(c, word)];

		if (s->own) {
			if (language && s->own != language)
				return NULL;
			language = s->own;
			own_n++;
		}
		for (unsigned i = 0; i < LANGUAGES; i++)
			shared_n[i] += s->shared >> i & 1;
	}
	for (unsigned i = 0; i < LANGUAGES; i++)
		if (language == 1u << i && own_n >= OWN_LEAST && own_n + shared_n[i] >= LEAST &&
			(own_n + shared_n[i]) * SHARE >= n)
			return tags[i];
	return NULL;
}
