/* libcrypto's newer interface allocates for each digest, which costs more than a short one. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"
#include "base/die.h"
#include "base/mem.h"

#include <endian.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdlib.h>

#define GATHER 1024 /* bytes of parts that are hashed at one go */

struct hash {
	SHA256_CTX ctx;
	unsigned char gathered[GATHER];
	size_t gathered_n;
};

struct hash *hash_new(void)
{
	return mem_zero(1, sizeof(struct hash));
}

void hash_free(struct hash *h)
{
	free(h);
}

void hash_begin(struct hash *h)
{
	if (SHA256_Init(&h->ctx) != 1)
		BUG("SHA-256 did not start");
	h->gathered_n = 0;
}

static void update(struct hash *h, const void *p, size_t len)
{
	if (len && SHA256_Update(&h->ctx, p, len) != 1)
		BUG("SHA-256 failed");
}

/* A digest of many short parts costs more by the call than by the byte. */
void hash_add(struct hash *h, const void *p, size_t len)
{
	if (len > GATHER - h->gathered_n) {
		update(h, h->gathered, h->gathered_n);
		h->gathered_n = 0;
	}
	if (len > GATHER) {
		update(h, p, len);
	} else if (len) {
		memcpy(h->gathered + h->gathered_n, p, len);
		h->gathered_n += len;
	}
}

static void put_size(unsigned char size[8], size_t len)
{
	uint64_t big = htobe64(len);

	memcpy(size, &big, sizeof(big));
}

void hash_add_part(struct hash *h, struct str part)
{
	unsigned char size[8];

	put_size(size, part.len);
	if (part.len > GATHER || h->gathered_n + sizeof(size) + part.len > GATHER) {
		hash_add(h, size, sizeof(size));
		hash_add(h, part.s, part.len);
		return;
	}
	memcpy(h->gathered + h->gathered_n, size, sizeof(size));
	if (part.len)
		memcpy(h->gathered + h->gathered_n + sizeof(size), part.s, part.len);
	h->gathered_n += sizeof(size) + part.len;
}

void hash_add_int(struct hash *h, int64_t n)
{
	struct buf b = BUF_INIT;

	buf_int(&b, n);
	hash_add_part(h, buf_str(&b));
	buf_release(&b);
}

void hash_end(struct hash *h, unsigned char out[HASH_SIZE])
{
	update(h, h->gathered, h->gathered_n);
	h->gathered_n = 0;
	if (SHA256_Final(out, &h->ctx) != 1)
		BUG("SHA-256 failed");
}

struct mac {
	EVP_MAC_CTX *ctx;
};

struct mac *mac_new(struct str key)
{
	struct mac *m = mem_zero(1, sizeof(*m));
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end()};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	m->ctx = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
	EVP_MAC_free(hmac);
	if (!m->ctx || EVP_MAC_init(m->ctx, (const unsigned char *)key.s, key.len, params) != 1)
		BUG("HMAC did not start");
	return m;
}

void mac_free(struct mac *m)
{
	if (m)
		EVP_MAC_CTX_free(m->ctx);
	free(m);
}

static bool mac_part(struct mac *m, struct str part)
{
	unsigned char size[8];

	put_size(size, part.len);
	return EVP_MAC_update(m->ctx, size, sizeof(size)) == 1 &&
	       (!part.len || EVP_MAC_update(m->ctx, (const unsigned char *)part.s, part.len) == 1);
}

void mac_pair(struct mac *m, struct str a, struct str b, unsigned char out[HASH_SIZE])
{
	size_t n = 0;

	/* The key stays from the beginning. */
	if (EVP_MAC_init(m->ctx, NULL, 0, NULL) != 1 || !mac_part(m, a) || !mac_part(m, b) ||
		EVP_MAC_final(m->ctx, out, &n, HASH_SIZE) != 1 || n != HASH_SIZE)
		BUG("HMAC failed");
}

void hash_hex(struct buf *out, const unsigned char *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	char *to;

	buf_room(out, 2 * n);
	to = out->s + out->len;
	for (size_t i = 0; i < n; i++) {
		*to++ = hex[p[i] >> 4];
		*to++ = hex[p[i] & 15];
	}
	*to = '\0';
	out->len += 2 * n;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hash_unhex(struct str s, unsigned char *out, size_t n)
{
	if (s.len != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = digit(s.s[2 * i]), low = digit(s.s[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

void random_bytes(void *out, size_t n)
{
	if (RAND_bytes(out, (int)n) != 1)
		BUG("libcrypto has no random bytes");
}

void base64_put(struct buf *out, struct str s)
{
	buf_room(out, (s.len + 2) / 3 * 4 + 1);
	out->len += (size_t)EVP_EncodeBlock(
		(unsigned char *)out->s + out->len, (const unsigned char *)s.s, (int)s.len);
}

static int digit64(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool base64url_read(struct buf *out, struct str s)
{
	size_t before = out->len;
	uint32_t bits = 0;
	int have = 0, digit = 0;

	while (s.len && s.s[s.len - 1] == '=')
		s.len--;
	for (size_t i = 0; i < s.len && (digit = digit64(s.s[i])) >= 0; i++) {
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_byte(out, (char)(bits >> have & 0xff));
		}
	}
	/* What is left are zeros, and less than a digit. */
	if (digit >= 0 && have < 6 && (bits & ((1u << have) - 1)) == 0)
		return true;
	buf_cut(out, before);
	return false;
}
