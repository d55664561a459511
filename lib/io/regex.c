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
	pcre2_match_data *data; /* NULL: nothing was matched yet */
	pcre2_match_context *limits;
	pcre2_jit_stack *stack;
	bool jit;
};

static int refuse(struct buf *err, int code, size_t at)
{
	PCRE2_UCHAR why[256];

	pcre2_get_error_message(code, why, sizeof(why));
	buf_printf(err, "regular expression: %s, at character %zu of the pattern", (char *)why, at);
	return -1;
}

/* Before the first match: many are compiled to see that they can be, and no more. */
static void set_up(struct regex *r)
{
	if (r->data)
		return;
	r->data = pcre2_match_data_create_from_pattern(r->code, NULL);
	r->limits = pcre2_match_context_create(NULL);
	if (!r->data || !r->limits)
		mem_failed();
	pcre2_set_match_limit(r->limits, MATCH_MAX);
	pcre2_set_depth_limit(r->limits, DEPTH_MAX);
	pcre2_set_heap_limit(r->limits, HEAP_MAX);
	/* Without the JIT the interpreter does the same, slower. */
	if (pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE) == 0) {
		r->jit = true;
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

static bool run_from(struct regex *r, struct str subject, size_t from, uint32_t flags)
{
	const char *s = subject.s ? subject.s : "";

	set_up(r);
	return pcre2_match(r->code, (PCRE2_SPTR)s, subject.len, from, flags, r->data, r->limits) >
	       0;
}

/* The check for UTF-8 stays on: bytes that are none give an error, hence no match. */
static bool run(struct regex *r, struct str subject)
{
	return run_from(r, subject, 0, 0);
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

static bool give(
	struct regex *r, bool found, struct str subject, struct str *whole, struct str *group1)
{
	if (whole)
		*whole = found ? group_of(r, subject, 0) : (struct str){NULL, 0};
	if (group1)
		*group1 = found ? group_of(r, subject, 1) : (struct str){NULL, 0};
	return found;
}

bool regex_match(struct regex *r, struct str subject, struct str *whole, struct str *group1)
{
	return give(r, run(r, subject), subject, whole, group1);
}

bool regex_next(
	struct regex *r, struct str subject, size_t from, struct str *whole, struct str *group1)
{
	const char *s = subject.s ? subject.s : "";
	bool found;

	set_up(r);
	/* What the library looks at before it comes to the JIT costs more than most matches. */
	if (r->jit && from <= subject.len)
		found = pcre2_jit_match(r->code, (PCRE2_SPTR)s, subject.len, from, 0, r->data,
				r->limits) > 0;
	else
		found = run_from(r, subject, from, PCRE2_NO_UTF_CHECK);
	return give(r, found, subject, whole, group1);
}

bool regex_group(struct regex *r, struct str subject, int group, struct str *out)
{
	bool found = run(r, subject);

	*out = found && group >= 0 ? group_of(r, subject, (uint32_t)group) : (struct str){NULL, 0};
	return found;
}

int regex_groups(const struct regex *r)
{
	uint32_t n = 0;

	pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &n);
	return (int)n;
}

/* Whether a text that goes on behind this beginning may be matched. */
static bool may_go_on(struct regex *r, const char *head, size_t len)
{
	set_up(r);
	return pcre2_match(r->code, (PCRE2_SPTR)head, len, 0, PCRE2_PARTIAL_HARD, r->data,
		       r->limits) != PCRE2_ERROR_NOMATCH;
}

void regex_heads(struct regex *r, struct regex_heads *out)
{
	static const char letters[REGEX_HEADS + 1] = "abcdefghijklmnopqrstuvwxyz ";
	uint32_t options = 0;

	memset(out, 0xff, sizeof(*out));
	pcre2_pattern_info(r->code, PCRE2_INFO_ALLOPTIONS, &options);
	if (!(options & PCRE2_ANCHORED))
		return;
	for (size_t i = 0; i < REGEX_HEADS; i++) {
		char head[2] = {letters[i], '\0'};

		out->second[i] = 0;
		if (!may_go_on(r, head, 1))
			continue;
		for (size_t k = 0; k < REGEX_HEADS; k++) {
			head[1] = letters[k];
			out->second[i] |= (uint32_t)may_go_on(r, head, 2) << k;
		}
	}
}
