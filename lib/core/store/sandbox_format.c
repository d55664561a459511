/* SQLite's printf and format, directive by directive: there, a character is repeated one by one as
 * often as is asked for, whatever the limit of values, and nothing stops it. What is longer than a
 * value may be is an error here, where SQLite's own give NULL and nobody is told. */
#include "core/store/sandbox_part.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

struct formatting {
	const char *at; /* what is left of the format */
	int argc, used;
	sqlite3_value **argv;
	sqlite3_str *out;
	struct buf how, repeated;
	bool too_long; /* than a value may be */
};

struct directive {
	char flags[16];
	int width, precision; /* precision -1: none */
	char type;
};

static sqlite3_value *next_argument(struct formatting *f)
{
	return f->used < f->argc ? f->argv[f->used++] : NULL;
}

static sqlite3_int64 next_integer(struct formatting *f)
{
	sqlite3_value *v = next_argument(f);

	return v ? sqlite3_value_int64(v) : 0;
}

static double next_real(struct formatting *f)
{
	sqlite3_value *v = next_argument(f);

	return v ? sqlite3_value_double(v) : 0;
}

static const char *next_text(struct formatting *f)
{
	sqlite3_value *v = next_argument(f);

	return v ? (const char *)sqlite3_value_text(v) : NULL;
}

/* A number of the format, or of the arguments where it is a '*'. */
static int read_number(struct formatting *f)
{
	unsigned n = 0;

	if (*f->at == '*') {
		f->at++;
		return (int)next_integer(f);
	}
	for (; isdigit((unsigned char)*f->at); f->at++)
		n = n * 10 + (unsigned)(*f->at - '0');
	return (int)(n & INT_MAX);
}

static int magnitude(int n)
{
	return n == INT_MIN ? 0 : n < 0 ? -n : n;
}

static void read_directive(struct formatting *f, struct directive *d)
{
	size_t n = 0;

	*d = (struct directive){.precision = -1};
	for (; *f->at && strchr("-+ #!0,", *f->at); f->at++)
		if (!strchr(d->flags, *f->at))
			d->flags[n++] = *f->at;
	d->width = read_number(f);
	if (d->width < 0 && !strchr(d->flags, '-'))
		d->flags[n++] = '-';
	d->width = magnitude(d->width);
	if (*f->at == '.') {
		f->at++;
		d->precision = magnitude(read_number(f));
	}
	while (*f->at == 'l')
		f->at++;
	d->type = *f->at;
	f->at += *f->at != '\0';
}

/* Of an empty text the 0 at its end. */
static size_t character_length(const char *s)
{
	size_t n = 1;

	while (((unsigned char)s[0] & 0xc0) == 0xc0 && n < 4 &&
		((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* The text's first character, as often as the precision says; a width counts characters. */
static void put_character(struct formatting *f, const struct directive *d, const char *s)
{
	int times = d->type == 'c' && d->precision > 1 ? d->precision : 1;
	int blanks = d->width > times ? d->width - times : 0;
	bool left = strchr(d->flags, '-') != NULL;

	if (times > SANDBOX_VALUE_MAX) {
		f->too_long = true;
		return;
	}
	buf_clear(&f->repeated);
	for (int i = 0; i < times; i++)
		buf_add(&f->repeated, s, character_length(s));
	sqlite3_str_appendchar(f->out, left ? 0 : blanks, ' ');
	sqlite3_str_append(f->out, f->repeated.s, (int)f->repeated.len);
	sqlite3_str_appendchar(f->out, left ? blanks : 0, ' ');
}

static void write_directive(
	struct buf *out, const struct directive *d, const char *length, char type)
{
	buf_clear(out);
	buf_printf(out, "%%%s", d->flags);
	if (d->width)
		buf_printf(out, "%d", d->width);
	if (d->precision >= 0)
		buf_printf(out, ".%d", d->precision);
	buf_printf(out, "%s%c", length, type);
}

/* One argument of C for one of SQL. false: no such directive, and nothing is read behind it. */
static bool put_directive(struct formatting *f, const struct directive *d)
{
	char type = d->type == 'z' ? 's' : d->type;
	bool whole = type && strchr("diuxXopr", type);
	const char *s;

	if (type == 'n')
		return true;
	if (type == '%' || type == 'c') {
		s = type == 'c' ? next_text(f) : "%";
		put_character(f, d, s ? s : "");
		return true;
	}
	if (!type || !strchr("diuxXoprfeEgGsqQw", type))
		return false;
	write_directive(&f->how, d, whole ? "ll" : "", type);
	if (whole)
		sqlite3_str_appendf(f->out, f->how.s, next_integer(f));
	else if (strchr("feEgG", type))
		sqlite3_str_appendf(f->out, f->how.s, next_real(f));
	else
		sqlite3_str_appendf(f->out, f->how.s, next_text(f));
	return true;
}

void sandbox_format(sqlite3_context *to, int argc, sqlite3_value **argv)
{
	const char *format = argc ? (const char *)sqlite3_value_text(argv[0]) : NULL;
	struct formatting f = {.at = format,
		.argc = argc,
		.used = 1,
		.argv = argv,
		.how = BUF_INIT,
		.repeated = BUF_INIT};
	struct directive d;
	bool known = true;
	char *text;
	int len;

	if (!format)
		return;
	f.out = sqlite3_str_new(sqlite3_context_db_handle(to));
	while (*f.at && known && !f.too_long) {
		size_t plain = strcspn(f.at, "%");

		sqlite3_str_append(f.out, f.at, (int)plain);
		f.at += plain;
		if (!*f.at)
			break;
		if (!*++f.at) {
			sqlite3_str_appendchar(f.out, 1, '%');
			break;
		}
		read_directive(&f, &d);
		known = put_directive(&f, &d);
		f.too_long |= sqlite3_str_errcode(f.out) != SQLITE_OK;
	}
	len = sqlite3_str_length(f.out);
	text = sqlite3_str_finish(f.out);
	if (f.too_long) {
		sqlite3_free(text);
		sqlite3_result_error_toobig(to);
	} else if (text) {
		sqlite3_result_text(to, text, len, sqlite3_free);
	}
	buf_release(&f.how);
	buf_release(&f.repeated);
}
