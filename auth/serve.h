/* serve.h - the questions that smtpd and login ask */

#ifndef AUTH_SERVE_H
#define AUTH_SERVE_H

struct auth;
struct auth_conf;

/* Open the stores, begin to answer on every listener. */
struct auth *serve_start(const struct auth_conf *conf);
/* Answer what is under way, then end the process. */
void serve_drain(struct auth *auth);

#endif
