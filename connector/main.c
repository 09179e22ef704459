/*
 * main.c - connector, who dials what the configuration names
 *
 * Programs in a jail cannot make connections to the network; they ask here for
 * a target by its words in main.cf and get a connected descriptor.
 */

#include "base/log.h"
#include "base/why.h"
#include "config/param.h"
#include "connector/serve.h"
#include "connector/targets.h"
#include "service/service.h"

static struct targets *targets;
static struct connector *connector;

static void
targets_open(void)
{
	struct why why;

	why_init(&why);
	targets = targets_new();
	if (!targets_read(targets, main_cf_folder(service_main_cf()), &why))
		log_fatal("%s", why_text(&why));
	log_debug("%zu targets", targets_count(targets));
	why_free(&why);
}

static void
serve(void)
{
	connector =
	    connector_new(service_loop(), targets, service_channel("resolver"));
	for (size_t i = 0; i < service_listeners(); i++)
		connector_serve(connector, service_listener(i)->fd,
		    service_listener(i)->label);
}

static bool
idle(void)
{
	return connector_idle(connector);
}

static void
drain(void)
{
	connector_drain(connector);
	service_exit_when(idle);
}

int
main(int argc, char **argv)
{
	static const struct service service = {
		.program = "connector",
		.before_jail = targets_open,
		.profile = SANDBOX_CONNECTOR,
		.with_groups = true,
		.serve_many = serve,
		.drain = drain,
	};

	return service_main(&service, argc, argv);
}
