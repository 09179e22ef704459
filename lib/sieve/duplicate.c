/*
 * duplicate.c - has this been here before? (RFC 7352)
 *
 * What is seen for the first time is only marked once the message is delivered:
 * the caller gets a list.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "sieve/running.h"

enum { SECONDS_USUAL = 7 * 86400, SECONDS_MAX = 365 * 86400 };

/* What the message is known by; empty: by nothing. */
static struct span
identity(struct sieve_run *r, const struct sieve_node *n)
{
	const struct sieve_arg *a = sieve_tag(n, "uniqueid");
	struct span name = SPAN("Message-ID");

	if (a != NULL)
		return sieve_expand(r, a->strings[0]);
	if ((a = sieve_tag(n, "header")) != NULL)
		name = sieve_expand(r, a->strings[0]);
	for (size_t i = 0; i < r->header.count; i++)
		if (span_ieq(r->header.list[i].name, name))
			return header_unfold_arena(
			    r->arena, r->header.list[i].value);
	return SPAN("");
}

static struct span
key_of(struct sieve_run *r, const struct sieve_node *n, struct span id)
{
	const struct sieve_arg *handle = sieve_tag(n, "handle");
	struct buf b = BUF_EMPTY;
	struct span key;

	if (handle != NULL)
		buf_add_span(&b, sieve_expand(r, handle->strings[0]));
	buf_add_byte(&b, '\0');
	buf_add_span(&b, id);
	key = arena_span(r->arena, buf_span(&b));
	buf_free(&b);
	return key;
}

static int64_t
seconds_of(const struct sieve_node *n)
{
	const struct sieve_arg *a = sieve_tag(n, "seconds");

	if (a == NULL)
		return SECONDS_USUAL;
	return a->number > SECONDS_MAX ? SECONDS_MAX : (int64_t)a->number;
}

bool
sieve_test_duplicate(struct sieve_run *r, const struct sieve_node *n)
{
	struct span id = span_trim(identity(r, n)), key;
	size_t i = 0;

	if (id.n == 0)
		return false;
	key = key_of(r, n, id);
	while (i < r->mark_count && !span_eq(r->marks[i].key, key))
		i++;
	if (i == SIEVE_MARKS_MAX)
		return sieve_fail(r, n->line, "too many duplicate tests");
	if (i == r->mark_count) {
		r->marks[i] = (struct sieve_mark){ key, seconds_of(n) };
		r->mark_seen[i] =
		    r->ops->seen != NULL && r->ops->seen(r->ops->ctx, key);
		r->mark_count++;
	}
	if (sieve_tag(n, "last") != NULL)
		r->mark_again[i] = true;
	return r->mark_seen[i];
}

void
sieve_marks_of(struct sieve_run *r)
{
	struct sieve_mark *all =
	    arena_array(r->arena, r->mark_count + 1, sizeof(*all));

	for (size_t i = 0; i < r->mark_count; i++)
		if (!r->mark_seen[i] || r->mark_again[i])
			all[r->out->mark_count++] = r->marks[i];
	r->out->marks = all;
}
