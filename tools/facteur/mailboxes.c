/*
 * mailboxes.c - facteur import, facteur export
 *
 * Each mailbox is worked on by a process that has become its owner, so that no
 * link in it leads further than its owner could go himself. What it found comes
 * back as sums through a pipe; its lines go straight to standard output.
 */

#include "tools/facteur/mailboxes.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "config/courier.h"
#include "config/places.h"
#include "mailbox/folder.h"
#include "mailbox/maildir.h"
#include "mailbox/subs.h"
#include "mailbox/tree.h"
#include "os/own_dir.h"
#include "os/users.h"
#include "service/tool.h"
#include "tools/facteur/mailbox_folder.h"

enum work { WORK_IMPORT, WORK_EXPORT };

struct job {
	const struct tool *tool;
	enum work work;
	enum folder_wish wish;
	bool dovecot, all;
	struct folder_conf names;
	char *maildir; /* below a home */
	const char *indexes; /* index_directory */
};

struct sums {
	size_t mailboxes, folders, messages, kept, fresh, failed;
};

/* ---- one mailbox, as its owner */

static void
say_import(struct span name, const struct folder_report *r)
{
	printf("  %.*s: %s, ", (int)name.n, name.p, r->source);
	if (r->validity != 0)
		printf("UIDVALIDITY %lu, ", r->validity);
	printf("%zu messages, %zu UIDs kept, %zu new", r->messages, r->kept,
	    r->fresh);
	if (r->pop3 > 0)
		printf(", %zu POP3 names", r->pop3);
	if (r->keywords > 0)
		printf(", %zu with keywords", r->keywords);
	if (r->lost > 0)
		printf(", %zu keywords without room", r->lost);
	if (r->skipped > 0)
		printf(", %zu lines not understood", r->skipped);
	if (r->unknown > 0)
		printf(", %zu files that are no messages", r->unknown);
	printf("\n");
}

static bool
folder_work(const struct job *j, struct tree *t, struct span name,
    struct sums *sums, struct why *why)
{
	enum tree_result got;
	struct maildir *m = tree_folder(t, name, &got, why);
	struct folder_report r;
	struct folder_given given;

	if (m == NULL)
		return false;
	if (j->work == WORK_IMPORT) {
		if (!folder_import(&m, t, j->wish, &r, why))
			return false;
		say_import(name, &r);
		sums->kept += r.kept;
		sums->fresh += r.fresh;
		sums->messages += r.messages;
	} else {
		if (!folder_export(&m, t, j->dovecot, &given, why))
			return false;
		printf("  %.*s: %zu messages", (int)name.n, name.p,
		    given.messages);
		if (given.left > 0)
			printf(", %zu keywords without a letter", given.left);
		printf("\n");
		sums->messages += given.messages;
	}
	sums->folders++;
	return true;
}

static void
folders_work(const struct job *j, struct tree *t, struct sums *sums)
{
	struct arena *a = arena_new();
	struct why why;
	size_t count = 0, subscribed = 0;
	struct tree_entry *list;

	why_init(&why);
	list = tree_list(t, a, &count, &why);
	if (list == NULL) {
		tool_warn(j->tool, "%s", why_text(&why));
		sums->failed++;
	}
	for (size_t i = 0; list != NULL && i < count; i++) {
		if (!list[i].exists ||
		    folder_work(j, t, list[i].name, sums, &why))
			continue;
		tool_warn(j->tool, "%.*s: %s", (int)list[i].name.n,
		    list[i].name.p, why_text(&why));
		sums->failed++;
	}
	if (list != NULL && subs_list(t, a, &subscribed, &why) != NULL)
		printf("  %zu subscriptions\n", subscribed);
	why_free(&why);
	arena_free(&a);
}

static void
mailbox_work(const struct job *j, const char *path, struct sums *sums)
{
	struct maildir *m;
	struct tree *t = NULL;
	struct why why;

	why_init(&why);
	m = maildir_open(AT_FDCWD, path, 0, &why);
	if (m != NULL)
		t = tree_open(maildir_dir(m), ".", &j->names, &why);
	if (t == NULL) {
		tool_warn(j->tool, "%s: %s", path, why_text(&why));
		sums->failed++;
	} else {
		tree_keep_indexes(t, j->indexes);
		printf("%s\n", path);
		sums->mailboxes++;
		folders_work(j, t, sums);
	}
	tree_close(&t);
	if (m != NULL)
		maildir_close(&m);
	why_free(&why);
}

/* ---- a process for it */

struct person {
	const char *name; /* of the account, or NULL */
	uid_t uid;
	gid_t gid;
	const char *path;
};

static void
child(const struct job *j, const struct person *who, int report)
{
	struct sums sums = { 0 };

	if (geteuid() == 0 && who->uid != 0 && *j->indexes != '\0')
		(void)own_dir_make(j->indexes, who->uid, who->gid);
	if (geteuid() == 0 && who->uid != 0 &&
	    users_become(who->name, who->uid, who->gid) == -1) {
		tool_warn(j->tool, "become the owner of %s: %s", who->path,
		    strerror(errno));
		_exit(EX_OSERR);
	}
	(void)umask(077);
	mailbox_work(j, who->path, &sums);
	if (fflush(stdout) != 0 ||
	    write(report, &sums, sizeof(sums)) != sizeof(sums))
		_exit(EX_IOERR);
	_exit(0);
}

static void
add(struct sums *to, const struct sums *s)
{
	to->mailboxes += s->mailboxes;
	to->folders += s->folders;
	to->messages += s->messages;
	to->kept += s->kept;
	to->fresh += s->fresh;
	to->failed += s->failed;
}

static void
person_work(const struct job *j, const struct person *who, struct sums *total)
{
	struct sums sums;
	int ends[2], status;
	pid_t pid;
	bool told;

	fflush(stdout);
	if (pipe(ends) == -1 || (pid = fork()) == -1)
		tool_fatal(j->tool, EX_OSERR, "%s", strerror(errno));
	if (pid == 0) {
		close(ends[0]);
		child(j, who, ends[1]);
	}
	close(ends[1]);
	told = read(ends[0], &sums, sizeof(sums)) == sizeof(sums);
	close(ends[0]);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (told)
		add(total, &sums);
	else
		total->failed++;
}

/* ---- whose */

/* A Maildir's own owner is who works on it. */
static void
by_path(const struct job *j, const char *path, struct sums *total)
{
	struct stat st;
	struct person who = { .path = path };

	if (stat(path, &st) == -1) {
		tool_warn(j->tool, "%s: %s", path, strerror(errno));
		total->failed++;
		return;
	}
	who.uid = st.st_uid;
	who.gid = st.st_gid;
	person_work(j, &who, total);
}

static void
by_name(const struct job *j, const char *name, struct sums *total)
{
	struct arena *a = arena_new();
	struct account account;
	struct person who;

	if (users_find(a, span_str(name), &account) != USERS_FOUND) {
		tool_warn(j->tool, "%s: no such account", name);
		total->failed++;
	} else {
		who = (struct person){ account.name, account.uid, account.gid,
			j->maildir[0] == '/' ? j->maildir
					     : arena_printf(a, "%s/%s",
						   account.home, j->maildir) };
		person_work(j, &who, total);
	}
	arena_free(&a);
}

/* Every account that has a Maildir; two accounts of one home once. */
static void
everybody(const struct job *j, struct sums *total)
{
	struct passwd *pw;

	setpwent();
	while ((pw = getpwent()) != NULL) {
		char *path = mem_printf("%s/%s/cur", pw->pw_dir, j->maildir);
		struct stat st;
		struct person who = { pw->pw_name, pw->pw_uid, pw->pw_gid,
			path };
		bool there = lstat(path, &st) == 0 && st.st_uid == pw->pw_uid;

		path[strlen(path) - 4] = '\0';
		if (there)
			person_work(j, &who, total);
		free(path);
	}
	endpwent();
}

/* ---- the command */

/* As auth finds it: MAILDIRPATH of Courier's imapd, home_mailbox, or Maildir.
 */
static char *
maildir_of(const struct tool *t)
{
	struct buf path = BUF_EMPTY;
	struct span home = span_str(tool_value(t, "home_mailbox"));
	const char *said = NULL;
	struct courier *c;
	struct why why;
	char *got;

	why_init(&why);
	(void)places_find(t->folder, PLACE_IMAPD, &path);
	c = courier_load(buf_str(&path), true, &why);
	if (c == NULL)
		tool_fatal(t, EX_CONFIG, "%s", why_text(&why));
	said = courier_get(c, "MAILDIRPATH");
	if (said != NULL && said[0] != '\0')
		got = mem_str(said);
	else if (home.n > 1 && span_ends(home, "/"))
		got = mem_span(span_head(home, home.n - 1));
	else
		got = mem_str("Maildir");
	courier_free(&c);
	why_free(&why);
	buf_free(&path);
	return got;
}

static void
job_begin(struct job *j, const struct tool *t)
{
	j->tool = t;
	j->names.prefix = tool_value(t, "imap_prefix");
	j->names.separator = tool_value(t, "imap_separator")[0];
	j->names.alias = true;
	j->maildir = maildir_of(t);
	j->indexes = tool_value(t, "index_directory");
}

static int
work(struct job *j, const struct tool *t, int count, char **words)
{
	struct sums total = { 0 };

	if (j->all != (count == 0))
		return EX_USAGE;
	job_begin(j, t);
	if (j->all && geteuid() != 0)
		tool_fatal(t, EX_NOPERM,
		    "mailboxes of others are the superuser's business");
	if (j->all)
		everybody(j, &total);
	for (int i = 0; i < count; i++) {
		if (words[i][0] == '/')
			by_path(j, words[i], &total);
		else
			by_name(j, words[i], &total);
	}
	printf("%zu mailboxes, %zu folders, %zu messages", total.mailboxes,
	    total.folders, total.messages);
	if (j->work == WORK_IMPORT)
		printf(": %zu UIDs kept, %zu new", total.kept, total.fresh);
	printf(total.failed > 0 ? "; %zu failures\n" : "\n", total.failed);
	free(j->maildir);
	return total.failed > 0 ? EX_TEMPFAIL : 0;
}

int
import_main(const struct tool *t, int count, char **words)
{
	struct job j = { .work = WORK_IMPORT, .wish = FOLDER_TAKE };

	for (; count > 0 && words[0][0] == '-'; count--, words++) {
		if (strcmp(words[0], "-n") == 0)
			j.wish = FOLDER_LOOK;
		else if (strcmp(words[0], "-r") == 0)
			j.wish = FOLDER_TAKE_AGAIN;
		else if (strcmp(words[0], "-a") == 0)
			j.all = true;
		else
			return EX_USAGE;
	}
	return work(&j, t, count, words);
}

int
export_main(const struct tool *t, int count, char **words)
{
	struct job j = { .work = WORK_EXPORT };

	if (count > 0 && strcmp(words[0], "dovecot") == 0)
		j.dovecot = true;
	else if (count == 0 || strcmp(words[0], "courier") != 0)
		return EX_USAGE;
	count--;
	words++;
	if (count > 0 && strcmp(words[0], "-a") == 0) {
		j.all = true;
		count--;
		words++;
	}
	return work(&j, t, count, words);
}
