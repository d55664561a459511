/* Two connections that stand on one snapshot, so that two threads can read. */
#include "core/store/internal.h"

#include <unistd.h>

static bool has_moved(struct store *s)
{
	int moved = 0;

	return sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK ||
	       moved;
}

void store_open_beside(struct store *s, struct store **out)
{
	struct buf err = BUF_INIT;

	*out = NULL;
	if (s->aside || s->nameless || sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return;
	if (store_open(out, s->path, STORE_READ, s->wait_ms, &err) == 0 && has_moved(s)) {
		store_close(*out);
		*out = NULL;
	}
	buf_release(&err);
}

#define SNAPSHOTS 10 /* tries for two connections to stand on one */

/* What beside saw before the first began to read is what it sees after: nothing was committed
 * meanwhile. */
static int read_both(struct store *s, struct store *beside, bool *same, struct buf *err)
{
	struct buf why = BUF_INIT;
	int64_t before;
	bool seen = store_version(beside, &before, &why) == 0;
	int status = store_read_begin(s, err);

	if (status == 0) {
		*same = store_read_begin(beside, &why) == 0 && seen && beside->version == before;
		if (!*same)
			store_read_end(beside);
	}
	buf_release(&why);
	return status;
}

int store_read_both(struct store *s, struct store *beside, bool *same, struct buf *err)
{
	*same = false;
	for (int i = 0; beside && i < SNAPSHOTS; i++) {
		int status = read_both(s, beside, same, err);

		if (status < 0 || *same)
			return status;
		store_read_end(s);
	}
	return store_read_begin(s, err);
}
