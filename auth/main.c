/* main.c - auth: passwords, tickets, POP-before-SMTP; it stays root for PAM */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "auth/conf.h"
#include "auth/serve.h"
#include "base/arena.h"
#include "base/log.h"
#include "service/service.h"

static struct auth_conf conf;
static struct auth *auth;

static void
before_jail(void)
{
	auth_conf_courier(&conf, arena_new());
	if (mkdir(conf.data_directory, 0755) == -1 && errno != EEXIST)
		log_fatal("data_directory = %s: %s", conf.data_directory,
		    strerror(errno));
}

static void
serve(void)
{
	auth = serve_start(&conf);
}

static bool
idle(void)
{
	return serve_idle(auth);
}

/* The stores are the next process's once we have ended. A question that was
 * sent to us and not read would be lost, so the end waits for a silence. */
static void
drain(void)
{
	serve_stop(auth);
	if (service_stopping() && serve_idle(auth))
		service_exit();
	else
		service_exit_when(idle);
}

int
main(int argc, char **argv)
{
	struct service s = {
		.program = "auth",
		.params = auth_params,
		.conf = &conf,
		.before_jail = before_jail,
		.stay_root = true,
		.profile = SANDBOX_NONE,
		.serve_many = serve,
		.drain = drain,
	};

	return service_main(&s, argc, argv);
}
