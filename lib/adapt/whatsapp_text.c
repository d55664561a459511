#include "adapt/whatsapp_text.h"
#include "adapt/whatsapp_head.h"
#include "base/text.h"

#define NAME_MAX_BYTES 200

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Compares without ASCII case. */
static bool same(struct str a, struct str b)
{
	size_t i = 0;

	if (a.len != b.len)
		return false;
	while (i < a.len && lower(a.s[i]) == lower(b.s[i]))
		i++;
	return i == a.len;
}

/* No word of the lists below is empty. */
static bool starts(struct str a, struct str b)
{
	return a.len >= b.len && lower(a.s[0]) == lower(b.s[0]) &&
	       same((struct str){a.s, b.len}, b);
}

static bool ends(struct str a, struct str b)
{
	return a.len >= b.len && same((struct str){a.s + a.len - b.len, b.len}, b);
}

static bool has_any(struct str a, const struct str *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_find(a, list[i]) >= 0)
			return true;
	return false;
}

/* A word of a list, its length known when it is compiled: each message is held against all of them.
 */
#define W(literal)                                                                                 \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HAS_ANY(s, list) has_any(s, list, COUNT(list))

/* Words that a text may begin with. Most begin with none of them, as their first two bytes tell:
 * each pair that a word begins with has a bit, which others may share. */
struct words {
	const struct str *v;
	size_t n;
	bool known;
	uint64_t pairs[16];
};
#define WORDS(list)                                                                                \
	{                                                                                          \
		.v = (list), .n = COUNT(list)                                                      \
	}

static unsigned pair_of(struct str s)
{
	return ((unsigned char)lower(s.s[0]) & 31u) << 5 | ((unsigned char)lower(s.s[1]) & 31u);
}

/* How many words s may begin with: all or none. No word is shorter than two bytes. */
static size_t candidates(struct words *w, struct str s)
{
	unsigned pair;

	for (size_t i = 0; !w->known && i < w->n; i++) {
		pair = pair_of(w->v[i]);
		w->pairs[pair / 64] |= UINT64_C(1) << pair % 64;
	}
	w->known = true;
	if (s.len < 2)
		return 0;
	pair = pair_of(s);
	return w->pairs[pair / 64] >> pair % 64 & 1 ? w->n : 0;
}

/* What no name holds and system lines with a colon in them do: their verbs. */
static const struct str no_name[] = {W(" created group"), W(" changed the "), W(" changed this "),
	W(" changed to "), W(" added "), W(" removed "), W(" pinned a message"),
	W(" criou o grupo"), W(" mudou "), W(" alterou "), W(" adicionou "), W(" removeu "),
	W(" cambió "), W(" añadió "), W(" eliminó "), W(" a changé "), W(" a modifié "),
	W(" a ajouté "), W(" geändert"), W(" hat die "), W(" hat den "), W(" ha cambiato "),
	W(" ha aggiunto ")};

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

static const struct str notice_list[] = {W("Messages and calls are end-to-end encrypted"),
	W("Messages you send to this "), W("Messages to this group are now secured"),
	W("Messages to this chat and calls are now secured"),
	W("As mensagens e as ligações são protegidas"), W("As mensagens e ligações são protegidas"),
	W("As mensagens e chamadas são"), W("As mensagens e as chamadas são"),
	W("As mensagens que você enviar"), W("Los mensajes y las llamadas están cifrados"),
	W("Los mensajes y llamadas están cifrados"), W("Les messages et les appels sont chiffrés"),
	W("Les messages et appels sont chiffrés"), W("Nachrichten und Anrufe sind Ende-zu-Ende"),
	W("I messaggi e le chiamate sono crittografati"),
	W("Berichten en gesprekken worden end-to-end versleuteld"),
	W("Berichten en oproepen zijn end-to-end"), W("Сообщения и звонки защищены")};

static struct words notices = WORDS(notice_list);

bool wa_notice(struct str text)
{
	text = wa_trim(text);
	for (size_t i = 0, n = candidates(&notices, text); i < n; i++)
		if (starts(text, notices.v[i]))
			return true;
	return false;
}

/* On iOS what the program itself writes begins with a mark; these are a person's all the same. */
static const struct str said[] = {W("poll:"), W("enquete:"), W("encuesta:"), W("sondage"),
	W("umfrage:"), W("sondaggio:"), W("location:"), W("localização:"), W("ubicación:"),
	W("standort:"), W("position:"), W("posizione:"), W("event:"), W("evento:")};

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
	static const struct str created[] = {W("created group"), W("created the group"),
		W("created this group"), W("criou o grupo"), W("criou este grupo"),
		W("creo el grupo"), W("creado el grupo"), W("cree le groupe"),
		W("creato il gruppo"), W("erstellt"), W("gemaakt"), W("aangemaakt"), W("создал")};
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

static const struct str edits[] = {W("<This message was edited>"), W("<Mensagem editada>"),
	W("<Esta mensagem foi editada>"), W("<Essa mensagem foi editada>"),
	W("<Se editó este mensaje.>"), W("<Se editó este mensaje>"),
	W("<Este mensaje fue editado>"), W("<Este mensaje se editó>"),
	W("<Ce message a été modifié>"), W("<Diese Nachricht wurde bearbeitet.>"),
	W("<Diese Nachricht wurde bearbeitet>"), W("<Questo messaggio è stato modificato>"),
	W("<Dit bericht is bewerkt>"), W("<Сообщение изменено>")};

static const struct str deletion_list[] = {W("This message was deleted"),
	W("You deleted this message"), W("Mensagem apagada"), W("Esta mensagem foi apagada"),
	W("Essa mensagem foi apagada"), W("Você apagou esta mensagem"), W("Apagou esta mensagem"),
	W("Esta mensagem foi eliminada"), W("Eliminou esta mensagem"), W("Se eliminó este mensaje"),
	W("Este mensaje fue eliminado"), W("Eliminaste este mensaje"),
	W("Ce message a été supprimé"), W("Vous avez supprimé ce message"),
	W("Diese Nachricht wurde gelöscht"), W("Du hast diese Nachricht gelöscht"),
	W("Questo messaggio è stato eliminato"), W("Hai eliminato questo messaggio"),
	W("Dit bericht is verwijderd"), W("Je hebt dit bericht verwijderd"),
	W("Данное сообщение удалено"), W("Вы удалили данное сообщение"),
	W("Ta wiadomość została usunięta"), W("Bu mesaj silindi"), W("Bu mesajı sildiniz"),
	W("Pesan ini telah dihapus"), W("Anda menghapus pesan ini"),
	W("Det här meddelandet har raderats"), W("Tämä viesti poistettiin"), W("此消息已删除"),
	W("此訊息已刪除"), W("このメッセージは削除されました"), W("삭제된 메시지입니다"),
	W("تم حذف هذه الرسالة")};
static struct words deletions = WORDS(deletion_list);

static void take_edit(struct wa_message *m)
{
	if (!m->text.len || m->text.s[m->text.len - 1] != '>')
		return;
	for (size_t i = 0; i < COUNT(edits); i++)
		if (ends(m->text, edits[i])) {
			m->edited = true;
			m->text.len -= edits[i].len;
			m->text = wa_trim(m->text);
			return;
		}
}

static bool is_deletion(struct str text)
{
	if (text.len && text.s[text.len - 1] == '.')
		text.len--;
	for (size_t i = 0, n = candidates(&deletions, text); i < n; i++)
		if (same(text, deletions.v[i]))
			return true;
	return false;
}

/* "Left out" in the languages, folded: as such a line ends, or begins, */
static const struct str left_out_list[] = {W("omitted"), W("omitido"), W("omitida"), W("omitidos"),
	W("oculta"), W("oculto"), W("ocultada"), W("ocultado"), W("omis"), W("omise"), W("retire"),
	W("absente"), W("weggelassen"), W("ausgeschlossen"), W("ausgelassen"), W("omesso"),
	W("omessa"), W("omessi"), W("esclusa"), W("non incluso"), W("weggelaten"),
	W("jatettiin pois"), W("pominieto"), W("disertakan"), W("ditiadakan"), W("edilmedi"),
	W("utelamnad"), W("utelamnat"), W("utelamnats"), W("udeladt"), W("utelatt"), W("vynechano"),
	W("vynechan"), W("пропущено"), W("пропущен"), W("опущено"), W("опущен")};
static struct words left_out = WORDS(left_out_list);
/* what is left out, folded, */
static const struct str thing_list[] = {W("image"), W("video"), W("audio"), W("sticker"), W("gif"),
	W("document"), W("contact"), W("media"), W("photo"), W("imagem"), W("imagen"),
	W("figurinha"), W("documento"), W("cartao"), W("tarjeta"), W("arquivo"), W("archivo"),
	W("multimedia"), W("midia"), W("bild"), W("dokument"), W("kontaktkarte"), W("medien"),
	W("immagine"), W("nota"), W("voice"), W("foto"), W("afbeelding"), W("video-notiz"),
	W("medya"), W("carte"), W("vcard"), W("videonota"), W("contactkaart"), W("fiche"),
	W("scheda"), W("obraz"), W("billede"), W("bilde"), W("imej"), W("gambar"), W("goruntu"),
	W("изображение"), W("аудио"), W("видео"), W("документ"), W("стикер")};
static struct words things = WORDS(thing_list);
/* and in what stands between angle brackets, where few words are enough: any of these. */
static const struct str omission[] = {W("omit"), W("omis"), W("omes"), W("ocult"), W("absent"),
	W("weggelass"), W("weggelat"), W("ausgeschlossen"), W("ausgelassen"), W("utelamn"),
	W("utelat"), W("udelad"), W("jatettiin pois"), W("pominiet"), W("vynechan"), W("hianyzo"),
	W("disertakan"), W("ditiadakan"), W("edilmedi"), W("nao revelado"), W("пропущен"),
	W("без медиа"), W("медиа не")};
/* Where words are not told apart by blanks, or folding changes them: as they are written. */
static const struct str omission_raw[] = {W("छोड़"), W("なし"), W("省略"), W("含まれて"), W("생략"),
	W("제외"), W("忽略"), W("略去"), W("استبعاد"), W("לא נכלל"), W("αφαιρέθηκ"), W("Παράλειψη"),
	W("ละเว้น"), W("Bỏ qua")};

static bool names_thing(struct str s)
{
	for (size_t i = 0, n = candidates(&things, s); i < n; i++) {
		size_t len = things.v[i].len;

		if (starts(s, things.v[i]) && (s.len == len || s.s[len] == ' ' || s.s[len] == 's'))
			return true;
	}
	return false;
}

/* "image omitted" */
static bool ends_left_out(struct str s)
{
	for (size_t i = 0; i < left_out.n; i++)
		if (ends(s, left_out.v[i]))
			return true;
	return false;
}

/* "pominięto obraz" */
static bool begins_left_out(struct str s)
{
	for (size_t i = 0, n = candidates(&left_out, s); i < n; i++) {
		size_t len = left_out.v[i].len;

		if (starts(s, left_out.v[i]) && s.len > len && s.s[len] == ' ' &&
			names_thing((struct str){s.s + len + 1, s.len - len - 1}))
			return true;
	}
	return false;
}

static bool is_left_out(struct str text, bool bracketed)
{
	struct buf folded = BUF_INIT;
	struct str s = text;
	bool is;

	/* Folding changes nothing in plain text that a comparison without case would see. */
	if (bracketed || !text_printable(text)) {
		text_fold(&folded, text);
		s = buf_str(&folded);
	}
	is = (names_thing(s) && ends_left_out(s)) || begins_left_out(s) ||
	     (bracketed && HAS_ANY(s, omission));
	buf_release(&folded);
	return is;
}

/* "<Media omitted>", "image omitted", "contract.pdf • 3 pages document omitted" behind a mark. */
static bool is_placeholder(struct str line, bool marked)
{
	ptrdiff_t blank;

	if (line.len < 4 || line.len > 200)
		return false;
	/* Of what can be seen once, Android has this alone. */
	if (str_is(line, "null"))
		return true;
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

static const struct str attached[] = {W("attached"), W("anexado"), W("adjunto"), W("joint"),
	W("angeh"), W("allegat"), W("bijge"), W("добавлен"), W("прикреплен"), W("прикреплён"),
	W("liitetty"), W("dilampirkan"), W("terlampir"), W("bifogad"), W("vedhæft"), W("vedlagt"),
	W("anhang"), W("Anhang"), W("łączon"), W("ekli"), W("přiložen"), W("csatol"), W("atașat"),
	W("添付"), W("첨부"), W("附件"), W("附加"), W("مرفق"), W("מצורף"), W("συνημμέν")};

/* "<attached: a.jpg>" */
static struct str within_angles(struct str line)
{
	static const struct str colons[] = {W(":"), W("：")};
	struct str file;

	if (line.len < 6 || line.s[0] != '<' || line.s[line.len - 1] != '>')
		return STR("");
	for (size_t i = 0; i < COUNT(colons); i++) {
		ptrdiff_t at = str_find(line, colons[i]);
		size_t skip = (size_t)at + colons[i].len;

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
