/* session.h - one client's connection, its state and its transaction */

#ifndef SMTPD_SESSION_H
#define SMTPD_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"
#include "calls/queue_call.h"
#include "intake/check_act.h"
#include "ipc/packet.h"
#include "service/notice.h"
#include "smtpd/client.h"
#include "smtpd/policy.h"
#include "smtpd/reply.h"

struct address;
struct arena;
struct channel;
struct channel_call;
struct checks;
struct clean;
struct conn;
struct content;
struct facts;
struct filter;
struct footer;
struct limits_client;
struct loop_timer;
struct mauth;
struct milter_conf;
struct milter_mail;
struct milters;
struct opening;
struct policy;
struct policy_query;
struct sasl_server;
struct screen;
struct session;
struct sign_job;
struct smtpd;
struct tls_peer;

/* Where the conversation stands; bits for the command table. */
enum session_state {
	AT_START = 1 << 0, /* no HELO yet */
	AT_HELLO = 1 << 1,
	AT_MAIL = 1 << 2, /* MAIL was accepted */
	AT_RCPT = 1 << 3, /* and a recipient */
	AT_BDAT = 1 << 4 /* and a chunk that was not the last */
};

/* What XFORWARD may say. */
enum forward_part {
	FORWARD_NAME,
	FORWARD_ADDR,
	FORWARD_PORT,
	FORWARD_PROTO,
	FORWARD_HELO,
	FORWARD_IDENT,
	FORWARD_SOURCE,
	FORWARD_PARTS
};

/* An address that gets the mail too. */
struct bcc {
	struct bcc *next;
	struct span address;
};

/* What the next bytes are. */
enum session_reading {
	READ_COMMAND,
	READ_SCREEN, /* nothing: it is not the client's turn */
	READ_AUTH, /* a response line */
	READ_CONTENT, /* of DATA */
	READ_CHUNK, /* of BDAT */
	READ_OVERLONG /* the rest of a line that is too long */
};

enum session_count {
	COUNT_HELO,
	COUNT_EHLO,
	COUNT_LHLO,
	COUNT_STARTTLS,
	COUNT_AUTH,
	COUNT_MAIL,
	COUNT_RCPT,
	COUNT_DATA,
	COUNT_BDAT,
	COUNT_RSET,
	COUNT_NOOP,
	COUNT_VRFY,
	COUNT_HELP,
	COUNT_ETRN,
	COUNT_XCLIENT,
	COUNT_XFORWARD,
	COUNT_QUIT,
	COUNT_UNKNOWN,
	COUNT_KINDS
};

/* Where lookup sends an address as it stands, whatever replaces it later; both
 * empty: nowhere. */
struct milter_route {
	struct span transport, nexthop;
};

/* A mail transaction: from MAIL to its end. All it points to is in arena. */
struct mail {
	struct arena *arena;
	struct span sender;
	struct span auth; /* AUTH= of MAIL (RFC 4954, 5) */
	uint64_t instance; /* its number, for policy servers */
	uint64_t size; /* as declared; 0: not */
	bool eight_bit; /* BODY=8BITMIME */
	bool smtputf8, requiretls; /* asked for by MAIL */
	int64_t release; /* not before (RFC 4865); 0: at once */
	struct span hold_param; /* as it was asked for, "for;3600" */
	struct span envid; /* ENVID and RET of MAIL (RFC 3461) */
	unsigned ret; /* enum queue_ret */
	struct span verp; /* as in calls/queue_call.h */
	struct span rcpt; /* the recipient being judged */
	struct span orcpt; /* its ORCPT, "type;address" */
	unsigned notify; /* its NOTIFY, enum queue_notify */
	struct queue_rcpt *rcpts;
	size_t count, room;
	unsigned rejected; /* recipients refused */
	unsigned overshot; /* recipients above the limit */

	/* of the queue */
	char qid[QUEUE_ID_MAX + 1]; /* "" until a file is there */
	int fd;
	bool qid_done; /* commit was asked: nothing to abort */
	unsigned losses; /* channel_losses() when it was made */
	int64_t arrival; /* wall clock, seconds */
	struct content *content;
	struct span made_id; /* Message-ID that we added */

	/* what header_checks and body_checks said */
	struct check_result checked; /* by tables of checks */

	/* what access tables asked for */
	struct buf prepend; /* header fields, LF-ended */
	bool hold, discard;
	struct span redirect; /* to this address alone; or empty */
	struct span filter_to; /* FILTER's transport:nexthop; or empty */
	struct bcc *bcc; /* and to these */
	struct clean *clean; /* NULL: lookup was not asked */

	struct milter_route sender_route, rcpt_route; /* for milters */
	struct mauth *mauth; /* NULL: it is not judged */
	struct sign_job *signing; /* under way */
	struct milter_mail *milter_mail; /* what milters make of it */
	struct checks *milter_checks; /* of fields they made; or NULL */
	struct buf milter_edits; /* what those checks change of them */
	struct buf edits; /* what the queue gets, once it is complete */

	/* filter_mail.c: before the queue; and how far it has got */
	struct filter *filter;
	size_t filter_rcpt;
	uint64_t filter_at;
};

/* An answer of another service; in is NULL when there was none. */
typedef void session_fn(struct session *s, struct packet_in *in);

struct session {
	struct smtpd *smtpd;
	struct list in; /* of smtpd.sessions */
	struct conn *conn; /* NULL: over, to be freed */
	struct client client;
	struct limits_client *counted;
	unsigned features; /* of enum smtpd_feature, for this client */

	enum session_state state;
	/* LMTP: the next reply goes to each recipient (RFC 2033, 4.2); 0: once
	 */
	size_t repeat;
	enum session_reading reading;
	bool esmtp, greeted;
	bool busy; /* a command runs, waiting for somebody's answer */
	bool closing; /* after the reply that is on its way */
	bool eof; /* nothing more comes from the client */
	bool ill_pipelined; /* it spoke out of turn */
	bool wide_reply; /* this reply may have more than ASCII */
	struct tls_peer *peer; /* the client's certificate; NULL: none */
	bool shaking; /* a TLS handshake is under way */
	char *helo; /* as given, odd bytes as '?'; NULL before */
	bool may_xclient, may_xforward; /* by the connection's own address */
	char *forwarded[FORWARD_PARTS]; /* by XFORWARD, for one mail */
	const char *etrn; /* what ETRN named, while it is judged */
	bool etrn_below; /* and what is below it */
	struct arena *etrn_arena; /* which lies there */
	uint64_t instance;
	char *sasl_method, *sasl_username; /* NULL: not logged in */
	struct sasl_server *sasl; /* exchange under way */
	char *sasl_proved; /* who it is, while he hears the last word */
	struct mail *mail; /* NULL: none */
	struct screen *screen; /* it is looked at before the greeting */
	/* errors.c: what was said, kept where the postmaster may want it; bits
	 * of enum notice_class; and what ended it before its time */
	struct transcript transcript;
	unsigned wrong;
	const char *reason;
	bool debug; /* debug_peer_list: its conversation is logged */
	unsigned watched, caught; /* bits of enum screen_deep */
	int dnsbl_rank; /* of postscreen_dnsbl_sites */
	struct refusal screened; /* what that means for RCPT; code 0: nothing */
	struct policy *policy; /* restrictions being looked at */
	struct policy_query *query; /* a policy server is being asked */
	struct facts *facts; /* what others said; NULL: nothing */

	const char *where; /* last command, for the log */
	enum session_count command; /* being run */
	unsigned errors, junk;
	unsigned total[COUNT_KINDS], success[COUNT_KINDS];

	struct loop_timer *timer; /* of the client's turn, or of a pause */
	int64_t deadline_ms; /* of the turn; 0: not set */
	int64_t turn_begun;
	uint64_t turn_bytes;
	struct buf filtering; /* a command that smtpd_command_filter looks at */
	bool filtering_last; /* nothing stood behind it */
	struct footer *footer; /* a reply waits for it; NULL: none does */
	struct buf held; /* a reply kept back while it sleeps */
	bool sleeping;
	uint64_t chunk_left, chunk_size; /* of BDAT */
	bool chunk_last;
	enum reply chunk_refused; /* REPLY_OK: it is kept */

	struct channel_call *call; /* a question under way */
	session_fn *answered;
	void (*checked)(struct session *s); /* after check_run() */
	void (*named)(struct session *s); /* after client_name() */
	void (*signed_all)(struct session *s); /* after mauth_sign() */
	void (*routed)(struct session *s); /* after milter_route_ask() */
	void (*committed)(struct session *s, const struct refusal *r);
	void (*filtered)(struct session *s, const struct refusal *r);
	struct opening *opening; /* of a queue file */
	struct milters *milters; /* NULL: not told of anything */
	struct milter_conf *milter_conf; /* which these are */
	struct arena *milter_arena; /* for a client of its own there, or NULL */
	void (*judged)(struct session *s, const struct refusal *r);
	unsigned judged_stage; /* of judge_run(), enum policy_stage */
	void (*judged_message)(
	    struct session *s, const struct refusal *r, bool drop);
};

/* Takes fd. The session lives until the client goes or a limit ends it. */
void session_start(struct smtpd *smtpd, int fd, const struct address *from);
/* For a client behind a proxy, which connected to to (NULL: fd's own end). */
void session_start_for(struct smtpd *smtpd, int fd, const struct address *from,
    const struct address *to);
/* At once, without a word. */
void session_free(struct session **s);
/* Say why with 421, and end: only from outside of its steps. */
void session_dismiss(struct session *s, enum reply why);
/* The client that has done nothing for longest and has no mail under way, or
 * NULL: to be dismissed when there are too many. */
struct session *session_idlest(const struct smtpd *smtpd);

/* For the steps of the protocol */

/* Ask; fn gets the answer and finishes or goes on. One question at a time. */
void session_ask(struct session *s, struct channel *channel,
    struct packet_out *o, session_fn *fn);
/* Go on after something happened: read what waits, send what was written, free
 * the session when it is over. Nothing may touch s after it. Each callback
 * from the loop ends with it. */
void session_run(struct session *s);
/* End after what was written is sent. The reason is logged by the caller. */
void session_close(struct session *s);
/* Begin a TLS handshake; what follows comes after it. */
void session_secure(struct session *s);
bool session_is_tls(const struct session *s);
/* "SMTP", "ESMTP", "ESMTPS", "ESMTPA", "ESMTPSA" (RFC 3848). */
const char *session_protocol(const struct session *s);
/* The transaction's end: its file is aborted when it was not committed. */
void session_mail_end(struct session *s);
/* Begin one. */
struct mail *session_mail_begin(struct session *s);
/* Forget what EHLO and AUTH said: STARTTLS. */
void session_reset(struct session *s);

#endif
