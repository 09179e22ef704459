/* What each profile may do and may not, tried from inside by a child. */

#include "os/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <linux/landlock.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"
#include "os/clock.h"
#include "os/loop.h"
#include "os/sock.h"
#include "tests/unit.h"

/* Made before the sandbox is entered. */
static struct {
	char folder[64], path[96];
	int listen_unix, listen_tcp, file;
	uint16_t port;
} made;

enum { KILLED = 1000 };

static int
errno_of(int got)
{
	return got == -1 ? errno : 0;
}

static void
loop_ended(void *arg)
{
	loop_stop(arg);
}

/* Memory, time, a digest, an event loop, a secret, a log line. */
static int
try_basics(void)
{
	unsigned char sum[SHA256_BYTES];
	struct loop *l = loop_new();
	struct loop_timer *t = loop_timer_new(l, loop_ended, l);
	struct secret *secret = secret_new(SPAN("swordfish"));
	struct tm tm;
	time_t now = (time_t)clock_wall();
	char *p = mem_array(1, 64 << 20);

	memset(p, 1, 64 << 20);
	p = mem_resize(p, 1, 1 << 20);
	digest_sha256(span_of(p, 1 << 20), sum);
	loop_timer_set(t, 1);
	loop_run(l);
	loop_timer_free(&t);
	loop_free(&l);
	secret_free(&secret);
	free(p);
	localtime_r(&now, &tm);
	log_debug("%d", tm.tm_hour);
	return getpid() > 0 && clock_ms() > 0 ? 0 : EIO;
}

static int
try_open_read(void)
{
	int fd = open(made.path, O_RDONLY | O_CLOEXEC);
	char c;

	if (fd == -1)
		return errno;
	return read(fd, &c, 1) == 1 && close(fd) == 0 ? 0 : errno;
}

static int
try_stat(void)
{
	struct stat st;

	return errno_of(stat(made.path, &st));
}

static int
try_fstat(void)
{
	struct stat st;

	return errno_of(fstat(made.file, &st));
}

static int
try_open_write(void)
{
	int fd = open(made.path, O_WRONLY | O_CLOEXEC);

	return fd == -1 ? errno : errno_of(ftruncate(fd, 3));
}

static int
try_create(void)
{
	char name[128], other[128];
	int fd;

	snprintf(name, sizeof(name), "%s/new", made.folder);
	snprintf(other, sizeof(other), "%s/sub/other", made.folder);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return errno;
	if (write(fd, "x", 1) != 1 || fsync(fd) == -1)
		return errno;
	if (rename(name, other) == -1 || link(other, name) == -1)
		return errno;
	return unlink(name) == -1 ? errno : errno_of(unlink(other));
}

static int
try_write_passed(void)
{
	return pwrite(made.file, "abc", 3, 0) == 3 &&
		fdatasync(made.file) == 0 && ftruncate(made.file, 3) == 0
	    ? 0
	    : errno;
}

static int
try_symlink(void)
{
	char name[160];

	snprintf(name, sizeof(name), "%s/new", made.folder);
	if (symlink("file", name) == -1)
		return errno;
	return unlink(name) == -1 ? errno : 0;
}

static int
try_fifo(void)
{
	char name[128];

	snprintf(name, sizeof(name), "%s/fifo", made.folder);
	return errno_of(mkfifo(name, 0600));
}

static int
try_chown(void)
{
	return errno_of(chown(made.path, 1, 1));
}

static int
try_socket_unix(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return errno;
	snprintf(to.sun_path, sizeof(to.sun_path), "%s/socket", made.folder);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1)
		return errno;
	fd = sock_accept(made.listen_unix, NULL);
	return fd == -1 ? errno : 0;
}

static int
try_accept(void)
{
	return sock_accept(made.listen_unix, NULL) == -1 && errno != EAGAIN
	    ? errno
	    : 0;
}

static struct sockaddr_in
loopback(void)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(made.port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int
try_tcp(void)
{
	struct sockaddr_in to = loopback();
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return errno;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1 &&
	    errno != EINPROGRESS)
		return errno;
	return 0;
}

static int
try_udp(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd == -1)
		return errno;
	return errno_of(bind(fd, (struct sockaddr *)&any, sizeof(any)));
}

static int
try_raw(void)
{
	return errno_of(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
}

static int
try_netlink(void)
{
	return errno_of(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
}

static int
try_listen(void)
{
	return errno_of(listen(made.listen_tcp, 5));
}

/* An accepted connection let go and dialled elsewhere. */
static int
try_redial(void)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_in to = loopback();

	if (connect(made.listen_tcp, &none, sizeof(none)) == -1)
		return errno;
	return errno_of(
	    connect(made.listen_tcp, (struct sockaddr *)&to, sizeof(to)));
}

static int
try_pass(void)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
			  .cmsg_level = SOL_SOCKET,
			  .cmsg_type = SCM_RIGHTS } };
	struct iovec iov = { (char[]){ 'x' }, 1 };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	int pair[2];

	if (sock_pair(SOCK_SEQPACKET, false, pair) == -1)
		return errno;
	memcpy(CMSG_DATA(&control.head), &made.file, sizeof(int));
	if (sendmsg(pair[0], &m, 0) != 1)
		return errno;
	return recvmsg(pair[1], &m, MSG_CMSG_CLOEXEC) == 1 ? 0 : errno;
}

static int
try_exec(void)
{
	char *args[] = { (char[]){ "true" }, NULL }, *none[] = { NULL };

	return errno_of(execve("/bin/true", args, none));
}

static int
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid == -1 ? errno : 0;
}

static void *
thread_run(void *arg)
{
	return arg;
}

static int
try_thread(void)
{
	pthread_t thread;
	int got = pthread_create(&thread, NULL, thread_run, NULL);

	return got != 0 ? got : pthread_join(thread, NULL);
}

static int
try_kill(void)
{
	return errno_of(kill(getppid(), 0));
}

/* F_SETOWN with F_SETSIG would be a kill by another name. */
static int
try_set_owner(void)
{
	return errno_of(fcntl(made.listen_unix, F_SETOWN, getppid()));
}

static int
try_ptrace(void)
{
	return errno_of((int)ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int
try_setuid(void)
{
	return errno_of((int)syscall(SYS_setresuid, 0, 0, 0));
}

static int
try_push_input(void)
{
	return errno_of(ioctl(made.file, TIOCSTI, "x"));
}

static int
try_code_made(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
	    ? errno
	    : 0;
}

static int
try_code_later(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? EIO : errno_of(mprotect(p, 4096, PROT_EXEC));
}

/* Loads a module the first time. */
static int
try_iconv(void)
{
	iconv_t cd = iconv_open("UTF-8", "KOI8-R");
	char in[] = { (char)0xc1, 0 }, out[8], *from = in, *to = out;
	size_t left = 1, room = sizeof(out);

	if (cd == (iconv_t)-1) /* NOLINT: what iconv_open returns */
		return errno;
	if (iconv(cd, &from, &left, &to, &room) == (size_t)-1)
		return errno;
	return memcmp(out, "\xd0\xb0", 2) == 0 ? 0 : EILSEQ;
}

static int
try_accounts(void)
{
	return getpwnam("root") == NULL ? ENOENT : 0;
}

/* One letter for each profile, in the order of the enum without NONE:
 * FRONT CLIENT SPOOL LOOKUP RESOLVER KEYS CONNECTOR MAILBOX PARSE WEBMAIL
 * DBMAP SCRIPTS. '+' must work, '-' must fail with an errno, 'x' must kill, '.'
 * not tried. */
static const struct {
	const char *what;
	int (*run)(void);
	const char *want;
} probes[] = {
	{ "basics", try_basics, "++++++++++++" },
	{ "fstat", try_fstat, "++++++++++++" },
	{ "write to a passed file", try_write_passed, "++++++++++++" },
	{ "pass a descriptor", try_pass, "++++++++++++" },
	{ "accept", try_accept, "++++++++++++" },
	{ "open to read", try_open_read, "--++---+-.++" },
	{ "stat", try_stat, "--++---+-+++" },
	{ "open to write", try_open_write, "--+----+-x-+" },
	{ "create, rename, link, unlink", try_create, "--+----+-x-+" },
	{ "make a symbolic link", try_symlink, "xxx-xxxxxx-+" },
	{ "make a fifo", try_fifo, "xxx-xxxxxx-x" },
	{ "chown", try_chown, "xxx-xxxxxx-x" },
	{ "connect to a Unix socket", try_socket_unix, "+++++-+---+-" },
	{ "dial by TCP", try_tcp, "-+--+-+---+-" },
	{ "UDP socket", try_udp, "-x--+-x---+-" },
	{ "raw socket", try_raw, "-x--x-x-----" },
	{ "netlink socket", try_netlink, "------------" },
	{ "listen", try_listen, "xxx-xxxxxx-x" },
	{ "exec", try_exec, "xxx-xxxxxx-x" },
	{ "fork", try_fork, "xxx-xxxxxx-x" },
	{ "thread", try_thread, "xx+-xxxxxx-x" },
	{ "kill the parent", try_kill, "xxx-xxxxxx-x" },
	{ "signal by F_SETOWN", try_set_owner, "xxx-xxxxxx-x" },
	{ "ptrace", try_ptrace, "xxx-xxxxxx-x" },
	{ "setresuid", try_setuid, "xxx-xxxxxx-x" },
	{ "push terminal input", try_push_input, "xxx-xxxxxx-x" },
	{ "map writable code", try_code_made, "xxx-xxxxxx-x" },
	{ "make memory executable", try_code_later, "xxx-xxxxxx-x" },
	{ "load a charset", try_iconv, "--++---+-+++" },
	{ "look up an account", try_accounts, "...+......+." },
};

static void
make_things(void)
{
	struct address a;
	char name[128];

	snprintf(made.folder, sizeof(made.folder), "/tmp/sandbox.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(made.folder));
	snprintf(made.path, sizeof(made.path), "%s/file", made.folder);
	made.file = open(made.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ne(made.file, -1);
	ck_assert_int_eq(write(made.file, "abc", 3), 3);
	snprintf(name, sizeof(name), "%s/sub", made.folder);
	ck_assert_int_eq(mkdir(name, 0700), 0);
	snprintf(name, sizeof(name), "%s/socket", made.folder);
	made.listen_unix = sock_listen_unix(name, SOCK_SEQPACKET, 0600, 5);
	ck_assert_int_ne(made.listen_unix, -1);
	ck_assert(address_parse(SPAN("127.0.0.1"), 0, &a));
	made.listen_tcp = sock_listen_inet(&a, 5);
	ck_assert_int_ne(made.listen_tcp, -1);
	ck_assert(sock_local(made.listen_tcp, &a));
	made.port = address_port(&a);
}

static void
remove_things(void)
{
	static const char *const names[] = { "file", "socket", "new", "fifo",
		"sub/other", "sub", "" };
	char name[160];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "%s/%s", made.folder, names[i]);
		(void)remove(name);
	}
	close(made.file);
	close(made.listen_unix);
	close(made.listen_tcp);
}

/* The mailbox's is prepared by the parent, as in life. */
static int
enter(enum sandbox_profile profile, const struct sandbox *prepared)
{
	return profile == SANDBOX_MAILBOX ? sandbox_enter_prepared(prepared)
					  : sandbox_enter(profile, false);
}

/* Run in a child that has entered the profile: 0, an errno, or KILLED. */
static int
inside(enum sandbox_profile profile, int (*run)(void))
{
	static const struct sandbox *prepared;
	int status;
	pid_t pid;

	if (prepared == NULL)
		prepared = sandbox_prepare(SANDBOX_MAILBOX);
	pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		int fd = open("/dev/null", O_WRONLY);

		(void)dup2(fd, STDERR_FILENO);
		tzset();
		_exit(enter(profile, prepared) == -1 ? 255 : run());
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		ck_assert_int_eq(WTERMSIG(status), SIGSYS);
		return KILLED;
	}
	ck_assert(WIFEXITED(status));
	ck_assert_msg(WEXITSTATUS(status) != 255, "could not enter");
	return WEXITSTATUS(status);
}

static bool
as_wanted(char want, int got)
{
	if (want == '+')
		return got == 0;
#ifdef FACTEUR_SANITIZED
	return true; /* such a build has no filter */
#else
	return want == 'x' ? got == KILLED : got != 0 && got != KILLED;
#endif
}

START_TEST(probe)
{
	make_things();
	for (int p = 0; probes[_i].want[p] != '\0'; p++) {
		char want = probes[_i].want[p];
		int got;

		if (want == '.')
			continue;
		got = inside(
		    (enum sandbox_profile)(SANDBOX_FRONT + p), probes[_i].run);
		ck_assert_msg(as_wanted(want, got),
		    "%s in profile %d: wanted %c, got %d (%s)", probes[_i].what,
		    SANDBOX_FRONT + p, want, got,
		    got == KILLED ? "killed" : strerror(got));
	}
	remove_things();
}
END_TEST

#ifndef FACTEUR_SANITIZED
static long
landlock_abi(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
}
#endif

START_TEST(redial_needs_landlock)
{
	int got;

	make_things();
	got = inside(SANDBOX_FRONT, try_redial);
#ifdef FACTEUR_SANITIZED
	ck_assert_int_ne(got, KILLED);
#else
	if (landlock_abi() >= 4)
		ck_assert_int_eq(got, EACCES);
#endif
	remove_things();
}
END_TEST

START_TEST(webmail_reads_below_usr_lib)
{
	int got;

	make_things();
	got = inside(SANDBOX_WEBMAIL, try_open_read);
#ifdef FACTEUR_SANITIZED
	ck_assert_int_ne(got, KILLED);
#else
	if (landlock_abi() >= 1)
		ck_assert_int_eq(got, EACCES);
#endif
	remove_things();
}
END_TEST

START_TEST(strict)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		_exit(sandbox_enter(SANDBOX_KEYS, true) == 0 ? 0 : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
#ifdef FACTEUR_SANITIZED
	ck_assert_int_eq(status, 0);
#else
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), landlock_abi() >= 1 ? 0 : 1);
#endif
}
END_TEST

START_TEST(none_changes_nothing)
{
	ck_assert_int_eq(sandbox_enter(SANDBOX_NONE, true), 0);
	ck_assert_int_eq(try_fork(), 0);
	ck_assert_int_eq(wait(NULL) > 0, 1);
}
END_TEST

#ifndef FACTEUR_SANITIZED
START_TEST(trap_names_the_call)
{
	char line[512];
	int out[2], status;
	ssize_t n;
	pid_t pid;

	ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		log_to(out[1], true, "probe");
		setenv("FACTEUR_SANDBOX_TRAP", "1", 1);
		if (sandbox_enter(SANDBOX_FRONT, false) == 0)
			(void)try_ptrace();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 128 + SIGSYS);
	n = read(out[0], line, sizeof(line) - 1);
	ck_assert_int_gt(n, 0);
	line[n] = '\0';
	ck_assert_msg(strstr(line, "(ptrace)") != NULL, "%s", line);
}
END_TEST

static int
aborts(void)
{
	abort();
}

/* A failed must() ends the process by its own signal. */
START_TEST(abort_works)
{
	enum sandbox_profile profile =
	    _i == 0 ? SANDBOX_FRONT : SANDBOX_MAILBOX;
	const struct sandbox *prepared = sandbox_prepare(SANDBOX_MAILBOX);
	int status;
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		_exit(enter(profile, prepared) == 0 ? aborts() : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}
END_TEST
#endif

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, probe, 0, UNIT_COUNT(probes));
	tcase_add_test(t, redial_needs_landlock);
	tcase_add_test(t, webmail_reads_below_usr_lib);
	tcase_add_test(t, strict);
	tcase_add_test(t, none_changes_nothing);
#ifndef FACTEUR_SANITIZED
	tcase_add_test(t, trap_names_the_call);
	tcase_add_loop_test(t, abort_works, 0, 2);
#endif
}

int
main(void)
{
	return unit_main("os/sandbox", fill);
}
