/* proof_read and proof_head_read: what they read is written and read again as the same, and
 * checking ends in a word. The first line may be a head that the proof behind it is checked with.
 */
#include "fuzz.h"
#include "core/proof.h"

static void same_again(const struct proof *p)
{
	struct buf one = BUF_INIT, two = BUF_INIT, err = BUF_INIT;
	struct proof again;

	proof_init(&again);
	proof_write(&one, p);
	FUZZ_CHECK(proof_read(&again, buf_str(&one), &err) == 0);
	proof_write(&two, &again);
	FUZZ_CHECK(str_eq(buf_str(&one), buf_str(&two)));
	FUZZ_CHECK(str_eq(buf_str(&p->record), buf_str(&again.record)));
	proof_release(&again);
	buf_release(&one);
	buf_release(&two);
	buf_release(&err);
}

/* The head, and `text` the rest; false where there is none. */
static bool take_head(struct str *text, struct proof_head *head)
{
	const char *lf = text->len ? memchr(text->s, '\n', text->len) : NULL;
	struct buf err = BUF_INIT;
	bool taken = lf && proof_head_read(
				   head, (struct str){text->s, (size_t)(lf - text->s)}, &err) == 0;

	FUZZ_CHECK(taken || !lf || err.len > 0);
	if (taken)
		*text = (struct str){lf + 1, text->len - (size_t)(lf + 1 - text->s)};
	buf_release(&err);
	return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct buf verdict = BUF_INIT, err = BUF_INIT;
	struct proof_head head;
	bool with_head = take_head(&text, &head);
	struct proof p;
	int status;

	proof_init(&p);
	if (proof_read(&p, text, &err) == 0)
		same_again(&p);
	else
		FUZZ_CHECK(err.len > 0);
	buf_clear(&err);
	status = proof_check(text, with_head ? &head : NULL, &verdict, &err);
	FUZZ_CHECK(status < 0 ? err.len > 0 && verdict.len == 0 : verdict.len > 0 && err.len == 0);
	proof_release(&p);
	buf_release(&verdict);
	buf_release(&err);
	return 0;
}
