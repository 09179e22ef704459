/*
 * status.c - the fields of message/delivery-status (RFC 3464)
 *
 * Remote-MTA and a Diagnostic-Code of type smtp are there when a server
 * refused (2.3.5, 2.3.6); what our own agents found is of a type of our own.
 * An address that is not ASCII is of type utf-8 (RFC 6533, 3), and written
 * with \x{..}: so the part stays one that every system can carry. Of a message
 * that was SMTPUTF8 itself the fields are of message/global-delivery-status,
 * and hold UTF-8 as it is.
 */

#include "bounce/status.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bounce/conf.h"
#include "calls/bounce_call.h"
#include "calls/queue_call.h"
#include "message/date.h"

enum { VALUE_MOST = 500, ADDRESS_MOST = 1000 };

bool
status_reply(struct span reason, struct span *host, struct span *reply)
{
	static const char said[] = "] said: ", cause[] = " (in reply to ";
	struct span name = span_skip(reason, 5);
	size_t bracket = span_find(name, '[');
	size_t at = span_search(name, span_str(said));
	size_t end;

	if (!span_starts(reason, "host ") || at == name.n || bracket > at ||
	    bracket == 0 || span_find(name, ' ') < bracket)
		return false;
	*host = span_head(name, bracket);
	*reply = span_skip(name, at + sizeof(said) - 1);
	end = span_search(*reply, span_str(cause));
	if (end < reply->n && span_ends(*reply, ")"))
		*reply = span_head(*reply, end);
	return reply->n > 0;
}

/* One line, printable, and in ASCII unless wide. */
static void
field_as(struct buf *out, const char *name, const char *type, struct span value,
    bool wide)
{
	size_t begun;

	buf_printf(out, "%s: %s", name, type);
	begun = out->n;
	log_quote(out, value, VALUE_MOST);
	for (size_t i = wide ? out->n : begun; i < out->n; i++)
		if ((unsigned char)out->p[i] > 126)
			out->p[i] = '?';
	buf_add_byte(out, '\n');
}

static void
field(struct buf *out, const char *name, const char *type, struct span value)
{
	field_as(out, name, type, value, false);
}

/* utf-8-addr-xtext of RFC 6533 */
static void
utf8_address(struct buf *out, struct span address)
{
	struct buf clean = BUF_EMPTY;
	struct span rest;
	uint32_t c;

	log_quote(&clean, address, ADDRESS_MOST);
	rest = buf_span(&clean);
	while (rest.n > 0) {
		size_t n = utf8_next(rest, &c);

		if (n == 0)
			c = '?';
		if (n <= 1 && c > ' ' && c < 127 && c != '\\' && c != '+' &&
		    c != '=')
			buf_add_byte(out, (char)c);
		else
			buf_printf(out, "\\x{%" PRIX32 "}", c);
		rest = span_skip(rest, n == 0 ? 1 : n);
	}
	buf_free(&clean);
}

/* A local name is one of myorigin; a command or a file of an alias is none. */
static void
address_field(struct buf *out, const struct bounce_conf *conf, const char *name,
    struct span address, bool wide)
{
	struct buf whole = BUF_EMPTY;

	buf_add_span(&whole, address);
	if (address.n > 0 && span_find(address, '@') == address.n &&
	    span_find_any(span_head(address, 1), "|/:") == 1)
		buf_printf(&whole, "@%s", conf->myorigin);
	if (!utf8_wide(address)) {
		field(out, name, "rfc822; ", buf_span(&whole));
	} else {
		buf_printf(out, "%s: utf-8; ", name);
		if (wide)
			log_quote(out, buf_span(&whole), ADDRESS_MOST);
		else
			utf8_address(out, buf_span(&whole));
		buf_add_byte(out, '\n');
	}
	buf_free(&whole);
}

/* "type;address", decoded, of ORCPT. */
static void
original_field(struct buf *out, const struct bounce_conf *conf,
    struct span orcpt, bool wide)
{
	if (span_istarts(orcpt, "utf-8;") && utf8_wide(orcpt))
		address_field(
		    out, conf, "Original-Recipient", span_skip(orcpt, 6), wide);
	else
		field(out, "Original-Recipient", "", orcpt);
}

static void
date_field(struct buf *out, const char *name, int64_t when)
{
	buf_printf(out, "%s: ", name);
	date_print(out, when, date_local_zone(when));
	buf_add_byte(out, '\n');
}

static const char *
action_name(enum bounce_action action)
{
	static const char *const words[] = {
		[BOUNCE_DELIVERED] = "delivered",
		[BOUNCE_RELAYED] = "relayed",
		[BOUNCE_EXPANDED] = "expanded",
		[BOUNCE_DELIVERABLE] = "deliverable",
		[BOUNCE_UNDELIVERABLE] = "undeliverable",
		[BOUNCE_GIVEN_UP] = "failed",
		[BOUNCE_WAITS] = "delayed",
	};

	return words[action];
}

static struct span
unsaid(enum bounce_action action)
{
	switch (action) {
	case BOUNCE_GIVEN_UP:
	case BOUNCE_UNDELIVERABLE:
		return SPAN("5.0.0");
	case BOUNCE_WAITS:
		return SPAN("4.0.0");
	case BOUNCE_DELIVERED:
	case BOUNCE_RELAYED:
	case BOUNCE_EXPANDED:
	case BOUNCE_DELIVERABLE:
	case BOUNCE_ACTIONS:
		break;
	}
	return SPAN("2.0.0");
}

static void
diagnostic(struct buf *out, struct span reason, bool wide)
{
	struct span host, reply;

	if (reason.n == 0)
		return;
	if (status_reply(reason, &host, &reply)) {
		field(out, "Remote-MTA", "dns; ", host);
		field_as(out, "Diagnostic-Code", "smtp; ", reply, wide);
	} else {
		field_as(out, "Diagnostic-Code", "X-Facteur; ", reason, wide);
	}
}

static void
put_rcpt(struct buf *out, const struct bounce_conf *conf,
    const struct bounce_request *r, const struct bounce_rcpt *rcpt)
{
	bool wide = (r->flags & QUEUE_SMTPUTF8) != 0;

	buf_add_byte(out, '\n');
	if (rcpt->orcpt.n > 0)
		original_field(out, conf, rcpt->orcpt, wide);
	else if (rcpt->orig.n > 0 && !span_eq(rcpt->orig, rcpt->address))
		address_field(out, conf, "X-Facteur-Original-Recipient",
		    rcpt->orig, wide);
	address_field(out, conf, "Final-Recipient", rcpt->address, wide);
	field(out, "Action", "", span_str(action_name(rcpt->action)));
	field(out, "Status", "",
	    rcpt->status.n > 0 ? rcpt->status : unsaid(rcpt->action));
	diagnostic(out, rcpt->reason, wide);
	if (rcpt->tried > 0)
		date_field(out, "Last-Attempt-Date", rcpt->tried);
	if (rcpt->action == BOUNCE_WAITS && r->expires > 0)
		date_field(out, "Will-Retry-Until", r->expires);
}

void
status_put(struct buf *out, const struct bounce_conf *conf,
    const struct bounce_request *r)
{
	field(out, "Reporting-MTA", "dns; ", span_str(conf->myhostname));
	if (r->envid.n > 0)
		field(out, "Original-Envelope-Id", "", r->envid);
	field(out, "X-Facteur-Queue-ID", "", r->qid);
	address_field(out, conf, "X-Facteur-Sender", r->sender,
	    (r->flags & QUEUE_SMTPUTF8) != 0);
	if (r->hold.n > 0) /* RFC 4865, 5.1.2 */
		field(out, "Future-Release-Request", "", r->hold);
	date_field(out, "Arrival-Date", r->arrival_us / 1000000);
	for (size_t i = 0; i < r->rcpt_count; i++)
		put_rcpt(out, conf, r, &r->rcpts[i]);
}
