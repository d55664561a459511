#include "core/store/internal.h"
#include "base/die.h"

/*
 * Everything here can be dropped and built anew from the log. Times are ms since the epoch, UTC;
 * NULL: none. A table has the generation and the customer first; its key is these and what is named
 * here. `also`: columns that its view adds; `shown`: all that its view has, in place of all.
 */
#define OF_CONTACT                                                                                 \
	" contact INTEGER, issue INTEGER, channel TEXT, class TEXT, source TEXT, intent TEXT,"     \
	" family TEXT, region TEXT, lang TEXT, stage TEXT, agent TEXT, started INTEGER,"           \
	" known INTEGER, assumed INTEGER"

static const struct {
	const char *name, *columns, *key, *also, *shown;
} tables[] = {
	{"contact",
		"contact INTEGER, source TEXT, session TEXT,"
		" channel TEXT, class TEXT, began TEXT, started INTEGER, ended INTEGER,"
		" offered INTEGER, handled INTEGER, case_id TEXT, intent TEXT, family TEXT,"
		" inherited INTEGER, lang TEXT, region TEXT, stage TEXT, agent TEXT,"
		" first_in INTEGER, answered_any INTEGER, answered_human INTEGER,"
		" answered_useful INTEGER, own_answer INTEGER, followed INTEGER, closed INTEGER,"
		" closed_last INTEGER, reopened INTEGER, last_word TEXT, last_asks INTEGER,"
		" next_in INTEGER, next_started INTEGER, next_matter INTEGER, next_channel TEXT,"
		" next_matter_started INTEGER, issue INTEGER, known INTEGER, assumed INTEGER,"
		" escalated INTEGER, transferred INTEGER, handed_off INTEGER,"
		" escalation_reason TEXT, events INTEGER, her_words INTEGER, our_words INTEGER,"
		" outcome TEXT, abandoned TEXT, gave_up INTEGER, human INTEGER, bot INTEGER,"
		" wait_known INTEGER, signals TEXT, felt INTEGER, sentiment_sum REAL,"
		" sentiment_first REAL, sentiment_last REAL, given INTEGER, asked INTEGER,"
		" answer_within INTEGER, has_hours INTEGER, business_any INTEGER,"
		" business_human INTEGER, business_useful INTEGER",
		"contact", NULL, NULL},
	{"issue",
		"issue INTEGER, began TEXT, case_id TEXT,"
		" family TEXT, intent TEXT, region TEXT, lang TEXT, source TEXT, channel TEXT,"
		" class TEXT, stage TEXT, agent TEXT, started INTEGER, ended INTEGER,"
		" contacts INTEGER, her_contacts INTEGER, channels INTEGER, single INTEGER,"
		" open INTEGER, first_ended INTEGER, first_handled INTEGER, first_closed INTEGER,"
		" first_last_word TEXT, first_last_asks INTEGER, first_next_in INTEGER,"
		" later_started INTEGER, closed INTEGER, closed_last INTEGER,"
		" reopen_started INTEGER, reopen_channel_other INTEGER, case_reopened INTEGER,"
		" transfers INTEGER, handoffs INTEGER, escalations INTEGER, moves INTEGER,"
		" switches INTEGER, questions INTEGER, repeated_questions INTEGER,"
		" commercial INTEGER, known INTEGER, assumed INTEGER",
		"issue",
		"started < 2592000000 + (SELECT CAST(value AS INTEGER) FROM meta"
		" WHERE key = 'begin') AS left_censored",
		NULL},
	{"switch",
		"switch INTEGER, from_contact INTEGER,"
		" to_contact INTEGER, issue INTEGER, from_channel TEXT, to_channel TEXT,"
		" channel TEXT, class TEXT, source TEXT, intent TEXT, family TEXT, region TEXT,"
		" lang TEXT, stage TEXT, agent TEXT, gap INTEGER, started INTEGER, ended INTEGER,"
		" first_spoke INTEGER, joined INTEGER, asked_who INTEGER, asked_known INTEGER,"
		" repeated INTEGER, closed INTEGER, last_word TEXT, last_asks INTEGER,"
		" next_in INTEGER, next_switch_started INTEGER, next_matter_started INTEGER,"
		" known INTEGER, assumed INTEGER",
		"switch, from_contact", NULL, NULL},
	{"move",
		"contact INTEGER, at INTEGER, kind TEXT, issue INTEGER,"
		" reason TEXT, from_owner TEXT, to_owner TEXT, channel TEXT, class TEXT,"
		" source TEXT, intent TEXT, family TEXT, region TEXT, lang TEXT, stage TEXT,"
		" agent TEXT, started INTEGER, repeated INTEGER, known INTEGER, assumed INTEGER",
		"contact, at, kind", NULL, NULL},
	{"question",
		"question INTEGER," OF_CONTACT ", asked_by TEXT, same INTEGER, answered INTEGER",
		"question", NULL, NULL},
	{"commitment", "commitment INTEGER," OF_CONTACT ", action TEXT, due INTEGER, kept INTEGER",
		"commitment", NULL, NULL},
	{"opportunity",
		"issue INTEGER, channel TEXT, last_channel TEXT, class TEXT, source TEXT,"
		" intent TEXT, family TEXT, region TEXT, lang TEXT, stage TEXT, agent TEXT,"
		" reason TEXT, started INTEGER, ended INTEGER, won INTEGER,"
		" she_waited INTEGER, she_waits INTEGER, we_waited INTEGER, we_wait INTEGER,"
		" silence INTEGER, silent INTEGER, lapsed INTEGER, recovered INTEGER,"
		" contacts INTEGER, her_contacts INTEGER, switches INTEGER, known INTEGER,"
		" assumed INTEGER",
		"issue", NULL, NULL},
	{"touch",
		"issue INTEGER, channel TEXT, class TEXT, source TEXT, intent TEXT, family TEXT,"
		" region TEXT, lang TEXT, stage TEXT, agent TEXT, reason TEXT, started INTEGER,"
		" ended INTEGER, won INTEGER, known INTEGER, assumed INTEGER",
		"issue, channel", NULL, NULL},
	{"survey", "survey INTEGER," OF_CONTACT ", scale TEXT, score REAL", "survey", NULL, NULL},
	{"decision",
		"decision INTEGER," OF_CONTACT
		", actor TEXT, action TEXT, verdict TEXT, policies TEXT, inputs TEXT",
		"decision", NULL, NULL},
	{"outbound",
		"outbound INTEGER, channel TEXT, class TEXT, source TEXT, purpose TEXT,"
		" started INTEGER, previous INTEGER, consent INTEGER, open_issue INTEGER,"
		" known INTEGER, assumed INTEGER",
		"outbound", NULL, NULL},
	{"handoff",
		"handoff INTEGER," OF_CONTACT
		", context INTEGER, parts INTEGER, needed INTEGER, missing TEXT",
		"handoff", NULL, NULL},
	{"stage",
		"stage TEXT, position INTEGER, event INTEGER, started INTEGER,"
		" first_started INTEGER, next_started INTEGER, known INTEGER, assumed INTEGER",
		"position", NULL, NULL},
	/* Every change of channel or owner: switches, then moves, each in the order of theirs. */
	{"handover",
		"moved INTEGER, from_contact INTEGER, kind TEXT, contact INTEGER, issue INTEGER,"
		" at INTEGER,"
		" reason TEXT, channel TEXT, class TEXT, source TEXT, intent TEXT, family TEXT,"
		" region TEXT, lang TEXT, stage TEXT, agent TEXT, started INTEGER,"
		" repeated INTEGER, known INTEGER, assumed INTEGER",
		"moved, contact, from_contact, at, kind", NULL,
		"customer, kind, contact, issue, at, reason, channel, class, source, intent,"
		" family, region, lang, stage, agent, started, repeated, known, assumed"},
	/* The first value of each entity that is named in a contact; first: in its issue as well.
	 */
	{"entity",
		"issue INTEGER, first INTEGER, type TEXT, contact INTEGER, value TEXT,"
		" event INTEGER, started INTEGER",
		"issue, first, type, contact", NULL, NULL},
	{"customer",
		"known INTEGER, started INTEGER, ended INTEGER, records INTEGER, contacts INTEGER,"
		" her_contacts INTEGER, issues INTEGER, open_issues INTEGER, switches INTEGER,"
		" moves INTEGER, questions INTEGER, opportunities INTEGER, channel TEXT,"
		" last_channel TEXT, class TEXT, source TEXT, region TEXT, lang TEXT, stage TEXT,"
		" agent TEXT, assumed INTEGER",
		NULL, NULL, NULL},
};

_Static_assert(sizeof(tables) / sizeof(tables[0]) == FACT_TABLES, "a table without rows");

/* Decisions on the same action that had read the same. */
static const char ruling[] =
	"v_ruling AS SELECT min(who) AS who, min(decision) AS customer, min(decision) AS decision,"
	" action, inputs, count(*) AS decisions, count(DISTINCT verdict) AS verdicts,"
	" count(verdict) * (count(verdict) - 1) / 2 AS pairs,"
	" (count(verdict) * count(verdict) - sum(alike)) / 2 AS contradicting,"
	" count(DISTINCT customer) AS customers, min(started) AS started,"
	" CASE WHEN min(channel) < max(channel) THEN 'several' ELSE min(channel) END AS channel,"
	" max(actor IS 'agent') AS human, max(actor IS 'bot') AS bot,"
	" 1 AS known, max(assumed) AS assumed FROM"
	" (SELECT who, customer, decision, action, inputs, verdict, started, channel, actor,"
	" assumed, count(verdict) OVER (PARTITION BY action, inputs, verdict) AS alike"
	" FROM v_decision WHERE action IS NOT NULL AND inputs IS NOT NULL)"
	" GROUP BY action, inputs;";

/* The same facts by columns: blocks.h. */
static const struct {
	const char *name, *columns;
} block_places[] = {
	{"fact_block", "(id INTEGER PRIMARY KEY, gen INTEGER NOT NULL, after INTEGER NOT NULL,"
		       " upto INTEGER NOT NULL, customers INTEGER NOT NULL, plain INTEGER NOT NULL,"
		       " UNIQUE(gen, after))"},
	{"fact_column", "(key INTEGER PRIMARY KEY, data BLOB NOT NULL)"},
	{"fact_stale", "(gen INTEGER, customer INTEGER, PRIMARY KEY(gen, customer)) WITHOUT ROWID"},
};
#define BLOCK_PLACES (sizeof(block_places) / sizeof(block_places[0]))

static const char generation[] = "(SELECT CAST(value AS INTEGER) FROM meta WHERE key = "
				 "'generation')";

static void put_view(struct buf *sql, const char *create, size_t i, const char *from)
{
	buf_printf(sql,
		"%s VIEW v_%s AS SELECT 'c' || customer AS who, %s%s%s FROM \"%s%s\""
		" WHERE gen = %s;",
		create, tables[i].name, tables[i].shown ? tables[i].shown : "*",
		tables[i].also ? ", " : "", tables[i].also ? tables[i].also : "", from,
		tables[i].name, generation);
}

static void put_tables(struct buf *sql, const char *create)
{
	for (size_t i = 0; i < FACT_TABLES; i++) {
		buf_printf(sql,
			"%s TABLE \"%s\"(gen INTEGER, customer INTEGER, %s, PRIMARY KEY(gen,"
			" customer%s%s)) WITHOUT ROWID;",
			create, tables[i].name, tables[i].columns, tables[i].key ? ", " : "",
			tables[i].key ? tables[i].key : "");
		put_view(sql, create, i, "");
	}
	buf_printf(sql, "%s VIEW %s", create, ruling);
	for (size_t i = 0; i < BLOCK_PLACES; i++)
		buf_printf(sql, "%s TABLE %s%s;", create, block_places[i].name,
			block_places[i].columns);
}

void store_facts_sql(struct buf *sql)
{
	put_tables(sql, "CREATE");
	buf_puts(sql, "INSERT OR REPLACE INTO meta(key, value) VALUES('generation', '1'),"
		      "('facts', '" DIGITS(FACTS_VERSION) "');");
}

void store_facts_drop_sql(struct buf *sql)
{
	buf_puts(sql, "DROP VIEW IF EXISTS v_ruling;");
	for (size_t i = 0; i < FACT_TABLES; i++)
		buf_printf(sql, "DROP VIEW IF EXISTS v_%s; DROP TABLE IF EXISTS \"%s\";",
			tables[i].name, tables[i].name);
	for (size_t i = 0; i < BLOCK_PLACES; i++)
		buf_printf(sql, "DROP TABLE IF EXISTS %s;", block_places[i].name);
}

void store_facts_temporary_sql(struct buf *sql)
{
	buf_puts(sql,
		"CREATE TEMP TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
		"INSERT INTO temp.meta SELECT * FROM main.meta;"
		"INSERT OR REPLACE INTO temp.meta(key, value) VALUES('facts', '" DIGITS(
			FACTS_VERSION) "');"
				       "CREATE TEMP TABLE touched(customer INTEGER PRIMARY KEY, "
				       "mark INTEGER NOT NULL);"
				       "CREATE TEMP TABLE touched_session("
				       " session INTEGER PRIMARY KEY, mark INTEGER NOT NULL, after "
				       "INTEGER NOT NULL"
				       " DEFAULT 0);");
	put_tables(sql, "CREATE TEMP");
}

void store_facts_alone_sql(struct buf *sql)
{
	buf_puts(sql, "DROP VIEW IF EXISTS temp.v_ruling;");
	for (size_t i = 0; i < FACT_TABLES; i++) {
		buf_printf(sql, "DROP VIEW IF EXISTS temp.v_%s;", tables[i].name);
		put_view(sql, "CREATE TEMP", i, "alone_");
	}
	buf_printf(sql, "CREATE TEMP VIEW %s", ruling);
}

const char *facts_table(size_t i)
{
	return tables[i].name;
}

const char *facts_columns(size_t i)
{
	return tables[i].columns;
}

/* The generation and the customer come first. */
static size_t column_of(const char *columns, struct str name)
{
	size_t at = 2;

	for (const char *p = columns; p; at++) {
		p += strspn(p, " ,");
		if (strncmp(p, name.s, name.len) == 0 && p[name.len] == ' ')
			return at;
		p = strchr(p, ',');
	}
	BUG("a key that is no column");
}

size_t facts_key(size_t i, size_t out[FACT_KEY])
{
	size_t n = 0;

	for (const char *p = tables[i].key; p && *p; p += strspn(p, " ,")) {
		struct str name = {p, strcspn(p, ",")};

		out[n++] = column_of(tables[i].columns, name);
		p += name.len;
	}
	return n;
}
