/* notice_call.h - the postmaster is to hear of errors in a conversation
 *
 *   notice   smtpd and smtp tell bounce; nobody answers
 */

#ifndef CALLS_NOTICE_CALL_H
#define CALLS_NOTICE_CALL_H

#include <stdbool.h>

#include "base/span.h"

struct packet_in;
struct packet_out;

enum { NOTICE_TRANSCRIPT_MAX = 32768, NOTICE_PEER_MAX = 512 };

struct notice {
	bool client; /* smtp had the conversation; else smtpd */
	struct span peer; /* "mx.example[192.0.2.1]" */
	struct span transcript; /* lines that end in LF, no passwords */
	struct span reason; /* why it was ended before its time, or empty */
};

void notice_put(struct packet_out *o, const struct notice *n);
bool notice_get(struct packet_in *in, struct notice *out);

#endif
