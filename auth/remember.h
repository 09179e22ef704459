/* remember.h - passwords that were right a while ago
 *
 * Off by default (auth_cache_time). What is kept is an HMAC under a key of this
 * process, for one service, user, and address; all of it is forgotten when
 * /etc/passwd, /etc/shadow or auth_user_database is another file than before.
 * That a password was changed elsewhere (a directory) is not seen: the old one
 * is good for auth_cache_time more.
 */

#ifndef AUTH_REMEMBER_H
#define AUTH_REMEMBER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/span.h"

struct auth_conf;
struct loop;
struct remembered;

struct remember_facts {
	struct span service, user, client_addr, password;
};

struct remembered *
remembered_new(const struct auth_conf *conf, struct loop *loop);
void remembered_free(struct remembered **r);

/* Was it right? Then whose account it was. */
bool remembered_find(
    struct remembered *r, const struct remember_facts *f, uid_t *uid);
/* Which state of the files is the one of now: taken before a password is
 * checked. */
unsigned remembered_state(struct remembered *r);
/* It was right in that state, and is forgotten if there is another by now;
 * takes the place of another password of the same. */
void remembered_put(struct remembered *r, const struct remember_facts *f,
    uid_t uid, unsigned state);

#endif
