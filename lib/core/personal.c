#include "core/personal.h"
#include "base/mem.h"
#include "base/text.h"
#include "core/checkers.h"
#include "core/personal_check.h"
#include "core/personal_part.h"
#include "io/regex.h"

#include <stdlib.h>

#define PERSONAL_WORD(upper, lower) #lower,
static const char *const words[] = {PERSONAL_KINDS_EACH(PERSONAL_WORD)};

const char *personal_word(enum personal_kind k)
{
	return words[k];
}

enum personal_kind personal_kind(struct str word)
{
	int k = 0;

	while (k < PERSONAL_KINDS && !str_is(word, words[k]))
		k++;
	return (enum personal_kind)k;
}

void personal_hits_release(struct personal_hits *h)
{
	free(h->v);
	buf_release(&h->normals);
	*h = (struct personal_hits)PERSONAL_HITS_INIT;
}

struct str personal_hit_normal(const struct personal_hits *h, const struct personal_hit *hit)
{
	return (struct str){h->normals.s + hit->normal.at, hit->normal.len};
}

void personal_add(struct personal_hits *hits, struct str text, struct str part,
	enum personal_kind kind, struct str value, const char *region)
{
	struct personal_hit *h;
	size_t from = (size_t)(part.s - text.s), at = hits->normals.len;

	if (!part.len)
		return;
	h = VEC_ADD(hits, v, n, cap);
	personal_normal(&hits->normals, kind, value, region);
	*h = (struct personal_hit){from, from + part.len, kind, {at, hits->normals.len - at}};
}

/* ---- patterns ---- */

#define NAME_PART "\\p{Lu}[\\p{L}\\p{M}'\xe2\x80\x99-]+"
#define NAME_WORD "\\p{Lu}\\p{Ll}[\\p{L}\\p{M}'\xe2\x80\x99-]*"
#define NAME                                                                                       \
	"(" NAME_PART "(?:\\s+(?:(?:d[aeo]s?|del|von|van|de\\s+la|e|y)\\s+)?" NAME_PART            \
	"|\\s+\\p{"                                                                                \
	"Lu}\\.){0,4})"
/* A word that may be a name in small letters, behind words that announce one. */
#define SMALL                                                                                      \
	"(?!(?:a|an|and|are|as|at|be|being|but|by|calling|came|can|correct|different|for|from|has" \
	"|have|here|i|i'?m|in|is|it|listed|missing|mis-?spel(?:led|t)|my|need|no|not|of|on|please" \
	"|spel(?:led|t)|still|that|the|there|this|to|under|want|was|who|with|wrong|your"           \
	"|com|da|de|do|e|ela|ele|em|errad[oa]|est(?:\xc3\xa1|a|ou)|eu|gostaria|meu|minha"          \
	"|n(?:\xc3\xa3|a)o|o|para|por|preciso|quero|que|se|sou|tenho|um|uma"                       \
	"|al|asi|as\xc3\xad|con|desde|el|en|es|esta|est\xc3\xa1|estoy|la|le|lo|mal|me|mi|necesito" \
	"|porque|quiero|su|tengo|un|una|y|ya|yo)\\b)[\\p{L}][\\p{L}\\p{M}'\xe2\x80\x99-]+"
#define DATE                                                                                       \
	"(\\d{1,2}[/. -]\\d{1,2}[/. -](?:\\d{4}|\\d{2})\\b|\\d{4}[/.-]\\d{1,2}[/.-]\\d{1,2}"       \
	"|\\d{1,2}(?:st|nd|rd|th|\xc2\xba|\xc2\xb0)?(?:\\s+(?:of|de))?\\s+\\p{L}{3,10}\\.?"        \
	"(?:,?\\s+(?:de\\s+|of\\s+|del\\s+)?\\d{4})?|\\p{L}{3,10}\\s+\\d{1,2}(?:st|nd|rd|th)?,?"   \
	"\\s+\\d{4})"
#define AT "(?:\\s*[\\[({]\\s*(?:at|arroba|@)\\s*[\\])}]\\s*|\\s+arroba\\s+|\\s+@\\s*|\\s*@\\s+)"
#define DOT                                                                                        \
	"(?:\\s*\\.\\s*|\\s*[\\[({]\\s*(?:dot|ponto|punto|\\.)\\s*[\\])}]\\s*|\\s+(?:dot|ponto|"   \
	"punto)\\s+)"
#define DOT_WORD "(?:\\s+(?:dot|ponto|punto)\\s+)"

enum need {
	NEED_DIGIT = 1,
	NEED_AT = 2,
	NEED_URL = 4,
	NEED_COLON = 8,
	NEED_BLANK = 16, /* or what may be one */
};
enum who { ANYONE, HERS, OURS };

static const struct rule {
	enum personal_kind kind;
	int needs;
	enum who who; /* whose words; where agents count too, anyone's */
	bool caseless;
	bool (*check)(struct str code); /* of letters and digits in capitals, or NULL */
	const char *pattern;
} rules[] = {
	{PERSONAL_BIRTH_DATE, NEED_DIGIT, ANYONE, true, NULL,
		"\\b(?:born(?:\\s+(?:on|in))?|date\\s+of\\s+birth|birth\\s?(?:date|day)|d\\.?o\\.?"
		"b\\.?"
		"|nasci(?:d[oa])?(?:\\s+(?:em|no\\s+dia|a))?|data\\s+de\\s+nascimento|nascimento"
		"|nac[i\xc3\xad](?:d[oa])?(?:\\s+el)?|fecha\\s+de\\s+nacimiento|nacimiento)"
		"[\\s:,;=.-]{0,4}(?:(?:is|was|es|\xc3\xa9|eh|foi|el|the)\\s+){0,2}" DATE},
	{PERSONAL_NAME, NEED_BLANK, HERS, false, NULL,
		"\\b(?i:my\\s+(?:full\\s+)?name(?:\\s+is|'s)|(?:full\\s+)?name\\s*:"
		"|meu\\s+nome(?:\\s+completo)?\\s+(?:\xc3\xa9|eh)|me\\s+chamo|chamo-me|me\\s+llamo"
		"|mi\\s+nombre(?:\\s+completo)?\\s+es|nome(?:\\s+completo)?\\s*:"
		"|nombre(?:\\s+completo)?\\s*:|sou\\s+[ao]"
		"|(?:aqui\\s+(?:\xc3\xa9|fala)|quem\\s+fala\\s+\xc3\xa9)\\s+[ao]"
		"|soy(?:\\s+(?:el|la))?|le\\s+habla)\\s*" NAME},
	{PERSONAL_NAME, NEED_BLANK, HERS, true, NULL,
		"\\b(?:my\\s+(?:full\\s+)?name(?:\\s+is|'s)|meu\\s+nome(?:\\s+completo)?\\s+(?:"
		"\xc3\xa9|eh)|me\\s+chamo|chamo-me|me\\s+llamo|mi\\s+nombre(?:\\s+completo)?\\s+es"
		")\\s+(" SMALL "(?:\\s+" SMALL ")?)"},
	/* In capitals throughout somebody shouts. */
	{PERSONAL_NAME, NEED_BLANK, HERS, false, NULL,
		"\\b(?i:i['\xe2\x80\x99]m|i\\s+am)\\s+(" NAME_WORD "(?:\\s+" NAME_WORD "){1,3})"},
	{PERSONAL_NAME, NEED_BLANK, HERS, false, NULL,
		"(?:^|[\\n.!?,]\\s*)(?i:(?:(?:best|kind|warm)\\s+)?regards|sincerely"
		"|atenciosamente|(?:com\\s+os\\s+melhores\\s+)?cumprimentos|abra\xc3\xa7os?"
		"|(?:un\\s+(?:cordial\\s+)?)?saludos?(?:\\s+cordiales)?|atentamente)[,.]?\\s+" NAME
		"\\s*$"},
	{PERSONAL_NAME, NEED_BLANK, HERS, false, NULL,
		"\\b(?i:this\\s+is)\\s+" NAME "\\s+(?:speaking|here|calling)\\b"},
	{PERSONAL_NAME, NEED_BLANK, OURS, false, NULL,
		"(?:^|[\\n.!?,]\\s*)(?i:hi|hello|dear|hey|good\\s+(?:morning|afternoon|evening)"
		"|thanks?(?:\\s+you)?|ol[\xc3\xa1"
		"a]|oi|bom\\s+dia|boa\\s+(?:tarde|noite)"
		"|obrigad[oa]|prezad[oa]|car[oa]|hola|buen[oa]s\\s+(?:d[\xc3\xad"
		"i]as|tardes|noches)"
		"|estimad[oa]|gracias|que\\s+bom|querid[oa])[,!]?\\s+" NAME
		"(?=\\s*[,.!?;:\\n]|\\s*$)"},
	{PERSONAL_NAME, NEED_BLANK, ANYONE, false, NULL,
		"\\b(?:Mr|Mrs|Ms|Miss|Dr|Sr|Sra|Srta|Dona)\\.?\\s+" NAME},
	{PERSONAL_NAME, NEED_AT, ANYONE, false, NULL,
		"\"?((?:\\p{Lu}[\\p{L}\\p{M}'\xe2\x80\x99.-]*,?\\s+){1,4}\\p{Lu}[\\p{L}\\p{M}'.-]*"
		"|\\p{Lu}[\\p{L}\\p{M}-]+)\"?\\s*<[^<>\\s@]+@"},
	{PERSONAL_EMAIL, NEED_BLANK, ANYONE, true, NULL,
		"(?<![\\w.+-])([\\w.+-]+" AT "[\\w-]+(?:" DOT "[\\w-]+){0,3}" DOT
		"[a-z]{2,12})(?!\\w)"},
	{PERSONAL_EMAIL, NEED_BLANK, ANYONE, true, NULL,
		"(?<![\\w.+-])([\\w.+-]+(?:" DOT_WORD "[\\w-]+)?\\s+at\\s+[\\w-]+(?:" DOT_WORD
		"[\\w-]+){0,3}" DOT_WORD "[a-z]{2,12})(?!\\w)"},
	{PERSONAL_CUSTOMER, NEED_DIGIT, ANYONE, true, NULL,
		"\\b(?:customer|client|member(?:ship)?|subscriber|cliente|assinante|s\xc3\xb3"
		"cio)"
		"\\s+(?:number|num|no\\.?|nr\\.?|id|code|c\xc3\xb3"
		"digo|n\xc3\xbamero|n[\xc2\xba\xc2"
		"\xb0]|#)(?:\\s+(?:is|\xc3\xa9|es))?\\s*[:#]?\\s*((?=[\\w-]*\\d{3})[A-Z0-9][\\w-]{"
		"2,20})"},
	{PERSONAL_CUSTOMER, NEED_DIGIT, ANYONE, true, NULL,
		"\\b(?:n[\xc3\xbau]mero|c[\xc3\xb3o]digo|id)\\s+(?:d[aeo]l?\\s+)?(?:cliente|"
		"assinante"
		"|s[\xc3\xb3o]cio)(?:\\s+(?:\xc3\xa9|es))?\\s*[:#]?\\s*((?=[\\w-]*\\d{3})[A-Z0-9]["
		"\\w-]{2,20})"},
	{PERSONAL_ACCOUNT, NEED_DIGIT, ANYONE, true, NULL,
		"\\b(?:account|acct|conta|cuenta|ag[\xc3\xaa"
		"e]ncia)(?:\\s+(?:number|num|no\\.?|nr\\.?"
		"|n\xc3\xbamero|id|is|\xc3\xa9|es|corrente|corriente|poupan\xc3\xa7"
		"a|banc[\xc3\xa1"
		"a]ria))*\\s*[:#]?\\s*((?=[\\w-]*\\d{4})[A-Z0-9][\\w-]{3,20})"},
	{PERSONAL_ACCOUNT, NEED_BLANK, ANYONE, true, NULL,
		"\\b(?:user\\s?name|user\\s?id|login|screen\\s?name|usu[\xc3\xa1"
		"a]rio|pass(?:word"
		"|code)|senha|contrase\xc3\xb1"
		"a)(?:\\s*[:=]\\s*|\\s+(?:is|\xc3\xa9|es)\\s+)"
		"((?=\\S*[\\d_])[^\\s,;\"'<>]{3,40})"},
	{PERSONAL_ADDRESS, NEED_DIGIT, ANYONE, true, NULL,
		"\\b(?:address|endere\xc3\xa7o|morada|direcci\xc3\xb3n|domicilio)(?:\\s+(?:is|"
		"\xc3\xa9"
		"|es)\\s|\\s*:)\\s*((?=[^\\n.;?!]{0,60}\\d)[^\\n;?!<>@]{5,90}?(?=\\.?\\s*$|[.;?!"
		"\\n]\\s|[;?!\\n<>@]))"},
	{PERSONAL_ADDRESS, NEED_DIGIT, ANYONE, true, NULL,
		"(?<![\\w.-])(\\d{1,6}[A-Z]?\\s+(?:(?!(?:on|in|the|of|at|to|a|for|my|from|by|and|"
		"is|or"
		"|days?|weeks?|hours?|items?|more|times?|years?|months?|minutes?)\\b)[\\p{L}\\d.'"
		"\xe2\x80"
		"\x99-]+\\s+){1,3}(?:st|street|ave|avenue|road|rd|boulevard|blvd|lane|ln|parkway|"
		"pkwy"
		"|highway|hwy|(?-i:Way|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Close|Crescent)"
		")\\b"
		"\\.?(?:,?\\s+(?:apt|apartment|suite|unit|flat|#)\\.?\\s*[\\w-]+)?"
		"(?:,?\\s+[\\p{L} .'-]{2,30},?\\s+[A-Z]{2}\\s+\\d{5}(?:-\\d{4})?)?)"},
	{PERSONAL_ADDRESS, NEED_BLANK, ANYONE, false, NULL,
		"(?<!\\w)((?i:rua|avenida|av\\.|travessa|alameda|pra\xc3\xa7"
		"a|estrada|rodovia|largo"
		"|calle|c/"
		"|avda\\.?|plaza|paseo|carretera|camino)\\s+(?:(?:d[aeo]s?|del|de\\s+la|de\\s"
		"+los|la|el|los|las)\\s+)?[\\p{Lu}\\d][\\p{L}\\d.'\xe2\x80\x99-]*(?:\\s+(?:(?:d["
		"aeo]s?|e"
		"|y|del|la|el)\\s+)?\\p{Lu}[\\p{L}.'\xe2\x80\x99-]*){0,5}(?:\\s*,?\\s*(?i:n["
		"\xc2\xba\xc2"
		"\xb0o.]*|n\xc3\xbamero|num\\.?)?\\s*\\d{1,5}[A-Za-z]?\\b)?(?:\\s*[,-]?\\s*(?i:ap(?"
		":to|"
		"artamento|t)?|bloco|andar|casa|sala|piso|puerta|lote|quadra)\\.?\\s*\\d[\\w-]*)*"
		")"},
	{PERSONAL_ADDRESS, NEED_DIGIT, ANYONE, true, NULL,
		"(?<!\\w)((?:rua|avenida|av\\.?|travessa|alameda|calle|avda\\.?)\\s+[\\p{L} "
		".'-]{3,40}?,?"
		"\\s*(?:n[\xc2\xba\xc2\xb0o.]*\\s*)?\\d{1,5}\\b)"},
	{PERSONAL_POSTAL_CODE, NEED_DIGIT, ANYONE, true, NULL,
		"(?<![\\w.-])(\\d{5}-\\d{3}|[1-9]\\d{3}-\\d{3})(?![\\w-])"},
	{PERSONAL_POSTAL_CODE, NEED_DIGIT, ANYONE, true, NULL,
		"\\b(?:cep|zip(?:\\s?code)?|post(?:al)?\\s?code|c[\xc3\xb3o]digo\\s+postal)(?:\\s+("
		"?:is"
		"|\xc3\xa9|es))?\\s*:?\\s*(\\d{2}\\.?\\d{3}-?\\d{3}|\\d{5}(?:-\\d{4})?|\\d{4}-\\d{"
		"3})\\b"},
	{PERSONAL_POSTAL_CODE, NEED_DIGIT, ANYONE, false, NULL,
		"\\b(?:[A-Z]{2}\\s+(\\d{5}(?:-\\d{4})?)\\b|([A-Z]{1,2}\\d[A-Z\\d]?\\s\\d[A-Z]{2}))"
		"\\b"},
	{PERSONAL_IP, NEED_DIGIT, ANYONE, true, NULL,
		"(?<![\\d.])((?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1?\\d?"
		"\\d))"
		"(?!\\.?\\d)"},
	{PERSONAL_IP, NEED_COLON, ANYONE, true, NULL,
		"(?<![\\w:])((?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]"
		"{1,"
		"4}){1,6})(?![\\w:])"},
	{PERSONAL_IBAN, NEED_DIGIT, ANYONE, true, check_iban,
		"(?<!\\w)([A-Z]{2}\\d{2}(?:[ -]?[A-Z0-9]){11,30})(?!\\w)"},
	{PERSONAL_DOCUMENT, NEED_DIGIT, ANYONE, true, check_dni,
		"(?<!\\w)((?:[XYZ][ -]?\\d{7}|\\d{8}|\\d{2}\\.\\d{3}\\.\\d{3})[ -]?[A-Z])(?!\\w)"},
	{PERSONAL_DOCUMENT, NEED_DIGIT, ANYONE, true, NULL,
		"\\b(?:passport|passaporte|pasaporte|rg|identidade|identidad|nif|nie|dni|ssn|"
		"social\\s+"
		"security|contribuinte|cart[\xc3\xa3"
		"a]o\\s+de\\s+cidad[\xc3\xa3"
		"a]o|driver'?s?\\s+"
		"licen[cs]e|cpf|cnpj|c[\xc3\xa9"
		"e]dula|tax\\s+id|vat)(?:\\s+(?:number|num|no\\.?|n[\xc2"
		"\xba\xc2\xb0o]\\.?|n\xc3\xbamero|id|is|\xc3\xa9|es|#))*\\s*[:#]?\\s*"
		"((?=[\\w./-]*\\d{2}[\\w./-]*\\d)[A-Z0-9][\\w./-]{4,22}(?<![./-]))"},
	{PERSONAL_URL, NEED_URL, ANYONE, true, NULL, "\\b[a-z][a-z0-9+.-]*://([^\\s/@<>\"]+)@"},
	{PERSONAL_URL, NEED_URL, ANYONE, true, NULL,
		"://[^\\s?#<>\"]*/"
		"(?:users?|u|profiles?|members?|customers?|clientes?|in|accounts?)/"
		"([^\\s/?#<>\"]+)"},
	{PERSONAL_URL, NEED_URL, ANYONE, true, NULL, "://[^\\s?#<>\"]*/[@~]([^\\s/?#<>\"]+)"},
	{PERSONAL_URL, NEED_URL, ANYONE, true, NULL,
		"://"
		"(?:www\\.|m\\.|mobile\\.)?(?:facebook\\.com|fb\\.com|instagram\\.com|twitter\\.com"
		"|x\\.com|github\\.com|threads\\.net|t\\.me|m\\.me)/"
		"(?!(?:about|events?|explore|groups?"
		"|hashtag|help|home|i|intent|login|marketplace|p|pages?|policies|posts|reels?|"
		"search"
		"|settings|share|sharer|stories|watch)(?:[/?.]|\\b))([^\\s/?#<>\"]+)"},
	{PERSONAL_PHONE, NEED_URL, ANYONE, true, NULL, "://wa\\.me/\\+?(\\d{7,15})\\b"},
	{PERSONAL_URL, NEED_URL, ANYONE, true, NULL,
		"(?<=[?&;])(?=[\\w.%-]+=[^\\s&#<>\"])(?:[\\w.%-]*(?:user|email|mail|phone|tel|name|"
		"token|session|sid|auth|"
		"key|customer"
		"|client|account|contact|member|login|uid|cpf|dob|address)[\\w.%-]*|u|id)=([^\\s&#<"
		">\"]+)"},
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

struct personal {
	struct regex *regex[RULES];
	struct personal_names names;
	int asks; /* of telephone numbers, that the record at hand may still ask for */
};

struct personal *personal_new(struct buf *err)
{
	struct personal *p = mem_zero(1, sizeof(*p));

	personal_begin(p);
	personal_names_learn(&p->names);
	for (size_t i = 0; i < RULES; i++) {
		p->regex[i] = regex_compile(str_of(rules[i].pattern), rules[i].caseless, err);
		if (!p->regex[i]) {
			personal_free(p);
			return NULL;
		}
	}
	return p;
}

void personal_free(struct personal *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < RULES; i++)
		regex_free(p->regex[i]);
	personal_names_release(&p->names);
	free(p);
}

void personal_begin(struct personal *p)
{
	p->asks = PERSONAL_ASKS;
}

enum personal_kind personal_member(const struct personal *p, struct str name, struct str parent)
{
	return personal_names_kind(&p->names, name, parent);
}

/* ---- addresses of e-mail, by their @ ---- */

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80;
}

static void find_email(struct str text, size_t at, struct personal_hits *hits)
{
	struct str all = email_around(text, at);
	size_t local = at - (size_t)(all.s - text.s), dot = 0;

	for (size_t i = local + 1; i + 1 < all.len; i++)
		if (all.s[i] == '.' && is_plain(all.s[i + 1]))
			dot = i;
	if (local && dot > local + 1 && all.len - dot > 2)
		personal_add(hits, text, all, PERSONAL_EMAIL, all, NULL);
}

static void find_emails(struct str text, struct personal_hits *hits)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.s[i] == '@')
			find_email(text, i, hits);
}

/* ---- all together ---- */

static int needs_of(struct str text)
{
	int has = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.s[i];

		if (c >= '0' && c <= '9')
			has |= NEED_DIGIT;
		else if (c == '@')
			has |= NEED_AT;
		else if (c == ':')
			has |= NEED_COLON | NEED_BLANK;
		else if (c == ' ' || (c >= '\t' && c <= '\r') || (unsigned char)c >= 0x80 ||
			 c == '(' || c == '[' || c == '{')
			has |= NEED_BLANK;
	}
	if ((has & NEED_COLON) && str_find(text, STR("://")) >= 0)
		has |= NEED_URL;
	return has;
}

/* The longest beginning of a code, at its separators, that proves itself; empty where none does. */
static struct str proven(struct str part, bool (*check)(struct str code))
{
	struct buf code = BUF_INIT;
	bool is = false;

	for (; part.len && !is; part.len -= !is) {
		buf_clear(&code);
		personal_code(&code, part);
		is = is_plain(part.s[part.len - 1]) && check(buf_str(&code));
	}
	buf_release(&code);
	return part;
}

/* A name that is a role or the like is none; neither is a greeting's second word. */
static bool names_someone(struct str name)
{
	struct buf word = BUF_INIT;
	bool is;

	text_words(&word, (struct str){name.s, strcspn(name.s, " \t\n\r") < name.len
						       ? strcspn(name.s, " \t\n\r")
						       : name.len});
	is = word.len && !personal_no_name(buf_str(&word));
	buf_release(&word);
	return is;
}

/* The one pattern of telephones is of links, whose numbers begin with the country's. */
static void add_linked_phone(struct str text, struct str part, struct personal_hits *hits)
{
	struct buf number = BUF_INIT;

	buf_byte(&number, '+');
	buf_put(&number, part);
	personal_add(hits, text, part, PERSONAL_PHONE, buf_str(&number), NULL);
	buf_release(&number);
}

static void apply(const struct rule *by, struct regex *regex, struct str text,
	const struct personal_about *about, struct personal_hits *hits)
{
	struct str whole, part;
	size_t from = 0;

	while (from < text.len && regex_next(regex, text, from, &whole, &part)) {
		size_t at = (size_t)(whole.s - text.s);
		bool is = true;

		part = part.s ? part : whole;
		if (by->check)
			part = proven(part, by->check);
		if (by->kind == PERSONAL_NAME)
			is = names_someone(part);
		if (is && by->kind == PERSONAL_PHONE)
			add_linked_phone(text, part, hits);
		else if (is)
			personal_add(hits, text, part, by->kind, part, about->region);
		/* What looked like a name may begin another; what is empty leads nowhere. */
		from = is && whole.len ? at + whole.len : text_next(text, at);
	}
}

static bool concerns(const struct rule *r, const struct personal_about *about)
{
	return r->who == ANYONE || about->agents || (r->who == OURS) == about->ours;
}

void personal_find(struct personal *p, struct str text, const struct personal_about *about,
	struct personal_hits *hits)
{
	int has = needs_of(text);

	if (has & NEED_AT)
		find_emails(text, hits);
	if (has & NEED_DIGIT)
		personal_digits(text, about, &p->asks, hits);
	for (size_t i = 0; i < RULES; i++)
		if (!(rules[i].needs & ~has) && concerns(&rules[i], about))
			apply(&rules[i], p->regex[i], text, about, hits);
}
