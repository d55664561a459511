/* Three languages by their commonest words, and their neighbours by none. */
#include "base/text.h"
#include "stage/common.h"
#include "unit.h"

static const char *told(const struct common *c, const char *text)
{
	struct buf words = BUF_INIT;
	const char *lang;

	text_words(&words, str_of(text));
	lang = common_language(c, buf_str(&words));
	buf_release(&words);
	return lang ? lang : "-";
}

int main(void)
{
	static const char *const all[][2] = {
		{"Where is my parcel? It should have been here by Friday", "en"},
		{"N\xc3\xa3o recebi o meu pedido ainda, voc\xc3\xaas podem ver?", "pt"},
		{"Todav\xc3\xad"
		 "a no ha llegado mi pedido, \xc2\xbf"
		 "cu\xc3\xa1ndo llega?",
			"es"},
		/* Too few words of it, or too small a share. */
		{"my parcel", "-"}, {"the parcel", "-"},
		{"where alpha beta gamma delta epsilon zeta eta theta iota my kappa lambda", "-"},
		/* Two languages, and neighbours. */
		{"where is my pedido, n\xc3\xa3o recebi uma resposta", "-"},
		{"quando arriva il mio pacco, non ho ancora ricevuto una risposta", "-"},
		{"on est mi paquete, el que va con la carta de la tienda", "-"},
		{"wanneer komt mijn pakket, ik wil het graag deze week hebben", "-"},
		{"onde est\xc3\xa1 o paquete que merquei para a mi\xc3\xb1"
		 "a nai",
			"-"},
		{"o\xc3\xb9 est mon colis, je ne l'ai pas encore re\xc3\xa7u", "-"}, {"", "-"}};
	struct common *c = common_new();

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		CHECK(strcmp(told(c, all[i][0]), all[i][1]) == 0);
	common_free(c);
	return unit_end();
}
