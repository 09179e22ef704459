/* proxy.h - a client whose mail is on another host: we log in there for it
 *
 * auth has said where, and brought the connection. What the other host says
 * before it lets us in is read here; then a relay passes bytes both ways.
 */

#ifndef LOGIN_PROXY_H
#define LOGIN_PROXY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"
#include "calls/auth_call.h"
#include "wire/proxy_target.h"

struct arena;
struct auth_proxy;
struct conn;
struct login;
struct loop_timer;
struct proxy;
struct sasl_client;
struct secret;
struct session;

/* How one protocol is spoken. */
struct proxy_speaker {
	/* Take one answer, if it is whole. False: it is not, or cannot be one.
	 * May end p. */
	bool (*take)(struct proxy *p);
	/* STARTTLS or STLS is done. */
	void (*secured)(struct proxy *p);
};

extern const struct proxy_speaker proxy_imap, proxy_pop3, proxy_sieve;

struct proxy {
	struct session *session;
	struct arena *arena;
	struct conn *conn;
	struct loop_timer *timer;
	const struct proxy_speaker *speaker;
	unsigned step, has; /* the speaker's */
	bool checked; /* auth knows the client */
	bool shown; /* of the webmail: the password is one that it keeps */
	struct proxy_target target; /* in the arena, but for the password */
	enum proxy_tls tls;
	bool secured;
	struct span account;
	/* How to log in. */
	struct span user, authzid;
	struct secret *password;
	bool token;
	struct sasl_client *sasl;
	struct buf relay; /* "host[192.0.2.1]:143", for the log */
	struct buf offers; /* what the host told last that it can do */
	bool has_offers;
	int held;
	bool busy, over; /* its input is looked at; it has ended meanwhile */
};

/* --- proxy.c --- */

/* Takes both descriptors of a. In the end the session is gone, or goes on as
 * one that was refused. */
void proxy_start(struct session *s, const struct auth_proxy *a);
void proxy_free(struct proxy **p);
/* Is login_proxy_limit reached? */
bool proxy_full(const struct login *l);

/* For the speakers; of these proxy_fail(), proxy_refused() and proxy_done() end
 * p, and proxy_tls() may. */

/* May the password go out as the connection is now? False: STARTTLS first. */
bool proxy_is_safe(const struct proxy *p);
void proxy_tls(struct proxy *p);
/* NULL: none of those that are offered can be used. */
struct sasl_client *
proxy_sasl(const struct proxy *p, const struct span *offered, size_t count);
/* Say XCLIENT, as Dovecot's proxies do. */
void proxy_xclient(struct proxy *p);
/* Trouble: text for the log, said of the host. */
void proxy_fail(struct proxy *p, const char *text, struct span said);
/* The host has said no. */
void
proxy_refused(struct proxy *p, enum auth_verdict verdict, struct span said);
/* It has let us in: welcome is told to the client, then bytes are passed. */
void proxy_done(struct proxy *p, struct span welcome);

#endif
