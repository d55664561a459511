/* What erasing many costs, in steps of the database's machine: those who are beside one of many
 * records, which are not to be read for each of them. */
#include "core/store/batch.h"
#include "core/store/erase.h"
#include "core/store/internal.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/erase-unit-XXXXXX";
static struct ontology *ontology;
static struct buf err;

static void must(int status)
{
	if (status < 0) {
		fprintf(stderr, "%s\n", err.s ? err.s : "");
		abort();
	}
}

static void make_ontology(void)
{
	struct buf path = BUF_INIT;
	FILE *f;

	if (!mkdtemp(folder))
		abort();
	buf_printf(&path, "%s/ontology.yaml", folder);
	f = fopen(path.s, "w");
	if (!f ||
		fputs("jtools: ontology/1\nname: t\nversion: '1'\n"
		      "classes: {slow: {gap: 24h}}\ndefault_class: slow\n",
			f) < 0 ||
		fclose(f))
		abort();
	ontology = ontology_read(folder, &err);
	if (!ontology)
		must(-1);
	unlink(path.s);
	buf_release(&path);
}

static void take(struct batch *b, const char *type, int session, int n, const int *who)
{
	static int id;
	struct buf line = BUF_INIT;
	enum event_fault fault;
	struct event ev;

	event_init(&ev);
	buf_printf(&line,
		"{\"specversion\":\"1.0\",\"id\":\"%d\",\"source\":\"t\",\"type\":\"%s\","
		"\"time\":\"2026-01-01T00:00:00Z\",\"session\":\"s%d\",\"data\":{\"identifiers\":[",
		++id, type, session);
	for (int i = 0; i < n; i++)
		buf_printf(&line, "%s{\"kind\":\"phone\",\"value\":\"+55119%08d\"}", i ? "," : "",
			who[i]);
	buf_puts(&line, "]}}");
	must(event_read(&ev, buf_str(&line), false, &fault, &err));
	must(batch_take(b, &ev, &err));
	event_release(&ev);
	buf_release(&line);
}

/* One with a number of records (0), and others of two each: of their own, and that they are not the
 * one; that in the one's session, or each in its own. */
static void fill(struct store *s, int records, int others, bool within)
{
	struct batch *b = batch_new(s, ontology);

	for (int i = 0; i < records; i++)
		take(b, "message", 0, 1, (int[]){0});
	for (int i = 1; i <= others; i++) {
		take(b, "message", i, 1, (int[]){i});
		take(b, "identity.unlinked", within ? 0 : others + i, 2, (int[]){0, i});
	}
	batch_seal(b);
	must(store_begin(s, &err));
	must(batch_write(b, 1, &err));
	must(store_commit(s, &err));
	batch_free(b);
}

static int count(unsigned of, void *ctx, void *statement, void *took)
{
	(void)of;
	(void)took;
	*(int64_t *)ctx += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
	return 0;
}

/* Erases all but the one; the steps that it took. */
static int64_t erase_others(struct store *s, int records, int others)
{
	struct erasing *e = erasing_new(s);
	int64_t steps = 0;

	sqlite3_trace_v2(s->db, SQLITE_TRACE_PROFILE, count, &steps);
	for (int i = 0; i < others; i++) {
		struct erase_survey n;
		struct erased out;

		must(store_begin(s, &err));
		must(erase_survey(e, records + 2 * i + 1, &n, &err));
		must(erase_customer(e, records + 2 * i + 1, &out, &err));
		must(store_commit(s, &err));
		/* Both of hers, the second of which is the one's. */
		CHECK(n.records == 2 && out.seqs.n == 2 && n.named == 0);
		erased_release(&out);
	}
	sqlite3_trace_v2(s->db, 0, NULL, NULL);
	erasing_free(e);
	return steps;
}

static int64_t steps_of(int records, int others, bool within)
{
	struct store *s;
	int64_t steps;

	must(store_temporary(&s, &err));
	fill(s, records, others, within);
	steps = erase_others(s, records, others);
	store_close(s);
	return steps;
}

static void test_work(void)
{
	for (int within = 0; within < 2; within++) {
		int64_t once = steps_of(1000, 50, within), twice = steps_of(2000, 100, within);

		CHECK(once > 0 && twice < 3 * once);
	}
}

/* What another connection writes between two who are looked at. */
static void test_meanwhile(void)
{
	struct buf path = BUF_INIT;
	struct store *s, *other;
	struct erase_survey n;
	struct erasing *e;

	buf_printf(&path, "%s/j.db", folder);
	must(store_open(&s, path.s, STORE_CREATE, 0, &err));
	fill(s, 10, 1, false);
	e = erasing_new(s);
	must(store_read_begin(s, &err));
	must(erase_survey(e, 11, &n, &err));
	CHECK(n.records == 2);
	store_read_end(s);
	must(store_open(&other, path.s, STORE_WRITE, 0, &err));
	fill(other, 0, 1, false);
	store_close(other);
	must(store_read_begin(s, &err));
	must(erase_survey(e, 11, &n, &err));
	CHECK(n.records == 4);
	store_read_end(s);
	erasing_free(e);
	store_close(s);
	unlink(path.s);
	buf_release(&path);
}

/* Who a record is of is asked behind its commit, and another connection erased her in between. */
static void test_behind(void)
{
	struct buf path = BUF_INIT, out = BUF_INIT;
	struct store *s, *other;
	struct erasing *e;
	struct erased gone;
	struct batch *b;

	buf_printf(&path, "%s/j.db", folder);
	must(store_open(&s, path.s, STORE_CREATE, 0, &err));
	b = batch_new(s, ontology);
	take(b, "message", 1, 1, (int[]){1});
	take(b, "message", 2, 1, (int[]){2});
	batch_seal(b);
	must(store_begin(s, &err));
	must(batch_write(b, 1, &err));
	must(store_commit(s, &err));
	must(store_open(&other, path.s, STORE_WRITE, 0, &err));
	e = erasing_new(other);
	must(store_begin(other, &err));
	must(erase_customer(e, 1, &gone, &err));
	must(store_commit(other, &err));
	erased_release(&gone);
	erasing_free(e);
	store_close(other);
	must(store_read_begin(s, &err));
	CHECK(batch_customers(b, &err) == 0);
	store_read_end(s);
	must(batch_record(b, 1, 1, &out, &err));
	CHECK(out.len && strncmp(out.s, "{\"customer\":\"c2\",", 17) == 0);
	buf_release(&out);
	batch_free(b);
	store_close(s);
	unlink(path.s);
	buf_release(&path);
}

static void erase_one(struct store *s, int64_t customer)
{
	struct erasing *e = erasing_new(s);
	struct erased gone;

	must(store_begin(s, &err));
	must(erase_customer(e, customer, &gone, &err));
	must(store_commit(s, &err));
	erased_release(&gone);
	erasing_free(e);
}

/* Who is erased while the file is written anew for another is to go when it is written again. */
static void test_pending(void)
{
	struct buf path = BUF_INIT;
	struct store *s, *other;
	int64_t first, second, left;

	buf_printf(&path, "%s/j.db", folder);
	must(store_open(&s, path.s, STORE_CREATE, 0, &err));
	fill(s, 3, 2, false);
	must(store_open(&other, path.s, STORE_WRITE, 0, &err));
	erase_one(s, 1);
	must(erase_pending(s, &first, &err));
	must(erase_scrub(s, &err));
	erase_one(other, 4);
	must(erase_scrubbed(s, first, &err));
	must(erase_pending(other, &second, &err));
	CHECK(first && second && second != first);
	must(erase_scrub(other, &err));
	must(erase_scrubbed(other, second, &err));
	must(erase_pending(s, &left, &err));
	CHECK(!left);
	store_close(other);
	store_close(s);
	unlink(path.s);
	buf_release(&path);
}

int main(void)
{
	make_ontology();
	test_pending();
	test_work();
	test_meanwhile();
	test_behind();
	rmdir(folder);
	ontology_free(ontology);
	buf_release(&err);
	return unit_end();
}
