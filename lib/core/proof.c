#include "core/proof.h"
#include "base/text.h"
#include "io/json.h"

#define HEAD "jtools-head/1"
#define INCLUSION "jtools-inclusion/1"
#define CONSISTENCY "jtools-consistency/1"

/* The members of each format; NULL ends them. */
static const char *const head_members[] = {"format", "size", "root", NULL};
static const char *const inclusion_members[] = {
	"format", "size", "root", "sequence", "salt", "record", "leaf", "path", NULL};
static const char *const consistency_members[] = {
	"format", "size1", "root1", "size2", "root2", "path", NULL};

void proof_init(struct proof *p)
{
	memset(p, 0, sizeof(*p));
	buf_init(&p->salt);
	buf_init(&p->record);
}

void proof_release(struct proof *p)
{
	buf_release(&p->salt);
	buf_release(&p->record);
}

static void put_size(struct buf *out, const char *name, uint64_t n)
{
	json_put_key(out, name);
	buf_printf(out, "%llu", (unsigned long long)n);
}

static void put_hex(struct buf *out, const char *name, const void *bytes, size_t n)
{
	json_put_key(out, name);
	buf_byte(out, '"');
	hash_hex(out, bytes, n);
	buf_byte(out, '"');
}

static void put_path(struct buf *out, const struct merkle_path *path)
{
	json_put_key(out, "path");
	buf_byte(out, '[');
	for (size_t i = 0; i < path->n; i++) {
		buf_puts(out, i ? ",\"" : "\"");
		hash_hex(out, path->hash[i], HASH_SIZE);
		buf_byte(out, '"');
	}
	buf_puts(out, "]}\n");
}

void proof_head_write(struct buf *out, const struct proof_head *head)
{
	buf_byte(out, '{');
	json_put_text(out, "format", STR(HEAD));
	put_size(out, "size", head->size);
	put_hex(out, "root", head->root, HASH_SIZE);
	buf_puts(out, "}\n");
}

static void write_inclusion(struct buf *out, const struct proof *p)
{
	json_put_text(out, "format", STR(INCLUSION));
	put_size(out, "size", p->head.size);
	put_hex(out, "root", p->head.root, HASH_SIZE);
	put_size(out, "sequence", p->sequence);
	if (p->erased) {
		put_hex(out, "leaf", p->leaf, HASH_SIZE);
	} else {
		put_hex(out, "salt", p->salt.s, p->salt.len);
		json_put_text(out, "record", buf_str(&p->record));
	}
}

static void write_consistency(struct buf *out, const struct proof *p)
{
	json_put_text(out, "format", STR(CONSISTENCY));
	put_size(out, "size1", p->first.size);
	put_hex(out, "root1", p->first.root, HASH_SIZE);
	put_size(out, "size2", p->head.size);
	put_hex(out, "root2", p->head.root, HASH_SIZE);
}

void proof_write(struct buf *out, const struct proof *p)
{
	buf_byte(out, '{');
	if (p->type == PROOF_INCLUSION)
		write_inclusion(out, p);
	else
		write_consistency(out, p);
	put_path(out, &p->path);
}

static int refuse(struct buf *err, const char *name, const char *why)
{
	buf_printf(err, "%s %s", name, why);
	return -1;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What a text says, in a message. */
static void quote(struct buf *err, struct str s)
{
	text_plain(err, text_cut(s, 60));
}

/* Appends the bytes; false where s is no lower-case hexadecimal of whole bytes. */
static bool get_hex(struct buf *out, struct str s)
{
	if (s.len % 2)
		return false;
	for (size_t i = 0; i < s.len; i += 2) {
		int high = digit(s.s[i]), low = digit(s.s[i + 1]);

		if (high < 0 || low < 0)
			return false;
		buf_byte(out, (char)(high << 4 | low));
	}
	return true;
}

static bool get_hash(unsigned char out[HASH_SIZE], const struct json *v)
{
	struct buf bytes = BUF_INIT;
	bool good = json_is_string(v) && v->text.len == 2 * (size_t)HASH_SIZE &&
		    get_hex(&bytes, v->text);

	if (good)
		memcpy(out, bytes.s, HASH_SIZE);
	buf_release(&bytes);
	return good;
}

static int want_hash(
	unsigned char out[HASH_SIZE], const struct json *of, const char *name, struct buf *err)
{
	const struct json *v = json_member(of, name);

	if (!v)
		return refuse(err, name, "is missing");
	return get_hash(out, v) ? 0 : refuse(err, name, "is no hash of 64 lower-case hex digits");
}

static int want_number(
	uint64_t *out, const struct json *of, const char *name, int64_t least, struct buf *err)
{
	const struct json *v = json_member(of, name);
	int64_t n;

	if (!v)
		return refuse(err, name, "is missing");
	if (v->type != JSON_NUMBER || v->raw.s[0] == '-' || !str_int(v->raw, &n) || n < least) {
		buf_printf(err, "%s is no whole number from %d to 2^63-1", name, (int)least);
		return -1;
	}
	*out = (uint64_t)n;
	return 0;
}

static int want_path(struct merkle_path *path, const struct json *of, struct buf *err)
{
	const struct json *array = json_member(of, "path");

	path->n = 0;
	if (!array)
		return refuse(err, "path", "is missing");
	if (array->type != JSON_ARRAY)
		return refuse(err, "path", "is no array");
	if (array->count > sizeof(path->hash) / HASH_SIZE)
		return refuse(err, "path", "is longer than that of any log");
	for
		JSON_EACH(v, array)
	if (!get_hash(path->hash[path->n++], v))
		return refuse(err, "path", "holds what is no hash of 64 lower-case hex digits");
	return 0;
}

/* Every member once, and none but those. */
static int only_members(const struct json *of, const char *const *names, struct buf *err)
{
	const struct json *odd = json_repeated(of);

	if (odd) {
		quote(err, odd->key);
		buf_puts(err, " stands twice");
		return -1;
	}
	for
		JSON_EACH(v, of)
		{
			size_t i = 0;

			while (names[i] && !str_is(v->key, names[i]))
				i++;
			if (names[i])
				continue;
			buf_puts(err, "unknown member ");
			quote(err, v->key);
			return -1;
		}
	return 0;
}

/* The format's name, or NULL and a reason. */
static const struct json *format_of(const struct json *root, struct buf *err)
{
	const struct json *format = json_member(root, "format");

	if (root->type != JSON_OBJECT)
		refuse(err, "the text", "is no JSON object");
	else if (!format)
		refuse(err, "format", "is missing");
	else if (!json_is_string(format))
		refuse(err, "format", "is no string");
	else
		return format;
	return NULL;
}

static int unknown(const struct json *format, const char *what, struct buf *err)
{
	buf_printf(err, "no %s: its format is ", what);
	quote(err, format->text);
	return -1;
}

static int get_head(struct proof_head *head, const struct json *root, struct buf *err)
{
	const struct json *format = format_of(root, err);

	if (!format)
		return -1;
	if (!str_is(format->text, HEAD))
		return unknown(format, "head", err);
	if (only_members(root, head_members, err) < 0 ||
		want_number(&head->size, root, "size", 0, err) < 0 ||
		want_hash(head->root, root, "root", err) < 0)
		return -1;
	return 0;
}

int proof_head_read(struct proof_head *head, struct str text, struct buf *err)
{
	struct json_doc doc = JSON_DOC_INIT;
	int status = json_parse(&doc, text, false, err);

	if (status == 0)
		status = get_head(head, doc.v, err);
	json_release(&doc);
	return status;
}

static int get_record(struct proof *p, const struct json *root, struct buf *err)
{
	const struct json *salt = json_member(root, "salt"), *record = json_member(root, "record");

	if (!salt || !record)
		return refuse(err, salt ? "record" : "salt", "is missing");
	if (!json_is_string(salt) || !get_hex(&p->salt, salt->text))
		return refuse(err, "salt", "is no string of lower-case hex digits, two a byte");
	if (p->salt.len < PROOF_SALT_MIN || p->salt.len > PROOF_SALT_MAX) {
		buf_printf(err, "salt has %zu bytes, not %d to %d", p->salt.len, PROOF_SALT_MIN,
			PROOF_SALT_MAX);
		return -1;
	}
	if (!json_is_string(record))
		return refuse(err, "record", "is no string");
	buf_put(&p->record, record->text);
	return 0;
}

static int get_inclusion(struct proof *p, const struct json *root, struct buf *err)
{
	p->type = PROOF_INCLUSION;
	p->erased = json_member(root, "leaf") != NULL;
	if (only_members(root, inclusion_members, err) < 0 ||
		want_number(&p->head.size, root, "size", 0, err) < 0 ||
		want_hash(p->head.root, root, "root", err) < 0 ||
		want_number(&p->sequence, root, "sequence", 1, err) < 0 ||
		want_path(&p->path, root, err) < 0)
		return -1;
	if (!p->erased)
		return get_record(p, root, err);
	if (json_member(root, "salt") || json_member(root, "record"))
		return refuse(err, "leaf", "stands beside what it stands for");
	return want_hash(p->leaf, root, "leaf", err);
}

static int get_consistency(struct proof *p, const struct json *root, struct buf *err)
{
	p->type = PROOF_CONSISTENCY;
	if (only_members(root, consistency_members, err) < 0 ||
		want_number(&p->first.size, root, "size1", 0, err) < 0 ||
		want_hash(p->first.root, root, "root1", err) < 0 ||
		want_number(&p->head.size, root, "size2", 0, err) < 0 ||
		want_hash(p->head.root, root, "root2", err) < 0 ||
		want_path(&p->path, root, err) < 0)
		return -1;
	return 0;
}

static int get_proof(struct proof *p, const struct json *root, struct buf *err)
{
	const struct json *format = format_of(root, err);

	buf_clear(&p->salt);
	buf_clear(&p->record);
	if (!format)
		return -1;
	if (str_is(format->text, INCLUSION))
		return get_inclusion(p, root, err);
	if (str_is(format->text, CONSISTENCY))
		return get_consistency(p, root, err);
	return unknown(format, "proof", err);
}

int proof_read(struct proof *p, struct str text, struct buf *err)
{
	struct json_doc doc = JSON_DOC_INIT;
	int status = json_parse(&doc, text, false, err);

	if (status == 0)
		status = get_proof(p, doc.v, err);
	json_release(&doc);
	return status;
}

static bool same_head(const struct proof_head *a, const struct proof_head *b)
{
	return a->size == b->size && memcmp(a->root, b->root, HASH_SIZE) == 0;
}

static int no(struct buf *verdict, const char *why)
{
	buf_puts(verdict, why);
	return 1;
}

/* Whether the proof is of the log that was kept. */
static int fits_head(const struct proof *p, const struct proof_head *head, struct buf *verdict)
{
	bool two = p->type == PROOF_CONSISTENCY;

	if (!head || same_head(&p->head, head) || (two && same_head(&p->first, head)))
		return 0;
	if (p->head.size == head->size || (two && p->first.size == head->size))
		return no(verdict, "the head has another root");
	buf_printf(verdict, "the head is of %llu records, the proof of ",
		(unsigned long long)head->size);
	if (two)
		buf_printf(verdict, "%llu and ", (unsigned long long)p->first.size);
	buf_printf(verdict, "%llu", (unsigned long long)p->head.size);
	return 1;
}

/*
 * The record says itself which one it is. That it is a JSON object without white space before it
 * also settles where the salt ends: no end of such a text is one.
 */
static int names_itself(const struct json *record, uint64_t sequence, struct buf *verdict)
{
	const struct json *first = json_first(record),
			  *second = first ? json_after(record, first) : NULL;
	int64_t n;

	if (!first || !second || !json_is_string(first) || !json_is_string(second) ||
		!str_is(first->key, "sequence") || !str_is(second->key, "recordedtime") ||
		!str_int(first->text, &n) || n < 0)
		return no(verdict, "the record does not begin with sequence and recordedtime");
	if ((uint64_t)n == sequence)
		return 0;
	buf_printf(verdict, "the record is %lld, not %llu", (long long)n,
		(unsigned long long)sequence);
	return 1;
}

static int right_record(const struct proof *p, struct buf *verdict)
{
	struct json_doc doc = JSON_DOC_INIT;
	struct buf why = BUF_INIT;
	int status;

	if (json_parse(&doc, buf_str(&p->record), false, &why) < 0) {
		buf_printf(verdict, "the record is no JSON: %s", why.s);
		status = 1;
	} else if (doc.v->type != JSON_OBJECT || p->record.s[0] != '{') {
		status = no(verdict, "the record is no JSON object");
	} else {
		status = names_itself(doc.v, p->sequence, verdict);
	}
	buf_release(&why);
	json_release(&doc);
	return status;
}

static int verify_inclusion(const struct proof *p, struct hash *h, struct buf *verdict)
{
	unsigned char leaf[HASH_SIZE];

	if (p->sequence > p->head.size)
		return no(verdict, "the record comes behind the log's end");
	if (p->erased)
		memcpy(leaf, p->leaf, HASH_SIZE);
	else if (right_record(p, verdict) != 0)
		return 1;
	else
		merkle_leaf(h, p->salt.s, p->salt.len, STR(""), buf_str(&p->record), leaf);
	if (merkle_check_inclusion(
		    h, p->sequence - 1, p->head.size, leaf, &p->path, p->head.root, verdict) != 0)
		return 1;
	buf_printf(verdict, "%s %llu is in the log of %llu records",
		p->erased ? "the hash of the erased record" : "record",
		(unsigned long long)p->sequence, (unsigned long long)p->head.size);
	return 0;
}

static int verify_consistency(const struct proof *p, struct hash *h, struct buf *verdict)
{
	if (merkle_check_consistency(h, p->first.size, p->head.size, &p->path, p->first.root,
		    p->head.root, verdict) != 0)
		return 1;
	buf_printf(verdict, "the log of %llu records begins with the log of %llu",
		(unsigned long long)p->head.size, (unsigned long long)p->first.size);
	return 0;
}

int proof_verify(const struct proof *p, const struct proof_head *head, struct buf *verdict)
{
	struct hash *h;
	int status = fits_head(p, head, verdict);

	if (status != 0)
		return status;
	h = hash_new();
	status = p->type == PROOF_INCLUSION ? verify_inclusion(p, h, verdict)
					    : verify_consistency(p, h, verdict);
	hash_free(h);
	return status;
}

int proof_check(
	struct str text, const struct proof_head *head, struct buf *verdict, struct buf *err)
{
	struct proof p;
	int status;

	proof_init(&p);
	status = proof_read(&p, text, err);
	if (status == 0)
		status = proof_verify(&p, head, verdict);
	proof_release(&p);
	return status;
}
