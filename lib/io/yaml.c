#include "io/yaml.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#define FILE_MAX ((size_t)16 << 20)
#define DEPTH_MAX 64

struct reader {
	yaml_parser_t parser;
	struct str text;
	const char *path;
	struct buf *err;
	struct str source;	/* the text; NULL where it is UTF-16 */
	size_t character, byte; /* of the source: the same place, counted in both */
};

static struct yaml *refuse(struct reader *r, yaml_mark_t at, const char *why)
{
	buf_printf(r->err, "%s:%zu:%zu: %s", r->path, at.line + 1, at.column + 1, why);
	return NULL;
}

static bool is_inner(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Of bytes that are no characters the library tells the offset alone. */
static yaml_mark_t mark_of(const struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	yaml_mark_t at = {0, 0, 0};

	if (p->error != YAML_READER_ERROR)
		return p->problem_mark;
	for (size_t i = 0; i < p->problem_offset && i < r->text.len; i++) {
		at.column += !is_inner(r->text.s[i]);
		if (r->text.s[i] == '\n')
			at = (yaml_mark_t){0, at.line + 1, 0};
	}
	return at;
}

static bool next_event(struct reader *r, yaml_event_t *e)
{
	if (yaml_parser_parse(&r->parser, e))
		return true;
	refuse(r, mark_of(r), r->parser.problem ? r->parser.problem : "not YAML");
	return false;
}

/* libyaml counts characters. */
static size_t byte_of(struct reader *r, size_t character)
{
	while (r->character < character && r->byte < r->source.len) {
		r->byte++;
		while (r->byte < r->source.len && is_inner(r->source.s[r->byte]))
			r->byte++;
		r->character++;
	}
	return r->byte;
}

static struct str source_of(struct reader *r, const yaml_event_t *e)
{
	size_t from = byte_of(r, e->start_mark.index), to = byte_of(r, e->end_mark.index);

	return r->source.s ? (struct str){r->source.s + from, to - from} : (struct str){NULL, 0};
}

static struct yaml *node_of(struct reader *r, const yaml_event_t *e, enum yaml_type type)
{
	struct yaml *y = mem_zero(1, sizeof(*y));

	y->type = type;
	y->line = (int)e->start_mark.line + 1;
	y->column = (int)e->start_mark.column + 1;
	if (type == YAML_SCALAR) {
		y->text = mem_copy((char *)e->data.scalar.value, e->data.scalar.length);
		y->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		y->source = source_of(r, e);
	}
	return y;
}

/* What no value can be; NULL: nothing is wrong with it. */
static const char *fault_of(const yaml_event_t *e)
{
	const yaml_char_t *tag = e->type == YAML_SCALAR_EVENT		? e->data.scalar.tag
				 : e->type == YAML_SEQUENCE_START_EVENT ? e->data.sequence_start.tag
				 : e->type == YAML_MAPPING_START_EVENT	? e->data.mapping_start.tag
									: NULL;

	if (tag)
		return "tags are not read";
	if (e->type == YAML_SCALAR_EVENT &&
		memchr(e->data.scalar.value, '\0', e->data.scalar.length))
		return "a text may hold no NUL";
	return NULL;
}

static struct yaml *value(struct reader *r, yaml_event_t *e, int depth);

static bool fill_sequence(struct reader *r, struct yaml *into, int depth)
{
	struct yaml **tail = &into->child;
	yaml_event_t e;

	for (;;) {
		if (!next_event(r, &e))
			return false;
		if (e.type == YAML_SEQUENCE_END_EVENT)
			break;
		*tail = value(r, &e, depth);
		if (!*tail)
			return false;
		tail = &(*tail)->next;
	}
	yaml_event_delete(&e);
	return true;
}

static bool member(
	struct reader *r, struct yaml *into, struct yaml **tail, yaml_event_t *name, int depth)
{
	const char *text = (char *)name->data.scalar.value;
	yaml_event_t e;

	if (yaml_get(into, text)) {
		refuse(r, name->start_mark, "a name stands twice");
		return false;
	}
	if (!next_event(r, &e))
		return false;
	*tail = value(r, &e, depth);
	if (!*tail)
		return false;
	(*tail)->key = mem_string(text);
	(*tail)->key_line = (int)name->start_mark.line + 1;
	(*tail)->key_column = (int)name->start_mark.column + 1;
	return true;
}

static bool fill_mapping(struct reader *r, struct yaml *into, int depth)
{
	struct yaml **tail = &into->child;
	yaml_event_t e;
	bool ok;

	for (;;) {
		if (!next_event(r, &e))
			return false;
		if (e.type == YAML_MAPPING_END_EVENT)
			break;
		ok = e.type == YAML_SCALAR_EVENT;
		if (!ok)
			refuse(r, e.start_mark, "the name of a member is no plain text");
		else if (fault_of(&e))
			ok = refuse(r, e.start_mark, fault_of(&e)) != NULL;
		ok = ok && member(r, into, tail, &e, depth);
		yaml_event_delete(&e);
		if (!ok)
			return false;
		tail = &(*tail)->next;
	}
	yaml_event_delete(&e);
	return true;
}

/* Consumes the event. */
static struct yaml *value(struct reader *r, yaml_event_t *e, int depth)
{
	yaml_mark_t at = e->start_mark;
	const char *fault = fault_of(e);
	struct yaml *y = NULL;
	bool ok = true;

	if (fault) {
		yaml_event_delete(e);
		return refuse(r, at, fault);
	}
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		y = node_of(r, e, YAML_SCALAR);
		break;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		y = node_of(
			r, e, e->type == YAML_SEQUENCE_START_EVENT ? YAML_SEQUENCE : YAML_MAPPING);
		break;
	case YAML_ALIAS_EVENT:
		refuse(r, at, "aliases are not read");
		break;
	default:
		refuse(r, at, "a value was expected");
	}
	yaml_event_delete(e);
	if (y && y->type != YAML_SCALAR && depth >= DEPTH_MAX) {
		refuse(r, at, "nested too deep");
		ok = false;
	} else if (y && y->type == YAML_SEQUENCE) {
		ok = fill_sequence(r, y, depth + 1);
	} else if (y && y->type == YAML_MAPPING) {
		ok = fill_mapping(r, y, depth + 1);
	}
	if (!ok) {
		yaml_free(y);
		return NULL;
	}
	return y;
}

static struct yaml *document(struct reader *r)
{
	struct yaml *root = NULL;
	yaml_event_t e;
	bool more;

	do {
		if (!next_event(r, &e))
			return NULL;
		if (e.type == YAML_STREAM_END_EVENT) {
			yaml_event_delete(&e);
			buf_printf(r->err, "%s:1:1: empty", r->path);
			return NULL;
		}
		more = e.type == YAML_STREAM_START_EVENT || e.type == YAML_DOCUMENT_START_EVENT;
		if (more)
			yaml_event_delete(&e);
	} while (more);
	root = value(r, &e, 0);
	while (root) {
		if (!next_event(r, &e))
			break;
		if (e.type == YAML_STREAM_END_EVENT) {
			yaml_event_delete(&e);
			return root;
		}
		more = e.type == YAML_DOCUMENT_END_EVENT;
		if (!more)
			refuse(r, e.start_mark, "more than one document");
		yaml_event_delete(&e);
		if (!more)
			break;
	}
	yaml_free(root);
	return NULL;
}

static int slurp(const char *path, struct buf *text, struct buf *err)
{
	FILE *f = fopen(path, "rbe");
	int status = -1;
	size_t n;

	if (!f) {
		buf_printf(err, "%s: %s", path, strerror(errno));
		return -1;
	}
	do {
		buf_room(text, 65536);
		n = fread(text->s + text->len, 1, 65536, f);
		text->len += n;
		text->s[text->len] = '\0';
	} while (n && text->len <= FILE_MAX);
	if (ferror(f))
		buf_printf(err, "%s: %s", path, strerror(errno));
	else if (text->len > FILE_MAX)
		buf_printf(err, "%s: larger than 16 MiB", path);
	else
		status = 0;
	fclose(f);
	return status;
}

static bool is_utf16(struct str s)
{
	return str_starts(s, STR("\xff\xfe")) || str_starts(s, STR("\xfe\xff"));
}

struct yaml *yaml_read(const char *path, struct buf *err)
{
	struct reader r = {.path = path, .err = err};
	struct buf text = BUF_INIT;
	struct yaml *root = NULL;

	if (slurp(path, &text, err) < 0)
		goto out;
	if (!yaml_parser_initialize(&r.parser)) {
		buf_printf(err, "%s: out of memory", path);
		goto out;
	}
	r.text = buf_str(&text);
	yaml_parser_set_input_string(&r.parser, (unsigned char *)text.s, text.len);
	if (!is_utf16(buf_str(&text)))
		r.source = r.text;
	if (str_starts(buf_str(&text), STR("\xef\xbb\xbf")))
		r.byte = 3;
	root = document(&r);
	yaml_parser_delete(&r.parser);
	if (root)
		root->whole = buf_take(&text);
out:
	buf_release(&text);
	return root;
}

void yaml_free(struct yaml *root)
{
	while (root) {
		struct yaml *next = root->next;

		yaml_free(root->child);
		free(root->key);
		free(root->text);
		free(root->whole);
		free(root);
		root = next;
	}
}

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
	if (!map || map->type != YAML_MAPPING)
		return NULL;
	for
		YAML_EACH(v, map)
	if (v->key && strcmp(v->key, key) == 0)
		return v;
	return NULL;
}

const char *yaml_text(const struct yaml *map, const char *key, const char *fallback)
{
	const struct yaml *v = yaml_get(map, key);

	return v && v->type == YAML_SCALAR ? v->text : fallback;
}

const char *yaml_kind(const struct yaml *root)
{
	return yaml_text(root, "jtools", NULL);
}

bool yaml_is_ours(struct str head, struct str *kind)
{
	const struct str mark = STR("jtools:");

	for (int line = 0; line < 30 && head.len; line++) {
		const char *lf = memchr(head.s, '\n', head.len);
		size_t len = lf ? (size_t)(lf - head.s) : head.len;
		struct str one = str_trim((struct str){head.s, len});

		if (str_starts(one, mark)) {
			*kind = str_trim((struct str){one.s + mark.len, one.len - mark.len});
			return true;
		}
		if (one.len && one.s[0] != '#' && one.s[0] != '-')
			return false;
		len += lf != NULL;
		head.s += len;
		head.len -= len;
	}
	return false;
}

/* A place in a scalar's source. */
struct place {
	const char *at, *end;
	int line, column;
};

static void step(struct place *p)
{
	char c = *p->at++;

	if (c == '\n') {
		p->line++;
		p->column = 1;
	} else if (p->at == p->end || !is_inner(*p->at)) {
		p->column++;
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct place *p)
{
	while (p->at < p->end && is_blank(*p->at))
		step(p);
}

/* How the text was folded and indented shows in blanks alone: what is none stands in both, in the
 * same order. Not so what is escaped. */
void yaml_place(const struct yaml *scalar, size_t byte, int *line, int *column)
{
	struct str source = scalar->source;
	struct place p = {source.s, source.s + source.len, scalar->line, scalar->column};
	char style = scalar->quoted && source.len ? source.s[0] : ' ';
	const char *text = scalar->text;

	*line = scalar->line;
	*column = scalar->column;
	if (style == '|' || style == '>')
		while (p.at < p.end && *p.at != '\n')
			step(&p);
	else if (style != ' ')
		step(&p);
	for (size_t i = 0; i <= byte; i++) {
		if (i < byte && is_blank(text[i]))
			continue;
		if (!is_blank(text[i]))
			skip_blanks(&p);
		if (text[i] && !is_blank(text[i]) && (p.at == p.end || *p.at != text[i]))
			return;
		if (i == byte)
			break;
		if (style == '\'' && *p.at == '\'')
			step(&p);
		step(&p);
	}
	*line = p.line;
	*column = p.column;
}

const struct yaml *yaml_unknown(const struct yaml *map, const char *const *known)
{
	for
		YAML_EACH(v, map)
		{
			size_t i = 0;

			while (known[i] && strcmp(known[i], v->key) != 0)
				i++;
			if (!known[i])
				return v;
		}
	return NULL;
}

int yaml_refuse(const char *path, const struct yaml *at, const char *why, struct buf *err)
{
	buf_printf(err, "%s:%d:%d: %s", path, at->line, at->column, why);
	return -1;
}

int yaml_only(const char *path, const struct yaml *map, const char *const *known, struct buf *err)
{
	const struct yaml *odd = map->type == YAML_MAPPING ? yaml_unknown(map, known) : map;

	if (!odd)
		return 0;
	if (odd == map)
		return yaml_refuse(path, map, "a mapping was expected", err);
	buf_printf(err, "%s:%d:%d: unknown member: %s", path, odd->key_line, odd->key_column,
		odd->key);
	return -1;
}
