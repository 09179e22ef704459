/*
 * maildirmake.c - makes Maildirs, folders in them, and quotas
 *
 * Options as Courier's, so that scripts go on working. Runs with the caller's
 * rights and reads no configuration.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/why.h"
#include "mailbox/folder.h"
#include "mailbox/maildir.h"
#include "mailbox/quota.h"
#include "mailbox/tree.h"
#include "os/file.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 64 };

static const struct folder_conf names = { "", '.', FOLDER_AUTO, false };

static int
usage(void)
{
	fprintf(stderr,
	    "usage: maildirmake MAILDIR\n"
	    "       maildirmake -f FOLDER MAILDIR\n"
	    "       maildirmake -F NAME MAILDIR\n"
	    "       maildirmake -q QUOTA MAILDIR\n");
	return EXIT_USAGE;
}

static int
failed(const char *what, const char *text)
{
	fprintf(stderr, "maildirmake: %s: %s\n", what, text);
	return EXIT_FAILED;
}

/* dir below at, which must not be there. */
static int
make_fresh(int at, const char *dir, unsigned flags)
{
	struct maildir *m;
	struct stat st;
	struct why why;
	int status = 0;

	if (fstatat(at, dir, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return failed(dir, strerror(EEXIST));
	why_init(&why);
	m = maildir_open(at, dir, MAILDIR_MAKE | flags, &why);
	if (m == NULL)
		status = failed(dir, why_text(&why));
	maildir_close(&m);
	why_free(&why);
	return status;
}

static struct maildir *
open_maildir(const char *path)
{
	struct maildir *m;
	struct why why;

	why_init(&why);
	m = maildir_open(AT_FDCWD, path, 0, &why);
	if (m == NULL)
		(void)failed(path, why_text(&why));
	why_free(&why);
	return m;
}

/* The name is the directory's, as it stands. */
static int
make_folder(const char *maildir, const char *folder)
{
	struct buf dir = BUF_EMPTY;
	struct maildir *m = open_maildir(maildir);
	int status = EXIT_FAILED;

	if (m == NULL)
		return status;
	if (folder_to_dir_raw(&names, span_str(folder), &dir) == FOLDER_OK)
		status = make_fresh(
		    maildir_dir(m), buf_str(&dir), MAILDIR_SUBFOLDER);
	else
		(void)failed(folder, "no name for a folder");
	maildir_close(&m);
	buf_free(&dir);
	return status;
}

/* The name is UTF-8, written as the other folders' are. */
static int
make_named(const char *maildir, const char *name)
{
	struct maildir *m = open_maildir(maildir);
	struct tree *t;
	struct why why;
	int status = 0;

	if (m == NULL)
		return EXIT_FAILED;
	why_init(&why);
	t = tree_open(maildir_dir(m), ".", &names, &why);
	if (t == NULL || tree_make(t, span_str(name), &why) != TREE_DONE)
		status = failed(name, why_text(&why));
	tree_close(&t);
	maildir_close(&m);
	why_free(&why);
	return status;
}

/* A Maildir is made when it is not there. */
static int
set_quota(const char *maildir, const char *quota)
{
	struct quota_limit limit = { 0, 0, false };
	struct quota_usage usage_now;
	struct maildir *m;
	struct why why;
	int status = 0;

	if (!quota_parse(span_str(quota), &limit))
		return failed(quota, "wanted is 10000000S,1000C");
	why_init(&why);
	m = maildir_open(AT_FDCWD, maildir, MAILDIR_MAKE, &why);
	if (m == NULL) {
		status = failed(maildir, why_text(&why));
	} else {
		(void)file_unlink(maildir_dir(m), "maildirsize");
		if (quota_read(maildir_dir(m), &limit, &usage_now, &why) == -1)
			status = failed(maildir, why_text(&why));
	}
	maildir_close(&m);
	why_free(&why);
	return status;
}

int
main(int argc, char **argv)
{
	const char *folder = NULL, *name = NULL, *quota = NULL;
	int c;

	while ((c = getopt(argc, argv, "f:F:q:")) != -1) {
		if (c == 'f')
			folder = optarg;
		else if (c == 'F')
			name = optarg;
		else if (c == 'q')
			quota = optarg;
		else
			return usage();
	}
	if (argc - optind != 1 ||
	    (folder != NULL) + (name != NULL) + (quota != NULL) > 1)
		return usage();
	if (folder != NULL)
		return make_folder(argv[optind], folder);
	if (name != NULL)
		return make_named(argv[optind], name);
	if (quota != NULL)
		return set_quota(argv[optind], quota);
	return make_fresh(AT_FDCWD, argv[optind], 0);
}
