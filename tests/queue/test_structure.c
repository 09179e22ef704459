/* test_structure.c - queue/structure.h */

#include "queue/structure.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc.h"
#include "os/file.h"
#include "queue/qfile.h"
#include "tests/unit.h"

static char top[] = "structure.XXXXXX";
static struct buf said;

static void
setup(void)
{
	memcpy(top, "structure.XXXXXX", sizeof(top));
	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(chdir(top), 0);
	said = (struct buf)BUF_EMPTY;
}

static void
teardown(void)
{
	char command[64];

	ck_assert_int_eq(chdir(".."), 0);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	ck_assert_int_eq(system(command), 0);
	buf_free(&said);
}

static void
say(void *arg, bool trouble, const char *text)
{
	(void)arg;
	buf_printf(&said, "%s%s\n", trouble ? "! " : "", text);
}

static void
queue_file(int fd)
{
	struct qfile_rcpt r = { .state = STATE_QUEUED,
		.address = SPAN("a@b.example") };
	struct qfile_envelope e = {
		.arrival_us = 1, .rcpt_count = 1, .rcpts = &r
	};
	struct buf b = BUF_EMPTY;

	qfile_put(&b, &e, 0, crc_add(0, SPAN("")));
	ck_assert_int_eq(file_write(fd, buf_span(&b)), 0);
	buf_free(&b);
}

/* Make what is listed, with words between blanks: "A/" a folder, "A>B" a link,
 * else a file, of the queue unless there is a 9 in its name. */
static void
make(const char *list)
{
	struct span rest = span_str(list);

	while (rest.n > 0) {
		size_t n = span_find(rest, ' ');
		struct span name = span_head(rest, n);
		char path[64], *link;
		int fd;

		snprintf(path, sizeof(path), "%.*s", (int)name.n, name.p);
		link = strchr(path, '>');
		if (link != NULL) {
			*link = '\0';
			ck_assert_int_eq(symlink(link + 1, path), 0);
		} else if (path[name.n - 1] == '/') {
			ck_assert_int_eq(mkdir(path, 0700), 0);
		} else {
			fd = open(path, O_WRONLY | O_CREAT, 0600);
			ck_assert_int_ge(fd, 0);
			if (strchr(path, '9') == NULL)
				queue_file(fd);
			close(fd);
		}
		rest = span_skip(rest, n + 1);
	}
}

static bool
is_there(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0;
}

static const struct {
	const char *made, *there, *gone;
	unsigned moved;
	const char *says; /* a part of it; or NULL: nothing */
} rows[] = {
	{ "ABCDEF1 ABCDEF2", "ABCDEF1 ABCDEF2", "", 0, NULL },
	{ "A/ A/ABCDEF1 B/", "ABCDEF1", "A B", 1, "moved from q/A/ to q/" },
	{ "A/ A/B/ A/B/z/ A/B/z/ABCDEF1 A/ABCDEF2", "ABCDEF1 ABCDEF2", "A", 2,
	    "moved from q/A/B/z/ to q/" },
	/* taken already: neither is lost */
	{ "ABCDEF1 A/ A/ABCDEF1", "ABCDEF1 A/ABCDEF1", "", 0,
	    "! q/A/ABCDEF1: there is q/ABCDEF1 as well" },
	/* no queue file, no hashed folder */
	{ "A/ A/notes", "A/notes", "", 0, "! q/A/: not a folder of the queue" },
	{ "AB/ AB/ABCDEF1", "AB/ABCDEF1", "", 0, NULL },
	{ "A/ A/.x/ A/.x/ABCDEF1", "A/.x/ABCDEF1", "", 0, "! q/A/: not a" },
	{ "A/ A/ABCDEF9", "A/ABCDEF9", "", 0,
	    "! q/A/ABCDEF9: no queue file of ours, left alone" },
	/* links are not followed */
	{ "AB/ AB/ABCDEF1 A>AB", "A AB/ABCDEF1", "ABCDEF1", 0, NULL },
};

static void
all(const char *list, bool there)
{
	struct span rest = span_str(list);

	while (rest.n > 0) {
		size_t n = span_find(rest, ' ');
		char path[64];

		snprintf(path, sizeof(path), "%.*s", (int)n, rest.p);
		ck_assert_msg(
		    is_there(path) == there, "%s: %s", path, buf_str(&said));
		rest = span_skip(rest, n + 1);
	}
}

START_TEST(flatten)
{
	struct structure s = { .say = say };
	int folder = file_open_dir(AT_FDCWD, ".", false);

	make(rows[_i].made);
	ck_assert_int_eq(structure_flatten(&s, folder, "q"), 0);
	all(rows[_i].there, true);
	all(rows[_i].gone, false);
	ck_assert_uint_eq(s.moved, rows[_i].moved);
	if (rows[_i].says == NULL)
		ck_assert_str_eq(buf_str(&said), "");
	else
		ck_assert_msg(strstr(buf_str(&said), rows[_i].says) != NULL,
		    "%s", buf_str(&said));
	close(folder);
}
END_TEST

/* As deep as somebody likes: it ends, and takes nothing from there. */
START_TEST(deep)
{
	struct structure s = { .say = say };
	int folder = file_open_dir(AT_FDCWD, ".", false);
	char path[2 * 40 + 1];

	for (int i = 0; i < 40; i++) {
		memcpy(path + 2 * i, "A/", 3);
		ck_assert_int_eq(mkdir(path, 0700), 0);
	}
	ck_assert_int_eq(structure_flatten(&s, folder, "q"), 0);
	ck_assert(is_there(path));
	close(folder);
}
END_TEST

static const struct {
	mode_t before, after;
} modes[] = {
	{ 0600, 0600 },
	{ 0700, 0700 },
	{ 0644, 0600 },
	{ 0000, 0600 },
	{ 0100, 0700 },
	{ 06755, 0700 },
};

START_TEST(mode)
{
	struct structure s = { .say = say };
	int folder = file_open_dir(AT_FDCWD, ".", false);
	struct stat st;

	make("ABCDEF1 ABCDEF2>ABCDEF1 ABCDEF3/");
	ck_assert_int_eq(chmod("ABCDEF1", modes[_i].before), 0);
	ck_assert(structure_mode(&s, folder, "q", "ABCDEF1"));
	ck_assert_int_eq(stat("ABCDEF1", &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, modes[_i].after);
	ck_assert_uint_eq(s.modes, modes[_i].before != modes[_i].after);
	ck_assert(!structure_mode(&s, folder, "q", "ABCDEF2"));
	ck_assert(!structure_mode(&s, folder, "q", "ABCDEF3"));
	ck_assert(!structure_mode(&s, folder, "q", "ABCDEF4"));
	close(folder);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, flatten, 0, UNIT_COUNT(rows));
	tcase_add_test(t, deep);
	tcase_add_loop_test(t, mode, 0, UNIT_COUNT(modes));
}

int
main(void)
{
	return unit_main("queue/structure", fill);
}
