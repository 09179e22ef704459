/* why_call.c - a struct why as attributes of a packet */

#include "calls/why_call.h"

#include "base/why.h"
#include "ipc/packet.h"

void
why_put(struct packet_out *o, const struct why *why)
{
	packet_num(o, "outcome", why->outcome);
	packet_str(o, "status", span_str(why->status));
	packet_str(o, "text", span_head(buf_span(&why->text), 1000));
}

/* "5.1.1": it stands in logs and reports as it is. */
static bool
is_status(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(span_at(s, i)) && s.p[i] != '.')
			return false;
	return s.n >= 5 && ascii_digit(span_at(s, 0));
}

/* A status that says otherwise than the outcome is the mistake of whoever
 * answered: then nothing is certain, and it is tried again. */
static bool
agree(unsigned outcome, int class)
{
	return outcome == DONE ? class == '2' : class == '4' || class == '5';
}

void
why_get(struct packet_in *in, struct why *why)
{
	unsigned outcome = (unsigned)packet_in_num(in, "outcome", BOUNCE);
	struct span status = packet_in_str(in, "status", 11);
	struct span text = packet_in_str(in, "text", 1000);
	char copy[12] = "";

	if (!is_status(status) || !agree(outcome, span_at(status, 0))) {
		in->bad = true;
		why_set(why, "4.3.0", "malformed answer");
		return;
	}
	memcpy(copy, status.p, status.n);
	why_set(why, copy, "%.*s", (int)text.n, text.p);
	why->outcome = (enum outcome)outcome;
}
