/* admit.h - one session at a time, and not too often (RFC 1939, 4; RFC 2449) */

#ifndef POP3D_ADMIT_H
#define POP3D_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

enum admit {
	ADMIT_YES,
	ADMIT_IN_USE, /* another POP3 session has the maildrop */
	ADMIT_EARLY /* the last login was less than delay seconds ago */
};

/* The mail's folder; lock: keep other sessions out while *fd is open. *fd is
 * the caller's, or -1: nothing was asked for, or the file cannot be had, which
 * is logged and keeps nobody out. */
enum admit admit(int dir, bool lock, int64_t delay, int *fd);

#endif
