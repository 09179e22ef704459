/* linger.h - the imapd of a webmail user, between two pages */

#ifndef LOGIN_LINGER_H
#define LOGIN_LINGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct lingerers;
struct loop;

/* A process that has served a page is kept for keep_ms. */
struct lingerers *linger_new(struct loop *loop, int64_t keep_ms);
/* An imapd serves a page of this ticket; takes fd, our end of its socket of
 * park_call.h. */
void
linger_add(struct lingerers *l, struct span ticket, struct span user, int fd);
/* Have a process of that ticket and user that is free serve another page at the
 * other end of fd, which stays the caller's. False: there is none. */
bool linger_join(struct lingerers *l, struct span ticket, struct span user,
    struct span client_addr, int fd);
/* There is one that is free, whoever is its user. */
bool linger_has(const struct lingerers *l, struct span ticket);
/* The ticket is good no more: they end, once their page is served. */
void linger_end(struct lingerers *l, struct span ticket);
void linger_end_all(struct lingerers *l);

#endif
