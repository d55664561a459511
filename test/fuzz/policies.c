/* A policy file: what is read rules on any event, and is checked by cases of its own. */
#include "decided.h"
#include "core/policy.h"

static void rule(void *ctx, const struct event *ev, const struct context *x)
{
	struct policies *p = ctx;
	struct ruling r;

	ruling_init(&r);
	policies_rule(p, ev, x, &r);
	FUZZ_CHECK(r.by_n <= policies_count(p) && json_utf8(buf_str(&r.inputs)));
	ruling_release(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file((struct str){(const char *)data, size});
	struct findings f = {NULL, 0, 0};
	struct buf err = BUF_INIT;
	struct policies *p = policies_read(&path, 1, decided_ontology(), &err);

	FUZZ_CHECK(p || err.len > 0);
	if (p) {
		decided_each(rule, p);
		policies_check(p, &f);
		for (size_t i = 0; i < f.n; i++)
			FUZZ_CHECK(*f.v[i].reason && *f.v[i].file);
	}
	findings_release(&f);
	policies_free(p);
	buf_release(&err);
	return 0;
}
