#include "io/xmlscan.h"
#include "io/json.h"
#include "io/xml.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

static char path_of_file[] = "/tmp/xmlscan-unit-XXXXXX";

static void text_input(struct input *in, struct str text)
{
	struct buf err = BUF_INIT;
	FILE *f = fopen(path_of_file, "w");

	if (!f || fwrite(text.s, 1, text.len, f) != text.len || fclose(f) ||
		input_open(in, path_of_file, &err) < 0)
		abort();
}

static int gather(void *ctx, const struct xmlscan *s, struct str piece, struct buf *err)
{
	(void)s;
	(void)err;
	buf_put(ctx, piece);
	return 0;
}

/* All records: "line@offset JSON" with '|' between; ?why, <long>, !why for BAD, LONG, BROKEN. */
static char *records(struct str text, const char *path, size_t max)
{
	struct buf out = BUF_INIT, err = BUF_INIT, spilt = BUF_INIT;
	struct xmlscan s;
	struct input in;
	int got;

	text_input(&in, text);
	if (xmlscan_open(&s, &in, path, max, &err) < 0)
		buf_puts(&out, strchr(err.s, ' ') + 1);
	s.spill = gather;
	s.ctx = &spilt;
	if (!err.len)
		while ((got = xmlscan_next(&s, &err)) > 0) {
			buf_printf(
				&out, "%s%d@%d ", out.len ? "|" : "", (int)s.line, (int)s.offset);
			if (got == XMLSCAN_ONE)
				buf_put(&out, s.json);
			else if (got == XMLSCAN_LONG)
				buf_printf(&out, "<%s>", spilt.s);
			else
				buf_printf(&out, "%s%c%s", spilt.s, got == XMLSCAN_BAD ? '?' : '!',
					s.why);
			buf_clear(&spilt);
		}
	xmlscan_close(&s);
	input_close(&in);
	buf_release(&err);
	buf_release(&spilt);
	return buf_take(&out);
}

static bool gives(struct str text, const char *path, size_t max, const char *want)
{
	char *got = records(text, path, max);
	bool same = strcmp(got, want) == 0;

	if (!same)
		printf("got  %s\nwant %s\n", got, want);
	free(got);
	return same;
}

#define GIVES(text, path, want) CHECK(gives(STR(text), path, 1000, want))

static void test_shapes(void)
{
	GIVES("<a><b x='1' y=\"2\"/><c>t</c></a>", "a",
		"1@3 {\"#name\":\"b\",\"@x\":\"1\",\"@y\":\"2\"}|1@19 "
		"{\"#name\":\"c\",\"#text\":\"t\"}");
	GIVES("<?xml version='1.0'?>\n<!-- <a> -->\n<!DOCTYPE a [<!ENTITY x '>'><!-- ' -->]>\n<a "
	      ">\n <b/>\n</a >\n",
		"a", "5@82 {\"#name\":\"b\"}");
	GIVES("\xef\xbb\xbf<a><b/></a>", "a", "1@6 {\"#name\":\"b\"}");
	GIVES("<a/>", "a", "");
	GIVES("<a>text<!-- <b/> --><![CDATA[<b/>]]><?p <b/>?></a>", "a", "");
	GIVES("<a><b>1<c/>2<c k=''/> <d>3</d></b></a>", "a",
		"1@3 {\"#name\":\"b\",\"#text\":\"12 "
		"\",\"c\":[{},{\"@k\":\"\"}],\"d\":{\"#text\":\"3\"}}");
	GIVES("<a><b><d/><c/><d x='>'/></b></a>", "a",
		"1@3 {\"#name\":\"b\",\"d\":[{},{\"@x\":\">\"}],\"c\":{}}");
	GIVES("<a><b> \n <c/>\n</b></a>", "a", "1@3 {\"#name\":\"b\",\"c\":{}}");
	GIVES("<a><b>1<![CDATA[<2>&#0;]]>3</b></a>", "a",
		"1@3 {\"#name\":\"b\",\"#text\":\"1<2>&#0;3\"}");
	GIVES("<a><n:b x:y='1'><n:c/></n:b></a>", "a",
		"1@3 {\"#name\":\"n:b\",\"@x:y\":\"1\",\"n:c\":{}}");
	GIVES("<a><b x='&lt;&quot;&#10;\n&amp;'/></a>", "a",
		"1@3 {\"#name\":\"b\",\"@x\":\"<\\\"\\n &\"}");
}

static void test_paths(void)
{
	GIVES("<a><n><t/></n><t><b/></t><u><b/></u><t><c/></t></a>", "a.t",
		"1@17 {\"#name\":\"b\"}|1@39 {\"#name\":\"c\"}");
	GIVES("<a k='v'><b/></a>", ".", "1@0 {\"#name\":\"a\",\"@k\":\"v\",\"b\":{}}");
	GIVES("<a/><?xml version='1.0'?><b/>", ".", "1@0 {\"#name\":\"a\"}|1@25 {\"#name\":\"b\"}");
	GIVES("<a><b/></a>\n<a><c/></a>", "a", "1@3 {\"#name\":\"b\"}|2@15 {\"#name\":\"c\"}");
	GIVES("<b><t/></b>", "a", "1@3 !the root element is b");
	GIVES("<a><u/></a>", "a.t", "1@11 !the document has no element a.t");
	GIVES("", "a", "1@0 !the document has no element");
	GIVES("<a/>", "a..b", "no path to an element");
}

static void test_broken(void)
{
	GIVES("<a><b/>", "a", "1@3 {\"#name\":\"b\"}|1@7 !the document ends within a");
	GIVES("<a><b>\n<c", "a", "2@9 !the document ends within an element");
	GIVES("<a><b x='", "a", "1@9 !the document ends within an element");
	GIVES("<a><b/><!-- ", "a",
		"1@3 {\"#name\":\"b\"}|1@12 !the document ends within an element");
	GIVES("<a></b></a>", "a", "1@7 !the end of b, which is not open");
	GIVES("<a/></a>", "a", "1@8 !the end of a, which is not open");
	GIVES("<a/>text", "a", "1@4 !text outside of the root element");
	GIVES("text", "a", "1@0 !text outside of the root element");
	GIVES("<a>\0<b/></a>", "a", "1@3 !a NUL byte");
	GIVES("<a> < </a>", "a", "1@5 !not XML");
	GIVES("<a><!DOCTYPE x></a>", "a", "1@5 !not XML");
	GIVES("<a><b <c/></a>", "a", "1@6 !not XML");
}

/* What is broken within its tags costs itself alone. */
static void test_bad(void)
{
	GIVES("<a><b x=1/><b/></a>", "a", "1@3 ?attValue: \" or ' expected|1@11 {\"#name\":\"b\"}");
	GIVES("<a><b>I <3 you</b><c/></a>", "a",
		"1@3 ?invalid element name|1@18 {\"#name\":\"c\"}");
	GIVES("<a><b><c>1<br>2</c></b><d/></a>", "a",
		"1@3 ?opening and ending tag mismatch: br and c|1@23 {\"#name\":\"d\"}");
	GIVES("<a><b x='1' x='2'/><c/></a>", "a",
		"1@3 ?attribute x redefined|1@19 {\"#name\":\"c\"}");
	GIVES("<a><b>\0</b><c/></a>", "a", "1@3 ?a NUL byte|1@11 {\"#name\":\"c\"}");
	GIVES("<a><b>\x01</b><c/></a>", "a",
		"1@3 ?pCDATA invalid Char value 1|1@11 {\"#name\":\"c\"}");
	GIVES("<a><b x='\xed\xa0\xbd'/><c/></a>", "a", "1@3 ?not UTF-8|1@15 {\"#name\":\"c\"}");
	GIVES("<a><b>&lol;</b><c/></a>", "a",
		"1@3 ?entity 'lol' not defined|1@15 {\"#name\":\"c\"}");
	GIVES("<!DOCTYPE a [<!ENTITY x 'ha'><!ENTITY y '&x;&x;'>]><a><b>&y;</b><c/></a>", "a",
		"1@54 ?entity 'y' not defined|1@64 {\"#name\":\"c\"}");
	GIVES("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a><b>&x;</b></a>", "a",
		"1@57 ?entity 'x' not defined");
}

static void test_references(void)
{
	GIVES("<a><b x='&#55357;&#56842;&#0;!'>&#xD83D;&#xde0a;</b></a>", "a",
		"1@3 "
		"{\"#name\":\"b\",\"@x\":\"\xf0\x9f\x98\x8a!\",\"#text\":\"\xf0\x9f\x98\x8a\"}");
	GIVES("<a><b>1&#55357;2&#56842;3&#55357;</b></a>", "a",
		"1@3 {\"#name\":\"b\",\"#text\":\"1\xef\xbf\xbd"
		"2\xef\xbf\xbd"
		"3\xef\xbf\xbd\"}");
	GIVES("<a><b>&#11;&#xFFFF;&#9;.</b></a>", "a", "1@3 {\"#name\":\"b\",\"#text\":\"\\t.\"}");
	GIVES("<a><b>&#99999999999;</b></a>", "a", "1@3 ?character reference out of bounds");
	GIVES("<a><b>&#;</b></a>", "a", "1@3 ?invalid xmlChar value 0");
	GIVES("<a><b x='&#55357;'/></a>", "a", "1@3 {\"#name\":\"b\",\"@x\":\"\xef\xbf\xbd\"}");
}

static void test_encodings(void)
{
	GIVES("<?xml version='1.0' encoding='ISO-8859-1'?><a><b x='\xe9'/></a>", "a",
		"1@46 {\"#name\":\"b\",\"@x\":\"\xc3\xa9\"}");
	GIVES("<?xml version=\"1.0\" encoding = \"shift_jis\" ?><a><b>\x83\x5c</b></a>", "a",
		"1@48 {\"#name\":\"b\",\"#text\":\"\xe3\x82\xbd\"}");
	GIVES("<?xml version='1.0' encoding='gb18030'?><a><b>\xff</b><c/></a>", "a",
		"1@43 ?not gb18030|1@51 {\"#name\":\"c\"}");
	GIVES("<?xml version='1.0' encoding='utf-16'?><a><b>\xc3\xa9</b></a>", "a",
		"1@42 {\"#name\":\"b\",\"#text\":\"\xc3\xa9\"}");
	GIVES("<?xml version='1.0' encoding='utf-7'?><a><b/></a>", "a",
		"1@0 !the encoding utf-7 cannot be read; convert it to UTF-8");
	GIVES("<?xml version='1.0' encoding='iso-2022-jp'?><a><b/></a>", "a",
		"1@0 !the encoding iso-2022-jp cannot be read; convert it to UTF-8");
	GIVES("<?xml version='1.0' encoding='none'?><a><b/></a>", "a",
		"1@0 !the encoding none cannot be read; convert it to UTF-8");
	GIVES("\xff\xfe<\0a\0>\0<\0b\0/\0>\0<\0/\0a\0>\0", "a", "1@3 {\"#name\":\"b\"}");
	GIVES("<\0a\0/\0>\0", "a", "UTF-16 is not read; convert it to UTF-8");
}

static void test_long(void)
{
	CHECK(gives(STR("<a><b/><b x='123456'\n/>\n<c/></a>"), "a", 8,
		"1@3 {\"#name\":\"b\"}|1@7 <<b x='123456'\n/>>|3@24 {\"#name\":\"c\"}"));
}

static void repeat(struct buf *out, const char *s, int n)
{
	while (n--)
		buf_puts(out, s);
}

static void test_deep(void)
{
	struct buf text = BUF_INIT;
	struct json_doc doc = JSON_DOC_INIT;
	struct buf err = BUF_INIT;
	char *got;

	buf_puts(&text, "<a>");
	repeat(&text, "<b>", 100000);
	repeat(&text, "</b>", 100000);
	buf_puts(&text, "<c/></a>");
	CHECK(gives(
		buf_str(&text), "a", 1 << 20, "1@3 ?nested too deep|1@700003 {\"#name\":\"c\"}"));
	buf_clear(&text);
	/* The deepest that there may be is JSON that can be read. */
	buf_puts(&text, "<a>");
	repeat(&text, "<b>", XML_DEPTH_MAX - 1);
	buf_puts(&text, "<b/><b/>");
	for (int i = 1; i < XML_DEPTH_MAX; i++)
		buf_puts(&text, i == XML_DEPTH_MAX - 1 ? "</b>" : "</b><b/>");
	buf_puts(&text, "</a>");
	got = records(buf_str(&text), "a", 1 << 20);
	CHECK(strncmp(got, "1@3 ", 4) == 0 && json_parse(&doc, str_of(got + 4), false, &err) == 0);
	free(got);
	buf_clear(&text);
	repeat(&text, "<a>", 100000);
	CHECK(gives(
		buf_str(&text), "a.x", 1 << 20, "1@300000 !the document ends within an element"));
	buf_release(&text);
	buf_release(&err);
	json_release(&doc);
}

/* Many children of many names are no work of their square, and come in their order. */
static void test_wide(void)
{
	struct buf text = BUF_INIT, want = BUF_INIT;

	buf_puts(&text, "<a><b>");
	buf_puts(&want, "1@3 {\"#name\":\"b\"");
	for (int i = 0; i < 50000; i++) {
		buf_printf(&text, "<x%d/>", i);
		buf_printf(&want, ",\"x%d\":%s", i, i < 2 ? "[{},{}]" : "{}");
	}
	buf_puts(&text, "<x1/><x0/></b></a>");
	buf_puts(&want, "}");
	CHECK(gives(buf_str(&text), "a", 1 << 20, want.s));
	buf_release(&text);
	buf_release(&want);
}

/* Blocks end anywhere: every record is found at its place. */
static void test_blocks(void)
{
	struct buf text = BUF_INIT, err = BUF_INIT, want = BUF_INIT;
	struct xmlscan s;
	struct input in;
	int n = 0, wrong = 0, got;

	buf_puts(&text, "<t pad='");
	repeat(&text, "x>", 300000);
	buf_puts(&text, "'><!-- ");
	repeat(&text, "- > ' ", 100000);
	buf_puts(&text, "-->");
	for (int i = 0; i < 60000; i++)
		buf_printf(&text, "\n<r n='%d'\n><![CDATA[%*s]]></r>", i, i % 50 + 1, "]");
	buf_puts(&text, "</t>");
	text_input(&in, buf_str(&text));
	CHECK(xmlscan_open(&s, &in, "t", 1000, &err) == 0);
	while ((got = xmlscan_next(&s, &err)) == XMLSCAN_ONE) {
		buf_clear(&want);
		buf_printf(&want, "{\"#name\":\"r\",\"@n\":\"%d\",\"#text\":\"%*s\"}", n,
			n % 50 + 1, "]");
		wrong += !str_eq(s.json, buf_str(&want)) || s.line != 2 + 2 * (uint64_t)n ||
			 memcmp(text.s + s.offset, s.raw.s, s.raw.len) != 0;
		n++;
	}
	CHECK(got == XMLSCAN_END && n == 60000 && !wrong);
	xmlscan_close(&s);
	input_close(&in);
	buf_release(&text);
	buf_release(&err);
	buf_release(&want);
}

static void test_has(void)
{
	char b[] = "b", c[] = "c", *const names[] = {b, c};

	CHECK(xmlscan_has(STR("<?xml version='1.0'?>\n<a><b><x/></b><c"), "a", names, 1));
	CHECK(xmlscan_has(STR("<a><b><x/></b><c k='"), NULL, names, 1));
	CHECK(xmlscan_has(STR("<a><b/><c/>"), "a", names, 2));
	CHECK(xmlscan_has(STR("\xef\xbb\xbf <a/>"), "a", NULL, 0));
	CHECK(!xmlscan_has(STR("<a><b/><d/></a>"), "a", names, 2));
	CHECK(!xmlscan_has(STR("<a><x><b/></x></a>"), "a", names, 1));
	CHECK(!xmlscan_has(STR("<a><b/>"), "b", NULL, 0));
	CHECK(!xmlscan_has(STR("{\"a\":1}"), NULL, NULL, 0));
	CHECK(!xmlscan_has(STR(""), NULL, NULL, 0));
}

int main(void)
{
	int fd = mkstemp(path_of_file);

	if (fd < 0)
		return 2;
	close(fd);
	test_shapes();
	test_paths();
	test_broken();
	test_bad();
	test_references();
	test_encodings();
	test_long();
	test_deep();
	test_wide();
	test_blocks();
	test_has();
	unlink(path_of_file);
	return unit_end();
}
