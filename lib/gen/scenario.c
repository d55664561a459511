#include "gen/scenario.h"
#include "base/mem.h"
#include "base/when.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *const export_words[] = {"none", "whatsapp", "mbox", "csv", "json", NULL};

const char *outcome_name(enum outcome o)
{
#define OUTCOME_WORD(upper, name) name,
	static const char *const names[OUTCOME_COUNT] = {OUTCOMES(OUTCOME_WORD)};

	return names[o];
}

struct loader {
	struct scenario *s;
	struct buf *err;
};

static int refuse(struct loader *l, const struct yaml *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int refuse(struct loader *l, const struct yaml *at, const char *fmt, ...)
{
	char why[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	buf_printf(l->err, "%s:%d:%d: %s", l->s->path, at->line, at->column, why);
	return -1;
}

/* What a member of a section is. Feelings are hundredths. */
enum field_kind { FIELD_SHARE, FIELD_SPANS, FIELD_COUNTS, FIELD_FEELINGS, FIELD_BY_CLASS };

/* ---- values ---- */

/* Names stand in records as they are. */
static bool is_plain(const char *name)
{
	while (*name && (unsigned char)*name >= ' ' && *name != '"' && *name != '\\')
		name++;
	return !*name;
}

static int read_text(struct loader *l, const struct yaml *v, const char **out)
{
	if (v->type != YAML_SCALAR || !v->text[0] || !is_plain(v->text))
		return refuse(l, v, "a text without quotes and backslashes is expected here");
	*out = v->text;
	return 0;
}

static int need_text(struct loader *l, const struct yaml *of, const char *name, const char **out)
{
	const struct yaml *v = yaml_get(of, name);

	return v ? read_text(l, v, out) : refuse(l, of, "no %s", name);
}

static int read_count(struct loader *l, const struct yaml *v, int64_t most, int64_t *out)
{
	if (v->type != YAML_SCALAR || !str_int(str_of(v->text), out) || *out < 0 || *out > most)
		return refuse(
			l, v, "a whole number from 0 to %lld is expected here", (long long)most);
	return 0;
}

/* Percent with up to two decimals, as parts of 10,000. */
static int read_share(struct loader *l, const struct yaml *v, int64_t *out)
{
	char *end = NULL;
	double percent = v->type == YAML_SCALAR && *v->text ? strtod(v->text, &end) : -1;

	if (!end || *end || !(percent >= 0 && percent <= 100))
		return refuse(l, v, "percent, 0 to 100, are expected here");
	*out = (int64_t)(percent * 100 + 0.5);
	return 0;
}

static int read_span(struct loader *l, const struct yaml *v, int64_t *out)
{
	if (v->type != YAML_SCALAR || !when_span(str_of(v->text), out) || *out < 0 ||
		*out > SCENARIO_DAYS_MAX * WHEN_DAY)
		return refuse(l, v, "a span such as 30s, 5m, 2h or 7d is expected here");
	return 0;
}

static int read_flag(struct loader *l, const struct yaml *v, bool *out)
{
	if (v->type != YAML_SCALAR ||
		(strcmp(v->text, "true") != 0 && strcmp(v->text, "false") != 0))
		return refuse(l, v, "true or false is expected here");
	*out = v->text[0] == 't';
	return 0;
}

static int read_hundredths(struct loader *l, const struct yaml *v, int64_t *out)
{
	if (v->type != YAML_SCALAR || !str_int(str_of(v->text), out) || *out < -100 || *out > 100)
		return refuse(l, v, "a whole number from -100 to 100 is expected here");
	return 0;
}

static int read_value(struct loader *l, const struct yaml *v, enum field_kind kind, int64_t *out)
{
	switch (kind) {
	case FIELD_COUNTS:
		return read_count(l, v, 1000000, out);
	case FIELD_FEELINGS:
		return read_hundredths(l, v, out);
	default:
		return read_span(l, v, out);
	}
}

static int read_spread(
	struct loader *l, const struct yaml *v, enum field_kind kind, struct spread *out)
{
	size_t n = 0;

	for
		YAML_EACH(one, v)
		{
			if (n == 4)
				break;
			if (read_value(l, one, kind, &out->at[n]) < 0)
				return -1;
			if (n && out->at[n] < out->at[n - 1])
				return refuse(l, one, "less than the value before it");
			if (kind == FIELD_SPANS)
				out->at[n] -= out->at[n] % l->s->clock;
			n++;
		}
	if (v->type != YAML_SEQUENCE || n != 4 || v->child->next->next->next->next)
		return refuse(l, v, "four values are expected: the least, median, 90 %%, greatest");
	return 0;
}

#define WEIGHT_MAX 65535 /* an hour's and a weekday's are multiplied */

static int add_weight(struct loader *l, const struct yaml *v, struct weights *w)
{
	int64_t before = w->n ? w->v[w->n - 1] : 0, weight = 0;

	if (read_count(l, v, WEIGHT_MAX, &weight) < 0)
		return -1;
	*VEC_ADD(w, v, n, cap) = before + weight;
	return 0;
}

static int some_weight(
	struct loader *l, const struct yaml *at, const char *what, const struct weights *w)
{
	return w->n && w->v[w->n - 1] > 0 ? 0 : refuse(l, at, "no %s has a weight", what);
}

static int read_weights(struct loader *l, const struct yaml *list, size_t n, struct weights *w)
{
	if (!list)
		return refuse(l, l->s->root, "no hours or no weekdays");
	for
		YAML_EACH(one, list)
	if (add_weight(l, one, w) < 0)
		return -1;
	if (list->type != YAML_SEQUENCE || w->n != n)
		return refuse(l, list, "%zu weights are expected here", n);
	return some_weight(l, list, "hour or day", w);
}

static int read_names(
	struct loader *l, const struct yaml *list, const char ***v, size_t *n, size_t *cap)
{
	if (!list || list->type != YAML_SEQUENCE || !list->child)
		return refuse(l, list ? list : l->s->root, "agents and supervisors are expected");
	for
		YAML_EACH(one, list)
		{
			*v = mem_grow((void *)*v, cap, *n + 1, sizeof(**v));
			if (read_text(l, one, &(*v)[*n]) < 0)
				return -1;
			for (size_t i = 0; i < *n; i++)
				if (strcmp((*v)[i], (*v)[*n]) == 0)
					return refuse(l, one, "a second %.60s", (*v)[i]);
			if (strcmp(l->s->bot, (*v)[*n]) == 0)
				return refuse(l, one, "the bot is called so");
			(*n)++;
		}
	return 0;
}

/* ---- the sections whose members are numbers ---- */

struct field {
	const char *section, *name;
	enum field_kind kind;
	size_t offset;
	size_t share; /* of the share without which it is not needed, which stands before it; 0: it
			 is */
};

#define SHARE(section, name, member)                                                               \
	{                                                                                          \
		section, name, FIELD_SHARE, offsetof(struct scenario, member), 0                   \
	}
#define SPANS(section, name, member)                                                               \
	{                                                                                          \
		section, name, FIELD_SPANS, offsetof(struct scenario, member), 0                   \
	}
#define SPANS_OF(section, name, member, share)                                                     \
	{                                                                                          \
		section, name, FIELD_SPANS, offsetof(struct scenario, member),                     \
			offsetof(struct scenario, share)                                           \
	}
#define FEELINGS(name, member)                                                                     \
	{                                                                                          \
		"sentiment", name, FIELD_FEELINGS, offsetof(struct scenario, member),              \
			offsetof(struct scenario, felt)                                            \
	}

static const struct field fields[] = {
	{"customers", "matters", FIELD_COUNTS, offsetof(struct scenario, matters), 0},
	SPANS("customers", "between", between), SHARE("customers", "concurrent", concurrent),
	SHARE("customers", "cases", cases), SHARE("customers", "chatter", chatter),
	SHARE("identity", "linked_late", linked_late), SHARE("identity", "aliases", aliases),
	SHARE("identity", "shared", shared), SHARE("identity", "anonymous", anonymous),
	SHARE("identity", "placeholder", placeholder), SHARE("answers", "answered", answered),
	{"answers", "response", FIELD_BY_CLASS, offsetof(struct scenario, response), 0},
	{"answers", "reply", FIELD_BY_CLASS, offsetof(struct scenario, reply), 0},
	SHARE("answers", "acknowledged", acknowledged), SHARE("answers", "bot_solves", bot_solves),
	SHARE("answers", "bot_abandoned", bot_abandoned),
	SHARE("answers", "gives_order", gives_order),
	SHARE("answers", "asks_missing", asks_missing), SHARE("answers", "asks_known", asks_known),
	SHARE("answers", "asks_who", asks_who), SHARE("answers", "asks_question", asks_question),
	SHARE("answers", "gives", gives), SHARE("moves", "transferred", transferred),
	SHARE("moves", "transfer_recorded", transfer_recorded),
	SHARE("moves", "escalated", escalated),
	SHARE("moves", "handoff_recorded", handoff_recorded),
	SHARE("moves", "other_agent", other_agent), SHARE("moves", "parts", parts),
	SHARE("ending", "closed", closed), SHARE("ending", "said_resolved", said_resolved),
	SHARE("ending", "answered_last", answered_last), SHARE("ending", "thanks", thanks),
	SHARE("coming_back", "unresolved", unresolved_back),
	SHARE("coming_back", "resolved", resolved_back), SHARE("coming_back", "switched", switched),
	SHARE("coming_back", "overlapping", overlapping),
	SHARE("coming_back", "called_back", called_back),
	SHARE("coming_back", "reopen_recorded", reopen_recorded),
	SHARE("coming_back", "chased", chased), SPANS("coming_back", "back", back),
	SPANS("calls", "wait", wait), SPANS("calls", "talk", talk),
	SHARE("calls", "transcript", transcript), SHARE("mood", "again", again),
	SHARE("mood", "angry", angry), SHARE("mood", "leaving", leaving),
	SHARE("sales", "offered", offered), SHARE("sales", "ordered", ordered),
	SHARE("sales", "revived", revived),
	SPANS_OF("sales", "revived_after", revived_after, revived),
	SHARE("sales", "followed_up", followed_up),
	SPANS_OF("sales", "followed_after", followed_after, followed_up),
	SHARE("sales", "elsewhere", elsewhere), SHARE("sentiment", "told", felt),
	FEELINGS("first", feels_first), FEELINGS("settled", feels_settled),
	FEELINGS("unsettled", feels_unsettled), FEELINGS("angry", feels_angry),
	SHARE("surveys", "answered", surveyed), SHARE("promises", "made", promised),
	SHARE("promises", "kept", kept), SHARE("promises", "in_time", kept_in_time),
	SHARE("campaigns", "sent", campaigns), SHARE("campaigns", "consented", consented),
	SHARE("campaigns", "revoked", revoked), SHARE("campaigns", "unasked", unasked),
	SHARE("decisions", "made", decided), SHARE("decisions", "contradicted", contradicted),
	SHARE("noise", "late", late), SPANS("noise", "late_by", late_by),
	SHARE("noise", "duplicated", duplicated)};

static int read_by_class(struct loader *l, const struct yaml *of, struct spread **out)
{
	const struct ontology *o = l->s->ontology;

	*out = mem_zero(o->class_n, sizeof(**out));
	for (size_t i = 0; i < o->class_n; i++) {
		const struct yaml *v = yaml_get(of, o->classes[i].id);

		if (!v)
			return refuse(l, of, "no %s: every class of channels is expected",
				o->classes[i].id);
		if (read_spread(l, v, FIELD_SPANS, &(*out)[i]) < 0)
			return -1;
	}
	return 0;
}

static int read_field(struct loader *l, const struct field *f, const struct yaml *v)
{
	void *to = (char *)l->s + f->offset;

	switch (f->kind) {
	case FIELD_SHARE:
		return read_share(l, v, to);
	case FIELD_SPANS:
	case FIELD_COUNTS:
	case FIELD_FEELINGS:
		return read_spread(l, v, f->kind, to);
	case FIELD_BY_CLASS:
		return read_by_class(l, v, to);
	}
	return -1;
}

static bool is_section(const char *name)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].section, name) == 0)
			return true;
	return false;
}

/* A distribution is needed where the share is there that it belongs to. */
static bool is_needed(const struct scenario *s, const struct field *f)
{
	if (f->kind == FIELD_SHARE)
		return false;
	return !f->share || *(const int64_t *)(const void *)((const char *)s + f->share) > 0;
}

/* A share that is not said is 0. */
static int read_sections(struct loader *l)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct yaml *section = yaml_get(l->s->root, fields[i].section),
				  *v = yaml_get(section, fields[i].name);

		if (!v && is_needed(l->s, &fields[i]))
			return refuse(l, section ? section : l->s->root, "no %s.%s",
				fields[i].section, fields[i].name);
		if (v && read_field(l, &fields[i], v) < 0)
			return -1;
	}
	return 0;
}

static int known_members(struct loader *l, const struct yaml *section)
{
	for
		YAML_EACH(v, section)
		{
			size_t i = 0, n = sizeof(fields) / sizeof(fields[0]);

			while (i < n && (strcmp(fields[i].section, section->key) != 0 ||
						strcmp(fields[i].name, v->key) != 0))
				i++;
			if (i == n && strcmp(section->key, "calls") == 0 &&
				strcmp(v->key, "outcomes") == 0)
				continue;
			if (i == n)
				return refuse(l, v, "%s has no member %.60s", section->key, v->key);
		}
	return 0;
}

static int known_sections(struct loader *l)
{
	static const char *const others[] = {"jtools", "name", "title", "account", "start", "days",
		"zone", "clock", "instant", "bot", "agents", "supervisors", "hours", "weekdays",
		"languages", "channels", "intents", "funnel", NULL};

	for
		YAML_EACH(section, l->s->root)
		{
			const char *const *known = others;

			while (*known && strcmp(*known, section->key) != 0)
				known++;
			if (*known)
				continue;
			if (!is_section(section->key) || section->type != YAML_MAPPING)
				return refuse(l, section, "a scenario has no %.60s", section->key);
			if (known_members(l, section) < 0)
				return -1;
		}
	return 0;
}

/* ---- languages, channels, intents, stages, calls ---- */

/* Beside the scenario, else among those that are shipped. */
static int read_texts(struct loader *l, const struct yaml *v, struct gen_language *out)
{
	const char *slash = strrchr(l->s->path, '/');
	struct buf path = BUF_INIT;

	if (slash)
		buf_add(&path, l->s->path, (size_t)(slash - l->s->path) + 1);
	buf_puts(&path, v->text);
	if (access(path.s, F_OK) < 0) {
		buf_clear(&path);
		ontology_path(l->s->ontology, "scenarios", v->text, &path);
	}
	out->texts = texts_read(path.s, l->s->ontology, l->err);
	buf_release(&path);
	if (out->texts && strcmp(texts_lang(out->texts), out->name) != 0)
		return refuse(l, v, "these texts are of another language");
	return out->texts ? 0 : -1;
}

/* What gen/record.c knows the telephone numbers and the money of. */
static bool is_region(const char *id)
{
	static const char *const known[] = {"BR", "GB", "PT", "US"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], id) == 0)
			return true;
	return false;
}

static int read_language(struct loader *l, const struct yaml *of)
{
	static const char *const known[] = {"weight", "regions", "texts", NULL};
	struct gen_language *g = VEC_ADD(l->s, languages, language_n, language_cap);
	const struct yaml *weight = yaml_get(of, "weight"), *regions = yaml_get(of, "regions");
	const char *file = NULL;

	if (of->type != YAML_MAPPING || yaml_unknown(of, known))
		return refuse(l, of, "weight, regions and texts are expected here");
	g->name = of->key;
	if (!weight || !regions || !is_plain(g->name))
		return refuse(l, of, "a language needs its weight and its regions");
	if (add_weight(l, weight, &l->s->language) < 0 || need_text(l, of, "texts", &file) < 0)
		return -1;
	for
		YAML_EACH(region, regions)
		{
			if (g->region.n == sizeof(g->regions) / sizeof(g->regions[0]))
				return refuse(l, region, "more regions than a language can have");
			if (!is_region(region->key))
				return refuse(l, region,
					"no region whose telephones and money are known");
			g->regions[g->region.n] = region->key;
			if (add_weight(l, region, &g->region) < 0)
				return -1;
		}
	return some_weight(l, regions, "region", &g->region) < 0
		       ? -1
		       : read_texts(l, yaml_get(of, "texts"), g);
}

static int find_word(struct loader *l, const struct yaml *v, const char *const *words,
	const char *list, int *out)
{
	for (*out = 0; v->type == YAML_SCALAR && words[*out]; ++*out)
		if (strcmp(words[*out], v->text) == 0)
			return 0;
	return refuse(l, v, "one of %s is expected here", list);
}

static int read_kinds(struct loader *l, const struct yaml *list, struct gen_channel *c)
{
	struct scenario *s = l->s;

	for
		YAML_EACH(one, list)
		{
			const char *name = "";
			size_t k = 0;

			if (read_text(l, one, &name) < 0)
				return -1;
			while (k < s->kind_n && strcmp(s->kinds[k], name) != 0)
				k++;
			if (k == KINDS_MAX || c->kind_n == 2)
				return refuse(l, one, "too many kinds of identifiers");
			s->kinds[k] = name;
			s->kind_n = k == s->kind_n ? k + 1 : s->kind_n;
			c->kinds[c->kind_n++] = k;
		}
	return c->kind_n ? 0 : refuse(l, list ? list : s->root, "no identifiers");
}

/* A peer's session is named by the identifier alone. */
static int check_sessions(struct loader *l, const struct yaml *of, const struct gen_channel *c)
{
	for (const struct gen_channel *o = l->s->channels; o < c; o++)
		if (c->session == SESSION_PEER && o->session == SESSION_PEER &&
			strcmp(o->source, c->source) == 0 &&
			o->kinds[o->kind_n - 1] == c->kinds[c->kind_n - 1])
			return refuse(l, of, "it would have the sessions of %.60s", o->name);
	return 0;
}

/* A crm number is one system's own: only there does it say who she is. */
static int check_crm(struct loader *l, const struct yaml *of, const struct gen_channel *c)
{
	const struct scenario *s = l->s;

	for (size_t k = 0; k < c->kind_n; k++) {
		if (strcmp(s->kinds[c->kinds[k]], "crm") != 0)
			continue;
		if (k || c->kind_n != 2)
			return refuse(l, of, "crm is expected before another identifier");
		for (const struct gen_channel *o = s->channels; o < c; o++)
			if (strcmp(o->source, c->source) != 0 && o->kinds[0] == c->kinds[0])
				return refuse(l, of, "crm numbers are of %.60s", o->name);
	}
	return 0;
}

static int read_channel(struct loader *l, const struct yaml *of)
{
	static const char *const known[] = {"name", "source", "weight", "session", "spoken",
		"cases", "identifiers", "bot", "export", NULL};
	static const char *const sessions[] = {"contact", "matter", "peer", NULL};
	static const char *const exports[] = {"none", "whatsapp", "mbox", NULL};
	struct scenario *s = l->s;
	struct gen_channel *c = VEC_ADD(s, channels, channel_n, channel_cap);
	const struct yaml *v, *odd = yaml_unknown(of, known);
	int word = 0;

	if (odd)
		return refuse(l, odd, "a channel has no %.60s", odd->key);
	if (need_text(l, of, "name", &c->name) < 0)
		return -1;
	for (const struct gen_channel *other = s->channels; other < c; other++)
		if (strcmp(other->name, c->name) == 0)
			return refuse(l, of, "a second channel %.60s", c->name);
	c->source = c->name;
	if ((v = yaml_get(of, "source")) && read_text(l, v, &c->source) < 0)
		return -1;
	if (!(v = yaml_get(of, "weight")))
		return refuse(l, of, "no weight");
	if (add_weight(l, v, &s->channel) < 0)
		return -1;
	if ((v = yaml_get(of, "session")) &&
		find_word(l, v, sessions, "contact, matter, peer", &word) < 0)
		return -1;
	c->session = (enum session_kind)word;
	word = 0;
	if ((v = yaml_get(of, "export")) &&
		find_word(l, v, exports, "none, whatsapp, mbox", &word) < 0)
		return -1;
	c->export = (enum export_kind)word;
	if ((v = yaml_get(of, "spoken")) && read_flag(l, v, &c->spoken) < 0)
		return -1;
	if ((v = yaml_get(of, "cases")) && read_flag(l, v, &c->cases) < 0)
		return -1;
	if ((v = yaml_get(of, "bot")) && read_share(l, v, &c->bot) < 0)
		return -1;
	c->class = (size_t)(ontology_class(s->ontology, str_of(c->name)) - s->ontology->classes);
	c->gap = s->ontology->classes[c->class].gap;
	if (c->spoken && c->bot)
		return refuse(l, of, "no bot speaks first in calls");
	if (read_kinds(l, yaml_get(of, "identifiers"), c) < 0)
		return -1;
	return check_sessions(l, of, c) < 0 ? -1 : check_crm(l, of, c);
}

static uint64_t entity_bit(const struct ontology *o, const char *id)
{
	const struct entity *e = ontology_entity(o, str_of(id));

	return e && e - o->entities < 64 ? UINT64_C(1) << (e - o->entities) : 0;
}

static struct gen_intent intent_of(const struct scenario *s, const struct intent *i)
{
	uint64_t needs = 0;

	for (size_t k = 0; k < i->requires.n; k++)
		needs |= entity_bit(s->ontology, i->requires.v[k]);
	return (struct gen_intent){i, needs & s->askable, (needs & ~s->askable) != 0};
}

static int read_intent(struct loader *l, const struct yaml *v)
{
	struct scenario *s = l->s;
	const struct intent *i = ontology_declared(s->ontology, str_of(v->key));

	if (!i || i->courtesy || i->resolving || !i->family)
		return refuse(l, v, "no intent that begins a matter: %.60s", v->key);
	for (size_t k = 0; k < s->language_n; k++)
		if (!texts_opens(s->languages[k].texts, i))
			return refuse(
				l, v, "no texts for %.60s in %s", v->key, s->languages[k].name);
	*VEC_ADD(s, intents, intent_n, intent_cap) = intent_of(s, i);
	return add_weight(l, v, &s->intent);
}

static bool is_stage(const struct ontology *o, const char *id)
{
	for (size_t i = 0; i < o->stages.n; i++)
		if (strcmp(o->stages.v[i], id) == 0)
			return true;
	return false;
}

static int read_stage(struct loader *l, const struct yaml *v)
{
	struct gen_stage *g = VEC_ADD(l->s, stages, stage_n, stage_cap);

	g->id = v->key;
	if (!is_stage(l->s->ontology, g->id))
		return refuse(l, v, "no such stage: %.60s", v->key);
	return read_share(l, v, &g->goes_on);
}

static int read_outcome(struct loader *l, const struct yaml *v)
{
	struct scenario *s = l->s;
	int o = 0;

	while (o < OUTCOME_COUNT && strcmp(outcome_name((enum outcome)o), v->key) != 0)
		o++;
	if (o == OUTCOME_COUNT)
		return refuse(l, v, "no way in which a call ends: %.60s", v->key);
	s->outcomes[s->outcome_n++] = (enum outcome)o;
	return add_weight(l, v, &s->outcome);
}

static int each_member(struct loader *l, const struct yaml *of, const char *name,
	enum yaml_type type, int (*read)(struct loader *l, const struct yaml *v))
{
	const struct yaml *list = yaml_get(of, name);

	if (!list || list->type != type || !list->child)
		return refuse(l, list ? list : l->s->root, "no %s", name);
	for
		YAML_EACH(v, list)
		{
			if (read(l, v) < 0)
				return -1;
		}
	return 0;
}

/* ---- the whole ---- */

static int read_time(struct loader *l)
{
	struct scenario *s = l->s;
	const struct yaml *v;
	const char *start = NULL;
	struct buf why = BUF_INIT;
	int status = 0;

	s->clock = WHEN_SECOND;
	if ((v = yaml_get(s->root, "clock")) && read_span(l, v, &s->clock) < 0)
		return -1;
	/* Pauses are told in whole minutes here and there. */
	if (s->clock < WHEN_SECOND || s->clock % WHEN_SECOND || WHEN_MINUTE % s->clock)
		return refuse(l, v, "a clock of whole seconds that make up a minute is expected");
	if (need_text(l, s->root, "start", &start) < 0 ||
		need_text(l, s->root, "zone", &s->zone) < 0)
		return -1;
	if (when_zone(s->zone, &why) < 0 || when_option(start, &s->start, &why) < 0)
		status = refuse(l, s->root, "%.200s", why.s);
	buf_release(&why);
	s->start -= s->start % s->clock;
	v = yaml_get(s->root, "days");
	if (status == 0 && (!v || read_count(l, v, SCENARIO_DAYS_MAX, &s->days) < 0 || s->days < 1))
		status = v && l->err->len ? -1 : refuse(l, v ? v : s->root, "no days");
	s->days *= WHEN_DAY;
	if (status == 0 && (v = yaml_get(s->root, "instant")))
		status = read_flag(l, v, &s->instant);
	return status;
}

static int read_people(struct loader *l)
{
	struct scenario *s = l->s;

	if (need_text(l, s->root, "name", &s->name) < 0 ||
		need_text(l, s->root, "account", &s->account) < 0 ||
		need_text(l, s->root, "bot", &s->bot) < 0)
		return -1;
	s->title = yaml_text(s->root, "title", s->name);
	if (read_names(l, yaml_get(s->root, "agents"), &s->agents, &s->agent_n, &s->agent_cap) < 0)
		return -1;
	s->supervisor = s->agent_n;
	return read_names(
		l, yaml_get(s->root, "supervisors"), &s->agents, &s->agent_n, &s->agent_cap);
}

/* Families, and the intents that stand for what has no matter. */
static int read_vocabulary(struct loader *l)
{
	struct scenario *s = l->s;
	const struct ontology *o = s->ontology;

	s->family_of = mem_zero(o->intent_n, sizeof(*s->family_of));
	for (size_t i = 0; i < o->intent_n; i++) {
		const struct intent *in = &o->intents[i];
		size_t f = 0;

		s->courtesy = !s->courtesy && in->courtesy ? in : s->courtesy;
		s->settled = !s->settled && in->resolving ? in : s->settled;
		if (!in->family)
			continue;
		while (f < s->family_n && strcmp(s->families[f], in->family) != 0)
			f++;
		if (f == s->family_n)
			*VEC_ADD(s, families, family_n, family_cap) = in->family;
		s->family_of[i] = f + 1;
	}
	for (size_t i = 0; i < o->entity_n && i < 64; i++)
		s->identity |= (uint64_t)o->entities[i].identity << i;
	/* A matter's, not hers. */
	s->identity &= ~entity_bit(o, "order");
	return s->courtesy && s->settled
		       ? 0
		       : refuse(l, s->root, "the ontology has no courtesy or no resolving intent");
}

/* Where all happens at once, only sessions part contacts. */
static int check_instant(struct loader *l)
{
	for (size_t i = 0; l->s->instant && i < l->s->channel_n; i++)
		if (l->s->channels[i].session != SESSION_CONTACT)
			return refuse(l, l->s->root,
				"where all happens at once every channel needs session: contact");
	return 0;
}

static int read_all(struct loader *l)
{
	struct scenario *s = l->s;
	const char *kind = yaml_kind(s->root);

	if (!kind || strcmp(kind, "scenario/1") != 0)
		return refuse(l, s->root, "no scenario: it does not say jtools: scenario/1");
	if (known_sections(l) < 0 || read_vocabulary(l) < 0 || read_time(l) < 0 ||
		read_people(l) < 0)
		return -1;
	if (read_weights(l, yaml_get(s->root, "hours"), 24, &s->hours) < 0 ||
		read_weights(l, yaml_get(s->root, "weekdays"), 7, &s->weekdays) < 0)
		return -1;
	if (each_member(l, s->root, "languages", YAML_MAPPING, read_language) < 0 ||
		each_member(l, s->root, "channels", YAML_SEQUENCE, read_channel) < 0)
		return -1;
	s->askable = ~UINT64_C(0);
	for (size_t i = 0; i < s->language_n; i++)
		s->askable &= texts_askable(s->languages[i].texts);
	s->order = entity_bit(s->ontology, "order");
	if (each_member(l, s->root, "intents", YAML_MAPPING, read_intent) < 0 ||
		each_member(l, s->root, "funnel", YAML_MAPPING, read_stage) < 0 ||
		each_member(l, yaml_get(s->root, "calls"), "outcomes", YAML_MAPPING, read_outcome) <
			0)
		return -1;
	if (some_weight(l, s->root, "language", &s->language) < 0 ||
		some_weight(l, s->root, "channel", &s->channel) < 0 ||
		some_weight(l, s->root, "intent", &s->intent) < 0 ||
		some_weight(l, s->root, "outcome of calls", &s->outcome) < 0)
		return -1;
	return read_sections(l) < 0 ? -1 : check_instant(l);
}

/* A name without a slash and an ending is one of the ontology's folder. */
char *scenario_path(const char *name, const struct ontology *o)
{
	struct buf file = BUF_INIT, path = BUF_INIT;

	if (strchr(name, '/') || str_ends(str_of(name), STR(".yaml")))
		return mem_string(name);
	buf_printf(&file, "%s.yaml", name);
	ontology_path(o, "scenarios", file.s, &path);
	buf_release(&file);
	return buf_take(&path);
}

struct scenario *scenario_read(const char *name, const struct ontology *o, struct buf *err)
{
	struct scenario *s = mem_zero(1, sizeof(*s));
	struct loader l = {s, err};

	s->ontology = o;
	s->path = scenario_path(name, o);
	s->root = yaml_read(s->path, err);
	if (!s->root || read_all(&l) < 0) {
		scenario_free(s);
		return NULL;
	}
	return s;
}

static int64_t weight_of(const struct weights *w, int i)
{
	return w->v[i] - (i ? w->v[i - 1] : 0);
}

int scenario_begin(struct scenario *s, struct buf *err)
{
	int64_t sum = 0;

	s->activity.n = 0;
	s->busiest = 0;
	for (int64_t at = s->start; at < s->start + s->days; at += WHEN_HOUR) {
		struct civil c;
		int weekday;
		int64_t weight;

		local_civil(at, &c, &weekday);
		/* From Monday on. */
		weight = weight_of(&s->hours, c.hour) * weight_of(&s->weekdays, (weekday + 6) % 7);
		sum += weight;
		s->busiest = weight > s->busiest ? weight : s->busiest;
		*VEC_ADD(&s->activity, v, n, cap) = sum;
	}
	if (sum == 0)
		buf_printf(err, "%s: no hour of the span has a weight", s->path);
	return sum ? 0 : -1;
}

void scenario_free(struct scenario *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->language_n; i++) {
		texts_free(s->languages[i].texts);
		free(s->languages[i].region.v);
	}
	free(s->languages);
	free(s->channels);
	free(s->intents);
	free(s->stages);
	free((void *)s->agents);
	free(s->hours.v);
	free(s->weekdays.v);
	free(s->activity.v);
	free(s->language.v);
	free(s->channel.v);
	free(s->intent.v);
	free(s->outcome.v);
	free(s->family_of);
	free((void *)s->families);
	free(s->response);
	free(s->reply);
	yaml_free(s->root);
	free((void *)s->path);
	free(s);
}
