/*
 * secure.c - STARTTLS, and whether the server is who it should be
 *
 * RFC 3207. Opportunistic TLS (may) takes any certificate and does without TLS
 * where there is none; encrypt takes any certificate; verify and secure want
 * one with the right name from an authority we trust.
 */

#include "smtp/inside.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/must.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "smtp/anchors.h"
#include "smtp/destination.h"
#include "smtp/tlsrpt.h"
#include "tls/conn.h"

enum { NAMES_MAX = 16 };

static void
tls_fail(
    struct session *s, const char *status, const char *what, const char *detail)
{
	struct why why;
	struct buf clean = BUF_EMPTY;

	s->tls_unfit = true;
	log_quote(&clean, span_str(detail), 300);
	why_init(&why);
	why_set(&why, status, "%s host %s%s%s", what, s->name,
	    clean.n > 0 ? ": " : "", clean.n > 0 ? buf_str(&clean) : "");
	session_leave_politely(s, &why);
	why_free(&why);
	buf_free(&clean);
}

/* The names of smtp_tls_verify_cert_match and smtp_tls_secure_cert_match. */
static size_t
names_wanted(struct session *s, struct arena *a, struct span *names)
{
	const struct smtp_conf *c = s->env->conf;
	struct span list = span_str(s->setup.tls == LEVEL_SECURE
		? c->smtp_tls_secure_cert_match
		: c->smtp_tls_verify_cert_match);
	struct span domain = s->setup.domain, word;
	size_t n = 0;

	if (s->setup.match.n > 0)
		list = s->setup.match;
	while (n < NAMES_MAX && span_word(&list, " \t,:", &word)) {
		if (span_iis(word, "hostname"))
			names[n++] = span_str(s->setup.target->host);
		else if (span_iis(word, "nexthop"))
			names[n++] = domain;
		else if (span_iis(word, "dot-nexthop"))
			names[n++] = span_str(
			    arena_printf(a, ".%.*s", (int)domain.n, domain.p));
		else
			names[n++] = word;
	}
	return n;
}

/* The certificate is to have a name, and there is none that it could have. */
static bool
nameless(struct session *s)
{
	struct arena *a = arena_new();
	struct span names[NAMES_MAX];
	bool none =
	    (s->setup.tls == LEVEL_VERIFY || s->setup.tls == LEVEL_SECURE) &&
	    !s->setup.sts && names_wanted(s, a, names) == 0;

	arena_free(&a);
	return none;
}

bool
secure_wanted(struct session *s)
{
	enum tls_level level = s->setup.tls;

	if (s->secured)
		return false;
	if (level == LEVEL_NONE) {
		if ((s->caps & SMTP_CAP_STARTTLS) != 0 &&
		    s->env->conf->smtp_tls_note_starttls_offer)
			log_info("Host offered STARTTLS: [%s]",
			    s->setup.target->host);
		return false;
	}
	if (nameless(s)) {
		tls_fail(s, "4.7.5", "No certificate name is set for", "");
		return true;
	}
	if ((s->caps & SMTP_CAP_STARTTLS) != 0) {
		session_say(s, SPAN("STARTTLS\r\n"));
		conn_flush(s->conn);
		session_expect(s, STARTTLS, "performing the STARTTLS handshake",
		    s->env->conf->smtp_starttls_timeout);
		return true;
	}
	tlsrpt_tell(s, TLSRPT_STARTTLS_NOT_SUPPORTED, NULL);
	if (level == LEVEL_MAY)
		return false;
	tls_fail(s, "4.7.4", "TLS is required, but was not offered by", "");
	return true;
}

void
secure_reply(struct session *s, const struct smtp_reply *r)
{
	if (r->code / 100 != 2)
		tlsrpt_tell(s, TLSRPT_STARTTLS_NOT_SUPPORTED, NULL);
	if (r->code / 100 == 2)
		secure_begin(s);
	else if (s->setup.tls == LEVEL_MAY && r->code != 421)
		auth_begin(s);
	else if (r->code / 100 == 5)
		tls_fail(
		    s, "4.7.4", "TLS is required, but was refused by host", "");
	else
		session_refused(s, r, "STARTTLS command");
}

/* Names count for usage 2 alone (RFC 7672, 3.2.3). An address can be asked for
 * once only. */
static size_t
tlsa_wanted(struct session *s, struct tls_want *want, struct span *names)
{
	want->server_name = s->setup.tlsa_base;
	want->tlsa = s->setup.tlsa;
	want->tlsa_count = s->setup.tlsa_count;
	names[0] = s->setup.tlsa_base;
	names[1] = s->setup.domain;
	return span_ieq(names[0], names[1]) ? 1 : 2;
}

/* The host's own name, in a subjectAltName (RFC 8461, 4.1). */
static size_t
sts_wanted(const struct session *s, struct tls_want *want, struct span *names)
{
	names[0] = span_str(s->setup.target->host);
	want->san_only = true;
	return 1;
}

/* Those alone vouch for it, not the authorities. */
static void
anchors_wanted(const struct session *s, struct tls_want *want)
{
	const struct anchors *all = s->env->conf->anchors;
	const struct anchor_file *f = anchors_own(all);

	if (s->setup.anchors.n > 0)
		f = anchors_find(all, s->setup.anchors);
	must(f != NULL); /* policy.c has looked */
	if (f->count == 0)
		return;
	want->tlsa = f->list;
	want->tlsa_count = f->count;
	want->anchors = true;
}

static struct tls_context *
context_of(const struct session *s)
{
	const struct smtp_conf *c = s->env->conf;
	bool must = s->setup.tls >= LEVEL_ENCRYPT;

	if (s->setup.sts)
		return must ? c->sts_must : c->sts_may;
	return must ? c->tls_must : c->tls_may;
}

/* smtp_tls_servername, or that of the policy. */
static struct span
server_name(const struct session *s)
{
	struct span name = s->setup.servername;

	if (name.n == 0)
		name = span_str(s->env->conf->smtp_tls_servername);
	if (span_iis(name, "nexthop"))
		return s->setup.domain;
	return name.n == 0 || span_iis(name, "hostname")
	    ? span_str(s->setup.target->host)
	    : name;
}

void
secure_begin(struct session *s)
{
	struct arena *a = arena_new();
	struct span names[NAMES_MAX];
	struct tls_want want = { .server_name = server_name(s),
		.names = names,
		.protocols = s->setup.protocols,
		.ciphers = s->setup.ciphers,
		.exclude = s->setup.exclude,
		.wide_wildcards =
		    s->env->conf->tls_wildcard_matches_multiple_labels &&
		    !s->setup.sts && s->setup.tls != LEVEL_TLSA };

	if (s->setup.tls == LEVEL_TLSA)
		want.name_count = tlsa_wanted(s, &want, names);
	else if (s->setup.sts)
		want.name_count = sts_wanted(s, &want, names);
	else if (s->setup.tls >= LEVEL_VERIFY)
		want.name_count = names_wanted(s, a, names);
	if (s->setup.tls >= LEVEL_VERIFY && s->setup.tls != LEVEL_TLSA &&
	    !s->setup.sts && want.name_count > 0)
		anchors_wanted(s, &want);
	session_expect(s, SHAKING, "performing the TLS handshake",
	    s->env->conf->smtp_starttls_timeout);
	smtp_reply_reset(s->reader);
	if (nameless(s)) /* of tls_wrappermode; nobody has asked before */
		secure_failed(s, "no certificate name is set");
	else if (!conn_tls_connect(s->conn, context_of(s), &want))
		secure_failed(s, conn_error(s->conn));
	arena_free(&a);
}

static void
log_tls(const struct session *s)
{
	struct buf text = BUF_EMPTY;

	if (s->env->conf->smtp_tls_loglevel < 1)
		return;
	tls_stream_info(conn_stream(s->conn), &text);
	log_info("%s TLS connection established to %s: %s",
	    tls_trust_name(tls_stream_trust(conn_stream(s->conn))),
	    s->setup.target->text, buf_str(&text));
	buf_free(&text);
}

/* A policy that is being tested: the mail goes all the same. */
static void
sts_doubt(const struct session *s)
{
	log_warning("MTA-STS policy of %.*s, testing: certificate of %s: %s",
	    (int)s->setup.domain.n, s->setup.domain.p, s->setup.target->text,
	    tls_stream_doubt(conn_stream(s->conn)));
}

static void
report(const struct session *s, enum tls_trust trust)
{
	const char *doubt = tls_stream_doubt(conn_stream(s->conn));

	if (trust == TLS_VERIFIED ||
	    (!s->setup.sts && s->setup.tls < LEVEL_VERIFY))
		tlsrpt_tell(s, TLSRPT_SUCCESS, NULL);
	else
		tlsrpt_tell(s, tlsrpt_doubt(s->setup.policy, doubt), doubt);
}

void
secure_done(struct session *s)
{
	enum tls_trust trust = tls_stream_trust(conn_stream(s->conn));

	s->secured = true;
	log_tls(s);
	if (s->setup.sts && s->setup.tls < LEVEL_VERIFY &&
	    trust != TLS_VERIFIED)
		sts_doubt(s);
	report(s, trust);
	if (s->setup.tls >= LEVEL_VERIFY && trust != TLS_VERIFIED) {
		tls_fail(s, "4.7.5", "Server certificate not verified of",
		    tls_stream_doubt(conn_stream(s->conn)));
	} else if (!s->greeted) {
		session_expect(s, GREETING,
		    "receiving the initial server greeting",
		    s->env->conf->smtp_helo_timeout);
	} else {
		hello_send(s);
	}
}

void
secure_failed(struct session *s, const char *error)
{
	s->tls_broke = s->setup.tls == LEVEL_MAY;
	tlsrpt_tell(s, TLSRPT_VALIDATION_FAILURE, error);
	log_info("SSL_connect error to %s: %s", s->setup.target->text, error);
	tls_fail(s, "4.7.5", "Cannot start TLS: handshake failure with", error);
}
