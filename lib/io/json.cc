extern "C" {
#include "io/json.h"
#include "base/mem.h"
}

#include <cstdlib>
#include <cstring>
#include <new>
#include <simdjson.h>

using namespace simdjson;

constexpr size_t GLANCE_MAX = size_t(1) << 20; /* bytes: memory is ten times as many */

struct json_parser {
	ondemand::parser parser;
	dom::parser glance{GLANCE_MAX};
	buf copy = BUF_INIT;
};

namespace
{

struct walk {
	json_doc *doc;
	json_parser *p;
	uint8_t *strings;
	const char *why = nullptr;
	const char *where = nullptr;
};

std::string_view trimmed(std::string_view t)
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
bool decode(walk &w, std::string_view t, str *out)
{
	if (t.size() < 2 || t.back() != '"')
		return fail(w, "a string that does not end", t.data());
	std::string_view in = t.substr(1, t.size() - 2);
	if (!memchr(in.data(), '\\', in.size())) {
		*out = str{in.data(), in.size()};
		return true;
	}
	std::string_view text;
	ondemand::raw_json_string raw(reinterpret_cast<const uint8_t *>(t.data()) + 1);
	if (w.p->parser.unescape(raw, w.strings).get(text) != SUCCESS)
		return fail(w, "an escape that JSON does not have", t.data());
	*out = str{text.data(), text.size()};
	return true;
}

json *add(walk &w)
{
	json_doc *d = w.doc;

	if (d->n == d->cap)
		d->v = static_cast<json *>(mem_grow(d->v, &d->cap, d->n + 1, sizeof(json)));
	d->v[d->n] = json{};
	return &d->v[d->n++];
}

bool scalar(walk &w, std::string_view t, str key)
{
	t = trimmed(t);
	json *v = add(w);
	v->key = key;
	v->skip = 1;
	v->raw = v->text = str{t.data(), t.size()};
	if (!t.empty() && t[0] == '"') {
		v->type = JSON_STRING;
		return decode(w, t, &v->text);
	}
	if (t == "true")
		v->type = JSON_TRUE;
	else if (t == "false")
		v->type = JSON_FALSE;
	else if (t == "null")
		v->type = JSON_NULL;
	else if (is_number(t))
		v->type = JSON_NUMBER;
	else
		return fail(w, "not a JSON value", t.data());
	return true;
}

bool any_value(walk &w, ondemand::value v, str key, int depth);

/* Where a container ends: its bracket is the next byte that is no white space behind its last
 * child. */
const char *bracket(const char *p)
{
	while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')
		p++;
	return p;
}

str key_of(walk &w, ondemand::field &field, bool *ok)
{
	const char *k = reinterpret_cast<const char *>(field.key().raw()) - 1, *end = k + 1;
	str key = {nullptr, 0};

	while (*end != '"' && *end != '\\')
		end++;
	*ok = true;
	if (*end == '"')
		return str{k + 1, size_t(end - k) - 1};
	while (*end != '"')
		end += *end == '\\' ? 2 : 1;
	*ok = decode(w, std::string_view(k, size_t(end - k) + 1), &key);
	return key;
}

/* Children of a container; *last becomes the index of the last one. */
bool members(walk &w, ondemand::object o, int depth, uint32_t *count, size_t *last)
{
	for (auto &&f : o) {
		ondemand::field field;
		bool ok;
		if (std::forward<decltype(f)>(f).get(field) != SUCCESS)
			return fail(w, "a broken object", nullptr);
		str key = key_of(w, field, &ok);
		*last = w.doc->n;
		if (!ok || !any_value(w, field.value(), key, depth))
			return false;
		++*count;
	}
	return true;
}

bool elements(walk &w, ondemand::array a, int depth, uint32_t *count, size_t *last)
{
	for (auto &&e : a) {
		ondemand::value v;
		if (std::forward<decltype(e)>(e).get(v) != SUCCESS)
			return fail(w, "a broken array", nullptr);
		*last = w.doc->n;
		if (!any_value(w, v, str{nullptr, 0}, depth))
			return false;
		++*count;
	}
	return true;
}

/* One container; T is a document or a value, which simdjson keeps apart. */
template <typename T>
bool container(walk &w, T &v, ondemand::json_type type, const char *start, str key, int depth)
{
	size_t at = w.doc->n, last = 0;
	uint32_t count = 0;
	bool is_array = type == ondemand::json_type::array;
	json *node = add(w);

	if (depth > JSON_DEPTH_MAX)
		return fail(w, "nested too deep", start);
	node->key = key;
	node->type = is_array ? JSON_ARRAY : JSON_OBJECT;
	if (is_array) {
		ondemand::array a;
		if (v.get_array().get(a) != SUCCESS || !elements(w, a, depth + 1, &count, &last))
			return fail(w, "a broken array", start);
	} else {
		ondemand::object o;
		if (v.get_object().get(o) != SUCCESS || !members(w, o, depth + 1, &count, &last))
			return fail(w, "a broken object", start);
	}
	node = &w.doc->v[at];
	node->count = count;
	node->skip = uint32_t(w.doc->n - at);
	const json *child = &w.doc->v[last];
	const char *end = bracket(count ? child->raw.s + child->raw.len : start + 1);
	node->raw = str{start, size_t(end - start) + 1};
	return true;
}

bool any_value(walk &w, ondemand::value v, str key, int depth)
{
	std::string_view token = v.raw_json_token();
	ondemand::json_type type;

	if (v.type().get(type) != SUCCESS)
		return fail(w, "not a JSON value", token.data());
	if (type == ondemand::json_type::array || type == ondemand::json_type::object)
		return container(w, v, type, token.data(), key, depth);
	/* Taken, not left to be skipped: what skips a string takes one before a colon for a name,
	 * wherever it stands. */
	ondemand::raw_json_string taken;
	if (type == ondemand::json_type::string && v.get_raw_json_string().get(taken) != SUCCESS)
		return fail(w, "a broken string", token.data());
	return scalar(w, token, key);
}

bool root_value(walk &w, ondemand::document &doc, std::string_view text)
{
	ondemand::json_type type;
	std::string_view token;

	if (doc.type().get(type) != SUCCESS || doc.raw_json_token().get(token) != SUCCESS)
		return fail(w, "not a JSON value", nullptr);
	if (type != ondemand::json_type::array && type != ondemand::json_type::object)
		return token.data() + trimmed(token).size() == text.data() + trimmed(text).size()
			       ? scalar(w, token, str{nullptr, 0})
			       : fail(w, "more text behind the value", token.data());
	if (!container(w, doc, type, token.data(), str{nullptr, 0}, 1))
		return false;
	const char *rest;
	if (doc.current_location().get(rest) == SUCCESS)
		return fail(w, "more text behind the value", rest);
	return true;
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

int parse(json_doc *doc, str text, buf *err)
{
	walk w = {doc, doc->parser, reinterpret_cast<uint8_t *>(doc->strings.s)};
	padded_string_view in(text.s, text.len, text.len + JSON_PADDING);
	ondemand::document d;
	error_code e = doc->parser->parser.iterate(in).get(d);

	if (e != SUCCESS)
		fail(w, stage1_reason(e), nullptr);
	else if (root_value(w, d, std::string_view(text.s, text.len)))
		return 0;
	if (w.where && w.where >= text.s && w.where <= text.s + text.len)
		buf_printf(err, "%s at byte %zu", w.why, size_t(w.where - text.s));
	else
		buf_puts(err, w.why);
	return -1;
}

json_type glance_type(dom::element_type type)
{
	switch (type) {
	case dom::element_type::ARRAY:
		return JSON_ARRAY;
	case dom::element_type::OBJECT:
		return JSON_OBJECT;
	case dom::element_type::STRING:
		return JSON_STRING;
	case dom::element_type::NULL_VALUE:
		return JSON_NULL;
	case dom::element_type::BOOL:
		return JSON_TRUE;
	default:
		return JSON_NUMBER;
	}
}

void glance_at(walk &w, dom::element e, std::string_view key, int depth)
{
	size_t at = w.doc->n;
	uint32_t count = 0;
	dom::element_type type = e.type();
	json *node = add(w);

	node->key = str{key.data(), key.size()};
	node->type = glance_type(type);
	if (type == dom::element_type::STRING) {
		std::string_view text = e;
		node->text = str{text.data(), text.size()};
	} else if (type == dom::element_type::BOOL && !bool(e)) {
		node->type = JSON_FALSE;
	} else if (type == dom::element_type::OBJECT && depth < JSON_GLANCE_DEPTH) {
		dom::object members = e;
		for (dom::key_value_pair one : members) {
			glance_at(w, one.value, one.key, depth + 1);
			count++;
		}
	} else if (type == dom::element_type::ARRAY && depth < JSON_GLANCE_DEPTH) {
		dom::array elements = e;
		for (dom::element one : elements) {
			glance_at(w, one, {}, depth + 1);
			count++;
		}
	}
	w.doc->v[at].count = count;
	w.doc->v[at].skip = uint32_t(w.doc->n - at);
}

} // namespace

bool json_glance(json_doc *doc, str text)
{
	doc->n = 0;
	if (!text.len || text.s[0] != '{' || text.len > GLANCE_MAX)
		return false;
	try {
		if (!doc->parser)
			doc->parser = new json_parser;
		dom::parser &parser = doc->parser->glance;
		dom::element root;
		/* Less deep than json_parse goes: who is deeper is read by that. */
		if (parser.capacity() < text.len &&
			parser.allocate(text.len, JSON_DEPTH_MAX / 2) != SUCCESS)
			return false;
		if (parser.parse(text.s, text.len, false).get(root) != SUCCESS)
			return false;
		walk w = {doc, doc->parser, nullptr};
		glance_at(w, root, {}, 1);
		return true;
	} catch (const std::exception &) {
		return false;
	}
}

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
