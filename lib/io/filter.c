#include "io/filter.h"
#include "base/when.h"
#include "io/coprocess.h"

/* Until its output ends, or the time. */
static bool talk(struct coprocess *c, int64_t until, size_t most, struct buf *out)
{
	while (!coprocess_done(c)) {
		size_t room = most - (out->len < most ? out->len : most), held;

		if (when_steady() >= until)
			return false;
		coprocess_step(c, -1, until);
		held = coprocess_held(c);
		buf_add(out, c->got.s + c->taken, held < room ? held : room);
		c->taken += held;
	}
	return true;
}

int filter_run(const char *command, struct str input, int64_t timeout_ms, size_t most,
	struct buf *out, struct buf *err)
{
	int64_t until = when_steady() + timeout_ms;
	struct coprocess c;
	struct buf how = BUF_INIT;
	bool good;

	if (coprocess_start(&c, command, err) < 0)
		return -1;
	coprocess_send(&c, input);
	coprocess_finish(&c);
	if (!talk(&c, until, out->len + most, out) || !coprocess_wait(&c, until, &how))
		buf_printf(&how, "no end after %lld ms", (long long)timeout_ms);
	coprocess_end(&c);
	buf_put(err, buf_str(&how));
	good = !how.len;
	buf_release(&how);
	return good ? 0 : -1;
}
