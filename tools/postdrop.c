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
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/file.h"
#include "service/authorized.h"
#include "service/tool.h"

/* Behind the message; sendmail writes it when it has seen the end. */
#define END_MARK "\nFDROP-END\n"

enum { CHUNK = 65536 };

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
static void
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

/* Copy what comes, but for the end mark: the last bytes are held back until it
 * is known that they are it. Without it the caller was stopped half-way. */
static void
copy(int fd)
{
	const size_t mark = strlen(END_MARK);
	char *chunk = mem_new(CHUNK + mark);
	size_t held = 0;
	bool begun = false;

	for (;;) {
		ssize_t n = read(STDIN_FILENO, chunk + held, CHUNK);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			give_up(EX_IOERR, "read", errno);
		if (n == 0)
			break;
		held += (size_t)n;
		if (held <= mark)
			continue;
		if (!begun && !span_starts(span_of(chunk, held), "FDROP1\n"))
			give_up(EX_DATAERR, "input", EBADMSG);
		begun = true;
		if (file_write(fd, span_of(chunk, held - mark)) == -1)
			give_up(EX_TEMPFAIL, "write", errno);
		memmove(chunk, chunk + held - mark, mark);
		held = mark;
	}
	if (!begun || !span_is(span_of(chunk, held), END_MARK))
		give_up(EX_DATAERR, "input", EBADMSG);
	free(chunk);
}

int
main(int argc, char **argv)
{
	const char *dir = NULL;
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
	open_folder();
	fd = create();
	copy(fd);
	/* on the disk, then complete: see docs/QUEUE.md, maildrop */
	if (file_sync(fd) == -1 || fchmod(fd, 0744) == -1 ||
	    file_sync(fd) == -1)
		give_up(EX_TEMPFAIL, "flush", errno);
	if (file_close(&fd) == -1)
		give_up(EX_TEMPFAIL, "close", errno);
	return EX_OK;
}
