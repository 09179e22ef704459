/* pam.h - asking PAM; the only file of the suite that does */

#ifndef AUTH_PAM_H
#define AUTH_PAM_H

#include "base/span.h"
#include "calls/auth_call.h"

struct buf;

/* Authenticate (when password.p is not NULL) and check the account, in a
 * process of its own that ends afterwards: modules keep state and may hang.
 * service: a file of /etc/pam.d; when it is missing, "facteur" is asked.
 * user is replaced by what PAM calls the user. text: reason for the log. */
enum auth_verdict pam_ask(const char *service, struct buf *user,
    struct span password, const char *client_addr, struct buf *text);

/* Load the modules that the service's file names, and keep them: processes that
 * are forked later find them there. None is asked anything. */
void pam_warm(const char *service);

#endif
