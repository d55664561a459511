#include "core/personal_check.h"
#include "core/personal_part.h"
#include "io/phone.h"

#define GROUPS 8  /* of digits that one number is written in, at most */
#define BEFORE 32 /* bytes in front of a number that say what it is */

struct group {
	size_t from, to;
};

/* Some groups of digits with nothing but separators between: what may be one number. */
struct run {
	struct str text;
	const struct personal_about *about;
	int *asks; /* how often it may still be asked what a number is */
	struct group g[GROUPS];
	size_t n;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static size_t group_digits(const struct run *r, size_t i)
{
	return r->g[i].to - r->g[i].from;
}

/* The bytes between two groups of a number: up to three of these. */
static bool separates(struct str text, size_t from, size_t to)
{
	if (to - from > 3)
		return false;
	for (size_t i = from; i < to; i++)
		if (!strchr(" .-()/", text.s[i]))
			return false;
	return true;
}

static bool next_group(struct str text, size_t from, struct group *g)
{
	while (from < text.len && !is_digit(text.s[from]))
		from++;
	g->from = g->to = from;
	while (g->to < text.len && is_digit(text.s[g->to]))
		g->to++;
	return g->from < g->to;
}

/* ---- what stands around ---- */

static bool said_before(const struct run *r, const char *const *words)
{
	size_t at = r->g[0].from, from = at > BEFORE ? at - BEFORE : 0;
	char before[BEFORE + 1];
	size_t n = 0;

	for (size_t i = from; i < at; i++) {
		char c = r->text.s[i];

		n = c == '\n' ? 0 : n;
		before[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	before[n] = '\0';
	for (; *words; words++)
		if (strstr(before, *words))
			return true;
	return false;
}

static bool after_phone_word(const struct run *r)
{
	static const char *const words[] = {"phone", "mobile", "cell", "tel", "fax", "celular",
		"movil", "m\xc3\xb3vil", "whats", "zap", "call me", "reach me", "text me",
		"number is", "contact", "contato", "ligar", "ligue", "llama",
		"n\xc3\xbamero \xc3\xa9", NULL};

	return said_before(r, words);
}

static bool after_other_word(const struct run *r)
{
	static const char *const words[] = {"order", "pedido", "encomenda", "invoice", "fatura",
		"factura", "ticket", "protocol", "case", "ref", "track", "nota", "boleto",
		"account", "conta", "cuenta", "#", "id:", " id ", "id is", "serial", "sku", "model",
		NULL};

	return said_before(r, words);
}

static bool has_plus(const struct run *r)
{
	size_t at = r->g[0].from;

	while (at && strchr("( ", r->text.s[at - 1]) && r->g[0].from - at < 2)
		at--;
	return at && r->text.s[at - 1] == '+';
}

/* Not the middle of a word, a code or an amount. */
static bool stands_alone(const struct run *r, size_t groups)
{
	struct str t = r->text;
	size_t from = r->g[0].from, to = r->g[groups - 1].to;

	if (from && (is_letter(t.s[from - 1]) || strchr("_$,.", t.s[from - 1])))
		return false;
	if (from > 1 && strchr("-/.,", t.s[from - 1]) &&
		(is_letter(t.s[from - 2]) || is_digit(t.s[from - 2])))
		return false;
	if (to < t.len && (is_letter(t.s[to]) || t.s[to] == '_') && t.s[to] != 'x')
		return false;
	return !(to + 1 < t.len && strchr("-.,/:", t.s[to]) &&
		 (is_digit(t.s[to + 1]) || is_letter(t.s[to + 1])));
}

static bool shaped(const struct run *r, size_t groups, const char *shape)
{
	if (strlen(shape) != groups)
		return false;
	for (size_t i = 0; i < groups; i++)
		if (group_digits(r, i) != (size_t)(shape[i] - '0'))
			return false;
	return true;
}

static bool dated(const struct run *r, size_t groups)
{
	static const char *const shapes[] = {
		"422", "224", "124", "214", "114", "222", "412", "421", "411", "42", "24"};

	/* As the French write their numbers. */
	if (shaped(r, groups, "22222"))
		return false;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (groups >= strlen(shapes[i]) && shaped(r, strlen(shapes[i]), shapes[i]))
			return true;
	return groups == 1 && group_digits(r, 0) >= 8 &&
	       (memcmp(r->text.s + r->g[0].from, "20", 2) == 0 ||
		       memcmp(r->text.s + r->g[0].from, "19", 2) == 0) &&
	       (group_digits(r, 0) % 2 == 0);
}

/* ---- kinds ---- */

/*
 * What the plans of all countries say of a number takes longer than all else: once a record has
 * asked for as many as may be, each one that would have to be asked for is a number.
 */
static bool ask(
	const struct run *r, struct buf *out, struct str number, const char *region, bool surely)
{
	if (!*r->asks) {
		personal_code(out, number);
		return true;
	}
	--*r->asks;
	return surely ? phone_valid(out, number, region) : phone_e164(out, number, region);
}

/* With a plus before its country's digits. */
static bool ask_abroad(const struct run *r, struct buf *out, struct str digits, bool surely)
{
	struct buf number = BUF_INIT;
	bool is;

	buf_byte(&number, '+');
	buf_put(&number, digits);
	is = ask(r, out, buf_str(&number), NULL, surely);
	buf_release(&number);
	return is;
}

/* Written as people write national numbers where the country has them so. */
static const char *region_of_shape(const struct run *r, size_t groups)
{
	static const struct {
		const char *shape, *region;
		char first; /* of the digits; 0: any */
	} shapes[] = {{"334", "US", 0}, {"1334", "US", '1'}, {"254", "BR", 0}, {"244", "BR", 0},
		{"2144", "BR", 0}, {"333", "PT", '9'}, {"333", "ES", '6'}, {"333", "ES", '7'},
		{"3222", "ES", 0}, {"56", "GB", '0'}, {"533", "GB", '0'}, {"344", "GB", '0'}};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (shaped(r, groups, shapes[i].shape) &&
			(!shapes[i].first || r->text.s[r->g[0].from] == shapes[i].first))
			return shapes[i].region;
	return NULL;
}

static bool national(const struct run *r, size_t groups, struct str digits, struct buf *out)
{
	const char *region = r->about->region, *shape = region_of_shape(r, groups);

	if (dated(r, groups) || !stands_alone(r, groups))
		return false;
	if (after_phone_word(r)) {
		if (!region || !ask(r, out, digits, region, false))
			if (!shape || !ask(r, out, digits, shape, true))
				buf_put(out, digits);
		return digits.len <= 13;
	}
	if (after_other_word(r))
		return false;
	if (groups > 1 && region && ask(r, out, digits, region, true))
		return true;
	/* Three groups of three may be anything. */
	if (shape && ask(r, out, digits, shape, shaped(r, groups, "333")))
		return true;
	if (groups == 1 && region && digits.len >= 9 && ask(r, out, digits, region, true))
		return true;
	return digits.len >= 11 && digits.len <= 13 && groups <= 5 &&
	       ask_abroad(r, out, digits, true);
}

static bool international(const struct run *r, struct str digits, bool surely, struct buf *out)
{
	bool zeros = digits.len > 10 && digits.s[0] == '0' && digits.s[1] == '0';

	if (!zeros && !has_plus(r))
		return false;
	return ask_abroad(
		r, out, zeros ? (struct str){digits.s + 2, digits.len - 2} : digits, surely);
}

bool personal_proven(struct str digits, enum personal_kind *out)
{
	if (check_card(digits))
		*out = PERSONAL_CARD;
	else if (check_cpf(digits) || check_cnpj(digits))
		*out = PERSONAL_DOCUMENT;
	else
		return false;
	return true;
}

static bool bounded(const struct run *r, size_t groups)
{
	struct str t = r->text;
	size_t from = r->g[0].from, to = r->g[groups - 1].to;

	return !(from && is_letter(t.s[from - 1])) && !(to < t.len && is_letter(t.s[to]));
}

static bool judge(const struct run *r, size_t groups, struct str digits, bool surely,
	enum personal_kind *kind, struct buf *normal)
{
	*kind = PERSONAL_PHONE;
	if (international(r, digits, surely, normal))
		return true;
	if (has_plus(r) || !bounded(r, groups))
		return false;
	buf_clear(normal);
	if (personal_proven(digits, kind) ||
		(shaped(r, groups, "324") && r->text.s[r->g[0].to] == '-' && check_ssn(digits))) {
		*kind = *kind == PERSONAL_PHONE ? PERSONAL_DOCUMENT : *kind;
		buf_put(normal, digits);
		return true;
	}
	return surely && national(r, groups, digits, normal);
}

static void add(const struct run *r, size_t groups, enum personal_kind kind, struct str normal,
	struct personal_hits *hits)
{
	size_t from = r->g[0].from, to = r->g[groups - 1].to;

	while (kind == PERSONAL_PHONE && from && strchr("+( ", r->text.s[from - 1]) &&
		(r->text.s[from - 1] != ' ' || (from > 1 && r->text.s[from - 2] == '+')))
		from--;
	personal_add(hits, r->text, (struct str){r->text.s + from, to - from}, kind, normal, NULL);
}

/* The longest number that begins with the first group: how many groups it takes, or 0. */
static size_t take(const struct run *r, bool surely, struct personal_hits *hits)
{
	struct buf digits = BUF_INIT, normal = BUF_INIT;
	size_t ends[GROUPS], taken = 0;

	for (size_t i = 0; i < r->n; i++) {
		buf_add(&digits, r->text.s + r->g[i].from, group_digits(r, i));
		ends[i] = digits.len;
	}
	for (size_t n = r->n; n && !taken; n--) {
		enum personal_kind kind;

		buf_clear(&normal);
		if (ends[n - 1] < 7 || ends[n - 1] > 19 ||
			!judge(r, n, (struct str){digits.s, ends[n - 1]}, surely, &kind, &normal))
			continue;
		add(r, n, kind, buf_str(&normal), hits);
		taken = n;
	}
	buf_release(&digits);
	buf_release(&normal);
	return taken;
}

void personal_digits(
	struct str text, const struct personal_about *about, int *asks, struct personal_hits *hits)
{
	struct run r = {.text = text, .about = about, .asks = asks, .n = 0};
	size_t at = 0, taken;

	for (;;) {
		/* As many groups as follow one another. */
		while (r.n < GROUPS && next_group(text, r.n ? r.g[r.n - 1].to : at, &r.g[r.n]) &&
			(!r.n || separates(text, r.g[r.n - 1].to, r.g[r.n].from)))
			r.n++;
		if (!r.n)
			break;
		taken = take(&r, true, hits);
		if (!taken)
			taken = take(&r, false, hits);
		taken = taken ? taken : 1;
		at = r.g[taken - 1].to;
		memmove(r.g, r.g + taken, (r.n - taken) * sizeof(*r.g));
		r.n -= taken;
	}
}
