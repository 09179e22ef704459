/*
 * script.c - a Sieve script: read, and looked through before it is run
 */

#include "sieve/script.h"

#include <stdarg.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/utf8.h"

enum { QUOTED_MAX = 200, NAME_BYTES_MAX = 220 };

const struct sieve_limits sieve_limits_usual = {
	.bytes = 1 << 20,
	.nesting = 32,
	.actions = 32,
	.redirects = 5,
	.includes = 10,
	.variable_bytes = 1 << 20,
	.work = 2000000000,
};

#define OR_USUAL(field) \
	if (whole.field == 0) \
	whole.field = sieve_limits_usual.field

struct sieve_limits
sieve_limits_whole(const struct sieve_limits *l)
{
	struct sieve_limits whole = l == NULL ? sieve_limits_usual : *l;

	OR_USUAL(bytes);
	OR_USUAL(nesting);
	OR_USUAL(actions);
	OR_USUAL(redirects);
	OR_USUAL(includes);
	OR_USUAL(variable_bytes);
	OR_USUAL(work);
	return whole;
}

void
sieve_error_add(struct sieve_script *s, struct sieve_place at,
    const char *remedy, const char *format, ...)
{
	struct buf raw = BUF_EMPTY, clean = BUF_EMPTY;
	va_list args;

	if (s->lenient == NULL && s->error_count == SIEVE_ERRORS_MAX)
		return;
	va_start(args, format);
	buf_vprintf(&raw, format, args);
	va_end(args);
	log_quote(&clean, buf_span(&raw), QUOTED_MAX);
	if (s->lenient != NULL && s->lenient->fault == NULL)
		s->lenient->fault = arena_span_str(s->arena, buf_span(&clean));
	else if (s->lenient == NULL)
		s->errors[s->error_count++] = (struct sieve_error){ at.line,
			at.column, arena_span_str(s->arena, buf_span(&clean)),
			arena_str(s->arena, remedy) };
	buf_free(&raw);
	buf_free(&clean);
}

struct sieve_script *
sieve_script_new(
    struct arena *a, struct span text, const struct sieve_limits *limits)
{
	struct sieve_script *s = arena_alloc(a, sizeof(*s));

	s->arena = a;
	s->limits = sieve_limits_whole(limits);
	if (text.n > s->limits.bytes)
		sieve_error_add(s, (struct sieve_place){ 1, 1 },
		    "make it shorter", "the script is larger than %zu bytes",
		    s->limits.bytes);
	else if (sieve_parse(s, text))
		sieve_check(s);
	return s;
}

const struct sieve_arg *
sieve_tag(const struct sieve_node *n, const char *tag)
{
	for (size_t i = 0; i < n->arg_count; i++)
		if (n->args[i].kind == SIEVE_TAG &&
		    span_iis(n->args[i].tag, tag))
			return i + 1 < n->arg_count &&
				n->args[i + 1].kind != SIEVE_TAG
			    ? &n->args[i + 1]
			    : &n->args[i];
	return NULL;
}

bool
sieve_name_valid(struct span name)
{
	uint32_t c;

	if (name.n == 0 || name.n > NAME_BYTES_MAX || *name.p == '.' ||
	    !utf8_valid(name) || span_find(name, '/') < name.n)
		return false;
	for (size_t n; name.n > 0; name = span_skip(name, n)) {
		n = utf8_next(name, &c);
		if (c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 ||
		    c == 0x2029)
			return false;
	}
	return true;
}
