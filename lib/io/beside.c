/* Siblings of an input: input.h. */
#include "io/input.h"

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

int input_beside(const struct input *in, const char *const *names, size_t n, struct buf *name,
	struct buf *err)
{
	(void)err;
	buf_clear(name);
	if (strcmp(in->name, "<stdin>") == 0)
		return 0;
	return beside_on_disk(in, names, n, name);
}

int input_open_beside(const struct input *in, const char *const *names, size_t n, struct input *out,
	struct buf *err)
{
	struct buf name = BUF_INIT;
	int status = input_beside(in, names, n, &name, err);

	if (status == 1 && input_open(out, name.s, err) < 0)
		status = -1;
	if (status == 1) {
		out->path = name;
		out->name = out->path.s;
		return 1;
	}
	buf_release(&name);
	return status;
}
