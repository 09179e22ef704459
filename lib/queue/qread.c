/* qread.c - reading a queue file's envelope from its descriptor */

#include "queue/qread.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/crc.h"
#include "os/file.h"

/* A block with reasons for every recipient of a long list stays below. */
enum { TAIL = 128 * 1024, TAIL_MOST = 128 * 1024 * 1024, PIECE = 65536 };

const char *
qread_folder(unsigned i)
{
	static const char *const folders[] = { "active", "deferred", "hold",
		"incoming", "corrupt", NULL };

	return folders[i];
}

int
qread_check(int fd, uint64_t size, uint32_t crc)
{
	uint32_t got = 0;
	struct buf piece = BUF_EMPTY;
	int result = 0;

	for (uint64_t at = 0; at < size && result == 0;) {
		size_t n = size - at < PIECE ? (size_t)(size - at) : PIECE;

		result = file_read_at(fd, buf_room(&piece, n), n, at);
		if (result == 0)
			got = crc_add(got, span_of(piece.p, n));
		at += n;
	}
	buf_free(&piece);
	if (result == 0 && got == crc)
		return 0;
	if (result == 0 || errno == 0)
		errno = EBADMSG;
	return -1;
}

/* The last whole closing, searched for in ever more of the file's end. */
static int
find_end(int fd, uint64_t size, struct qfile_closing *last, uint64_t *whole)
{
	struct buf tail = BUF_EMPTY;
	size_t n = TAIL, end = 0;
	int got = 0;

	for (;;) {
		if (n > size)
			n = (size_t)size;
		buf_clear(&tail);
		got = file_read_at(fd, buf_room(&tail, n), n, size - n);
		if (got == -1)
			break;
		tail.n = n;
		end = qfile_tail(buf_span(&tail), last);
		if (end != 0 || n == size || n >= TAIL_MOST)
			break;
		n *= 32;
	}
	buf_free(&tail);
	*whole = size - n + end;
	if (got == 0 && end == 0)
		errno = EBADMSG;
	return got == 0 && end != 0 ? 0 : -1;
}

int
qread(int fd, struct arena *a, struct qfile_envelope *e,
    struct qfile_closing *first, uint64_t *whole)
{
	struct stat st;
	struct qfile_closing last;
	struct span parts;
	char *bytes;
	size_t n;

	if (fstat(fd, &st) == -1)
		return -1;
	errno = EBADMSG;
	if (!S_ISREG(st.st_mode) || st.st_size < QFILE_CLOSING ||
	    find_end(fd, (uint64_t)st.st_size, &last, whole) == -1)
		return -1;
	errno = EBADMSG;
	if (last.content_size >= *whole ||
	    *whole - last.content_size > 2L * QFILE_ENVELOPE_MAX)
		return -1;
	n = (size_t)(*whole - last.content_size);
	bytes = arena_alloc(a, n);
	parts = span_of(bytes, n);
	if (file_read_at(fd, bytes, n, last.content_size) == -1)
		return -1;
	errno = EBADMSG;
	return qfile_get(parts, last.content_size, a, e, first) ? 0 : -1;
}

bool
qread_is_whole(int fd, uint64_t content)
{
	struct arena *a = arena_new();
	struct qfile_envelope e;
	struct qfile_closing first;
	uint64_t whole;
	bool good = qread(fd, a, &e, &first, &whole) == 0 &&
	    first.content_size == content &&
	    qread_check(fd, content, first.content_crc) == 0;

	arena_free(&a);
	return good;
}

bool
qread_id_ok(struct span id)
{
	bool hex = true, lean = false;

	if (id.n < 6 || id.n > 20)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		int c = span_at(id, i);

		if (!ascii_alnum(c))
			return false;
		hex = hex && (ascii_digit(c) || (c >= 'A' && c <= 'F'));
		lean = lean || c == 'z';
	}
	for (size_t i = 0; i < id.n && lean; i++)
		lean = span_find(SPAN("AEIOUaeiou"), id.p[i]) == 10;
	return hex || lean;
}
