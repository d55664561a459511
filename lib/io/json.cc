extern "C" {
#include "io/json.h"
#include "base/mem.h"
}

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <simdjson.h>

using namespace simdjson;

/* Its first stage finds where each bracket, comma, colon and value begins, and that the text is
 * UTF-8 with strings that end. The walk over these is ours. */
struct json_parser {
	std::unique_ptr<internal::dom_parser_implementation> places;
	ondemand::parser decoder; /* of escapes */
	buf copy = BUF_INIT;
};

namespace
{

struct walk {
	json_doc *doc;
	json_parser *p;
	uint8_t *strings;
	const char *text;
	const uint32_t *at, *end; /* the next place, and that behind the last */
	bool escapes;		  /* some string has one */
	const char *why = nullptr;
	const char *where = nullptr;
};

inline std::string_view trimmed(std::string_view t)
{
	while (!t.empty() &&
		(t.back() == ' ' || t.back() == '\n' || t.back() == '\r' || t.back() == '\t'))
		t.remove_suffix(1);
	return t;
}

size_t digits(std::string_view t, size_t i)
{
	while (i < t.size() && t[i] >= '0' && t[i] <= '9')
		i++;
	return i;
}

bool is_number(std::string_view t)
{
	size_t i = !t.empty() && t[0] == '-', from = i;

	i = digits(t, i);
	if (i == from || (t[from] == '0' && i > from + 1))
		return false;
	if (i < t.size() && t[i] == '.') {
		from = ++i;
		if ((i = digits(t, i)) == from)
			return false;
	}
	if (i < t.size() && (t[i] == 'e' || t[i] == 'E')) {
		i++;
		if (i < t.size() && (t[i] == '+' || t[i] == '-'))
			i++;
		from = i;
		if ((i = digits(t, i)) == from)
			return false;
	}
	return i == t.size();
}

bool fail(walk &w, const char *why, const char *where)
{
	if (!w.why) {
		w.why = why;
		w.where = where;
	}
	return false;
}

/* A quoted token: zero copy where nothing is escaped. */
bool unescape(walk &w, std::string_view t, str *out)
{
	if (t.size() < 2 || t.back() != '"')
		return fail(w, "a string that does not end", t.data());
	std::string_view in = t.substr(1, t.size() - 2);
	if (!w.escapes || !memchr(in.data(), '\\', in.size())) {
		*out = str{in.data(), in.size()};
		return true;
	}
	std::string_view text;
	if (!w.p->decoder.capacity() && w.p->decoder.allocate(JSON_PADDING) != SUCCESS)
		mem_failed();
	ondemand::raw_json_string raw(reinterpret_cast<const uint8_t *>(t.data()) + 1);
	if (w.p->decoder.unescape(raw, w.strings).get(text) != SUCCESS)
		return fail(w, "an escape that JSON does not have", t.data());
	*out = str{text.data(), text.size()};
	return true;
}

/* A quoted token that has no escape, mostly. */
inline bool decode(walk &w, std::string_view t, str *out)
{
	if (w.escapes || t.size() < 2 || t.back() != '"')
		return unescape(w, t, out);
	*out = str{t.data() + 1, t.size() - 2};
	return true;
}

/* Stored member by member: a load that spans two stores has to wait for both. */
inline json *add(walk &w, json_type type, str key, std::string_view t)
{
	json_doc *d = w.doc;

	if (d->n == d->cap)
		d->v = static_cast<json *>(mem_grow(d->v, &d->cap, d->n + 1, sizeof(json)));
	json *v = &d->v[d->n++];
	v->type = type;
	v->count = 0;
	v->skip = 1;
	v->raw.s = v->text.s = t.data();
	v->raw.len = v->text.len = t.size();
	v->key.s = key.s;
	v->key.len = key.len;
	return v;
}

inline const char *here(const walk &w)
{
	return w.text + *w.at;
}

/* A bracket, comma or colon; false where something else comes, or nothing. */
inline bool take(walk &w, char mark)
{
	if (w.at == w.end || *here(w) != mark)
		return false;
	w.at++;
	return true;
}

/* A string, number or name: up to where the next thing begins, which is the text's end for the
 * last.
 */
inline std::string_view token(walk &w)
{
	const char *start = here(w);

	w.at++;
	return trimmed(std::string_view(start, size_t(w.text + *w.at - start)));
}

inline json_type type_of(std::string_view t)
{
	switch (t.empty() ? 0 : t[0]) {
	case '"':
		return JSON_STRING;
	case 't':
		return JSON_TRUE;
	case 'f':
		return JSON_FALSE;
	case 'n':
		return JSON_NULL;
	default:
		return JSON_NUMBER;
	}
}

inline bool scalar(walk &w, std::string_view t, str key)
{
	json_type type = type_of(t);
	json *v = add(w, type, key, t);

	if (type == JSON_STRING)
		return decode(w, t, &v->text);
	if (type == JSON_NUMBER	     ? is_number(t)
		: type == JSON_TRUE  ? t == "true"
		: type == JSON_FALSE ? t == "false"
				     : t == "null")
		return true;
	return fail(w, "not a JSON value", t.data());
}

bool any_value(walk &w, str key, int depth);

bool members(walk &w, int depth, uint32_t *count)
{
	if (take(w, '}'))
		return true;
	do {
		str key;
		if (w.at == w.end || *here(w) != '"')
			return fail(w, "a broken object", nullptr);
		std::string_view name = token(w);
		if (!take(w, ':'))
			return fail(w, "a broken object", nullptr);
		if (!decode(w, name, &key) || !any_value(w, key, depth))
			return false;
		++*count;
	} while (take(w, ','));
	return take(w, '}') || fail(w, "a broken object", nullptr);
}

bool elements(walk &w, int depth, uint32_t *count)
{
	if (take(w, ']'))
		return true;
	do {
		if (!any_value(w, str{nullptr, 0}, depth))
			return false;
		++*count;
	} while (take(w, ','));
	return take(w, ']') || fail(w, "a broken array", nullptr);
}

bool container(walk &w, json_type type, str key, int depth)
{
	const char *start = here(w);
	size_t at = w.doc->n;
	uint32_t count = 0;

	add(w, type, key, std::string_view());
	if (depth > JSON_DEPTH_MAX)
		return fail(w, "nested too deep", start);
	w.at++;
	if (!(type == JSON_ARRAY ? elements(w, depth + 1, &count) : members(w, depth + 1, &count)))
		return false;
	json *node = &w.doc->v[at];
	node->count = count;
	node->skip = uint32_t(w.doc->n - at);
	node->raw = str{start, size_t(w.text + w.at[-1] - start) + 1};
	return true;
}

bool any_value(walk &w, str key, int depth)
{
	if (w.at == w.end)
		return fail(w, "not a JSON value", nullptr);
	switch (*here(w)) {
	case '{':
		return container(w, JSON_OBJECT, key, depth);
	case '[':
		return container(w, JSON_ARRAY, key, depth);
	default:
		return scalar(w, token(w), key);
	}
}

/* One that does not end where the text does is told before what is in it is looked at. */
bool root_container(walk &w, json_type type)
{
	const char *start = here(w), *last = w.text + w.end[-1];

	if (*last != (type == JSON_ARRAY ? ']' : '}'))
		return fail(w, type == JSON_ARRAY ? "a broken array" : "a broken object", start);
	if (!container(w, type, str{nullptr, 0}, 1))
		return false;
	return w.at == w.end || fail(w, "more text behind the value", here(w));
}

bool root_value(walk &w)
{
	const char *start = here(w);

	if (*start == '{' || *start == '[')
		return root_container(w, *start == '[' ? JSON_ARRAY : JSON_OBJECT);
	if (!*start || !strchr("\"-0123456789tfn", *start))
		return fail(w, "not a JSON value", nullptr);
	std::string_view t = token(w);
	return w.at == w.end ? scalar(w, t, str{nullptr, 0})
			     : fail(w, "more text behind the value", start);
}

const char *stage1_reason(error_code e)
{
	switch (e) {
	case EMPTY:
		return "no JSON text";
	case UTF8_ERROR:
		return "not UTF-8";
	case UNESCAPED_CHARS:
		return "a control character in a string";
	case UNCLOSED_STRING:
		return "a string that does not end";
	case CAPACITY:
		return "too large";
	default:
		return "not JSON";
	}
}

error_code find_places(json_parser *p, str text)
{
	error_code e = SUCCESS;

	if (!p->places)
		e = get_active_implementation()->create_dom_parser_implementation(
			text.len, JSON_DEPTH_MAX, p->places);
	else if (p->places->capacity() < text.len)
		e = p->places->set_capacity(text.len);
	if (e != SUCCESS)
		return e;
	return p->places->stage1(
		reinterpret_cast<const uint8_t *>(text.s), text.len, stage1_mode::regular);
}

int parse(json_doc *doc, str text, buf *err)
{
	walk w = {doc, doc->parser, reinterpret_cast<uint8_t *>(doc->strings.s), text.s, nullptr,
		nullptr, memchr(text.s, '\\', text.len) != nullptr};
	error_code e = find_places(doc->parser, text);

	if (e != SUCCESS) {
		fail(w, stage1_reason(e), nullptr);
	} else {
		w.at = doc->parser->places->structural_indexes.get();
		w.end = w.at + doc->parser->places->n_structural_indexes;
		if (root_value(w))
			return 0;
	}
	if (w.where && w.where >= text.s && w.where <= text.s + text.len)
		buf_printf(err, "%s at byte %zu", w.why, size_t(w.where - text.s));
	else
		buf_puts(err, w.why);
	return -1;
}

} // namespace

int json_parse(json_doc *doc, str text, bool padded, buf *err)
{
	static_assert(JSON_PADDING >= SIMDJSON_PADDING, "padding");
	doc->n = 0;
	try {
		if (!doc->parser)
			doc->parser = new json_parser;
		if (!padded) {
			buf *copy = &doc->parser->copy;
			buf_clear(copy);
			buf_room(copy, text.len + JSON_PADDING);
			buf_put(copy, text);
			memset(copy->s + copy->len, 0, JSON_PADDING);
			text = buf_str(copy);
		}
		/* Decoded strings are never longer than their source; unescaping writes in blocks.
		 */
		buf_clear(&doc->strings);
		buf_room(&doc->strings, text.len + JSON_PADDING);
		return parse(doc, text, err);
	} catch (const std::exception &e) {
		buf_puts(err, e.what());
		return -1;
	}
}

void json_release(json_doc *doc)
{
	free(doc->v);
	buf_release(&doc->strings);
	if (doc->parser)
		buf_release(&doc->parser->copy);
	delete doc->parser;
	*doc = json_doc{nullptr, 0, 0, BUF_INIT, nullptr};
}

bool json_utf8(str s)
{
	return s.len == 0 || validate_utf8(s.s, s.len);
}
