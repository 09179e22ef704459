/* serve.h - answering requests for signatures */

#ifndef KEYS_SERVE_H
#define KEYS_SERVE_H

struct loop;
struct store;

/* On the listening socket fd, whose callers are label ("smtpd"). */
void serve(struct loop *loop, int fd, const char *label, struct store *store);

#endif
