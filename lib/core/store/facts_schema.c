#include "core/store/internal.h"

/* Everything here can be dropped and built anew from the log. Times are ms since the epoch, UTC;
 * NULL: none. */
#define TABLE_CONTACT                                                                              \
	"contact(gen INTEGER, customer INTEGER, contact INTEGER, source TEXT, session TEXT,"       \
	" channel TEXT, class TEXT, began TEXT, started INTEGER, ended INTEGER, offered INTEGER,"  \
	" handled INTEGER, case_id TEXT, intent TEXT, family TEXT, inherited INTEGER, lang TEXT,"  \
	" region TEXT, stage TEXT, agent TEXT, first_in INTEGER, answered_any INTEGER,"            \
	" answered_human INTEGER, answered_useful INTEGER, closed INTEGER, closed_last INTEGER,"   \
	" reopened INTEGER, last_word TEXT, last_asks INTEGER, next_in INTEGER,"                   \
	" next_started INTEGER, next_matter INTEGER, next_channel TEXT,"                           \
	" next_matter_started INTEGER, issue INTEGER, known INTEGER, assumed INTEGER,"             \
	" escalated INTEGER, transferred INTEGER, handed_off INTEGER, escalation_reason TEXT,"     \
	" events INTEGER, her_words INTEGER, our_words INTEGER, abandoned TEXT, human INTEGER,"    \
	" bot INTEGER, wait_known INTEGER, PRIMARY KEY(gen, customer, contact)) WITHOUT ROWID;"
#define TABLE_ISSUE                                                                                \
	"issue(gen INTEGER, customer INTEGER, issue INTEGER, began TEXT, case_id TEXT,"            \
	" family TEXT, intent TEXT, region TEXT, lang TEXT, source TEXT, channel TEXT, class "     \
	"TEXT,"                                                                                    \
	" stage TEXT, agent TEXT, started INTEGER, ended INTEGER, contacts INTEGER,"               \
	" her_contacts INTEGER, channels INTEGER, single INTEGER, open INTEGER,"                   \
	" first_ended INTEGER, first_handled INTEGER, first_closed INTEGER, first_last_word TEXT," \
	" first_last_asks INTEGER, first_next_in INTEGER, later_started INTEGER, closed INTEGER,"  \
	" reopen_started INTEGER, reopen_channel_other INTEGER, case_reopened INTEGER,"            \
	" transfers INTEGER, escalations INTEGER, switches INTEGER, known INTEGER,"                \
	" assumed INTEGER, PRIMARY KEY(gen, customer, issue)) WITHOUT ROWID;"
#define TABLE_SWITCH                                                                               \
	"switch(gen INTEGER, customer INTEGER, switch INTEGER, from_contact INTEGER,"              \
	" to_contact INTEGER, issue INTEGER, from_channel TEXT, to_channel TEXT, channel TEXT,"    \
	" class TEXT, source TEXT, intent TEXT, family TEXT, region TEXT, lang TEXT, stage TEXT,"  \
	" agent TEXT, gap INTEGER, started INTEGER, ended INTEGER, first_spoke INTEGER,"           \
	" joined INTEGER, asked_who INTEGER, asked_known INTEGER, closed INTEGER, last_word TEXT," \
	" last_asks INTEGER, next_in INTEGER, next_switch_started INTEGER,"                        \
	" next_matter_started INTEGER, known INTEGER, assumed INTEGER,"                            \
	" PRIMARY KEY(gen, customer, switch, from_contact)) WITHOUT ROWID;"
#define TABLE_MOVE                                                                                 \
	"move(gen INTEGER, customer INTEGER, contact INTEGER, at INTEGER, kind TEXT, issue "       \
	"INTEGER,"                                                                                 \
	" reason TEXT, from_owner TEXT, to_owner TEXT, channel TEXT, class TEXT, source TEXT,"     \
	" intent TEXT, family TEXT, region TEXT, lang TEXT, stage TEXT, agent TEXT,"               \
	" started INTEGER, known INTEGER,"                                                         \
	" PRIMARY KEY(gen, customer, contact, at, kind)) WITHOUT ROWID;"

#define GENERATION "(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'generation')"
#define VIEW(name)                                                                                 \
	"v_" name " AS SELECT 'c' || customer AS who, * FROM \"" name "\" WHERE gen = " GENERATION \
	";"
#define VIEW_ISSUE                                                                                 \
	"v_issue AS SELECT 'c' || customer AS who, *, started < 2592000000 +"                      \
	" (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'begin') AS left_censored"          \
	" FROM issue WHERE gen = " GENERATION ";"

const char store_facts_schema[] =
	"CREATE TABLE " TABLE_CONTACT "CREATE TABLE " TABLE_ISSUE "CREATE TABLE " TABLE_SWITCH
	"CREATE TABLE " TABLE_MOVE
	"CREATE VIEW " VIEW("contact") "CREATE VIEW " VIEW_ISSUE "CREATE VIEW " VIEW(
		"switch") "CREATE VIEW " VIEW("move") "INSERT OR REPLACE INTO meta(key, value) "
						      "VALUES('generation', '1');";

/* The same in the temporary database, which stands before the file's own. */
const char store_facts_temporary[] =
	"CREATE TEMP TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
	"INSERT INTO temp.meta SELECT * FROM main.meta;"
	"CREATE TEMP TABLE touched(customer INTEGER PRIMARY KEY, mark INTEGER NOT NULL);"
	"CREATE TEMP TABLE touched_session("
	" session INTEGER PRIMARY KEY, mark INTEGER NOT NULL, after INTEGER NOT NULL DEFAULT 0);"
	"CREATE TEMP TABLE " TABLE_CONTACT "CREATE TEMP TABLE " TABLE_ISSUE
	"CREATE TEMP TABLE " TABLE_SWITCH "CREATE TEMP TABLE " TABLE_MOVE
	"CREATE TEMP VIEW " VIEW("contact") "CREATE TEMP VIEW " VIEW_ISSUE "CREATE TEMP VIEW " VIEW(
		"switch") "CREATE TEMP VIEW " VIEW("move");
