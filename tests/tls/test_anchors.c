/* test_anchors.c - tls/tls_anchors.h */

#include "tls/tls_anchors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "os/file.h"
#include "tests/unit.h"

#define BROKEN "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"

/* The files that stand in one, with text in between; count 0: refused. */
static const struct {
	const char *first, *between, *last;
	size_t count;
} rows[] = {
	{ "tests/data/tls/ec.crt", "", NULL, 1 },
	{ "tests/data/tls/ec.crt", "words\n", "tests/data/tls/rsa.crt", 2 },
	{ NULL, "words\n", NULL, 0 },
	{ NULL, BROKEN, NULL, 0 },
	{ "tests/data/tls/ec.crt", BROKEN, "tests/data/tls/rsa.crt", 0 },
	{ "tests/data/tls/ec.crt", "-----BEGIN CERTIFICATE-----\nMII", NULL,
	    0 },
};

static void
add_file(const char *path, struct buf *out)
{
	char piece[4096];
	FILE *in = path == NULL ? NULL : fopen(path, "r");

	if (in == NULL) {
		ck_assert_ptr_null(path);
		return;
	}
	buf_add(out, piece, fread(piece, 1, sizeof(piece), in));
	fclose(in);
}

START_TEST(files)
{
	char path[] = "/tmp/facteur-test-XXXXXX";
	const struct tls_tlsa *list;
	struct arena *a = arena_new();
	struct buf text = BUF_EMPTY;
	struct why why;
	size_t count;
	int fd = mkstemp(path);

	why_init(&why);
	add_file(rows[_i].first, &text);
	buf_add_str(&text, rows[_i].between);
	add_file(rows[_i].last, &text);
	ck_assert_int_eq(file_write(fd, buf_span(&text)), 0);
	close(fd);
	ck_assert_int_eq(
	    tls_anchors_read(path, a, &list, &count, &why), rows[_i].count > 0);
	if (rows[_i].count > 0)
		ck_assert_uint_eq(count, rows[_i].count);
	else
		ck_assert_ptr_nonnull(strstr(why_text(&why), path));
	unlink(path);
	why_free(&why);
	buf_free(&text);
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, files, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("tls/anchors", fill);
}
