/* Mail: the scratch map, HTML as text, dates, quotations, one MIME mail. */
#include "adapt/quote.h"
#include "core/store/scratch.h"
#include "io/html.h"
#include "io/mime.h"
#include "unit.h"

static void scratch_keeps_more_than_its_cache(void)
{
	struct buf err = BUF_INIT, key = BUF_INIT, value = BUF_INIT;
	struct scratch *s = scratch_new(64);
	int missing = 0;

	for (int i = 0; i < 50000; i++) {
		buf_clear(&key);
		buf_printf(&key, "message-%d@host.example with a tail that makes it long", i);
		scratch_put(s, buf_str(&key), (struct str){key.s, 9}, &err);
	}
	for (int i = 0; i < 50000; i += 7) {
		buf_clear(&key);
		buf_printf(&key, "message-%d@host.example with a tail that makes it long", i);
		missing += scratch_get(s, buf_str(&key), &value, &err) != 1 ||
			   !str_eq(buf_str(&value), (struct str){key.s, 9});
	}
	CHECK(missing == 0);
	CHECK(scratch_get(s, STR("none"), &value, &err) == 0 && value.len == 0);
	CHECK(scratch_put(s, STR(""), STR(""), &err) == 0);
	CHECK(scratch_get(s, STR(""), &value, &err) == 1 && value.len == 0);
	CHECK(err.len == 0);
	scratch_free(s);
	buf_release(&err);
	buf_release(&key);
	buf_release(&value);
}

static bool renders(void (*how)(struct buf *, struct str), const char *html, const char *text)
{
	struct buf out = BUF_INIT;
	bool same;

	how(&out, str_of(html));
	same = str_is(buf_str(&out), text);
	if (!same)
		printf("got: %s\n", out.s);
	buf_release(&out);
	return same;
}

static void html_becomes_lines(void)
{
	CHECK(renders(html_text, "a <b>b</b>\n c<br>d<p>e</p>f", "a b c\nd\n\ne\n\nf"));
	CHECK(renders(html_text, "<div>a</div><div>b</div>", "a\nb"));
	CHECK(renders(html_text, "x &amp; y &eacute;&nbsp;z", "x & y \xc3\xa9 z"));
	CHECK(renders(html_text, "<style>a</style><script>b</script>c", "c"));
	CHECK(renders(html_text, "<ul><li>a<li>b</ul>", "- a\n- b"));
	CHECK(renders(html_text, "<pre>a\n b</pre>", "a\n b"));
	CHECK(renders(html_text, "a<blockquote>b<br>c<blockquote>d</blockquote></blockquote>e",
		"a\n\n> b\n> c\n> > d\ne"));
	CHECK(renders(html_text, "", ""));
	CHECK(renders(html_text, "no tags", "no tags"));
	CHECK(renders(html_own, "a<hr id=stopSpelling>From: b", "a"));
	CHECK(renders(html_own,
		"a<div class='moz-cite-prefix'>On x wrote:</div><blockquote>b</blockquote>c",
		"a\n\n> b\nc"));
}

static void dates_are_read_or_refused(void)
{
	int64_t when = 0;
	bool zone = false;

	CHECK(mime_date(STR("Mon, 2 Mar 2026 11:05:10 -0300"), &when, &zone) && zone);
	CHECK(when == INT64_C(1772460310000));
	CHECK(mime_date(STR("2 Mar 2026 11:05:10"), &when, &zone) && !zone);
	CHECK(mime_date(STR("Mon, 2 Mar 2026 11:05:10 GMT"), &when, &zone) && zone);
	CHECK(mime_date(STR("Mon, 2 Mar 2026 23(late):  05  :\t10 +0000 (home (UTC))"), &when,
		      &zone) &&
		zone && when == INT64_C(1772492710000));
	CHECK(mime_date(STR("Mon 2 Mar 2026 11:05:10 PM UTC"), &when, &zone) &&
		when == INT64_C(1772492710000));
	CHECK(mime_date(STR("Mon 2 Mar 2026 12:05:10 AM UTC"), &when, &zone) &&
		when == INT64_C(1772409910000));
	CHECK(!mime_date(STR("Thu, 30 Jun 3609 10:00:00 +0000"), &when, &zone));
	CHECK(!mime_date(STR("yesterday"), &when, &zone));
	CHECK(!mime_date(STR(""), &when, &zone));
}

static bool leaves(const char *text, const char *own, enum quote_found found)
{
	struct buf out = BUF_INIT;
	enum quote_found got = quote_strip(&out, str_of(text));
	bool same = got == found && str_is(buf_str(&out), own);

	if (!same)
		printf("%d: %s\n", got, out.s);
	buf_release(&out);
	return same;
}

static void quotations_go(void)
{
	CHECK(leaves("", "", QUOTE_NONE));
	CHECK(leaves("plain\n\n\nwords \n", "plain\n\n\nwords \n", QUOTE_NONE));
	CHECK(leaves("> a\nb\n> c\nd", "b\n\nd", QUOTE_REPLY));
	CHECK(leaves("a\n-----Original Message-----\nb", "a", QUOTE_REPLY));
	CHECK(leaves("a\n--- Mensagem original ---\nb", "a", QUOTE_REPLY));
	CHECK(leaves("a\n\nBegin forwarded message:\n\nb", "a", QUOTE_FORWARD));
	CHECK(leaves("a\n-- \nb\nc", "a", QUOTE_NONE));
	CHECK(leaves("yes\nSent from my iPhone", "yes", QUOTE_NONE));
	CHECK(leaves("Sent from my iPhone it failed\nso I call",
		"Sent from my iPhone it failed\nso I call", QUOTE_NONE));
}

static void a_mail_of_any_size_is_read(void)
{
	struct mime *m = mime_new();
	struct buf err = BUF_INIT;
	const struct mime_part *parts;
	const struct mime_address *list;

	mime_add(m,
		STR("From: =?utf-8?Q?An=C3=A1?= <a@x.example>\nTo: g: b@x.example, c@x.example;\n"
		    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n"
		    "Content-Type: image/png; name=p.png\nContent-Transfer-Encoding: base64\n\n"),
		&err);
	for (int i = 0; i < 100000; i++)
		mime_add(m,
			STR("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY3ODkwQUJDREVGR0hJSktMTU5P"
			    "\n"),
			&err);
	CHECK(mime_add(m, STR("--b--\n"), &err) == 0);
	CHECK(mime_parse(m, 1000, &err) == 0 && str_is(mime_text(m), "hello"));
	CHECK(mime_parts(m, &parts) == 1 && str_is(buf_str(&parts[0].name), "p.png"));
	CHECK(parts[0].size > 5000000 && parts[0].size < 5500000);
	CHECK(mime_raw(m).len > MIME_MEMORY && str_starts(mime_raw(m), STR("From: ")));
	mime_clear(m);
	CHECK(mime_add(m, STR("no header\n"), &err) == 0 && mime_parse(m, 1000, &err) == -1);
	mime_clear(m);
	mime_add(m,
		STR("From: =?utf-8?Q?An=C3=A1?= <a@x.example>\nTo: g: b@x.example, c@x.example;\n"
		    "References: <1@x>\nReferences: <2@x>\n\nhello world"),
		&err);
	CHECK(mime_parse(m, 5, &err) == 0);
	CHECK(mime_addresses(m, &list) == 3 && str_is(buf_str(&list[0].name), "An\xc3\xa1"));
	CHECK(list[2].place == MIME_TO && str_is(buf_str(&list[2].address), "c@x.example"));
	CHECK(str_is(mime_header(m, "references", 1), "<2@x>") &&
		!mime_header(m, "references", 2).s);
	CHECK(str_is(mime_text(m), "hello") && mime_text_cut(m) && mime_parts(m, &parts) == 0);
	buf_release(&err);
	mime_free(m);
}

int main(void)
{
	scratch_keeps_more_than_its_cache();
	html_becomes_lines();
	dates_are_read_or_refused();
	quotations_go();
	a_mail_of_any_size_is_read();
	return unit_end();
}
