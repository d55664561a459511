#include "core/findings.h"
#include "base/mem.h"
#include "base/text.h"
#include "io/json.h"

#include <stdio.h>
#include <stdlib.h>

void findings_add(struct findings *f, enum finding_level level, const char *file, int line,
	int column, const char *reason)
{
	*VEC_ADD(f, v, n, cap) =
		(struct finding){level, mem_string(file), line, column, mem_string(reason)};
}

/* What stands before a line's number, or before the reason. */
static char *file_of(const char *message)
{
	const char *p = message;

	while (*p && !(*p == ':' && (p[1] == ' ' || (p[1] >= '0' && p[1] <= '9'))))
		p++;
	return mem_copy(message, *p ? (size_t)(p - message) : 0);
}

void findings_message(struct findings *f, const char *file, const char *message)
{
	char *own = file ? NULL : file_of(message);
	size_t len;
	int line = 0, column = 0, used = 0;

	file = file ? file : own;
	len = strlen(file);
	if (strncmp(message, file, len) == 0 && message[len] == ':') {
		message += len + 1;
		if (sscanf(message, "%d:%d:%n", &line, &column, &used) == 2 && used)
			message += used;
		else if (line = column = used = 0,
			sscanf(message, "%d:%n", &line, &used) == 1 && used)
			message += used;
		message += strspn(message, " ");
	}
	findings_add(f, FINDING_ERROR, file, line, column, message);
	free(own);
}

/* Files stay in the order in which they were first spoken of when sorted by name. */
static int compare(const struct finding *a, const struct finding *b)
{
	int files = strcmp(a->file, b->file);

	if (files)
		return files;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->column < b->column ? -1 : a->column > b->column;
}

static void merge(struct finding *v, struct finding *spare, size_t n)
{
	size_t half = n / 2, i = 0, k = half, to = 0;

	if (n < 2)
		return;
	merge(v, spare, half);
	merge(v + half, spare, n - half);
	while (i < half && k < n)
		spare[to++] = compare(&v[i], &v[k]) <= 0 ? v[i++] : v[k++];
	while (i < half)
		spare[to++] = v[i++];
	memcpy(v, spare, to * sizeof(*v));
}

void findings_sort(struct findings *f)
{
	struct finding *spare = mem_zero(f->n, sizeof(*spare));

	merge(f->v, spare, f->n);
	free(spare);
}

size_t findings_count(const struct findings *f, enum finding_level level)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->v[i].level == level;
	return n;
}

const char *findings_word(enum finding_level level)
{
	static const char *const words[] = {"error", "warning", "note"};

	return words[level];
}

static void put_text(const struct finding *f, struct buf *out)
{
	buf_puts(out, f->file);
	if (f->line)
		buf_printf(out, ":%d", f->line);
	if (f->column)
		buf_printf(out, ":%d", f->column);
	buf_printf(out, ": %s: %s\n", findings_word(f->level), f->reason);
}

static void put_mended(struct buf *out, const char *name, const char *text)
{
	struct buf mended = BUF_INIT;

	text_mend(&mended, str_of(text));
	json_put_text(out, name, buf_str(&mended));
	buf_release(&mended);
}

void finding_put(const struct finding *f, bool text, struct buf *out)
{
	if (text) {
		put_text(f, out);
		return;
	}
	buf_byte(out, '{');
	json_put_text(out, "level", str_of(findings_word(f->level)));
	put_mended(out, "file", f->file);
	if (f->line)
		json_put_int(out, "line", f->line);
	if (f->column)
		json_put_int(out, "column", f->column);
	put_mended(out, "message", f->reason);
	buf_puts(out, "}\n");
}

void findings_release(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].file);
		free(f->v[i].reason);
	}
	free(f->v);
	*f = (struct findings){NULL, 0, 0};
}
