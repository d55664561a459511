/* A rule file: what is read decides on any event, or says why not, and is checked. */
#include "decided.h"
#include "core/rules.h"
#include "stage/route_check.h"

#include <fcntl.h>

static void choose(void *ctx, const struct event *ev, const struct context *x)
{
	struct rules *r = ctx;
	struct candidates all = {.v = NULL};
	const double draw[2] = {0.25, 0.75};
	struct buf err = BUF_INIT;
	struct choice c;

	if (rules_choose(r, ev, x, &c, &err) == 0)
		FUZZ_CHECK(c.rule && c.target.queue && c.reason_n <= RULES_REASONS);
	else
		FUZZ_CHECK(err.len > 0);
	buf_clear(&err);
	if (rules_explore(r, ev, x, 0.5, draw, &c, &all, &err) == 0)
		FUZZ_CHECK(c.rule && all.propensity > 0 && all.propensity <= 1);
	else
		FUZZ_CHECK(err.len > 0);
	free(all.v);
	buf_release(&err);
}

static void check(const char *path, bool good)
{
	static struct out out = {.fd = -1, .name = "output", .pending = BUF_INIT};
	struct route_check c = {.path = path, .ontology = decided_ontology(), .out = &out};
	struct buf err = BUF_INIT;
	int status;

	if (out.fd < 0)
		out.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	status = route_check(&c, &err);
	FUZZ_CHECK(status >= 0 || err.len > 0);
	FUZZ_CHECK(good || status != 0);
	FUZZ_CHECK(out_flush(&out, &err) == 0);
	buf_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file((struct str){(const char *)data, size});
	struct buf err = BUF_INIT;
	struct rules *r = rules_read(path, decided_ontology(), &err);

	FUZZ_CHECK(r || err.len > 0);
	check(path, r != NULL);
	if (r) {
		for (size_t i = 0; i < rules_count(r); i++)
			FUZZ_CHECK(rules_at(r, i)->target.priority >= 1);
		decided_each(choose, r);
		rules_free(r);
	}
	buf_release(&err);
	return 0;
}
