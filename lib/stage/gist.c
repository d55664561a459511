#include "stage/gist.h"
#include "base/text.h"
#include "base/when.h"
#include "io/csv.h"

#define LABEL 12 /* columns before what a line says */
#define NAMED_MAX 65536
#define NAMED_MIN 20  /* people, from which on one of them can stand out */
#define STANDS_OUT 5  /* as often as the next one: a placeholder, perhaps */
#define NAMES_MAX 200 /* columns that are listed */
#define TABLE 3	      /* so many columns make a table of what nobody knows */

void gist_init(struct gist *g)
{
	*g = (struct gist){.formats = BUF_INIT,
		.because = BUF_INIT,
		.found = BUF_INIT,
		.first = BUF_INIT,
		.kinds = MAP_INIT,
		.named = MAP_INIT,
		.channels = MAP_INIT,
		.from = INT64_MAX,
		.to = INT64_MIN};
	event_init(&g->event);
}

void gist_release(struct gist *g)
{
	buf_release(&g->formats);
	buf_release(&g->because);
	buf_release(&g->found);
	buf_release(&g->first);
	map_release(&g->kinds);
	map_release(&g->named);
	map_release(&g->channels);
	event_release(&g->event);
}

void gist_format(struct gist *g, const char *name, const char *file, int score, bool chosen)
{
	struct buf one = BUF_INIT;

	buf_printf(&one, "%s%s%s (%d of 100)", name, file ? " of " : "", file ? file : "", score);
	if (chosen && g->formats.len) {
		buf_printf(&one, "; also fits: ");
		buf_put(&one, buf_str(&g->formats));
		buf_clear(&g->formats);
	} else if (g->formats.len) {
		buf_puts(&g->formats, ", ");
	}
	buf_put(&g->formats, buf_str(&one));
	buf_release(&one);
}

static void count_kind(struct gist *g, const struct event *ev)
{
	static const enum event_attr parts[] = {ATTR_TYPE, ATTR_DIRECTION, ATTR_ACTOR};
	struct buf key = BUF_INIT;

	for (size_t i = 0; i < 3; i++) {
		struct str s = event_attr(ev, parts[i]);

		if (s.len)
			buf_printf(&key, "%s%.*s", i ? " " : "", (int)s.len, s.s);
	}
	map_slot(&g->kinds, buf_str(&key), NULL)->n++;
	buf_release(&key);
}

static void count_named(struct gist *g, const struct event *ev)
{
	struct buf key = BUF_INIT;

	for
		JSON_EACH(i, ev->data[DATA_IDENTIFIERS])
		{
			const struct json *kind = json_member(i, "kind"),
					  *value = json_member(i, "value");

			if (!kind || !value || str_eq(kind->text, STR("placeholder")))
				continue;
			buf_clear(&key);
			buf_put(&key, kind->text);
			buf_byte(&key, ' ');
			buf_put(&key, value->text);
			if (map_count(&g->named) < NAMED_MAX)
				map_slot(&g->named, buf_str(&key), NULL)->n++;
			else if (map_get(&g->named, buf_str(&key)))
				map_get(&g->named, buf_str(&key))->n++;
		}
	buf_release(&key);
}

int gist_record(void *ctx, struct str record, struct buf *err)
{
	struct gist *g = ctx;
	struct event *ev = &g->event;
	enum event_fault fault;

	if (event_read(ev, record, false, &fault, err) < 0)
		return -1;
	if (g->events++ < GIST_FIRST) {
		buf_put(&g->first, record);
		buf_byte(&g->first, '\n');
	}
	count_kind(g, ev);
	count_named(g, ev);
	if (ev->attr[ATTR_CHANNEL])
		map_slot(&g->channels, event_attr(ev, ATTR_CHANNEL), NULL)->n++;
	g->identified += ev->data[DATA_IDENTIFIERS] != NULL;
	g->acting += ev->attr[ATTR_ACTOR] != NULL;
	g->directed += ev->attr[ATTR_DIRECTION] != NULL;
	g->sessions += ev->attr[ATTR_SESSION] != NULL;
	g->cases += ev->data[DATA_CASE] != NULL;
	g->assumed += ev->data[DATA_TIME_ASSUMED] != NULL;
	g->from = ev->time < g->from ? ev->time : g->from;
	g->to = ev->time > g->to ? ev->time : g->to;
	return 0;
}

static void label(struct buf *out, const char *name)
{
	buf_printf(out, "  %-*s", LABEL, name);
}

/* Each line of a text behind the same label, which only the first shows. */
static void put_lines(struct buf *out, const char *name, struct str text)
{
	while (text.len) {
		const char *lf = memchr(text.s, '\n', text.len);
		size_t n = lf ? (size_t)(lf - text.s) : text.len;

		label(out, name);
		text_plain(out, (struct str){text.s, n});
		buf_byte(out, '\n');
		text.s += n + (lf != NULL);
		text.len -= n + (lf != NULL);
		name = "";
	}
}

static void put_kind(void *ctx, struct str key, union map_value *v)
{
	struct buf *out = ctx;

	buf_printf(out, "%lld ", (long long)v->n);
	buf_put(out, key);
	buf_byte(out, '\n');
}

static void put_share(struct buf *out, const char *name, uint64_t n, uint64_t of)
{
	buf_printf(out, "%s%s %.0f%%", out->len && out->s[out->len - 1] != ' ' ? ", " : "", name,
		100.0 * (double)n / (double)of);
}

static void put_names(struct buf *out, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%s", i ? ", " : "", names[i]);
}

static const char *encoding(struct str head)
{
	size_t high = 0;

	if (str_starts(head, STR("\xef\xbb\xbf")))
		return "UTF-8 with a byte order mark";
	if (str_starts(head, STR("\xff\xfe")) || str_starts(head, STR("\xfe\xff")))
		return "UTF-16";
	for (size_t i = 0; i < head.len; i++)
		high += (unsigned char)head.s[i] > 0x7f;
	if (!high)
		return "ASCII, as far as it was looked at";
	/* The head may end within a character. */
	for (size_t cut = 0; cut < 4 && cut < head.len; cut++)
		if (json_utf8((struct str){head.s, head.len - cut}))
			return "UTF-8";
	return "not UTF-8";
}

static void put_who(struct buf *out, const struct adapt_options *opt)
{
	label(out, "us");
	if (!opt->selves && !opt->botn)
		buf_puts(out, "nobody is named (--self, --bot or a profile name us)");
	put_names(out, opt->self, opt->selves);
	if (opt->botn) {
		buf_puts(out, opt->selves ? "; bots: " : "bots: ");
		put_names(out, opt->bots, opt->botn);
	}
	buf_byte(out, '\n');
}

static void put_zone(struct buf *out, const struct gist *g, const struct adapt_options *opt)
{
	label(out, "zone");
	if (opt->tz_given)
		buf_printf(out, "%s where a time names none\n", when_zone_name());
	else if (g->assumed)
		buf_printf(out, "UTC assumed for %llu events (--tz names the zone)\n",
			(unsigned long long)g->assumed);
	else
		buf_puts(out, "as the times say\n");
}

struct busiest {
	struct str name;
	int64_t n, next;
};

static void see_named(void *ctx, struct str key, union map_value *v)
{
	struct busiest *b = ctx;

	if (v->n > b->n)
		*b = (struct busiest){key, v->n, b->n};
	else if (v->n > b->next)
		b->next = v->n;
}

/* A number that stands for all whom nobody noted would be one customer who comes back all the time.
 */
static void put_busiest(struct buf *out, const struct gist *g)
{
	struct busiest b = {STR(""), 0, 0};
	struct buf text = BUF_INIT;

	map_each(&g->named, see_named, &b);
	if (map_count(&g->named) < NAMED_MIN || b.n < STANDS_OUT * b.next)
		return;
	buf_put(&text, b.name);
	buf_printf(&text,
		" in %lld events, the next one in %lld: where it\n"
		"names nobody, the map's placeholders should list it (man jmap)",
		(long long)b.n, (long long)b.next);
	put_lines(out, "stands out", buf_str(&text));
	buf_release(&text);
}

struct unlisted {
	const struct ontology *words;
	struct buf text;
};

static void put_unlisted(void *ctx, struct str channel, union map_value *v)
{
	struct unlisted *u = ctx;

	if (!ontology_channel(u->words, channel))
		buf_printf(&u->text, "%s%.*s (%lld events)", u->text.len ? ", " : "",
			(int)channel.len, channel.s, (long long)v->n);
}

/* By a channel's class contacts are cut and answers measured. */
static void put_channels(struct buf *out, const struct gist *g)
{
	struct unlisted u = {g->words, BUF_INIT};

	if (g->words)
		map_each(&g->channels, put_unlisted, &u);
	if (u.text.len) {
		buf_printf(&u.text, ": not in the ontology,\nwhich takes such a channel for %s",
			ontology_class(g->words, STR(""))->id);
		put_lines(out, "channels", buf_str(&u.text));
	}
	buf_release(&u.text);
}

static void put_events(struct buf *out, const struct gist *g)
{
	struct buf text = BUF_INIT;
	char from[WHEN_TEXT], to[WHEN_TEXT];

	map_each(&g->kinds, put_kind, &text);
	put_lines(out, "events", buf_str(&text));
	when_format(g->from, from);
	when_format(g->to, to);
	label(out, "time");
	buf_printf(out, "%s to %s\n", from, to);
	buf_clear(&text);
	put_share(&text, "identifier", g->identified, g->events);
	put_share(&text, "actor", g->acting, g->events);
	put_share(&text, "direction", g->directed, g->events);
	put_share(&text, "session", g->sessions, g->events);
	put_share(&text, "case", g->cases, g->events);
	put_lines(out, "known", buf_str(&text));
	put_busiest(out, g);
	put_channels(out, g);
	put_lines(out, "first", buf_str(&g->first));
	buf_release(&text);
}

/* What a map of it has to do with, where it is a table, and how to go on. */
static void put_unknown(struct buf *out, struct str head)
{
	struct csv_names names = {NULL, 0, 0};
	struct buf text = BUF_INIT;

	/* What was UTF-16 is UTF-8 behind the mark that told it. */
	if (str_starts(head, STR("\xff\xfe")))
		head = (struct str){head.s + 2, head.len - 2};
	head = str_without_bom(head);
	if (head.len && !strchr("{[<", *head.s) && !memchr(head.s, 0, head.len))
		csv_peek(&names, head, 0);
	for (size_t i = 0; i < names.n && i < NAMES_MAX; i++)
		buf_printf(&text, "%s%s", i ? ", " : "", names.v[i]);
	if (names.n > NAMES_MAX)
		buf_printf(&text, " and %zu more", names.n - NAMES_MAX);
	if (names.n >= TABLE)
		put_lines(out, "columns", buf_str(&text));
	csv_names_release(&names);
	buf_release(&text);
	label(out, "next");
	buf_puts(
		out, "a table, JSON or XML is read by a map, which says what fills which member\n");
	label(out, "");
	buf_puts(out, "of an event (man jmap); one to begin with: jnorm --show-map callcenter\n");
}

void gist_put(struct buf *out, const struct gist *g, const char *path, struct str head,
	const struct adapt_options *opt, uint64_t rejected, uint64_t empty)
{
	text_plain(out, str_of(path));
	buf_byte(out, '\n');
	put_lines(out, "format", g->formats.len ? buf_str(&g->formats) : STR("none that is known"));
	put_lines(out, "because", buf_str(&g->because));
	label(out, "encoding");
	buf_printf(out, "%s\n", encoding(head));
	put_lines(out, "found", buf_str(&g->found));
	if (!g->formats.len) {
		put_unknown(out, head);
		return;
	}
	put_zone(out, g, opt);
	put_who(out, opt);
	label(out, "rows");
	buf_printf(out, "%llu events, %llu rejected, %llu without an event\n",
		(unsigned long long)g->events, (unsigned long long)rejected,
		(unsigned long long)empty);
	if (g->events)
		put_events(out, g);
}
