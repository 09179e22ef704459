/*
 * command.c - the table of commands
 *
 * Order, TLS and pipelining are looked at here, before a command runs. What a
 * command may be given is wire/smtp_command.h's.
 */

#include "smtpd/command.h"

#include <string.h>

#include "base/log.h"
#include "base/utf8.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "config/param.h"
#include "ipc/packet.h"
#include "smtpd/conf.h"
#include "smtpd/log.h"
#include "smtpd/milters.h"
#include "smtpd/screen.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "tls/conn.h"
#include "wire/smtp_command.h"

enum {
	ANY = AT_START | AT_HELLO | AT_MAIL | AT_RCPT | AT_BDAT,
	LAST = 1, /* ends its group: nothing may be pipelined behind it */
	BEFORE_TLS = 2, /* also where TLS is demanded */
	JUNK = 4, /* counted: there is no end to them otherwise */
	SMTP_ALONE = 8, /* not in LMTP (RFC 2033, 4.1) */
	LMTP_ALONE = 16
};

static const struct command {
	enum smtp_verb verb;
	enum session_count count;
	void (*run)(struct session *s, const struct smtp_command *c);
	unsigned states; /* elsewhere the answer is wrong_state() */
	unsigned flags;
	const char *syntax;
} commands[] = {
	{ SMTP_HELO, COUNT_HELO, cmd_helo, ANY, LAST | BEFORE_TLS | SMTP_ALONE,
	    "HELO hostname" },
	{ SMTP_EHLO, COUNT_EHLO, cmd_ehlo, ANY, LAST | BEFORE_TLS | SMTP_ALONE,
	    "EHLO hostname" },
	{ SMTP_LHLO, COUNT_LHLO, cmd_ehlo, ANY, LAST | BEFORE_TLS | LMTP_ALONE,
	    "LHLO hostname" },
	{ SMTP_STARTTLS, COUNT_STARTTLS, cmd_starttls, ANY, LAST | BEFORE_TLS,
	    "STARTTLS" },
	{ SMTP_AUTH, COUNT_AUTH, cmd_auth, ANY, LAST,
	    "AUTH mechanism [initial-response]" },
	{ SMTP_MAIL, COUNT_MAIL, cmd_mail, AT_START | AT_HELLO, 0,
	    "MAIL FROM:<address>" },
	{ SMTP_RCPT, COUNT_RCPT, cmd_rcpt, AT_MAIL | AT_RCPT, 0,
	    "RCPT TO:<address>" },
	{ SMTP_DATA, COUNT_DATA, cmd_data, AT_RCPT, LAST, "DATA" },
	{ SMTP_BDAT, COUNT_BDAT, cmd_bdat, ANY, 0, "BDAT count [LAST]" },
	{ SMTP_RSET, COUNT_RSET, cmd_rset, ANY, JUNK, "RSET" },
	{ SMTP_NOOP, COUNT_NOOP, cmd_noop, ANY, BEFORE_TLS | JUNK, "NOOP" },
	{ SMTP_VRFY, COUNT_VRFY, cmd_vrfy, ANY, LAST | JUNK, "VRFY address" },
	{ SMTP_HELP, COUNT_HELP, cmd_help, ANY, BEFORE_TLS | JUNK, "HELP" },
	{ SMTP_ETRN, COUNT_ETRN, cmd_etrn, AT_START | AT_HELLO, LAST | JUNK,
	    "ETRN domain" },
	{ SMTP_XCLIENT, COUNT_XCLIENT, cmd_xclient, ANY, LAST,
	    "XCLIENT attribute=value..." },
	{ SMTP_XFORWARD, COUNT_XFORWARD, cmd_xforward, ANY, 0,
	    "XFORWARD attribute=value..." },
	{ SMTP_QUIT, COUNT_QUIT, cmd_quit, ANY, BEFORE_TLS, "QUIT" },
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

const char *
command_count_name(unsigned count)
{
	static const char *const names[COUNT_KINDS] = { "helo", "ehlo", "lhlo",
		"starttls", "auth", "mail", "rcpt", "data", "bdat", "rset",
		"noop", "vrfy", "help", "etrn", "xclient", "xforward", "quit",
		"unknown" };

	return names[count];
}

static const struct command *
command_find(const struct smtpd *smtpd, enum smtp_verb verb)
{
	unsigned foreign = smtpd->lmtp ? SMTP_ALONE : LMTP_ALONE;

	for (size_t i = 0; i < COMMANDS; i++)
		if (commands[i].verb == verb &&
		    (commands[i].flags & foreign) == 0)
			return &commands[i];
	return NULL;
}

static void
wrong_state(struct session *s, const struct command *c)
{
	if ((s->state & AT_BDAT) != 0)
		reply(s, REPLY_IN_BDAT);
	else if (c->verb == SMTP_MAIL)
		reply(s, REPLY_NESTED_MAIL);
	else if (c->verb == SMTP_RCPT)
		reply(s, REPLY_NEED_MAIL);
	else if (c->verb == SMTP_ETRN)
		reply(s, REPLY_IN_MAIL);
	else if (c->verb == SMTP_DATA && s->state == AT_MAIL)
		reply(s,
		    /* in LMTP always 503 (RFC 2033, 4.2) */
		    s->mail->rejected > 0 && !s->smtpd->lmtp
			? REPLY_NO_VALID_RCPT
			: REPLY_NEED_RCPT);
	else
		reply(s, REPLY_NEED_RCPT);
}

static void
fault_reply(struct session *s, const struct command *c,
    const struct smtp_command *p, enum smtp_fault fault)
{
	switch (fault) {
	case SMTP_BAD_BYTES:
		reply(s, utf8_valid(p->arg) ? REPLY_BAD_BYTES : REPLY_BAD_UTF8);
		return;
	case SMTP_BAD_PATH:
		reply(s,
		    c->verb == SMTP_MAIL ? REPLY_BAD_SENDER : REPLY_BAD_RCPT);
		return;
	case SMTP_PARAM_UNKNOWN:
		reply_with(s, REPLY_PARAM_UNKNOWN, p->bad_param);
		return;
	case SMTP_PARAM_BAD:
	case SMTP_PARAM_TWICE:
		reply_with(s, REPLY_PARAM_BAD, p->bad_param);
		return;
	case SMTP_PARAM_MANY:
		reply_with(s, REPLY_PARAM_BAD, SPAN("too many of them"));
		return;
	case SMTP_FINE:
	case SMTP_BAD_VERB:
	case SMTP_BAD_SYNTAX:
	case SMTP_NEED_ARG:
	case SMTP_NO_ARG:
		break;
	}
	/* how long the chunk is, nobody knows: what follows is lost */
	if (c->verb == SMTP_BDAT)
		session_close(s);
	reply_with(s, REPLY_SYNTAX, span_str(c->syntax));
}

/* A browser, a worm: it does not speak SMTP. */
static bool
forbidden(const struct session *s, struct span word)
{
	struct span rest = span_str(s->smtpd->conf->smtpd_forbidden_commands);
	struct span item;

	/* what the default's expression means: no command begins like that */
	if (word.n > 0 && !ascii_alpha(span_at(word, 0)))
		return true;
	while (param_list_next(&rest, &item))
		if (span_ieq(word, item))
			return true;
	return false;
}

/* A line of a message, or of a protocol with headers, that was led here. */
static bool
is_header(struct span line)
{
	size_t at = span_find(line, ':');
	struct span name = span_trim_right(span_head(line, at));

	/* "MAILFROM:<>" is a slip */
	if (name.n == 0 || span_at(line, at + 1) != ' ')
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~')
			return false;
	return true;
}

static bool
is_noop(const struct session *s, struct span word)
{
	struct span rest = span_str(s->smtpd->conf->smtpd_noop_commands), item;

	while (param_list_next(&rest, &item))
		if (span_ieq(word, item))
			return true;
	return false;
}

static void
unknown_judged(struct session *s, const struct refusal *r)
{
	if (r != NULL)
		reply_refusal(s, r);
	else
		reply(s, REPLY_UNKNOWN_COMMAND);
}

static void
unserved_judged(struct session *s, const struct refusal *r)
{
	if (r != NULL)
		reply_refusal(s, r);
	else
		reply(s, REPLY_NOT_IMPLEMENTED);
}

static void
unknown(struct session *s, const struct smtp_command *p, struct span line)
{
	struct buf text = BUF_EMPTY;

	s->where = "UNKNOWN";
	if (is_noop(s, p->word)) {
		reply(s, REPLY_OK);
		return;
	}
	if (p->verb == SMTP_HELO || p->verb == SMTP_EHLO) {
		/* of LMTP (RFC 2033, 4.1) */
		reply_text(s, 500, "5.5.1", SPAN("Error: send LHLO"));
		return;
	}
	if (!forbidden(s, p->word) && !is_header(line)) {
		judge_unknown(s, line,
		    p->verb == SMTP_UNKNOWN ? unknown_judged : unserved_judged);
		return;
	}
	if (screen_watches(s, SCREEN_NON_SMTP)) {
		if (screen_caught(s, SCREEN_NON_SMTP, line))
			reply(s, REPLY_UNKNOWN_COMMAND);
		return;
	}
	log_quote(&text, line, 100);
	log_warning(
	    "non-SMTP command from %s: %s", s->client.label, buf_str(&text));
	buf_free(&text);
	session_close(s);
	reply(s, REPLY_NOT_SMTP);
	s->success[COUNT_UNKNOWN]--;
}

/* What stands behind a command that ends its group was sent without waiting
 * for the answer: by a program that does not care, or one that smuggles. */
static bool
out_of_turn(struct session *s, const struct command *c, bool last)
{
	/* without EHLO there is no PIPELINING at all (RFC 2920) */
	bool alone = (c->flags & LAST) != 0 || !s->esmtp;

	if (last || c->verb == SMTP_QUIT)
		return false;
	if (screen_watches(s, SCREEN_PIPELINING) &&
	    !screen_caught(s, SCREEN_PIPELINING, conn_input(s->conn)))
		return true;
	/* of whom nothing is taken anyway we want to hear the rest */
	if (!alone || screen_refuses(s))
		return false;
	if (!s->ill_pipelined)
		event_pipelining(s, conn_input(s->conn));
	s->ill_pipelined = true;
	if (!s->smtpd->conf->smtpd_forbid_unauth_pipelining)
		return false;
	session_close(s);
	reply(s, REPLY_PIPELINING);
	return true;
}

static void
count(struct session *s, const struct command *c)
{
	s->command = c == NULL ? COUNT_UNKNOWN : c->count;
	s->total[s->command]++;
	if (c != NULL && (c->flags & JUNK) != 0 &&
	    ++s->junk > (unsigned)s->smtpd->conf->smtpd_junk_command_limit)
		s->errors++;
}

void
command_run(struct session *s, struct span line, bool last)
{
	const struct smtpd_conf *conf = s->smtpd->conf;
	struct smtp_command parsed;
	enum smtp_fault fault = smtp_command_parse(&parsed, line,
	    conf->strict_rfc821_envelopes ? 0 : SMTP_LENIENT,
	    s->smtpd->scratch);
	const struct command *c = command_find(s->smtpd, parsed.verb);

	list_remove(&s->in);
	list_add_tail(&s->smtpd->sessions, &s->in);
	count(s, c);
	if (c == NULL) {
		unknown(s, &parsed, line);
		return;
	}
	s->where = smtp_verb_name(c->verb);
	if (out_of_turn(s, c, last))
		return;
	if (is_noop(s, parsed.word))
		reply(s, REPLY_OK);
	else if (s->smtpd->tls_level == TLS_MUST && !session_is_tls(s) &&
	    (c->flags & BEFORE_TLS) == 0)
		reply(s, REPLY_NEED_TLS);
	else if ((s->state & c->states) == 0)
		wrong_state(s, c);
	else if (fault != SMTP_FINE)
		fault_reply(s, c, &parsed, fault);
	else
		c->run(s, &parsed);
}

static void
filtered(struct session *s, struct packet_in *in)
{
	struct buf line = s->filtering;
	struct span value = SPAN("");
	struct why why;
	bool found = false, good;

	s->filtering = (struct buf)BUF_EMPTY;
	why_init(&why);
	good = in != NULL && lookup_value_get(in, &found, &value, &why) &&
	    (found || why.outcome == DONE);
	why_free(&why);
	if (good) {
		command_run(s,
		    found ? span_head(value, span_find(value, '\n'))
			  : buf_span(&line),
		    s->filtering_last);
	} else {
		log_warning("smtpd_command_filter: lookup error");
		count(s, NULL);
		reply(s, REPLY_CHECK_TROUBLE);
	}
	buf_free(&line);
}

/* What may have a password is nobody else's to see. */
void
command_take(struct session *s, struct span line, bool last)
{
	struct packet_out o = { .fd_count = 0 };
	struct span key = span_trim_left(line);

	if (s->smtpd->conf->smtpd_command_filter[0] == '\0' || key.n == 0 ||
	    span_istarts(key, "AUTH") || span_find(key, '\0') < key.n) {
		command_run(s, line, last);
		return;
	}
	s->filtering_last = last;
	buf_add_span(&s->filtering, line);
	lookup_map_put(
	    &o, span_str(smtpd_table(s->smtpd, "smtpd_command_filter")), key);
	session_ask(s, s->smtpd->lookup, &o, filtered);
	packet_done(&o);
}
