/*
 * upstream.c - the name servers, asked through libunbound on our loop
 *
 * libunbound only forwards: who resolv.conf names does the walking. So its
 * built-in answers for private networks and for "test." are taken out, as a
 * stub resolver has none (RFC 6761). It validates where DNSSEC is wanted. No
 * thread, no child and, once the context is complete, no file.
 */

#include "resolver/upstream.h"

#include <errno.h>
#include <stdlib.h>
#include <unbound-event.h>
#include <unbound.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "os/loop.h"
#include "os/sock.h"

enum { SERVERS_MAX = 8, LIMIT_MS = 25000, SEC_BOGUS = 1, SEC_SECURE = 2 };

struct upstream {
	struct loop *loop;
	struct ub_ctx *ctx;
};

struct upstream_query {
	struct upstream *upstream;
	struct loop_timer *timer; /* the deadline; then the report */
	int id;
	bool answered;
	struct buf packet;
	bool secure, bogus;
	upstream_fn *fn;
	void *arg;
};

/* libunbound's cache and its appetite for sockets. */
static const struct {
	const char *name, *value;
} options[] = {
	{ "msg-cache-size:", "4m" },
	{ "rrset-cache-size:", "8m" },
	{ "key-cache-size:", "1m" },
	{ "neg-cache-size:", "1m" },
	{ "cache-max-ttl:", "86400" },
	{ "num-queries-per-thread:", "1024" },
	{ "outgoing-range:", "512" },
	{ "outgoing-num-tcp:", "32" },
	{ "do-not-query-localhost:", "no" },
	{ "unblock-lan-zones:", "yes" },
	{ "insecure-lan-zones:", "yes" },
};

static bool
failed(int got, const char *what, struct why *why)
{
	if (got == 0)
		return false;
	why_set(why, "4.3.5", "libunbound: %s: %s", what, ub_strerror(got));
	return true;
}

/* "192.0.2.1" or "2001:db8::1@5353". */
static bool
server_add(struct upstream *u, struct span text, struct why *why)
{
	char *server;
	int got;

	if (!address_parse(span_head(text, span_find(text, '@')), 0,
		&(struct address){ 0 })) {
		why_set(why, "4.3.5", "not the address of a name server: %.*s",
		    (int)text.n, text.p);
		return false;
	}
	server = mem_span(text);
	got = ub_ctx_set_fwd(u->ctx, server);
	free(server);
	return !failed(got, "name server", why);
}

static bool
servers_listed(struct upstream *u, struct span list, struct why *why)
{
	struct span word;

	while (span_word(&list, ", \t\r\n", &word))
		if (!server_add(u, word, why))
			return false;
	return true;
}

/* As libc: lines that are not understood are passed over (an address with a
 * zone is such a one), and without any the server is on this machine. */
static bool
servers_of_file(struct upstream *u, struct span text, struct why *why)
{
	struct span line, word;
	int count = 0;

	while (count < SERVERS_MAX && span_line(&text, &line)) {
		if (!span_word(&line, " \t\r", &word) ||
		    !span_is(word, "nameserver") ||
		    !span_word(&line, " \t\r", &word))
			continue;
		if (server_add(u, word, why))
			count++;
		else
			log_warning("/etc/resolv.conf: %s", why_text(why));
	}
	return count > 0 || server_add(u, SPAN("127.0.0.1"), why);
}

static bool
anchor_set(struct upstream *u, const char *anchor, struct why *why)
{
	if (anchor == NULL)
		return true;
	if (access(anchor, R_OK) == -1) {
		why_set(why, "4.3.5",
		    "resolver_trust_anchor: %s: %s (package dns-root-data)",
		    anchor, strerror(errno));
		return false;
	}
	return !failed(ub_ctx_add_ta_file(u->ctx, anchor), "trust anchor", why);
}

static bool
context_fill(
    struct upstream *u, const struct upstream_conf *conf, struct why *why)
{
	struct span listed = span_trim(conf->nameservers);

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (failed(ub_ctx_set_option(
			       u->ctx, options[i].name, options[i].value),
			options[i].name, why))
			return false;
	if (!(listed.n > 0 ? servers_listed(u, listed, why)
			   : servers_of_file(u, conf->resolv_conf, why)))
		return false;
	if (!anchor_set(u, conf->anchor, why))
		return false;
	/* completes the context: files are read now */
	return !failed(ub_ctx_zone_remove(u->ctx, "test."), "zones", why);
}

struct upstream *
upstream_new(
    struct loop *loop, const struct upstream_conf *conf, struct why *why)
{
	struct upstream *u = mem_new(sizeof(*u));

	u->loop = loop;
	u->ctx = ub_ctx_create_event(loop_base(loop));
	if (u->ctx == NULL)
		why_set(why, "4.3.5", "libunbound: cannot make a context");
	else if (context_fill(u, conf, why))
		return u;
	upstream_free(&u);
	return NULL;
}

void
upstream_free(struct upstream **u)
{
	if (*u == NULL)
		return;
	if ((*u)->ctx != NULL)
		ub_ctx_delete((*u)->ctx);
	free(*u);
	*u = NULL;
}

static void
query_free(struct upstream_query *q)
{
	loop_timer_free(&q->timer);
	buf_free(&q->packet);
	free(q);
}

/* The answer is there, or the time is up. */
static void
report(void *arg)
{
	struct upstream_query *q = arg;
	struct upstream_reply reply = { buf_span(&q->packet), q->secure,
		q->bogus };

	if (!q->answered)
		ub_cancel(q->upstream->ctx, q->id);
	q->fn(q->arg, &reply);
	query_free(q);
}

/* May come from inside ub_resolve_event(). The packet is libunbound's. */
static void
answered(void *arg, int rcode, void *packet, int n, int sec, char *why_bogus,
    int was_ratelimited)
{
	struct upstream_query *q = arg;

	(void)was_ratelimited;
	q->answered = true;
	q->secure = sec == SEC_SECURE;
	q->bogus = sec == SEC_BOGUS;
	if (q->bogus)
		log_info("DNSSEC: %s",
		    why_bogus == NULL ? "validation failed" : why_bogus);
	/* NXDOMAIN comes with its packet too */
	if ((rcode == 0 || rcode == 3) && packet != NULL && n > 0 && !q->bogus)
		buf_add(&q->packet, packet, (size_t)n);
	loop_timer_set(q->timer, 0);
}

struct upstream_query *
upstream_ask(struct upstream *u, const char *name, enum dns_type type,
    upstream_fn *fn, void *arg)
{
	struct upstream_query *q = mem_new(sizeof(*q));
	int got;

	q->upstream = u;
	q->fn = fn;
	q->arg = arg;
	q->timer = loop_timer_new(u->loop, report, q);
	loop_timer_set(q->timer, LIMIT_MS);
	got = ub_resolve_event(u->ctx, name, (int)type, 1, q, answered, &q->id);
	if (got != 0) {
		log_warning("libunbound: %s: %s", name, ub_strerror(got));
		q->answered = true;
		loop_timer_set(q->timer, 0);
	}
	return q;
}

void
upstream_cancel(struct upstream_query **q)
{
	if (*q == NULL)
		return;
	if (!(*q)->answered)
		ub_cancel((*q)->upstream->ctx, (*q)->id);
	query_free(*q);
	*q = NULL;
}
