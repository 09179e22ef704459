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
			rest = skip_separators(span_skip(rest, 1));
			out->lock = word_of(rest);
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

struct useless {
	unsigned flag;
	const char *what;
};

static const struct useless on_block[] = {
	{ RC_LOCK, "Extraneous locallockfile ignored" },
	{ RC_SEND_BODY, "Extraneous deliver-body flag ignored" },
	{ RC_SEND_HEAD, "Extraneous deliver-head flag ignored" },
	{ RC_IGNORE, "Extraneous ignore-write-error flag ignored" },
	{ RC_RAW, "Extraneous raw-mode flag ignored" },
	{ RC_FILTER, "Extraneous filter-flag ignored" }, { 0, NULL }
};
/* A block that is run in a copy holds its lock meanwhile. */
static const struct useless *const on_clone = on_block + 1;
static const struct useless on_file[] = {
	{ RC_FILTER, "Extraneous filter-flag ignored" }, { 0, NULL }
};
static const struct useless on_filter[] = {
	{ RC_COPY, "Extraneous copy-flag ignored" }, { 0, NULL }
};
static const struct useless on_capture[] = {
	{ RC_FILTER, "Extraneous filter-flag ignored" },
	{ RC_COPY, "Extraneous copy-flag ignored" }, { 0, NULL }
};
static const struct useless on_program[] = { { 0, NULL } };

static const struct useless *
useless_on(const struct rc_head *h, enum rc_action action)
{
	switch (action) {
	case RC_BLOCK:
		return h->flags & RC_COPY ? on_clone : on_block;
	case RC_FILE:
		return on_file;
	case RC_CAPTURE:
		return on_capture;
	case RC_PIPE:
	case RC_FORWARD:
		break;
	}
	return h->flags & RC_FILTER ? on_filter : on_program;
}

void
rc_head_extraneous(struct rc_head *h, enum rc_action action, bool matched,
    rc_say_fn *say, void *ctx)
{
	/* A file takes the whole message where it was to be a filter. */
	if (action == RC_FILE && (h->flags & RC_FILTER))
		h->flags |= RC_SEND_HEAD | RC_SEND_BODY;
	for (const struct useless *u = useless_on(h, action); u->flag != 0;
	     u++) {
		if ((h->flags & u->flag) && (matched || u->flag != RC_COPY))
			say(ctx, u->what);
		h->flags &= ~u->flag;
	}
}
