/* login.h - a client before authentication, IMAP or POP3 */

#ifndef LOGIN_LOGIN_H
#define LOGIN_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/span.h"
#include "calls/auth_call.h"
#include "os/sock.h"

struct channel;
struct channel_call;
struct conn;
struct login_conf;
struct loop;
struct loop_timer;
struct sasl_server;
struct secret;
struct session;
struct table;
struct tls_context;

/* What differs between the two protocols. */
struct protocol {
	const char *name; /* "imap", "pop3" */
	void (*greet)(struct session *s);
	/* Input is there; take what is whole. May free the session. */
	void (*input)(struct session *s);
	/* The login that was asked about has failed. */
	void (*refused)(struct session *s, enum auth_verdict verdict);
	/* Last words when the session is ended by us. */
	void (*bye)(struct session *s, const char *text);
};

extern const struct protocol protocol_imap, protocol_pop3;

struct login {
	const struct login_conf *conf;
	struct loop *loop;
	struct channel *auth;
	struct tls_context *tls; /* NULL: no certificate is set up */
	const struct protocol *protocol;
	struct list sessions, relays;
	unsigned session_count;
	struct table *per_address; /* count + 1 as a pointer-sized number */
	const char *hello; /* host name */
};

struct session {
	struct login *login;
	struct list in;
	struct conn *conn;
	struct loop_timer *timer;
	struct address peer, local;
	struct buf peer_text; /* "192.0.2.1" */
	bool tls, trusted; /* trusted: plaintext passwords may come */
	bool starting_tls;
	struct sasl_server *sasl;
	struct buf tag; /* of the IMAP command under way */
	struct buf user; /* POP3: after USER; else for the log */
	struct channel_call *asking;
	unsigned failures, bad_commands, prompts;
	int relay_fd; /* our end, while auth has the other; else -1 */
};

/* session.c */
void session_accept(struct login *l, int listener);
void session_free(struct session **s);
/* Say goodbye and end; *s is gone. */
void session_end(struct session *s, const char *why);
/* Ask auth; the answer ends or goes on with the session. Input stops
 * meanwhile. */
void session_login(struct session *s, struct span user, struct span authzid,
    struct span password, const char *mechanism);
void session_starttls(struct session *s);
/* STARTTLS (STLS) may be asked for now. */
bool session_offers_tls(const struct session *s);
/* A command was not understood: after 10 of them the session ends (true). */
bool session_bad(struct session *s);
/* Passwords in clear are allowed here. */
bool session_may_login(const struct session *s);
void session_deadline(struct session *s);

/* relay.c: TLS here, the plain session in a process of its user. Takes both. */
void relay_start(struct login *l, struct conn **outer, int inner);
void relays_end(struct login *l);

/* webmail.c: the socket for webmail.cgi */
void webmail_start(struct login *l, int listener, const char *label);

#endif
