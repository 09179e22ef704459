/* listen.h - the sockets of a row */

#ifndef MASTER_LISTEN_H
#define MASTER_LISTEN_H

struct master_row;
struct row;
struct why;

/* Open the sockets that the row's type, privacy and callers ask for. Those that
 * old (may be NULL) already has are taken over: its listener's fd becomes -1.
 * -1 with why. */
int listen_open(struct row *r, const struct master_row *spec, struct row *old,
    struct why *why);

#endif
