#include "adapt/map_group.h"
#include "adapt/map_table.h"
#include "base/mem.h"
#include "io/jsonscan.h"
#include "io/xmlscan.h"

#include <stdlib.h>
#include <strings.h>

#define HELD_MAX ((size_t)26 << 20) /* bytes of the events of one record */
#define HELD_KEPT ((size_t)1 << 20) /* of them that stay for the next */
#define AROUND_RECORDS                                                                             \
	((size_t)8) /* how many of the longest records fit in what is around them                  \
		     */

#define COLUMNS_MAX 2000 /* of a header: what SQLite reads at once, those of the map included */

/* One reading of one input. */
struct applying {
	struct map *map;
	struct adapt_run *run;
	const struct map_match *match; /* of the input's head, which reading takes away */
	struct input *in;
	uint64_t line, offset; /* of the row */
	size_t held;	       /* bytes of its events */
	uint64_t rows;	       /* before it */
	struct str raw;
	struct draft *ready;		/* the row's events: all are made before one is written */
	size_t ready_n, made, made_cap; /* made: drafts that are there, to be used again */
	bool last;			/* the last of them is run->draft: most rows give one */
	enum event_fault fault;
	struct buf why;
	struct map_groups *groups; /* NULL: each row is a record */
	bool spilling;		   /* a letter is open: the record is longer than it may be */
};

static int reject(struct applying *a, enum event_fault fault, const char *why, struct buf *err)
{
	return ledger_reject(
		a->run->ledger, fault, why, a->in->name, a->line, a->offset, a->raw, err);
}

/* A row of any length: what csv gave of it and the rest. */
static int reject_long(struct applying *a, struct csv *csv, struct buf *err)
{
	struct ledger *l = a->run->ledger;
	struct str piece = csv->raw;
	int more = 1;

	if (ledger_letter_begin(
		    l, FAULT_TOO_LONG, csv->why, a->in->name, csv->line, csv->offset, err) < 0)
		return -1;
	for (; more > 0; more = csv_rest(csv, &piece, err))
		if (ledger_letter_more(l, piece, err) < 0)
			return -1;
	return more < 0 ? -1 : ledger_letter_end(l, err);
}

/* What one record needed is not held for those behind it, which need less or other parts of it. */
static void let_go(struct applying *a)
{
	while (a->held > HELD_KEPT && a->made)
		draft_release(&a->ready[--a->made]);
}

static void swap(struct draft *a, struct draft *b)
{
	struct draft c = *a;

	*a = *b;
	*b = c;
}

/* Whether one more event may be held: all of a record are made before one is written. */
static bool room_for(struct applying *a)
{
	const struct draft *d = &a->run->draft;

	a->held += sizeof(*d);
	for (size_t i = 0; i < ATTR_COUNT; i++)
		a->held += d->attr[i].text.cap + d->attr[i].member.cap;
	for (size_t i = 0; i < DATA_COUNT; i++)
		a->held += d->data[i].cap;
	return a->held <= HELD_MAX;
}

/* Takes run->draft over, where there is an event in it. */
static void keep_ready(struct applying *a)
{
	if (!a->last)
		return;
	a->last = false;
	if (a->ready_n == a->made)
		draft_init(VEC_ADD(a, ready, made, made_cap));
	swap(&a->ready[a->ready_n++], &a->run->draft);
}

static int fault_of(struct applying *a)
{
	a->fault = map_functions_bad_time(a->map->functions) ? FAULT_TIME : FAULT_MAP;
	return -1;
}

static int evaluate(struct applying *a, struct expr_set *set, struct map_row *row)
{
	if (expr_eval(set, row, &a->why) < 0)
		return fault_of(a);
	if (!map_functions_spent(a->map->functions))
		return 0;
	buf_printf(&a->why, "%s: the lists of this record take too long to read", a->map->path);
	return fault_of(a);
}

/* One event of a row, or of one element of its array. */
static int make_event(struct applying *a, struct map_event *e, struct map_row *row)
{
	row->columns = &e->seen;
	row->of_element = NULL;
	if (e->each && row->element) {
		map_index_fill(&e->index, row->element);
		row->of_element = &e->index;
	}
	map_functions_clear(a->map->functions);
	if (e->conditions) {
		if (evaluate(a, e->conditions, row) < 0)
			return -1;
		if (!expr_true(expr_result(e->conditions, e->condition)))
			return 0;
		map_functions_clear(a->map->functions);
	}
	if (evaluate(a, e->values, row) < 0)
		return -1;
	keep_ready(a);
	if (map_fill(a->map, e, row, a->run, &a->fault, &a->why) < 0)
		return -1;
	if (!room_for(a)) {
		buf_printf(&a->why, "%s: the record gives more events than are held", a->map->path);
		return fault_of(a);
	}
	draft_origin(&a->run->draft, a->in->name, a->line, false);
	a->last = true;
	return 0;
}

/* The events of what the path leads to from v, `at` steps of it being done. */
static int make_each(struct applying *a, struct map_event *e, struct map_row *row, size_t at,
	const struct json *v)
{
	const struct map_path *path = &e->each_path;
	int status = 0;

	for (; v && at < path->n && !path->v[at].all; at++)
		v = map_path_step(&path->v[at], v);
	if (!v || v->type == JSON_NULL)
		return 0;
	if (at == path->n && v->type != JSON_ARRAY) {
		row->element = v;
		return make_event(a, e, row);
	}
	if (v->type != JSON_ARRAY) {
		row->within[row->within_n++] = v;
		status = make_each(a, e, row, at + 1, v);
		row->within_n--;
		return status;
	}
	for
		JSON_EACH(one, v)
		{
			row->element = row->within[row->within_n] = one;
			row->within_n += at < path->n;
			status = at < path->n ? make_each(a, e, row, at + 1, one)
					      : make_event(a, e, row);
			row->within_n -= at < path->n;
			if (status < 0)
				return -1;
		}
	return 0;
}

static int make_events(struct applying *a, struct map_row *row)
{
	struct map *m = a->map;

	a->held = 0;
	map_functions_row(m->functions, a->rows++);
	row->columns = &m->seen;
	row->of_record = NULL;
	if (row->record) {
		map_index_fill(&m->index, row->record);
		row->of_record = &m->index;
	}
	map_functions_clear(m->functions);
	if (evaluate(a, m->conditions, row) < 0)
		return -1;
	for (size_t i = 0; i < m->event_n; i++) {
		struct map_event *e = &m->event[i];
		int status;

		if (!e->each && e->condition >= 0 &&
			!expr_true(expr_result(m->conditions, e->condition)))
			continue;
		status = e->each ? make_each(a, e, row, 0, row->record) : make_event(a, e, row);
		if (status < 0)
			return -1;
	}
	return 0;
}

/* Writes the row's events. */
static int emit_ready(struct applying *a, struct buf *err)
{
	bool one = a->last && !a->ready_n;
	int status = one ? adapt_emit(a->run, err) : 0;

	a->run->empty += !a->last && !a->ready_n;
	if (!one)
		keep_ready(a);
	for (size_t i = 0; i < a->ready_n && status == 0; i++) {
		swap(&a->run->draft, &a->ready[i]);
		status = adapt_emit(a->run, err);
	}
	a->ready_n = 0;
	a->last = false;
	return status;
}

static int apply_row(struct applying *a, struct map_row *row, struct buf *err)
{
	bool made;
	int status;

	buf_clear(&a->why);
	made = make_events(a, row) == 0;
	if (map_tables_failed(a->map, err))
		return -1;
	if (made) {
		status = emit_ready(a, err);
	} else {
		a->ready_n = 0;
		a->last = false;
		draft_clear(&a->run->draft);
		status = reject(a, a->fault, a->why.s, err);
	}
	let_go(a);
	return status;
}

static bool has_name(char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(names[i], name) == 0)
			return true;
	return false;
}

static int check_header(const struct applying *a, const struct csv *csv, struct buf *err)
{
	const struct map_match *match = a->match;

	if (csv->name_n > COLUMNS_MAX) {
		buf_printf(err, "%s:1: %zu columns, more than the %d that a map can read",
			a->in->name, csv->name_n, COLUMNS_MAX);
		return -1;
	}
	for (size_t i = 0; match && i < match->header.n; i++)
		if (!has_name(csv->name, csv->name_n, match->header.v[i])) {
			buf_printf(err, "%s:1: no column %s, which the map %s asks for",
				a->in->name, match->header.v[i], a->map->name);
			return -1;
		}
	return 0;
}

/* A row that was read: an event's source, or kept for its group. */
static int take_row(struct applying *a, struct map_row *row, struct buf *err)
{
	if (!a->groups)
		return apply_row(a, row, err);
	return map_groups_add(a->groups, row, a->raw, a->line, a->offset, err);
}

static int reject_long_group(struct applying *a, struct buf *err)
{
	struct ledger *l = a->run->ledger;
	struct str piece = a->raw;
	int more = 1;

	if (ledger_letter_begin(l, FAULT_TOO_LONG, "group too long (see --max-line)", a->in->name,
		    a->line, a->offset, err) < 0)
		return -1;
	for (; more > 0; more = map_groups_rest(a->groups, &piece, err))
		if (ledger_letter_more(l, piece, err) < 0)
			return -1;
	return more < 0 ? -1 : ledger_letter_end(l, err);
}

static int apply_group(struct applying *a, struct json_doc *doc, struct str record, struct buf *err)
{
	struct map_row row = {.csv = NULL};

	buf_clear(&a->why);
	if (json_parse(doc, record, false, &a->why) < 0)
		return reject(a, FAULT_JSON, a->why.s, err);
	row.record = doc->v;
	return apply_row(a, &row, err);
}

/* The groups of all rows that were read. */
static int apply_groups(struct applying *a, struct buf *err)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct map_group g;
	int status = 0, got = GROUP_END;

	while (status == 0 && (got = map_groups_next(a->groups, &g, err)) > 0) {
		a->line = g.line;
		a->offset = g.offset;
		a->raw = g.raw;
		status = got == GROUP_LONG ? reject_long_group(a, err)
					   : apply_group(a, &doc, g.record, err);
	}
	json_release(&doc);
	return got < 0 ? -1 : status;
}

/* After the last row that can be read. Rows before an input's failure are no less read for it. */
static int end_rows(struct applying *a, int status, struct buf *err)
{
	struct buf why = BUF_INIT;

	if (a->groups && apply_groups(a, &why) < 0) {
		if (status == 0)
			buf_put(err, buf_str(&why));
		status = -1;
	}
	buf_release(&why);
	return status;
}

static int begin_groups(struct applying *a, struct csv *csv, struct buf *err)
{
	if (!a->map->group)
		return 0;
	a->groups = map_groups_new(a->map, csv, a->run->opt->max_line, err);
	return a->groups ? 0 : -1;
}

static int open_csv(struct applying *a, struct csv *csv, struct buf *err)
{
	const struct map *m = a->map;
	size_t max = a->run->opt->max_line;
	int got = CSV_ROW;

	if ((m->names.n ? csv_open_named(csv, a->in, m->delimiter, m->names.v, m->names.n, max, err)
			: csv_open(csv, a->in, m->delimiter, max, err)) < 0)
		return -1;
	csv->bare = m->bare;
	for (int64_t i = 0; i < m->skip && got > CSV_END; i++) {
		got = csv_next(csv, err);
		if (got == CSV_ROW)
			map_functions_heading(m->functions, csv);
	}
	return got < 0 ? -1 : 0;
}

static int apply_csv(struct applying *a, struct buf *err)
{
	struct csv csv;
	struct map_row row = {.csv = &csv};
	int status = -1, got;

	if (open_csv(a, &csv, err) < 0 || check_header(a, &csv, err) < 0 ||
		map_compile(a->map, &csv, err) < 0 || begin_groups(a, &csv, err) < 0)
		goto out;
	adapt_found(a->run, "%zu columns between %s%s", csv.name_n,
		csv.delimiter == '\t' ? "tabs" : (const char[]){csv.delimiter, '\0'},
		csv.latin ? ", in Windows-1252" : "");
	while ((got = csv_next(&csv, err)) > 0) {
		a->line = csv.line;
		a->offset = csv.offset;
		a->raw = csv.raw;
		if (got == CSV_ROW)
			status = take_row(a, &row, err);
		else if (got == CSV_LONG)
			status = reject_long(a, &csv, err);
		else
			status = reject(a, FAULT_ROW, csv.why, err);
		if (status < 0)
			goto out;
	}
	status = end_rows(a, got, err);
out:
	/* The header's names go with it. */
	map_uncompile(a->map);
	csv_close(&csv);
	return status;
}

/* json: the record, or what a record of XML is as JSON. */
static int apply_record(struct applying *a, struct map_row *row, struct json_doc *doc,
	struct str json, struct buf *err)
{
	buf_clear(&a->why);
	if (json_parse(doc, json, true, &a->why) < 0)
		return reject(a, FAULT_JSON, a->why.s, err);
	row->record = doc->v;
	return take_row(a, row, err);
}

static int spill(
	struct applying *a, uint64_t line, uint64_t offset, struct str piece, struct buf *err)
{
	if (!a->spilling &&
		ledger_letter_begin(a->run->ledger, FAULT_TOO_LONG,
			"record too long (see --max-line)", a->in->name, line, offset, err) < 0)
		return -1;
	a->spilling = true;
	return ledger_letter_more(a->run->ledger, piece, err);
}

static int spill_json(void *ctx, const struct jsonscan *scan, struct str piece, struct buf *err)
{
	return spill(ctx, scan->line, scan->offset, piece, err);
}

static int spill_xml(void *ctx, const struct xmlscan *scan, struct str piece, struct buf *err)
{
	return spill(ctx, scan->line, scan->offset, piece, err);
}

/* The last bytes of a record whose letter is open. */
static int end_spill(struct applying *a, struct buf *err)
{
	a->spilling = false;
	return ledger_letter_more(a->run->ledger, a->raw, err) < 0
		       ? -1
		       : ledger_letter_end(a->run->ledger, err);
}

/* What is behind the break is not read: that stops the input besides. */
static int stop_at(struct applying *a, enum event_fault fault, const char *why, struct buf *err)
{
	uint64_t line = a->line;

	if ((a->spilling ? end_spill(a, err) : reject(a, fault, why, err)) == 0 &&
		end_rows(a, 0, err) == 0)
		buf_printf(err, "%s:%llu: %s; nothing behind it was read", a->in->name,
			(unsigned long long)line, why);
	return -1;
}

static int apply_json(struct applying *a, struct buf *err)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct map_around *around = NULL;
	struct jsonscan scan = {.state = NULL};
	struct map_row row = {.csv = NULL};
	int status = -1, got;

	if (map_around_needed(a->map)) {
		around =
			map_around_read(a->map, a->in, AROUND_RECORDS * a->run->opt->max_line, err);
		if (!around)
			goto out;
	}
	if (jsonscan_open(&scan, a->in, a->map->records, a->run->opt->max_line, err) < 0 ||
		begin_groups(a, NULL, err) < 0)
		goto out;
	scan.spill = spill_json;
	scan.ctx = a;
	while ((got = jsonscan_next(&scan, err)) > 0) {
		a->line = scan.line;
		a->offset = scan.offset;
		a->raw = scan.raw;
		if (around)
			row.around = map_around_of(around, scan.array, &row.around_n);
		if (got == JSONSCAN_ONE)
			status = apply_record(a, &row, &doc, scan.raw, err);
		else if (got == JSONSCAN_BROKEN)
			status = stop_at(a, FAULT_JSON, scan.why, err);
		else if (got == JSONSCAN_LONG)
			status = end_spill(a, err);
		else
			status = reject(a, FAULT_JSON, scan.why, err);
		if (status < 0)
			goto out;
	}
	status = end_rows(a, got, err);
out:
	jsonscan_close(&scan);
	map_around_free(around);
	json_release(&doc);
	return status;
}

static int apply_xml(struct applying *a, struct buf *err)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct map_row row = {.csv = NULL};
	struct xmlscan scan;
	int status = -1, got;

	if (xmlscan_open(&scan, a->in, a->map->place[0].text, a->run->opt->max_line, err) < 0)
		goto out;
	scan.spill = spill_xml;
	scan.ctx = a;
	while ((got = xmlscan_next(&scan, err)) > 0) {
		a->line = scan.line;
		a->offset = scan.offset;
		a->raw = scan.raw;
		if (got == XMLSCAN_ONE)
			status = apply_record(a, &row, &doc, scan.json, err);
		else if (got == XMLSCAN_BROKEN)
			status = stop_at(a, FAULT_ROW, scan.why, err);
		else if (got == XMLSCAN_LONG)
			status = end_spill(a, err);
		else
			status = reject(a, FAULT_ROW, scan.why, err);
		if (status < 0)
			goto out;
	}
	status = got;
out:
	xmlscan_close(&scan);
	json_release(&doc);
	return status;
}

int map_apply(struct map *m, struct adapt_run *run, struct input *in, struct buf *err)
{
	struct applying a = {.map = m, .run = run, .in = in, .why = BUF_INIT};
	int status;

	/* A file that tells nothing by itself, such as a table of names: counted, not read. */
	if (!m->event_n) {
		run->empty++;
		return 0;
	}
	map_place_choose(m, buf_str(&in->head));
	if (!m->csv && !m->conditions && map_compile(m, NULL, err) < 0) {
		map_uncompile(m);
		return -1;
	}
	m->applied = true;
	a.match = map_match_best(m, in);
	map_functions_begin(m->functions, run, in, m->time_format);
	status = map_tables_open(m, in, run->opt, err);
	if (status == 0)
		status = m->csv	  ? apply_csv(&a, err)
			 : m->xml ? apply_xml(&a, err)
				  : apply_json(&a, err);
	map_groups_free(a.groups);
	map_functions_end(m->functions);
	while (a.made)
		draft_release(&a.ready[--a.made]);
	free(a.ready);
	buf_release(&a.why);
	return status;
}
