#include "stage/stamp.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void add_number(struct hash *h, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	hash_add_part(h, str_of(text));
}

void stamp_content(const struct ontology *o, unsigned char out[HASH_SIZE])
{
	struct hash *h = hash_new();

	hash_begin(h);
	for (size_t i = 0; i < o->intent_n; i++) {
		const struct intent *t = &o->intents[i];

		hash_add_part(h, str_of(t->id));
		add_number(h, t->courtesy);
		add_number(h, (int64_t)t->phrases.n);
		for (size_t k = 0; k < t->phrases.n; k++) {
			hash_add_part(h, str_of(t->phrases.v[k].words));
			add_number(h, t->phrases.v[k].score);
		}
		add_number(h, (int64_t)t->patterns.n);
		for (size_t k = 0; k < t->patterns.n; k++)
			hash_add_part(h, str_of(t->patterns.v[k]));
	}
	hash_end(h, out);
	hash_free(h);
}

/* The version up to its last dot. */
static struct str minor_of(const char *version)
{
	const char *dot = strrchr(version, '.');

	return dot ? (struct str){version, (size_t)(dot - version)} : str_of(version);
}

static const char *unknown_label(const struct model *m, const struct ontology *o)
{
	for (size_t i = 0; i < m->class_n; i++)
		if (m->labels[i] && !ontology_intent(o, str_of(m->labels[i])))
			return m->labels[i];
	return NULL;
}

int stamp_fits(const struct model *m, const struct ontology *o, const char *path, struct buf *why)
{
	unsigned char content[HASH_SIZE];
	const char *unknown = unknown_label(m, o);

	if (!m->ontology) {
		buf_printf(why, "%s: was trained without an ontology: it serves eval alone", path);
		return -1;
	}
	if (strcmp(m->ontology, o->name) != 0 ||
		!str_eq(minor_of(m->version), minor_of(o->version)) || unknown) {
		buf_printf(why, "%s: was trained for %s/%s, and this ontology is %s", path,
			m->ontology, m->version, o->label);
		if (unknown)
			buf_printf(why, " (it has no %s)", unknown);
		return -1;
	}
	stamp_content(o, content);
	if (memcmp(content, m->content, HASH_SIZE) == 0)
		return 0;
	if (strcmp(m->version, o->version) != 0) {
		buf_printf(why,
			"%s: was trained for %s/%s, and this ontology is %s: train it again soon",
			path, m->ontology, m->version, o->label);
		return 1;
	}
	buf_printf(why, "%s: was trained for other intents or phrases of %s: train it again", path,
		o->label);
	return -1;
}

/* Whether a path from the running program's folder leads to the ontology. */
static bool leads_to(const struct buf *program, const char *path, const char *folder)
{
	struct buf b = BUF_INIT;
	char one[PATH_MAX], other[PATH_MAX];
	bool same;

	buf_put(&b, buf_str(program));
	buf_puts(&b, path);
	same = realpath(b.s, one) && realpath(folder, other) && strcmp(one, other) == 0;
	buf_release(&b);
	return same;
}

static bool in_build_tree(const struct ontology *o, struct buf *path)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	const char *slash;

	if (n <= 0)
		return false;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	buf_add(path, exe, slash ? (size_t)(slash - exe) : 0);
	if (!leads_to(path, "/../../ontology", o->folder) &&
		!leads_to(path, "/../../../ontology", o->folder))
		return false;
	buf_puts(path, "/../intents.model");
	return access(path->s, F_OK) == 0;
}

bool stamp_own_model(const struct ontology *o, struct buf *path)
{
	buf_printf(path, "%s/intents.model", o->folder);
	if (access(path->s, F_OK) == 0)
		return true;
	buf_clear(path);
	return in_build_tree(o, path);
}
