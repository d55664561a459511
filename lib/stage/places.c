#include "stage/places.h"
#include "base/die.h"
#include "base/text.h"
#include "core/store/scan.h"

static int put_place(void *ctx, const char *name, int64_t seq, struct buf *err)
{
	(void)err;
	text_plain(ctx, str_of(name));
	buf_printf(ctx, " %lld\n", (long long)seq);
	return 0;
}

int places_list(struct store *s, struct out *out, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status = place_each(s, put_place, &text, err);

	if (status == 0)
		status = out_put(out, buf_str(&text), err);
	buf_release(&text);
	return status;
}

int places_drop(struct store *s, const char *name, struct buf *err)
{
	bool was;
	int status = place_drop(s, name, &was, err);

	if (status < 0 || was)
		return status;
	warn("%s: no such checkpoint: %s", store_name(s), name);
	return 1;
}
