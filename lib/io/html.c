#include "io/html.h"

#include <libxml/HTMLparser.h>
#include <limits.h>
#include <strings.h>

#define DEPTH_SHOWN 8 /* levels of quotation that are marked */
#define BREAKS_MAX 3  /* line ends in a row */

struct page {
	struct buf *out;
	size_t start;	     /* where out began */
	unsigned depth;	     /* of quotations */
	unsigned line_depth; /* of the line that was begun last */
	unsigned pre;	     /* within preformatted text */
	unsigned breaks;     /* line ends that are due before the next word */
	bool space;	     /* a blank is due before the next word */
	bool own;	     /* leave out what is marked as quoted or signature */
	bool ended;	     /* behind the divider */
};

static bool among(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (strcasecmp(name, *list) == 0)
			return true;
	return false;
}

static bool is_block(const char *name)
{
	static const char *const list[] = {"address", "article", "aside", "blockquote", "body",
		"center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form", "header",
		"hr", "li", "main", "nav", "ol", "pre", "section", "table", "tr", "ul", NULL};

	return among(name, list);
}

static bool is_paragraph(const char *name)
{
	static const char *const list[] = {"p", "h1", "h2", "h3", "h4", "h5", "h6", NULL};

	return among(name, list);
}

static bool is_silent(const char *name)
{
	static const char *const list[] = {"script", "style", "head", "title", "template",
		"noscript", "object", "svg", "math", "select", NULL};

	return among(name, list);
}

static bool attribute_has(const xmlNode *n, const char *attribute, const char *const *words)
{
	xmlChar *value = xmlGetProp((xmlNode *)n, (const xmlChar *)attribute);
	bool has = false;

	for (; value && *words && !has; words++)
		has = strcasestr((const char *)value, *words) != NULL;
	xmlFree(value);
	return has;
}

/* Elements that a mail program writes around its own additions, by their class or id. */
static bool is_addition(const xmlNode *n)
{
	static const char *const classes[] = {"gmail_attr", "gmail_signature", "moz-cite-prefix",
		"moz-signature", "yahoo_quoted", "protonmail_signature", "OutlookMessageHeader",
		NULL};
	static const char *const ids[] = {
		"AppleMailSignature", "yahoo_quoted", "ms-outlook-mobile-signature", NULL};

	return attribute_has(n, "class", classes) || attribute_has(n, "id", ids);
}

/* Where the answered mail begins, to the end, in programs that only answer on top. */
static bool is_divider(const xmlNode *n)
{
	static const char *const ids[] = {"divRplyFwdMsg", "appendonsend", "stopSpelling", "zwchr",
		"AOLMsgPart", "mail-editor-reference-message-container", NULL};

	return attribute_has(n, "id", ids);
}

static bool is_hidden(const xmlNode *n)
{
	static const char *const hidden[] = {"display:none", "display: none", NULL};

	return attribute_has(n, "style", hidden);
}

static void need_breaks(struct page *p, unsigned n)
{
	if (p->breaks < n)
		p->breaks = n;
	p->space = false;
}

static void end_line(struct page *p)
{
	while (p->out->len > p->start && p->out->s[p->out->len - 1] == ' ')
		buf_cut(p->out, p->out->len - 1);
	buf_byte(p->out, '\n');
}

static void begin_line(struct page *p, unsigned depth)
{
	for (unsigned i = 0; i < depth && i < DEPTH_SHOWN; i++)
		buf_puts(p->out, "> ");
}

/* Gives the line ends and the blank that are due. An empty line is quoted only where the lines
 * around it are. */
static void settle(struct page *p)
{
	unsigned between = p->depth < p->line_depth ? p->depth : p->line_depth;

	if (p->out->len == p->start) {
		p->breaks = 0;
		p->space = false;
		begin_line(p, p->depth);
	}
	if (p->breaks > BREAKS_MAX)
		p->breaks = BREAKS_MAX;
	for (; p->breaks; p->breaks--) {
		end_line(p);
		begin_line(p, p->breaks > 1 ? between : p->depth);
		p->space = false;
	}
	p->line_depth = p->depth;
	if (p->space)
		buf_byte(p->out, ' ');
	p->space = false;
}

static size_t no_break_space(const char *s)
{
	return s[0] == '\xc2' && s[1] == '\xa0' ? 2 : 0;
}

static void put_words(struct page *p, const char *s)
{
	while (*s) {
		size_t n = strcspn(s, " \t\r\n\f\xc2");

		if (n) {
			settle(p);
			buf_add(p->out, s, n);
			s += n;
		} else if (*s == '\xc2' && !no_break_space(s)) {
			settle(p);
			buf_byte(p->out, *s++);
		} else {
			s += no_break_space(s) ? 2 : 1;
			p->space = p->breaks == 0;
		}
	}
}

static void put_lines(struct page *p, const char *s)
{
	while (*s) {
		size_t n = strcspn(s, "\r\n");

		if (n) {
			settle(p);
			buf_add(p->out, s, n);
		}
		s += n;
		if (*s == '\n')
			p->breaks++;
		s += *s != '\0';
	}
}

static void enter(struct page *p, const xmlNode *n, const char *name)
{
	if (strcasecmp(name, "br") == 0) {
		p->breaks++;
		p->space = false;
	} else if (is_paragraph(name)) {
		need_breaks(p, 2);
	} else if (is_block(name)) {
		need_breaks(p, 1);
	} else if (strcasecmp(name, "td") == 0 || strcasecmp(name, "th") == 0) {
		p->space = p->breaks == 0;
	}
	if (strcasecmp(name, "blockquote") == 0)
		p->depth++;
	if (strcasecmp(name, "pre") == 0)
		p->pre++;
	if (strcasecmp(name, "li") == 0 && n->children) {
		settle(p);
		buf_puts(p->out, "- ");
	}
}

static void leave(struct page *p, const char *name)
{
	if (is_paragraph(name))
		need_breaks(p, 2);
	else if (is_block(name))
		need_breaks(p, 1);
	if (strcasecmp(name, "blockquote") == 0)
		p->depth--;
	if (strcasecmp(name, "pre") == 0)
		p->pre--;
}

/* Says whether the children are to be visited. */
static bool visit(struct page *p, const xmlNode *n)
{
	const char *name = (const char *)n->name;

	if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) {
		if (n->content)
			(p->pre ? put_lines : put_words)(p, (const char *)n->content);
		return false;
	}
	if (n->type != XML_ELEMENT_NODE || is_silent(name) || is_hidden(n))
		return false;
	if (p->own && is_divider(n)) {
		p->ended = true;
		return false;
	}
	if (p->own && is_addition(n)) {
		need_breaks(p, 1);
		return false;
	}
	enter(p, n, name);
	return true;
}

/* No recursion: depth is the sender's choice. */
static void walk(struct page *p, const xmlNode *root)
{
	const xmlNode *n = root;

	for (;;) {
		if (visit(p, n)) {
			if (n->children) {
				n = n->children;
				continue;
			}
			leave(p, (const char *)n->name);
		}
		while (n != root && !n->next) {
			n = n->parent;
			leave(p, (const char *)n->name);
		}
		if (n == root || p->ended)
			return;
		n = n->next;
	}
}

static void render(struct buf *out, struct str html, bool own)
{
	struct page p = {.out = out, .start = out->len, .own = own};
	xmlDoc *doc;
	xmlNode *root;

	if (!html.len || html.len > INT_MAX)
		return;
	doc = htmlReadMemory(html.s, (int)html.len, NULL, "UTF-8",
		HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
	root = doc ? xmlDocGetRootElement(doc) : NULL;
	if (root)
		walk(&p, root);
	xmlFreeDoc(doc);
	while (out->len > p.start && (out->s[out->len - 1] == ' ' || out->s[out->len - 1] == '\n'))
		buf_cut(out, out->len - 1);
}

void html_text(struct buf *out, struct str html)
{
	render(out, html, false);
}

void html_own(struct buf *out, struct str html)
{
	render(out, html, true);
}
