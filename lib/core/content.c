#include "core/content.h"

bool content_label(enum event_data d)
{
	return d == DATA_INTENT || d == DATA_CONFIDENCE || d == DATA_INHERITED ||
	       d == DATA_ONTOLOGY || d == DATA_ENTITIES || d == DATA_SENTIMENT ||
	       d == DATA_SIGNALS || d == DATA_ASKS || d == DATA_LANG;
}

static const struct json *member_of(const struct json *of, struct str key)
{
	for
		JSON_EACH(v, of)
	if (str_eq(v->key, key))
		return v;
	return NULL;
}

static bool same_value(const struct json *a, const struct json *b);

static bool same_object(const struct json *a, const struct json *b)
{
	for
		JSON_EACH(v, a)
		{
			const struct json *other = member_of(b, v->key);

			if (!other || !same_value(v, other))
				return false;
		}
	return a->count == b->count;
}

static bool same_array(const struct json *a, const struct json *b)
{
	const struct json *y = json_first(b);

	if (a->count != b->count)
		return false;
	for
		JSON_EACH(x, a)
		{
			if (!same_value(x, y))
				return false;
			y = json_after(b, y);
		}
	return true;
}

static bool same_value(const struct json *a, const struct json *b)
{
	if (str_eq(a->raw, b->raw))
		return true;
	if (a->type != b->type)
		return false;
	if (a->type == JSON_OBJECT)
		return same_object(a, b);
	return a->type == JSON_ARRAY ? same_array(a, b) : str_eq(a->text, b->text);
}

static bool skipped(bool in_data, struct str key)
{
	int d = in_data ? event_data_of(key) : -1, a = in_data ? -1 : event_attr_of(key);

	if (in_data)
		return d == DATA_ORIGIN || d == DATA_ORDER ||
		       (d >= 0 && content_label((enum event_data)d));
	return a == ATTR_CUSTOMER || a == ATTR_SEQUENCE || a == ATTR_RECORDEDTIME ||
	       str_is(key, "data");
}

/* An instant may be written in several ways. */
static bool is_time(bool in_data, struct str key)
{
	return !in_data && event_attr_of(key) == ATTR_TIME;
}

/* Whether b has every attribute, or member of data, of a, with the same value; null is the same as
 * none. */
static bool within(const struct event *a, const struct event *b, bool in_data, struct str *member)
{
	for
		JSON_EACH(v, in_data ? a->body : a->root)
		{
			const struct json *other;

			if (v->type == JSON_NULL || skipped(in_data, v->key) ||
				(!in_data && event_projected(a, v->key)))
				continue;
			other = member_of(in_data ? b->body : b->root, v->key);
			if (is_time(in_data, v->key) ? a->time == b->time
						     : other && same_value(v, other))
				continue;
			if (member)
				*member = v->key;
			return false;
		}
	return true;
}

bool content_same(const struct event *a, const struct event *b, struct str *member)
{
	return within(a, b, false, member) && within(b, a, false, member) &&
	       within(a, b, true, member) && within(b, a, true, member);
}

/* Whether b has every label of a, with the same value. */
static bool labels_within(const struct event *a, const struct event *b)
{
	for (int d = 0; d < DATA_COUNT; d++) {
		const struct json *x = a->data[d], *y = b->data[d];

		if (content_label((enum event_data)d) && x && (!y || !same_value(x, y)))
			return false;
	}
	return true;
}

bool content_labels_stay(const struct event *again, const struct event *now)
{
	if (again->data[DATA_ONTOLOGY])
		return labels_within(again, now) && labels_within(now, again);
	return now->data[DATA_ONTOLOGY] || labels_within(again, now);
}

void content_relabel(struct buf *out, const struct event *ev, const struct event *labels)
{
	struct event_edit edits[DATA_COUNT];
	size_t n = 0;

	for (int d = 0; d < DATA_COUNT; d++) {
		const struct json *x = ev->data[d], *y = labels->data[d];

		if (content_label((enum event_data)d) && (x || y))
			edits[n++] = (struct event_edit){true, event_data_name((enum event_data)d),
				y ? y->raw : (struct str){NULL, 0}};
	}
	event_write(out, ev, edits, n);
}
