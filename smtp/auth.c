/*
 * auth.c - logging in to a relay
 *
 * RFC 4954; the mechanisms are those of sasl/sasl_client.h. The password is
 * asked of lookup when it is needed and wiped when the server has it. A server
 * that does not want a mechanism after all is asked with the next one; a
 * password that it refuses is not tried twice.
 */

#include "smtp/inside.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/why.h"
#include "maps/match_list.h"
#include "sasl/sasl_client.h"
#include "smtp/destination.h"
#include "smtp/refusals.h"
#include "smtp/tables.h"
#include "tls/conn.h"
#include "tls/tls_binding.h"

enum {
	COMMAND_MAX = 510, /* without its CRLF (RFC 4954, 4) */
	CODE_REFUSED = 535
};

struct auth {
	struct tables_query *query;
	struct secret *user, *password;
	struct sasl_client *client;
	unsigned tried; /* mechanisms that the server did not want */
	bool first_due; /* the initial response did not fit into AUTH */
};

void
auth_free(struct auth **a)
{
	if (*a == NULL)
		return;
	tables_cancel(&(*a)->query);
	sasl_client_free(&(*a)->client);
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
	session_leave_politely(s, &why);
	why_free(&why);
}

/* smtp_sasl_mechanism_filter. A table or file that cannot be read lets none
 * through. */
static bool
is_allowed(void *arg, const char *name, bool named)
{
	const struct smtp_conf *c = ((struct session *)arg)->env->conf;
	struct span list = span_str(c->smtp_sasl_mechanism_filter), word;
	struct why why;
	bool yes;

	if (c->sasl_filter == NULL)
		return !named;
	why_init(&why);
	yes =
	    match_list_test(c->sasl_filter, span_str(name), &why) == MATCH_YES;
	why_free(&why);
	while (yes && named && span_word(&list, ", \t\r\n", &word))
		if (span_iis(word, name))
			named = false;
	return yes && !named;
}

static unsigned
barred(const struct session *s)
{
	bool verified = s->secured &&
	    tls_stream_trust(conn_stream(s->conn)) == TLS_VERIFIED;

	return s->env->conf->sasl_barred[verified ? 2 : s->secured ? 1 : 0];
}

/* One line that may hold a secret; the bytes are wiped. */
static void
send_line(struct session *s, struct span before, struct buf *encoded)
{
	struct buf line = BUF_EMPTY;

	buf_room(&line, before.n + encoded->n + 2); /* never moves */
	buf_add_span(&line, before);
	buf_add_span(&line, buf_span(encoded));
	buf_add_str(&line, "\r\n");
	session_note(
	    s, '>', before.n > 0 ? span_trim(before) : SPAN("(not shown)"));
	conn_write(s->conn, buf_span(&line));
	conn_flush(s->conn);
	buf_wipe(&line);
	buf_wipe(encoded);
}

static void
auth_send(struct session *s)
{
	struct buf command = BUF_EMPTY, none = BUF_EMPTY, first = BUF_EMPTY;
	struct auth *a = s->auth;

	session_expect(s, AUTH, "performing the SASL authentication",
	    s->env->conf->smtp_helo_timeout);
	buf_printf(&command, "AUTH %s", sasl_client_name(a->client));
	a->first_due = false;
	if (sasl_client_first(a->client, &first)) {
		a->first_due = command.n + 1 + first.n > COMMAND_MAX;
		buf_add_byte(&command, ' ');
	}
	if (a->first_due) {
		/* begin anew when asked: SCRAM chooses another nonce */
		buf_wipe(&first);
		buf_cut(&command, command.n - 1);
		send_line(s, buf_span(&command), &none);
	} else {
		send_line(s, buf_span(&command), &first);
	}
	buf_free(&command);
}

/* The best mechanism that has not been tried. False: there is none. */
static bool
client_make(struct session *s)
{
	const struct smtp_conf *c = s->env->conf;
	struct auth *a = s->auth;
	unsigned char exporter[TLS_EXPORTER_BYTES];
	bool bound =
	    s->secured && tls_binding_exporter(conn_stream(s->conn), exporter);
	struct sasl_client_setup setup = { .offered = s->mechanisms,
		.count = s->mechanism_count,
		.barred = barred(s),
		.tried = a->tried,
		.secured = s->secured,
		.certificate = *c->smtp_tls_cert_file != '\0',
		.binding = span_of(
		    (const char *)exporter, bound ? sizeof(exporter) : 0),
		.allowed = is_allowed,
		.arg = s,
		.user = secret_span(a->user),
		.password = secret_span(a->password) };

	sasl_client_free(&a->client);
	a->client = sasl_client_new(&setup);
	explicit_bzero(exporter, sizeof(exporter));
	return a->client != NULL;
}

static void
mechanism_begin(struct session *s)
{
	if (client_make(s))
		auth_send(s);
	else
		auth_fail(s, "no mechanism available");
}

/* Of a refusal: soft where smtp_sasl_auth_soft_bounce says so. */
static void
refused(
    struct session *s, const char *status, const char *cached, const char *text)
{
	char class[] = "4";
	struct why why;

	why_init(&why);
	if (status[0] == '5' && !s->env->conf->smtp_sasl_auth_soft_bounce)
		class[0] = '5';
	why_set(&why, status,
	    "SASL %sauthentication failed; server %s said: %s", cached, s->name,
	    text);
	why.status[0] = class[0];
	why.outcome = class[0] == '5' ? BOUNCE : DEFER;
	session_leave_politely(s, &why);
	why_free(&why);
}

static void
refusals_key_make(const struct session *s, struct refusals_key *key)
{
	key->server = span_str(s->setup.target->host);
	key->user = secret_span(s->auth->user);
	key->password = secret_span(s->auth->password);
}

/* It was refused before (smtp_sasl_auth_cache_name). */
static bool
is_known_bad(struct session *s)
{
	struct refusals_key key;
	const char *reply;

	if (s->env->refusals == NULL)
		return false;
	refusals_key_make(s, &key);
	reply = refusals_find(s->env->refusals, &key);
	if (reply == NULL)
		return false;
	refused(s, "5.7.8", "[CACHED] ", reply);
	return true;
}

static void
no_login(struct session *s)
{
	auth_free(&s->auth);
	session_is_ready(s, true);
}

/* "user:password" of smtp_sasl_password_maps. */
static void
password_take(struct session *s, struct span value)
{
	struct span delimiter =
	    span_str(s->env->conf->smtp_sasl_password_result_delimiter);
	size_t at = span_search(value, delimiter);

	s->auth->user = secret_new(span_head(value, at));
	s->auth->password = secret_new_long(span_skip(value, at + delimiter.n));
	if (s->auth->user == NULL || s->auth->password == NULL)
		auth_fail(
		    s, "the entry in smtp_sasl_password_maps is too long");
	else if (!is_known_bad(s))
		mechanism_begin(s);
}

static void
answer_take(struct session *s, enum tables_result result, struct span value)
{
	if (result == TABLES_TROUBLE)
		auth_fail(s, "smtp_sasl_password_maps cannot be read");
	else if (result == TABLES_NOT_FOUND)
		no_login(s);
	else if ((s->caps & SMTP_CAP_AUTH) == 0)
		auth_fail(s, "there is a password, and AUTH is not offered");
	else
		password_take(s, value);
}

static void
password_came(void *arg, enum tables_result result, struct span value)
{
	struct session *s = arg;

	s->auth->query = NULL;
	session_enter(s);
	if (s->state == LOOKING_UP)
		answer_take(s, result, value);
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
	    ((s->caps & SMTP_CAP_AUTH) == 0 && !c->smtp_sasl_auth_enforce)) {
		session_is_ready(s, true);
		return;
	}
	s->auth = mem_new(sizeof(*s->auth));
	session_expect(s, LOOKING_UP, "looking up the password",
	    s->env->conf->smtp_helo_timeout);
	s->auth->query = tables_find(s->env, "smtp_sasl_password_maps",
	    sender.n > 0 ? keys : keys + 2, password_came, s);
}

/* Encryption required, too weak, not supported, unknown after all (RFC 4954, 6;
 * RFC 5321): another mechanism may do. */
static bool
wants_another(const struct smtp_reply *r)
{
	return r->code == 504 || r->code == 534 || r->code == 538;
}

static void
refusal_take(struct session *s, const struct smtp_reply *r)
{
	struct auth *a = s->auth;
	struct buf text = BUF_EMPTY;
	struct refusals_key key;
	const char *status = r->code / 100 == 5 ? "5.7.8" : "4.7.8";

	if (r->status[0] == status[0])
		status = r->status;
	a->tried |= sasl_client_bit(a->client);
	if (wants_another(r) && client_make(s)) {
		auth_send(s);
		return;
	}
	reply_text(r, &text);
	if (s->env->refusals != NULL && r->code == CODE_REFUSED) {
		refusals_key_make(s, &key);
		refusals_put(s->env->refusals, &key, buf_str(&text));
	}
	refused(s, status, "", buf_str(&text));
	buf_free(&text);
}

/* RFC 4954, 4: "*" ends the exchange. */
static void
auth_cancel(struct session *s)
{
	session_say(s, SPAN("*\r\n"));
	auth_fail(s, "a challenge that cannot be answered");
}

static void
challenge_take(struct session *s, struct span text)
{
	struct auth *a = s->auth;
	struct buf line = BUF_EMPTY;
	bool good;

	if (a->first_due) {
		a->first_due = false;
		good = client_make(s) && sasl_client_first(a->client, &line);
	} else {
		good = sasl_client_answer(a->client, text, &line);
	}
	if (good) {
		session_expect(
		    s, AUTH, s->doing, s->env->conf->smtp_helo_timeout);
		send_line(s, SPAN(""), &line);
	} else {
		buf_wipe(&line);
		auth_cancel(s);
	}
}

void
auth_reply(struct session *s, const struct smtp_reply *r)
{
	if (r->code / 100 == 2 && sasl_client_done(s->auth->client)) {
		s->logged_in = true;
		no_login(s);
	} else if (r->code / 100 == 2)
		auth_fail(s, "it has not shown that it knows the password");
	else if (r->code == 334)
		challenge_take(s, buf_span(&r->text));
	else if (r->code / 100 == 3)
		auth_cancel(s);
	else
		refusal_take(s, r);
}
