/* smtpd.h - what all sessions of the process share */

#ifndef SMTPD_SMTPD_H
#define SMTPD_SMTPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/span.h"

struct arena;
struct balancer;
struct channel;
struct checks_conf;
struct debug_peers;
struct cidr_list;
struct limits;
struct loop;
struct main_cf;
struct mauth_conf;
struct milter_conf;
struct offers;
struct policy_servers;
struct rules;
struct screening;
struct smtpd_conf;
struct tls_context;
struct tls_signer;
struct why;

enum tls_level { TLS_OFF, TLS_MAY, TLS_MUST };

enum smtpd_feature { /* EHLO keywords that may be taken away */
	FEATURE_PIPELINING = 1 << 0,
	FEATURE_SIZE = 1 << 1,
	FEATURE_VRFY = 1 << 2,
	FEATURE_ETRN = 1 << 16,
	FEATURE_LIMITS = 1 << 17,
	FEATURE_STARTTLS = 1 << 3,
	FEATURE_AUTH = 1 << 4,
	FEATURE_ENHANCED = 1 << 5,
	FEATURE_8BITMIME = 1 << 6,
	FEATURE_CHUNKING = 1 << 7,
	FEATURE_DSN = 1 << 8,
	FEATURE_SMTPUTF8 = 1 << 18,
	FEATURE_REQUIRETLS = 1 << 19,
	FEATURE_FUTURE = 1 << 20,
	FEATURE_VERP = 1 << 21
};

enum { SMTPD_TABLES = 8 };

struct smtpd {
	const struct smtpd_conf *conf;
	struct loop *loop;
	struct arena *arena; /* of the process */
	struct arena *scratch; /* of one command: cleared at each */
	/* Other services; lookup, resolver and auth are asked by facts.c. */
	struct channel *qmgr, *lookup, *resolver, *auth, *keys, *verify;
	struct offers *offers; /* of auth; NULL: nothing but passwords */
	struct channel *connector; /* for milters */
	const char *service; /* master.cf's first column, for limits' logs */

	unsigned sasl_barred, sasl_tls_barred; /* enum sasl_flag */
	enum tls_level tls_level;
	struct tls_context *tls; /* NULL: no certificate */
	struct rules *rules; /* the restriction lists */
	struct cidr_list *mynetworks, *own, *unlimited, *auth_hidden;
	struct cidr_list *bare_newline, *mx_backup;
	bool bare_newline_taken; /* from anybody */
	struct cidr_list *proxies_from, *xclient, *xforward, *verp;
	struct balancer *proxies;
	struct screening *screening;
	struct debug_peers *debug_peers;
	unsigned notify; /* notify_classes, enum notice_class */
	struct channel *bounce;
	struct limits *limits;
	struct policy_servers *policy_servers;
	const struct content_bytes *bytes; /* NULL: none */
	const struct checks_conf *checks; /* NULL: none */
	const struct checks_conf *milter_checks; /* the same */
	bool filter, filter_later; /* filter_mail.c */
	struct mauth_conf *mauth;
	struct milter_conf *milters;
	int64_t born; /* wall clock */
	uint64_t instances; /* of sessions and mails, counted */
	bool lmtp; /* smtpd_protocol */
	unsigned features; /* of enum smtpd_feature */
	const char *tables[SMTPD_TABLES]; /* of smtpd_table() */
	unsigned overrides; /* of config/overrides.h */
	bool autodetect_utf8; /* smtputf8_autodetect_classes */
	bool rewrite_always, rewrite_rcpts; /* config/rewriting.h */
	unsigned rewrite; /* local_header_rewrite_clients, enum rewrite_for */

	struct list sessions;
	unsigned session_count, session_max;
	bool draining;
	bool stopping; /* and clients without mail are sent away */
	void (*drained)(void); /* the last session ended while draining */
};

enum rewrite_for {
	REWRITE_OWN = 1, /* permit_inet_interfaces */
	REWRITE_MYNETWORKS = 2,
	REWRITE_AUTHENTICATED = 4
};

/* Make ready from conf (kept, not copied): parses lists, reads certificates;
 * while files can be read still. m is for messages ("main.cf, line 3"); may be
 * NULL. The channels are the caller's to set before a session begins. NULL:
 * why. signer: as for tls_server_new(). */
struct smtpd *smtpd_new(const struct smtpd_conf *conf, struct loop *loop,
    const struct main_cf *m, const struct tls_signer *signer, struct why *why);
/* Ends all sessions at once. */
void smtpd_free(struct smtpd **s);

/* What EHLO may announce (enum smtpd_feature) when the keywords of the list
 * discarded are passed over. */
unsigned smtpd_features(const struct smtpd *s, struct span discarded);

/* What lookup is asked for in place of a parameter's name: that, or with the
 * tables that smtpd's row of master.cf sets. */
const char *smtpd_table(const struct smtpd *s, const char *name);

/* Accept clients on a listening socket; inet false: a Unix socket, whose
 * clients are this machine. */
struct listen;
struct listen *listen_new(struct smtpd *s, int fd, bool inet);
void listen_free(struct listen **l);
/* Tell idle sessions 421 and let the others end (hard), or let all end by
 * themselves; drained is called after the last. */
void smtpd_drain(struct smtpd *s, bool hard, void (*drained)(void));
/* A client has gone: was it the last that a drain waited for? */
void smtpd_drained(struct smtpd *s);

#endif
