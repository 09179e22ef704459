/* fuzz_index.c - mailbox/index.h: facteur.index
 *
 * Lengths and checksums are put right here for inputs that are long enough,
 * every other one is taken as it is.
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc.h"
#include "mailbox/flags.h"
#include "mailbox/index.h"
#include "mailbox/pack.h"
#include "os/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Places of index.c's head. */
enum { HEAD = 512, RECORD = 80, COUNT_AT = 179 };

/* count, keywords, names: as many records as there is room for. */
static void
put_right(unsigned char *file, size_t n)
{
	size_t body = n - HEAD, keywords = file[1] % 32, count, names;
	unsigned char *p = file + COUNT_AT;
	const char *bytes = (const char *)file + HEAD;

	keywords = keywords < body ? keywords : body;
	count = (body - keywords) / (RECORD + 8);
	names = body - keywords - count * RECORD;
	memcpy(file, "FACTIDX1", 8);
	p = pack(p, count, 8);
	p = pack(p, keywords, 8);
	p = pack(p, names, 8);
	p = pack(p, crc_add(0, span_of(bytes, keywords)), 4);
	p = pack(p, crc_add(0, span_of(bytes + keywords, count * RECORD)), 4);
	(void)pack(p,
	    crc_add(0, span_of(bytes + keywords + count * RECORD, names)), 4);
	(void)pack(file + HEAD - 4,
	    crc_add(0, span_of((const char *)file, HEAD - 4)), 4);
}

static int
scratch(void)
{
	static char path[] = "/tmp/facteur-fuzz.XXXXXX";
	static int dir = -1;

	if (dir == -1 && mkdtemp(path) != NULL)
		dir = file_open_dir(AT_FDCWD, path, false);
	return dir;
}

/* Every record must be usable. */
static size_t
use(struct index *x)
{
	struct index_totals t;
	size_t sum = 0;

	index_totals(x, &t);
	for (size_t i = 0; i < x->count; i++) {
		struct span name = index_name(x, &x->list[i]);

		for (size_t k = 0; k < name.n; k++)
			sum += (unsigned char)name.p[k];
		sum += flags_of(name) + index_base(x, &x->list[i]).n;
		if (index_find(x, x->list[i].uid) != i)
			abort();
	}
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf all = BUF_EMPTY;
	struct index x;
	int fd = file_open(scratch(), "i", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	buf_add(&all, p, n);
	if (n > HEAD && p[0] % 8 != 0)
		put_right((unsigned char *)all.p, n);
	index_init(&x);
	if (file_write(fd, buf_span(&all)) == 0 &&
	    index_load(&x, scratch(), "i")) {
		(void)use(&x);
		if (index_save(&x, scratch(), "i", 0600) == -1)
			abort();
	}
	index_done(&x);
	file_close(&fd);
	buf_free(&all);
	return 0;
}
