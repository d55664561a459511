#include "adapt/mail_part.h"
#include "base/text.h"

#include <ctype.h>

#define REFERENCES_MAX 1000

/* The next message id of a header: <...>, or a bare word with '@'. Folding within is taken out.
 * false: no more. */
static bool next_id(struct str *header, struct buf *id)
{
	buf_clear(id);
	while (header->len) {
		const char *end;
		bool bracket = header->s[0] == '<';
		size_t n = 0;

		if (isspace((unsigned char)header->s[0]) || header->s[0] == ',') {
			header->s++, header->len--;
			continue;
		}
		end = bracket ? memchr(header->s, '>', header->len) : NULL;
		while (n < header->len &&
			(end ? header->s + n < end
			     : !isspace((unsigned char)header->s[n]) && header->s[n] != ',')) {
			char c = header->s[n++];

			if ((unsigned char)c > ' ' && c != '<' && c != '>')
				buf_byte(id, c);
		}
		header->s += n + (end != NULL);
		header->len -= n + (end != NULL);
		if (id->len && (end || memchr(id->s, '@', id->len)))
			return true;
		buf_clear(id);
	}
	return false;
}

static struct str key_of(struct mail *m, char kind, struct str id)
{
	buf_clear(&m->key);
	buf_byte(&m->key, kind);
	buf_put(&m->key, id);
	return buf_str(&m->key);
}

/*
 * Looks one id up: 1 when its thread is known and becomes the root; 0 else, and the first id that
 * was asked for stays as the root to be.
 */
static int consider(struct mail *m, struct str id, struct buf *err)
{
	int known = scratch_get(m->seen, key_of(m, 'r', id), &m->value, err);

	if (known == 1) {
		buf_clear(&m->root);
		buf_put(&m->root, buf_str(&m->value));
	} else if (known == 0 && !m->root.len) {
		buf_put(&m->root, id);
	}
	return known;
}

/* Goes through all headers of the name; 1: the root is known. */
static int consider_header(struct mail *m, const char *name, struct buf *err)
{
	int known = 0, seen = 0;
	struct str h;

	for (int n = 0;
		n < MAIL_HEADERS_MAX && known == 0 && (h = mime_header_raw(m->mime, name, n)).s;
		n++)
		while (known == 0 && seen++ < REFERENCES_MAX && next_id(&h, &m->words))
			known = consider(m, buf_str(&m->words), err);
	return known;
}

/* A mail that answers none begins its thread, unless it is known already: 1 where that is so. */
static int begin_thread(struct mail *m, struct buf *err)
{
	if (!m->own_id.len || mime_header_raw(m->mime, "References", 0).s ||
		mime_header_raw(m->mime, "In-Reply-To", 0).s)
		return 0;
	buf_put(&m->root, buf_str(&m->own_id));
	return scratch_add(m->seen, key_of(m, 'r', buf_str(&m->own_id)), buf_str(&m->root), err);
}

int mail_thread(struct mail *m, struct buf *err)
{
	struct str id = mime_header_raw(m->mime, "Message-ID", 0);
	int known = 0, begun;

	buf_clear(&m->root);
	if (!next_id(&id, &m->own_id)) {
		/* An id without '@' and brackets is none by the book, yet it names the mail. */
		buf_clear(&m->own_id);
		for (size_t i = 0; i < id.len; i++)
			if ((unsigned char)id.s[i] > ' ' && !strchr("<>", id.s[i]))
				buf_byte(&m->own_id, id.s[i]);
	}
	begun = begin_thread(m, err);
	if (begun)
		return begun < 0 ? -1 : 0;
	if (m->own_id.len)
		known = scratch_get(m->seen, key_of(m, 'r', buf_str(&m->own_id)), &m->root, err);
	if (known == 0)
		known = consider_header(m, "References", err);
	if (known == 0)
		known = consider_header(m, "In-Reply-To", err);
	if (known < 0)
		return -1;
	if (!m->root.len)
		buf_put(&m->root, buf_str(&m->own_id));
	if (!m->own_id.len)
		return 0;
	return scratch_put(m->seen, key_of(m, 'r', buf_str(&m->own_id)), buf_str(&m->root), err);
}

#define DIGEST 8 /* hex digits */

/* Appends a digest of the draft: of what makes it this message, and of all of it. */
static void digests(struct mail *m, const struct draft *d, struct str sender, struct buf *out)
{
	unsigned char digest[HASH_SIZE];

	buf_clear(&m->key);
	text_lower(&m->key, sender);
	hash_begin(m->hash);
	hash_add(m->hash, &d->time, sizeof(d->time));
	hash_add_part(m->hash, buf_str(&m->key));
	hash_add_part(m->hash, buf_str(&d->data[DATA_TEXT]));
	hash_end(m->hash, digest);
	hash_hex(out, digest, DIGEST / 2);
	hash_begin(m->hash);
	for (int i = 0; i < DATA_COUNT; i++)
		if (d->data[i].len) {
			hash_add(m->hash, &i, sizeof(i));
			hash_add_part(m->hash, buf_str(&d->data[i]));
		}
	hash_end(m->hash, digest);
	hash_hex(out, digest, DIGEST / 2);
}

/* 1: the id is another mail's; 2: it is this mail's, which came another way before. */
static int take_id(struct mail *m, struct str id, struct str now, struct buf *err)
{
	int added = scratch_add(m->seen, key_of(m, 'm', id), now, err), known;

	if (added)
		return added < 0 ? -1 : 0;
	known = scratch_get(m->seen, buf_str(&m->key), &m->value, err);
	if (known < 0 || str_eq(buf_str(&m->value), now))
		return known < 0 ? -1 : 0;
	return strncmp(m->value.s, now.s, DIGEST) == 0 ? 2 : 1;
}

int mail_id(struct adapt_run *run, struct str sender, struct buf *err)
{
	struct mail *m = run->mail;
	int taken;

	if (!m->own_id.len)
		return 0;
	buf_clear(&m->words);
	digests(m, &run->draft, sender, &m->words);
	taken = take_id(m, buf_str(&m->own_id), buf_str(&m->words), err);
	if (taken == 1) {
		buf_printf(&m->own_id, "#%.*s", DIGEST, m->words.s);
		taken = take_id(m, buf_str(&m->own_id), buf_str(&m->words), err);
	}
	draft_attr(&run->draft, ATTR_ID, buf_str(&m->own_id));
	return taken < 0 ? -1 : taken == 2;
}
