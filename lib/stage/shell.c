#include "stage/shell.h"
#include "base/hash.h"
#include "base/when.h"
#include "core/journey.h"
#include "core/store/identities.h"
#include "core/store/past.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

int shell_customer(struct shell *s, const char *text, struct buf *err)
{
	int64_t found = 0;
	int status = 0;

	if (strcmp(text, "-") != 0) {
		status = store_read_begin(s->store, err);
		if (status == 0)
			status = identity_customer(s->store, text, s->as_of, &found, err);
		store_read_end(s->store);
	}
	if (status == 0)
		s->customer = found;
	return status;
}

int shell_as_of(struct shell *s, const char *text, struct buf *err)
{
	int64_t seq = 0, last = 0, when;
	int status = store_last(s->store, &last, err);

	if (status < 0)
		return status;
	if (strcmp(text, "now") == 0) {
		s->as_of = INT64_MAX;
		return 0;
	}
	if (!str_int(str_of(text), &seq)) {
		if (when_option(text, &when, err) < 0)
			return STORE_ERROR;
		status = past_place(s->store, when, &seq, err);
	}
	if (status == 0 && (seq < 0 || seq > last)) {
		buf_printf(err, "%s: the log ends at %lld", text, (long long)last);
		status = STORE_ERROR;
	}
	if (status == 0)
		s->as_of = seq;
	return status;
}

static int take_time(const char *text, bool *has, int64_t *ms, struct buf *err)
{
	if (strcmp(text, "-") == 0) {
		*has = false;
		return 0;
	}
	if (when_option(text, ms, err) < 0)
		return STORE_ERROR;
	*has = true;
	return 0;
}

int shell_since(struct shell *s, const char *text, struct buf *err)
{
	return take_time(text, &s->has_since, &s->since, err);
}

int shell_until(struct shell *s, const char *text, struct buf *err)
{
	return take_time(text, &s->has_until, &s->until, err);
}

/* A day where the time is a midnight of the zone, else with the minute. */
static void put_time(struct buf *out, bool has, int64_t ms)
{
	struct civil c;

	if (!has)
		return;
	local_civil(ms, &c, NULL);
	buf_printf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
	if (c.hour || c.minute)
		buf_printf(out, "T%02d:%02d", c.hour, c.minute);
}

void shell_standing(const struct shell *s, struct buf *out)
{
	size_t place = out->len;

	if (s->customer)
		buf_printf(out, "c%lld", (long long)s->customer);
	if (s->has_since || s->has_until) {
		buf_puts(out, out->len > place ? " " : "");
		put_time(out, s->has_since, s->since);
		buf_puts(out, "..");
		put_time(out, s->has_until, s->until);
	}
	if (s->as_of != INT64_MAX)
		buf_printf(out, "%sas of %lld", out->len > place ? " " : "", (long long)s->as_of);
}

/* ---- history ---- */

static int make_folder(const char *path, struct buf *err)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	buf_printf(err, "%s: %s", path, strerror(errno));
	return STORE_ERROR;
}

/* By the file's real path, so that files of one name keep apart. */
static void put_digest(struct buf *out, const char *path)
{
	struct hash *h = hash_new();
	char *real = realpath(path, NULL);
	unsigned char digest[HASH_SIZE];

	hash_begin(h);
	hash_add_part(h, str_of(real ? real : path));
	hash_end(h, digest);
	hash_hex(out, digest, 8);
	free(real);
	hash_free(h);
}

int shell_history(const struct shell *s, struct buf *path, struct buf *err)
{
	static const char *const home_folders[] = {"/.local", "/state"};
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int status = 0;

	if (state && state[0] == '/') {
		buf_puts(path, state);
		status = make_folder(path->s, err);
	} else if (home && *home) {
		buf_puts(path, home);
		for (size_t i = 0; i < 2 && status == 0; i++) {
			buf_puts(path, home_folders[i]);
			status = make_folder(path->s, err);
		}
	} else {
		buf_puts(err, "neither $XDG_STATE_HOME nor $HOME is set");
		return STORE_ERROR;
	}
	buf_puts(path, "/jtools");
	if (status == 0)
		status = make_folder(path->s, err);
	buf_puts(path, "/jsh-");
	put_digest(path, store_name(s->store));
	return status;
}
