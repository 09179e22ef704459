/* file.h - files by descriptor of their folder; whole writes, durable changes
 *
 * All return -1 with errno set on trouble unless said otherwise; all that
 * touch the disk obey os/fault.h. Descriptors are close-on-exec. A link at the
 * end of a name is never followed.
 */

#ifndef OS_FILE_H
#define OS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/span.h"

struct buf;

#define MUST_USE __attribute__((warn_unused_result))

/* openat() with O_CLOEXEC | O_NOFOLLOW | O_NOCTTY added. dir may be AT_FDCWD.
 */
int file_open(int dir, const char *name, int flags, mode_t mode) MUST_USE;
/* Open a folder for use as dir above; a link is followed when links is true. */
int file_open_dir(int dir, const char *name, bool links) MUST_USE;
/* close(), *fd set to -1; nothing when it is -1. -1 when close reports. */
int file_close(int *fd);
/* Write all n bytes, going on after short writes and EINTR. */
int file_write(int fd, struct span s) MUST_USE;
int file_write_at(int fd, struct span s, uint64_t offset) MUST_USE;
/* Read exactly n bytes at offset; 0 when all came, -1 with errno, or with
 * errno 0 when the file ended. */
int file_read_at(int fd, void *p, size_t n, uint64_t offset) MUST_USE;
/* Append what is left of fd to out; -1 with errno EFBIG above max bytes. */
int file_read_all(int fd, size_t max, struct buf *out) MUST_USE;
/* The same by name, a link is followed (configuration files). */
int file_read_path(const char *path, size_t max, struct buf *out) MUST_USE;
int file_sync(int fd) MUST_USE;
int file_sync_data(int fd) MUST_USE;
/* Let the disk begin with what a flush will ask for; whether it succeeds, that
 * tells. */
void file_sync_begin(int fd);
/* Shorten to n bytes what is longer. */
int file_cut(int fd, uint64_t n) MUST_USE;
int file_rename(
    int from_dir, const char *from, int to_dir, const char *to) MUST_USE;
/* A second name for a file; a link is not followed. */
int
file_link(int from_dir, const char *from, int to_dir, const char *to) MUST_USE;
int file_unlink(int dir, const char *name);
/* Write name anew: a temporary beside it, flushed, renamed over it, the folder
 * flushed. */
int file_replace(
    int dir, const char *name, struct span content, mode_t mode) MUST_USE;
/* Times of files there are stamped by this machine's clock: false for file
 * systems of the network and of shared disks, and for those that are not known.
 * Elsewhere a time that looks past may be the one that the next change gets. */
bool file_clock_is_ours(int fd);
bool file_clock_is_ours_at(const char *path);
/* The same by the type that statfs() tells. */
bool file_type_has_our_clock(uint64_t type);
/* mkdir -p below dir for a name of '/'-joined parts; existing ones are fine. */
int file_make_dirs(int dir, const char *name, mode_t mode) MUST_USE;

#endif
