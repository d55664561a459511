/* Functions of maps on lists: JSON arrays that a row holds. */
#include "adapt/map_file.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct map_lists {
	struct json_doc doc;
	struct buf list; /* what doc holds, or empty: expressions ask for one list many times */
	struct buf text, join, plain;
	size_t parsed; /* bytes of lists in this row */
};

struct map_lists *map_lists_new(void)
{
	struct map_lists *l = mem_zero(1, sizeof(*l));

	l->doc = (struct json_doc)JSON_DOC_INIT;
	buf_init(&l->list);
	buf_init(&l->text);
	buf_init(&l->join);
	buf_init(&l->plain);
	return l;
}

void map_lists_free(struct map_lists *l)
{
	json_release(&l->doc);
	buf_release(&l->list);
	buf_release(&l->text);
	buf_release(&l->join);
	buf_release(&l->plain);
	free(l);
}

void map_lists_row(struct map_lists *l)
{
	l->parsed = 0;
}

bool map_lists_spent(const struct map_lists *l)
{
	return l->parsed > MAP_LISTS_MAX;
}

/* The list that an argument holds, or NULL; it stays until the next call. */
static const struct json *list_of(struct map_lists *l, const struct expr_value *v)
{
	struct buf why = BUF_INIT;
	bool ok;

	if (v->type != EXPR_TEXT || !str_starts(str_trim(v->text), STR("[")))
		return NULL;
	if (str_eq(v->text, buf_str(&l->list)))
		return l->doc.v;
	l->parsed += v->text.len;
	if (l->parsed > MAP_LISTS_MAX)
		return NULL;
	buf_clear(&l->list);
	buf_put(&l->list, v->text);
	ok = json_parse(&l->doc, buf_str(&l->list), false, &why) == 0;
	if (!ok)
		buf_clear(&l->list);
	buf_release(&why);
	return ok ? l->doc.v : NULL;
}

/* What an argument's path leads to from an element. */
static const struct json *at_path(const struct json *from, const struct expr_value *path)
{
	struct map_path p = {NULL, 0, 0, 0};
	struct buf text = BUF_INIT;

	if (path->type == EXPR_INT)
		buf_int(&text, path->n);
	else if (path->type == EXPR_TEXT)
		buf_put(&text, path->text);
	from = map_path_read(&p, text.s) && !p.up ? map_path_find(&p, from) : NULL;
	map_path_release(&p);
	buf_release(&text);
	return from;
}

static bool equals(struct map_lists *l, const struct json *v, const struct expr_value *to)
{
	if (!v || v->type == JSON_NULL || to->type == EXPR_NULL)
		return false;
	if (to->type == EXPR_TEXT)
		return str_eq(v->text, to->text);
	buf_clear(&l->text);
	if (to->type == EXPR_INT)
		buf_int(&l->text, to->n);
	else
		json_put_number(&l->text, to->real);
	if (v->type == JSON_TRUE || v->type == JSON_FALSE)
		return str_is(buf_str(&l->text), v->type == JSON_TRUE ? "1" : "0");
	return str_eq(v->text, buf_str(&l->text));
}

/* list_get(list, n[, path]) */
static int call_get(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct json *list = list_of(ctx, &argv[0]), *v;
	int64_t n = argv[1].type == EXPR_INT ? argv[1].n : 0;

	(void)row;
	if (!list || argv[1].type != EXPR_INT)
		return 0;
	n += n < 0 ? (int64_t)list->count : 0;
	if (n < 0)
		return 0;
	v = json_first(list);
	while (v && n--)
		v = json_after(list, v);
	map_value(v && argc > 2 ? at_path(v, &argv[2]) : v, out);
	return 0;
}

/* list_find(list, path, value[, path2]) */
static int call_find(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct json *list = list_of(ctx, &argv[0]);

	(void)row;
	if (!list)
		return 0;
	for
		JSON_EACH(v, list)
	if (equals(ctx, at_path(v, &argv[1]), &argv[2])) {
		map_value(argc > 3 ? at_path(v, &argv[3]) : v, out);
		break;
	}
	return 0;
}

/* list_count(list[, path, value]) */
static int call_count(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct json *list = list_of(ctx, &argv[0]);

	(void)row;
	*out = (struct expr_value){.type = EXPR_INT};
	if (!list)
		return 0;
	if (argc < 3) {
		out->n = (int64_t)list->count;
		return 0;
	}
	for
		JSON_EACH(v, list)
	out->n += equals(ctx, at_path(v, &argv[1]), &argv[2]);
	return 0;
}

static bool number_of(const struct json *v, double *out)
{
	char text[64], *end;

	if (!v || (v->type != JSON_NUMBER && v->type != JSON_STRING) || !v->text.len ||
		v->text.len >= sizeof(text))
		return false;
	memcpy(text, v->text.s, v->text.len);
	text[v->text.len] = '\0';
	*out = strtod(text, &end);
	return !*end && isfinite(*out);
}

static int compare(const struct json *a, const struct json *b)
{
	double x, y;

	if (number_of(a, &x) && number_of(b, &y))
		return (x > y) - (x < y);
	return str_cmp(a->text, b->text);
}

static int most(void *ctx, const struct expr_value *argv, struct expr_value *out, int sign)
{
	const struct json *list = list_of(ctx, &argv[0]), *best = NULL, *at;

	if (!list)
		return 0;
	for
		JSON_EACH(v, list)
		{
			at = at_path(v, &argv[1]);
			if (!at || at->type == JSON_NULL || !at->text.len)
				continue;
			if (!best || sign * compare(at, best) > 0)
				best = at;
		}
	map_value(best, out);
	return 0;
}

static int call_max(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	(void)row;
	(void)argc;
	return most(ctx, argv, out, 1);
}

static int call_min(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	(void)row;
	(void)argc;
	return most(ctx, argv, out, -1);
}

/* Whole where all that is summed up is. */
static int call_sum(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct json *list = list_of(ctx, &argv[0]);
	double sum = 0, one;

	(void)row;
	(void)argc;
	if (!list)
		return 0;
	for
		JSON_EACH(v, list)
	sum += number_of(at_path(v, &argv[1]), &one) ? one : 0;
	if (sum == floor(sum) && fabs(sum) < 1e15)
		*out = (struct expr_value){.type = EXPR_INT, .n = (int64_t)sum};
	else
		*out = (struct expr_value){.type = EXPR_REAL, .real = sum};
	return 0;
}

/* list_before(list, path, value, path2[, path3, value3]) */
static int call_before(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct json *list = list_of(ctx, &argv[0]), *best = NULL, *latest = NULL, *at;
	struct json bound = {.type = JSON_STRING};
	char number[32];

	(void)row;
	if (!list || argv[2].type == EXPR_NULL)
		return 0;
	if (argv[2].type != EXPR_TEXT)
		snprintf(number, sizeof(number), "%.17g",
			argv[2].type == EXPR_INT ? (double)argv[2].n : argv[2].real);
	bound.text = argv[2].type == EXPR_TEXT ? argv[2].text : str_of(number);
	for
		JSON_EACH(v, list)
		{
			at = at_path(v, &argv[1]);
			if (!at || at->type == JSON_NULL || compare(at, &bound) >= 0 ||
				(argc > 4 && !equals(ctx, at_path(v, &argv[4]), &argv[5])))
				continue;
			if (!latest || compare(at, latest) >= 0)
				latest = at, best = v;
		}
	map_value(best ? at_path(best, &argv[3]) : NULL, out);
	return 0;
}

/* list_join(list, path, separator) */
static int call_join(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_lists *l = ctx;
	const struct json *list = list_of(l, &argv[0]), *at;

	(void)row;
	(void)argc;
	if (!list)
		return 0;
	buf_clear(&l->join);
	for
		JSON_EACH(v, list)
		{
			at = at_path(v, &argv[1]);
			if (!at || at->type == JSON_NULL || !at->text.len)
				continue;
			if (l->join.len && argv[2].type == EXPR_TEXT)
				buf_put(&l->join, argv[2].text);
			buf_put(&l->join, at->text);
		}
	*out = (struct expr_value){.type = EXPR_TEXT, .text = buf_str(&l->join)};
	return 0;
}

/* What rich text says: its strings, and the texts of its objects. */
static void put_plain(struct buf *out, const struct json *v)
{
	static const char *const members[] = {"text", "content", "elements", "children"};

	if (v->type == JSON_STRING)
		buf_put(out, v->text);
	if (v->type == JSON_ARRAY)
		for
			JSON_EACH(one, v)
	put_plain(out, one);
	for (size_t i = 0; v->type == JSON_OBJECT && i < 4; i++) {
		const struct json *m = json_member(v, members[i]);

		if (m && m->type >= JSON_STRING) {
			put_plain(out, m);
			break;
		}
	}
}

static int call_plain(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_lists *l = ctx;
	struct buf why = BUF_INIT;
	struct str s;

	(void)row;
	(void)argc;
	*out = argv[0];
	if (argv[0].type != EXPR_TEXT)
		return 0;
	s = str_trim(argv[0].text);
	if (!str_starts(s, STR("[")) && !str_starts(s, STR("{")))
		return 0;
	buf_clear(&l->plain);
	buf_clear(&l->list);
	if (json_parse(&l->doc, s, false, &why) == 0)
		put_plain(&l->plain, l->doc.v);
	/* Brackets that somebody wrote are text. */
	if (l->plain.len)
		out->text = buf_str(&l->plain);
	buf_release(&why);
	return 0;
}

void map_lists_add(struct map_lists *l, struct expr_set *set)
{
	expr_function_once(set, "list_get", 2, call_get, l);
	expr_function_once(set, "list_get", 3, call_get, l);
	expr_function_once(set, "list_find", 3, call_find, l);
	expr_function_once(set, "list_find", 4, call_find, l);
	expr_function_once(set, "list_count", 1, call_count, l);
	expr_function_once(set, "list_count", 3, call_count, l);
	expr_function_once(set, "list_max", 2, call_max, l);
	expr_function_once(set, "list_min", 2, call_min, l);
	expr_function_once(set, "list_sum", 2, call_sum, l);
	expr_function_once(set, "list_join", 3, call_join, l);
	expr_function_once(set, "list_before", 4, call_before, l);
	expr_function_once(set, "list_before", 6, call_before, l);
	expr_function_once(set, "plain", 1, call_plain, l);
}
