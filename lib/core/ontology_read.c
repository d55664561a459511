/* Reads an ontology's folder: first everything that has an id, from all files, then what refers to
 * it. */
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "core/kinds.h"
#include "core/ontology.h"
#include "io/regex.h"
#include "io/yaml.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define PHRASE_GAPS 3 /* every gap multiplies what has to be tried by four */
#define PHRASE_WORDS 32
#define LONG_WORD 7 /* letters from which on a word counts twice */

struct file {
	char *path;
	struct yaml *root;
};

struct loader {
	struct ontology *o;
	struct buf *err;
	const char *path; /* of the file that is being looked at */
	struct map ids;	  /* "section\nid" */
	struct file *v;
	size_t n, cap;
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
	buf_printf(l->err, "%s:%d:%d: %s", l->path, at->line, at->column, why);
	return -1;
}

static int known(struct loader *l, const struct yaml *map, const char *const *names)
{
	const struct yaml *odd;

	if (map->type != YAML_MAPPING)
		return refuse(l, map, "members are expected here");
	odd = yaml_unknown(map, names);
	return odd ? refuse(l, odd, "unknown member %.60s", odd->key) : 0;
}

static int scalar(struct loader *l, const struct yaml *v, char **out)
{
	if (v->type != YAML_SCALAR || !*v->text)
		return refuse(l, v, "a text is expected here");
	*out = mem_string(v->text);
	return 0;
}

/* A member of `of`; *out stays NULL where it is not there. */
static int text(struct loader *l, const struct yaml *of, const char *name, char **out)
{
	const struct yaml *v = yaml_get(of, name);

	return v ? scalar(l, v, out) : 0;
}

static int need_text(struct loader *l, const struct yaml *of, const char *name, char **out)
{
	return yaml_get(of, name) ? text(l, of, name, out) : refuse(l, of, "no %s", name);
}

static int flag(struct loader *l, const struct yaml *of, const char *name, bool *out)
{
	const struct yaml *v = yaml_get(of, name);

	if (!v)
		return 0;
	*out = v->type == YAML_SCALAR && strcmp(v->text, "true") == 0;
	if (!*out && (v->type != YAML_SCALAR || strcmp(v->text, "false") != 0))
		return refuse(l, v, "%s is true or false", name);
	return 0;
}

static int texts(struct loader *l, const struct yaml *list, struct patterns *out)
{
	if (list && list->type != YAML_SEQUENCE)
		return refuse(l, list, "a list is expected here");
	for
		YAML_EACH(v, list)
	if (scalar(l, v, VEC_ADD(out, v, n, cap)) < 0)
		return -1;
	return 0;
}

/* Compiled here only to refuse a wrong one with its place; who matches compiles them again. */
static int patterns(struct loader *l, const struct yaml *list, struct patterns *out)
{
	struct buf why = BUF_INIT;
	int status = texts(l, list, out);

	for
		YAML_EACH(v, status < 0 ? NULL : list)
		{
			struct regex *r = regex_compile(str_of(v->text), true, &why);

			regex_free(r);
			if (!r) {
				status = refuse(l, v, "%s", why.s);
				break;
			}
		}
	buf_release(&why);
	return status;
}

static int take_id(struct loader *l, const char *section, const struct yaml *at, const char *id)
{
	struct buf key = BUF_INIT;
	bool fresh;

	buf_printf(&key, "%s\n%s", section, id);
	map_slot(&l->ids, buf_str(&key), &fresh);
	buf_release(&key);
	return fresh ? 0 : refuse(l, at, "%.60s stands twice among the %s", id, section);
}

static bool has_id(struct loader *l, const char *section, const char *id)
{
	struct buf key = BUF_INIT;
	bool there;

	buf_printf(&key, "%s\n%s", section, id);
	there = map_get(&l->ids, buf_str(&key)) != NULL;
	buf_release(&key);
	return there;
}

/* id and title, which all lists of things have; the id is taken. */
static int read_head(struct loader *l, const char *section, const struct yaml *v,
	const char *const *names, char **id, char **title)
{
	if (known(l, v, names) < 0 || need_text(l, v, "id", id) < 0 ||
		text(l, v, "title", title) < 0)
		return -1;
	return take_id(l, section, yaml_get(v, "id"), *id);
}

static int word_score(struct str word)
{
	size_t letters = 0;

	for (size_t i = 0; i < word.len; i++)
		letters += ((unsigned char)word.s[i] & 0xc0) != 0x80 && word.s[i] != '*';
	return letters >= LONG_WORD ? 2 : 1;
}

/* Appends one blank-separated part of a phrase, folded; it may fold into several words. */
static void put_part(struct buf *words, struct str part, int *score)
{
	bool prefix = part.len > 1 && part.s[part.len - 1] == '*';
	struct buf folded = BUF_INIT;
	const char *word;

	text_words(&folded, part);
	if (folded.len && prefix)
		buf_byte(&folded, '*');
	if (words->len && folded.len)
		buf_byte(words, ' ');
	buf_put(words, buf_str(&folded));
	for (word = folded.s; *word;) {
		size_t len = strcspn(word, " ");

		*score += word_score((struct str){word, len});
		word += len + (word[len] == ' ');
	}
	buf_release(&folded);
}

/* The folded words of a phrase as it was written and their score; NULL, or why it is none. */
static const char *fold_phrase(const char *written, struct buf *words, int *score)
{
	int gaps = 0, words_n = 1;
	bool gap = false;

	while (*(written += strspn(written, " \n\t"))) {
		size_t len = strcspn(written, " \n\t"), before = words->len;

		if (len == 2 && memcmp(written, "..", 2) == 0) {
			if (!words->len || gap)
				return "'..' stands between two words";
			buf_puts(words, " ..");
			gap = true;
			gaps++;
		} else {
			put_part(words, (struct str){written, len}, score);
			if (words->len == before)
				return "a word has neither letters nor digits";
			gap = false;
		}
		written += len;
	}
	for (const char *p = words->s; *p; p++)
		words_n += *p == ' ';
	if (gap)
		return "'..' stands between two words";
	if (words_n > PHRASE_WORDS)
		return "more than 32 words in a phrase";
	if (gaps > PHRASE_GAPS)
		return "more than three '..' in a phrase";
	return words->len ? NULL : "an empty phrase";
}

static int add_phrase(struct loader *l, const struct yaml *v, const char *lang, struct phrases *out)
{
	struct buf words = BUF_INIT;
	struct phrase *p;
	const char *why;
	int score = 0;

	if (v->type != YAML_SCALAR)
		return refuse(l, v, "a phrase is expected here");
	why = fold_phrase(v->text, &words, &score);
	if (why) {
		buf_release(&words);
		return refuse(l, v, "%s", why);
	}
	p = VEC_ADD(out, v, n, cap);
	p->words = buf_take(&words);
	p->lang = mem_string(lang);
	p->score = score;
	return 0;
}

static int phrases(struct loader *l, const struct yaml *by_lang, struct phrases *out)
{
	if (by_lang && by_lang->type != YAML_MAPPING)
		return refuse(l, by_lang, "phrases stand under their language");
	for
		YAML_EACH(lang, by_lang)
		{
			if (lang->type != YAML_SEQUENCE)
				return refuse(l, lang, "a list of phrases is expected here");
		for
			YAML_EACH(v, lang)
		if (add_phrase(l, v, lang->key, out) < 0)
			return -1;
		}
	return 0;
}

static int read_intent(struct loader *l, const struct yaml *v)
{
	static const char *const names[] = {"id", "title", "description", "family", "stage",
		"commercial", "courtesy", "resolving", "sensitive", "question", "requires",
		"phrases", "patterns", NULL};
	struct ontology *o = l->o;
	struct intent *t = VEC_ADD(o, intents, intent_n, intent_cap);

	if (read_head(l, "intents", v, names, &t->id, &t->title) < 0 ||
		text(l, v, "family", &t->family) < 0 || text(l, v, "stage", &t->stage) < 0 ||
		flag(l, v, "commercial", &t->commercial) < 0 ||
		flag(l, v, "courtesy", &t->courtesy) < 0 ||
		flag(l, v, "resolving", &t->resolving) < 0 ||
		flag(l, v, "sensitive", &t->sensitive) < 0 ||
		flag(l, v, "question", &t->question) < 0 ||
		texts(l, yaml_get(v, "requires"), &t->requires) < 0 ||
		phrases(l, yaml_get(v, "phrases"), &t->phrases) < 0 ||
		patterns(l, yaml_get(v, "patterns"), &t->patterns) < 0)
		return -1;
	map_slot(&o->intent_by_id, str_of(t->id), NULL)->n = (int64_t)o->intent_n - 1;
	return 0;
}

static int check_intent(struct loader *l, const struct yaml *v)
{
	const struct yaml *stage = yaml_get(v, "stage");

	if (stage && !has_id(l, "stages", stage->text))
		return refuse(l, stage, "unknown stage %.60s", stage->text);
	for
		YAML_EACH(r, yaml_get(v, "requires"))
	if (!has_id(l, "entities", r->text))
		return refuse(l, r, "unknown entity %.60s", r->text);
	return 0;
}

static int read_normal(struct loader *l, const struct yaml *v, enum entity_normal *out)
{
	static const char *const words[] = {[NORMAL_NONE] = "none",
		[NORMAL_UPPER] = "upper",
		[NORMAL_LOWER] = "lower",
		[NORMAL_DIGITS] = "digits",
		[NORMAL_DATE] = "date",
		[NORMAL_AMOUNT] = "amount",
		[NORMAL_EMAIL] = "email",
		[NORMAL_PHONE] = "phone"};

	if (!v)
		return 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (v->type == YAML_SCALAR && strcmp(v->text, words[i]) == 0) {
			*out = (enum entity_normal)i;
			return 0;
		}
	return refuse(l, v, "normal is none, upper, lower, digits, date, amount, email or phone");
}

static int read_entity(struct loader *l, const struct yaml *v)
{
	static const char *const names[] = {"id", "title", "description", "normal", "identity",
		"mandatory", "patterns", "asked_by", NULL};
	struct ontology *o = l->o;
	struct entity *e = VEC_ADD(o, entities, entity_n, entity_cap);

	if (read_head(l, "entities", v, names, &e->id, &e->title) < 0 ||
		read_normal(l, yaml_get(v, "normal"), &e->normal) < 0 ||
		flag(l, v, "identity", &e->identity) < 0 ||
		flag(l, v, "mandatory", &e->mandatory) < 0 ||
		patterns(l, yaml_get(v, "patterns"), &e->patterns) < 0 ||
		phrases(l, yaml_get(v, "asked_by"), &e->asked_by) < 0)
		return -1;
	map_slot(&o->entity_by_id, str_of(e->id), NULL)->n = (int64_t)o->entity_n - 1;
	return 0;
}

static int read_signal(struct loader *l, const struct yaml *v)
{
	static const char *const names[] = {
		"id", "title", "description", "phrases", "patterns", NULL};
	struct ontology *o = l->o;
	struct signal *s = VEC_ADD(o, signals, signal_n, signal_cap);

	if (read_head(l, "signals", v, names, &s->id, &s->title) < 0 ||
		phrases(l, yaml_get(v, "phrases"), &s->phrases) < 0)
		return -1;
	return patterns(l, yaml_get(v, "patterns"), &s->patterns);
}

static const char *const named[] = {"id", "title", "description", NULL};

/* Types and reasons only have to be well formed: no tool refuses a record for holding another one.
 */
static int read_named(struct loader *l, const char *section, const struct yaml *v, struct map *ids)
{
	char *id = NULL, *title = NULL;
	int status = read_head(l, section, v, named, &id, &title);

	if (status == 0 && ids)
		map_slot(ids, str_of(id), NULL);
	free(id);
	free(title);
	return status;
}

static int read_type(struct loader *l, const struct yaml *v)
{
	return read_named(l, "types", v, &l->o->types);
}

static int read_reason(struct loader *l, const struct yaml *v)
{
	return read_named(l, "reasons", v, NULL);
}

static int read_stage(struct loader *l, const struct yaml *v)
{
	char *title = NULL;
	int status = read_head(l, "stages", v, named, VEC_ADD(&l->o->stages, v, n, cap), &title);

	free(title);
	return status;
}

static int read_span(struct loader *l, const struct yaml *v, int64_t *out)
{
	if (v->type != YAML_SCALAR || !when_span(str_of(v->text), out) || *out <= 0)
		return refuse(l, v, "a span like 30m or 24h is expected here");
	return 0;
}

static int read_class(struct loader *l, const struct yaml *v)
{
	static const char *const names[] = {"answer", "gap", "title", NULL};
	struct ontology *o = l->o;
	struct channel_class *c = VEC_ADD(o, classes, class_n, class_cap);

	c->id = mem_string(v->key);
	if (take_id(l, "classes", v, v->key) < 0 || known(l, v, names) < 0)
		return -1;
	if (!yaml_get(v, "gap"))
		return refuse(l, v, "no gap");
	if (yaml_get(v, "answer") && read_span(l, yaml_get(v, "answer"), &c->answer) < 0)
		return -1;
	return read_span(l, yaml_get(v, "gap"), &c->gap);
}

static int class_of(struct loader *l, const struct yaml *v, size_t *out)
{
	for (size_t i = 0; v->type == YAML_SCALAR && i < l->o->class_n; i++)
		if (strcmp(l->o->classes[i].id, v->text) == 0) {
			*out = i;
			return 0;
		}
	return refuse(l, v, "unknown class %.60s", v->type == YAML_SCALAR ? v->text : "");
}

static int check_channel(struct loader *l, const struct yaml *v)
{
	size_t number = 0;

	if (take_id(l, "channels", v, v->key) < 0 || class_of(l, v, &number) < 0)
		return -1;
	map_slot(&l->o->channels, str_of(v->key), NULL)->n = (int64_t)number;
	return 0;
}

static int read_kind(struct loader *l, const struct yaml *v)
{
	static const char *const names[] = {"strict", "normal", "loose", NULL};
	struct ident_kind *k = VEC_ADD(l->o, kinds, kind_n, kind_cap);
	int64_t below = 1;

	k->id = mem_string(v->key);
	if (l->o->kind_n > KINDS_MAX || strlen(v->key) >= KIND_NAME || strpbrk(v->key, " \n:"))
		return refuse(l, v, "no such name of a kind, or too many kinds");
	if (known(l, v, names) < 0)
		return -1;
	for (int i = 0; i < IDENTITY_RULES; i++) {
		const struct yaml *limit = yaml_get(v, names[i]);

		if (!v->child)
			break;
		if (!limit)
			return refuse(l, v, "no %s", names[i]);
		if (limit->type != YAML_SCALAR || !str_int(str_of(limit->text), &k->limit[i]) ||
			k->limit[i] < below)
			return refuse(l, limit,
				"a number of people is expected here, no lower than "
				"the one before it");
		below = k->limit[i];
	}
	return 0;
}

static int read_placeholders(struct loader *l, const struct yaml *kind)
{
	struct buf key = BUF_INIT;
	int status = kind->type == YAML_SEQUENCE ? 0 : refuse(l, kind, "a list is expected here");

	for
		YAML_EACH(v, status < 0 ? NULL : kind)
		{
			if (v->type != YAML_SCALAR || !*v->text) {
				status = refuse(l, v, "a text is expected here");
				break;
			}
			buf_clear(&key);
			buf_printf(&key, "%s\n", kind->key);
			text_fold(&key, str_of(v->text));
			if (strchr(v->text, '*'))
				*VEC_ADD(&l->o->placeholder_globs, v, n, cap) = mem_string(key.s);
			else
				map_slot(&l->o->placeholders, buf_str(&key), NULL)->n = 1;
		}
	buf_release(&key);
	return status;
}

static int read_words(struct loader *l, const struct yaml *v)
{
	if (v->type != YAML_SEQUENCE)
		return refuse(l, v, "a list is expected here");
	for
		YAML_EACH(w, v)
	if (w->type != YAML_SCALAR)
		return refuse(l, w, "a text is expected here");
	return 0;
}

static int read_name(struct loader *l, const struct yaml *v)
{
	return scalar(l, v, &l->o->name);
}

static int read_version(struct loader *l, const struct yaml *v)
{
	return scalar(l, v, &l->o->version);
}

static int read_request_gap(struct loader *l, const struct yaml *v)
{
	return read_span(l, v, &l->o->request_gap);
}

static int check_default_class(struct loader *l, const struct yaml *v)
{
	return class_of(l, v, &l->o->default_class);
}

static int read_title(struct loader *l, const struct yaml *v)
{
	return v->type == YAML_SCALAR ? 0 : refuse(l, v, "a text is expected here");
}

/*
 * What a file may hold. Lists and mappings may be spread over several files and are read one
 * element at a time; single values stand once in the folder. `read` runs over all files before the
 * first `check`.
 */
static const struct section {
	const char *name;
	enum yaml_type type;
	int (*read)(struct loader *l, const struct yaml *v);
	int (*check)(struct loader *l, const struct yaml *v);
} sections[] = {
	{"name", YAML_SCALAR, read_name, NULL},
	{"version", YAML_SCALAR, read_version, NULL},
	{"title", YAML_SCALAR, read_title, NULL},
	{"languages", YAML_SEQUENCE, read_title, NULL},
	{"intents", YAML_SEQUENCE, read_intent, check_intent},
	{"entities", YAML_SEQUENCE, read_entity, NULL},
	{"signals", YAML_SEQUENCE, read_signal, NULL},
	{"types", YAML_SEQUENCE, read_type, NULL},
	{"stages", YAML_SEQUENCE, read_stage, NULL},
	{"reasons", YAML_SEQUENCE, read_reason, NULL},
	{"classes", YAML_MAPPING, read_class, NULL},
	{"channels", YAML_MAPPING, NULL, check_channel},
	{"request_gap", YAML_SCALAR, read_request_gap, NULL},
	{"default_class", YAML_SCALAR, NULL, check_default_class},
	{"kinds", YAML_MAPPING, read_kind, NULL},
	{"placeholders", YAML_MAPPING, read_placeholders, NULL},
	{"actors", YAML_MAPPING, read_words, NULL},
};

static const struct section *section_of(const char *name)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	return NULL;
}

static int read_section(struct loader *l, const struct section *s, const struct yaml *v)
{
	if (v->type != s->type)
		return refuse(l, v, "%s is no %s", s->name,
			s->type == YAML_SCALAR	   ? "text"
			: s->type == YAML_SEQUENCE ? "list"
						   : "mapping");
	if (s->type == YAML_SCALAR) {
		if (take_id(l, "ontology's members", v, s->name) < 0)
			return -1;
		return s->read ? s->read(l, v) : 0;
	}
	for
		YAML_EACH(one, v)
	if (s->read && s->read(l, one) < 0)
		return -1;
	return 0;
}

static int check_section(struct loader *l, const struct section *s, const struct yaml *v)
{
	if (!s->check)
		return 0;
	if (s->type == YAML_SCALAR)
		return s->check(l, v);
	for
		YAML_EACH(one, v)
	if (s->check(l, one) < 0)
		return -1;
	return 0;
}

static int read_file(struct loader *l, const struct yaml *root)
{
	const char *kind = yaml_kind(root);

	if (!kind || strcmp(kind, "ontology/1") != 0)
		return refuse(l, root, "an ontology's file begins with 'jtools: ontology/1'");
	for
		YAML_EACH(v, root)
		{
			const struct section *s = section_of(v->key);

			if (!s && strcmp(v->key, "jtools") != 0)
				return refuse(l, v, "unknown member %.60s", v->key);
			if (s && read_section(l, s, v) < 0)
				return -1;
		}
	return 0;
}

static int check_file(struct loader *l, const struct yaml *root)
{
	for
		YAML_EACH(v, root)
		{
			const struct section *s = section_of(v->key);

			if (s && check_section(l, s, v) < 0)
				return -1;
		}
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static int list_files(struct loader *l)
{
	const char *folder = l->o->folder;
	DIR *d = opendir(folder);
	struct dirent *e;

	if (!d) {
		buf_printf(l->err, "%s: %s", folder, strerror(errno));
		return -1;
	}
	while ((e = readdir(d))) {
		struct buf path = BUF_INIT;

		if (e->d_name[0] == '.' || !str_ends(str_of(e->d_name), STR(".yaml")))
			continue;
		buf_printf(&path, "%s/%s", folder, e->d_name);
		VEC_ADD(l, v, n, cap)->path = buf_take(&path);
	}
	closedir(d);
	/* One order whatever the folder's own: the earlier intent wins a tie. */
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_path);
	return 0;
}

static int whole(struct loader *l)
{
	struct ontology *o = l->o;
	struct buf label = BUF_INIT;

	if (!o->name || !o->version || !o->class_n) {
		buf_printf(l->err, "%s: no %s", o->folder,
			!o->name      ? "name"
			: !o->version ? "version"
				      : "classes");
		return -1;
	}
	buf_printf(&label, "%s/%s", o->name, o->version);
	o->label = buf_take(&label);
	return 0;
}

static int read_all(struct loader *l)
{
	if (list_files(l) < 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		l->path = l->v[i].path;
		l->v[i].root = yaml_read(l->path, l->err);
		if (!l->v[i].root || read_file(l, l->v[i].root) < 0)
			return -1;
	}
	for (size_t i = 0; i < l->n; i++) {
		l->path = l->v[i].path;
		if (check_file(l, l->v[i].root) < 0)
			return -1;
	}
	return whole(l);
}

static void hash_flags(struct hash *h, const bool *flags, size_t n)
{
	char text[8];

	for (size_t i = 0; i < n; i++)
		text[i] = flags[i] ? '1' : '0';
	hash_add_part(h, (struct str){text, n});
}

static void hash_number(struct hash *h, int64_t n)
{
	struct buf b = BUF_INIT;

	buf_int(&b, n);
	hash_add_part(h, buf_str(&b));
	buf_release(&b);
}

static void hash_entry(void *ctx, struct str key, union map_value *v)
{
	hash_add_part(ctx, key);
	hash_number(ctx, v->n);
}

static void digest(struct ontology *o)
{
	struct hash *h = hash_new();

	hash_begin(h);
	for (size_t i = 0; i < o->intent_n; i++) {
		const struct intent *t = &o->intents[i];

		hash_add_part(h, str_of(t->id));
		hash_add_part(h, str_of(t->family));
		hash_add_part(h, str_of(t->stage));
		hash_flags(h,
			(const bool[]){t->commercial, t->courtesy, t->resolving, t->sensitive,
				t->question},
			5);
		for (size_t r = 0; r < t->requires.n; r++)
			hash_add_part(h, str_of(t->requires.v[r]));
	}
	hash_number(h, (int64_t)o->entity_n);
	for (size_t i = 0; i < o->entity_n; i++) {
		hash_add_part(h, str_of(o->entities[i].id));
		hash_flags(h, (const bool[]){o->entities[i].identity, o->entities[i].mandatory}, 2);
	}
	for (size_t i = 0; i < o->signal_n; i++)
		hash_add_part(h, str_of(o->signals[i].id));
	hash_number(h, (int64_t)o->stages.n);
	for (size_t i = 0; i < o->stages.n; i++)
		hash_add_part(h, str_of(o->stages.v[i]));
	for (size_t i = 0; i < o->class_n; i++) {
		hash_add_part(h, str_of(o->classes[i].id));
		hash_number(h, o->classes[i].gap);
		hash_number(h, o->classes[i].answer);
	}
	hash_number(h, o->request_gap);
	hash_number(h, (int64_t)o->default_class);
	map_each(&o->channels, hash_entry, h);
	map_each(&o->placeholders, hash_entry, h);
	for (size_t i = 0; i < o->placeholder_globs.n; i++)
		hash_add_part(h, str_of(o->placeholder_globs.v[i]));
	hash_end(h, o->digest);
	hash_free(h);
}

struct ontology *ontology_read(const char *folder, struct buf *err)
{
	struct loader l = {.err = err, .ids = MAP_INIT};
	struct buf path = BUF_INIT;
	int status = -1;

	if (folder)
		buf_puts(&path, folder);
	else if (ontology_folder(&path, err) < 0)
		goto out;
	l.o = mem_zero(1, sizeof(*l.o));
	l.o->folder = buf_take(&path);
	l.o->request_gap = 7 * WHEN_DAY;
	status = read_all(&l);
	if (status == 0)
		digest(l.o);
	for (size_t i = 0; i < l.n; i++) {
		free(l.v[i].path);
		yaml_free(l.v[i].root);
	}
	free(l.v);
	map_release(&l.ids);
out:
	buf_release(&path);
	if (status == 0)
		return l.o;
	ontology_free(l.o);
	return NULL;
}
