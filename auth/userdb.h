/* userdb.h - users with a password of their own, in Courier's userdb form
 *
 * A table (auth_user_database, built by postmap or facteur user) from a user's
 * name to fields joined by '|': systempw=HASH (crypt(3)), uid=, gid=, home=,
 * mail= (Maildir), quota=, imappw=, pop3pw=, esmtppw= for one service only,
 * scrampw=VERIFIER (sasl/scram.h). A field may be missing; uid and home then
 * come from the system's account of that name.
 */

#ifndef AUTH_USERDB_H
#define AUTH_USERDB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "calls/auth_call.h"

struct arena;

struct userdb_entry {
	bool has_uid, has_gid;
	uint32_t uid, gid;
	struct span home, mail, quota; /* empty when they are not given */
	struct span password; /* the hash for the service asked for */
	struct span verifier; /* of SCRAM */
};

/* A value that is a hash of crypt(3) or a verifier and nothing else is taken
 * for systempw= or scrampw=, which a column of a database is; a verifier may
 * stand in systempw= too.
 *
 * Pure: false when a field is ill-formed. service: "imap", "pop3", "smtp",
 * "webmail". Spans point into value. */
bool
userdb_parse(struct span value, struct span service, struct userdb_entry *out);
/* What is asked. password.p NULL: only look up. */
struct userdb_question {
	const char *table; /* "hash:/etc/facteur/userdb" */
	struct span user, service, password;
};

/* Look the user up and compare; as much work for one who is not there.
 * AUTH_DENIED also for an unknown one. out's spans live in a. */
enum auth_verdict userdb_ask(
    const struct userdb_question *q, struct arena *a, struct userdb_entry *out);

/* The same with the value that another has found; true: there was one. */
enum auth_verdict userdb_judge(const struct userdb_question *q, bool found,
    struct span value, struct userdb_entry *out);

/* Has any user a verifier? False too when the table cannot tell. */
bool userdb_has_verifier(const char *table);

#endif
