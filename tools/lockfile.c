/*
 * lockfile.c - make lock files, for scripts
 *
 * The options and exit codes of procmail's lockfile. A lock is a file of our
 * own linked to the name, which works on NFS too. Either all names are locked
 * at the end, or none. It has no rights of its own: -ml and -mu need a spool
 * that the caller may write.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/number.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/users.h"

enum {
	EXIT_USAGE = 64,
	EXIT_TROUBLE = 69,
	EXIT_HELD = 73,
	EXIT_STOPPED = 75,
	NUMBER_MAX = 1 << 30,
	LOCK_MODE = 0444
};

struct lock {
	const char *name;
	struct lock *next;
};

struct lockfile {
	struct arena *memory;
	int sleep_s, suspend_s, timeout_s;
	int retries; /* below 0: without end */
	unsigned tries; /* so far, for names */
	bool invert, some;
	struct lock *taken;
};

static volatile sig_atomic_t stopped;

static void
on_signal(int s)
{
	(void)s;
	stopped = 1;
}

static void
nap(int seconds)
{
	struct timespec t = { .tv_sec = seconds };

	if (!stopped && seconds > 0)
		(void)nanosleep(&t, NULL);
}

static void
say(const char *what, const char *name)
{
	(void)fprintf(stderr, "lockfile: %s \"%s\"\n", what, name);
}

/* ---- one lock */

/* The new file is linked to its name; the answer to that may get lost, the
 * number of its links does not. 0, or -1 with errno. */
static int
link_lock(const char *own, const char *name)
{
	struct stat st;
	int got, error;

	got = file_link(AT_FDCWD, own, AT_FDCWD, name);
	error = errno;
	if (got == -1 && lstat(own, &st) == 0 && st.st_nlink == 2)
		got = 0;
	(void)file_unlink(AT_FDCWD, own);
	errno = error;
	return got;
}

static int
try_lock(struct lockfile *l, const char *name)
{
	size_t folder = span_rfind(span_str(name), '/');
	char *own;
	int fd;

	folder = name[folder] == '/' ? folder + 1 : 0;
	own = arena_printf(l->memory, "%.*s_lock.%lld.%d.%u", (int)folder, name,
	    (long long)clock_wall(), (int)getpid(), l->tries++);
	fd = file_open(AT_FDCWD, own, O_WRONLY | O_CREAT | O_EXCL, LOCK_MODE);
	if (fd == -1)
		return -1;
	if (file_write(fd, SPAN("0")) == -1 || file_close(&fd) == -1) {
		int error = errno;

		file_close(&fd);
		(void)file_unlink(AT_FDCWD, own);
		errno = error;
		return -1;
	}
	return link_lock(own, name);
}

/* One that was not touched for too long goes. */
static bool
break_old(const struct lockfile *l, const char *name)
{
	struct stat st;

	if (l->timeout_s == 0 || lstat(name, &st) == -1 ||
	    clock_wall() - st.st_mtime <= l->timeout_s)
		return false;
	say("Forcing lock on", name);
	(void)file_unlink(AT_FDCWD, name);
	nap(l->suspend_s);
	return true;
}

static int
take(struct lockfile *l, const char *name)
{
	int left = l->retries;

	while (!stopped) {
		if (try_lock(l, name) == 0)
			return 0;
		if (errno != EEXIST) {
			(void)fprintf(stderr, "lockfile: \"%s\": %s\n", name,
			    strerror(errno));
			return EXIT_TROUBLE;
		}
		if (break_old(l, name))
			continue;
		if (left == 0) {
			say("Sorry, giving up on", name);
			return EXIT_HELD;
		}
		left -= left > 0;
		nap(l->sleep_s);
	}
	say("Signal received, giving up on", name);
	return EXIT_STOPPED;
}

/* ---- the command line */

static void
give_back(struct lockfile *l)
{
	for (struct lock *at = l->taken; at != NULL; at = at->next)
		(void)file_unlink(AT_FDCWD, at->name);
}

static int
add(struct lockfile *l, const char *name)
{
	struct lock *lock = arena_alloc(l->memory, sizeof(*lock));
	int code = take(l, name);

	l->some = true;
	if (code != 0)
		return code;
	*lock = (struct lock){ name, l->taken };
	l->taken = lock;
	return 0;
}

/* The lock file of the caller's system mailbox. */
static int
spool(struct lockfile *l, bool take_it)
{
	struct account who;
	char *name;

	if (users_find_uid(l->memory, getuid(), &who) != USERS_FOUND)
		return EXIT_TROUBLE;
	name = arena_printf(l->memory, "/var/mail/%s.lock", who.name);
	if (take_it)
		return add(l, name);
	l->some = true;
	if (file_unlink(AT_FDCWD, name) == 0)
		return 0;
	(void)fprintf(stderr, "lockfile: \"%s\": %s\n", name, strerror(errno));
	return EXIT_TROUBLE;
}

/* With a sign or without. */
static bool
number(const char *text, int *out)
{
	if (text == NULL)
		return false;
	*out = 0;
	if (text[0] == '\0')
		return true;
	if (text[0] == '+')
		text++;
	return number_parse_int(span_str(text), -NUMBER_MAX, NUMBER_MAX, out);
}

/* An option with a number, which may be the next argument. */
static bool
numbered(struct lockfile *l, const char *arg, char ***rest)
{
	const char *value = arg[1] != '\0' ? arg + 1 : *(*rest)++;

	if (*arg == 'r')
		return number(value, &l->retries);
	if (*arg == 'l')
		return number(value, &l->timeout_s);
	return number(value, &l->suspend_s) && l->suspend_s >= 0;
}

static int
option(struct lockfile *l, const char *arg, char ***rest)
{
	bool good = false;

	if (strcmp(arg, "ml") == 0 || strcmp(arg, "mu") == 0)
		return spool(l, arg[1] == 'l');
	if (*arg == '\0')
		return 0;
	if (strcmp(arg, "!") == 0) { /* twice is not at all */
		l->invert = !l->invert;
		good = true;
	} else if (ascii_digit(*arg) || *arg == '+' || *arg == '-') {
		good = number(arg, &l->sleep_s);
	} else if (strchr("rls", *arg) != NULL &&
	    (arg[1] != '\0' || **rest != NULL)) {
		good = numbered(l, arg, rest);
	}
	return good ? 0 : EXIT_USAGE;
}

static int
run(struct lockfile *l, char **argv)
{
	int code = 0;

	while (code == 0 && *argv != NULL) {
		char *arg = *argv++;

		code = *arg == '-' ? option(l, arg + 1, &argv) : add(l, arg);
	}
	if (code == 0 && !l->some)
		code = EXIT_USAGE;
	if (code != 0)
		give_back(l);
	if (code == EXIT_USAGE)
		(void)fputs("Usage: lockfile -v | -nnn | -r nnn | -l nnn | "
			    "-s nnn | -! | -ml | -mu | file ...\n",
		    stderr);
	if (l->invert && (code == 0 || code == EXIT_HELD))
		code = code == 0 ? EXIT_HELD : 0;
	return code;
}

int
main(int argc, char **argv)
{
	static const int stops[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	struct sigaction act = { .sa_handler = on_signal };
	struct lockfile l = { .sleep_s = 8, .suspend_s = 16, .retries = -1 };
	int code;

	if (argc == 2 && strcmp(argv[1], "-v") == 0) {
		(void)fputs("lockfile v3.22 (of Facteur)\n", stderr);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < sizeof(stops) / sizeof(*stops); i++)
		(void)sigaction(stops[i], &act, NULL);
	(void)umask(0);
	l.memory = arena_new();
	code = run(&l, argv + 1);
	arena_free(&l.memory);
	return code;
}
