/* fuzz_uidlist.c - mailbox/uidlist.h: facteur.uids
 *
 * The checksum of each line is put right here, or no input would get behind it;
 * but for inputs that begin with '!', which are taken as they are.
 */

#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/why.h"
#include "mailbox/uidlist.h"
#include "os/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
on_event(void *arg, const struct uid_event *e)
{
	size_t *sum = arg;

	for (size_t i = 0; i < e->text.n; i++)
		*sum += (unsigned char)e->text.p[i];
	for (size_t i = 0; i < e->uidl.n; i++)
		*sum += (unsigned char)e->uidl.p[i];
}

static void
add_sealed(struct buf *out, struct span line)
{
	buf_add_span(out, line);
	buf_printf(out, " #%08" PRIx32 "\n", crc_add(0, line));
}

static void
build(struct buf *out, struct span s)
{
	struct span line;

	if (span_at(s, 0) == '!') {
		buf_add_span(out, span_skip(s, 1));
		return;
	}
	add_sealed(out,
	    SPAN("facteur-uids 1 0000000077 "
		 "0123456789abcdef0123456789abcdef 0000000010"));
	while (span_line(&s, &line))
		add_sealed(out, line);
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

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct uidlist *u = uidlist_new(scratch(), 0600);
	struct buf all = BUF_EMPTY;
	struct uidlist_head head;
	struct why why;
	size_t sum = 0;
	int fd = file_open(
	    scratch(), "facteur.uids", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	build(&all, span_of((const char *)p, n));
	why_init(&why);
	if (file_write(fd, buf_span(&all)) == 0 && uidlist_lock(u, &why) == 0 &&
	    uidlist_head(u, &head) &&
	    uidlist_read(u, on_event, &sum, &why) == 0) {
		(void)uidlist_add(u, SPAN("a"), SPAN("b"));
		if (uidlist_commit(u, false, &why) == 0 &&
		    uidlist_read_again(u, on_event, &sum, &why) == -1)
			abort();
	}
	why_free(&why);
	file_close(&fd);
	uidlist_free(&u);
	buf_free(&all);
	return 0;
}
