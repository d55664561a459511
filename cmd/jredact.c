/* jredact: takes personal data out of event records. */
#include "tool.h"
#include "base/die.h"
#include "io/phone.h"
#include "stage/redact.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define KEY_SHORTEST 16
#define KEY_LONGEST 4096

#define KIND_WORD(upper, lower) #lower " "
#define KIND_WORDS PERSONAL_KINDS_EACH(KIND_WORD)

static const char *folder, *reject, *key_file, *region;
static struct opt_list keep, only;
static bool quiet, agents, orders;
static int64_t max_line = LINES_MAX_DEFAULT;

static const struct opt opts[] = {
	{'k', "key", OPT_TEXT, &key_file, "FILE", "tokens by the key in FILE instead of masks",
		NULL, NULL},
	{0, "keep", OPT_LIST, &keep, "KIND,...", "leave these kinds as they are", NULL, KIND_WORDS},
	{0, "only", OPT_LIST, &only, "KIND,...", "remove these kinds and no others", NULL,
		KIND_WORDS},
	{0, "agents", OPT_SET, &agents, NULL, "remove agents' names as well", NULL, NULL},
	{0, "orders", OPT_SET, &orders, NULL, "remove order numbers as well", NULL, NULL},
	{0, "region", OPT_TEXT, &region, "CC", "country of national telephone numbers", NULL, NULL},
	TOOL_ONTOLOGY(&folder),
	TOOL_REJECT(&reject, NULL),
	TOOL_MAX_LINE(&max_line, NULL),
	TOOL_QUIET(&quiet),
	OPT_END,
};

static const struct command command = {"jredact", "[file ...]",
	"Masks personal data in event records, or replaces it by tokens that stay equal.", NULL,
	opts};

static void mark(const struct opt_list *given, const char *name, bool *kinds)
{
	struct opt_list list = opt_list_split(given, name);

	for (size_t i = 0; i < list.n; i++) {
		enum personal_kind k = personal_kind(str_of(list.v[i]));

		if (k == PERSONAL_KINDS)
			die("--%s: no such kind: %s (%.*s)", name, list.v[i],
				(int)sizeof(KIND_WORDS) - 2, KIND_WORDS);
		kinds[k] = true;
	}
}

/* The line's end that an editor leaves is no part of the key. */
static void read_key(struct buf *key)
{
	char piece[KEY_LONGEST + 2];
	int fd = open(key_file, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		die("%s: %s", key_file, strerror(errno));
	while ((n = read(fd, piece, sizeof(piece))) > 0 && key->len <= KEY_LONGEST)
		buf_add(key, piece, (size_t)n);
	if (n < 0)
		die("%s: %s", key_file, strerror(errno));
	close(fd);
	if (key->len && key->s[key->len - 1] == '\n')
		buf_cut(key, key->len - 1);
	if (key->len && key->s[key->len - 1] == '\r')
		buf_cut(key, key->len - 1);
	if (key->len < KEY_SHORTEST || key->len > KEY_LONGEST)
		die("%s: a key has %d to %d bytes", key_file, KEY_SHORTEST, KEY_LONGEST);
}

static void fill(struct redact_options *o, struct buf *key)
{
	if (key_file)
		read_key(key);
	o->key = buf_str(key);
	o->region = region;
	if (region && !phone_region(region))
		die("no such region: %s", region);
	mark(&keep, "keep", o->keeps);
	mark(&only, "only", o->removes);
	for (int k = 0; !only.n && k < PERSONAL_KINDS; k++)
		o->removes[k] = k != PERSONAL_AGENT && k != PERSONAL_ORDER &&
				(key_file || (k != PERSONAL_ID && k != PERSONAL_SESSION));
	o->removes[PERSONAL_AGENT] |= agents;
	o->removes[PERSONAL_ORDER] |= orders;
	for (int k = 0; k < PERSONAL_KINDS; k++)
		o->removes[k] &= !o->keeps[k];
}

static int run(struct redact *r, int argc, char **argv)
{
	struct buf err = BUF_INIT, more = BUF_INIT;
	struct ledger ledger;
	struct out out;
	struct pipe pipe = {.ledger = &ledger, .out = &out, .max_line = (size_t)max_line};
	uint64_t changed = 0;
	int status;

	if (ledger_open(&ledger, reject, quiet, &err) < 0)
		die("%s", err.s);
	out_stdout(&out);
	status = redact_run(r, &pipe, argv, (size_t)argc, &changed, &err);
	buf_printf(&more, "%llu changed", (unsigned long long)changed);
	status = tool_close(status, &out, &ledger, more.s, &err);
	buf_release(&more);
	return status;
}

int main(int argc, char **argv)
{
	struct redact_options options = {.region = NULL};
	struct buf err = BUF_INIT, key = BUF_INIT;
	struct operands o;
	struct ontology *ontology;
	struct redact *r;
	int code;

	program_start("jredact");
	o = opt_parse(&command, argc, argv);
	fill(&options, &key);
	ontology = tool_ontology(folder);
	r = redact_new(ontology, &options, &err);
	if (!r)
		die("%s", err.s);
	code = run(r, o.argc, o.argv);
	redact_free(r);
	ontology_free(ontology);
	buf_release(&key);
	return code;
}
