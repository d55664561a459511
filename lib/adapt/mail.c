#include "adapt/mail_part.h"
#include "base/mem.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#define SEEN_KIB 16384 /* of memory for the mails that were seen */
#define LINE_PIECE ((size_t)64 << 10)
#define ESCAPES_MAX                                                                                \
	((size_t)1 << 20) /* of one mail that are undone: what is remembered of them has a bound   \
			   */

void mail_clear(struct mail *m)
{
	mime_clear(m->mime);
	buf_clear(&m->head);
	m->added = 0;
	m->escape_n = 0;
}

static int add(struct mail *m, struct str bytes, struct buf *err)
{
	m->added += bytes.len;
	return mime_add(m->mime, bytes, err);
}

void mail_start(struct adapt_run *run)
{
	struct mail *m = run->mail;

	if (!m) {
		m = run->mail = mem_zero(1, sizeof(*m));
		buf_init(&m->own_id);
		buf_init(&m->root);
		buf_init(&m->key);
		buf_init(&m->value);
		buf_init(&m->words);
		buf_init(&m->piece);
		buf_init(&m->from_line);
		buf_init(&m->head);
		m->mime = mime_new();
		m->hash = hash_new();
	}
	if (!m->seen)
		m->seen = scratch_new(SEEN_KIB);
	mail_clear(m);
}

void mail_release(struct adapt_run *run)
{
	struct mail *m = run->mail;

	if (!m)
		return;
	mime_free(m->mime);
	scratch_free(m->seen);
	hash_free(m->hash);
	buf_release(&m->own_id);
	buf_release(&m->root);
	buf_release(&m->key);
	buf_release(&m->value);
	buf_release(&m->words);
	buf_release(&m->piece);
	buf_release(&m->from_line);
	buf_release(&m->head);
	free(m->escape);
	free(m);
	run->mail = NULL;
}

int mail_raw(struct mail *m, int (*take)(void *ctx, struct str piece, struct buf *err), void *ctx,
	struct buf *err)
{
	struct str raw = mime_raw(m->mime);
	size_t at = 0;
	int status = take(ctx, buf_str(&m->head), err);

	for (size_t i = 0; i < m->escape_n && m->escape[i] <= raw.len && status == 0; i++) {
		status = take(ctx, (struct str){raw.s + at, m->escape[i] - at}, err);
		if (status == 0)
			status = take(ctx, STR(">"), err);
		at = m->escape[i];
	}
	return status < 0 ? status : take(ctx, (struct str){raw.s + at, raw.len - at}, err);
}

/* ---- mbox ---- */

static int sniff_mbox(const struct adapt_peek *p)
{
	struct str head = p->head;
	const char *end;

	if (str_starts(head, STR("\xef\xbb\xbf"))) {
		head.s += 3;
		head.len -= 3;
	}
	while (head.len && (head.s[0] == '\n' || head.s[0] == '\r'))
		head.s++, head.len--;
	end = head.len ? memchr(head.s, '\n', head.len) : NULL;
	if (end)
		head.len = (size_t)(end - head.s);
	return mail_is_from_line(head) ? 95 : 0;
}

/* ">From ", ">>From ": mboxrd adds one '>' when it writes, so one goes. */
static struct str unescape(struct mail *m, struct str line)
{
	size_t n = 0;

	while (n < line.len && line.s[n] == '>')
		n++;
	if (!n || m->escape_n == ESCAPES_MAX ||
		!str_starts((struct str){line.s + n, line.len - n}, STR("From ")))
		return line;
	*VEC_ADD(m, escape, escape_n, escape_cap) = m->added;
	return (struct str){line.s + 1, line.len - 1};
}

/* Adds one line of any length, of which l->raw is the first part. */
static int add_line(struct mail *m, struct lines *l, struct buf *err)
{
	struct str piece = l->raw;
	int more;

	if (add(m, unescape(m, piece), err) < 0)
		return -1;
	while ((more = lines_rest(l, &piece, err)) == LINES_ONE)
		if (add(m, piece, err) < 0)
			return -1;
	return more < 0 ? -1 : add(m, STR("\n"), err);
}

/* What stands before the first mail is none; `begun` says whether its letter is open. */
static int add_before(struct adapt_run *run, struct lines *l, bool begun, struct buf *err)
{
	int status = begun ? ledger_letter_more(run->ledger, STR("\n"), err)
			   : ledger_letter_begin(run->ledger, FAULT_ROW,
				     "text before the first From line", l->name, l->number,
				     l->offset, err);

	return status < 0 ? -1 : ledger_letter_line(run->ledger, l, err);
}

static void begin_mail(struct mail *m, const struct lines *l, struct str line, struct mail_place *p)
{
	buf_clear(&m->from_line);
	buf_put(&m->from_line, line);
	buf_clear(&m->head);
	buf_put(&m->head, l->raw);
	buf_byte(&m->head, '\n');
	p->line = l->number;
	p->offset = l->offset;
}

static int mbox_lines(struct adapt_run *run, struct lines *l, struct buf *err)
{
	struct mail *m = run->mail;
	struct mail_place p = {.file = l->name};
	struct str line;
	bool blank = true, open = false, before = false;
	int status, what;

	while ((what = lines_next(l, &line, err)) > 0) {
		if (what == LINES_ONE && blank && mail_is_from_line(line)) {
			p.from_line = buf_str(&m->from_line);
			status = open ? mail_take(run, &p, err)
				      : ledger_letter_end(run->ledger, err);
			if (status != 0)
				return status;
			open = true;
			begin_mail(m, l, line, &p);
			blank = false;
			continue;
		}
		blank = what == LINES_ONE && !line.len;
		if (open)
			status = add_line(m, l, err);
		else if (!before && what == LINES_ONE && !str_trim(line).len)
			continue;
		else
			status = add_before(run, l, before, err);
		if (status < 0)
			return -1;
		before = true;
	}
	p.from_line = buf_str(&m->from_line);
	if (what < 0)
		return -1;
	return open ? mail_take(run, &p, err) : ledger_letter_end(run->ledger, err);
}

static int read_mbox(struct adapt_run *run, struct input *in, struct buf *err)
{
	struct lines l;
	int status;

	mail_start(run);
	if (input_lines(in, &l, LINE_PIECE, err) < 0)
		return -1;
	status = mbox_lines(run, &l, err);
	lines_close(&l);
	return status;
}

/* ---- one message a file ---- */

/* The length of the name of the header that begins the line, 0 where none does. */
static size_t header_name(struct str line)
{
	size_t n = 0, end;

	while (n < line.len &&
		(isalnum((unsigned char)line.s[n]) || line.s[n] == '-' || line.s[n] == '_'))
		n++;
	for (end = n; end < line.len && line.s[end] == ' '; end++)
		continue;
	return n && end < line.len && line.s[end] == ':' ? n : 0;
}

static bool is_known_header(struct str name)
{
	static const char *const known[] = {"from", "to", "date", "received", "message-id",
		"return-path", "mime-version", "subject", "delivered-to", "content-type",
		"reply-to", "dkim-signature", "x-mailer", NULL};

	for (int i = 0; known[i]; i++)
		if (name.len == strlen(known[i]) && strncasecmp(name.s, known[i], name.len) == 0)
			return true;
	return false;
}

static int sniff_eml(const struct adapt_peek *p)
{
	struct str left = p->head;
	size_t n = strlen(p->path);
	bool named = n > 4 && strcasecmp(p->path + n - 4, ".eml") == 0;
	int known = 0, headers = 0;

	while (left.len && known < 3) {
		const char *end = memchr(left.s, '\n', left.len);
		struct str line = {left.s, end ? (size_t)(end - left.s) : left.len};
		size_t name = header_name(line);

		left.s += line.len + (end != NULL);
		left.len -= line.len + (end != NULL);
		if (!name && named && !headers && str_starts(line, STR("From ")))
			continue;
		if (!name && (!headers || !line.len || !strchr(" \t", line.s[0])))
			break;
		headers += name > 0;
		known += name && is_known_header((struct str){line.s, name});
	}
	return known >= 3 ? (named ? 98 : 80) : named && headers ? 90 : 0;
}

/* A From_ line that stands before the first header; its length with the line's end. */
static size_t leading_from_line(struct mail *m, struct str head)
{
	const char *end = head.len ? memchr(head.s, '\n', head.len) : NULL;
	size_t len = end ? (size_t)(end - head.s) : 0;

	buf_clear(&m->from_line);
	if (!end || !str_starts(head, STR("From ")) || header_name((struct str){head.s, len}))
		return 0;
	buf_add(&m->from_line, head.s, len);
	return len + 1;
}

static int read_eml(struct adapt_run *run, struct input *in, struct buf *err)
{
	struct mail_place p = {.file = in->name};
	struct mail *m;
	bool first = true;
	int64_t n;

	mail_start(run);
	m = run->mail;
	if (in->seekable && input_rewind(in, err) < 0)
		return -1;
	buf_clear(&m->piece);
	buf_room(&m->piece, LINE_PIECE);
	while ((n = input_read(in, m->piece.s, LINE_PIECE, err)) > 0) {
		struct str bytes = {m->piece.s, (size_t)n};
		size_t skip = first ? leading_from_line(m, bytes) : 0;

		if (first && str_starts(bytes, STR("\xef\xbb\xbf")))
			skip = 3;
		first = false;
		buf_add(&m->head, bytes.s, skip);
		if (add(m, (struct str){bytes.s + skip, bytes.len - skip}, err) < 0)
			return -1;
	}
	p.from_line = first ? (struct str){NULL, 0} : buf_str(&m->from_line);
	return n < 0 ? -1 : mail_take(run, &p, err);
}

const struct adapter adapt_mbox = {
	"mbox", "mailbox of many messages (mbox, mboxrd)", sniff_mbox, read_mbox};
const struct adapter adapt_eml = {"eml", "one e-mail message (RFC 5322)", sniff_eml, read_eml};

/* ---- Maildir ---- */

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* A file that cannot be opened is one mail that is refused; the others are read. */
static int maildir_file(struct adapt_run *run, const char *path, struct buf *err)
{
	struct buf why = BUF_INIT;
	struct input in;
	struct stat st;
	int status = 0;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return 0;
	if (input_open(&in, path, &why) < 0) {
		status = ledger_reject(run->ledger, FAULT_ROW, "cannot be read", path, 0, 0,
			(struct str){NULL, 0}, err);
	} else {
		status = read_eml(run, &in, err);
		input_close(&in);
	}
	buf_release(&why);
	return status;
}

static int maildir_part(
	struct adapt_run *run, const char *folder, const char *part, struct buf *err)
{
	struct buf path = BUF_INIT;
	struct dirent **list = NULL;
	int status = 0, n;

	buf_printf(&path, "%s/%s", folder, part);
	n = scandir(path.s, &list, visible, by_name);
	if (n < 0) {
		buf_printf(err, "%s: %s", path.s, strerror(errno));
		status = -1;
	}
	for (int i = 0; i < n; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/%s/%s", folder, part, list[i]->d_name);
		if (status == 0)
			status = maildir_file(run, path.s, err);
		free(list[i]);
	}
	free(list);
	buf_release(&path);
	return status;
}

bool adapt_is_maildir(const char *folder)
{
	static const char *const parts[] = {"cur", "new", NULL};
	struct buf path = BUF_INIT;
	struct stat st;
	bool is = true;

	for (int i = 0; parts[i] && is; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/%s", folder, parts[i]);
		is = stat(path.s, &st) == 0 && S_ISDIR(st.st_mode);
	}
	buf_release(&path);
	return is;
}

bool adapt_in_maildir(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct str folder = {path, slash ? (size_t)(slash - path) : 0};

	return str_ends(folder, STR("/cur")) || str_ends(folder, STR("/new"));
}

int adapt_maildir(struct adapt_run *run, const char *folder, struct buf *err)
{
	int status = maildir_part(run, folder, "cur", err);

	return status ? status : maildir_part(run, folder, "new", err);
}
