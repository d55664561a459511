#include "adapt/discord_line.h"

#define RULE 62				/* equal signs */
#define FIRST_EPOCH INT64_C(1420070400) /* 2015, Discord's first year */

static bool is_rule(struct str line)
{
	if (line.len != RULE)
		return false;
	for (size_t i = 0; i < line.len; i++)
		if (line.s[i] != '=')
			return false;
	return true;
}

static size_t digits(struct str s, int64_t *n)
{
	size_t i = 0;

	for (*n = 0; i < s.len && i < 15 && s.s[i] >= '0' && s.s[i] <= '9'; i++)
		*n = *n * 10 + (s.s[i] - '0');
	return i;
}

/* Takes a number of least to most digits and the mark behind it. */
static bool part(struct str *s, size_t least, size_t most, char mark, int *out)
{
	int64_t n;
	size_t len = digits(*s, &n);

	if (len < least || len > most || s->len <= len || s->s[len] != mark)
		return false;
	*out = (int)n;
	s->s += len + 1;
	s->len -= len + 1;
	return true;
}

static int month_of(struct str s)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; s.len >= 4 && s.s[3] == '-' && i < 12; i++)
		if (memcmp(s.s, names + (size_t)i * 3, 3) == 0)
			return i + 1;
	return 0;
}

/* "15-Jan-24 10:30 AM]" */
static bool named_date(struct str *s, struct discord_head *h)
{
	struct civil c = {0};
	int year;
	bool am, pm;

	if (!part(s, 1, 2, '-', &c.day) || !(c.month = month_of(*s)))
		return false;
	s->s += 4;
	s->len -= 4;
	if (!part(s, 2, 4, ' ', &year) || !part(s, 1, 2, ':', &c.hour))
		return false;
	c.year = year < 100 ? 2000 + year : year;
	am = s->len > 5 && memcmp(s->s + 2, " AM]", 4) == 0;
	pm = s->len > 5 && memcmp(s->s + 2, " PM]", 4) == 0;
	if (!part(s, 2, 2, am || pm ? ' ' : ']', &c.minute))
		return false;
	if (am || pm) {
		s->s += 3;
		s->len -= 3;
		c.hour = c.hour % 12 + (pm ? 12 : 0);
	}
	h->at = c;
	return true;
}

static bool epoch(struct str *s, struct discord_head *h)
{
	int64_t n;
	size_t len = digits(*s, &n);

	if (s->len <= len || s->s[len] != ']')
		return false;
	if (len == 10 && n >= FIRST_EPOCH)
		h->utc = n * WHEN_SECOND;
	else if (len == 13 && n >= FIRST_EPOCH * WHEN_SECOND)
		h->utc = n;
	else
		return false;
	s->s += len + 1;
	s->len -= len + 1;
	return true;
}

/* The date of a head; *rest is what stands behind its bracket. */
static bool head_date(struct str line, struct discord_head *h, struct str *rest)
{
	if (wa_head(line, NULL, &h->fields) && h->fields.close == WA_BRACKET) {
		size_t n = (size_t)(h->fields.rest.s - line.s);

		h->date = DISCORD_FIELDS;
		h->layout = h->fields.layout;
		h->noon = n > 3 && memcmp(h->fields.rest.s - 3, "M] ", 3) == 0;
		*rest = h->fields.rest;
		return true;
	}
	*rest = (struct str){line.s + 1, line.len - 1};
	h->date = DISCORD_NAMED;
	h->layout = WA_LAYOUTS;
	if (!named_date(rest, h)) {
		*rest = (struct str){line.s + 1, line.len - 1};
		h->date = DISCORD_EPOCH;
		h->layout = WA_LAYOUTS + 1;
		if (!epoch(rest, h))
			return false;
	}
	return true;
}

static bool read_head(struct str line, struct discord_head *h)
{
	struct str pinned = STR(" (pinned)");

	if (line.len < 4 || line.s[0] != '[')
		return false;
	*h = (struct discord_head){0};
	if (!head_date(line, h, &h->author))
		return false;
	h->author = wa_trim(h->author);
	h->pinned = str_ends(h->author, pinned);
	if (h->pinned)
		h->author.len -= pinned.len;
	return h->author.len > 0;
}

static bool is_footer(struct str line)
{
	return str_starts(line, STR("Exported ")) && str_ends(line, STR(" message(s)"));
}

static enum discord_line after_rule(struct discord_place *p, struct str line)
{
	p->held = false;
	if (is_footer(line)) {
		p->at = DISCORD_BELOW;
		return DISCORD_FRAME;
	}
	p->solid = wa_trim(line).len > 0;
	return DISCORD_HELD_OTHER;
}

enum discord_line discord_line(struct discord_place *p, struct str line, struct discord_head *h)
{
	bool rule = is_rule(line), solid = p->solid;

	if (p->held)
		return after_rule(p, line);
	/* Where the second rule is gone, or the first, the messages begin behind a blank line. */
	if (p->at == DISCORD_ABOVE && !solid && read_head(line, h))
		p->at = DISCORD_WITHIN;
	if (p->at == DISCORD_ABOVE || p->at == DISCORD_BELOW) {
		p->at = !rule ? p->at : p->at == DISCORD_ABOVE ? DISCORD_WITHIN : DISCORD_START;
		p->solid = wa_trim(line).len > 0 && !rule;
		return DISCORD_FRAME;
	}
	if (p->at == DISCORD_START && rule) {
		p->at = DISCORD_ABOVE;
		return DISCORD_FRAME;
	}
	p->solid = wa_trim(line).len > 0;
	if (rule && !solid) {
		p->held = true;
		return DISCORD_HELD;
	}
	if (solid || !read_head(line, h))
		return DISCORD_OTHER;
	p->at = DISCORD_WITHIN;
	return DISCORD_HEAD;
}

bool discord_handle(struct str author)
{
	int64_t n;

	if (author.len > 5 && author.s[author.len - 5] == '#') {
		struct str number = {author.s + author.len - 4, 4};

		/* What has no account has 0000: a webhook, somebody who left. */
		return digits(number, &n) == 4 && n > 0;
	}
	for (size_t i = 0; i < author.len; i++)
		if (!(author.s[i] >= 'a' && author.s[i] <= 'z') &&
			!(author.s[i] >= '0' && author.s[i] <= '9') && author.s[i] != '.' &&
			author.s[i] != '_')
			return false;
	return author.len >= 2 && author.len <= 32;
}

bool discord_notice(struct str text)
{
	static const struct {
		const char *from, *to; /* to NULL: from is all */
	} notices[] = {{"Joined the server.", NULL}, {"Pinned a message.", NULL},
		{"Started a thread.", NULL}, {"Changed the channel icon.", NULL},
		{"Changed the channel name.", NULL}, {"Changed the channel name: ", ""},
		{"Added a recipient.", NULL}, {"Removed a recipient.", NULL},
		{"Left the group.", NULL}, {"Added ", " to the group."},
		{"Removed ", " from the group."}, {"Started a call that lasted ", " minutes."}};

	if (text.len && memchr(text.s, '\n', text.len))
		return false;
	for (size_t i = 0; i < sizeof(notices) / sizeof(notices[0]); i++)
		if (notices[i].to ? str_starts(text, str_of(notices[i].from)) &&
					    str_ends(text, str_of(notices[i].to))
				  : str_is(text, notices[i].from))
			return true;
	return false;
}

static const struct {
	const char *mark, *member;
	bool whole; /* one item each, else one a line */
} blocks[] = {{"{Attachments}", "attachments", false}, {"{Embed}", "embeds", true},
	{"{Stickers}", "stickers", false}, {"{Reactions}", "reactions", true}};
#define BLOCKS (sizeof(blocks) / sizeof(blocks[0]))

static size_t block_of(struct str line)
{
	size_t i = 0;

	while (i < BLOCKS && !str_is(line, blocks[i].mark))
		i++;
	return i;
}

static struct str take_line(struct str *s)
{
	const char *lf = memchr(s->s, '\n', s->len);
	struct str line = {s->s, lf ? (size_t)(lf - s->s) : s->len};

	s->s += line.len + (lf != NULL);
	s->len -= line.len + (lf != NULL);
	return line;
}

/* What is before the next block's mark, which stands behind a blank line; *block: which it is. */
static struct str take_part(struct str *s, size_t *block)
{
	struct str whole = {s->s, 0};
	bool blank = true;

	*block = BLOCKS;
	while (s->len) {
		const char *begin = s->s;
		struct str line = take_line(s);

		if (blank && (*block = block_of(line)) < BLOCKS) {
			whole.len = (size_t)(begin - whole.s);
			return str_trim(whole);
		}
		blank = !str_trim(line).len;
	}
	whole.len = (size_t)(s->s - whole.s);
	return str_trim(whole);
}

static void add_items(struct buf *list, struct str what, bool whole)
{
	if (whole && what.len)
		draft_list(list, what);
	while (!whole && what.len) {
		struct str line = str_trim(take_line(&what));

		if (line.len)
			draft_list(list, line);
	}
}

void discord_body(struct draft *d, struct str body)
{
	struct buf lists[BLOCKS];
	size_t block, next;

	for (size_t i = 0; i < BLOCKS; i++)
		buf_init(&lists[i]);
	draft_text(d, DATA_TEXT, take_part(&body, &block));
	for (; block < BLOCKS; block = next)
		add_items(&lists[block], take_part(&body, &next), blocks[block].whole);
	for (size_t i = 0; i < BLOCKS; i++) {
		if (lists[i].len)
			draft_member_raw(d, DATA_EXT, str_of(blocks[i].member), buf_str(&lists[i]));
		buf_release(&lists[i]);
	}
}
