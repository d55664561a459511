/* The file of a model: a line of JSON, the numbers behind it, and the digest of all that. */
#include "base/mem.h"
#include "io/input.h"
#include "io/json.h"
#include "stage/model.h"

#include <stdlib.h>

#define KIND "model/2"
#define HEAD_MAX ((size_t)1 << 20)
#define FLOAT_MAX 1e6F /* far more than any number of a model that was trained */

static void put_u32(struct buf *out, uint32_t n)
{
	unsigned char b[4] = {(unsigned char)n, (unsigned char)(n >> 8), (unsigned char)(n >> 16),
		(unsigned char)(n >> 24)};

	buf_add(out, b, sizeof(b));
}

static void put_float(struct buf *out, float f)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	put_u32(out, bits);
}

static void put_number(struct buf *out, const char *name, double n)
{
	json_put_key(out, name);
	json_put_number(out, n);
}

static void put_head(struct buf *out, const struct model *m)
{
	buf_byte(out, '{');
	json_put_text(out, "jtools", STR(KIND));
	if (m->ontology) {
		json_put_text(out, "ontology", str_of(m->ontology));
		json_put_text(out, "version", str_of(m->version));
		json_put_key(out, "content");
		buf_byte(out, '"');
		hash_hex(out, m->content, HASH_SIZE);
		buf_byte(out, '"');
	}
	json_put_int(out, "features", (int64_t)m->lexicon.n);
	put_number(out, "slope", m->slope);
	put_number(out, "none", m->none);
	put_number(out, "threshold", m->threshold);
	put_number(out, "precision", m->precision);
	json_put_int(out, "held_out", (int64_t)m->held_out);
	put_number(out, "accuracy", m->accuracy);
	put_number(out, "calibration_error", m->calibration_error);
	json_put_key(out, "labels");
	for (size_t i = 0; i < m->class_n; i++) {
		buf_byte(out, i ? ',' : '[');
		if (m->labels[i])
			json_put_string(out, str_of(m->labels[i]));
		else
			buf_puts(out, "null");
	}
	buf_puts(out, "]}\n");
}

void model_put(struct buf *out, const struct model *m)
{
	put_head(out, m);
	for (size_t i = 0; i < m->lexicon.n; i++) {
		put_u32(out, (uint32_t)m->lexicon.keys[i]);
		put_u32(out, (uint32_t)(m->lexicon.keys[i] >> 32));
		put_float(out, m->lexicon.v[i].idf);
		put_float(out, m->lexicon.v[i].scale);
	}
	for (size_t i = 0; i < m->class_n; i++)
		put_float(out, m->bias[i]);
	for (size_t i = 0; i < m->lexicon.n; i++)
		buf_add(out, m->weights + i * m->stride, m->class_n);
}

static int odd(const char *what, struct buf *err)
{
	buf_printf(err, "no model: %s", what);
	return -1;
}

static int take_number(const struct json *head, const char *name, double min, double max,
	double *to, struct buf *err)
{
	if (!json_number(json_member(head, name), to) || !(*to >= min && *to <= max))
		return odd(name, err);
	return 0;
}

static int take_count(
	const struct json *head, const char *name, size_t max, size_t *to, struct buf *err)
{
	double n;

	if (take_number(head, name, 0, (double)max, &n, err) < 0)
		return -1;
	*to = (size_t)n;
	return (double)*to == n ? 0 : odd(name, err);
}

/* A text that C can hold. */
static bool is_text(const struct json *v)
{
	return v && json_is_string(v) && !memchr(v->text.s, '\0', v->text.len);
}

static int take_stamp(struct model *m, const struct json *head, struct buf *err)
{
	const struct json *name = json_member(head, "ontology"),
			  *version = json_member(head, "version"),
			  *content = json_member(head, "content");

	if (!name && !version && !content)
		return 0;
	if (!is_text(name) || !is_text(version) || !json_is_string(content) ||
		!hash_unhex(content->text, m->content, HASH_SIZE))
		return odd("ontology", err);
	m->ontology = mem_copy(name->text.s, name->text.len);
	m->version = mem_copy(version->text.s, version->text.len);
	return 0;
}

static int take_labels(struct model *m, const struct json *labels, struct buf *err)
{
	if (!labels || labels->type != JSON_ARRAY || !labels->count ||
		labels->count > MODEL_CLASSES_MAX)
		return odd("labels", err);
	m->labels = mem_zero(labels->count, sizeof(*m->labels));
	for
		JSON_EACH(v, labels)
		{
			bool last = m->class_n + 1 == labels->count;

			if (!is_text(v) && !(last && v->type == JSON_NULL))
				return odd("labels", err);
			if (v->type == JSON_STRING)
				m->labels[m->class_n] = mem_copy(v->text.s, v->text.len);
			m->class_n++;
		}
	return 0;
}

static int take_head(struct model *m, const struct json *head, size_t *features, struct buf *err)
{
	const struct json *kind = json_member(head, "jtools");

	if (!kind || !str_is(kind->text, KIND))
		return odd("it does not begin with \"jtools\":\"" KIND "\"", err);
	if (take_stamp(m, head, err) < 0 ||
		take_count(head, "features", MODEL_FEATURES_MAX, features, err) < 0 ||
		take_count(head, "held_out", MODEL_FILE_MAX, &m->held_out, err) < 0 ||
		take_number(head, "slope", 0, 1000, &m->slope, err) < 0 ||
		take_number(head, "none", -1000, 1000, &m->none, err) < 0 ||
		take_number(head, "threshold", 0, 1, &m->threshold, err) < 0 ||
		take_number(head, "precision", 0, 1, &m->precision, err) < 0 ||
		take_number(head, "accuracy", 0, 1, &m->accuracy, err) < 0 ||
		take_number(head, "calibration_error", 0, 1, &m->calibration_error, err) < 0)
		return -1;
	return take_labels(m, json_member(head, "labels"), err);
}

static uint32_t get_u32(struct str *from)
{
	const unsigned char *b = (const unsigned char *)from->s;
	uint32_t n = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;

	from->s += 4;
	from->len -= 4;
	return n;
}

/* false: below min, too large, or no number. */
static bool get_float(struct str *from, float min, float *to)
{
	uint32_t bits = get_u32(from);

	memcpy(to, &bits, sizeof(*to));
	return *to >= min && *to <= FLOAT_MAX;
}

/* `from` holds exactly the numbers of so many features. */
static int take_features(struct model *m, size_t n, struct str *from, struct buf *err)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t key = get_u32(from);
		float idf, scale;

		key |= (uint64_t)get_u32(from) << 32;
		if (!get_float(from, 1, &idf) || !get_float(from, 0, &scale) ||
			!lexicon_add(&m->lexicon, key, idf, scale))
			return odd("a feature", err);
	}
	model_room(m);
	return 0;
}

static int take_numbers(struct model *m, size_t n, struct str from, struct buf *err)
{
	if (from.len != n * (16 + m->class_n) + 4 * m->class_n)
		return odd("it is cut off, or longer than it says", err);
	if (take_features(m, n, &from, err) < 0)
		return -1;
	for (size_t i = 0; i < m->class_n; i++)
		if (!get_float(&from, -FLOAT_MAX, &m->bias[i]))
			return odd("a bias", err);
	for (size_t i = 0; i < n; i++)
		memcpy(m->weights + i * m->stride, from.s + i * m->class_n, m->class_n);
	model_settle(m);
	return 0;
}

struct model *model_parse(struct str bytes, struct buf *err)
{
	const char *lf =
		bytes.len ? memchr(bytes.s, '\n', bytes.len < HEAD_MAX ? bytes.len : HEAD_MAX)
			  : NULL;
	struct json_doc doc = JSON_DOC_INIT;
	struct model *m = mem_zero(1, sizeof(*m));
	struct buf why = BUF_INIT;
	size_t features, head = lf ? (size_t)(lf - bytes.s) : 0;
	int status = -1;

	if (!lf || json_parse(&doc, (struct str){bytes.s, head}, false, &why) < 0)
		odd("its first line is no JSON", err);
	else if (take_head(m, doc.v, &features, err) == 0)
		status = take_numbers(m, features, (struct str){lf + 1, bytes.len - head - 1}, err);
	json_release(&doc);
	buf_release(&why);
	if (status == 0)
		return m;
	model_free(m);
	return NULL;
}

static int read_bytes(const char *path, struct buf *all, struct buf *err)
{
	struct input in;
	int64_t n = 1;

	if (input_open(&in, path, err) < 0)
		return -1;
	while (n > 0 && all->len <= MODEL_FILE_MAX) {
		buf_room(all, INPUT_HEAD);
		n = input_read(&in, all->s + all->len, INPUT_HEAD, err);
		all->len += n > 0 ? (size_t)n : 0;
	}
	input_close(&in);
	if (n > 0)
		buf_printf(err, "%s: no model: it is too large", path);
	return n == 0 ? 0 : -1;
}

static void digest_of(struct str bytes, unsigned char out[HASH_SIZE])
{
	struct hash *h = hash_new();

	hash_begin(h);
	hash_add(h, bytes.s, bytes.len);
	hash_end(h, out);
	hash_free(h);
}

/* The digest that the bytes end with is taken off them. */
static bool is_whole(struct str *bytes)
{
	unsigned char digest[HASH_SIZE];

	if (bytes->len < HASH_SIZE)
		return false;
	bytes->len -= HASH_SIZE;
	digest_of(*bytes, digest);
	return memcmp(digest, bytes->s + bytes->len, HASH_SIZE) == 0;
}

struct model *model_read(const char *path, struct buf *err)
{
	struct buf all = BUF_INIT;
	struct model *m = NULL;
	struct str bytes;

	if (read_bytes(path, &all, err) < 0)
		goto out;
	bytes = buf_str(&all);
	if (is_whole(&bytes)) {
		buf_printf(err, "%s: ", path);
		m = model_parse(bytes, err);
		if (m)
			buf_clear(err);
	} else {
		buf_printf(err, "%s: no model, or a damaged one", path);
	}
out:
	buf_release(&all);
	return m;
}

void model_seal(struct buf *bytes)
{
	unsigned char digest[HASH_SIZE];

	digest_of(buf_str(bytes), digest);
	buf_add(bytes, digest, HASH_SIZE);
}
