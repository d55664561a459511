/* Names: of people in the chat, and of the chat itself in its file's path. */
#include "adapt/adapt.h"
#include "adapt/whatsapp_head.h"
#include "adapt/whatsapp_text.h"

#include <strings.h>

struct str wa_name(struct str name)
{
	name = wa_trim(name);
	if (name.len > 1 && name.s[0] == '~')
		name = wa_trim((struct str){name.s + 1, name.len - 1});
	return name;
}

static const char *const titles[] = {"WhatsApp Chat with ", "WhatsApp Chat - ",
	"WhatsApp Chat with: ", "Conversa do WhatsApp com ", "Conversa do WhatsApp - ",
	"Chat de WhatsApp con ", "Chat de WhatsApp - ", "Discussion WhatsApp avec ",
	"WhatsApp-Chat mit ", "WhatsApp Chat mit ", "WhatsApp-Chat - ", "Chat WhatsApp con ",
	"Chat WhatsApp - ", "WhatsApp-chat met ", "WhatsApp-chatt med ",
	"Чат WhatsApp с контактом ", "Чат WhatsApp с "};

/* " (1)" that a second download puts behind. */
static struct str without_copy(struct str s)
{
	size_t n = s.len;

	if (!n || s.s[n - 1] != ')')
		return s;
	for (n--; n && s.s[n - 1] >= '0' && s.s[n - 1] <= '9'; n--)
		;
	if (n >= 2 && n + 1 < s.len && s.s[n - 1] == '(' && s.s[n - 2] == ' ')
		s.len = n - 2;
	return s;
}

struct str wa_path_peer(const char *path)
{
	struct str base = adapt_base_name(path);

	/* An export of iOS, unpacked or not: "WhatsApp Chat - Ana/_chat.txt", "… -
	 * Ana.zip/_chat.txt". */
	if (str_is(base, "_chat") && base.s > path + 1) {
		size_t len = (size_t)(base.s - path) - 1, at;

		for (at = len; at && path[at - 1] != '/'; at--)
			;
		base = (struct str){path + at, len - at};
		if (str_ends(base, STR(".zip")))
			base.len -= 4;
	}
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		size_t n = strlen(titles[i]);

		if (base.len >= n && strncasecmp(base.s, titles[i], n) == 0)
			return wa_name(without_copy((struct str){base.s + n, base.len - n}));
	}
	return STR("");
}

bool wa_is_number(struct str name)
{
	size_t digits = 0;

	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.s[i];

		if (c >= '0' && c <= '9')
			digits++;
		else if (c < 0x80 && !strchr("+-() .", c))
			return false;
		else if (c == '+' && i)
			return false;
		else if (c >= 0x80 && c != 0xe2 && c != 0x80 && c != 0x91 && c != 0x90 &&
			 c != 0xaf && c != 0xc2 && c != 0xa0)
			return false;
	}
	return digits >= 6;
}
