/* Where the log stands for what is measured. */
#include "core/store/store.h"
#include "stage/measure.h"

int report_find_place(struct store *s, struct report_place *out, struct buf *err)
{
	struct buf body = BUF_INIT;
	struct store_row last;
	int status = store_last(s, &out->sequence, err);

	if (status == 0)
		status = store_horizon(s, &out->horizon, err);
	if (status == 0 && out->sequence) {
		status = store_row(s, out->sequence, INT64_MAX, &last, &body, err);
		out->as_of = status == 0 ? last.recorded : 0;
	}
	buf_release(&body);
	return status;
}
