/* sandbox.h - what each kind of process may still ask of the kernel */

#ifndef OS_SANDBOX_H
#define OS_SANDBOX_H

#include <stdbool.h>

/* One row each in sandbox.c's table. */
enum sandbox_profile {
	SANDBOX_NONE, /* master, deliver, auth: limits only */
	SANDBOX_FRONT, /* smtpd, login: accept, sockets within the jail */
	SANDBOX_CLIENT, /* smtp: connects to the network, opens no file */
	SANDBOX_SPOOL, /* qmgr, pickup, bounce: files of the spool */
	SANDBOX_LOOKUP, /* lookup: reads maps */
	SANDBOX_RESOLVER, /* UDP and TCP sockets, no file */
	SANDBOX_KEYS, /* no file, no network */
	SANDBOX_CONNECTOR, /* connects, passes descriptors */
	SANDBOX_MAILBOX, /* imapd, pop3d: files of the user, no socket */
	SANDBOX_PARSE, /* a child that only computes: as SANDBOX_KEYS */
	SANDBOX_WEBMAIL, /* webmail.cgi: open sockets, modules of charsets */
	SANDBOX_DBMAP, /* a child of dbmap: dials, reads files */
	SANDBOX_SCRIPTS /* managesieve: as SANDBOX_MAILBOX, and links */
};

/* Enter for good: no_new_privs, Landlock as far as the kernel knows it, and
 * seccomp. strict: a missing Landlock is an error; else it is told in the log,
 * but by PARSE and WEBMAIL, which live for one page each. -1 with errno.
 */
int sandbox_enter(enum sandbox_profile profile, bool strict)
    __attribute__((warn_unused_result));

/* The same in two steps, for a parent whose children enter it: what takes long
 * is done by the first, once, and lives as long as the process. A missing
 * Landlock is told in the log. */
struct sandbox;
struct sandbox *sandbox_prepare(enum sandbox_profile profile);
int sandbox_enter_prepared(const struct sandbox *s)
    __attribute__((warn_unused_result));

#endif
