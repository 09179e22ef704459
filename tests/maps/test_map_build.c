/* test_map_build.c - maps/map_build.h, and what readers say of its files */

#include "maps/map_build.h"

#include <db.h>
#include <errno.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#ifdef FACTEUR_SANITIZED
#include <sanitizer/lsan_interface.h>
#endif

#include "base/mem.h"
#include "os/fault.h"
#include "os/file.h"
#include "tests/maps/making.h"

static const char *const types[] = { "hash", "btree" };

START_TEST(whole)
{
	const char *type = types[_i];
	struct map_build *b;
	struct stat st;

	scratch_make();
	b = begin(type, MAP_BUILD_FOLD);
	ck_assert_int_eq(put(b, "Joe@X", "one", false), MAP_NONE);
	ck_assert_int_eq(put(b, "joe@x", "two", false), MAP_FOUND);
	ck_assert_int_eq(put(b, "@x", "three", false), MAP_NONE);
	ck_assert_int_eq(put(b, "@x", "four", true), MAP_FOUND);
	ck_assert_int_eq(access(scratch_path("t.db"), F_OK), -1);
	ck_assert(commit(&b));
	ck_assert_int_eq(stat(scratch_path("t.db"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0640);
	ck_assert_int_eq(access(scratch_path("t.db.tmp"), F_OK), -1);
	ck_assert_str_eq(ask(spec_of(type), "JOE@x"), "=one");
	ck_assert_str_eq(ask(spec_of(type), "@X"), "=four");
	ck_assert_str_eq(ask(spec_of(type), "joe"), "-");
	ck_assert_int_eq(entries(type), 2);
	scratch_remove();
}
END_TEST

START_TEST(keep_and_delete)
{
	static const char *const pairs[] = { "a", "1", "b", "2", NULL };
	const char *type = types[_i];
	struct map_build *b;
	struct why why;

	scratch_make();
	why_init(&why);
	build(type, "t", pairs);
	b = begin(type, MAP_BUILD_FOLD | MAP_BUILD_KEEP);
	ck_assert_int_eq(put(b, "c", "3", false), MAP_NONE);
	ck_assert_int_eq(put(b, "a", "new", false), MAP_FOUND);
	ck_assert_int_eq(map_build_delete(b, SPAN("B"), &why), MAP_FOUND);
	ck_assert_int_eq(map_build_delete(b, SPAN("d"), &why), MAP_NONE);
	ck_assert(commit(&b));
	ck_assert_str_eq(ask(spec_of(type), "a"), "=1");
	ck_assert_str_eq(ask(spec_of(type), "b"), "-");
	ck_assert_str_eq(ask(spec_of(type), "c"), "=3");
	b = begin(type, 0);
	ck_assert(commit(&b));
	ck_assert_int_eq(entries(type), 0);
	why_free(&why);
	scratch_remove();
}
END_TEST

START_TEST(without_nul)
{
	struct map_build *b;

	scratch_make();
	b = begin("hash", MAP_BUILD_NO_NUL);
	ck_assert_int_eq(put(b, "A", "1", false), MAP_NONE);
	ck_assert(commit(&b));
	ck_assert_int_eq(entries("hash"), 1);
	ck_assert_str_eq(ask(spec_of("hash"), "a"), "-"); /* not folded */
	b = begin("hash", MAP_BUILD_KEEP);
	ck_assert_int_eq(put(b, "b", "2", false), MAP_NONE);
	ck_assert(commit(&b));
	ck_assert_str_eq(ask(spec_of("hash"), "b"), "=2");
	ck_assert_int_eq(entries("hash"), 2);
	scratch_remove();
}
END_TEST

START_TEST(abort_leaves_old)
{
	static const char *const pairs[] = { "a", "1", NULL };
	struct map_build *b;

	scratch_make();
	build("hash", "t", pairs);
	b = begin("hash", 0);
	ck_assert_int_eq(put(b, "a", "2", false), MAP_NONE);
	map_build_abort(&b);
	ck_assert_ptr_null(b);
	ck_assert_str_eq(ask(spec_of("hash"), "a"), "=1");
	ck_assert_int_eq(access(scratch_path("t.db.tmp"), F_OK), -1);
	scratch_remove();
}
END_TEST

/* A flush that fails, or a rename: the old table stays. */
START_TEST(faults)
{
	static const struct {
		enum fault kind;
		unsigned n;
	} rows[] = { { FAULT_SYNC, 1 }, { FAULT_LINK, 1 } };
	static const char *const pairs[] = { "a", "1", NULL };
	struct map_build *b;

	scratch_make();
	build("hash", "t", pairs);
	for (int i = 0; i < UNIT_COUNT(rows); i++) {
		b = begin("hash", 0);
		ck_assert_int_eq(put(b, "a", "2", false), MAP_NONE);
		fault_arm(rows[i].kind, rows[i].n, EIO, false);
		ck_assert(!commit(&b));
		fault_arm(rows[i].kind, 0, 0, false);
		ck_assert_str_eq(ask(spec_of("hash"), "a"), "=1");
	}
	/* the folder's flush: in place, but not surely so */
	b = begin("hash", 0);
	ck_assert_int_eq(put(b, "a", "2", false), MAP_NONE);
	fault_arm(FAULT_SYNC, 2, EIO, false);
	ck_assert(!commit(&b));
	fault_arm(FAULT_SYNC, 0, 0, false);
	ck_assert_str_eq(ask(spec_of("hash"), "a"), "=2");
	scratch_remove();
}
END_TEST

static const char *const refused[] = { "regexp:/tmp/x", "texthash:/tmp/x",
	"hash:", "nosuch:/tmp/x", "hash:/nonexistent/x", "hash:/tmp/\n" };

START_TEST(refuse)
{
	struct why why;
	struct map_build *b;

	why_init(&why);
	b = map_build_begin(span_str(refused[_i]), "hash", 0, 0644, &why);
	ck_assert_msg(b == NULL, "%s", refused[_i]);
	ck_assert_int_eq(why.outcome, DEFER);
	ck_assert_uint_gt(why.text.n, 0);
	why_free(&why);
}
END_TEST

/* Nothing comes of a file that is no database. */
START_TEST(keep_of_garbage)
{
	struct why why;

	scratch_make();
	why_init(&why);
	scratch_write("t.db", "garbage, but long enough", 24);
	ck_assert_ptr_null(map_build_begin(
	    span_str(spec_of("hash")), "hash", MAP_BUILD_KEEP, 0644, &why));
	ck_assert_int_eq(access(scratch_path("t.db.tmp"), F_OK), -1);
	/* an empty one is how some make a table that has nothing yet */
	scratch_write("t.db", "", 0);
	ck_assert_int_eq(ask(spec_of("hash"), "a")[0], '?');
	{
		struct map_build *b = begin("hash", MAP_BUILD_KEEP);

		ck_assert(commit(&b));
	}
	ck_assert_str_eq(ask(spec_of("hash"), "a"), "-");
	why_free(&why);
	scratch_remove();
}
END_TEST

/* Several makers at once: each adds one, none is lost. */
START_TEST(makers_wait)
{
	enum { MAKERS = 8 };
	int status;

	scratch_make();
	for (int i = 0; i < MAKERS; i++) {
		if (fork() == 0) {
			char key[8];
			struct map_build *b = begin("hash", MAP_BUILD_KEEP);

			snprintf(key, sizeof(key), "k%d", i);
			_exit(put(b, key, "v", false) == MAP_NONE && commit(&b)
				? 0
				: 1);
		}
	}
	for (int i = 0; i < MAKERS; i++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_eq(entries("hash"), MAKERS);
	scratch_remove();
}
END_TEST

/* We wait for who holds the lock of Postfix's postmap. */
START_TEST(postfix_lock)
{
	static const char *const pairs[] = { "a", "1", NULL };
	int fd, status, pipes[2];
	char byte;
	pid_t child;

	scratch_make();
	build("hash", "t", pairs);
	ck_assert_int_eq(pipe(pipes), 0);
	fd = open(scratch_path("t.db"), O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	child = fork();
	if (child == 0) {
		struct map_build *b;

		close(fd); /* the lock is the parent's then */
		if (write(pipes[1], "x", 1) != 1)
			_exit(1);
		b = begin("hash", 0);
		if (write(pipes[1], "y", 1) != 1)
			_exit(1);
		_exit(commit(&b) ? 0 : 1);
	}
	close(pipes[1]);
	ck_assert_int_eq(read(pipes[0], &byte, 1), 1);
	ck_assert_int_eq(waitpid(child, &status, WNOHANG), 0);
	ck_assert_str_eq(ask(spec_of("hash"), "a"), "=1");
	flock(fd, LOCK_UN);
	close(fd);
	ck_assert_int_eq(read(pipes[0], &byte, 1), 1);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(entries("hash"), 0);
	scratch_remove();
}
END_TEST

static void
build_many(const char *type, int n)
{
	struct map_build *b;
	char key[32], value[64];

	b = begin(type, 0);
	for (int i = 0; i < n; i++) {
		snprintf(key, sizeof(key), "user%d@example.com", i);
		snprintf(value, sizeof(value), "box%d@there.example.com", i);
		ck_assert_int_eq(put(b, key, value, false), MAP_NONE);
	}
	ck_assert(commit(&b));
}

/* Ask for every key: each answer is right, or an error. Never another value,
 * and never "there is none". */
static unsigned
ask_all(const char *type, int n)
{
	struct why why;
	struct map *m;
	unsigned errors = 0;

	why_init(&why);
	m = map_open(span_str(spec_of(type)), "hash", 0, &why);
	for (int i = 0; i < n && m != NULL; i++) {
		char key[32], value[64];
		const char *answer;

		snprintf(key, sizeof(key), "user%d@example.com", i);
		snprintf(value, sizeof(value), "=box%d@there.example.com", i);
		answer = ask_map(m, span_str(key));
		if (answer[0] == '!')
			errors++;
		else
			ck_assert_str_eq(answer, value);
	}
	if (m == NULL)
		errors++;
	map_close(&m);
	why_free(&why);
	return errors;
}

/* Damage of every page of a file, in several ways. */
START_TEST(damage)
{
	enum { KEYS = 300 };
	const char *type = types[_i];
	struct buf good = BUF_EMPTY;
	struct stat st;
	unsigned damaged = 0, seen = 0;
	int fd;

#ifdef FACTEUR_SANITIZED
	/* the library gives up what it had for a file found damaged */
	__lsan_disable();
#endif
	scratch_make();
	build_many(type, KEYS);
	ck_assert_uint_eq(ask_all(type, KEYS), 0);
	fd = open(scratch_path("t.db"), O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(
	    read(fd, buf_room(&good, (size_t)st.st_size), (size_t)st.st_size),
	    st.st_size);
	good.n = (size_t)st.st_size;
	close(fd);
	for (size_t at = 0; at < good.n; at += 509) {
		char kept = good.p[at];

		good.p[at] = (char)(kept ^ (1 << at % 8));
		scratch_write("t.db", good.p, good.n);
		good.p[at] = kept;
		seen += ask_all(type, KEYS) > 0;
		damaged++;
	}
	for (size_t n = 0; n < good.n; n += 1021) {
		scratch_write("t.db", good.p, n);
		seen += ask_all(type, KEYS) > 0;
		damaged++;
	}
	/* pages that hold nothing may be damaged unseen */
	ck_assert_uint_gt(4 * seen, 3 * damaged);
	buf_free(&good);
	scratch_remove();
}
END_TEST

/* A file that Postfix's postmap writes anew in place: what is open sees it. */
START_TEST(written_in_place)
{
	static const char *const one[] = { "a", "1", NULL };
	static const char *const two[] = { "a", "2", "b", "3", NULL };
	struct buf bytes = BUF_EMPTY;
	struct why why;
	struct map *m;

	scratch_make();
	why_init(&why);
	build("hash", "u", two);
	ck_assert_int_eq(
	    file_read_path(scratch_path("u.db"), 1 << 20, &bytes), 0);
	build("hash", "t", one);
	m = map_open(span_str(spec_of("hash")), "hash", 0, &why);
	ck_assert_str_eq(ask_map(m, SPAN("a")), "=1");
	ck_assert(!map_changed(m));
	scratch_write("t.db", "", 0);
	ck_assert_int_eq(ask_map(m, SPAN("a"))[0], '!');
	ck_assert(map_changed(m));
	scratch_write("t.db", bytes.p, bytes.n);
	ck_assert_str_eq(ask_map(m, SPAN("a")), "=2");
	ck_assert_str_eq(ask_map(m, SPAN("b")), "=3");
	ck_assert(!map_changed(m));
	/* a new file in its place: the old one answers, change is seen */
	build("hash", "t", one);
	ck_assert(map_changed(m));
	ck_assert_str_eq(ask_map(m, SPAN("a")), "=2");
	map_close(&m);
	why_free(&why);
	buf_free(&bytes);
	scratch_remove();
}
END_TEST

/* Queues and the like of the same library are refused. */
START_TEST(other_kinds)
{
	DB *db;
	DBT key, value;
	db_recno_t n = 1;
	char word[] = "word";

	scratch_make();
	memset(&key, 0, sizeof(key));
	memset(&value, 0, sizeof(value));
	key.data = &n;
	key.size = sizeof(n);
	value.data = word;
	value.size = sizeof(word);
	ck_assert_int_eq(db_create(&db, NULL, 0), 0);
	ck_assert_int_eq(db->open(db, NULL, scratch_path("t.db"), NULL,
			     DB_RECNO, DB_CREATE, 0644),
	    0);
	ck_assert_int_eq(db->put(db, NULL, &key, &value, 0), 0);
	ck_assert_int_eq(db->close(db, 0), 0);
	ck_assert_int_eq(ask(spec_of("hash"), "a")[0], '?');
	scratch_remove();
}
END_TEST

/* A value with NUL inside is none of ours. */
START_TEST(nul_in_value)
{
	struct map_build *b;
	struct why why;

	scratch_make();
	why_init(&why);
	b = begin("hash", 0);
	ck_assert_int_eq(
	    map_build_put(b, SPAN("a"), SPAN("x\0y"), false, &why), MAP_NONE);
	ck_assert(commit(&b));
	ck_assert_int_eq(ask(spec_of("hash"), "a")[0], '!');
	why_free(&why);
	scratch_remove();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, whole, 0, UNIT_COUNT(types));
	tcase_add_loop_test(t, keep_and_delete, 0, UNIT_COUNT(types));
	tcase_add_test(t, without_nul);
	tcase_add_test(t, abort_leaves_old);
	tcase_add_test(t, faults);
	tcase_add_loop_test(t, refuse, 0, UNIT_COUNT(refused));
	tcase_add_test(t, keep_of_garbage);
	tcase_add_test(t, makers_wait);
	tcase_add_test(t, postfix_lock);
	tcase_add_loop_test(t, damage, 0, UNIT_COUNT(types));
	tcase_add_test(t, written_in_place);
	tcase_add_test(t, other_kinds);
	tcase_add_test(t, nul_in_value);
}

int
main(void)
{
	return unit_main("maps/map_build", fill);
}
