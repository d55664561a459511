/* Heads and proofs as text: written and read again, refused where a member is off, and verified. */
#include "core/proof.h"
#include "unit.h"

#define RECORDS 7

/* What a text may hold that JSON writes in another way, or not at all. */
static const char *const said[RECORDS] = {"plain", "\\\"quoted\\\" \\\\ \\/",
	"\\u0000\\u001f\\n\\ud83d\\ude00", "\xc3\xa9 \xf0\x9f\x98\x80 \xe2\x80\xa8 \x7f",
	"</script>&amp;", "1.10 1e400", ""};

static struct hash *h;
static struct buf records[RECORDS];
static unsigned char salts[RECORDS][PROOF_SALT_MAX], leaves[RECORDS][HASH_SIZE];

static size_t salt_len(size_t i)
{
	return i == 0 ? PROOF_SALT_MIN : i == 1 ? PROOF_SALT_MAX : 32;
}

static void make_log(void)
{
	for (size_t i = 0; i < RECORDS; i++) {
		struct buf prefix = BUF_INIT;

		buf_printf(&prefix,
			"{\"sequence\":\"%012zu\",\"recordedtime\":\"2026-03-06T11:50:00.000Z\",",
			i + 1);
		buf_printf(&records[i], "\"id\":\"%zu\",\"data\":{\"text\":\"%s\",\"n\":1.10}}", i,
			said[i]);
		for (size_t k = 0; k < sizeof(salts[i]); k++)
			salts[i][k] = (unsigned char)(k * 7 + i);
		merkle_leaf(h, salts[i], salt_len(i), buf_str(&prefix), buf_str(&records[i]),
			leaves[i]);
		buf_put(&prefix, buf_str(&records[i]));
		buf_release(&records[i]);
		records[i] = prefix;
	}
}

static int get(void *of, int level, uint64_t index, unsigned char *out, struct buf *err)
{
	(void)of, (void)err;
	if (level)
		return 1;
	memcpy(out, leaves[index], HASH_SIZE);
	return 0;
}

static const struct merkle_source source = {NULL, get};

static struct proof_head head_of(uint64_t size)
{
	struct proof_head head = {.size = size};
	struct buf err = BUF_INIT;
	struct merkle m;

	CHECK(merkle_at(&m, h, &source, size, &err) == 0);
	merkle_root(&m, h, head.root);
	buf_release(&err);
	return head;
}

static void put_inclusion(struct buf *out, size_t index, uint64_t size, bool erased)
{
	struct buf err = BUF_INIT;
	struct proof p;

	proof_init(&p);
	p.type = PROOF_INCLUSION;
	p.head = head_of(size);
	p.sequence = index + 1;
	p.erased = erased;
	memcpy(p.leaf, leaves[index], HASH_SIZE);
	buf_add(&p.salt, salts[index], salt_len(index));
	buf_put(&p.record, buf_str(&records[index]));
	CHECK(merkle_inclusion(&p.path, h, &source, index, size, &err) == 0);
	proof_write(out, &p);
	proof_release(&p);
	buf_release(&err);
}

static void put_consistency(struct buf *out, uint64_t size1, uint64_t size2)
{
	struct buf err = BUF_INIT;
	struct proof p;

	proof_init(&p);
	p.type = PROOF_CONSISTENCY;
	p.first = head_of(size1);
	p.head = head_of(size2);
	CHECK(merkle_consistency(&p.path, h, &source, size1, size2, &err) == 0);
	proof_write(out, &p);
	proof_release(&p);
	buf_release(&err);
}

/* The check's status, and that exactly that speaks which should: what it says contains `words`. */
static int check(struct str text, const struct proof_head *head, const char *words)
{
	struct buf verdict = BUF_INIT, err = BUF_INIT;
	int status = proof_check(text, head, &verdict, &err);
	const struct buf *speaks = status < 0 ? &err : &verdict;

	CHECK(speaks->len && verdict.len + err.len == speaks->len);
	if (str_find(buf_str(speaks), str_of(words)) < 0) {
		printf("said: %s\nnot: %s\n", speaks->s, words);
		status = -2;
	}
	buf_release(&verdict);
	buf_release(&err);
	return status;
}

/* Read and written again it is the same line; one line. */
static bool survives(struct str text)
{
	struct buf again = BUF_INIT, err = BUF_INIT;
	struct proof p;
	bool good;

	proof_init(&p);
	good = proof_read(&p, text, &err) == 0 && proof_read(&p, text, &err) == 0;
	proof_write(&again, &p);
	good = good && str_eq(buf_str(&again), text);
	good = good && memchr(text.s, '\n', text.len) == text.s + text.len - 1;
	if (good && p.type == PROOF_INCLUSION && !p.erased)
		good = str_eq(buf_str(&p.record), buf_str(&records[p.sequence - 1]));
	proof_release(&p);
	buf_release(&again);
	buf_release(&err);
	return good;
}

static void test_all(void)
{
	struct buf text = BUF_INIT;
	int wrong = 0;

	for (size_t n = 0; n <= RECORDS; n++) {
		struct proof_head head = head_of(n), other = head_of((n + 1) % (RECORDS + 1));

		for (size_t i = 0; i < 2 * n; i++) {
			buf_clear(&text);
			put_inclusion(&text, i / 2, n, i % 2);
			wrong += !survives(buf_str(&text));
			wrong += check(buf_str(&text), NULL, "is in the log of") != 0;
			wrong += check(buf_str(&text), &head, "is in the log of") != 0;
			wrong += check(buf_str(&text), &other, "the head is of") != 1;
			other.size = n;
			wrong += check(buf_str(&text), &other, "another root") != 1;
			other.size = (n + 1) % (RECORDS + 1);
		}
		for (size_t m = 0; m <= n; m++) {
			struct proof_head first = head_of(m),
					  third = head_of((n + 1) % (RECORDS + 1));

			buf_clear(&text);
			put_consistency(&text, m, n);
			wrong += !survives(buf_str(&text));
			wrong += check(buf_str(&text), NULL, "begins with the log of") != 0;
			wrong += check(buf_str(&text), &head, "begins with the log of") != 0;
			wrong += check(buf_str(&text), &first, "begins with the log of") != 0;
			if (third.size != m)
				wrong += check(buf_str(&text), &third, "the head is of") != 1;
			first.root[5] ^= 1;
			wrong += check(buf_str(&text), &first, "another root") != 1;
		}
	}
	CHECK(wrong == 0);
	buf_release(&text);
}

/* The first `old` of a text as `other`. */
static struct buf with(struct str text, const char *old, const char *other)
{
	struct buf out = BUF_INIT;
	ptrdiff_t at = str_find(text, str_of(old));
	size_t end = (size_t)at + strlen(old);

	CHECK(at >= 0);
	buf_add(&out, text.s, (size_t)at);
	buf_puts(&out, other);
	buf_add(&out, text.s + end, text.len - end);
	return out;
}

struct change {
	const char *old, *other, *words;
	int status;
};

static void changed(struct str text, const struct change *changes, size_t n)
{
	CHECK(check(text, NULL, "log") == 0);
	for (size_t i = 0; i < n; i++) {
		struct buf other = with(text, changes[i].old, changes[i].other);
		int status = check(buf_str(&other), NULL, changes[i].words);

		if (status != changes[i].status)
			printf("%d: %s", status, other.s);
		CHECK(status == changes[i].status);
		buf_release(&other);
	}
}

#define CHANGED(text, changes) changed(text, changes, sizeof(changes) / sizeof((changes)[0]))

static void test_changed_inclusion(void)
{
	static const struct change changes[] = {
		{"\"format\"", "\"Format\"", "format is missing", -1},
		{"\"jtools-inclusion/1\"", "1", "format is no string", -1},
		{"inclusion/1", "inclusion/2", "no proof: its format is jtools-inclusion/2", -1},
		{"inclusion/1", "head/1", "no proof: its format is jtools-head/1", -1},
		{"\"size\":5,", "", "size is missing", -1}, {":5,", ":-5,", "size is no whole", -1},
		{":5,", ":-0,", "size is no whole", -1}, {":5,", ":5.0,", "size is no whole", -1},
		{":5,", ":5e0,", "size is no whole", -1},
		{":5,", ":\"5\",", "size is no whole", -1},
		{":5,", ":9223372036854775808,", "size is no whole", -1}, {":5,", ":05,", "", -1},
		{":5,", ":2,", "behind the log's end", 1},
		{":5,", ":0,", "behind the log's end", 1}, {":5,", ":9,", "too short", 1},
		{":5,", ":3,", "too long", 1}, {":5,", ":9223372036854775807,", "too short", 1},
		{"\"root\":\"", "\"root\":\"0", "root is no hash", -1},
		{"\"root\":\"", "\"root\":null,\"x\":\"", "unknown member x", -1},
		{"\"root\"", "\"roots\"", "unknown member roots", -1},
		{"\"sequence\":3,", "", "sequence is missing", -1},
		{":3,", ":0,", "sequence is no whole", -1},
		{":3,", ":-3,", "sequence is no whole", -1},
		{":3,", ":true,", "sequence is no whole", -1},
		{":3,", ":4,", "the record is 3, not 4", 1},
		{":3,", ":3,\"sequence\":3,", "sequence stands twice", -1},
		{":3,", ":3,\"leaf\":\"\",", "leaf stands beside", -1},
		{"\"salt\":\"", "\"salt\":\"0", "salt is no string", -1},
		{"\"salt\":\"02", "\"salt\":\"0A", "salt is no string", -1},
		{"\"salt\":\"02", "\"salt\":\"", "another root", 1},
		{"\"salt\":\"02", "\"salt\":\"03", "another root", 1},
		{"\"salt\":\"", "\"salt\":\"\",\"x\":\"", "unknown member x", -1},
		{"\"record\":\"", "\"record\":1,\"y\":\"", "unknown member y", -1},
		{"1.10", "1.1", "another root", 1},
		{"\"record\":\"{", "\"record\":\" {", "no JSON object", 1},
		{"\"record\":\"{", "\"record\":\"", "the record is no JSON", 1},
		{"{\\\"seq", "{\\\"Seq", "begin with sequence", 1},
		{"recordedtime", "Recordedtime", "begin with sequence", 1},
		{"\\\"000000000003\\\"", "3", "begin with sequence", 1},
		{"\\\"000000000003\\\"", "\\\"-03\\\"", "begin with sequence", 1},
		{"\\\"000000000003\\\"", "\\\"3\\\"", "another root", 1},
		{"\\\\n", "\\ud800", "", -1}, {"\\\\n", "\n", "", -1}, {"\\\\n", "\xff", "", -1},
		{"\"path\":[", "\"path\":[1,", "path holds", -1},
		{"\"path\":[", "\"path\":{},\"z\":[", "unknown member z", -1},
		{"\"path\":[\"", "\"path\":[\"\",\"", "path holds", -1}, {"\"]}", "\"]", "", -1},
		{"\"]}", "\"]}}", "", -1}, {"\"]}", "\"]} {}", "", -1}};
	struct buf text = BUF_INIT;

	put_inclusion(&text, 2, 5, false);
	CHANGED(buf_str(&text), changes);
	buf_release(&text);
}

static void test_changed_erased(void)
{
	static const struct change changes[] = {
		{"\"leaf\":\"", "\"leaf\":\"0", "leaf is no hash", -1},
		{"\"leaf\":", "\"leaf\":0,\"record\":", "leaf stands beside", -1},
		{"\"leaf\":", "\"salt\":", "record is missing", -1},
		{"\"leaf\":", "\"record\":", "salt is missing", -1},
		{":3,", ":2,", "another root", 1}, {":3,", ":5,", "too long", 1},
		{":3,", ":6,", "behind the log's end", 1}};
	struct buf text = BUF_INIT;

	put_inclusion(&text, 2, 5, true);
	CHANGED(buf_str(&text), changes);
	buf_release(&text);
}

static void test_changed_consistency(void)
{
	static const struct change changes[] = {{"consistency/1", "consistency/", "no proof", -1},
		{"\"size1\":3,", "", "size1 is missing", -1},
		{"\"size2\":6,", "", "size2 is missing", -1},
		{"\"size2\"", "\"size\"", "unknown member size", -1},
		{":3,", ":-3,", "size1 is no whole", -1},
		{":6,", ":null,", "size2 is no whole", -1},
		{"\"root1\":\"", "\"root1\":\"g", "root1 is no hash", -1},
		{"\"root2\":\"", "\"root2\":\"00", "root2 is no hash", -1},
		{"\"root1\"", "\"root2\"", "root2 stands twice", -1},
		{":3,", ":7,", "the first tree is the larger one", 1},
		{":3,", ":6,", "too long", 1}, {":3,", ":0,", "too long", 1}, {":3,", ":2,", "", 1},
		{":6,", ":3,", "too long", 1},
		{"\"path\":[", "\"path\":[],\"p\":[", "unknown member p", -1},
		{"\"path\":[", "\"path\":\"\"}", "", -1}};
	struct buf text = BUF_INIT;

	put_consistency(&text, 3, 6);
	CHANGED(buf_str(&text), changes);
	buf_release(&text);
}

/* Bytes of the record told as the salt's: the leaf is the same. */
static void test_border(void)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	struct proof p;

	proof_init(&p);
	put_inclusion(&text, 2, 5, false);
	CHECK(proof_read(&p, buf_str(&text), &why) == 0);
	for (size_t i = 0; i < 32; i++) {
		buf_byte(&p.salt, p.record.s[0]);
		buf_drop(&p.record, 1);
		CHECK(proof_verify(&p, NULL, &why) == 1);
		CHECK(str_starts(buf_str(&why), STR("the record is no JSON")));
		buf_clear(&why);
	}
	proof_release(&p);
	buf_release(&text);
	buf_release(&why);
}

static void test_head(void)
{
	static const struct change changes[] = {{"head/1", "inclusion/1", "no head", -1},
		{"\"format\":\"jtools-head/1\",", "", "format is missing", -1},
		{"\"size\":5,", "", "size is missing", -1},
		{":5,", ":5.5,", "size is no whole", -1},
		{"\"root\":\"", "\"root\":\"ff", "root is no hash", -1},
		{"\"root\":", "\"path\":[],\"root\":", "unknown member path", -1},
		{"\"size\":5,", "\"size\":5,\"size\":5,", "size stands twice", -1},
		{"{\"format\"", "[\"format\"", "", -1}, {"{\"", "[]{\"", "", -1}};
	struct buf text = BUF_INIT, again = BUF_INIT, err = BUF_INIT;
	struct proof_head head = head_of(5), read;

	proof_head_write(&text, &head);
	CHECK(proof_head_read(&read, buf_str(&text), &err) == 0);
	proof_head_write(&again, &read);
	CHECK(str_eq(buf_str(&text), buf_str(&again)));
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct buf other = with(buf_str(&text), changes[i].old, changes[i].other);

		buf_clear(&err);
		CHECK(proof_head_read(&read, buf_str(&other), &err) < 0);
		CHECK(str_find(buf_str(&err), str_of(changes[i].words)) >= 0 && err.len);
		buf_release(&other);
	}
	CHECK(check(STR(""), NULL, "") == -1);
	CHECK(check(STR("[]"), NULL, "no JSON object") == -1);
	CHECK(check(buf_str(&text), NULL, "no proof: its format is jtools-head/1") == -1);
	buf_release(&text);
	buf_release(&again);
	buf_release(&err);
}

static void test_long_path(void)
{
	struct buf text = BUF_INIT, hash = BUF_INIT, other;
	int statuses[2];

	put_inclusion(&text, 0, 1, true);
	for (int i = 0; i < 64; i++) {
		buf_puts(&hash, hash.len ? ",\"" : "[\"");
		hash_hex(&hash, leaves[0], HASH_SIZE);
		buf_byte(&hash, '"');
	}
	other = with(buf_str(&text), "[", hash.s);
	statuses[0] = check(buf_str(&other), NULL, "the path is too long");
	buf_release(&other);
	buf_puts(&hash, ",\"\"");
	other = with(buf_str(&text), "[", hash.s);
	statuses[1] = check(buf_str(&other), NULL, "longer than that of any log");
	CHECK(statuses[0] == 1 && statuses[1] == -1);
	buf_release(&other);
	buf_release(&hash);
	buf_release(&text);
}

/* No digit of a proof can be another one, nor any letter of its record another letter. */
static void test_every_byte(void)
{
	struct buf text = BUF_INIT, verdict = BUF_INIT;
	struct proof_head head = head_of(6);
	int held = 0;

	for (int kind = 0; kind < 3; kind++) {
		buf_clear(&text);
		if (kind < 2)
			put_inclusion(&text, 3, 6, kind);
		else
			put_consistency(&text, 3, 6);
		for (size_t i = 0; i + 1 < text.len; i++) {
			char was = text.s[i];

			text.s[i] = was == '0' ? '1' : was == 'a' ? 'b' : (char)(was ^ 1);
			held += proof_check(buf_str(&text), &head, &verdict, &verdict) == 0;
			text.s[i] = was;
		}
		CHECK(proof_check(buf_str(&text), &head, &verdict, &verdict) == 0);
	}
	CHECK(held == 0);
	buf_release(&text);
	buf_release(&verdict);
}

int main(void)
{
	h = hash_new();
	make_log();
	test_all();
	test_changed_inclusion();
	test_changed_erased();
	test_changed_consistency();
	test_border();
	test_head();
	test_long_path();
	test_every_byte();
	for (size_t i = 0; i < RECORDS; i++)
		buf_release(&records[i]);
	hash_free(h);
	return unit_end();
}
