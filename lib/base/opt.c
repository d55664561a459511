#include "base/opt.h"
#include "base/die.h"
#include "base/mem.h"
#include "base/near.h"
#include "base/text.h"
#include "base/when.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum { KEY_HELP = 1000, KEY_VERSION, KEY_WORDS, KEY_FIRST };

static void finish_stdout(void)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		die("<stdout>: %s", strerror(errno));
	exit(EXIT_DONE);
}

static void print_option(const struct opt *o)
{
	char head[64];

	snprintf(head, sizeof(head), "%s%.1s%s--%s%s%s", o->letter ? "-" : "    ",
		o->letter ? &o->letter : "", o->letter ? ", " : "", o->name, o->arg ? " " : "",
		o->arg ? o->arg : "");
	printf("  %-26s %s", head, o->help);
	if (o->verbs)
		printf(" (%s)", o->verbs);
	putchar('\n');
}

static void print_help(const struct command *c)
{
	static const struct opt common[] = {
		{0, "help", OPT_SET, NULL, NULL, "this text", NULL, NULL},
		{0, "version", OPT_SET, NULL, NULL, "the version", NULL, NULL}};

	if (c->verbs && *c->args)
		printf("usage: %s [verb] [options] %s\n", c->name, c->args);
	else if (c->verbs)
		printf("usage: %s verb [options] [operand ...]\n", c->name);
	else
		printf("usage: %s [options]%s%s\n", c->name, *c->args ? " " : "", c->args);
	printf("%s\n\n", c->about);
	for (const struct verb *v = c->verbs; v && v->name; v++) {
		char head[48];

		snprintf(head, sizeof(head), "%s%s%s", v->name, *v->args ? " " : "", v->args);
		printf("  %-26s %s\n", head, v->about);
	}
	if (c->verbs)
		putchar('\n');
	for (const struct opt *o = c->opts; o->name; o++)
		print_option(o);
	print_option(&common[0]);
	print_option(&common[1]);
	printf("\nThe manual: man %s\n", c->name);
	finish_stdout();
}

/* What completion is told of an option's value: flag, file, folder, words, list (of words, with
 * commas), ask (the option that lists them), or value, which nobody can guess. */
static const char *kind_of(const struct opt *o)
{
	if (o->kind == OPT_SET)
		return "flag";
	if (strcmp(o->arg, "FILE") == 0)
		return "file";
	if (strcmp(o->arg, "DIR") == 0)
		return "folder";
	if (!o->words)
		return "value";
	if (*o->words == '!')
		return "ask";
	return strchr(o->arg, ',') ? "list" : "words";
}

static void print_values(const struct opt *o)
{
	const char *words = o->words ? o->words : "";

	printf("%s %s\n", kind_of(o), words + (*words == '!'));
}

/* The option whose value is called as the operands are. */
static const struct opt *like_operands(const struct command *c)
{
	for (const struct opt *o = c->opts; o->name; o++)
		if (o->arg && o->words && strcasestr(c->args, o->arg))
			return o;
	return NULL;
}

/* One line a word: "verb NAME", "operand kind values" or "option --name [-x] kind values", for the
 * completion scripts and the tests. */
static bool word_in(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; (p = strstr(p, word)); p += n)
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
			return true;
	return false;
}

static bool goes_with(const struct opt *o, const struct verb *v)
{
	return !v || !o->verbs || word_in(o->verbs, v->name);
}

static const struct verb *find_verb(const struct command *c, const char *name)
{
	for (const struct verb *v = c->verbs; name && v && v->name; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

/* after: the word behind --words, or NULL. Where it is a verb, the options are those that go with
 * it. */
static void print_words(const struct command *c, const char *after)
{
	const struct opt *like = like_operands(c);
	const struct verb *verb = find_verb(c, after);

	for (const struct verb *v = c->verbs; v && v->name; v++)
		printf("verb %s\n", v->name);
	if (like) {
		printf("operand ");
		print_values(like);
	}
	for (const struct opt *o = c->opts; o->name; o++) {
		if (!goes_with(o, verb))
			continue;
		printf("option --%s ", o->name);
		if (o->letter)
			printf("-%c ", o->letter);
		else
			printf("- ");
		print_values(o);
	}
	printf("option --help - flag \noption --version - flag \n");
	finish_stdout();
}

static void set_number(const struct opt *o, const char *text)
{
	struct str s = str_of(text);
	int64_t unit = 1, *to = o->to;

	if (o->kind == OPT_SPAN) {
		if (!when_span(s, to))
			die("--%s: not a span like 30m, 24h or 7d: %s", o->name, text);
		return;
	}
	if (o->kind == OPT_SIZE && s.len) {
		char u = s.s[s.len - 1];

		unit = u == 'K' ? 1024 : u == 'M' ? 1024 * 1024 : u == 'G' ? 1024 * 1024 * 1024 : 1;
		s.len -= unit != 1;
	}
	if (!str_int(s, to) || *to < 0 || __builtin_mul_overflow(*to, unit, to))
		die("--%s: not a whole number: %s", o->name, text);
}

static void set_value(const struct opt *o, char *text)
{
	struct opt_list *l = o->to;

	switch (o->kind) {
	case OPT_SET:
		*(bool *)o->to = true;
		break;
	case OPT_REASON:
		if (text_blank(str_of(text)))
			die("--%s: there is no reason in it", o->name);
		*(const char **)o->to = text;
		break;
	case OPT_ONE:
		if (*(const char **)o->to)
			die("--%s: there are two: %s and %s", o->name, *(const char **)o->to, text);
		*(const char **)o->to = text;
		break;
	case OPT_TEXT:
		*(const char **)o->to = text;
		break;
	case OPT_LIST:
		*VEC_ADD(l, v, n, cap) = text;
		break;
	case OPT_WHEN:
		((struct opt_when *)o->to)->text = text;
		break;
	case OPT_COUNT:
	case OPT_SIZE:
	case OPT_SPAN:
		set_number(o, text);
		break;
	}
}

static _Noreturn void die_which(const struct command *c, const char *name)
{
	struct buf names = BUF_INIT, meant = BUF_INIT;
	struct near near;

	near_begin(&near, str_of(name ? name : ""));
	for (const struct verb *v = c->verbs; v->name; v++) {
		buf_printf(&names, "%s%s", names.len ? ", " : "", v->name);
		near_see(&near, v->name);
	}
	near_put(&near, "", &meant);
	if (name && meant.len)
		die("no such verb: %s (did you mean %s?)", name, meant.s);
	if (name)
		die("no such verb: %s (%s)", name, names.s);
	die("which verb? %s (see %s --help)", names.s, c->name);
}

static void check_verb(const struct opt *o, const struct verb *v)
{
	if (!goes_with(o, v))
		die("--%s does not go with %s (see %s --help)", o->name, v->name, program_name());
}

/* Options that end the program, and '?', which stands for one that there is not. */
static _Noreturn void tell_and_leave(const struct command *c, int key, const char *after)
{
	if (key == KEY_HELP)
		print_help(c);
	if (key == KEY_WORDS)
		print_words(c, after);
	if (key == KEY_VERSION) {
		printf("%s (jtools) %s\n", c->name, JTOOLS_VERSION);
		finish_stdout();
	}
	fprintf(stderr, "%s: see %s --help\n", c->name, c->name);
	exit(EXIT_STOPPED);
}

/* getopt has said that there is no such option; this, which one it may have been. */
static void tell_near(const struct command *c, const char *given)
{
	struct str name = str_of(given);
	struct buf meant = BUF_INIT;
	struct near near;

	if (!str_starts(name, STR("--")))
		return;
	name = (struct str){name.s + 2, strcspn(name.s + 2, "=")};
	near_begin(&near, name);
	for (const struct opt *o = c->opts; o->name; o++)
		near_see(&near, o->name);
	near_put(&near, "--", &meant);
	if (meant.len)
		warn("did you mean %s?", meant.s);
	buf_release(&meant);
}

struct operands opt_parse(const struct command *c, int argc, char **argv)
{
	struct operands out = {NULL, 0, NULL};
	struct buf letters = BUF_INIT;
	struct option *longs;
	bool *given;
	size_t n = 0;
	int key;

	while (c->opts[n].name)
		n++;
	longs = mem_zero(n + 4, sizeof(*longs));
	given = mem_zero(n, sizeof(*given));
	for (size_t i = 0; i < n; i++) {
		longs[i] = (struct option){c->opts[i].name,
			c->opts[i].kind == OPT_SET ? no_argument : required_argument, NULL,
			KEY_FIRST + (int)i};
		if (c->opts[i].letter)
			buf_printf(&letters, "%c%s", c->opts[i].letter, c->opts[i].arg ? ":" : "");
	}
	longs[n] = (struct option){"help", no_argument, NULL, KEY_HELP};
	longs[n + 1] = (struct option){"version", no_argument, NULL, KEY_VERSION};
	longs[n + 2] = (struct option){"words", no_argument, NULL, KEY_WORDS};
	while ((key = getopt_long(argc, argv, letters.s, longs, NULL)) != -1) {
		size_t i = 0;

		if (key == KEY_HELP || key == KEY_VERSION || key == KEY_WORDS || key == '?')
			break;
		if (key >= KEY_FIRST)
			i = (size_t)(key - KEY_FIRST);
		else
			while (c->opts[i].letter != key)
				i++;
		given[i] = true;
		set_value(&c->opts[i], optarg);
	}
	buf_release(&letters);
	free(longs);
	if (key != -1) {
		if (key == '?' && !optopt)
			tell_near(c, argv[optind - 1]);
		free(given);
		tell_and_leave(c, key, argv[optind]);
	}
	out.argc = argc - optind;
	out.argv = argv + optind;
	if (c->verbs) {
		const char *name = out.argc ? out.argv[0] : NULL;

		out.verb = find_verb(c, name);
		if (!out.verb && !*c->args)
			die_which(c, name);
		out.argc -= out.verb != NULL;
		out.argv += out.verb != NULL;
		out.verb = out.verb ? out.verb : c->verbs;
	}
	for (size_t i = 0; i < n; i++)
		if (given[i])
			check_verb(&c->opts[i], out.verb);
	free(given);
	return out;
}

static const struct opt *find_option(const struct command *c, struct str name)
{
	const struct opt *o = c->opts;

	while (o->name && !str_is(name, o->name))
		o++;
	return o->name ? o : NULL;
}

/* Between "since" and "until", and options called the like, there is some time. */
static int check_order(const struct command *c, const struct opt *until, struct buf *err)
{
	struct str name = str_of(until->name), begin = {until->name, name.len - strlen("until")};
	const struct opt_when *to = until->to, *from;
	const struct opt *since;
	struct buf called = BUF_INIT;

	buf_put(&called, begin);
	buf_puts(&called, "since");
	since = find_option(c, buf_str(&called));
	buf_release(&called);
	from = since ? since->to : NULL;
	if (!from || !from->text || from->ms < to->ms)
		return 0;
	buf_printf(err, "--%s %s is not before --%s %s", since->name, from->text, until->name,
		to->text);
	return -1;
}

int opt_times(const struct command *c, struct buf *err)
{
	for (const struct opt *o = c->opts; o->name; o++) {
		struct opt_when *w = o->to;

		if (o->kind != OPT_WHEN || !w->text)
			continue;
		if (when_option(w->text, &w->ms, err) < 0)
			return -1;
	}
	for (const struct opt *o = c->opts; o->name; o++) {
		const struct opt_when *w = o->to;

		if (o->kind == OPT_WHEN && w->text && str_ends(str_of(o->name), STR("until")) &&
			check_order(c, o, err) < 0)
			return -1;
	}
	return 0;
}

void opt_list_release(struct opt_list *l)
{
	free(l->v);
	*l = (struct opt_list){NULL, 0, 0};
}

struct opt_list opt_list_split(const struct opt_list *given, const char *name)
{
	struct opt_list all = {NULL, 0, 0};

	for (size_t i = 0; i < given->n; i++) {
		char *rest = mem_string(given->v[i]), *one;

		while ((one = strsep(&rest, ",")))
			if (*one)
				*VEC_ADD(&all, v, n, cap) = one;
		if (!all.n)
			die("--%s: names none", name);
	}
	return all;
}
