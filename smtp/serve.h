/* serve.h - what qmgr asks for, delivered */

#ifndef SMTP_SERVE_H
#define SMTP_SERVE_H

struct smtp;
struct smtp_env;

/* env stays the caller's. */
struct smtp *smtp_new(const struct smtp_env *env);
/* Answer who connects to the listening packet socket fd. */
void smtp_serve(struct smtp *s, int fd, const char *label);
/* Accept nobody any more; idle is called, once, when nothing is under way. */
void smtp_drain(struct smtp *s, void (*idle)(void));
void smtp_free(struct smtp **s);

#endif
