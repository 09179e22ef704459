/* notice.c - the postmaster hears of errors in a conversation */

#include "bounce/notice.h"

#include "base/log.h"
#include "bounce/conf.h"
#include "bounce/report.h"
#include "calls/notice_call.h"
#include "message/compose.h"
#include "message/date.h"

enum { LINE_MOST = 1000 };

static void
fields(struct compose *c, struct buf *id, const struct bounce_conf *conf,
    const struct notice *n, struct span to)
{
	size_t at = span_rfind(to, '@');
	struct compose_address from = { .name = SPAN("Mail Delivery System"),
		.local = SPAN("MAILER-DAEMON"),
		.domain = span_str(conf->myorigin) };
	struct compose_address whom = { .local = span_head(to, at),
		.domain = span_skip(to, at + 1) };
	struct buf subject = BUF_EMPTY;

	if (!compose_field_addresses(c, "From", &from, 1)) {
		from.domain = span_str(conf->myhostname);
		(void)compose_field_addresses(c, "From", &from, 1);
	}
	(void)compose_field_addresses(c, "To", &whom, 1);
	buf_printf(&subject, "%s SMTP %s: errors from ", conf->mail_name,
	    n->client ? "client" : "server");
	log_quote(&subject, n->peer, NOTICE_PEER_MAX);
	(void)compose_field(c, "Subject", buf_span(&subject));
	(void)compose_field_raw(c, "Auto-Submitted", SPAN("auto-generated"));
	compose_message_id(c, span_str(conf->myhostname), id);
	buf_free(&subject);
}

/* What a stranger said is on lines of its own, and nothing but text. */
static void
body(struct buf *out, const struct notice *n)
{
	struct span rest = n->transcript, line = { NULL, 0 };

	if (n->client) {
		buf_add_str(out, "Unexpected response from ");
		log_quote(out, n->peer, NOTICE_PEER_MAX);
		buf_add_str(out, ".\n\n");
	}
	buf_add_str(out, "Transcript of session follows.\n\n");
	while (rest.n > 0 && span_cut(&rest, '\n', &line)) {
		log_quote(out, line, LINE_MOST);
		buf_add_byte(out, '\n');
	}
	if (n->reason.n > 0) {
		buf_add_str(out, "\nSession aborted, reason: ");
		log_quote(out, n->reason, LINE_MOST);
		buf_add_byte(out, '\n');
	}
	buf_add_str(out, "\nFor other details, see the local mail logfile\n");
}

void
notice_compose(struct report *out, const struct bounce_conf *conf,
    const struct notice *n, struct span to, int64_t now)
{
	struct compose *c = compose_new(&out->content);
	struct buf text = BUF_EMPTY;

	compose_date(c, now, date_local_zone(now));
	fields(c, &out->message_id, conf, n, to);
	body(&text, n);
	compose_text(c, "plain", buf_span(&text));
	buf_free(&text);
	compose_free(&c);
}
