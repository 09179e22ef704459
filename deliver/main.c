/*
 * main.c - deliver, who puts mail into the boxes of local users
 *
 * The one program of the mail transport that stays root, for nothing but
 * becoming its users.
 */

#include "deliver/conf.h"
#include "deliver/parent.h"
#include "service/service.h"

static struct deliver_conf conf;
static struct parent *parent;

static void
serve(void)
{
	parent = parent_new(service_loop(), &conf);
	for (size_t i = 0; i < service_listeners(); i++)
		parent_serve(parent, service_listener(i)->fd,
		    service_listener(i)->label);
}

static bool
idle(void)
{
	return parent_idle(parent);
}

static void
drain(void)
{
	parent_drain(parent);
	service_exit_when(idle);
}

int
main(int argc, char **argv)
{
	static const struct service service = {
		.program = "deliver",
		.ident = "local",
		.params = deliver_params,
		.conf = &conf,
		.profile = SANDBOX_NONE,
		.stay_root = true,
		.serve_many = serve,
		.drain = drain,
	};

	return service_main(&service, argc, argv);
}
