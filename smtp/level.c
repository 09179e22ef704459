/* level.c - how much TLS a letter gets from a host */

#include "smtp/level.h"

#include "calls/queue_call.h"
#include "smtp/destination.h"
#include "smtp/letter.h"

/* A server of this machine by its address, a content filter: nothing of what is
 * said there goes over a wire. */
static bool
stays_here(const struct target *t)
{
	struct address a;

	return t->path != NULL ||
	    (address_is_loopback(&t->address) &&
		address_parse(span_str(t->host), 0, &a));
}

const char *
level_choose(const struct level_facts *f, enum tls_level *level, bool *required)
{
	const struct target *t = f->target;

	*level = t->path != NULL ? LEVEL_NONE : f->policy;
	*required = false;
	/* what the recipient's domain wants, but not what we want (4.2.2) */
	if ((f->letter->flags & QUEUE_TLS_OPTIONAL) != 0 &&
	    *level == LEVEL_DANE)
		*level = LEVEL_MAY;
	if (f->lmtp || stays_here(t) || !letter_requires_tls(f->letter))
		return NULL;
	*required = true;
	if (f->off)
		return "TLS is off (smtp_tls_security_level)";
	/* a name or a certificate that does not come from the DNS */
	if (*level == LEVEL_SECURE || *level == LEVEL_FINGERPRINT)
		return NULL;
	if (!t->mx_secure && !f->sts_vouches)
		return "the MX record is not authenticated";
	if (*level != LEVEL_DANE_ONLY)
		*level = LEVEL_DANE;
	return NULL;
}
