/*
 * seen.c - the cache of -D: which messages were seen before
 *
 * The file is procmail's: keys with a NUL behind each, and one NUL more where
 * the next key goes. When it is full the next one goes to the front, over the
 * oldest.
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "os/file.h"
#include "tools/formail/formail.h"

enum { CACHE_MAX = 1 << 24 };

/* Is key in the cache, one of those that begin before its end? *at: where it is
 * to go if not; to the front where no gap is left. */
static bool
look(struct span cache, struct span key, size_t end, size_t *at)
{
	struct span rest = cache, one;
	bool gap = false;

	*at = 0;
	while (rest.n > 0 && (size_t)(rest.p - cache.p) < end &&
	    span_cut(&rest, '\0', &one)) {
		if (span_eq(one, key))
			return true;
		if (one.n == 0 && !gap) {
			gap = true;
			*at = (size_t)(one.p - cache.p);
		}
	}
	return false;
}

static int
note(int fd, struct span key, size_t at)
{
	struct buf add = BUF_EMPTY;
	int got;

	buf_add_span(&add, key);
	buf_add(&add, "\0", 2);
	got = file_write_at(fd, buf_span(&add), at);
	buf_free(&add);
	return got;
}

static int
look_and_note(const struct formail *f, int fd, struct span key)
{
	struct flock lock = { .l_type = F_WRLCK };
	struct buf cache = BUF_EMPTY;
	size_t at;
	int got = -1;

	while (fcntl(fd, F_SETLKW, &lock) == -1)
		if (errno != EINTR)
			break;
	if (file_read_all(fd, CACHE_MAX, &cache) == 0) {
		got = look(buf_span(&cache), key, f->cache_max, &at);
		if (got == 0 && note(fd, key, at) == -1)
			got = -1;
	}
	buf_free(&cache);
	return got;
}

int
seen_before(const struct formail *f, struct span key)
{
	int fd = open(f->cache, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	int got;

	if (fd == -1)
		return -1;
	got = look_and_note(f, fd, key);
	return file_close(&fd) == -1 ? -1 : got;
}
