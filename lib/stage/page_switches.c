/* Failed switches: their causes, and examples. */
#include "stage/page_part.h"

/* Words for the causes of the shipped definition; another definition's stand as they are. */
static const char *words_of(const char *cause)
{
	static const char *const words[][2] = {
		{"not_joined", "We did not know that it was the same customer"},
		{"asked_who", "We asked who she was"},
		{"asked_known", "We asked for something that she had told before"},
		{"unresolved", "The second contact did not resolve the matter"},
		{"switched_again", "She changed the channel again"},
		{"came_back", "She came back on the matter"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i][0], cause) == 0)
			return words[i][1];
	return cause;
}

static void put_said(struct page *p, const struct page_moment *m)
{
	if (m->text) {
		page_plain(p, m->text);
	} else if (m->characters) {
		struct buf n = BUF_INIT;

		page_count(&n, m->characters);
		page_html(p, "<span class=\"masked\">");
		page_plain(p, "text of ");
		page_plain(p, n.s);
		page_plain(p, " characters");
		page_html(p, "</span>");
		buf_release(&n);
	}
	if (*m->what) {
		page_plain(p, m->characters ? " (" : "");
		page_plain(p, m->what);
		page_plain(p, m->characters ? ")" : "");
	}
}

static void put_moment(struct page *p, const struct page_moment *m)
{
	struct buf time = BUF_INIT;

	page_minute(&time, m->time);
	buf_puts(p->out, p->ask->markdown ? "- " : "<li><time>");
	page_text(p, buf_str(&time));
	page_html(p, "</time>");
	buf_byte(p->out, ' ');
	page_plain(p, m->channel);
	buf_puts(p->out, p->ask->markdown ? ", **" : ", <b>");
	page_plain(p, m->who);
	buf_puts(p->out, p->ask->markdown ? "**: " : "</b>: ");
	put_said(p, m);
	buf_puts(p->out, p->ask->markdown ? "\n" : "</li>\n");
	buf_release(&time);
}

static void put_example(struct page *p, const struct page_example *e)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "Customer c%lld, contacts %lld and %lld", (long long)e->customer,
		(long long)e->from_contact, (long long)e->to_contact);
	page_paragraph(p, "%s", line.s);
	page_html(p, "<ol class=\"story\">\n");
	for (size_t i = 0; i < e->n; i++)
		put_moment(p, &e->v[i]);
	if (e->more) {
		buf_clear(&line);
		buf_printf(&line, "%zu more records", e->more);
		buf_puts(p->out, p->ask->markdown ? "- " : "<li class=\"masked\">");
		page_plain(p, line.s);
		buf_puts(p->out, p->ask->markdown ? "\n" : "</li>\n");
	}
	buf_puts(p->out, p->ask->markdown ? "\n" : "</ol>\n");
	buf_release(&line);
}

static void put_examples(struct page *p, const struct page_cause *c)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "%s: the latest %zu", words_of(c->name), c->example_n);
	if (p->ask->markdown)
		buf_puts(p->out, "#### ");
	page_html(p, "<details><summary>");
	page_plain(p, line.s);
	buf_puts(p->out, p->ask->markdown ? "\n\n" : "</summary>\n");
	for (size_t i = 0; i < c->example_n; i++)
		put_example(p, &c->examples[i]);
	page_html(p, "</details>\n");
	buf_release(&line);
}

static void put_causes(struct page *p)
{
	const struct page_failures *f = &p->failures;
	struct page_bars bars = {0};
	struct table t = TABLE_INIT;
	struct buf text = BUF_INIT;

	table_column(&t, "cause", false);
	table_column(&t, "name", false);
	table_column(&t, "switches", true);
	table_column(&t, "share of failed", true);
	for (size_t i = 0; i < f->n && f->v[i].n; i++) {
		struct page_bar *bar =
			bars_add(&bars, str_of(words_of(f->v[i].name)), (double)f->v[i].n);

		page_count(&bar->text, f->v[i].n);
		page_cell(&t, "%s", words_of(f->v[i].name));
		table_cell(&t, str_of(f->v[i].name));
		table_cell(&t, buf_str(&bar->text));
		buf_clear(&text);
		page_value(&text, SCALE_RATIO, (double)f->v[i].n / (double)f->failed, false);
		table_cell(&t, buf_str(&text));
		buf_printf(&bar->text, ", %s", text.s);
	}
	page_chart_begin(p, "Failed switches by cause");
	bars_draw(p, &bars, "Failed switches by cause");
	page_table(p, &t, "Failed switches by cause", true);
	buf_clear(&text);
	buf_puts(&text, "n = ");
	page_count(&text, f->failed);
	buf_puts(&text, " failed switches of ");
	page_count(&text, f->switches);
	buf_puts(&text,
		"; one may have several causes, so shares add up to more than 100%. Definition:");
	page_chart_end(p, text.s, (const char *const[]){f->metric->name, NULL});
	buf_release(&text);
}

void page_switches(struct page *p)
{
	const struct page_failures *f = &p->failures;

	page_section(p, "switches", "Why changes of channel fail",
		"A change of channel succeeds where we know who she is, ask nothing twice, and "
		"resolve the matter "
		"without another change. These did not.");
	if (!f->metric)
		page_paragraph(p, "Not observable: see the figures above for what the log lacks.");
	else if (!f->failed)
		page_paragraph(p, "No change of channel failed.");
	else
		put_causes(p);
	if (f->metric && f->failed) {
		if (p->ask->markdown)
			buf_puts(p->out, "### Examples\n\n");
		page_html(p, "<h3>Examples</h3>\n");
		page_paragraph(p, "%s",
			p->ask->with_text
				? "The two contacts of the latest failed switches of each cause."
				: "The two contacts of the latest failed switches of each cause. "
				  "What was said is masked.");
		for (size_t i = 0; i < f->n; i++)
			if (f->v[i].n)
				put_examples(p, &f->v[i]);
	}
	page_section_end(p);
}
