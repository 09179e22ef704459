/*
 * rule_service.c - check_policy_service: a server outside decides
 */

#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "intake/content.h"
#include "smtpd/conf.h"
#include "smtpd/policy_server.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "tls/conn.h"
#include "tls/tls_peer.h"
#include "wire/smtp_command.h"

/* A value is one line, whatever the client put into it. */
static void
add(struct buf *out, const char *name, struct span value)
{
	buf_printf(out, "%s=", name);
	for (size_t i = 0; i < value.n; i++)
		buf_add_byte(out, ascii_control(value.p[i]) ? '?' : value.p[i]);
	buf_add_byte(out, '\n');
}

static void
add_str(struct buf *out, const char *name, const char *value)
{
	add(out, name, span_str(value));
}

static void
add_number(struct buf *out, const char *name, unsigned long long value)
{
	buf_printf(out, "%s=%llu\n", name, value);
}

static void
client_add(const struct policy *p, struct buf *out)
{
	const struct session *s = policy_session(p);
	const struct client *c = &s->client;

	add_str(out, "protocol_name", s->esmtp ? "ESMTP" : "SMTP");
	add_str(out, "client_address", c->addr);
	add_str(out, "client_name", c->name);
	if (c->port == 0)
		add_str(out, "client_port", "unknown");
	else
		add_number(out, "client_port", c->port);
	add_str(out, "reverse_client_name",
	    c->reverse == NULL ? c->name : c->reverse);
	add_str(out, "server_address", c->server_addr);
	add_number(out, "server_port", c->server_port);
	add_str(out, "helo_name", s->helo);
}

/* How many recipients there are is said when no more will come. */
static void
mail_add(const struct policy *p, struct buf *out)
{
	const struct session *s = policy_session(p);
	const struct mail *m = s->mail;
	bool all = policy_stage(p) == POLICY_DATA ||
	    policy_stage(p) == POLICY_END_OF_DATA;
	uint64_t size = 0;

	if (m != NULL)
		size = m->content == NULL ? m->size : content_size(m->content);
	add(out, "sender", m == NULL ? SPAN("") : m->sender);
	/* of several, none is named */
	if (m != NULL && m->rcpt.p == NULL && m->count == 1)
		add(out, "recipient", m->rcpts[0].address);
	else
		add(out, "recipient", m == NULL ? SPAN("") : m->rcpt);
	add_number(out, "recipient_count", all && m != NULL ? m->count : 0);
	add_str(out, "queue_id", m == NULL ? "" : m->qid);
	buf_printf(out, "instance=%x.%llx.%llx\n", (unsigned)getpid(),
	    (unsigned long long)s->smtpd->born,
	    (unsigned long long)(m == NULL ? s->instance : m->instance));
	add_number(out, "size", size);
	add_str(out, "etrn_domain", s->etrn);
	add_str(out, "stress", s->smtpd->conf->stress);
}

static void
login_add(const struct session *s, struct buf *out)
{
	add_str(out, "sasl_method", s->sasl_method);
	add_str(out, "sasl_username", s->sasl_username);
	add(out, "sasl_sender", s->mail == NULL ? SPAN("") : s->mail->auth);
}

static void
name_add(struct buf *out, const char *name, struct span value)
{
	buf_printf(out, "%s=", name);
	smtp_xtext_encode(out, value);
	buf_add_byte(out, '\n');
}

/* Names that nobody vouches for are not told. */
static void
certificate_add(const struct tls_peer *peer, struct buf *out)
{
	static const struct tls_peer none;
	bool trusted = peer != NULL && peer->trusted;

	peer = peer == NULL ? &none : peer;
	name_add(out, "ccert_subject",
	    trusted ? buf_span(&peer->subject) : SPAN(""));
	name_add(
	    out, "ccert_issuer", trusted ? buf_span(&peer->issuer) : SPAN(""));
	add(out, "ccert_fingerprint", buf_span(&peer->fingerprint));
	add(out, "ccert_pubkey_fingerprint", buf_span(&peer->key_fingerprint));
}

/* "TLSv1.3 with cipher NAME (256/256 bits)" has what is wanted. */
static void
tls_add(const struct session *s, struct buf *out)
{
	struct span rest, protocol = { "", 0 }, cipher = { "", 0 };
	struct span bits = { "", 0 }, skipped;
	struct buf info = BUF_EMPTY;

	if (session_is_tls(s)) {
		tls_stream_info(conn_stream(s->conn), &info);
		rest = buf_span(&info);
		span_word(&rest, " ", &protocol);
		span_word(&rest, " ", &skipped);
		span_word(&rest, " ", &skipped);
		span_word(&rest, " ", &cipher);
		span_word(&rest, " (/", &bits);
	}
	certificate_add(s->peer, out);
	add(out, "encryption_protocol", protocol);
	add(out, "encryption_cipher", cipher);
	add(out, "encryption_keysize", bits.n > 0 ? bits : SPAN("0"));
	buf_free(&info);
}

static void
request_make(const struct policy *p, const char *server, struct buf *out)
{
	const struct session *s = policy_session(p);

	add_str(out, "request", "smtpd_access_policy");
	add_str(out, "protocol_state", s->where);
	client_add(p, out);
	mail_add(p, out);
	login_add(s, out);
	tls_add(s, out);
	add_str(out, "policy_context",
	    policy_server_context(s->smtpd->policy_servers, server));
	buf_add_byte(out, '\n');
}

static void
answered(void *arg)
{
	struct session *s = arg;

	policy_go_on(s);
	session_run(s);
}

enum verdict
rule_policy_service(struct policy *p, const struct rule *r)
{
	struct session *s = policy_session(p);
	struct buf request = BUF_EMPTY;
	struct span action;

	if (s->query == NULL) {
		request_make(p, r->arg, &request);
		s->query = policy_ask(s->smtpd->policy_servers, r->arg,
		    buf_span(&request), answered, s);
		buf_free(&request);
		return WAIT;
	}
	if (!policy_query_action(s->query, &action))
		return WAIT;
	action = arena_span(policy_arena(p), action);
	policy_query_free(&s->query);
	return rule_act(p, policy_about_stage(p), action);
}
