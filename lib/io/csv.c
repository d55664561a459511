#include "io/csv.h"
#include "base/map.h"
#include "base/mem.h"
#include "io/csv_bare.h"
#include "io/json.h"

#include <stdlib.h>
#include <string.h>
#include <csv.h>

#define BLOCK ((size_t)256 << 10)
#define STRICT (CSV_STRICT | CSV_STRICT_FINI)
#define IN_FIELD 2 /* libcsv's FIELD_BEGUN */

static const struct str bom = {"\xef\xbb\xbf", 3};

struct span {
	size_t at, len;
};

struct csv_state {
	struct input *in;
	size_t max;
	char end;   /* what ends a line: LF or CR */
	bool whole; /* the row is complete */
	struct csv_parser parser;
	struct buf block;
	size_t at;	/* where the next row begins within block */
	uint64_t taken; /* bytes of the file before block */
	uint64_t line;	/* of the next row */
	bool ended;
	bool rest;	  /* within a row that was too long */
	size_t named;	  /* columns that the caller named; 0: those of the header */
	int held;	  /* what csv_next gives next: a row that is read already, or 0 */
	struct buf cells; /* the row's fields one behind the other, a NUL behind each */
	struct span *span;
	size_t span_n, span_cap;
	struct buf why;
	struct map taken_names; /* of columns, and the number that the next one of a name gets */
};

/* A line of the file: what it holds, and how far it goes with its end. */
struct piece {
	struct str text;
	const char *end;
	size_t end_len;
};

enum piece_status { PIECE_NONE = 0, PIECE_ONE = 1, PIECE_LONG = 2 };

static int never_space(unsigned char c)
{
	(void)c;
	return 0;
}

static int ends_lf(unsigned char c)
{
	return c == '\n';
}

static int ends_cr(unsigned char c)
{
	return c == '\r';
}

static void reset_parser(struct csv_state *s, char delimiter)
{
	csv_free(&s->parser);
	csv_init(&s->parser, STRICT);
	csv_set_delim(&s->parser, (unsigned char)delimiter);
	csv_set_space_func(&s->parser, never_space);
	csv_set_term_func(&s->parser, s->end == '\n' ? ends_lf : ends_cr);
}

static void take_field(void *p, size_t len, void *ctx)
{
	struct csv_state *s = ctx;

	*VEC_ADD(s, span, span_n, span_cap) = (struct span){s->cells.len, len};
	buf_add(&s->cells, p, len);
	/* Parts of a character that end one field and begin the next are none. */
	buf_byte(&s->cells, '\0');
}

static void take_row(int end, void *ctx)
{
	(void)end;
	((struct csv_state *)ctx)->whole = true;
}

static void begin_row(struct csv_state *s)
{
	s->span_n = 0;
	s->whole = false;
	buf_clear(&s->cells);
}

/* Reads once more behind what is there; what lies before the row goes first. */
static int fill(struct csv_state *s, struct buf *err)
{
	int64_t n;

	s->taken += s->at;
	buf_drop(&s->block, s->at);
	s->at = 0;
	buf_room(&s->block, BLOCK);
	n = input_read(s->in, s->block.s + s->block.len, BLOCK, err);
	if (n < 0)
		return -1;
	s->ended = n == 0;
	s->block.len += (size_t)n;
	s->block.s[s->block.len] = '\0';
	return 0;
}

/* The line that begins `from` bytes behind the row's first. */
static int next_piece(struct csv_state *s, size_t from, struct piece *out, struct buf *err)
{
	size_t seen = from;

	for (;;) {
		const char *p = s->block.s + s->at;
		size_t have = s->block.len - s->at;
		const char *end = have > seen ? memchr(p + seen, s->end, have - seen) : NULL;
		size_t len = end ? (size_t)(end - p) : have;

		if ((end || s->ended) && len <= s->max) {
			if (!end && have == from)
				return PIECE_NONE;
			*out = (struct piece){{p + from, len - from}, p + len, end != NULL};
			if (s->end == '\n' && len > from && p[len - 1] == '\r') {
				out->text.len--;
				out->end--;
				out->end_len++;
			}
			return PIECE_ONE;
		}
		if (len > s->max)
			return PIECE_LONG;
		seen = have;
		if (fill(s, err) < 0)
			return -1;
	}
}

/* Strict libcsv but for a quotation mark that directly follows another character of an unquoted
 * field. */
static bool parse(struct csv_state *s, struct str text)
{
	for (size_t at = 0; at < text.len;) {
		at += csv_parse(&s->parser, text.s + at, text.len - at, take_field, take_row, s);
		if (at == text.len)
			break;
		if (csv_error(&s->parser) != CSV_EPARSE || s->parser.quoted || at == 0 ||
			text.s[at] != '"' || text.s[at - 1] == ' ' || text.s[at - 1] == '\t')
			return false;
		csv_set_opts(&s->parser, 0);
		at += csv_parse(&s->parser, text.s + at, 1, take_field, take_row, s);
		csv_set_opts(&s->parser, STRICT);
	}
	return true;
}

static bool parse_piece(struct csv_state *s, const struct piece *p)
{
	bool quoted;

	if (!parse(s, p->text))
		return false;
	quoted = s->parser.quoted && s->parser.pstate == IN_FIELD;
	if (quoted)
		return parse(s, (struct str){p->end, p->end_len});
	return parse(s, (struct str){&s->end, 1});
}

static void put_latin(struct buf *out, struct str in)
{
	static const uint16_t high[32] = {0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020,
		0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f, 0x90, 0x2018,
		0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153,
		0x9d, 0x17e, 0x178};

	for (size_t i = 0; i < in.len; i++) {
		unsigned c = (unsigned char)in.s[i];

		if (c >= 0x80 && c < 0xa0)
			c = high[c - 0x80];
		if (c >= 0x800) {
			buf_byte(out, (char)(0xe0 | c >> 12));
			buf_byte(out, (char)(0x80 | (c >> 6 & 0x3f)));
		} else if (c >= 0x80) {
			buf_byte(out, (char)(0xc0 | c >> 6));
		}
		buf_byte(out, (char)(c < 0x80 ? c : 0x80 | (c & 0x3f)));
	}
}

static void decode_latin(struct csv_state *s)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < s->span_n; i++) {
		size_t at = out.len;

		put_latin(&out, (struct str){s->cells.s + s->span[i].at, s->span[i].len});
		s->span[i] = (struct span){at, out.len - at};
	}
	buf_release(&s->cells);
	s->cells = out;
}

static void give_fields(struct csv *c)
{
	struct csv_state *s = c->state;

	if (c->latin && !json_utf8(buf_str(&s->cells)))
		decode_latin(s);
	c->field_n = 0;
	for (size_t i = 0; i < s->span_n; i++)
		*VEC_ADD(c, field, field_n, field_cap) =
			(struct str){s->cells.s + s->span[i].at, s->span[i].len};
}

/* The row ends behind its first `len` bytes, of which the last `end` (a CR before a LF is not one)
 * are its line's end. */
static void place(struct csv *c, size_t len, size_t end, uint64_t lines)
{
	struct csv_state *s = c->state;

	c->line = s->line;
	c->offset = s->taken + s->at;
	c->raw = (struct str){s->block.s + s->at, len - end};
	s->at += len;
	s->line += lines;
}

static int refuse(struct csv *c, int status, const char *why)
{
	c->why = why;
	c->field_n = 0;
	reset_parser(c->state, c->delimiter);
	return status;
}

/* A quotation that went wrong: its first line alone is taken off, so that whole rows behind it are
 * not lost with it. */
static int refuse_first_line(struct csv *c, const char *why)
{
	struct csv_state *s = c->state;
	const char *p = s->block.s + s->at;
	size_t have = s->block.len - s->at;
	const char *end = memchr(p, s->end, have);
	size_t len = end ? (size_t)(end - p) : have;

	place(c, len + (end != NULL), end != NULL, 1);
	return refuse(c, CSV_BAD, why);
}

/* What is at hand of a row that is too long, to the end of its line. */
static struct str take_piece(struct csv_state *s)
{
	const char *p = s->block.s + s->at;
	size_t have = s->block.len - s->at;
	const char *end = have ? memchr(p, s->end, have) : NULL;
	struct str piece = {p, end ? (size_t)(end - p) : have};

	s->at += piece.len + (end != NULL);
	s->rest = !end;
	s->line += end != NULL;
	return piece;
}

int csv_rest(struct csv *c, struct str *piece, struct buf *err)
{
	struct csv_state *s = c->state;

	if (!s->rest)
		return 0;
	if (s->at == s->block.len && !s->ended && fill(s, err) < 0)
		return -1;
	*piece = take_piece(s);
	s->rest = s->rest && !s->ended;
	return 1;
}

static int refuse_long(struct csv *c)
{
	struct csv_state *s = c->state;

	c->line = s->line;
	c->offset = s->taken + s->at;
	c->raw = take_piece(s);
	return refuse(c, CSV_LONG, "row too long (see --max-line)");
}

/* Whether the row has as many fields as there are columns; of named ones it need not have all. */
static bool fits(struct csv *c)
{
	while (c->state->named && c->field_n < c->name_n)
		*VEC_ADD(c, field, field_n, field_cap) = (struct str){NULL, 0};
	return !c->name_n || c->field_n == c->name_n;
}

static int finish(struct csv *c, size_t len, bool ended, uint64_t lines)
{
	struct csv_state *s = c->state;

	place(c, len, ended, lines);
	give_fields(c);
	if (!json_utf8(buf_str(&s->cells)))
		return refuse(c, CSV_BAD, "the row is not UTF-8");
	if (!fits(c)) {
		buf_clear(&s->why);
		buf_printf(&s->why, "%zu fields where %s %zu", c->field_n,
			s->named ? "there may be" : "the header has", c->name_n);
		return refuse(c, CSV_BAD, s->why.s);
	}
	return CSV_ROW;
}

/* A line's fields where no mark is doubled; false where it is no row either. */
static bool read_bare(struct csv *c, struct str line)
{
	struct csv_state *s = c->state;
	struct csv_bare fields = {.line = line, .delimiter = c->delimiter};
	struct str field;

	if (s->end == '\n' && line.len && line.s[line.len - 1] == '\r')
		fields.line.len--;
	begin_row(s);
	while (csv_bare_next(&fields, &field))
		take_field((void *)field.s, field.len, s);
	give_fields(c);
	if (json_utf8(buf_str(&s->cells)) && fits(c))
		return true;
	c->field_n = 0;
	return false;
}

static int refuse_quotation(struct csv *c, const char *why)
{
	int status = refuse_first_line(c, why);

	return c->bare && read_bare(c, c->raw) ? CSV_ROW : status;
}

int csv_next(struct csv *c, struct buf *err)
{
	struct csv_state *s = c->state;
	uint64_t lines = 0;
	size_t len = 0;
	struct piece p;
	struct str skipped;
	int got;

	if (s->held) {
		got = s->held;
		s->held = 0;
		return got;
	}
	while ((got = csv_rest(c, &skipped, err)) > 0)
		continue;
	if (got < 0)
		return -1;
	begin_row(s);
	while ((got = next_piece(s, len, &p, err)) == PIECE_ONE) {
		size_t used = p.text.len + p.end_len;

		if (!lines && !p.text.len) {
			/* A blank line is an empty field where there is one column; libcsv makes
			 * nothing of it. */
			if ((s->named ? s->named : c->name_n) != 1) {
				s->at += used;
				s->line++;
				continue;
			}
			take_field(buf_empty, 0, s);
			s->whole = true;
		} else if (!parse_piece(s, &p)) {
			return refuse_quotation(
				c, lines ? "a quotation that opens here does not end well"
					 : "a quotation mark within a field");
		}
		len += used;
		lines++;
		if (s->whole)
			return finish(c, len, p.end_len && p.end[p.end_len - 1] == s->end, lines);
	}
	if (got < 0) {
		reset_parser(s, c->delimiter);
		return -1;
	}
	if (got == PIECE_LONG && !lines)
		return refuse_long(c);
	if (!lines)
		return CSV_END;
	return refuse_quotation(c, "a quotation that does not end");
}

/* The delimiter that stands most often outside quotations in the first line. */
static char find_delimiter(struct str head, char end)
{
	static const char known[] = {',', ';', '\t', '|'};
	size_t count[4] = {0}, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < head.len; i++) {
		if (head.s[i] == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if (head.s[i] == end && i)
			break;
		for (size_t k = 0; k < 4; k++)
			count[k] += head.s[i] == known[k];
	}
	for (size_t k = 1; k < 4; k++)
		if (count[k] > count[best])
			best = k;
	return known[best];
}

/* More bytes that are no UTF-8 than characters of two bytes and more. */
static bool looks_latin(struct str head)
{
	size_t good = 0, bad = 0;

	for (size_t i = 0; i < head.len;) {
		unsigned char c = (unsigned char)head.s[i];
		size_t n = c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

		if (c < 0x80) {
			i++;
			continue;
		}
		if (n && i + n > head.len)
			break;
		if (!n || !json_utf8((struct str){head.s + i, n})) {
			bad++;
			i++;
			continue;
		}
		good++;
		i += n;
	}
	return bad > good;
}

static char line_end(struct str head)
{
	if (!memchr(head.s, '\n', head.len) && memchr(head.s, '\r', head.len))
		return '\r';
	return '\n';
}

/* Takes a name, which SQL compares without case. *next: where it is taken already, the number to
 * try behind it. */
static bool take_name(struct map *taken, struct str name, union map_value **next)
{
	struct buf key = BUF_INIT;
	bool fresh;

	for (size_t i = 0; i < name.len; i++)
		buf_byte(&key,
			(char)(name.s[i] >= 'A' && name.s[i] <= 'Z' ? name.s[i] + 32 : name.s[i]));
	*next = map_slot(taken, buf_str(&key), &fresh);
	buf_release(&key);
	return fresh;
}

/* The name of the next column: as it stands in the header, or numbered where it would stand twice
 * or is empty. */
static char *distinct(struct csv *c, struct str field)
{
	struct map *taken = &c->state->taken_names;
	union map_value *of_field, *of_try;
	struct buf b = BUF_INIT;
	bool mine;

	if (field.len)
		buf_put(&b, field);
	else
		buf_printf(&b, "column_%zu", c->name_n + 1);
	mine = take_name(taken, buf_str(&b), &of_field);
	of_field->n = mine ? 2 : of_field->n;
	while (!mine) {
		buf_clear(&b);
		buf_put(&b, field.len ? field : STR("column"));
		buf_printf(&b, "_%lld", (long long)of_field->n++);
		mine = take_name(taken, buf_str(&b), &of_try);
		of_try->n = mine ? 2 : of_try->n;
	}
	return buf_take(&b);
}

static int read_header(struct csv *c, struct buf *err)
{
	int got = csv_next(c, err);

	if (got < 0)
		return -1;
	if (got == CSV_END) {
		buf_printf(err, "%s: empty", c->state->in->name);
		return -1;
	}
	if (got != CSV_ROW) {
		buf_printf(err, "%s:%llu: %s", c->state->in->name, (unsigned long long)c->line,
			c->why);
		return -1;
	}
	for (size_t i = 0; i < c->field_n; i++) {
		char *name = distinct(c, c->field[i]);

		c->renamed += !str_is(c->field[i], name);
		*VEC_ADD(c, name, name_n, name_cap) = name;
	}
	return 0;
}

static int skip_bom(struct csv_state *s, struct buf *err)
{
	while (s->block.len < bom.len && !s->ended)
		if (fill(s, err) < 0)
			return -1;
	if (str_starts(buf_str(&s->block), bom))
		s->at = bom.len;
	return 0;
}

static int begin(struct csv *c, struct input *in, char delimiter, size_t max, struct buf *err)
{
	struct str head = str_without_bom(buf_str(&in->head));
	struct csv_state *s = mem_zero(1, sizeof(*s));

	*c = (struct csv){.state = s, .latin = looks_latin(head)};
	s->in = in;
	s->max = max;
	s->line = 1;
	s->end = line_end(head);
	buf_init(&s->block);
	buf_init(&s->cells);
	buf_init(&s->why);
	c->delimiter = delimiter ? delimiter : find_delimiter(head, s->end);
	csv_init(&s->parser, STRICT);
	reset_parser(s, c->delimiter);
	if (in->seekable && input_rewind(in, err) < 0)
		return -1;
	return skip_bom(s, err);
}

int csv_open(struct csv *c, struct input *in, char delimiter, size_t max, struct buf *err)
{
	return begin(c, in, delimiter, max, err) < 0 ? -1 : read_header(c, err);
}

static bool is_header(const struct csv *c, char *const *names, size_t n)
{
	for (size_t i = 0; i < c->field_n; i++) {
		struct str field = str_trim(c->field[i]);

		if ((i < n) != (c->field[i].s != NULL))
			return false;
		if (i < n && (strlen(names[i]) != field.len ||
				     strncasecmp(names[i], field.s, field.len) != 0))
			return false;
	}
	return true;
}

int csv_open_named(struct csv *c, struct input *in, char delimiter, char *const *names, size_t n,
	size_t max, struct buf *err)
{
	int got;

	if (begin(c, in, delimiter, max, err) < 0)
		return -1;
	c->state->named = n;
	for (size_t i = 0; i < n + CSV_MORE; i++) {
		char *name = distinct(c, i < n ? str_of(names[i]) : (struct str){NULL, 0});

		*VEC_ADD(c, name, name_n, name_cap) = name;
	}
	got = csv_next(c, err);
	if (got < 0)
		return -1;
	c->state->held = got == CSV_ROW && is_header(c, names, n) ? 0 : got;
	return 0;
}

void csv_again(struct csv *c, struct str raw)
{
	struct csv_state *s = c->state;

	if (s->end == '\n' && raw.len && raw.s[raw.len - 1] == '\r')
		raw.len--;
	begin_row(s);
	/* A blank line is an empty field: see csv_next. */
	if (!raw.len) {
		take_field(buf_empty, 0, s);
	} else if (!parse(s, raw) || !parse(s, (struct str){&s->end, 1}) || !s->whole) {
		reset_parser(s, c->delimiter);
		if (c->bare && read_bare(c, raw))
			return;
	}
	give_fields(c);
	fits(c);
}

void csv_close(struct csv *c)
{
	struct csv_state *s = c->state;

	if (!s)
		return;
	for (size_t i = 0; i < c->name_n; i++)
		free(c->name[i]);
	free(c->name);
	free(c->field);
	csv_free(&s->parser);
	buf_release(&s->block);
	buf_release(&s->cells);
	buf_release(&s->why);
	map_release(&s->taken_names);
	free(s->span);
	free(s);
	*c = (struct csv){.state = NULL};
}

void csv_peek(struct csv_names *names, struct str head, char delimiter)
{
	struct input in = {.name = "", .fd = -1};
	struct buf why = BUF_INIT;
	struct csv c;

	buf_init(&in.head);
	buf_put(&in.head, head);
	/* An input without a file behind it: the head, with an end to its last line, is all that
	 * there is to read. */
	buf_byte(&in.head, line_end(head));
	if (csv_open(&c, &in, delimiter, in.head.len, &why) == 0)
		for (size_t i = 0; i < c.name_n; i++)
			*VEC_ADD(names, v, n, cap) = mem_string(c.name[i]);
	csv_close(&c);
	buf_release(&in.head);
	buf_release(&why);
}

void csv_names_release(struct csv_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i]);
	free(names->v);
	*names = (struct csv_names){NULL, 0, 0};
}
