#include "core/store/note.h"
#include "base/when.h"
#include "core/store/batch.h"
#include "core/store/internal.h"
#include "io/json.h"

#define ID_SIZE 12 /* bytes of the digest */

static void put_id(struct store *s, struct str type, int64_t seq, struct buf *out)
{
	struct str parts[2] = {type, {(const char *)&seq, sizeof(seq)}};
	struct cache_key key = store_digest(s, parts, 2);

	buf_put(out, type);
	buf_byte(out, '-');
	hash_hex(out, (const unsigned char *)&key, ID_SIZE);
}

void note_begin(struct store *s, struct buf *out, const char *type, int64_t now, struct str source)
{
	char time[WHEN_TEXT];

	when_format(now, time);
	buf_puts(out, "{\"specversion\":\"1.0\",\"id\":\"");
	put_id(s, str_of(type), s->now + 1, out);
	buf_puts(out, "\",\"source\":");
	json_put_string(out, source);
	buf_printf(out, ",\"type\":\"%s\",\"time\":\"%s\"", type, time);
}

bool note_own(struct store *s, struct str type, struct str id, int64_t seq)
{
	struct buf own = BUF_INIT;
	bool is;

	put_id(s, type, seq, &own);
	is = str_eq(id, buf_str(&own));
	buf_release(&own);
	return is;
}

int note_add(struct store *s, const struct ontology *o, struct str line, int64_t now,
	struct buf *out, struct buf *err)
{
	struct batch *b = batch_new(s, o);
	struct event ev;
	enum event_fault fault;
	int status = 0;

	event_init(&ev);
	if (event_read(&ev, line, false, &fault, err) < 0 || batch_take(b, &ev, err) < 0)
		status = STORE_ERROR;
	if (status == 0) {
		batch_seal(b);
		status = batch_write(b, now, err);
	}
	if (status == 0)
		status = batch_record(b, 0, now, out, err);
	buf_byte(out, '\n');
	event_release(&ev);
	batch_free(b);
	return status;
}

int note_end(struct store *s, int status, struct buf *err)
{
	if (status == 0)
		return store_commit(s, err);
	store_rollback(s);
	return status;
}
