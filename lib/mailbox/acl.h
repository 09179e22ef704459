/* acl.h - who may do what with a folder (RFC 4314)
 *
 * A list of identifiers and their rights, as it stands in a file: our own,
 * Courier's courierimapacl or Dovecot's dovecot-acl. No files are opened here;
 * acl_file.h does.
 *
 * The owner always may look a folder up and change its list, and may do
 * everything while the list says nothing of him.
 */

#ifndef MAILBOX_ACL_H
#define MAILBOX_ACL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;
struct buf;

enum acl_right {
	ACL_LOOKUP = 1, /* l */
	ACL_READ = 2, /* r */
	ACL_SEEN = 4, /* s */
	ACL_WRITE = 8, /* w */
	ACL_INSERT = 16, /* i */
	ACL_POST = 32, /* p: kept and told, nothing here asks for it */
	ACL_CREATE = 64, /* k */
	ACL_DELETE = 128, /* x */
	ACL_DELETED = 256, /* t */
	ACL_EXPUNGE = 512, /* e */
	ACL_ADMIN = 1024, /* a */
	ACL_ALL = 2047,
	/* what the owner never loses */
	ACL_OWNERS = ACL_LOOKUP | ACL_ADMIN
};

enum { ACL_ENTRIES_MAX = 500, ACL_ID_MAX = 255, ACL_TEXT_MAX = 256 << 10 };

/* "owner", "anyone", "authenticated", "administrators", "user=NAME",
 * "group=NAME", "group-override=NAME". */
struct acl_entry {
	struct span id; /* without the dash */
	bool minus; /* these rights are taken away */
	unsigned rights;
};

struct acl {
	struct acl_entry *list; /* in the arena */
	size_t count;
	/* Dovecot's way: who is named more closely has only what stands there.
	 * Else all that fits is added up, and what is taken away goes from
	 * that. */
	bool ranked;
	bool found; /* of acl_file.h: some file says it */
};

/* Whose rights are asked for. */
struct acl_who {
	struct span user;
	bool owner;
	const struct span *groups;
	size_t group_count;
};

enum acl_form { ACL_FORM_OWN, ACL_FORM_COURIER, ACL_FORM_DOVECOT };

/* Rights as clients and our file write them; 'c' and 'd' stand for what RFC
 * 4314, 2.1.1 says. False: one is not known. */
bool acl_rights_parse(struct span s, unsigned *out);
/* Append them; with the virtual ones as RFC 4314 wants them told. */
void acl_rights_put(struct buf *out, unsigned rights, bool virtual_too);

/* An identifier as a client gives it, "bob", "-bob", "anyone", "$staff", as it
 * stands in a list; in the arena. False: ill-formed or too long. */
bool
acl_id_take(struct arena *a, struct span wire, struct span *id, bool *minus);
/* Append it as clients know it. */
void acl_id_put(struct buf *out, const struct acl_entry *e);

/* Read a file's text. False: a line was not understood; what is in *out then
 * gives rights to the owner alone. Spans live in the arena. */
bool acl_parse(
    struct arena *a, struct span text, enum acl_form form, struct acl *out);
/* Append the text of our own file. */
void acl_put(struct buf *out, const struct acl *acl);

/* Append the text of courierimapacl, or dovecot-acl. Where one of them cannot
 * say the same it says less: nobody gets a right that the list does not give.
 * False: all that is said is the owner's. */
bool acl_put_courier(struct buf *out, const struct acl *acl);
bool acl_put_dovecot(struct buf *out, const struct acl *acl);

/* The entry of that identifier, or NULL. */
const struct acl_entry *
acl_find(const struct acl *acl, struct span id, bool minus);
unsigned acl_rights(const struct acl *acl, const struct acl_who *who);

enum acl_op { ACL_SET, ACL_ADD, ACL_REMOVE, ACL_FORGET };
/* Change one entry: a copy in the arena. False: there would be too many. */
bool acl_change(struct arena *a, const struct acl *old, enum acl_op op,
    const struct acl_entry *e, struct acl *out);

#endif
