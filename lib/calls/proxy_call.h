/* proxy_call.h - a client whose mail is on another host
 *
 *   auth_login  -> auth_proxy   instead of auth_user: log in there, with this
 *   auth_proxied -> auth_user   login: what the other host said of a password
 *                               that auth has not looked at
 */

#ifndef CALLS_PROXY_CALL_H
#define CALLS_PROXY_CALL_H

#include <stdbool.h>

#include "base/span.h"
#include "wire/proxy_target.h"

struct packet_in;
struct packet_out;

struct auth_proxy {
	struct span user; /* the account, as the log has it */
	bool checked; /* auth knows who it is; else the other host will */
	bool shown; /* the password in target is what the user has shown */
	struct proxy_target target; /* host, port, and how to log in */
	int fd; /* connected */
	int held; /* open until the session ends, so it is counted; or -1 */
};

void
auth_proxy_put(struct packet_out *o, uint32_t id, const struct auth_proxy *p);
/* fd and held are the receiver's. */
bool auth_proxy_get(struct packet_in *in, struct auth_proxy *out);

struct auth_proxied {
	struct span service; /* "imap" or "pop3" */
	struct span user; /* as the client gave it */
	struct span client_addr;
	bool good;
};

void auth_proxied_put(struct packet_out *o, const struct auth_proxied *p);
bool auth_proxied_get(struct packet_in *in, struct auth_proxied *out);

#endif
