/* tree.h - all folders of a user: find, list, make, remove, rename */

#ifndef MAILBOX_TREE_H
#define MAILBOX_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/span.h"
#include "mailbox/folder.h"

struct arena;
struct maildir;
struct tree;
struct why;

enum tree_result {
	TREE_DONE,
	TREE_MISSING, /* no such folder */
	TREE_EXISTS, /* there is one of that name already */
	TREE_REFUSED, /* the name, or what is asked, cannot be */
	TREE_FORBIDDEN, /* the file system says that we may not */
	TREE_TROUBLE /* disk, descriptors: try again later */
};

enum { TREE_FOLDERS_MAX = 65536 };

/* Open the Maildir called path below at; it is made when it is missing. NULL:
 * why says why. conf's strings must outlive the tree. */
struct tree *tree_open(
    int at, const char *path, const struct folder_conf *conf, struct why *why);
void tree_close(struct tree **t);
/* Files and folders that are made from now on have these bits of mode too
 * (maildir_allow()). */
void tree_allow(struct tree *t, mode_t more);
/* Folders that are opened from now on have their indexes below root
 * (index_place.h), the parameter index_directory; nothing where it is empty or
 * NULL. The tree outlives what opens them. */
void tree_keep_indexes(struct tree *t, const char *root);
const struct folder_conf *tree_conf(const struct tree *t);
/* INBOX, the tree's own. */
struct maildir *tree_inbox(struct tree *t);

/* Open a folder that is there, INBOX too; the caller closes it. On failure
 * NULL, and *got and why say what. */
struct maildir *tree_folder(
    struct tree *t, struct span name, enum tree_result *got, struct why *why);
/* These are durable when they return TREE_DONE. Else why has a text for the
 * client. Parents of a folder need not exist, and stay when it goes. */
enum tree_result tree_make(struct tree *t, struct span name, struct why *why);
/* Not INBOX. Its messages go with it. A folder that has it open keeps working
 * on nothing. */
enum tree_result tree_remove(struct tree *t, struct span name, struct why *why);
/* With all below it; all or none. Not INBOX. */
enum tree_result
tree_rename(struct tree *t, struct span from, struct span to, struct why *why);

struct tree_entry {
	struct span name;
	bool exists; /* false: only folders below it do */
	bool has_children;
	uint64_t inode; /* of its directory, which a rename keeps; 0: INBOX, or
			 * it does not exist */
};
/* All folders and the parents that are not there, sorted by name, INBOX first;
 * in the arena. NULL on trouble. */
struct tree_entry *
tree_list(struct tree *t, struct arena *a, size_t *count, struct why *why);

/* A UIDVALIDITY that this tree never gave before, remembered durably; 0 on
 * trouble. */
uint32_t tree_uidvalidity(struct tree *t, struct why *why);
/* A folder was taken over with this one: later ones are greater. */
int tree_saw_uidvalidity(struct tree *t, uint32_t value, struct why *why)
    __attribute__((warn_unused_result));

#endif
