/*
 * index_note.c - a folder whose index lies elsewhere
 */

#include "mailbox/index_note.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/number.h"
#include "os/file.h"

#define FRONT "facteur.log is elsewhere 1 "

enum { NOTE_MAX = 128, ID_DIGITS = 16 };

static const char *const files[] = { INDEX_LOG, INDEX_FILE, INDEX_CACHE,
	INDEX_WORDS };

void
index_note_print(struct buf *out, const struct index_note *n)
{
	buf_printf(out, FRONT "%016" PRIx64 " %" PRIu64 "\n", n->id, n->ino);
}

bool
index_note_parse(struct span text, struct index_note *out)
{
	struct span id;

	if (!span_starts(text, FRONT) || !span_ends(text, "\n"))
		return false;
	text = span_skip(text, sizeof(FRONT) - 1);
	text.n--;
	return span_cut(&text, ' ', &id) && id.n == ID_DIGITS &&
	    number_parse_hex(id, UINT64_MAX, &out->id) && out->id != 0 &&
	    number_parse(text, 1, UINT64_MAX, &out->ino);
}

static bool
read_opened(int fd, struct index_note *out)
{
	char room[NOTE_MAX];
	ssize_t n = pread(fd, room, sizeof(room), 0);

	return n > 0 && index_note_parse(span_of(room, (size_t)n), out);
}

bool
index_note_read(int home, struct index_note *out, struct stat *st)
{
	int fd = file_open(home, INDEX_LOG, O_RDONLY | O_NONBLOCK, 0);
	bool got = fd != -1 && fstat(fd, st) == 0 && read_opened(fd, out);

	file_close(&fd);
	return got;
}

bool
index_note_is(int fd)
{
	struct index_note n;

	return read_opened(fd, &n);
}

bool
index_note_is_still(int home, const struct stat *was)
{
	struct stat st;

	return fstatat(home, INDEX_LOG, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ino == was->st_ino && st.st_size == was->st_size &&
	    st.st_ctim.tv_sec == was->st_ctim.tv_sec &&
	    st.st_ctim.tv_nsec == was->st_ctim.tv_nsec;
}

int
index_note_write(
    int home, const struct index_note *n, mode_t mode, struct stat *st)
{
	struct buf text = BUF_EMPTY;
	int got;

	index_note_print(&text, n);
	got = file_replace(home, INDEX_LOG, buf_span(&text), mode);
	buf_free(&text);
	if (got == 0)
		got = fstatat(home, INDEX_LOG, st, AT_SYMLINK_NOFOLLOW);
	return got;
}

void
index_note_drop(int home)
{
	bool had = false;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		had = file_unlink(home, files[i]) == 0 || had;
	/* without it a log that comes back would be believed again */
	if (had && file_sync(home) == -1)
		return;
}

void
index_drop(int dir)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		(void)file_unlink(dir, files[i]);
}
