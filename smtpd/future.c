/*
 * future.c - mail that is to be released later (RFC 4865)
 *
 * The extension is one of submission: it is offered to those who have logged
 * in, and never at the port where other servers hand over mail (4.2). Nothing
 * is said of it before, so that nobody learns how long we keep what.
 */

#include "smtpd/command.h"

#include "message/date.h"
#include "os/clock.h"
#include "smtpd/conf.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "wire/smtp_command.h"

static int64_t
limit(const struct session *s)
{
	int64_t most = s->smtpd->conf->smtpd_future_release_limit;

	return most < SMTP_HOLD_MAX ? most : SMTP_HOLD_MAX;
}

/* "smtp", "25", "192.0.2.1:smtp" of master.cf */
static bool
is_relay_port(struct span service)
{
	struct span port = span_skip(service, span_rfind(service, ':') + 1);

	if (span_rfind(service, ':') == service.n)
		port = service;
	return span_is(port, "smtp") || span_is(port, "25");
}

bool
future_offered(const struct session *s)
{
	return s->sasl_username != NULL && limit(s) > 0 &&
	    !is_relay_port(span_str(s->smtpd->service));
}

void
future_line(const struct session *s, struct buf *lines)
{
	buf_printf(lines, "FUTURERELEASE %lld ", (long long)limit(s));
	date_print_utc(lines, clock_wall() + limit(s));
	buf_add_byte(lines, '\n');
}

bool
future_time(
    const struct session *s, const struct smtp_command *c, int64_t *release)
{
	int64_t now = clock_wall();

	*release = 0;
	if (c->hold.n == 0)
		return true;
	/* it is for mail of people; a second begun is not a second over */
	if (c->path.n == 0)
		return false;
	if (c->hold_for > 0)
		*release = now + (int64_t)c->hold_for + 1;
	else if (!date_parse_utc(c->hold_until, release))
		return false;
	return *release <= now + limit(s) + 1;
}
