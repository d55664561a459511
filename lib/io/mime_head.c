/* Headers and addresses of a mail. */
#include "base/mem.h"
#include "base/text.h"
#include "io/mime_part.h"

#include <strings.h>

static struct mime_header *next_header(struct mime *m)
{
	struct mime_header *h;

	if (m->header_n == m->header_made)
		buf_init(&VEC_ADD(m, header, header_made, header_cap)->value);
	h = &m->header[m->header_n++];
	h->decoded = false;
	return h;
}

void mime_put_header(struct mime *m, struct str name, struct str raw)
{
	struct mime_header *h = next_header(m);

	h->at = NULL;
	h->name = name;
	h->raw = raw;
}

/* They are asked for by many names: what GMime has of them is taken once. */
void mime_list_headers(struct mime *m)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(m->mail));
	int count = g_mime_header_list_get_count(list);

	for (int i = 0; i < count; i++) {
		struct mime_header *h = next_header(m);

		h->at = g_mime_header_list_get_header_at(list, i);
		h->name = str_of(g_mime_header_get_name(h->at));
	}
}

static struct mime_header *find_header(struct mime *m, const char *name, int n)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < m->header_n; i++)
		if (m->header[i].name.len == len &&
			strncasecmp(m->header[i].name.s, name, len) == 0 && n-- == 0)
			return &m->header[i];
	return NULL;
}

/* With a NUL behind it, as GMime's functions want it; borrowed until the next. */
static const char *raw_line(struct mime *m, const struct mime_header *h)
{
	buf_clear(&m->line);
	buf_put(&m->line, h->raw);
	return m->line.s;
}

/* What is on one line and has nothing encoded stands for itself. */
static struct str value_of(struct mime *m, struct mime_header *h)
{
	struct str plain = str_trim(h->raw);
	char *unfolded, *text;

	if (h->decoded)
		return buf_str(&h->value);
	if (text_printable(plain) && str_find(plain, STR("=?")) < 0)
		return plain;
	unfolded = g_mime_utils_header_unfold(raw_line(m, h));
	text = g_mime_utils_header_decode_text(m->options, unfolded);
	buf_clear(&h->value);
	buf_puts(&h->value, text);
	h->decoded = true;
	g_free(text);
	g_free(unfolded);
	return buf_str(&h->value);
}

struct str mime_header(struct mime *m, const char *name, int n)
{
	struct mime_header *h = find_header(m, name, n);

	if (!h)
		return (struct str){NULL, 0};
	return str_trim(h->at ? str_of(g_mime_header_get_value(h->at)) : value_of(m, h));
}

struct str mime_header_raw(struct mime *m, const char *name, int n)
{
	struct mime_header *h = find_header(m, name, n);

	if (!h)
		return (struct str){NULL, 0};
	return str_trim(h->at ? str_of(g_mime_header_get_raw_value(h->at)) : h->raw);
}

static struct mime_address *next_address(struct mime *m, enum mime_place place)
{
	struct mime_address *a;

	if (m->address_n == m->address_made) {
		a = VEC_ADD(m, address, address_made, address_cap);
		buf_init(&a->name);
		buf_init(&a->address);
	}
	a = &m->address[m->address_n++];
	a->place = place;
	buf_clear(&a->name);
	buf_clear(&a->address);
	return a;
}

static void add_addresses(
	struct mime *m, enum mime_place place, InternetAddressList *list, int depth)
{
	int n = list ? internet_address_list_length(list) : 0;

	for (int i = 0; i < n; i++) {
		InternetAddress *a = internet_address_list_get_address(list, i);
		const char *name = internet_address_get_name(a), *address;
		struct mime_address *to;

		if (INTERNET_ADDRESS_IS_GROUP(a)) {
			InternetAddressGroup *group = INTERNET_ADDRESS_GROUP(a);

			if (depth < MIME_DEPTH_MAX)
				add_addresses(m, place, internet_address_group_get_members(group),
					depth + 1);
			continue;
		}
		address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(a));
		to = next_address(m, place);
		buf_put(&to->name, str_trim(str_of(name)));
		buf_put(&to->address, str_trim(str_of(address)));
	}
}

/* Bytes of a kind that s begins with: of names' words and of addresses. */
static size_t span(struct str s, const char *also)
{
	size_t n = 0;

	while (n < s.len && (g_ascii_isalnum(s.s[n]) || (s.s[n] && strchr(also, s.s[n]))))
		n++;
	return n;
}

static struct str behind(struct str s, size_t n)
{
	return (struct str){s.s + n, s.len - n};
}

/* A name of letters and digits, in quotes or not, with one blank at a time; empty where there is
 * none. false: it needs reading. */
static bool plain_name(struct str *s, struct str *name)
{
	bool quoted = str_starts(*s, STR("\""));
	size_t n = span(behind(*s, quoted), " ");

	*name = (struct str){s->s + quoted, n};
	*s = behind(*s, quoted + n);
	if (quoted && !str_starts(*s, STR("\" ")))
		return false;
	if (quoted)
		*s = behind(*s, 2);
	else if (n && name->s[--name->len] != ' ')
		return false;
	return str_find(*name, STR("  ")) < 0 && str_trim(*name).len == name->len &&
	       name->len + !quoted > 0;
}

/* A domain with "--" in it may stand for one in other letters. */
static bool plain_address(struct str s)
{
	size_t local = span(s, "._-+"), domain;
	struct str rest = behind(s, local);

	if (!local || !str_starts(rest, STR("@")) || s.s[0] == '.' || s.s[local - 1] == '.' ||
		str_find(s, STR("..")) >= 0 || str_find(s, STR("--")) >= 0)
		return false;
	domain = span(behind(rest, 1), ".-");
	return domain > 0 && 1 + domain == rest.len && rest.s[1] != '.' &&
	       rest.s[rest.len - 1] != '.';
}

/* "Ana Prado <ana@posta.example>" is what it says; whatever is in the least unlike that needs
 * reading: false. */
static bool take_plain(struct mime *m, enum mime_place place, struct str value)
{
	struct str s = str_trim(value), name;
	struct mime_address *to;

	if (!s.len || s.s[s.len - 1] != '>' || !plain_name(&s, &name) || !str_starts(s, STR("<")))
		return false;
	s = (struct str){s.s + 1, s.len - 2};
	if (!plain_address(s))
		return false;
	to = next_address(m, place);
	buf_put(&to->name, name);
	buf_put(&to->address, s);
	return true;
}

static void parse_addresses(struct mime *m, enum mime_place place, const char *name)
{
	struct mime_header *h = find_header(m, name, 0);
	InternetAddressList *list;

	if (!h || take_plain(m, place, h->raw))
		return;
	list = internet_address_list_parse(m->options, raw_line(m, h));
	if (!list)
		return;
	add_addresses(m, place, list, 0);
	g_object_unref(list);
}

void mime_list_addresses(struct mime *m)
{
	static const struct {
		const char *name;
		GMimeAddressType type;
	} headers[] = {[MIME_FROM] = {"From", GMIME_ADDRESS_TYPE_FROM},
		[MIME_SENDER] = {"Sender", GMIME_ADDRESS_TYPE_SENDER},
		[MIME_REPLY_TO] = {"Reply-To", GMIME_ADDRESS_TYPE_REPLY_TO},
		[MIME_TO] = {"To", GMIME_ADDRESS_TYPE_TO},
		[MIME_CC] = {"Cc", GMIME_ADDRESS_TYPE_CC},
		[MIME_BCC] = {"Bcc", GMIME_ADDRESS_TYPE_BCC}};

	for (enum mime_place p = MIME_FROM; p <= MIME_BCC; p++) {
		if (m->mail)
			add_addresses(
				m, p, g_mime_message_get_addresses(m->mail, headers[p].type), 0);
		else
			parse_addresses(m, p, headers[p].name);
	}
}

size_t mime_addresses(const struct mime *m, const struct mime_address **list)
{
	*list = m->address;
	return m->address_n;
}
