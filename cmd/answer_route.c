/* jsh's route: apart, since who chooses metrics and who chooses rules both call it a choice. */
#include "answer.h"
#include "base/die.h"
#include "stage/route.h"

#include <sys/mman.h>
#include <unistd.h>

/* The record in a file that is gone with its descriptor, under a name that can be opened. */
static int keep_record(const struct buf *record, struct buf *path, struct buf *err)
{
	int fd = memfd_create("event", MFD_CLOEXEC);
	struct out o = {.fd = fd, .name = "event", .pending = BUF_INIT};

	buf_printf(path, "/proc/self/fd/%d", fd);
	if (out_put(&o, buf_str(record), err) < 0 || out_flush(&o, err) < 0) {
		close(fd);
		fd = STORE_ERROR;
	}
	buf_release(&o.pending);
	return fd;
}

static int route_record(
	struct answers *a, struct rules *rules, const struct buf *record, struct buf *err)
{
	struct route r = {.rules = rules,
		.ontology = a->sh.ontology,
		.db = a->db,
		.wait_ms = a->wait_ms,
		.show = a->sh.format == SHELL_TABLE ? ROUTE_TOLD : ROUTE_EXPLAINED,
		.colour = a->colour && a->sh.format == SHELL_TABLE};
	struct buf path = BUF_INIT, later = BUF_INIT;
	struct ledger ledger;
	int fd = keep_record(record, &path, err), status;

	status = fd < 0 ? STORE_ERROR : ledger_open(&ledger, NULL, true, err);
	if (status < 0)
		goto out;
	r.pipe = (struct pipe){.ledger = &ledger, .out = a->sh.out, .max_line = record->len + 1};
	status = route(&r, (char *const[]){path.s}, 1, err);
	if (status == 0 && ledger.written == 0)
		status = 1;
	if (r.passed_over)
		warn("what did not come in is not routed");
	ledger_close(&ledger, NULL, &later);
out:
	if (fd >= 0)
		close(fd);
	buf_release(&path);
	buf_release(&later);
	return status;
}

int answer_route(struct answers *a, char **w, size_t n, struct buf *err)
{
	struct buf record = BUF_INIT;
	struct rules *rules;
	int64_t seq = 0;
	int status = answer_no_csv(a, "a decision", err);

	if (status == 0 && n > 1 && (!str_int(str_of(w[1]), &seq) || seq < 1)) {
		buf_printf(err, "not a sequence: %s", w[1]);
		status = STORE_ERROR;
	}
	rules = status == 0 ? rules_read(w[0], a->sh.ontology, err) : NULL;
	status = rules ? shell_record(&a->sh, seq, &record, err) : STORE_ERROR;
	buf_byte(&record, '\n');
	if (status == 0)
		status = route_record(a, rules, &record, err);
	if (rules)
		rules_free(rules);
	buf_release(&record);
	return status;
}
