#include "stage/walk.h"
#include "adapt/mail.h"
#include "base/mem.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#define DEPTH_MAX 64

struct names {
	char **v;
	size_t n, cap;
};

struct walk {
	walk_visit *visit;
	void *ctx;
	struct buf *err;
};

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Of a Maildir, the folders in it that are none of its own three: those of its other mailboxes,
 * which may begin with a dot (Maildir++). */
static bool is_mailbox(const char *folder, const char *name)
{
	static const char *const own[] = {"cur", "new", "tmp", ".", ".."};
	struct buf path = BUF_INIT;
	struct stat st;
	bool is = true;

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		is = is && strcmp(name, own[i]) != 0;
	buf_printf(&path, "%s/%s", folder, name);
	is = is && lstat(path.s, &st) == 0 && S_ISDIR(st.st_mode) &&
	     (name[0] != '.' || adapt_is_maildir(path.s));
	buf_release(&path);
	return is;
}

static bool list(const char *folder, bool maildir, struct names *names)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	if (!d)
		return false;
	while ((e = readdir(d)))
		if (maildir ? is_mailbox(folder, e->d_name) : e->d_name[0] != '.')
			*VEC_ADD(names, v, n, cap) = mem_string(e->d_name);
	closedir(d);
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), by_bytes);
	return true;
}

static int walk_folder(const struct walk *w, struct buf *path, int depth);

static int walk_entry(const struct walk *w, struct buf *path, int depth)
{
	struct stat st, to;

	if (lstat(path->s, &st) < 0 || stat(path->s, &to) < 0)
		return 0;
	if (S_ISREG(to.st_mode))
		return w->visit(w->ctx, path->s, WALK_FILE, w->err);
	return S_ISDIR(st.st_mode) ? walk_folder(w, path, depth) : 0;
}

static int walk_folder(const struct walk *w, struct buf *path, int depth)
{
	struct names names = {NULL, 0, 0};
	bool maildir = adapt_is_maildir(path->s);
	size_t base;
	int status = 0;

	if (maildir)
		status = w->visit(w->ctx, path->s, WALK_MAILDIR, w->err);
	if (depth > DEPTH_MAX) {
		buf_printf(w->err, "%s: folders nested too deep", path->s);
		return -1;
	}
	while (path->len > 1 && path->s[path->len - 1] == '/')
		buf_cut(path, path->len - 1);
	base = path->len;
	/* Opening it again says why it cannot be read. */
	if (!list(path->s, maildir, &names))
		return w->visit(w->ctx, path->s, WALK_FILE, w->err);
	for (size_t i = 0; i < names.n; i++) {
		buf_printf(path, "/%s", names.v[i]);
		if (status == 0)
			status = walk_entry(w, path, depth + 1);
		buf_cut(path, base);
		free(names.v[i]);
	}
	free(names.v);
	return status;
}

int walk_inputs(const char *path, walk_visit *visit, void *ctx, struct buf *err)
{
	struct walk w = {visit, ctx, err};
	struct buf at = BUF_INIT;
	struct stat st;
	int status;

	if (strcmp(path, "-") == 0 || stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return visit(ctx, path, WALK_FILE, err);
	buf_puts(&at, path);
	status = walk_folder(&w, &at, 0);
	buf_release(&at);
	return status;
}
