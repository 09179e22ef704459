/*
 * mailstat.c - sums from a log of procmail: bytes and messages by folder
 *
 * The options and the table of procmail's mailstat. The log is moved to
 * NAME.old and begun anew, unless it is to be kept, so that the next time only
 * what is new is counted.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/table.h"
#include "os/file.h"

enum { EXIT_NO_MAIL = 1, EXIT_USAGE = 64, LOG_MAX = 1 << 30 };

struct options {
	bool keep, average, merge, old, terse, silent;
	const char *log; /* NULL: standard input */
};

struct sum {
	struct span folder;
	uint64_t bytes, messages;
};

/* ---- reading */

static bool
is_number(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return s.n > 0;
}

/* Messages that are files of a directory are counted under it. */
static struct span
folder_of(struct arena *a, struct span name)
{
	size_t slash = span_rfind(name, '/');
	struct span last = span_skip(name, slash + 1);
	struct span dir = span_head(name, slash + 1);

	if (slash == name.n)
		return name;
	if (span_ends(dir, "/new/"))
		return span_head(dir, dir.n - (sizeof("new/") - 1));
	if (is_number(last)) {
		char *text = arena_printf(a, "%.*s.", (int)dir.n, dir.p);

		return span_str(text);
	}
	return span_starts(last, "msg.") ? dir : name;
}

static void
count(struct arena *a, struct table *sums, struct span folder, uint64_t bytes)
{
	struct sum *s = table_get(sums, folder);

	if (s == NULL) {
		s = arena_alloc(a, sizeof(*s));
		s->folder = folder;
		table_put(sums, folder, s);
	}
	s->bytes += bytes;
	s->messages++;
}

static void
count_line(struct arena *a, const struct options *o, struct table *sums,
    struct span line)
{
	struct span rest = line, name;
	uint64_t bytes = 0;

	if (span_starts(line, "From ") || span_starts(line, " Subject:"))
		return;
	if (!span_starts(line, "  Folder: ")) {
		char *said = arena_printf(
		    a, " ## %.*s", (int)line.n, line.p == NULL ? "" : line.p);

		count(a, sums,
		    o->merge ? SPAN(" ## diagnostic messages ##")
			     : span_str(said),
		    0);
		return;
	}
	rest = span_skip(rest, sizeof("  Folder: ") - 1);
	name = span_head(rest, span_find(rest, '\t'));
	rest = span_trim(span_skip(rest, name.n));
	if (!number_parse(rest, 0, UINT64_MAX / 2, &bytes))
		bytes = 0;
	count(a, sums, folder_of(a, name), bytes);
}

/* ---- writing */

static int
by_folder(const void *x, const void *y)
{
	const struct sum *const *a = x, *const *b = y;

	return span_cmp((*a)->folder, (*b)->folder);
}

static void
print_numbers(const struct options *o, uint64_t bytes, uint64_t messages)
{
	uint64_t average = messages == 0 ? 0 : bytes / messages;

	printf("%7" PRIu64, bytes);
	if (o->average)
		printf(" %7" PRIu64, average);
	printf(" %7" PRIu64, messages);
}

static void
print_folder(struct span folder)
{
	putchar(' ');
	for (size_t i = 0; i < folder.n; i++) {
		int c = (unsigned char)folder.p[i];

		putchar(ascii_control(c) && c != '\t' ? '?' : c);
	}
	putchar('\n');
}

static void
print_table(const struct options *o, struct sum **list, size_t n)
{
	uint64_t bytes = 0, messages = 0;

	if (!o->terse)
		printf("\n  Total %s Number Folder\n  ----- %s ------ ------\n",
		    o->average ? "Average " : "", o->average ? "------- " : "");
	for (size_t i = 0; i < n; i++) {
		/* what went nowhere by HOST is in the sum alone */
		if (list[i]->folder.n > 0) {
			print_numbers(o, list[i]->bytes, list[i]->messages);
			print_folder(list[i]->folder);
		}
		bytes += list[i]->bytes;
		messages += list[i]->messages;
	}
	if (o->terse)
		return;
	printf("  ----- %s ------\n", o->average ? "------- " : "");
	print_numbers(o, bytes, messages);
	putchar('\n');
}

static void
print_sums(const struct options *o, struct arena *a, const struct table *sums)
{
	struct sum **list =
	    arena_array(a, table_count(sums) + 1, sizeof(*list));
	struct span key;
	size_t at = 0, n = 0;
	void *value;

	while (table_next(sums, &at, &key, &value))
		list[n++] = value;
	qsort(list, n, sizeof(*list), by_folder);
	print_table(o, list, n);
}

static void
report(const struct options *o, struct span log)
{
	struct arena *a = arena_new();
	struct table *sums = table_new();
	struct span line;

	while (log.n > 0 && span_line(&log, &line))
		count_line(a, o, sums, line);
	print_sums(o, a, sums);
	table_free(&sums, NULL);
	arena_free(&a);
}

/* ---- the log */

static int
failed(const char *name)
{
	fprintf(stderr, "mailstat: %s: %s\n", name, strerror(errno));
	return EXIT_NO_MAIL;
}

/* The log goes to NAME.old; one of its mode is put in its place. A procmail
 * that has it open goes on writing to the old one. */
static int
move_log(const char *log, const char *old, const struct stat *st)
{
	int fd;

	if (file_rename(AT_FDCWD, log, AT_FDCWD, old) == -1)
		return -1;
	fd = file_open(AT_FDCWD, log, O_WRONLY | O_CREAT,
	    st->st_mode & (S_IRWXU | S_IRWXG | S_IRWXO));
	if (fd == -1)
		return -1;
	if (getuid() == 0 && fchown(fd, st->st_uid, st->st_gid) == -1) {
		file_close(&fd);
		return -1;
	}
	return file_close(&fd);
}

static int
no_mail(const struct options *o, const char *old)
{
	struct stat st;
	struct tm tm;
	char date[64] = { 0 };

	if (stat(old, &st) == 0 && localtime_r(&st.st_mtime, &tm) != NULL &&
	    strftime(date, sizeof(date), " since %b %e %H:%M", &tm) == 0)
		date[0] = '\0';
	if (!o->silent)
		printf("No mail arrived%s\n", date);
	return EXIT_NO_MAIL;
}

static int
read_log(const struct options *o, const char *name, const char *old)
{
	struct buf log = BUF_EMPTY;
	const char *from = o->old ? old : name;
	struct stat st;
	int code = 0;

	if (stat(from, &st) == -1) {
		fprintf(stderr, "Can't find your LOGFILE=%s\n", from);
		return EXIT_NO_MAIL;
	}
	if (st.st_size == 0)
		return no_mail(o, old);
	if (!o->old && !o->keep) {
		if (move_log(name, old, &st) == -1)
			return failed(name);
		from = old;
	}
	if (file_read_path(from, LOG_MAX, &log) == -1)
		code = failed(from);
	else
		report(o, buf_span(&log));
	buf_free(&log);
	return code;
}

static int
run(const struct options *o)
{
	struct buf log = BUF_EMPTY;
	struct arena *a;
	int code = 0;

	if (o->log != NULL) {
		a = arena_new();
		code = read_log(o, o->log, arena_printf(a, "%s.old", o->log));
		arena_free(&a);
		return code;
	}
	if (file_read_all(STDIN_FILENO, LOG_MAX, &log) == -1)
		code = failed("standard input");
	else
		report(o, buf_span(&log));
	buf_free(&log);
	return code;
}

static int
usage(void)
{
	(void)fputs("Usage: mailstat [-klmots] [logfile]\n"
		    "\t-k\tkeep logfile intact\n"
		    "\t-l\tlong display format\n"
		    "\t-m\tmerge any errors into one line\n"
		    "\t-o\tuse the old logfile\n"
		    "\t-t\tterse display format\n"
		    "\t-s\tsilent in case of no mail\n",
	    stderr);
	return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	struct options o = { 0 };
	int c;

	while ((c = getopt(argc, argv, "klmots")) != -1) {
		if (c == '?')
			return usage();
		o.keep |= c == 'k';
		o.average |= c == 'l';
		o.merge |= c == 'm';
		o.old |= c == 'o';
		o.terse |= c == 't';
		o.silent |= c == 's';
	}
	if (argc - optind > 1)
		return usage();
	o.log = argv[optind];
	if (o.log == NULL && isatty(STDIN_FILENO))
		return usage();
	return run(&o);
}
