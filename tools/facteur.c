/*
 * facteur.c - the suite as a whole; also called postfix, and vacation
 *
 * facteur start | stop | reload | status | check | flush. start returns when
 * every socket listens (master says so as to a service manager), stop when the
 * last daemon has gone. check reads all configuration and names what is
 * ill-formed, unknown or not supported, with file and line.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/why.h"
#include "config/master_cf.h"
#include "config/notes.h"
#include "config/param.h"
#include "config/places.h"
#include "config/remarks.h"
#include "os/clock.h"
#include "os/file.h"
#include "service/tool.h"
#include "tools/facteur/dkim.h"
#include "tools/facteur/ground.h"
#include "tools/facteur/mailboxes.h"
#include "tools/facteur/metrics.h"
#include "tools/facteur/rc.h"
#include "tools/facteur/sieve.h"
#include "tools/facteur/tlsrpt.h"
#include "tools/facteur/trace.h"
#include "tools/facteur/user.h"
#include "tools/facteur/vacation.h"

enum { START_MS = 30000, STOP_MS = 30000, STEP_MS = 50 };

static struct tool tool;
static unsigned problems; /* of check */

static void
say(const char *text)
{
	fprintf(stderr, "%s: %s\n", tool.name, text);
}

static void
need_root(void)
{
	if (geteuid() != 0)
		tool_fatal(&tool, EX_NOPERM,
		    "this command is reserved for the superuser");
}

/* The pid of a running master, or 0. The lock says whether it runs. */
static pid_t
master_pid(void)
{
	char *path = mem_printf(
	    "%s/master.pid", tool_value(&tool, "process_id_directory"));
	int fd = file_open(AT_FDCWD, path, O_RDONLY, 0);
	struct buf text = BUF_EMPTY;
	int pid = 0;

	free(path);
	if (fd == -1)
		return 0;
	if (flock(fd, LOCK_SH | LOCK_NB) == -1 && errno == EWOULDBLOCK &&
	    file_read_all(fd, 64, &text) == 0)
		(void)number_parse_int(
		    span_trim(buf_span(&text)), 1, INT32_MAX, &pid);
	file_close(&fd);
	buf_free(&text);
	return pid;
}

static void
wait_ms(int ms)
{
	(void)poll(NULL, 0, ms);
}

/* A socket of ours for master's READY=1; its address in *env. */
static int
notify_open(char **env)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	socklen_t n = sizeof(sa.sun_family);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* an address of the kernel's choice, in no folder */
	if (fd == -1 || bind(fd, (struct sockaddr *)&sa, n) == -1)
		tool_fatal(&tool, EX_OSERR, "socket: %s", strerror(errno));
	n = sizeof(sa);
	if (getsockname(fd, (struct sockaddr *)&sa, &n) == -1)
		tool_fatal(&tool, EX_OSERR, "socket: %s", strerror(errno));
	*env = mem_printf("@%.*s",
	    (int)(n - offsetof(struct sockaddr_un, sun_path)) - 1,
	    sa.sun_path + 1);
	return fd;
}

static void
run_master(const char *env)
{
	char *path =
	    mem_printf("%s/master", tool_value(&tool, "daemon_directory"));
	char dash_c[] = "-c";
	char *argv[] = { path, dash_c, mem_str(tool.folder), NULL };
	int null = open("/dev/null", O_RDWR);

	setsid();
	if (null == -1 || dup2(null, 0) == -1 || dup2(null, 1) == -1 ||
	    setenv("NOTIFY_SOCKET", env, 1) == -1 || chdir("/") == -1)
		_exit(EX_OSERR);
	execv(path, argv);
	fprintf(stderr, "%s: %s: %s\n", tool.name, path, strerror(errno));
	_exit(EX_OSFILE);
}

/* True when master said that it is ready. */
static bool
wait_ready(int fd, pid_t pid)
{
	int64_t end = clock_ms() + START_MS;

	while (clock_ms() < end) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char text[256];
		ssize_t n;

		if (poll(&p, 1, STEP_MS) == 1) {
			n = recv(fd, text, sizeof(text), 0);
			if (n > 0 &&
			    span_starts(span_of(text, (size_t)n), "READY=1"))
				return true;
		}
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return false; /* it said why on standard error */
	}
	say("master did not become ready");
	return false;
}

static int
cmd_start(void)
{
	char *env;
	int fd;
	pid_t pid;

	need_root();
	if (master_pid() != 0) {
		say("the mail system is already running");
		return 1;
	}
	fd = notify_open(&env);
	pid = fork();
	if (pid == -1)
		tool_fatal(&tool, EX_OSERR, "fork: %s", strerror(errno));
	if (pid == 0)
		run_master(env);
	if (!wait_ready(fd, pid)) {
		say("the mail system is not running");
		return 1;
	}
	say("the mail system is running");
	return EX_OK;
}

static int
cmd_stop(void)
{
	pid_t pid = master_pid();
	int64_t end = clock_ms() + STOP_MS;

	need_root();
	if (pid == 0) {
		say("the mail system is not running");
		return 1;
	}
	say("stopping the mail system");
	if (kill(pid, SIGTERM) == -1)
		tool_fatal(
		    &tool, EX_OSERR, "kill %d: %s", (int)pid, strerror(errno));
	while (master_pid() == pid && clock_ms() < end)
		wait_ms(STEP_MS);
	if (master_pid() != pid)
		return EX_OK;
	say("the mail system does not stop");
	return 1;
}

static void
ground(bool is_problem, const char *text)
{
	problems += is_problem;
	fprintf(stderr, "%s: %s: %s\n", tool.name,
	    is_problem ? "error" : "warning", text);
}

/* Values that a program would end for: how many. */
static unsigned
values_check(void)
{
	struct why why;
	size_t at = 0;
	unsigned found = 0;

	why_init(&why);
	for (; param_check_next(tool.cf, &at, &why); found++)
		ground(true, why_text(&why));
	why_free(&why);
	return found;
}

static int
cmd_reload(void)
{
	pid_t pid = master_pid();

	need_root();
	if (pid == 0) {
		say("the mail system is not running");
		return 1;
	}
	if (values_check() > 0) {
		say("the old configuration goes on");
		return EX_CONFIG;
	}
	if (kill(pid, SIGHUP) == -1)
		tool_fatal(
		    &tool, EX_OSERR, "kill %d: %s", (int)pid, strerror(errno));
	say("refreshing the mail system");
	return EX_OK;
}

static int
cmd_status(void)
{
	pid_t pid = master_pid();
	char *processes;

	if (pid == 0) {
		say("the mail system is not running");
		return 1;
	}
	fprintf(stderr, "%s: the mail system is running: PID: %d\n", tool.name,
	    (int)pid);
	processes = ground_processes(pid);
	fprintf(stderr, "%s: processes: %s\n", tool.name, processes);
	free(processes);
	ground_spool(&tool, ground);
	return EX_OK;
}

static int
cmd_flush(void)
{
	char name[] = "postqueue", dash_c[] = "-c", dash_f[] = "-f";
	char *argv[] = { name, dash_c, mem_str(tool.folder), dash_f, NULL };

	tool_exec(&tool, "postqueue", argv);
}

static void
problem(const char *text)
{
	problems++;
	fprintf(stderr, "%s: error: %s\n", tool.name, text);
}

static void
remark(void *arg, bool warning, const char *text)
{
	(void)arg;
	fprintf(
	    stderr, "%s: %s%s\n", tool.name, warning ? "warning: " : "", text);
}

static void
check_cf(void)
{
	struct why why;
	struct master_cf *services;

	why_init(&why);
	services = master_cf_load(tool.folder, &why);
	if (services == NULL)
		problem(why_text(&why));
	remarks_main(tool.cf, services, remark, NULL);
	master_cf_free(&services);
	why_free(&why);
}

static void
check_courier(enum place which)
{
	struct why why;

	why_init(&why);
	if (!remarks_courier(tool.folder, which, remark, NULL, &why))
		problem(why_text(&why));
	why_free(&why);
}

static void
check_config_php(void)
{
	struct why why;

	why_init(&why);
	if (!remarks_config_php(tool.cf, tool.folder, remark, NULL, &why))
		problem(why_text(&why));
	why_free(&why);
}

static int
cmd_check(void)
{
	(void)values_check();
	check_cf();
	ground_spool(&tool, ground);
	ground_files(&tool, ground);
	check_courier(PLACE_IMAPD);
	check_courier(PLACE_POP3D);
	check_courier(PLACE_AUTHDAEMONRC);
	check_config_php();
	return problems == 0 ? EX_OK : 1;
}

static int
cmd_metrics(void)
{
	return metrics_main(&tool, master_pid() != 0);
}

static const struct {
	const char *name;
	int (*run)(void);
	const char *help;
} commands[] = {
	{ "start", cmd_start, "start the mail system" },
	{ "stop", cmd_stop, "stop it" },
	{ "reload", cmd_reload, "read the configuration again" },
	{ "status", cmd_status, "does it run?" },
	{ "check", cmd_check, "look the configuration through" },
	{ "flush", cmd_flush, "try all deferred mail now" },
	{ "metrics", cmd_metrics, "counters for Prometheus" },
};

static int
usage(void)
{
	fprintf(stderr,
	    "usage: %s [-c config_dir] command\n"
	    "       %s rc check file ...\n"
	    "       %s rc trace [-x] [-a argument] file < message\n"
	    "       %s sieve check file ...\n"
	    "       %s sieve trace [-f sender] [-t recipient] file "
	    "< message\n"
	    "       %s [-c config_dir] dkim-key domain selector "
	    "[rsa|ed25519]\n"
	    "       %s [-c config_dir] import [-n|-r] -a | account|maildir "
	    "...\n"
	    "       %s [-c config_dir] export courier|dovecot -a | "
	    "account|maildir ...\n"
	    "       %s [-c config_dir] tlsrpt [--send] [day [domain]]\n"
	    "       %s [-c config_dir] trace [--json] [--sender address]\n"
	    "           [--client address [--name host] [--helo name] "
	    "[--user login]\n"
	    "           [--service name]] address\n"
	    "       %s [-c config_dir] user add [-u uid] [-g gid] [-d home] "
	    "[-m maildir] [-q quota] name\n"
	    "       %s [-c config_dir] user passwd|del|show name | list\n"
	    "       %s vacation [options] login < message\n",
	    tool.name, tool.name, tool.name, tool.name, tool.name, tool.name,
	    tool.name, tool.name, tool.name, tool.name, tool.name, tool.name,
	    tool.name);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(
		    stderr, "  %-8s %s\n", commands[i].name, commands[i].help);
	return EX_USAGE;
}

/* Commands with arguments of their own. */
static const struct {
	const char *name;
	int (*run)(const struct tool *t, int count, char **words);
} others[] = {
	{ "dkim-key", dkim_key_main },
	{ "export", export_main },
	{ "import", import_main },
	{ "user", user_main },
	{ "tlsrpt", tlsrpt_main },
};

int
main(int argc, char **argv)
{
	const char *dir = NULL, *base = strrchr(argv[0], '/');
	int option;

	tool.name = base == NULL ? argv[0] : base + 1;
	if (strcmp(tool.name, "vacation") == 0)
		return vacation_main(argc, argv);
	while ((option = getopt(argc, argv, "+c:v")) != -1) {
		if (option == 'c')
			dir = optarg;
		else if (option == '?')
			return usage();
	}
	if (optind < argc && strcmp(argv[optind], "rc") == 0)
		return rc_main(tool.name, argv + optind + 1);
	if (optind < argc && strcmp(argv[optind], "sieve") == 0)
		return sieve_main(tool.name, argv + optind + 1);
	if (optind < argc && strcmp(argv[optind], "vacation") == 0)
		return vacation_main(argc - optind, argv + optind);
	for (size_t i = 0;
	     i < sizeof(others) / sizeof(others[0]) && optind < argc; i++) {
		if (strcmp(argv[optind], others[i].name) != 0)
			continue;
		tool_open(&tool, argv[0], dir);
		option =
		    others[i].run(&tool, argc - optind - 1, argv + optind + 1);
		return option == EX_USAGE ? usage() : option;
	}
	if (optind < argc && strcmp(argv[optind], "trace") == 0) {
		tool_open(&tool, argv[0], dir);
		option = trace_main(&tool, master_pid() != 0, argc - optind - 1,
		    argv + optind + 1);
		return option == EX_USAGE ? usage() : option;
	}
	if (optind + 1 != argc)
		return usage();
	tool_open(&tool, argv[0], dir);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[optind], commands[i].name) == 0)
			return commands[i].run();
	return usage();
}
