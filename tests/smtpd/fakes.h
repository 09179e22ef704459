/* fakes.h - the services of the tests' world */

#ifndef TESTS_SMTPD_FAKES_H
#define TESTS_SMTPD_FAKES_H

#include <stdbool.h>

#include "ipc/server.h"

struct world;

enum {
	FAKE_QMGR,
	FAKE_LOOKUP,
	FAKE_AUTH,
	FAKE_RESOLVER,
	FAKE_CONNECTOR,
	FAKES
};

extern const struct server_calls fakes[FAKES];

/* They behave as w says. */
void fakes_begin(struct world *w);
void fakes_end(void);
/* A commit is held back (qmgr_slow); let it go. */
bool fakes_hold(void);
void fakes_release(void);

#endif
