/*
 * lists.c - files with members, read for an explanation
 *
 * A list is its owner's, and so may be the path to it: root becomes the owner
 * before it opens anything, in a process of its own that hands the text back.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "os/file.h"
#include "os/users.h"
#include "tools/facteur/trace.h"

enum { LIST_BYTES_MAX = 4 << 20, REASON_MAX = 200 };

/* As delivery has it; NULL: it is good. */
static const char *
distrusted(const struct stat *st, uid_t owner)
{
	if (!S_ISREG(st->st_mode))
		return "is not a regular file";
	if (st->st_uid != owner && st->st_uid != 0)
		return "belongs to somebody else";
	return (st->st_mode & S_IWOTH) != 0 ? "may be written by everybody"
					    : NULL;
}

/* Into *out; the reason of what is no LIST_READ too. */
static enum list_result
read_here(const char *path, uid_t owner, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum list_result got = LIST_READ;
	const char *bad = NULL;
	struct stat st;

	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return LIST_ABSENT;
	if (fd != -1 && fstat(fd, &st) == 0)
		bad = distrusted(&st, owner);
	if (bad != NULL) {
		got = LIST_REFUSED;
		buf_add_str(out, bad);
	} else if (fd == -1 || file_read_all(fd, LIST_BYTES_MAX, out) == -1) {
		got = LIST_UNREADABLE;
		buf_clear(out);
		buf_add_str(out, strerror(errno));
	}
	file_close(&fd);
	return got;
}

/* The child of read_as(): the result is its exit code. */
static void
read_become(const char *path, const struct account *who, int to)
{
	struct buf text = BUF_EMPTY;
	enum list_result got;

	if (users_become(who->name, who->uid, who->gid) == -1)
		_exit(LIST_UNREADABLE);
	got = read_here(path, who->uid, &text);
	if (file_write(to, buf_span(&text)) == -1)
		got = LIST_UNREADABLE;
	_exit((int)got);
}

static enum list_result
read_as(const char *path, const struct account *who, struct buf *out)
{
	int pipes[2], status = 0;
	bool whole;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) == -1)
		return LIST_UNREADABLE;
	pid = fork();
	if (pid == 0)
		read_become(path, who, pipes[1]);
	file_close(&pipes[1]);
	whole = file_read_all(pipes[0], LIST_BYTES_MAX, out) == 0;
	file_close(&pipes[0]);
	if (pid == -1 || waitpid(pid, &status, 0) != pid || !whole ||
	    !WIFEXITED(status))
		return LIST_UNREADABLE;
	return (enum list_result)WEXITSTATUS(status);
}

enum list_result
list_read(struct trace *t, const char *path, struct span user,
    struct span *text, const char **reason)
{
	struct buf bytes = BUF_EMPTY;
	struct account who;
	enum list_result got;

	*text = SPAN("");
	*reason = "";
	if (users_find(t->arena, user, &who) != USERS_FOUND) {
		*reason = "its user has no account";
		return LIST_UNREADABLE;
	}
	got = t->root ? read_as(path, &who, &bytes)
		      : read_here(path, who.uid, &bytes);
	if (got == LIST_READ)
		*text = arena_span(t->arena, buf_span(&bytes));
	else if (got != LIST_ABSENT)
		*reason = bytes.n == 0
		    ? "cannot be read"
		    : arena_span_str(
			  t->arena, span_head(buf_span(&bytes), REASON_MAX));
	buf_free(&bytes);
	return got;
}
