/* structure.h - names, places and modes in the folders of the queue
 *
 * What postsuper -s repairs, and qmgr by itself at each start: queue files in
 * subfolders, as a hashed queue or a careless copy leaves them, go where they
 * belong, and modes become those of queue files. Nothing else is touched.
 */

#ifndef QUEUE_STRUCTURE_H
#define QUEUE_STRUCTURE_H

#include <stdbool.h>

/* What was found and done, as one line for a person: "deferred/A/B: ...";
 * trouble: it is still so. */
typedef void structure_fn(void *arg, bool trouble, const char *text);

struct structure {
	structure_fn *say;
	void *arg;
	unsigned moved; /* files that went where they belong */
	unsigned modes; /* and those whose mode was set right */
};

/* Can this be a subfolder of a hashed queue? */
bool structure_is_hash(const char *name);
/* Move whole queue files of subfolders of folder up to it, and remove those
 * that are empty then. A name that is taken there, and a file of another kind,
 * as Postfix's are, stays where it is. -1 with errno when the folder cannot be
 * read. */
int structure_flatten(struct structure *s, int folder, const char *name);
/* One file of the folder: give it the mode of a queue file, if it is ours and
 * has another. False: it is no plain file of ours. */
bool structure_mode(
    struct structure *s, int folder, const char *name, const char *id);

#endif
