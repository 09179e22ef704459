/* rights.h - what who is served may do with a folder (RFC 4314, 4)
 *
 * Commands open folders through rights_folder() alone, with the rights that
 * they need, so none can forget to ask (tests/lint/rights.sh). The owner's own
 * session asks too: he may have restricted himself.
 */

#ifndef IMAPD_RIGHTS_H
#define IMAPD_RIGHTS_H

#include <stdbool.h>

#include "base/span.h"
#include "mailbox/acl.h"
#include "mailbox/tree.h"

struct acl_place;
struct arena;
struct maildir;
struct session;
struct why;

struct rights {
	unsigned need; /* all of these */
	unsigned any; /* and one of these; 0: that is not asked */
	unsigned has; /* answered, also when they do not do */
	enum tree_result got;
	bool listed; /* answered: the folder has a list */
};

/* What a change of messages or READ-WRITE goes by (RFC 4314, 5.2). */
enum {
	RIGHTS_FLAGS = ACL_SEEN | ACL_WRITE | ACL_DELETED,
	RIGHTS_CHANGE = RIGHTS_FLAGS | ACL_INSERT | ACL_EXPUNGE
};

/* Open a folder that is there and may be used so; the caller closes it. NULL:
 * r->got and why. Who may not even look it up is told that there is none. */
struct maildir *rights_folder(
    struct session *s, struct span name, struct rights *r, struct why *why);
/* The rights alone; a folder that is not there gives none. */
unsigned rights_of(struct session *s, struct span name);
/* The list of a folder, in a; a folder that is gone has none. -1: why. */
int rights_list(struct session *s, struct span name, struct arena *a,
    struct acl *out, struct why *why) __attribute__((warn_unused_result));
/* CREATE, and RENAME's target: may something be made of that name? The nearest
 * folder above that is there decides. Else what to answer, and why. */
enum tree_result
rights_below(struct session *s, struct span name, struct why *why);
/* The folder at name was just made: it has the list of the one above. -1: why.
 */
int rights_inherit(struct session *s, struct span name, struct why *why)
    __attribute__((warn_unused_result));
/* A folder, and those below, are about to get another name: lists that go by
 * the name are written beside the messages. -1: why. */
int rights_settle(struct session *s, struct span name, struct why *why)
    __attribute__((warn_unused_result));

/* Those flags of a file's name, FLAG_, that these rights can change. */
unsigned rights_flags(unsigned rights);

/* Where the list of a folder is; name is a buf for it, which the caller frees.
 */
void rights_place(struct session *s, struct span folder,
    const struct maildir *m, struct acl_place *out, struct buf *name);
void rights_forget(struct session *s);

#endif
