#include "stage/entries.h"
#include "adapt/mail.h"

static int take(const struct entries *e, struct input *in, struct unpack *within, int depth,
	struct buf *err);

/* ".x" or "a/.x/b", but not "./x" or "../x": those only say where. Nor is a mailbox of a Maildir
 * hidden, "a/.Sent/cur/x". */
static bool is_hidden(const char *path)
{
	const char *p = adapt_in_maildir(path) ? strrchr(path, '/') : path;

	for (; p; p = strchr(p, '/')) {
		size_t n;

		p += *p == '/';
		n = strcspn(p, "/");
		if (p[0] == '.' && !(n == 1 || (n == 2 && p[1] == '.')))
			return true;
	}
	return false;
}

static int take_entry(const struct entries *e, struct unpack *u, const struct unpack_entry *entry,
	int depth, struct buf *err)
{
	struct buf why = BUF_INIT;
	struct input one;
	int status = 0;

	if (entry->what == UNPACK_FOLDER || (!unpack_is_single(u) && is_hidden(entry->path)))
		return 0;
	if (entry->what == UNPACK_OTHER) {
		e->note(e->ctx, entry->name, "skipped: a link or a device");
		return 0;
	}
	if (unpack_input(u, &one, &why) < 0) {
		e->unread(e->ctx, why.s);
	} else {
		status = take(e, &one, u, depth + 1, err);
		input_close(&one);
	}
	buf_release(&why);
	return status;
}

static int take_all(const struct entries *e, struct input *in, struct unpack *within, int depth,
	struct buf *err)
{
	struct buf why = BUF_INIT;
	struct unpack *u = unpack_open(in, within, &unpack_limits, &why);
	struct unpack_entry entry;
	bool any = false;
	int got = u ? 1 : -1, status = 0;

	while (status == 0 && got == 1 && (got = unpack_next(u, &entry, &why)) == 1) {
		any = true;
		status = take_entry(e, u, &entry, depth, err);
	}
	if (got < 0)
		e->unread(e->ctx, why.s);
	else if (!any)
		e->empty(e->ctx, in->name);
	unpack_close(u);
	buf_release(&why);
	return status;
}

static int take(const struct entries *e, struct input *in, struct unpack *within, int depth,
	struct buf *err)
{
	struct buf why = BUF_INIT;

	if (!unpack_is(buf_str(&in->head)))
		return e->visit(e->ctx, in, err);
	if (depth < ENTRIES_DEPTH)
		return take_all(e, in, within, depth, err);
	buf_printf(&why, "%s: not read: archives lie in one another more than %d deep", in->name,
		ENTRIES_DEPTH);
	e->unread(e->ctx, why.s);
	buf_release(&why);
	return 0;
}

int entries_walk(const struct entries *e, struct input *in, struct buf *err)
{
	return take(e, in, NULL, 0, err);
}
