/* child.h - the process that delivers for one user, as that user */

#ifndef DELIVER_CHILD_H
#define DELIVER_CHILD_H

struct account;
struct deliver_conf;

/* In the process just forked: become the user for good, then serve what comes
 * by the socket until it closes. Never returns. */
void child_main(int socket, const struct account *user,
    const struct deliver_conf *conf) __attribute__((noreturn));

#endif
