#include "io/archive.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)64 << 10)
#define RESTARTS_MAX 16	   /* of a zip, after entries that are damaged */
#define DAMAGE_MAX 1000000 /* headers that make no sense */
#define FOUND_MAX ((size_t)1 << 20)

const struct unpack_limits unpack_limits = {
	(uint64_t)64 << 20, 256, (uint64_t)256 << 30, (uint64_t)128 << 20};

static const char rest_unread[] = " (the rest of the archive is not read)";

struct found_list {
	struct unpack_found *v;
	size_t n, cap;
};

struct unpack {
	struct archive *a;
	struct archive_entry *entry;
	struct input *in;
	struct unpack *root; /* whose account it is; itself for the outermost */
	struct unpack_limits limits;
	uint64_t size, at;	 /* of the archive's own bytes */
	uint64_t given, charged; /* bytes read out of it, and of them those in the account */
	uint64_t account;	 /* of a root: what it and all within it gave */
	uint64_t ahead;		 /* read before the first entry is known */
	uint64_t number;	 /* of the entry, from 1 */
	size_t restarts, damage;
	bool single;
	bool held;	     /* the first entry has been read ahead */
	bool over;	     /* nothing further can be read, and it has been told */
	bool spoilt;	     /* libarchive does not go on after the entry: begin anew behind it */
	const char *refused; /* why we do not read on, where it is not libarchive that cannot */
	struct buf path, name, block;
	struct map named; /* names -> struct found_list */
};

/* Names are converted to the locale's characters, which in "C" would lose them. */
static locale_t utf8_locale(void)
{
	static locale_t utf8;

	if (!utf8)
		utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	return utf8;
}

/* ---- what is an archive ---- */

static bool is_document(struct str zip)
{
	static const char *const first[] = {
		"[Content_Types].xml", "_rels/", "docProps/", "mimetype", "META-INF/", NULL};

	for (int i = 0; zip.len > 30 && first[i]; i++)
		if (str_starts((struct str){zip.s + 30, zip.len - 30}, str_of(first[i])))
			return true;
	return false;
}

bool unpack_is(struct str head)
{
	if (str_starts(head, STR("PK\003\004")))
		return !is_document(head);
	return str_starts(head, STR("PK\005\006")) || str_starts(head, STR("\x1f\x8b\x08")) ||
	       str_starts(head, STR("\xfd"
				    "7zXZ\0")) ||
	       str_starts(head, STR("\x28\xb5\x2f\xfd")) ||
	       (head.len >= 10 && str_starts(head, STR("BZh")) &&
		       (memcmp(head.s + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 ||
			       memcmp(head.s + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0)) ||
	       (head.len >= 512 && memcmp(head.s + 257, "ustar", 5) == 0);
}

/* ---- the archive's own bytes, read by their place: several may read one file ---- */

static la_ssize_t take_block(struct archive *a, void *ctx, const void **bytes)
{
	struct unpack *u = ctx;
	ssize_t n;

	do
		n = pread(u->in->fd, u->block.s, BLOCK, (off_t)u->at);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		archive_set_error(a, errno, "%s", strerror(errno));
		return ARCHIVE_FATAL;
	}
	if (!u->number && (u->ahead += (uint64_t)n) > u->limits.directory) {
		u->refused = "refused: its directory is too large";
		return ARCHIVE_FATAL;
	}
	u->at += (uint64_t)n;
	*bytes = u->block.s;
	return n;
}

static la_int64_t move_to(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
	struct unpack *u = ctx;
	int64_t from = whence == SEEK_SET ? 0 : (int64_t)(whence == SEEK_CUR ? u->at : u->size);

	if (offset < -from || offset > INT64_MAX - from) {
		archive_set_error(a, EINVAL, "a place outside of the file");
		return ARCHIVE_FATAL;
	}
	u->at = (uint64_t)(from + offset);
	return from + offset;
}

static la_int64_t skip(struct archive *a, void *ctx, la_int64_t wanted)
{
	struct unpack *u = ctx;
	uint64_t left = u->at < u->size ? u->size - u->at : 0;
	la_int64_t n = wanted < 0 ? 0 : (uint64_t)wanted < left ? wanted : (la_int64_t)left;

	(void)a;
	u->at += (uint64_t)n;
	return n;
}

/* ---- failures and the account ---- */

static const char *reason(struct unpack *u)
{
	const char *s = u->refused ? u->refused : archive_error_string(u->a);

	return s ? s : "damaged";
}

/* What has been read so far goes to the account; false where that is more than it may be. */
static bool charge(struct unpack *u, uint64_t n)
{
	struct unpack *root = u->root;
	const struct unpack_limits *l = &root->limits;
	int64_t stream = archive_filter_bytes(u->a, 0);
	uint64_t now;

	/* Headers count as well; what a sparse entry gives stands nowhere. */
	u->given += n;
	now = stream > 0 && (uint64_t)stream > u->given ? (uint64_t)stream : u->given;
	if (now > u->charged) {
		root->account += now - u->charged;
		u->charged = now;
	}
	return root->account <= l->total &&
	       (root->account <= l->floor || (root->account - l->floor) / l->ratio <= root->size);
}

static int refuse(struct unpack *u, const char *name, struct buf *err)
{
	const struct unpack *root = u->root;
	bool total = root->account > root->limits.total;

	u->root->over = true;
	buf_printf(err, "%s: refused: %s expands to more than %llu %s", name, root->in->name,
		(unsigned long long)(total ? root->limits.total : root->limits.ratio),
		total ? "bytes" : "times its size");
	if (!root->single)
		buf_puts(err, rest_unread);
	return -1;
}

static bool can_restart(const struct unpack *u)
{
	return (archive_format(u->a) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP &&
	       archive_filter_count(u->a) < 2 && u->restarts < RESTARTS_MAX;
}

/* libarchive goes on after a damaged entry only where no more than a checksum is wrong; but a zip
 * knows where the others are. */
static int fail_entry(struct unpack *u, la_ssize_t code, struct buf *err)
{
	buf_printf(err, "%s: %s", u->name.s, reason(u));
	if (code > ARCHIVE_FATAL)
		return -1;
	u->spoilt = can_restart(u);
	u->over = !u->spoilt;
	if (u->over && !u->single)
		buf_puts(err, rest_unread);
	return -1;
}

/* The next bytes of the entry: the source of its input. */
static int64_t read_entry(void *ctx, char *into, size_t room, struct buf *err)
{
	struct unpack *u = ctx;
	la_ssize_t n;

	if (u->over || u->root->over || u->spoilt) {
		buf_printf(err, "%s: not read", u->name.s);
		return -1;
	}
	n = archive_read_data(u->a, into, room);
	if (n < 0)
		return fail_entry(u, n, err);
	return charge(u, (uint64_t)n) ? n : refuse(u, u->name.s, err);
}

/* ---- opening ---- */

static bool prepare(struct unpack *u)
{
	struct archive *a = u->a = archive_read_new();

	if (!a)
		mem_failed();
	archive_read_support_format_zip(a);
	archive_read_support_format_tar(a);
	archive_read_support_format_empty(a);
	archive_read_support_format_raw(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_zstd(a);
	archive_read_set_callback_data(a, u);
	archive_read_set_read_callback(a, take_block);
	archive_read_set_seek_callback(a, move_to);
	archive_read_set_skip_callback(a, skip);
	u->at = u->ahead = 0;
	u->number = 0;
	return archive_read_open1(a) == ARCHIVE_OK;
}

/* The next header as libarchive gives it: 1, 0 at the end, -1 where it gives none any more. */
static int next_header(struct unpack *u)
{
	locale_t before = uselocale(utf8_locale());
	int code;

	/* After a header that makes no sense, tar looks for the next one. */
	while ((code = archive_read_next_header(u->a, &u->entry)) == ARCHIVE_RETRY ||
		code == ARCHIVE_FAILED)
		if (++u->damage == DAMAGE_MAX)
			break;
	uselocale(before);
	if (code == ARCHIVE_EOF)
		return 0;
	if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
		return -1;
	u->number++;
	return 1;
}

/* Begins anew behind the entry at hand. */
static bool restart(struct unpack *u)
{
	uint64_t done = u->number;

	u->restarts++;
	u->spoilt = false;
	archive_read_free(u->a);
	if (!prepare(u))
		return false;
	while (u->number < done)
		if (next_header(u) <= 0)
			return false;
	return true;
}

struct unpack *unpack_open(struct input *in, struct unpack *within,
	const struct unpack_limits *limits, struct buf *err)
{
	struct unpack *u;
	struct stat st;

	if (input_spool(in, err) < 0)
		return NULL;
	if (fstat(in->fd, &st) < 0) {
		buf_printf(err, "%s: %s", in->name, strerror(errno));
		return NULL;
	}
	u = mem_zero(1, sizeof(*u));
	u->in = in;
	u->root = within ? within->root : u;
	u->limits = *limits;
	u->size = (uint64_t)st.st_size;
	u->named = (struct map)MAP_INIT;
	buf_init(&u->path);
	buf_init(&u->name);
	buf_init(&u->block);
	buf_room(&u->block, BLOCK);
	if (prepare(u)) {
		int got = next_header(u);

		u->held = got == 1;
		u->over = got == 0;
		u->single = got == 1 && archive_format(u->a) == ARCHIVE_FORMAT_RAW;
		/* What no filter takes is raw as well: it only begins like one. */
		if (got >= 0 && !(u->single && archive_filter_count(u->a) < 2))
			return u;
	}
	buf_printf(err, "%s: %s", in->name, reason(u));
	unpack_close(u);
	return NULL;
}

static void free_found(void *ctx, struct str key, union map_value *v)
{
	struct found_list *l = v->p;

	(void)ctx;
	(void)key;
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].path);
	free(l->v);
	free(l);
}

void unpack_close(struct unpack *u)
{
	if (!u)
		return;
	archive_read_free(u->a);
	map_each(&u->named, free_found, NULL);
	map_release(&u->named);
	buf_release(&u->path);
	buf_release(&u->name);
	buf_release(&u->block);
	free(u);
}

const char *unpack_name(const struct unpack *u)
{
	return u->in->name;
}

bool unpack_is_single(const struct unpack *u)
{
	return u->single;
}

/* ---- entries ---- */

static void name_single(struct unpack *u)
{
	static const char *const suffixes[] = {".gz", ".zst", ".bz2", ".xz", NULL};
	struct str s = str_of(u->in->name);

	for (int i = 0; suffixes[i]; i++) {
		size_t n = strlen(suffixes[i]);

		if (s.len > n && strcasecmp(s.s + s.len - n, suffixes[i]) == 0 &&
			s.s[s.len - n - 1] != '/') {
			s.len -= n;
			break;
		}
	}
	buf_put(&u->path, s);
	buf_put(&u->name, s);
}

static void name_entry(struct unpack *u)
{
	const char *p = archive_entry_pathname(u->entry);

	buf_clear(&u->path);
	buf_clear(&u->name);
	if (u->single) {
		name_single(u);
		return;
	}
	while (p && (p[0] == '/' || (p[0] == '.' && p[1] == '/')))
		p++;
	if (p)
		text_mend(&u->path, str_of(p));
	if (!u->path.len)
		buf_printf(&u->path, "%llu", (unsigned long long)u->number);
	buf_printf(&u->name, "%s/%s", u->in->name, u->path.s);
}

static enum unpack_what what_is(struct archive_entry *e)
{
	if (archive_entry_hardlink(e) || archive_entry_symlink(e))
		return UNPACK_OTHER;
	switch (archive_entry_filetype(e)) {
	case AE_IFREG:
		return UNPACK_FILE;
	case AE_IFDIR:
		return UNPACK_FOLDER;
	default:
		return UNPACK_OTHER;
	}
}

/* Reads what is left of a compressed entry here, so that it counts: passing over it would be
 * libarchive's work, and without an end. */
static bool drain(struct unpack *u)
{
	char into[16384];
	la_ssize_t n;

	if (!u->number || archive_filter_count(u->a) < 2)
		return true;
	while ((n = archive_read_data(u->a, into, sizeof(into))) > 0)
		if (!charge(u, (uint64_t)n))
			return false;
	return true;
}

static int finish(struct unpack *u, int status, struct buf *err)
{
	u->over = true;
	if (status < 0)
		buf_printf(err, "%s: %s%s", u->in->name, reason(u), rest_unread);
	else if (u->damage)
		buf_printf(err, "%s: damaged: not all of it could be read", u->in->name);
	return status < 0 || u->damage ? -1 : 0;
}

int unpack_next(struct unpack *u, struct unpack_entry *e, struct buf *err)
{
	int got = 1;

	if (u->over || u->root->over || (u->single && !u->held))
		return 0;
	if (!u->held) {
		if (u->spoilt && !restart(u))
			return finish(u, -1, err);
		if (!drain(u))
			return refuse(u, u->in->name, err);
		got = next_header(u);
	}
	u->held = false;
	if (got <= 0)
		return finish(u, got, err);
	if (!charge(u, 0))
		return refuse(u, u->in->name, err);
	name_entry(u);
	*e = (struct unpack_entry){u->path.s, u->name.s, what_is(u->entry)};
	return 1;
}

int unpack_input(struct unpack *u, struct input *out, struct buf *err)
{
	*out = (struct input){.path = BUF_INIT,
		.fd = -1,
		.from = {read_entry, u},
		.archive = u->single ? u->in->archive : u,
		.changed = u->in->changed,
		.head = BUF_INIT};
	buf_put(&out->path, buf_str(&u->name));
	out->name = out->path.s;
	if (archive_entry_mtime_is_set(u->entry))
		out->changed = (int64_t)archive_entry_mtime(u->entry) * 1000;
	if (archive_entry_is_encrypted(u->entry)) {
		buf_printf(err, "%s: encrypted", out->name);
		input_close(out);
		return -1;
	}
	if (input_peek(out, err) < 0) {
		input_close(out);
		return -1;
	}
	return 0;
}

/* ---- entries by name ---- */

/* Another look at the same archive, on an account of its own. */
static struct unpack *look_again(const struct unpack *u, struct buf *err)
{
	return unpack_open(u->in, NULL, &u->limits, err);
}

static bool is_named(const char *path, const char *const *names, size_t n)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	for (size_t i = 0; i < n; i++)
		if (strcasecmp(base, names[i]) == 0)
			return true;
	return false;
}

/* What is damaged is told where the archive is walked. */
static void collect(
	const struct unpack *u, const char *const *names, size_t n, struct found_list *l)
{
	struct buf none = BUF_INIT;
	struct unpack *all = look_again(u, &none);
	struct unpack_entry e;

	while (all && l->n < FOUND_MAX && unpack_next(all, &e, &none) == 1)
		if (e.what == UNPACK_FILE && is_named(e.path, names, n))
			*VEC_ADD(l, v, n, cap) =
				(struct unpack_found){mem_string(e.path), all->number};
	unpack_close(all);
	buf_release(&none);
}

size_t unpack_named(
	struct unpack *u, const char *const *names, size_t n, const struct unpack_found **found)
{
	struct buf key = BUF_INIT;
	struct found_list *l;
	union map_value *v;
	bool fresh;

	for (size_t i = 0; i < n; i++)
		buf_printf(&key, "%s/", names[i]);
	v = map_slot(&u->named, buf_str(&key), &fresh);
	if (fresh) {
		v->p = mem_zero(1, sizeof(struct found_list));
		collect(u, names, n, v->p);
	}
	l = v->p;
	*found = l->v;
	buf_release(&key);
	return l->n;
}

int unpack_again(struct unpack *u, uint64_t number, struct input *out, struct buf *err)
{
	struct unpack *all = look_again(u, err);
	struct unpack_entry e;
	int got = all ? 1 : -1;

	if (all)
		do
			got = unpack_next(all, &e, err);
		while (got == 1 && all->number < number);
	if (got == 0)
		buf_printf(err, "%s: changed while it was read", u->in->name);
	got = got == 1 && unpack_input(all, out, err) == 0 ? 0 : -1;
	if (got == 0 && input_spool(out, err) < 0) {
		input_close(out);
		got = -1;
	}
	if (got == 0)
		out->archive = u;
	unpack_close(all);
	return got;
}
