/* What the files of the page share. Only they include it. */
#ifndef STAGE_PAGE_PART_H
#define STAGE_PAGE_PART_H

#include "base/map.h"
#include "base/table.h"
#include "core/metric.h"
#include "stage/measure.h"
#include "stage/page.h"

#define PAGE_NAME 120 /* bytes of a name from the log that are shown */

/* ---- figures ---- */

/* What a figure is for. */
enum page_use {
	USE_HEAD,
	USE_WEEK,
	USE_CHANNEL,
	USE_STAGE,
	USE_FAMILY,
	USE_QUESTION,
	USE_BY,
};

/* A result that outlives its reading. */
struct figure {
	struct measure_result r, before; /* r.before is &before where there is one */
	struct str *values;
	enum page_use use;
};

struct figures {
	struct figure **v;
	size_t n, cap;
	struct metric **metrics; /* copies of definitions, by other dimensions */
	enum page_use *uses;
	const struct metric **defined; /* what they are copies of */
	size_t metric_n;
};

/* Two stretches of equal length, one after the other, ms. */
struct page_change {
	bool has;
	int64_t from, middle, to;
};

/* All figures of the page, in one reading of each fact; and, for USE_HEAD, those of a change. */
int figures_read(struct figures *f, const struct page_ask *ask, int64_t horizon, struct buf *err);
int figures_compare(struct figures *f, const struct page_ask *ask, int64_t horizon,
	const struct page_change *change, struct buf *err);
void figures_release(struct figures *f);
/* The first figure of a metric for a use; statistic NULL: any. NULL: none. */
const struct figure *figures_get(
	const struct figures *f, enum page_use use, const char *name, const char *statistic);
/* The same of equal values of dimensions. */
const struct figure *figures_like(const struct figures *f, enum page_use use, const char *name,
	const char *statistic, const struct figure *like);

/* ---- what one pass over contacts counts ---- */

#define PAGE_STEPS 4	 /* contacts of an issue that the flow shows */
#define PAGE_CHANNELS 32 /* channels that it tells apart */

struct page_name {
	char *name;
	int64_t contacts, unlabelled, assumed, unknown, first, last;
};

struct page_names {
	struct map index;
	struct page_name *v;
	size_t n, cap;
};

/* Contacts that began in a week of local time, by its Monday in days since 1970. */
struct page_week {
	int64_t monday, n;
};

struct page_weeks {
	struct map index;
	struct page_week *v; /* ascending, once all is counted */
	size_t n, cap;
};

struct page_counts {
	struct page_weeks weeks;
	int64_t contacts, hers, unlabelled, assumed, unknown, handled, escalated;
	int64_t hours[7][24]; /* of weekdays from Monday */
	struct page_names channels, sources, reasons;
	int64_t issues, longer; /* with contacts; with two or more */
	int64_t steps[PAGE_STEPS][PAGE_CHANNELS];
	int64_t flow[PAGE_STEPS - 1][PAGE_CHANNELS][PAGE_CHANNELS];
};

int counts_read(
	struct page_counts *c, struct store *s, int64_t since, int64_t until, struct buf *err);
void counts_release(struct page_counts *c);

/* ---- failed switches ---- */

#define PAGE_EXAMPLES 5
#define PAGE_MOMENTS 12

struct page_moment {
	int64_t time;
	char *channel, *who, *what, *text; /* text: NULL where it is masked; its characters: */
	int64_t characters;
	bool hers;
};

struct page_example {
	int64_t customer, began, from_contact, to_contact;
	struct page_moment *v;
	size_t n, cap;
	size_t more; /* moments that are not shown */
};

struct page_cause {
	const char *name; /* borrowed from the metric */
	int64_t n;
	struct page_example examples[PAGE_EXAMPLES]; /* the latest first */
	size_t example_n;
};

struct page_failures {
	const struct metric *metric; /* NULL: not defined, or not observable */
	int64_t switches, failed;
	struct page_cause *v;
	size_t n;
};

int failures_read(
	struct page_failures *f, const struct page_ask *ask, int64_t horizon, struct buf *err);
void failures_release(struct page_failures *f);

/* ---- the page ---- */

struct page {
	const struct page_ask *ask;
	struct buf *out;
	struct report_place place;
	struct page_change change;
	struct figures figures, changes;
	struct page_counts counts;
	struct page_failures failures;
	struct buf note, brief; /* as of which record, and up to when; the record alone */
	struct buf stale;	/* sources that ended early */
	struct buf nobodies;
	int number; /* of charts so far */
};

/* Words: text of the log or of definitions is escaped. */
void page_text(struct page *p, struct str s);
void page_plain(struct page *p, const char *s);
/* Markup of ours, in HTML alone. */
void page_html(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_escape(struct buf *out, struct str s);
/* In quotes; what would end the text there, or be markup, is a blank. */
void page_mermaid(struct buf *out, const char *s);
/* Numbers for people: 12,345; a value of a scale, with a sign where `change` is. */
void page_count(struct buf *out, int64_t n);
void page_value(struct buf *out, enum measure_scale scale, double v, bool change);
void page_interval(
	struct buf *out, enum measure_scale scale, const struct stat_interval *i, bool change);
void page_figure(struct buf *out, const struct measure_result *r); /* value, or why there is none */
void page_day(struct buf *out, int64_t ms);
void page_minute(struct buf *out, int64_t ms);

/* A figure in one line: 60.8% (58.5% - 63.0%), n 1,827. */
void page_whole(struct buf *out, const struct measure_result *r);
/* The value of its i-th dimension, "(none)" where it has none. */
struct str figure_group(const struct figure *f, size_t i);
/* The last `most` groups of a metric that have a figure; statistic NULL: any. How many. */
#define PAGE_GROUPS 53
size_t figures_list(const struct page *p, enum page_use use, const char *name,
	const char *statistic, const struct figure **out, size_t most);
void page_groups_table(struct page *p, const struct figure *const *v, size_t n, const char *title,
	const char *dimension, bool folded);
/* Numbers of names, the most frequent first; caller frees. */
size_t *page_order(const struct page_names *names);

void page_begin(struct page *p);
void page_end(struct page *p);
void page_section(struct page *p, const char *id, const char *title, const char *lead);
void page_section_end(struct page *p);
void page_paragraph(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A table that stands by itself, or (folded) beside a chart; released. */
void page_table(struct page *p, struct table *t, const char *title, bool folded);
/* A chart and its caption: what it shows, and the metrics (NULL-terminated) that define it. */
void page_chart_begin(struct page *p, const char *title);
void page_chart_end(struct page *p, const char *what, const char *const *metrics);
void page_cell(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

extern const char page_style[];

/* Sections, in their order. */
void page_headline(struct page *p);
void page_trends(struct page *p);
void page_flows(struct page *p);
void page_funnel(struct page *p);
void page_hours(struct page *p);
void page_escalations(struct page *p);
void page_switches(struct page *p);
void page_channels(struct page *p);
void page_questions(struct page *p);
void page_groups(struct page *p);
void page_quality(struct page *p);
void page_definitions(struct page *p);

/* ---- charts ---- */

struct page_bar {
	struct buf label, text; /* text: behind the bar, and for the hover */
	double value;
	struct stat_interval interval;
};

struct page_bars {
	struct page_bar *v;
	size_t n, cap;
	double most; /* the axis' end; 0: the largest */
};

struct page_bar *bars_add(struct page_bars *b, struct str label, double value);
/* Draws them, and releases. */
void bars_draw(struct page *p, struct page_bars *b, const char *title);

struct page_point {
	const char *name; /* borrowed */
	bool has;
	double value;
	struct stat_interval interval;
	struct buf text;
};

struct page_line {
	struct page_point *v;
	size_t n, cap;
	enum measure_scale scale;
	bool bars; /* counts: bars from zero */
};

void line_draw(struct page *p, struct page_line *l, const char *title);
void heat_draw(struct page *p, const int64_t hours[7][24]);
/* Channels by their numbers; `n` of them are shown, the rest is one. */
void flow_draw(struct page *p, const struct page_counts *c, const size_t *order, size_t n);

#endif
