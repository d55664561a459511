/* jlog: the append-only log of a journey file. */
#include "tool.h"
#include "base/die.h"
#include "base/mem.h"
#include "base/when.h"
#include "stage/append.h"
#include "stage/forget.h"
#include "stage/identities.h"
#include "stage/info.h"
#include "stage/link.h"
#include "stage/pack.h"
#include "stage/person.h"
#include "stage/places.h"
#include "stage/prove.h"
#include "stage/replay.h"
#include "stage/verify.h"

#include <stdio.h>
#include <stdlib.h>

static const char *db, *reject, *folder, *zone, *customer, *session, *place, *follow, *head, *why,
	*format, *into, *rules, *drop, *as_of;
static bool quiet, live, fast, dry_run, release, suspect, derive;
static int64_t max_line = LINES_MAX_DEFAULT, wait_ms = STORE_WAIT_DEFAULT, from_seq, to_seq = -1,
	       expect = -1, last = 10, from_size = -1, older_than;
static struct opt_when since, until, recorded_since, recorded_until;
static struct opt_list types;
static const struct verb *verb; /* the one that runs */

static bool is_verb(const char *name)
{
	return strcmp(verb->name, name) == 0;
}

static const struct opt opts[] = {
	TOOL_DB(&db),
	{'q', "quiet", OPT_SET, &quiet, NULL,
		"no summary on stderr; append and others: no records on stdout", NULL, NULL},
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
	{0, "customer", OPT_ONE, &customer, "C", "one customer: c17, or an identifier",
		"cat tail forget hold person identities", NULL},
	{0, "suspect", OPT_SET, &suspect, NULL, "what joins people perhaps wrongly", "identities",
		NULL},
	{0, "as-of", OPT_TEXT, &as_of, "PLACE", "as known then", "identities", NULL},
	{0, "derive", OPT_SET, &derive, NULL, "make who is who anew from the log", "identities",
		NULL},
	{0, "rules", OPT_TEXT, &rules, "NAME", "with --derive: strict, normal or loose (normal)",
		"identities", "strict normal loose"},
	{0, "session", OPT_TEXT, &session, "NAME", "one session", "cat tail", NULL},
	{0, "type", OPT_LIST, &types, "TYPE,...", "these types of events; may be repeated",
		"cat tail", TOOL_TYPES},
	{0, "head", OPT_TEXT, &head, "FILE", "a head that was kept elsewhere",
		"verify fsck check-proof", NULL},
	{0, "from-size", OPT_COUNT, &from_size, "N", "prove that the first N records begin the log",
		"prove", NULL},
	{0, "why", OPT_REASON, &why, "TEXT", "the reason, which is recorded",
		"forget hold expire link unlink", NULL},
	{0, "dry-run", OPT_SET, &dry_run, NULL, "tell what would go, and change nothing",
		"forget expire", NULL},
	{0, "release", OPT_SET, &release, NULL, "end a hold", "hold", NULL},
	{0, "older-than", OPT_SPAN, &older_than, "SPAN", "whose last event is older: 24mo",
		"expire", NULL},
	{'o', "output", OPT_TEXT, &format, "FORMAT", "ndjson or vcon", "person", "ndjson vcon"},
	{0, "into", OPT_TEXT, &into, "DIR", "vCons as files in this folder", "person", NULL},
	{0, "drop", OPT_TEXT, &drop, "NAME", "drop the position of this name", "checkpoints", NULL},
	TOOL_TZ(&zone),
	OPT_END,
};

static int run_append(int argc, char **argv)
{
	struct ontology *o = tool_ontology(folder);
	struct append a = {.pass_on = !quiet, .expect = expect, .fast = fast, .ontology = o};
	struct ledger ledger;
	struct buf err = BUF_INIT;
	struct out out;
	int status;

	out_stdout(&out);
	if (pipe_look(argv, (size_t)argc, follow, &err) < 0)
		die("%s", err.s);
	/* Where records are expected, a log that is not there is the wrong one. */
	a.store = tool_store(db, expect > 0 ? STORE_WRITE : STORE_CREATE, wait_ms);
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

/* Where the log is read for what is written to stdout. */
struct reading {
	struct store *s;
	struct out out;
	struct buf err;
};

/* Of a verb that takes no operands. */
static void begin(struct reading *r, enum store_mode mode, int argc, char **argv)
{
	tool_no_operands(argc, argv);
	*r = (struct reading){.s = tool_store(db, mode, wait_ms), .err = BUF_INIT};
	out_stdout(&r->out);
}

static int end(struct reading *r, int status)
{
	store_close(r->s);
	return tool_finish(status, &r->out, &r->err);
}

static int write_log(struct replay *r)
{
	struct store *s = place ? tool_writable(db, wait_ms) : tool_store(db, STORE_READ, wait_ms);
	static struct opt_list list;
	struct ledger ledger;
	struct buf err = BUF_INIT;
	struct out out;
	int status;

	if (to_seq >= 0 && from_seq > to_seq)
		die("--from %lld is behind --to %lld", (long long)from_seq, (long long)to_seq);
	if (place && from_seq)
		die("--checkpoint says where to begin, and --from says so too");
	if (customer)
		tool_customer(s, customer, INT64_MAX);
	list = opt_list_split(&types, "type");
	out_stdout(&out);
	if (ledger_open(&ledger, NULL, quiet, &err) < 0)
		die("%s", err.s);
	r->place = place;
	r->types = TOOL_TYPES;
	r->range = (struct store_range){from_seq, to_seq, since.ms, until.ms, recorded_since.ms,
		recorded_until.ms, to_seq >= 0, since.text, until.text, recorded_since.text,
		recorded_until.text, customer, session, list.v, list.n};
	status = replay(r, s, &out, &ledger, &err);
	store_close(s);
	return tool_close(status, &out, &ledger, NULL, &err);
}

static int run_read(int argc, char **argv)
{
	tool_no_operands(argc, argv);
	return is_verb("cat") ? write_log(&(struct replay){.last = -1})
			      : write_log(&(struct replay){.last = last, .live = live});
}

static int run_tell(int argc, char **argv)
{
	struct reading r;

	begin(&r, STORE_READ, argc, argv);
	return end(
		&r, is_verb("info") ? info(r.s, &r.out, &r.err) : prove_head(r.s, &r.out, &r.err));
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

static int run_check(int argc, char **argv)
{
	const struct proof_head *kept = kept_head();
	struct reading r;

	begin(&r, STORE_READ, argc, argv);
	return end(&r, is_verb("fsck") ? fsck(r.s, kept, &r.out, &r.err)
				       : verify(r.s, kept, &r.out, &r.err));
}

static int run_prove(int argc, char **argv)
{
	struct reading r;

	if ((from_size >= 0) == (argc > 0))
		die("%s", argc ? "sequences or --from-size, not both"
			       : "prove what? sequences, or --from-size");
	begin(&r, STORE_READ, 0, NULL);
	return end(&r, argc ? prove_records(r.s, argv, (size_t)argc, &r.out, &r.err)
			    : prove_from(r.s, from_size, &r.out, &r.err));
}

static int run_check_proof(int argc, char **argv)
{
	const struct proof_head *kept = kept_head();
	struct buf err = BUF_INIT;
	struct out out;
	int status;

	out_stdout(&out);
	status = prove_check(argv, (size_t)argc, kept, &out, &err);
	if (!kept && !quiet && status >= 0)
		warn("without --head, proofs only agree with themselves");
	return tool_finish(status, &out, &err);
}

static struct forget begin_forget(struct reading *r, int argc, char **argv)
{
	struct forget f = {
		.ontology = tool_ontology(folder), .why = why, .dry_run = dry_run, .quiet = quiet};

	begin(r, dry_run ? STORE_READ : STORE_WRITE, argc, argv);
	f.out = &r->out;
	f.store = r->s;
	f.erasing = erasing_new(r->s);
	return f;
}

static int end_forget(struct reading *r, struct forget *f, int status)
{
	ontology_free(f->ontology);
	erasing_free(f->erasing);
	return end(r, status);
}

static int run_forget(int argc, char **argv)
{
	struct reading r;
	struct forget f;
	int code;

	if (!dry_run && !why)
		die("why? --why TEXT is recorded");
	f = begin_forget(&r, argc, argv);
	code = end_forget(&r, &f, forget_customer(&f, tool_whom(customer), &r.err));
	return code == EXIT_DONE && f.held ? EXIT_NO : code;
}

static int run_hold(int argc, char **argv)
{
	struct reading r;
	struct forget f = begin_forget(&r, argc, argv);
	int status = forget_hold(&f, tool_whom(customer), release, &r.err);

	if (status > 0)
		warn("%s", r.err.s);
	return end_forget(&r, &f, status);
}

static int run_expire(int argc, char **argv)
{
	struct reading r;
	struct forget f;

	if (older_than < WHEN_DAY)
		die("how old? --older-than SPAN, a day at least: 24mo");
	f = begin_forget(&r, argc, argv);
	return end_forget(&r, &f, forget_expired(&f, older_than, &r.err));
}

static int run_person(int argc, char **argv)
{
	struct person_export p = {.folder = into, .who = tool_whom(customer)};
	struct reading r = {.err = BUF_INIT};

	if (person_format(&p, format, &r.err) < 0)
		die("%s", r.err.s);
	begin(&r, STORE_READ, argc, argv);
	p.store = r.s;
	p.out = &r.out;
	return end(&r, person_export(&p, &r.err));
}

static int run_checkpoints(int argc, char **argv)
{
	struct reading r;

	begin(&r, drop ? STORE_WRITE : STORE_READ, argc, argv);
	return end(&r, drop ? places_drop(r.s, drop, &r.err) : places_list(r.s, &r.out, &r.err));
}

static int run_pack(int argc, char **argv)
{
	struct reading r;

	begin(&r, STORE_WRITE, argc, argv);
	return end(&r, pack_file(r.s, quiet, &r.err));
}

static int run_link(int argc, char **argv)
{
	struct link l = {.ontology = tool_ontology(folder), .why = why, .quiet = quiet};
	struct reading r;
	int status;

	if (argc != 2)
		die("two identifiers are expected");
	begin(&r, STORE_WRITE, 0, argv);
	l.store = r.s;
	l.out = &r.out;
	status = (is_verb("link") ? link_two : unlink_two)(&l, argv[0], argv[1], &r.err);
	if (status > 0)
		warn("%s", r.err.s);
	ontology_free(l.ontology);
	return end(&r, status);
}

static int run_identities(int argc, char **argv)
{
	struct identities i = {.suspect = suspect, .rules = rules, .customer = customer};
	struct reading r;

	if (rules && !derive)
		die("--rules goes with --derive");
	if (suspect + derive + (customer || as_of) > 1)
		die("--suspect and --derive are each alone, and about all as they are now");
	i.ontology = derive ? tool_ontology(folder) : NULL;
	begin(&r, derive ? STORE_WRITE : STORE_READ, argc, argv);
	i.as_of = as_of ? tool_place(r.s, as_of) : INT64_MAX;
	i.store = r.s;
	i.out = &r.out;
	return end(&r, identities(&i, &r.err));
}

/* Whatever opens the file to write does it. */
static int run_migrate(int argc, char **argv)
{
	struct reading r;

	begin(&r, STORE_WRITE, argc, argv);
	if (!quiet && !store_moved(r.s))
		warn("%s: it is of this version", store_name(r.s));
	return end(&r, 0);
}

static const struct verb verbs[] = {
	{"append", "[file ...]", "take records into the log; pass the new ones on", run_append},
	{"cat", "", "write the log's records", run_read},
	{"tail", "", "write its last records; with -f go on with each commit", run_read},
	{"info", "", "tell what the file holds", run_tell},
	{"head", "", "write the log's size and root, to be kept elsewhere", run_tell},
	{"verify", "", "is the log what was recorded?", run_check},
	{"fsck", "", "is the whole file sound?", run_check},
	{"prove", "[SEQ ...]", "write proofs that records are in the log", run_prove},
	{"check-proof", "[file ...]", "do proofs hold? needs no log", run_check_proof},
	{"forget", "", "erase a customer", run_forget},
	{"hold", "", "keep a customer from being erased", run_hold},
	{"expire", "", "erase customers who were not heard of for long", run_expire},
	{"person", "", "write all that is held about a customer", run_person},
	{"link", "A B", "record that two identifiers are one person", run_link},
	{"unlink", "A B", "record that they are not", run_link},
	{"identities", "", "tell who is who", run_identities},
	{"checkpoints", "", "list the positions that readers keep, or drop one", run_checkpoints},
	{"pack", "", "make the file as small as what it holds", run_pack},
	{"migrate", "", "move a file of an earlier version forward", run_migrate},
	{NULL, NULL, NULL, NULL},
};

static const struct command command = {
	"jlog", "", "The append-only log of customer journeys in one SQLite file.", verbs, opts};

int main(int argc, char **argv)
{
	struct operands o;

	program_start("jlog");
	o = opt_parse(&command, argc, argv);
	tool_zone(zone);
	tool_times(&command);
	verb = o.verb;
	return verb->run(o.argc, o.argv);
}
