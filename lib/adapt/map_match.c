/* How an export is recognised by a map: `match`. */
#include "adapt/map_file.h"
#include "base/mem.h"
#include "base/text.h"
#include "io/regex.h"
#include "io/xmlscan.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <strings.h>

#define NAMES_DEPTH 16 /* of the names that are told apart */
#define SCORE_LEAST 84
#define SCORE_MOST 94

static int read_shape(struct map *m, const struct yaml *y, struct buf *err)
{
	static const char *const known[] = {"header", "keys", "root", "pattern", "file", NULL};
	struct map_match *match = VEC_ADD(m, shape, shape_n, shape_cap);
	const struct yaml *wrong = yaml_get(y, m->csv ? "keys" : "header"),
			  *pattern = yaml_get(y, "pattern"), *top = yaml_get(y, "root");
	struct buf why = BUF_INIT;

	if (map_expect(m, y, YAML_MAPPING, err) < 0 || map_only_known(m, y, known, err) < 0)
		return -1;
	if (wrong)
		return map_refuse_name(m, wrong, err,
			m->csv ? "CSV is matched by its header"
			       : "only CSV is matched by a header");
	if (top && !m->xml)
		return map_refuse_name(m, top, err, "only XML has a root element");
	if (top && map_expect(m, top, YAML_SCALAR, err) < 0)
		return -1;
	match->root = top ? mem_string(top->text) : NULL;
	if (map_read_names(m, yaml_get(y, "header"), &match->header, err) < 0 ||
		map_read_names(m, yaml_get(y, "keys"), &match->keys, err) < 0 ||
		map_read_names(m, yaml_get(y, "file"), &match->files, err) < 0)
		return -1;
	if (!pattern)
		return 0;
	if (map_expect(m, pattern, YAML_SCALAR, err) < 0)
		return -1;
	match->pattern = regex_compile(str_of(pattern->text), false, &why);
	if (!match->pattern)
		map_refuse(m, pattern, err, why.s);
	buf_release(&why);
	return match->pattern ? 0 : -1;
}

int map_match_read(struct map *m, const struct yaml *y, struct buf *err)
{
	if (!y)
		return 0;
	if (y->type != YAML_SEQUENCE)
		return read_shape(m, y, err);
	for
		YAML_EACH(v, y)
	if (read_shape(m, v, err) < 0)
		return -1;
	return 0;
}

void map_match_free(struct map *m)
{
	for (size_t i = 0; i < m->shape_n; i++) {
		map_names_release(&m->shape[i].header);
		map_names_release(&m->shape[i].keys);
		map_names_release(&m->shape[i].files);
		regex_free(m->shape[i].pattern);
		free(m->shape[i].root);
	}
	free(m->shape);
}

static bool has_name(const struct csv_names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcasecmp(names->v[i], name) == 0)
			return true;
	return false;
}

static bool csv_fits(const struct map *m, const struct map_match *match, struct str head)
{
	struct csv_names names = {NULL, 0, 0};
	bool fits = true;

	if (!match->header.n)
		return true;
	csv_peek(&names, head, m->delimiter);
	for (size_t i = 0; i < match->header.n; i++)
		fits = fits && has_name(&names, match->header.v[i]);
	csv_names_release(&names);
	return fits;
}

/* The names that lead to where the scan of a head is. */
struct naming {
	const struct map_names *keys;
	bool *found;
	struct str name[NAMES_DEPTH];
	size_t depth;  /* objects that are open */
	char open[64]; /* brackets that are open */
	size_t brackets;
};

static void note_name(struct naming *n, struct str name)
{
	struct buf path = BUF_INIT;

	if (n->depth && n->depth <= NAMES_DEPTH) {
		n->name[n->depth - 1] = name;
		for (size_t i = 0; i < n->depth; i++) {
			if (i)
				buf_byte(&path, '.');
			buf_put(&path, n->name[i]);
		}
		for (size_t i = 0; i < n->keys->n; i++)
			n->found[i] = n->found[i] || strcmp(path.s, n->keys->v[i]) == 0;
	}
	buf_release(&path);
}

/* Opens or closes a bracket; false where the first object at the top is done, or the head too
 * strange. */
static bool bracket(struct naming *n, char c)
{
	if (c == '{' || c == '[') {
		if (n->brackets == sizeof(n->open))
			return false;
		n->open[n->brackets++] = c;
		n->depth += c == '{';
		return true;
	}
	if (!n->brackets)
		return false;
	n->brackets--;
	n->depth -= n->open[n->brackets] == '{';
	return n->depth > 0;
}

/* The names in the first object of the head, arrays on the way passed over: as far as the head
 * goes. */
static void note_names(struct naming *n, struct str head)
{
	for (size_t i = 0; i < head.len; i++) {
		size_t from = i + 1, k;

		if (strchr("{}[]", head.s[i]) && head.s[i] && !bracket(n, head.s[i]))
			return;
		if (head.s[i] != '"')
			continue;
		for (i++; i < head.len && head.s[i] != '"'; i++)
			i += head.s[i] == '\\';
		for (k = i + 1; k < head.len && strchr(" \t\r\n", head.s[k]) && head.s[k]; k++)
			;
		if (k < head.len && head.s[k] == ':')
			note_name(n, (struct str){head.s + from, i - from});
	}
}

static bool json_fits(const struct map_names *keys, struct str head)
{
	struct naming n = {.keys = keys, .found = mem_zero(keys->n, sizeof(bool))};
	struct str text = str_trim(head);
	bool fits = text.len && (text.s[0] == '{' || text.s[0] == '[');

	if (fits)
		note_names(&n, text);
	for (size_t i = 0; i < keys->n; i++)
		fits = fits && n.found[i];
	free(n.found);
	return fits;
}

static bool xml_fits(const struct map_match *match, struct str head)
{
	return xmlscan_has(head, match->root, match->keys.v, match->keys.n);
}

static bool place_fits(const struct map_path *p, struct str head)
{
	struct buf name = BUF_INIT;
	struct map_names one = {&name.s, 1, 1};
	struct str text = str_trim(head);
	bool fits, list = text.len && text.s[0] == '[';

	/* "[].a": the document is an array; "a": it is an object. */
	if (p->n && list != (p->v[0].name == NULL))
		return false;
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].name) {
			buf_puts(&name, name.len ? "." : "");
			buf_puts(&name, p->v[i].name);
		}
	one.n = name.len > 0;
	fits = json_fits(&one, head);
	buf_release(&name);
	return fits;
}

void map_place_choose(struct map *m, struct str head)
{
	m->records = NULL;
	head = str_without_bom(head);
	for (size_t i = 0; i < m->place_n; i++) {
		m->records = m->place[i].path.n ? m->place[i].text : NULL;
		m->records_path = m->place[i].path;
		if (i + 1 == m->place_n || place_fits(&m->place[i].path, head))
			return;
	}
}

static bool file_fits(const struct map_names *files, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	for (size_t i = 0; i < files->n; i++)
		if (fnmatch(files->v[i], base, FNM_CASEFOLD) == 0)
			return true;
	return !files->n;
}

static bool pattern_fits(struct regex *pattern, struct str head)
{
	struct buf text = BUF_INIT;
	bool fits;

	if (!pattern)
		return true;
	/* The head may end within a character, or be no UTF-8. */
	text_mend(&text, head);
	fits = regex_match(pattern, buf_str(&text), NULL, NULL);
	buf_release(&text);
	return fits;
}

static int shape_score(
	const struct map *m, const struct map_match *match, const char *path, struct str head)
{
	size_t asked = match->header.n + match->keys.n + (match->root != NULL) +
		       (match->files.n > 0) + (match->pattern ? 2 : 0);

	if (!asked || (asked == 1 && match->files.n))
		return 0;
	head = str_without_bom(head);
	if (!file_fits(&match->files, path) || !pattern_fits(match->pattern, head) ||
		!(m->csv	 ? csv_fits(m, match, head)
			: m->xml ? xml_fits(match, head)
				 : json_fits(&match->keys, head)))
		return 0;
	return asked > SCORE_MOST - SCORE_LEAST ? SCORE_MOST : SCORE_LEAST + (int)asked;
}

/* The shape that fits best, the first among equals; NULL where none fits. */
static const struct map_match *best_shape(
	const struct map *m, const char *path, struct str head, int *score)
{
	const struct map_match *best = NULL;

	*score = 0;
	for (size_t i = 0; i < m->shape_n; i++) {
		int one = shape_score(m, &m->shape[i], path, head);

		if (one > *score)
			*score = one, best = &m->shape[i];
	}
	return best;
}

int map_sniff(const struct map *m, const struct adapt_peek *p)
{
	int score;

	best_shape(m, p->path, p->head, &score);
	return score;
}

const struct map_match *map_match_best(const struct map *m, const struct input *in)
{
	int score;
	const struct map_match *best = best_shape(m, in->name, buf_str(&in->head), &score);

	return best || !m->shape_n ? best : &m->shape[0];
}

static void put_names(struct buf *out, const char *before, const struct map_names *names)
{
	if (!names->n)
		return;
	buf_printf(out, "%s%s", out->len ? "; " : "", before);
	for (size_t i = 0; i < names->n; i++)
		buf_printf(out, "%s %s", i ? "," : "", names->v[i]);
}

void map_put_match(const struct map *m, const struct input *in, struct buf *out)
{
	const struct map_match *match = map_match_best(m, in);

	if (!match)
		return;
	put_names(out, "its header has", &match->header);
	put_names(out, "it has the members", &match->keys);
	put_names(out, "the file is called", &match->files);
	if (match->root)
		buf_printf(out, "%sits root is %s", out->len ? "; " : "", match->root);
	if (match->pattern)
		buf_printf(out, "%sthe map's pattern is found in it", out->len ? "; " : "");
}

void map_put_lacking(const struct map *m, struct str head, struct buf *out)
{
	struct csv_names names = {NULL, 0, 0};
	const char *before = " asks for";

	if (!m->csv || !m->shape_n || !m->shape[0].header.n)
		return;
	csv_peek(&names, str_without_bom(head), m->delimiter);
	for (size_t i = 0; i < m->shape[0].header.n; i++)
		if (!has_name(&names, m->shape[0].header.v[i])) {
			buf_printf(out, "%s%s %s", *before == ' ' ? map_file(m) : "", before,
				m->shape[0].header.v[i]);
			before = ",";
		}
	if (*before == ',')
		buf_puts(out, ", which the file has not\n");
	csv_names_release(&names);
}
