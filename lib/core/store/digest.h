/*
 * Digests of names by the secret of a file: whoever has the file alone can tell a name again, and
 * nobody can tell it from a digest without trying names.
 */
#ifndef CORE_STORE_DIGEST_H
#define CORE_STORE_DIGEST_H

#include "base/hash.h"
#include "core/store/cache.h"

#define SECRET_SIZE 32

/* What one thread makes digests with. */
struct digester {
	struct hash *hash;
	struct buf text; /* begins with the secret */
};

void digester_init(struct digester *d, const unsigned char secret[SECRET_SIZE]);
void digester_release(struct digester *d);
/* The first 16 bytes of SHA-256 over the secret and each part with its length before it. */
struct cache_key digest(struct digester *d, const struct str *parts, size_t n);

#endif
