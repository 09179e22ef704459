/*
 * envelope.c - senders and recipients as milters give them
 *
 * Parameters are those of MAIL and RCPT (RFC 3461); the parser of the server
 * reads them.
 */

#include "base/arena.h"
#include "base/log.h"
#include "calls/queue_call.h"
#include "message/address.h"
#include "milter/inside.h"
#include "wire/smtp_command.h"

enum { LINE_MAX = 2048 };

struct span
milter_path_bare(struct span address)
{
	address = span_trim(address);
	if (span_starts(address, "<") && span_ends(address, ">"))
		address = span_skip(span_head(address, address.n - 1), 1);
	return address;
}

/* The address as the queue has it: without brackets and route. */
static bool
path_read(const struct milter_mail *mail, struct span address, bool null_too,
    struct span *out)
{
	unsigned flags = ADDRESS_BARE | ADDRESS_LONG_LOCAL | ADDRESS_LOOSE;
	struct address_path path;
	enum address_result got;

	*out = milter_path_bare(address);
	got = address_parse_path(
	    *out, flags | (mail->utf8 ? ADDRESS_UTF8 : 0U), &path);
	if (got == ADDRESS_OK)
		*out = span_skip(*out, (size_t)(path.local.p - out->p));
	return got == ADDRESS_OK || (got == ADDRESS_NULL && null_too);
}

/* The parameters behind a path that is good in any case. What is not
 * understood is passed over. */
static void
params_read(const struct milter_mail *mail, const char *command,
    struct span params, struct smtp_command *out)
{
	struct arena *a = mail->arena;
	char *line;

	if (params.n <= LINE_MAX && !span_has_break(params)) {
		line = arena_printf(a, "%s:<a@b.example> %.*s", command,
		    (int)params.n, params.p);
		if (smtp_command_parse(out, span_trim_right(span_str(line)), 0,
			a) == SMTP_FINE)
			return;
	}
	log_warning("%s: a milter's parameters of %s are not understood",
	    mail->qid, command);
	*out = (struct smtp_command){ .verb = SMTP_UNKNOWN };
}

static unsigned
notify_of(const struct smtp_command *c)
{
	unsigned kept = 0;

	if ((c->notify & SMTP_NOTIFY_SUCCESS) != 0)
		kept |= NOTIFY_SUCCESS;
	if ((c->notify & SMTP_NOTIFY_FAILURE) != 0)
		kept |= NOTIFY_FAILURE;
	if ((c->notify & SMTP_NOTIFY_DELAY) != 0)
		kept |= NOTIFY_DELAY;
	return kept != 0 ? kept : NOTIFY_NEVER;
}

bool
milter_rcpt_read(const struct milter_mail *mail, struct span address,
    struct span params, struct queue_rcpt *out)
{
	struct arena *a = mail->arena;
	struct smtp_command c;

	if (!path_read(mail, address, false, &address))
		return false;
	params_read(mail, "RCPT TO", params, &c);
	*out = (struct queue_rcpt){ .address = arena_span(a, address),
		.notify = notify_of(&c) };
	if (c.has_orcpt)
		out->orcpt =
		    span_str(arena_printf(a, "%.*s;%.*s", (int)c.orcpt_type.n,
			c.orcpt_type.p, (int)c.orcpt.n, c.orcpt.p));
	return true;
}

bool
milter_sender_read(
    struct milter_mail *mail, struct span address, struct span params)
{
	struct smtp_command c;

	if (!path_read(mail, address, true, &address))
		return false;
	params_read(mail, "MAIL FROM", params, &c);
	mail->sender = arena_span(mail->arena, address);
	mail->sender_changed = true;
	mail->has_ret = c.ret != SMTP_RET_NONE;
	mail->ret = c.ret == SMTP_RET_FULL ? RET_FULL : RET_HDRS;
	mail->has_envid = c.has_envid;
	mail->envid = c.envid;
	return true;
}
