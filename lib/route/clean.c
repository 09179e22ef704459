/*
 * clean.c - the final form of a message's addresses
 *
 * What Postfix's cleanup does with the envelope's sender and with the header:
 * names are completed, then sender_canonical_maps or recipient_canonical_maps,
 * canonical_maps and masquerade_domains, each for the classes that it is for.
 * In a field only the address itself is replaced; names, comments and folding
 * stay as they were written. Addresses that come out as they went in are not
 * touched.
 */

#include "route/clean.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "calls/clean_call.h"
#include "maps/items.h"
#include "message/address.h"
#include "os/clock.h"
#include "route/internal.h"
#include "route/srs.h"

enum { EDITS_BYTES = 16384, CANONICAL_MAX = 10 };

/* ---- canonical */

static enum job_result
canonical_of(
    struct job *j, struct map_list *list, struct route_address *address)
{
	for (int i = 0; i < CANONICAL_MAX; i++) {
		struct route_address *to;
		enum job_result got;
		struct found f;
		size_t n;

		got = find_address(j, list, address, &f);
		if (got != JOB_YES)
			return got == JOB_NO ? JOB_YES : got;
		if (!j->route->propagate_canonical)
			f.extension = SPAN("");
		to = found_addresses(j, &f, address, &n);
		if (n == 0 || span_ieq(to[0].whole, address->whole))
			return JOB_YES;
		*address = to[0];
	}
	why_set(j->why, "4.6.0", "canonical_maps: no end to them at %.*s",
	    (int)address->whole.n, address->whole.p);
	return JOB_TROUBLE;
}

/* ---- masquerade */

static bool
listed(const char *list, struct span word)
{
	struct span rest = span_str(list), item;

	while (items_next(&rest, &item))
		if (span_ieq(item, word))
			return true;
	return false;
}

/* The domain in whose place domain is hidden; empty: none. The first entry that
 * fits decides; one behind '!' says no. */
static struct span
masquerade_parent(const struct route_conf *conf, struct span domain)
{
	struct span rest = span_str(conf->masquerade_domains), item;

	while (items_next(&rest, &item)) {
		bool hide = true;
		struct span tail;

		for (; span_at(item, 0) == '!'; item = span_skip(item, 1))
			hide = !hide;
		if (item.n == 0 || item.n > domain.n)
			continue;
		tail = span_skip(domain, domain.n - item.n);
		if (!span_ieq(tail, item))
			continue;
		if (domain.n == item.n)
			return SPAN("");
		if (domain.p[domain.n - item.n - 1] == '.')
			return hide ? item : SPAN("");
	}
	return SPAN("");
}

static void
masquerade(struct job *j, struct route_address *address)
{
	const struct route_conf *conf = j->route->conf;
	struct span parent;
	struct buf local = BUF_EMPTY;

	address_unquote(&local, address->local);
	parent = masquerade_parent(conf, address->domain);
	if (parent.n > 0 &&
	    !listed(conf->masquerade_exceptions, buf_span(&local))) {
		seen_setting(j, "masquerade_domains", parent);
		route_address_make(j->arena, address->local, parent, address);
	}
	buf_free(&local);
}

/* ---- one address */

static enum job_result
address_finish(
    struct job *j, enum route_class bit, struct route_address *address)
{
	bool of_sender = bit == FOR_ENVELOPE_SENDER || bit == FOR_HEADER_SENDER;
	struct route *r = j->route;
	enum job_result got = JOB_YES;

	if (j->no_mappings)
		return JOB_YES;
	if (of_sender && (r->sender_canonical_for & bit) != 0)
		got = canonical_of(j, &r->sender_canonical, address);
	else if (!of_sender && (r->recipient_canonical_for & bit) != 0)
		got = canonical_of(j, &r->recipient_canonical, address);
	if (got == JOB_YES && (r->canonical_for & bit) != 0)
		got = canonical_of(j, &r->canonical, address);
	if (got == JOB_YES && (r->masquerade_for & bit) != 0)
		masquerade(j, address);
	return got;
}

enum job_result
canonical(struct job *j, struct route_address *address)
{
	return address_finish(j, FOR_ENVELOPE_RCPT, address);
}

/* The first address that the tables have for it; JOB_NO: none, and it is left
 * alone. */
static enum job_result
generic_of(struct job *j, struct map_list *list, struct route_address *address)
{
	struct route_address *to;
	struct found f;
	enum job_result got = find_address(j, list, address, &f);
	size_t n;

	if (got != JOB_YES)
		return got;
	if (!j->route->propagate_generic)
		f.extension = SPAN("");
	to = found_addresses(j, &f, address, &n);
	if (n == 0)
		return JOB_NO;
	*address = to[0];
	return JOB_YES;
}

/* ---- the header */

/* Names of a header that is not ours are completed with another domain. */
static struct route_conf
conf_for(const struct route *r, enum clean_header header)
{
	struct route_conf conf = *r->conf;

	if (header == CLEAN_REMOTE)
		conf.myorigin = conf.mydomain =
		    conf.remote_header_rewrite_domain;
	return conf;
}

/* What the entry says, in the form of an envelope. */
static struct span
entry_text(struct job *j, const struct address_entry *e)
{
	struct buf text = BUF_EMPTY;
	struct span kept;

	address_quote(&text, e->local);
	if (e->domain.n > 0) {
		buf_add_byte(&text, '@');
		buf_add_span(&text, e->domain);
	}
	kept = arena_span(j->arena, buf_span(&text));
	buf_free(&text);
	return kept;
}

/* Is it the same but for the case of its domain? */
static bool
stays(const struct address_entry *e, struct span old,
    const struct route_address *fresh)
{
	size_t n = old.n - e->domain.n;

	return span_ieq(old, fresh->whole) &&
	    span_eq(span_head(old, n), span_head(fresh->whole, n));
}

static bool
is_address(const struct address_entry *e, struct span value)
{
	return e->kind == ADDRESS_MAILBOX && e->local.n > 0 &&
	    e->local.n <= ADDRESS_LIST_MAX && e->end <= value.n &&
	    e->at < e->end && span_find(e->local, ' ') == e->local.n;
}

struct rewriting {
	const struct route_conf *conf;
	struct map_list *generic; /* these tables and no others; or NULL */
	enum route_class bit;
	struct span value;
	struct buf out;
	size_t done; /* of value */
	bool changed;
};

static enum job_result
entry_rewrite(struct job *j, struct rewriting *w, const struct address_entry *e)
{
	struct span old = entry_text(j, e);
	struct route_address fresh;
	enum job_result got;

	route_rewrite(w->conf, j->arena, old, &fresh);
	got = w->generic != NULL ? generic_of(j, w->generic, &fresh)
				 : address_finish(j, w->bit, &fresh);
	if (got == JOB_NO)
		return JOB_YES;
	if (got != JOB_YES || stays(e, old, &fresh))
		return got;
	buf_add_span(
	    &w->out, span_between(w->value.p + w->done, w->value.p + e->at));
	buf_add_span(&w->out, fresh.whole);
	w->done = e->end;
	w->changed = true;
	return got;
}

static enum job_result
value_rewrite(struct job *j, struct rewriting *w)
{
	enum job_result got = JOB_YES;
	struct address_list list;

	address_list_parse(j->arena, w->value, &list);
	for (size_t i = 0; got == JOB_YES && i < list.count; i++)
		if (is_address(&list.list[i], w->value) &&
		    list.list[i].at >= w->done)
			got = entry_rewrite(j, w, &list.list[i]);
	buf_add_span(&w->out, span_skip(w->value, w->done));
	return got;
}

/* Set *text to the field anew, or leave it empty. */
static enum job_result
field_rewrite(struct job *j, const struct rewriting *how,
    const struct clean_field *f, struct span *text)
{
	struct rewriting w = *how;
	enum job_result got;

	w.bit = f->of_sender ? FOR_HEADER_SENDER : FOR_HEADER_RCPT;
	w.value = f->value;
	got = value_rewrite(j, &w);

	if (got == JOB_YES && w.changed)
		*text = span_str(arena_printf(j->arena, "%.*s:%.*s\n",
		    (int)f->name.n, f->name.p, (int)w.out.n, w.out.p));
	buf_free(&w.out);
	return got;
}

static enum job_result
header_rewrite(struct job *j, const struct rewriting *how,
    const struct clean_request *ask, struct clean_answer *out)
{
	struct clean_edit *edits =
	    arena_array(j->arena, ask->field_count, sizeof(*edits));
	size_t bytes = 0;

	out->edits = edits;
	for (size_t i = 0; i < ask->field_count; i++) {
		struct span text = SPAN("");
		enum job_result got =
		    field_rewrite(j, how, &ask->fields[i], &text);

		if (got != JOB_YES)
			return got;
		if (text.n == 0)
			continue;
		bytes += text.n;
		if (bytes > EDITS_BYTES) {
			log_warning("a header with more addresses than can be "
				    "rewritten is left in part as it is");
			break;
		}
		edits[out->edit_count++] =
		    (struct clean_edit){ .number = ask->fields[i].number,
			    .text = text };
	}
	return JOB_YES;
}

/* ---- the envelope */

static enum job_result
sender_rewrite(
    struct job *j, const struct clean_request *ask, struct clean_answer *out)
{
	struct route_address sender;
	enum job_result got;

	if (ask->sender.n == 0)
		return JOB_YES;
	route_rewrite(j->route->conf, j->arena, ask->sender, &sender);
	got = address_finish(j, FOR_ENVELOPE_SENDER, &sender);
	out->sender = sender.whole;
	return got;
}

static void
copies_add(struct job *j, struct span list, struct clean_answer *out)
{
	struct found f = { .value = list };
	struct route_address old = { .local = SPAN(""), .domain = SPAN("") };
	struct route_address *all;
	struct span *copies;
	size_t n;

	all = found_addresses(j, &f, &old, &n);
	copies = arena_array(j->arena, out->copy_count + n, sizeof(*copies));
	for (size_t i = 0; i < out->copy_count; i++)
		copies[i] = out->copies[i];
	for (size_t i = 0; i < n && out->copy_count < CLEAN_COPIES_MAX; i++)
		copies[out->copy_count++] = all[i].whole;
	out->copies = copies;
}

static enum job_result
copies_of(struct job *j, struct map_list *list,
    const struct route_address *address, struct clean_answer *out)
{
	struct found f;
	enum job_result got = find_address(j, list, address, &f);

	if (got == JOB_YES)
		copies_add(j, f.value, out);
	return got == JOB_NO ? JOB_YES : got;
}

static enum job_result
rcpt_copies(struct job *j, struct span rcpt, struct clean_answer *out)
{
	struct route_address address;
	enum job_result got;

	route_rewrite(j->route->conf, j->arena, rcpt, &address);
	got = canonical(j, &address);
	if (got == JOB_YES)
		got = copies_of(j, &j->route->recipient_bcc, &address, out);
	return got;
}

static enum job_result
first_part(
    struct job *j, const struct clean_request *ask, struct clean_answer *out)
{
	struct route_conf conf = conf_for(j->route, ask->header);
	struct rewriting how = { .conf = &conf };
	enum job_result got = sender_rewrite(j, ask, out);
	struct route_address sender;

	if (got == JOB_YES && ask->header != CLEAN_NONE &&
	    (ask->header == CLEAN_LOCAL ||
		j->route->conf->remote_header_rewrite_domain[0] != '\0'))
		got = header_rewrite(j, &how, ask, out);
	if (got != JOB_YES || j->no_mappings)
		return got;
	if (j->route->conf->always_bcc[0] != '\0')
		copies_add(j, span_str(j->route->conf->always_bcc), out);
	if (out->sender.n == 0)
		return JOB_YES;
	route_rewrite(j->route->conf, j->arena, out->sender, &sender);
	return copies_of(j, &j->route->sender_bcc, &sender, out);
}

bool
route_clean(struct route *r, struct arena *a, const struct clean_request *ask,
    struct clean_answer *out)
{
	struct job j = { .route = r,
		.ways = &r->mail,
		.arena = a,
		.no_mappings = ask->no_mappings,
		.why = &out->why };
	enum job_result got = JOB_YES;

	out->sender = ask->sender;
	out->edit_count = out->copy_count = 0;
	out->edits = NULL;
	out->copies = NULL;
	if (ask->first)
		got = first_part(&j, ask, out);
	for (size_t i = 0;
	     got == JOB_YES && !ask->no_mappings && i < ask->rcpt_count; i++)
		got = rcpt_copies(&j, ask->rcpts[i], out);
	return got == JOB_YES;
}

/* ---- generic */

static enum job_result
generic_envelope(struct job *j, struct map_list *list, struct span *address)
{
	struct route_address a;
	enum job_result got;

	if (address->n == 0)
		return JOB_YES;
	route_rewrite(j->route->conf, j->arena, *address, &a);
	got = generic_of(j, list, &a);
	if (got == JOB_YES)
		*address = a.whole;
	return got == JOB_NO ? JOB_YES : got;
}

static enum job_result
generic_rcpts(struct job *j, struct map_list *list,
    const struct clean_request *ask, struct clean_answer *out)
{
	struct span *rcpts =
	    arena_array(j->arena, ask->rcpt_count, sizeof(*rcpts));
	enum job_result got = JOB_YES;

	for (size_t i = 0; got == JOB_YES && i < ask->rcpt_count; i++) {
		rcpts[i] = ask->rcpts[i];
		got = generic_envelope(j, list, &rcpts[i]);
	}
	out->copies = rcpts;
	out->copy_count = ask->rcpt_count;
	return got;
}

/* A stranger's sender, whom SPF would not let us speak for. */
static enum job_result
srs_sender(struct job *j, struct span *sender)
{
	const struct srs *srs = j->route->conf->srs;
	struct buf fresh = BUF_EMPTY;
	struct route_address a;
	enum lookup_class class;
	enum job_result got;

	route_rewrite(j->route->conf, j->arena, *sender, &a);
	if (srs == NULL || srs_is_ours(srs, a.local, a.domain))
		return JOB_YES;
	got = classify(j, &a, &class);
	if (got == JOB_YES && class == CLASS_OTHER &&
	    srs_encode(srs, a.whole, clock_wall(), &fresh))
		*sender = arena_span(j->arena, buf_span(&fresh));
	buf_free(&fresh);
	return got;
}

bool
route_generic(const struct generic *g, struct arena *a,
    const struct clean_request *ask, struct clean_answer *out)
{
	struct job j = { .route = g->route,
		.arena = a,
		.ways = &g->route->mail,
		.why = &out->why };
	struct rewriting how = { .conf = g->route->conf, .generic = g->list };
	enum job_result got = JOB_YES;

	out->sender = ask->sender;
	out->edit_count = out->copy_count = 0;
	out->edits = NULL;
	out->copies = NULL;
	if (ask->first) {
		got = generic_envelope(&j, g->list, &out->sender);
		if (got == JOB_YES && ask->forwarded && out->sender.n > 0)
			got = srs_sender(&j, &out->sender);
		if (got == JOB_YES)
			got = header_rewrite(&j, &how, ask, out);
	}
	if (got == JOB_YES)
		got = generic_rcpts(&j, g->list, ask, out);
	return got == JOB_YES;
}
