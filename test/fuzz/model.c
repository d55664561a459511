/* model_parse: what it takes is written and taken again as the same, and judges any text within
 * bounds. */
#include "fuzz.h"
#include "stage/model.h"

static void judge(struct model *m, const char *words)
{
	struct judged j = model_judge(m, str_of(words));

	FUZZ_CHECK(j.best < m->class_n);
	FUZZ_CHECK(j.second == MODEL_NONE || j.second < m->class_n);
	FUZZ_CHECK(j.p >= 0 && j.p <= 1 && j.p_second <= j.p);
	model_word(m, 0, j.best, j.second);
}

static void same_again(const struct model *m)
{
	struct buf one = BUF_INIT, two = BUF_INIT, err = BUF_INIT;
	struct model *again;

	model_put(&one, m);
	again = model_parse(buf_str(&one), &err);
	FUZZ_CHECK(again);
	model_put(&two, again);
	FUZZ_CHECK(str_eq(buf_str(&one), buf_str(&two)));
	model_free(again);
	buf_release(&one);
	buf_release(&two);
	buf_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf err = BUF_INIT;
	struct model *m = model_parse((struct str){(const char *)data, size}, &err);

	FUZZ_CHECK(m || err.len > 0);
	if (m) {
		same_again(m);
		judge(m, "where is my order it has not come");
		judge(m, "i want my money back");
		judge(m, "");
		model_free(m);
	}
	buf_release(&err);
	return 0;
}
