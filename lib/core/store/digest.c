#include "core/store/digest.h"

#include <endian.h>

void digester_init(struct digester *d, const unsigned char secret[SECRET_SIZE])
{
	d->hash = hash_new();
	buf_init(&d->text);
	buf_add(&d->text, secret, SECRET_SIZE);
}

void digester_release(struct digester *d)
{
	hash_free(d->hash);
	buf_release(&d->text);
	d->hash = NULL;
}

struct cache_key digest(struct digester *d, const struct str *parts, size_t n)
{
	unsigned char out[HASH_SIZE];
	struct cache_key key;

	buf_cut(&d->text, SECRET_SIZE);
	for (size_t i = 0; i < n; i++) {
		uint64_t len = htobe64((uint64_t)parts[i].len);

		buf_add(&d->text, &len, sizeof(len));
		buf_put(&d->text, parts[i]);
	}
	hash_begin(d->hash);
	hash_add(d->hash, d->text.s, d->text.len);
	hash_end(d->hash, out);
	memcpy(&key, out, sizeof(key));
	return key;
}
