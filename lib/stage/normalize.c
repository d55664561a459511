#include "stage/normalize.h"
#include "adapt/emit.h"
#include "adapt/mail.h"
#include "adapt/map.h"
#include "base/mem.h"
#include "core/ontology.h"
#include "io/phone.h"
#include "stage/entries.h"
#include "stage/gist.h"
#include "stage/profile.h"
#include "stage/walk.h"

#include <stdlib.h>
#include <sys/stat.h>

#define SURE 40 /* a lower score recognises nothing */

static const struct adapter *const adapters[] = {&adapt_records, &adapt_whatsapp, &adapt_signal,
	&adapt_discord_text, &adapt_vtt, &adapt_srt, &adapt_queue_log, &adapt_mbox, &adapt_eml,
	&adapt_vcon};
#define ADAPTERS (sizeof(adapters) / sizeof(adapters[0]))

struct job {
	struct normalize *n;
	struct adapt_options given; /* as they were before profiles were added */
	struct adapt_run run;
	struct map **maps; /* the user's, then the shipped ones */
	size_t map_n, map_cap, user_maps;
	struct profile *profiles;
	size_t profile_n, profile_cap;
	const char **self, **bots;
	size_t selves, self_cap, botn, bot_cap;
	struct gist *gist;	/* NULL: records are wanted */
	struct ontology *words; /* of --explain; NULL: there is no ontology */
	char **tables;		/* inputs that may be tables of a map, and are nothing else */
	size_t table_n, table_cap;
	bool told_strange; /* that maps and profiles are not taken from archives */
	int status;
};

static void tell(void (*how)(const char *), const char *path, const char *what)
{
	struct buf message = BUF_INIT;

	buf_printf(&message, "%s: %s", strcmp(path, "-") == 0 ? "<stdin>" : path, what);
	how(message.s);
	buf_release(&message);
}

static void worse(struct job *j, int status)
{
	j->n->unread++;
	if (status > j->status)
		j->status = status;
}

static int add_map(struct job *j, const char *path, bool shipped, struct buf *err)
{
	struct map *m = shipped ? map_parse(path, err) : map_read(path, err);

	if (!m)
		return -1;
	*VEC_ADD(j, maps, map_n, map_cap) = m;
	return 0;
}

static int add_profile(struct job *j, const char *path, struct buf *err)
{
	return profile_read(VEC_ADD(j, profiles, profile_n, profile_cap), path, err);
}

static bool is_yaml(struct str path)
{
	return str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml"));
}

/* What an input calls itself where it is one of the toolkit's own files: borrowed from it. */
static bool own_kind(const struct input *in, struct str *kind)
{
	return is_yaml(str_of(in->name)) && yaml_is_ours(buf_str(&in->head), kind);
}

/* The same of a file, appended to kind. */
static bool own_file(const char *path, struct buf *kind)
{
	struct buf none = BUF_INIT;
	struct input in;
	struct str k;
	bool is;

	if (!is_yaml(str_of(path)) || input_open(&in, path, &none) < 0) {
		buf_release(&none);
		return false;
	}
	is = own_kind(&in, &k);
	if (is)
		buf_put(kind, k);
	input_close(&in);
	return is;
}

static void tell_skipped(struct job *j, const char *path, struct str kind)
{
	struct buf what = BUF_INIT;

	buf_printf(&what, "skipped: %.*s is not for jnorm", (int)kind.len, kind.s);
	tell(j->n->note, path, what.s);
	buf_release(&what);
}

/* Visits for walk_inputs: first the toolkit's own files, then the exports. */
static int take_config(void *ctx, const char *path, enum walk_kind kind, struct buf *err)
{
	struct job *j = ctx;
	struct buf is = BUF_INIT;
	int status = 0;

	if (kind != WALK_FILE || !own_file(path, &is))
		goto out;
	if (str_is(buf_str(&is), "map/1"))
		status = add_map(j, path, false, err);
	else if (str_is(buf_str(&is), "profile/1"))
		status = add_profile(j, path, err);
	else
		tell_skipped(j, path, buf_str(&is));
out:
	buf_release(&is);
	return status;
}

static int take_shipped(void *ctx, const char *path, enum walk_kind kind, struct buf *err)
{
	return kind == WALK_FILE && is_yaml(str_of(path)) ? add_map(ctx, path, true, err) : 0;
}

static int shipped_maps(struct job *j, struct buf *err)
{
	struct buf folder = BUF_INIT, none = BUF_INIT;
	struct patterns layers = {NULL, 0, 0};
	struct stat st;
	int status = 0;

	if (ontology_folder(&folder, &none) == 0)
		status = ontology_layers(folder.s, &layers, err);
	for (size_t i = 0; i < layers.n && status == 0; i++) {
		buf_clear(&folder);
		buf_printf(&folder, "%s/adapters", layers.v[i]);
		if (stat(folder.s, &st) == 0)
			status = walk_inputs(folder.s, take_shipped, j, err);
	}
	patterns_release(&layers);
	buf_release(&folder);
	buf_release(&none);
	return status;
}

struct choice {
	const struct adapter *adapter;
	struct map *map;
};

static bool by_name(const struct job *j, struct choice *c)
{
	struct str name = str_of(j->n->format);

	for (size_t i = 0; i < j->map_n; i++)
		if (str_is(name, map_name(j->maps[i])))
			return c->map = j->maps[i], true;
	for (size_t i = 0; i < ADAPTERS; i++)
		if (str_is(name, adapters[i]->name))
			return c->adapter = adapters[i], true;
	return false;
}

struct choosing {
	const struct job *job;
	struct choice *choice;
	int best;
};

/* The file of a map whose name another one has as well, else NULL. */
static const char *told_apart(const struct job *j, const struct map *m)
{
	for (size_t i = 0; m && i < j->map_n; i++)
		if (j->maps[i] != m && strcmp(map_name(j->maps[i]), map_name(m)) == 0)
			return map_file(m);
	return NULL;
}

static void weigh(struct choosing *c, const char *name, int score, struct choice one)
{
	bool better = score >= SURE && score > c->best;

	if (c->job->gist && score >= SURE)
		gist_format(c->job->gist, name, told_apart(c->job, one.map), score, better);
	if (better) {
		c->best = score;
		*c->choice = one;
	}
}

/* The user's maps are asked first and need not be surer than others: at equal scores the first
 * stays. */
static bool by_content(const struct job *j, const struct adapt_peek *p, struct choice *choice)
{
	struct choosing c = {j, choice, 0};

	for (size_t i = 0; i < j->user_maps; i++)
		weigh(&c, map_name(j->maps[i]), map_sniff(j->maps[i], p),
			(struct choice){NULL, j->maps[i]});
	for (size_t i = 0; i < ADAPTERS; i++)
		if (adapters[i]->sniff)
			weigh(&c, adapters[i]->name, adapters[i]->sniff(p),
				(struct choice){adapters[i], NULL});
	for (size_t i = j->user_maps; i < j->map_n; i++)
		weigh(&c, map_name(j->maps[i]), map_sniff(j->maps[i], p),
			(struct choice){NULL, j->maps[i]});
	return c.best >= SURE;
}

/* Whether a map looks things up in files of this name; applied: one that was used by now, or that
 * the user gave. */
static bool is_table(const struct job *j, const char *name, bool applied)
{
	for (size_t i = 0; i < j->map_n; i++) {
		bool given = i < j->user_maps;

		if ((given || !applied || map_applied(j->maps[i])) && map_joins(j->maps[i], name))
			return true;
	}
	return false;
}

static void tell_table(struct job *j, const char *name)
{
	tell(j->n->note, name, "a table that a map looks things up in: no export by itself");
}

static void tell_unknown(struct job *j, const char *name)
{
	tell(j->n->tell, name,
		"not an export that jnorm knows (--formats lists them; "
		"--explain tells how to go on)");
	worse(j, NORMALIZE_UNKNOWN);
}

/* An input that nobody recognises. Whether it is a table is known when all inputs are read: a map
 * that was used must look things up in files of its name. */
static void put_by(struct job *j, const char *name)
{
	if (is_table(j, name, true))
		tell_table(j, name);
	else if (is_table(j, name, false))
		*VEC_ADD(j, tables, table_n, table_cap) = mem_string(name);
	else
		tell_unknown(j, name);
}

static void settle_tables(struct job *j)
{
	for (size_t i = 0; i < j->table_n; i++) {
		if (is_table(j, j->tables[i], true))
			tell_table(j, j->tables[i]);
		else
			tell_unknown(j, j->tables[i]);
		free(j->tables[i]);
	}
	free(j->tables);
}

/* What one input has to begin with: its own positions and running numbers. */
static void begin_input(struct job *j)
{
	emit_begin(j->run.sink);
	draft_clear(&j->run.draft);
	j->run.order = 0;
}

/* After an input that could not be read to its end: tells it, and goes on unless it was the output
 * that failed. */
static int end_input(struct job *j, int status, struct buf *why, struct buf *err)
{
	if (status < 0 && emit_failed(j->run.sink)) {
		buf_put(err, buf_str(why));
		return -1;
	}
	if (status < 0) {
		j->n->tell(why->s);
		worse(j, NORMALIZE_UNREAD);
	}
	return 0;
}

static void tell_empty(void *ctx, const char *name)
{
	struct job *j = ctx;

	tell(j->n->note, name, "empty");
	j->n->empty++;
}

/* By its content; and what lies in an archive as in a Maildir is a mail, whatever it begins with.
 */
static bool recognise(const struct job *j, const struct input *in, struct choice *c)
{
	struct adapt_peek peek = {in->name, buf_str(&in->head), in->whole};

	if (by_content(j, &peek, c))
		return true;
	if (!in->archive || !adapt_in_maildir(in->name))
		return false;
	*c = (struct choice){&adapt_eml, NULL};
	return true;
}

static int take_input(struct job *j, struct input *in, struct buf *err)
{
	struct choice c = {NULL, NULL};
	struct buf why = BUF_INIT;
	bool chosen;
	int status;

	if (in->whole && !str_trim(buf_str(&in->head)).len) {
		tell_empty(j, in->name);
		return 0;
	}
	chosen = j->n->format ? by_name(j, &c) : recognise(j, in, &c);
	if (!chosen) {
		put_by(j, in->name);
		return 0;
	}
	if (c.map && map_joins(c.map, in->name)) {
		tell_table(j, in->name);
		return 0;
	}
	if (j->gist && c.map)
		map_put_match(c.map, in, &j->gist->because);
	else if (j->gist)
		buf_printf(&j->gist->because, "it looks like %s", c.adapter->about);
	begin_input(j);
	progress_file(&j->run.ledger->progress, in->fd, j->run.ledger->read);
	status = c.map ? map_apply(c.map, &j->run, in, &why) : c.adapter->read(&j->run, in, &why);
	status = end_input(j, status, &why, err);
	buf_release(&why);
	return status;
}

static int take_maildir(struct job *j, const char *path, struct buf *err)
{
	struct buf why = BUF_INIT;
	int status;

	begin_input(j);
	status = end_input(j, adapt_maildir(&j->run, path, &why), &why, err);
	buf_release(&why);
	return status;
}

/* An input, or where `in` is NULL the Maildir at path: its records, or what there is to tell about
 * it. */
static int take_one(struct job *j, struct input *in, const char *path, struct buf *err)
{
	return in ? take_input(j, in, err) : take_maildir(j, path, err);
}

static int explain_one(struct job *j, struct input *in, const char *path, struct buf *err)
{
	const struct ledger *l = j->n->ledger;
	uint64_t rejected = l->rejected, empty = j->run.empty;
	struct buf text = BUF_INIT, head = BUF_INIT;
	struct gist gist;
	int status;

	gist_init(&gist);
	gist.words = j->words;
	/* The mark by which the encoding is told is gone once it is decoded. */
	if (in && in->utf16)
		buf_puts(&head, "\xff\xfe");
	if (in)
		buf_put(&head, buf_str(&in->head));
	j->gist = &gist;
	j->run.found = &gist.found;
	emit_to(j->run.sink, gist_record, &gist);
	if (!in || j->n->format)
		buf_puts(&gist.formats, in ? j->n->format : "Maildir");
	status = take_one(j, in, path, err);
	for (size_t i = 0; in && i < j->user_maps && !gist.formats.len; i++)
		map_put_lacking(j->maps[i], buf_str(&in->head), &gist.because);
	gist_put(&text, &gist, path, buf_str(&head), &j->n->opt, l->rejected - rejected,
		j->run.empty - empty);
	if (status == 0)
		status = out_put(j->n->out, buf_str(&text), err);
	j->gist = NULL;
	gist_release(&gist);
	buf_release(&head);
	buf_release(&text);
	return status;
}

static int read_one(struct job *j, struct input *in, const char *path, struct buf *err)
{
	return j->n->explain ? explain_one(j, in, path, err) : take_one(j, in, path, err);
}

/* What lies in an archive is data: it does not say how to read it. */
static bool pass_strange(struct job *j, const struct input *in)
{
	struct str kind;

	if (!own_kind(in, &kind))
		return false;
	if (!str_is(kind, "map/1") && !str_is(kind, "profile/1"))
		tell_skipped(j, in->name, kind);
	else if (!j->told_strange)
		tell(j->n->note, in->name,
			"not used: maps and profiles are not taken from archives (-m and "
			"--profile name files)");
	j->told_strange |= str_is(kind, "map/1") || str_is(kind, "profile/1");
	return true;
}

static int take_entry(void *ctx, struct input *in, struct buf *err)
{
	return pass_strange(ctx, in) ? 0 : read_one(ctx, in, in->name, err);
}

static void take_unread(void *ctx, const char *why)
{
	struct job *j = ctx;

	j->n->tell(why);
	worse(j, NORMALIZE_UNREAD);
}

static void take_note(void *ctx, const char *name, const char *what)
{
	tell(((struct job *)ctx)->n->note, name, what);
}

static int take_export(void *ctx, const char *path, enum walk_kind kind, struct buf *err)
{
	const struct entries entries = {ctx, take_entry, take_unread, take_note, tell_empty};
	struct buf text = BUF_INIT;
	struct input in;
	int status = 0;

	if (kind == WALK_MAILDIR)
		return read_one(ctx, NULL, path, err);
	if (own_file(path, &text))
		goto out;
	buf_clear(&text);
	if (input_open(&in, path, &text) < 0) {
		take_unread(ctx, text.s);
		goto out;
	}
	status = entries_walk(&entries, &in, err);
	input_close(&in);
out:
	buf_release(&text);
	return status;
}

static void add_names(
	const char ***list, size_t *n, size_t *cap, const char *const *more, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		*list = mem_grow((void *)*list, cap, *n + 1, sizeof(**list));
		(*list)[(*n)++] = more[i];
	}
}

/* Options win over profiles, the first profile over the next; names of us add up. */
static int settle_options(struct job *j, struct buf *err)
{
	struct adapt_options *o = &j->n->opt;

	add_names(&j->self, &j->selves, &j->self_cap, o->self, o->selves);
	add_names(&j->bots, &j->botn, &j->bot_cap, o->bots, o->botn);
	for (size_t i = 0; i < j->profile_n; i++) {
		const struct profile *p = &j->profiles[i];

		add_names(&j->self, &j->selves, &j->self_cap, p->self, p->selves);
		add_names(&j->bots, &j->botn, &j->bot_cap, p->bots, p->botn);
		if (!o->account)
			o->account = p->account;
		if (!o->region)
			o->region = p->region;
		if (!o->tz_given && p->tz) {
			if (when_zone(p->tz, err) < 0)
				return -1;
			o->tz_given = true;
		}
	}
	if (o->region && !phone_region(o->region)) {
		buf_printf(
			err, "no such region: %s (a country's two letters, as in BR)", o->region);
		return -1;
	}
	if (!o->account)
		o->account = "local";
	o->self = j->self;
	o->selves = j->selves;
	o->bots = j->bots;
	o->botn = j->botn;
	return 0;
}

static int prepare(struct job *j, char *const *paths, size_t count, struct buf *err)
{
	struct choice c = {NULL, NULL};

	if (j->n->profile && add_profile(j, j->n->profile, err) < 0)
		return -1;
	for (size_t i = 0; i < j->n->map_n; i++)
		if (add_map(j, j->n->maps[i], false, err) < 0)
			return -1;
	for (size_t i = 0; i < count; i++)
		if (walk_inputs(paths[i], take_config, j, err) < 0)
			return -1;
	j->user_maps = j->map_n;
	if (shipped_maps(j, err) < 0)
		return -1;
	if (j->n->format && !by_name(j, &c)) {
		buf_printf(err, "no such format: %s (--formats lists them)", j->n->format);
		return -1;
	}
	return settle_options(j, err);
}

/* What was assumed and would be better said: once the log has it, it stays. */
static void tell_assumed(struct job *j)
{
	const struct adapt_options *o = &j->n->opt;
	struct buf text = BUF_INIT;

	if (j->run.strangers) {
		buf_printf(&text,
			"in %llu conversation%s no speaker is known to be us: all count as "
			"customers "
			"(--self names us)",
			(unsigned long long)j->run.strangers, j->run.strangers == 1 ? "" : "s");
		j->n->note(text.s);
	}
	if (j->run.mail && !o->selves && !o->botn)
		j->n->note(
			"nobody is named as us: all mail counts as customers' (--self names us)");
	if (j->run.zoneless) {
		buf_clear(&text);
		buf_printf(&text, "%llu local time%s taken for UTC (--tz names the zone)",
			(unsigned long long)j->run.zoneless, j->run.zoneless == 1 ? "" : "s");
		j->n->note(text.s);
	}
	if (j->run.unended) {
		buf_clear(&text);
		buf_printf(&text,
			"%llu call%s not at an end where the log ends: not written (a longer log "
			"has the end)",
			(unsigned long long)j->run.unended, j->run.unended == 1 ? " is" : "s are");
		j->n->note(text.s);
	}
	buf_release(&text);
}

static void job_init(struct job *j, struct normalize *n)
{
	*j = (struct job){.n = n, .given = n->opt};
	j->run.opt = &n->opt;
	j->run.ledger = n->ledger;
	draft_init(&j->run.draft);
	buf_init(&j->run.text);
	j->run.sink = emit_new(n->out, n->sort);
}

static void job_release(struct job *j)
{
	mail_release(&j->run);
	j->n->opt = j->given;
	emit_free(j->run.sink);
	draft_release(&j->run.draft);
	buf_release(&j->run.text);
	for (size_t i = 0; i < j->map_n; i++)
		map_free(j->maps[i]);
	free(j->maps);
	for (size_t i = 0; i < j->profile_n; i++)
		profile_release(&j->profiles[i]);
	free(j->profiles);
	free((void *)j->self);
	free((void *)j->bots);
	ontology_free(j->words);
}

int normalize(struct normalize *n, char *const *paths, size_t count, struct buf *err)
{
	struct buf none = BUF_INIT;
	struct job j;
	int status;

	job_init(&j, n);
	if (n->explain)
		j.words = ontology_read(NULL, &none);
	status = prepare(&j, paths, count, err);
	for (size_t i = 0; i < count && status == 0; i++)
		status = walk_inputs(paths[i], take_export, &j, err);
	settle_tables(&j);
	if (status == 0)
		status = emit_finish(&j.run, err);
	if (status == 0)
		tell_assumed(&j);
	n->empty += j.run.empty;
	buf_release(&none);
	job_release(&j);
	return status < 0 ? -1 : j.status;
}

int normalize_formats(struct normalize *n, struct buf *out, struct buf *err)
{
	struct job j;
	int status;

	job_init(&j, n);
	status = prepare(&j, NULL, 0, err);
	for (size_t i = 0; i < ADAPTERS && status == 0; i++)
		buf_printf(out, "%-16s %s\n", adapters[i]->name, adapters[i]->about);
	for (size_t i = 0; i < j.map_n && status == 0; i++)
		buf_printf(out, "%-16s %s\n", map_name(j.maps[i]),
			i < j.user_maps ? "a map of yours" : "a map");
	job_release(&j);
	return status;
}

int normalize_map(struct normalize *n, const char *name, struct buf *out, struct buf *err)
{
	struct job j;
	struct choice c = {NULL, NULL};
	struct lines l;
	struct str line;
	int status, more = 0;

	job_init(&j, n);
	n->format = name;
	status = prepare(&j, NULL, 0, err);
	if (status == 0 && by_name(&j, &c) && !c.map) {
		buf_printf(err, "%s is built in: it has no map", name);
		status = -1;
	}
	if (status == 0)
		status = lines_open(&l, map_file(c.map), SIZE_MAX, err);
	if (status == 0) {
		while ((more = lines_next(&l, &line, err)) > 0) {
			buf_put(out, line);
			buf_byte(out, '\n');
		}
		lines_close(&l);
	}
	job_release(&j);
	return status < 0 || more < 0 ? -1 : 0;
}

static bool is_type(const void *ctx, struct str word)
{
	return ontology_type(ctx, word);
}

static bool is_channel(const void *ctx, struct str word)
{
	return ontology_channel(ctx, word);
}

int64_t normalize_check(char *const *paths, size_t count, struct buf *out, struct buf *err)
{
	struct ontology *o = ontology_read(NULL, err);
	struct map_words words = {is_type, is_channel, o};
	int64_t wrong = 0;

	if (!o)
		return -1;
	for (size_t i = 0; i < count; i++)
		wrong += (int64_t)map_check(paths[i], &words, out);
	ontology_free(o);
	return wrong;
}
