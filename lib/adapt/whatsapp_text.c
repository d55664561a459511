#include "adapt/whatsapp_text.h"
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
	size_t n;

	if (!a.len || lower(a.s[0]) != lower(*b))
		return false;
	n = strlen(b);

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

/* What no name holds and system lines with a colon in them do: their verbs. */
static const char *const no_name[] = {" created group", " changed the ", " changed this ",
	" changed to ", " added ", " removed ", " pinned a message", " criou o grupo", " mudou ",
	" alterou ", " adicionou ", " removeu ", " cambió ", " añadió ", " eliminó ", " a changé ",
	" a modifié ", " a ajouté ", " geändert", " hat die ", " hat den ", " ha cambiato ",
	" ha aggiunto "};

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

static size_t count(struct str s, const char *what)
{
	struct str w = str_of(what);
	size_t n = 0;

	for (ptrdiff_t at; (at = str_find(s, w)) >= 0; n++) {
		s.s += (size_t)at + w.len;
		s.len -= (size_t)at + w.len;
	}
	return n;
}

/* Whether a quotation is open at the end: the colon stands in a subject, not behind a name. */
static bool in_quotes(struct str s)
{
	size_t low = count(s, "„"), upper = count(s, "“"), close = count(s, "”");

	return count(s, "\"") % 2 || count(s, "«") > count(s, "»") ||
	       (low ? low > upper + close : upper > close);
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
	return name->len &&
	       !(like_sentence(*name) && (in_quotes(*name) || HAS_ANY(*name, no_name)));
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
	"Você apagou esta mensagem", "Apagou esta mensagem", "Esta mensagem foi eliminada",
	"Eliminou esta mensagem", "Se eliminó este mensaje", "Este mensaje fue eliminado",
	"Eliminaste este mensaje", "Ce message a été supprimé", "Vous avez supprimé ce message",
	"Diese Nachricht wurde gelöscht", "Du hast diese Nachricht gelöscht",
	"Questo messaggio è stato eliminato", "Hai eliminato questo messaggio",
	"Dit bericht is verwijderd", "Je hebt dit bericht verwijderd", "Данное сообщение удалено",
	"Вы удалили данное сообщение", "Ta wiadomość została usunięta", "Bu mesaj silindi",
	"Bu mesajı sildiniz", "Pesan ini telah dihapus", "Anda menghapus pesan ini",
	"Det här meddelandet har raderats", "Tämä viesti poistettiin", "此消息已删除",
	"此訊息已刪除", "このメッセージは削除されました", "삭제된 메시지입니다",
	"تم حذف هذه الرسالة"};

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

/* "Left out" in the languages, folded: as such a line ends, or begins, */
static const char *const left_out[] = {"omitted", "omitido", "omitida", "omitidos", "oculta",
	"oculto", "ocultada", "ocultado", "omis", "omise", "retire", "absente", "weggelassen",
	"ausgeschlossen", "ausgelassen", "omesso", "omessa", "omessi", "esclusa", "non incluso",
	"weggelaten", "jatettiin pois", "pominieto", "disertakan", "ditiadakan", "edilmedi",
	"utelamnad", "utelamnat", "utelamnats", "udeladt", "utelatt", "vynechano", "vynechan",
	"пропущено", "пропущен", "опущено", "опущен"};
/* what is left out, folded, */
static const char *const things[] = {"image", "video", "audio", "sticker", "gif", "document",
	"contact", "media", "photo", "imagem", "imagen", "figurinha", "documento", "cartao",
	"tarjeta", "arquivo", "archivo", "multimedia", "midia", "bild", "dokument", "kontaktkarte",
	"medien", "immagine", "nota", "voice", "foto", "afbeelding", "video-notiz", "medya",
	"carte", "vcard", "videonota", "contactkaart", "fiche", "scheda", "obraz", "billede",
	"bilde", "imej", "gambar", "goruntu", "изображение", "аудио", "видео", "документ",
	"стикер"};
/* and in what stands between angle brackets, where few words are enough: any of these. */
static const char *const omission[] = {"omit", "omis", "omes", "ocult", "absent", "weggelass",
	"weggelat", "ausgeschlossen", "ausgelassen", "utelamn", "utelat", "udelad",
	"jatettiin pois", "pominiet", "vynechan", "hianyzo", "disertakan", "ditiadakan", "edilmedi",
	"nao revelado", "пропущен", "без медиа", "медиа не"};
/* Where words are not told apart by blanks, or folding changes them: as they are written. */
static const char *const omission_raw[] = {"छोड़", "なし", "省略", "含まれて", "생략", "제외",
	"忽略", "略去", "استبعاد", "לא נכלל", "αφαιρέθηκ", "Παράλειψη", "ละเว้น", "Bỏ qua"};

static bool names_thing(struct str s)
{
	for (size_t i = 0; i < COUNT(things); i++) {
		size_t n = strlen(things[i]);

		if (starts(s, things[i]) && (s.len == n || s.s[n] == ' ' || s.s[n] == 's'))
			return true;
	}
	return false;
}

/* "image omitted", "pominięto obraz" */
static bool says_left_out(struct str s)
{
	bool thing = names_thing(s);

	for (size_t i = 0; i < COUNT(left_out); i++) {
		size_t n = strlen(left_out[i]);

		if (thing && ends(s, left_out[i]))
			return true;
		if (starts(s, left_out[i]) && s.len > n && s.s[n] == ' ' &&
			names_thing((struct str){s.s + n + 1, s.len - n - 1}))
			return true;
	}
	return false;
}

static bool is_left_out(struct str text, bool bracketed)
{
	struct buf folded = BUF_INIT;
	bool is;

	text_fold(&folded, text);
	is = says_left_out(buf_str(&folded)) || (bracketed && HAS_ANY(buf_str(&folded), omission));
	buf_release(&folded);
	return is;
}

/* "<Media omitted>", "image omitted", "contract.pdf • 3 pages document omitted" behind a mark. */
static bool is_placeholder(struct str line, bool marked)
{
	ptrdiff_t blank;

	if (line.len < 4 || line.len > 200)
		return false;
	if (line.s[0] == '<' && line.s[line.len - 1] == '>') {
		struct str in = {line.s + 1, line.len - 2};

		return is_left_out(in, true) || HAS_ANY(in, omission_raw);
	}
	if (!marked && line.len > 60)
		return false;
	if (is_left_out(line, false) || (marked && HAS_ANY(line, omission_raw)))
		return true;
	/* A document's name goes before the words. */
	for (blank = (ptrdiff_t)line.len; marked && blank > 0; blank--)
		if (wa_mark((struct str){line.s + blank - 1, line.len - (size_t)blank + 1}))
			return is_left_out(wa_trim((struct str){line.s + blank - 1,
						   line.len - (size_t)blank + 1}),
				false);
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
	"allegat", "bijge", "добавлен", "прикреплен", "прикреплён", "liitetty", "dilampirkan",
	"terlampir", "bifogad", "vedhæft", "vedlagt", "anhang", "Anhang", "łączon", "ekli",
	"přiložen", "csatol", "atașat", "添付", "첨부", "附件", "附加", "مرفق", "מצורף",
	"συνημμέν"};

/* "<attached: a.jpg>" */
static struct str within_angles(struct str line)
{
	static const char *const colons[] = {":", "："};
	struct str file;

	if (line.len < 6 || line.s[0] != '<' || line.s[line.len - 1] != '>')
		return STR("");
	for (size_t i = 0; i < COUNT(colons); i++) {
		ptrdiff_t at = str_find(line, str_of(colons[i]));
		size_t skip = (size_t)at + strlen(colons[i]);

		if (at < 2 || at > 24)
			continue;
		file = wa_trim((struct str){line.s + skip, line.len - skip - 1});
		return has_extension(file) ? file : STR("");
	}
	return STR("");
}

/* "a.pdf", "a.pdf • 3 pages" */
static bool is_document(struct str s)
{
	ptrdiff_t dot = str_find(s, STR("•"));

	return has_extension(wa_trim(dot < 0 ? s : (struct str){s.s, (size_t)dot}));
}

/*
 * The last line's "<attached: a.jpg>" behind a mark or a document's name, where it does not stand
 * alone: *before becomes how far what is before it goes.
 */
static struct str behind_mark(struct str text, size_t *before)
{
	const char *open = text.len ? memrchr(text.s, '<', text.len) : NULL;
	size_t at = open ? (size_t)(open - text.s) : 0;

	*before = at;
	if (at < 4 || !(wa_mark((struct str){text.s + at - 3, 3}) ||
			      is_document((struct str){text.s, at})))
		return STR("");
	return within_angles((struct str){open, text.len - at});
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

/* What goes before an attachment is its caption, or the document's name and length. */
static void take_caption(struct wa_message *m, size_t before)
{
	struct str caption = wa_trim((struct str){m->text.s, before});

	m->media = true;
	m->placeholder = (struct str){m->text.s + before, m->text.len - before};
	if (is_document(caption)) {
		m->placeholder = m->text;
		caption.len = 0;
	}
	m->text = caption;
}

void wa_message(struct str body, struct wa_message *m)
{
	bool marked = wa_mark(body) > 0;
	struct str line;
	const char *lf;
	size_t before;

	*m = (struct wa_message){.text = wa_trim(body)};
	take_edit(m);
	m->file = behind_mark(m->text, &before);
	if (m->file.len) {
		take_caption(m, before);
		return;
	}
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
