/* What a container says and nothing of the record has a place for. */
#include "adapt/vcon.h"

/* What is read, and what is about the container and not about what it holds. */
static const char *const of_vcon[] = {"vcon", "uuid", "created_at", "updated_at", "subject",
	"parties", "dialog", "analysis", "attachments", "extensions", "must_support", "critical",
	NULL};
static const char *const of_party[] = {"tel", "mailto", "sip", "name", "did", "role", "type", NULL};
static const char *const of_dialog[] = {"type", "start", "duration", "parties", "originator",
	"mediatype", "mimetype", "filename", "body", "encoding", "url", "disposition",
	"application", "message_id", "transferee", "transferor", "transfer_target",
	"transfer-target", NULL};

static bool is_one_of(struct str name, const char *const *names)
{
	while (*names && !str_is(name, *names))
		names++;
	return *names != NULL;
}

static bool is_nothing(const struct json *v)
{
	return v->type == JSON_NULL || (v->type >= JSON_STRING && !v->count && !v->text.len);
}

static void put_rest(
	struct draft *draft, const char *name, const struct json *of, const char *const *read)
{
	struct buf left = BUF_INIT;

	for
		JSON_EACH(v, of)
		{
			if (is_one_of(v->key, read) || is_nothing(v))
				continue;
			buf_byte(&left, left.len ? ',' : '{');
			json_put_string(&left, v->key);
			buf_byte(&left, ':');
			json_put_line(&left, v->raw);
		}
	if (left.len) {
		buf_byte(&left, '}');
		draft_member_raw(draft, DATA_EXT, str_of(name), buf_str(&left));
	}
	buf_release(&left);
}

void vcon_rest(struct vcon_in *x, const struct json *dialog, const struct json *speaker)
{
	struct draft *draft = &x->run->draft;

	put_rest(draft, "dialog", dialog, of_dialog);
	if (speaker)
		put_rest(draft, "party", speaker, of_party);
	if (!x->told)
		put_rest(draft, "vcon", x->root, of_vcon);
	x->told = true;
}

/* The names in a list that are none of those whose containers are read safely. */
static struct str unknown(const struct json *list)
{
	for
		JSON_EACH(v, list)
	if (json_is_string(v) && v->text.len && !str_is(v->text, "CC") && !str_is(v->text, "cc"))
		return v->text;
	return STR("");
}

struct str vcon_needs(const struct json *root)
{
	const struct json *list = json_member(root, "critical");

	return unknown(list ? list : json_member(root, "must_support"));
}
