/* test_flat_map.c - cdb: and lmdb: as they are made, read, and damaged */

#include "maps/cdb.h"
#include "maps/lmdb.h"

#include <sys/stat.h>

#include "os/file.h"
#include "tests/maps/making.h"

static const char *const types[] = { "cdb", "lmdb" };

START_TEST(whole)
{
	const char *type = types[_i];
	struct map_build *b;
	struct why why;

	scratch_make();
	why_init(&why);
	b = begin(type, MAP_BUILD_FOLD);
	ck_assert_int_eq(put(b, "Joe@X", "one", false), MAP_NONE);
	ck_assert_int_eq(put(b, "joe@x", "two", false), MAP_FOUND);
	ck_assert_int_eq(put(b, "@x", "three", false), MAP_NONE);
	ck_assert_int_eq(put(b, "@x", "four", true), MAP_FOUND);
	ck_assert_int_eq(put(b, "empty", "", true), MAP_NONE);
	ck_assert(commit(&b));
	ck_assert_str_eq(ask(spec_of(type), "JOE@x"), "=one");
	ck_assert_str_eq(ask(spec_of(type), "@X"), "=four");
	ck_assert_str_eq(ask(spec_of(type), "empty"), "=");
	ck_assert_str_eq(ask(spec_of(type), "joe"), "-");
	ck_assert_int_eq(entries(type), 3);
	b = begin(type, MAP_BUILD_FOLD | MAP_BUILD_KEEP);
	ck_assert_int_eq(put(b, "new", "5", false), MAP_NONE);
	ck_assert_int_eq(map_build_delete(b, SPAN("@X"), &why), MAP_FOUND);
	ck_assert_int_eq(map_build_delete(b, SPAN("@X"), &why), MAP_NONE);
	ck_assert(commit(&b));
	ck_assert_str_eq(ask(spec_of(type), "joe@x"), "=one");
	ck_assert_str_eq(ask(spec_of(type), "@x"), "-");
	ck_assert_str_eq(ask(spec_of(type), "new"), "=5");
	b = begin(type, 0);
	ck_assert(commit(&b));
	ck_assert_int_eq(entries(type), 0);
	ck_assert_str_eq(ask(spec_of(type), "new"), "-");
	why_free(&why);
	scratch_remove();
}
END_TEST

/* Key i: their sizes go up and down, to the longest that lmdb: takes. */
static struct span
key_of(unsigned i, char *room)
{
	int n = snprintf(room, 600, "key%u", i * 2654435761U);
	size_t size = i % 7 == 0 ? 500 - i % 90 : (size_t)n + i % 40;

	memset(room + n, 'a' + (int)(i % 26), size - (size_t)n);
	return span_of(room, size);
}

static struct span
value_of(unsigned i, char *room, size_t most)
{
	size_t n = i % 50 == 0 ? most - i % 200 : i % 300;

	memset(room, 'A' + (int)(i % 26), n);
	return span_of(room, n);
}

/* Sizes at which trees grow a level, and the last page is almost empty. */
static const unsigned sizes[] = { 1, 2, 7, 15, 16, 17, 31, 33, 64, 65, 100, 333,
	1000, 1001, 4000, 12000 };

START_TEST(many)
{
	const char *type = types[_i % 2];
	unsigned n = sizes[_i / 2];
	static char key[600], value[20000];
	struct map_build *b;
	struct why why;
	struct map *m;

	scratch_make();
	b = begin(type, 0);
	for (unsigned i = 0; i < n; i++)
		ck_assert_int_eq(put_spans(b, key_of(i, key),
				     value_of(i, value, sizeof(value)), false),
		    MAP_NONE);
	ck_assert(commit(&b));
	ck_assert_int_eq(entries(type), (int)n);
	why_init(&why);
	m = map_open(span_str(spec_of(type)), "hash", 0, &why);
	ck_assert_ptr_nonnull(m);
	for (unsigned i = 0; i < n; i++) {
		struct span want = value_of(i, value, sizeof(value));
		const char *got = ask_map(m, key_of(i, key));

		ck_assert_msg(got[0] == '=' && span_eq(span_str(got + 1), want),
		    "%u of %u", i, n);
	}
	ck_assert_str_eq(ask_map(m, SPAN("a")), "-");
	ck_assert_str_eq(ask_map(m, SPAN("key9")), "-");
	ck_assert_str_eq(ask_map(m, SPAN("zzz")), "-");
	map_close(&m);
	why_free(&why);
	scratch_remove();
}
END_TEST

/* What does not fit is said, and the old table stays. */
START_TEST(long_key)
{
	static char key[600];
	struct map_build *b;

	scratch_make();
	memset(key, 'k', sizeof(key));
	b = begin("lmdb", 0);
	ck_assert_int_eq(put(b, "a", "1", false), MAP_NONE);
	ck_assert(commit(&b));
	b = begin("lmdb", 0);
	ck_assert_int_eq(
	    put_spans(b, span_of(key, LMDB_KEY_MAX), SPAN("1"), false),
	    MAP_NONE);
	ck_assert(!commit(&b));
	ck_assert_str_eq(ask(spec_of("lmdb"), "a"), "=1");
	ck_assert_int_eq(access(scratch_path("t.lmdb.tmp"), F_OK), -1);
	b = begin("lmdb", 0);
	ck_assert_int_eq(
	    put_spans(b, span_of(key, LMDB_KEY_MAX - 1), SPAN("1"), false),
	    MAP_NONE);
	ck_assert(commit(&b));
	scratch_remove();
}
END_TEST

/* No damage is more than an error, or another answer: each byte in turn of a
 * small file, cut or changed. */
START_TEST(damaged)
{
	static const unsigned char changes[] = { 0x00, 0xff, 0x80 };
	const char *type = types[_i];
	char name[16], key[600], value[3000];
	struct map_build *b;
	struct buf file = BUF_EMPTY;
	int fd;

	scratch_make();
	b = begin(type, 0);
	for (unsigned i = 0; i < 40; i++)
		(void)put_spans(b, key_of(i, key),
		    value_of(i, value, sizeof(value)), false);
	ck_assert(commit(&b));
	snprintf(name, sizeof(name), "t.%s", type);
	ck_assert_int_eq(file_read_path(scratch_path(name), 1 << 24, &file), 0);
	fd = open(scratch_path(name), O_RDWR | O_CLOEXEC);
	ck_assert_int_ne(fd, -1);
	for (size_t at = 0; at < file.n; at += at < 600 ? 1 : 37) {
		for (unsigned c = 0; c < sizeof(changes); c++) {
			ck_assert_int_eq(
			    pwrite(fd, &changes[c], 1, (off_t)at), 1);
			(void)ask(spec_of(type), "key0");
			(void)entries(type);
		}
		ck_assert_int_eq(pwrite(fd, file.p + at, 1, (off_t)at), 1);
	}
	for (size_t n = 0; n < file.n; n += n < 3000 ? 13 : 511) {
		ck_assert_int_eq(ftruncate(fd, (off_t)n), 0);
		(void)ask(spec_of(type), "key0");
		(void)entries(type);
		ck_assert_int_eq(pwrite(fd, file.p, file.n, 0), file.n);
	}
	ck_assert_int_eq(entries(type), 40);
	close(fd);
	buf_free(&file);
	scratch_remove();
}
END_TEST

START_TEST(not_there)
{
	const char *type = types[_i];
	char want[300], name[16];

	scratch_make();
	snprintf(want, sizeof(want),
	    "?table %s: open database %s/t.%s: No such file or directory "
	    "(postmap makes it)",
	    spec_of(type), scratch, type);
	ck_assert_str_eq(ask(spec_of(type), "a"), want);
	snprintf(name, sizeof(name), "t.%s", type);
	scratch_write(name, "no", 2);
	snprintf(want, sizeof(want),
	    "?table %s: open database %s/%s: not a file of this type, or "
	    "damaged",
	    spec_of(type), scratch, name);
	ck_assert_str_eq(ask(spec_of(type), "a"), want);
	unlink(scratch_path(name));
	ck_assert_int_eq(mkfifo(scratch_path(name), 0600), 0);
	ck_assert_str_eq(ask(spec_of(type), "a"), want);
	scratch_remove();
}
END_TEST

/* Other programs store without NUL. */
START_TEST(without_nul)
{
	struct map_build *b;

	scratch_make();
	b = begin(types[_i], MAP_BUILD_NO_NUL);
	ck_assert_int_eq(put(b, "a", "1", false), MAP_NONE);
	ck_assert(commit(&b));
	ck_assert_str_eq(ask(spec_of(types[_i]), "a"), "=1");
	b = begin(types[_i], MAP_BUILD_KEEP);
	ck_assert_int_eq(put(b, "b", "2", false), MAP_NONE);
	ck_assert(commit(&b));
	ck_assert_str_eq(ask(spec_of(types[_i]), "a"), "=1");
	ck_assert_str_eq(ask(spec_of(types[_i]), "b"), "=2");
	scratch_remove();
}
END_TEST

/* An lmdb: file that is changed in place, as others do it: the younger of the
 * two states holds, and a half-written younger one is no harm. */
START_TEST(in_place)
{
	unsigned char meta[4096];
	struct map_build *b;
	struct why why;
	struct map *m;
	int fd;

	scratch_make();
	why_init(&why);
	b = begin("lmdb", 0);
	ck_assert_int_eq(put(b, "a", "1", false), MAP_NONE);
	ck_assert(commit(&b));
	m = map_open(span_str(spec_of("lmdb")), "hash", 0, &why);
	ck_assert_ptr_nonnull(m);
	ck_assert_str_eq(ask_map(m, SPAN("a")), "=1");
	fd = open(scratch_path("t.lmdb"), O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(pread(fd, meta, sizeof(meta), 0), sizeof(meta));
	meta[144] = 2; /* its number: the empty state is the younger now */
	ck_assert_int_eq(pwrite(fd, meta, sizeof(meta), 0), sizeof(meta));
	ck_assert_str_eq(ask_map(m, SPAN("a")), "-");
	meta[144] = 0;
	ck_assert_int_eq(pwrite(fd, meta, sizeof(meta), 0), sizeof(meta));
	ck_assert_str_eq(ask_map(m, SPAN("a")), "=1");
	close(fd);
	map_close(&m);
	why_free(&why);
	scratch_remove();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, whole, 0, UNIT_COUNT(types));
	tcase_add_loop_test(t, many, 0, 2 * UNIT_COUNT(sizes));
	tcase_add_test(t, long_key);
	tcase_add_loop_test(t, damaged, 0, UNIT_COUNT(types));
	tcase_add_loop_test(t, not_there, 0, UNIT_COUNT(types));
	tcase_add_loop_test(t, without_nul, 0, UNIT_COUNT(types));
	tcase_add_test(t, in_place);
}

int
main(void)
{
	return unit_main("maps/flat_map", fill);
}
