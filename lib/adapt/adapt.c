#include "adapt/adapt.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

void adapt_source(struct adapt_run *run, const char *format, const char *channel)
{
	buf_clear(&run->text);
	buf_puts(&run->text, format);
	buf_byte(&run->text, '/');
	buf_puts(&run->text, run->opt->account);
	draft_attr(&run->draft, ATTR_SOURCE, buf_str(&run->text));
	draft_attr(&run->draft, ATTR_CHANNEL, str_of(channel));
}

void adapt_local_time(struct adapt_run *run, const struct civil *local, const char *also)
{
	run->draft.time = when_local(local);
	if (run->opt->tz_given && !also)
		return;
	run->zoneless += !run->opt->tz_given;
	buf_clear(&run->text);
	if (!run->opt->tz_given)
		buf_puts(&run->text, also ? "UTC " : "UTC");
	if (also)
		buf_puts(&run->text, also);
	draft_text(&run->draft, DATA_TIME_ASSUMED, buf_str(&run->text));
}

void adapt_found(struct adapt_run *run, const char *fmt, ...)
{
	char text[512];
	va_list args;

	if (!run->found)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	buf_printf(run->found, "%s\n", text);
}

static bool same_name(struct str a, struct str b)
{
	struct buf fa = BUF_INIT, fb = BUF_INIT;
	bool same;

	text_fold(&fa, str_trim(a));
	text_fold(&fb, str_trim(b));
	same = str_eq(buf_str(&fa), buf_str(&fb));
	buf_release(&fa);
	buf_release(&fb);
	return same;
}

static bool names(const char *const *list, size_t n, struct str who)
{
	for (size_t i = 0; i < n; i++) {
		struct str one = str_of(list[i]);

		if (same_name(one, who))
			return true;
		if (one.len > 1 && one.s[0] == '@' && who.len > one.len &&
			same_name(one, (struct str){who.s + who.len - one.len, one.len}))
			return true;
	}
	return false;
}

enum adapt_who adapt_who(const struct adapt_options *o, struct str who)
{
	if (names(o->bots, o->botn, who))
		return WHO_BOT;
	return names(o->self, o->selves, who) ? WHO_SELF : WHO_OTHER;
}

void adapt_speaker(struct adapt_run *run, enum adapt_who who, struct str name)
{
	struct draft *d = &run->draft;

	draft_attr(d, ATTR_DIRECTION, who == WHO_OTHER ? STR("in") : STR("out"));
	draft_attr(d, ATTR_ACTOR,
		who == WHO_OTHER ? STR("customer")
		: who == WHO_BOT ? STR("bot")
				 : STR("agent"));
	if (who == WHO_OTHER)
		draft_text(d, DATA_NAME, name);
	else
		draft_text(d, DATA_AGENT, name);
}

bool adapt_email(struct adapt_run *run, struct str s)
{
	const char *at;

	s = str_trim(s);
	at = s.len ? memchr(s.s, '@', s.len) : NULL;
	if (!at || at == s.s || at + 1 == s.s + s.len)
		return false;
	buf_clear(&run->text);
	text_lower(&run->text, s);
	draft_identifier(&run->draft, "email", buf_str(&run->text));
	return true;
}

bool adapt_is_stdin(const char *path)
{
	return strcmp(path, "<stdin>") == 0;
}

struct str adapt_base_name(const char *path)
{
	struct str s = str_of(path);
	size_t at;

	while (s.len > 1 && s.s[s.len - 1] == '/')
		s.len--;
	for (at = s.len; at && s.s[at - 1] != '/'; at--)
		;
	s = (struct str){s.s + at, s.len - at};
	for (at = s.len; at > 1 && s.s[at - 1] != '.'; at--)
		;
	if (at > 1 && s.len - at <= 4)
		s.len = at - 1;
	return s;
}
