#include "core/event.h"
#include "base/when.h"

#include <pthread.h>
#include <stdlib.h>

#define NAME_OF(upper, lower) #lower,
#define LENGTH_OF(upper, lower) sizeof(#lower) - 1,
static const char *const attr_names[] = {EVENT_ATTRS(NAME_OF)};
static const char *const data_names[] = {EVENT_DATA(NAME_OF)};
static const unsigned char attr_lengths[] = {EVENT_ATTRS(LENGTH_OF)};
static const unsigned char data_lengths[] = {EVENT_DATA(LENGTH_OF)};

#define SLOTS 256

/* Names, by the places that their ends and their lengths give them, or the next ones. */
struct index {
	const char *const *names;
	const unsigned char *lengths;
	int n;
	unsigned char slot[SLOTS]; /* a number and 1; 0: none */
};

static struct index attrs = {attr_names, attr_lengths, ATTR_COUNT, {0}};
static struct index data = {data_names, data_lengths, DATA_COUNT, {0}};

/* That few of these names share one. */
static size_t first_slot(const char *name, size_t len)
{
	return (8 * (size_t)(unsigned char)name[0] + 3 * (size_t)(unsigned char)name[len - 1] +
		       3 * len) %
	       SLOTS;
}

static void fill(struct index *x)
{
	for (int i = 0; i < x->n; i++) {
		size_t p = first_slot(x->names[i], x->lengths[i]);

		while (x->slot[p])
			p = (p + 1) % SLOTS;
		x->slot[p] = (unsigned char)(i + 1);
	}
}

static void fill_both(void)
{
	fill(&attrs);
	fill(&data);
}

static void make_ready(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fill_both);
}

static int find_name(const struct index *x, struct str name)
{
	size_t p = name.len ? first_slot(name.s, name.len) : SLOTS;

	for (; p < SLOTS && x->slot[p]; p = (p + 1) % SLOTS) {
		int i = x->slot[p] - 1;

		if (x->lengths[i] == name.len && str_bytes(x->names[i], name.s, name.len))
			return i;
	}
	return -1;
}

int event_attr_of(struct str name)
{
	make_ready();
	return find_name(&attrs, name);
}

int event_data_of(struct str name)
{
	make_ready();
	return find_name(&data, name);
}

struct str event_attr_key(enum event_attr a)
{
#define ATTR_KEY(upper, lower) STR("\"" #lower "\":"),
	static const struct str keys[] = {EVENT_ATTRS(ATTR_KEY)};

	return keys[a];
}

struct str event_data_key(enum event_data d)
{
#define DATA_KEY(upper, lower) STR("\"" #lower "\":"),
	static const struct str keys[] = {EVENT_DATA(DATA_KEY)};

	return keys[d];
}

const char *event_attr_name(enum event_attr a)
{
	return attr_names[a];
}

const char *event_data_name(enum event_data d)
{
	return data_names[d];
}

const char *event_fault_word(enum event_fault f)
{
	static const char *const words[] = {[FAULT_JSON] = "bad_json",
		[FAULT_TOO_LONG] = "too_long",
		[FAULT_RECORD] = "bad_record",
		[FAULT_TIME] = "bad_time",
		[FAULT_ROW] = "bad_row",
		[FAULT_MAP] = "bad_value",
		[FAULT_CONFLICT] = "conflict"};

	return words[f];
}

void event_init(struct event *ev)
{
	*ev = (struct event){.doc = JSON_DOC_INIT};
	make_ready();
}

void event_release(struct event *ev)
{
	json_release(&ev->doc);
}

static int refuse(enum event_fault *fault, enum event_fault f)
{
	*fault = f;
	return -1;
}

static bool name_valid(struct str name)
{
	if (!name.len || name.len > 20)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!((name.s[i] >= 'a' && name.s[i] <= 'z') ||
			    (name.s[i] >= '0' && name.s[i] <= '9')))
			return false;
	return true;
}

/* a: its number, -1 where it is none of its own. */
static int read_attr(struct event *ev, const struct json *v, int a, struct buf *err)
{
	if (str_is(v->key, "data")) {
		if (v->type != JSON_OBJECT && v->type != JSON_NULL)
			return buf_puts(err, "data is no object"), -1;
		ev->body = v->type == JSON_OBJECT ? v : NULL;
		return 0;
	}
	if (a < 0 && !name_valid(v->key) && !str_is(v->key, "data_base64")) {
		buf_puts(err, "an attribute's name is not of [a-z0-9], at most 20: ");
		json_put_string(err, (struct str){v->key.s, v->key.len > 60 ? 60 : v->key.len});
		return -1;
	}
	if (v->type >= JSON_ARRAY) {
		buf_printf(err, "attribute %.*s is an object or array", (int)v->key.len, v->key.s);
		return -1;
	}
	ev->unknown += a < 0;
	if (a < 0 || v->type == JSON_NULL)
		return 0;
	if (v->type != JSON_STRING) {
		buf_printf(err, "attribute %s is no string", attr_names[a]);
		return -1;
	}
	ev->attr[a] = v;
	return 0;
}

static int need_attrs(const struct event *ev, struct buf *err)
{
	static const enum event_attr needed[] = {
		ATTR_SPECVERSION, ATTR_ID, ATTR_SOURCE, ATTR_TYPE, ATTR_TIME};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!event_attr(ev, needed[i]).len) {
			buf_printf(err, "no %s", attr_names[needed[i]]);
			return -1;
		}
	if (!str_is(event_attr(ev, ATTR_SPECVERSION), "1.0")) {
		buf_puts(err, "specversion is not 1.0");
		return -1;
	}
	return 0;
}

/* Which names an object has had so far. */
struct had {
	uint64_t known;
	size_t unknown;
	bool again; /* a known one, or several that are not: one may stand twice */
};

_Static_assert(ATTR_COUNT <= 64 && (int)DATA_COUNT <= 64, "names that have no bit");

/* number: -1 where it is not known. */
static void see_name(struct had *had, int number)
{
	uint64_t bit = number < 0 ? 0 : UINT64_C(1) << number;

	had->unknown += number < 0;
	had->again |= (had->known & bit) || had->unknown > 1;
	had->known |= bit;
}

static int no_repeats(
	const struct had *had, const struct json *of, const char *what, struct buf *err)
{
	const struct json *twice = had->again ? json_repeated(of) : NULL;

	if (!twice)
		return 0;
	buf_printf(err, "%s %.*s stands twice", what, (int)twice->key.len, twice->key.s);
	return -1;
}

static int read_data(struct event *ev, struct buf *err)
{
	struct had had = {0, 0, false};

	for
		JSON_EACH(d, ev->body)
		{
			int i = find_name(&data, d->key);

			see_name(&had, i);
			if (i >= 0 && d->type != JSON_NULL)
				ev->data[i] = d;
		}
	ev->data_had = had.known;
	return no_repeats(&had, ev->body, "member", err);
}

static int read_members(struct event *ev, struct buf *err)
{
	struct had had = {0, 0, false};
	int status = 0;

	for
		JSON_EACH(v, ev->root)
		{
			int a = find_name(&attrs, v->key);

			see_name(&had, a);
			status = read_attr(ev, v, a, err);
			if (status < 0)
				break;
		}
	ev->attr_had = had.known;
	if (status < 0 || no_repeats(&had, ev->root, "attribute", err) < 0 ||
		need_attrs(ev, err) < 0)
		return -1;
	return ev->body ? read_data(ev, err) : 0;
}

/* Names that tell records, sessions and sources apart are shown, compared and made into others:
 * nothing hides in them. */
static int check_names(const struct event *ev, struct buf *err)
{
	static const enum event_attr names[] = {ATTR_ID, ATTR_SOURCE, ATTR_SESSION};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct str s = event_attr(ev, names[i]);

		for (size_t k = 0; k < s.len; k++)
			if ((unsigned char)s.s[k] < 0x20 || s.s[k] == 0x7f) {
				buf_printf(
					err, "%s holds a control character", attr_names[names[i]]);
				return -1;
			}
	}
	return 0;
}

static bool is_identifier(const struct json *v)
{
	const struct json *kind = NULL, *value = NULL, *scope = NULL;

	for
		JSON_EACH(m, v)
		{
			const struct json **is = str_is(m->key, "kind")	   ? &kind
						 : str_is(m->key, "value") ? &value
						 : str_is(m->key, "scope") ? &scope
									   : NULL;

			if (is && !*is)
				*is = m;
		}
	return v->type == JSON_OBJECT && json_is_string(kind) && json_is_string(value) &&
	       (!scope || json_is_string(scope));
}

static int check_identifiers(const struct json *list, struct buf *err)
{
	bool good = !list || list->type == JSON_ARRAY;

	if (list && good)
		for
			JSON_EACH(v, list)
	good &= is_identifier(v);
	if (!good)
		buf_puts(err, "data.identifiers is no array of objects with the strings kind and "
			      "value, and perhaps scope");
	return good ? 0 : -1;
}

/* Most are not there in most records. */
static void clear(const struct json **v, uint64_t *had)
{
	for (; *had; *had &= *had - 1)
		v[__builtin_ctzll(*had)] = NULL;
}

int event_read(
	struct event *ev, struct str line, bool padded, enum event_fault *fault, struct buf *err)
{
	clear(ev->attr, &ev->attr_had);
	clear(ev->data, &ev->data_had);
	ev->body = NULL;
	ev->sequence = 0;
	ev->unknown = 0;
	ev->line = line;
	if (json_parse(&ev->doc, line, padded, err) < 0)
		return refuse(fault, FAULT_JSON);
	ev->root = ev->doc.v;
	if (ev->root->type != JSON_OBJECT) {
		buf_puts(err, "not an object");
		return refuse(fault, FAULT_RECORD);
	}
	if (read_members(ev, err) < 0 || check_names(ev, err) < 0 ||
		check_identifiers(ev->data[DATA_IDENTIFIERS], err) < 0)
		return refuse(fault, FAULT_RECORD);
	if (!when_parse(event_attr(ev, ATTR_TIME), &ev->time)) {
		struct str t = event_attr(ev, ATTR_TIME);

		buf_printf(err, "time is not RFC 3339: %.*s", (int)(t.len > 60 ? 60 : t.len), t.s);
		return refuse(fault, FAULT_TIME);
	}
	if (ev->attr[ATTR_SEQUENCE] && !str_int(event_attr(ev, ATTR_SEQUENCE), &ev->sequence)) {
		buf_puts(err, "sequence is no number");
		return refuse(fault, FAULT_RECORD);
	}
	return 0;
}

bool event_projected(const struct event *ev, struct str name)
{
	static const char *const both[] = {"contact", "issue"};

	if (!ev->sequence || (!str_is(name, both[0]) && !str_is(name, both[1])))
		return false;
	for (int i = 0; i < 2; i++) {
		const struct json *v = json_member(ev->root, both[i]);

		if (!v || v->type != JSON_NUMBER)
			return false;
	}
	return true;
}

struct str event_attr(const struct event *ev, enum event_attr a)
{
	return ev->attr[a] ? ev->attr[a]->text : (struct str){NULL, 0};
}

struct str event_text(const struct event *ev, enum event_data d)
{
	return json_is_string(ev->data[d]) ? ev->data[d]->text : (struct str){NULL, 0};
}

static const struct event_edit *edit_of(
	const struct event_edit *edits, size_t n, bool in_data, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (edits[i].in_data == in_data && str_is(name, edits[i].name))
			return &edits[i];
	return NULL;
}

static void put_member(struct buf *out, struct str key, struct str value)
{
	if (out->s[out->len - 1] != '{')
		buf_byte(out, ',');
	json_put_string(out, key);
	buf_byte(out, ':');
	buf_put(out, value);
}

static void put_new(struct buf *out, const struct json *of, bool in_data,
	const struct event_edit *edits, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (edits[i].in_data == in_data && edits[i].value.len &&
			!json_member(of, edits[i].name))
			put_member(out, str_of(edits[i].name), edits[i].value);
}

static void put_data(
	struct buf *out, const struct event *ev, const struct event_edit *edits, size_t n)
{
	bool any = ev->body != NULL;

	for (size_t i = 0; i < n && !any; i++)
		any = edits[i].in_data && edits[i].value.len;
	if (!any)
		return;
	put_member(out, STR("data"), STR("{"));
	for
		JSON_EACH(v, ev->body)
		{
			const struct event_edit *e = edit_of(edits, n, true, v->key);

			if (!e || e->value.len)
				put_member(out, v->key, e ? e->value : v->raw);
		}
	put_new(out, ev->body, true, edits, n);
	buf_byte(out, '}');
}

void event_write(struct buf *out, const struct event *ev, const struct event_edit *edits, size_t n)
{
	if (!n) {
		buf_put(out, str_trim(ev->line));
		return;
	}
	buf_byte(out, '{');
	for
		JSON_EACH(v, ev->root)
		{
			const struct event_edit *e = edit_of(edits, n, false, v->key);

			if (str_is(v->key, "data") || (e && !e->value.len))
				continue;
			put_member(out, v->key, e ? e->value : v->raw);
		}
	put_new(out, ev->root, false, edits, n);
	put_data(out, ev, edits, n);
	buf_byte(out, '}');
}
