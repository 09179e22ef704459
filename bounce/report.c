/*
 * report.c - a delivery status notification as a message (RFC 3461, 6522)
 *
 * Three parts: words for people, fields for programs, and the original's
 * header or text. Everything from outside goes through compose, or is cut to
 * printable characters first: a report cannot be made to carry what its
 * causes chose.
 */

#include "bounce/report.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bounce/conf.h"
#include "bounce/status.h"
#include "bounce/words.h"
#include "calls/bounce_call.h"
#include "calls/queue_call.h"
#include "message/address.h"
#include "message/compose.h"
#include "message/date.h"
#include "message/header.h"

enum { QUOTE_MOST = 500, LINE = 79, INDENT = 4 };

static void
put_quoted(struct buf *out, struct span s)
{
	log_quote(out, s, QUOTE_MOST);
}

/* One paragraph, broken at blanks, its further lines set in. */
static void
put_wrapped(struct buf *out, struct span text)
{
	size_t column = 0;
	struct span word;

	while (span_word(&text, " ", &word)) {
		if (column > INDENT && column + 1 + word.n > LINE) {
			buf_add_str(out, "\n    ");
			column = INDENT;
		} else if (column > 0) {
			buf_add_byte(out, ' ');
			column++;
		}
		buf_add_span(out, word);
		column += word.n;
	}
	buf_add_byte(out, '\n');
}

static void
put_rcpt(struct buf *out, const struct bounce_rcpt *r)
{
	struct buf text = BUF_EMPTY;

	buf_add_byte(&text, '<');
	put_quoted(&text, r->address);
	buf_add_byte(&text, '>');
	if (r->orig.n > 0 && !span_eq(r->orig, r->address)) {
		buf_add_str(&text, " (expanded from <");
		put_quoted(&text, r->orig);
		buf_add_str(&text, ">)");
	}
	buf_add_str(&text, ": ");
	put_quoted(&text, r->reason);
	buf_add_byte(out, '\n');
	put_wrapped(out, buf_span(&text));
	buf_free(&text);
}

static void
put_text(struct buf *out, const struct bounce_request *r,
    const struct report_terms *terms)
{
	if (terms->role != REPORT_COPY)
		buf_add_span(out, buf_span(&terms->words->text));
	for (size_t i = 0; i < r->rcpt_count; i++)
		put_rcpt(out, &r->rcpts[i]);
}

static void
from_field(struct compose *c, const struct bounce_conf *conf, struct span value)
{
	struct compose_address from = { .local = SPAN("MAILER-DAEMON") };
	struct arena *a = arena_new();
	struct address_list list;

	address_list_parse(a, value, &list);
	if (list.count > 0 && list.list[0].kind == ADDRESS_MAILBOX &&
	    list.list[0].local.n > 0)
		from = (struct compose_address){ .name = list.list[0].name,
			.local = list.list[0].local,
			.domain = list.list[0].domain };
	if (from.domain.n == 0)
		from.domain = span_str(conf->myorigin);
	if (!compose_field_addresses(c, "From", &from, 1)) {
		from.local = SPAN("MAILER-DAEMON");
		from.domain = span_str(conf->myhostname);
		(void)compose_field_addresses(c, "From", &from, 1);
	}
	arena_free(&a);
}

static void
fields(struct compose *c, struct buf *id, const struct bounce_conf *conf,
    const struct report_terms *terms)
{
	size_t at = span_rfind(terms->to, '@');
	const struct words *w = terms->words;
	struct compose_address to = { .local = span_head(terms->to, at),
		.domain = span_skip(terms->to, at + 1) };

	compose_date(c, terms->now, date_local_zone(terms->now));
	from_field(c, conf, buf_span(&w->from));
	(void)compose_field(c, "Subject",
	    terms->role == REPORT_SENDER ? buf_span(&w->subject)
					 : buf_span(&w->postmaster_subject));
	(void)compose_field_addresses(c, "To", &to, 1);
	(void)compose_field_raw(c, "Auto-Submitted", SPAN("auto-replied"));
	compose_message_id(c, span_str(conf->myhostname), id);
}

static struct span
status_title(const struct bounce_request *r)
{
	return r->kind == BOUNCE_DELAYED ? SPAN("Delivery warning")
					 : SPAN("Delivery report");
}

/* RFC 6533, 4: a header in UTF-8 has types of its own. What was not said to be
 * SMTPUTF8 is called what it always was. */
static struct span
back_type(const struct bounce_request *r,
    const struct report_original *original, bool whole)
{
	struct span header =
	    span_head(original->bytes, header_end(original->bytes));

	if ((r->flags & QUEUE_SMTPUTF8) != 0 && utf8_wide(header) &&
	    utf8_valid(header))
		return whole ? SPAN("message/global")
			     : SPAN("message/global-headers");
	return whole ? SPAN("message/rfc822") : SPAN("text/rfc822-headers");
}

void
report_compose(struct report *out, const struct bounce_conf *conf,
    const struct bounce_request *r, const struct report_original *original,
    const struct report_terms *terms)
{
	struct compose *c = compose_new(&out->content);
	bool whole = original->whole && terms->role != REPORT_COPY;
	struct span bytes = whole
	    ? original->bytes
	    : span_head(original->bytes, header_end(original->bytes));
	struct compose_part fields_part = { .description = status_title(r),
		.verbatim = true };
	struct compose_part back = { .type = back_type(r, original, whole),
		.description = whole ? SPAN("Undelivered Message")
				     : SPAN("Undelivered Message Headers"),
		.verbatim = true };
	struct buf text = BUF_EMPTY;

	if (r->kind == BOUNCE_SUCCESS || r->kind == BOUNCE_VERIFY)
		back.description = SPAN("Message Headers");
	fields(c, &out->message_id, conf, terms);
	if (conf->enable_threaded_bounces)
		compose_refer(
		    c, span_head(original->bytes, header_end(original->bytes)));
	compose_multipart_begin(c, "report", "delivery-status");
	put_text(&text, r, terms);
	compose_text(c, "plain", buf_span(&text));
	buf_clear(&text);
	status_put(&text, conf, r);
	fields_part.ascii = !utf8_wide(buf_span(&text));
	fields_part.type = fields_part.ascii
	    ? SPAN("message/delivery-status")
	    : SPAN("message/global-delivery-status");
	compose_part(c, &fields_part, buf_span(&text));
	compose_part(c, &back, bytes);
	compose_multipart_end(c);
	buf_free(&text);
	compose_free(&c);
}
