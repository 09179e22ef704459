/*
 * errors.c - replies of which the postmaster is told (notify_classes)
 *
 * A reply that says that we do not speak the protocol (RFC 5321, 4.2.1: x0z),
 * or that is none, to something of a letter. Letters that bounce wrote are no
 * cause for another. Nothing is written down unless it is asked for.
 */

#include "smtp/errors.h"

#include "calls/queue_call.h"
#include "service/notice.h"
#include "smtp/env.h"
#include "smtp/inside.h"
#include "smtp/letter.h"
#include "wire/smtp_reply.h"

void
errors_note(struct session *s, char side, struct span text)
{
	if (s->env->bounce == NULL)
		return;
	if (side == '>')
		transcript_ours(&s->transcript, text);
	else
		transcript_theirs(&s->transcript, text, false);
}

static bool
is_protocol(int code)
{
	return code < 200 || code > 599 || code == 555 ||
	    (code >= 500 && code < 510);
}

void
errors_reply(struct session *s, const struct smtp_reply *r)
{
	if (s->env->bounce != NULL && is_protocol(r->code) &&
	    s->letter != NULL && (s->letter->flags & QUEUE_BOUNCE) == 0)
		s->wrong = true;
}

void
errors_end(struct session *s)
{
	const struct notice_about about = { .client = true,
		.peer = span_str(s->name) };

	if (s->wrong && s->env->bounce != NULL)
		notice_send(s->env->bounce, &s->transcript, &about);
	transcript_free(&s->transcript);
}
