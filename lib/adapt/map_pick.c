/* Functions of maps that make a list of another: list_keep, list_all. */
#include "adapt/map_file.h"
#include "base/mem.h"
#include "io/regex.h"

#include <stdlib.h>

#define READ 4 /* lists that are kept: expressions ask for the same ones many times */

struct map_picks {
	struct map_functions *functions; /* of the map's patterns */
	struct read_list {
		struct json_doc doc;
		struct buf text; /* what doc holds, or empty */
	} read[READ];
	size_t next; /* of them, to be used for another list */
	struct buf list;
	uint64_t parsed,
		steps; /* in this row: bytes of lists that were read; see MAP_LISTS_STEPS */
};

struct map_picks *map_picks_new(struct map_functions *functions)
{
	struct map_picks *p = mem_zero(1, sizeof(*p));

	p->functions = functions;
	for (size_t i = 0; i < READ; i++) {
		p->read[i].doc = (struct json_doc)JSON_DOC_INIT;
		buf_init(&p->read[i].text);
	}
	buf_init(&p->list);
	return p;
}

void map_picks_free(struct map_picks *p)
{
	for (size_t i = 0; i < READ; i++) {
		json_release(&p->read[i].doc);
		buf_release(&p->read[i].text);
	}
	buf_release(&p->list);
	free(p);
}

void map_picks_row(struct map_picks *p)
{
	p->parsed = p->steps = 0;
}

bool map_picks_spent(const struct map_picks *p)
{
	return p->parsed > MAP_LISTS_MAX || p->steps > MAP_LISTS_STEPS;
}

static const struct json *read_list(struct map_picks *p, struct str text)
{
	struct read_list *r;
	struct buf why = BUF_INIT;
	bool ok;

	if (p->steps > MAP_LISTS_STEPS)
		return NULL;
	p->steps += text.len / MAP_LISTS_STEP;
	for (size_t i = 0; i < READ; i++)
		if (str_eq(text, buf_str(&p->read[i].text))) {
			p->steps += p->read[i].doc.v->count;
			return p->read[i].doc.v;
		}
	p->parsed += text.len;
	if (p->parsed > MAP_LISTS_MAX)
		return NULL;
	r = &p->read[p->next];
	p->next = (p->next + 1) % READ;
	buf_clear(&r->text);
	buf_put(&r->text, text);
	ok = json_parse(&r->doc, buf_str(&r->text), false, &why) == 0;
	if (!ok)
		buf_clear(&r->text);
	buf_release(&why);
	return ok ? r->doc.v : NULL;
}

/* The list and the path that the first two arguments are; NULL where one is none. */
static const struct json *arguments(
	struct map_picks *p, const struct expr_value *argv, struct map_path *path)
{
	const struct json *list = NULL;
	struct buf text = BUF_INIT;

	if (argv[0].type != EXPR_TEXT || argv[1].type != EXPR_TEXT ||
		!str_starts(str_trim(argv[0].text), STR("[")))
		return NULL;
	buf_put(&text, argv[1].text);
	if (map_path_read(path, text.s))
		list = read_list(p, argv[0].text);
	buf_release(&text);
	return list;
}

static void put_one(struct buf *list, const struct json *v)
{
	buf_byte(list, list->len ? ',' : '[');
	buf_put(list, v->raw);
}

static void give(struct buf *list, struct expr_value *out)
{
	buf_puts(list, list->len ? "]" : "[]");
	*out = (struct expr_value){.type = EXPR_TEXT, .text = buf_str(list)};
}

static struct str as_text(const struct json *v)
{
	return v->type == JSON_ARRAY || v->type == JSON_OBJECT ? v->raw : v->text;
}

/* list_keep(list, path, pattern) */
static int call_keep(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_picks *p = ctx;
	const struct json *list;
	struct map_path path = {NULL, 0, 0, 0};
	struct regex *pattern = NULL;
	struct buf why = BUF_INIT;
	int status = 0;

	(void)row;
	(void)argc;
	buf_clear(&p->list);
	list = argv[2].type == EXPR_TEXT ? arguments(p, argv, &path) : NULL;
	if (!list)
		goto out;
	pattern = map_functions_pattern(p->functions, argv[2].text, &why);
	if (!pattern) {
		buf_printf(&p->list, "no pattern: %s", why.s);
		*out = (struct expr_value){.type = EXPR_TEXT, .text = buf_str(&p->list)};
		status = -1;
		goto out;
	}
	for
		JSON_EACH(v, list)
		{
			const struct json *at = map_path_find(&path, v);

			if (at && at->type != JSON_NULL &&
				regex_match(pattern, as_text(at), NULL, NULL))
				put_one(&p->list, v);
		}
	give(&p->list, out);
out:
	buf_release(&why);
	map_path_release(&path);
	return status;
}

/* The values at the path from its step `at` on. */
static void put_all(struct buf *list, const struct map_path *path, size_t at, const struct json *v)
{
	for (; v && at < path->n; at++) {
		if (path->v[at].all && v->type == JSON_ARRAY) {
			for
				JSON_EACH(one, v)
			put_all(list, path, at + 1, one);
			return;
		}
		v = map_path_step(&path->v[at], v);
	}
	if (v && v->type != JSON_NULL)
		put_one(list, v);
}

/* list_all(list, path) */
static int call_all(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_picks *p = ctx;
	struct map_path path = {NULL, 0, 0, 0};
	const struct json *list = arguments(p, argv, &path);

	(void)row;
	(void)argc;
	buf_clear(&p->list);
	if (list) {
		for
			JSON_EACH(v, list)
		put_all(&p->list, &path, 0, v);
		give(&p->list, out);
	}
	map_path_release(&path);
	return 0;
}

void map_picks_add(struct map_picks *p, struct expr_set *set)
{
	expr_function_once(set, "list_keep", 3, call_keep, p);
	expr_function_once(set, "list_all", 2, call_all, p);
}
