/* An ontology, and behind a line ===== another version of it: both are read, checked and compared.
 */
#include "fuzz.h"
#include "stage/revise.h"
#include "stage/vocabulary.h"

#include <fcntl.h>

/* A folder whose ontology.yaml has these bytes; one for each of the two. */
struct folder {
	char path[40], file[64];
	int fd;
};

static struct folder folders[2];

static void leave(void)
{
	for (int i = 0; i < 2; i++)
		if (folders[i].fd) {
			unlink(folders[i].file);
			rmdir(folders[i].path);
		}
}

static const char *folder_with(struct folder *f, struct str bytes)
{
	if (!f->fd) {
		char target[64];

		if (!folders[0].fd && !folders[1].fd)
			atexit(leave);
		f->fd = memfd_create("ontology", 0);
		snprintf(f->path, sizeof(f->path), "/tmp/fuzz-ontology-XXXXXX");
		FUZZ_CHECK(mkdtemp(f->path) != NULL);
		snprintf(f->file, sizeof(f->file), "%s/ontology.yaml", f->path);
		snprintf(target, sizeof(target), "/proc/self/fd/%d", f->fd);
		FUZZ_CHECK(symlink(target, f->file) == 0);
	}
	FUZZ_CHECK(ftruncate(f->fd, 0) == 0);
	FUZZ_CHECK(pwrite(f->fd, bytes.s, bytes.len, 0) == (ssize_t)bytes.len);
	return f->path;
}

static void tell(const struct revision *r, const struct findings *f)
{
	static struct out out = {.fd = -1, .name = "output", .pending = BUF_INIT};
	struct buf err = BUF_INIT;

	if (out.fd < 0)
		out.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	for (int table = 0; table < 2; table++) {
		if (f)
			FUZZ_CHECK(vocabulary_tell(f, table, &out, &err) == 0);
		if (r)
			FUZZ_CHECK(revise_tell(r, table, &out, &err) == 0);
	}
	FUZZ_CHECK(out_flush(&out, &err) == 0);
	buf_release(&err);
}

/* It is read, or a check says why not. */
static struct ontology *read_one(const char *folder)
{
	struct findings f = {NULL, 0, 0};
	struct buf err = BUF_INIT;
	struct ontology *o = ontology_read(folder, &err);

	FUZZ_CHECK(o || err.len > 0);
	buf_clear(&err);
	if (vocabulary_check(folder, &f, &err) == 0) {
		FUZZ_CHECK(o || findings_count(&f, FINDING_ERROR) > 0);
		for (size_t i = 0; i < f.n; i++)
			FUZZ_CHECK(*f.v[i].reason && *f.v[i].file);
		tell(NULL, &f);
	} else {
		FUZZ_CHECK(!o && err.len > 0);
	}
	for (size_t i = 0; o && i < o->intent_n; i++) {
		const struct intent *as = ontology_intent(o, str_of(o->intents[i].id));

		FUZZ_CHECK(as && as->reading == as);
	}
	findings_release(&f);
	buf_release(&err);
	return o;
}

static void compare(const struct ontology *old, const struct ontology *new)
{
	struct revision r = {.old = NULL};
	struct buf err = BUF_INIT;

	if (revise(&r, old, new, &err) == 0) {
		FUZZ_CHECK(old != new || (r.n == 0 && revise_enough(&r)));
		tell(&r, NULL);
	} else {
		FUZZ_CHECK(err.len > 0);
	}
	revise_release(&r);
	buf_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest, first = fuzz_split((struct str){(const char *)data, size}, &rest);
	struct ontology *old = read_one(folder_with(&folders[0], first));
	struct ontology *new = rest.len ? read_one(folder_with(&folders[1], rest)) : NULL;

	if (old)
		compare(old, old);
	if (old && new)
		compare(old, new);
	ontology_free(old);
	ontology_free(new);
	return 0;
}
