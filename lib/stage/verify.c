#include "stage/verify.h"
#include "core/store/erase.h"
#include "core/store/fsck.h"
#include "core/store/schema_verify.h"

static int put_fault(void *ctx, const char *what, struct buf *err)
{
	struct buf line = BUF_INIT;
	int status;

	buf_printf(&line, "%s\n", what);
	status = out_put(ctx, buf_str(&line), err);
	buf_release(&line);
	return status;
}

static void put_good(struct buf *text, const struct verify *v)
{
	buf_printf(text, "%lld records are what was recorded", (long long)v->records - v->erased);
	if (v->erased)
		buf_printf(text, ", %lld are erased as the log says", (long long)v->erased);
	buf_puts(text, "; root ");
	hash_hex(text, v->head.root, HASH_SIZE);
	buf_byte(text, '\n');
	if (v->kept)
		buf_printf(text, "the log begins with the %llu records of the head\n",
			(unsigned long long)v->kept->size);
	else
		buf_puts(text, "not excluded without a head from elsewhere: that the last records "
			       "were removed, or the whole tree was made anew\n");
}

static int tell(const struct verify *v, struct out *out, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status;

	if (v->faults)
		buf_printf(&text, "%lld faults in %lld records\n", (long long)v->faults,
			(long long)v->records);
	else
		put_good(&text, v);
	status = out_put(out, buf_str(&text), err);
	buf_release(&text);
	return status < 0 ? status : v->faults > 0;
}

/* What is left of erased records has no hash of its own; the records that erased them say it, and
 * are good here. */
static int verify_all(struct store *s, struct verify *v, struct buf *err)
{
	struct buf why = BUF_INIT;
	int status = store_verify(s, v, err);

	if (status == 0 && !v->faults && v->erased)
		status = erase_verify(s, &why, err);
	if (status == 0 && why.len) {
		v->faults++;
		status = v->fault(v->ctx, why.s, err);
	}
	buf_release(&why);
	return status == 0 ? schema_verify(s, v, err) : status;
}

int verify(struct store *s, const struct proof_head *kept, struct out *out, struct buf *err)
{
	struct verify v = {.kept = kept, .fault = put_fault, .ctx = out};
	int status = store_read_begin(s, err);

	if (status == 0)
		status = verify_all(s, &v, err);
	store_read_end(s);
	return status < 0 ? status : tell(&v, out, err);
}

int fsck(struct store *s, const struct proof_head *kept, struct out *out, struct buf *err)
{
	struct verify v = {.kept = kept, .fault = put_fault, .ctx = out};
	struct fsck f = {.fault = put_fault, .ctx = out};
	int status = store_read_begin(s, err);

	if (status == 0)
		status = store_fsck(s, &f, err);
	if (status == 0)
		status = verify_all(s, &v, err);
	store_read_end(s);
	if (status < 0)
		return status;
	status = tell(&v, out, err);
	if (status == 0 && !f.faults)
		return out_put(
			out, STR("the file, its indexes and who is who agree with them\n"), err);
	return status < 0 ? status : 1;
}
