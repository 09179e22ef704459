/* proxy.h - users whose mail is on another host
 *
 * lookup is asked for the user's host, connector to reach it; login gets the
 * connection and does the rest.
 */

#ifndef AUTH_PROXY_H
#define AUTH_PROXY_H

#include <stdbool.h>

struct attempt_result;
struct auth_check;
struct packet_out;
struct proxied;
struct question;

/* The account is good. True: imap_proxy_maps (or its kin) is asked about
 * it, and the question will go on with question_here() (question_visit()) or be
 * answered. */
bool proxy_begin(struct question *q, const struct attempt_result *r);
/* The same before c has been looked at, with login_proxy_password = pass; goes
 * on with question_attempt_here(). */
bool proxy_begin_unchecked(struct question *q, const struct auth_check *c);
/* What is found out so far; clears *p. */
void proxied_free(struct proxied **p);
/* The answer for login. */
void proxied_put(const struct question *q, struct packet_out *o);

#endif
