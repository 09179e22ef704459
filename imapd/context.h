/* context.h - results of searches that are kept up to date (RFC 5267) */

#ifndef IMAPD_CONTEXT_H
#define IMAPD_CONTEXT_H

#include <stdbool.h>

#include "base/span.h"

struct imap_fetch;
struct imap_search;
struct numbers;
struct session;
struct sort_program;

/* A search of the command under way that wants its result updated. */
struct context_new {
	const struct imap_search *keys; /* as they were parsed */
	const struct sort_program *order; /* NULL: that of the mailbox */
	const struct imap_fetch *fetch; /* of new results, or NULL */
	const struct numbers *found; /* the result, places */
	bool by_uid; /* also where the command does not say so */
	bool refused; /* set by context_add(): there are too many */
};

/* A context has the tag of the command under way already. */
bool context_known(const struct session *s);
/* Keep it; all is copied. Then, behind the result, say when it was refused. */
void context_add(struct session *s, struct context_new *update);
void context_answer(struct session *s, const struct context_new *update);
/* No updates any more for the command of that tag; false: there are none. */
bool context_cancel(struct session *s, struct span tag);
/* None at all: the folder is left. */
void context_forget(struct session *s);

/* Before expunges are told: what is gone leaves the results. */
void context_tell_gone(struct session *s);
/* Behind all else: what has come into them and what left them. */
void context_tell_changes(struct session *s);

#endif
