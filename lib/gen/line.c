#include "gen/line.h"
#include "io/json.h"

void line_begin(struct line *l, const char *member, const char *value)
{
	buf_clear(&l->text);
	buf_printf(&l->text, "{\"%s\":\"%s\"", member, value);
}

void line_text(struct line *l, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	json_put_key(&l->text, name);
	json_put_string(&l->text, str_of(value));
}

void line_number(struct line *l, const char *name, int64_t value)
{
	json_put_key(&l->text, name);
	buf_int(&l->text, value);
}

void line_decimal(struct line *l, const char *name, double value, int decimals)
{
	json_put_key(&l->text, name);
	buf_printf(&l->text, "%.*f", decimals, value);
}

void line_end(struct line *l)
{
	buf_byte(&l->text, '}');
	if (l->status == 0)
		l->status = out_record(l->out, buf_str(&l->text), l->err);
}
