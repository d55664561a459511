#include "core/store/published.h"
#include "core/store/internal.h"

#include <sqlite3.h>

/* What tells a figure from others. */
#define KEY "period, zone, start, metric, statistic, dimensions, \"group\""
/* Times are ms since the epoch, UTC. */
const char store_published_schema[] =
	"CREATE TABLE IF NOT EXISTS published("
	" period TEXT NOT NULL, zone TEXT NOT NULL, start INTEGER NOT NULL,"
	" metric TEXT NOT NULL, statistic TEXT NOT NULL, dimensions TEXT NOT NULL,"
	" \"group\" TEXT NOT NULL, revision INTEGER NOT NULL, name TEXT NOT NULL,"
	" version TEXT NOT NULL, definition BLOB NOT NULL, unit TEXT NOT NULL,"
	" value REAL, numerator INTEGER, n INTEGER NOT NULL, low REAL, high REAL, why TEXT,"
	" ontology TEXT NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY(" KEY ", revision)) STRICT, WITHOUT ROWID;"
	"CREATE VIEW IF NOT EXISTS v_published AS"
	" SELECT period, zone, name, start, metric, version, statistic, \"group\", value,"
	" numerator, n, low, high, unit, revision, why, sequence, ontology, at FROM published p"
	" WHERE revision = (SELECT max(revision) FROM published WHERE period = p.period"
	" AND zone = p.zone AND start = p.start AND metric = p.metric"
	" AND statistic = p.statistic AND dimensions = p.dimensions AND \"group\" = p.\"group\");";

bool published_there(struct store *s)
{
	return store_pragma(s, "SELECT 1 FROM sqlite_schema WHERE name='published'") == 1;
}

/* ---- reading ---- */

static bool real(sqlite3_stmt *st, int at, double *out)
{
	*out = sqlite3_column_double(st, at);
	return sqlite3_column_type(st, at) != SQLITE_NULL;
}

static void read_row(sqlite3_stmt *st, struct published *p)
{
	struct str digest = store_column(st, 6);

	*p = (struct published){.metric = store_column(st, 0),
		.statistic = store_column(st, 1),
		.dimensions = store_column(st, 2),
		.group = store_column(st, 3),
		.revision = sqlite3_column_int64(st, 4),
		.version = store_column(st, 5),
		.unit = store_column(st, 7),
		.numerator = sqlite3_column_int64(st, 9),
		.has_numerator = sqlite3_column_type(st, 9) != SQLITE_NULL,
		.n = sqlite3_column_int64(st, 10),
		.why = store_column(st, 13),
		.ontology = store_column(st, 14),
		.sequence = sqlite3_column_int64(st, 15),
		.at = sqlite3_column_int64(st, 16)};
	if (digest.len == sizeof(p->definition))
		memcpy(p->definition, digest.s, digest.len);
	p->has_value = real(st, 8, &p->value);
	p->has_low = real(st, 11, &p->low);
	p->has_high = real(st, 12, &p->high);
}

int published_latest(struct store *s, const struct published_period *p, published_visit *visit,
	void *ctx, struct buf *err)
{
	struct published row;
	sqlite3_stmt *st;
	int status;

	if (!published_there(s))
		return 0;
	/* Columns beside max() are those of its row. */
	status = store_prepare(s,
		"SELECT metric, statistic, dimensions, \"group\", max(revision), version,"
		" definition, unit, value, numerator, n, low, high, why, ontology, sequence, at"
		" FROM published WHERE period=?1 AND zone=?2 AND start=?3"
		" GROUP BY metric, statistic, dimensions, \"group\"",
		&st, err);
	if (status < 0)
		return status;
	store_bind(st, 1, str_of(p->kind));
	store_bind(st, 2, str_of(p->zone));
	sqlite3_bind_int64(st, 3, p->start);
	while ((status = store_step(s, st, err)) == 1) {
		read_row(st, &row);
		status = visit(ctx, &row, err);
		if (status)
			break;
	}
	sqlite3_finalize(st);
	return status;
}

int published_next(struct store *s, const char *kind, const char *zone, int64_t from,
	int64_t *start, bool *there, struct buf *err)
{
	struct buf sql = BUF_INIT;
	sqlite3_stmt *st;
	int status;

	buf_puts(&sql, "SELECT min(t) FROM (");
	for (size_t i = 0; i < FACT_TABLES; i++)
		buf_printf(&sql, "%sSELECT min(started) AS t FROM v_%s WHERE started>=?1",
			i ? " UNION ALL " : "", facts_table(i));
	/* A move is when a call is taken, and its contact began before. */
	buf_puts(&sql, " UNION ALL SELECT min(at) FROM v_move WHERE at>=?1");
	if (published_there(s))
		buf_puts(&sql, " UNION ALL SELECT min(start) FROM published"
			       " WHERE period=?2 AND zone=?3 AND start>=?1");
	buf_byte(&sql, ')');
	status = store_prepare(s, sql.s, &st, err);
	buf_release(&sql);
	if (status < 0)
		return status;
	sqlite3_bind_int64(st, 1, from);
	if (sqlite3_bind_parameter_count(st) > 1) {
		store_bind(st, 2, str_of(kind));
		store_bind(st, 3, str_of(zone));
	}
	status = store_step(s, st, err);
	*there = status == 1 && sqlite3_column_type(st, 0) != SQLITE_NULL;
	*start = *there ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_finalize(st);
	return status < 0 ? status : 0;
}

/* ---- adding ---- */

static void bind_real(sqlite3_stmt *st, int at, bool has, double v)
{
	if (has)
		sqlite3_bind_double(st, at, v);
	else
		sqlite3_bind_null(st, at);
}

static int add(struct store *s, sqlite3_stmt *st, const struct published_period *p,
	const struct published *r, struct buf *err)
{
	const struct str texts[] = {str_of(p->kind), str_of(p->zone), r->metric, r->statistic,
		r->dimensions, r->group, str_of(p->name), r->version, r->unit, r->ontology};

	for (int i = 0; i < (int)(sizeof(texts) / sizeof(texts[0])); i++)
		store_bind(st, i + 1, texts[i]);
	sqlite3_bind_int64(st, 11, p->start);
	sqlite3_bind_int64(st, 12, r->revision);
	sqlite3_bind_blob(st, 13, r->definition, sizeof(r->definition), SQLITE_STATIC);
	bind_real(st, 14, r->has_value, r->value);
	bind_real(st, 15, r->has_low, r->low);
	bind_real(st, 16, r->has_high, r->high);
	if (r->has_numerator)
		sqlite3_bind_int64(st, 17, r->numerator);
	else
		sqlite3_bind_null(st, 17);
	sqlite3_bind_int64(st, 18, r->n);
	sqlite3_bind_int64(st, 19, r->sequence);
	sqlite3_bind_int64(st, 20, r->at);
	if (r->why.len)
		store_bind(st, 21, r->why);
	else
		sqlite3_bind_null(st, 21);
	return store_run(s, st, err);
}

int published_add(struct store *s, const struct published_period *p,
	const struct published *const *rows, size_t n, struct buf *err)
{
	sqlite3_stmt *st = NULL;
	int status = published_there(s) ? 0 : store_exec(s, store_published_schema, err);

	if (status == 0)
		status = store_prepare(s,
			"INSERT INTO published(period, zone, metric, statistic, dimensions,"
			" \"group\", name, version, unit, ontology, start, revision, definition,"
			" value, low, high, numerator, n, sequence, at, why)"
			" VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,"
			"?19,?20,?21)",
			&st, err);
	for (size_t i = 0; i < n && status == 0; i++)
		status = add(s, st, p, rows[i], err);
	sqlite3_finalize(st);
	return status;
}
