#include "io/regex.h"
#include "base/mem.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define PATTERN_MAX ((size_t)64 << 10)
#define MATCH_MAX 1000000	    /* steps of one match */
#define DEPTH_MAX 2000		    /* nested backtracking, for the interpreter */
#define HEAP_MAX 16384		    /* KiB of one match */
#define STACK_MAX ((size_t)1 << 20) /* bytes of the JIT's own stack */

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	pcre2_jit_stack *stack;
};

static int refuse(struct buf *err, int code, size_t at)
{
	PCRE2_UCHAR why[256];

	pcre2_get_error_message(code, why, sizeof(why));
	buf_printf(err, "regular expression: %s, at character %zu of the pattern", (char *)why, at);
	return -1;
}

static void set_up(struct regex *r)
{
	r->data = pcre2_match_data_create_from_pattern(r->code, NULL);
	r->limits = pcre2_match_context_create(NULL);
	if (!r->data || !r->limits)
		mem_failed();
	pcre2_set_match_limit(r->limits, MATCH_MAX);
	pcre2_set_depth_limit(r->limits, DEPTH_MAX);
	pcre2_set_heap_limit(r->limits, HEAP_MAX);
	/* Without the JIT the interpreter does the same, slower. */
	if (pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE) == 0) {
		r->stack = pcre2_jit_stack_create(32 << 10, STACK_MAX, NULL);
		if (r->stack)
			pcre2_jit_stack_assign(r->limits, NULL, r->stack);
	}
}

struct regex *regex_compile(struct str pattern, bool caseless, struct buf *err)
{
	uint32_t flags =
		PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | (caseless ? PCRE2_CASELESS : 0);
	struct regex *r;
	pcre2_code *code;
	int why = 0;
	size_t at = 0;

	if (pattern.len > PATTERN_MAX) {
		buf_puts(err, "regular expression: longer than 64 KiB");
		return NULL;
	}
	code = pcre2_compile(
		(PCRE2_SPTR)(pattern.len ? pattern.s : ""), pattern.len, flags, &why, &at, NULL);
	if (!code) {
		refuse(err, why, at);
		return NULL;
	}
	r = mem_zero(1, sizeof(*r));
	r->code = code;
	set_up(r);
	return r;
}

void regex_free(struct regex *r)
{
	if (!r)
		return;
	pcre2_jit_stack_free(r->stack);
	pcre2_match_context_free(r->limits);
	pcre2_match_data_free(r->data);
	pcre2_code_free(r->code);
	free(r);
}

static bool run(struct regex *r, struct str subject)
{
	const char *s = subject.s ? subject.s : "";

	/* The check for UTF-8 stays on: bytes that are none give an error, hence no match. */
	return pcre2_match(r->code, (PCRE2_SPTR)s, subject.len, 0, 0, r->data, r->limits) > 0;
}

static struct str group_of(struct regex *r, struct str subject, size_t group)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(r->data);
	const char *s = subject.s ? subject.s : "";

	if (group >= pcre2_get_ovector_count(r->data) || at[2 * group] == PCRE2_UNSET ||
		at[2 * group] > at[2 * group + 1])
		return (struct str){NULL, 0};
	return (struct str){s + at[2 * group], at[2 * group + 1] - at[2 * group]};
}

bool regex_match(struct regex *r, struct str subject, struct str *whole, struct str *group1)
{
	bool found = run(r, subject);

	if (whole)
		*whole = found ? group_of(r, subject, 0) : (struct str){NULL, 0};
	if (group1)
		*group1 = found ? group_of(r, subject, 1) : (struct str){NULL, 0};
	return found;
}

bool regex_from(
	struct regex *r, struct str subject, size_t from, struct str *whole, struct str *group1)
{
	bool found = pcre2_match(r->code, (PCRE2_SPTR)subject.s, subject.len, from,
			     PCRE2_NO_UTF_CHECK, r->data, r->limits) > 0;

	*whole = found ? group_of(r, subject, 0) : (struct str){NULL, 0};
	*group1 = found ? group_of(r, subject, 1) : (struct str){NULL, 0};
	return found;
}

bool regex_group(struct regex *r, struct str subject, int group, struct str *out)
{
	bool found = run(r, subject);

	*out = found && group >= 0 ? group_of(r, subject, (uint32_t)group) : (struct str){NULL, 0};
	return found;
}

int regex_groups(const struct regex *r)
{
	return (int)pcre2_get_ovector_count(r->data) - 1;
}
