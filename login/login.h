/* login.h - a client before authentication: IMAP, POP3 or ManageSieve */

#ifndef LOGIN_LOGIN_H
#define LOGIN_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/span.h"
#include "calls/auth_call.h"
#include "os/sock.h"

struct balanced;
struct balancer;
struct channel;
struct channel_call;
struct conn;
struct login_conf;
struct loop;
struct loop_timer;
struct match_list;
struct offers;
struct packet_in;
struct packet_out;
struct proxy;
struct proxy_speaker;
struct sasl_credentials;
struct sasl_mechanism;
struct sasl_server;
struct secret;
struct session;
struct table;
struct tls_context;
struct tls_peer;
struct webmail;

/* What a step has done with the session. */
enum after {
	GO_ON,
	WAIT, /* input stopped, or changes hands */
	GONE
};

/* What differs between the protocols. */
struct protocol {
	const char *name; /* "imap", "pop3", "sieve" */
	const char *label; /* for the log: "IMAP" */
	/* What another host speaks. */
	const struct proxy_speaker *speaker;
	/* Last words to a client of another host that was silent; empty: none
	 */
	const char *autologout;
	void (*greet)(struct session *s);
	/* Input is there; take what is whole. May free the session. */
	void (*input)(struct session *s);
	/* A SASL exchange goes on: this challenge, in base64. */
	void (*challenge)(struct session *s, struct span challenge);
	/* It ended without a verdict: "AUTH cancelled". */
	void (*broken_off)(struct session *s, const char *text);
	/* The login that was asked about has failed. */
	void (*refused)(struct session *s, enum auth_verdict verdict);
	/* Another host has let it in; NULL: there is nothing to do. */
	void (*let_in)(struct session *s);
	/* Last words when the session is ended by us. */
	void (*bye)(struct session *s, const char *text);
	bool greets_again; /* once STARTTLS is done */
};

extern const struct protocol protocol_imap, protocol_pop3, protocol_sieve;

struct login {
	const struct login_conf *conf;
	struct loop *loop;
	struct channel *auth;
	struct offers *offers; /* NULL: nothing but passwords */
	struct tls_context *tls; /* NULL: no certificate is set up */
	struct tls_context *proxy_tls; /* NULL: no other hosts are set */
	const struct protocol *protocol;
	struct list sessions, relays;
	unsigned session_count, parked_count;
	struct list joiners; /* parked clients that wait to be asked for */
	unsigned joining; /* those that are */
	struct loop_timer *join_timer;
	unsigned proxy_count; /* of sessions and relays with other hosts */
	struct match_list *upstreams; /* login_trusted_networks; NULL: none */
	struct balancer *balancer; /* NULL: no client comes through one */
	struct match_list *balancers; /* whose clients do; NULL: all */
	struct table *per_address; /* count + 1 as a pointer-sized number */
	const char *hello; /* host name */
	struct webmail *webmail; /* NULL: this row does not serve it */
};

/* Hosts that a session may pass through; each tells the next how many are
 * left. */
enum { PROXY_HOPS = 5 };

/* What the client has shown, while auth is asked: another host may want it. */
struct kept {
	struct buf user, authzid;
	struct secret *word; /* a password or a token; NULL: neither */
	bool token;
};

struct session {
	struct login *login;
	const struct protocol *protocol;
	struct list in;
	struct conn *conn;
	struct loop_timer *timer;
	struct address peer, local;
	struct balanced *via; /* NULL: it has come itself */
	struct buf peer_text; /* "192.0.2.1" */
	struct buf caller_text; /* who has connected, whoever is behind it */
	bool tls, trusted; /* trusted: plaintext passwords may come */
	bool starting_tls;
	struct tls_peer *certificate; /* the client's; NULL: none */
	struct sasl_server *sasl;
	struct buf tag; /* of the IMAP command under way */
	struct buf user; /* POP3: after USER; else for the log */
	struct channel_call *asking;
	unsigned failures, bad_commands, prompts;
	struct kept kept;
	struct proxy *proxy; /* we log in to another host; NULL: not */
	unsigned hops; /* hosts that it may still pass through */
	void *page; /* of the webmail, that waits for the session; NULL: none */
	/* Our ends, while auth has the others; else -1. */
	int relay_fd, park_fd;
};

/* session.c */
/* False: the system has nothing left for more, for now. */
bool session_accept(struct login *l, int listener);
/* Takes fd and via, which may be NULL. */
void session_start(
    struct login *l, int fd, const struct address *peer, struct balanced *via);
/* A reload or a stop waits for nobody any more: the process ends. */
void login_drained(const struct login *l);
/* Takes fd: for a page of the webmail, which is known, and whose mail is on
 * another host. address: of the browser. */
struct session *session_of_page(struct login *l, int fd,
    const struct protocol *protocol, struct span address, void *page);
/* Of a packet that had a password, which is of no more use. */
void session_wipe(struct packet_in *in);
/* A client that was logged in is so no more; input is what it has sent
 * already. Takes *outer and via. */
void session_return(struct login *l, struct conn **outer, struct span input,
    struct balanced *via);
void session_free(struct session **s);
/* Say goodbye and end; *s is gone. */
void session_end(struct session *s, const char *why);
/* Ask auth; the answer ends or goes on with the session. Input stops
 * meanwhile. */
void session_login(struct session *s, struct span user, struct span password,
    const char *mechanism);
/* The same with what a SASL exchange has brought. */
void session_login_sasl(struct session *s, const struct sasl_credentials *c,
    const struct sasl_mechanism *m);
/* What tells auth who wants to log in; spans live in s and c. */
struct auth_check session_check(struct session *s,
    const struct sasl_credentials *c, const struct sasl_mechanism *m);
/* Ask auth something; input stops. fn first calls session_answered(), and in
 * the end session_resume() unless the session is gone. */
void session_ask(struct session *s, struct packet_out *o,
    void (*fn)(void *session, struct packet_in *in));
void session_answered(struct session *s);
/* Take what the client sent meanwhile. The session may be gone after it. */
void session_resume(struct session *s);
/* auth has said no, or could not be asked (u NULL): log it, tell it. False: it
 * was one time too many, the session is gone. */
bool session_refused(struct session *s, const struct auth_user *u);
/* The second half of that: log nothing. */
bool session_refuse(struct session *s, enum auth_verdict verdict);
/* Who wants to log in, for the log. */
void session_user_set(struct session *s, struct span user);

/* sasl.c, for both protocols. The mechanisms that may be used now: *at begins
 * at 0; NULL at the end. */
const struct sasl_mechanism *sasl_next(const struct session *s, size_t *at);
/* NULL: there is none of that name that may be used now. */
const struct sasl_mechanism *
sasl_find(const struct session *s, struct span name);
/* Begin, with an initial response in base64 (p NULL: none); one more line. */
enum after sasl_begin(
    struct session *s, const struct sasl_mechanism *m, struct span initial);
enum after sasl_line(struct session *s, struct span line);
/* auth has said no to what session_login_sasl() asked. True: the client is told
 * why, and what it answers ends the exchange. */
bool sasl_rejected(struct session *s, const struct auth_user *u);

void session_starttls(struct session *s);
/* STARTTLS (STLS) may be asked for now. */
bool session_offers_tls(const struct session *s);
/* A command was not understood: after 10 of them the session ends (true). */
bool session_bad(struct session *s);
/* Passwords in clear are allowed here. */
bool session_may_login(const struct session *s);
void session_deadline(struct session *s);

/* webmail.c: the socket for webmail.cgi */
void webmail_start(struct login *l, int listener, const char *label);
/* No imapd waits for another page. */
void webmail_drain(struct login *l);

#endif
