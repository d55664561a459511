/* A journey file without a name: what is open stays when its names are taken away. */
#include "core/store/store.h"
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void unname(const char *folder, const char *path)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	struct buf name = BUF_INIT;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		buf_clear(&name);
		buf_printf(&name, "%s%s", path, suffixes[i]);
		unlink(name.s);
	}
	rmdir(folder);
	buf_release(&name);
}

int store_temporary(struct store **out, struct buf *err)
{
	const char *given = getenv("TMPDIR"), *parent = given && *given ? given : "/tmp";
	struct buf folder = BUF_INIT, path = BUF_INIT;
	int status;

	*out = NULL;
	buf_printf(&folder, "%s/jtools.XXXXXX", parent);
	if (!mkdtemp(folder.s)) {
		buf_printf(err, "%s: %s", parent, strerror(errno));
		buf_release(&folder);
		return STORE_ERROR;
	}
	buf_printf(&path, "%s/journey.db", folder.s);
	status = store_open(out, path.s, STORE_CREATE, STORE_WAIT_DEFAULT, err);
	unname(folder.s, path.s);
	buf_release(&folder);
	buf_release(&path);
	return status;
}
