/* fuzz_lmdb.c - files of lmdb: tables */

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "maps/lmdb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
count(void *arg, struct span key, struct span value)
{
	*(size_t *)arg += key.n + value.n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("lmdb", MFD_CLOEXEC), error;
	struct buf out = BUF_EMPTY;
	size_t n = 0;

	if (fd == -1 || write(fd, data, size) != (ssize_t)size)
		return 0;
	if (lmdb_check(fd) == 0) {
		(void)lmdb_get(fd, SPAN("a"), &out, &error);
		(void)lmdb_each(fd, count, &n, &error);
	}
	buf_free(&out);
	close(fd);
	return 0;
}
