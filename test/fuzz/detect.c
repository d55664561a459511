/* Entities, moods and promises in a text: the first byte chooses language, region and time. */
#include "fuzz.h"
#include "core/checkers.h"
#include "core/detect.h"

static struct detect *detector(void)
{
	static struct detect *d;
	static struct ontology *o;
	struct buf err = BUF_INIT;

	if (!d) {
		o = ontology_read(NULL, &err);
		if (!o)
			o = ontology_read("ontology", &err);
		FUZZ_CHECK(o);
		d = detect_new(o, &err);
		FUZZ_CHECK(d);
		buf_release(&err);
	}
	return d;
}

static void check_dates(const struct words *w, const struct saying *said)
{
	for (size_t i = 0; i < w->n; i++) {
		struct dated day;

		FUZZ_CHECK(w->v[i].begin < w->v[i].end && w->v[i].end <= w->text.len);
		if (!dates_parse(w, i, said, &day))
			continue;
		FUZZ_CHECK(day.words > 0 && i + day.words <= w->n);
		if (day.sure)
			dates_due(&day);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const langs[] = {"", "en", "pt", "es", "en-US", "fr"};
	static const char *const regions[] = {"", "US", "BR", "ES", "GB", "MX"};
	static const int64_t times[] = {INT64_C(1772618400000), 0, WHEN_FIRST, WHEN_LAST};
	const struct detected *found;
	struct saying said;
	struct str text;
	size_t n;

	if (!size)
		return 0;
	said = (struct saying){str_of(langs[data[0] % 6]), str_of(regions[data[0] / 6 % 6]),
		times[data[0] / 36 % 4]};
	text = (struct str){(const char *)data + 1, size - 1};
	n = detect_text(detector(), text, &said, &found);
	for (size_t i = 0; i < n; i++) {
		FUZZ_CHECK(found[i].begin < found[i].end && found[i].end <= text.len);
		FUZZ_CHECK(found[i].value.len > 0 && json_utf8(found[i].value));
	}
	check_dates(detect_words(detector()), &said);
	return 0;
}
