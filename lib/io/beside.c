/* Siblings of an input: input.h. */
#include "io/archive.h"

#include <dirent.h>
#include <strings.h>
#include <sys/stat.h>

struct str input_folder(const struct input *in)
{
	const char *slash = strrchr(in->name, '/');

	return (struct str){in->name, slash ? (size_t)(slash - in->name) : 0};
}

/* Which of the names it is, n where it is none. */
static size_t rank_of(const char *name, const char *const *names, size_t n)
{
	size_t i = 0;

	while (i < n && strcasecmp(name, names[i]) != 0)
		i++;
	return i;
}

static bool is_file(const struct buf *folder, const char *name)
{
	struct buf path = BUF_INIT;
	struct stat st;
	bool is;

	buf_printf(&path, "%s%s", folder->s, name);
	is = stat(path.s, &st) == 0 && S_ISREG(st.st_mode);
	buf_release(&path);
	return is;
}

/* What of the names the folder has: the earliest, and of its spellings the first by bytes. A folder
 * that cannot be listed has nothing to find. */
static bool look_into(
	const struct buf *folder, const char *const *names, size_t n, struct buf *found)
{
	DIR *d = opendir(folder->len ? folder->s : ".");
	struct dirent *e;
	size_t best = n;

	buf_clear(found);
	while (d && (e = readdir(d))) {
		size_t rank = rank_of(e->d_name, names, n);

		if (rank == n || rank > best ||
			(rank == best && strcmp(e->d_name, found->s) >= 0) ||
			!is_file(folder, e->d_name))
			continue;
		best = rank;
		buf_clear(found);
		buf_puts(found, e->d_name);
	}
	if (d)
		closedir(d);
	return best < n;
}

/* From "a/b/" to "a/", from "" to "../"; false where nothing is above. */
static bool go_up(struct buf *folder)
{
	struct str s = buf_str(folder), last;
	size_t at;

	if (str_is(s, "/"))
		return false;
	for (at = s.len ? s.len - 1 : 0; at && s.s[at - 1] != '/'; at--)
		continue;
	last = (struct str){s.s + at, s.len - at};
	if (!s.len || str_is(last, "../") || str_is(last, "./"))
		buf_puts(folder, "../");
	else
		buf_cut(folder, at);
	return true;
}

static int beside_on_disk(
	const struct input *in, const char *const *names, size_t n, struct buf *name)
{
	struct buf folder = BUF_INIT, found = BUF_INIT;
	struct str of = input_folder(in);
	bool is;

	/* With its slash: that of the root is all of its name. */
	if (in->name[of.len] == '/')
		buf_add(&folder, in->name, of.len + 1);
	is = look_into(&folder, names, n, &found) ||
	     (go_up(&folder) && look_into(&folder, names, n, &found));
	buf_clear(name);
	if (is)
		buf_printf(name, "%s%s", folder.s, found.s);
	buf_release(&folder);
	buf_release(&found);
	return is;
}

static bool is_in(const char *path, const char *folder, size_t len)
{
	return strncmp(path, folder, len) == 0 && !strchr(path + len, '/');
}

/* As look_into, of a folder of an archive, whose name has len bytes, its slash being one. */
static const struct unpack_found *best_of(const struct unpack_found *v, size_t count,
	const char *folder, size_t len, const char *const *names, size_t n)
{
	const struct unpack_found *found = NULL;
	size_t best = n;

	for (size_t i = 0; i < count; i++) {
		size_t rank = n;

		if (is_in(v[i].path, folder, len))
			rank = rank_of(v[i].path + len, names, n);
		if (rank < best || (found && rank == best && strcmp(v[i].path, found->path) < 0)) {
			best = rank;
			found = &v[i];
		}
	}
	return found;
}

static const struct unpack_found *find_in_archive(
	const struct input *in, const char *const *names, size_t n)
{
	const char *path = in->name + strlen(unpack_name(in->archive)) + 1;
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash + 1 - path) : 0;
	const struct unpack_found *v, *found;
	size_t count = unpack_named(in->archive, names, n, &v);

	found = best_of(v, count, path, len, names, n);
	if (found || !len)
		return found;
	for (len--; len && path[len - 1] != '/'; len--)
		continue;
	return best_of(v, count, path, len, names, n);
}

int input_beside(const struct input *in, const char *const *names, size_t n, struct buf *name)
{
	const struct unpack_found *found;

	buf_clear(name);
	if (!in->archive)
		return strcmp(in->name, "<stdin>") != 0 && beside_on_disk(in, names, n, name);
	found = find_in_archive(in, names, n);
	if (found)
		buf_printf(name, "%s/%s", unpack_name(in->archive), found->path);
	return found != NULL;
}

static int open_on_disk(const struct input *in, const char *const *names, size_t n,
	struct input *out, struct buf *err)
{
	struct buf name = BUF_INIT;
	int status = 0;

	if (strcmp(in->name, "<stdin>") != 0 && beside_on_disk(in, names, n, &name))
		status = input_open(out, name.s, err) < 0 ? -1 : 1;
	if (status == 1) {
		out->path = name;
		out->name = out->path.s;
		return 1;
	}
	buf_release(&name);
	return status;
}

int input_open_beside(const struct input *in, const char *const *names, size_t n, struct input *out,
	struct buf *err)
{
	const struct unpack_found *found;

	if (!in->archive)
		return open_on_disk(in, names, n, out, err);
	found = find_in_archive(in, names, n);
	if (!found)
		return 0;
	return unpack_again(in->archive, found->number, out, err) < 0 ? -1 : 1;
}
