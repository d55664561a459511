#include "stage/replay.h"
#include "base/die.h"
#include "base/when.h"

#include <time.h>

#define PIECE_BYTES ((size_t)256 << 10)
#define KEEP_MS 200   /* at least between two moves of a position, each of which costs a sync */
#define LEAVE_MS 2000 /* that a reader is waited for when we are asked to stop */

struct run {
	const struct replay *r;
	struct store *s;
	struct scan *scan;
	struct out *out;
	struct ledger *ledger;
	struct buf text; /* of the piece, in whole lines */
	uint64_t records;
	int64_t kept, kept_at; /* the position on file, and when it was put there */
};

static int take_row(void *ctx, const struct store_row *row, int64_t customer, struct buf *err)
{
	struct run *run = ctx;

	(void)err;
	store_record(&run->text, row->body, customer, row->seq, row->recorded);
	buf_byte(&run->text, '\n');
	run->records++;
	return run->text.len >= PIECE_BYTES ? SCAN_ENOUGH : 0;
}

static int put_piece(struct run *run, struct buf *err)
{
	int status;

	for (uint64_t i = 0; i < run->records; i++)
		out_begin(run->out);
	run->ledger->read += run->records;
	run->ledger->written += run->records;
	status = out_put(run->out, buf_str(&run->text), err);
	run->records = 0;
	buf_clear(&run->text);
	return status;
}

/* Waits until the reader has taken all, where it has to be known; else looks. */
static bool taken(struct run *run, bool wait)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	int64_t stop = 0;
	bool gone;

	while (!watch_taken(run->out->fd, &gone)) {
		if (gone)
			die_unread();
		if (!wait)
			return false;
		if (stop_asked() && !stop)
			stop = when_steady() + LEAVE_MS;
		if (stop && when_steady() > stop)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/* Moves the position to what was read, where that has arrived. */
static int keep(struct run *run, bool now, struct buf *err)
{
	int64_t at = scan_at(run->scan);
	int status;

	if (!run->r->place || at <= run->kept || (!now && when_steady() - run->kept_at < KEEP_MS))
		return 0;
	status = out_flush(run->out, err);
	if (status < 0 || !taken(run, now || !run->r->live))
		return status;
	status = out_sync(run->out, err);
	if (status == 0)
		status = place_put(run->s, run->r->place, at, err);
	if (status == 0) {
		run->kept = at;
		run->kept_at = when_steady();
	}
	return status;
}

static int pieces(struct run *run, struct buf *err)
{
	bool more = true;
	int status = 0;

	while (more && status == 0 && !stop_asked()) {
		status = scan_piece(run->scan, take_row, run, &more, err);
		if (status == 0)
			status = put_piece(run, err);
		if (status == 0 && run->r->live)
			status = out_flush(run->out, err);
		if (status == 0)
			status = keep(run, false, err);
	}
	return status;
}

static int go_on(struct run *run, struct buf *err)
{
	struct watch w;
	bool moved;
	int status;

	watch_open(&w, run->out->fd, true);
	stop_catch();
	status = scan_watch(run->scan, &w, err);
	while (status == 0 && !scan_over(run->scan)) {
		bool waits = run->r->place && scan_at(run->scan) > run->kept;
		enum watch_sign sign;

		status = scan_renew(run->scan, &moved, err);
		if (status == 0)
			status = pieces(run, err);
		if (status < 0 || scan_over(run->scan))
			break;
		sign = watch_wait(&w, waits ? KEEP_MS : -1);
		if (sign == WATCH_GONE)
			die_unread();
		if (sign == WATCH_STOP)
			break;
		status = keep(run, false, err);
	}
	watch_close(&w);
	return status;
}

/* Where to begin: behind the position that was kept, else at the last ones. */
static int find_begin(struct run *run, struct buf *err)
{
	const struct replay *r = run->r;
	int status = r->place ? place_get(run->s, r->place, &run->kept, err) : 0;

	if (status < 0)
		return status;
	if (run->kept)
		scan_skip(run->scan, run->kept);
	else if (r->last >= 0)
		status = scan_last(run->scan, r->last, err);
	return status;
}

static bool is_word(const char *words, const char *name)
{
	size_t n = strlen(name), k;

	for (; *words; words += k + (words[k] == ' ')) {
		k = strcspn(words, " ");
		if (k == n && memcmp(words, name, n) == 0)
			return true;
	}
	return false;
}

/* A type that no record has may have been mistaken, as may a session where nothing was written. */
static int tell_none(struct run *run, struct buf *err)
{
	const struct store_range *range = &run->r->range;
	bool has = true, none = !run->ledger->written && range->session;
	int status = none ? scan_has_session(run->scan, &has, err) : 0;

	if (status == 0 && !has)
		warn("no record has the session %s", range->session);
	for (size_t i = 0; i < range->types_n && status == 0; i++) {
		if (is_word(run->r->types, range->types[i]))
			continue;
		status = scan_has_type(run->scan, range->types[i], &has, err);
		if (status == 0 && !has)
			warn("no record has the type %s", range->types[i]);
	}
	return status;
}

static int check_place(struct store *s, const char *name, struct buf *err)
{
	if (*name && store_writable(s))
		return 0;
	if (!*name)
		buf_puts(err, "--checkpoint: no name");
	else
		buf_printf(err, "%s: read-only: no checkpoint can be kept in it", store_name(s));
	return STORE_ERROR;
}

int replay(const struct replay *r, struct store *s, struct out *out, struct ledger *ledger,
	struct buf *err)
{
	struct run run = {.r = r, .s = s, .out = out, .ledger = ledger, .text = BUF_INIT};
	int status = r->place ? check_place(s, r->place, err) : 0;

	if (status == 0)
		status = scan_open(&run.scan, s, &r->range, err);
	if (status == 0)
		status = find_begin(&run, err);
	run.kept_at = when_steady();
	if (status == 0)
		status = r->live ? go_on(&run, err) : pieces(&run, err);
	if (status == 0)
		status = keep(&run, true, err);
	if (status == 0 && !ledger->quiet)
		status = tell_none(&run, err);
	scan_free(run.scan);
	buf_release(&run.text);
	return status;
}
