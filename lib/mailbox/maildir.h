/* maildir.h - one Maildir folder, held by descriptors */

#ifndef MAILBOX_MAILDIR_H
#define MAILBOX_MAILDIR_H

#include <stdbool.h>
#include <sys/types.h>

#include "os/file.h"

struct buf;
struct index_place;
struct maildir;
struct stat;
struct timespec;
struct why;

enum maildir_part { MAILDIR_NEW, MAILDIR_CUR, MAILDIR_TMP, MAILDIR_PARTS };

enum {
	MAILDIR_MAKE = 1, /* make what is missing, durably */
	MAILDIR_SUBFOLDER = 2, /* a folder made gets the file maildirfolder */
	MAILDIR_WHOLE = 4 /* make nothing: a part that is missing is ENOENT */
};

/* Open the folder called path below the descriptor at (or AT_FDCWD). A link at
 * the end of path, or in place of new, cur and tmp, is followed only when what
 * it leads to belongs to the user or to root; the last step is never taken by a
 * name that was checked before. A directory without cur is no Maildir, one that
 * has it gets the new and tmp it lacks. NULL: why says what is wrong (all of it
 * is DEFER; errno is kept: ENOENT for a path or a cur that is not there). */
struct maildir *
maildir_open(int at, const char *path, unsigned flags, struct why *why);
void maildir_close(struct maildir **m);
/* For who keeps it open: does its path, from the same at, still lead to the
 * folder that was opened, and its new? */
bool maildir_is_still(struct maildir *m, int at);
/* The folder itself as it was when it was opened, or asked for by the last
 * maildir_is_still() that said yes. */
const struct stat *maildir_seen(const struct maildir *m);

/* Any change of the folder itself since then gets other stamps than it had, the
 * file system's clock being past those already; clock is CLOCK_REALTIME_COARSE
 * from before it was opened. False where nobody can say. */
bool maildir_is_settled(const struct maildir *m, const struct timespec *clock);

/* The same folder once more. NULL: why. */
struct maildir *maildir_again(const struct maildir *m, struct why *why);

/* Its index lies elsewhere, by that name; p outlives it. A folder that a group
 * shares, or that belongs to another one, keeps its index all the same: whoever
 * opens it must find the same. */
void
maildir_keep_index(struct maildir *m, struct index_place *p, const char *name);
/* What its index lies in: maildir_dir(), or another folder, or -1 when that
 * cannot be had. The maildir's own. */
int maildir_index(struct maildir *m);

/* Descriptors of the folder itself and its parts; the maildir's own. */
int maildir_dir(const struct maildir *m);
int maildir_fd(const struct maildir *m, enum maildir_part part);
/* The path it was opened by, for messages. */
const char *maildir_path(const struct maildir *m);
/* More bits of mode for new files and directories (of 077), for the group and
 * others. */
void maildir_allow(struct maildir *m, mode_t more);
/* Give the folder and its parts the mode of new directories. */
int maildir_set_modes(const struct maildir *m) MUST_USE;
/* Modes of new files and directories: 0660 and 02770 in a directory that is
 * set-gid, else 0600 and 0700, and what maildir_allow() adds. Messages and
 * directories get them by fchmod, whatever the umask. */
mode_t maildir_file_mode(const struct maildir *m);
mode_t maildir_dir_mode(const struct maildir *m);

/* Append the front of a fresh unique name, "SECONDS.MmicrosecondsPpid", and
 * advance. Names of one maildir are given in order of time even when the clock
 * stands still or steps back a little. */
void maildir_name_begin(struct maildir *m, struct buf *out);
/* Append its end, "_n.host", n being a counter. */
void maildir_name_end(struct maildir *m, struct buf *out);

/* Open the directory called name below at: a link only if the target is the
 * user's or root's. -1 with errno (EACCES for a stranger's target). */
int maildir_open_dir(int at, const char *name) MUST_USE;
/* Remove files of tmp/ that were not touched for 36 hours. */
void maildir_sweep_tmp(struct maildir *m);

#endif
