/* test_wordfile.c - facteur.words and its signatures */

#include "mailbox/wordfile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "mailbox/signature.h"
#include "os/fault.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base;
static int dir;

static void
setup(void)
{
	base = scratch_new();
	dir = file_open_dir(AT_FDCWD, base, false);
	ck_assert_int_ne(dir, -1);
}

static void
teardown(void)
{
	file_close(&dir);
	scratch_free(&base);
}

/* Text of n words, the same each time. */
static void
make_text(struct buf *out, unsigned seed, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245u + 12345u;
		buf_printf(out, "W%X ", seed >> 12 & 0xfff);
	}
}

/* Whatever stands in a text is found, and most of what does not is not. */
START_TEST(signatures)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 10, 100, 1000, 5000,
		200000 };
	struct buf text = BUF_EMPTY, sig = BUF_EMPTY;
	size_t wrong = 0;

	make_text(&text, (unsigned)_i, sizes[_i]);
	signature_make(&sig, buf_span(&text));
	ck_assert_uint_le(sig.n, SIGNATURE_MOST);
	for (size_t i = 0; i < text.n && i < 20000; i += 7)
		for (size_t n = 0; n < 12 && n <= text.n - i; n++)
			ck_assert(signature_may_hold(buf_span(&sig),
			    span_head(span_skip(buf_span(&text), i), n)));
	for (unsigned i = 0; i < 1000; i++) {
		char needle[20];

		snprintf(needle, sizeof(needle), "absent%u", i * 7919);
		wrong += signature_may_hold(buf_span(&sig), span_str(needle));
	}
	ck_assert_msg(sig.n == 0 || wrong < 200, "%zu of %zu", wrong, sig.n);
	ck_assert(sig.n > 0 || sizes[_i] > 5000);
	buf_free(&text);
	buf_free(&sig);
}
END_TEST

static void
append(struct wordfile *w, uint32_t uid, const char *sig, uint64_t most)
{
	struct buf e = BUF_EMPTY;

	wordfile_put(&e, uid, span_str(sig));
	ck_assert(wordfile_append(w, 7, buf_span(&e), most));
	buf_free(&e);
}

static bool
is(struct wordfile *w, uint32_t uid, const char *want)
{
	struct span got;

	if (!wordfile_get(w, 7, uid, &got))
		return want == NULL;
	return want != NULL && span_is(got, want);
}

START_TEST(kept)
{
	struct wordfile *w = wordfile_new(dir, "words", 0600);
	struct wordfile *other = wordfile_new(dir, "words", 0600);
	struct span got;

	ck_assert(is(w, 1, NULL));
	append(w, 2, "two", 10000);
	append(other, 5, "five", 10000);
	append(w, 1, "one", 10000);
	append(other, 2, "new", 10000);
	append(w, 9, "", 10000);
	ck_assert(is(w, 1, "one") && is(w, 2, "new") && is(w, 5, "five"));
	ck_assert(is(w, 9, "") && is(w, 3, NULL) && is(w, 10, NULL));
	/* another UIDVALIDITY */
	ck_assert(!wordfile_get(w, 8, 1, &got));
	ck_assert(is(w, 1, "one"));
	/* begun anew, and seen by who had the old one */
	append(w, 3, "three", 60);
	ck_assert(is(w, 3, "three") && is(w, 1, NULL));
	append(other, 4, "four", 10000);
	ck_assert(is(other, 3, "three") && is(other, 4, "four"));
	ck_assert_int_eq(unlinkat(dir, "words", 0), 0);
	append(w, 6, "six", 10000);
	ck_assert(is(w, 6, "six") && is(w, 3, NULL));
	wordfile_free(&w);
	wordfile_free(&other);
}
END_TEST

/* Each byte changed, each length cut: an entry is as it was, or none. */
START_TEST(damage)
{
	struct wordfile *w = wordfile_new(dir, "words", 0600);
	struct buf whole = BUF_EMPTY;
	char *path = mem_printf("%s/words", base);

	append(w, 1, "first", 10000);
	append(w, 2, "second", 10000);
	wordfile_free(&w);
	ck_assert_int_eq(file_read_path(path, 10000, &whole), 0);
	for (size_t i = 0; i < whole.n * 2; i++) {
		struct span s = buf_span(&whole);
		int fd = file_open(dir, "words", O_WRONLY | O_TRUNC, 0);
		char byte = whole.p[i % whole.n];

		if (i < whole.n)
			s.n = i;
		else
			whole.p[i % whole.n] ^= 0x55;
		ck_assert_int_eq(file_write(fd, s), 0);
		file_close(&fd);
		whole.p[i % whole.n] = byte;
		w = wordfile_new(dir, "words", 0600);
		ck_assert(is(w, 1, "first") || is(w, 1, NULL));
		ck_assert(is(w, 2, "second") || is(w, 2, NULL));
		append(w, 3, "third", 10000);
		ck_assert(is(w, 3, "third"));
		wordfile_free(&w);
	}
	buf_free(&whole);
	free(path);
}
END_TEST

/* A power cut left zeros, as many as may be: they cost nothing, and are cut
 * off by whoever comes with something. */
START_TEST(zeros)
{
	struct wordfile *w = wordfile_new(dir, "words", 0600);
	int fd;

	append(w, 1, "first", 10000);
	wordfile_free(&w);
	fd = file_open(dir, "words", O_WRONLY, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)1 << 40), 0);
	file_close(&fd);
	w = wordfile_new(dir, "words", 0600);
	ck_assert(is(w, 1, "first") && is(w, 0, NULL));
	append(w, 2, "second", 10000);
	ck_assert(is(w, 1, "first") && is(w, 2, "second"));
	wordfile_free(&w);
	w = wordfile_new(dir, "words", 0600);
	ck_assert(is(w, 1, "first") && is(w, 2, "second"));
	wordfile_free(&w);
}
END_TEST

/* What could not get its head is begun anew, not written on. */
START_TEST(full_disk)
{
	struct wordfile *w = wordfile_new(dir, "words", 0600);

	fault_arm(FAULT_WRITE, 1, ENOSPC, false);
	ck_assert(!wordfile_append(w, 7, SPAN("entry"), 10000));
	fault_arm(FAULT_WRITE, 0, 0, false);
	append(w, 1, "one", 10000);
	wordfile_free(&w);
	w = wordfile_new(dir, "words", 0600);
	ck_assert(is(w, 1, "one"));
	wordfile_free(&w);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, signatures, 0, 9);
	tcase_add_test(c, kept);
	tcase_add_test(c, damage);
	tcase_add_test(c, zeros);
	tcase_add_test(c, full_disk);
}

int
main(void)
{
	return unit_main("mailbox/wordfile", fill);
}
