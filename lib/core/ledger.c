#include "core/ledger.h"
#include "base/die.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdio.h>

#define TOLD_MAX 20
#define LETTER_PIECE ((size_t)48 << 10)

int ledger_open(struct ledger *l, const char *path, bool quiet, struct buf *err)
{
	*l = (struct ledger){
		.quiet = quiet, .letters = path != NULL, .line = BUF_INIT, .carry = BUF_INIT};
	progress_begin(&l->progress, "records", quiet);
	return path ? out_append(&l->file, path, "{\"tool\":", err) : 0;
}

void ledger_read(struct ledger *l)
{
	l->read++;
	progress_step(&l->progress, l->read);
}

static void tell(
	struct ledger *l, const char *message, const char *file, uint64_t line, uint64_t offset)
{
	if (l->told++ < TOLD_MAX) {
		if (line)
			warn("%s:%llu: %s", file, (unsigned long long)line, message);
		else
			warn("%s: byte %llu: %s", file, (unsigned long long)offset, message);
	} else if (l->told == TOLD_MAX + 1) {
		if (l->letters)
			warn("more records are rejected: they are all in %s", l->file.name);
		else
			warn("more records are rejected; --reject FILE keeps them all");
	}
}

static void put_mended(struct buf *out, const char *text)
{
	struct buf mended = BUF_INIT;

	text_mend(&mended, str_of(text));
	json_put_string(out, buf_str(&mended));
	buf_release(&mended);
}

static void begin_letter(struct ledger *l, enum event_fault fault, const char *message,
	const char *file, uint64_t line, uint64_t offset)
{
	struct buf *b = &l->line;

	buf_clear(b);
	buf_byte(b, '{');
	json_put_key(b, "tool");
	json_put_string(b, str_of(program_name()));
	json_put_key(b, "reason");
	json_put_string(b, str_of(event_fault_word(fault)));
	json_put_key(b, "message");
	put_mended(b, message);
	json_put_key(b, "file");
	put_mended(b, file);
	if (line)
		buf_printf(b, ",\"line\":%llu", (unsigned long long)line);
	buf_printf(b, ",\"offset\":%llu", (unsigned long long)offset);
}

/* Counts and tells it; 1 where there is a letter to be written. */
static int count(struct ledger *l, const char *message, const char *file, uint64_t line,
	uint64_t offset, struct buf *err)
{
	ledger_read(l);
	l->rejected++;
	tell(l, message, file, line, offset);
	return ledger_letter_end(l, err) < 0 ? -1 : l->letters;
}

int ledger_reject(struct ledger *l, enum event_fault fault, const char *message, const char *file,
	uint64_t line, uint64_t offset, struct str raw, struct buf *err)
{
	int status = count(l, message, file, line, offset, err);

	if (status <= 0)
		return status;
	begin_letter(l, fault, message, file, line, offset);
	if (json_utf8(raw)) {
		json_put_key(&l->line, "raw");
		json_put_string(&l->line, raw);
	} else {
		buf_puts(&l->line, ",\"raw_base64\":\"");
		base64_put(&l->line, raw);
		buf_byte(&l->line, '"');
	}
	buf_byte(&l->line, '}');
	return out_record(&l->file, buf_str(&l->line), err);
}

int ledger_letter_begin(struct ledger *l, enum event_fault fault, const char *message,
	const char *file, uint64_t line, uint64_t offset, struct buf *err)
{
	int status = count(l, message, file, line, offset, err);

	if (status <= 0)
		return status;
	begin_letter(l, fault, message, file, line, offset);
	buf_puts(&l->line, ",\"raw_base64\":\"");
	buf_clear(&l->carry);
	out_begin(&l->file);
	status = out_put(&l->file, buf_str(&l->line), err);
	l->open = status == 0;
	return status;
}

static int put_base64(struct ledger *l, struct str bytes, struct buf *err)
{
	buf_clear(&l->line);
	base64_put(&l->line, bytes);
	l->open = out_put(&l->file, buf_str(&l->line), err) == 0;
	return l->open ? 0 : -1;
}

int ledger_letter_more(struct ledger *l, struct str raw, struct buf *err)
{
	while (l->open && raw.len) {
		size_t take = raw.len < LETTER_PIECE ? raw.len : LETTER_PIECE, whole;

		buf_add(&l->carry, raw.s, take);
		raw.s += take;
		raw.len -= take;
		whole = l->carry.len / 3 * 3;
		if (put_base64(l, (struct str){l->carry.s, whole}, err) < 0)
			return -1;
		buf_drop(&l->carry, whole);
	}
	return 0;
}

int ledger_letter_end(struct ledger *l, struct buf *err)
{
	if (!l->open)
		return 0;
	if (put_base64(l, buf_str(&l->carry), err) < 0)
		return -1;
	l->open = false;
	return out_put(&l->file, STR("\"}\n"), err);
}

int ledger_letter_line(struct ledger *l, struct lines *in, struct buf *err)
{
	int status = ledger_letter_more(l, in->raw, err), more;
	struct str piece;

	while (status == 0 && (more = lines_rest(in, &piece, err)) != LINES_END)
		status = more < 0 ? -1 : ledger_letter_more(l, piece, err);
	return status;
}

int ledger_reject_long(struct ledger *l, struct lines *in, struct buf *err)
{
	if (ledger_letter_begin(l, FAULT_TOO_LONG, "line too long (see --max-line)", in->name,
		    in->number, in->offset, err) < 0 ||
		ledger_letter_line(l, in, err) < 0)
		return -1;
	return ledger_letter_end(l, err);
}

void ledger_settle(struct ledger *l, const struct out *out)
{
	uint64_t lost = out ? out->lost : 0;

	l->written -= lost < l->written ? lost : l->written;
	l->read = l->written + l->duplicates + l->rejected;
}

int ledger_flush(struct ledger *l, struct buf *err)
{
	return l->letters ? out_flush(&l->file, err) : 0;
}

int ledger_close(struct ledger *l, const char *more, struct buf *err)
{
	int status = ledger_letter_end(l, err);

	progress_end(&l->progress);
	if (l->letters && out_close(&l->file, err) < 0)
		status = -1;
	/* A record whose letter did not arrive is still to be read. */
	l->rejected -= l->file.lost < l->rejected ? l->file.lost : l->rejected;
	if (l->file.lost)
		l->read = l->written + l->duplicates + l->rejected;
	l->letters = false;
	buf_release(&l->line);
	buf_release(&l->carry);
	if (!l->quiet)
		fprintf(stderr,
			"%s: read %llu = written %llu + duplicates %llu + rejected %llu%s%s%s\n",
			program_name(), (unsigned long long)l->read, (unsigned long long)l->written,
			(unsigned long long)l->duplicates, (unsigned long long)l->rejected,
			more ? " (" : "", more ? more : "", more ? ")" : "");
	return status;
}

int ledger_exit(const struct ledger *l)
{
	return l->rejected ? EXIT_REJECTED : EXIT_DONE;
}
