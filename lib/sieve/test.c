/*
 * test.c - the tests (RFC 5228, 5; body: RFC 5173; environment: RFC 5183)
 */

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "message/address.h"
#include "message/encode.h"
#include "sieve/running.h"
#include "sieve/words.h"

/* ---- fields */

void
sieve_fields(struct sieve_run *r, const struct sieve_node *n, struct span name,
    void (*each)(struct sieve_look *l, struct span value), struct sieve_look *l)
{
	const struct sieve_arg *a = sieve_tag(n, "index");
	uint64_t index = a == NULL ? 0 : a->number, seen = 0;
	size_t count = r->header.count;
	bool back = sieve_tag(n, "last") != NULL;

	name = sieve_expand(r, name);
	for (size_t i = 0; i < count && !sieve_failed(r); i++) {
		const struct header_field *f =
		    &r->header.list[back ? count - 1 - i : i];

		if (!span_ieq(f->name, name))
			continue;
		seen++;
		if (a == NULL || seen == index)
			each(l, f->value);
	}
}

void
sieve_look_text(struct sieve_look *l, struct span value)
{
	struct buf out = BUF_EMPTY, plain = BUF_EMPTY;

	header_unfold(&plain, value);
	encode_words_decode(&out, buf_span(&plain));
	sieve_look(l, span_trim(buf_span(&out)));
	buf_free(&plain);
	buf_free(&out);
}

/* ---- addresses */

/* The part of an address that a node's tags name. */
static void
look_parts(struct sieve_look *l, struct span local, struct span domain)
{
	const struct sieve_node *n = l->node;
	struct span user = local, detail = SPAN("");
	struct buf out = BUF_EMPTY;
	bool has_detail = l->run->message->delimiters != NULL &&
	    *l->run->message->delimiters != '\0' &&
	    address_extension(
		local, l->run->message->delimiters, &user, &detail);

	if (sieve_tag(n, "localpart") != NULL) {
		sieve_look(l, local);
	} else if (sieve_tag(n, "domain") != NULL) {
		sieve_look(l, domain);
	} else if (sieve_tag(n, "user") != NULL) {
		sieve_look(l, user);
	} else if (sieve_tag(n, "detail") != NULL) {
		if (has_detail)
			sieve_look(l, detail);
	} else {
		buf_add_span(&out, local);
		buf_add_str(&out, domain.n > 0 ? "@" : "");
		buf_add_span(&out, domain);
		sieve_look(l, buf_span(&out));
	}
	buf_free(&out);
}

static bool
wants_part(const struct sieve_node *n)
{
	return sieve_tag(n, "localpart") != NULL ||
	    sieve_tag(n, "domain") != NULL || sieve_tag(n, "user") != NULL ||
	    sieve_tag(n, "detail") != NULL;
}

static void
look_addresses(struct sieve_look *l, struct span value)
{
	struct address_list list;

	address_list_parse(l->run->arena, value, &list);
	for (size_t i = 0; i < list.count; i++)
		/* parts of what is no address match nothing (RFC 5228,
		 * 2.7.4) */
		if (list.list[i].kind == ADDRESS_MAILBOX &&
		    (list.list[i].domain.n > 0 || !wants_part(l->node)))
			look_parts(l, list.list[i].local, list.list[i].domain);
}

static bool
test_fields(struct sieve_run *r, const struct sieve_node *n)
{
	struct sieve_look l;

	sieve_look_begin(&l, r, n, n->at[1]);
	for (size_t i = 0; i < n->at[0]->count; i++)
		sieve_fields(r, n, n->at[0]->strings[i],
		    n->word->id == TEST_ADDRESS ? look_addresses
						: sieve_look_text,
		    &l);
	return sieve_look_end(&l);
}

static bool
test_envelope(struct sieve_run *r, const struct sieve_node *n)
{
	struct sieve_look l;

	sieve_look_begin(&l, r, n, n->at[1]);
	for (size_t i = 0; i < n->at[0]->count; i++) {
		struct span part = sieve_expand(r, n->at[0]->strings[i]);
		struct span address = SPAN(""), local, domain;

		if (span_iis(part, "from"))
			address = r->message->from;
		else if (span_iis(part, "to"))
			address = r->message->to;
		else
			continue;
		(void)address_split(address, &local, &domain);
		if (address.n == 0 && sieve_tag(n, "detail") == NULL)
			sieve_look(&l, SPAN("")); /* <> */
		else
			look_parts(&l, local, domain);
	}
	return sieve_look_end(&l);
}

/* ---- the rest of the header */

static bool
test_exists(struct sieve_run *r, const struct sieve_node *n)
{
	for (size_t i = 0; i < n->at[0]->count; i++) {
		struct span name = sieve_expand(r, n->at[0]->strings[i]);
		size_t k = 0;

		while (k < r->header.count &&
		    !span_ieq(r->header.list[k].name, name))
			k++;
		if (k == r->header.count)
			return false;
	}
	return true;
}

static bool
test_size(struct sieve_run *r, const struct sieve_node *n)
{
	uint64_t size = r->message->text.n;

	return sieve_tag(n, "over") != NULL ? size > n->at[0]->number
					    : size < n->at[0]->number;
}

/* ---- the body */

/* Does the part's type fit "text", "text/html", or "" for all? */
static bool
is_type(struct sieve_run *r, const struct mime_part *p, struct span want)
{
	size_t slash;

	want = sieve_expand(r, want);
	slash = span_find(want, '/');
	if (want.n == 0)
		return true;
	if (span_rfind(want, '/') != slash)
		return false;
	if (slash == want.n)
		return span_ieq(want, p->type);
	return span_ieq(span_head(want, slash), p->type) &&
	    span_ieq(span_skip(want, slash + 1), p->subtype);
}

static bool
is_wanted(struct sieve_run *r, const struct mime_part *p,
    const struct sieve_arg *types)
{
	if (types == NULL)
		return span_is(p->type, "text");
	for (size_t i = 0; i < types->count; i++)
		if (is_type(r, p, types->strings[i]))
			return true;
	return false;
}

/* What stands before the first part of a multipart, and behind the last; each
 * without the lines of the boundary. */
static void
look_between(struct sieve_look *l, const struct mime_part *p)
{
	struct span body = mime_part_body(p, l->run->message->text);
	struct span rest, line;
	size_t first, last, end;

	if (p->child == NULL) {
		sieve_look(l, body);
		return;
	}
	first = (size_t)(p->child->header_at - p->body_at);
	last = (size_t)(p->last->end_at - p->body_at);
	rest = span_head(body, first);
	rest = span_head(rest, rest.n == 0 ? 0 : rest.n - 1);
	end = span_rfind(rest, '\n');
	sieve_look(l, span_head(rest, end == rest.n ? 0 : end));
	rest = span_skip(body, last);
	for (int i = 0; i < 2; i++)
		if (!span_line(&rest, &line))
			return;
	sieve_look(l, rest);
}

/* RFC 5173, 5.2 */
static void
look_container(struct sieve_look *l, const struct mime_part *p)
{
	if (p->kind == MIME_MULTIPART)
		look_between(l, p);
	else if (p->child != NULL)
		sieve_look(
		    l, mime_part_header(p->child, l->run->message->text));
}

static void
look_body(struct sieve_look *l, const struct sieve_arg *types)
{
	struct sieve_run *r = l->run;
	struct buf text = BUF_EMPTY;

	if (r->tree.root == NULL)
		mime_parse(r->arena, r->message->text, &r->tree);
	r->work += r->message->text.n; /* decoding is work too */
	for (const struct mime_part *p = r->tree.root;
	     p != NULL && !l->found && !sieve_failed(r);
	     p = mime_part_next(p)) {
		if (!is_wanted(r, p, types))
			continue;
		if (p->kind != MIME_LEAF) {
			if (types != NULL)
				look_container(l, p);
			continue;
		}
		buf_clear(&text);
		mime_part_text(p, r->message->text, SIEVE_BODY_MAX, &text);
		sieve_look(l, buf_span(&text));
	}
	buf_free(&text);
}

static bool
test_body(struct sieve_run *r, const struct sieve_node *n)
{
	struct span before[SIEVE_MATCHES];
	size_t count = r->match_count;
	struct sieve_look l;
	bool holds;

	memcpy(before, r->matches, sizeof(before));
	sieve_look_begin(&l, r, n, n->at[0]);
	if (sieve_tag(n, "raw") != NULL)
		sieve_look(&l, span_skip(r->message->text, r->header.body_at));
	else
		look_body(&l, sieve_tag(n, "content"));
	holds = sieve_look_end(&l);
	/* :matches on a body sets no variables (RFC 5173, 6) */
	memcpy(r->matches, before, sizeof(before));
	r->match_count = count;
	return holds;
}

/* ---- what is not of the message */

static bool
test_string(struct sieve_run *r, const struct sieve_node *n)
{
	struct sieve_look l;

	sieve_look_begin(&l, r, n, n->at[1]);
	for (size_t i = 0; i < n->at[0]->count; i++) {
		struct span s = sieve_expand(r, n->at[0]->strings[i]);

		if (s.n > 0 || l.type != LOOK_COUNT)
			sieve_look(&l, s);
	}
	return sieve_look_end(&l);
}

static bool
test_environment(struct sieve_run *r, const struct sieve_node *n)
{
	const struct {
		const char *name, *value;
	} items[] = { { "domain", r->message->domain },
		{ "host", r->message->host }, { "location", "MDA" },
		{ "name", "Facteur" }, { "phase", "during" } };
	struct span item = sieve_expand(r, n->at[0]->strings[0]);
	struct sieve_look l;

	sieve_look_begin(&l, r, n, n->at[1]);
	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++)
		if (span_iis(item, items[i].name) && items[i].value != NULL)
			sieve_look(&l, span_str(items[i].value));
	return sieve_look_end(&l);
}

static bool
test_ihave(const struct sieve_node *n)
{
	for (size_t i = 0; i < n->at[0]->count; i++)
		if (!sieve_extension_later(n->at[0]->strings[i]))
			return false;
	return true;
}

static bool
test_specialuse(struct sieve_run *r, const struct sieve_node *n)
{
	struct span name =
	    n->at[0] == NULL ? SPAN("") : sieve_expand(r, n->at[0]->strings[0]);

	for (size_t i = 0; i < n->at[1]->count; i++)
		if (r->ops->special_use == NULL ||
		    !r->ops->special_use(r->ops->ctx, name,
			sieve_expand(r, n->at[1]->strings[i])))
			return false;
	return true;
}

static bool
test_mailboxexists(struct sieve_run *r, const struct sieve_node *n)
{
	for (size_t i = 0; i < n->at[0]->count; i++)
		if (r->ops->mailbox_exists == NULL ||
		    !r->ops->mailbox_exists(
			r->ops->ctx, sieve_expand(r, n->at[0]->strings[i])))
			return false;
	return true;
}

/* ---- all */

static bool
test_several(struct sieve_run *r, const struct sieve_node *n, bool all)
{
	for (const struct sieve_node *t = n->tests; t != NULL; t = t->next)
		if (sieve_test(r, t) != all || sieve_failed(r))
			return !all;
	return all;
}

static bool
test_one(struct sieve_run *r, const struct sieve_node *n)
{
	switch ((int)n->word->id) {
	case TEST_ADDRESS:
	case TEST_HEADER:
		return test_fields(r, n);
	case TEST_ALLOF:
		return test_several(r, n, true);
	case TEST_ANYOF:
		return test_several(r, n, false);
	case TEST_BODY:
		return test_body(r, n);
	case TEST_CURRENTDATE:
	case TEST_DATE:
		return sieve_test_date(r, n);
	case TEST_DUPLICATE:
		return sieve_test_duplicate(r, n);
	case TEST_ENVELOPE:
		return test_envelope(r, n);
	case TEST_ENVIRONMENT:
		return test_environment(r, n);
	case TEST_EXISTS:
		return test_exists(r, n);
	case TEST_HASFLAG:
		return sieve_test_hasflag(r, n);
	case TEST_IHAVE:
		return test_ihave(n);
	case TEST_MAILBOXEXISTS:
		return test_mailboxexists(r, n);
	case TEST_NOT:
		return !sieve_test(r, n->tests);
	case TEST_SIZE:
		return test_size(r, n);
	case TEST_SPECIALUSE:
		return test_specialuse(r, n);
	case TEST_STRING:
		return test_string(r, n);
	case TEST_TRUE:
		return true;
	default:
		return false;
	}
}

bool
sieve_test(struct sieve_run *r, const struct sieve_node *n)
{
	bool holds;

	if (sieve_failed(r))
		return false;
	if (n->fault != NULL)
		return sieve_fail(r, n->line, n->fault);
	if (r->ops->late != NULL && r->ops->late(r->ops->ctx))
		return sieve_fail(r, n->line, "its time is over");
	holds = test_one(r, n);
	if (arena_used(r->arena) > r->arena_max)
		return sieve_fail(
		    r, n->line, "the script needs too much memory");
	if (r->ops->event != NULL && !sieve_failed(r))
		r->ops->event(r->ops->ctx, r->scope->name, n, holds);
	return holds;
}
