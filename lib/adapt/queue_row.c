#include "adapt/queue_row.h"
#include "base/when.h"

#define NUMBER_MAX INT64_C(100000000) /* ms of a day, and more than anybody waits in seconds */

static const struct queue_event events[] = {{"ENTERQUEUE", QUEUE_ENTER, NULL, NULL, 0},
	{"CONNECT", QUEUE_CONNECT, NULL, NULL, 0}, {"RINGNOANSWER", QUEUE_MISSED, NULL, NULL, 0},
	{"COMPLETECALLER", QUEUE_COMPLETE, "caller", "answered", 0},
	{"COMPLETEAGENT", QUEUE_COMPLETE, "agent", "answered", 0},
	{"ABANDON", QUEUE_LEAVE, NULL, "abandoned_queue", 2},
	{"EXITWITHTIMEOUT", QUEUE_LEAVE, "timeout", "failed", 2},
	{"EXITEMPTY", QUEUE_LEAVE, "empty", "failed", 2},
	{"LEAVEEMPTY", QUEUE_LEAVE, "empty", "failed", 2},
	{"EXITWITHKEY", QUEUE_LEAVE, "key", NULL, 3},
	{"SYSCOMPAT", QUEUE_LEAVE, "incompatible", "failed", QUEUE_DATA},
	{"FULL", QUEUE_REFUSE, "full", "busy", QUEUE_DATA},
	{"JOINEMPTY", QUEUE_REFUSE, "empty", "failed", QUEUE_DATA},
	{"CLOSED", QUEUE_REFUSE, "closed", "failed", QUEUE_DATA},
	{"TRANSFER", QUEUE_TRANSFER, "blind", "answered", 2},
	{"BLINDTRANSFER", QUEUE_TRANSFER, "blind", "answered", 2},
	{"ATTENDEDTRANSFER", QUEUE_ATTENDED, "attended", "answered", 2},
	{"DID", QUEUE_DID, NULL, NULL, 0}, {"QUEUESTART", QUEUE_START, NULL, NULL, 0},
	{"CONFIGRELOAD", QUEUE_STAFF, NULL, NULL, 0}, {"ADDMEMBER", QUEUE_STAFF, NULL, NULL, 0},
	{"REMOVEMEMBER", QUEUE_STAFF, NULL, NULL, 0}, {"PAUSE", QUEUE_STAFF, NULL, NULL, 0},
	{"UNPAUSE", QUEUE_STAFF, NULL, NULL, 0}, {"PAUSEALL", QUEUE_STAFF, NULL, NULL, 0},
	{"UNPAUSEALL", QUEUE_STAFF, NULL, NULL, 0}, {"PENALTY", QUEUE_STAFF, NULL, NULL, 0},
	{"RINGINUSE", QUEUE_STAFF, NULL, NULL, 0}, {"AGENTLOGIN", QUEUE_STAFF, NULL, NULL, 0},
	{"AGENTLOGOFF", QUEUE_STAFF, NULL, NULL, 0},
	{"AGENTCALLBACKLOGIN", QUEUE_STAFF, NULL, NULL, 0},
	{"AGENTCALLBACKLOGOFF", QUEUE_STAFF, NULL, NULL, 0}};
static const struct queue_event other = {"", QUEUE_OTHER, NULL, NULL, 0};

static const struct queue_event *event_of(struct str name)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (str_is(name, events[i].name))
			return &events[i];
	return &other;
}

/* The next field of a row; the row is what follows. */
static struct str field(struct str *row)
{
	const char *bar = row->len ? memchr(row->s, '|', row->len) : NULL;
	struct str f = {row->s, bar ? (size_t)(bar - row->s) : row->len};

	row->s += f.len + (bar != NULL);
	row->len -= f.len + (bar != NULL);
	return f;
}

static struct str some(struct str s)
{
	return str_is(s, "NONE") ? STR("") : s;
}

/* Epoch seconds, a fraction perhaps. */
static bool row_time(struct str s, int64_t *when)
{
	const char *dot = s.len ? memchr(s.s, '.', s.len) : NULL;
	struct str whole = {s.s, dot ? (size_t)(dot - s.s) : s.len};

	if (!whole.len || whole.s[0] == '-' || !str_int(whole, when) ||
		*when > WHEN_LAST / WHEN_SECOND)
		return false;
	*when *= WHEN_SECOND;
	return true;
}

static bool is_event_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(s.s[i] >= 'A' && s.s[i] <= 'Z') && s.s[i] != '_')
			return false;
	return s.len > 0;
}

const char *queue_row_read(struct str line, struct queue_row *r)
{
	struct str time = field(&line), name;

	*r = (struct queue_row){.id = field(&line)};
	r->queue = some(field(&line));
	r->agent = some(field(&line));
	r->said = line;
	name = field(&line);
	if (!is_event_name(name))
		return "no row of a queue_log";
	if (!row_time(time, &r->time))
		return "no such time";
	if (str_is(r->id, "NONE") || str_is(r->id, "REALTIME") || str_is(r->id, "MANAGER"))
		r->id = STR("");
	r->event = event_of(name);
	for (size_t i = 0; i < QUEUE_DATA; i++)
		r->data[i] = str_trim(field(&line));
	return NULL;
}

bool queue_row_known(const struct queue_row *r)
{
	return r->event != &other;
}

int64_t queue_number(struct str s)
{
	int64_t n;

	return s.len && s.s[0] != '-' && str_int(s, &n) && n <= NUMBER_MAX ? n : -1;
}
