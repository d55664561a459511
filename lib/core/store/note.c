#include "core/store/note.h"
#include "base/when.h"
#include "core/store/batch.h"
#include "io/json.h"

#define ID_SIZE 16

void note_begin(struct buf *out, const char *type, int64_t now, struct str source)
{
	unsigned char id[ID_SIZE];
	char time[WHEN_TEXT];

	random_bytes(id, sizeof(id));
	when_format(now, time);
	buf_puts(out, "{\"specversion\":\"1.0\",\"id\":\"");
	hash_hex(out, id, sizeof(id));
	buf_puts(out, "\",\"source\":");
	json_put_string(out, source);
	buf_printf(out, ",\"type\":\"%s\",\"time\":\"%s\"", type, time);
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
