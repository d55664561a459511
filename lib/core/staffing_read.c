/* From a staffing file's tree to staffing; all that is wrong is told with its place. */
#include "base/mem.h"
#include "base/when.h"
#include "core/staffing_part.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT_MAX 10000 /* agents of an entry */
#define STAFF_MAX 1000	/* entries */
#define RATE_MAX 1e6	/* contacts an hour */
#define LENGTH_MAX (3660 * WHEN_DAY)

static int refuse(const struct staffing *s, const struct yaml *at, const char *why, struct buf *err)
{
	return yaml_refuse(s->path, at, why, err);
}

static int each(struct staffing *s, const struct yaml *list, const char *what,
	int (*read)(struct staffing *, const struct yaml *, struct buf *), struct buf *err)
{
	if (list && list->type != YAML_SEQUENCE)
		return refuse(s, list, what, err);
	for
		YAML_EACH(v, list)
	if (read(s, v, err) < 0)
		return -1;
	return 0;
}

static int read_words(const struct staffing *s, const struct yaml *list, struct patterns *out,
	const char *what, struct buf *err)
{
	if (list && list->type != YAML_SEQUENCE)
		return refuse(s, list, what, err);
	for
		YAML_EACH(v, list)
		{
			if (v->type != YAML_SCALAR || !*v->text)
				return refuse(s, v, what, err);
			*VEC_ADD(out, v, n, cap) = mem_string(v->text);
		}
	return 0;
}

static int read_number(const struct staffing *s, const struct yaml *v, int64_t most,
	const char *what, int64_t *out, struct buf *err)
{
	if (!v)
		return 0;
	if (v->type != YAML_SCALAR || !str_int(str_of(v->text), out) || *out < 1 || *out > most)
		return refuse(s, v, what, err);
	return 0;
}

/* Borrowed: the member's, else `fallback`. NULL and a reason where there is no such zone. */
static const char *read_zone(
	const struct staffing *s, const struct yaml *y, const char *fallback, struct buf *err)
{
	const struct yaml *v = yaml_get(y, "zone");

	if (!v)
		return fallback;
	if (v->type == YAML_SCALAR && when_zone_is(v->text))
		return v->text;
	refuse(s, v, "no such zone", err);
	return NULL;
}

/* ---- shifts ---- */

static int read_days(
	const struct staffing *s, const struct yaml *list, struct shift *sh, struct buf *err)
{
	for (int d = 0; !list && d < 7; d++)
		sh->days[d] = true;
	if (list && list->type != YAML_SEQUENCE)
		return refuse(s, list, "days is no list of weekdays", err);
	for
		YAML_EACH(v, list)
		{
			int d = v->type == YAML_SCALAR ? when_weekday(str_of(v->text)) : -1;

			if (d < 0)
				return refuse(s, v,
					"no weekday (sun, mon, tue, wed, thu, fri, sat)", err);
			sh->days[d] = true;
		}
	return 0;
}

/* "08:30" to minutes, up to 24:00. */
static int read_clock(
	const struct staffing *s, const struct yaml *y, const char *name, int *out, struct buf *err)
{
	const struct yaml *v = yaml_get(y, name);

	if (!v || v->type != YAML_SCALAR || !when_clock(str_of(v->text), out))
		return refuse(s, v ? v : y, "from and to are times of day like \"08:30\"", err);
	return 0;
}

static int read_shift(struct staffing *s, struct staff *of, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {"days", "from", "to", "zone", NULL};
	struct shift *sh;
	const char *zone;

	if (yaml_only(s->path, y, known, err) < 0)
		return -1;
	sh = VEC_ADD(of, shifts, shift_n, shift_cap);
	zone = read_zone(s, y, s->zone, err);
	if (!zone)
		return -1;
	sh->zone = mem_string(zone);
	if (read_days(s, yaml_get(y, "days"), sh, err) < 0 ||
		read_clock(s, y, "from", &sh->begin, err) < 0)
		return -1;
	return read_clock(s, y, "to", &sh->end, err);
}

static int read_shifts(
	struct staffing *s, struct staff *of, const struct yaml *list, struct buf *err)
{
	if (list && list->type != YAML_SEQUENCE)
		return refuse(s, list, "shifts is no list", err);
	for
		YAML_EACH(v, list)
	if (read_shift(s, of, v, err) < 0)
		return -1;
	return 0;
}

/* ---- agents ---- */

static int read_kind(
	const struct staffing *s, const struct yaml *v, struct staff *of, struct buf *err)
{
	of->kind = AGENT_HUMAN;
	for (int kind = AGENT_BOT; v && v->type == YAML_SCALAR && kind <= AGENT_HUMAN; kind++)
		if (strcmp(v->text, agent_kind_name((enum agent_kind)kind)) == 0)
			return of->kind = (enum agent_kind)kind, 0;
	return v ? refuse(s, v, "kind is none of bot, ai, human", err) : 0;
}

static const struct channel_class *class_of(const struct ontology *o, const char *name)
{
	for (size_t i = 0; i < o->class_n; i++)
		if (strcmp(o->classes[i].id, name) == 0)
			return &o->classes[i];
	return NULL;
}

static int read_concurrency(
	const struct staffing *s, const struct yaml *map, struct staff *of, struct buf *err)
{
	const struct ontology *o = s->ontology;

	of->concurrency = mem_zero(o->class_n, sizeof(*of->concurrency));
	for (size_t i = 0; i < o->class_n; i++)
		of->concurrency[i] = 1;
	if (map && map->type != YAML_MAPPING)
		return refuse(s, map, "concurrency is no mapping of classes to numbers", err);
	for
		YAML_EACH(v, map)
		{
			const struct channel_class *class = class_of(o, v->key);

			if (!class)
				return refuse(s, v, "the ontology has no such class", err);
			if (read_number(s, v, 1000, "no whole number from 1 to 1000",
				    &of->concurrency[class - o->classes], err) < 0)
				return -1;
		}
	return 0;
}

static int read_staff(struct staffing *s, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {
		"id", "kind", "count", "skills", "queues", "concurrency", "shifts", NULL};
	const char *id = yaml_text(y, "id", "");
	const struct yaml *queues = yaml_get(y, "queues");
	struct staff *of;

	if (yaml_only(s->path, y, known, err) < 0)
		return -1;
	if (!*id)
		return refuse(s, y, "no id", err);
	for (size_t i = 0; i < s->staff_n; i++)
		if (strcmp(s->staff[i].id, id) == 0)
			return refuse(s, y, "another entry has this id", err);
	if (s->staff_n == STAFF_MAX)
		return refuse(s, y, "more than 1000 entries", err);
	of = VEC_ADD(s, staff, staff_n, staff_cap);
	of->id = mem_string(id);
	of->count = 1;
	if (read_kind(s, yaml_get(y, "kind"), of, err) < 0 ||
		read_number(s, yaml_get(y, "count"), COUNT_MAX,
			"count is no whole number from 1 to 10000", &of->count, err) < 0 ||
		read_concurrency(s, yaml_get(y, "concurrency"), of, err) < 0 ||
		read_words(s, yaml_get(y, "skills"), &of->skills, "skills is no list of names",
			err) < 0 ||
		read_words(s, queues, &of->queues, "queues is no list of names", err) < 0)
		return -1;
	of->line = queues ? queues->line : 0;
	of->column = queues ? queues->column : 0;
	return read_shifts(s, of, yaml_get(y, "shifts"), err);
}

/* ---- durations ---- */

static bool seconds_of(const struct yaml *v, double *out)
{
	int64_t ms;

	if (!v || v->type != YAML_SCALAR || !when_span(str_of(v->text), &ms) || ms < 1)
		return false;
	*out = (double)ms / 1000;
	return true;
}

static int read_duration(
	const struct staffing *s, const struct yaml *y, struct duration *d, struct buf *err)
{
	static const char *const known[] = {"mean", "sd", NULL};
	const struct yaml *sd;

	if (y->type == YAML_SCALAR && strcmp(y->text, "none") == 0)
		return 0;
	if (yaml_only(s->path, y, known, err) < 0)
		return -1;
	sd = yaml_get(y, "sd");
	d->kind = sd ? DURATION_LOGNORMAL : DURATION_EXPONENTIAL;
	if (!seconds_of(yaml_get(y, "mean"), &d->mean) || (sd && !seconds_of(sd, &d->sd)))
		return refuse(s, y, "mean, and sd where there is one, are spans like 4m", err);
	return 0;
}

static bool name_known(const struct ontology *o, const char *name)
{
	if (strcmp(name, "default") == 0 || class_of(o, name) || ontology_declared(o, str_of(name)))
		return true;
	for (size_t i = 0; i < o->intent_n; i++)
		if (o->intents[i].family && strcmp(o->intents[i].family, name) == 0)
			return true;
	return false;
}

static int read_durations(const struct staffing *s, const struct yaml *map, struct durations *out,
	bool none, struct buf *err)
{
	if (map && map->type != YAML_MAPPING)
		return refuse(s, map, "a mapping was expected", err);
	for
		YAML_EACH(v, map)
		{
			struct named_duration *d;

			if (!name_known(s->ontology, v->key)) {
				buf_printf(err, "%s:%d: no intent, family or class: %s", s->path,
					v->key_line, v->key);
				return -1;
			}
			d = VEC_ADD(out, v, n, cap);
			d->name = mem_string(v->key);
			if (read_duration(s, v, &d->d, err) < 0)
				return -1;
			if (!none && d->d.kind == DURATION_NONE)
				return refuse(s, v, "handling takes some time", err);
		}
	return 0;
}

/* ---- arrivals ---- */

static bool rate_of(const struct yaml *v, double *out)
{
	char *end;

	if (v->type != YAML_SCALAR || !*v->text)
		return false;
	*out = strtod(v->text, &end);
	return !*end && isfinite(*out) && *out >= 0 && *out <= RATE_MAX;
}

/* One number for all hours, 24 for those of a day, or 168 for those of a week. */
static int read_rate(
	const struct staffing *s, const struct yaml *y, struct arrivals *a, struct buf *err)
{
	const struct yaml *v = yaml_get(y, "rate");
	static const char why[] = "rate is a number of contacts an hour, or a list of 24 or 168";
	size_t n = 0;

	if (!v || v->type == YAML_MAPPING)
		return refuse(s, v ? v : y, why, err);
	if (v->type == YAML_SCALAR) {
		if (!rate_of(v, &a->rate[n++]))
			return refuse(s, v, why, err);
	} else {
		for
			YAML_EACH(one, v)
		if (n == STAFFING_WEEK_HOURS || !rate_of(one, &a->rate[n++]))
			return refuse(s, one, why, err);
		if (n != 24 && n != STAFFING_WEEK_HOURS)
			return refuse(s, v, why, err);
	}
	for (size_t i = n; i < STAFFING_WEEK_HOURS; i++)
		a->rate[i] = a->rate[i - n];
	for (size_t i = 0; i < STAFFING_WEEK_HOURS; i++)
		a->most = fmax(a->most, a->rate[i]);
	return 0;
}

static int put_member(const struct staffing *s, const struct yaml *y, const char *name,
	struct buf *out, struct buf *err)
{
	const struct yaml *v = yaml_get(y, name);

	if (!v)
		return 0;
	if (v->type != YAML_SCALAR || !*v->text)
		return refuse(s, v, "a text was expected", err);
	if (out->s[out->len - 1] != '{')
		buf_byte(out, ',');
	json_put_string(out, str_of(name));
	buf_byte(out, ':');
	json_put_string(out, str_of(v->text));
	return 0;
}

/* The class stands beside the event: rules never see a channel. */
static int write_record(
	const struct staffing *s, const struct yaml *y, struct arrivals *a, struct buf *err)
{
	static const char *const members[] = {"intent", "lang", "region", "tier", "text"};
	struct buf out = BUF_INIT;
	int status = 0;

	buf_puts(&out, "{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"arrivals\","
		       "\"type\":\"message\",\"time\":\"1970-01-01T00:00:00Z\","
		       "\"direction\":\"in\",\"actor\":\"customer\",\"data\":{");
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && status == 0; i++)
		status = put_member(s, y, members[i], &out, err);
	buf_puts(&out, "}}");
	a->record = buf_take(&out);
	return status;
}

static int read_stream(struct staffing *s, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {
		"rate", "class", "intent", "lang", "region", "tier", "text", NULL};
	const struct yaml *class, *intent;
	struct arrivals *a;

	if (yaml_only(s->path, y, known, err) < 0)
		return -1;
	class = yaml_get(y, "class");
	intent = yaml_get(y, "intent");
	a = VEC_ADD(s, arrivals, arrival_n, arrival_cap);
	a->class = class && class->type == YAML_SCALAR ? class_of(s->ontology, class->text) : NULL;
	if (!a->class)
		return refuse(s, class ? class : y, "no class of the ontology (class)", err);
	if (intent && intent->type == YAML_SCALAR)
		a->intent = mem_string(intent->text);
	if (a->intent && !ontology_declared(s->ontology, str_of(a->intent)))
		return refuse(s, intent, "the ontology has no such intent", err);
	return read_rate(s, y, a, err) < 0 ? -1 : write_record(s, y, a, err);
}

static int read_arrivals(struct staffing *s, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {"from", "for", "streams", NULL};
	const struct yaml *from, *length;

	if (!y)
		return 0;
	if (yaml_only(s->path, y, known, err) < 0)
		return -1;
	from = yaml_get(y, "from");
	length = yaml_get(y, "for");
	if (!from || from->type != YAML_SCALAR || !when_parse(str_of(from->text), &s->from))
		return refuse(s, from ? from : y, "from is no time (RFC 3339)", err);
	if (!length || length->type != YAML_SCALAR ||
		!when_span(str_of(length->text), &s->length) || s->length < WHEN_MINUTE ||
		s->length > LENGTH_MAX)
		return refuse(s, length ? length : y, "for is no span from 1m to 3660d", err);
	if (s->length > WHEN_LAST - s->from)
		return refuse(s, length, "arrivals do not end by the year 9999", err);
	if (!yaml_get(y, "streams"))
		return refuse(s, y, "no streams", err);
	return each(s, yaml_get(y, "streams"), "streams is no list", read_stream, err);
}

/* ---- the file ---- */

static int read_head(struct staffing *s, const struct yaml *y, struct buf *err)
{
	const char *name = yaml_text(y, "name", NULL), *version = yaml_text(y, "version", NULL);
	const char *zone = read_zone(s, y, when_zone_name(), err);
	struct buf label = BUF_INIT;

	if (!zone)
		return -1;
	if (!name || !version)
		return refuse(s, y, name ? "no version" : "no name", err);
	s->zone = mem_string(zone);
	buf_printf(&label, "%s/%s", name, version);
	s->label = buf_take(&label);
	return 0;
}

int staffing_fill(struct staffing *s, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {"jtools", "name", "version", "zone", "agents",
		"handling", "patience", "arrivals", NULL};
	const char *kind = yaml_kind(y);

	if (!kind || strcmp(kind, "staffing/1") != 0)
		return refuse(
			s, y, "not a staffing file (its first line says jtools: staffing/1)", err);
	if (yaml_only(s->path, y, known, err) < 0 || read_head(s, y, err) < 0 ||
		each(s, yaml_get(y, "agents"), "agents is no list", read_staff, err) < 0 ||
		read_durations(s, yaml_get(y, "handling"), &s->handling, false, err) < 0 ||
		read_durations(s, yaml_get(y, "patience"), &s->patience, true, err) < 0)
		return -1;
	if (!s->staff_n)
		return refuse(s, y, "no agents", err);
	if (!staffing_duration(s, &s->handling, STR(""), NULL))
		return refuse(s, y, "handling has no default", err);
	return read_arrivals(s, yaml_get(y, "arrivals"), err);
}
