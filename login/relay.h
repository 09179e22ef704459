/* relay.h - a client after its login, while we have to do with it
 *
 * With TLS, and after it was parked once, a client's bytes pass through here.
 * Of one that was given away whole there is only the socket for parking.
 */

#ifndef LOGIN_RELAY_H
#define LOGIN_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"

struct balanced;
struct conn;
struct login;
struct loop_io;
struct packet_in;
struct park_leave;
struct parked;
struct protocol;
struct share;

enum relay_state {
	RELAY_ON, /* an imapd or pop3d serves */
	RELAY_PARKING, /* its imapd has been told to end */
	RELAY_PARKED,
	RELAY_LEAVING, /* its imapd has been told to end, the client stays */
	RELAY_JOINING /* a new imapd has been asked for */
};

/* Of a session with another host, for the log and the limits. */
struct relay_proxied {
	struct buf user, client_addr, relay;
	unsigned port;
	const struct protocol *protocol;
	int held; /* open until the session ends; or -1 */
	uint64_t received, sent;
	int64_t began, last_ms;
	struct loop_timer *timer;
};

struct relay {
	struct list in;
	struct login *login;
	struct conn *outer; /* the client; NULL: given away */
	struct conn *inner; /* its process; NULL: parked, or given away */
	uint64_t passed; /* octets from the client to this process */
	enum relay_state state;
	bool outer_eof; /* the client has closed behind what it said last */
	int park_fd; /* of park_call.h, or -1 */
	struct loop_io *park_io;
	struct buf left; /* what the client had sent behind UNAUTHENTICATE */
	struct loop_timer *patience; /* an imapd that was told to end */
	unsigned slow; /* how often it was the client that kept us waiting */
	struct parked *parked;
	struct relay_proxied *proxied; /* NULL: a process of ours serves */
	struct balanced *via; /* NULL: the client has come itself */
	struct share *share; /* what its imapd has asked; NULL: nothing */
};

/* --- relay.c --- */

/* Takes all but *outer when it is NULL; inner and park_fd may be -1, via NULL.
 */
void relay_start(struct login *l, struct conn **outer, int inner, int park_fd,
    struct balanced *via);
/* The same between two hosts; takes what is in facts. */
void relay_proxy(struct login *l, struct conn **outer, struct conn **inner,
    const struct relay_proxied *facts);
/* A process serves again: its end of a pair, and the socket for parking. r may
 * be gone. */
void relay_join(struct relay *r, int inner, int park_fd);
/* Its imapd has been told to end: pass on what it still says, but not for
 * long. */
void relay_outlive(struct relay *r, enum relay_state state);
/* The client comes back whole. */
void relay_take(struct relay *r, int client);
/* Forget it: connections are closed as they are. */
void relay_free(struct relay *r);
/* Reload: those that were given away are not ours any more. */
void relays_drain(struct login *l);
/* Stop. */
void relays_end(struct login *l);

/* --- leave.c --- */

/* An imapd gives its client up; the descriptor of l is taken. r may be gone. */
void leave_offered(struct relay *r, const struct park_leave *l);
/* The imapd has ended: the client is one that has not logged in. r is gone. */
void leave_begin(struct relay *r);

/* --- park.c --- */

/* Could that be a client? */
bool park_client_good(int fd);
/* Say it to the imapd; false: it is gone. */
bool park_answer(const struct relay *r, bool kept);
/* Nothing more is to be said to it. */
void park_close(struct relay *r);

/* r->park_fd is to be listened to. */
void park_listen(struct relay *r);
/* Its imapd has ended: what was kept holds from now on. */
void park_begin(struct relay *r);
/* The client spoke. */
void park_wake(struct relay *r);
/* The client is gone. */
void park_lost(struct relay *r);
/* We stop: tell it. r is gone. */
void park_end(struct relay *r, const char *text);
/* What was kept, and the socket. */
void park_done(struct relay *r);

/* --- share.c --- */

/* A packet that came on r->park_fd, and is none for parking. False: it is none
 * for us either. */
bool share_heard(struct relay *r, struct packet_in *in);
/* Nobody waits for an answer any more. */
void share_done(struct relay *r);

#endif
