#include "stage/labelled.h"
#include "base/mem.h"
#include "core/event.h"
#include "io/csv.h"

#include <stdlib.h>
#include <unistd.h>

#define DOCUMENT_MAX ((size_t)256 << 20)

static int give(struct labelled_reader *r, struct str text, struct str intent, const char *path,
	uint64_t line, struct buf *err)
{
	struct labelled one = {text, intent, path, line};

	r->read++;
	if (!str_trim(text).len) {
		r->skipped++;
		return 0;
	}
	if (str_is(intent, r->out_of_scope))
		one.intent = STR("");
	return r->each(r->ctx, &one, err);
}

static int pass_over(struct labelled_reader *r)
{
	r->read++;
	r->skipped++;
	return 0;
}

static int refuse(const char *path, uint64_t line, const char *why, struct buf *err)
{
	buf_puts(err, path);
	if (line)
		buf_printf(err, ":%llu", (unsigned long long)line);
	buf_printf(err, ": %s", why);
	return -1;
}

static bool is_customers(const struct json *event)
{
	const struct json *direction = json_member(event, "direction"),
			  *actor = json_member(event, "actor");

	return direction && actor && str_is(direction->text, "in") &&
	       str_is(actor->text, "customer");
}

static const struct json *first_of(const struct json *of, const char *const *names)
{
	const struct json *v = NULL;

	for (; *names && !v; names++)
		v = json_member(of, *names);
	return v;
}

static const char *const intent_names[] = {"intent", "category", "label", NULL};

/* An event that has no text or no label is no example; any other line has to have both. */
static int take_object(struct labelled_reader *r, const struct json *root, const char *path,
	uint64_t line, struct buf *err)
{
	const struct json *event = json_member(root, "specversion") ? root : NULL;
	const struct json *body = event ? json_member(event, "data") : root;
	const struct json *text = json_member(body, "text"),
			  *intent = event ? json_member(body, "intent")
					  : first_of(body, intent_names);

	if (event && (!is_customers(event) || !text || !intent))
		return pass_over(r);
	if (!json_is_string(text))
		return refuse(path, line, "no text", err);
	if (!intent || (intent->type != JSON_STRING && intent->type != JSON_NULL))
		return refuse(path, line, "no intent", err);
	return give(
		r, text->text, intent->type == JSON_NULL ? STR("") : intent->text, path, line, err);
}

static int take_line(struct labelled_reader *r, struct json_doc *doc, struct str line,
	const struct lines *in, struct buf *err)
{
	struct buf why = BUF_INIT;
	int status;

	if (!str_trim(line).len)
		return 0;
	if (json_parse(doc, line, true, &why) < 0)
		status = refuse(in->name, in->number, why.s, err);
	else if (doc->v[0].type != JSON_OBJECT)
		status = refuse(in->name, in->number, "no object", err);
	else
		status = take_object(r, doc->v, in->name, in->number, err);
	buf_release(&why);
	return status;
}

static int read_lines(struct labelled_reader *r, struct input *in, struct buf *err)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct lines lines;
	struct str line;
	int status = 0;

	if (input_lines(in, &lines, r->max_line, err) < 0)
		return -1;
	while (status == 0 && (status = lines_next(&lines, &line, err)) == LINES_ONE)
		status = take_line(r, &doc, line, &lines, err);
	if (status == LINES_LONG)
		status = refuse(lines.name, lines.number, "the line is too long", err);
	lines_close(&lines);
	json_release(&doc);
	return status;
}

static int column_of(const struct csv *c, const char *name)
{
	for (size_t i = 0; i < c->name_n; i++)
		if (strcmp(c->name[i], name) == 0)
			return (int)i;
	return -1;
}

static int read_rows(struct labelled_reader *r, struct csv *c, const char *path, struct buf *err)
{
	int text = column_of(c, "text"), intent = -1, status;

	for (const char *const *name = intent_names; *name && intent < 0; name++)
		intent = column_of(c, *name);
	if (text < 0 || intent < 0)
		return refuse(
			path, 1, "no column text, or none of intent, category and label", err);
	while ((status = csv_next(c, err)) == CSV_ROW)
		if (give(r, c->field[text], c->field[intent], path, c->line, err) < 0)
			return -1;
	return status > 0 ? refuse(path, c->line, c->why, err) : status;
}

static int read_csv(struct labelled_reader *r, struct input *in, struct buf *err)
{
	struct csv c;
	int status = csv_open(&c, in, 0, r->max_line, err);

	if (status == 0)
		status = read_rows(r, &c, in->name, err);
	csv_close(&c);
	return status;
}

static int take_part(
	struct labelled_reader *r, const struct json *part, const char *path, struct buf *err)
{
	for
		JSON_EACH(pair, part)
		{
			const struct json *text = json_first(pair),
					  *intent = text ? json_after(pair, text) : NULL;

			if (pair->type != JSON_ARRAY || pair->count != 2 || !json_is_string(text) ||
				!json_is_string(intent)) {
				buf_printf(err, "%s: %.*s: not a list of [text, intent]", path,
					(int)part->key.len, part->key.s);
				return -1;
			}
			if (give(r, text->text, intent->text, path, 0, err) < 0)
				return -1;
		}
	return 0;
}

static int which_parts(const struct json *root, const char *path, struct buf *err)
{
	buf_printf(err, "%s: which parts? (%s#PART,...: ", path, path);
	for
		JSON_EACH(v, root)
	buf_printf(err, "%s%.*s", v == root + 1 ? "" : " ", (int)v->key.len, v->key.s);
	buf_byte(err, ')');
	return -1;
}

static int take_parts(struct labelled_reader *r, const struct json *root, const char *path,
	const char *parts, struct buf *err)
{
	char *list, *rest, *name;
	int status = 0;

	if (!parts)
		return which_parts(root, path, err);
	list = rest = mem_string(parts);
	while (status == 0 && (name = strsep(&rest, ","))) {
		const struct json *part = json_member(root, name);

		if (part && part->type == JSON_ARRAY)
			status = take_part(r, part, path, err);
		else
			status = which_parts(root, path, err);
	}
	free(list);
	return status;
}

static int read_document(
	struct labelled_reader *r, struct input *in, const char *parts, struct buf *err)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct buf all = BUF_INIT, why = BUF_INIT;
	int64_t n = 1;
	int status;

	while (n > 0 && all.len <= DOCUMENT_MAX) {
		buf_room(&all, INPUT_HEAD);
		n = input_read(in, all.s + all.len, INPUT_HEAD, err);
		all.len += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		status = -1;
	else if (n > 0)
		status = refuse(in->name, 0, "the document is too large", err);
	else if (json_parse(&doc, buf_str(&all), false, &why) < 0)
		status = refuse(in->name, 0, why.s, err);
	else
		status = take_parts(r, doc.v, in->name, parts, err);
	json_release(&doc);
	buf_release(&all);
	buf_release(&why);
	return status;
}

/* Whether the first line is a whole object, and not the beginning of a longer one. */
static bool has_lines(struct str head)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct buf why = BUF_INIT;
	const char *lf = memchr(head.s, '\n', head.len);
	bool whole;

	if (lf)
		head.len = (size_t)(lf - head.s);
	whole = json_parse(&doc, head, false, &why) == 0 &&
		(json_member(doc.v, "specversion") || json_member(doc.v, "text"));
	json_release(&doc);
	buf_release(&why);
	return whole;
}

static int read_input(
	struct labelled_reader *r, struct input *in, const char *parts, struct buf *err)
{
	struct str head = str_trim(str_without_bom(buf_str(&in->head)));

	if (!head.len)
		return 0;
	if (*head.s != '{')
		return read_csv(r, in, err);
	/* A first line that the head does not hold is no document's: those are many short lines. */
	return parts || (memchr(head.s, '\n', head.len) && !has_lines(head)) ||
			       (in->whole && !has_lines(head))
		       ? read_document(r, in, parts, err)
		       : read_lines(r, in, err);
}

static int read_one(struct labelled_reader *r, const char *path, struct buf *err)
{
	const char *hash = access(path, F_OK) == 0 ? NULL : strrchr(path, '#');
	char *name = hash ? mem_copy(path, (size_t)(hash - path)) : mem_string(path);
	struct input in;
	int status = input_open(&in, name, err);

	if (status == 0) {
		status = read_input(r, &in, hash ? hash + 1 : NULL, err);
		input_close(&in);
	}
	free(name);
	return status;
}

int labelled_read(struct labelled_reader *r, char *const *paths, size_t n, struct buf *err)
{
	for (size_t i = 0; i < n; i++)
		if (read_one(r, paths[i], err) < 0)
			return -1;
	return 0;
}
