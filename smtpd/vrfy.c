/*
 * vrfy.c - VRFY (RFC 5321, 3.5)
 *
 * The address is judged as one of RCPT would be, so that nobody learns more
 * here than there; who passes hears 252: mail for it would be taken, and more
 * is not known.
 */

#include "message/address.h"

#include "base/arena.h"
#include "smtpd/command.h"
#include "smtpd/conf.h"
#include "smtpd/policy.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "wire/smtp_command.h"

static void
judged(struct session *s, const struct refusal *r)
{
	struct buf address = BUF_EMPTY;

	buf_add_span(&address, s->mail->rcpt);
	session_mail_end(s);
	if (r != NULL)
		reply_refusal(s, r);
	else
		reply_with(s, REPLY_VRFY, buf_span(&address));
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
	unsigned flags = ADDRESS_BARE | ADDRESS_LONG_LOCAL;
	struct span address = unbracketed(c->arg);
	struct address_path path;

	if (s->smtpd->conf->disable_vrfy_command) {
		reply(s, REPLY_NOT_IMPLEMENTED);
		return;
	}
	if (s->smtpd->conf->smtpd_helo_required && s->helo == NULL) {
		reply(s, REPLY_NEED_HELLO);
		return;
	}
	if (!s->smtpd->conf->strict_rfc821_envelopes)
		flags |= ADDRESS_LOOSE;
	if (address_parse_path(address, flags, &path) != ADDRESS_OK) {
		reply(s, REPLY_BAD_RCPT);
		return;
	}
	if (s->mail != NULL) {
		/* what tables would do to a message must not be done to the
		 * one that is under way */
		reply_with(s, REPLY_VRFY, address);
		return;
	}
	session_mail_begin(s)->sender = span_of("", 0);
	s->mail->rcpt = arena_span(s->mail->arena, address);
	policy_run(s, POLICY_RCPT, judged);
}
