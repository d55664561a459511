/* Lines that stand for a call, "Voice call, 3 min", as WhatsApp writes them in several languages.
 */
#include "adapt/adapt.h"
#include "adapt/whatsapp_head.h"
#include "adapt/whatsapp_text.h"
#include "base/text.h"

/* Folded: in small letters, without marks. */
static const char *const missed[] = {"missed voice call", "missed video call",
	"missed group voice call", "missed group video call", "silenced voice call",
	"silenced video call", "ligacao de voz perdida", "ligacao de video perdida",
	"chamada de voz perdida", "chamada de video perdida", "chamada de voz nao atendida",
	"chamada de video nao atendida", "llamada perdida", "llamada de voz perdida",
	"videollamada perdida", "appel vocal manque", "appel video manque",
	"verpasster sprachanruf", "verpasster videoanruf", "chiamata vocale persa",
	"videochiamata persa"};
static const char *const made[] = {"voice call", "video call", "group voice call",
	"group video call", "ligacao de voz", "ligacao de video", "chamada de voz",
	"chamada de video", "llamada de voz", "videollamada", "appel vocal", "appel video",
	"sprachanruf", "videoanruf", "chiamata vocale", "videochiamata"};
static const char *const unanswered[] = {"no answer", "sem resposta", "nao atendida",
	"sin respuesta", "sin contestar", "pas de reponse", "keine antwort", "nessuna risposta"};

static bool one_of(struct str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(s, words[i]))
			return true;
	return false;
}

#define ONE_OF(s, words) one_of(s, words, sizeof(words) / sizeof((words)[0]))

/* "2 hr 5 min", "45 sek", "1 std": seconds, or -1. A unit is known by how it begins. */
static int64_t span_of(struct str s)
{
	int64_t seconds = -1;

	while (s.len) {
		size_t digits = 0, word = 0;
		int64_t n;

		while (digits < s.len && s.s[digits] >= '0' && s.s[digits] <= '9')
			digits++;
		if (!digits || digits > 4 || !str_int((struct str){s.s, digits}, &n))
			break;
		s = str_trim((struct str){s.s + digits, s.len - digits});
		while (word < s.len && s.s[word] >= 'a' && s.s[word] <= 'z')
			word++;
		if (!word || !strchr("hms", s.s[0]))
			break;
		n *= s.s[0] == 'h' || str_starts(s, STR("st")) ? 3600 : s.s[0] == 'm' ? 60 : 1;
		seconds = (seconds < 0 ? 0 : seconds) + n;
		word += word < s.len && s.s[word] == '.';
		s = wa_trim((struct str){s.s + word, s.len - word});
	}
	return seconds;
}

/* How each of the lines above begins: most messages begin otherwise, and are not folded. */
static bool may_be(struct str s)
{
	static const char starts[][4] = {
		"mis", "sil", "lig", "cha", "lla", "vid", "app", "ver", "chi", "gro", "voi", "spr"};

	if (s.len <= 8 || !strchr("acglmsv", s.s[0] | 32))
		return false;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if ((s.s[0] | 32) == starts[i][0] && (s.s[1] | 32) == starts[i][1] &&
			(s.s[2] | 32) == starts[i][2])
			return true;
	return false;
}

bool wa_call(struct str body, struct wa_call *call)
{
	struct buf folded = BUF_INIT;
	struct str s, detail;
	size_t n;
	bool is;

	body = wa_trim(body);
	if (body.len > 100 || !may_be(body) || memchr(body.s, '\n', body.len))
		return false;
	text_fold(&folded, body);
	s = buf_str(&folded);
	for (n = 0; n < s.len && s.s[n] != ',' && s.s[n] != '.'; n++)
		;
	detail = n < s.len ? wa_trim((struct str){s.s + n + 1, s.len - n - 1}) : STR("");
	s = wa_trim((struct str){s.s, n});
	*call = (struct wa_call){.missed = ONE_OF(s, missed), .seconds = -1};
	is = call->missed || ONE_OF(s, made);
	if (is && !call->missed) {
		call->missed = ONE_OF(detail, unanswered);
		call->seconds = span_of(detail);
		/* Somebody may write of a video call, and how it went. */
		is = !detail.len || call->missed || call->seconds >= 0;
	}
	buf_release(&folded);
	return is;
}

void wa_put_call(struct draft *d, const struct wa_call *call, struct str body)
{
	bool in = str_is(draft_has(d, ATTR_DIRECTION), "in");

	draft_attr(d, ATTR_TYPE, STR("call"));
	draft_attr(d, ATTR_CHANNEL, STR("voice"));
	if (call->missed)
		draft_text(d, DATA_REASON, in ? STR("abandoned_queue") : STR("failed"));
	else if (call->seconds >= 0)
		draft_text(d, DATA_REASON, STR("answered"));
	if (call->seconds >= 0)
		draft_int(d, DATA_DURATION, call->seconds);
	draft_member(d, DATA_EXT, STR("notice"), wa_trim(body));
}
