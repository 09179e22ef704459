/* question.h - one question from the packet to the answer; inside auth */

#ifndef AUTH_QUESTION_H
#define AUTH_QUESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/attempt.h"
#include "auth/exchange.h"
#include "base/buf.h"
#include "base/list.h"

struct auth_check;
struct auth_conf;
struct exchanges;
struct greylist;
struct loop_timer;
struct map;
struct passes;
struct penalty;
struct proxied;
struct remembered;
struct secret;
struct session_start;
struct sessions;
struct server_peer;
struct share_ask;
struct shares;
struct store;
struct table;
struct tickets;
struct tokens;
struct workers;

struct auth {
	const struct auth_conf *conf;
	struct workers *workers;
	struct penalty *penalty;
	struct store *pbs;
	struct tickets *tickets;
	struct sessions *sessions;
	struct exchanges *exchanges;
	struct tokens *tokens;
	struct passes *passes;
	struct remembered *remembered; /* NULL: auth_cache_time is 0 */
	struct map *users; /* only looked at for changes; NULL: none */
	bool offers_known, offers_scram;
	struct greylist *greylist;
	struct table *looks; /* of rejoin.c */
	struct shares *shares;
	unsigned questions;
	struct server **servers; /* one for each listener */
	size_t server_count;
};

enum kind {
	ASK_CHECK,
	ASK_LOGIN,
	ASK_TICKET,
	ASK_CHALLENGE,
	ASK_OFFERS,
	ASK_SHARE, /* share_visit, share_tell */
	ASK_SHARE_LIST
};

struct question {
	struct auth *auth;
	enum kind kind;
	struct server_peer *peer;
	uint32_t id;
	char *service, *client_addr, *user;
	char *tried; /* the name as it was shown, quoted; NULL: none */
	struct loop_timer *timer;
	int64_t begun_ms;
	/* of ASK_LOGIN */
	char *tag, *local_addr, *via;
	struct buf input;
	unsigned client_port;
	bool tls;
	int fd, park, watch;
	struct buf pass, state; /* of a session that was parked */
	struct list in; /* of rejoin.c: those who ask about one account */
	/* the answer */
	struct attempt_result result;
	struct buf text, ticket;
	struct buf challenge; /* or the server's signature */
	char *master; /* who acts for the user; NULL: nobody */
	/* of SCRAM: what the seal is about */
	struct buf named, seal;
	/* of a token: its name in the cache, and what is said of it */
	struct buf token;
	bool of_token, xoauth2;
	/* of a password that was right before */
	struct secret *password; /* to be remembered, or asked about yet */
	struct secret *word; /* for another host: typed, or of a ticket */
	bool from_memory;
	unsigned memory_state; /* of the files, before it was checked */
	uid_t uid; /* whose it was */
	enum claims_verdict claims;
	struct proxied *proxied; /* NULL: not of another host */
	/* of ASK_SHARE: the visitor's groups, and the owners he may visit */
	struct buf groups, shared;
};

struct question *question_new(
    struct auth *auth, enum kind kind, struct server_peer *p, uint32_t id);
/* What a challenge's seal is about. */
struct exchange_facts
question_facts(const struct question *q, struct span server_first);
/* A password that was right before and is not now, or not whose it was: ask
 * about it as about others. */
void question_ask_again(struct question *q);
/* Give a session to service. Takes the descriptors of both; one that can be
 * parked gets a pass. It is answered in the end. */
void question_session(
    struct question *q, const char *service, struct session_start *s);
/* Find out what c asks for; in the end it is answered and gone. */
void question_attempt(struct question *q, const struct auth_check *c);
/* The same when it is known that the user's mail is not elsewhere. */
void question_attempt_here(struct question *q, const struct auth_check *c);
/* The account is good and its mail is here: give it its process. */
void question_here(struct question *q, const struct attempt_result *r);
/* A no, or trouble; a no is told late. */
void question_refuse(
    struct question *q, enum auth_verdict verdict, const char *text);
/* Let a parked session go on, if the account is still what its pass says; q
 * has the descriptors. In the end it is answered and gone. */
void question_rejoin(struct question *q, struct span pass, struct span state);
/* Of folders that are shared; q has the descriptors. In the end it is answered
 * and gone. */
void question_share(struct question *q, const struct share_ask *ask);
/* The account is good: make its ticket, with q's word or without. */
void question_ticket(struct question *q, struct span user, bool with_word);
/* The account of the owner is good and his mail is here: let q's user in. */
void question_visit(struct question *q, const struct attempt_result *r);
/* What a worker found out; arg is the question. */
void question_decided(void *arg, const struct attempt_result *r);
/* Who tries, for the order and the delays. */
struct penalty_of question_who(const struct question *q);
/* As it stands; the question is gone. */
void question_answer(void *question);

#endif
