/* SHA-256 (FIPS 180-4), HMAC (RFC 2104) and base64 (RFC 4648) by libcrypto. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/buf.h"

#define HASH_SIZE 32

struct hash; /* a running digest, reused */

struct hash *hash_new(void);
void hash_free(struct hash *h);
void hash_begin(struct hash *h);
void hash_add(struct hash *h, const void *p, size_t len);
/* Adds the length as eight bytes, then the bytes: parts cannot run into one another. */
void hash_add_part(struct hash *h, struct str part);
void hash_add_int(struct hash *h, int64_t n); /* the part that is its decimal text */
void hash_end(struct hash *h, unsigned char out[HASH_SIZE]);

struct mac; /* HMAC-SHA-256 with one key, reused */

struct mac *mac_new(struct str key);
void mac_free(struct mac *m); /* NULL is allowed */
/* Of two parts that cannot run into one another, as hash_add_part has them. */
void mac_pair(struct mac *m, struct str a, struct str b, unsigned char out[HASH_SIZE]);

/* Lower-case hexadecimal of the first n bytes. */
void hash_hex(struct buf *out, const unsigned char *p, size_t n);
/* Reads 2n hexadecimal digits; false where s is anything else. */
bool hash_unhex(struct str s, unsigned char *out, size_t n);
/* Bytes that nobody can foretell. */
void random_bytes(void *out, size_t n);

/* Appends s in base64 with padding. */
void base64_put(struct buf *out, struct str s);
/* Appends what s is the base64url of (RFC 4648, 5), with padding or without; false, and nothing
 * appended, where it is none. */
bool base64url_read(struct buf *out, struct str s);

#endif
