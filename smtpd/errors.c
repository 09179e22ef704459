/*
 * errors.c - what went wrong in a session, as notify_classes sorts it
 *
 * Nothing is written down unless some class of errors that smtpd can have is
 * asked for.
 */

#include "smtpd/errors.h"

#include <string.h>

#include "service/notice.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

/* Those that are not what their place in the list says. */
static const struct {
	enum reply which;
	enum notice_class class;
} rows[] = {
	{ REPLY_NOT_AUTHORIZED, NOTICE_POLICY },
	{ REPLY_ETRN_REFUSED, NOTICE_POLICY },
	{ REPLY_ETRN_TROUBLE, NOTICE_RESOURCE },
	{ REPLY_CHUNK_REFUSED, NOTICE_POLICY },
	{ REPLY_NEED_TLS, NOTICE_POLICY },
	{ REPLY_NEED_CERTIFICATE, NOTICE_POLICY },
	{ REPLY_NO_TLS_NOW, NOTICE_RESOURCE },
	{ REPLY_AUTH_NEEDS_TLS, NOTICE_POLICY },
	{ REPLY_AUTH_FAILED, NOTICE_POLICY },
	{ REPLY_AUTH_TROUBLE, NOTICE_SOFTWARE },
	{ REPLY_TIMEOUT, NOTICE_PROTOCOL },
	{ REPLY_TOO_MANY_ERRORS, NOTICE_PROTOCOL },
	{ REPLY_ALL_BUSY, 0 }, /* a mail for each would help nobody */
	{ REPLY_QUEUE_TROUBLE, NOTICE_RESOURCE },
	{ REPLY_QUEUE_FULL, NOTICE_RESOURCE },
	{ REPLY_CHECK_TROUBLE, NOTICE_DATA },
	{ REPLY_SHUTDOWN, 0 },
	{ REPLY_VRFY_NOT_ASCII, 0 },
};

unsigned
errors_class(enum reply which)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].which == which)
			return rows[i].class;
	if (which < REPLY_UNKNOWN_COMMAND)
		return 0;
	return which < REPLY_TOO_BIG ? NOTICE_PROTOCOL : NOTICE_POLICY;
}

/* What rules, milters and qmgr answer: RFC 3463, 3.4 has the codes. */
unsigned
errors_class_of(int code, const char *status)
{
	static const struct {
		const char *status;
		enum notice_class class;
	} codes[] = {
		{ "4.3.0", NOTICE_DATA },
		{ "4.3.1", NOTICE_RESOURCE },
		{ "4.3.5", NOTICE_SOFTWARE },
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (code >= 400 && strcmp(codes[i].status, status) == 0)
			return codes[i].class;
	return code < 400 ? 0 : NOTICE_POLICY;
}

void
errors_said(struct session *s, struct span line, bool secret)
{
	if (s->smtpd->notify != 0)
		transcript_theirs(&s->transcript, line, secret);
}

void
errors_told(struct session *s, struct span lines)
{
	if (s->smtpd->notify != 0)
		transcript_ours(&s->transcript, lines);
}

void
errors_end(struct session *s)
{
	const struct notice_about about = { .client = false,
		.peer = span_str(s->client.label),
		.reason = span_str(s->reason == NULL ? "" : s->reason) };

	if ((s->wrong & s->smtpd->notify) != 0)
		notice_send(s->smtpd->bounce, &s->transcript, &about);
	transcript_free(&s->transcript);
}
