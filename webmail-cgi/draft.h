/* draft.h - a message being written: the form, and what comes back from it */

#ifndef WEBMAIL_CGI_DRAFT_H
#define WEBMAIL_CGI_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct letter;
struct mime_part;
struct webmail;

enum draft_how {
	DRAFT_NEW,
	DRAFT_REPLY,
	DRAFT_ALL, /* a reply to all */
	DRAFT_FORWARD, /* text and parts of another message */
	DRAFT_WHOLE, /* another message as a part */
	DRAFT_EDIT /* a message of the drafts folder goes on */
};

/* Spans live in the page's arena. */
struct draft {
	enum draft_how how;
	/* the message it was made from; uid 0: none */
	struct span folder;
	uint64_t uid;
	struct span to, cc, bcc, subject, references, in_reply_to, text;
	bool again; /* the form came back, and goes out once more */
};

/* What the request's form holds. */
void draft_read(struct webmail *w, struct draft *out);
/* Does the draft carry parts of the message it was made from? */
bool draft_has_parts(const struct draft *d);
/* Is part number n of that message to go along? In a form that goes out for
 * the first time, all are. */
bool draft_keeps(const struct webmail *w, const struct draft *d, uint64_t n);
/* The page with the form; trouble (may be NULL) is told above it. l is the
 * message it was made from, or NULL. */
void draft_show(struct webmail *w, const struct draft *d,
    const struct letter *l, const char *trouble);

/* The user's own address. */
struct span draft_sender(struct webmail *w);

#endif
