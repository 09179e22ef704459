/* webmail_call.h - webmail.cgi asks login at public/webmail
 *
 *   webmail_sign_in  -> webmail_ticket     once, with the password
 *   webmail_sign_out -> webmail_ticket     the ticket is good no more
 *   webmail_join     -> webmail_session    each page: an IMAP session (PREAUTH)
 *                                          of the ticket's user, as descriptor
 *
 * Only the accounts of webmail_users are heard.
 */

#ifndef CALLS_WEBMAIL_CALL_H
#define CALLS_WEBMAIL_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "calls/auth_call.h"

struct packet_in;
struct packet_out;

struct webmail_sign_in {
	struct span user, password;
	struct span client_addr; /* of the browser */
};

void webmail_sign_in_put(struct packet_out *o, const struct webmail_sign_in *s);
bool webmail_sign_in_get(struct packet_in *in, struct webmail_sign_in *out);
void webmail_sign_out_put(struct packet_out *o, struct span ticket);
bool webmail_sign_out_get(struct packet_in *in, struct span *ticket);
/* user: the account's own spelling. ticket is empty unless it is AUTH_OK. */
void webmail_ticket_put(struct packet_out *o, uint32_t id,
    enum auth_verdict verdict, struct span user, struct span ticket);
bool webmail_ticket_get(struct packet_in *in, enum auth_verdict *verdict,
    struct span *user, struct span *ticket);

void webmail_join_put(
    struct packet_out *o, struct span ticket, struct span client_addr);
bool webmail_join_get(
    struct packet_in *in, struct span *ticket, struct span *client_addr);
/* fd is sent with AUTH_OK only; the receiver's. user: whose session it is, for
 * a browser may say anything about that. */
void webmail_session_put(struct packet_out *o, uint32_t id,
    enum auth_verdict verdict, struct span user, int fd);
bool webmail_session_get(struct packet_in *in, enum auth_verdict *verdict,
    struct span *user, int *fd);

#endif
