#include "stage/forget.h"
#include "base/die.h"
#include "base/text.h"
#include "base/when.h"
#include "core/store/backup.h"
#include "core/store/erase.h"
#include "core/store/hold.h"
#include "core/store/identities.h"
#include "core/store/note.h"
#include "io/json.h"

#include <ctype.h>
#include <stdlib.h>

/* ---- erasing ---- */

static void put_sequences(struct buf *out, const struct seqs *seqs)
{
	json_put_key(out, "sequences");
	buf_byte(out, '[');
	for (size_t i = 0; i < seqs->n;) {
		size_t k = i;

		while (k + 1 < seqs->n && seqs->v[k + 1] == seqs->v[k] + 1)
			k++;
		buf_puts(out, i ? "," : "");
		if (k > i)
			buf_printf(
				out, "[%lld,%lld]", (long long)seqs->v[i], (long long)seqs->v[k]);
		else
			buf_int(out, seqs->v[i]);
		i = k + 1;
	}
	buf_byte(out, ']');
}

static void put_erased(
	struct store *s, struct buf *out, const struct erased *e, const char *why, int64_t now)
{
	/* It is of the customer: of the key that names her now, or of a session. */
	note_begin(s, out, "erased", now, str_of(e->source ? e->source : "jlog"));
	if (e->session) {
		json_put_key(out, "session");
		json_put_string(out, str_of(e->session));
	}
	buf_puts(out, ",\"direction\":\"internal\",\"actor\":\"system\",\"data\":{");
	if (!e->session)
		buf_printf(
			out, "\"identifiers\":[{\"kind\":\"erased\",\"value\":\"%s\"}],", e->key);
	buf_puts(out, "\"reason\":");
	json_put_string(out, str_of(why));
	put_sequences(out, &e->seqs);
	json_put_key(out, "rests");
	buf_byte(out, '"');
	hash_hex(out, e->rests, sizeof(e->rests));
	buf_puts(out, "\"}}");
}

static void put_survey(struct buf *out, const struct erase_survey *n)
{
	char time[WHEN_TEXT];

	buf_printf(out,
		"customer: c%lld\nrecords: %lld\nsessions: %lld\nshared sessions: %lld\n"
		"identifiers: %lld\nerased before: %lld\n",
		(long long)n->customer, (long long)n->records, (long long)n->sessions,
		(long long)n->shared, (long long)n->identifiers, (long long)n->erased);
	if (n->last) {
		when_format(n->first, time);
		buf_printf(out, "first event: %s\n", time);
		when_format(n->last, time);
		buf_printf(out, "last event: %s\n", time);
	}
	if (n->named)
		buf_printf(out, "named by others: %lld\n", (long long)n->named);
	if (n->held)
		buf_printf(out, "held: by record %lld\n", (long long)n->hold);
}

/* Within the transaction. */
static int erase(struct forget *f, const struct erase_survey *n, const char *why, struct buf *out,
	struct buf *err)
{
	struct buf line = BUF_INIT;
	struct erased e;
	int64_t now = when_now();
	int status = erase_customer(f->erasing, n->customer, &e, err);

	if (status == 0) {
		put_erased(f->store, &line, &e, why, now);
		status = note_add(f->store, f->ontology, buf_str(&line), now, out, err);
	}
	erased_release(&e);
	buf_release(&line);
	return status;
}

static void tell_held(struct forget *f, const struct erase_survey *n)
{
	f->held++;
	warn("c%lld: held by record %lld, not erased", (long long)n->customer, (long long)n->hold);
}

static void tell_named(const struct erase_survey *n)
{
	if (n->named)
		warn("c%lld: %lld record%s an identifier of hers, and stay%s",
			(long long)n->customer, (long long)n->named,
			n->named == 1 ? " of others names" : "s of others name",
			n->named == 1 ? "s" : "");
}

#define TELLING 7 /* letters and digits that are told apart from other words however written */

struct naming {
	struct str why;
	struct buf letters; /* of it, and digits */
	struct buf value;
	bool found;
};

/* What is left where case, marks, blanks and punctuation are no matter. */
static void put_letters(struct buf *out, struct str s)
{
	struct buf folded = BUF_INIT;

	text_fold(&folded, s);
	buf_clear(out);
	for (size_t i = 0; i < folded.len; i++)
		if (folded.s[i] & 0x80 || isalnum((unsigned char)folded.s[i]))
			buf_byte(out, folded.s[i]);
	buf_release(&folded);
}

static bool holds(struct str text, struct str part)
{
	return text.len >= part.len && memmem(text.s, text.len, part.s, part.len) != NULL;
}

static int see_named(void *ctx, const struct identifier *i, struct buf *err)
{
	struct naming *n = ctx;

	(void)err;
	put_letters(&n->value, i->value);
	n->found |= (i->value.len > 2 && holds(n->why, i->value)) ||
		    (n->value.len >= TELLING && holds(buf_str(&n->letters), buf_str(&n->value)));
	return 0;
}

/* The reason that was given outlives her records: it may not name her. */
static int check_why(struct forget *f, int64_t customer, struct buf *err)
{
	struct naming n = {
		.why = str_of(f->why ? f->why : ""), .letters = BUF_INIT, .value = BUF_INIT};
	struct person p;
	int status = f->why ? store_person_by_customer(f->store, customer, &p, err) : 0;

	if (!f->why || status < 0)
		return status;
	put_letters(&n.letters, n.why);
	if (status == 0)
		status = store_person_identifiers(f->store, &p, INT64_MAX, see_named, &n, err);
	buf_release(&n.letters);
	buf_release(&n.value);
	if (status == 0 && n.found) {
		buf_puts(err, "--why holds an identifier of the customer, and would stay");
		return STORE_ERROR;
	}
	return status;
}

/* Whom to erase, and why: who, or by her number the one of whom nothing was heard since `before`.
 */
struct condemned {
	const char *who, *why;
	int64_t customer, before;
};

/* Within a transaction. */
static int look(struct forget *f, struct condemned *c, struct erase_survey *n, struct buf *err)
{
	int status = c->who ? identity_customer(f->store, c->who, INT64_MAX, &c->customer, err) : 0;

	if (status == 0)
		status = check_why(f, c->customer, err);
	return status < 0 ? status : erase_survey(f->erasing, c->customer, n, err);
}

static int forget_one(struct forget *f, struct condemned c, struct buf *told, struct buf *err)
{
	struct buf record = BUF_INIT;
	struct erase_survey n = {.customer = 0};
	bool any = false;
	int status = erase_prepare(f->store, err);

	if (status == 0)
		status = store_begin(f->store, err);
	if (status < 0)
		return status;
	status = look(f, &c, &n, err);
	if (status == 0 && n.held) {
		tell_held(f, &n);
	} else if (status == 0 && n.records && n.last < c.before) {
		any = true;
		status = erase(f, &n, c.why, &record, err);
	}
	if (any || status < 0)
		status = note_end(f->store, status, err);
	else
		store_rollback(f->store);
	if (status == 0 && any) {
		f->customers++;
		f->records += (uint64_t)n.records;
		tell_named(&n);
		buf_put(told, buf_str(&record));
	}
	buf_release(&record);
	return status;
}

static int survey(struct forget *f, struct condemned c, struct erase_survey *n, struct buf *err)
{
	int status = store_read_begin(f->store, err);

	if (status == 0)
		status = look(f, &c, n, err);
	store_read_end(f->store);
	return status;
}

static int show_one(struct forget *f, struct condemned c, struct buf *err)
{
	struct buf text = BUF_INIT;
	struct erase_survey n;
	int status = survey(f, c, &n, err);

	if (status == 0 && n.customer) {
		put_survey(&text, &n);
		f->held += n.held;
		status = out_put(f->out, buf_str(&text), err);
	}
	buf_release(&text);
	return status;
}

static void tell_removed(const char *path, enum backup_fate fate)
{
	static const char *const fates[] = {[BACKUP_REMOVED] = "removed",
		[BACKUP_GONE] = "gone already",
		[BACKUP_FOREIGN] = "what stands there is none, and is left alone"};

	warn("%s: a backup that was made of the file: %s", path, fates[fate]);
}

static int put_backup(void *ctx, const char *path, struct buf *err)
{
	(void)err;
	buf_printf(ctx, "backup: %s\n", path);
	return 0;
}

static int show_backups(struct forget *f, struct buf *err)
{
	struct buf text = BUF_INIT;
	int status = backup_each(f->store, put_backup, &text, err);

	if (status == 0)
		status = out_put(f->out, buf_str(&text), err);
	buf_release(&text);
	return status;
}

/* Also what was broken off before: the bytes, though a backup cannot be removed. */
static int finish(struct forget *f, struct buf *err)
{
	int64_t which;
	int status = erase_pending(f->store, &which, err), removed;

	if (status < 0 || !which)
		return status;
	removed = backup_remove(f->store, f->quiet ? NULL : tell_removed, err);
	if (removed < 0)
		buf_puts(err, "; ");
	status = erase_scrub(f->store, err);
	if (removed == 0)
		return status < 0 ? status : erase_scrubbed(f->store, which, err);
	if (status == 0)
		buf_puts(err, "a backup holds her until another jlog forget or expire removes it");
	return status < 0 ? status : removed;
}

/* However it ended: those who were erased are to be gone before anybody is told, who may not
 * listen. */
static int end(struct forget *f, int status, struct buf *told, struct buf *err)
{
	struct buf why = BUF_INIT;
	int finished = status == STORE_BUSY ? 0 : finish(f, &why);

	if (finished < 0) {
		buf_puts(err, err->len ? "; " : "");
		buf_put(err, buf_str(&why));
		status = status < 0 ? status : finished;
	}
	buf_clear(&why);
	if (!f->quiet && told->len && out_put(f->out, buf_str(told), &why) < 0 && status == 0) {
		buf_put(err, buf_str(&why));
		status = STORE_ERROR;
	}
	buf_release(&why);
	buf_release(told);
	return status;
}

int forget_customer(struct forget *f, const char *who, struct buf *err)
{
	const struct condemned c = {who, f->why, 0, INT64_MAX};
	struct buf told = BUF_INIT;
	int status;

	if (!f->dry_run)
		return end(f, forget_one(f, c, &told, err), &told, err);
	status = show_one(f, c, err);
	return status < 0 ? status : show_backups(f, err);
}

/* Nobody is erased where a reason that may not be recorded is found for one of them. */
static int list(struct forget *f, int64_t before, struct seqs *customers, struct buf *err)
{
	int status = store_read_begin(f->store, err);

	if (status == 0)
		status = erase_stale(f->store, before, customers, err);
	for (size_t i = 0; i < customers->n && status == 0; i++)
		status = check_why(f, customers->v[i], err);
	store_read_end(f->store);
	return status;
}

int forget_expired(struct forget *f, int64_t older_than, struct buf *err)
{
	struct seqs customers = {NULL, 0, 0};
	int64_t before = when_now() - older_than;
	struct buf reason = BUF_INIT, told = BUF_INIT;
	int status = list(f, before, &customers, err);

	buf_printf(
		&reason, "retention: no event for %lld days", (long long)(older_than / WHEN_DAY));
	for (size_t i = 0; i < customers.n && status == 0; i++) {
		const struct condemned c = {
			NULL, f->why ? f->why : reason.s, customers.v[i], before};

		/* Who was joined to another meanwhile is that one, of whom something was heard or
		 * who is listed, too. */
		status = f->dry_run ? show_one(f, c, err) : forget_one(f, c, &told, err);
	}
	if (status == 0 && f->dry_run && customers.n)
		status = show_backups(f, err);
	free(customers.v);
	if (!f->dry_run)
		status = end(f, status, &told, err);
	if (status == 0 && !f->dry_run && !f->quiet)
		warn("erased %llu customers, %llu records; %llu held",
			(unsigned long long)f->customers, (unsigned long long)f->records,
			(unsigned long long)f->held);
	buf_release(&reason);
	return status;
}

/* ---- holding ---- */

int forget_hold(struct forget *f, const char *who, bool release, struct buf *err)
{
	struct buf record = BUF_INIT;
	struct erase_survey n = {.customer = 0};
	int64_t customer = 0;
	int status = store_begin(f->store, err);

	if (status < 0)
		return status;
	status = identity_customer(f->store, who, INT64_MAX, &customer, err);
	if (status == 0)
		status = erase_survey(f->erasing, customer, &n, err);
	if (status == 0 && n.held == !release) {
		store_rollback(f->store);
		f->held = n.held;
		return 0;
	}
	/* Of who was erased there is nothing to keep. */
	if (status == 0 && !release && !n.records) {
		buf_printf(err, "%s: was erased", who);
		status = 1;
	}
	if (status == 0)
		status = hold_add(f->store, f->ontology, customer, release, f->why, &record, err);
	status = note_end(f->store, status, err);
	if (status == 0)
		f->held = !release;
	if (status == 0 && !f->quiet)
		status = out_put(f->out, buf_str(&record), err);
	buf_release(&record);
	return status;
}
