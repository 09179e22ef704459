/*
 * hello.c - greeting, HELO and EHLO, STARTTLS, and the commands that do little
 */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "ipc/packet.h"
#include "smtpd/cidr_list.h"
#include "smtpd/command.h"
#include "smtpd/conf.h"
#include "smtpd/debug_peer.h"
#include "smtpd/limits.h"
#include "smtpd/log.h"
#include "smtpd/milters.h"
#include "smtpd/policy.h"
#include "smtpd/screen.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "tls/conn.h"
#include "wire/smtp_command.h"

enum { HELO_MAX = 255 };

/* A banner that was written for SMTP says ESMTP. */
static void
banner_say(struct session *s)
{
	struct span banner = span_str(s->smtpd->conf->smtpd_banner);
	size_t at = span_search(banner, SPAN("ESMTP"));

	if (s->smtpd->lmtp && at < banner.n)
		reply_line(
		    s, "220 %.*sLMTP%s", (int)at, banner.p, banner.p + at + 5);
	else
		reply_line(s, "220 %s", banner.p);
}

static void
connect_judged(struct session *s, const struct refusal *r)
{
	s->greeted = true;
	if (r != NULL) {
		reply_last(s, r->code, r->status, buf_span(&r->text));
		return;
	}
	banner_say(s);
	s->busy = false;
}

/* One client may not take all (L5). */
static bool
crowded(struct session *s)
{
	if (!client_may(s, LIMIT_CONNECTIONS))
		return true;
	if (s->client.unlimited || !limits_crowded(s->counted))
		return false;
	log_warning(
	    "Connection concurrency limit exceeded: %u from %s for service %s",
	    limits_open(s->counted), s->client.label, s->smtpd->service);
	return true;
}

static void
keywords_came(struct session *s, struct packet_in *in)
{
	struct span keywords;
	struct why why;
	bool found = false, good;

	why_init(&why);
	good = in != NULL && lookup_value_get(in, &found, &keywords, &why) &&
	    (found || why.outcome == DONE);
	why_free(&why);
	if (found)
		s->features = smtpd_features(s->smtpd, keywords);
	if (good) {
		judge_run(s, POLICY_CONNECT, connect_judged);
		return;
	}
	/* what it must not be offered, nobody knows */
	log_warning("smtpd_discard_ehlo_keyword_address_maps: %s: lookup error",
	    s->client.addr);
	s->greeted = true;
	reply_last(s, 421, "4.3.0", SPAN("Error: temporary lookup failure"));
}

void
hello_greet(struct session *s)
{
	const char *maps =
	    smtpd_table(s->smtpd, "smtpd_discard_ehlo_keyword_address_maps");
	const struct smtpd_conf *c = s->smtpd->conf;
	struct packet_out o = { .fd_count = 0 };

	s->features = s->smtpd->features;
	if (c->smtpd_discard_ehlo_keyword_address_maps[0] == '\0') {
		judge_run(s, POLICY_CONNECT, connect_judged);
		return;
	}
	lookup_map_put(&o, span_str(maps), span_str(s->client.addr));
	session_ask(s, s->smtpd->lookup, &o, keywords_came);
	packet_done(&o);
}

/* Without a word: it would expect TLS. */
static void
hang_up(struct session *s)
{
	session_close(s);
	s->busy = false;
}

static void
screened(struct session *s)
{
	if (!s->smtpd->conf->smtpd_tls_wrappermode) {
		hello_greet(s);
	} else if (s->smtpd->tls == NULL) {
		log_warning("%s: no certificate: smtpd_tls_wrappermode cannot "
			    "work",
		    s->client.label);
		hang_up(s);
	} else {
		session_secure(s);
	}
}

static void
named(struct session *s)
{
	s->debug = s->smtpd->conf->debug_peer_level > 0 &&
	    debug_peers_has(s->smtpd->debug_peers, span_str(s->client.name),
		span_of(s->client.bytes, s->client.bytes_n));
	event_connect(s);
	screen_run(s, screened);
}

void
hello_begin(struct session *s)
{
	if (!crowded(s)) {
		client_name(s, named);
		return;
	}
	event_connect(s);
	if (!s->smtpd->conf->smtpd_tls_wrappermode)
		reply_say(s, REPLY_TOO_MUCH_CONNECT,
		    span_str(s->smtpd->conf->myhostname));
	hang_up(s);
}

/* Bytes that could mean something in a log line or a Received field. */
char *
hello_clean(struct span name)
{
	char *clean = mem_span(span_head(name, HELO_MAX));

	for (char *c = clean; *c != '\0'; c++)
		if (strchr(" <>()\\\";@", *c) != NULL ||
		    ascii_control((unsigned char)*c) || (*c & 0x80) != 0)
			*c = '?';
	return clean;
}

static void
hello(struct session *s, const struct smtp_command *c, bool esmtp)
{
	session_mail_end(s);
	free(s->helo);
	s->helo = hello_clean(c->arg);
	s->esmtp = esmtp;
	s->state = AT_HELLO;
}

/* Refused: it said nothing. */
static bool
helo_refused(struct session *s, const struct refusal *r)
{
	if (r == NULL)
		return false;
	mem_free(&s->helo);
	s->state = AT_START;
	reply_refusal(s, r);
	return true;
}

static void
helo_judged(struct session *s, const struct refusal *r)
{
	if (!helo_refused(s, r))
		reply_with(
		    s, REPLY_HELLO, span_str(s->smtpd->conf->myhostname));
}

unsigned
hello_features(const struct session *s)
{
	const struct smtpd *smtpd = s->smtpd;
	unsigned has = s->features;
	struct buf mechanisms = BUF_EMPTY;

	if (smtpd->tls == NULL || smtpd->tls_level == TLS_OFF ||
	    session_is_tls(s))
		has &= ~(unsigned)FEATURE_STARTTLS;
	auth_mechanisms(s, &mechanisms);
	if (mechanisms.n == 0 || s->client.auth_hidden)
		has &= ~(unsigned)FEATURE_AUTH;
	buf_free(&mechanisms);
	if (!session_is_tls(s))
		has &= ~(unsigned)FEATURE_REQUIRETLS;
	if (!future_offered(s))
		has &= ~(unsigned)FEATURE_FUTURE;
	if (!cidr_list_has(
		smtpd->verp, span_of(s->client.bytes, s->client.bytes_n)))
		has &= ~(unsigned)FEATURE_VERP;
	/* who is not told that it may must not */
	if (screen_watches(s, SCREEN_PIPELINING))
		has &= ~(unsigned)FEATURE_PIPELINING;
	return has;
}

static void
auth_line_add(const struct session *s, struct buf *lines)
{
	struct buf mechanisms = BUF_EMPTY;

	auth_mechanisms(s, &mechanisms);
	buf_printf(lines, "AUTH%s\n", buf_str(&mechanisms));
	if (s->smtpd->conf->broken_sasl_auth_clients)
		buf_printf(lines, "AUTH=%s\n", buf_str(&mechanisms) + 1);
	buf_free(&mechanisms);
}

/* A line each, the host's name first. */
static void
ehlo_lines(const struct session *s, struct buf *lines)
{
	static const struct {
		enum smtpd_feature feature;
		const char *line;
	} plain[] = {
		{ FEATURE_PIPELINING, "PIPELINING\n" },
		{ FEATURE_SIZE, NULL },
		{ FEATURE_VRFY, "VRFY\n" },
		{ FEATURE_ETRN, "ETRN\n" },
		{ FEATURE_STARTTLS, "STARTTLS\n" },
		{ FEATURE_AUTH, NULL },
		{ FEATURE_VERP, "XVERP\n" },
		{ FEATURE_ENHANCED, "ENHANCEDSTATUSCODES\n" },
		{ FEATURE_8BITMIME, "8BITMIME\n" },
		{ FEATURE_DSN, "DSN\n" },
		{ FEATURE_SMTPUTF8, "SMTPUTF8\n" },
		{ FEATURE_CHUNKING, "CHUNKING\n" },
		{ FEATURE_LIMITS, NULL },
		{ FEATURE_REQUIRETLS, "REQUIRETLS\n" },
		{ FEATURE_FUTURE, NULL },
	};
	unsigned has = hello_features(s);

	buf_printf(lines, "%s\n", s->smtpd->conf->myhostname);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if ((has & plain[i].feature) == 0)
			continue;
		if (plain[i].line != NULL)
			buf_add_str(lines, plain[i].line);
		else if (plain[i].feature == FEATURE_SIZE)
			buf_printf(lines, "SIZE %llu\n",
			    (unsigned long long)
				s->smtpd->conf->message_size_limit);
		else if (plain[i].feature == FEATURE_FUTURE)
			future_line(s, lines);
		else if (plain[i].feature == FEATURE_LIMITS)
			buf_printf(lines, "LIMITS RCPTMAX=%d\n",
			    s->smtpd->conf->smtpd_recipient_limit);
		else
			auth_line_add(s, lines);
	}
}

/* Only to those who may. */
static void
forward_lines(const struct session *s, struct buf *lines)
{
	if (s->may_xclient)
		buf_add_str(lines,
		    "XCLIENT NAME ADDR PROTO HELO REVERSE_NAME PORT LOGIN "
		    "DESTADDR DESTPORT\n");
	if (s->may_xforward)
		buf_add_str(
		    lines, "XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT\n");
}

static void
ehlo_judged(struct session *s, const struct refusal *r)
{
	struct buf lines = BUF_EMPTY;
	struct span rest, line;

	if (helo_refused(s, r))
		return;
	ehlo_lines(s, &lines);
	forward_lines(s, &lines);
	rest = span_head(buf_span(&lines), lines.n - 1);
	while (span_cut(&rest, '\n', &line)) {
		if (rest.p != NULL)
			reply_line(s, "250-%.*s", (int)line.n, line.p);
		else
			reply_with(s, REPLY_HELLO, line);
	}
	buf_free(&lines);
}

void
cmd_helo(struct session *s, const struct smtp_command *c)
{
	hello(s, c, false);
	judge_run(s, POLICY_HELO, helo_judged);
}

void
cmd_ehlo(struct session *s, const struct smtp_command *c)
{
	hello(s, c, true);
	judge_run(s, POLICY_HELO, ehlo_judged);
}

void
cmd_starttls(struct session *s, const struct smtp_command *c)
{
	(void)c;
	if (session_is_tls(s)) {
		reply(s, REPLY_TLS_ACTIVE);
	} else if (s->smtpd->tls_level == TLS_OFF) {
		reply(s, REPLY_NOT_IMPLEMENTED);
	} else if (s->smtpd->tls == NULL) {
		reply(s, REPLY_NO_TLS_NOW);
	} else if (!client_may(s, LIMIT_TLS)) {
		reply_with(s, REPLY_TOO_MUCH_TLS, span_str(s->client.addr));
	} else {
		/* nothing that was said in plain counts any more */
		session_reset(s);
		s->success[COUNT_STARTTLS]++;
		reply_say(s, REPLY_READY_TLS, span_of("", 0));
		session_secure(s);
	}
}

void
cmd_rset(struct session *s, const struct smtp_command *c)
{
	(void)c;
	session_mail_end(s);
	reply(s, REPLY_OK);
}

void
cmd_noop(struct session *s, const struct smtp_command *c)
{
	(void)c;
	reply(s, REPLY_OK);
}

void
cmd_help(struct session *s, const struct smtp_command *c)
{
	(void)c;
	reply(s, REPLY_HELP);
}

void
cmd_quit(struct session *s, const struct smtp_command *c)
{
	(void)c;
	session_close(s);
	reply(s, REPLY_BYE);
}
