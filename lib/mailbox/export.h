/* export.h - a folder as Courier and Dovecot want to find it
 *
 * The texts of their files, made from what we know, so that a mailbox can go
 * back to them with every UID as the clients have it. Nothing is written here.
 */

#ifndef MAILBOX_EXPORT_H
#define MAILBOX_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "mailbox/keywords.h"

struct buf;

enum { EXPORT_LETTERS = 26 }; /* keywords that names of files can hold */

struct export_message {
	uint32_t uid;
	struct span base; /* of the file's name */
	struct span uidl; /* its POP3 name where it was taken over, or empty */
	struct kwset kw;
};

struct export_folder {
	uint32_t validity, next;
	const char *guid; /* 32 hex digits */
	const struct export_message *list; /* by rising uid */
	size_t count;
	const struct keywords *names;
};

/* Append dovecot-uidlist, version 3. POP3 names with a blank in them, which it
 * cannot hold, are left out. */
void export_dovecot_uids(const struct export_folder *f, struct buf *out);
/* Append dovecot-keywords: the first EXPORT_LETTERS that a message has.
 * letter_of, of KEYWORDS_MAX, gets the letter of each keyword, 0 for those
 * without. Returns how many keywords found no letter. */
size_t export_dovecot_keywords(
    const struct export_folder *f, char *letter_of, struct buf *out);
/* Append the file's name with the letters of kw in place of those it has, the
 * flags as they are. */
void export_letters(struct span name, const struct kwset *kw,
    const char *letter_of, struct buf *out);
/* Append courierimapuiddb. */
void export_courier_uids(const struct export_folder *f, struct buf *out);
/* Append courierimapkeywords/:list. */
void export_courier_keywords(const struct export_folder *f, struct buf *out);

#endif
