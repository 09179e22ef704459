/*
 * rc_head.c - the line that begins a recipe: number, flags, lock
 */

#include "rules/rc.h"

#include "base/buf.h"
#include "base/number.h"

/* In the order of enum rc_flag. */
static const struct span letters = { "HBDAaEehbfcwWir", 15 };

static bool
separates(int c)
{
	return c == '\0' || ascii_blank(c);
}

static struct span
skip_separators(struct span s)
{
	while (s.n > 0 && separates((unsigned char)s.p[0]))
		s = span_skip(s, 1);
	return s;
}

static struct span
word_of(struct span s)
{
	size_t n = 0;

	while (n < s.n && !separates((unsigned char)s.p[n]))
		n++;
	return span_head(s, n);
}

static struct span
take_number(struct span s, int *number)
{
	size_t n = 0;

	while (n < s.n && ascii_digit((unsigned char)s.p[n]))
		n++;
	if (n > 0 && !number_parse_int(span_head(s, n), 0, 1000, number))
		*number = 1000;
	return span_skip(s, n);
}

/* What no one asked for, as one line. */
static void
skip_rest(struct span rest, struct buf *skipped)
{
	struct span word;

	for (rest = skip_separators(rest); rest.n > 0;
	     rest = skip_separators(rest)) {
		word = word_of(rest);
		if (skipped->n > 0)
			buf_add_byte(skipped, ' ');
		buf_add_span(skipped, word);
		rest = span_skip(rest, word.n);
	}
}

void
rc_head_parse(struct span text, struct rc_head *out, struct buf *skipped)
{
	struct span rest = skip_separators(text);

	*out = (struct rc_head){ .number = -1 };
	rest = take_number(rest, &out->number);
	for (rest = skip_separators(rest); rest.n > 0;
	     rest = skip_separators(rest)) {
		size_t which = span_find(letters, rest.p[0]);

		if (rest.p[0] == ':') {
			out->flags |= RC_LOCK;
			rest = span_skip(rest, 1);
			rest = span_skip(rest, span_at(rest, 0) == '\0');
			out->lock = span_head(rest, span_find(rest, '\0'));
			rest = span_skip(rest, out->lock.n);
			break;
		}
		if (which == letters.n)
			break;
		out->flags |= 1U << which;
		rest = span_skip(rest, 1);
	}
	skip_rest(rest, skipped);
}

void
rc_head_conflicts(struct rc_head *h, rc_say_fn *say, void *ctx)
{
	if (!(h->flags & RC_ERROR))
		return;
	if (h->flags & RC_ELSE)
		say(ctx, "Conflicting else-if-flag suppressed");
	if (h->flags & RC_AND)
		say(ctx, "Conflicting also-if-succeeded-flag suppressed");
	h->flags &= ~(unsigned)(RC_ELSE | RC_AND);
}

static const struct {
	unsigned flag;
	const char *what;
} on_block[] = {
	{ RC_FILTER, "Extraneous filter-flag ignored" },
	{ RC_LOCK, "Extraneous locallockfile ignored" },
	{ RC_SEND_BODY, "Extraneous deliver-body flag ignored" },
	{ RC_SEND_HEAD, "Extraneous deliver-head flag ignored" },
	{ RC_IGNORE, "Extraneous ignore-write-error flag ignored" },
	{ RC_RAW, "Extraneous raw-mode flag ignored" },
};

void
rc_head_extraneous(
    struct rc_head *h, enum rc_action action, rc_say_fn *say, void *ctx)
{
	unsigned none = 0;

	/* A file takes the whole message where it was to be a filter. */
	if (action == RC_FILE && (h->flags & RC_FILTER))
		h->flags |= RC_SEND_HEAD | RC_SEND_BODY;
	if (action == RC_BLOCK)
		none = ~0U;
	else if (action == RC_FILE || action == RC_CAPTURE)
		none = RC_FILTER;
	/* A block that is run in a copy holds its lock meanwhile. */
	if (action == RC_BLOCK && (h->flags & RC_COPY))
		none &= ~(unsigned)RC_LOCK;
	for (size_t i = 0; i < sizeof(on_block) / sizeof(*on_block); i++) {
		if (!(h->flags & none & on_block[i].flag))
			continue;
		say(ctx, on_block[i].what);
		h->flags &= ~on_block[i].flag;
	}
}

void
rc_head_no_copy(
    const struct rc_head *h, enum rc_action action, rc_say_fn *say, void *ctx)
{
	bool goes_on = action == RC_CAPTURE ||
	    (action != RC_FILE && (h->flags & RC_FILTER));

	if (action != RC_BLOCK && goes_on && (h->flags & RC_COPY))
		say(ctx, "Extraneous copy-flag ignored");
}
