/*
 * xclient.c - XCLIENT and XFORWARD: who the client really is, as a filter or a
 * proxy in front of us says (Postfix's XCLIENT_README and XFORWARD_README)
 *
 * XCLIENT puts the session into the place of the other client's, with all its
 * rights and limits; XFORWARD is for the log alone. Both are heard from listed
 * addresses only, and by the address of the connection.
 */

#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "dns/name.h"
#include "os/clock.h"
#include "os/sock.h"
#include "smtpd/command.h"
#include "smtpd/conf.h"
#include "smtpd/limits.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "wire/smtp_command.h"

enum { VALUE_MAX = 255, LOGIN_MAX = 255 };

/* What XCLIENT may say; spans are empty for what was not said. */
struct other {
	struct span name, reverse, addr, port, proto, helo, login;
	struct span to_addr, to_port;
};

static struct span *
place(struct other *o, struct span name)
{
	const struct {
		const char *name;
		struct span *where;
	} places[] = {
		{ "NAME", &o->name },
		{ "REVERSE_NAME", &o->reverse },
		{ "ADDR", &o->addr },
		{ "PORT", &o->port },
		{ "PROTO", &o->proto },
		{ "HELO", &o->helo },
		{ "LOGIN", &o->login },
		{ "DESTADDR", &o->to_addr },
		{ "DESTPORT", &o->to_port },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (span_iis(name, places[i].name))
			return places[i].where;
	return NULL;
}

static bool
is_unknown(struct span value)
{
	return span_iis(value, "[UNAVAILABLE]") ||
	    span_iis(value, "[TEMPUNAVAIL]");
}

static bool
name_good(struct span v)
{
	return v.n == 0 || is_unknown(v) ||
	    (v.n <= VALUE_MAX && dns_name_is_host(v));
}

static bool
port_good(struct span v)
{
	uint64_t port;

	return v.n == 0 || is_unknown(v) || number_parse(v, 0, 65535, &port);
}

static bool
addr_good(struct span v)
{
	struct address a;

	return v.n == 0 || is_unknown(v) || address_parse(v, 0, &a);
}

static bool
login_good(struct span v)
{
	for (size_t i = 0; i < v.n; i++)
		if (ascii_control(v.p[i]))
			return false;
	return v.n <= LOGIN_MAX;
}

/* The name of an attribute that makes no sense, or NULL. */
static const char *
bad_part(const struct other *o)
{
	if (!name_good(o->name))
		return "NAME";
	if (!name_good(o->reverse))
		return "REVERSE_NAME";
	if (!addr_good(o->addr))
		return "ADDR";
	if (!addr_good(o->to_addr))
		return "DESTADDR";
	if (!port_good(o->port))
		return "PORT";
	if (!port_good(o->to_port))
		return "DESTPORT";
	if (o->proto.n > 0 && !span_iis(o->proto, "SMTP") &&
	    !span_iis(o->proto, "ESMTP"))
		return "PROTO";
	if (!login_good(o->login))
		return "LOGIN";
	return NULL;
}

static uint16_t
port_of(struct span v, unsigned otherwise)
{
	uint64_t port = otherwise;

	if (v.n > 0 && !number_parse(v, 0, 65535, &port))
		port = 0;
	return (uint16_t)port;
}

/* The address that counts from now on: the new one, or as it was. */
static bool
address_of(const struct client *c, const struct other *o, struct address *out)
{
	uint16_t port = port_of(o->port, c->port);

	if (o->addr.n > 0 && !is_unknown(o->addr))
		return address_parse(o->addr, port, out);
	return address_parse(span_str(c->addr), port, out);
}

static void
names_set(struct client *c, const struct other *o)
{
	struct span reverse = o->reverse.n > 0 ? o->reverse : o->name;

	if (o->name.n > 0) {
		free(c->name);
		c->name = is_unknown(o->name) ? mem_str("unknown")
					      : mem_span(o->name);
	}
	if (reverse.n > 0) {
		free(c->reverse);
		c->reverse = is_unknown(reverse) ? NULL : mem_span(reverse);
	}
	client_label(c);
}

static void
server_set(struct client *c, const struct other *o)
{
	struct address to;

	if (o->to_addr.n > 0 && !is_unknown(o->to_addr) &&
	    address_parse(o->to_addr, port_of(o->to_port, c->server_port), &to))
		client_server(c, &to);
}

static void
become(struct session *s, const struct other *o)
{
	struct client *c = &s->client;
	struct address from;

	if (!address_of(c, o, &from))
		return;
	if (o->addr.n > 0) {
		char *server = c->server_addr;
		unsigned port = c->server_port;

		c->server_addr = NULL;
		client_done(c);
		client_init(c, s->smtpd, &from);
		c->server_addr = server;
		c->server_port = port;
		limits_leave(&s->counted, clock_ms());
		s->counted = limits_enter(s->smtpd->limits,
		    span_of(c->bytes, c->bytes_n), clock_ms());
	} else {
		c->port = address_port(&from);
	}
	s->screened.code = 0;
	names_set(c, o);
	server_set(c, o);
}

static void
login_set(struct session *s, const struct other *o)
{
	if (o->login.n == 0 || is_unknown(o->login))
		return;
	s->sasl_method = mem_str("XCLIENT");
	s->sasl_username = mem_span(o->login);
}

static bool
in_order(struct session *s, bool may)
{
	if (!may)
		reply(s, REPLY_NOT_AUTHORIZED);
	else if (s->mail != NULL)
		reply(s, REPLY_IN_MAIL);
	else
		return true;
	return false;
}

void
cmd_xclient(struct session *s, const struct smtp_command *c)
{
	struct other o = { .name = { "", 0 } };
	const char *bad;

	if (!in_order(s, s->may_xclient))
		return;
	for (size_t i = 0; i < c->attribute_count; i++) {
		struct span *where = place(&o, c->attributes[i].name);

		if (where == NULL) {
			reply_with(s, REPLY_X_UNKNOWN, c->attributes[i].name);
			return;
		}
		*where = c->attributes[i].value;
	}
	bad = bad_part(&o);
	if (bad != NULL) {
		reply_with(s, REPLY_X_BAD, span_str(bad));
		return;
	}
	session_reset(s);
	become(s, &o);
	login_set(s, &o);
	if (o.helo.n > 0 && !is_unknown(o.helo)) {
		s->helo = hello_clean(o.helo);
		s->state = AT_HELLO;
	}
	s->esmtp = span_iis(o.proto, "ESMTP");
	s->success[s->command]++;
	hello_greet(s);
}

void
xforward_reset(struct session *s)
{
	for (size_t i = 0; i < FORWARD_PARTS; i++)
		mem_free(&s->forwarded[i]);
}

void
cmd_xforward(struct session *s, const struct smtp_command *c)
{
	static const char *const names[FORWARD_PARTS] = {
		[FORWARD_NAME] = "NAME",
		[FORWARD_ADDR] = "ADDR",
		[FORWARD_PORT] = "PORT",
		[FORWARD_PROTO] = "PROTO",
		[FORWARD_HELO] = "HELO",
		[FORWARD_IDENT] = "IDENT",
		[FORWARD_SOURCE] = "SOURCE",
	};

	if (!in_order(s, s->may_xforward))
		return;
	for (size_t i = 0; i < c->attribute_count; i++) {
		const struct smtp_attribute *a = &c->attributes[i];
		size_t part = 0;

		while (part < FORWARD_PARTS && !span_iis(a->name, names[part]))
			part++;
		if (part == FORWARD_PARTS) {
			reply_with(s, REPLY_X_UNKNOWN, a->name);
			return;
		}
		if (a->value.n > VALUE_MAX ||
		    (part == FORWARD_ADDR && !addr_good(a->value))) {
			reply_with(s, REPLY_X_BAD, span_str(names[part]));
			return;
		}
		free(s->forwarded[part]);
		s->forwarded[part] = is_unknown(a->value)
		    ? mem_str("unknown")
		    : hello_clean(a->value);
	}
	reply(s, REPLY_OK);
}
