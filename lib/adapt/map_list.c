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
	uint64_t parsed,
		steps; /* in this row: bytes of lists that were read; see MAP_LISTS_STEPS */
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
	l->parsed = l->steps = 0;
}

bool map_lists_spent(const struct map_lists *l)
{
	return l->parsed > MAP_LISTS_MAX || l->steps > MAP_LISTS_STEPS;
}

/* The list that an argument holds, or NULL; it stays until the next call. */
static const struct json *list_of(struct map_lists *l, const struct expr_value *v)
{
	struct buf why = BUF_INIT;
	bool ok;

	if (v->type != EXPR_TEXT || !str_starts(str_trim(v->text), STR("[")))
		return NULL;
	if (l->steps > MAP_LISTS_STEPS)
		return NULL;
	l->steps += v->text.len / MAP_LISTS_STEP;
	if (str_eq(v->text, buf_str(&l->list))) {
		l->steps += l->doc.v->count;
		return l->doc.v;
	}
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

/* An argument as a path, to be released; good: it is one. */
struct argument {
	struct map_path path;
	bool good;
};

static struct argument argument_of(const struct expr_value *v)
{
	struct argument a = {{NULL, 0, 0, 0}, false};
	struct buf text = BUF_INIT;

	if (v->type == EXPR_INT)
		buf_int(&text, v->n);
	else if (v->type == EXPR_TEXT)
		buf_put(&text, v->text);
	a.good = map_path_read(&a.path, text.s) && !a.path.up;
	buf_release(&text);
	return a;
}

/* What it leads to from an element. */
static const struct json *at(const struct argument *a, const struct json *from)
{
	return a->good ? map_path_find(&a->path, from) : NULL;
}

/* The same of an argument that is used once. */
static const struct json *at_path(const struct json *from, const struct expr_value *path)
{
	struct argument a = argument_of(path);

	from = at(&a, from);
	map_path_release(&a.path);
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
	struct argument path;

	(void)row;
	if (!list)
		return 0;
	path = argument_of(&argv[1]);
	for
		JSON_EACH(v, list)
	if (equals(ctx, at(&path, v), &argv[2])) {
		map_value(argc > 3 ? at_path(v, &argv[3]) : v, out);
		break;
	}
	map_path_release(&path.path);
	return 0;
}

/* list_count(list[, path, value]) */
static int call_count(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct json *list = list_of(ctx, &argv[0]);
	struct argument path;

	(void)row;
	*out = (struct expr_value){.type = EXPR_INT};
	if (!list)
		return 0;
	if (argc < 3) {
		out->n = (int64_t)list->count;
		return 0;
	}
	path = argument_of(&argv[1]);
	for
		JSON_EACH(v, list)
	out->n += equals(ctx, at(&path, v), &argv[2]);
	map_path_release(&path.path);
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
	const struct json *list = list_of(ctx, &argv[0]), *best = NULL, *one;
	struct argument path;

	if (!list)
		return 0;
	path = argument_of(&argv[1]);
	for
		JSON_EACH(v, list)
		{
			one = at(&path, v);
			if (!one || one->type == JSON_NULL || !one->text.len)
				continue;
			if (!best || sign * compare(one, best) > 0)
				best = one;
		}
	map_path_release(&path.path);
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
	struct argument path;
	double sum = 0, one;

	(void)row;
	(void)argc;
	if (!list)
		return 0;
	path = argument_of(&argv[1]);
	for
		JSON_EACH(v, list)
	sum += number_of(at(&path, v), &one) ? one : 0;
	map_path_release(&path.path);
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
	const struct json *list = list_of(ctx, &argv[0]), *best = NULL, *latest = NULL, *one;
	struct argument path, among;
	struct json bound = {.type = JSON_STRING};
	char number[32];

	(void)row;
	if (!list || argv[2].type == EXPR_NULL)
		return 0;
	if (argv[2].type != EXPR_TEXT)
		snprintf(number, sizeof(number), "%.17g",
			argv[2].type == EXPR_INT ? (double)argv[2].n : argv[2].real);
	bound.text = argv[2].type == EXPR_TEXT ? argv[2].text : str_of(number);
	path = argument_of(&argv[1]);
	among = argument_of(argc > 4 ? &argv[4] : &argv[1]);
	for
		JSON_EACH(v, list)
		{
			one = at(&path, v);
			if (!one || one->type == JSON_NULL || compare(one, &bound) >= 0 ||
				(argc > 4 && !equals(ctx, at(&among, v), &argv[5])))
				continue;
			if (!latest || compare(one, latest) >= 0)
				latest = one, best = v;
		}
	map_path_release(&path.path);
	map_path_release(&among.path);
	map_value(best ? at_path(best, &argv[3]) : NULL, out);
	return 0;
}

/* list_join(list, path, separator) */
static int call_join(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_lists *l = ctx;
	const struct json *list = list_of(l, &argv[0]), *one;
	struct argument path;

	(void)row;
	(void)argc;
	if (!list)
		return 0;
	path = argument_of(&argv[1]);
	buf_clear(&l->join);
	for
		JSON_EACH(v, list)
		{
			one = at(&path, v);
			if (!one || one->type == JSON_NULL || !one->text.len)
				continue;
			if (l->join.len && argv[2].type == EXPR_TEXT)
				buf_put(&l->join, argv[2].text);
			buf_put(&l->join, one->text);
		}
	map_path_release(&path.path);
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
