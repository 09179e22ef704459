/* auth_call.h - asking auth: passwords, tickets, POP-before-SMTP, and the
 * hand-over of a client to a process of its user
 *
 *   auth_check  -> auth_user     smtpd: is this password right?
 *   auth_scram  -> auth_challenge   both: a SCRAM challenge for this user
 *   auth_offers -> auth_offers_answer   both: what can be offered?
 *   auth_login  -> auth_user     login: the same, and on success auth hands the
 *                                descriptor to imapd or pop3d
 *   auth_rejoin -> auth_user     login: a parked session goes on in an imapd
 *   auth_pbs    -> auth_pbs_answer   smtpd: did this address log in lately?
 *   auth_greylist -> auth_greylist_answer   smtpd: has this mail come back?
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
	AUTH_TROUBLE, /* the back end failed: try later */
	AUTH_FORBIDDEN, /* right, but may not act for that user */
	AUTH_LIMIT /* right, but there are too many sessions */
};

/* With what the client proves who it is. */
enum auth_proof {
	PROOF_PASSWORD, /* secret is the password */
	PROOF_TICKET, /* secret is a webmail ticket's text */
	PROOF_SCRAM, /* secret is the client's proof; see scram */
	PROOF_EXTERNAL, /* a certificate was shown; user is empty */
	PROOF_TOKEN /* secret is a token of OAuth 2; user may be empty */
};

/* Of PROOF_SCRAM: the parts of AuthMessage (RFC 5802, 3), and the seal that
 * came with the challenge. */
struct auth_scram {
	struct span client_first, server_first, client_final, seal;
};

/* Of PROOF_EXTERNAL: by what a table may know it. */
struct auth_certificate {
	struct span fingerprint, key_fingerprint;
	struct span subject; /* common name, when an authority vouches */
};

struct auth_check {
	struct span service; /* "smtp", "imap", "pop3", "webmail" */
	enum auth_proof proof;
	struct span mechanism; /* "PLAIN", for the log and policy */
	struct span user; /* authentication identity */
	struct span authzid; /* or empty */
	struct span secret; /* wipe your copy after sending */
	struct auth_scram scram;
	struct auth_certificate certificate;
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
	int park; /* of park_call.h; -1: the session cannot be parked */
};

/* A session that was parked: what its imapd left, and new ends of a relay and
 * of a socket for parking. */
struct auth_rejoin {
	struct span pass, state;
	int fd, park;
	int watch; /* of the offer: passed on, to be watched by again; or -1 */
};

struct auth_user {
	enum auth_verdict verdict;
	struct span user; /* the account, as the system spells it */
	struct span text; /* reason for the log when it is not AUTH_OK */
	/* What the client is to see: of SCRAM when it is AUTH_OK; of a token
	 * when it is AUTH_DENIED, as JSON. */
	struct span signature;
};

/* A challenge is made for every user, there or not; the service it is good for
 * is named now. */
struct auth_scram_ask {
	struct span service, user, nonce;
	struct span client_addr;
};
struct auth_challenge {
	enum auth_verdict verdict; /* AUTH_OK or AUTH_TROUBLE */
	struct span server_first, seal;
	struct span text; /* reason for the log */
};

enum { SESSION_GROUPS_MAX = 16384 };

/* What a session becomes and serves. */
struct session_start {
	struct span user;
	uid_t uid;
	gid_t gid;
	struct span home;
	struct span mail; /* location, absolute: "/home/u/Maildir" */
	struct span quota; /* of this user, "10000000S"; empty: mailbox_quota */
	struct span client_addr, local_addr, via;
	unsigned client_port;
	bool tls;
	struct span tag, input;
	int fd;
	int park; /* of park_call.h, or -1; then the next is for it: */
	struct span pass; /* opaque; shows auth who this is, for a day */
	struct span state; /* of a session that goes on; else empty */
	int held; /* open until the session ends, so it is counted; or -1 */
	int watch; /* with state: of inotify, to be used again; or -1 */
	/* Who visits user's mailbox, and the names of his groups with blanks
	 * between; empty: user himself is served. */
	struct span visitor, groups;
};

void auth_check_put(struct packet_out *o, const struct auth_check *c);
bool auth_check_get(struct packet_in *in, struct auth_check *out);
void auth_login_put(struct packet_out *o, const struct auth_check *c,
    const struct auth_handover *h);
bool auth_login_get(
    struct packet_in *in, struct auth_check *c, struct auth_handover *h);
void auth_rejoin_put(struct packet_out *o, const struct auth_rejoin *r);
bool auth_rejoin_get(struct packet_in *in, struct auth_rejoin *out);
void
auth_user_put(struct packet_out *o, uint32_t id, const struct auth_user *u);
bool auth_user_get(struct packet_in *in, struct auth_user *out);

void auth_scram_put(struct packet_out *o, const struct auth_scram_ask *a);
bool auth_scram_get(struct packet_in *in, struct auth_scram_ask *out);
void auth_challenge_put(
    struct packet_out *o, uint32_t id, const struct auth_challenge *c);
bool auth_challenge_get(struct packet_in *in, struct auth_challenge *out);

/* scram: some user has a verifier. */
void auth_offers_put(struct packet_out *o);
bool auth_offers_get(struct packet_in *in);
void auth_offers_answer_put(struct packet_out *o, uint32_t id, bool scram);
bool auth_offers_answer_get(struct packet_in *in, bool *scram);

void auth_pbs_put(struct packet_out *o, struct span client_addr);
bool auth_pbs_get(struct packet_in *in, struct span *client_addr);
void auth_pbs_answer_put(struct packet_out *o, uint32_t id, bool listed);
bool auth_pbs_answer_get(struct packet_in *in, bool *listed);

enum { GREYLIST_KEY_MAX = 512, GREYLIST_TIME_MAX = 365 * 86400 };

struct auth_greylist {
	struct span network; /* "192.0.2.0/24" */
	struct span triple; /* network, sender and recipient, in one form */
	/* Seconds: how long mail must wait; how long a triple that has not
	 * come back is remembered, and one that has. */
	int64_t delay, window, lifetime;
	int64_t enough; /* triples that make a network known; 0: none do */
};

enum auth_greylist_verdict {
	GREYLIST_NEW, /* never seen, or long ago */
	GREYLIST_EARLY, /* seconds says how long it must still wait */
	GREYLIST_PASSED, /* with this it has come back, seconds after the first
			  */
	GREYLIST_KNOWN /* it came back before, or its network is known */
};

struct auth_greylist_answer {
	enum auth_greylist_verdict verdict;
	int64_t seconds;
};

void auth_greylist_put(struct packet_out *o, const struct auth_greylist *g);
bool auth_greylist_get(struct packet_in *in, struct auth_greylist *out);
void auth_greylist_answer_put(
    struct packet_out *o, uint32_t id, const struct auth_greylist_answer *a);
bool auth_greylist_answer_get(
    struct packet_in *in, struct auth_greylist_answer *out);

/* Make a ticket for a password; or, with no user, end one or ask whose it is.
 */
struct auth_ticket {
	bool end, check;
	struct span user, secret, client_addr;
};
void auth_ticket_put(struct packet_out *o, const struct auth_ticket *t);
bool auth_ticket_get(struct packet_in *in, struct auth_ticket *out);
void auth_ticket_answer_put(struct packet_out *o, uint32_t id,
    const struct auth_user *u, struct span ticket);
bool auth_ticket_answer_get(
    struct packet_in *in, struct auth_user *u, struct span *ticket);

void session_start_put(struct packet_out *o, const struct session_start *s);
/* fd and park are the receiver's. */
bool session_start_get(struct packet_in *in, struct session_start *out);

#endif
