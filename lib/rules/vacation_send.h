/* vacation_send.h - one answer on its way: remembered, then given to sendmail
 */

#ifndef RULES_VACATION_SEND_H
#define RULES_VACATION_SEND_H

#include "rules/vacation_store.h"

struct arena;
struct program_limits;

struct vacation_send {
	const char *caller; /* for what the command says */
	const char *sendmail; /* its path */
	char *const *env;
	const struct program_limits *limits; /* may be NULL */
	int error_fd; /* -1: nowhere */
	struct span to, message;
	/* Beside the sender, what the answer is about: another one is sent in
	 * the same period. May be empty. */
	struct span matter;
	const char *store; /* as vacation_note has dir and name */
	int64_t now, period;
	int status; /* filled: of the command, when it did not take it */
};

enum vacation_sent {
	VACATION_SENT,
	VACATION_SENT_BEFORE, /* nothing was done */
	VACATION_NOT_SENT, /* status; it is as if never tried */
	VACATION_NO_STORE /* errno as vacation_note */
};

/* SIGPIPE must be ignored in this process. Waits for the command, a minute at
 * most. */
enum vacation_sent vacation_send(struct arena *a, struct vacation_send *v);

#endif
