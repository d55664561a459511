#include "stage/info.h"
#include "base/text.h"
#include "base/when.h"
#include "core/store/backup.h"
#include "core/store/count.h"
#include "core/store/erase.h"
#include "core/store/scan.h"

static int put_source(void *ctx, const char *source, int64_t records, struct buf *err)
{
	(void)err;
	buf_printf(ctx, "source: %s %lld\n", source, (long long)records);
	return 0;
}

static int put_nobody(void *ctx, const char *name, bool shared, int64_t count, struct buf *err)
{
	(void)err;
	buf_printf(ctx, "%s: %s %lld\n", shared ? "shared" : "placeholder", name, (long long)count);
	return 0;
}

static int put_reader(void *ctx, const char *name, int64_t seq, struct buf *err)
{
	(void)err;
	buf_printf(ctx, "checkpoint: %s %lld\n", name, (long long)seq);
	return 0;
}

static int put_backup(void *ctx, const char *path, struct buf *err)
{
	(void)err;
	buf_printf(ctx, "backup: %s\n", path);
	return 0;
}

static int put_held(void *ctx, int64_t customer, const struct store_row *placed, struct buf *err)
{
	enum event_fault fault;
	struct event ev;
	struct str why;
	int status;

	event_init(&ev);
	status = event_read(&ev, placed->body, false, &fault, err);
	why = status < 0 ? STR("") : event_text(&ev, DATA_REASON);
	buf_printf(ctx, "held: c%lld%s", (long long)customer, why.len ? " " : "");
	text_plain(ctx, why);
	buf_byte(ctx, '\n');
	event_release(&ev);
	return status;
}

static int put_erasures(struct store *s, int64_t records, struct buf *out, struct buf *err)
{
	int64_t pending = 0;
	int status = erase_holds(s, put_held, out, err);

	if (records)
		buf_printf(out, "erased: %lld\n", (long long)records);
	if (status == 0)
		status = erase_pending(s, &pending, err);
	if (pending)
		buf_puts(out, "erasure unfinished: jlog forget or jlog expire finishes it\n");
	return status;
}

/* The rules by which people are joined: their name, and how many may share one of a kind. */
static int put_rules(struct store *s, struct buf *out, struct buf *err)
{
	struct buf text = BUF_INIT;
	size_t lines = 0;
	int status = store_about(s, "identity", &text, err);

	buf_puts(out, text.len ? "identity: " : "");
	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.s[i] == '\n')
			buf_puts(out, lines++ ? ", " : "; ");
		else
			buf_byte(out, text.s[i]);
	buf_puts(out, text.len ? "\n" : "");
	buf_release(&text);
	return status;
}

static void put_time(struct buf *out, const char *name, int64_t ms)
{
	char text[WHEN_TEXT];

	when_format(ms, text);
	buf_printf(out, "%s: %s\n", name, text);
}

static int account(struct store *s, struct buf *out, struct buf *err)
{
	struct buf ontology = BUF_INIT;
	struct store_counts n = {0};
	int64_t from = 0, to = 0;
	int status = store_counts(s, &n, err);

	if (status == 0)
		status = store_begin_time(s, &from, err);
	if (status == 0)
		status = store_horizon(s, &to, err);
	if (status == 0)
		status = store_about(s, "ontology", &ontology, err);
	if (status < 0)
		goto out;
	buf_printf(out,
		"records: %lld\nsessions: %lld\ncustomers: %lld\nidentifiers: %lld\nbytes: %lld\n",
		(long long)n.records, (long long)n.sessions, (long long)n.customers,
		(long long)n.identifiers, (long long)n.bytes);
	if (n.records) {
		put_time(out, "first event", from);
		put_time(out, "horizon", to);
	}
	status = store_sources(s, put_source, out, err);
	if (status == 0)
		status = store_nobodies(s, put_nobody, out, err);
	if (status == 0)
		status = place_each(s, put_reader, out, err);
	if (status == 0)
		status = backup_each(s, put_backup, out, err);
	if (status == 0)
		status = put_erasures(s, n.erased, out, err);
	if (status == 0)
		status = put_rules(s, out, err);
	if (ontology.len)
		buf_printf(out, "facts: %s, %lld customers waiting\n", ontology.s,
			(long long)n.touched);
	else
		buf_puts(out, "facts: none yet (jproject update makes them)\n");
out:
	buf_release(&ontology);
	return status;
}

int info(struct store *s, struct out *out, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status = account(s, &text, err);

	if (status == 0)
		status = out_put(out, buf_str(&text), err);
	buf_release(&text);
	return status;
}
