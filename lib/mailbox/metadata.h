/* metadata.h - facteur.metadata: what clients note beside a folder
 *
 * Entries of RFC 5464, names and values. The file is replaced whole, so that it
 * is the old one or the new one after a crash. It lies in the folder: it goes
 * where that goes, and with it.
 */

#ifndef MAILBOX_METADATA_H
#define MAILBOX_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct maildir;
struct why;

#define METADATA_FILE "facteur.metadata"
/* Of the account as a whole, in its top folder. */
#define METADATA_SERVER "facteur.metadata-server"

enum { METADATA_NAME_MAX = 1000, METADATA_FILE_MAX = 16 << 20 };

struct metadata_entry {
	struct span name; /* as it was set; compared in any case */
	struct span value; /* p NULL: none, or (of a change) take it away */
};

struct metadata {
	struct metadata_entry *list; /* by name, in the arena */
	size_t count;
};

/* Pure: read the text of a file. What is damaged is left out: *whole is false
 * then. */
void metadata_parse(
    struct arena *a, struct span text, struct metadata *out, bool *whole);
/* Read file of the folder; none is one without entries. Damage is logged. -1
 * and why on trouble. */
int metadata_read(const struct maildir *m, const char *file, struct arena *a,
    struct metadata *out, struct why *why) __attribute__((warn_unused_result));
/* The entry of that name, or NULL. */
const struct metadata_entry *
metadata_find(const struct metadata *md, struct span name);

enum metadata_result {
	METADATA_DONE,
	METADATA_TOO_MANY, /* nothing was changed */
	METADATA_TROUBLE /* nor here; errno and why */
};

/* Change n entries, all or none, durably, so that not more than most are there
 * when one is new. Others who do so wait, for wait_ms or, when that is 0, as
 * long as for a folder's UIDs (UIDLIST_LOCK_MS); then it is trouble. */
struct metadata_change {
	const struct metadata_entry *list;
	size_t count, most;
	int64_t wait_ms;
};
enum metadata_result metadata_set(const struct maildir *m, const char *file,
    const struct metadata_change *c, struct why *why)
    __attribute__((warn_unused_result));
/* What is noted beside from stands beside to as well, which has nothing yet. */
int metadata_copy(const struct maildir *from, const struct maildir *to,
    struct why *why) __attribute__((warn_unused_result));

#endif
