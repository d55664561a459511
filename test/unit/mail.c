/* Mail: the scratch map, HTML as text, dates, quotations, one MIME mail. */
#include "adapt/quote.h"
#include "base/when.h"
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
	static const struct {
		const char *zone;
		int hours;
		bool named; /* else the date is a local one */
	} zones[] = {{" -0300", -3, true}, {" -03:00", -3, true}, {" +02", 2, true},
		{" GMT+2", 2, true}, {" UTC-03:00", -3, true}, {" CEST +0200", 2, true},
		{" Z", 0, true}, {" EST", -5, true}, {" UTC", 0, true}, {" CET", 0, false},
		{" BRT", 0, false}, {" +9999", 0, false}, {"", 0, false}};
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
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		struct buf date = BUF_INIT;

		buf_printf(&date, "Mon, 2 Mar 2026 11:05:10%s", zones[i].zone);
		CHECK(mime_date(buf_str(&date), &when, &zone) && zone == zones[i].named &&
			when == INT64_C(1772449510000) - zones[i].hours * WHEN_HOUR);
		buf_release(&date);
	}
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

/* All that is asked of a mail, in one text. */
static void tell_mail(struct mime *m, struct buf *out)
{
	static const char *const names[] = {"Subject", "Date", "Message-ID", "Received"};
	const struct mime_address *list;
	size_t n = mime_addresses(m, &list);

	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%d <%s> <%s>\n", list[i].place, list[i].name.s, list[i].address.s);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (int k = 0; k < 3; k++) {
			struct str h = mime_header(m, names[i], k);
			struct str raw = mime_header_raw(m, names[i], k);

			buf_printf(out, "%s: %.*s | %.*s\n", names[i], (int)h.len, h.s ? h.s : "",
				(int)raw.len, raw.s ? raw.s : "");
		}
	buf_put(out, mime_text(m));
	buf_byte(out, '|');
	buf_put(out, mime_own_text(m));
}

/* before: goes before the mail's own headers. */
static void read_mail(struct mime *m, const char *before, const char *mail, struct buf *out)
{
	struct buf err = BUF_INIT;

	mime_clear(m);
	mime_add(m, str_of(before), &err);
	mime_add(m, str_of(mail), &err);
	if (mime_parse(m, 60, &err) < 0)
		buf_put(out, buf_str(&err));
	else
		tell_mail(m, out);
	buf_release(&err);
}

/* A mail with a disposition goes through GMime's parser, and says the same. */
static void a_mail_that_is_split_says_what_the_parser_says(void)
{
	static const char *const mails[] = {"From: Ana <ana@x.example>\n\nhello",
		"From: \"Ana Prado\" <ana@x.example>\nTo: b@y.example\nSubject: a\n\tb\n  c\n\nx\n",
		"From: Ana Prado <a@xn--4ca.example>\nTo: \"P, A\" <c@d>, g: e@f;\n\n\n",
		"From: =?utf-8?Q?Jo=C3=A3o?= <j@x>\nSubject: =?iso-8859-1?q?=E9?= "
		"=?utf-8?q?z?=\n\nx",
		"From: J\xc3\xb3 <j@x>\nSubject: caf\xe9\nReceived: a\nReceived: b\n\nx",
		"From: a@x\r\nSubject: b\r\n c\r\nDate: Mon, 2 Mar 2026 10:00:00 "
		"+0000\r\n\r\nx\r\ny",
		"From: a@x\nContent-Type: text/plain; charset=iso-8859-1\n"
		"Content-Transfer-Encoding: quoted-printable\n\ncaf=E9 =\nau lait=20\n=3D=ZZ=",
		"From: a@x\nContent-Type: text/html\nContent-Transfer-Encoding: BASE64\n\n"
		"PHA+aGVsbG8gPGI+d29ybGQ8L2I+PC9wPg==\n",
		"From: a@x\nContent-Type: text/plain; format=flowed; delsp=yes\n\na b \nc\n> d \n> "
		"e\n",
		"From: a@x\nContent-Type: text/plain; charset=utf-8; name=a.txt\n\nfile\n",
		"From: a@x\nContent-Type: nonsense\nContent-Transfer-Encoding: x-none\n\nx\n",
		"From: a@x\nTo: b@y\nTo: c@z\nSubject: 1\nSubject: 2\n\nx\n",
		"From: a@x\nSubject : odd\nno colon\n\nx\n", "From: a@x\n \n\nx\n", "From: a@x\n",
		"Content-Type: text/plain\n\nx\n",
		"From: a@x\n\nmore than sixty bytes are in this text, and of them sixty are kept"};
	struct mime *m = mime_new();

	for (size_t i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
		struct buf split = BUF_INIT, parsed = BUF_INIT;

		read_mail(m, "", mails[i], &split);
		read_mail(m, "Content-Disposition: inline\n", mails[i], &parsed);
		if (!str_eq(buf_str(&split), buf_str(&parsed)))
			printf("mail %zu:\n%s\nby the parser:\n%s\n", i, split.s, parsed.s);
		CHECK(str_eq(buf_str(&split), buf_str(&parsed)));
		buf_release(&split);
		buf_release(&parsed);
	}
	mime_free(m);
}

/* One blank more, and GMime reads the date. */
static void usual_dates_are_what_gmime_says(void)
{
	static const char *const ends[] = {"2 Mar 2026 11:05:10 -0300",
		"31 Dec 1999 23:59:59 +1400", "29 Feb 2024 00:00:00 +0530",
		"01 Jan 1971 00:00:00 +0000", "31 Feb 2026 10:00:00 +0000",
		"2 Mar 2026 24:00:00 +0000", "2 Mar 2026 10:00:60 +0000",
		"2 Mar 2026 10:00:00 -0000", "2 Mar 2026 10:00:00 +0560",
		"2 Mar 1970 10:00:00 +0000", "31 Dec 2099 23:59:59 -0800",
		"2 Mar 2026 10:00:00 +9999"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct buf one = BUF_INIT, other = BUF_INIT;
		int64_t when[2] = {0, 0};
		bool zone[2] = {false, false}, is[2];

		buf_printf(&one, "Mon, %s", ends[i]);
		buf_printf(&other, "Mon,  %s", ends[i]);
		is[0] = mime_date(buf_str(&one), &when[0], &zone[0]);
		is[1] = mime_date(buf_str(&other), &when[1], &zone[1]);
		CHECK(is[0] == is[1] && (!is[0] || (when[0] == when[1] && zone[0] == zone[1])));
		buf_release(&one);
		buf_release(&other);
	}
}

int main(void)
{
	scratch_keeps_more_than_its_cache();
	html_becomes_lines();
	dates_are_read_or_refused();
	quotations_go();
	a_mail_of_any_size_is_read();
	a_mail_that_is_split_says_what_the_parser_says();
	usual_dates_are_what_gmime_says();
	return unit_end();
}
