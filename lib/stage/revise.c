#include "stage/revise.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/text.h"
#include "core/version.h"
#include "io/json.h"
#include "stage/revise_part.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Every kind of change, with what it does and demands. */
static const struct kind {
	const char *name;
	enum judgement verdict;
	enum step step;
} kinds[] = {
	{"ontology.name", VERDICT_BREAKING, STEP_MAJOR},
	{"language.added", VERDICT_SAFE, STEP_MINOR},
	{"language.removed", VERDICT_BREAKING, STEP_MAJOR},
	{"intent.added", VERDICT_MAY, STEP_MINOR},
	{"intent.removed", VERDICT_BREAKING, STEP_MAJOR},
	{"intent.renamed", VERDICT_MAY, STEP_MINOR},
	{"intent.merged", VERDICT_MAY, STEP_MINOR},
	{"intent.split", VERDICT_MAY, STEP_MINOR},
	{"intent.replacement", VERDICT_BREAKING, STEP_MAJOR},
	{"intent.deprecated", VERDICT_SAFE, STEP_MINOR},
	{"intent.restored", VERDICT_SAFE, STEP_MINOR},
	{"intent.family", VERDICT_BREAKING, STEP_MAJOR},
	{"intent.stage", VERDICT_MAY, STEP_MINOR},
	{"intent.commercial", VERDICT_MAY, STEP_MINOR},
	{"intent.courtesy", VERDICT_MAY, STEP_MINOR},
	{"intent.resolving", VERDICT_MAY, STEP_MINOR},
	{"intent.sensitive", VERDICT_MAY, STEP_MINOR},
	{"intent.question", VERDICT_MAY, STEP_MINOR},
	{"intent.requires.added", VERDICT_MAY, STEP_MINOR},
	{"intent.requires.removed", VERDICT_MAY, STEP_MINOR},
	{"intent.phrases.added", VERDICT_MAY, STEP_MINOR},
	{"intent.phrases.removed", VERDICT_MAY, STEP_MINOR},
	{"intent.patterns.added", VERDICT_MAY, STEP_MINOR},
	{"intent.patterns.removed", VERDICT_MAY, STEP_MINOR},
	{"intent.examples.added", VERDICT_MAY, STEP_MINOR},
	{"intent.examples.removed", VERDICT_MAY, STEP_MINOR},
	{"intent.order", VERDICT_MAY, STEP_MINOR},
	{"intent.title", VERDICT_SAFE, STEP_PATCH},
	{"intent.description", VERDICT_SAFE, STEP_PATCH},
	{"intent.since", VERDICT_SAFE, STEP_PATCH},
	{"entity.added", VERDICT_MAY, STEP_MINOR},
	{"entity.removed", VERDICT_BREAKING, STEP_MAJOR},
	{"entity.normal", VERDICT_BREAKING, STEP_MAJOR},
	{"entity.identity", VERDICT_MAY, STEP_MINOR},
	{"entity.mandatory", VERDICT_MAY, STEP_MINOR},
	{"entity.checker", VERDICT_MAY, STEP_MINOR},
	{"entity.values.added", VERDICT_MAY, STEP_MINOR},
	{"entity.values.removed", VERDICT_BREAKING, STEP_MAJOR},
	{"entity.spellings.added", VERDICT_MAY, STEP_MINOR},
	{"entity.spellings.removed", VERDICT_MAY, STEP_MINOR},
	{"entity.patterns.added", VERDICT_MAY, STEP_MINOR},
	{"entity.patterns.removed", VERDICT_MAY, STEP_MINOR},
	{"entity.asked_by.added", VERDICT_MAY, STEP_MINOR},
	{"entity.asked_by.removed", VERDICT_MAY, STEP_MINOR},
	{"entity.title", VERDICT_SAFE, STEP_PATCH},
	{"signal.added", VERDICT_MAY, STEP_MINOR},
	{"signal.removed", VERDICT_BREAKING, STEP_MAJOR},
	{"signal.phrases.added", VERDICT_MAY, STEP_MINOR},
	{"signal.phrases.removed", VERDICT_MAY, STEP_MINOR},
	{"signal.patterns.added", VERDICT_MAY, STEP_MINOR},
	{"signal.patterns.removed", VERDICT_MAY, STEP_MINOR},
	{"signal.title", VERDICT_SAFE, STEP_PATCH},
	{"stage.added", VERDICT_MAY, STEP_MINOR},
	{"stage.removed", VERDICT_BREAKING, STEP_MAJOR},
	{"stage.order", VERDICT_BREAKING, STEP_MAJOR},
	{"stage.title", VERDICT_SAFE, STEP_PATCH},
	{"action.added", VERDICT_SAFE, STEP_MINOR},
	{"action.removed", VERDICT_BREAKING, STEP_MAJOR},
	{"action.consequential", VERDICT_BREAKING, STEP_MAJOR},
	{"action.title", VERDICT_SAFE, STEP_PATCH},
	{"promise.phrases.added", VERDICT_MAY, STEP_MINOR},
	{"promise.phrases.removed", VERDICT_MAY, STEP_MINOR},
	{"sentiment.words.added", VERDICT_MAY, STEP_MINOR},
	{"sentiment.words.removed", VERDICT_MAY, STEP_MINOR},
	{"queue.added", VERDICT_SAFE, STEP_MINOR},
	{"queue.removed", VERDICT_BREAKING, STEP_MAJOR},
	{"queue.title", VERDICT_SAFE, STEP_PATCH},
	{"type.added", VERDICT_SAFE, STEP_MINOR},
	{"type.removed", VERDICT_BREAKING, STEP_MAJOR},
	{"type.title", VERDICT_SAFE, STEP_PATCH},
	{"reason.added", VERDICT_SAFE, STEP_MINOR},
	{"reason.removed", VERDICT_BREAKING, STEP_MAJOR},
	{"reason.title", VERDICT_SAFE, STEP_PATCH},
	{"family.added", VERDICT_SAFE, STEP_MINOR},
	{"family.removed", VERDICT_BREAKING, STEP_MAJOR},
	{"family.title", VERDICT_SAFE, STEP_PATCH},
	{"class.added", VERDICT_SAFE, STEP_MINOR},
	{"class.removed", VERDICT_BREAKING, STEP_MAJOR},
	{"class.gap", VERDICT_MAY, STEP_MINOR},
	{"class.answer", VERDICT_MAY, STEP_MINOR},
	{"class.default", VERDICT_MAY, STEP_MINOR},
	{"channel.added", VERDICT_MAY, STEP_MINOR},
	{"channel.removed", VERDICT_MAY, STEP_MINOR},
	{"channel.class", VERDICT_MAY, STEP_MINOR},
	{"reach.added", VERDICT_SAFE, STEP_MINOR},
	{"reach.removed", VERDICT_BREAKING, STEP_MAJOR},
	{"reach.identifiers.added", VERDICT_MAY, STEP_MINOR},
	{"reach.identifiers.removed", VERDICT_MAY, STEP_MINOR},
	{"reach.window", VERDICT_MAY, STEP_MINOR},
	{"hours.added", VERDICT_MAY, STEP_MINOR},
	{"hours.removed", VERDICT_MAY, STEP_MINOR},
	{"hours.changed", VERDICT_MAY, STEP_MINOR},
	{"request_gap.changed", VERDICT_MAY, STEP_MINOR},
	{"kind.added", VERDICT_MAY, STEP_MINOR},
	{"kind.removed", VERDICT_MAY, STEP_MINOR},
	{"kind.limits", VERDICT_MAY, STEP_MINOR},
	{"kind.order", VERDICT_MAY, STEP_MINOR},
	{"placeholder.added", VERDICT_MAY, STEP_MINOR},
	{"placeholder.removed", VERDICT_MAY, STEP_MINOR},
};

static void add(struct revision *r, const char *name, const char *id, const char *fmt, va_list ap)
{
	const struct kind *k = kinds;
	char what[256];

	while (strcmp(k->name, name) != 0)
		if (++k == kinds + sizeof(kinds) / sizeof(kinds[0]))
			abort();
	vsnprintf(what, sizeof(what), fmt, ap);
	*VEC_ADD(r, v, n, cap) =
		(struct change){k->name, k->verdict, k->step, mem_string(id), mem_string(what)};
	if (k->step > r->demanded)
		r->demanded = k->step;
}

void revise_add(struct revision *r, const char *kind, const char *id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(r, kind, id, fmt, ap);
	va_end(ap);
}

void revise_part(struct revision *r, const char *section, const char *what, const char *id,
	const char *fmt, ...)
{
	char kind[64];
	va_list ap;

	snprintf(kind, sizeof(kind), "%s.%s", section, what);
	va_start(ap, fmt);
	add(r, kind, id, fmt, ap);
	va_end(ap);
}

static size_t missing(const struct patterns *of, const struct patterns *in, const char **first)
{
	struct map there = MAP_INIT;
	size_t n = 0;

	for (size_t i = 0; i < in->n; i++)
		map_slot(&there, str_of(in->v[i]), NULL);
	for (size_t i = of->n; i > 0; i--)
		if (!map_get(&there, str_of(of->v[i - 1]))) {
			*first = of->v[i - 1];
			n++;
		}
	map_release(&there);
	return n;
}

void revise_sets(struct revision *r, const char *section, const char *id,
	const struct patterns *old, const struct patterns *new)
{
	const char *first = "";
	size_t n = missing(new, old, &first);

	if (n)
		revise_part(r, section, "added", id, "%zu: %s%s", n, first, n > 1 ? ", ..." : "");
	n = missing(old, new, &first);
	if (n)
		revise_part(r, section, "removed", id, "%zu: %s%s", n, first, n > 1 ? ", ..." : "");
}

void revise_texts(struct revision *r, const char *section, const char *what, const char *id,
	const char *old, const char *new)
{
	if (!str_eq(str_of(old), str_of(new)))
		revise_part(
			r, section, what, id, "%s -> %s", old ? old : "none", new ? new : "none");
}

void revise_flags(struct revision *r, const char *section, const char *what, const char *id,
	bool old, bool new)
{
	if (old != new)
		revise_part(r, section, what, id, "%s -> %s", old ? "true" : "false",
			new ? "true" : "false");
}

struct patterns revise_phrases(const struct phrases *p)
{
	struct patterns out = {NULL, 0, 0};

	for (size_t i = 0; i < p->n; i++) {
		struct buf one = BUF_INIT;

		buf_printf(&one, "%s %s", p->v[i].lang, p->v[i].words);
		*VEC_ADD(&out, v, n, cap) = buf_take(&one);
	}
	return out;
}

static int versions(struct revision *r, struct buf *err)
{
	const struct ontology *both[2] = {r->old, r->new};
	struct version v[2];
	int order;

	for (int i = 0; i < 2; i++)
		if (!version_parse(both[i]->version, &v[i])) {
			buf_printf(err, "%s: version is no major.minor.patch: %s", both[i]->folder,
				both[i]->version);
			return -1;
		}
	order = version_compare(&v[0], &v[1]);
	r->back = order > 0;
	for (int i = 0; i < 3 && order < 0; i++)
		if (v[0].part[i] != v[1].part[i]) {
			r->given = (enum step)(STEP_MAJOR - i);
			break;
		}
	return 0;
}

int revise(
	struct revision *r, const struct ontology *old, const struct ontology *new, struct buf *err)
{
	r->old = old;
	r->new = new;
	if (versions(r, err) < 0)
		return -1;
	revise_texts(r, "ontology", "name", new->name, old->name, new->name);
	revise_sets(r, "language", "languages", &old->languages, &new->languages);
	revise_intents(r);
	revise_others(r);
	return revise_examples(r, err);
}

void revise_release(struct revision *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].id);
		free(r->v[i].what);
	}
	free(r->v);
	*r = (struct revision){.old = NULL};
}

bool revise_enough(const struct revision *r)
{
	return !r->back && r->given >= r->demanded;
}

static const char *const verdicts[] = {"safe", "may change results", "breaking"};
static const char *const steps[] = {"none", "patch", "minor", "major"};

static void put_table(const struct revision *r, struct buf *text)
{
	struct table t = TABLE_INIT;

	table_column(&t, "verdict", false);
	table_column(&t, "step", false);
	table_column(&t, "change", false);
	table_column(&t, "of", false);
	table_column(&t, "what", false);
	for (size_t i = 0; i < r->n; i++) {
		const struct change *c = &r->v[i];

		table_cell(&t, str_of(verdicts[c->verdict]));
		table_cell(&t, str_of(steps[c->step]));
		table_cell(&t, str_of(c->kind));
		table_cell(&t, str_of(c->id));
		table_cell(&t, text_cut(str_of(c->what), 80));
	}
	if (r->n)
		table_print(&t, text);
	table_release(&t);
	buf_printf(text, "%s -> %s: demands %s, gives %s: %s\n", r->old->label, r->new->label,
		steps[r->demanded], r->back ? "a step back" : steps[r->given],
		revise_enough(r) ? "enough" : "too little");
}

/* What an ontology says is UTF-8 but for what a cut left of it. */
static void put_text(struct buf *out, const char *name, const char *s)
{
	struct buf mended = BUF_INIT;

	text_mend(&mended, str_of(s));
	json_put_text(out, name, buf_str(&mended));
	buf_release(&mended);
}

static void put_lines(const struct revision *r, struct buf *text)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct change *c = &r->v[i];

		buf_byte(text, '{');
		put_text(text, "change", c->kind);
		put_text(text, "of", c->id);
		put_text(text, "verdict", verdicts[c->verdict]);
		put_text(text, "step", steps[c->step]);
		put_text(text, "what", c->what);
		buf_puts(text, "}\n");
	}
	buf_byte(text, '{');
	put_text(text, "old", r->old->label);
	put_text(text, "new", r->new->label);
	put_text(text, "demands", steps[r->demanded]);
	put_text(text, "gives", r->back ? "back" : steps[r->given]);
	json_put_key(text, "enough");
	buf_puts(text, revise_enough(r) ? "true}\n" : "false}\n");
}

int revise_tell(const struct revision *r, bool table, struct out *out, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status;

	if (table)
		put_table(r, &text);
	else
		put_lines(r, &text);
	status = out_put(out, buf_str(&text), err);
	buf_release(&text);
	return status;
}
