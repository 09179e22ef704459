/* auth_call.h - asking auth: passwords, tickets, POP-before-SMTP, and the
 * hand-over of a client to a process of its user
 *
 *   auth_check  -> auth_user     smtpd: is this password right?
 *   auth_login  -> auth_user     login: the same, and on success auth hands the
 *                                descriptor to imapd or pop3d
 *   auth_pbs    -> auth_pbs_answer   smtpd: did this address log in lately?
 *   auth_ticket -> auth_ticket_answer   login's webmail side
 *
 *   session_start   auth to imapd or pop3d, one packet, no answer but the
 *                   client's
 *
 * auth answers each role only its own calls.
 */

#ifndef CALLS_AUTH_CALL_H
#define CALLS_AUTH_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/span.h"
#include "base/why.h"

struct packet_in;
struct packet_out;

enum auth_verdict {
	AUTH_OK,
	AUTH_DENIED, /* wrong user or password: one answer for both */
	AUTH_EXPIRED, /* right, but the account may not log in now */
	AUTH_TROUBLE /* the back end failed: try later */
};

/* With what the client proves who it is. */
enum auth_proof {
	PROOF_PASSWORD, /* secret is the password */
	PROOF_TICKET, /* secret is a webmail ticket's text */
	PROOF_EXTERNAL /* the certificate was verified; secret is empty */
};

struct auth_check {
	struct span service; /* "smtp", "imap", "pop3", "webmail" */
	enum auth_proof proof;
	struct span mechanism; /* "PLAIN", for the log and policy */
	struct span user; /* authentication identity */
	struct span authzid; /* or empty */
	struct span secret; /* wipe your copy after sending */
	struct span client_addr;
	unsigned client_port;
	bool tls;
};

/* login only: what imapd or pop3d gets besides. */
struct auth_handover {
	struct span tag; /* IMAP tag to answer with; empty: PREAUTH or POP3 */
	struct span input; /* what the client had already sent behind */
	struct span local_addr;
	struct span via; /* "imapd", "imapd-ssl", "pop3d", ... "webmail" */
	int fd; /* the client, or the plain end of a relay */
};

struct auth_user {
	enum auth_verdict verdict;
	struct span user; /* the account, as the system spells it */
	struct span text; /* reason for the log when it is not AUTH_OK */
};

/* What a session becomes and serves. */
struct session_start {
	struct span user;
	uid_t uid;
	gid_t gid;
	struct span home;
	struct span mail; /* location, absolute: "/home/u/Maildir" */
	struct span client_addr, local_addr, via;
	unsigned client_port;
	bool tls;
	struct span tag, input;
	int fd;
};

void auth_check_put(struct packet_out *o, const struct auth_check *c);
bool auth_check_get(struct packet_in *in, struct auth_check *out);
void auth_login_put(struct packet_out *o, const struct auth_check *c,
    const struct auth_handover *h);
bool auth_login_get(
    struct packet_in *in, struct auth_check *c, struct auth_handover *h);
void
auth_user_put(struct packet_out *o, uint32_t id, const struct auth_user *u);
bool auth_user_get(struct packet_in *in, struct auth_user *out);

void auth_pbs_put(struct packet_out *o, struct span client_addr);
bool auth_pbs_get(struct packet_in *in, struct span *client_addr);
void auth_pbs_answer_put(struct packet_out *o, uint32_t id, bool listed);
bool auth_pbs_answer_get(struct packet_in *in, bool *listed);

/* Make a ticket for a password, or end one (op "end", user empty). */
struct auth_ticket {
	bool end;
	struct span user, secret, client_addr;
};
void auth_ticket_put(struct packet_out *o, const struct auth_ticket *t);
bool auth_ticket_get(struct packet_in *in, struct auth_ticket *out);
void auth_ticket_answer_put(struct packet_out *o, uint32_t id,
    const struct auth_user *u, struct span ticket);
bool auth_ticket_answer_get(
    struct packet_in *in, struct auth_user *u, struct span *ticket);

void session_start_put(struct packet_out *o, const struct session_start *s);
/* fd is the receiver's. */
bool session_start_get(struct packet_in *in, struct session_start *out);

#endif
