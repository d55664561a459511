#include "core/ontology.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/ontology-unit-XXXXXX";
static const char head[] = "jtools: ontology/1\nname: t\nversion: '1'\n"
			   "classes: {live: {gap: 30m}, slow: {gap: 24h}}\ndefault_class: slow\n";

/* NULL and why where it is refused. */
static struct ontology *try_with(const char *more, struct buf *err)
{
	struct buf path = BUF_INIT;
	struct ontology *o;
	FILE *f;

	buf_printf(&path, "%s/ontology.yaml", folder);
	f = fopen(path.s, "w");
	if (!f || fprintf(f, "%s%s", head, more) < 0 || fclose(f))
		abort();
	o = ontology_read(folder, err);
	unlink(path.s);
	buf_release(&path);
	return o;
}

static struct ontology *with(const char *more)
{
	struct buf err = BUF_INIT;
	struct ontology *o = try_with(more, &err);

	if (!o)
		printf("%s\n", err.s);
	buf_release(&err);
	return o;
}

static bool refused(const char *more, const char *why)
{
	struct buf err = BUF_INIT;
	struct ontology *o = try_with(more, &err);
	bool so = !o && strstr(err.s, why);

	ontology_free(o);
	buf_release(&err);
	return so;
}

static bool same_digest(const char *a, const char *b)
{
	struct ontology *x = with(a), *y = with(b);
	bool same = x && y && memcmp(x->digest, y->digest, sizeof(x->digest)) == 0;

	ontology_free(x);
	ontology_free(y);
	return same;
}

static void test_lookups(void)
{
	struct ontology *o =
		with("channels: {voice: live}\nintents: [{id: a.b, family: a, courtesy: true}]\n"
		     "entities: [{id: order, identity: true}]\nstages: [{id: s1}, {id: s2}]\n");

	CHECK(o);
	CHECK(str_is(str_of(o->label), "t/1") && o->request_gap == INT64_C(7) * 86400000);
	CHECK(ontology_class(o, STR("voice"))->gap == 1800000);
	CHECK(ontology_class(o, STR("pigeon"))->gap == 86400000);
	CHECK(ontology_intent(o, STR("a.b"))->courtesy && !ontology_intent(o, STR("a")));
	CHECK(ontology_entity(o, STR("order"))->identity && !ontology_entity(o, STR("")));
	CHECK(o->stages.n == 2 && strcmp(o->stages.v[1], "s2") == 0);
	ontology_free(o);
}

static void test_placeholders(void)
{
	struct ontology *o = with("placeholders: {crm: ['0', 'Não Informado', '?'], email: "
				  "['no-reply@*', '*@x.*.y'], "
				  "handle: [deleted]}\n");

	CHECK(ontology_placeholder(o, STR("crm"), STR("0")));
	CHECK(ontology_placeholder(o, STR("crm"), STR(" NAO informado ")));
	CHECK(ontology_placeholder(o, STR("crm"), STR("?")) &&
		!ontology_placeholder(o, STR("crm"), STR("1")));
	CHECK(!ontology_placeholder(o, STR("phone"), STR("0")));
	CHECK(ontology_placeholder(o, STR("email"), STR("No-Reply@a.example")));
	CHECK(ontology_placeholder(o, STR("email"), STR("a@x.b.y")) &&
		!ontology_placeholder(o, STR("email"), STR("a@x.y")));
	CHECK(ontology_placeholder(o, STR("handle:slack"), STR("Deleted")));
	ontology_free(o);
}

static void test_kinds(void)
{
	struct ontology *o = with("kinds: {crm: {}, phone: {strict: 1, normal: 3, loose: 8}}\n");

	CHECK(o->kind_n == 2 && strcmp(o->kinds[1].id, "phone") == 0);
	CHECK(o->kinds[0].limit[IDENTITY_STRICT] == 0 && o->kinds[1].limit[IDENTITY_LOOSE] == 8);
	ontology_free(o);
	CHECK(refused("kinds: {phone: {strict: 1, normal: 3}}\n", "no loose"));
	CHECK(refused("kinds: {phone: {strict: 3, normal: 2, loose: 8}}\n", "no lower than"));
	CHECK(refused("kinds: {phone: {strict: 0, normal: 2, loose: 8}}\n", "no lower than"));
	CHECK(refused("kinds: {'a b': {}}\n", "no such name"));
	CHECK(refused("kinds: {phone: {lax: 1}}\n", "unknown member"));
}

/* Minutes open on 2026-03-02, a Monday. */
static int64_t open_in(const struct ontology *o, struct str region)
{
	const struct hours *h = ontology_hours(o, region);
	const int64_t monday = INT64_C(1772409600000);

	return h ? hours_between(h, monday, monday + WHEN_DAY) / WHEN_MINUTE : -1;
}

static void test_hours(void)
{
	struct ontology *o = with(
		"hours: {US: {zone: UTC, open: [{days: [mon], from: '09:00', to: '11:00'}]},\n"
		"  default: {zone: UTC, open: [{from: '09:00', to: '10:00'}]},\n"
		"  US-CA: {zone: UTC, open: [{days: [mon, tue], from: '09:00', to: '12:00'}]},\n"
		"  BR: {zone: America/Sao_Paulo, holidays: [2026-03-02],\n"
		"    open: [{days: [mon], from: '09:00', to: '24:00'}]}}\n");

	CHECK(open_in(o, STR("US")) == 120 && open_in(o, STR("US-NY")) == 120);
	CHECK(open_in(o, STR("US-CA")) == 180 && open_in(o, STR("us-ca")) == 180);
	CHECK(open_in(o, STR("DE")) == 60 && open_in(o, (struct str){NULL, 0}) == 60);
	CHECK(open_in(o, STR("BR")) == 0);
	ontology_free(o);
	o = with("hours: {US-CA: {zone: UTC, open: []}}\n");
	CHECK(open_in(o, STR("US-CA")) == 0 && open_in(o, STR("US")) == -1);
	ontology_free(o);
	o = with("");
	CHECK(open_in(o, STR("US")) == -1);
	ontology_free(o);
	CHECK(refused("hours: {Brazil: {zone: UTC, open: []}}\n", ":6:17: neither default nor"));
	CHECK(refused("hours: {BR: {zone: Mars, open: []}}\n", ":6:20: no such time zone: Mars"));
	CHECK(refused("hours: {BR: {zone: UTC}}\n", "no open"));
	CHECK(refused("hours: {BR: {open: []}}\n", "no zone"));
	CHECK(refused("hours: {BR: UTC}\n", "members are expected"));
	CHECK(refused("hours: {BR: {zone: UTC, open: all}}\n", "a list is expected"));
	CHECK(refused("hours: {BR: {zone: UTC, open: [], closed: []}}\n", "unknown member closed"));
	CHECK(refused(
		"hours: {BR: {zone: UTC, open: [{days: [Mon], from: '09:00', to: '10:00'}]}}\n",
		"no weekday"));
	CHECK(refused("hours: {BR: {zone: UTC, open: [{days: mon, from: '09:00', to: '10:00'}]}}\n",
		"no list of weekdays"));
	CHECK(refused("hours: {BR: {zone: UTC, open: [{from: '9:00', to: '10:00'}]}}\n",
		":6:39: from and to"));
	CHECK(refused(
		"hours: {BR: {zone: UTC, open: [{from: '09:00', to: '24:01'}]}}\n", "from and to"));
	CHECK(refused("hours: {BR: {zone: UTC, open: [{from: '09:00'}]}}\n", "from and to"));
	CHECK(refused("hours: {BR: {zone: UTC, open: [], holidays: [2026-02-29]}}\n",
		":6:46: a date like"));
	CHECK(refused("hours: {BR: {zone: UTC, open: []}, BR: {zone: UTC, open: []}}\n", "twice"));
}

static void test_phrases(void)
{
	struct ontology *o = with(
		"signals: [{id: s, phrases: {en: ['I don''t  .. UNDERSTÁND', 'e-mail', 'cancel*', "
		"'seven..']}}]\n");
	const struct phrase *p = o->signals[0].phrases.v;

	CHECK(strcmp(p[0].words, "i dont .. understand") == 0 && p[0].score == 4);
	CHECK(strcmp(p[1].words, "e mail") == 0 && p[1].score == 2);
	CHECK(strcmp(p[2].words, "cancel*") == 0 && p[2].score == 1);
	CHECK(strcmp(p[3].words, "seven") == 0 && strcmp(p[3].lang, "en") == 0);
	ontology_free(o);
}

static void test_digest(void)
{
	CHECK(same_digest("intents: [{id: a, title: x}]\n",
		"intents: [{id: a, title: y, phrases: {en: [b]}}]\n"));
	CHECK(!same_digest("intents: [{id: a, family: x}]\n", "intents: [{id: a, family: y}]\n"));
	CHECK(!same_digest("intents: [{id: a}]\n", "intents: [{id: a, resolving: true}]\n"));
	CHECK(!same_digest("request_gap: 7d\n", "request_gap: 8d\n"));
	CHECK(!same_digest("channels: {x: live}\n", "channels: {x: slow}\n"));
	CHECK(!same_digest("placeholders: {crm: ['0']}\n", "placeholders: {crm: ['1']}\n"));
	CHECK(!same_digest("", "hours: {BR: {zone: UTC, open: []}}\n"));
	CHECK(!same_digest(
		"hours: {BR: {zone: UTC, open: []}}\n", "hours: {US: {zone: UTC, open: []}}\n"));
	CHECK(!same_digest("hours: {BR: {zone: UTC, open: []}}\n",
		"hours: {BR: {zone: Europe/Lisbon, open: []}}\n"));
	CHECK(!same_digest("hours: {BR: {zone: UTC, open: []}}\n",
		"hours: {BR: {zone: UTC, open: [{from: '09:00', to: '10:00'}]}}\n"));
	CHECK(!same_digest("hours: {BR: {zone: UTC, open: []}}\n",
		"hours: {BR: {zone: UTC, open: [], holidays: [2026-12-25]}}\n"));
	CHECK(!same_digest("entities: [{id: a}]\n", "entities: [{id: a, mandatory: true}]\n"));
}

int main(void)
{
	if (!mkdtemp(folder))
		abort();
	test_lookups();
	test_placeholders();
	test_kinds();
	test_hours();
	test_phrases();
	test_digest();
	rmdir(folder);
	return unit_end();
}
