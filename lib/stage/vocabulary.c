#include "stage/vocabulary.h"
#include "base/near.h"
#include "base/table.h"
#include "base/text.h"
#include "core/version.h"
#include "io/json.h"
#include "io/regex.h"
#include "stage/vocabulary_part.h"

#include <stdarg.h>
#include <stdio.h>

#define FOLLOWED 64 /* entities that facts have room for */

bool vocabulary_own(const struct vocabulary *v, const char *path)
{
	struct str folder = str_of(v->o->folder), rest;

	if (!str_starts(str_of(path), folder) || path[folder.len] != '/')
		return false;
	/* A layer below may lie beneath this folder, or go by way of it: own/../base. */
	rest = str_of(path + folder.len + 1);
	if (str_starts(rest, STR("examples/")))
		rest = str_of(rest.s + sizeof("examples/") - 1);
	return rest.len && !memchr(rest.s, '/', rest.len);
}

void vocabulary_at(
	struct vocabulary *v, enum finding_level level, struct spot at, const char *fmt, ...)
{
	const char *path = at.line ? v->o->files.v[at.file] : v->o->folder;
	char why[320];
	va_list ap;

	if (at.line && level != FINDING_ERROR && !vocabulary_own(v, path))
		return;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	findings_add(v->findings, level, path, at.line, at.column, why);
}

bool vocabulary_speaks(const char *tag, const char *language)
{
	size_t len = strlen(language);

	return strncmp(tag, language, len) == 0 && (!tag[len] || tag[len] == '-');
}

/* A version that an intent names is one, and of the past or of now. */
static void check_version(struct vocabulary *v, const struct intent *t, const char *what,
	const char *version, const struct version *now)
{
	struct version then;

	if (!version)
		return;
	if (!version_parse(version, &then))
		vocabulary_at(v, FINDING_ERROR, t->at, "%.60s: %s is no version: %.40s", t->id,
			what, version);
	else if (now && vocabulary_own(v, v->o->files.v[t->at.file]) &&
		 version_compare(&then, now) > 0)
		vocabulary_at(v, FINDING_WARNING, t->at,
			"%.60s: %s is later than the ontology's version: %.40s", t->id, what,
			version);
}

static void check_versions(struct vocabulary *v)
{
	const struct ontology *o = v->o;
	struct version now;
	bool is = o->version && version_parse(o->version, &now);

	if (o->version && !is)
		vocabulary_at(v, FINDING_ERROR, o->version_at,
			"version is no major.minor.patch: %.40s", o->version);
	for (size_t i = 0; i < o->intent_n; i++) {
		const struct intent *t = &o->intents[i];

		check_version(v, t, "since", t->since, is ? &now : NULL);
		check_version(v, t, "deprecated", t->deprecated, is ? &now : NULL);
	}
}

static void check_intent(struct vocabulary *v, const struct intent *t)
{
	const struct terms *families = &v->o->family_terms;

	if (t->family && families->n && !map_get(&families->by_id, str_of(t->family)))
		vocabulary_at(
			v, FINDING_ERROR, t->at, "%.60s: unknown family %.60s", t->id, t->family);
	if (!t->title && !t->replaced_by.n)
		vocabulary_at(v, FINDING_NOTE, t->at, "%.60s has no title", t->id);
	if (!t->family && !t->courtesy && !t->resolving && !t->deprecated && !t->replaced_by.n)
		vocabulary_at(v, FINDING_NOTE, t->at,
			"%.60s has no family: nothing links its contacts", t->id);
	if (t->deprecated && !t->replaced_by.n)
		vocabulary_at(v, FINDING_WARNING, t->at,
			"%.60s is deprecated and nothing replaces it", t->id);
	if (t->replaced_by.n && (t->phrases.n || t->patterns.n))
		vocabulary_at(v, FINDING_WARNING, t->at,
			"%.60s is replaced and still has phrases or patterns: they belong to what "
			"replaces it",
			t->id);
	for (size_t i = 0; i < t->replaced_by.n; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(t->replaced_by.v[i], t->replaced_by.v[k]) == 0)
				vocabulary_at(v, FINDING_ERROR, t->at,
					"%.60s is replaced twice by %.60s", t->id,
					t->replaced_by.v[i]);
}

/* The patterns of intents and signals look at folded text, which has no letter with a mark. */
static void check_folded(
	struct vocabulary *v, const char *id, size_t number, const char *pattern, struct spot at)
{
	struct buf folded = BUF_INIT;
	size_t len;

	for (const char *p = pattern; *p; p += len) {
		struct str run;

		for (len = 0; (unsigned char)p[len] >= 0x80; len++)
			;
		run = (struct str){p, len};
		buf_clear(&folded);
		text_fold(&folded, run);
		if (len && !str_eq(buf_str(&folded), run)) {
			vocabulary_at(v, FINDING_NOTE, at,
				"%.60s: pattern %zu has %.*s, and a folded text %.40s", id, number,
				(int)(len < 40 ? len : 40), run.s,
				folded.len ? folded.s : "no marks");
			break;
		}
		len += !len;
	}
	buf_release(&folded);
}

static void check_patterns(
	struct vocabulary *v, const char *id, const struct patterns *p, struct spot at)
{
	for (size_t i = 0; i < p->n; i++) {
		struct buf why = BUF_INIT;
		struct regex *r = regex_compile(str_of(p->v[i]), true, &why);

		if (r && regex_match(r, STR(""), NULL, NULL))
			vocabulary_at(v, FINDING_WARNING, at,
				"%.60s: pattern %zu is found in every text", id, i + 1);
		regex_free(r);
		buf_release(&why);
	}
}

/* One spelling for two values finds only the first. */
static void check_values(struct vocabulary *v, const struct entity *e)
{
	struct map taken = MAP_INIT;
	struct buf key = BUF_INIT;

	for (size_t i = 0; i < e->values.n; i++) {
		const struct entity_value *value = &e->values.v[i];

		for (size_t k = 0; value->value && k <= value->spellings.n; k++) {
			const char *s = k ? value->spellings.v[k - 1] : value->value;
			union map_value *slot;
			bool fresh;

			buf_clear(&key);
			text_words(&key, str_of(s));
			slot = map_slot(&taken, buf_str(&key), &fresh);
			if (fresh)
				slot->n = (int64_t)i;
			else if (slot->n != (int64_t)i)
				vocabulary_at(v, FINDING_WARNING, e->at,
					"%.60s: %.60s is written as two values are", e->id, s);
		}
	}
	map_release(&taken);
	buf_release(&key);
}

static void check_folded_patterns(
	struct vocabulary *v, const char *id, const struct patterns *p, struct spot at)
{
	check_patterns(v, id, p, at);
	for (size_t i = 0; i < p->n; i++)
		check_folded(v, id, i + 1, p->v[i], at);
}

static void check_things(struct vocabulary *v)
{
	const struct ontology *o = v->o;

	for (size_t i = 0; i < o->intent_n; i++) {
		const struct intent *t = &o->intents[i];

		check_intent(v, t);
		check_folded_patterns(v, t->id, &t->patterns, t->at);
	}
	for (size_t i = 0; i < o->signal_n; i++) {
		const struct signal *s = &o->signals[i];

		check_folded_patterns(v, s->id, &s->patterns, s->at);
	}
	for (size_t i = 0; i < o->entity_n; i++) {
		const struct entity *e = &o->entities[i];

		check_patterns(v, e->id, &e->patterns, e->at);
		check_values(v, e);
		if (i >= FOLLOWED)
			vocabulary_at(v, FINDING_NOTE, e->at,
				"%.60s: the first 64 entities alone are followed over a journey",
				e->id);
	}
}

static void see_channel(void *ctx, struct str name, union map_value *at)
{
	(void)at;
	near_see(ctx, name.s);
}

/* A channel that is reached, and none that has a class: misspelt, most likely. */
static void check_reach(void *ctx, struct str name, union map_value *at)
{
	struct vocabulary *v = ctx;
	struct buf meant = BUF_INIT;
	struct near near;

	if (map_get(&v->o->channels, name))
		return;
	near_begin(&near, name);
	map_each(&v->o->channels, see_channel, &near);
	near_put(&near, "", &meant);
	vocabulary_at(v, FINDING_WARNING, v->o->reaches[at->n].at,
		"reach: %.60s is not among the channels%s%.100s%s", name.s,
		meant.len ? " (did you mean " : "", meant.len ? meant.s : "",
		meant.len ? "?)" : "");
	buf_release(&meant);
}

int vocabulary_check(const char *folder, struct findings *out, struct buf *err)
{
	struct ontology *o = ontology_read_all(folder, out, err);
	struct vocabulary v = {o, out};

	if (!o)
		return -1;
	check_versions(&v);
	check_things(&v);
	map_each(&o->reach_of, check_reach, &v);
	vocabulary_texts(&v);
	findings_sort(out);
	ontology_free(o);
	return 0;
}

static void place_of(const struct finding *f, struct buf *out)
{
	buf_clear(out);
	buf_puts(out, f->file);
	if (f->line)
		buf_printf(out, ":%d", f->line);
	if (f->column)
		buf_printf(out, ":%d", f->column);
}

static void put_table(const struct findings *f, struct buf *text)
{
	struct table t = TABLE_INIT;
	struct buf place = BUF_INIT;

	table_column(&t, "place", false);
	table_column(&t, "level", false);
	table_column(&t, "what", false);
	for (size_t i = 0; i < f->n; i++) {
		place_of(&f->v[i], &place);
		table_cell(&t, buf_str(&place));
		table_cell(&t, str_of(findings_word(f->v[i].level)));
		table_cell(&t, str_of(f->v[i].reason));
	}
	if (f->n)
		table_print(&t, text);
	table_release(&t);
	buf_release(&place);
}

static void put_line(const struct finding *f, struct buf *text)
{
	struct buf mended = BUF_INIT;

	buf_byte(text, '{');
	json_put_text(text, "level", str_of(findings_word(f->level)));
	text_mend(&mended, str_of(f->file));
	json_put_text(text, "file", buf_str(&mended));
	if (f->line)
		json_put_int(text, "line", f->line);
	if (f->column)
		json_put_int(text, "column", f->column);
	buf_clear(&mended);
	text_mend(&mended, str_of(f->reason));
	json_put_text(text, "reason", buf_str(&mended));
	buf_puts(text, "}\n");
	buf_release(&mended);
}

int vocabulary_tell(const struct findings *f, bool table, struct out *out, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status;

	if (table)
		put_table(f, &text);
	for (size_t i = 0; i < f->n && !table; i++)
		put_line(&f->v[i], &text);
	status = out_put(out, buf_str(&text), err);
	buf_release(&text);
	return status;
}
