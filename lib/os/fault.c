/* fault.c - the test hook that makes the nth call of a kind fail */

#include "os/fault.h"

#include <errno.h>

static struct {
	unsigned left;
	int error;
	bool sticky;
} armed[FAULT_KINDS]; /* written by tests only */

void
fault_arm(enum fault kind, unsigned n, int error, bool sticky)
{
	armed[kind].left = n;
	armed[kind].error = error;
	armed[kind].sticky = sticky;
}

bool
fault_now(enum fault kind)
{
	if (armed[kind].left == 0)
		return false;
	if (armed[kind].left > 1) {
		armed[kind].left--;
		return false;
	}
	if (!armed[kind].sticky)
		armed[kind].left = 0;
	errno = armed[kind].error;
	return true;
}
