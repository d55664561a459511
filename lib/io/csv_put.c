#include "io/csv.h"
#include "io/json.h"

void csv_put(struct buf *out, struct str field)
{
	bool quote = false;

	for (size_t i = 0; i < field.len; i++)
		quote |= field.s[i] == ',' || field.s[i] == '"' || field.s[i] == '\n' ||
			 field.s[i] == '\r';
	if (!quote) {
		buf_put(out, field);
		return;
	}
	buf_byte(out, '"');
	for (size_t i = 0; i < field.len; i++) {
		if (field.s[i] == '"')
			buf_byte(out, '"');
		buf_byte(out, field.s[i]);
	}
	buf_byte(out, '"');
}

void csv_put_object(struct buf *out, const struct csv *c)
{
	char before = '{';

	for (size_t i = 0; i < c->field_n; i++) {
		if (!c->field[i].s)
			continue;
		buf_byte(out, before);
		json_put_string(out, str_of(c->name[i]));
		buf_byte(out, ':');
		json_put_string(out, c->field[i]);
		before = ',';
	}
	buf_puts(out, before == '{' ? "{}" : "}");
}
