/* import.h - taking over a folder from Courier or Dovecot
 *
 * UIDVALIDITY, UIDs, keywords and POP3 names are taken unchanged, so that no
 * client downloads anything again. The old files are only read.
 */

#ifndef MAILBOX_IMPORT_H
#define MAILBOX_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mailbox/uidlist.h"

struct arena;
struct table;

enum import_source { IMPORT_NONE, IMPORT_COURIER, IMPORT_DOVECOT };

enum { IMPORT_BYTES_MAX = 256 << 20 }; /* of one file */

struct import {
	enum import_source source; /* of the UIDs */
	struct uidlist_head head; /* guid may be empty */
	struct uid_entry *list; /* by rising uid */
	size_t count;
	struct keywords *names;
	struct table *by_base; /* struct uid_entry, also of messages without a
				* UID, whose POP3 name may be known */
	size_t lost; /* keywords for which there was no room */
	size_t skipped; /* lines that could not be read */
};

/* Read what the folder dir has: the UIDs of the newer of dovecot-uidlist and
 * courierimapuiddb, keywords of the same program, POP3 names of either (those
 * of courierpop3dsizelist too). files are the names that the folder's messages
 * have now, for Dovecot's keyword letters. Entries are of a; import_done()
 * frees the rest. */
/* Whether import_read() has any use for them. */
bool import_wants_files(int dir);
void import_read(int dir, const struct span *files, size_t file_count,
    struct arena *a, struct import *out);
void import_done(struct import *im);

#endif
