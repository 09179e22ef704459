/* mailbox_folder.h - one folder taken over, or given back */

#ifndef TOOLS_FACTEUR_MAILBOX_FOLDER_H
#define TOOLS_FACTEUR_MAILBOX_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct maildir;
struct tree;
struct why;

/* What there is in a folder, and what becomes of it. */
struct folder_report {
	const char *source; /* "Courier", "Dovecot", "none", "done before" */
	unsigned long validity;
	size_t messages, kept, fresh; /* with their UIDs; with new ones */
	size_t pop3, keywords; /* messages that have such */
	size_t lost; /* uses of keywords for which there was no room */
	size_t skipped; /* lines that could not be read */
	size_t unknown; /* files that are no messages */
};

enum folder_wish {
	FOLDER_LOOK, /* write nothing */
	FOLDER_TAKE,
	FOLDER_TAKE_AGAIN /* what we knew is forgotten first */
};

/* Take *m over, which is closed in any case. False and why. */
bool folder_import(struct maildir **m, struct tree *tree, enum folder_wish wish,
    struct folder_report *out, struct why *why);
struct folder_given {
	size_t messages;
	size_t left; /* keywords that had no room */
};

/* Write what Dovecot, or Courier, wants to find. *m is closed in any case. */
bool folder_export(struct maildir **m, struct tree *tree, bool dovecot,
    struct folder_given *out, struct why *why);

#endif
