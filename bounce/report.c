/*
 * report.c - a delivery status notification as a message (RFC 3461, 3464)
 *
 * Three parts: words for people, fields for programs, and the original's
 * header or text. Everything from outside goes through compose, or is cut to
 * printable characters first: a report cannot be made to carry what its
 * causes chose.
 */

#include "bounce/report.h"

#include "base/log.h"
#include "bounce/conf.h"
#include "calls/bounce_call.h"
#include "calls/queue_call.h"
#include "message/compose.h"
#include "message/date.h"

static struct span
address_of(const struct bounce_rcpt *r)
{
	return r->orig.n > 0 ? r->orig : r->address;
}

static void
put_quoted(struct buf *out, struct span s)
{
	log_quote(out, s, 500);
}

static void
words(struct buf *out, const struct bounce_conf *conf,
    const struct bounce_request *r)
{
	buf_printf(
	    out, "This is the mail system at host %s.\n\n", conf->myhostname);
	switch (r->kind) {
	case BOUNCE_FAILED:
		buf_add_str(out,
		    "I'm sorry to have to inform you that your message could "
		    "not\nbe delivered to one or more recipients. It's "
		    "attached below.\n\nFor further assistance, please send "
		    "mail to postmaster.\n\nIf you do so, please include this "
		    "problem report. You can\ndelete your own text from the "
		    "attached returned message.\n\n");
		break;
	case BOUNCE_DELAYED:
		buf_add_str(out,
		    "Your message has not been delivered to one or more "
		    "recipients yet.\nIt will be tried again: you do not need "
		    "to send it again.\n\n");
		break;
	case BOUNCE_SUCCESS:
		buf_add_str(out,
		    "Your message has arrived where it was sent to: see "
		    "below.\nOf what went on to another system or to a list "
		    "you may still\nhear, should it fail there.\n\n");
		break;
	}
	buf_printf(out, "                   The mail system\n");
	for (size_t i = 0; i < r->rcpt_count; i++) {
		buf_add_str(out, "\n<");
		put_quoted(out, address_of(&r->rcpts[i]));
		buf_add_byte(out, '>');
		if (r->rcpts[i].orig.n > 0 &&
		    !span_eq(r->rcpts[i].orig, r->rcpts[i].address)) {
			buf_add_str(out, " (expanded from <");
			put_quoted(out, r->rcpts[i].address);
			buf_add_str(out, ">)");
		}
		buf_add_str(out, ": ");
		put_quoted(out, r->rcpts[i].reason);
		buf_add_byte(out, '\n');
	}
}

/* A field of message/delivery-status: one line, printable ASCII. */
static void
status_field(
    struct buf *out, const char *name, const char *type, struct span value)
{
	size_t begun;

	buf_printf(out, "%s: %s", name, type);
	begun = out->n;
	put_quoted(out, value);
	for (size_t i = begun; i < out->n; i++)
		if ((unsigned char)out->p[i] > 126)
			out->p[i] = '?';
	buf_add_byte(out, '\n');
}

static const char *
action(enum bounce_kind kind, enum bounce_action what)
{
	static const char *const words[] = { [BOUNCE_DELIVERED] = "delivered",
		[BOUNCE_RELAYED] = "relayed",
		[BOUNCE_EXPANDED] = "expanded" };

	switch (kind) {
	case BOUNCE_FAILED:
		return "failed";
	case BOUNCE_DELAYED:
		return "delayed";
	case BOUNCE_SUCCESS:
		break;
	}
	return words[what];
}

static struct span
unsaid(enum bounce_kind kind)
{
	switch (kind) {
	case BOUNCE_FAILED:
		return SPAN("5.0.0");
	case BOUNCE_DELAYED:
		return SPAN("4.0.0");
	case BOUNCE_SUCCESS:
		break;
	}
	return SPAN("2.0.0");
}

static void
status_rcpt(struct buf *out, const struct bounce_request *r,
    const struct bounce_rcpt *rcpt)
{
	bool smtp = rcpt->reason.n > 0 &&
	    span_search(rcpt->reason, SPAN(" said: ")) < rcpt->reason.n;

	buf_add_byte(out, '\n');
	if (rcpt->orcpt.n > 0)
		status_field(out, "Original-Recipient", "", rcpt->orcpt);
	status_field(out, "Final-Recipient", "rfc822; ", rcpt->address);
	status_field(
	    out, "Action", "", span_str(action(r->kind, rcpt->action)));
	status_field(out, "Status", "",
	    rcpt->status.n > 0 ? rcpt->status : unsaid(r->kind));
	status_field(out, "Diagnostic-Code", smtp ? "smtp; " : "X-Facteur; ",
	    rcpt->reason);
	if (r->kind == BOUNCE_DELAYED && r->expires > 0) {
		buf_add_str(out, "Will-Retry-Until: ");
		date_print(out, r->expires, date_local_zone(r->expires));
		buf_add_byte(out, '\n');
	}
}

static void
status(struct buf *out, const struct bounce_conf *conf,
    const struct bounce_request *r)
{
	int64_t arrival = r->arrival_us / 1000000;

	status_field(out, "Reporting-MTA", "dns; ", span_str(conf->myhostname));
	if (r->envid.n > 0)
		status_field(out, "Original-Envelope-Id", "", r->envid);
	status_field(out, "X-Facteur-Queue-ID", "", r->qid);
	status_field(out, "X-Facteur-Sender", "rfc822; ", r->sender);
	buf_add_str(out, "Arrival-Date: ");
	date_print(out, arrival, date_local_zone(arrival));
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < r->rcpt_count; i++)
		status_rcpt(out, r, &r->rcpts[i]);
}

static struct span
subject(enum bounce_kind kind)
{
	switch (kind) {
	case BOUNCE_FAILED:
		return SPAN("Undelivered Mail Returned to Sender");
	case BOUNCE_DELAYED:
		return SPAN("Delayed Mail (still being retried)");
	case BOUNCE_SUCCESS:
		break;
	}
	return SPAN("Successful Mail Delivery Report");
}

static void
fields(struct compose *c, struct buf *id, const struct bounce_conf *conf,
    const struct bounce_request *r, int64_t now)
{
	size_t at = span_rfind(r->sender, '@');
	struct compose_address from = { .name = SPAN("Mail Delivery System"),
		.local = SPAN("MAILER-DAEMON"),
		.domain = span_str(conf->myhostname) };
	struct compose_address to = { .local = span_head(r->sender, at),
		.domain = span_skip(r->sender, at + 1) };

	compose_date(c, now, date_local_zone(now));
	(void)compose_field_addresses(c, "From", &from, 1);
	(void)compose_field(c, "Subject", subject(r->kind));
	(void)compose_field_addresses(c, "To", &to, 1);
	(void)compose_field_raw(c, "Auto-Submitted", SPAN("auto-replied"));
	compose_message_id(c, span_str(conf->myhostname), id);
}

void
report_compose(struct report *out, const struct bounce_conf *conf,
    const struct bounce_request *r, const struct report_original *original,
    int64_t now)
{
	struct compose *c = compose_new(&out->content);
	struct compose_part fields_part = { .type =
						SPAN("message/delivery-status"),
		.description = SPAN("Delivery report"),
		.verbatim = true,
		.ascii = true };
	struct compose_part back = { .type = original->whole
		    ? SPAN("message/rfc822")
		    : SPAN("text/rfc822-headers"),
		.description = original->whole
		    ? SPAN("Undelivered Message")
		    : SPAN("Undelivered Message Headers"),
		.verbatim = true };
	struct buf text = BUF_EMPTY;

	fields(c, &out->message_id, conf, r, now);
	compose_multipart_begin(c, "report", "delivery-status");
	words(&text, conf, r);
	compose_text(c, "plain", buf_span(&text));
	buf_clear(&text);
	status(&text, conf, r);
	compose_part(c, &fields_part, buf_span(&text));
	compose_part(c, &back, original->bytes);
	compose_multipart_end(c);
	buf_free(&text);
	compose_free(&c);
}
