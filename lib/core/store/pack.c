#include "core/store/pack.h"
#include "base/when.h"

#include <endian.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* By their control characters; NULL: not used (NUL, and the white space of JSON). What is here is
 * part of the file's format. */
static const char *const fragments[32] = {
	[0x01] = "{\"text\":\"",
	[0x02] = "\",\"identifiers\":[{\"kind\":\"phone\",\"value\":\"",
	[0x03] = "\",\"identifiers\":[{\"kind\":\"email\",\"value\":\"",
	[0x04] = "\"identifiers\":[{\"kind\":\"",
	[0x05] = "\",\"value\":\"",
	[0x06] = "\"},{\"kind\":\"email\",\"value\":\"",
	[0x07] = "\"}],\"name\":\"",
	[0x08] = "\"}],\"",
	[0x0b] = "\",\"agent\":\"",
	[0x0c] = "\",\"lang\":\"",
	[0x0e] = "\",\"region\":\"",
	[0x0f] = "\",\"intent\":\"",
	[0x10] = "\",\"confidence\":",
	[0x11] = ",\"ontology\":\"",
	[0x12] = "\",\"entities\":{\"",
	[0x13] = "\"},\"",
	[0x14] = ",\"order\":",
	[0x15] = "\",\"case\":\"",
	[0x16] = "\"signals\":[\"",
	[0x17] = "\"],\"asks\":[\"",
	[0x18] = ",\"origin\":{\"file\":\"",
	[0x19] = "\",\"line\":",
	[0x1a] = "\",\"reason\":\"",
	[0x1b] = ",\"duration\":",
	[0x1c] = ",\"wait\":",
	[0x1d] = "\"raw_text\":\"",
	[0x1e] = "\"stage\":\"",
	[0x1f] = ",\"sentiment\":",
};

#define HEAD 4	   /* bytes by which a fragment is found; all have as many */
#define STEP 8	   /* fragments that one expression puts back */
#define BUCKETS 64 /* of fragments by those bytes */

/* Codes by the hash of their first bytes, longest first; 0 ends. Made once. */
struct index {
	unsigned char at[BUCKETS][8];
	size_t len[32];
};

static struct index index_of;

static size_t bucket_of(const char *p)
{
	uint32_t head;

	memcpy(&head, p, HEAD);
	return (head * 2654435761u) >> 26;
}

static void put_code(struct index *x, unsigned code)
{
	unsigned char *b = x->at[bucket_of(fragments[code])];
	size_t i = 0;

	while (b[i] && x->len[b[i]] >= x->len[code])
		i++;
	memmove(b + i + 1, b + i, sizeof(x->at[0]) - i - 1);
	b[i] = (unsigned char)code;
}

static void make_index(void)
{
	for (unsigned c = 0; c < 32; c++)
		if (fragments[c])
			index_of.len[c] = strlen(fragments[c]);
	for (unsigned c = 0; c < 32; c++)
		if (fragments[c])
			put_code(&index_of, c);
}

/* Two threads may be the first that ask. */
static const struct index *fragment_index(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_index);
	return &index_of;
}

/* The longest fragment that stands at p; 0: none. */
static unsigned match(const struct index *x, const char *p, size_t left)
{
	const unsigned char *b;

	if (left < HEAD || (*p != '"' && *p != ',' && *p != '{'))
		return 0;
	for (b = x->at[bucket_of(p)]; *b; b++)
		if (x->len[*b] <= left && str_bytes(p, fragments[*b], x->len[*b]))
			return *b;
	return 0;
}

static uint64_t bytes_of(uint64_t word, char c)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t x = word ^ ones * (unsigned char)c;

	return (x - ones) & ~x & ones << 7;
}

/* Copies bytes with which no fragment begins, as long as there are eight to be looked at. */
static const char *copy_plain(char **to, const char *p, const char *end)
{
	uint64_t word, begins;

	for (; end - p >= 8; p += 8, *to += 8) {
		memcpy(&word, p, 8);
		memcpy(*to, &word, 8);
		word = le64toh(word);
		begins = bytes_of(word, '"') | bytes_of(word, ',') | bytes_of(word, '{');
		if (begins) {
			*to += __builtin_ctzll(begins) / 8;
			return p + __builtin_ctzll(begins) / 8;
		}
	}
	return p;
}

static void pack_data(struct buf *out, struct str raw)
{
	const struct index *x = fragment_index();
	const char *p = raw.s, *end = raw.s + raw.len;
	char *to;

	buf_room(out, raw.len);
	to = out->s + out->len;
	while ((p = copy_plain(&to, p, end)) < end) {
		unsigned code = match(x, p, (size_t)(end - p));

		if (code) {
			*to++ = (char)code;
			p += x->len[code];
		} else {
			*to++ = *p++;
		}
	}
	out->len = (size_t)(to - out->s);
	*to = '\0';
}

static void unpack_data(struct buf *out, struct str data)
{
	const struct index *x = fragment_index();
	const char *from = data.s, *end = data.s + data.len;

	for (const char *p = from; p < end; p++) {
		unsigned char c = (unsigned char)*p;

		if (c >= 32 || !fragments[c])
			continue;
		buf_add(out, from, (size_t)(p - from));
		buf_add(out, fragments[c], x->len[c]);
		from = p + 1;
	}
	buf_add(out, from, (size_t)(end - from));
}

/* Whether a string is written as it is read. */
static bool plain(const struct json *v)
{
	return v->raw.len == v->text.len + 2;
}

static bool shapely(const struct event *ev)
{
	char time[WHEN_TEXT];

	if (!ev->body || ev->unknown || !plain(ev->attr[ATTR_ID]) || !plain(ev->attr[ATTR_TIME]) ||
		ev->time < 0)
		return false;
	if (ev->attr[ATTR_SESSION] && !plain(ev->attr[ATTR_SESSION]))
		return false;
	if (ev->attr[ATTR_TRACEPARENT] || ev->attr[ATTR_CUSTOMER] || ev->attr[ATTR_SEQUENCE] ||
		ev->attr[ATTR_RECORDEDTIME])
		return false;
	when_format(ev->time, time);
	return str_is(event_attr(ev, ATTR_TIME), time);
}

bool pack(const struct event *ev, struct buf *shape, struct buf *data)
{
	struct str line = ev->root->raw;
	const char *from = line.s;

	if (!shapely(ev)) {
		buf_byte(shape, HOLE_DATA);
		pack_data(data, line);
		return false;
	}
	for
		JSON_EACH(v, ev->root)
		{
			bool whole = v == ev->body;
			char hole = v == ev->attr[ATTR_ID]	  ? HOLE_ID
				    : v == ev->attr[ATTR_TIME]	  ? HOLE_TIME
				    : v == ev->attr[ATTR_SESSION] ? HOLE_SESSION
				    : whole			  ? HOLE_DATA
								  : 0;
			const char *begin = v->raw.s + !whole,
				   *end = v->raw.s + v->raw.len - !whole;

			if (!hole)
				continue;
			buf_add(shape, from, (size_t)(begin - from));
			buf_byte(shape, hole);
			from = end;
		}
	buf_add(shape, from, (size_t)(line.s + line.len - from));
	pack_data(data, ev->body->raw);
	return true;
}

void unpack(struct buf *out, struct str shape, struct str id, int64_t time, struct str session,
	struct str data)
{
	const char *from = shape.s, *end = shape.s + shape.len;
	char text[WHEN_TEXT];

	for (const char *p = from; p < end; p++) {
		if (*p < HOLE_ID || *p > HOLE_DATA)
			continue;
		buf_add(out, from, (size_t)(p - from));
		from = p + 1;
		if (*p == HOLE_ID) {
			buf_put(out, id);
		} else if (*p == HOLE_TIME) {
			when_format(time, text);
			buf_puts(out, text);
		} else if (*p == HOLE_SESSION) {
			buf_put(out, session);
		} else {
			unpack_data(out, data);
		}
	}
	buf_add(out, from, (size_t)(end - from));
}

static void put_literal(struct buf *sql, const char *s)
{
	buf_byte(sql, '\'');
	for (; *s; s++)
		buf_puts(sql, *s == '\'' ? "''" : (char[]){*s, '\0'});
	buf_byte(sql, '\'');
}

/* A step of SQL that puts up to eight fragments back, from code *at on. */
static void put_step(struct buf *sql, int *at)
{
	struct buf tail = BUF_INIT;

	for (int n = 0; *at < 32 && n < STEP; ++*at) {
		if (!fragments[*at])
			continue;
		buf_puts(sql, "replace(");
		buf_printf(&tail, ",char(%d),", *at);
		put_literal(&tail, fragments[*at]);
		buf_byte(&tail, ')');
		n++;
	}
	buf_puts(sql, "data");
	buf_put(sql, buf_str(&tail));
	buf_release(&tail);
}

void pack_sql(struct buf *sql)
{
	const char *from = "event";
	int at = 0;

	/* One after the other: SQLite reads no expression of such a depth. */
	for (char name[] = "a"; at < 32; name[0]++) {
		buf_printf(sql, "%s%s AS (SELECT ", at ? ", " : "WITH ", name);
		buf_printf(sql, "seq, time, recorded, shape, session, %s, ",
			at ? "id" : "coalesce(id, lower(hex(key))) AS id");
		put_step(sql, &at);
		buf_printf(sql, " AS data FROM %s)", from);
		from = (const char *[]){"a", "b", "c", "d", "e", "f", "g", "h"}[name[0] - 'a'];
	}
	buf_puts(sql, " SELECT e.seq, e.time, e.recorded, h.source, s.name AS session, h.type,"
		      " h.channel, h.direction, h.actor, e.id,");
	buf_printf(sql, " replace(replace(replace(replace(h.text,char(%d),e.id),char(%d),", HOLE_ID,
		HOLE_TIME);
	buf_puts(sql, "strftime('%Y-%m-%dT%H:%M:%S',e.time/1000,'unixepoch')||"
		      "printf('.%03dZ',e.time%1000))");
	buf_printf(sql, ",char(%d),s.name),char(%d),e.data) AS body", HOLE_SESSION, HOLE_DATA);
	buf_printf(sql,
		" FROM %s e JOIN shape h ON h.id = e.shape JOIN session s ON s.id = e.session",
		from);
}
