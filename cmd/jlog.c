/* jlog: the append-only log of a journey file. */
#include "tool.h"
#include "base/die.h"
#include "base/mem.h"
#include "base/when.h"
#include "stage/append.h"
#include "stage/forget.h"
#include "stage/info.h"
#include "stage/person.h"
#include "stage/prove.h"
#include "stage/replay.h"
#include "stage/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *db, *reject, *folder, *zone, *customer, *session, *place, *follow, *head, *why,
	*format, *into;
static bool quiet, live, fast, dry_run, release;
static int64_t max_line = LINES_MAX_DEFAULT, wait_ms = STORE_WAIT_DEFAULT, from_seq, to_seq,
	       expect = -1, last = 10, from_size = -1, older_than;
static struct opt_when since, until, recorded_since, recorded_until;
static struct opt_list types;

static int run_append(int argc, char **argv);
static int run_cat(int argc, char **argv);
static int run_tail(int argc, char **argv);
static int run_info(int argc, char **argv);
static int run_head(int argc, char **argv);
static int run_prove(int argc, char **argv);
static int run_check_proof(int argc, char **argv);
static int run_verify(int argc, char **argv);
static int run_fsck(int argc, char **argv);
static int run_forget(int argc, char **argv);
static int run_hold(int argc, char **argv);
static int run_expire(int argc, char **argv);
static int run_person(int argc, char **argv);

static const struct verb verbs[] = {
	{"append", "[file ...]", "take records into the log; pass the new ones on", run_append},
	{"cat", "", "write the log's records", run_cat},
	{"tail", "", "write its last records; with -f go on with each commit", run_tail},
	{"info", "", "tell what the file holds", run_info},
	{"head", "", "write the log's size and root, to be kept elsewhere", run_head},
	{"verify", "", "is the log what was recorded?", run_verify},
	{"fsck", "", "is the whole file sound?", run_fsck},
	{"prove", "[SEQ ...]", "write proofs that records are in the log", run_prove},
	{"check-proof", "[file ...]", "do proofs hold? needs no log", run_check_proof},
	{"forget", "", "erase a customer", run_forget},
	{"hold", "", "keep a customer from being erased", run_hold},
	{"expire", "", "erase customers who were not heard of for long", run_expire},
	{"person", "", "write all that is held about a customer", run_person},
	{NULL, NULL, NULL, NULL},
};

static const struct opt opts[] = {
	TOOL_DB(&db),
	{'q', "quiet", OPT_SET, &quiet, NULL, "no summary on stderr; append: no records on stdout",
		NULL, NULL},
	TOOL_REJECT(&reject, "append"),
	TOOL_MAX_LINE(&max_line, "append"),
	TOOL_WAIT(&wait_ms),
	TOOL_ONTOLOGY(&folder),
	{0, "expect", OPT_COUNT, &expect, "SEQ", "only where the log ends at this sequence",
		"append", NULL},
	{0, "follow", OPT_TEXT, &follow, "FILE", "read a file that grows, until stopped", "append",
		NULL},
	{0, "fast", OPT_SET, &fast, NULL, "sync once, at the end", "append", NULL},
	{'n', "last", OPT_COUNT, &last, "N", "so many of the last records (10)", "tail", NULL},
	{'f', "live", OPT_SET, &live, NULL, "go on with each commit, until stopped", "tail", NULL},
	{0, "checkpoint", OPT_TEXT, &place, "NAME",
		"begin where NAME stopped; keep where this stops", "cat tail", NULL},
	{0, "from", OPT_COUNT, &from_seq, "N", "from this sequence on", "cat tail", NULL},
	{0, "to", OPT_COUNT, &to_seq, "N", "up to this sequence", "cat tail", NULL},
	{0, "since", OPT_WHEN, &since, "TIME", "events at or after", "cat tail", NULL},
	{0, "until", OPT_WHEN, &until, "TIME", "events before", "cat tail", NULL},
	{0, "recorded-since", OPT_WHEN, &recorded_since, "TIME", "recorded at or after", "cat tail",
		NULL},
	{0, "recorded-until", OPT_WHEN, &recorded_until, "TIME", "recorded before", "cat tail",
		NULL},
	{0, "customer", OPT_TEXT, &customer, "C", "one customer: c17, or an identifier",
		"cat tail forget hold person", NULL},
	{0, "session", OPT_TEXT, &session, "NAME", "one session", "cat tail", NULL},
	{0, "type", OPT_LIST, &types, "TYPE",
		"a type of event, or several with commas; may be repeated", "cat tail", NULL},
	{0, "head", OPT_TEXT, &head, "FILE", "a head that was kept elsewhere",
		"verify fsck check-proof", NULL},
	{0, "from-size", OPT_COUNT, &from_size, "N", "prove that the first N records begin the log",
		"prove", NULL},
	{0, "why", OPT_TEXT, &why, "TEXT", "the reason, which is recorded", "forget hold expire",
		NULL},
	{0, "dry-run", OPT_SET, &dry_run, NULL, "tell what would go, and change nothing",
		"forget expire", NULL},
	{0, "release", OPT_SET, &release, NULL, "end a hold", "hold", NULL},
	{0, "older-than", OPT_SPAN, &older_than, "SPAN", "whose last event is older: 24mo",
		"expire", NULL},
	{'o', "output", OPT_TEXT, &format, "FORMAT", "ndjson or vcon", "person", "ndjson vcon"},
	{0, "into", OPT_TEXT, &into, "DIR", "vCons as files in this folder", "person", NULL},
	TOOL_TZ(&zone),
	OPT_END,
};

static const struct command command = {
	"jlog", "", "The append-only log of customer journeys in one SQLite file.", verbs, opts};

static int run_append(int argc, char **argv)
{
	struct append a = {.pass_on = !quiet, .expect = expect, .fast = fast};
	struct ledger ledger;
	struct ontology *o = tool_ontology(folder);
	struct buf err = BUF_INIT;
	struct out out;
	int status;

	out_stdout(&out);
	a.store = tool_store(db, STORE_CREATE, wait_ms);
	a.ontology = o;
	if (ledger_open(&ledger, reject, quiet, &err) < 0)
		die("%s", err.s);
	a.pipe = (struct pipe){
		.ledger = &ledger, .out = &out, .max_line = (size_t)max_line, .follow = follow};
	status = append(&a, argv, (size_t)argc, &err);
	store_close(a.store);
	ontology_free(o);
	status = tool_close(status, &out, &ledger, NULL, &err);
	return a.moved && status == EXIT_STOPPED ? EXIT_NO : status;
}

static void no_operands(int argc, char **argv)
{
	if (argc)
		die("not expected: %s", argv[0]);
}

/* The types that were given, with commas or one by one. For the life of the program. */
static struct opt_list split_types(void)
{
	static struct opt_list all;

	for (size_t i = 0; i < types.n; i++) {
		char *rest = mem_string(types.v[i]), *one;

		while ((one = strsep(&rest, ",")))
			if (*one)
				*VEC_ADD(&all, v, n, cap) = one;
		if (!all.n)
			die("--type: names none");
	}
	return all;
}

static struct store *open_log(void)
{
	struct store *s = tool_store(db, STORE_READ, wait_ms);

	if (!place)
		return s;
	if (!*place)
		die("--checkpoint: no name");
	if (!store_writable(s))
		die("%s: read-only: no checkpoint can be kept in it", store_path(db));
	store_close(s);
	return tool_store(db, STORE_WRITE, wait_ms);
}

static int write_log(struct replay *r)
{
	struct store *s = open_log();
	struct opt_list list = split_types();
	struct ledger ledger;
	struct buf err = BUF_INIT;
	struct out out;
	int status;

	if (customer)
		tool_customer(s, customer);
	out_stdout(&out);
	if (ledger_open(&ledger, NULL, quiet, &err) < 0)
		die("%s", err.s);
	r->place = place;
	r->range = (struct store_range){from_seq, to_seq, since.ms, until.ms, recorded_since.ms,
		recorded_until.ms, since.text, until.text, recorded_since.text, recorded_until.text,
		customer, session, list.v, list.n};
	status = replay(r, s, &out, &ledger, &err);
	store_close(s);
	return tool_close(status, &out, &ledger, NULL, &err);
}

static int run_cat(int argc, char **argv)
{
	no_operands(argc, argv);
	return write_log(&(struct replay){.last = -1});
}

static int run_tail(int argc, char **argv)
{
	no_operands(argc, argv);
	return write_log(&(struct replay){.last = last, .live = live});
}

static int run_info(int argc, char **argv)
{
	struct store *s = tool_store(db, STORE_READ, wait_ms);
	struct buf err = BUF_INIT, text = BUF_INIT;
	struct out out;
	int status;

	no_operands(argc, argv);
	out_stdout(&out);
	status = info(s, &text, &err);
	if (status == 0)
		status = out_put(&out, buf_str(&text), &err);
	if (status == 0)
		status = out_close(&out, &err);
	store_close(s);
	buf_release(&text);
	return tool_status(status, &err);
}

/* What a verb found: EXIT_NO where the answer is no, once it is written. */
static int finish(int status, struct out *out, struct buf *err)
{
	struct buf later = BUF_INIT;
	int code = tool_status(status, err);

	if (out_close(out, &later) < 0 && code == EXIT_DONE)
		return tool_status(STORE_ERROR, &later);
	buf_release(&later);
	return code == EXIT_DONE && status > 0 ? EXIT_NO : code;
}

static int run_head(int argc, char **argv)
{
	struct store *s = tool_store(db, STORE_READ, wait_ms);
	struct buf err = BUF_INIT;
	struct out out;
	int status;

	no_operands(argc, argv);
	out_stdout(&out);
	status = prove_head(s, &out, &err);
	store_close(s);
	return finish(status, &out, &err);
}

/* NULL where no head is given. */
static const struct proof_head *kept_head(void)
{
	static struct proof_head kept;
	struct buf err = BUF_INIT;

	if (head && prove_read_head(head, &kept, &err) < 0)
		die("%s", err.s);
	return head ? &kept : NULL;
}

static int run_check(int argc, char **argv,
	int (*check)(struct store *, const struct proof_head *, struct out *, struct buf *))
{
	const struct proof_head *kept = kept_head();
	struct store *s = tool_store(db, STORE_READ, wait_ms);
	struct buf err = BUF_INIT;
	struct out out;
	int status;

	no_operands(argc, argv);
	out_stdout(&out);
	status = check(s, kept, &out, &err);
	store_close(s);
	return finish(status, &out, &err);
}

static int run_verify(int argc, char **argv)
{
	return run_check(argc, argv, verify);
}

static int run_fsck(int argc, char **argv)
{
	return run_check(argc, argv, fsck);
}

static int64_t sequence_of(const char *text)
{
	int64_t seq;

	if (!str_int(str_of(text), &seq) || seq < 1)
		die("no sequence: %s", text);
	return seq;
}

static int run_prove(int argc, char **argv)
{
	int64_t *seqs = mem_alloc((size_t)argc * sizeof(*seqs));
	struct buf err = BUF_INIT;
	struct store *s;
	struct out out;
	int status;

	if ((from_size >= 0) == (argc > 0))
		die("prove what? sequences, or --from-size");
	for (int i = 0; i < argc; i++)
		seqs[i] = sequence_of(argv[i]);
	out_stdout(&out);
	s = tool_store(db, STORE_READ, wait_ms);
	status = argc ? prove_records(s, seqs, (size_t)argc, &out, &err)
		      : prove_from(s, from_size, &out, &err);
	store_close(s);
	free(seqs);
	return finish(status, &out, &err);
}

static int run_check_proof(int argc, char **argv)
{
	const struct proof_head *kept = kept_head();
	struct buf err = BUF_INIT;
	struct out out;
	int status = 0, found = 0;

	out_stdout(&out);
	for (int i = 0; i < (argc ? argc : 1) && status >= 0; i++) {
		status = prove_check(argc ? argv[i] : "-", kept, &out, &err);
		found |= status > 0;
	}
	if (!kept && !quiet && status >= 0)
		warn("without --head, proofs only agree with themselves");
	return finish(status < 0 ? status : found, &out, &err);
}

static int64_t the_customer(struct store *s)
{
	if (!customer)
		die("whom? --customer C");
	return tool_customer(s, customer);
}

static void begin_forget(struct forget *f, struct out *out, struct buf *err)
{
	int status;

	out_stdout(out);
	*f = (struct forget){.out = out, .why = why, .dry_run = dry_run, .quiet = quiet};
	f->ontology = tool_ontology(folder);
	f->store = tool_store(db, dry_run ? STORE_READ : STORE_WRITE, wait_ms);
	status = dry_run ? 0 : forget_finish(f, err);
	if (status < 0)
		_exit(tool_status(status, err));
}

static int end_forget(struct forget *f, struct out *out, int status, struct buf *err)
{
	store_close(f->store);
	ontology_free(f->ontology);
	if (out_close(out, err) < 0 && status == 0)
		status = -1;
	return tool_status(status, err);
}

static int run_forget(int argc, char **argv)
{
	struct buf err = BUF_INIT;
	struct forget f;
	struct out out;
	int code;

	no_operands(argc, argv);
	if (!dry_run && !why)
		die("why? --why TEXT is recorded");
	begin_forget(&f, &out, &err);
	code = end_forget(&f, &out, forget_customer(&f, the_customer(f.store), &err), &err);
	return code == EXIT_DONE && f.held ? EXIT_NO : code;
}

static int run_hold(int argc, char **argv)
{
	struct buf err = BUF_INIT;
	struct forget f;
	struct out out;

	no_operands(argc, argv);
	begin_forget(&f, &out, &err);
	return end_forget(
		&f, &out, forget_hold(&f, the_customer(f.store), release, &err), &err);
}

static int run_expire(int argc, char **argv)
{
	struct buf err = BUF_INIT;
	struct forget f;
	struct out out;
	int code;

	no_operands(argc, argv);
	if (!older_than)
		die("how old? --older-than SPAN");
	begin_forget(&f, &out, &err);
	code = end_forget(&f, &out, forget_expired(&f, older_than, &err), &err);
	if (!quiet && !dry_run && code == EXIT_DONE)
		warn("erased %llu customers, %llu records; %llu held",
			(unsigned long long)f.customers, (unsigned long long)f.records,
			(unsigned long long)f.held);
	return code;
}

static int run_person(int argc, char **argv)
{
	struct buf err = BUF_INIT;
	struct person_export p = {.folder = into};
	struct out out;
	int status;

	no_operands(argc, argv);
	p.vcon = format && strcmp(format, "vcon") == 0;
	if (format && !p.vcon && strcmp(format, "ndjson") != 0)
		die("no such output: %s (ndjson, vcon)", format);
	if (into && !p.vcon)
		die("--into goes with --output vcon");
	out_stdout(&out);
	p.out = &out;
	p.store = tool_store(db, STORE_READ, wait_ms);
	p.customer = the_customer(p.store);
	status = person_export(&p, &err);
	store_close(p.store);
	if (status == 0)
		status = out_close(&out, &err);
	return tool_status(status, &err);
}

int main(int argc, char **argv)
{
	struct operands o;

	program_start("jlog");
	o = opt_parse(&command, argc, argv);
	tool_zone(zone);
	tool_times(&command);
	return o.verb->run(o.argc, o.argv);
}
