/* From a rule file's tree to rules; all that is wrong is told with its place. */
#include "base/mem.h"
#include "base/near.h"
#include "base/when.h"
#include "core/rules_part.h"

#include <stdlib.h>

#define RULES_MAX 1000 /* of a file, its default apart */
#define SKILLS_MAX 64  /* of a target */
#define STEPS_MAX 16   /* in which one relaxes */

static int refuse(const struct rules *r, const struct yaml *at, const char *why, struct buf *err)
{
	return yaml_refuse(r->path, at, why, err);
}

/* ---- targets ---- */

bool rules_queue_known(const struct rules *r, const char *queue)
{
	for (size_t i = 0; i < r->queues.n; i++)
		if (strcmp(r->queues.v[i], queue) == 0)
			return true;
	return !r->ontology->queues.n || ontology_queue(r->ontology, str_of(queue));
}

void rules_queue_unknown(const struct rules *r, const char *queue, struct buf *out)
{
	struct near near;

	near_begin(&near, str_of(queue));
	for (size_t i = 0; i < r->queues.n; i++)
		near_see(&near, r->queues.v[i]);
	for (size_t i = 0; i < r->ontology->queues.n; i++)
		near_see(&near, r->ontology->queues.v[i].id);
	buf_printf(out, "unknown queue: %s", queue);
	if (near.n)
		near_ask(&near, out);
	else
		buf_puts(out, " (neither the ontology nor `queues` of the rule file lists it)");
}

static int read_queue(
	const struct rules *r, const struct yaml *y, struct target *t, struct buf *err)
{
	const struct yaml *v = yaml_get(y, "queue");

	if (!v)
		return 0;
	if (v->type != YAML_SCALAR || !*v->text)
		return refuse(r, v, "a queue was expected", err);
	if (!rules_queue_known(r, v->text)) {
		buf_printf(err, "%s:%d:%d: ", r->path, v->line, v->column);
		rules_queue_unknown(r, v->text, err);
		return -1;
	}
	t->queue = mem_string(v->text);
	return 0;
}

static int read_priority(
	const struct rules *r, const struct yaml *y, struct target *t, struct buf *err)
{
	const struct yaml *v = yaml_get(y, "priority");

	if (v && (v->type != YAML_SCALAR || !str_int(str_of(v->text), &t->priority) ||
			 t->priority < 1 || t->priority > 9))
		return refuse(r, v, "priority is no whole number from 1 to 9", err);
	return 0;
}

static int read_agent(
	const struct rules *r, const struct yaml *y, struct target *t, struct buf *err)
{
	const struct yaml *v = yaml_get(y, "agent");

	if (!v)
		return 0;
	for (int kind = AGENT_BOT; v->type == YAML_SCALAR && kind <= AGENT_HUMAN; kind++)
		if (strcmp(v->text, agent_kind_name((enum agent_kind)kind)) == 0)
			t->agent = (enum agent_kind)kind;
	return t->agent ? 0 : refuse(r, v, "agent is none of bot, ai, human", err);
}

static int read_names(const struct rules *r, const struct yaml *list, struct patterns *out,
	const char *what, struct buf *err)
{
	if (list->type != YAML_SEQUENCE)
		return refuse(r, list, what, err);
	for
		YAML_EACH(v, list)
		{
			if (v->type != YAML_SCALAR || !*v->text)
				return refuse(r, v, what, err);
			*VEC_ADD(out, v, n, cap) = mem_string(v->text);
		}
	return 0;
}

static int read_skills(
	const struct rules *r, const struct yaml *y, struct target *t, struct buf *err)
{
	const struct yaml *list = yaml_get(y, "skills");

	if (!list)
		return 0;
	t->has_skills = true;
	if (read_names(r, list, &t->skills, "skills is no list of names", err) < 0)
		return -1;
	return t->skills.n > SKILLS_MAX ? refuse(r, list, "more than 64 skills", err) : 0;
}

static int read_to(const struct rules *r, const struct yaml *y, struct target *t, struct buf *err)
{
	if (read_queue(r, y, t, err) < 0 || read_priority(r, y, t, err) < 0 ||
		read_agent(r, y, t, err) < 0)
		return -1;
	return read_skills(r, y, t, err);
}

static int read_step(struct rules *r, const struct yaml *y, struct rule *rule, struct buf *err)
{
	static const char *const known[] = {"after", "queue", "skills", "agent", "priority", NULL};
	const struct yaml *after = yaml_get(y, "after");
	struct relaxed *step;

	if (yaml_only(r->path, y, known, err) < 0)
		return -1;
	if (rule->relax_n == STEPS_MAX)
		return refuse(r, y, "more than 16 steps", err);
	step = VEC_ADD(rule, relax, relax_n, relax_cap);
	if (!after || after->type != YAML_SCALAR || !when_span(str_of(after->text), &step->after) ||
		step->after < 1)
		return refuse(r, after ? after : y, "after is no span like 2m", err);
	if (rule->relax_n > 1 && step->after <= step[-1].after)
		return refuse(r, after, "a step comes no later than the one before it", err);
	if (!y->child->next)
		return refuse(r, y, "a step that changes nothing", err);
	return read_to(r, y, &step->to, err);
}

static int read_relax(struct rules *r, const struct yaml *y, struct rule *rule, struct buf *err)
{
	const struct yaml *list = yaml_get(y, "relax");

	if (list && list->type != YAML_SEQUENCE)
		return refuse(r, list, "relax is no list of steps", err);
	for
		YAML_EACH(v, list)
	if (read_step(r, v, rule, err) < 0)
		return -1;
	return 0;
}

static int read_target(struct rules *r, const struct yaml *y, struct rule *rule, struct buf *err)
{
	const struct yaml *reason = yaml_get(y, "reason"), *sticky = yaml_get(y, "sticky");

	rule->line = y->line;
	rule->column = y->column;
	rule->target.priority = 5;
	if (reason && reason->type != YAML_SCALAR)
		return refuse(r, reason, "reason is no text", err);
	rule->reason = reason ? mem_string(reason->text) : NULL;
	if (sticky && (sticky->type != YAML_SCALAR ||
			      !when_span(str_of(sticky->text), &rule->sticky) || rule->sticky < 1))
		return refuse(r, sticky, "sticky is no span like 30d", err);
	if (read_to(r, y, &rule->target, err) < 0)
		return -1;
	if (!rule->target.queue)
		return refuse(r, y, "no queue", err);
	return delivery_read(r, y, &rule->deliver, err) < 0 ? -1 : read_relax(r, y, rule, err);
}

/* ---- rules and targets ---- */

static int read_condition(struct conditions *c, const struct rules *r, const struct yaml *of,
	int *number, struct buf *err)
{
	if (of->type != YAML_SCALAR)
		return refuse(r, of, "an expression was expected", err);
	*number = conditions_add(c, r->path, of, err);
	return *number < 0 ? -1 : 0;
}

static int read_when(struct conditions *c, const struct rules *r, const struct yaml *of,
	int *number, struct buf *err)
{
	if (read_condition(c, r, of, number, err) < 0)
		return -1;
	conditions_whether(c, *number);
	return 0;
}

static int read_id(struct rules *r, const struct yaml *y, struct rule *rule, struct buf *err)
{
	const struct yaml *id = yaml_get(y, "id");

	if (!id || id->type != YAML_SCALAR || !*id->text)
		return refuse(r, id ? id : y, "no id", err);
	for (size_t i = 0; i + 1 < r->n; i++)
		if (strcmp(r->v[i].id, id->text) == 0)
			return refuse(r, id, "another one has this id", err);
	if (strcmp(id->text, "default") == 0)
		return refuse(r, id, "default is the id of what stands outside of the list", err);
	rule->id = mem_string(id->text);
	return 0;
}

static int read_rule(struct rules *r, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {"id", "when", "queue", "skills", "agent", "priority",
		"reason", "relax", "sticky", "deliver", NULL};
	static const char *const known_scored[] = {"id", "when", "score", "queue", "skills",
		"agent", "priority", "reason", "relax", "sticky", "deliver", NULL};
	const struct yaml *when, *score;
	struct rule *rule;

	if (yaml_only(r->path, y, r->scored ? known_scored : known, err) < 0)
		return -1;
	when = yaml_get(y, "when");
	score = yaml_get(y, "score");
	if (r->n == RULES_MAX)
		return refuse(r, y, "more than 1000 rules", err);
	rule = VEC_ADD(r, v, n, cap);
	rule->when = rule->score = -1;
	if (read_id(r, y, rule, err) < 0)
		return -1;
	if (!when && !r->scored)
		return refuse(r, y, "no condition (when)", err);
	if (!score && r->scored)
		return refuse(r, y, "no score", err);
	if (read_target(r, y, rule, err) < 0 ||
		(when && read_when(r->conditions, r, when, &rule->when, err) < 0))
		return -1;
	return score ? read_condition(r->conditions, r, score, &rule->score, err) : 0;
}

static int read_escalation(struct rules *r, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {"when", "reason", "queue", "skills", "priority", NULL};
	const struct yaml *when, *reason;
	struct escalation *e;

	if (yaml_only(r->path, y, known, err) < 0)
		return -1;
	when = yaml_get(y, "when");
	reason = yaml_get(y, "reason");
	if (r->escalation_n == RULES_REASONS)
		return refuse(r, y, "more than 32 escalations", err);
	e = VEC_ADD(r, escalations, escalation_n, escalation_cap);
	e->line = y->line;
	e->column = y->column;
	if (!reason || reason->type != YAML_SCALAR || !*reason->text)
		return refuse(r, reason ? reason : y, "no reason", err);
	if (r->ontology->reasons.n && !map_get(&r->ontology->reasons.by_id, str_of(reason->text))) {
		buf_printf(err, "%s:%d:%d: the ontology has no such reason: %s", r->path,
			reason->line, reason->column, reason->text);
		return -1;
	}
	e->reason = mem_string(reason->text);
	if (!when)
		return refuse(r, y, "no condition (when)", err);
	if (read_to(r, y, &e->to, err) < 0)
		return -1;
	return read_when(r->moments, r, when, &e->when, err);
}

static int each(struct rules *r, const struct yaml *list, const char *what,
	int (*read)(struct rules *, const struct yaml *, struct buf *), struct buf *err)
{
	if (list && list->type != YAML_SEQUENCE)
		return refuse(r, list, what, err);
	for
		YAML_EACH(v, list)
	if (read(r, v, err) < 0)
		return -1;
	return 0;
}

static int read_default(struct rules *r, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {"queue", "skills", "agent", "priority", "reason",
		"relax", "sticky", "deliver", NULL};
	struct rule *last;

	if (yaml_only(r->path, y, known, err) < 0)
		return -1;
	last = VEC_ADD(r, v, n, cap);
	last->id = mem_string("default");
	last->when = last->score = -1;
	return read_target(r, y, last, err);
}

static int read_head(struct rules *r, const struct yaml *y, struct buf *err)
{
	const char *name = yaml_text(y, "name", NULL), *version = yaml_text(y, "version", NULL);
	const struct yaml *queues = yaml_get(y, "queues"), *zones = yaml_get(y, "zones");
	struct buf label = BUF_INIT;

	if (!name || !version)
		return refuse(r, y, name ? "no version" : "no name", err);
	buf_printf(&label, "%s/%s", name, version);
	r->label = buf_take(&label);
	if (queues && read_names(r, queues, &r->queues, "queues is no list of names", err) < 0)
		return -1;
	if (zones && zones->type != YAML_MAPPING)
		return refuse(r, zones, "zones is no mapping of regions to zones", err);
	return conditions_zones(r->conditions, r->path, zones, err) < 0
		       ? -1
		       : conditions_zones(r->moments, r->path, zones, err);
}

int rules_fill(struct rules *r, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {"jtools", "name", "version", "queues", "zones",
		"default", "rules", "targets", "escalate", "deliver", NULL};
	const char *kind = yaml_kind(y);
	const struct yaml *rest = yaml_get(y, "default"), *targets = yaml_get(y, "targets"),
			  *list = yaml_get(y, "rules");

	if (!kind || strcmp(kind, "rules/1") != 0)
		return refuse(r, y, "not a rule file (its first line says jtools: rules/1)", err);
	if (yaml_only(r->path, y, known, err) < 0 || read_head(r, y, err) < 0)
		return -1;
	if (!rest)
		return refuse(r, y, "no default: say where events go that no rule takes", err);
	if (list && targets)
		return refuse(r, targets, "either rules or targets", err);
	r->scored = targets != NULL;
	if (each(r, list, "rules is no list", read_rule, err) < 0 ||
		each(r, targets, "targets is no list", read_rule, err) < 0 ||
		each(r, yaml_get(y, "escalate"), "escalate is no list", read_escalation, err) < 0 ||
		delivery_read(r, y, &r->deliver, err) < 0)
		return -1;
	return read_default(r, rest, err);
}
