/* acl_file.h - facteur.acl: a folder's list, on disk
 *
 * The file is replaced whole, so that it is the old one or the new one after a
 * crash. While a folder has none, what Courier or Dovecot left there counts.
 */

#ifndef MAILBOX_ACL_FILE_H
#define MAILBOX_ACL_FILE_H

#include <stdbool.h>

#include "base/span.h"
#include "mailbox/acl.h"

struct buf;
struct maildir;
struct why;

#define ACL_FILE         "facteur.acl"
#define ACL_COURIER_FILE "courierimapacl"
#define ACL_DOVECOT_FILE "dovecot-acl"
/* Courier's, in the top folder: lists by the names of folders, "Entw&APw-rfe",
 * which count for those below that have none of their own. */
#define ACL_COURIER_NAMES "courierimaphieracl"

/* What is known of the folder beside its own directory. */
struct acl_place {
	const struct maildir *m;
	/* The directory of ACL_COURIER_NAMES, or -1, and the folder's name
	 * there; empty for INBOX. */
	int names;
	struct span name;
};

/* Read the list that counts. Where none is found *out is empty, and the folder
 * its owner's. What is not understood is logged, and gives rights to the
 * owner alone. -1 and why on trouble. */
int acl_file_read(const struct acl_place *p, struct arena *a, struct acl *out,
    struct why *why) __attribute__((warn_unused_result));

/* Append our own file as Courier's (or Dovecot's). 1 when there is one, 0 when
 * there is none: theirs, if any, are what they were. -1: why. */
int acl_file_export(const struct maildir *m, bool dovecot, struct buf *out,
    struct why *why) __attribute__((warn_unused_result));

enum acl_file_result {
	ACL_FILE_DONE,
	ACL_FILE_TOO_MANY, /* nothing was changed */
	ACL_FILE_TROUBLE /* nor here; errno and why */
};

/* Change an entry, durably; others who do so wait. */
enum acl_file_result acl_file_change(const struct acl_place *p, enum acl_op op,
    const struct acl_entry *e, struct why *why)
    __attribute__((warn_unused_result));
/* Write the whole list, durably: of a folder that is new, or has got another
 * name. */
int acl_file_write(const struct maildir *m, const struct acl *acl,
    struct why *why) __attribute__((warn_unused_result));

#endif
