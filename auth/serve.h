/* serve.h - the questions that smtpd and login ask */

#ifndef AUTH_SERVE_H
#define AUTH_SERVE_H

#include <stdbool.h>

struct auth;
struct auth_conf;

/* Open the stores, begin to answer on every listener. */
struct auth *serve_start(const struct auth_conf *conf);
/* Who comes anew waits for the next process; those who are here are answered.
 */
void serve_stop(struct auth *auth);
/* Nothing is under way, and all that is known is on disk. */
bool serve_idle(struct auth *auth);

#endif
