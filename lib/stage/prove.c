#include "stage/prove.h"
#include "io/lines.h"

#define PROOF_MAX ((size_t)64 << 20) /* bytes of a proof, with its record */

int prove_head(struct store *s, struct out *out, struct buf *err)
{
	struct buf text = BUF_INIT;
	struct proof_head head;
	int status = store_read_begin(s, err);

	if (status == 0)
		status = tree_head(s, &head, err);
	store_read_end(s);
	if (status == 0) {
		proof_head_write(&text, &head);
		status = out_put(out, buf_str(&text), err);
	}
	buf_release(&text);
	return status;
}

static int put_proof(const struct proof *p, struct out *out, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status;

	proof_write(&text, p);
	status = out_put(out, buf_str(&text), err);
	buf_release(&text);
	return status;
}

static int sequence_of(const char *text, int64_t *seq, struct buf *err)
{
	if (str_int(str_of(text), seq) && *seq >= 1)
		return 0;
	buf_printf(err, "no sequence: %s", text);
	return STORE_ERROR;
}

int prove_records(struct store *s, char *const *seqs, size_t n, struct out *out, struct buf *err)
{
	struct proof p;
	int64_t seq;
	int status = 0;

	for (size_t i = 0; i < n && status == 0; i++)
		status = sequence_of(seqs[i], &seq, err);
	if (status == 0)
		status = store_read_begin(s, err);
	if (status < 0)
		return status;
	proof_init(&p);
	for (size_t i = 0; i < n && status == 0; i++) {
		status = sequence_of(seqs[i], &seq, err);
		if (status == 0)
			status = tree_prove(s, seq, &p, err);
		if (status == 0)
			status = put_proof(&p, out, err);
	}
	store_read_end(s);
	proof_release(&p);
	return status;
}

int prove_from(struct store *s, int64_t size, struct out *out, struct buf *err)
{
	struct proof p;
	int status = store_read_begin(s, err);

	proof_init(&p);
	if (status == 0)
		status = tree_prove_from(s, size, &p, err);
	store_read_end(s);
	if (status == 0)
		status = put_proof(&p, out, err);
	proof_release(&p);
	return status;
}

/* Puts the place in front of a reason. */
static int at(const struct lines *l, struct buf *err)
{
	struct buf why = BUF_INIT;

	buf_put(&why, buf_str(err));
	buf_clear(err);
	buf_printf(err, "%s:%llu: %s", l->name, (unsigned long long)l->number, why.s);
	buf_release(&why);
	return -1;
}

static int too_long(const struct lines *l, struct buf *err)
{
	buf_printf(err, "longer than %zu bytes", PROOF_MAX);
	return at(l, err);
}

/* A file that heads are added to would be held against its oldest for ever. */
static int no_more(struct lines *l, struct buf *err)
{
	struct str line;
	int status;

	do
		status = lines_next(l, &line, err);
	while (status == LINES_ONE && !str_trim(line).len);
	if (status <= 0)
		return status;
	buf_puts(err, "one head is expected");
	return at(l, err);
}

int prove_read_head(const char *path, struct proof_head *head, struct buf *err)
{
	struct lines l;
	struct str line;
	int status;

	if (lines_open(&l, path, PROOF_MAX, err) < 0)
		return -1;
	do
		status = lines_next(&l, &line, err);
	while (status == LINES_ONE && !str_trim(line).len);
	if (status == LINES_LONG)
		status = too_long(&l, err);
	else if (status == LINES_ONE)
		status = proof_head_read(head, line, err) < 0 ? at(&l, err) : no_more(&l, err);
	else if (status == LINES_END) {
		buf_printf(err, "%s: no head in it", l.name);
		status = -1;
	}
	lines_close(&l);
	return status;
}

static int check_line(const struct lines *l, struct str line, const struct proof_head *head,
	struct out *out, struct buf *err)
{
	struct buf verdict = BUF_INIT, text = BUF_INIT;
	int status = proof_check(line, head, &verdict, err);

	if (status < 0) {
		at(l, err);
	} else {
		buf_printf(&text, "%s:%llu: %s%s\n", l->name, (unsigned long long)l->number,
			status ? "not proved: " : "", verdict.s);
		if (out_put(out, buf_str(&text), err) < 0)
			status = -1;
	}
	buf_release(&verdict);
	buf_release(&text);
	return status;
}

static int check_file(
	const char *path, const struct proof_head *head, struct out *out, struct buf *err)
{
	struct lines l;
	struct str line;
	int status, found = 0;
	bool any = false;

	if (lines_open(&l, path, PROOF_MAX, err) < 0)
		return -1;
	while ((status = lines_next(&l, &line, err)) == LINES_ONE) {
		if (!str_trim(line).len)
			continue;
		any = true;
		status = check_line(&l, line, head, out, err);
		if (status < 0)
			break;
		found |= status;
	}
	if (status == LINES_LONG)
		status = too_long(&l, err);
	if (status == 0 && !any) {
		buf_printf(err, "%s: no proof in it", l.name);
		status = -1;
	}
	lines_close(&l);
	return status < 0 ? status : found;
}

int prove_check(char *const *paths, size_t n, const struct proof_head *head, struct out *out,
	struct buf *err)
{
	int status = 0, found = 0;

	for (size_t i = 0; i < (n ? n : 1) && status >= 0; i++) {
		status = check_file(n ? paths[i] : "-", head, out, err);
		found |= status > 0;
	}
	return status < 0 ? status : found;
}
