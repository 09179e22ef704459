/*
 * fit.c - what a letter wants of a server
 *
 * Its size, SMTPUTF8 (RFC 6531, 3.2), REQUIRETLS (RFC 8689, 4.2.1). What one
 * host of a domain does not offer, another may: only when all have been asked
 * the letter goes back.
 */

#include "smtp/inside.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "queue/edits.h"
#include "smtp/content.h"
#include "smtp/path.h"
#include "tls/conn.h"

bool
letter_requires_tls(const struct letter *l)
{
	return (l->flags & QUEUE_REQUIRETLS) != 0 && l->sender.n > 0;
}

static enum path_result
form_of(struct span address, unsigned forms, size_t *length)
{
	struct buf path = BUF_EMPTY;
	enum path_result got = path_print(&path, address, forms);

	*length = path.n;
	buf_free(&path);
	return got;
}

/* Even with A-labels it is not ASCII. */
static bool
is_wide(struct span address)
{
	size_t length;

	return utf8_wide(address) &&
	    form_of(address, PATH_ASCII, &length) == PATH_UTF8;
}

bool
fit_wants_utf8(const struct session *s)
{
	const struct letter *l = s->letter;

	if ((s->caps & SMTP_CAP_SMTPUTF8) == 0)
		return false;
	if ((l->flags & QUEUE_SMTPUTF8) != 0 || is_wide(l->sender))
		return true;
	for (size_t i = 0; i < l->count; i++)
		if (!l->rcpts[i].decided && is_wide(l->rcpts[i].address))
			return true;
	return false;
}

static bool
is_verified(const struct session *s)
{
	return s->secured &&
	    tls_stream_trust(conn_stream(s->conn)) == TLS_VERIFIED;
}

bool
fit_wants_requiretls(const struct session *s)
{
	return (s->letter->flags & QUEUE_REQUIRETLS) != 0 &&
	    (s->caps & SMTP_CAP_REQUIRETLS) != 0 && is_verified(s);
}

static enum fit
no_utf8(const struct session *s, struct why *why)
{
	why_set(why, "5.6.7",
	    "SMTPUTF8 is required, but was not offered by host %s", s->name);
	return FIT_ELSEWHERE;
}

/* Without SMTPUTF8. It is only looked at where somebody said that it may be;
 * other mail goes on as it always has. */
static enum fit
header_fit(struct session *s, struct why *why)
{
	struct letter *l = s->letter;

	if ((l->flags & QUEUE_SMTPUTF8) == 0)
		return FIT;
	if (l->wide == WIDE_UNKNOWN) {
		int wide =
		    content_is_wide(l->message, l->header, l->header_size);

		if (wide == -1) {
			why_set(why, "4.3.0", "queue file read error: %s",
			    strerror(errno));
			return FIT_NEVER;
		}
		l->wide = wide == 1 ? WIDE_YES : WIDE_NO;
	}
	return l->wide == WIDE_YES ? no_utf8(s, why) : FIT;
}

static enum fit
tls_fit(const struct session *s, struct why *why)
{
	if (!s->letter->required)
		return FIT;
	if (!is_verified(s))
		why_set(why, "5.7.10",
		    "REQUIRETLS: no verified TLS session with host %s",
		    s->name);
	else if ((s->caps & SMTP_CAP_REQUIRETLS) == 0)
		why_set(why, "5.7.30",
		    "REQUIRETLS is required, but was not offered by host %s",
		    s->name);
	else
		return FIT;
	return FIT_ELSEWHERE;
}

enum fit
fit_letter(struct session *s, struct why *why)
{
	const struct letter *l = s->letter;
	uint64_t size = edited_size(l->message);
	size_t length;
	enum path_result sender =
	    form_of(l->sender, s->utf8 ? 0 : PATH_ASCII, &length);
	enum fit got;

	if (sender == PATH_BAD) {
		why_set(why, "5.1.7", "the sender's address cannot be sent");
		return FIT_NEVER;
	}
	if (s->size_limit > 0 && size > s->size_limit) {
		why_set(why, "5.3.4",
		    "message size %llu exceeds size limit %llu of server %s",
		    (unsigned long long)size, (unsigned long long)s->size_limit,
		    s->name);
		return FIT_NEVER;
	}
	got = tls_fit(s, why);
	if (got != FIT || s->utf8)
		return got;
	return sender == PATH_UTF8 ? no_utf8(s, why) : header_fit(s, why);
}

enum fit
fit_rcpt(const struct session *s, const struct letter_rcpt *r, struct why *why)
{
	size_t length;
	enum path_result got =
	    form_of(r->address, s->utf8 ? 0 : PATH_ASCII, &length);

	if (got == PATH_BAD || length == 0) {
		why_set(why, "5.1.3", "bad address syntax");
		return FIT_NEVER;
	}
	return got == PATH_UTF8 && !s->utf8 ? no_utf8(s, why) : FIT;
}
