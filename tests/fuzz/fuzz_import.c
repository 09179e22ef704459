/* fuzz_import.c - mailbox/import.h: files of Courier and Dovecot
 *
 * The input is cut at NULs into one file after the other.
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/why.h"
#include "mailbox/import.h"
#include "mailbox/maildir.h"
#include "mailbox/quota.h"
#include "mailbox/subs.h"
#include "mailbox/tree.h"
#include "os/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const char *const names[] = { "courierimapuiddb", "dovecot-uidlist",
	"courierpop3dsizelist", "dovecot-keywords", "courierimapkeywords/:list",
	"courierimapkeywords/a", "courierimapsubscribed", "subscriptions",
	"maildirsize" };

static struct tree *
scratch(void)
{
	static const struct folder_conf conf = { "INBOX.", '.', FOLDER_AUTO,
		false };
	static char path[] = "/tmp/facteur-fuzz.XXXXXX";
	static struct tree *t;
	struct why why;

	if (t == NULL && mkdtemp(path) != NULL) {
		why_init(&why);
		t = tree_open(AT_FDCWD, path, &conf, &why);
		why_free(&why);
	}
	return t;
}

static void
write_files(int dir, struct span s)
{
	struct span part;

	(void)mkdirat(dir, "courierimapkeywords", 0700);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int fd;

		if (!span_cut(&s, '\0', &part)) {
			(void)file_unlink(dir, names[i]);
			continue;
		}
		fd = file_open(
		    dir, names[i], O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (fd == -1 || file_write(fd, part) == -1)
			abort();
		file_close(&fd);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct span files[] = { SPAN("a:2,Sabz"), SPAN("b"),
		SPAN("c,S=1:2,") };
	const struct quota_limit limit = { 1000, 10, false };
	struct tree *t = scratch();
	int dir = maildir_dir(tree_inbox(t));
	struct arena *a = arena_new();
	struct quota_usage usage;
	struct import im;
	struct why why;
	size_t count;

	why_init(&why);
	write_files(dir, span_of((const char *)p, n));
	import_read(dir, files, 3, a, &im);
	for (size_t i = 1; i < im.count; i++)
		if (im.list[i].uid <= im.list[i - 1].uid ||
		    im.list[i].uid >= im.head.next)
			abort();
	import_done(&im);
	(void)subs_list(t, a, &count, &why);
	if (subs_set(t, SPAN("INBOX.x.y"), true, &why) == -1 ||
	    quota_read(dir, &limit, &usage, &why) == -1)
		abort();
	arena_free(&a);
	why_free(&why);
	return 0;
}
