/*
 * verp.c - envelope senders made of the recipient's address (VERP)
 *
 * The local part of the new address is the sender's, a delimiter, the
 * recipient's local part, the other delimiter, and the recipient's domain. Who
 * takes it apart looks for the delimiters from outside, so neither is escaped
 * within.
 */

#include "message/verp.h"

#include "base/buf.h"
#include "message/address.h"

bool
verp_delimiters_good(struct span delimiters, struct span filter)
{
	if (delimiters.n != VERP_DELIMITERS)
		return false;
	for (size_t i = 0; i < delimiters.n; i++)
		if (delimiters.p[i] <= ' ' || delimiters.p[i] > '~' ||
		    span_find(filter, delimiters.p[i]) == filter.n)
			return false;
	return true;
}

static void
local_make(struct buf *out, struct span sender, struct span delimiters,
    struct span rcpt)
{
	struct span local, domain;
	bool split = address_split(rcpt, &local, &domain);

	address_unquote(out, sender);
	buf_add_byte(out, delimiters.p[0]);
	address_unquote(out, local);
	if (!split)
		return;
	buf_add_byte(out, delimiters.p[1]);
	buf_add_span(out, domain);
}

bool
verp_sender(struct buf *out, struct span sender, struct span delimiters,
    struct span rcpt)
{
	struct buf local = BUF_EMPTY;
	struct span mine, origin;
	size_t begun = out->n;

	if (delimiters.n != VERP_DELIMITERS || sender.n > VERP_SENDER_MAX ||
	    rcpt.n > VERP_SENDER_MAX || !address_split(sender, &mine, &origin))
		return false;
	local_make(&local, mine, delimiters, rcpt);
	address_quote(out, buf_span(&local));
	buf_free(&local);
	buf_add_byte(out, '@');
	buf_add_span(out, origin);
	if (out->n - begun <= VERP_SENDER_MAX)
		return true;
	buf_cut(out, begun);
	return false;
}
