#include "core/pipe.h"
#include "base/die.h"
#include "io/follow.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define STRANGE 3 /* lines that make it likely */

struct loop {
	struct pipe *p;
	int (*each)(void *ctx, struct event *ev, struct buf *err);
	void *ctx;
	struct event ev;
	struct buf why;
	uint64_t strange; /* lines that are no record at all */
};

int pipe_put(struct pipe *p, struct str record, struct buf *err)
{
	/* A dead letter is down before any record behind it. */
	if (ledger_flush(p->ledger, err) < 0)
		return -1;
	p->ledger->written++;
	return out_record(p->out, record, err);
}

static int settle(struct loop *l, struct buf *err)
{
	struct pipe *p = l->p;

	if (p->idle && p->idle(l->ctx, err) < 0)
		return -1;
	return ledger_flush(p->ledger, err) < 0 ? -1 : out_flush(p->out, err);
}

static bool pauses(struct loop *l)
{
	return !lines_ready(&l->p->in) && (!l->p->pauses || l->p->pauses(l->ctx));
}

static int refuse(struct loop *l, enum event_fault fault, struct buf *err)
{
	struct pipe *p = l->p;

	return ledger_reject(
		p->ledger, fault, l->why.s, p->in.name, p->in.number, p->in.offset, p->in.raw, err);
}

static int one(struct loop *l, struct str line, struct buf *err)
{
	enum event_fault fault = FAULT_JSON;
	int status;

	if (!str_trim(line).len)
		return 0;
	buf_clear(&l->why);
	if (event_read(&l->ev, line, true, &fault, &l->why) < 0) {
		l->strange += fault == FAULT_JSON || fault == FAULT_RECORD;
		return refuse(l, fault, err);
	}
	status = l->each(l->ctx, &l->ev, &l->why);
	if (status == PIPE_REFUSE)
		return refuse(l, l->p->fault, err);
	if (status < 0) {
		buf_put(err, buf_str(&l->why));
		return -1;
	}
	ledger_read(l->p->ledger);
	return 0;
}

static int one_file(struct loop *l, const char *path, struct follow *follow, struct buf *err)
{
	struct lines *in = &l->p->in;
	struct str line;
	int status;

	if (lines_open(in, path, l->p->max_line, err) < 0)
		return -1;
	progress_file(&l->p->ledger->progress, in->fd, l->p->ledger->read);
	status = follow ? follow_lines(follow, in, err) : 0;
	while (status == 0) {
		if (l->p->follow && stop_asked())
			break;
		if (pauses(l) && settle(l, err) < 0) {
			status = -1;
			break;
		}
		status = lines_next(in, &line, err);
		if (status <= 0)
			break;
		if (follow && follow->stopped) {
			status = 0;
			break;
		}
		status = status == LINES_LONG ? ledger_reject_long(l->p->ledger, in, err)
					      : one(l, line, err);
	}
	lines_close(in);
	return status;
}

static int follow_file(struct loop *l, struct buf *err)
{
	struct pipe *p = l->p;
	struct follow f;
	int status = 0;

	follow_open(&f, p->follow, p->silent ? -1 : p->out->fd);
	while (status == 0 && !f.stopped && !stop_asked())
		status = one_file(l, p->follow, &f, err);
	follow_close(&f);
	/* All that was read is in the log: it was before the wait began. */
	if (status == 0 && f.gone)
		die_unread();
	return status;
}

/* Most likely an export was given where its records were meant. */
static void tell_strange(const struct loop *l)
{
	if (l->strange >= STRANGE && l->strange == l->p->ledger->read)
		warn("none of the lines is a record: jnorm makes records of exports");
}

static int look(const char *path, struct buf *err)
{
	struct stat st;
	int why = 0;

	if (strcmp(path, "-") == 0)
		return 0;
	if (stat(path, &st) < 0 || access(path, R_OK) < 0)
		why = errno;
	else if (S_ISDIR(st.st_mode))
		why = EISDIR;
	if (why)
		buf_printf(err, "%s: %s", path, strerror(why));
	return why ? -1 : 0;
}

int pipe_look(char *const *paths, size_t n, const char *follow, struct buf *err)
{
	for (size_t i = 0; i < n; i++)
		if (look(paths[i], err) < 0)
			return -1;
	return follow ? look(follow, err) : 0;
}

/* Letters about a file that are added to it would be read, and refused, for ever. */
static int look_at_letters(const struct pipe *p, const char *path, struct buf *err)
{
	struct stat in;

	if (!p->ledger->letters ||
		(strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &in) : stat(path, &in)) < 0 ||
		!out_is(&p->ledger->file, &in))
		return 0;
	buf_printf(err, "%s: it is read, and cannot take rejected records as well",
		p->ledger->file.name);
	return -1;
}

int pipe_run(struct pipe *p, char *const *paths, size_t n,
	int (*each)(void *ctx, struct event *ev, struct buf *err), void *ctx, struct buf *err)
{
	struct loop l = {.p = p, .each = each, .ctx = ctx, .why = BUF_INIT};
	int status = 0;

	if (pipe_look(paths, n, p->follow, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (look_at_letters(p, paths[i], err) < 0)
			return -1;
	if ((p->follow || !n) && look_at_letters(p, p->follow ? p->follow : "-", err) < 0)
		return -1;
	if (p->follow)
		stop_catch();
	event_init(&l.ev);
	for (size_t i = 0; i < n && status == 0; i++)
		status = one_file(&l, paths[i], NULL, err);
	if (p->follow && status == 0)
		status = follow_file(&l, err);
	else if (!n)
		status = one_file(&l, "-", NULL, err);
	if (status == 0)
		status = settle(&l, err);
	tell_strange(&l);
	event_release(&l.ev);
	buf_release(&l.why);
	return status;
}
