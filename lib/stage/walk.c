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

/* hidden: names that begin with a dot as well. */
static bool list(const char *folder, bool hidden, struct names *names)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	if (!d)
		return false;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.' ||
			(hidden && strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0))
			*VEC_ADD(names, v, n, cap) = mem_string(e->d_name);
	closedir(d);
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), by_bytes);
	return true;
}

static int walk_folder(const struct walk *w, struct buf *path, int depth);

/* One that hides is told and not read: drafts may be in it, and what was thrown away. */
static int walk_mailbox(const struct walk *w, struct buf *path, bool hidden, int depth)
{
	if (!adapt_is_maildir(path->s))
		return 0;
	return hidden ? w->visit(w->ctx, path->s, WALK_HIDDEN, w->err)
		      : walk_folder(w, path, depth);
}

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
	bool mail = adapt_is_maildir(path->s);
	size_t base;
	int status = 0;

	if (depth > DEPTH_MAX) {
		buf_printf(w->err, "%s: folders nested too deep", path->s);
		return -1;
	}
	while (path->len > 1 && path->s[path->len - 1] == '/')
		buf_cut(path, path->len - 1);
	base = path->len;
	if (mail)
		status = w->visit(w->ctx, path->s, WALK_MAILDIR, w->err);
	/* Opening it again says why it cannot be read. */
	if (!list(path->s, mail, &names))
		return w->visit(w->ctx, path->s, WALK_FILE, w->err);
	for (size_t i = 0; i < names.n; i++) {
		buf_printf(path, "/%s", names.v[i]);
		if (status == 0)
			status = mail ? walk_mailbox(w, path, names.v[i][0] == '.', depth + 1)
				      : walk_entry(w, path, depth + 1);
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
