/* `let`: names for expressions. Each stands for its expression in brackets, wherever it is named.
 */
#include "adapt/map_file.h"
#include "base/mem.h"

#include <stdlib.h>
#include <strings.h>

#define EXPANDED_MAX ((size_t)64 << 10) /* what an expression may have anyway */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const struct map_let *let_of(const struct map *m, struct str name)
{
	for (size_t i = 0; i < m->let_n; i++)
		if (strlen(m->let[i].name) == name.len &&
			strncasecmp(m->let[i].name, name.s, name.len) == 0)
			return &m->let[i];
	return NULL;
}

/* How far a text in quotes, a name, a number or a single other character goes. */
static size_t token(const char *s)
{
	size_t n = 1;

	if (*s == '\'' || *s == '"') {
		while (s[n] && s[n] != *s)
			n++;
		return n + (s[n] != 0);
	}
	if (is_letter(*s) || is_digit(*s))
		while (is_letter(s[n]) || is_digit(s[n]))
			n++;
	return n;
}

/* Whether what begins here is the name of a function. */
static bool is_call(const char *s)
{
	while (*s == ' ' || *s == '\t' || *s == '\n')
		s++;
	return *s == '(';
}

char *map_let_expand(const struct map *m, const char *sql)
{
	struct buf out = BUF_INIT;
	char *copy;

	for (const char *s = sql; *s && out.len <= EXPANDED_MAX;) {
		size_t n = token(s);
		const struct map_let *let =
			is_letter(*s) && !is_call(s + n) ? let_of(m, (struct str){s, n}) : NULL;

		if (let)
			buf_printf(&out, "(%s)", let->sql);
		else
			buf_put(&out, (struct str){s, n});
		s += n;
	}
	copy = mem_copy(out.s ? out.s : "", out.len);
	buf_release(&out);
	return copy;
}

int map_let_read(struct map *m, const struct yaml *y, struct buf *err)
{
	if (!y)
		return 0;
	if (map_expect(m, y, YAML_MAPPING, err) < 0)
		return -1;
	for
		YAML_EACH(v, y)
		{
			char *sql;

			if (map_expect(m, v, YAML_SCALAR, err) < 0)
				return -1;
			if (token(v->key) != strlen(v->key) || !is_letter(*v->key))
				return map_refuse_name(m, v, err, "a name is letters and digits");
			for (size_t i = 0; i < m->columns.n; i++)
				if (strcasecmp(m->columns.v[i].name, v->key) == 0)
					return map_refuse_name(
						m, v, err, "there is a column of that name");
			/* Those above it are known: none can name itself. */
			sql = map_let_expand(m, v->text);
			*VEC_ADD(m, let, let_n, let_cap) =
				(struct map_let){mem_string(v->key), sql};
		}
	return 0;
}

void map_let_release(struct map *m)
{
	for (size_t i = 0; i < m->let_n; i++) {
		free(m->let[i].name);
		free(m->let[i].sql);
	}
	free(m->let);
}
