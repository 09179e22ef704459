/* verify_call.h - smtpd asks whether mail to an address would be taken
 *
 *   verify_ask -> verify_answer: when it is known, or waiting became too long
 *   verify_result   no answer; from qmgr: what a probe of it came to
 */

#ifndef CALLS_VERIFY_CALL_H
#define CALLS_VERIFY_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct packet_in;
struct packet_out;
struct why;

enum { VERIFY_ADDRESS_MAX = 1000, VERIFY_TEXT_MAX = 500 };

/* address: without <>, as the client gave it. */
void verify_ask_put(struct packet_out *o, struct span address);
bool verify_ask_get(struct packet_in *in, struct span *address);
/* DONE: it is deliverable; BOUNCE: it is not; DEFER: that could not be found
 * out, or not yet. */
void
verify_answer_put(struct packet_out *o, uint32_t id, const struct why *why);
bool verify_answer_get(struct packet_in *in, struct why *why);
/* address: as it was probed. */
void verify_result_put(
    struct packet_out *o, struct span address, const struct why *why);
bool
verify_result_get(struct packet_in *in, struct span *address, struct why *why);

#endif
