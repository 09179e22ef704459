/* fault.h - the test hook that makes the nth call of a kind fail
 *
 * Nothing is armed unless a test does so. Our file calls (os/file.h and the
 * pool) ask fault_now() before they act and fail with the errno it sets.
 */

#ifndef OS_FAULT_H
#define OS_FAULT_H

#include <stdbool.h>

enum fault { FAULT_WRITE, FAULT_SYNC, FAULT_LINK, FAULT_OPEN, FAULT_KINDS };

/* The nth call from now on (1 is the next) of this kind fails with error;
 * n == 0 disarms. With sticky, all later ones fail too. */
void fault_arm(enum fault kind, unsigned n, int error, bool sticky);
/* True, with errno set, when this call must fail. */
bool fault_now(enum fault kind);

#endif
