/* serve.h - what qmgr asks for, delivered */

#ifndef SMTP_SERVE_H
#define SMTP_SERVE_H

#include <stdbool.h>

struct smtp;
struct smtp_env;

/* Both stay the caller's; lmtp is for the transport of that name. */
struct smtp *smtp_new(const struct smtp_env *env, const struct smtp_env *lmtp);
/* Answer who connects to the listening packet socket fd. */
void smtp_serve(struct smtp *s, int fd, const char *label);
/* Accept nobody any more. */
void smtp_drain(struct smtp *s);
/* Is nothing under way? */
bool smtp_idle(const struct smtp *s);
void smtp_free(struct smtp **s);

#endif
