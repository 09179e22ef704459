/* fuzz_wordfile.c - mailbox/wordfile.h and mailbox/signature.h: facteur.words
 *
 * The input goes behind a head that is right; checksums of the entries are put
 * right for every other input.
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/must.h"
#include "mailbox/pack.h"
#include "mailbox/signature.h"
#include "mailbox/wordfile.h"
#include "os/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

enum { HEAD = 32, ENTRY_HEAD = 12, KIND = 7, MOST = 1 << 20 };

static int
scratch(void)
{
	static char path[] = "/tmp/facteur-fuzz.XXXXXX";
	static int dir = -1;

	if (dir == -1 && mkdtemp(path) != NULL)
		dir = file_open_dir(AT_FDCWD, path, false);
	return dir;
}

static void
put_right(unsigned char *p, size_t n)
{
	while (n >= ENTRY_HEAD) {
		const unsigned char *at = p;
		size_t length = (size_t)unpack(&at, 4);

		if (length > n - ENTRY_HEAD)
			return;
		(void)pack(p + 4,
		    crc_add(0, span_of((const char *)p + 8, 4 + length)), 4);
		p += ENTRY_HEAD + length;
		n -= ENTRY_HEAD + length;
	}
}

static size_t
use(struct wordfile *w)
{
	struct span s;
	size_t sum = 0;

	for (uint32_t uid = 0; uid < 300; uid++)
		if (wordfile_get(w, KIND, uid, &s))
			for (size_t i = 0; i < s.n; i++)
				sum += (unsigned char)s.p[i];
	return sum;
}

/* A signature admits every part of its text; what is none may be anything. */
static void
sign(struct span text)
{
	struct buf b = BUF_EMPTY;
	size_t from = text.n > 0 ? (unsigned char)text.p[0] % text.n : 0;
	size_t n = text.n > 1 ? (unsigned char)text.p[1] % (text.n - from) : 0;

	signature_make(&b, text);
	must(b.n <= SIGNATURE_MOST);
	must(signature_may_hold(buf_span(&b), span_of(text.p + from, n)));
	(void)signature_may_hold(text, span_of(text.p + from, n));
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct wordfile *w = wordfile_new(scratch(), "w", 0600);
	struct buf more = BUF_EMPTY, one = BUF_EMPTY;
	struct span s;
	int fd;

	sign(span_of((const char *)p, n));
	wordfile_put(&one, 5, span_str("signature"));
	must(wordfile_append(w, KIND, span_str(""), 0)); /* a fresh one */
	wordfile_free(&w);
	buf_add(&more, (const char *)p, n);
	if (n > 0 && p[n - 1] % 2 == 0)
		put_right((unsigned char *)more.p, n);
	fd = file_open(scratch(), "w", O_WRONLY, 0);
	must(fd != -1 && file_write_at(fd, buf_span(&more), HEAD) == 0);
	file_close(&fd);
	w = wordfile_new(scratch(), "w", 0600);
	(void)use(w);
	must(wordfile_append(w, KIND, buf_span(&one), MOST));
	must(wordfile_get(w, KIND, 5, &s) && span_eq(s, span_str("signature")));
	(void)use(w);
	wordfile_free(&w);
	buf_free(&more);
	buf_free(&one);
	return 0;
}
