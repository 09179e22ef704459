/*
 * regex_pcre.c - Perl's regular expressions, by PCRE2
 *
 * Flags as in pcre_table(5): i, s (on), m, x, A, E, U (off) toggle; X is taken
 * and means nothing, as PCRE2 has no such thing. Matching is bounded in steps,
 * depth and memory: what a stranger sends must not hold us up.
 */

#define PCRE2_CODE_UNIT_WIDTH 8

#include "maps/regex.h"

#include <pcre2.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/utf8.h"
#include "maps/rules.h"

enum { STEPS_MAX = 1000000, DEPTH_MAX = 5000, HEAP_MAX_KIB = 16384 };

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

static const struct {
	char letter;
	uint32_t option;
} options[] = {
	{ 'i', PCRE2_CASELESS },
	{ 'm', PCRE2_MULTILINE },
	{ 's', PCRE2_DOTALL },
	{ 'x', PCRE2_EXTENDED },
	{ 'A', PCRE2_ANCHORED },
	{ 'E', PCRE2_DOLLAR_ENDONLY },
	{ 'U', PCRE2_UNGREEDY },
	{ 'X', 0 },
};

enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

static bool
read_flags(struct span flags, uint32_t *out, struct buf *wrong)
{
	*out = PCRE2_CASELESS | PCRE2_DOTALL;
	for (size_t i = 0; i < flags.n; i++) {
		size_t at = 0;

		while (at < OPTIONS && options[at].letter != flags.p[i])
			at++;
		if (at == OPTIONS) {
			buf_printf(
			    wrong, "unknown regexp option \"%c\"", flags.p[i]);
			return false;
		}
		*out ^= options[at].option;
	}
	return true;
}

static void
complain(int error, struct buf *wrong)
{
	PCRE2_UCHAR text[256];

	pcre2_get_error_message(error, text, sizeof(text));
	buf_add_str(wrong, (const char *)text);
}

static struct regex *
pcre_compile(struct span text, struct span flags, struct buf *wrong)
{
	struct regex *r;
	uint32_t flag_bits;
	PCRE2_SIZE at;
	pcre2_code *code;
	int error;

	if (!read_flags(flags, &flag_bits, wrong))
		return NULL;
	/* a pattern in another charset matches bytes */
	if (utf8_valid(text))
		flag_bits |= PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
	code = pcre2_compile((PCRE2_SPTR)text.p, text.n,
	    flag_bits | PCRE2_NEVER_BACKSLASH_C, &error, &at, NULL);
	if (code == NULL) {
		complain(error, wrong);
		buf_printf(wrong, " at offset %zu", (size_t)at);
		return NULL;
	}
	r = mem_new(sizeof(*r));
	r->code = code;
	r->data = pcre2_match_data_create_from_pattern(code, NULL);
	r->limits = pcre2_match_context_create(NULL);
	must(r->data != NULL && r->limits != NULL);
	pcre2_set_match_limit(r->limits, STEPS_MAX);
	pcre2_set_depth_limit(r->limits, DEPTH_MAX);
	pcre2_set_heap_limit(r->limits, HEAP_MAX_KIB);
	return r;
}

static unsigned
pcre_groups(const struct regex *r)
{
	uint32_t n = 0;

	pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &n);
	return n;
}

static void
copy_groups(const struct regex *r, struct span subject, struct span *groups,
    size_t count)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(r->data);
	size_t have = pcre2_get_ovector_count(r->data);

	for (size_t i = 0; i < count; i++) {
		groups[i] = span_of(NULL, 0);
		if (i < have && at[2 * i] != PCRE2_UNSET &&
		    at[2 * i] <= at[2 * i + 1])
			groups[i] = span_between(
			    subject.p + at[2 * i], subject.p + at[2 * i + 1]);
	}
}

static enum regex_result
pcre_match(const struct regex *r, struct span subject, struct span *groups,
    size_t count, struct buf *wrong)
{
	int got = pcre2_match(r->code, (PCRE2_SPTR)subject.p, subject.n, 0, 0,
	    r->data, r->limits);

	if (got == PCRE2_ERROR_NOMATCH)
		return REGEX_NO;
	if (got < 0) {
		complain(got, wrong);
		return REGEX_TROUBLE;
	}
	copy_groups(r, subject, groups, count);
	return REGEX_YES;
}

static void
pcre_free(struct regex **r)
{
	if (*r == NULL)
		return;
	pcre2_match_data_free((*r)->data);
	pcre2_match_context_free((*r)->limits);
	pcre2_code_free((*r)->code);
	mem_free(r);
}

const struct regex_maker regex_pcre = {
	.compile = pcre_compile,
	.groups = pcre_groups,
	.match = pcre_match,
	.free = pcre_free,
};
