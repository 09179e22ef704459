/* share_call.h - folders that a user shares with others
 *
 * On the socket between an imapd and login (park_call.h), and from login on to
 * auth, which alone answers; the imapd waits meanwhile:
 *
 *   share_visit   let me into this owner's mailbox: a connection to an imapd of
 *                 his comes back
 *   share_list    which owners share something with me?
 *   share_tell    this is whom I share something with
 *   share_answer  to each of them
 *
 * Who asks is in the pass, as auth made it. Between login and auth share_visit
 * has two descriptors: the new imapd's end of its client, and of its socket to
 * login.
 */

#ifndef CALLS_SHARE_CALL_H
#define CALLS_SHARE_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "calls/auth_call.h"

struct packet_in;
struct packet_out;

/* Lists are names with a line's end between them. */
enum { SHARE_NAME_MAX = 255, SHARE_LIST_MAX = 32768 };
/* An imapd keeps no more visits at one time. */
enum { SHARE_VISITS_MOST = 4 };

enum share_kind { SHARE_VISIT, SHARE_LIST, SHARE_TELL };

struct share_ask {
	enum share_kind kind;
	struct span pass;
	struct span owner; /* of share_visit */
	struct span list; /* of share_tell: identifiers */
	int fd, park; /* of share_visit to auth; else -1 */
};

struct share_answer {
	enum auth_verdict verdict; /* AUTH_DENIED: there is nothing to see */
	struct span text; /* for the log, when it is not AUTH_OK */
	struct span list; /* of share_list: owners */
	int fd; /* of share_visit to imapd; else -1 */
};

void share_ask_put(struct packet_out *o, const struct share_ask *a);
/* fd and park are the receiver's. */
bool share_ask_get(struct packet_in *in, struct share_ask *out);
void share_answer_put(
    struct packet_out *o, uint32_t id, const struct share_answer *a);
/* fd is the receiver's. */
bool share_answer_get(struct packet_in *in, struct share_answer *out);

#endif
