#include "core/store/asking.h"
#include "base/when.h"
#include "core/metric.h"
#include "core/store/measure.h"

#include <stdio.h>

#define BUSY (-2)

/* Beside those of the sandbox: what a subquery counts with, and this file's own. */
static const char *const more_functions[] = {"avg", "count", "local_day", "local_month",
	"local_time", "local_week", "sum", "total", NULL};

/* Steps of one statement: the log's size says how many rows there can be, about ten to a page. */
#define TICK 100000 /* instructions between two looks at the budget */
#define STEPS_BASE INT64_C(200000000)
#define STEPS_PAGE INT64_C(100000)

bool asking_busy(struct sqlite3 *db)
{
	int code = sqlite3_errcode(db) & 0xff;

	return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

int asking_failed(struct sqlite3 *db, struct buf *err)
{
	bool busy = asking_busy(db);

	buf_puts(err, busy ? "another writer holds the database" : sandbox_failure(db));
	return busy ? BUSY : -1;
}

/* ---- days, weeks, months ---- */

static void put_day(const struct civil *c, int weekday, char *out, size_t size)
{
	(void)weekday;
	snprintf(out, size, "%04d-%02d-%02d", c->year, c->month, c->day);
}

static void put_month(const struct civil *c, int weekday, char *out, size_t size)
{
	(void)weekday;
	snprintf(out, size, "%04d-%02d", c->year, c->month);
}

static void put_time(const struct civil *c, int weekday, char *out, size_t size)
{
	(void)weekday;
	snprintf(out, size, "%02d:%02d", c->hour, c->minute);
}

/* ISO 8601: the week of a day belongs to the year that its Thursday is in. */
static void put_week(const struct civil *c, int weekday, char *out, size_t size)
{
	const struct civil date = {.year = c->year, .month = c->month, .day = c->day};
	int monday = (weekday + 6) % 7;
	int64_t thursday = civil_utc(&date) + (3 - monday) * WHEN_DAY, first;
	struct civil t;

	utc_civil(thursday, &t);
	first = civil_utc(&(struct civil){.year = t.year, .month = 1, .day = 1});
	snprintf(out, size, "%04d-W%02d", t.year, (int)((thursday - first) / (7 * WHEN_DAY)) + 1);
}

typedef void put_local(const struct civil *c, int weekday, char *out, size_t size);

static void local(sqlite3_context *ctx, sqlite3_value *when, put_local *put)
{
	char text[64];
	struct civil c;
	int weekday;

	if (sqlite3_value_type(when) == SQLITE_NULL)
		return;
	local_civil(sqlite3_value_int64(when), &c, &weekday);
	put(&c, weekday, text, sizeof(text));
	sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
}

void measure_period(const char *kind, int64_t when, char *out, size_t size)
{
	put_local *put = strcmp(kind, "day") == 0    ? put_day
			 : strcmp(kind, "week") == 0 ? put_week
			 : strcmp(kind, "time") == 0 ? put_time
						     : put_month;
	struct civil c;
	int weekday;

	local_civil(when, &c, &weekday);
	put(&c, weekday, out, size);
}

static void local_day(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	local(ctx, argv[0], put_day);
}

static void local_week(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	local(ctx, argv[0], put_week);
}

static void local_month(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	local(ctx, argv[0], put_month);
}

static void local_time(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	local(ctx, argv[0], put_time);
}

int asking_functions(struct sqlite3 *db, struct buf *err)
{
	static const struct {
		const char *name;
		void (*call)(sqlite3_context *, int, sqlite3_value **);
	} functions[] = {{"local_day", local_day}, {"local_week", local_week},
		{"local_month", local_month}, {"local_time", local_time}};

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (sqlite3_create_function(db, functions[i].name, 1,
			    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, functions[i].call, NULL,
			    NULL) != SQLITE_OK)
			return asking_failed(db, err);
	return sandbox_functions_bound(db) < 0 ? asking_failed(db, err) : 0;
}

/* ---- preparing ---- */

static bool among(const char *const *words, const char *word)
{
	for (; *words; words++)
		if (sqlite3_stricmp(*words, word) == 0)
			return true;
	return false;
}

/* The view of a fact. */
static bool is_view(const char *name)
{
	return sqlite3_strnicmp(name, "v_", 2) == 0 && among(metric_facts(), name + 2);
}

static bool may_read(const struct asking *a, const char *name)
{
	return is_view(name) || (a->composed && sqlite3_stricmp(name, "v_entity") == 0);
}

/* What a definition may do: read the facts' views, call what is allowed. Views themselves may do
 * what they need. */
static int authorize(
	void *ctx, int action, const char *a, const char *b, const char *schema, const char *view)
{
	(void)schema;
	if (action == SQLITE_SELECT || (view && may_read(ctx, view)))
		return SQLITE_OK;
	if (action == SQLITE_READ)
		return may_read(ctx, a) ? SQLITE_OK : SQLITE_DENY;
	if (action == SQLITE_FUNCTION)
		return sandbox_allows(b) || among(more_functions, b) ? SQLITE_OK : SQLITE_DENY;
	return SQLITE_DENY;
}

static int over_budget(void *ctx)
{
	struct asking *a = ctx;

	return --a->ticks < 0;
}

static int64_t ticks_of(struct sqlite3 *db)
{
	sqlite3_stmt *st = NULL;
	int64_t pages = 0;

	if (sqlite3_prepare_v2(db, "PRAGMA main.page_count", -1, &st, NULL) == SQLITE_OK &&
		sqlite3_step(st) == SQLITE_ROW)
		pages = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return STEPS_BASE / TICK + pages * (STEPS_PAGE / TICK);
}

void asking_end(struct asking *a)
{
	sqlite3_finalize(a->st);
	sqlite3_progress_handler(a->db, 0, NULL, NULL);
	sandbox_leave(&a->before);
}

/* asking_end() ends what this begins, whatever it returns. */
int asking_begin(
	struct asking *a, struct sqlite3 *db, const struct buf *sql, int depth, struct buf *err)
{
	int status = 0;

	*a = (struct asking){.db = db, .ticks = ticks_of(db), .composed = depth > SANDBOX_DEPTH};
	sandbox_enter(&a->before, db, depth);
	sqlite3_progress_handler(db, TICK, over_budget, a);
	sqlite3_set_authorizer(db, authorize, a);
	if (sqlite3_prepare_v2(db, sql->s, (int)sql->len + 1, &a->st, NULL) != SQLITE_OK)
		status = asking_failed(db, err);
	sqlite3_set_authorizer(db, NULL, NULL);
	return status;
}

static int check_parameters(sqlite3_stmt *st, struct buf *err)
{
	static const char *const known[] = {":window", ":horizon", NULL};

	for (int i = 1; i <= sqlite3_bind_parameter_count(st); i++) {
		const char *name = sqlite3_bind_parameter_name(st, i);

		if (!name || !among(known, name)) {
			buf_printf(err, "no such parameter: %s", name ? name : "?");
			return -1;
		}
	}
	return 0;
}

/* Compiles one expression alone, in a place where SQL takes no aggregate. */
int asking_check(struct sqlite3 *db, const char *view, const char *text, struct buf *err)
{
	const char *stray = sandbox_stray(text);
	struct buf sql = BUF_INIT;
	struct asking a;
	size_t place = err->len;
	int status;

	if (stray) {
		buf_puts(err, stray);
		return -1;
	}
	if (view)
		buf_printf(&sql, "SELECT 1 FROM %s AS f WHERE (%s\n)", view, text);
	else
		buf_printf(&sql, "SELECT 1 WHERE (%s\n)", text);
	status = asking_begin(&a, db, &sql, SANDBOX_DEPTH, err);
	/* At the bracket that is ours. */
	if (status == -1 && sqlite3_error_offset(db) == (int)sql.len - 1) {
		buf_cut(err, place);
		buf_puts(err, SANDBOX_BREAKS_OFF);
	}
	if (status == 0)
		status = check_parameters(a.st, err);
	asking_end(&a);
	buf_release(&sql);
	return status;
}
