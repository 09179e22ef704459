/*
 * auth.c - logging in to a relay
 *
 * RFC 4954, mechanisms PLAIN (RFC 4616) and LOGIN. The password is asked of
 * lookup when it is needed and wiped when the server has it.
 */

#include "smtp/inside.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/why.h"
#include "smtp/destination.h"
#include "smtp/tables.h"
#include "tls/conn.h"

struct auth {
	struct tables_query *query;
	struct secret *user, *password;
	bool login; /* the mechanism LOGIN, else PLAIN */
	unsigned step;
};

void
auth_free(struct auth **a)
{
	if (*a == NULL)
		return;
	tables_cancel(&(*a)->query);
	secret_free(&(*a)->user);
	secret_free(&(*a)->password);
	mem_free(a);
}

static void
auth_fail(struct session *s, const char *text)
{
	struct why why;

	why_init(&why);
	why_set(&why, "4.7.0", "SASL authentication failed; server %s: %s",
	    s->name, text);
	session_fail(s, &why);
	why_free(&why);
}

static bool
list_has(const char *list, const char *word)
{
	struct span rest = span_str(list), one;

	while (span_word(&rest, " \t,", &one))
		if (span_iis(one, word))
			return true;
	return false;
}

/* May this mechanism be used, by main.cf? Both show the password. */
static bool
mechanism_allowed(const struct session *s, const char *name)
{
	const struct smtp_conf *c = s->env->conf;
	const char *barred = s->secured ? c->smtp_sasl_tls_security_options
					: c->smtp_sasl_security_options;
	const char *filter = c->smtp_sasl_mechanism_filter;

	if (list_has(barred, "noplaintext"))
		return false;
	return filter[0] == '\0' || list_has(filter, name);
}

/* One base64 line; the bytes are wiped. */
static void
send_encoded(struct session *s, const char *before, struct buf *bytes)
{
	struct buf line = BUF_EMPTY;

	buf_room(&line, bytes->n * 2 + 64); /* never moves: no copy is left */
	buf_add_str(&line, before);
	base64_encode(&line, buf_span(bytes));
	buf_add_str(&line, "\r\n");
	conn_write(s->conn, buf_span(&line));
	conn_flush(s->conn);
	buf_wipe(&line);
	buf_wipe(bytes);
}

static void
send_plain(struct session *s)
{
	struct buf bytes = BUF_EMPTY;

	buf_room(&bytes, 2 * SECRET_MAX + 2);
	buf_add_byte(&bytes, '\0');
	buf_add_span(&bytes, secret_span(s->auth->user));
	buf_add_byte(&bytes, '\0');
	buf_add_span(&bytes, secret_span(s->auth->password));
	send_encoded(s, "AUTH PLAIN ", &bytes);
}

static void
send_secret(struct session *s, const struct secret *secret)
{
	struct buf bytes = BUF_EMPTY;

	buf_room(&bytes, SECRET_MAX);
	buf_add_span(&bytes, secret_span(secret));
	send_encoded(s, "", &bytes);
}

static void
mechanism_begin(struct session *s)
{
	bool plain = s->offers_plain && mechanism_allowed(s, "PLAIN");

	if (!plain && !(s->offers_login && mechanism_allowed(s, "LOGIN"))) {
		auth_fail(s, "no mechanism available");
		return;
	}
	s->auth->login = !plain;
	session_expect(s, AUTH, "performing the SASL authentication",
	    s->env->conf->smtp_helo_timeout);
	if (plain) {
		send_plain(s);
	} else {
		conn_write(s->conn, SPAN("AUTH LOGIN\r\n"));
		conn_flush(s->conn);
	}
}

/* "user:password" of smtp_sasl_password_maps. */
static void
password_take(struct session *s, enum tables_result result, struct span value)
{
	size_t colon = span_find(value, ':');

	if (result == TABLES_TROUBLE) {
		auth_fail(s, "smtp_sasl_password_maps cannot be read");
		return;
	}
	if (result == TABLES_NOT_FOUND) {
		auth_free(&s->auth);
		session_is_ready(s, true);
		return;
	}
	s->auth->user = secret_new(span_head(value, colon));
	s->auth->password = secret_new(span_skip(value, colon + 1));
	if (s->auth->user == NULL || s->auth->password == NULL)
		auth_fail(s,
		    "the password in smtp_sasl_password_maps is too "
		    "long");
	else
		mechanism_begin(s);
}

static void
password_came(void *arg, enum tables_result result, struct span value)
{
	struct session *s = arg;

	s->auth->query = NULL;
	session_enter(s);
	password_take(s, result, value);
	session_leave(s);
}

void
auth_begin(struct session *s)
{
	const struct smtp_conf *c = s->env->conf;
	struct span sender = s->setup.sender;
	struct span keys[] = { sender,
		span_skip(sender, span_rfind(sender, '@')),
		span_str(s->setup.target->host), s->setup.nexthop, SPAN("") };

	if (!c->smtp_sasl_auth_enable || s->env->lookup == NULL ||
	    c->smtp_sasl_password_maps[0] == '\0' ||
	    (s->caps & SMTP_CAP_AUTH) == 0) {
		session_is_ready(s, true);
		return;
	}
	s->auth = mem_new(sizeof(*s->auth));
	session_expect(s, LOOKING_UP, "looking up the password",
	    s->env->conf->smtp_helo_timeout);
	s->auth->query = tables_find(s->env, "smtp_sasl_password_maps",
	    sender.n > 0 ? keys : keys + 2, password_came, s);
}

static void
refused(struct session *s, const struct smtp_reply *r)
{
	struct buf text = BUF_EMPTY;
	struct why why;

	reply_text(r, &text);
	why_init(&why);
	why_set(&why, "4.7.8", "SASL authentication failed; server %s said: %s",
	    s->name, buf_str(&text));
	session_fail(s, &why);
	why_free(&why);
	buf_free(&text);
}

void
auth_reply(struct session *s, const struct smtp_reply *r)
{
	struct auth *a = s->auth;

	if (r->code / 100 == 2) {
		auth_free(&s->auth);
		session_is_ready(s, true);
	} else if (r->code == 334 && a->login && a->step < 2) {
		send_secret(s, a->step++ == 0 ? a->user : a->password);
	} else if (r->code / 100 == 3) {
		auth_fail(s,
		    "an answer was wanted that the mechanism does "
		    "not know");
	} else {
		refused(s, r);
	}
}
