#include "adapt/map_file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "io/html.h"
#include "io/phone.h"
#include "io/regex.h"

#include <math.h>
#include <stdlib.h>

#define REGEX_MAX 64 /* patterns of a map that are kept compiled */

#define HASHED 16 /* bytes of a digest that hash() shows */

struct cached {
	char *pattern;
	struct regex *regex;
};

struct map_functions {
	struct map_lists *lists;
	struct map_picks *picks;
	struct map_texts *texts;
	struct map_calls *calls;
	const struct adapt_options *opt;
	const char *time_format;
	bool assumed, bad_time;
	struct buf e164, no_phone;
	struct cached *cache;
	size_t cache_n, cache_cap;
	char time[WHEN_TEXT];
	struct hash *hash;
	struct buf made, scratch, why; /* made: the text that a function gives */
};

struct map_functions *map_functions_new(void)
{
	struct map_functions *f = mem_zero(1, sizeof(*f));

	f->lists = map_lists_new();
	f->picks = map_picks_new(f);
	f->texts = map_texts_new();
	f->calls = map_calls_new();
	buf_init(&f->e164);
	buf_init(&f->no_phone);
	f->hash = hash_new();
	buf_init(&f->made);
	buf_init(&f->scratch);
	buf_init(&f->why);
	return f;
}

void map_functions_free(struct map_functions *f)
{
	if (!f)
		return;
	map_lists_free(f->lists);
	map_picks_free(f->picks);
	map_texts_free(f->texts);
	map_calls_free(f->calls);
	for (size_t i = 0; i < f->cache_n; i++) {
		free(f->cache[i].pattern);
		regex_free(f->cache[i].regex);
	}
	free(f->cache);
	buf_release(&f->e164);
	buf_release(&f->no_phone);
	hash_free(f->hash);
	buf_release(&f->made);
	buf_release(&f->scratch);
	buf_release(&f->why);
	free(f);
}

void map_functions_begin(struct map_functions *f, struct adapt_run *run, const struct input *in,
	const char *time_format)
{
	f->opt = run->opt;
	f->time_format = time_format;
	map_texts_begin(f->texts, run, in);
	map_calls_begin(f->calls, run, in);
}

void map_functions_end(struct map_functions *f)
{
	map_texts_end(f->texts);
	map_calls_end(f->calls);
}

void map_functions_ours(struct map_functions *f)
{
	map_texts_ours(f->texts);
}

void map_functions_row(struct map_functions *f, uint64_t number)
{
	map_texts_row(f->texts, number);
	map_lists_row(f->lists);
	map_picks_row(f->picks);
}

void map_functions_heading(struct map_functions *f, const struct csv *csv)
{
	map_texts_heading(f->texts, csv);
}

bool map_functions_spent(const struct map_functions *f)
{
	return map_lists_spent(f->lists) || map_picks_spent(f->picks);
}

void map_functions_clear(struct map_functions *f)
{
	f->assumed = f->bad_time = false;
	map_calls_clear(f->calls);
	buf_clear(&f->no_phone);
}

bool map_functions_assumed(const struct map_functions *f)
{
	return f->assumed || map_calls_local(f->calls);
}

bool map_functions_by_file(const struct map_functions *f)
{
	return map_calls_by_file(f->calls);
}

bool map_functions_bad_time(const struct map_functions *f)
{
	return f->bad_time;
}

struct str map_functions_no_phone(const struct map_functions *f)
{
	return buf_str(&f->no_phone);
}

static int fail(struct map_functions *f, struct expr_value *out, const char *what, struct str s)
{
	buf_clear(&f->why);
	buf_printf(&f->why, "%s: %.*s", what, (int)(s.len < 80 ? s.len : 80), s.s);
	*out = (struct expr_value){.type = EXPR_TEXT, .text = buf_str(&f->why)};
	return -1;
}

/* The text of a value; a number as it is written. */
static struct str text_of(struct map_functions *f, const struct expr_value *v)
{
	buf_clear(&f->scratch);
	switch (v->type) {
	case EXPR_TEXT:
		return v->text;
	case EXPR_INT:
		buf_int(&f->scratch, v->n);
		break;
	case EXPR_REAL:
		buf_printf(&f->scratch, "%.6f", v->real);
		break;
	default:
		break;
	}
	return buf_str(&f->scratch);
}

/* time(x, [format], [zone]) */
static int call_time(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_functions *f = ctx;
	struct str s = str_trim(text_of(f, &argv[0]));
	struct str in = argc > 2 && argv[2].type == EXPR_TEXT ? str_trim(argv[2].text) : STR("");
	struct buf format = BUF_INIT, zone = BUF_INIT;
	bool local = false, ok;
	int64_t when = 0;

	(void)row;
	if (!s.len)
		return 0;
	if (argc > 1 && argv[1].type == EXPR_TEXT)
		buf_put(&format, argv[1].text);
	else if (f->time_format)
		buf_puts(&format, f->time_format);
	buf_put(&zone, in);
	ok = !zone.len || when_zone_is(zone.s);
	if (!ok)
		fail(f, out, "no such time zone", in);
	else if (!map_time(
			 s, format.len ? format.s : NULL, zone.len ? zone.s : NULL, &when, &local))
		ok = fail(f, out, "not a time", s) == 0;
	buf_release(&format);
	buf_release(&zone);
	f->bad_time = f->bad_time || !ok;
	if (!ok)
		return -1;
	f->assumed = f->assumed || local;
	when_format(when, f->time);
	*out = (struct expr_value){.type = EXPR_TEXT, .text = str_of(f->time)};
	return 0;
}

static struct str phone_of(struct map_functions *f, struct str s, const char *region)
{
	buf_clear(&f->e164);
	phone_e164(&f->e164, s, region);
	return buf_str(&f->e164);
}

struct str map_functions_phone(struct map_functions *f, struct str s)
{
	return phone_of(f, s, f->opt ? f->opt->region : NULL);
}

/* Whether s names a country, in either case; region is then its two capitals. */
static bool country(struct str s, char region[3])
{
	s = str_trim(s);
	if (s.len != 2)
		return false;
	for (int i = 0; i < 2; i++)
		region[i] = (char)(s.s[i] >= 'a' && s.s[i] <= 'z' ? s.s[i] - 32 : s.s[i]);
	region[2] = '\0';
	return phone_region(region);
}

/* phone(x, [region]) */
static int call_phone(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_functions *f = ctx;
	struct str s = str_trim(text_of(f, &argv[0])), e164;
	char region[3];

	(void)row;
	if (!s.len)
		return 0;
	e164 = argc > 1 && argv[1].type == EXPR_TEXT && country(argv[1].text, region)
		       ? phone_of(f, s, region)
		       : map_functions_phone(f, s);
	if (e164.len) {
		*out = (struct expr_value){.type = EXPR_TEXT, .text = e164};
		return 0;
	}
	buf_clear(&f->no_phone);
	buf_put(&f->no_phone, s);
	return 0;
}

struct regex *map_functions_pattern(struct map_functions *f, struct str pattern, struct buf *why)
{
	struct cached *c;
	struct regex *r;

	for (size_t i = 0; i < f->cache_n; i++)
		if (str_is(pattern, f->cache[i].pattern))
			return f->cache[i].regex;
	r = regex_compile(pattern, false, why);
	if (!r)
		return NULL;
	if (f->cache_n == REGEX_MAX) {
		/* Patterns that come out of the rows: the oldest goes. */
		free(f->cache[0].pattern);
		regex_free(f->cache[0].regex);
		memmove(f->cache, f->cache + 1, (REGEX_MAX - 1) * sizeof(*f->cache));
		f->cache_n--;
	}
	c = VEC_ADD(f, cache, cache_n, cache_cap);
	*c = (struct cached){mem_copy(pattern.s, pattern.len), r};
	return r;
}

static int call_regex(struct map_functions *f, int argc, const struct expr_value *argv,
	struct expr_value *out, bool test)
{
	struct buf why = BUF_INIT;
	struct regex *r;
	struct str got = {NULL, 0};
	bool found;
	int status;

	if (argv[0].type != EXPR_TEXT || argv[1].type == EXPR_NULL)
		return 0;
	r = map_functions_pattern(f, argv[0].text, &why);
	if (!r) {
		status = fail(f, out, "no pattern", buf_str(&why));
		buf_release(&why);
		return status;
	}
	found = regex_group(r, text_of(f, &argv[1]),
		argc > 2 && argv[2].type == EXPR_INT ? (int)argv[2].n : regex_groups(r) > 0, &got);
	if (test)
		*out = (struct expr_value){.type = EXPR_INT, .n = found};
	else if (got.s)
		*out = (struct expr_value){.type = EXPR_TEXT, .text = got};
	return 0;
}

static int call_regex_get(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	(void)row;
	return call_regex(ctx, argc, argv, out, false);
}

static int call_regex_test(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	(void)row;
	return call_regex(ctx, argc, argv, out, true);
}

/* Digits, with a point among them where that may be. A double holds fifteen of them as they are. */
static bool number_of(struct str s, bool point, double *out)
{
	char text[32], *end;
	int64_t whole;
	bool digits = true;

	if (!s.len || s.len >= sizeof(text) || s.s[0] < '0' || s.s[0] > '9')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		digits = digits && s.s[i] >= '0' && s.s[i] <= '9';
		if (!(s.s[i] >= '0' && s.s[i] <= '9') && !(point && s.s[i] == '.'))
			return false;
	}
	if (digits && s.len <= 15 && str_int(s, &whole)) {
		*out = (double)whole;
		return true;
	}
	memcpy(text, s.s, s.len);
	text[s.len] = '\0';
	*out = strtod(text, &end);
	return !*end;
}

/* "3:20", "00:03:20", "1:00:03:20.5": each part is the larger unit of the next. */
static bool clock_seconds(struct str s, double *out)
{
	static const int unit[] = {60, 60, 24};
	double parts[4], factor = 1;
	size_t n = 0;

	while (n < 4) {
		const char *colon = s.len ? memchr(s.s, ':', s.len) : NULL;
		size_t len = colon ? (size_t)(colon - s.s) : s.len;

		if (!number_of((struct str){s.s, len}, !colon, &parts[n++]))
			return false;
		if (!colon)
			break;
		s.s += len + 1;
		s.len -= len + 1;
		if (n == 4)
			return false;
	}
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		*out += parts[n - 1 - i] * factor;
		factor *= i < 3 ? unit[i] : 1;
	}
	return true;
}

static int call_seconds(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_functions *f = ctx;
	struct str s;
	int64_t when;
	double n;

	(void)row;
	(void)argc;
	if (argv[0].type == EXPR_INT || argv[0].type == EXPR_REAL) {
		*out = argv[0];
		return 0;
	}
	s = argv[0].type == EXPR_TEXT ? str_trim(argv[0].text) : (struct str){NULL, 0};
	if (!s.len)
		return 0;
	if (when_parse(s, &when))
		n = (double)when / 1000;
	else if (!clock_seconds(s, &n))
		return fail(f, out, "no span of time", s);
	if (n == floor(n) && fabs(n) < 1e15)
		*out = (struct expr_value){.type = EXPR_INT, .n = (int64_t)n};
	else
		*out = (struct expr_value){.type = EXPR_REAL, .real = n};
	return 0;
}

static int call_html_text(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_functions *f = ctx;

	(void)row;
	(void)argc;
	if (argv[0].type != EXPR_TEXT)
		return 0;
	buf_clear(&f->made);
	html_text(&f->made, argv[0].text);
	*out = (struct expr_value){.type = EXPR_TEXT, .text = str_trim(buf_str(&f->made))};
	return 0;
}

/* What is no text when decoded was not coded; nor is a byte 0 one. */
static int call_url_decode(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_functions *f = ctx;
	struct str s = argv[0].text;
	unsigned char byte;

	(void)row;
	(void)argc;
	*out = argv[0];
	if (argv[0].type != EXPR_TEXT)
		return 0;
	buf_clear(&f->made);
	for (size_t i = 0; i < s.len; i++) {
		bool coded = s.s[i] == '%' && i + 2 < s.len &&
			     hash_unhex((struct str){s.s + i + 1, 2}, &byte, 1) && byte;

		buf_byte(&f->made, coded ? (char)byte : s.s[i]);
		i += coded ? 2 : 0;
	}
	if (json_utf8(buf_str(&f->made)))
		out->text = buf_str(&f->made);
	return 0;
}

/* Values cannot run into one another, and NULL is not the empty text. */
static int call_hash(
	void *ctx, void *row, int argc, const struct expr_value *argv, struct expr_value *out)
{
	struct map_functions *f = ctx;
	unsigned char digest[HASH_SIZE];

	(void)row;
	hash_begin(f->hash);
	for (int i = 0; i < argc; i++) {
		hash_add(f->hash, argv[i].type == EXPR_NULL ? "-" : "+", 1);
		hash_add_part(f->hash, text_of(f, &argv[i]));
	}
	hash_end(f->hash, digest);
	buf_clear(&f->made);
	hash_hex(&f->made, digest, HASHED);
	*out = (struct expr_value){.type = EXPR_TEXT, .text = buf_str(&f->made)};
	return 0;
}

void map_functions_add(struct map_functions *f, struct expr_set *set)
{
	expr_function(set, "time", 1, call_time, f);
	expr_function(set, "time", 2, call_time, f);
	expr_function(set, "time", 3, call_time, f);
	expr_function(set, "phone", 1, call_phone, f);
	expr_function(set, "phone", 2, call_phone, f);
	expr_function(set, "regex_get", 2, call_regex_get, f);
	expr_function(set, "regex_get", 3, call_regex_get, f);
	expr_function(set, "regex_test", 2, call_regex_test, f);
	expr_function(set, "seconds", 1, call_seconds, f);
	expr_function(set, "html_text", 1, call_html_text, f);
	expr_function(set, "url_decode", 1, call_url_decode, f);
	expr_function(set, "hash", -1, call_hash, f);
	map_lists_add(f->lists, set);
	map_picks_add(f->picks, set);
	map_texts_add(f->texts, set);
	map_calls_add(f->calls, set);
}
