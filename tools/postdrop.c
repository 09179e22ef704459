/*
 * postdrop.c - leaves a message in maildrop/ while the mail system is down
 *
 * The one program of the suite that may be installed setgid. It takes nothing
 * from its environment; it reads a message on standard input, in the form of
 * pickup/drop.h, writes it to a file of its caller's in maildrop/, and gives
 * the group up as soon as that file is open. The file counts only once its
 * owner may execute it, which is set when all of it is on the disk.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "maps/items.h"
#include "message/sender_pattern.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/users.h"
#include "service/authorized.h"
#include "service/tool.h"

/* Behind the message; sendmail writes it when it has seen the end. */
#define END_MARK "\nFDROP-END\n"

enum { CHUNK = 65536, FRONT_MAX = CHUNK, SENDER_SHOWN = 200, TABLES_MAX = 100 };

static struct tool tool;
static int folder = -1; /* maildrop/ */
static char name[64]; /* of our file, once it is there */

/* Descriptors 0 to 2 exist, none above is open; signals and limits are ours. */
static void
start_clean(void)
{
	struct rlimit none = { 0, 0 };

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDWR) != fd)
			_exit(EX_OSERR);
	if (close_range(3, ~0U, 0) == -1)
		_exit(EX_OSERR);
	umask(022);
	(void)setrlimit(RLIMIT_CORE, &none);
	signal(SIGPIPE, SIG_IGN);
	for (int s = 1; s < SIGRTMIN; s++)
		if (s != SIGPIPE && s != SIGKILL && s != SIGSTOP)
			(void)signal(s, SIG_DFL);
}

/* What was begun is removed: nobody may deliver half of it. */
__attribute__((noreturn)) static void
give_up(int code, const char *what, int error)
{
	if (name[0] != '\0')
		(void)file_unlink(folder, name);
	tool_fatal(&tool, code, "%s: %s", what, strerror(error));
}

/* What pickup would say, were it there. */
static void
caller_check(void)
{
	const char *parameter = "authorized_submit_users";
	struct authorized *a =
	    authorized_new(parameter, tool_value(&tool, parameter));

	if (!authorized_has(a, getuid()))
		tool_fatal(&tool, EX_NOPERM,
		    "User (uid %ld) is not allowed to submit mail",
		    (long)getuid());
	authorized_free(&a);
}

static void
open_folder(void)
{
	char *path =
	    mem_printf("%s/maildrop", tool_value(&tool, "queue_directory"));

	folder = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder == -1)
		tool_fatal(&tool, EX_TEMPFAIL, "%s: %s", path, strerror(errno));
	free(path);
}

static int
create(void)
{
	uint32_t random;
	int fd;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		tool_fatal(&tool, EX_OSERR, "getrandom: %s", strerror(errno));
	snprintf(name, sizeof(name), "%llX%08X",
	    (unsigned long long)clock_wall_us(), random);
	fd = file_open(folder, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (fd == -1) {
		name[0] = '\0';
		tool_fatal(&tool, EX_TEMPFAIL, "create in maildrop/: %s",
		    strerror(errno));
	}
	if (setresgid(getgid(), getgid(), getgid()) == -1)
		give_up(EX_OSERR, "setgid", errno);
	return fd;
}

/* The first bytes of the message, with the whole line "sender=". */
static struct span
sender_read(struct buf *front)
{
	struct span sender;

	while (front->n < FRONT_MAX) {
		struct span rest = buf_span(front);
		ssize_t n;

		if (span_cut(&rest, '\n', &sender) &&
		    span_starts(rest, "sender=") &&
		    span_find(rest, '\n') < rest.n)
			return span_head(span_skip(rest, strlen("sender=")),
			    span_find(rest, '\n') - strlen("sender="));
		n = read(STDIN_FILENO, buf_room(front, CHUNK), CHUNK);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		front->n += (size_t)n;
	}
	give_up(EX_DATAERR, "input", EBADMSG);
}

/* Those of the child that runs postmap: the group's rights are not among them.
 */
static void
postmap_run(const char *login, int out)
{
	const char *list = tool_value(&tool, "local_login_sender_maps");
	const char *front[] = { "postmap", "-c", tool.folder, "-q", login };
	char **argv = mem_array(TABLES_MAX + 7, sizeof(*argv));
	struct span rest = span_str(list), item;
	size_t n = 0;

	if (setresgid(getgid(), getgid(), getgid()) == -1 ||
	    dup2(out, STDOUT_FILENO) == -1)
		_exit(EX_OSERR);
	for (; n < sizeof(front) / sizeof(front[0]); n++)
		argv[n] = mem_str(front[n]);
	for (size_t i = 0; i < TABLES_MAX && items_next(&rest, &item); i++)
		argv[n++] = mem_span(item);
	/* who is in none may send as nobody; so all trouble has a status */
	argv[n] = mem_str("static:,");
	tool_exec(&tool, argv[0], argv);
}

/* What postmap prints. */
static void
patterns_read(const char *login, struct buf *out)
{
	int fds[2], status = 0;
	pid_t child;
	ssize_t n = 0;

	if (pipe2(fds, O_CLOEXEC) == -1 || (child = fork()) == -1)
		give_up(EX_OSERR, "postmap", errno);
	if (child == 0)
		postmap_run(login, fds[1]);
	close(fds[1]);
	do {
		out->n += n > 0 ? (size_t)n : 0;
		n = read(fds[0], buf_room(out, CHUNK), CHUNK);
	} while (out->n < FRONT_MAX && (n > 0 || (n == -1 && errno == EINTR)));
	close(fds[0]);
	while (waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			break;
	if (n != 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		tool_fatal(&tool, EX_TEMPFAIL,
		    "local_login_sender_maps cannot be asked");
}

static bool
may_send(struct span sender)
{
	struct arena *a = arena_new();
	const struct sender_style style = {
		tool_value(&tool, "recipient_delimiter"),
		tool_value(
		    &tool, "empty_address_local_login_sender_maps_lookup_key"),
	};
	struct account account;
	struct buf patterns = BUF_EMPTY;
	bool may;

	if (users_find_uid(a, getuid(), &account) != USERS_FOUND)
		account.name =
		    arena_printf(a, "uid:%lu", (unsigned long)getuid());
	patterns_read(account.name, &patterns);
	may = sender_pattern_has(buf_span(&patterns), sender, &style);
	buf_free(&patterns);
	arena_free(&a);
	return may;
}

/* pickup asks lookup. Here it is postmap, run as the caller is: no table is
 * read, and no pattern run, with the rights of the group. */
static void
sender_check(struct buf *front)
{
	struct buf shown = BUF_EMPTY;
	struct span sender;

	if (strcmp(tool_value(&tool, "local_login_sender_maps"), "static:*") ==
	    0)
		return;
	sender = sender_read(front);
	log_quote(&shown, sender, SENDER_SHOWN);
	if (!may_send(sender))
		tool_fatal(&tool, EX_NOPERM,
		    "User (uid %ld) is not allowed to send mail as <%s>",
		    (long)getuid(), buf_str(&shown));
	buf_free(&shown);
}

/* Copy what comes, but for the end mark: the last bytes are held back until it
 * is known that they are it. Without it the caller was stopped half-way. */
static void
copy(int fd, struct buf *front)
{
	const size_t mark = strlen(END_MARK);
	char *chunk = mem_new(FRONT_MAX + CHUNK + mark);
	size_t held = front->n;
	bool begun = false;

	if (held > 0)
		memcpy(chunk, front->p, held);
	for (;;) {
		ssize_t n;

		if (held > mark) {
			if (!begun &&
			    !span_starts(span_of(chunk, held), "FDROP1\n"))
				give_up(EX_DATAERR, "input", EBADMSG);
			begun = true;
			if (file_write(fd, span_of(chunk, held - mark)) == -1)
				give_up(EX_TEMPFAIL, "write", errno);
			memmove(chunk, chunk + held - mark, mark);
			held = mark;
		}
		n = read(STDIN_FILENO, chunk + held, CHUNK);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			give_up(EX_IOERR, "read", errno);
		if (n == 0)
			break;
		held += (size_t)n;
	}
	if (!begun || !span_is(span_of(chunk, held), END_MARK))
		give_up(EX_DATAERR, "input", EBADMSG);
	free(chunk);
}

int
main(int argc, char **argv)
{
	const char *dir = NULL;
	struct buf front = BUF_EMPTY;
	int option, fd;

	start_clean();
	while ((option = getopt(argc, argv, "c:rv")) != -1) {
		if (option == 'c')
			dir = optarg;
		else if (option == '?')
			return EX_USAGE;
	}
	clearenv();
	tool_open(&tool, "postdrop", dir);
	caller_check();
	sender_check(&front);
	open_folder();
	fd = create();
	copy(fd, &front);
	buf_free(&front);
	/* on the disk, then complete: see docs/QUEUE.md, maildrop */
	if (file_sync(fd) == -1 || fchmod(fd, 0744) == -1 ||
	    file_sync(fd) == -1)
		give_up(EX_TEMPFAIL, "flush", errno);
	if (file_close(&fd) == -1)
		give_up(EX_TEMPFAIL, "close", errno);
	return EX_OK;
}
