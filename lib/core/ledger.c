#include "core/ledger.h"
#include "base/die.h"
#include "base/hash.h"

#include <stdio.h>

#define TOLD_MAX 20

int ledger_open(struct ledger *l, const char *path, bool quiet, struct buf *err)
{
	*l = (struct ledger){.quiet = quiet, .letters = path != NULL, .line = BUF_INIT};
	return path ? out_append(&l->file, path, err) : 0;
}

static void tell(struct ledger *l, const char *message, const char *file, uint64_t line, uint64_t offset)
{
	if (l->told++ < TOLD_MAX) {
		if (line)
			warn("%s:%llu: %s", file, (unsigned long long)line, message);
		else
			warn("%s: byte %llu: %s", file, (unsigned long long)offset, message);
	} else if (l->told == TOLD_MAX + 1) {
		warn("more records are rejected; --reject FILE keeps them all");
	}
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
	json_put_string(b, json_utf8(str_of(message)) ? str_of(message) : STR("not UTF-8"));
	json_put_key(b, "file");
	json_put_string(b, json_utf8(str_of(file)) ? str_of(file) : STR("?"));
	if (line)
		buf_printf(b, ",\"line\":%llu", (unsigned long long)line);
	buf_printf(b, ",\"offset\":%llu", (unsigned long long)offset);
}

int ledger_reject(struct ledger *l, enum event_fault fault, const char *message, const char *file,
	uint64_t line, uint64_t offset, struct str raw, struct buf *err)
{
	l->read++;
	l->rejected++;
	tell(l, message, file, line, offset);
	if (!l->letters)
		return 0;
	begin_letter(l, fault, message, file, line, offset);
	if (json_utf8(raw)) {
		json_put_key(&l->line, "raw");
		json_put_string(&l->line, raw);
	} else {
		buf_puts(&l->line, ",\"raw_base64\":\"");
		base64_put(&l->line, raw);
		buf_byte(&l->line, '"');
	}
	buf_puts(&l->line, "}\n");
	return out_put(&l->file, buf_str(&l->line), err);
}

int ledger_reject_long(struct ledger *l, struct lines *in, struct str first, struct buf *err)
{
	struct buf carry = BUF_INIT;
	struct str piece;
	int status = 0, more;

	l->read++;
	l->rejected++;
	tell(l, "line too long (see --max-line)", in->name, in->number, in->offset);
	if (!l->letters)
		return 0;
	begin_letter(l, FAULT_TOO_LONG, "line too long", in->name, in->number, in->offset);
	buf_puts(&l->line, ",\"raw_base64\":\"");
	status = out_put(&l->file, buf_str(&l->line), err);
	buf_put(&carry, first);
	for (;;) {
		size_t whole = carry.len / 3 * 3;

		buf_clear(&l->line);
		base64_put(&l->line, (struct str){carry.s, whole});
		buf_drop(&carry, whole);
		if (status == 0)
			status = out_put(&l->file, buf_str(&l->line), err);
		more = lines_rest(in, &piece, err);
		if (more <= 0)
			break;
		buf_put(&carry, piece);
	}
	buf_clear(&l->line);
	base64_put(&l->line, buf_str(&carry));
	buf_puts(&l->line, "\"}\n");
	buf_release(&carry);
	if (status == 0)
		status = out_put(&l->file, buf_str(&l->line), err);
	return more < 0 ? -1 : status;
}

int ledger_flush(struct ledger *l, struct buf *err)
{
	return l->letters ? out_flush(&l->file, err) : 0;
}

int ledger_close(struct ledger *l, const char *more, struct buf *err)
{
	int status = l->letters ? out_close(&l->file, err) : 0;

	l->letters = false;
	buf_release(&l->line);
	if (!l->quiet)
		fprintf(stderr, "%s: read %llu = written %llu + duplicates %llu + rejected %llu%s%s%s\n",
			program_name(), (unsigned long long)l->read, (unsigned long long)l->written,
			(unsigned long long)l->duplicates, (unsigned long long)l->rejected,
			more ? " (" : "", more ? more : "", more ? ")" : "");
	return status;
}

int ledger_exit(const struct ledger *l)
{
	return l->rejected ? EXIT_REJECTED : EXIT_DONE;
}
