#include "adapt/whatsapp_text.h"
#include "adapt/adapt.h"
#include "adapt/whatsapp_head.h"
#include "base/text.h"

#define NAME_MAX_BYTES 200

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Compares without ASCII case. */
static bool same(struct str a, const char *b)
{
	size_t i = 0;

	while (i < a.len && b[i] && lower(a.s[i]) == lower(b[i]))
		i++;
	return i == a.len && !b[i];
}

static bool starts(struct str a, const char *b)
{
	size_t n = strlen(b);

	return a.len >= n && same((struct str){a.s, n}, b);
}

static bool ends(struct str a, const char *b)
{
	size_t n = strlen(b);

	return a.len >= n && same((struct str){a.s + a.len - n, n}, b);
}

static bool has_any(struct str a, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_find(a, str_of(list[i])) >= 0)
			return true;
	return false;
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HAS_ANY(s, list) has_any(s, list, COUNT(list))

/* What no name holds and system lines with a colon in them do: their quotes and their verbs. */
static const char *const no_name[] = {"\"", "“", "”", "«", "„", " created group", " changed the ",
	" changed this ", " changed to ", " added ", " removed ", " pinned a message",
	" criou o grupo", " mudou ", " alterou ", " adicionou ", " removeu ", " cambió ",
	" añadió ", " eliminó ", " a changé ", " a modifié ", " a ajouté ", " geändert",
	" hat die ", " hat den ", " ha cambiato ", " ha aggiunto "};

/* Only a name with quotes or a word in small letters can be one of those; most are not looked at
 * further. */
static bool like_sentence(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.s[i];
		unsigned char next = i + 1 < name.len ? (unsigned char)name.s[i + 1] : 0;

		if (c == '"' || c == 0xe2 || c == 0xc2)
			return true;
		if (c == ' ' && ((next >= 'a' && next <= 'z') || next == 0xc3))
			return true;
	}
	return false;
}

bool wa_author(struct str rest, struct str *name, struct str *text)
{
	ptrdiff_t at = str_find(rest, STR(": "));

	if (at < 0 && rest.len && rest.s[rest.len - 1] == ':')
		at = (ptrdiff_t)rest.len - 1;
	if (at <= 0 || at > NAME_MAX_BYTES)
		return false;
	*name = wa_name((struct str){rest.s, (size_t)at});
	*text = (struct str){rest.s + at + 1, rest.len - (size_t)at - 1};
	if (text->len && text->s[0] == ' ')
		text->s++, text->len--;
	return name->len && !(like_sentence(*name) && HAS_ANY(*name, no_name));
}

struct str wa_name(struct str name)
{
	name = wa_trim(name);
	if (name.len > 1 && name.s[0] == '~')
		name = wa_trim((struct str){name.s + 1, name.len - 1});
	return name;
}

static const char *const notices[] = {"Messages and calls are end-to-end encrypted",
	"Messages you send to this ", "Messages to this group are now secured",
	"Messages to this chat and calls are now secured",
	"As mensagens e as ligações são protegidas", "As mensagens e ligações são protegidas",
	"As mensagens e chamadas são", "As mensagens e as chamadas são",
	"As mensagens que você enviar", "Los mensajes y las llamadas están cifrados",
	"Los mensajes y llamadas están cifrados", "Les messages et les appels sont chiffrés",
	"Les messages et appels sont chiffrés", "Nachrichten und Anrufe sind Ende-zu-Ende",
	"I messaggi e le chiamate sono crittografati",
	"Berichten en gesprekken worden end-to-end versleuteld",
	"Berichten en oproepen zijn end-to-end", "Сообщения и звонки защищены"};

bool wa_notice(struct str text)
{
	text = wa_trim(text);
	for (size_t i = 0; i < COUNT(notices); i++)
		if (starts(text, notices[i]))
			return true;
	return false;
}

/* On iOS what the program itself writes begins with a mark; these are a person's all the same. */
static const char *const said[] = {"poll:", "enquete:", "encuesta:", "sondage",
	"umfrage:", "sondaggio:", "location:", "localização:", "ubicación:", "standort:",
	"position:", "posizione:", "event:", "evento:"};

bool wa_system(struct str text, bool ios)
{
	struct str plain = wa_trim(text);
	struct wa_message m;

	if (wa_notice(plain))
		return true;
	if (!ios || !wa_mark(text))
		return false;
	wa_message(text, &m);
	if (m.media || m.deleted || m.edited)
		return false;
	for (size_t i = 0; i < COUNT(said); i++)
		if (starts(plain, said[i]))
			return false;
	return plain.len > 0;
}

/* What stands between the first pair of quotes. */
static struct str quoted(struct str s)
{
	static const struct {
		const char *open, *close;
	} pairs[] = {{"\"", "\""}, {"“", "”"}, {"«", "»"}, {"„", "“"}};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		ptrdiff_t at = str_find(s, str_of(pairs[i].open)), end;
		struct str rest;

		if (at < 0)
			continue;
		rest.s = s.s + at + strlen(pairs[i].open);
		rest.len = s.len - (size_t)(rest.s - s.s);
		end = str_find(rest, str_of(pairs[i].close));
		if (end > 0)
			return wa_trim((struct str){rest.s, (size_t)end});
	}
	return STR("");
}

struct str wa_created(struct str text)
{
	static const char *const created[] = {"created group", "created the group",
		"created this group", "criou o grupo", "criou este grupo", "creo el grupo",
		"creado el grupo", "cree le groupe", "creato il gruppo", "erstellt", "gemaakt",
		"aangemaakt", "создал"};
	struct str subject = quoted(text);
	struct buf folded = BUF_INIT;
	bool is;

	if (!subject.len)
		return subject;
	text_fold(&folded, text);
	is = HAS_ANY(buf_str(&folded), created);
	buf_release(&folded);
	return is ? subject : STR("");
}

static const char *const edits[] = {"<This message was edited>", "<Mensagem editada>",
	"<Esta mensagem foi editada>", "<Essa mensagem foi editada>", "<Se editó este mensaje.>",
	"<Se editó este mensaje>", "<Este mensaje fue editado>", "<Este mensaje se editó>",
	"<Ce message a été modifié>", "<Diese Nachricht wurde bearbeitet.>",
	"<Diese Nachricht wurde bearbeitet>", "<Questo messaggio è stato modificato>",
	"<Dit bericht is bewerkt>", "<Сообщение изменено>"};

static const char *const deletions[] = {"This message was deleted", "You deleted this message",
	"Mensagem apagada", "Esta mensagem foi apagada", "Essa mensagem foi apagada",
	"Você apagou esta mensagem", "Apagou esta mensagem", "Se eliminó este mensaje",
	"Este mensaje fue eliminado", "Eliminaste este mensaje", "Ce message a été supprimé",
	"Vous avez supprimé ce message", "Diese Nachricht wurde gelöscht",
	"Du hast diese Nachricht gelöscht", "Questo messaggio è stato eliminato",
	"Hai eliminato questo messaggio", "Dit bericht is verwijderd",
	"Je hebt dit bericht verwijderd"};

static void take_edit(struct wa_message *m)
{
	if (!m->text.len || m->text.s[m->text.len - 1] != '>')
		return;
	for (size_t i = 0; i < COUNT(edits); i++)
		if (ends(m->text, edits[i])) {
			m->edited = true;
			m->text.len -= strlen(edits[i]);
			m->text = wa_trim(m->text);
			return;
		}
}

static bool is_deletion(struct str text)
{
	if (text.len && text.s[text.len - 1] == '.')
		text.len--;
	for (size_t i = 0; i < COUNT(deletions); i++)
		if (same(text, deletions[i]))
			return true;
	return false;
}

/* The ends of "left out" in the languages, as far as they are ASCII, and what is left out, folded.
 */
static const char *const left_out[] = {"omitted", "omitido", "omitida", "omitidos", "oculta",
	"oculto", "ocultada", "ocultado", "omis", "omise", "absente", "weggelassen",
	"ausgeschlossen", "ausgelassen", "omesso", "omessa", "omessi", "esclusa", "weggelaten",
	"jatettiin pois", "pominieto", "disertakan", "edilmedi"};
static const char *const things[] = {"image", "video", "audio", "sticker", "gif", "document",
	"contact", "media", "photo", "imagem", "imagen", "figurinha", "documento", "cartao",
	"tarjeta", "arquivo", "archivo", "multimedia", "midia", "bild", "dokument", "kontaktkarte",
	"medien", "immagine", "nota", "voice", "foto", "afbeelding", "video-notiz", "medya",
	"carte", "vcard"};

static bool is_left_out(struct str text)
{
	struct buf folded = BUF_INIT;
	struct str s;
	bool end = false, thing = false;

	text_fold(&folded, text);
	s = buf_str(&folded);
	for (size_t i = 0; i < COUNT(left_out) && !end; i++)
		end = ends(s, left_out[i]);
	for (size_t i = 0; i < COUNT(things) && end && !thing; i++) {
		size_t n = strlen(things[i]);

		thing = starts(s, things[i]) && (s.len == n || s.s[n] == ' ' || s.s[n] == 's');
	}
	buf_release(&folded);
	return end && thing;
}

/* "<Media omitted>", "image omitted", "contract.pdf • 3 pages document omitted" behind a mark. */
static bool is_placeholder(struct str line, bool marked)
{
	ptrdiff_t blank;

	if (line.len < 4 || line.len > (marked ? 200 : 60))
		return false;
	if (line.s[0] == '<' && line.s[line.len - 1] == '>') {
		struct str in = {line.s + 1, line.len - 2};
		const struct str without = STR("Без медиа");

		return is_left_out(in) || str_starts(in, without);
	}
	if (is_left_out(line))
		return true;
	/* A document's name goes before the words. */
	for (blank = (ptrdiff_t)line.len; marked && blank > 0; blank--)
		if (wa_mark((struct str){line.s + blank - 1, line.len - (size_t)blank + 1}))
			return is_left_out(wa_trim(
				(struct str){line.s + blank - 1, line.len - (size_t)blank + 1}));
	return false;
}

/* Whether s ends like a file's name: a dot and two to five letters or digits. */
static bool has_extension(struct str s)
{
	size_t n = 0;

	while (n < s.len &&
		((lower(s.s[s.len - 1 - n]) >= 'a' && lower(s.s[s.len - 1 - n]) <= 'z') ||
			(s.s[s.len - 1 - n] >= '0' && s.s[s.len - 1 - n] <= '9')))
		n++;
	return n >= 2 && n <= 5 && n + 1 < s.len && s.s[s.len - 1 - n] == '.';
}

static const char *const attached[] = {"attached", "anexado", "adjunto", "joint", "angeh",
	"allegat", "bijge", "добавлен", "liitetty", "dilampirkan", "bifogad", "anhang", "Anhang"};

/* "<attached: a.jpg>" */
static struct str within_angles(struct str line)
{
	ptrdiff_t colon = str_find(line, STR(":"));
	struct str file;

	if (line.len < 6 || line.s[0] != '<' || line.s[line.len - 1] != '>' || colon < 2 ||
		colon > 24)
		return STR("");
	file = wa_trim((struct str){line.s + colon + 1, line.len - (size_t)colon - 2});
	return has_extension(file) ? file : STR("");
}

/* "a.jpg (file attached)", "a.jpg <attached>" */
static struct str before_brackets(struct str line)
{
	char close = line.len ? line.s[line.len - 1] : '\0', open = close == ')' ? '(' : '<';
	size_t at = line.len;
	struct str file;

	if (close != ')' && close != '>')
		return STR("");
	while (at && line.s[at - 1] != open)
		at--;
	if (at < 2 || line.s[at - 2] != ' ' ||
		!HAS_ANY(((struct str){line.s + at, line.len - at}), attached))
		return STR("");
	file = wa_trim((struct str){line.s, at - 1});
	return has_extension(file) ? file : STR("");
}

void wa_message(struct str body, struct wa_message *m)
{
	bool marked = wa_mark(body) > 0;
	struct str line;
	const char *lf;

	*m = (struct wa_message){.text = wa_trim(body)};
	take_edit(m);
	lf = m->text.len ? memchr(m->text.s, '\n', m->text.len) : NULL;
	line = wa_trim((struct str){m->text.s, lf ? (size_t)(lf - m->text.s) : m->text.len});
	if (line.len > 300)
		return;
	m->deleted = !lf && is_deletion(line);
	m->file = within_angles(line);
	if (!m->file.len)
		m->file = before_brackets(line);
	m->media = m->file.len || (!m->deleted && is_placeholder(line, marked));
	if (!m->media && !m->deleted)
		return;
	m->placeholder = line;
	/* What follows is its caption. */
	m->text = lf ? wa_trim((struct str){lf + 1, (size_t)(m->text.s + m->text.len - lf) - 1})
		     : STR("");
}

static const char *const titles[] = {"WhatsApp Chat with ", "WhatsApp Chat - ",
	"WhatsApp Chat with: ", "Conversa do WhatsApp com ", "Conversa do WhatsApp - ",
	"Chat de WhatsApp con ", "Chat de WhatsApp - ", "Discussion WhatsApp avec ",
	"WhatsApp-Chat mit ", "WhatsApp Chat mit ", "WhatsApp-Chat - ", "Chat WhatsApp con ",
	"Chat WhatsApp - ", "WhatsApp-chat met ", "WhatsApp-chatt med ",
	"Чат WhatsApp с контактом ", "Чат WhatsApp с "};

/* " (1)" that a second download puts behind. */
static struct str without_copy(struct str s)
{
	size_t n = s.len;

	if (!n || s.s[n - 1] != ')')
		return s;
	for (n--; n && s.s[n - 1] >= '0' && s.s[n - 1] <= '9'; n--)
		;
	if (n >= 2 && n + 1 < s.len && s.s[n - 1] == '(' && s.s[n - 2] == ' ')
		s.len = n - 2;
	return s;
}

struct str wa_path_peer(const char *path)
{
	struct str base = adapt_base_name(path);

	/* An export of iOS, unpacked or not: "WhatsApp Chat - Ana/_chat.txt", "… -
	 * Ana.zip/_chat.txt". */
	if (str_is(base, "_chat") && base.s > path + 1) {
		size_t len = (size_t)(base.s - path) - 1, at;

		for (at = len; at && path[at - 1] != '/'; at--)
			;
		base = (struct str){path + at, len - at};
		if (str_ends(base, STR(".zip")))
			base.len -= 4;
	}
	for (size_t i = 0; i < COUNT(titles); i++) {
		size_t n = strlen(titles[i]);

		if (starts(base, titles[i]))
			return wa_name(without_copy((struct str){base.s + n, base.len - n}));
	}
	return STR("");
}

bool wa_is_number(struct str name)
{
	size_t digits = 0;

	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.s[i];

		if (c >= '0' && c <= '9')
			digits++;
		else if (c < 0x80 && !strchr("+-() .", c))
			return false;
		else if (c == '+' && i)
			return false;
		else if (c >= 0x80 && c != 0xe2 && c != 0x80 && c != 0x91 && c != 0x90 &&
			 c != 0xaf && c != 0xc2 && c != 0xa0)
			return false;
	}
	return digits >= 6;
}
