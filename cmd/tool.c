#include "tool.h"
#include "base/die.h"
#include "base/near.h"
#include "base/when.h"
#include "core/store/identities.h"
#include "core/store/past.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int tool_status(int status, struct buf *err)
{
	status = store_overtaken(status, err);
	if (status < 0)
		warn("%s", err->s);
	buf_release(err);
	return status >= 0 ? EXIT_DONE : status == STORE_BUSY ? EXIT_BUSY : EXIT_STOPPED;
}

struct ontology *tool_ontology(const char *folder)
{
	struct buf err = BUF_INIT;
	struct ontology *o = ontology_read(folder, &err);

	if (!o)
		die("%s", err.s);
	return o;
}

void tool_await(int argc)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

	if (argc == 0)
		poll(&p, 1, -1);
}

/* Who has no journey file yet is told how one comes to be. */
static void tell_first(void)
{
	warn("a log makes it of exports: jnorm EXPORT ... | jintent | jlog append");
	warn("then ask again, or name another file with -d; the tour: man jtools");
}

struct store *tool_store(const char *path, enum store_mode mode, int64_t wait_ms)
{
	struct buf err = BUF_INIT;
	struct store *s;
	int status = store_open(&s, store_path(path), mode, wait_ms, &err);

	if (status < 0) {
		int code = tool_status(status, &err);

		if (!path && access(store_path(path), F_OK) < 0 && errno == ENOENT)
			tell_first();
		_exit(code);
	}
	if (store_moved(s))
		warn("%s: moved forward from an earlier version; as it was it is kept in %s",
			store_name(s), store_moved(s));
	return s;
}

struct store *tool_writable(const char *path, int64_t wait_ms)
{
	struct store *s = tool_store(path, STORE_READ, wait_ms);

	if (!store_writable(s))
		return s;
	store_close(s);
	return tool_store(path, STORE_WRITE, wait_ms);
}

static bool is_database(const char *path)
{
	static const char magic[] = "SQLite format 3";
	char head[sizeof(magic)] = "";
	FILE *f = fopen(path, "re");
	bool is = f && fread(head, 1, sizeof(head), f) == sizeof(head) &&
		  memcmp(head, magic, sizeof(magic)) == 0;

	if (f)
		fclose(f);
	return is;
}

void tool_no_database(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (is_database(argv[i]))
			die("not expected: %s (a journey file goes with -d)", argv[i]);
}

void tool_no_operands(int argc, char **argv)
{
	tool_no_database(argc, argv);
	if (argc)
		die("not expected: %s", argv[0]);
}

const char *tool_whom(const char *customer)
{
	if (!customer)
		die("whom? --customer C");
	return customer;
}

int64_t tool_customer(struct store *s, const char *text, int64_t as_of)
{
	struct buf err = BUF_INIT;
	int64_t found = 0;
	int status = store_read_begin(s, &err);

	if (status == 0)
		status = identity_customer(s, text, as_of, &found, &err);
	store_read_end(s);
	if (status < 0)
		exit(tool_status(status, &err));
	return found;
}

int64_t tool_place(struct store *s, const char *text)
{
	struct buf err = BUF_INIT;
	int64_t seq = 0, last = 0, when;
	int status = store_last(s, &last, &err);

	if (status == 0 && !str_int(str_of(text), &seq)) {
		if (when_option(text, &when, &err) < 0)
			die("%s: %s", text, err.s);
		status = past_place(s, when, &seq, &err);
	}
	if (status < 0)
		exit(tool_status(status, &err));
	if (seq < 0 || seq > last)
		die("%s: the log ends at %lld", text, (long long)last);
	return seq;
}

void tool_zone(const char *zone)
{
	struct buf err = BUF_INIT;

	if (zone && when_zone(zone, &err) < 0)
		die("%s", err.s);
}

void tool_times(const struct command *c)
{
	struct buf err = BUF_INIT;

	if (opt_times(c, &err) < 0)
		die("%s", err.s);
}

int tool_finish(int status, struct out *out, struct buf *err)
{
	struct buf later = BUF_INIT;
	int code = tool_status(status, err);

	if (out_close(out, &later) < 0 && code == EXIT_DONE)
		return tool_status(STORE_ERROR, &later);
	buf_release(&later);
	return code == EXIT_DONE && status > 0 ? EXIT_NO : code;
}

int tool_close(
	int status, struct out *out, struct ledger *ledger, const char *more, struct buf *err)
{
	int code = tool_status(status, err);
	struct buf later = BUF_INIT;

	if (out && out_close(out, &later) < 0 && code == EXIT_DONE)
		code = tool_status(STORE_ERROR, &later);
	if (code != EXIT_DONE)
		ledger_settle(ledger, out);
	buf_clear(&later);
	if (ledger_close(ledger, more, &later) < 0 && code == EXIT_DONE)
		code = tool_status(STORE_ERROR, &later);
	buf_release(&later);
	return code == EXIT_DONE ? ledger_exit(ledger) : code;
}

bool tool_dash(int *argc, char **argv)
{
	int kept = 0;

	for (int i = 0; i < *argc; i++)
		if (strcmp(argv[i], "-") != 0)
			argv[kept++] = argv[i];
	if (kept == *argc)
		return false;
	*argc = kept;
	return true;
}

void tool_verb_slip(const struct verb *verbs, const char *name)
{
	struct buf meant = BUF_INIT;
	struct near near;

	if (access(name, F_OK) == 0)
		return;
	near_begin(&near, str_of(name));
	for (const struct verb *v = verbs; v->name; v++)
		near_see(&near, v->name);
	near_put(&near, "", &meant);
	if (meant.len)
		die("%s: no such file, and no such verb (did you mean %s?)", name, meant.s);
	buf_release(&meant);
}
