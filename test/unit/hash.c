#include "base/hash.h"
#include "unit.h"

static bool reads(const char *s, const char *as)
{
	struct buf out = BUF_INIT;
	bool same;

	buf_puts(&out, "|");
	same = base64url_read(&out, str_of(s)) ? str_is((struct str){out.s + 1, out.len - 1}, as)
					       : !as && out.len == 1;
	buf_release(&out);
	return same;
}

/* RFC 4648, 10, and what has no place in it. */
static void test_base64url(void)
{
	CHECK(reads("", ""));
	CHECK(reads("Zg==", "f"));
	CHECK(reads("Zg", "f"));
	CHECK(reads("Zm8", "fo"));
	CHECK(reads("Zm9v", "foo"));
	CHECK(reads("Zm9vYmFy", "foobar"));
	CHECK(reads("_-8", "\xff\xef"));
	CHECK(reads("/+8", NULL));
	CHECK(reads("Z", NULL));
	CHECK(reads("Zh", NULL));
	CHECK(reads("Zm 9v", NULL));
	CHECK(reads("Zm9v\n", NULL));
}

int main(void)
{
	test_base64url();
	return unit_end();
}
