/*
 * rewrite.c - the form that addresses get before all else
 *
 * Postfix's trivial-rewrite in one function. RFC 5321, 3.3 and appendix C for
 * source routes; the rest is what mail software has done since before it.
 */

#include "route/rewrite.h"

#include "base/arena.h"
#include "base/buf.h"
#include "message/address.h"
#include "route/conf.h"

/* "@a,@b:user@c" is user@c. */
static struct span
without_source_route(struct span s)
{
	size_t colon = span_find(s, ':');

	while (span_at(s, 0) == '@' && colon < s.n) {
		s = span_skip(s, colon + 1);
		colon = span_find(s, ':');
	}
	return s;
}

/* site!user (the first '!') and user%site (the last '%'), of names without a
 * domain and without quotes. */
static bool
split_operator(
    const struct route_conf *conf, struct span *local, struct span *domain)
{
	size_t bang = span_find(*local, '!'), percent = span_rfind(*local, '%');

	if (span_at(*local, 0) == '"')
		return false;
	if (conf->swap_bangpath && bang > 0 && bang + 1 < local->n) {
		*domain = span_head(*local, bang);
		*local = span_skip(*local, bang + 1);
		return true;
	}
	if (conf->allow_percent_hack && percent > 0 && percent + 1 < local->n) {
		*domain = span_skip(*local, percent + 1);
		*local = span_head(*local, percent);
		return true;
	}
	return false;
}

static struct span
lower(struct arena *a, struct span s)
{
	char *p = arena_alloc(a, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = (char)ascii_lower(span_at(s, i));
	return span_of(p, s.n);
}

void
route_address_make(struct arena *a, struct span local, struct span domain,
    struct route_address *out)
{
	out->null_domain = false;
	out->local = arena_span(a, local);
	out->domain = lower(a, domain);
	out->whole = out->local;
	if (domain.n > 0)
		out->whole = span_str(arena_printf(a, "%.*s@%.*s", (int)local.n,
		    local.p, (int)domain.n, out->domain.p));
}

/* "user@" and "user@.": left alone, so that who refuses it shows what it was.
 */
static void
null_domain_make(struct arena *a, struct span local, struct route_address *out)
{
	route_address_make(a, local, SPAN(""), out);
	out->whole = span_str(arena_printf(a, "%.*s@", (int)local.n, local.p));
	out->null_domain = true;
}

static struct span
complete_domain(
    const struct route_conf *conf, struct arena *a, struct span domain)
{
	if (domain.n > 1 && domain.p[domain.n - 1] == '.' &&
	    domain.p[domain.n - 2] != '.')
		domain = span_head(domain, domain.n - 1);
	if (domain.n == 0 && conf->append_at_myorigin)
		return span_str(conf->myorigin);
	if (domain.n > 0 && conf->append_dot_mydomain && domain.p[0] != '[' &&
	    span_find(domain, '.') == domain.n && conf->mydomain[0] != '\0')
		return span_str(arena_printf(
		    a, "%.*s.%s", (int)domain.n, domain.p, conf->mydomain));
	return domain;
}

void
route_rewrite(const struct route_conf *conf, struct arena *a,
    struct span address, struct route_address *out)
{
	struct span s = without_source_route(address), local, domain;
	struct buf plain = BUF_EMPTY, quoted = BUF_EMPTY;

	bool split = address_split(s, &local, &domain);
	bool null =
	    split && local.n > 0 && (domain.n == 0 || span_is(domain, "."));

	if (!split)
		split_operator(conf, &local, &domain);
	address_unquote(&plain, local);
	if (plain.n == 0) {
		buf_add_str(&plain, conf->empty_address_recipient);
	}
	address_quote(&quoted, buf_span(&plain));
	if (null)
		null_domain_make(a, buf_span(&quoted), out);
	else
		route_address_make(a, buf_span(&quoted),
		    complete_domain(conf, a, domain), out);
	buf_free(&plain);
	buf_free(&quoted);
}

bool
route_has_operator(struct span local)
{
	return span_find_any(local, "@%!") < local.n;
}
