#include "core/kinds.h"

#include <string.h>

static const char *const rule_names[IDENTITY_RULES] = {
	[IDENTITY_STRICT] = "strict", [IDENTITY_NORMAL] = "normal", [IDENTITY_LOOSE] = "loose"};

void kinds_put(struct buf *out, const struct ontology *o, enum identity_rules rules)
{
	buf_printf(out, "%s\n", rule_names[rules]);
	for (size_t i = 0; i < o->kind_n; i++)
		buf_printf(out, "%s %lld\n", o->kinds[i].id, (long long)o->kinds[i].limit[rules]);
}

bool kinds_rules(const char *name, enum identity_rules *out)
{
	for (int i = 0; i < IDENTITY_RULES; i++)
		if (strcmp(name, rule_names[i]) == 0) {
			*out = (enum identity_rules)i;
			return true;
		}
	return false;
}

/* The next line, which is taken off. */
static struct str next_line(struct str *text)
{
	const char *end = memchr(text->s, '\n', text->len);
	struct str line = {text->s, end ? (size_t)(end - text->s) : text->len};
	size_t used = line.len + (end != NULL);

	*text = (struct str){text->s + used, text->len - used};
	return line;
}

bool kinds_read(struct kinds *k, struct str text)
{
	k->n = 0;
	next_line(&text);
	while (text.len) {
		struct str line = next_line(&text);
		const char *blank = memchr(line.s, ' ', line.len);
		size_t len = blank ? (size_t)(blank - line.s) : 0;

		if (!len || len >= KIND_NAME || k->n == KINDS_MAX ||
			!str_int((struct str){blank + 1, line.len - len - 1}, &k->v[k->n].limit))
			return false;
		memcpy(k->v[k->n].name, line.s, len);
		k->v[k->n++].name[len] = '\0';
	}
	return true;
}

int kinds_rank(const struct kinds *k, struct str kind)
{
	const char *colon = kind.len ? memchr(kind.s, ':', kind.len) : NULL;
	struct str family = {kind.s, colon ? (size_t)(colon - kind.s) : kind.len};
	size_t i = 0;

	while (i < k->n && !str_is(family, k->v[i].name))
		i++;
	return (int)i + 1;
}

int64_t kinds_limit(const struct kinds *k, int rank)
{
	return rank > 0 && (size_t)rank <= k->n ? k->v[rank - 1].limit : 0;
}
