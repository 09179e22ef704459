/* test_metadata.c - facteur.metadata: whole, damaged, changed */

#include "mailbox/metadata.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/why.h"
#include "mailbox/maildir.h"
#include "os/fault.h"
#include "tests/mailbox/one_maildir.h"
#include "tests/unit.h"

/* value NULL: take it away. */
static enum metadata_result
set(const char *name, const char *value, size_t most)
{
	const struct metadata_entry e = { span_str(name),
		value == NULL ? (struct span){ NULL, 0 } : span_str(value) };
	const struct metadata_change c = { &e, 1, most, 0 };

	return metadata_set(m, METADATA_FILE, &c, &why);
}

static const char *
all(void)
{
	struct buf out = BUF_EMPTY;
	struct metadata md;
	const char *kept;

	ck_assert_int_eq(metadata_read(m, METADATA_FILE, a, &md, &why), 0);
	for (size_t i = 0; i < md.count; i++)
		buf_printf(&out, "%.*s=%.*s;", (int)md.list[i].name.n,
		    md.list[i].name.p, (int)md.list[i].value.n,
		    md.list[i].value.p);
	kept = arena_str(a, buf_str(&out));
	buf_free(&out);
	return kept;
}

START_TEST(changes)
{
	ck_assert_str_eq(all(), "");
	ck_assert_int_eq(set("/b", "two\nlines", 10), METADATA_DONE);
	ck_assert_int_eq(set("/a", "", 10), METADATA_DONE);
	ck_assert_str_eq(all(), "/a=;/b=two\nlines;");
	ck_assert_int_eq(set("/B", "other", 10), METADATA_DONE);
	ck_assert_str_eq(all(), "/a=;/B=other;");
	ck_assert_int_eq(set("/c", "x", 2), METADATA_TOO_MANY);
	ck_assert_int_eq(set("/A", "y", 2), METADATA_DONE);
	ck_assert_int_eq(set("/none", NULL, 2), METADATA_DONE);
	ck_assert_int_eq(set("/b", NULL, 2), METADATA_DONE);
	ck_assert_str_eq(all(), "/A=y;");
	ck_assert_int_eq(set("/a", NULL, 2), METADATA_DONE);
	ck_assert_int_eq(faccessat(maildir_dir(m), METADATA_FILE, F_OK, 0), -1);
}
END_TEST

/* Each byte changed and each length cut: what is told is of what was set. */
START_TEST(damage)
{
	char *path = mem_printf("%s/" METADATA_FILE, base);
	struct buf text = BUF_EMPTY;

	ck_assert_int_eq(set("/a", "1", 10), METADATA_DONE);
	ck_assert_int_eq(set("/b", "22", 10), METADATA_DONE);
	ck_assert_int_eq(file_read_path(path, 10000, &text), 0);
	for (size_t i = 0; i < text.n * 2; i++) {
		struct span s = buf_span(&text);
		struct metadata md;
		char kept = text.p[i % text.n];
		bool whole;

		if (i < text.n)
			s.n = i;
		else
			text.p[i % text.n] ^= 1;
		metadata_parse(a, s, &md, &whole);
		ck_assert_uint_le(md.count, 2);
		for (size_t k = 0; k < md.count; k++)
			ck_assert(span_is(md.list[k].value, "1") ||
			    span_is(md.list[k].value, "22"));
		text.p[i % text.n] = kept;
	}
	buf_free(&text);
	free(path);
}
END_TEST

static const enum fault faults[] = { FAULT_WRITE, FAULT_SYNC, FAULT_LINK };

START_TEST(full_disk)
{
	ck_assert_int_eq(set("/a", "1", 10), METADATA_DONE);
	fault_arm(faults[_i], 1, ENOSPC, false);
	ck_assert_int_eq(set("/a", "2", 10), METADATA_TROUBLE);
	fault_arm(faults[_i], 0, 0, false);
	ck_assert_str_eq(all(), "/a=1;");
}
END_TEST

/* Somebody holds the folder and never lets go. */
START_TEST(held)
{
	const struct metadata_entry e = { SPAN("/a"), SPAN("1") };
	const struct metadata_change c = { &e, 1, 10, .wait_ms = 30 };
	int fd = open(maildir_path(m), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_int_eq(
	    metadata_set(m, METADATA_FILE, &c, &why), METADATA_TROUBLE);
	ck_assert_int_eq(errno, ETIMEDOUT);
	ck_assert_str_eq(all(), "");
	close(fd);
	ck_assert_int_eq(
	    metadata_set(m, METADATA_FILE, &c, &why), METADATA_DONE);
	ck_assert_str_eq(all(), "/a=1;");
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, changes);
	tcase_add_test(c, damage);
	tcase_add_test(c, held);
	tcase_add_loop_test(c, full_disk, 0, UNIT_COUNT(faults));
}

int
main(void)
{
	return unit_main("mailbox/metadata", fill);
}
