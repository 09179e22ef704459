/*
 * client.c - who is at the other end
 *
 * A name counts when the address has it as PTR record and the name has the
 * address (RFC 8601 calls it iprev). Anything else is "unknown", as it is
 * without an answer: nobody is refused because the DNS is slow.
 */

#include "smtpd/client.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "calls/dns_call.h"
#include "dns/name.h"
#include "os/clock.h"
#include "os/sock.h"
#include "smtpd/cidr_list.h"
#include "smtpd/conf.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

void
client_label(struct client *c)
{
	free(c->label);
	if (c->port_logged)
		c->label = mem_printf("%s[%s]:%u", c->name, c->addr, c->port);
	else
		c->label = mem_printf("%s[%s]", c->name, c->addr);
}

static bool
in_list(const struct cidr_list *l, const struct client *c)
{
	return l != NULL && cidr_list_has(l, span_of(c->bytes, c->bytes_n));
}

void
client_init(
    struct client *c, const struct smtpd *smtpd, const struct address *from)
{
	struct address local;
	struct buf text = BUF_EMPTY;
	struct span bytes;

	*c = (struct client){ .port_logged =
				  smtpd->conf->smtpd_client_port_logging };
	if (address_family(from) == AF_UNIX &&
	    address_parse(SPAN("127.0.0.1"), 0, &local))
		from = &local;
	else
		c->port = address_port(from);
	bytes = address_bytes(from);
	c->bytes_n = (unsigned)bytes.n;
	memcpy(c->bytes, bytes.p, bytes.n);
	address_print(&text, from);
	c->addr = buf_take(&text);
	c->loopback = address_is_loopback(from);
	c->name = mem_str(c->loopback ? "localhost" : "unknown");
	c->reverse = c->loopback ? mem_str("localhost") : NULL;
	c->trusted = in_list(smtpd->mynetworks, c);
	c->own = in_list(smtpd->own, c);
	c->unlimited = in_list(smtpd->unlimited, c);
	c->auth_hidden = in_list(smtpd->auth_hidden, c);
	c->bare_newline =
	    in_list(smtpd->bare_newline, c) || smtpd->bare_newline_taken;
	client_label(c);
}

void
client_server(struct client *c, const struct address *local)
{
	struct buf text = BUF_EMPTY;

	if (local != NULL && address_family(local) != AF_UNIX) {
		address_print(&text, local);
		c->server_port = address_port(local);
	}
	free(c->server_addr);
	c->server_addr = buf_take(&text);
}

void
client_done(struct client *c)
{
	free(c->name);
	free(c->reverse);
	free(c->addr);
	free(c->label);
	free(c->server_addr);
	*c = (struct client){ .port = 0 };
}

bool
client_may(struct session *s, enum limits_kind kind)
{
	static const char *const what[LIMIT_KINDS] = {
		[LIMIT_CONNECTIONS] = "Connection rate",
		[LIMIT_MESSAGES] = "Message delivery request rate",
		[LIMIT_RECIPIENTS] = "Recipient address rate",
		[LIMIT_AUTH] = "AUTH command rate",
		[LIMIT_TLS] = "New TLS session rate",
	};

	if (limits_count(s->counted, kind, clock_ms()) || s->client.unlimited)
		return true;
	log_warning("%s limit exceeded: %u from %s for service %s", what[kind],
	    limits_rate(s->counted, kind), s->client.label, s->smtpd->service);
	return false;
}

/* The step after naming, kept while questions are under way. */
static void
named(struct session *s)
{
	void (*then)(struct session *) = s->named;

	s->named = NULL;
	client_label(&s->client);
	then(s);
}

static void
forward_came(struct session *s, struct packet_in *in)
{
	struct arena *a = arena_new();
	struct client *c = &s->client;
	struct span own = span_of(c->bytes, c->bytes_n);
	struct dns_answer answer;
	bool proved = false;

	if (in != NULL &&
	    dns_answer_get(in, a, own.n == 4 ? DNS_A : DNS_AAAA, &answer))
		for (size_t i = 0; i < answer.count; i++)
			proved |= span_eq(answer.records[i].data, own);
	if (proved) {
		free(c->name);
		c->name = mem_str(c->reverse);
	} else {
		log_warning("hostname %s does not resolve to address %s",
		    c->reverse, c->addr);
	}
	arena_free(&a);
	named(s);
}

static void
ask(struct session *s, struct span name, enum dns_type type, session_fn *fn)
{
	struct packet_out o = { .fd_count = 0 };

	dns_ask_put(&o, name, type);
	session_ask(s, s->smtpd->resolver, &o, fn);
	packet_done(&o);
}

static void
reverse_came(struct session *s, struct packet_in *in)
{
	struct arena *a = arena_new();
	struct client *c = &s->client;
	struct dns_answer answer;

	if (in != NULL && dns_answer_get(in, a, DNS_PTR, &answer) &&
	    answer.count > 0 && dns_name_is_host(answer.records[0].data))
		c->reverse = mem_span(answer.records[0].data);
	arena_free(&a);
	if (c->reverse != NULL)
		ask(s, span_str(c->reverse), c->bytes_n == 4 ? DNS_A : DNS_AAAA,
		    forward_came);
	else
		named(s);
}

void
client_name(struct session *s, void (*then)(struct session *s))
{
	struct buf name = BUF_EMPTY;
	struct address a;

	s->named = then;
	if (s->client.loopback || !s->smtpd->conf->smtpd_peername_lookup ||
	    s->smtpd->resolver == NULL ||
	    !address_parse(span_str(s->client.addr), 0, &a) ||
	    !dns_name_reverse(&a, &name))
		named(s);
	else
		ask(s, buf_span(&name), DNS_PTR, reverse_came);
	buf_free(&name);
}
