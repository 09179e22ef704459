/*
 * regex_posix.c - POSIX regular expressions, those of the C library
 *
 * Flags as in regexp_table(5): i (on), x (on), m (off) toggle.
 */

#include "maps/regex.h"

#include <regex.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "maps/rules.h"

struct regex {
	regex_t compiled;
};

static void
complain(int error, const regex_t *compiled, struct buf *wrong)
{
	char text[256];

	regerror(error, compiled, text, sizeof(text));
	buf_add_str(wrong, text);
}

static bool
read_flags(struct span flags, int *options, struct buf *wrong)
{
	*options = REG_EXTENDED | REG_ICASE;
	for (size_t i = 0; i < flags.n; i++) {
		if (flags.p[i] == 'i')
			*options ^= REG_ICASE;
		else if (flags.p[i] == 'm')
			*options ^= REG_NEWLINE;
		else if (flags.p[i] == 'x')
			*options ^= REG_EXTENDED;
		else {
			buf_printf(
			    wrong, "unknown regexp option \"%c\"", flags.p[i]);
			return false;
		}
	}
	return true;
}

static struct regex *
posix_compile(struct span text, struct span flags, struct buf *wrong)
{
	struct regex *r;
	int options, error;
	char *copy;

	if (!read_flags(flags, &options, wrong))
		return NULL;
	r = mem_new(sizeof(*r));
	copy = mem_span(text);
	error = regcomp(&r->compiled, copy, options);
	free(copy);
	if (error != 0) {
		complain(error, &r->compiled, wrong);
		mem_free(&r);
	}
	return r;
}

static unsigned
posix_groups(const struct regex *r)
{
	return (unsigned)r->compiled.re_nsub;
}

static enum regex_result
posix_match(const struct regex *r, struct span subject, struct span *groups,
    size_t count, struct buf *wrong)
{
	regmatch_t at[RULE_GROUPS_MAX];
	int error = regexec(&r->compiled, subject.p, count, at, 0);

	if (error == REG_NOMATCH)
		return REGEX_NO;
	if (error != 0) {
		complain(error, &r->compiled, wrong);
		return REGEX_TROUBLE;
	}
	for (size_t i = 0; i < count; i++) {
		groups[i] = span_of(NULL, 0);
		if (at[i].rm_so >= 0)
			groups[i] = span_between(
			    subject.p + at[i].rm_so, subject.p + at[i].rm_eo);
	}
	return REGEX_YES;
}

static void
posix_free(struct regex **r)
{
	if (*r == NULL)
		return;
	regfree(&(*r)->compiled);
	mem_free(r);
}

const struct regex_maker regex_posix = {
	.compile = posix_compile,
	.groups = posix_groups,
	.match = posix_match,
	.free = posix_free,
};
