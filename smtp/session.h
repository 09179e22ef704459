/* session.h - one conversation with one server, SMTP or LMTP
 *
 * Greeting, EHLO, STARTTLS and AUTH first; then letters, one after the other.
 * Whatever the server sends is taken for what a stranger says: it is bounded,
 * and it can do no more than fail its own mail.
 */

#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "smtp/conf.h"
#include "wire/tlsrpt.h"

struct letter;
struct session;
struct smtp_env;
struct target;
struct tls_tlsa;
struct why;

/* Copied. */
struct session_setup {
	const struct target *target;
	bool lmtp;
	enum tls_level tls;
	struct span domain; /* the next hop's, for certificates */
	struct span nexthop; /* as it was configured, for tables */
	/* LEVEL_TLSA: the records, and the name they belong to */
	const struct tls_tlsa *tlsa;
	size_t tlsa_count;
	struct span tlsa_base;
	bool reported; /* a domain may want to hear how TLS went */
	enum tlsrpt_type policy; /* under which it is asked for */
	bool no_chunks; /* BDAT did not work there */
	bool sts; /* the certificate is looked at as MTA-STS wants it */
	struct span sender; /* who logs in; empty: it does not matter */
	/* of a TLS policy; each empty: main.cf's */
	struct span protocols, ciphers, exclude;
	struct span servername; /* for SNI; or empty: the host */
	bool reuse; /* TLS may serve another letter */
	struct span match; /* names of certificates, from a TLS policy; or
			    * empty: main.cf's */
	struct span anchors; /* a file whose certificates are trusted alone,
			      * from the same; or empty: main.cf's */
	struct span qid; /* of the letter it is opened for, for the log */
	int64_t queued_s; /* and how long that has been here */
};

/* Each may close the session. */
struct session_calls {
	/* Ready for a letter. */
	void (*ready)(void *arg);
	/* Each recipient that was tried has its word; ready again. */
	void (*sent)(void *arg);
	/* Over. Recipients that were under way have their word. */
	void (*failed)(void *arg, const struct why *why);
};

struct session *
session_open(const struct smtp_env *env, const struct session_setup *setup,
    const struct session_calls *calls, void *arg);
/* Says QUIT where that makes sense; what is under way is lost. */
void session_close(struct session **s);
/* Hand over letter, to the recipients that are neither decided nor tried (as
 * many as the server takes at once). It must stay until sent or failed. */
void session_send(struct session *s, struct letter *letter);
/* Others are called from now on: for a session that is ready. */
void
session_rebind(struct session *s, const struct session_calls *calls, void *arg);
const struct session_setup *session_setup_of(const struct session *s);
/* Ready, with nothing under way, and young enough for another letter. */
bool session_reusable(const struct session *s);
/* It had served before, and broke before the server said a word to the present
 * letter: nothing is lost by trying a fresh one. */
bool session_was_stale(const struct session *s);
/* The server was reached: its greeting was good. */
bool session_greeted(const struct session *s);
/* TLS failed although nobody insists on it: the same again with LEVEL_NONE
 * might do. */
bool session_tls_broke(const struct session *s);
/* BDAT failed as a command: the same again without it will do. */
bool session_chunk_broke(const struct session *s);
/* TLS as it was asked for could not be had: not offered, no handshake, or not
 * the right certificate. */
bool session_tls_unfit(const struct session *s);

#endif
