/*
 * vrfy.c - VRFY (RFC 5321, 3.5)
 *
 * The address is judged as one of RCPT would be, so that nobody learns more
 * here than there; who passes hears 252: mail for it would be taken, and more
 * is not known.
 */

#include "base/arena.h"
#include "base/utf8.h"
#include "smtpd/command.h"
#include "smtpd/conf.h"
#include "smtpd/path.h"
#include "smtpd/policy.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "wire/smtp_command.h"

/* The address is shown only to who can read it. */
static void
answer(struct session *s, struct span address, bool wide_fine)
{
	if (!utf8_wide(address)) {
		reply_with(s, REPLY_VRFY, address);
	} else if (wide_fine) {
		s->wide_reply = true;
		reply_with(s, REPLY_VRFY, address);
	} else {
		reply(s, REPLY_VRFY_NOT_ASCII);
	}
}

static void
judged(struct session *s, const struct refusal *r)
{
	struct buf address = BUF_EMPTY;
	bool wide_fine = s->mail->smtputf8;

	buf_add_span(&address, s->mail->rcpt);
	session_mail_end(s);
	if (r != NULL)
		reply_refusal(s, r);
	else
		answer(s, buf_span(&address), wide_fine);
	buf_free(&address);
}

static struct span
unbracketed(struct span arg)
{
	if (span_starts(arg, "<") && span_ends(arg, ">"))
		return span_skip(span_head(arg, arg.n - 1), 1);
	return arg;
}

void
cmd_vrfy(struct session *s, const struct smtp_command *c)
{
	struct span address = unbracketed(c->arg);
	enum path_result got;

	if (s->smtpd->conf->disable_vrfy_command) {
		reply(s, REPLY_NOT_IMPLEMENTED);
		return;
	}
	if (s->smtpd->conf->smtpd_helo_required && s->helo == NULL) {
		reply(s, REPLY_NEED_HELLO);
		return;
	}
	if (c->smtputf8 && (hello_features(s) & FEATURE_SMTPUTF8) == 0) {
		reply_with(s, REPLY_PARAM_UNKNOWN, SPAN("SMTPUTF8"));
		return;
	}
	got = path_read(s->smtpd->conf, address, c->smtputf8, &address);
	if (got == PATH_NOT_ASCII) {
		reply(s, REPLY_RCPT_NOT_ASCII);
		return;
	}
	if (got != PATH_OK) {
		reply(s, REPLY_BAD_RCPT);
		return;
	}
	if (s->mail != NULL) {
		/* what tables would do to a message must not be done to the
		 * one that is under way */
		answer(s, address, c->smtputf8);
		return;
	}
	session_mail_begin(s)->sender = span_of("", 0);
	s->mail->smtputf8 = c->smtputf8;
	s->mail->rcpt = arena_span(s->mail->arena, address);
	policy_run(s, POLICY_RCPT, judged);
}
