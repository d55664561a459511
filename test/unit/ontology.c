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
	CHECK(!same_digest("entities: [{id: a}]\n", "entities: [{id: a, mandatory: true}]\n"));
}

int main(void)
{
	if (!mkdtemp(folder))
		abort();
	test_lookups();
	test_placeholders();
	test_kinds();
	test_phrases();
	test_digest();
	rmdir(folder);
	return unit_end();
}
