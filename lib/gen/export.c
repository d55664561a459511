#include "gen/export_part.h"
#include "base/mem.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

const char *const export_sources[] = {[EXPORT_WHATSAPP] = "whatsapp", [EXPORT_MBOX] = "email"};

/* ---- formats ---- */

static int add_format(struct export_formats *f, struct str word, struct buf *err)
{
	for (int kind = EXPORT_WHATSAPP; kind <= EXPORT_JSON; kind++) {
		bool there = false;

		if (!str_is(word, export_words[kind]))
			continue;
		for (size_t i = 0; i < f->n; i++)
			there |= f->v[i] == (enum export_kind)kind;
		if (there)
			return 0;
		if (f->n && f->v[f->n - 1] >= EXPORT_CSV) {
			buf_printf(err, "%s carries every record: %s behind it would be empty",
				export_words[f->v[f->n - 1]], export_words[kind]);
			return -1;
		}
		f->v[f->n++] = (enum export_kind)kind;
		return 0;
	}
	buf_printf(
		err, "%.*s is no format of exports", (int)(word.len < 60 ? word.len : 60), word.s);
	return -1;
}

int export_formats_add(struct export_formats *f, const char *words, struct buf *err)
{
	for (const char *s = words;; s++) {
		size_t n = strcspn(s, ",");

		if (add_format(f, str_trim((struct str){s, n}), err) < 0)
			return -1;
		s += n;
		if (!*s)
			return 0;
	}
}

bool told_word(const struct turn *t)
{
	return t->what < WHAT_CALL && t->contact != PLAN_NONE;
}

/* A chat is with a telephone, a mail with an address. */
static bool carries(enum export_kind kind, const struct plan *p, const struct plan_contact *c)
{
	const struct gen_channel *ch = &p->s->channels[c->channel];
	const char *id = p->s->kinds[ch->kinds[ch->kind_n - 1]];

	if (ch->export != kind || ch->spoken || !p->known)
		return false;
	if (kind == EXPORT_WHATSAPP)
		return ch->session == SESSION_PEER && strcmp(id, "phone") == 0;
	return kind == EXPORT_MBOX && strcmp(id, "email") == 0;
}

enum export_kind told_carrier(const struct export *e, const struct plan *p, const struct turn *t)
{
	if (t->contact == PLAN_NONE)
		return EXPORT_NONE;
	for (size_t i = 0; i < e->as.n && e->as.v[i] < EXPORT_CSV; i++)
		if (carries(e->as.v[i], p, &p->contacts[t->contact]))
			return e->as.v[i];
	return EXPORT_NONE;
}

struct random told_random(const struct turn *t, uint64_t side)
{
	return random_stream(t->seed, side);
}

/* ---- spelling ---- */

void put_phone_written(struct buf *out, const char *number, struct random *r)
{
	/* '#' is the next digit. */
	static const struct {
		const char *prefix, *as[3];
	} forms[] = {{"+55", {"+## ## #####-####", "+## (##) #####-####", "+## ## # #### ####"}},
		{"+1", {"+# (###) ###-####", "+# ### ### ####", "+# ###.###.####"}},
		{"+351", {"+### ### ### ###", "+### ## ### ## ##", "+### ###-###-###"}},
		{"+44", {"+## #### ######", "+## #### ### ###", "+## ####-######"}}};
	uint64_t n = random_below(r, 4);
	const char *form = NULL, *digit = number + 1;
	size_t places = 0;

	for (size_t i = 0; n < 3 && !form && i < sizeof(forms) / sizeof(forms[0]); i++)
		if (str_starts(str_of(number), str_of(forms[i].prefix)))
			form = forms[i].as[n];
	for (const char *c = form; c && *c; c++)
		places += *c == '#';
	if (!form || places != strlen(digit)) {
		buf_puts(out, number);
		return;
	}
	for (; *form; form++)
		buf_byte(out, *form == '#' ? *digit++ : *form);
}

static char upper(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
}

void put_email_written(struct buf *out, const char *address, struct random *r)
{
	uint64_t how = random_below(r, 8);
	bool start = true;

	/* Ana.Lima@mail.Example, ANA.LIMA@MAIL.EXAMPLE */
	for (const char *c = address; *c; c++) {
		buf_byte(out, how == 1 || (how == 0 && start) ? upper(*c) : *c);
		start = *c == '.';
	}
}

/* Behind a sentence: what is said in one stays together. */
void break_text(struct buf *text, struct random *r)
{
	if (random_below(r, 6))
		return;
	for (size_t i = 1; i + 1 < text->len; i++)
		if (text->s[i] == ' ' && strchr(".!?", text->s[i - 1])) {
			text->s[i] = '\n';
			return;
		}
}

bool in_portuguese(const struct plan *p)
{
	return strncmp(p->s->languages[p->language].name, "pt", 2) == 0;
}

/* ---- files ---- */

void export_path(const struct export *e, const char *name, struct buf *out)
{
	buf_printf(out, "%s/%s", e->folder, name);
}

int export_file_open(struct export *e, struct export_file *f, const char *name, struct buf *err)
{
	struct buf path = BUF_INIT;

	export_path(e, name, &path);
	f->path = buf_take(&path);
	if (out_create(&f->out, f->path, err) == 0)
		return 0;
	free(f->path);
	f->path = NULL;
	return -1;
}

int export_file_close(struct export_file *f, struct buf *err)
{
	int status = f->path ? out_close(&f->out, err) : 0;

	free(f->path);
	f->path = NULL;
	return status;
}

int export_whole(struct export *e, const char *name, struct str bytes, struct buf *err)
{
	struct buf none = BUF_INIT;
	struct export_file f = {.path = NULL};
	int status = export_file_open(e, &f, name, err);

	if (status == 0)
		status = out_put(&f.out, bytes, err);
	if (export_file_close(&f, status < 0 ? &none : err) < 0)
		status = -1;
	buf_release(&none);
	return status;
}

static int is_empty(const char *folder, struct buf *err)
{
	DIR *dir = opendir(folder);
	const struct dirent *one = NULL;

	if (!dir) {
		buf_printf(err, "%s: %s", folder, strerror(errno));
		return -1;
	}
	while ((one = readdir(dir)))
		if (strcmp(one->d_name, ".") != 0 && strcmp(one->d_name, "..") != 0)
			break;
	if (one)
		buf_printf(err, "%s: the folder is not empty", folder);
	closedir(dir);
	return one ? -1 : 0;
}

static int make_folder(const char *path, struct buf *err)
{
	if (mkdir(path, 0777) == 0)
		return 0;
	if (errno == EEXIST)
		return is_empty(path, err);
	buf_printf(err, "%s: %s", path, strerror(errno));
	return -1;
}

/* ---- the profile ---- */

static void put_host(const struct scenario *s, struct buf *out)
{
	struct buf words = BUF_INIT;

	text_words(&words, str_of(s->account));
	for (size_t i = 0; i < words.len; i++)
		if ((unsigned char)words.s[i] < 0x80)
			buf_byte(out, words.s[i] == ' ' ? '-' : words.s[i]);
	buf_puts(out, out->len ? ".example" : "company.example");
	buf_release(&words);
}

static int write_profile(struct export *e, struct buf *err)
{
	const struct scenario *s = e->s;
	struct buf *b = &e->text;

	buf_clear(b);
	buf_printf(b,
		"jtools: profile/1\n# Who \"we\" are in the exports of this folder.\n"
		"account: \"%s\"\nself:\n",
		s->account);
	for (size_t i = 0; i < s->agent_n; i++)
		buf_printf(b, "  - \"%s\"\n", s->agents[i]);
	buf_printf(b, "  - \"@%s\"\nbots:\n  - \"%s\"\n  - \"", e->host.s, s->bot);
	mail_agent(e, s->bot, b);
	buf_printf(b, "\"\ntz: \"%s\"\nregion: %s\n", s->zone, s->languages[0].regions[0]);
	return export_whole(e, "company.yaml", buf_str(b), err);
}

/* ---- the whole ---- */

static int open_format(struct export *e, enum export_kind kind, struct buf *err)
{
	switch (kind) {
	case EXPORT_WHATSAPP:
		buf_clear(&e->path);
		export_path(e, export_words[kind], &e->path);
		return make_folder(e->path.s, err);
	case EXPORT_MBOX:
		return export_file_open(e, &e->mail, "mail.mbox", err);
	default:
		e->rows = kind;
		return table_open(e, err);
	}
}

/* A mailbox has no order among equal times but that in which mail came. */
static int check_order(const struct scenario *s, const struct export_formats *as, struct buf *err)
{
	for (size_t i = 0; i < as->n; i++)
		if (s->instant && as->v[i] == EXPORT_MBOX) {
			buf_puts(err, "a mailbox cannot tell the order of what happens at once");
			return -1;
		}
	return 0;
}

struct export *export_open(const struct scenario *s, const struct export_formats *as,
	const char *folder, struct buf *err)
{
	struct export *e = mem_zero(1, sizeof(*e));
	struct buf *bufs[] = {&e->host, &e->text, &e->line, &e->value, &e->path, &e->record};
	int status;

	for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
		buf_init(bufs[i]);
	e->doc = (struct json_doc)JSON_DOC_INIT;
	e->s = s;
	e->as = *as;
	e->folder = folder;
	put_host(s, &e->host);
	status = check_order(s, as, err);
	if (status == 0)
		status = make_folder(folder, err);
	if (status == 0)
		status = write_profile(e, err);
	for (size_t i = 0; i < as->n && status == 0; i++)
		status = open_format(e, as->v[i], err);
	if (status == 0)
		return e;
	export_free(e);
	return NULL;
}

/* What was said before each turn in its session. */
static uint32_t *words_before(const struct plan *p)
{
	uint32_t *before = mem_alloc((p->turn_n + 1) * sizeof(*before));
	uint32_t *last = mem_alloc((p->session_n + 1) * sizeof(*last));

	for (size_t i = 0; i < p->session_n; i++)
		last[i] = PLAN_NONE;
	for (uint32_t i = 0; i < p->turn_n; i++) {
		const struct turn *t = &p->turns[i];
		uint32_t *of =
			t->contact == PLAN_NONE ? NULL : &last[p->contacts[t->contact].session];

		before[i] = of ? *of : PLAN_NONE;
		if (of && told_word(t))
			*of = i;
	}
	free(last);
	return before;
}

int export_begin(struct export *e, const struct plan *p, const struct voice *v, struct exported *x,
	struct buf *err)
{
	int status = 0;

	x->before = words_before(p);
	for (size_t i = 0; i < e->as.n && status == 0; i++)
		if (e->as.v[i] == EXPORT_WHATSAPP)
			status = chat_begin(e, p, v, x->before, err);
	return status;
}

void exported_release(struct exported *x)
{
	free(x->before);
	x->before = NULL;
}

int export_turn(struct export *e, const struct plan *p, const struct voice *v,
	const struct exported *x, const struct turn *t, struct buf *err)
{
	const struct told w = {p, v, x->before, t};
	enum export_kind carrier = told_word(t) ? told_carrier(e, p, t) : EXPORT_NONE;

	if (carrier == EXPORT_WHATSAPP)
		return 0;
	if (carrier == EXPORT_NONE && e->rows == EXPORT_NONE) {
		e->left_out++;
		return 0;
	}
	e->written++;
	return carrier == EXPORT_MBOX ? mail_turn(e, &w, err) : table_turn(e, &w, err);
}

int export_close(struct export *e, struct buf *err)
{
	int status = e->rows == EXPORT_NONE ? 0 : table_close(e, err);

	return status < 0 ? -1 : export_file_close(&e->mail, err);
}

uint64_t export_written(const struct export *e)
{
	return e->written;
}

uint64_t export_left_out(const struct export *e)
{
	return e->left_out;
}

void export_free(struct export *e)
{
	struct buf none = BUF_INIT;

	if (!e)
		return;
	export_file_close(&e->mail, &none);
	export_file_close(&e->table, &none);
	json_release(&e->doc);
	buf_release(&e->host);
	buf_release(&e->text);
	buf_release(&e->line);
	buf_release(&e->value);
	buf_release(&e->path);
	buf_release(&e->record);
	buf_release(&none);
	free(e);
}
