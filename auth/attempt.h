/* attempt.h - what one attempt finds out, in its own process */

#ifndef AUTH_ATTEMPT_H
#define AUTH_ATTEMPT_H

#include <sys/types.h>

#include "auth/claims.h"
#include "auth/penalty.h"
#include "base/span.h"
#include "calls/auth_call.h"

struct arena;
struct auth_conf;
struct exchanges;

enum attempt_kind {
	ATTEMPT_PASSWORD,
	ATTEMPT_MASTER, /* a password of auth_master_user_database */
	ATTEMPT_ACCOUNT, /* the name is proved: may it log in? */
	ATTEMPT_CHALLENGE, /* of SCRAM: always good, or trouble */
	ATTEMPT_PROOF, /* of SCRAM */
	ATTEMPT_MASTER_PROOF, /* the same by auth_master_user_database */
	ATTEMPT_CERTIFICATE, /* good: user is its owner */
	ATTEMPT_TOKEN, /* of OAuth: good: user is its owner, until its end */
	ATTEMPT_OFFERS, /* good: some user has a verifier */
	ATTEMPT_GROUPS /* good: groups and uid of the system's account */
};

/* What is to be found out. Spans are copied. */
struct attempt {
	enum attempt_kind kind;
	struct span service; /* "imap", ... */
	struct span user; /* as the client wrote it */
	struct span authzid;
	struct span password; /* or the proof, or the client's nonce */
	struct auth_scram scram;
	struct auth_certificate certificate;
	struct span client_addr;
	enum penalty_rank rank;
	/* What auth_user_maps had of the user, asked for beforehand. */
	struct attempt_entry {
		enum auth_verdict got; /* AUTH_DENIED: nothing */
		struct span name, value; /* as the table spells it */
	} entry;
};

struct attempt_result {
	enum auth_verdict verdict;
	struct span user, home, mail, quota, text;
	struct span challenge; /* or the server's signature */
	struct span groups; /* of ATTEMPT_GROUPS: names, blanks between */
	enum claims_verdict claims; /* of ATTEMPT_TOKEN */
	int64_t until;
	uid_t uid;
	gid_t gid;
};

/* What all attempts stand on. */
struct attempt_ground {
	const struct auth_conf *conf;
	const struct exchanges *exchanges;
};

/* May block, for PAM and for tables. Strings of r live in a, or in t; t->user
 * may be set anew. */
void attempt_run(const struct attempt_ground *g, struct attempt *t,
    struct arena *a, struct attempt_result *r);

/* The spellings that a user may have in a table, names[0] as it was given; how
 * many. Strings live in a. */
enum { ATTEMPT_NAMES = 3 };
size_t attempt_names(const struct auth_conf *conf, struct span user,
    struct arena *a, struct span names[ATTEMPT_NAMES]);
/* Are these one user's, with and without our own domains? */
bool
attempt_same_name(const struct auth_conf *conf, struct span a, struct span b);

#endif
