/* inside.h - the session as its own files see it: session.c hello.c secure.c
 * auth.c transact.c
 */

#ifndef SMTP_INSIDE_H
#define SMTP_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calls/delivery_call.h"
#include "service/notice.h"
#include "smtp/env.h"
#include "smtp/letter.h"
#include "smtp/session.h"
#include "wire/smtp_reply.h"

struct arena;
struct auth;
struct channel_call;
struct conn;
struct content;
struct dial;
struct loop_timer;
struct tables_query;

/* Which reply is awaited. */
enum state {
	DIALLING, /* or before: tables are asked about the address */
	GREETING,
	HELLO, /* of EHLO or LHLO */
	HELLO_OLD, /* of HELO */
	STARTTLS,
	SHAKING, /* no reply, the handshake */
	LOOKING_UP, /* no reply, tables with a password */
	AUTH,
	READY, /* none */
	RESETTING,
	FORWARDING, /* of XFORWARD */
	ENVELOPE, /* of MAIL, RCPT and DATA */
	CONTENT, /* none yet, content is being sent */
	FINAL_DOT, /* of the final dot; in LMTP one for each recipient */
	EMPTY_DOT, /* of the dot of a message without recipients */
	QUITTING, /* of QUIT; nobody is told */
	ENDED
};

struct session {
	const struct smtp_env *env;
	struct session_setup setup;
	const struct session_calls *calls;
	void *arg;
	struct arena *arena; /* of setup */
	char *name; /* "mx.example[192.0.2.1]" */
	struct transcript transcript; /* errors.c */
	bool wrong; /* the postmaster is told of it */
	int64_t opened_ms;
	unsigned uses; /* letters handed over */
	enum state state;
	const char *doing; /* "receiving the initial server greeting" */
	struct dial *dial;
	struct channel_call *asking; /* connector dials */
	struct conn *conn;
	struct loop_timer *deadline;
	struct loop_timer *pump; /* more content, when others had a turn */
	struct smtp_reply_reader *reader;
	unsigned busy; /* nested in a callback: free later */
	bool debug; /* debug_peer_list has the host */
	bool chunk_broke; /* the letter may go without BDAT */
	bool unbound; /* smtp_bind_address did not work */
	bool logged_in; /* by AUTH */
	bool closed, greeted, tls_broke, tls_unfit, secured, dirty, stale;

	/* quirks.c: what tables have for the address */
	struct tables_query *tables; /* one is being asked */
	unsigned tables_asked;
	struct span discard; /* extensions that are passed over */
	unsigned pix; /* enum quirk_pix */
	bool has_pix; /* and such a server it is, and they are in use */

	/* replies.c */
	struct tables_query *filtering; /* smtp_reply_filter looks at a line */
	bool gone; /* the server, while it does */

	/* what EHLO said, and what of it outlives the reply */
	unsigned caps, xforward;
	uint64_t size_limit, rcpt_max;
	struct arena *heard; /* of the mechanisms */
	struct span mechanisms[SMTP_MECHANISMS_MAX];
	size_t mechanism_count;
	struct auth *auth;

	/* the letter under way */
	struct letter *letter;
	uint16_t plan[DELIVERY_RCPTS_MAX]; /* recipients by index */
	bool accepted[DELIVERY_RCPTS_MAX];
	bool crowded[DELIVERY_RCPTS_MAX]; /* one too many for this time */
	size_t plan_count, accepted_count;
	size_t sent, answered; /* commands of the envelope */
	size_t told; /* LMTP: recipients told of after the dot */
	bool mail_refused;
	unsigned xforward_left; /* not sent for this letter yet */
	bool utf8; /* with SMTPUTF8; else addresses have A-labels */
	bool chunk; /* by one BDAT, after the replies (RFC 3030) */
	struct content *content;
	int64_t content_begun; /* milliseconds */
	uint64_t content_octets; /* handed to the connection so far */
	enum { DOT_NONE, DOT_HELD, DOT_WAITS } dot; /* of a PIX */
};

/* session.c */

/* Around all that the loop calls: a session that its owner closes in between
 * is freed when the last has left. */
void session_enter(struct session *s);
void session_leave(struct session *s);
/* Wait for a reply, until the deadline, in this state. doing is a constant for
 * logs. */
void session_expect(
    struct session *s, enum state state, const char *doing, int64_t seconds);
/* The conversation is over, and why. Whoever calls it returns at once. */
void session_fail(struct session *s, const struct why *why);
/* The same, after QUIT where the server waits for a command. */
void session_leave_politely(struct session *s, const struct why *why);
/* The same, for a reply that was none we can work with: defers. */
void session_refused(
    struct session *s, const struct smtp_reply *r, const char *command);
/* Send it, and write it down for debug_peer_list: a whole line, or what stands
 * for several. */
void session_say(struct session *s, struct span line);
/* Write something else down for it. */
void session_note(struct session *s, char side, struct span text);
/* Ready for the first or the next letter. */
void session_is_ready(struct session *s, bool first);
/* "host X said: 550 5.1.1 no (in reply to MAIL FROM command)". */
void reply_why(const struct session *s, const struct smtp_reply *r,
    const char *command, struct why *why);
/* The reply on one line, fit for a log. */
void reply_text(const struct smtp_reply *r, struct buf *out);

/* What comes next after DIALLING's tables. */
void session_dial(struct session *s);
/* A whole reply was read. */
void session_take_reply(struct session *s, const struct smtp_reply *r);
/* The server is gone. */
void session_lost(struct session *s);

/* replies.c */

/* Something has come. */
void replies_input(struct session *s);

/* hello.c */
void hello_send(struct session *s);
void hello_greeting(struct session *s, const struct smtp_reply *r);
void hello_reply(struct session *s, const struct smtp_reply *r);

/* secure.c */

/* True when TLS comes first; false: go on as it is. */
bool secure_wanted(struct session *s);
void secure_reply(struct session *s, const struct smtp_reply *r);
void secure_begin(struct session *s);
void secure_done(struct session *s);
/* The handshake failed. */
void secure_failed(struct session *s, const char *error);

/* auth.c */

/* Log in if that is configured, then the session is ready. */
void auth_begin(struct session *s);
void auth_reply(struct session *s, const struct smtp_reply *r);
void auth_free(struct auth **a);

/* xforward.c */

/* What the server is to be told of this letter's origin. */
unsigned xforward_wanted(const struct session *s);
/* Send the next command, and wait for its reply. */
void xforward_send(struct session *s);

/* fit.c: what a letter wants of a server */

/* SMTPUTF8 will be asked for: the letter wants it, and it is offered. */
bool fit_wants_utf8(const struct session *s);
enum fit {
	FIT,
	FIT_NEVER, /* why: the letter itself, or our disk */
	FIT_ELSEWHERE /* why: another host may be able to */
};
enum fit fit_letter(struct session *s, struct why *why);
enum fit
fit_rcpt(const struct session *s, const struct letter_rcpt *r, struct why *why);
/* REQUIRETLS will be asked for (RFC 8689, 2). */
bool fit_wants_requiretls(const struct session *s);

/* transfer.c */

/* The server waits for the message. */
void transfer_begin(struct session *s);
/* All of a message that is not large, its size before it. */
void transfer_chunk(struct session *s);
/* The connection can take more content, or has sent all of a chunk. */
void transfer_more(struct session *s);

/* transact.c */
void transact_reply(struct session *s, const struct smtp_reply *r);
/* The conversation broke: a word for each recipient under way. */
void transact_broken(struct session *s, const struct why *why);

#endif
