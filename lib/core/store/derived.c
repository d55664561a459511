#include "core/store/derived.h"
#include "core/store/internal.h"

void store_derived(
	struct store *s, const char *what, int64_t number, unsigned char out[DERIVED_SIZE])
{
	struct buf text = BUF_INIT;
	struct cache_key key;

	buf_int(&text, number);
	key = store_digest(s, (struct str[]){STR("derived"), str_of(what), buf_str(&text)}, 3);
	memcpy(out, &key, DERIVED_SIZE);
	buf_release(&text);
}
