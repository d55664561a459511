/* What a new version of an ontology would do to the labels of a log. */
#include "base/mem.h"
#include "base/table.h"
#include "base/text.h"
#include "core/store/scan.h"
#include "stage/classify.h"
#include "stage/revise_part.h"
#include "stage/stamp.h"

#include <stdlib.h>

#define PIECE_BYTES ((size_t)1 << 20)
#define EXAMPLE_BYTES 200

struct sample {
	int64_t seq;
	char *text;
};

/* Events that go from one label to another. */
struct pair {
	const char *what; /* relabelled, read, unknown */
	char *from, *to;  /* empty: none */
	int64_t events;
	struct sample *v;
	size_t n, cap;
};

/* A record of the piece that is being read. */
struct kept {
	int64_t seq;
	size_t at, len; /* in `bodies` */
};

struct history {
	const struct revision *r;
	struct classify *old, *new;
	struct model *old_model, *new_model; /* NULL: the folder has none that is for it */
	int64_t samples;		     /* wanted of each pair */
	int64_t events, changed;
	struct map places; /* "what\nfrom\nto" -> pair */
	struct pair *v;
	size_t n, cap;
	struct buf bodies;
	struct kept *kept;
	size_t kept_n, kept_cap;
	struct buf line, label[2]; /* of the event at hand */
	struct event event, labelled;
};

static void count(struct history *h, const char *what, struct str from, struct str to,
	const struct event *ev, int64_t seq)
{
	struct buf key = BUF_INIT;
	union map_value *place;
	struct pair *p;
	bool fresh;

	buf_printf(&key, "%s\n%.*s\n%.*s", what, (int)from.len, from.s ? from.s : "", (int)to.len,
		to.s ? to.s : "");
	place = map_slot(&h->places, buf_str(&key), &fresh);
	buf_release(&key);
	if (fresh) {
		place->n = (int64_t)h->n;
		p = VEC_ADD(h, v, n, cap);
		p->what = what;
		p->from = mem_copy(from.s, from.len);
		p->to = mem_copy(to.s, to.len);
	}
	p = &h->v[place->n];
	p->events++;
	if ((int64_t)p->n < h->samples) {
		struct str text = text_cut(event_text(ev, DATA_TEXT), EXAMPLE_BYTES);

		*VEC_ADD(p, v, n, cap) = (struct sample){seq, mem_copy(text.s, text.len)};
	}
}

/* The intent that a version gives the event, as history is read. */
static int label(struct history *h, struct classify *c, const struct event *ev, struct buf *out,
	struct buf *err)
{
	enum event_fault fault;

	buf_clear(&h->line);
	buf_clear(out);
	classify_event(c, ev, &h->line);
	if (event_read(&h->labelled, buf_str(&h->line), false, &fault, err) < 0)
		return -1;
	buf_put(out, ontology_reading(h->r->new, event_text(&h->labelled, DATA_INTENT)));
	return 0;
}

/* What becomes of the label that the log has. */
static void look_at_logged(struct history *h, const struct event *ev, int64_t seq)
{
	struct str id = event_text(ev, DATA_INTENT), as = ontology_reading(h->r->new, id);

	if (!id.len)
		return;
	if (!ontology_declared(h->r->new, id))
		count(h, "unknown", id, STR(""), ev, seq);
	else if (!str_eq(as, id))
		count(h, "read", id, as, ev, seq);
}

static int look_at(struct history *h, struct str body, int64_t seq, struct buf *err)
{
	struct event *ev = &h->event;
	enum event_fault fault;
	int status;

	if (event_read(ev, body, false, &fault, err) < 0)
		return -1;
	look_at_logged(h, ev, seq);
	/* What the source said stays whatever an ontology thinks. */
	if (!event_text(ev, DATA_TEXT).len || (ev->data[DATA_INTENT] && !ev->data[DATA_ONTOLOGY]))
		return 0;
	h->events++;
	status = label(h, h->old, ev, &h->label[0], err);
	if (status == 0)
		status = label(h, h->new, ev, &h->label[1], err);
	if (status < 0 || str_eq(buf_str(&h->label[0]), buf_str(&h->label[1])))
		return status;
	h->changed++;
	count(h, "relabelled", buf_str(&h->label[0]), buf_str(&h->label[1]), ev, seq);
	return 0;
}

/* Within the store's snapshot: no more than to keep it. */
static int keep(void *ctx, const struct store_row *row, int64_t customer, struct buf *err)
{
	struct history *h = ctx;

	(void)customer;
	(void)err;
	if (row->erased)
		return 0;
	*VEC_ADD(h, kept, kept_n, kept_cap) = (struct kept){row->seq, h->bodies.len, row->body.len};
	buf_put(&h->bodies, row->body);
	return h->bodies.len >= PIECE_BYTES ? SCAN_ENOUGH : 0;
}

static int read_log(struct history *h, struct store *s, struct buf *err)
{
	struct store_range all = {.from_seq = 0};
	struct scan *scan = NULL;
	bool more = true;
	int status = scan_open(&scan, s, &all, err);

	while (status == 0 && more) {
		buf_clear(&h->bodies);
		h->kept_n = 0;
		status = scan_piece(scan, keep, h, &more, err);
		for (size_t i = 0; i < h->kept_n && status == 0; i++) {
			const struct kept *k = &h->kept[i];

			status = look_at(h, (struct str){h->bodies.s + k->at, k->len}, k->seq, err);
		}
	}
	scan_free(scan);
	return status;
}

/* The most frequent first; then by what they are. */
static int by_events(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = strcmp(x->what, y->what);

	if (order)
		return order;
	if (x->events != y->events)
		return x->events > y->events ? -1 : 1;
	order = strcmp(x->from, y->from);
	return order ? order : strcmp(x->to, y->to);
}

/* A label is a model's as well only where both versions have one: else the two are no match. */
static bool by_models(const struct history *h)
{
	return h->old_model && h->new_model;
}

static void put_table(const struct history *h, struct buf *text)
{
	struct table t = TABLE_INIT;

	table_column(&t, "history", false);
	table_column(&t, "from", false);
	table_column(&t, "to", false);
	table_column(&t, "events", true);
	for (size_t i = 0; i < h->n; i++) {
		const struct pair *p = &h->v[i];
		struct buf n = BUF_INIT;

		buf_int(&n, p->events);
		table_cell(&t, str_of(p->what));
		table_cell(&t, str_of(*p->from ? p->from : "-"));
		table_cell(&t, str_of(*p->to ? p->to : "-"));
		table_cell(&t, buf_str(&n));
		buf_release(&n);
	}
	if (h->n)
		table_print(&t, text);
	table_release(&t);
	for (size_t i = 0; i < h->n; i++)
		for (size_t k = 0; k < h->v[i].n; k++) {
			buf_printf(text, "%s -> %s: record %lld: ", h->v[i].from, h->v[i].to,
				(long long)h->v[i].v[k].seq);
			text_plain(text, str_of(h->v[i].v[k].text));
			buf_byte(text, '\n');
		}
	buf_printf(text, "%lld of %lld texts of the log change their label", (long long)h->changed,
		(long long)h->events);
	if (by_models(h))
		buf_puts(text, ", by phrases and models");
	else if (h->old_model || h->new_model)
		buf_printf(text, ", by phrases alone: %s has no model of its own",
			h->old_model ? h->r->new->folder : h->r->old->folder);
	buf_byte(text, '\n');
}

static void put_samples(const struct pair *p, struct buf *text)
{
	json_put_key(text, "examples");
	buf_byte(text, '[');
	for (size_t i = 0; i < p->n; i++) {
		if (i)
			buf_byte(text, ',');
		buf_byte(text, '{');
		json_put_int(text, "sequence", p->v[i].seq);
		json_put_text(text, "text", str_of(p->v[i].text));
		buf_byte(text, '}');
	}
	buf_byte(text, ']');
}

static void put_lines(const struct history *h, struct buf *text)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct pair *p = &h->v[i];

		buf_byte(text, '{');
		json_put_text(text, "history", str_of(p->what));
		if (*p->from)
			json_put_text(text, "from", str_of(p->from));
		if (*p->to)
			json_put_text(text, "to", str_of(p->to));
		json_put_int(text, "events", p->events);
		if (p->n)
			put_samples(p, text);
		buf_puts(text, "}\n");
	}
	buf_byte(text, '{');
	json_put_text(text, "history", STR("all"));
	json_put_int(text, "events", h->events);
	json_put_int(text, "changed", h->changed);
	if (h->old_model || h->new_model) {
		json_put_key(text, "models");
		buf_puts(text, by_models(h) ? "true" : "false");
	}
	buf_puts(text, "}\n");
}

static void release(struct history *h)
{
	for (size_t i = 0; i < h->n; i++) {
		for (size_t k = 0; k < h->v[i].n; k++)
			free(h->v[i].v[k].text);
		free(h->v[i].v);
		free(h->v[i].from);
		free(h->v[i].to);
	}
	free(h->v);
	free(h->kept);
	map_release(&h->places);
	buf_release(&h->bodies);
	buf_release(&h->line);
	buf_release(&h->label[0]);
	buf_release(&h->label[1]);
	event_release(&h->event);
	event_release(&h->labelled);
	classify_free(h->old);
	classify_free(h->new);
	model_free(h->old_model);
	model_free(h->new_model);
}

/* The model in the ontology's folder, where it is for just this ontology. */
static struct model *model_of(const struct ontology *o)
{
	struct buf path = BUF_INIT, why = BUF_INIT;
	struct model *m = stamp_own_model(o, &path) ? model_read(path.s, &why) : NULL;

	if (m && stamp_fits(m, o, path.s, &why) != 0) {
		model_free(m);
		m = NULL;
	}
	buf_release(&path);
	buf_release(&why);
	return m;
}

static int open_both(struct history *h, struct buf *err)
{
	h->old = classify_new(h->r->old, true, err);
	if (h->old)
		h->new = classify_new(h->r->new, true, err);
	if (!h->new)
		return -1;
	h->old_model = model_of(h->r->old);
	h->new_model = model_of(h->r->new);
	if (by_models(h)) {
		classify_with(h->old, h->old_model);
		classify_with(h->new, h->new_model);
	}
	return 0;
}

int revise_log(const struct revision *r, struct store *s, bool table, int64_t examples,
	struct out *out, struct buf *err)
{
	struct history h = {.r = r,
		.samples = examples,
		.places = MAP_INIT,
		.bodies = BUF_INIT,
		.line = BUF_INIT,
		.label = {BUF_INIT, BUF_INIT}};
	struct buf text = BUF_INIT;
	int status = STORE_ERROR;

	event_init(&h.event);
	event_init(&h.labelled);
	if (open_both(&h, err) == 0)
		status = read_log(&h, s, err);
	if (status == 0) {
		if (h.n)
			qsort(h.v, h.n, sizeof(*h.v), by_events);
		if (table)
			put_table(&h, &text);
		else
			put_lines(&h, &text);
		status = out_put(out, buf_str(&text), err);
	}
	buf_release(&text);
	release(&h);
	return status;
}
