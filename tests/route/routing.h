/* routing.h - a route from the text of a main.cf, and answers as one line */

#ifndef TESTS_ROUTE_ROUTING_H
#define TESTS_ROUTE_ROUTING_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "config/param.h"
#include "maps/map_pool.h"
#include "route/conf.h"
#include "route/route.h"
#include "tests/unit.h"

struct routing {
	struct arena *arena;
	struct main_cf *main_cf;
	struct route_conf conf;
	struct map_pool *pool;
	struct route *route;
};

/* Names that every test begins with; what the test says comes behind. */
static const char routing_base[] = "myhostname = mx.ours.test\n"
				   "mydomain = ours.test\n"
				   "myorigin = $mydomain\n"
				   "mydestination = $myhostname, $mydomain\n"
				   "inet_interfaces = loopback-only\n"
				   "alias_maps =\n"
				   "recipient_delimiter = +\n";

static inline void
routing_init(struct routing *x, const char *text)
{
	struct buf all = BUF_EMPTY;
	struct why why;

	why_init(&why);
	x->conf.srs = NULL;
	buf_add_str(&all, routing_base);
	buf_add_str(&all, text);
	x->arena = arena_new();
	x->main_cf = main_cf_parse(buf_span(&all), "main.cf", &why);
	ck_assert_msg(x->main_cf != NULL, "%s", why_text(&why));
	ck_assert_msg(
	    param_fill(route_params, x->main_cf, x->arena, &x->conf, &why),
	    "%s", why_text(&why));
	x->pool = map_pool_new(x->conf.default_database_type, false);
	x->route = route_new(x->main_cf, &x->conf, x->pool);
	why_free(&why);
	buf_free(&all);
}

static inline void
routing_done(struct routing *x)
{
	route_free(&x->route);
	map_pool_free(&x->pool);
	main_cf_free(&x->main_cf);
	arena_free(&x->arena);
}

static inline void
add_target(struct buf *out, const struct lookup_target *t, bool member)
{
	static const char *const kinds[] = { "", "expand ", "command ", "file ",
		"include ", "refuse " };

	buf_printf(
	    out, "%s%.*s", kinds[t->kind], (int)t->address.n, t->address.p);
	if (t->kind != ROUTE_DELIVER)
		buf_printf(out, " as %.*s", (int)t->user.n, t->user.p);
	else if (member && t->user.n > 0)
		buf_add_str(out, " final");
	else if (!member)
		buf_printf(out, " via %.*s:%.*s%s%.*s", (int)t->transport.n,
		    t->transport.p, (int)t->nexthop.n, t->nexthop.p,
		    t->user.n > 0 ? " user " : "", (int)t->user.n, t->user.p);
}

/* "CLASS: address via transport:nexthop user name", "CLASS: [a, b final]",
 * "CLASS! 5.1.1 why". */
static inline void
routing_line(const struct lookup_route *r, struct why *why, struct buf *out)
{
	static const char *const classes[] = { "local", "alias", "mailbox",
		"relay", "other" };

	buf_clear(out);
	buf_add_str(out, classes[r->class]);
	if (why->outcome != DONE) {
		ck_assert_uint_eq(r->count, 0);
		buf_printf(out, "! %s %s", why->status, why_text(why));
		return;
	}
	buf_add_str(out, r->expanded ? ": [" : ": ");
	for (size_t i = 0; i < r->count; i++) {
		if (i > 0)
			buf_add_str(out, ", ");
		add_target(out, &r->targets[i], r->expanded);
	}
	if (r->expanded)
		buf_add_byte(out, ']');
	if (r->owner.n > 0)
		buf_printf(out, " from %.*s", (int)r->owner.n, r->owner.p);
}

/* how: "" as qmgr asks, "f" final, "v" verify_only, "n" no_mappings, "c" to a
 * content filter, "p" of a probe. */
static inline const char *
routing_ask(
    struct routing *x, const char *sender, const char *address, const char *how)
{
	static struct buf line;
	struct lookup_rcpt_request ask = { .sender = span_str(sender),
		.address = span_str(address),
		.verify_only = how[0] == 'v',
		.final = how[0] == 'f',
		.no_mappings = how[0] == 'n',
		.filtered = how[0] == 'c',
		.probe = how[0] == 'p' };
	struct lookup_route r;

	why_init(&r.why);
	if (!route_rcpt(x->route, x->arena, &ask, &r))
		ck_assert_int_eq(r.why.outcome, DEFER);
	routing_line(&r, &r.why, &line);
	why_free(&r.why);
	return buf_str(&line);
}

#endif
