/* child.h - the process that delivers for one user, as that user */

#ifndef DELIVER_CHILD_H
#define DELIVER_CHILD_H

struct place;

/* In the process just forked: become the user of the place for good, then serve
 * what comes by its socket until that closes. Never returns. */
void child_main(struct place *p) __attribute__((noreturn));

#endif
