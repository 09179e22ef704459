/*
 * edit.c - a header that the script changes (RFC 5293)
 *
 * The list of fields is what tests see; an action gets it written out, and the
 * message goes on behind the last field that the list had at first.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "message/encode.h"
#include "sieve/running.h"

/* What loops are known by stays (RFC 5293, 6; Delivered-To is ours). */
static bool
is_kept(struct span name)
{
	static const char *const kept[] = { "Received", "Auto-Submitted",
		"Delivered-To" };

	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		if (span_iis(name, kept[i]))
			return true;
	return false;
}

static void
change_begins(struct sieve_run *r)
{
	r->head = span_of(NULL, 0);
	if (r->edited)
		return;
	r->edited = true;
	if (r->header.count > 0) {
		const struct header_field *last =
		    &r->header.list[r->header.count - 1];

		r->tail =
		    (size_t)(last->all.p + last->all.n - r->message->text.p);
	}
}

static struct header_field
field_made(struct sieve_run *r, struct span name, struct span value)
{
	struct header_field f;
	struct buf b = BUF_EMPTY;

	buf_add_span(&b, name);
	buf_add_str(&b, ": ");
	encode_words(&b, value, b.n);
	buf_add_byte(&b, '\n');
	f.all = arena_span(r->arena, buf_span(&b));
	f.name = span_head(f.all, name.n);
	f.value = span_head(span_skip(f.all, name.n + 1), f.all.n - name.n - 2);
	buf_free(&b);
	return f;
}

bool
sieve_cmd_addheader(struct sieve_run *r, const struct sieve_node *n)
{
	struct span name = sieve_expand(r, n->at[0]->strings[0]);
	struct span value = span_trim(sieve_expand(r, n->at[1]->strings[0]));
	struct header_list *h = &r->header;
	struct header_field *all;
	size_t at = sieve_tag(n, "last") != NULL ? h->count : 0;

	if (!header_name_valid(name))
		return sieve_fail(
		    r, n->line, "addheader with what is no field's name");
	if (name.n + value.n > SIEVE_FIELD_MAX || h->count >= HEADER_FIELDS_MAX)
		return sieve_fail(r, n->line, "addheader adds too much");
	change_begins(r);
	all = arena_array(r->arena, h->count + 1, sizeof(*all));
	for (size_t i = 0; i < at; i++)
		all[i] = h->list[i];
	all[at] = field_made(r, name, value);
	for (size_t i = at; i < h->count; i++)
		all[i + 1] = h->list[i];
	h->list = all;
	h->count++;
	return true;
}

/* Does the field's value match, where values are given? */
static bool
is_meant(struct sieve_run *r, const struct sieve_node *n, struct span value)
{
	struct sieve_look l;

	if (n->at[1] == NULL)
		return true;
	sieve_look_begin(&l, r, n, n->at[1]);
	sieve_look_text(&l, value);
	return sieve_look_end(&l);
}

bool
sieve_cmd_deleteheader(struct sieve_run *r, const struct sieve_node *n)
{
	struct span name = sieve_expand(r, n->at[0]->strings[0]);
	const struct sieve_arg *index = sieve_tag(n, "index");
	bool back = sieve_tag(n, "last") != NULL;
	struct header_list *h = &r->header;
	uint64_t want = index == NULL ? 0 : index->number, seen = 0, all = 0;
	struct header_field *left;
	size_t count = 0;

	if (!header_name_valid(name))
		return sieve_fail(
		    r, n->line, "deleteheader with what is no field's name");
	if (is_kept(name))
		return true;
	for (size_t i = 0; i < h->count; i++)
		all += span_ieq(h->list[i].name, name);
	if (back)
		want = want == 0 || want > all ? all + 1 : all - want + 1;
	left = arena_array(r->arena, h->count + 1, sizeof(*left));
	for (size_t i = 0; i < h->count; i++) {
		bool is_it = span_ieq(h->list[i].name, name);

		seen += is_it;
		if (!is_it || (index != NULL && seen != want) ||
		    !is_meant(r, n, h->list[i].value))
			left[count++] = h->list[i];
	}
	if (sieve_failed(r))
		return false;
	if (count < h->count) {
		change_begins(r);
		h->list = left;
		h->count = count;
	}
	return true;
}

void
sieve_head_of(struct sieve_run *r, struct sieve_action *a)
{
	struct buf b = BUF_EMPTY;

	if (!r->edited)
		return;
	if (r->head.p == NULL) {
		for (size_t i = 0; i < r->header.count; i++) {
			struct span all = r->header.list[i].all;

			buf_add_span(&b, all);
			if (!span_ends(all, "\n"))
				buf_add_byte(&b, '\n');
		}
		r->head = arena_span(r->arena, buf_span(&b));
		buf_free(&b);
	}
	a->head = r->head;
	a->tail = r->tail;
}
