/*
 * Functions of maps on the transcript of a call: when it began and what it is called, which a file
 * of turns often leaves to its own name, and on which side a speaker is. As of WebVTT and SubRip:
 * transcript.c.
 */
#include "adapt/map_file.h"
#include "adapt/transcript_name.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

enum since { SINCE_NOTHING, SINCE_STAMP, SINCE_START, SINCE_FILE };

struct map_calls {
	struct adapt_run *run;
	enum since since;
	struct stamp stamp;
	int64_t begin;
	bool is_stdin, local, by_file;
	bool asked, sided; /* side() was, and knew one */
	char time[WHEN_TEXT];
	struct buf name, why;
	/* The list that side() looked into last, and what it found: a document's turns have one. */
	struct buf list, key;
	bool ours, hers;
	struct json_doc doc;
};

struct map_calls *map_calls_new(void)
{
	struct map_calls *c = mem_zero(1, sizeof(*c));

	c->doc = (struct json_doc)JSON_DOC_INIT;
	buf_init(&c->name);
	buf_init(&c->why);
	buf_init(&c->list);
	buf_init(&c->key);
	return c;
}

void map_calls_free(struct map_calls *c)
{
	json_release(&c->doc);
	buf_release(&c->name);
	buf_release(&c->why);
	buf_release(&c->list);
	buf_release(&c->key);
	free(c);
}

void map_calls_begin(struct map_calls *c, struct adapt_run *run, const struct input *in)
{
	struct str base = adapt_base_name(in->name);
	bool named = !adapt_is_stdin(in->name) && stamp_find(base, &c->stamp);

	c->run = run;
	buf_clear(&c->list);
	buf_clear(&c->key);
	c->asked = c->sided = false;
	c->is_stdin = adapt_is_stdin(in->name);
	c->since = named			? SINCE_STAMP
		   : run->opt->start_given	? SINCE_START
		   : in->changed != INPUT_NEVER ? SINCE_FILE
						: SINCE_NOTHING;
	c->begin = named ? (c->stamp.zoned ? c->stamp.utc : when_local(&c->stamp.at))
		   : c->since == SINCE_START ? run->opt->start
					     : in->changed;
	buf_clear(&c->name);
	stamp_rest(&c->name, c->is_stdin ? STR("stdin") : base, named ? &c->stamp : NULL);
}

void map_calls_end(struct map_calls *c)
{
	c->run->strangers += c->asked && !c->sided;
}

bool map_calls_local(const struct map_calls *c)
{
	return c->local;
}

bool map_calls_by_file(const struct map_calls *c)
{
	return c->by_file;
}

void map_calls_clear(struct map_calls *c)
{
	c->local = c->by_file = false;
}

static int fail(struct map_calls *c, struct expr_value *out, const char *why)
{
	buf_clear(&c->why);
	buf_puts(&c->why, why);
	*out = (struct expr_value){.type = EXPR_TEXT, .text = buf_str(&c->why)};
	return -1;
}

static bool seconds_of(const struct expr_value *v, double *out)
{
	struct buf text = BUF_INIT;
	char *end = NULL;

	*out = v->type == EXPR_INT ? (double)v->n : v->type == EXPR_REAL ? v->real : 0;
	if (v->type == EXPR_TEXT) {
		buf_put(&text, v->text);
		*out = text.len ? strtod(text.s, &end) : 0;
	}
	if (end && *end)
		*out = NAN;
	buf_release(&text);
	return isfinite(*out) && fabs(*out) < 1e9;
}

/* A time that an argument holds. */
static bool time_at(int argc, const struct expr_value *argv, int n, int64_t *out)
{
	return argc > n && argv[n].type == EXPR_TEXT && when_parse(argv[n].text, out);
}

/* began(seconds[, when[, about]]): so many seconds behind the beginning of the call. */
static int call_began(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_calls *c = ctx;
	int64_t begin = c->begin;
	double seconds = 0;
	bool said;

	(void)row;
	if (argc > 0 && !seconds_of(&argv[0], &seconds))
		return fail(c, out, "began: no number of seconds");
	said = time_at(argc, argv, 1, &begin) ||
	       (c->since != SINCE_STAMP && c->since != SINCE_START &&
		       time_at(argc, argv, 2, &begin));
	if (!said && c->since == SINCE_NOTHING)
		return fail(c, out, "nothing says when this call began (use --start TIME)");
	c->local = c->local || (!said && c->since == SINCE_STAMP && !c->stamp.zoned);
	c->by_file = c->by_file || (!said && c->since == SINCE_FILE);
	begin += (int64_t)llround(seconds * 1000);
	if (begin < WHEN_FIRST || begin > WHEN_LAST)
		return fail(c, out, "began: no year of four digits");
	when_format(begin, c->time);
	*out = (struct expr_value){.type = EXPR_TEXT, .text = str_of(c->time)};
	return 0;
}

static int call_name(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	const struct map_calls *c = ctx;

	(void)row;
	(void)argc;
	(void)argv;
	*out = (struct expr_value){.type = EXPR_TEXT, .text = buf_str(&c->name)};
	return 0;
}

static enum side side_alone(const struct map_calls *c, struct str name)
{
	enum adapt_who who = name.len ? adapt_who(c->run->opt, name) : WHO_OTHER;
	bool bare;

	if (who != WHO_OTHER)
		return who == WHO_BOT ? SIDE_BOT : SIDE_AGENT;
	return side_of(name, &bare);
}

static void look_at(struct map_calls *c, struct str prefix, const struct json *name)
{
	struct buf text = BUF_INIT;
	enum side side;

	if (!name || (name->type != JSON_STRING && name->type != JSON_NUMBER))
		return;
	buf_put(&text, prefix);
	buf_put(&text, name->text);
	side = side_alone(c, buf_str(&text));
	c->ours = c->ours || side == SIDE_AGENT || side == SIDE_BOT;
	c->hers = c->hers || side == SIDE_CUSTOMER;
	buf_release(&text);
}

/* Finds whether the speakers of a list, or of the members of an object, show one of ours and one of
 * hers. */
static void look_at_all(struct map_calls *c, struct str list, struct str at, struct str prefix)
{
	struct map_path p = {NULL, 0, 0, 0};
	struct buf key = BUF_INIT, why = BUF_INIT;

	buf_printf(&key, "%.*s\n%.*s", (int)at.len, at.s, (int)prefix.len, prefix.s);
	if (str_eq(buf_str(&key), buf_str(&c->key)) && str_eq(list, buf_str(&c->list)))
		goto out;
	buf_clear(&c->key);
	buf_put(&c->key, buf_str(&key));
	buf_clear(&c->list);
	buf_put(&c->list, list);
	c->ours = c->hers = false;
	buf_clear(&key);
	buf_put(&key, at);
	if (map_path_read(&p, key.s) && json_parse(&c->doc, list, false, &why) == 0 &&
		c->doc.v->type >= JSON_ARRAY)
		for
			JSON_EACH(one, c->doc.v)
	look_at(c, prefix, map_path_find(&p, one));
	map_path_release(&p);
out:
	buf_release(&key);
	buf_release(&why);
}

static struct str text_at(int argc, const struct expr_value *argv, int n)
{
	return argc > n && argv[n].type == EXPR_TEXT ? argv[n].text : STR("");
}

/* side(name[, list, path[, prefix]]): who has no side by name is on the other one, where the list's
 * speakers show only one. */
static int call_side(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	static const char *const words[] = {NULL, "agent", "bot", "customer"};
	struct map_calls *c = ctx;
	struct str list = text_at(argc, argv, 1), path = text_at(argc, argv, 2);
	struct str name = text_at(argc, argv, 0);
	enum side side;

	(void)row;
	if (!name.len)
		return 0;
	side = side_alone(c, name);
	if (side == SIDE_UNKNOWN && list.len && path.len) {
		look_at_all(c, list, path, text_at(argc, argv, 3));
		if (c->ours != c->hers)
			side = c->ours ? SIDE_CUSTOMER : SIDE_AGENT;
	}
	c->asked = true;
	c->sided = c->sided || side != SIDE_UNKNOWN;
	if (side != SIDE_UNKNOWN)
		*out = (struct expr_value){.type = EXPR_TEXT, .text = str_of(words[side])};
	return 0;
}

void map_calls_add(struct map_calls *c, struct expr_set *set)
{
	expr_function(set, "began", -1, call_began, c);
	expr_function(set, "call_name", 0, call_name, c);
	expr_function(set, "side", -1, call_side, c);
}
