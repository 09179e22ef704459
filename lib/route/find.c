/*
 * find.c - the keys that an address has in a table
 *
 * The order of Postfix: the address, without its extension, for our own domains
 * the local part alone, at last @domain. Only the whole address is asked of
 * tables of patterns. A local part is looked up as it is quoted in mail, then
 * without quotes.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "maps/source.h"
#include "message/address.h"
#include "message/idn.h"
#include "route/internal.h"

bool
split_extension(
    struct job *j, struct span local, struct span *user, struct span *ext)
{
	const struct route_conf *conf = j->route->conf;
	struct span after;

	if (conf->owner_request_special &&
	    strchr(conf->recipient_delimiter, '-') != NULL &&
	    (span_istarts(local, "owner-") || span_iends(local, "-request")))
		return false;
	if (conf->recipient_delimiter[0] == '\0' ||
	    !address_extension(local, conf->recipient_delimiter, user, &after))
		return false;
	*ext = span_skip(local, user->n);
	return true;
}

static enum job_result
find_as_it_is(struct job *j, struct map_list *list, struct span key,
    bool partial, struct found *out)
{
	struct buf value = BUF_EMPTY;
	enum map_result got = map_list_get(list, key, partial, &value, j->why);

	*out = (struct found){ .owner = 0 };
	if (got == MAP_FOUND) {
		out->value = arena_span(j->arena, buf_span(&value));
		out->key = arena_span(j->arena, key);
		out->owner = map_owner(list->hit);
		seen_key(j, list, out->key, out->value);
	}
	buf_free(&value);
	return got == MAP_FOUND ? JOB_YES
	    : got == MAP_NONE   ? JOB_NO
				: JOB_TROUBLE;
}

/* A table may have either form of a domain in another script. */
enum job_result
find_key(struct job *j, struct map_list *list, struct span key, bool partial,
    struct found *out)
{
	enum job_result got = find_as_it_is(j, list, key, partial, out);
	struct buf other = BUF_EMPTY;

	if (got == JOB_NO && idn_other_form(&other, key))
		got = find_as_it_is(j, list, buf_span(&other), partial, out);
	buf_free(&other);
	return got;
}

/* The parts of an address under look-up; local parts without quotes. */
struct parts {
	struct span local, bare, ext, domain;
};

/* local@domain, quoted as mail has it, then as it is when that differs. */
static enum job_result
find_forms(struct job *j, struct map_list *list, struct span local,
    const struct parts *p, struct found *out)
{
	struct buf key = BUF_EMPTY;
	bool whole = local.n == p->local.n && p->domain.n > 0;
	enum job_result got;
	size_t n;

	address_quote(&key, local);
	n = key.n;
	if (p->domain.n > 0)
		buf_printf(&key, "@%.*s", (int)p->domain.n, p->domain.p);
	got = find_key(j, list, buf_span(&key), !whole, out);
	if (got == JOB_NO && n != local.n) {
		buf_clear(&key);
		buf_add_span(&key, local);
		if (p->domain.n > 0)
			buf_printf(
			    &key, "@%.*s", (int)p->domain.n, p->domain.p);
		got = find_key(j, list, buf_span(&key), !whole, out);
	}
	buf_free(&key);
	return got;
}

/* Whole local part, then without its extension. */
static enum job_result
find_both(struct job *j, struct map_list *list, const struct parts *p,
    struct found *out)
{
	enum job_result got = find_forms(j, list, p->local, p, out);

	if (got != JOB_NO || p->ext.n == 0)
		return got;
	got = find_forms(j, list, p->bare, p, out);
	if (got == JOB_YES)
		out->extension = arena_span(j->arena, p->ext);
	return got;
}

static enum job_result
domain_is_ours(struct job *j, struct span domain)
{
	if (span_iis(domain, j->route->conf->myorigin))
		return JOB_YES;
	return is_local_domain(j, domain);
}

static enum job_result
find_parts(struct job *j, struct map_list *list, const struct parts *p,
    struct found *out)
{
	struct parts alone = *p;
	struct span at;
	enum job_result got = find_both(j, list, p, out), ours;

	if (got != JOB_NO || p->domain.n == 0)
		return got;
	ours = domain_is_ours(j, p->domain);
	if (ours == JOB_TROUBLE)
		return ours;
	alone.domain = SPAN("");
	if (ours == JOB_YES)
		got = find_both(j, list, &alone, out);
	if (got != JOB_NO)
		return got;
	at = span_str(
	    arena_printf(j->arena, "@%.*s", (int)p->domain.n, p->domain.p));
	return find_key(j, list, at, true, out);
}

enum job_result
find_address(struct job *j, struct map_list *list,
    const struct route_address *address, struct found *out)
{
	struct parts p = { .domain = address->domain };
	struct buf local = BUF_EMPTY;
	enum job_result got;

	*out = (struct found){ .owner = 0 };
	if (list->count == 0)
		return JOB_NO;
	address_unquote(&local, address->local);
	p.local = buf_span(&local);
	if (!split_extension(j, p.local, &p.bare, &p.ext))
		p.bare = p.local;
	got = find_parts(j, list, &p, out);
	buf_free(&local);
	return got;
}

/* local, with quotes, and the extension behind it. */
static struct span
with_extension(struct job *j, struct span local, struct span ext)
{
	struct buf plain = BUF_EMPTY, quoted = BUF_EMPTY;
	struct span out;

	address_unquote(&plain, local);
	buf_add_span(&plain, ext);
	address_quote(&quoted, buf_span(&plain));
	out = arena_span(j->arena, buf_span(&quoted));
	buf_free(&plain);
	buf_free(&quoted);
	return out;
}

void
found_address(struct job *j, struct span text, const struct found *f,
    const struct route_address *old, struct route_address *out)
{
	struct address_list list;
	struct buf path = BUF_EMPTY;

	if (span_at(text, 0) == '@') { /* the same name at another domain */
		buf_add_span(&path, old->local);
		buf_add_span(&path, text);
	} else {
		address_list_parse(j->arena, text, &list);
		if (list.count == 1 && list.list[0].kind == ADDRESS_MAILBOX) {
			address_quote(&path, list.list[0].local);
			if (list.list[0].domain.n > 0) {
				buf_add_byte(&path, '@');
				buf_add_span(&path, list.list[0].domain);
			}
		} else {
			buf_add_span(&path, text);
		}
	}
	route_rewrite(j->route->conf, j->arena, buf_span(&path), out);
	if (f->extension.n > 0 && span_at(text, 0) != '@')
		route_address_make(j->arena,
		    with_extension(j, out->local, f->extension), out->domain,
		    out);
	buf_free(&path);
}

struct route_address *
found_addresses(struct job *j, const struct found *f,
    const struct route_address *old, size_t *count)
{
	struct span rest = f->value;
	struct buf member = BUF_EMPTY;
	enum alias_kind kind;
	struct route_address *list;
	size_t n = 0;

	while (source_member(&rest, &kind, &member))
		n++;
	list = arena_array(j->arena, n, sizeof(*list));
	rest = f->value;
	*count = 0;
	while (*count < n && source_member(&rest, &kind, &member))
		found_address(j, buf_span(&member), f, old, &list[(*count)++]);
	buf_free(&member);
	return list;
}
