/*
 * sandbox.c - what each kind of process may still ask of the kernel
 *
 * One row per profile: groups of system calls, and what is allowed of those
 * that depend on their arguments. Whatever no group lists kills the process,
 * but for what libraries try in good faith and do without (opening a file,
 * another kind of socket, clone3): that fails with an errno. Landlock stands
 * behind the filter: it takes every right on files that the kernel knows, and
 * gives some back below "/" (of the jail) where files are the work, or below
 * /usr/lib where they are only modules. Programs may never be executed. A
 * process that was taken over on a kernel before 6.7 (Landlock without TCP) can
 * still dial out with a connection it accepted; the filter cannot see the
 * address.
 *
 * FACTEUR_SANDBOX_TRAP in the environment: name the forbidden call in the log
 * before dying of it.
 */

#include "os/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ASan and LSan open files, start threads and trace themselves. */
#ifdef FACTEUR_SANITIZED
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* What Debian 12's header does not know yet. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP
#define LANDLOCK_ACCESS_NET_BIND_TCP    (1ULL << 0)
#define LANDLOCK_ACCESS_NET_CONNECT_TCP (1ULL << 1)
#endif
#ifndef LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define LANDLOCK_SCOPE_SIGNAL               (1ULL << 1)
#endif

/* struct landlock_ruleset_attr of ABI 6; an older kernel takes it as long as
 * what it does not know is 0. */
struct ruleset {
	uint64_t fs, net, scoped;
};

enum {
	RIGHTS_READ =
	    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	RIGHTS_WRITE = RIGHTS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE |
	    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
	    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
	    LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE
};

/* What a profile may do beyond the basic calls. */
enum {
	UNIX_SOCKETS = 1 << 0, /* socket(AF_UNIX), connect */
	TCP_SOCKETS = 1 << 1, /* socket(AF_INET*, SOCK_STREAM), connect, bind */
	UDP_SOCKETS = 1 << 2, /* the same with SOCK_DGRAM */
	READ_FILES = 1 << 3,
	WRITE_FILES = 1 << 4, /* and read */
	MAP_CODE = 1 << 5, /* load modules: gconv, NSS */
	THREADS = 1 << 6, /* of this process */
	FOREIGN_CODE = 1 << 7, /* NSS modules: what they try gets EPERM */
	LIBRARIES = 1 << 8, /* files below /usr/lib only, by Landlock */
	SHORT_LIVED = 1 << 9, /* says nothing in the log */
	ALARM = 1 << 10, /* a time limit on itself */
	MAKE_LINKS = 1 << 11, /* symbolic ones */
	ANYWHERE = 1 << 12 /* no jail: what files the user's rights say */
};

static const unsigned profiles[] = {
	[SANDBOX_NONE] = 0,
	[SANDBOX_FRONT] = UNIX_SOCKETS,
	[SANDBOX_CLIENT] = UNIX_SOCKETS | TCP_SOCKETS,
	[SANDBOX_SPOOL] = UNIX_SOCKETS | WRITE_FILES | MAP_CODE | THREADS,
	[SANDBOX_LOOKUP] = UNIX_SOCKETS | READ_FILES | MAP_CODE | FOREIGN_CODE,
	[SANDBOX_RESOLVER] = UNIX_SOCKETS | TCP_SOCKETS | UDP_SOCKETS,
	[SANDBOX_KEYS] = 0,
	[SANDBOX_CONNECTOR] = UNIX_SOCKETS | TCP_SOCKETS,
	[SANDBOX_MAILBOX] = WRITE_FILES | MAP_CODE | ANYWHERE,
	[SANDBOX_SCRIPTS] = WRITE_FILES | MAP_CODE | MAKE_LINKS | ANYWHERE,
	[SANDBOX_PARSE] = SHORT_LIVED,
	[SANDBOX_DBMAP] = UNIX_SOCKETS | TCP_SOCKETS | UDP_SOCKETS |
	    READ_FILES | MAP_CODE | FOREIGN_CODE | ALARM,
	[SANDBOX_WEBMAIL] = READ_FILES | MAP_CODE | LIBRARIES | SHORT_LIVED,
};

/* For everyone: work on descriptors that are open, memory, time, itself. Names
 * that end in 64 or begin with _ are those of 32-bit machines. */
static const char *const calls_basic[] = { "read", "write", "readv", "writev",
	"pread64", "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2",
	"lseek", "_llseek", "close", "close_range", "dup", "dup2", "dup3",
	"fstat", "fstat64", "pipe2", "fsync", "fdatasync", "sync_file_range",
	"ftruncate", "ftruncate64", "fallocate", "sendfile", "sendfile64",
	"copy_file_range", "fadvise64", "fadvise64_64", "flock",

	"poll", "ppoll", "ppoll_time64", "select", "_newselect", "pselect6",
	"pselect6_time64", "epoll_create1", "epoll_ctl", "epoll_wait",
	"epoll_pwait", "epoll_pwait2", "eventfd2", "timerfd_create",
	"timerfd_settime", "timerfd_settime64", "timerfd_gettime",
	"timerfd_gettime64", "signalfd4",

	"brk", "munmap", "mremap", "madvise", "msync", "mlock", "mlock2",
	"munlock", "membarrier", "getrandom",

	"rt_sigreturn", "sigreturn", "rt_sigaction", "rt_sigprocmask",
	"rt_sigpending", "rt_sigtimedwait", "sigaltstack", "exit", "exit_group",
	"restart_syscall",

	"futex", "futex_time64", "set_robust_list", "get_robust_list", "rseq",
	"set_tid_address", "sched_yield", "sched_getaffinity", "getcpu",
	"nanosleep", "clock_nanosleep", "clock_nanosleep_time64",
	"clock_gettime", "clock_gettime64", "clock_getres",
	"clock_getres_time64", "gettimeofday", "time", "times", "getrusage",

	"getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid",
	"getresuid", "getresgid", "getgroups", "getuid32", "geteuid32",
	"getgid32", "getegid32", "getresuid32", "getresgid32", "getgroups32",
	"getpgrp", "getpgid", "getsid", "getrlimit", "ugetrlimit", "uname",
	"sysinfo", "umask",

	"accept", "accept4", "sendmsg", "recvmsg", "sendto", "recvfrom", "send",
	"recv", "sendmmsg", "recvmmsg", "recvmmsg_time64", "shutdown",
	"getsockopt", "setsockopt", "getsockname", "getpeername", NULL };

/* Reading by name, but for open itself. */
static const char *const calls_read[] = { "stat", "stat64", "lstat", "lstat64",
	"newfstatat", "fstatat64", "statx", "access", "faccessat", "faccessat2",
	"readlink", "readlinkat", "getdents", "getdents64", "statfs",
	"statfs64", "fstatfs", "fstatfs64", "chdir", "fchdir", "getcwd",
	"inotify_init1", "inotify_add_watch", "inotify_rm_watch", NULL };

static const char *const calls_write[] = { "open", "openat", "openat2", "creat",
	"rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir",
	"mkdirat", "rmdir", "link", "linkat", "truncate", "truncate64",
	"syncfs", "chmod", "fchmod", "fchmodat", "utimensat",
	"utimensat_time64", NULL };

static const char *const calls_links[] = { "symlink", "symlinkat", NULL };

/* What libraries try and do without, where it is not allowed: EACCES. */
static const char *const calls_look[] = { "open", "openat", "openat2", "stat",
	"stat64", "lstat", "lstat64", "access", "faccessat", "faccessat2",
	"readlink", "readlinkat", "getcwd", "inotify_init1", NULL };

#define ALLOW       SCMP_ACT_ALLOW
#define FAIL(error) SCMP_ACT_ERRNO(error)
/* Conditions on argument n. */
#define IS(n, v) \
	{ \
		n, SCMP_CMP_EQ, v, 0 \
	}
#define NOT(n, v) \
	{ \
		n, SCMP_CMP_NE, v, 0 \
	}
#define BITS(n, mask, v) \
	{ \
		n, SCMP_CMP_MASKED_EQ, mask, v \
	}
#define SOCKET_TYPE 0xf /* without its flags */

/* Allowed, or refused with an errno, by profile and arguments. */
static const struct condition {
	const char *call;
	unsigned need, lack; /* bits that the profile must have, not have */
	uint32_t action;
	unsigned count;
	struct scmp_arg_cmp args[2];
} conditions[] = {
	{ "mmap", 0, 0, ALLOW, 1, { BITS(2, PROT_EXEC, 0) } },
	{ "mmap2", 0, 0, ALLOW, 1, { BITS(2, PROT_EXEC, 0) } },
	{ "mprotect", 0, 0, ALLOW, 1, { BITS(2, PROT_EXEC, 0) } },
	/* the code of a file, never writable, never anonymous */
	{ "mmap", MAP_CODE, 0, ALLOW, 2,
	    { BITS(2, PROT_WRITE | PROT_EXEC, PROT_EXEC),
		BITS(3, MAP_ANONYMOUS, 0) } },
	{ "mmap2", MAP_CODE, 0, ALLOW, 2,
	    { BITS(2, PROT_WRITE | PROT_EXEC, PROT_EXEC),
		BITS(3, MAP_ANONYMOUS, 0) } },

	/* fstat() is one of these in today's libc */
	{ "newfstatat", 0, READ_FILES | WRITE_FILES, ALLOW, 1,
	    { BITS(3, AT_EMPTY_PATH, AT_EMPTY_PATH) } },
	{ "newfstatat", 0, READ_FILES | WRITE_FILES, FAIL(EACCES), 1,
	    { BITS(3, AT_EMPTY_PATH, 0) } },
	{ "fstatat64", 0, READ_FILES | WRITE_FILES, ALLOW, 1,
	    { BITS(3, AT_EMPTY_PATH, AT_EMPTY_PATH) } },
	{ "statx", 0, READ_FILES | WRITE_FILES, ALLOW, 1,
	    { BITS(2, AT_EMPTY_PATH, AT_EMPTY_PATH) } },
	{ "statx", 0, READ_FILES | WRITE_FILES, FAIL(EACCES), 1,
	    { BITS(2, AT_EMPTY_PATH, 0) } },
	{ "open", READ_FILES, WRITE_FILES, ALLOW, 1,
	    { BITS(1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY) } },
	{ "openat", READ_FILES, WRITE_FILES, ALLOW, 1,
	    { BITS(2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY) } },

	{ "socketpair", 0, 0, ALLOW, 1, { IS(0, AF_UNIX) } },
	{ "connect", UNIX_SOCKETS, 0, ALLOW, 0, { { 0 } } },
	{ "socket", UNIX_SOCKETS, 0, ALLOW, 1, { IS(0, AF_UNIX) } },
	{ "socket", UNIX_SOCKETS, TCP_SOCKETS, FAIL(EACCES), 1,
	    { NOT(0, AF_UNIX) } },
	{ "socket", 0, UNIX_SOCKETS, FAIL(EACCES), 0, { { 0 } } },
	{ "bind", TCP_SOCKETS, 0, ALLOW, 0, { { 0 } } },
	{ "socket", TCP_SOCKETS, 0, FAIL(EACCES), 1, { IS(0, AF_NETLINK) } },
	{ "socket", TCP_SOCKETS, 0, ALLOW, 2,
	    { IS(0, AF_INET), BITS(1, SOCKET_TYPE, SOCK_STREAM) } },
	{ "socket", TCP_SOCKETS, 0, ALLOW, 2,
	    { IS(0, AF_INET6), BITS(1, SOCKET_TYPE, SOCK_STREAM) } },
	{ "socket", UDP_SOCKETS, 0, ALLOW, 2,
	    { IS(0, AF_INET), BITS(1, SOCKET_TYPE, SOCK_DGRAM) } },
	{ "socket", UDP_SOCKETS, 0, ALLOW, 2,
	    { IS(0, AF_INET6), BITS(1, SOCKET_TYPE, SOCK_DGRAM) } },

	{ "setitimer", ALARM, 0, ALLOW, 1, { IS(0, ITIMER_REAL) } },

	{ "ioctl", 0, 0, ALLOW, 1, { IS(1, FIONREAD) } },
	{ "ioctl", 0, 0, ALLOW, 1, { IS(1, FIONBIO) } },
	{ "ioctl", 0, 0, ALLOW, 1, { IS(1, FIOCLEX) } },
	{ "ioctl", 0, 0, ALLOW, 1, { IS(1, TCGETS) } },
	{ "prctl", 0, 0, ALLOW, 1, { IS(0, PR_SET_NAME) } },
	{ "prlimit64", 0, 0, ALLOW, 2, { IS(0, 0), IS(2, 0) } },
	{ "clone", THREADS, 0, ALLOW, 1,
	    { BITS(0, CLONE_VM | CLONE_THREAD, CLONE_VM | CLONE_THREAD) } },
	/* its arguments cannot be seen; libc then uses clone */
	{ "clone3", 0, 0, FAIL(ENOSYS), 0, { { 0 } } },
};

/* Not F_SETOWN and F_SETSIG, which send signals to others. */
static const int fcntl_commands[] = { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD,
	F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK,
	F_OFD_SETLK, F_OFD_SETLKW };

/* 0 or -errno, as libseccomp has it. A call that this machine lacks is passed
 * over; a name that libseccomp does not know is a mistake in the tables. */
static int
rule_add(scmp_filter_ctx ctx, uint32_t action, const char *call, unsigned count,
    const struct scmp_arg_cmp *args)
{
	int nr = seccomp_syscall_resolve_name(call);

	if (nr == __NR_SCMP_ERROR)
		return -EINVAL;
	return seccomp_rule_add_array(ctx, action, nr, count, args);
}

static int
rules_add(scmp_filter_ctx ctx, uint32_t action, const char *const *calls)
{
	int got = 0;

	for (; *calls != NULL && got == 0; calls++)
		got = rule_add(ctx, action, *calls, 0, NULL);
	return got;
}

static int
conditions_add(scmp_filter_ctx ctx, unsigned may)
{
	int got = 0;

	for (size_t i = 0; i < COUNT(conditions) && got == 0; i++) {
		const struct condition *c = &conditions[i];

		if ((may & c->need) == c->need && (may & c->lack) == 0)
			got = rule_add(
			    ctx, c->action, c->call, c->count, c->args);
	}
	return got;
}

/* fcntl, and the signals with which process pid (0: whoever, see
 * signals_enter()) ends itself. */
static int
self_add(scmp_filter_ctx ctx, pid_t pid)
{
	struct scmp_arg_cmp self = { 0, SCMP_CMP_EQ, (scmp_datum_t)pid, 0 };
	int got = rule_add(ctx, SCMP_ACT_ALLOW, "tgkill", pid != 0, &self);

	for (size_t i = 0; i < COUNT(fcntl_commands) && got == 0; i++) {
		struct scmp_arg_cmp command = { 1, SCMP_CMP_EQ,
			(scmp_datum_t)fcntl_commands[i], 0 };

		got = rule_add(ctx, SCMP_ACT_ALLOW, "fcntl", 1, &command);
		if (got == 0)
			got = rule_add(
			    ctx, SCMP_ACT_ALLOW, "fcntl64", 1, &command);
	}
	return got;
}

static int
files_add(scmp_filter_ctx ctx, unsigned may)
{
	int got = 0;

	if ((may & (READ_FILES | WRITE_FILES)) == 0)
		return rules_add(ctx, SCMP_ACT_ERRNO(EACCES), calls_look);
	got = rules_add(ctx, SCMP_ACT_ALLOW, calls_read);
	if (got == 0 && (may & WRITE_FILES) != 0)
		got = rules_add(ctx, SCMP_ACT_ALLOW, calls_write);
	if (got == 0 && (may & MAKE_LINKS) != 0)
		got = rules_add(ctx, SCMP_ACT_ALLOW, calls_links);
	return got;
}

static int
filter_fill(scmp_filter_ctx ctx, unsigned may, pid_t pid)
{
	int got = seccomp_attr_set(
	    ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	if (got == 0) /* threads that are there already too */
		got = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	if (got == 0) /* a binary tree */
		got = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (got == 0)
		got = rules_add(ctx, SCMP_ACT_ALLOW, calls_basic);
	if (got == 0)
		got = files_add(ctx, may);
	if (got == 0)
		got = conditions_add(ctx, may);
	return got == 0 ? self_add(ctx, pid) : got;
}

/* Only a line in the log: the call has not been made, and the process ends. */
static void
trapped(int signo, siginfo_t *info, void *context)
{
	char *name =
	    seccomp_syscall_resolve_num_arch(info->si_arch, info->si_syscall);

	(void)context;
	log_error("the sandbox forbids system call %d (%s)", info->si_syscall,
	    name == NULL ? "unknown" : name);
	_exit(128 + signo);
}

static uint32_t
default_action(unsigned may)
{
	struct sigaction act = { .sa_flags = SA_SIGINFO };

	if (secure_getenv("FACTEUR_SANDBOX_TRAP") != NULL) {
		act.sa_sigaction = trapped;
		must(sigaction(SIGSYS, &act, NULL) == 0);
		return SCMP_ACT_TRAP;
	}
	return (may & FOREIGN_CODE) != 0 ? SCMP_ACT_ERRNO(EPERM)
					 : SCMP_ACT_KILL_PROCESS;
}

static int
filter_enter(unsigned may)
{
	scmp_filter_ctx ctx = seccomp_init(default_action(may));
	int got;

	if (ctx == NULL) {
		errno = ENOMEM;
		return -1;
	}
	got = filter_fill(ctx, may, getpid());
	if (got == 0)
		got = seccomp_load(ctx);
	seccomp_release(ctx);
	if (got == 0)
		return 0;
	errno = -got;
	return -1;
}

/* --- prepared once, for many children --- */

struct sandbox {
	unsigned may;
	struct sock_filter *steps;
	unsigned short count;
};

/* libseccomp writes a filter to a descriptor only. */
static int export(scmp_filter_ctx ctx, struct sandbox *s)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	int got = fd == -1 ? -errno : seccomp_export_bpf(ctx, fd);
	off_t n = got == 0 ? lseek(fd, 0, SEEK_END) : -1;

	if (n > 0 && (size_t)n <= BPF_MAXINSNS * sizeof(*s->steps)) {
		s->count = (unsigned short)((size_t)n / sizeof(*s->steps));
		s->steps = mem_new((size_t)n);
		if (pread(fd, s->steps, (size_t)n, 0) != n)
			got = -EIO;
	} else if (got == 0) {
		got = -EIO;
	}
	if (fd != -1)
		close(fd);
	return got;
}

struct sandbox *
sandbox_prepare(enum sandbox_profile profile)
{
	struct sandbox *s = mem_new(sizeof(*s));
	scmp_filter_ctx ctx;

	must(profile > SANDBOX_NONE);
	s->may = profiles[profile];
	ctx = seccomp_init(default_action(s->may));
	must(ctx != NULL);
	must(filter_fill(ctx, s->may, 0) == 0);
	must(export(ctx, s) == 0);
	seccomp_release(ctx);
	return s;
}

/* A filter of its own, since only the child knows its number: a signal to
 * another process ends it. */
static int
signals_enter(void)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { COUNT(steps), steps };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* What a kernel of this ABI can take away. */
static struct ruleset
rights_known(int abi, unsigned may)
{
	struct ruleset r = { .fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };

	if (abi >= 2)
		r.fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		r.fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (abi >= 4 && (may & TCP_SOCKETS) == 0)
		r.net = LANDLOCK_ACCESS_NET_BIND_TCP |
		    LANDLOCK_ACCESS_NET_CONNECT_TCP;
	if (abi >= 5)
		r.fs |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	if (abi >= 6)
		r.scoped =
		    LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL;
	return r;
}

/* Give rights back below a folder as this process sees it. */
static int
folder_allow(int ruleset, const char *folder, uint64_t rights)
{
	struct landlock_path_beneath_attr below = { .allowed_access = rights,
		.parent_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC) };
	long got;

	if (below.parent_fd == -1)
		return -1;
	got = syscall(SYS_landlock_add_rule, ruleset,
	    LANDLOCK_RULE_PATH_BENEATH, &below, 0);
	close(below.parent_fd);
	return got == -1 ? -1 : 0;
}

static uint64_t
rights_files(unsigned may)
{
	uint64_t files = (may & WRITE_FILES) != 0 ? RIGHTS_WRITE
	    : (may & READ_FILES) != 0             ? RIGHTS_READ
						  : 0;

	return (may & MAKE_LINKS) != 0 ? files | LANDLOCK_ACCESS_FS_MAKE_SYM
				       : files;
}

/* Where all that is taken away would be given back at the root, each open() of
 * a mailbox would walk up there to learn so. Then it is not taken at all, but
 * for renames between folders, that a ruleset refuses unless it names them. */
static int
ruleset_enter(int abi, unsigned may)
{
	struct ruleset all = rights_known(abi, may);
	uint64_t files = rights_files(may) & all.fs;
	long got = 0;
	int fd;

	if ((may & ANYWHERE) != 0) {
		all.fs &= ~files | LANDLOCK_ACCESS_FS_REFER;
		files &= LANDLOCK_ACCESS_FS_REFER;
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	if (fd == -1)
		return -1;
	if (files != 0)
		got = folder_allow(
		    fd, (may & LIBRARIES) != 0 ? "/usr/lib" : "/", files);
	if (got == 0)
		got = syscall(SYS_landlock_restrict_self, fd, 0);
	close(fd);
	return got == -1 ? -1 : 0;
}

/* ABI 1 forbids every rename between folders, so it is as good as none for
 * those who write files. */
static int
landlock_enter(unsigned may, bool strict)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	if (abi >= ((may & WRITE_FILES) != 0 ? 2 : 1))
		return ruleset_enter((int)abi, may);
	if (abi != -1)
		errno = EOPNOTSUPP;
	if (strict)
		return -1;
	if ((may & SHORT_LIVED) == 0)
		log_warning("this kernel has no Landlock: files are guarded by "
			    "the system call filter and the jail alone");
	return 0;
}

int
sandbox_enter(enum sandbox_profile profile, bool strict)
{
	unsigned may;

	must(profile >= SANDBOX_NONE && profile <= SANDBOX_SCRIPTS);
	if (profile == SANDBOX_NONE)
		return 0;
	may = profiles[profile];
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	if (SANITIZED) {
		if ((may & SHORT_LIVED) != 0)
			return 0;
		log_warning("this build is instrumented: no system call "
			    "filter, no Landlock");
		return 0;
	}
	if (landlock_enter(may, strict) == -1)
		return -1;
	return filter_enter(may);
}

int
sandbox_enter_prepared(const struct sandbox *s)
{
	const struct sock_fprog program = { s->count, s->steps };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	if (SANITIZED)
		return 0;
	if (landlock_enter(s->may, false) == -1 || signals_enter() == -1)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
