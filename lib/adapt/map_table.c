/* Reading lookup tables into temporary files. */
#include "adapt/map_table.h"
#include "base/die.h"
#include "core/store/scratch.h"
#include "io/jsonscan.h"

#include <stdlib.h>
#include <strings.h>

#define TABLE_KIB 16384 /* of memory for a table's rows; others are read from its file */

/* One reading of one table. */
struct loading {
	struct map *map;
	struct map_table *table;
	struct input *in;
	const struct adapt_options *opt;
	uint64_t repeated, bad;
	uint64_t bad_line; /* of the first */
	struct buf why, object;
};

static void empty(struct map_table *t)
{
	scratch_free(t->rows);
	t->rows = NULL;
	t->loaded++;
	buf_clear(&t->from);
}

static int add(struct loading *l, struct str key, struct str row, struct buf *err)
{
	int added = key.len ? scratch_add(l->table->rows, key, row, err) : 1;

	l->repeated += added == 0;
	return added < 0 ? -1 : 0;
}

static void skip(struct loading *l, uint64_t line, const char *why)
{
	if (l->bad++)
		return;
	l->bad_line = line;
	buf_puts(&l->why, why);
}

static int key_field(const struct loading *l, const struct csv *csv, struct buf *err)
{
	for (size_t i = 0; i < csv->name_n; i++)
		if (strcasecmp(csv->name[i], l->table->key) == 0)
			return (int)i;
	buf_printf(err, "%s:1: no column %s, the key of `%s` in the map %s", l->in->name,
		l->table->key, l->table->name, l->map->name);
	return -1;
}

static int load_csv(struct loading *l, struct buf *err)
{
	struct csv csv;
	int status = -1, got, key;

	if (csv_open(&csv, l->in, 0, l->opt->max_line, err) < 0 ||
		(key = key_field(l, &csv, err)) < 0)
		goto out;
	while ((got = csv_next(&csv, err)) > 0) {
		if (got != CSV_ROW) {
			skip(l, csv.line, csv.why);
			continue;
		}
		buf_clear(&l->object);
		csv_put_object(&l->object, &csv);
		if (add(l, csv.field[key], buf_str(&l->object), err) < 0)
			goto out;
	}
	status = got;
out:
	csv_close(&csv);
	return status;
}

static int add_record(
	struct loading *l, const struct jsonscan *scan, struct json_doc *doc, struct buf *err)
{
	struct buf why = BUF_INIT;
	const struct json *key;
	int status = 0;

	if (json_parse(doc, scan->raw, true, &why) < 0) {
		skip(l, scan->line, why.s);
	} else {
		key = json_member(doc->v, l->table->key);
		if (!key)
			key = map_path_find(&l->table->key_path, doc->v);
		if (key && key->type != JSON_NULL)
			status = add(l, key->text, scan->raw, err);
	}
	buf_release(&why);
	return status;
}

static int load_json(struct loading *l, struct buf *err)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct jsonscan scan;
	int status = -1, got;

	if (jsonscan_open(&scan, l->in, l->table->records, l->opt->max_line, err) < 0)
		goto out;
	while ((got = jsonscan_next(&scan, err)) > 0) {
		if (got != JSONSCAN_ONE)
			skip(l, scan.line, scan.why);
		else if (add_record(l, &scan, &doc, err) < 0)
			goto out;
	}
	status = got;
out:
	jsonscan_close(&scan);
	json_release(&doc);
	return status;
}

static bool looks_json(struct str head)
{
	if (str_starts(head, STR("\xef\xbb\xbf")))
		head = (struct str){head.s + 3, head.len - 3};
	head = str_trim(head);
	return head.len && (*head.s == '{' || *head.s == '[');
}

static void tell(const struct loading *l)
{
	struct map_table *t = l->table;

	if (l->repeated && !t->told_repeated && !l->opt->quiet)
		warn("%s: rows with a key that a row before them has: %llu; the first is taken",
			l->in->name, (unsigned long long)l->repeated);
	if (l->bad && !t->told_bad)
		warn("%s:%llu: %s; rows left out of the table `%s`: %llu", l->in->name,
			(unsigned long long)l->bad_line, l->why.s, t->name,
			(unsigned long long)l->bad);
	t->told_repeated = t->told_repeated || l->repeated;
	t->told_bad = t->told_bad || l->bad;
}

static int load(struct map *m, struct map_table *t, struct input *in,
	const struct adapt_options *opt, struct buf *err)
{
	struct loading l = {
		.map = m, .table = t, .in = in, .opt = opt, .why = BUF_INIT, .object = BUF_INIT};
	struct str head = buf_str(&in->head);
	int status = 0;

	empty(t);
	t->rows = scratch_new(TABLE_KIB);
	if (!in->whole || str_trim(head).len)
		status = looks_json(head) ? load_json(&l, err) : load_csv(&l, err);
	if (status == 0)
		tell(&l);
	buf_release(&l.why);
	buf_release(&l.object);
	return status;
}

static void note_missing(struct map_table *t, const struct input *in)
{
	struct buf files = BUF_INIT;

	if (t->told_missing)
		return;
	t->told_missing = true;
	for (size_t i = 0; i < t->files.n; i++)
		buf_printf(&files, "%s%s", i ? ", " : "", t->files.v[i]);
	warn("%s: no %s beside it: what is looked up in `%s` is empty", in->name, files.s, t->name);
	buf_release(&files);
}

/* A file that many inputs lie beside is read once, and looked for once a folder. */
static int open_beside(struct map *m, struct map_table *t, struct input *in,
	const struct adapt_options *opt, struct buf *err)
{
	const char *const *names = (const char *const *)t->files.v;
	struct str folder = input_folder(in);
	struct buf name = BUF_INIT;
	struct input file;
	int found;

	if (t->rows && folder.len && str_eq(folder, buf_str(&t->beside)))
		return 0;
	buf_clear(&t->beside);
	buf_put(&t->beside, folder);
	found = input_beside(in, names, t->files.n, &name);

	if (found > 0 && !(t->rows && str_eq(buf_str(&t->from), buf_str(&name)))) {
		found = input_open_beside(in, names, t->files.n, &file, err);
		if (found > 0) {
			found = load(m, t, &file, opt, err) < 0 ? -1 : 1;
			input_close(&file);
			buf_put(&t->from, buf_str(&name));
		}
	}
	if (found <= 0)
		empty(t);
	if (found == 0 && !opt->quiet)
		note_missing(t, in);
	buf_release(&name);
	return found < 0 ? -1 : 0;
}

int map_tables_open(
	struct map *m, struct input *in, const struct adapt_options *opt, struct buf *err)
{
	for (size_t i = 0; i < m->table_n; i++) {
		struct map_table *t = &m->table[i];
		int status = 0;

		/* Records that stand at the top are in no document that could hold a table. */
		if (!t->files.n && m->place_n && !m->records)
			empty(t);
		else if (t->files.n)
			status = open_beside(m, t, in, opt, err);
		else
			status = input_spool(in, err) < 0 ? -1 : load(m, t, in, opt, err);
		if (status < 0)
			return -1;
	}
	return 0;
}
