/*
 * main.c - starts dbmap: a parent whose children ask databases
 *
 * The libraries of SQL and LDAP servers dial by themselves, block, and read
 * what a server says: each connection of lookup's has a process of its own for
 * them, which has no other rights than to dial and to read files.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "calls/dbmap_call.h"
#include "calls/start_call.h"
#include "config/param.h"
#include "dbmap/known.h"
#include "dbmap/serve.h"
#include "os/sandbox.h"
#include "os/sock.h"
#include "os/users.h"
#include "service/service.h"

static char *folder;
static struct account who;
static struct known *known;

static void
before_jail(void)
{
	struct arena *a = arena_new(); /* as long as the process */
	struct buf value = BUF_EMPTY;
	struct why why;

	why_init(&why);
	if (!main_cf_value(service_main_cf(), "daemon_directory", &value, &why))
		log_fatal("%s", why_text(&why));
	folder = buf_take(&value);
	known = known_new();
	if (!known_read(known, main_cf_folder(service_main_cf()), &why))
		log_fatal("%s", why_text(&why));
	why_free(&why);
	if (users_find_uid(a, service_uid(), &who) != USERS_FOUND ||
	    who.uid == 0)
		log_fatal("there is no account to ask databases as");
}

/* The parent is gone, or the system stops: at once, whatever a library is
 * waiting for. Nothing here is worth an orderly end. */
static void
control_ended(int signo)
{
	(void)signo;
	_exit(0);
}

static int
control_watch(void)
{
	struct sigaction act = { .sa_handler = control_ended };

	return sigaction(SIGIO, &act, NULL) == 0 &&
		fcntl(FD_CONTROL, F_SETOWN, getpid()) == 0 &&
		fcntl(FD_CONTROL, F_SETFL, O_ASYNC | O_NONBLOCK) == 0
	    ? 0
	    : -1;
}

/* Nothing of the packet but its form is looked at before the rights go. */
static int
serve(struct packet_in *in)
{
	int fd = -1;

	if (!dbmap_start_get(in, &fd)) {
		log_error("ill-formed start packet");
		return 1;
	}
	umask(077);
	known_load(known);
	if (control_watch() == -1) {
		log_error("the parent cannot be watched");
		return 1;
	}
	if (users_become(who.name, who.uid, who.gid) == -1 ||
	    chdir("/") == -1) {
		log_error("cannot become %s", who.name);
		return 1;
	}
	if (sandbox_enter_prepared(service_sandbox()) == -1) {
		log_error("cannot enter the sandbox");
		return 1;
	}
	if (sock_nonblock(fd, false) == -1)
		return 1;
	return dbmap_serve(fd, FD_CONTROL, folder, known);
}

int
main(int argc, char **argv)
{
	static const struct service dbmap = {
		.program = "dbmap",
		.before_jail = before_jail,
		.profile = SANDBOX_DBMAP,
		.stay_root = true,
		.serve_one = serve,
	};

	return service_main(&dbmap, argc, argv);
}
